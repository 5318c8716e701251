// Commands of the system in cells: their output as it comes, their exit codes, their values, and how an interrupt ends them.
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { type Cell, TestSession } from "../session-harness.ts";

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false; // There is no such process.
  }
}

/** Resolves when the processes have ended: those of a dead shell are nobody's children, so nothing tells. */
async function gone(...pids: number[]): Promise<void> {
  while (pids.some(isAlive)) await delay(10);
}

describe("Session commands", () => {
  let session: TestSession;
  before(() => {
    session = new TestSession();
  });
  after(() => session.close());

  const run = async (code: string): Promise<Cell> => {
    const cell = await session.run(code);
    assert.equal(cell.traceback, "");
    return cell;
  };

  it("!command prints both streams, keeps its exit code, and does not fail the cell", async () => {
    const cell = await run("!echo out; echo error >&2; echo also > /dev/stderr; exit 3\n_exit_code");
    assert.equal(cell.text(), "out\n");
    assert.equal(cell.text("stderr"), "error\nalso\n");
    assert.equal(cell.result, "3");
    assert.equal((await run("!kill -TERM $$\n_exit_code")).result, "-15");
    assert.equal((await run("!exit 0\n_exit_code")).result, "0");
  });

  it("all of its output comes before what follows it", async () => {
    const cell = await run('!seq 1 20000\nconsole.log("after")');
    assert.equal(cell.text(), Array.from({ length: 20_000 }, (_, n) => `${n + 1}\n`).join("") + "after\n");
  });

  it("its output comes while it runs", async () => {
    await run("!mkfifo gate");
    const { cell, done } = session.start("!echo first; cat gate; echo third");
    await cell.until(() => cell.text() === "first\n");
    await writeFile(join(session.folder, "gate"), "second\n");
    await done;
    assert.equal(cell.text(), "first\nsecond\nthird\n");
  });

  it("takes values of TypeScript, and leaves the shell its own", async () => {
    const cell = await run(`
      const words = ["a", "b"], n = 2;
      for (const i of [1, 2]) {
        !echo \${i + 1} \${words} {n} \${HOME:+home} $((i)) '\${words.map((w) => w + "}")}' \\\${n}
      }
    `);
    assert.equal(cell.text(), "2 a b 2 home 0 a} b} ${n}\n3 a b 2 home 0 a} b} ${n}\n");
  });

  it("its lines are a value", async () => {
    const cell = await run("const lines: string[] = !printf 'a\\n\\nb c\\n'; echo seen >&2\nlines");
    assert.equal(cell.result, "[ 'a', '', 'b c' ]");
    assert.equal(cell.text(), "");
    assert.equal(cell.text("stderr"), "seen\n");
    assert.equal((await run("const none = !exit 0\nnone")).result, "[]");
    assert.equal((await run("let code;\ncode = !exit 4\n[code, _exit_code]")).result, "[ [], 4 ]");
  });

  it("does not wait for what it leaves in the background, whose output still comes to its cell", async () => {
    const cell = await run("!mkfifo wait.fifo; (read line < wait.fifo; echo late) & echo now");
    assert.equal(cell.text(), "now\n");
    await run("!echo go > wait.fifo");
    await cell.until(() => cell.text() === "now\nlate\n");
  });

  it("an interrupt ends it with its children, and the next cell runs", async () => {
    const { cell, done } = session.start(
      "!sleep 100 & echo $! $$; trap '' INT; sleep 100; sleep 100\nconsole.log('after')",
    );
    await cell.until(() => cell.text().includes("\n"));
    const pids = cell.text().trim().split(" ").map(Number);
    await session.session.interrupt();
    const { errors } = await done;
    assert.deepEqual(
      errors.map(({ ename }) => ename),
      ["KeyboardInterrupt"],
    );
    await gone(...pids);
    assert.equal((await run("!echo next")).text(), "next\n");
    assert.equal(cell.text().split("\n").length, 2);
  });

  it("%timeit is interrupted in a loop, and while it waits", async () => {
    for (const code of [
      "%timeit -n 1000000000000 -r 9 Math.sqrt(2)",
      "%timeit await new Promise((done) => setTimeout(done, 1000))",
    ]) {
      const { cell, done } = session.start(`console.log("begins");\n${code}`);
      await cell.until(() => cell.text() !== "");
      await session.session.interrupt();
      const { errors } = await done;
      assert.deepEqual(
        errors.map(({ ename }) => ename),
        ["KeyboardInterrupt"],
      );
      assert.equal(cell.text(), "begins\n");
    }
  });

  it("%%bash and %%sh run scripts, with arguments, and fail with them", async () => {
    const cell = await run("%%bash one two\nlist=(a b)\necho ${list[1]} $2 {n}\nread line || echo no input");
    assert.equal(cell.text(), "b two {n}\nno input\n");
    assert.equal((await run("%%sh\necho $0")).text(), "sh\n");
    const failed = await session.run("%%bash\necho before\nexit 3");
    assert.equal(failed.text(), "before\n");
    assert.equal(
      failed.traceback
        .split("\n")
        .slice(0, 2)
        .join("\n")
        .replace(/\[\d+\]/, "[n]"),
      "CommandError: %%bash: the script ended with exit code 3\nCell [n], line 1, column 1",
    );
    assert.equal((await run("_exit_code")).result, "3");
    assert.match((await session.run("%%sh\nkill -KILL $$")).traceback, /the script ended with signal SIGKILL/);
    const long = await run(`%%bash\n${"# a long script\n".repeat(20_000)}echo end`);
    assert.equal(long.text(), "end\n");
  });
});
