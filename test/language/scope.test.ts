import assert from "node:assert/strict";
import { emptyNotebook, shown } from "./notebook.ts";

/** A declaration of `x` of each kind, and code that is right only for it. */
const kinds = {
  let: { source: "let x = 1;", uses: "x = 2; x.toFixed();", shows: "number" },
  const: { source: "const x = 'text';", uses: "x.trim();", shows: "string" },
  var: { source: "var x = [true];", uses: "x = [false]; x.push(true);", shows: "boolean[]" },
  function: { source: "function x(n: number) { return n }", uses: "x(1).toFixed();", shows: "function" },
  class: {
    source: "class x { static s = 1; f = '' }",
    uses: "new x().f.trim(); const made: x = new x();",
    shows: "class",
  },
  enum: { source: "enum x { A, B }", uses: "x.A.toFixed(); const member: x = x.B;", shows: "enum" },
  namespace: {
    source: "namespace x { export const n = 1; export type T = string }",
    uses: "x.n.toFixed(); const t: x.T = '';",
    shows: "namespace",
  },
  import: {
    source: "import * as x from 'node:path';",
    uses: "x.join('a'); const p: x.ParsedPath = x.parse('a');",
    shows: "import",
  },
  interface: { source: "interface x { a: number }", uses: "const i: x = { a: 1 };", shows: "interface" },
  type: { source: "type x = 'a' | 'b';", uses: "const t: x = 'a';", shows: "type" },
};
const values = Object.entries(kinds).filter(([kind]) => kind !== "interface" && kind !== "type");
const types = Object.entries(kinds).filter(([kind]) => kind === "interface" || kind === "type");

describe("the types of cells", () => {
  const notebook = emptyNotebook();

  for (const [first, { source: before }] of Object.entries(kinds))
    for (const [second, { source: after, uses }] of Object.entries(kinds))
      it(`a ${second} may declare anew what an earlier cell declared as ${first}`, async () => {
        assert.deepEqual(await notebook().errors(before, after, uses), []);
      });

  for (const [value, { source: one, uses: useValue }] of values.filter(([kind]) => /let|const|var|function/.test(kind)))
    for (const [type, { source: other, uses: useType }] of types)
      it(`a ${value} and a ${type} of one name stand side by side, whichever came first`, async () => {
        assert.deepEqual(await notebook().errors(one, other, useValue, useType), []);
        notebook().reset();
        assert.deepEqual(await notebook().errors(other, one, useValue, useType), []);
      });

  it("a constant of another cell cannot be assigned to, a variable can by its type", async () => {
    await notebook().cell("const c = 1; let v = 1; let w: number | undefined; function f() {}");
    assert.deepEqual(await notebook().errors("c = 2"), ["2588 1:1 Cannot assign to 'c' because it is a constant."]);
    assert.deepEqual(
      await notebook().errors("v = 2; w = undefined; v += 1; [v, w] = [1, 2]; ({ v } = { v: 3 }); v++"),
      [],
    );
    assert.deepEqual(await notebook().errors("v = 'a'"), [
      "2322 1:1 Type 'string' is not assignable to type 'number'.",
    ]);
  });

  it("generics, overloads, abstract classes and guards keep their types", async () => {
    const declared = `
      type Pair<A, B = A> = [A, B];
      interface Box<T> { value: T }
      abstract class Shape<K extends string = string> { abstract kind: K; area(): number { return 0 } }
      function make<T>(value: T): Box<T>; function make(value: unknown) { return { value } }
      const isText = (x: unknown): x is string => typeof x === "string";
      function assertText(x: unknown): asserts x is string {}
      const symbol = Symbol("s"); const tuple = [1, "a"] as const;
      export const id = <T,>(x: T) => x;`;
    const used = `
      const p: Pair<number> = [1, 2]; const q: Pair<number, string> = [1, "a"]; const b: Box<string> = make("a");
      class Disc extends Shape<"disc"> { kind = "disc" as const }
      const u: unknown = 1; if (isText(u)) u.trim(); assertText(u); u.trim();
      const o = { [symbol]: 1 }; o[symbol].toFixed(); tuple[1] satisfies "a"; id(1).toFixed(); new Disc().area().toFixed()`;
    assert.deepEqual(await notebook().errors(declared, used), []);
    assert.deepEqual(await notebook().errors("make(1).value.trim()"), [
      "2339 1:15 Property 'trim' does not exist on type 'number'.",
    ]);
  });

  it("patterns of every form bring their names into scope", async () => {
    const declared = `
      const { a, b: [c, ...d], e: { f = 1 } = {}, ...g }: any = {}, h = 1, [i, , j = 2] = [1, 2, 3];
      for (var k = 0; k < 1; k++) { var l = k }
      if (h) { var m = 1; let hidden = 1 } else { try { var n = 1 } catch { var o = 1 } }`;
    assert.deepEqual(await notebook().errors(declared, "[a, c, d, f, g, h, i, j, k, l, m, n, o]"), []);
    assert.deepEqual(await notebook().errors("hidden"), ["2304 1:1 Cannot find name 'hidden'."]);
  });

  it("what one cell merges stays merged; another cell declares anew", async () => {
    const merged =
      "interface A { a: number } interface A { b: number } function F() {} namespace F { export const n = 1 } class K { own = 1 } interface K { more: string }";
    assert.deepEqual(await notebook().errors(merged, "const x: A = { a: 1, b: 1 }; F(); F.n; new K().more.trim()"), []);
    assert.deepEqual(await notebook().errors("interface A { c: number }", "const y: A = { c: 1 }"), []);
  });

  it("imports stay in scope, as values and as types", async () => {
    const imports =
      "import fs, { readFileSync as read, type Stats } from 'node:fs'; import * as path from 'path'; import type { Server } from 'node:http'; import os = require('node:os')";
    const used =
      "read('x').byteLength; let s: Stats; let p: path.ParsedPath; let h: Server; os.cpus().length; fs.existsSync('')";
    assert.deepEqual(await notebook().errors(imports, used), []);
  });

  it("types that a cell adds to the global scope or to a module count in all that follow", async () => {
    const augment =
      "declare global { interface Array<T> { second(): T } } declare module 'node:os' { export const added: number }";
    assert.deepEqual(
      await notebook().errors(augment, "import { added } from 'node:os'; [added].second().toFixed()"),
      [],
    );
  });

  it("cells' names shadow those of Node and of the kernel", async () => {
    assert.deepEqual(
      await notebook().errors(
        "const fetch = 1, display = 'a'; class Map { own = 1 }",
        "fetch.toFixed(); display.trim(); new Map().own",
      ),
      [],
    );
  });

  it("a cell that failed leaves its types out, and its values but for those it reached", async () => {
    await notebook().cell("let reached = 1; interface T { a: 1 } class C {}; throw 0; let not = 2", ["reached", "C"]);
    assert.deepEqual(await notebook().errors("reached = 2; new C()"), []);
    assert.deepEqual(await notebook().errors("let t: T"), ["2304 1:8 Cannot find name 'T'."]);
    assert.deepEqual(await notebook().errors("not"), ["2304 1:1 Cannot find name 'not'."]);
  });

  it("a failed cell leaves what it did not reach as it was", async () => {
    await notebook().cell("let a = 1, b = 1");
    await notebook().cell("let a = ''; throw 0; let b = ''", ["a"]);
    assert.deepEqual(await notebook().errors("a.trim(); b.toFixed()"), []);
  });

  it("after a crash of the runtime nothing is in scope", async () => {
    await notebook().cell("let a = 1; type T = string");
    notebook().reset();
    assert.deepEqual(await notebook().errors("a"), ["2304 1:1 Cannot find name 'a'."]);
    assert.deepEqual(await notebook().errors("let x: T"), ["2304 1:8 Cannot find name 'T'."]);
  });

  it("functions see the newest types of what they use", async () => {
    await notebook().cell("class Model { #weights = 1; score() { return 1 } }");
    await notebook().cell("function evaluate(model: Model) { return model.score() }");
    await notebook().cell("class Model { #weights = 2; score() { return 'good' } }");
    assert.deepEqual(await notebook().errors("evaluate(new Model()).trim()"), []);
  });

  it("a value computed from an older one of its name is no circle", async () => {
    await notebook().cell("const data = [1, 2]");
    await notebook().cell("const clean = data.filter((n) => n > 1)");
    await notebook().cell("const data = clean.map(String)");
    assert.deepEqual(await notebook().errors("data[0]!.trim(); clean[0]!.toFixed()"), []);
  });

  it("a rerun that breaks older cells says which, once, and stops nothing", async () => {
    await notebook().cell("function sigmoid(x: number) { return x }");
    await notebook().cell("const forward = (x: number) => sigmoid(x) * 2");
    const { errors, rerun } = await notebook().cell("function sigmoid(x: string) { return x }");
    assert.deepEqual(errors, []);
    assert.deepEqual(shown(rerun), [
      "2362 1:32 The left-hand side of an arithmetic operation must be of type 'any', 'number', 'bigint' or an enum type.",
    ]);
    assert.equal(rerun[0]?.where, "Cell [2]");
    assert.equal((await notebook().cell("function sigmoid(x: string) { return x }")).rerun.length, 0);
    assert.equal((await notebook().cell("function sigmoid(x: number) { return x }")).rerun.length, 0);
    assert.equal((await notebook().cell("function sigmoid(x: string) { return x }")).rerun.length, 1);
  });

  it("a rerun tells of no cell that did not check before, nor of one that still does", async () => {
    await notebook().cell("function area(x: number) { return x }");
    const { language } = notebook();
    // As with %typecheck warn, and off.
    assert.equal((await notebook().cell("const wrong: string = area(1)")).errors.length, 1);
    await language.ran("const wrong: string = area(1)", 2);
    await language.ran("const unchecked: boolean = area(1)", 3);
    await notebook().cell("const sound = [area(1)]");
    assert.deepEqual((await notebook().cell("function area(x: number) { return [x] }")).rerun, []);
    const { rerun } = await notebook().cell("function area(x: string) { return x }");
    assert.deepEqual(shown(rerun), [
      "2345 1:21 Argument of type 'number' is not assignable to parameter of type 'string'.",
    ]);
  });

  it("a rerun tells of cells that use what uses it, and asks of nothing when it says what it said before", async () => {
    await notebook().cell("const scale = (x: number) => x * 2");
    await notebook().cell("const forward = () => scale(1)");
    await notebook().cell("const text = forward().toFixed(1)");
    const { rerun } = await notebook().cell("const scale = (x: number) => [x]");
    assert.deepEqual(shown(rerun), ["2339 1:24 Property 'toFixed' does not exist on type 'number[]'."]);
    const { language } = notebook();
    assert.notEqual(language.ran("const scale = (x: number) => [x, x]", 5), undefined);
    assert.equal(language.ran("const scale = (x: number) => [x, x]", 6), undefined);
    assert.equal(language.ran("const forward = () => scale(1)", 7), undefined);
    assert.notEqual(language.ran("const scale = (x: number) => x", 8), undefined);
  });
});
