import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import * as acorn from "acorn";
import { compileCell, warmUp, type DeclarationKind } from "../kernel/cell.ts";
import { CellSession, runCells } from "./cell-session.ts";

/** A declaration of `x` of each kind, and what `x` then shows. */
const declarations: Record<DeclarationKind, { source: string; shows: string }> = {
  let: { source: "let x = 'let'", shows: "let" },
  const: { source: "const x = 'const'", shows: "const" },
  var: { source: "var x = 'var'", shows: "var" },
  function: { source: "function x() { return 'function' }", shows: "function" },
  class: { source: "class x { static toString() { return 'class' } }", shows: "class" },
  import: { source: "import { x } from 'module'", shows: "import" },
  enum: { source: "enum x { A = 'enum' }", shows: "enum" },
  namespace: { source: "namespace x { export const A = 'namespace' }", shows: "namespace" },
};
const show =
  "const shown = typeof x === 'function' ? ('toString' in x && String(x) === 'class' ? 'class' : x()) : (x.A ?? x)";

function session(): CellSession {
  const cells = new CellSession();
  cells.modules["module"] = { x: "import", default: "the default", other: 1 };
  return cells;
}

describe("the names of cells", () => {
  for (const [first, { source: before }] of Object.entries(declarations))
    for (const [second, { source: after, shows }] of Object.entries(declarations))
      it(`a ${second} may declare anew what an earlier cell declared as ${first}`, async () => {
        const cells = session();
        await cells.run(before);
        assert.equal(cells.kinds.get("x"), first);
        await cells.run("function earlier() { return x }");
        await cells.run(after);
        assert.equal(cells.kinds.get("x"), second);
        assert.equal(await cells.run(`${show}; shown`), shows);
        assert.equal(await cells.run("earlier() === x"), true);
      });

  it("a function resolves what it calls when it is called", async () => {
    const cells = new CellSession();
    await cells.run("function sigmoid(x: number) { return 1 / (1 + Math.exp(-x)) }");
    await cells.run("const forward = (x: number) => sigmoid(x) * scale");
    await assert.rejects(cells.run("forward(0)"), { name: "ReferenceError", message: "scale is not defined" });
    await cells.run("let scale = 2");
    assert.equal(await cells.run("forward(0)"), 1);
    await cells.run("function sigmoid(x: number) { return x }");
    assert.equal(await cells.run("forward(5)"), 10);
  });

  it("a variable assigned in one cell is seen by closures of another", async () => {
    const count = "let n = 0; const get = () => n; function add() { n++; return n }";
    assert.equal(await runCells(count, "n = 5; add()", "n += 1; get()"), 7);
  });

  it("names in functions, blocks, loops, classes and catch clauses shadow those of the cells", async () => {
    const source = `
      const results: unknown[] = [];
      function parameter(x: number) { x = 2; return x }
      function inner() { var x = 3; { let x = 4; results.push(x) } return x }
      const arrow = ({ x }: { x: number }, [y = x] = [] as number[]) => x + y;
      for (let x = 5; x < 6; x++) results.push(x);
      for (const x of [6]) results.push(x);
      try { throw 7 } catch (x) { results.push(x) }
      { class x { static v = 8 } results.push(x.v) }
      (function x() { results.push(typeof x) })();
      switch (1) { case 1: let x = 9; results.push(x) }
      class C { static { var x = 10; results.push(x) } x = 11 }
      label: for (;;) { break label }
      results.push(parameter(1), inner(), arrow({ x: 1 }), new C().x, x);
      results.join()`;
    assert.equal(await runCells("let x = 'outer'", source), "5,6,7,8,function,9,10,4,2,3,2,11,outer");
  });

  it("a var is hoisted out of blocks and loops, and undefined before", async () => {
    const source =
      "const before = typeof v + typeof i; if (true) { var v = 1 } for (var i = 0; i < 3; i++); for (var k in { a: 1 });";
    assert.equal(await runCells(source, "before + v + i + k"), "undefinedundefined13a");
  });

  it("a var without a value keeps the one it has, a let does not", async () => {
    assert.equal(await runCells("var a = 1; let b = 2", "var a, c = 3, d; let b; [a, b, c, d].join('/')"), "1//3/");
  });

  it("functions are there from the start of their cell", async () => {
    assert.equal(
      await runCells(
        "const early = f(); function f() { return g() } async function g2() {} function g() { return 1 } early",
      ),
      1,
    );
  });

  it("destructuring declares with defaults, rest, computed keys and nesting", async () => {
    const declare = `
      const key = "k";
      const { a, b: { c = 3 } = {}, [key]: d, "e-f": e, ...rest } = { a: 1, k: 4, "e-f": 5, g: 6, h: 7 } as any,
        [i, , j = i, ...[k, ...l]] = [8, 9, undefined, 10, 11] as any[];
      var { length } = "four";`;
    assert.deepEqual(await runCells(declare, "({ a, c, d, e, rest, i, j, k, l, length })"), {
      a: 1,
      c: 3,
      d: 4,
      e: 5,
      rest: { g: 6, h: 7 },
      i: 8,
      j: 8,
      k: 10,
      l: [11],
      length: 4,
    });
  });

  it("destructuring assigns to names of earlier cells, also in loops", async () => {
    const assign =
      "[a, b] = [b, a]; ({ c, d: a = 4, ...e } = { c: 3, f: 6 } as any); for ([g] of [[7]]); for ({ h = 8 } of [{}] as any[]);";
    assert.deepEqual(await runCells("let a = 1, b = 2, c, e, g, h", assign, "[a, b, c, e, g, h]"), [
      4,
      1,
      3,
      { f: 6 },
      7,
      8,
    ]);
  });

  it("shorthand properties, templates, tags, optional chains and updates reach the names", async () => {
    const declare =
      "let a = 1, o: any = { f() { return this === o } }; function tag(this: unknown, s: any, v: number) { return [this, v] }";
    const use =
      "[{ a }.a, `${a}`, tag`${a}`, o?.f?.(), o.f?.(), a++, --a, a ||= 5, a &&= 6, (a ??= 7), -a ** 0]".replace(
        "-a ** 0",
        "(-a) ** 0",
      );
    assert.deepEqual(await runCells(declare, use), [1, "1", [undefined, 1], true, true, 1, 1, 1, 6, 6, 1]);
  });

  it("a function called by its name gets no this", async () => {
    const declare =
      "function self(this: unknown) { return this } const o = { self }; let none: any = null; function Make(this: any) { this.made = true }";
    const use = "[self(), self?.(), (self)(), o.self() === o, none?.(), new (Make as any)().made]";
    assert.deepEqual(await runCells(declare, use), [undefined, undefined, undefined, true, undefined, true]);
  });

  it("typeof of an unknown name is undefined", async () => {
    assert.equal(
      await runCells("typeof unknown + typeof process + (typeof unknown === 'undefined')"),
      "undefinedobjecttrue",
    );
  });

  it("functions and classes take the names of the variables they initialise", async () => {
    const declare = `
      const f = () => {}, g = function () {}, C = class {}, own = function named() {}, wrapped = (() => {});
      let { h = () => {} } = {} as any, [i = class {}] = [] as any[];
      var j; j = () => {}; let k: any; k ??= async () => {};
      const shorthand = { f, m: () => {} };`;
    const names = "[f, g, C, own, wrapped, h, i, j, k, shorthand.f, shorthand.m].map((f: any) => f.name).join()";
    assert.equal(await runCells(declare, names), "f,g,C,named,wrapped,h,i,j,k,f,m");
  });

  it("assigning to a constant, an import, an enum or a namespace throws where it stands", async () => {
    const cells = session();
    await cells.run(
      "const c = 1; import { x } from 'module'; enum E { A } namespace N { export const v = 1 } let log: string[] = []",
    );
    for (const assignment of [
      "c = 2",
      "c++",
      "[c] = [2]",
      "({ c } = { c: 2 })",
      "for (c of [1]);",
      "c &&= 2",
      "x = 1",
      "E = 1",
      "N = 1",
    ]) {
      await assert.rejects(cells.run(`log.push("before"); ${assignment}; log.push("after")`), {
        name: "TypeError",
        message: "Assignment to constant variable.",
      });
      await assert.rejects(cells.run(`(() => { ${assignment} })()`), TypeError);
    }
    assert.equal(await cells.run("c ??= 5; c ||= 6; log.includes('after')"), false);
    await assert.rejects(cells.run("const own = 1; own = 2"), TypeError);
    await assert.rejects(cells.run("class K { static { K = 1 as any } }"), TypeError);
  });

  it("what was a constant may become a variable, for functions of other cells too", async () => {
    const cells = new CellSession();
    await cells.run("const n = 1");
    await cells.run("function bump() { n = n + 1; return n }");
    await assert.rejects(cells.run("bump()"), TypeError);
    await cells.run("let n = 1");
    assert.equal(await cells.run("bump()"), 2);
  });

  it("functions, classes and let variables can be assigned", async () => {
    assert.equal(
      await runCells("function f() {} class A {} let a", "f = 1 as any; A = 2 as any; a = 3; [f, A, a].join()"),
      "1,2,3",
    );
  });

  it("assigning to a name that nobody declared throws", async () => {
    await assert.rejects(runCells("nobody = 1"), { name: "ReferenceError", message: "nobody is not defined" });
    assert.equal(await runCells("const set = () => { later = 2 }", "let later = 1; set(); later"), 2);
  });

  it("a value stays when the cell that declares it anew fails before", async () => {
    const cells = new CellSession();
    await cells.run("let a = 1; const b = 2; class C { static v = 3 }; enum E { A = 4 }");
    const failing = "throw 0; let a = 10; const b = 20; class C { static v = 30 } enum E { A = 40 }";
    await assert.rejects(cells.run(failing), (error) => error === 0);
    assert.deepEqual(await cells.run("[a, b, C.v, E.A]"), [1, 2, 3, 4]);
  });

  it("a class sees itself inside, may extend one of another cell, and is not changed by a later one", async () => {
    const cells = new CellSession();
    await cells.run("class A { static make() { return new A() } v = 1; static #p = 2; static p() { return A.#p } }");
    await cells.run(
      "const Old = A; class B<T> extends A { declare x: T; constructor(private readonly y: number) { super() } get sum() { return this.v + this.y } }",
    );
    await cells.run("class A { v = 9 }");
    assert.deepEqual(await cells.run("[new B(2).sum, Old.make() instanceof Old, Old.p(), new A().v]"), [3, true, 2, 9]);
  });

  it("enums and namespaces begin anew in each cell and merge within one", async () => {
    const cells = new CellSession();
    await cells.run(
      "enum E { A = 1, B } enum E { C = 5 } namespace N { export let a = 1 } namespace N { export const b = 2 }",
    );
    assert.deepEqual(await cells.run("[E.A, E[2], E.C, N.a, N.b]"), [1, "B", 5, 1, 2]);
    await cells.run("enum E { D = 7 } namespace N { export const c = 3 }");
    assert.deepEqual(await cells.run("[Object.keys(E), Object.keys(N)]"), [["7", "D"], ["c"]]);
    await cells.run("function F() { return F.v } namespace F { export const v = 4 } const enum X { Y = 6 }");
    assert.deepEqual(await cells.run("[F(), X.Y]"), [4, 6]);
  });

  it("the names that the compiler uses are free for cells", async () => {
    const source =
      "let __scope = 1; const __cell = 2; function f(__scope: number) { return __scope + __cell + x } let x = 3; [__scope, f(5)]";
    assert.deepEqual(await runCells(source), [1, 10]);
  });

  it("require, __filename and __dirname are the cell's unless declared", async () => {
    assert.deepEqual(await runCells("[require, __filename, __dirname]"), ["the require", "/folder/cell.ts", "/folder"]);
    assert.equal(await runCells("const require = 1", "require"), 1);
    assert.equal(await runCells("function require() { return 2 }", "require()"), 2);
  });

  it("a global may be shadowed and keeps its value elsewhere", async () => {
    assert.equal(
      await runCells("const process = { pid: -1 }", "process.pid + (globalThis.process.pid > 0 ? 1 : 0)"),
      0,
    );
  });
});

describe("the result of a cell", () => {
  const results: [string, unknown][] = [
    ["1; 2", 2],
    ["1;;", 1],
    ["let a = 1", undefined],
    ["1, 2", 2],
    ["({ a: 1 }).a", 1],
    ["'use strict'", "use strict"],
    ["'a'; 'b'", "b"],
    ["await Promise.resolve(3)", 3],
    ["5 // comment", 5],
    ["if (true) 1", undefined],
    ["export default 4 + 4", 8],
    ["export default (1, 9)", 9],
    ["export default function f() { return 1 }; f()", 1],
    ["export default { a: 1 }; let b = 2", { a: 1 }],
    ["", undefined],
    ["// only a comment", undefined],
    ["/** @module x */", undefined],
    ["#!/usr/bin/env node\n7", 7],
    ["\uFEFF8", 8],
    ["type T = number; interface I {}", undefined],
    ["let b = 1\n;[1].map((x) => x + b)[0]", 2],
    ["namespace N { export let a = 1 } N.a", 1],
    ["this", undefined],
    ["import.meta.url", "file:///folder/cell.ts"],
  ];
  for (const [source, expected] of results)
    it(`${JSON.stringify(source)} shows ${JSON.stringify(expected) ?? "nothing"}`, async () => {
      assert.deepEqual(await runCells(source), expected);
    });

  it("an exported default function or class is the result and keeps its name", async () => {
    const cells = new CellSession();
    assert.equal(((await cells.run("export default function main() {}")) as () => void).name, "main");
    assert.equal(((await cells.run("export default class {}")) as () => void).name, "default");
    assert.equal(((await cells.run("export default () => {}")) as () => void).name, "default");
    assert.equal(await cells.run("main.name"), "main");
  });

  it("exports are ignored", async () => {
    const cells = session();
    await cells.run(
      "export const a = 1; export let b = 2; export function f() {} export class C {} export enum E { A } export type T = 1; export { a as c }; export { b as default2 }",
    );
    assert.deepEqual(await cells.run("[a, b, f.name, C.name, E.A]"), [1, 2, "f", "C", 0]);
    await cells.run("export { a as again }");
    await cells.run("export * from 'module'; export * as ns from 'module'; export { x } from 'module'");
    assert.equal(cells.imported.length, 3);
    assert.equal(await cells.run("typeof ns"), "undefined");
  });
});

describe("imports in a cell", () => {
  it("come first, in order, with their attributes; types vanish", async () => {
    const cells = session();
    cells.modules["./data.json"] = { default: [1] };
    await cells.run(`
      const after = [typeof d, x, ns.other];
      import d, { x, other as renamed, type Missing } from "module";
      import * as ns from "module";
      import type { Gone } from "gone";
      import "module";
      import data from "./data.json" with { type: "json" };`);
    assert.deepEqual(
      cells.imported.map(({ specifier }) => specifier),
      ["module", "module", "module", "./data.json"],
    );
    assert.deepEqual(cells.imported[3]?.options, { with: { type: "json" } });
    assert.deepEqual(await cells.run("[...after, d, renamed, data]"), ["string", "import", 1, "the default", 1, [1]]);
  });

  it("stay live, and a missing export is an error only when used", async () => {
    const cells = session();
    await cells.run("import { x, NoSuch } from 'module'; const read = () => x");
    (cells.modules["module"] ?? {})["x"] = "changed";
    assert.equal(await cells.run("read()"), "changed");
    await assert.rejects(cells.run("NoSuch"), { message: "the module 'module' has no export named 'NoSuch'" });
  });

  it("may be dynamic", async () => {
    const cells = session();
    assert.equal(await cells.run("(await import('module', { with: { a: 'b' } } as any)).x"), "import");
    assert.deepEqual(cells.imported[0]?.options, { with: { a: "b" } });
  });

  it("an imported function is called without this", async () => {
    const cells = session();
    cells.modules["self"] = {
      self(this: unknown) {
        return this;
      },
    };
    assert.equal(await cells.run("import { self } from 'self'; self()"), undefined);
  });
});

describe("compileCell", () => {
  it("keeps the meaning of a whole library", async () => {
    const source = await readFile(new URL(import.meta.resolve("acorn")), "utf8");
    const cells = new CellSession({ source });
    await cells.run(source);
    const parsed = await cells.run("JSON.stringify(parse(source, { ecmaVersion: 'latest', sourceType: 'module' }))");
    assert.equal(parsed, JSON.stringify(acorn.parse(source, { ecmaVersion: "latest", sourceType: "module" })));
  });

  it("compiles before any other cell has, after warming up or not", () => {
    warmUp();
    const { declares } = compileCell("let a", { file: "x", scope: new Map(), isGlobal: () => false });
    assert.deepEqual([...declares], [["a", "let"]]);
  });
});
