// The language of cells, where the runtime has a say in it.
import assert from "node:assert/strict";
import { usesExports } from "../../kernel/runtime/exports.ts";
import { TestSession } from "../session-harness.ts";

describe("The language in a session", () => {
  let session: TestSession;
  beforeEach(() => {
    session = new TestSession();
  });
  afterEach(() => session.close());

  it("shows braces that are the whole cell as an object, and errors in it where they are", async () => {
    assert.equal((await session.run("{a: 1, b: 'x'}")).result, "{ a: 1, b: 'x' }");
    const { traceback } = await session.run("{\r\n\ta: '😀',\r\n\tb: nowhere\r\n}");
    assert.match(traceback, /^ReferenceError: nowhere is not defined\nCell \[2\], line 3, column 5\n/);
  });

  it("keeps silent cells and expressions apart from the numbered cells", async () => {
    await session.run("function fail() {\n  throw new Error('here')\n}");
    const silent = await session.run("\n\nfunction hidden() { return fail() }", { silent: true, executionCount: 2 });
    assert.equal(silent.reply?.status, "ok");
    const second = await session.run("hidden()", { executionCount: 2, userExpressions: { u: "\n\n1 + fail" } });
    assert.match(second.traceback, /Cell \[1\], line 2, column 9\n[^]*> 2 \| {3}throw new Error/);
    assert.match(
      second.traceback,
      /at hidden \(hidden code, line 3, column 28\)\n {4}at Cell \[2\], line 1, column 1$/,
    );
    const options = { userExpressions: { bad: "\nfail(" } };
    const { reply } = await session.run("function later() {\n\n  fail()\n}", { ...options, executionCount: 3 });
    assert.ok(reply?.status === "ok" && reply.userExpressions["bad"]?.status === "error");
    assert.match(reply.userExpressions["bad"].traceback.join("\n"), /hidden code, line 2, column 6/);
    const { traceback } = await session.run("later()", { executionCount: 4 });
    assert.match(traceback, /at later \(Cell \[3\], line 3, column 3\)/);
  });

  it("says what JSX needs", async () => {
    const { traceback } = await session.run("const element =\n  <b>bold</b>;");
    assert.match(
      traceback,
      /^ReferenceError: React is not defined: JSX needs it \(import React from "react"\).*\nCell \[1\], line 2/,
    );
  });

  it("shows no result of a class, whichever of its parts is decorated, and by whichever dialect", async () => {
    await session.run(
      "function mark(target: any, key?: any, index?: any) {} function logged(value: any, context: DecoratorContext) {}",
    );
    for (const source of [
      "@mark class A { x = 1 }",
      "class A { @mark m() {} }",
      "class A { m(@mark a: number) {} }",
      "class A { @mark static s = 1; @mark m() {} }",
      "class A { @logged m() {} }",
      "@logged class A {}",
    ]) {
      const cell = await session.run(source);
      assert.deepEqual([cell.result, cell.errors], [undefined, []], source);
    }
    assert.equal((await session.run("class B { @mark m() {} }\nnew B().m")).result, "[Function: m]");
  });

  it("knows which cells may look at variables through exports", () => {
    for (const source of [
      "exports.n += 1",
      "const e = exports",
      "module.exports.n",
      "require.main.exports",
      "f(exports)",
    ])
      assert.equal(usesExports(source), true, source);
    for (const source of [
      "// exports",
      "'exports'",
      "pkg.exports",
      "{ exports: 1 }",
      "const myexports = 1",
      "a?.exports",
    ])
      assert.equal(usesExports(source), false, source);
  });

  it("sees in every loop what is done through exports", async () => {
    await session.run("let n = 0; const step = () => { exports.n += 1 }");
    assert.equal((await session.run("for (let i = 0; i < 3; i++) { step(); n += 10 } n")).result, "33");
  });
});
