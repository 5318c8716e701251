// What tslab's tests of its converter and executor ask of cells, as far as its users can see it, asked of this kernel. (What tslab
// itself answers is compared in test/tslab/.) Completion, inspection and type errors are left to the type checker's tests.
import assert from "node:assert/strict";
import { TestSession } from "../session-harness.ts";

/** Cells and what the last of them shows as its result. */
type Sequence = [name: string, cells: readonly string[], result: string | undefined];

const sequences: Record<string, readonly Sequence[]> = {
  "Declarations of a cell": [
    [
      "variables and destructuring",
      ["let x = 123; const y = 'foo'; x *= 2; let { a, b: c } = { a: 1, b: 'h' }", "[x, y, a, c]"],
      "[ 246, 'foo', 1, 'h' ]",
    ],
    ["arrays taken apart", ["let [p, , ...q] = [1, 2, 3, 4]", "[p, q]"], "[ 1, [ 3, 4 ] ]"],
    [
      "functions, generators, async functions",
      [
        "function sum(a: number, b: number): number { return a + b }\nfunction* upTo(n: number): IterableIterator<number> { for (let i = 0; i < n; i++) yield i }\nasync function soon<T>(x: T) { return x }",
        "[sum(1, 2), [...upTo(3)], await soon('s')]",
      ],
      "[ 3, [ 0, 1, 2 ], 's' ]",
    ],
    [
      "a function that changes a variable",
      ["let counter = 0;\nfunction increment() { counter++ }", "increment(); increment(); counter"],
      "2",
    ],
    [
      "interfaces and a class that implements one",
      [
        "interface Shape { color: string }\ninterface Square extends Shape { side: number }\nclass SquareImpl implements Square { constructor(public color: string, public side: number) {} }",
        "new SquareImpl('red', 2)",
      ],
      "SquareImpl { color: 'red', side: 2 }",
    ],
    ["types alone", ["type Id = number | string;"], undefined],
    ["generics", ["function identity<T>(arg: T): T { return arg }", "identity<string>('g')"], "'g'"],
    ["an enum", ["enum Direction { Up = 1, Down, Left, Right }", "[Direction.Down, Direction[2]]"], "[ 2, 'Down' ]"],
    ["an enum that becomes a variable", ["enum Way { In }", "let Way = null;", "Way"], "null"],
    ["an object alone, which tslab takes for a block", ["{x: 10}"], "{ x: 10 }"],
    ["optional chaining and ??", ["let nothing: any = null; const value = nothing?.a?.b; value ?? nothing"], "null"],
    [
      "decorators",
      [
        "function sealed(constructor: Function) { Object.seal(constructor); Object.seal(constructor.prototype) }\n@sealed class Greeter {}\nObject.isSealed(Greeter)",
      ],
      "true",
    ],
    [
      "a class named as a global one",
      ["async function zero() { return 0 }\nclass WeakSet {}", "[await zero(), new WeakSet()]"],
      "[ 0, WeakSet {} ]",
    ],
    ["a variable named as a global function's result", ["{ const process = 5; } typeof process.version"], "'string'"],
  ],
  "Cells after others": [
    ["read what those declared", ["let first = 123;", "let second = first * first; second"], "15129"],
    [
      "use their imports, classes and enums",
      [
        "import * as crypto1 from 'crypto'; import { createHash } from 'crypto'; class Box { content = '' } enum Color { Red, Green }",
        "let box = new Box(); box = { content: 'c' }; [typeof crypto1.createHash, typeof createHash, box.content, Color.Green]",
      ],
      "[ 'function', 'function', 'c', 1 ]",
    ],
    ["assign to their variables, which is the result", ["let assigned = 3", "assigned = assigned * assigned"], "9"],
    [
      "declare variables again with another type",
      ["let again = 1, other = 'o'", "let again = true;", "[again, other]"],
      "[ true, 'o' ]",
    ],
    ["declare a constant again", ["const fixed = 3", "const fixed = 4", "fixed"], "4"],
    [
      "declare a type as a class, and its name as a variable",
      [
        "interface Kind { x: number }\ntype Alias = Kind | number;",
        "class Kind { y = 's' }\nlet Alias = 123;",
        "[new Kind().y, Alias]",
      ],
      "[ 's', 123 ]",
    ],
    ["declare a class as a variable", ["class Turned {}", "let Turned = 10", "Turned"], "10"],
    [
      "declare a class as an interface: its value stays",
      ["class Both { v = 1 }", "interface Both { x: number }", "new Both().v"],
      "1",
    ],
    [
      "declare an imported name as a variable",
      [
        "import { cpus } from 'os'; import * as os1 from 'os'; import os2 from 'os'",
        "let cpus = 1, os1 = 2, os2 = 3",
        "[cpus, os1, os2]",
      ],
      "[ 1, 2, 3 ]",
    ],
    [
      "declare an imported name as a type: its value stays",
      ["import { join } from 'path'", "type join = number;", "typeof join"],
      "'function'",
    ],
    ["declare a global name", ["let performance = 7", "performance"], "7"],
    [
      "call functions that were imported by name",
      ["import { join as joined } from 'path';", "joined('a', 'b')"],
      "'a/b'",
    ],
    ["import a name again", ["import { sep } from 'path'", "import { sep } from 'path'; sep.length"], "1"],
    ["run twice with the same text", ["'x'", "'x'"], "'x'"],
    [
      "run again after what they use has changed its type",
      ["let kind: any = 1; kind++", "kind++; kind", "let kind = 'text'", "kind"],
      "'text'",
    ],
    [
      "may take the name of the last result in tslab",
      ["let tsLastExpr = 10; const tsLastExpr0 = 30; tsLastExpr + tsLastExpr0"],
      "40",
    ],
  ],
  "The result of a cell": [
    ["is its last expression", ["let r = 3 + 4\n;r * r;"], "49"],
    ["is nothing after a declaration", ["let s = 3; let t = s * s;"], undefined],
    ["is nothing after a class", ["class C {}"], undefined],
    [
      "is what a promise was awaited for",
      ["await new Promise((resolve) => { resolve('Hello Promise') });"],
      "'Hello Promise'",
    ],
    [
      "is what an async function was awaited for",
      ["async function hello(m: string) { return 'Hello ' + m }\nawait hello('async')"],
      "'Hello async'",
    ],
    [
      "is there after an await in an assignment",
      ["async function text() { return 'Hello, World!' }\nlet message = await text();", "message"],
      "'Hello, World!'",
    ],
    [
      "knows the classes of the kernel's realm",
      ["[({}).constructor === Object, [] instanceof Array, (() => {}) instanceof Function]"],
      "[ true, true, true ]",
    ],
    [
      "may be an object whose properties came later",
      ["let person: any = new Object(); person['name'] = 'yunabe'; person"],
      "{ name: 'yunabe' }",
    ],
  ],
  "Imports of a cell": [
    ["a namespace", ["import * as c from 'crypto';\nc.createHash('sha256').update('x').digest('hex').length"], "64"],
    ["a default", ["import d from 'crypto';\nd.createHash('sha256').update('x').digest('hex').length"], "64"],
    [
      "at run time",
      ["const e = await import('crypto');\ne.createHash('sha256').update('x').digest('hex').length"],
      "64",
    ],
    ["at run time, by name", ["const { userInfo } = await import('os');\ntypeof userInfo().username"], "'string'"],
    [
      "only types",
      [
        "import type { CpuInfo } from 'os'; import { UserInfo } from 'os'; let info: CpuInfo | UserInfo<string> | undefined;\ntypeof info",
      ],
      "'undefined'",
    ],
  ],
  "What tslab's cells have of CommonJS": [
    ["exports has the variables", ["let shared = 3; exports.shared"], "3"],
    ["exports sets variables", ["exports.shared = 7; exports.fresh = 8; [shared, fresh]"], "[ 7, 8 ]"],
    [
      "exports can define one again and again",
      [
        "Object.defineProperty(exports, 'prop', { value: 'p0' }); const p0 = exports.prop; Object.defineProperty(exports, 'prop', { value: 'p1' }); [p0, exports.prop]",
      ],
      "[ 'p0', 'p1' ]",
    ],
    ["exports defines from a getter", ["Object.defineProperty(exports, 'got', { get: () => 5 }); got"], "5"],
    [
      "exports forgets",
      ["exports.gone = 1; delete exports.gone; [typeof gone, 'gone' in exports, exports.gone]"],
      "[ 'undefined', false, undefined ]",
    ],
    ["exports lists what cells have declared", ["let listed = 1;", "Object.keys(exports).includes('listed')"], "true"],
    ["exports is module.exports", ["[module.exports === exports, exports.hasOwnProperty('shared')]"], "[ true, true ]"],
    [
      "exports follows a loop",
      ["let turn = 0; const seen: number[] = []; for (turn = 1; turn < 4; turn++) seen.push(exports.turn); seen"],
      "[ 1, 2, 3 ]",
    ],
    [
      "this is the global object",
      ["[this === globalThis, (() => this === globalThis)(), typeof this]"],
      "[ true, true, 'object' ]",
    ],
    [
      "exports shows itself",
      [
        "exports.only = 1; import { UserInfo as Missing } from 'os'; require('util').inspect(exports).includes('only: 1')",
      ],
      "true",
    ],
    ["require", ["[typeof require('fs').readFileSync, require.resolve('fs')]"], "[ 'function', 'fs' ]"],
    ["require may be declared", ["let require = 123; require"], "123"],
  ],
};

describe("Cells as tslab's users write them", () => {
  let session: TestSession;
  before(() => (session = new TestSession()));
  after(() => session.close());

  for (const [about, cases] of Object.entries(sequences))
    describe(about, () => {
      for (const [name, cells, result] of cases)
        it(name, async () => {
          let last;
          for (const cell of cells) {
            last = await session.run(cell);
            assert.deepEqual(last.errors, [], cell);
          }
          assert.equal(last?.result, result);
        });
    });

  it("start at once: what they print before an await comes before it", async () => {
    const { cell, done } = session.start("console.log('now'); await new Promise(() => {})");
    await cell.until(() => cell.text() === "now\n");
    await session.session.interrupt();
    assert.equal((await done).reply?.status, "error");
  });

  const failing: [name: string, cell: string, error: RegExp][] = [
    ["an error of syntax", "let x + y;", /^SyntaxError/],
    ["an exception", "throw new Error('my error');", /^Error: my error/],
    ["a rejection", "await new Promise((_, reject) => { reject('Good Bye Promise') });", /Good Bye Promise/],
    ["an async function that throws", "async function f() { throw 'Good Bye async' }\nawait f();", /Good Bye async/],
    ["a name declared twice", "let twice = 3; let twice = 4;", /^SyntaxError: .*twice/],
    ["an assignment to a constant of another cell", "constant = constant * 2", /^TypeError: Assignment to constant/],
    ["await in a function that is not async", "function g() { return await f() }", /^SyntaxError/],
    ["await in an arrow function that is not async", "const h = () => await f()", /^SyntaxError/],
    ["await in a method that is not async", "class K { m() { return await f() } }", /^SyntaxError/],
    ["await in a namespace", "namespace ns { await f(); }", /^SyntaxError/],
    ["a browser's API", "document.createElement('div')", /^ReferenceError: document is not defined/],
  ];
  for (const [name, code, error] of failing)
    it(`fail for ${name}, and the next cell runs`, async () => {
      await session.run("const constant = 1");
      const cell = await session.run(code);
      assert.equal(cell.reply?.status, "error");
      assert.match(cell.traceback, error);
      assert.equal((await session.run("1 + 1")).result, "2");
    });

  it("keep running after an interrupt, which ends an await", async () => {
    const wait = "await new Promise((resolve) => setTimeout(() => resolve('done'), 10));";
    assert.equal((await session.run(wait)).result, "'done'");
    const { done } = session.start("await new Promise((resolve) => setTimeout(resolve, 60_000));");
    await session.session.interrupt();
    assert.equal((await done).errors[0]?.ename, "KeyboardInterrupt");
    assert.equal((await session.run(wait)).result, "'done'");
  });

  it("show a promise that was rejected without waiting for it, and report the rejection", async () => {
    const cell = await session.run("new Promise(() => { throw new Error('rejected immediately') });");
    assert.match(String(cell.result), /^Promise \{\s*<rejected> Error: rejected immediately/);
    assert.equal(cell.errors[0]?.evalue, "rejected immediately");
  });
});

describe("A cell that calls itself a module by what is no module's name", () => {
  it("runs as in tslab, and says why it is no module", async () => {
    const session = new TestSession();
    try {
      const cell = await session.run("/** @module a/b */\nexport const x = 6;\nx * 7");
      assert.equal(cell.result, "42");
      assert.match(cell.text("stderr"), /^run, not kept as a module: .* '@module a\/b'\n$/);
    } finally {
      await session.close();
    }
  });
});

describe("Code as tslab asks whether it is complete", () => {
  let session: TestSession;
  before(() => (session = new TestSession()));
  after(() => session.close());

  const complete = ["let x = 10", "function f() {\n}", "class C {\n}", "<div></div>", "", "  \n  "];
  for (const code of complete)
    it(`${JSON.stringify(code)} is`, async () =>
      assert.deepEqual(await session.session.isComplete(code), { status: "complete" }));

  const incomplete: [code: string, indent: string][] = [
    ["function f() {", "  "],
    ["function f() {\n  f()", "  "],
    ["while (true) {\n\tlet x = 10;", "\t"],
    ["fn(x,\n   y", "   "],
    ["let x = y +", ""],
    ["  function f() {", "    "],
    ["function f() {\n  if (x) {\n    }", "  "],
    ["<div>", ""],
    // Where tslab gives up after two line ends (docs/differences.md).
    ["function f() {\n\n", "  "],
    ["function f() {\n  \n\t", "  "],
    ["`template", ""],
  ];
  it('"let x-+10" is no code, which tslab takes for complete', async () =>
    assert.deepEqual(await session.session.isComplete("let x-+10"), { status: "invalid" }));

  for (const [code, indent] of incomplete)
    it(`${JSON.stringify(code)} is not, and goes on indented by ${JSON.stringify(indent)}`, async () =>
      assert.deepEqual(await session.session.isComplete(code), { status: "incomplete", indent }));
});
