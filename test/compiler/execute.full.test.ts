// Which cells run again, and what becomes of what the others have shown: with the real session, in builds that end and in builds that go on.
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { CodeCell } from "../../kernel/notebook.ts";
import { RunProgress } from "../../kernel/run-progress.ts";
import { createSession } from "../../kernel/session.ts";
import { OutputCache } from "../../notebooks/compiler/cache.ts";
import { codeCells } from "../../notebooks/compiler/cells.ts";
import { execute, type Executed } from "../../notebooks/compiler/execute.ts";
import { Kernels } from "../../notebooks/compiler/kernels.ts";
import { compiled, vaultOf } from "./lessons.ts";

interface Built extends Executed {
  cells: CodeCell[];
  /** What each cell printed. */
  texts: string[];
  said: string;
}

describe("cells that were run before", function () {
  this.timeout(60_000);
  let vault: ReturnType<typeof vaultOf>;
  let kernels: Kernels;
  let opened: number;
  beforeEach(() => {
    vault = vaultOf({});
    opened = 0;
  });
  afterEach(async () => {
    await kernels.close();
    vault.remove();
  });

  const start = (watches: boolean): void => {
    kernels = new Kernels(
      (options) => {
        opened++;
        return createSession({ ...options, typecheck: "off" });
      },
      { watches },
    );
  };

  const parked = async (): Promise<void> => {
    await kernels.rest();
    await kernels.parked();
  };

  async function build(...sources: string[]): Promise<Built> {
    const { notebook } = compiled(sources.map((source) => `\`\`\`ts\n${source}\n\`\`\`\n`).join("\n"));
    let said = "";
    const say = (text: string): boolean => ((said += text), true);
    const never = new AbortController().signal;
    const executed = await execute(notebook, {
      file: join(vault.folder, "note.md"),
      kernels,
      cache: new OutputCache(join(vault.folder, ".cache")),
      timeout: 30,
      next: undefined,
      progress: new RunProgress({ write: say }),
      report: ({ text }) => void say(`${text}\n`),
      interrupt: never,
      giveUp: never,
      onRunning: () => {},
    });
    const cells = codeCells(notebook);
    const texts = cells.map(({ outputs }) => outputs.map((one) => ("text" in one ? one.text : "")).join(""));
    return { ...executed, cells, texts, said };
  }

  it("keep what they showed, to the byte, when a later one has changed: a fresh kernel runs all of them", async () => {
    start(false);
    const random = "let a = Math.random();\nconsole.log(a);";
    const first = await build(random, "console.log(a < 2);");
    assert.deepEqual([first.ran, first.cached], [2, 0]);
    const second = await build(random, "console.log(a > 2);");
    assert.deepEqual([second.ran, second.cached], [2, 0]);
    assert.deepEqual(second.texts, [first.texts[0], "false\n"]);
    assert.match(
      second.said,
      /note\.md:2: this cell shows something else each time it runs; what it showed before is kept/,
    );
    const third = await build(random, "console.log(a > 2);");
    assert.deepEqual([third.ran, third.cached, opened], [0, 2, 2]);
    assert.deepEqual(third.texts, second.texts);
  });

  it("do not keep what a later one changed or a timer brought: that is of the whole note", async () => {
    start(false);
    const shows = 'const one = display.html("first");\nvoid one;';
    const html = ({ cells }: Built): unknown[] =>
      (cells[0]?.outputs ?? []).map((output) => "data" in output && output.data["text/html"]);
    const change = (text: string): string => `one.update("${text}");`;
    const plain = await build(shows, "1;");
    assert.deepEqual(html(plain), ["first"], JSON.stringify(plain.cells));
    assert.deepEqual(html(await build(shows, change("second"))), ["second"]);
    assert.deepEqual(html(await build(shows, "1;")), ["first"]);
    const again = await build(shows, change("second"));
    assert.deepEqual([html(again), again.ran], [["second"], 0]);
  });

  it("are kept where a later one failed", async () => {
    start(false);
    assert.equal((await build("console.log(1);", "throw 1;")).failed, true);
    assert.ok(
      readdirSync(join(vault.folder, ".cache"), { recursive: true }).some((name) => String(name).endsWith(".json")),
    );
    const { failed, texts } = await build("console.log(1);", "console.log(2);");
    assert.deepEqual([failed, texts], [false, ["1\n", "2\n"]]);
  });

  it("have been run by the kernel that runs the rest, while notes are watched, and by no other cell", async () => {
    start(true);
    const counts = "let n = 1;\nconsole.log(n);";
    const first = await build(counts, "n += 1;", "console.log(n);");
    assert.deepEqual([first.ran, first.texts.at(-1)], [3, "2\n"]);
    await parked();
    // What is added goes on where the note ended.
    const added = await build(counts, "n += 1;", "console.log(n);", "console.log(n * 10);");
    assert.deepEqual([added.ran, added.cached, added.texts], [1, 3, ["1\n", "", "2\n", "20\n"]]);
    await parked();
    // No kernel has run the first cell alone: all run in a fresh one.
    const changed = await build(counts, "n += 5;", "console.log(n);");
    assert.deepEqual([changed.ran, changed.cached, changed.texts], [3, 0, ["1\n", "", "6\n"]]);
    await parked();
    // Now one waits before the cell that was changed, where n is still 1.
    const again = await build(counts, "n += 7;", "console.log(n);");
    assert.deepEqual([again.ran, again.cached, again.texts], [2, 1, ["1\n", "", "8\n"]]);
  });

  it("free what they have occupied before others run", async () => {
    start(true);
    const listening = (port: number): string =>
      `import { createServer } from "node:net";
const server = createServer();
await new Promise((done, fail) => server.on("error", fail).listen(${port}, "127.0.0.1", () => done(0)));
console.log(server.address().port);`;
    const fixed = listening(Number((await build(listening(0))).texts[0]));
    assert.equal((await build(fixed, "1;")).failed, false);
    await parked();
    for (const last of ["2;", "3;"]) {
      const { failed, said } = await build(fixed, last);
      assert.equal(failed, false, said);
      await parked();
    }
  });
});
