// Cells whose checker does not answer: they run all the same, at once where nobody wanted them checked.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { TestSession } from "../session-harness.ts";

/** The process numbers of the language servers that this process has started. */
function servers(): number[] {
  const table = execFileSync("ps", ["-A", "-o", "pid=,ppid=,args="], { encoding: "utf8" });
  return table
    .split("\n")
    .map((line) => /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line))
    .flatMap((row) => (row?.[2] === String(process.pid) && row[3]?.includes("--lsp") ? [Number(row[1])] : []));
}

describe("A session whose checker hangs", function () {
  this.timeout(20_000);
  let session: TestSession;
  let others: number[];
  beforeEach(() => {
    others = servers();
  });
  afterEach(() => session.close());

  const stop = (): void => {
    const own = servers().filter((pid) => !others.includes(pid));
    assert.equal(own.length, 1);
    process.kill(own[0] ?? 0, "SIGSTOP");
  };

  before(function () {
    if (process.platform === "win32") this.skip();
  });

  it("runs cells, says once that types were not checked, and checks on when it can", async () => {
    session = new TestSession({ typecheck: "error" });
    await session.run("let n: number = 1");
    stop();
    const unchecked = await session.run("n = 'text'; n");
    assert.equal(unchecked.result, "'text'");
    assert.equal(unchecked.text("stderr"), "types were not checked: the language server did not answer in time\n");
    assert.match((await session.run("n = 'text'")).traceback, /^TypeScriptError: TS2322/);
  });

  for (const how of ["%typecheck off", "install"] as const)
    it(`does not wait for it in cells that nobody wants checked (${how})`, async () => {
      session = new TestSession({ typecheck: how === "install" ? "off" : "error" });
      await session.run("let n: number = 1; const twice = () => n * 2");
      // A question is answered by types also then; so there is a checker.
      assert.deepEqual((await session.session.complete("n.toFi", 6)).matches.slice(0, 1), ["toFixed"]);
      stop();
      const order: string[] = [];
      const question = session.session.complete("n.toFi", 6).then(() => order.push("question"));
      if (how !== "install") order.push((await session.run("%typecheck off")).text("stderr"));
      const cells = ["n = 'text' as any; n", "let n: string = 'other'; n", "twice()", "nowhere"];
      for (const cell of cells) {
        const { result, errors, text } = await session
          .run(cell)
          .then((ran) => Object.assign(ran, { text: ran.text() }));
        order.push(`${String(result ?? errors[0]?.ename)}${text}`);
      }
      await question;
      assert.deepEqual(
        order.filter((entry) => entry !== ""),
        ["'text'", "'other'", "NaN", "ReferenceError", "question"],
      );
    });
});
