// A prelude: a module whose exports are in scope of every cell, below the cells' own names, and told of interrupts.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { TestSession } from "../session-harness.ts";

describe("A session with a prelude", () => {
  const folder = mkdtempSync(join(tmpdir(), "adjoint-prelude-"));
  const prelude = join(folder, "prelude.mjs");
  let session: TestSession;

  before(() => {
    writeFileSync(
      prelude,
      `export const answer = 42;
       export let counter = 0;
       export function count() { return ++counter; }
       export const engine = { interrupts: 0, [Symbol.for("adjoint.interrupted")]() { this.interrupts++; } };`,
    );
    session = new TestSession({ prelude });
  });
  after(async () => {
    await session.close();
    rmSync(folder, { recursive: true });
  });

  it("has its exports in scope, live", async () => {
    assert.equal((await session.run("[answer, count(), counter]")).result, "[ 42, 1, 1 ]");
  });

  it("is told of an interrupt, since finally blocks do not run", async () => {
    const { cell, done } = session.start('console.log("started"); while (true);');
    await cell.until(() => cell.text() === "started\n");
    await session.session.interrupt();
    await done;
    assert.equal((await session.run("engine.interrupts")).result, "1");
  });

  it("gives way to a cell's own names, and comes back with a new runtime", async () => {
    assert.equal((await session.run("const answer = 'mine';\nanswer")).result, "'mine'");
    await session.run("process.exit(0)");
    assert.equal((await session.run("answer")).result, "42");
  });

  it("comes after the user's names in completion", async () => {
    await session.run("const answers = 1;");
    assert.deepEqual((await session.session.complete("answ", 4)).matches, ["answers", "answer"]);
  });

  it("that cannot be loaded says so in the first cell, and leaves the session usable", async () => {
    const broken = new TestSession({ prelude: join(folder, "missing.mjs") });
    try {
      const cell = await broken.run("1 + 1");
      assert.equal(cell.result, "2");
      assert.match([...cell.errors.map(({ evalue }) => evalue), ...broken.log].join("\n"), /missing\.mjs/);
    } finally {
      await broken.close();
    }
  });

  it("may be TypeScript, with its types, and is told of interrupts as well", async () => {
    writeFileSync(join(folder, "base.ts"), "export const base: number = 1;");
    const path = join(folder, "typed.ts");
    writeFileSync(
      path,
      `import { base } from "./base.ts";
       export interface Preset { rate: number }
       export const preset: Preset = { rate: base / 2 };
       export enum Mode { Fast = 3 }
       export const told = { times: 0, [Symbol.for("adjoint.interrupted")]() { this.times++; } };`,
    );
    const typed = new TestSession({ prelude: path, typecheck: "error" });
    try {
      assert.equal((await typed.run("const p: Preset = preset; p.rate + Mode.Fast")).result, "3.5");
      assert.match((await typed.run("preset.rat")).traceback, /^TypeScriptError: TS2551: .*Did you mean 'rate'\?/);
      const { cell, done } = typed.start('console.log("started"); while (true);');
      await cell.until(() => cell.text() === "started\n");
      await typed.session.interrupt();
      await done;
      assert.equal((await typed.run("told.times")).result, "1");
      writeFileSync(path, "export const broken: number = ;");
      await typed.run("process.exit(1)");
      assert.match((await typed.run("1 + 1")).result as string, /^2$/);
    } finally {
      await typed.close();
    }
  });

  it("whose hook does not end when a cell is interrupted is ended by the next interrupt, and told of later ones", async () => {
    const path = join(folder, "hangs.mjs");
    writeFileSync(
      path,
      `import { writeSync } from "node:fs";
       export const state = { hang: true, calls: 0 };
       export const hook = {
         [Symbol.for("adjoint.interrupted")]() { state.calls++; writeSync(1, "hook"); while (state.hang); } };`,
    );
    const hanging = new TestSession({ prelude: path });
    try {
      const { cell, done } = hanging.start('const kept = 42; console.log("started"); while (true);');
      await cell.until(() => cell.text() === "started\n");
      const first = hanging.session.interrupt();
      await cell.until(() => cell.text().endsWith("hook"));
      await Promise.all([first, hanging.session.interrupt(), done]);
      await cell.until(({ errors }) => errors.length === 2);
      assert.match(cell.traceback, /^KeyboardInterrupt: [^]*\nError: the prelude's interrupt hook did not end/m);
      assert.equal((await hanging.run("state.hang = false; kept")).result, "42");
      const calls = Number((await hanging.run("state.calls")).result);
      await hanging.session.interrupt();
      assert.equal((await hanging.run("state.calls")).result, String(calls + 1));
    } finally {
      await hanging.close();
    }
  });

  it("whose hook throws when a cell is interrupted says so, and the session goes on", async () => {
    const path = join(folder, "throws.mjs");
    writeFileSync(
      path,
      `export const hook = { [Symbol.for("adjoint.interrupted")]() { throw new Error("no reset"); } };`,
    );
    const throwing = new TestSession({ prelude: path });
    try {
      const { cell, done } = throwing.start('console.log("started"); while (true);');
      await cell.until(() => cell.text() === "started\n");
      await throwing.session.interrupt();
      await done;
      await cell.until(({ errors }) => errors.length === 2);
      assert.match(cell.traceback, /^KeyboardInterrupt: [^]*\nError: no reset$/m);
      assert.equal((await throwing.run("6 * 7")).result, "42");
      const again = throwing.start('console.log("again"); while (true);');
      await again.cell.until(() => again.cell.text() === "again\n");
      await throwing.session.interrupt();
      assert.equal((await again.done).reply?.status, "error");
    } finally {
      await throwing.close();
    }
  });
});
