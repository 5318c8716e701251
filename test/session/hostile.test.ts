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
      try {
        await session.run("1");
        const hostile = session.start(code);
        for (let round = 0; round < 3; round++) {
          const next = session.start("6 * 7");
          await session.session.interrupt();
          await Promise.all([hostile.done, next.done]);
        }
        const cell = await session.run("6 * 7");
        assert.equal(cell.traceback, "");
        assert.equal(cell.result, "42");
      } finally {
        await session.close();
      }
    });
  }
});
