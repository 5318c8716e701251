// Cells that break what the kernel itself stands on, by accident or on purpose. Some lose their variables for it; none wedges the
// session: after an interrupt or two a cell runs again.
import assert from "node:assert/strict";
import { TestSession } from "../session-harness.ts";

const cells = [
  'require("fs").writeSync(4, "rubbish");',
  'require("fs").writeSync(4, Buffer.alloc(100, 255));',
  'require("fs").closeSync(3);',
  'require("fs").closeSync(4);',
  'require("fs").closeSync(5);',
  'require("fs").closeSync(1); require("fs").closeSync(2);',
  "JSON.parse = () => { throw 1; };",
  "(Object.prototype as any).toJSON = () => 5;",
  'process.kill(process.pid, "SIGSTOP");',
  "process.removeAllListeners();",
  "process.stdout.destroy(); process.stderr.end();",
  'process.on("exit", () => { while (true); }); process.exit();',
  "(globalThis as any).process = undefined; (globalThis as any).Buffer = undefined;",
  "Array.prototype.push = () => { throw 1; };",
  "Object.freeze(Object.prototype); Object.freeze(Array.prototype);",
  "Error.prepareStackTrace = () => { throw 1; }; throw new Error();",
  "throw new Proxy({}, { get() { throw 1; }, getPrototypeOf() { throw 2; } });",
  "new Proxy({}, { get() { throw 1; }, ownKeys() { throw 2; } })",
  "throw { get message() { throw 1; }, toString() { throw 2; } };",
  "const recursive = () => recursive(); recursive();",
  "queueMicrotask(function again() { queueMicrotask(again); });",
  "process.nextTick(function again() { process.nextTick(again); });",
  "setInterval(() => { while (true); }, 1);",
];

/** What every later cell stands on; only a new runtime helps, and the session still answers. */
const lasting = ['JSON.stringify = () => "no";', "Promise.prototype.then = () => { throw 1; };"];

describe("A session whose cell", () => {
  let unended = (): string[] => [];
  afterEach(function () {
    const { currentTest } = this;
    // In the stack, which is what reporters print.
    if (currentTest?.state === "failed" && currentTest.err)
      currentTest.err.stack = `not ended: ${unended().join(", ") || "nothing"}\n${currentTest.err.stack}`;
    unended = () => [];
  });

  for (const code of lasting) {
    it(`runs ${code} still answers`, async () => {
      const session = new TestSession();
      try {
        await session.run(code);
        assert.ok((await session.run("6 * 7")).reply !== undefined);
      } finally {
        await session.close();
      }
    });
  }

  for (const code of cells) {
    it(`runs ${code} works again after an interrupt`, async () => {
      const session = new TestSession();
      /** What has not ended: said when the test is out of time. */
      const pending = new Set<string>();
      const step = async <T>(name: string, promise: Promise<T>): Promise<T> => {
        pending.add(name);
        const value = await promise;
        pending.delete(name);
        return value;
      };
      unended = () => [...pending, ...session.log];
      try {
        await step("the first cell", session.run("1"));
        const hostile = step("the hostile cell", session.start(code).done);
        for (let round = 1; round <= 3; round++) {
          const next = step(`the cell beside interrupt ${round}`, session.start("6 * 7").done);
          await step(`interrupt ${round}`, session.session.interrupt());
          await Promise.all([hostile, next]);
        }
        const cell = await step("the last cell", session.run("6 * 7"));
        assert.equal(cell.traceback, "");
        assert.equal(cell.result, "42");
      } finally {
        await session.close();
      }
    });
  }
});
