import assert from "node:assert/strict";
import { CellSession, runCells } from "../cell-session.ts";

describe("TypeScript in a cell", () => {
  it("types, casts, overloads, generics and parameter properties vanish or are lowered", async () => {
    const source = `
      interface Point<T> { x: T } type Maybe<T> = T | undefined; declare let ambient: string; declare function gone(): void;
      abstract class Shape { constructor(protected readonly name: string, public size = 2) {} abstract area(): number; declare hidden?: string }
      class Square extends Shape { override area(): number { return this.size ** 2 } get label() { return this.name } }
      function pick(x: string): string; function pick(x: number): number; function pick(x: any) { return x }
      const cast = <number>(<unknown>3), id = <T,>(x: T) => x, sure = ({ x: 1 } as Maybe<Point<number>>)!.x satisfies number;
      let assigned: unknown; (assigned as any) = 5;
      [new Square("s").area(), new Square("t", 3).label, pick("a"), pick(1), cast, id("b"), sure, assigned]`;
    assert.deepEqual(await runCells(source), [4, "t", "a", 1, 3, "b", 1, 5]);
  });

  it("imports and exports of types alone run nothing of a module, those of nothing do", async () => {
    const cells = new CellSession();
    cells.modules["x"] = {};
    const source = `import { type A } from "gone"; import /* of */ { // all
      type B, type C as D } from "gone"; export { type E } from "gone"; import { type F } from "gone" with { type: "json" }
      import type {} from "gone"; let a: A | undefined = undefined; a`;
    assert.equal(await cells.run(source), undefined);
    await cells.run(`import {} from "x"; import "x"; import { /* type */ } from "x"`);
    assert.deepEqual(
      cells.imported.map(({ specifier }) => specifier),
      ["x", "x", "x"],
    );
  });

  it("import x = require and namespace aliases declare constants", async () => {
    const source = "namespace A { export namespace B { export const c = 1 } } import C = A.B; export import D = A.B.c";
    assert.deepEqual(await runCells(source, "[C.c, D]"), [1, 1]);
  });

  it("standard decorators replace classes, in their cell and in others", async () => {
    const cells = new CellSession();
    await cells.run("const dec = (C: any, context: any) => class Replaced extends C { kind = context.kind }");
    await cells.run("@dec class A { static made = new A(); self() { return A } } const get = () => A");
    assert.deepEqual(
      await cells.run("[new A().kind, A.name, new A().self() === A, A.made instanceof A, get() === A]"),
      ["class", "Replaced", true, true, true],
    );
    await cells.run("@dec export class B {} const B2 = B");
    assert.equal(await cells.run("B === B2 && new B().kind"), "class");
    await cells.run("class A {} ");
    assert.equal(await cells.run("get() === A"), true);
    assert.deepEqual([...cells.kinds.keys()].sort(), ["A", "B", "B2", "dec", "get"]);
    assert.deepEqual(Object.keys(cells.scope).sort(), ["A", "B", "B2", "dec", "get"]);
  });

  it("standard decorators of members and accessors see what they decorate", async () => {
    const source = `
      const seen: string[] = [];
      const note = (value: any, context: any) => { seen.push(context.kind + " " + String(context.name)) };
      class C { @note m() {} @note f = 1; @note accessor a = 2; @note static s() {} @note get g() { return 3 } }
      const c = new C(); [c.a, c.f, c.g, ...seen.sort()]`;
    assert.deepEqual(await runCells(source), [2, 1, 3, "accessor a", "field f", "getter g", "method m", "method s"]);
  });

  it("decorators of parameters are read as TypeScript's experimental ones", async () => {
    const source = `
      const log: unknown[] = [];
      const param = (target: any, key: any, index: number) => { log.push(index) }, cls = (C: any) => { log.push(C.name) };
      @cls class D { constructor(@param a: string, b: number) {} }
      log.push(new D("x", 1) instanceof D); log`;
    assert.deepEqual(await runCells(source), [0, "D", true]);
  });

  it("JSX is lowered by its pragma, and a cast stays a cast", async () => {
    const React = { createElement: (...parts: unknown[]) => parts };
    const cells = new CellSession({ React, h: (...parts: unknown[]) => ["h", ...parts] });
    assert.deepEqual(await cells.run("const a = 1; <p id='x'>{a}</p>"), ["p", { id: "x" }, 1]);
    assert.deepEqual(await cells.run("/** @jsx h */ <b/>"), ["h", "b", null]);
    cells.modules["lib/jsx-runtime"] = { jsx: (type: string, props: object) => ({ type, ...props }) };
    assert.deepEqual(await cells.run("/** @jsxRuntime automatic @jsxImportSource lib */ const e = <i>t</i>; e"), {
      type: "i",
      children: "t",
    });
    assert.deepEqual(await cells.run("const n = <number>(a as unknown); [n, typeof _jsx]"), [1, "undefined"]);
  });

  it("an await whose operand begins on the next line is an await", async () => {
    assert.equal(
      await runCells("const a = await\n  // 😀\n  Promise.resolve(1); const b = await /* \n */ 2; a + b"),
      3,
    );
  });
});

describe("using in a cell", () => {
  const resource = `
    const log: string[] = [];
    const open = (name: string) => ({ name, [Symbol.dispose]() { log.push("-" + name) } });
    const openAsync = (name: string) => ({ name, async [Symbol.asyncDispose]() { await 0; log.push("~" + name) } });`;

  async function logged(source: string): Promise<string> {
    return (await runCells(resource, source, "log.join(' ')")) as string;
  }

  it("at the top level disposes at the end of the cell, last first, and declares constants", async () => {
    const cells = new CellSession();
    await cells.run(resource);
    const source =
      "using a = open('a'), b = (0, open('b')); await using c = openAsync('c'); function f() { return env } const env = a.name; export const result = 1; log.push(f()); a.name";
    assert.equal(await cells.run(source), "a");
    assert.equal(await cells.run("log.join(' ')"), "a ~c -b -a");
    assert.deepEqual(
      ["a", "c", "f", "env", "result"].map((name) => cells.kinds.get(name)),
      ["const", "const", "function", "const", "const"],
    );
    await assert.rejects(cells.run("a = 1"), TypeError);
    assert.equal(await cells.run("f() + a.name"), "aa");
  });

  const sources: [string, string, string][] = [
    ["blocks", "{ using a = open('a'); log.push('in'); { using b = open('b') } }", "in -b -a"],
    ["functions", "const f = () => { using a = open('a'); return log.push('r') }; f()", "r -a"],
    ["async functions", "await (async () => { await using a = openAsync('a'); log.push('r') })()", "r ~a"],
    ["loops", "for (using x of [open('1'), open('2')]) { let x2 = x; log.push(x2.name) }", "1 -1 2 -2"],
    ["loops without a block", "for (using x of [open('1')]) log.push(x.name)", "1 -1"],
    ["for await", "for await (await using x of [openAsync('1')]) { log.push(x.name) }", "1 ~1"],
    ["static blocks", "class C { static { using a = open('a'); log.push('s') } }", "s -a"],
    [
      "generators",
      "function* g() { using a = open('a'); yield 1; yield 2 } for (const v of g()) { log.push('' + v); break }",
      "1 -a",
    ],
    ["null", "{ using a = null, b = undefined; log.push('in') }", "in"],
  ];
  for (const [where, source, expected] of sources)
    it(`in ${where} disposes when they are left`, async () => {
      assert.equal(await logged(source), expected);
    });

  it("disposes when an error passes, and reports the errors of both", async () => {
    const failing =
      "{ using a = open('a'); using b = { [Symbol.dispose]() { throw new Error('second') } }; throw new Error('first') }";
    const cells = new CellSession();
    await cells.run(resource);
    await assert.rejects(cells.run(failing), (error: Error & { error?: Error; suppressed?: Error }) => {
      assert.equal(error.name, "SuppressedError");
      assert.equal(error.error?.message, "second");
      assert.equal(error.suppressed?.message, "first");
      return true;
    });
    assert.equal(await cells.run("log.join()"), "-a");
    await assert.rejects(cells.run("using x = {} as any"), { name: "TypeError", message: /a resource needs a method/ });
  });

  it("is a name where it is no keyword", async () => {
    assert.deepEqual(
      await runCells("let using = 1; const o = { using, await: 2 }; using += 1; [using, o, 'using x = 1']"),
      [2, { using: 1, await: 2 }, "using x = 1"],
    );
  });
});
