// Values whose own code throws when they are looked at: the cell shows what can be told of them, and nothing of the kernel fails.
import assert from "node:assert/strict";
import { TestSession } from "../session-harness.ts";

const PROXY = "new Proxy({}, { get() { throw 1; }, getPrototypeOf() { throw 2; }, ownKeys() { throw 3; } })";

describe("A value that throws when it is looked at", () => {
  let session: TestSession;
  before(async () => {
    session = new TestSession();
    await session.run(`const hostile = ${PROXY}, tagged = { get [Symbol.toStringTag]() { throw new Error("tag"); } };`);
  });
  after(() => session.close());

  it("is the result of a cell", async () => {
    const cell = await session.run("hostile");
    assert.equal(cell.traceback, "");
    assert.equal(cell.result, "{}");
  });

  it("is thrown by a cell, a timer and a promise, and the variables stay", async () => {
    const cell = await session.run("setTimeout(() => { throw hostile; }); Promise.reject(hostile); throw hostile;");
    await cell.until(({ errors }) => errors.length === 3);
    assert.deepEqual(
      cell.errors.map(({ ename }) => ename),
      ["Uncaught", "Uncaught", "Uncaught"],
    );
    assert.equal((await session.run("typeof hostile")).result, "'object'");
  });

  it("is listed by %who, and answered by NAME?", async () => {
    const who = await session.run("%who");
    assert.equal(who.traceback, "");
    const [table] = who.outputs.map((output) => (output.type === "display_data" ? output.data["text/plain"] : ""));
    assert.match(String(table), /^hostile +const +object.*\ntagged +const +object +a value that cannot be shown$/m);
    assert.match(
      String((await session.run("tagged?")).page),
      /^const tagged: \{[^]*\nValue: a value that cannot be shown$/,
    );
  });
});

describe("An error", () => {
  let session: TestSession;
  before(() => {
    session = new TestSession();
  });
  after(() => session.close());

  it("whose message or cause throws when it is read keeps its place", async () => {
    const throws = "{ get() { throw new Error('read'); } }";
    for (const name of ["message", "cause"]) {
      const cell = await session.run(`throw Object.defineProperty(new TypeError("x"), "${name}", ${throws})`);
      assert.match(cell.traceback, /^(Error|TypeError: x)\nCell \[\d+\], line 1, column 29\n/);
    }
  });

  it("that is its own cause is told once", async () => {
    const cell = await session.run('const a = new Error("a"), b = new Error("b", { cause: a }); a.cause = b; throw a;');
    assert.equal(cell.traceback.match(/^(caused by: )?Error: [ab]$/gm)?.length, 2);
    assert.match(cell.traceback, /\ncaused by: the error above: Error: a$/);
  });

  it("shows what else it carries, as Node does, and its cause and its parts too, without calling a getter", async () => {
    const cell = await session.run(
      `const inner = Object.assign(new Error("inner"), { code: "E1", detail: { a: 1 } });
       Object.defineProperty(inner, "read", { enumerable: true, get() { console.log("called"); } });
       const part = Object.assign(new Error("part"), { [Symbol.for("s")]: 2, name: "Named" });
       throw Object.assign(new AggregateError([part], "outer", { cause: inner }), { path: "/x" });`,
    );
    const carried = cell.traceback.split("\n").filter((line) => line.startsWith("{"));
    assert.deepEqual(carried, [
      "{ path: '/x' }",
      "{ [Symbol(s)]: 2 }",
      "{ code: 'E1', detail: { a: 1 }, read: [Getter] }",
    ]);
    assert.equal(cell.text(), "");
    const plain = await session.run('throw Object.assign(new Error("x", { cause: 1 }), { message: "y", stack: "z" })');
    assert.doesNotMatch(plain.traceback, /^\{/m);
  });

  it("that carries very much shows a part of it, or nothing of what cannot be shown", async () => {
    const cell = await session.run(
      `throw Object.assign(new Error("big"), { list: Array.from({ length: 1e5 }, (_, i) => "entry " + i) });`,
    );
    assert.ok(cell.traceback.includes("list:") && cell.traceback.length < 6000);
    const throws = await session.run(
      `throw Object.assign(new Error("x"), { a: { get [Symbol.toStringTag]() { throw 1; } } });`,
    );
    assert.match(throws.traceback, /^Error: x\nCell/);
    const proxied = await session.run(`throw new Proxy(new Error("p"), { ownKeys() { throw 1; } });`);
    assert.match(proxied.traceback, /^Error: p/);
  });

  it("has its place in the cell when Error.prepareStackTrace was taken away, or is another's", async () => {
    await session.run("Error.prepareStackTrace = undefined");
    const without = await session.run('throw new Error("x")');
    assert.match(without.traceback, /^Error: x\nCell \[\d+\], line 1, column 7\n/);
    const another = '(error, sites) => [error, ...sites.map((site) => `    at ${site}`)].join("\\n")';
    await session.run(`Error.prepareStackTrace = ${another}`);
    const other = await session.run('const f = () => { throw new Error("y"); };\nf();');
    assert.match(other.traceback, /^Error: y\nCell \[\d+\], line 1, column 25\n/);
    assert.match(
      other.traceback,
      /\n {4}at f \(Cell \[\d+\], line 1, column 25\)\n {4}at Cell \[\d+\], line 2, column 1$/,
    );
    assert.equal(
      (await session.run("Error.prepareStackTrace = undefined; new Error('z').stack.split('\\n').length")).result,
      "2",
    );
  });

  it("far along a line shows that part of the line, with the caret below its place", async () => {
    const cell = await session.run(`const long = "${"x".repeat(500)}"; missing; const more = "${"y".repeat(500)}";`);
    const [, , line = "", caret = ""] = cell.traceback.split("\n");
    assert.equal(line.slice(caret.indexOf("^"), caret.indexOf("^") + 7), "missing");
    assert.ok(line.length < 250);
  });

  it("stands below its place behind wide characters, and is as wide as the one it marks", async () => {
    const cell = await session.run("const 日本 = '👍🏽é'; missing;");
    assert.deepEqual(cell.traceback.split("\n").slice(2), [
      "> 1 | const 日本 = '👍🏽é'; missing;",
      `    | ${" ".repeat(20)}^`,
    ]);
    const unread = await session.run("const s = '日本';\n日 本");
    assert.deepEqual(unread.traceback.split("\n").slice(2), ["  1 | const s = '日本';", "> 2 | 日 本", "    | ^^"]);
  });
});
