import assert from "node:assert/strict";
import { Cell, CellModule, Scope } from "../../kernel/language/scope.ts";
import { blanksOf, typeIn } from "../../kernel/language/settle.ts";
import { applyEdits, insertInto, originOf } from "../../kernel/position-map.ts";
import { emptyNotebook, type Notebook, shown } from "./notebook.ts";

const none = (): boolean => false;
const hover = (text: string): string => `\`\`\`typescript\n${text}\n\`\`\`\nIts documentation.`;

describe("types that are written down", () => {
  for (const [text, type] of [
    ["let x: number", "number"],
    ["let x: string[][]", "string[][]"],
    ['let x: "a" | "b"', '"a" | "b"'],
    ["let x: (n: number, more?: string) => Promise<void>", "(n: number, more?: string) => Promise<void>"],
    [
      "let x: {\n    a: number;\n    never?: [x: string, y: undefined];\n}",
      "{\n    a: number;\n    never?: [x: string, y: undefined];\n}",
    ],
    ["let x: { [key: string]: readonly any[]; }", "{ [key: string]: readonly any[]; }"],
    ['let x: { "a b": 1; }', '{ "a b": 1; }'],
  ] as const)
    it(`are those that read the same everywhere: ${text}`, () =>
      assert.equal(typeIn(hover(text), "x", "variable", none), type));

  for (const text of [
    "let x: Box",
    "let x: Map<string, number>",
    "let x: typeof import('./y')",
    "let x: typeof y",
    "let x: { a: number; ... 3 more ...; z: number; }",
    "let x: { a: { b: ...; }; }",
    "let x: [number, /*elided*/ any]",
    "let x: (...rest: number[]) => void",
    "let x: <T>(y: T) => T",
    "let x: (y: unknown) => y is string",
    "let x: () => never",
    "let x: `a${string}`",
    "let x: unique symbol",
    "let y: number",
    "(alias) let x: number",
    "let x: ",
    "x",
  ])
    it(`are none that could mean something else, or are not whole: ${text}`, () =>
      assert.equal(typeIn(hover(text), "x", "variable", none), undefined));

  it("of constants are none with literals, which widen when they are copied", () => {
    assert.equal(typeIn(hover("const x: 1"), "x", "constant", none), undefined);
    assert.equal(typeIn(hover("const x: true"), "x", "constant", none), undefined);
    assert.equal(typeIn(hover('const x: "a"[]'), "x", "constant", none), undefined);
    assert.equal(typeIn(hover("const x: { a: number; }"), "x", "constant", none), "{ a: number; }");
  });

  it("of functions are their results", () => {
    assert.equal(typeIn(hover('function f(a: number, b?: ")"): string[]'), "f", "function", none), "string[]");
    assert.equal(typeIn(hover("function f(a: number): Box"), "f", "function", none), undefined);
    assert.equal(typeIn(hover("function f(): void (+1 overload)"), "f", "function", none), undefined);
  });

  it("have no name that a cell declares", () => {
    assert.equal(typeIn(hover("let x: Promise<number>"), "x", "variable", none), "Promise<number>");
    assert.equal(
      typeIn(hover("let x: Promise<number>"), "x", "variable", (name) => name === "Promise"),
      undefined,
    );
  });

  it("go behind names and parameters that have none", () => {
    const source =
      "let a = 1, b = 2; const c: number = 3; var d = 4; let { e = 5 } = {}; const [f = 1] = []; export const g = 1\n" +
      "function h(x = `${1}`, [y] = [(1)]) { let inner = 1 } function i(): void {} async function j() {} class k { l = 1 } function* m() {}";
    const { added } = new Scope().add(new Cell(source), 1);
    assert.ok(added instanceof CellModule);
    const marked = blanksOf(added).reduceRight((text, { at }) => `${text.slice(0, at)}|${text.slice(at)}`, source);
    assert.equal(
      marked,
      "let a| = 1, b = 2; const c: number = 3; var d| = 4; let { e = 5 } = {}; const [f = 1] = []; export const g| = 1\n" +
        "function h(x = `${1}`, [y] = [(1)])| { let inner = 1 } function i(): void {} async function j()| {} class k { l = 1 } function* m() {}",
    );
  });

  it("are put in without moving what the user wrote", () => {
    const edited = applyEdits("let a = !x; a", [{ start: 8, end: 10, text: "run()", anchor: 8 }]);
    const inserted = insertInto(edited, new Map([[5, ": any"]]));
    assert.equal(inserted.code, "let a: any = run(); a");
    for (const [offset, origin] of [
      [0, 0],
      [4, 4],
      [5, null],
      [9, null],
      [10, 5],
      [12, 7],
      [13, 8],
      [20, 12],
    ] as const)
      assert.equal(originOf(inserted, offset).origin, origin, String(offset));
  });
});

describe("a long chain of cells", () => {
  const notebook = emptyNotebook();

  /** Each cell declares what the next is made of. */
  async function chain(first: string, next: (n: number) => string, length = 40): Promise<Notebook> {
    assert.deepEqual(await notebook().errors(first), []);
    for (let n = 1; n < length; n++) {
      assert.deepEqual(await notebook().errors(next(n)), []);
      await notebook().language.settled();
    }
    return notebook();
  }

  it("keeps the types of its variables and functions", async () => {
    const one = await chain(
      "let a0 = 1; const c0 = 1; const o0 = { n: 1, text: ['a'] }; function f0(x: number) { return [x, String(x)] }",
      (n) =>
        `let a${n} = a${n - 1} + 1; const c${n} = c${n - 1}; const o${n} = { ...o${n - 1}, n: a${n} };
         function f${n}(x: number) { return f${n - 1}(x) }`,
    );
    assert.match((await one.markdown("|a39")) ?? "", /let a39: number\n/);
    assert.match((await one.markdown("|c39")) ?? "", /const c39: 1\n/);
    assert.match((await one.markdown("|f39")) ?? "", /function f39\(x: number\): \(string \| number\)\[\]/);
    assert.deepEqual(await one.errors("let w = c39; w = 2; o39.text[0]!.trim(); a39 = 3; f39(1).length.toFixed()"), []);
    assert.deepEqual(await one.errors("a39 = ''"), ["2322 1:1 Type 'string' is not assignable to type 'number'."]);
    assert.deepEqual(await one.errors("o39.other"), [
      "2339 1:5 Property 'other' does not exist on type '{ text: string[]; n: number; }'.",
    ]);
  });

  it("says where its names are declared, by what their user wrote", async () => {
    const one = await chain("let a0 = 1", (n) => `/** The ${n}th. */ let a${n} = a${n - 1} + 1; let z${n} = 1`, 20);
    const markdown = (await one.markdown("|a15", 1)) ?? "";
    assert.match(markdown, /The 15th\./);
    assert.match(markdown, /Cell \[16\]/);
    assert.match(markdown, /```typescript\nlet a15 = a14 \+ 1;\n```/);
  });

  it("has other types when its first cell has, and says what no longer checks", async () => {
    const one = await chain("let a0 = 1", (n) => `let a${n} = a${n - 1}${n === 20 ? " * 1" : ""}`, 36);
    const { rerun } = await one.cell("let a0 = 'text'");
    assert.deepEqual(shown(rerun), [
      "2362 1:11 The left-hand side of an arithmetic operation must be of type 'any', 'number', 'bigint' or an enum type.",
    ]);
    assert.equal(rerun[0]?.where, "Cell [21]");
    assert.deepEqual(await one.errors("a19.trim()"), []);
    await one.language.settled();
    assert.deepEqual(await one.errors("a19.trim(); a18.trim(); a35.toFixed()"), []);
    assert.deepEqual(await one.errors("a16.toFixed()"), [
      "2551 1:5 Property 'toFixed' does not exist on type 'string'. Did you mean 'fixed'?",
    ]);
  });
});
