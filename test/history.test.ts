import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readFile, readdir, rm, stat, symlink, writeFile } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { type Entry, History, type HistoryOptions, historyFile, matchesGlob } from "../kernel/history.ts";

const sources = (entries: Entry[]) => entries.map(({ source }) => source);

describe("History", () => {
  let folder: string;
  let file: string;
  const log: string[] = [];
  const open = (options: HistoryOptions = {}) =>
    new History(file, { onLog: (line) => void log.push(line), ...options });

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "history-"));
    file = join(folder, "deep", "history.jsonl");
    log.length = 0;
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  /** A history that an earlier kernel has left behind. */
  async function earlier(cells: [string, string?][]): Promise<number> {
    const history = open();
    cells.forEach(([source, output], index) => {
      const remember = history.add(index + 1, source);
      if (output !== undefined) remember(output);
    });
    await history.flush();
    // Sessions are told apart by their time.
    for (const now = Date.now(); Date.now() === now;);
    return history.session;
  }

  it("tail gives the last cells of this session and of those before", async () => {
    await earlier([["one"], ["two"]]);
    const history = open();
    history.add(1, "three");
    assert.deepEqual(sources(await history.tail(2)), ["two", "three"]);
    assert.deepEqual(sources(await history.tail(1)), ["three"]);
    assert.deepEqual(sources(await history.tail(0)), []);
    assert.deepEqual(sources(await history.tail(100)), ["one", "two", "three"]);
  });

  it("keeps outputs, also those that come after the cell was written", async () => {
    const session = await earlier([["1 + 1", "2"]]);
    const first = open();
    const remember = first.add(1, "await slow()");
    await first.flush();
    remember("done");
    await first.flush();
    const entries = await open().tail(2);
    assert.deepEqual(
      entries.map(({ output }) => output),
      ["2", "done"],
    );
    assert.equal(entries[0]?.session, session);
  });

  it("range gives lines of a session by its number, 0 for this one, negative for those before", async () => {
    const oldest = await earlier([["a"], ["b"], ["c"]]);
    await earlier([["d"]]);
    const history = open();
    history.add(1, "e");
    assert.deepEqual(sources(await history.range(oldest, 2, 4)), ["b", "c"]);
    assert.deepEqual(sources(await history.range(0, 1)), ["e"]);
    assert.deepEqual(sources(await history.range(-1, 1)), ["d"]);
    assert.deepEqual(sources(await history.range(-2, 3)), ["c"]);
    assert.deepEqual(sources(await history.range(-3, 1)), []);
  });

  it("search matches whole cells with a glob, unique, the last n", async () => {
    await earlier([["let a"], ["let b"], ["a let"], ["let a"]]);
    const history = open();
    assert.deepEqual(sources(await history.search("let *")), ["let a", "let b", "let a"]);
    assert.deepEqual(sources(await history.search("let *", undefined, true)), ["let b", "let a"]);
    assert.deepEqual(sources(await history.search("*", 2)), ["a let", "let a"]);
    assert.deepEqual(sources(await history.search("*", 0)), []);
  });

  it("keeps cells that begin with a space, hold newlines, or are empty", async () => {
    const cells = [" secret", "a\nb\r\n", "", "\u2028", "😀"];
    await earlier(cells.map((cell) => [cell]));
    assert.deepEqual(sources(await open().tail(10)), cells);
  });

  it("without a file remembers this session", async () => {
    const history = new History(null);
    history.add(1, "a");
    await history.flush();
    assert.deepEqual(sources(await history.tail(5)), ["a"]);
    assert.deepEqual(sources(await history.search("a")), ["a"]);
  });

  it("is written in one go after the cells, not with each", async () => {
    const history = open();
    for (let line = 1; line <= 100; line++) history.add(line, `${line}`);
    await assert.rejects(stat(file), /ENOENT/);
    await history.flush();
    assert.equal((await readFile(file, "utf8")).trim().split("\n").length, 100);
  });

  it("skips what is no line of history", async () => {
    await earlier([["good"]]);
    const torn = ['{"session":1,"line":2,"sour', "null", "[1]", '{"session":"x","line":1,"source":"x"}', "\0\0\ufffd"];
    await writeFile(file, torn.join("\n"), { flag: "a" });
    await earlier([["better"]]);
    assert.deepEqual(sources(await open().tail(10)), ["good", "better"]);
  });

  it("a file that cannot be written costs one line in the log and nothing else", async () => {
    await mkdir(file, { recursive: true }); // a folder in its place
    const history = open();
    for (const line of [1, 2]) {
      history.add(line, `cell ${line}`);
      await history.flush();
    }
    assert.deepEqual(sources(await history.tail(5)), ["cell 1", "cell 2"]);
    assert.equal(log.length, 1);
    assert.match(String(log[0]), /^history is not kept: EISDIR/);
  });

  it("a link to nowhere is no history", async () => {
    await mkdir(join(folder, "deep"));
    await symlink(join(folder, "nowhere", "history.jsonl"), file);
    const history = open();
    history.add(1, "a");
    assert.deepEqual(sources(await history.search("*")), ["a"]);
    assert.equal(log.length, 1);
  });

  it("stays within its bounds, and what goes first is the oldest", async () => {
    const history = open({ maxSegment: 2000, maxTotal: 10_000 });
    for (let line = 1; line <= 300; line++) {
      history.add(line, `cell ${line} ${"x".repeat(200)}`);
      await history.flush();
    }
    let size = 0;
    for (const name of await readdir(join(folder, "deep"))) size += (await stat(join(folder, "deep", name))).size;
    assert.ok(size < 10_000 + 2 * 2300, `${size} bytes`);
    const lines = (await open().tail(1000)).map(({ line }) => line);
    assert.ok(lines.length > 30 && lines.length < 60, `${lines.length} lines`);
    assert.deepEqual(
      lines,
      lines.map((_, index) => 301 - lines.length + index),
    );
  });

  it("loses nothing when several processes append and rename at once", async function () {
    this.timeout(60_000);
    const writer = `
      import { History } from ${JSON.stringify(new URL("../kernel/history.js", import.meta.url).href)};
      const history = new History(${JSON.stringify(file)}, { maxSegment: 3000, maxTotal: 1e9, onLog: console.error });
      process.stdout.write("ready");
      process.stdin.once("data", async () => {
        for (let line = 1; line <= 200; line++) {
          history.add(line, \`\${process.pid} \${line} \${"x".repeat(line % 50)}\`)(String(line));
          await history.flush();
        }
        process.exit();
      });`;
    const writers: ChildProcess[] = [];
    try {
      for (let index = 0; index < 4; index++) {
        const child = spawn(process.execPath, ["--input-type=module", "-e", writer], {
          stdio: ["pipe", "pipe", "inherit"],
        });
        writers.push(child);
        if (child.stdout) await once(child.stdout, "data");
      }
      const ended = writers.map((child) => once(child, "exit"));
      for (const child of writers) child.stdin?.write("go");
      for (const [code] of await Promise.all(ended)) assert.equal(code, 0);
    } finally {
      for (const child of writers) child.kill();
    }
    const entries = await open().search("*");
    const segments = (await readdir(join(folder, "deep"))).length;
    assert.ok(segments > 4, `${segments} files`);
    for (const { pid } of writers) {
      const mine = entries.filter(({ source }) => source.startsWith(`${pid} `));
      assert.deepEqual(
        mine.map(({ line }) => line),
        Array.from({ length: 200 }, (_, index) => index + 1),
      );
      assert.ok(mine.every(({ line, output }) => output === String(line)));
    }
  });
});

describe("historyFile", () => {
  it("is in the folder of the platform for a user's data", () => {
    assert.equal(historyFile({ XDG_DATA_HOME: "/data" }, "linux"), join("/data", "adjoint", "history.jsonl"));
    assert.equal(historyFile({}, "linux"), join(homedir(), ".local", "share", "adjoint", "history.jsonl"));
    const mac = join(homedir(), "Library", "Application Support", "adjoint", "history.jsonl");
    assert.equal(historyFile({ XDG_DATA_HOME: "/data" }, "darwin"), mac);
    assert.equal(historyFile({ LOCALAPPDATA: "local" }, "win32"), join("local", "adjoint", "history.jsonl"));
  });

  it("is what ADJOINT_HISTORY says, or none", () => {
    assert.equal(historyFile({ ADJOINT_HISTORY: "/x/y.jsonl" }), "/x/y.jsonl");
    assert.equal(historyFile({ ADJOINT_HISTORY: "off" }), null);
  });
});

describe("matchesGlob", () => {
  const cases: [string, string, boolean][] = [
    ["let a", "let a", true],
    ["let a", "let", false],
    ["", "", true],
    ["", "*", true],
    ["a\nb", "a*b", true],
    ["😀", "?", true],
    ["abc", "?b?", true],
    ["b", "[abc]", true],
    ["b", "[a-c]", true],
    ["d", "[a-c]", false],
    ["d", "[^a-c]", true],
    ["6 * 7", "6 [*] 7", true],
    ["]", "[]]", true],
    ["[", "[", true],
    ["a.b", "a.b", true],
    ["axb", "a.b", false],
  ];
  for (const [text, pattern, expected] of cases)
    it(`${JSON.stringify(text)} ${expected ? "matches" : "does not match"} ${JSON.stringify(pattern)}`, () =>
      assert.equal(matchesGlob(text, pattern), expected));

  it("agrees with a regular expression on stars and question marks", () => {
    const part = fc.constantFrom("a", "b", "*", "?");
    fc.assert(
      fc.property(fc.array(fc.constantFrom("a", "b")), fc.array(part, { maxLength: 6 }), (text, pattern) => {
        const source = pattern.map((token) => (token === "*" ? ".*" : token === "?" ? "." : token)).join("");
        assert.equal(matchesGlob(text.join(""), pattern.join("")), new RegExp(`^${source}$`).test(text.join("")));
      }),
      { seed: 3, numRuns: 1000 },
    );
  });

  it("ends on a pattern that makes a backtracking matcher run for ever", () => {
    assert.equal(matchesGlob("a".repeat(10_000), `${"*a".repeat(100)}*b`), false);
  });
});
