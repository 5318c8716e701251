import assert from "node:assert/strict";
import { assignedWords, tokensOf } from "../../kernel/language/tokens.ts";
import { emptyNotebook } from "./notebook.ts";

describe("the modules of cells", () => {
  const notebook = emptyNotebook();

  it("are as many as cells are alive, also elements' cells", async () => {
    for (let n = 0; n < 40; n++)
      assert.deepEqual(await notebook().errors(`const n${n} = ${n}; type T${n} = { own: ${n} }`), []);
    await notebook().cell("function React(): void {}");
    for (let n = 0; n < 8; n++)
      await notebook().cell(`/** @jsx make */\nconst make = (name: string) => ({ name });\nconst e${n} = <b>x</b>`);
    const uses = Array.from({ length: 40 }, (_, n) => `n${n} satisfies T${n}["own"]`).join("; ");
    assert.deepEqual(await notebook().errors(`${uses}; e0; e7`), []);
    assert.deepEqual(await notebook().errors("n39 satisfies T38['own']"), [
      "1360 1:5 Type '39' does not satisfy the expected type '38'.",
    ]);
  });

  it("of forgotten cells are taken by others, with nothing left of them", async () => {
    await notebook().cell("declare global { interface Array<T> { mine: T } }");
    await notebook().cell("import { join } from 'node:path'; class Gone { own = 1 }");
    notebook().reset();
    assert.deepEqual(await notebook().errors("[1].mine"), [
      "2339 1:5 Property 'mine' does not exist on type 'number[]'.",
    ]);
    await notebook().cell("let a = 1");
    await notebook().cell("let a = 'text'");
    await notebook().cell("let b = a");
    assert.deepEqual(await notebook().errors("join('', b)"), ["2304 1:1 Cannot find name 'join'."]);
    assert.deepEqual(await notebook().errors("b.trim()"), []);
  });
});

describe("the names that a cell may assign to", () => {
  const assigned = (code: string): string[] => [...assignedWords(tokensOf(code))];

  for (const code of [
    "x = 1",
    "x += 1",
    "x **= 2",
    "x ??= 1",
    "x ||= 1",
    "x <<= 1",
    "x >>= 1",
    "x >>>= 1",
    "x++",
    "--x",
    "[y, x] = z",
    "[y, [x]] = z",
    "({ y, x } = z)",
    "({ y: x } = z)",
    "({ y: x = 1 } = z)",
    "[...x] = z",
    "for (x of z);",
    "for (x in z);",
    "for ([x] of z);",
    "(x) = 1",
    "x! = 1",
    "x!++",
    "(x as any) = 1",
    "(<any>x) = 1",
    "[x!] = z",
    "if (y) x = 1",
    "`${x = 1}`",
  ])
    it(`are found in ${code}`, () => assert.ok(assigned(code).includes("x"), assigned(code).join()));

  for (const code of [
    "x + 1",
    "x.y = 1",
    "f(x)",
    "x == 1",
    "x === y",
    "x => 1",
    "x[0]",
    "x < y",
    "x <= y",
    "x != y",
    "`${x}`",
    "[x, y]",
  ])
    it(`are not all names: ${code}`, () => assert.ok(!assigned(code).includes("x")));
});
