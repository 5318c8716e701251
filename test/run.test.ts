// `adjoint run`: first its rules with a session that answers from a table (outputs, errors, timeouts, interrupts), then the
// command itself, as a process, with the real session.
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { watch } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type CodeCell, type Notebook, parseNotebook, type SavedOutput } from "../kernel/notebook.ts";
import { type CellFailure, runNotebook, type NotebookRun } from "../kernel/run.ts";
import { formatFailure, formatSeconds, RunProgress } from "../kernel/run-progress.ts";
import type { ErrorReply, ExecuteReply, Output, Session, SessionOptions } from "../kernel/session.ts";

type Script = Record<string, (cell: FakeCell) => Promise<void> | void>;

/** What a scripted cell can do. */
interface FakeCell {
  emit: (...outputs: Output[]) => void;
  /** Outputs of this cell, also after it has ended: what a timer would do. */
  later: () => (...outputs: Output[]) => void;
  /** Settles when the session is interrupted. */
  interrupted: Promise<void>;
  folder: string | undefined;
  allowStdin: boolean | undefined;
}

const keyboardInterrupt: ErrorReply = {
  status: "error",
  ename: "KeyboardInterrupt",
  evalue: "",
  traceback: ["KeyboardInterrupt"],
};

/** A session whose cells are looked up by their source; a cell throws an Error to fail. */
function fakeSession(script: Script) {
  const log: string[] = [];
  const open = (options: SessionOptions<CodeCell>): Session<CodeCell> => {
    let interrupt = () => {};
    const unused = () => Promise.reject(new Error("a run does not use this"));
    return {
      async execute(code, { origin, executionCount, allowStdin }): Promise<ExecuteReply> {
        log.push(`${executionCount}: ${code}`);
        const emit = (...outputs: Output[]) => outputs.forEach((output) => options.onOutput(output, origin));
        let stopped = false;
        const interrupted = new Promise<void>((settle) => {
          interrupt = () => {
            stopped = true;
            settle();
          };
        });
        try {
          await script[code]?.({ emit, later: () => emit, interrupted, folder: options.folder, allowStdin });
        } catch (error) {
          const { name: ename, message: evalue } = error as Error;
          const reply: ErrorReply = { status: "error", ename, evalue, traceback: [`${ename}: ${evalue}`] };
          emit({ type: "error", ename, evalue, traceback: reply.traceback });
          return reply;
        }
        if (!stopped) return { status: "ok", payload: [], userExpressions: {} };
        emit({ type: "error", ename: "KeyboardInterrupt", evalue: "", traceback: keyboardInterrupt.traceback });
        return keyboardInterrupt;
      },
      interrupt() {
        log.push("interrupt");
        interrupt();
        return Promise.resolve();
      },
      close() {
        log.push("close");
        return Promise.resolve();
      },
      complete: unused,
      inspect: unused,
      isComplete: unused,
      comm: unused,
      commInfo: () => ({}),
      pause() {},
      resume() {},
    };
  };
  return { open, log };
}

function notebookOf(...cells: (string | Record<string, unknown>)[]): Notebook {
  const full = cells.map((cell) => ({
    cell_type: "code",
    metadata: {},
    outputs: [],
    execution_count: null,
    ...(typeof cell === "string" ? { source: cell } : cell),
  }));
  return parseNotebook(
    Buffer.from(JSON.stringify({ nbformat: 4, nbformat_minor: 5, metadata: {}, cells: full })),
    "a.ipynb",
  );
}

async function runFake(notebook: Notebook, script: Script, options: Partial<NotebookRun> = {}) {
  const { open, log } = fakeSession(script);
  const result = await runNotebook(notebook, { openSession: open, folder: "/folder", ...options });
  return { ...result, log };
}

function outputsOf(notebook: Notebook, index: number): SavedOutput[] {
  const cell = notebook.cells[index];
  assert.ok(cell?.cell_type === "code");
  return cell.outputs;
}

const print = (text: string, name: "stdout" | "stderr" = "stdout"): Output => ({ type: "stream", name, text });
const show = (text: string, id?: string): Output => ({
  type: "display_data",
  data: { "text/plain": text },
  metadata: {},
  transient: id === undefined ? {} : { display_id: id },
});
const update = (text: string, id: string): Output => ({ ...show(text, id), type: "update_display_data" }) as Output;
const clear = (wait: boolean): Output => ({ type: "clear_output", wait });

/** The texts of a cell's outputs: `stdout: …`, or the text/plain of a display. */
function texts(notebook: Notebook, index: number): string[] {
  return outputsOf(notebook, index).map((output) => {
    if (output.output_type === "stream") return `${output.name}: ${String(output.text)}`;
    return output.output_type === "error" ? output.ename : String(output.data["text/plain"]);
  });
}

describe("runNotebook", () => {
  it("executes the code cells in order and counts them", async () => {
    const notebook = notebookOf("a", { cell_type: "markdown", source: "text" }, " \n", "b");
    const { log, failures } = await runFake(notebook, {});
    assert.deepEqual(log, ["1: a", "2: b", "close"]);
    assert.deepEqual(failures, []);
    assert.deepEqual(
      notebook.cells.map((cell) => (cell.cell_type === "code" ? cell.execution_count : cell.source)),
      [1, "text", null, 2],
    );
  });

  it("runs cells in the given folder and without input", async () => {
    await runFake(notebookOf("a"), {
      a({ folder, allowStdin }) {
        assert.equal(folder, "/folder");
        assert.equal(allowStdin, false);
      },
    });
  });

  it("saves a result, a display and an error as nbformat does", async () => {
    const notebook = notebookOf("a");
    await runFake(notebook, {
      a({ emit }) {
        emit(show("shown", "x"), {
          type: "execute_result",
          execution_count: 1,
          data: { "text/plain": "1" },
          metadata: { a: 1 },
        });
        throw new TypeError("no");
      },
    });
    assert.deepEqual(outputsOf(notebook, 0), [
      { output_type: "display_data", data: { "text/plain": "shown" }, metadata: {} },
      { output_type: "execute_result", execution_count: 1, data: { "text/plain": "1" }, metadata: { a: 1 } },
      { output_type: "error", ename: "TypeError", evalue: "no", traceback: ["TypeError: no"] },
    ]);
  });

  it("merges consecutive streams of one name", async () => {
    const notebook = notebookOf("a");
    await runFake(notebook, {
      a: ({ emit }) => emit(print("1"), print("2\n"), print("e", "stderr"), print("3"), show("d"), print("4")),
    });
    assert.deepEqual(texts(notebook, 0), ["stdout: 12\n", "stderr: e", "stdout: 3", "d", "stdout: 4"]);
  });

  it("keeps carriage returns and escape sequences", async () => {
    const notebook = notebookOf("a");
    await runFake(notebook, { a: ({ emit }) => emit(print("10 %\r"), print("\x1b[1m100 %\b\r\n")) });
    assert.deepEqual(texts(notebook, 0), ["stdout: 10 %\r\x1b[1m100 %\b\r\n"]);
  });

  it("clear_output removes at once, or with wait before the next output", async () => {
    const notebook = notebookOf("a", "b", "c");
    await runFake(notebook, {
      a: ({ emit }) => emit(print("1"), clear(false)),
      b: ({ emit }) => emit(print("1"), clear(true)),
      c: ({ emit }) => emit(print("1"), show("s"), clear(true), print("2"), print("3")),
    });
    assert.deepEqual(texts(notebook, 0), []);
    assert.deepEqual(texts(notebook, 1), ["stdout: 1"]);
    assert.deepEqual(texts(notebook, 2), ["stdout: 23"]);
  });

  it("update_display_data changes every output with the id in any cell, and shows nothing itself", async () => {
    const notebook = notebookOf("a", "b", "c");
    await runFake(notebook, {
      a: ({ emit }) => emit(show("1", "x"), show("1", "y")),
      b: ({ emit }) => emit(show("2", "x"), clear(true), update("3", "x")),
      c: ({ emit }) => emit(update("4", "x"), update("5", "unknown")),
    });
    assert.deepEqual(
      [0, 1, 2].map((index) => texts(notebook, index)),
      [["4", "1"], ["4"], []],
    );
  });

  it("a display shown again with its id changes the earlier one", async () => {
    const notebook = notebookOf("a", "b");
    await runFake(notebook, { a: ({ emit }) => emit(show("1", "x")), b: ({ emit }) => emit(show("2", "x")) });
    assert.deepEqual([texts(notebook, 0), texts(notebook, 1)], [["2"], ["2"]]);
  });

  it("late outputs go to the cell they belong to, and those after the last cell to none", async () => {
    const notebook = notebookOf("a", "b");
    let late: (...outputs: Output[]) => void = () => {};
    await runFake(notebook, {
      a({ emit, later }) {
        late = later();
        emit(print("now "));
      },
      b({ emit }) {
        emit(print("b"));
        late(print("late"));
      },
    });
    late(print("too late"));
    assert.deepEqual([texts(notebook, 0), texts(notebook, 1)], [["stdout: now late"], ["stdout: b"]]);
  });

  it("removes what an earlier run showed, its timing included, also from cells that this run does not reach", async () => {
    const old = { outputs: [{ output_type: "stream", name: "stdout", text: "old" }], execution_count: 7 };
    const notebook = notebookOf(
      { ...old, source: "fails", metadata: { execution: { "iopub.status.busy": "2026" }, tags: ["x"] } },
      { ...old, source: "b" },
    );
    await runFake(notebook, { fails: () => Promise.reject(new Error("no")) });
    assert.deepEqual(notebook.cells[0]?.metadata, { tags: ["x"] });
    assert.deepEqual([texts(notebook, 0), texts(notebook, 1)], [["Error"], []]);
    assert.equal((notebook.cells[1] as CodeCell).execution_count, null);
  });

  it("leaves out cells tagged skip-execution, outputs and all", async () => {
    const notebook = notebookOf(
      {
        source: "a",
        metadata: { tags: ["skip-execution"] },
        outputs: [{ output_type: "stream", name: "stdout", text: "old" }],
      },
      "b",
    );
    const { log } = await runFake(notebook, {});
    assert.deepEqual(log, ["1: b", "close"]);
    assert.deepEqual(texts(notebook, 0), ["stdout: old"]);
  });

  it("an error ends the run and leaves the outputs of the cells before", async () => {
    const notebook = notebookOf("a", "fails", "c");
    const script: Script = { a: ({ emit }) => emit(print("a")), fails: () => Promise.reject(new RangeError("no")) };
    const { log, failures } = await runFake(notebook, script);
    assert.deepEqual(log, ["1: a", "2: fails", "close"]);
    assert.deepEqual(
      failures.map(({ cell, source, error, allowed }) => [cell, source, error.ename, allowed]),
      [[2, "fails", "RangeError", false]],
    );
    assert.deepEqual([texts(notebook, 0), texts(notebook, 1)], [["stdout: a"], ["RangeError"]]);
  });

  it("goes on after an error with allowErrors, or when the cell is tagged raises-exception", async () => {
    const script: Script = { fails: () => Promise.reject(new Error("no")) };
    const tagged = await runFake(
      notebookOf({ source: "fails", metadata: { tags: ["raises-exception"] } }, "b"),
      script,
    );
    const allowed = await runFake(notebookOf("fails", "b"), script, { allowErrors: true });
    for (const { log, failures } of [tagged, allowed]) {
      assert.deepEqual(log, ["1: fails", "2: b", "close"]);
      assert.deepEqual(
        failures.map((failure) => failure.allowed),
        [true],
      );
    }
  });

  it("a timeout interrupts the cell and ends the run, with allowErrors too", async () => {
    const { log, failures } = await runFake(
      notebookOf("waits", "b"),
      { waits: ({ interrupted }) => interrupted },
      {
        timeout: 0.01,
        allowErrors: true,
      },
    );
    assert.deepEqual(log, ["1: waits", "interrupt", "close"]);
    assert.deepEqual(
      failures.map(({ timedOut, allowed }) => ({ timedOut, allowed })),
      [{ timedOut: true, allowed: false }],
    );
  });

  it("an interrupt ends the current cell and the run, and keeps the outputs", async () => {
    const control = new AbortController();
    const notebook = notebookOf("waits", "b");
    const { log, interrupted } = await runFake(
      notebook,
      {
        waits({ emit, interrupted: ended }) {
          emit(print("a"));
          control.abort();
          return ended;
        },
      },
      { interrupt: control.signal, allowErrors: true },
    );
    assert.deepEqual(log, ["1: waits", "interrupt", "close"]);
    assert.equal(interrupted, true);
    assert.deepEqual(texts(notebook, 0), ["stdout: a", "KeyboardInterrupt"]);
  });

  it("a cell that an interrupt does not stop can be given up", async () => {
    const interrupt = new AbortController();
    const giveUp = new AbortController();
    const notebook = notebookOf("stuck");
    const { log, interrupted } = await runFake(
      notebook,
      {
        stuck() {
          interrupt.abort();
          giveUp.abort();
          return new Promise<void>(() => {});
        },
      },
      { interrupt: interrupt.signal, giveUp: giveUp.signal },
    );
    assert.deepEqual(log, ["1: stuck", "interrupt", "close"]);
    assert.equal(interrupted, true);
    assert.deepEqual(texts(notebook, 0), ["KeyboardInterrupt"]);
  });

  it("writes which kernel ran and in which language", async () => {
    const notebook = notebookOf("a");
    notebook.metadata["kernelspec"] = { name: "tslab", display_name: "TypeScript", language: "typescript" };
    notebook.metadata["title"] = "kept";
    await runFake(notebook, {});
    assert.deepEqual(notebook.metadata["kernelspec"], {
      name: "adjoint",
      display_name: "TypeScript (Adjoint)",
      language: "typescript",
    });
    assert.equal((notebook.metadata["language_info"] as { pygments_lexer: string }).pygments_lexer, "typescript");
    assert.equal(notebook.metadata["title"], "kept");
  });

  it("reports the start and the end of each cell", async () => {
    const seen: (number | CellFailure | undefined)[] = [];
    await runFake(
      notebookOf("a", "b"),
      {},
      { onCellStart: (cell) => seen.push(cell), onCellEnd: (end) => seen.push(end) },
    );
    assert.deepEqual(seen, [1, undefined, 2, undefined]);
  });
});

describe("RunProgress", () => {
  function record(progress: (out: RunProgress) => void, terminal: { isTTY?: boolean; columns?: number }) {
    let text = "";
    const out = { ...terminal, write: (chunk: string) => (text += chunk) };
    progress(new RunProgress(out, {}));
    return text;
  }
  const run = (out: RunProgress) => {
    out.begin("a.ipynb", 4);
    out.cellStarted(2);
    out.print("\x1b[31mred\x1b[39m");
    out.cellEnded("failed");
    out.end();
  };

  it("redraws one line with a bar on a terminal", () => {
    const text = record(run, { isTTY: true, columns: 80 });
    assert.match(text.replaceAll("\x1b[K", "\n"), /\r\na\.ipynb █{5}░{15} cell 2 of 4 · 0\.\d s/);
    assert.ok(text.includes("\x1b[31mred\x1b[39m\n"));
    assert.ok(text.endsWith("\r\x1b[K"));
  });

  it("never writes a line wider than the terminal", () => {
    for (const line of record(run, { isTTY: true, columns: 12 }).replaceAll("\x1b[K", "\n").split("\n")) {
      assert.ok(line.includes("red") || line.trimEnd().length < 12);
    }
  });

  it("writes a plain line per cell elsewhere", () => {
    assert.match(record(run, {}), /^red\na\.ipynb: cell 2 of 4 failed: 0\.\d\d s\n$/);
  });
});

describe("formatFailure", () => {
  const failure = (line: string) => ({
    status: "error" as const,
    ename: "Error",
    evalue: "no",
    traceback: ["Error: no", line],
  });

  it("marks the failing line of the cell and ends with the traceback", () => {
    const text = formatFailure(3, "a\nb\nc", failure("    at f (Cell [2]:9:1)\n    at Cell [3]:2:1"));
    assert.equal(
      text,
      "  1 | a\n\x1b[1m> 2 | b\x1b[22m\n  3 | c\n\nError: no\n    at f (Cell [2]:9:1)\n    at Cell [3]:2:1",
    );
  });

  it("shows of a long cell what is near the failing line", () => {
    const source = Array.from({ length: 100 }, (_, index) => `x${index + 1}`).join("\n");
    const shown = formatFailure(1, source, failure("    at Cell [1]:50:1")).split("\n");
    assert.equal(shown[0], "     | …");
    assert.equal(shown[9], "\x1b[1m> 50 | x50\x1b[22m");
    assert.ok(!shown.some((line) => line.includes("x20")));
  });
});

describe("formatSeconds", () => {
  it("gives digits that matter", () => {
    assert.deepEqual(
      [0.123, 12.34, 59.99, 125].map((seconds) => formatSeconds(seconds)),
      ["0.12 s", "12.3 s", "1 min 00 s", "2 min 05 s"],
    );
  });
});

const bin = fileURLToPath(new URL("../../bin/adjoint.js", import.meta.url));

describe("adjoint run", function () {
  this.timeout(60_000);
  let folder: string;
  const children = new Set<ChildProcess>();
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "run-"));
  });
  afterEach(async () => {
    for (const child of children) child.kill("SIGKILL");
    children.clear();
    await rm(folder, { recursive: true });
  });

  function start(...args: string[]) {
    const child = spawn(process.execPath, [bin, "run", ...args], { cwd: folder, stdio: ["ignore", "pipe", "pipe"] });
    children.add(child);
    const text = { stdout: "", stderr: "" };
    child.stdout.setEncoding("utf8").on("data", (chunk: string) => (text.stdout += chunk));
    child.stderr.setEncoding("utf8").on("data", (chunk: string) => (text.stderr += chunk));
    const ended = once(child, "close").then(([code]) => {
      children.delete(child);
      return { code: code as number | null, ...text };
    });
    return { child, ended };
  }

  const run = (...args: string[]) => start(...args).ended;

  async function save(name: string, ...cells: Parameters<typeof notebookOf>) {
    const { cells: _, ...rest } = notebookOf();
    const text = JSON.stringify({ ...rest, cells: notebookOf(...cells).cells });
    await writeFile(join(folder, name), text);
    return text;
  }

  async function load(name: string): Promise<Notebook> {
    return parseNotebook(await readFile(join(folder, name)), name);
  }

  const text = (notebook: Notebook, index: number) =>
    outputsOf(notebook, index)
      .map((output) => (output.output_type === "stream" ? [output.text].flat().join("") : output.output_type))
      .join("|");

  describe("called wrongly", () => {
    const wrong: { args: string[]; message: RegExp }[] = [
      { args: [], message: /missing required argument/ },
      { args: ["a.ipynb", "--nope"], message: /unknown option '--nope'/ },
      { args: ["a.ipynb", "--param", "lr"], message: /expected NAME=VALUE, got "lr"/ },
      { args: ["a.ipynb", "--param", "a-b=1"], message: /"a-b" cannot be the name of a variable/ },
      { args: ["a.ipynb", "--timeout", "soon"], message: /expected seconds/ },
      { args: ["a.ipynb", "--inplace", "-o", "b.ipynb"], message: /cannot be used with option/ },
      { args: ["a.ipynb", "b.ipynb", "-o", "-"], message: /-o - takes one notebook/ },
      { args: ["a.ipynb", "b.ipynb", "-o", "a.ipynb"], message: /several notebooks need a folder/ },
      { args: ["a.ipynb", "./a.ipynb", "-o", "out"], message: /two of the notebooks would be written to/ },
    ];
    for (const { args, message } of wrong) {
      it(`exits with 64 for ${args.join(" ") || "no argument"}`, async () => {
        await save("a.ipynb");
        const { code, stderr } = await run(...args);
        assert.match(stderr, message);
        assert.equal(code, 64);
      });
    }
  });

  const unusable: { name: string; content?: string; message: RegExp }[] = [
    { name: "none.ipynb", message: /^none\.ipynb: no such file or folder$/ },
    { name: "bad.ipynb", content: "{", message: /^bad\.ipynb: not valid JSON: [^\n]+$/ },
    { name: "list.ipynb", content: "[]", message: /^list\.ipynb: not a notebook: [^\n]+$/ },
    { name: "old.ipynb", content: '{"nbformat": 3}', message: /^old\.ipynb: nbformat 3 is too old, [^\n]+$/ },
    {
      name: "python.ipynb",
      content: '{"nbformat": 4, "cells": [], "metadata": {"language_info": {"name": "python"}}}',
      message: /^python\.ipynb: the notebook is in python; this kernel runs TypeScript and JavaScript$/,
    },
  ];
  for (const { name, content, message } of unusable) {
    it(`exits with 1 and one sentence for ${name}, and runs nothing`, async () => {
      if (content !== undefined) await writeFile(join(folder, name), content);
      const before = await save("good.ipynb", "1");
      const { code, stderr, stdout } = await run("good.ipynb", name, "--inplace");
      assert.match(stderr.trim(), message);
      assert.equal(stdout, "");
      assert.equal(code, 1);
      assert.equal(await readFile(join(folder, "good.ipynb"), "utf8"), before);
    });
  }

  it("exits with 1 before it runs anything when the output cannot be written", async () => {
    await save("a.ipynb", "1");
    const { code, stderr } = await run("a.ipynb", "-o", "none/a.ipynb");
    assert.match(stderr, /^none\/a\.ipynb: cannot be written: no such file or folder$/m);
    assert.equal(code, 1);
  });

  it("writes nothing without -o or --inplace, and says how long it took", async () => {
    const before = await save("a.ipynb", "1 + 1", "2");
    const { code, stderr, stdout } = await run("a.ipynb");
    assert.match(stderr, /^a\.ipynb: cell 1 of 2: .+ s\na\.ipynb: cell 2 of 2: .+ s\na\.ipynb: 2 cells in .+ s\n$/);
    assert.equal(stdout, "");
    assert.equal(code, 0);
    assert.equal(await readFile(join(folder, "a.ipynb"), "utf8"), before);
  });

  it("writes the same file on every run", async () => {
    await save("a.ipynb", "console.log(1)", { cell_type: "markdown", source: "text" }, "[1, 2]");
    assert.equal((await run("a.ipynb", "-o", "b.ipynb")).code, 0);
    assert.equal((await run("a.ipynb", "--inplace")).code, 0);
    const once = await readFile(join(folder, "a.ipynb"), "utf8");
    assert.equal((await run("a.ipynb", "--inplace")).code, 0);
    assert.equal(await readFile(join(folder, "a.ipynb"), "utf8"), once);
    assert.equal(await readFile(join(folder, "b.ipynb"), "utf8"), once);
    assert.equal(text(await load("a.ipynb"), 0), "1\n");
  });

  it("writes to standard output with -o -", async () => {
    await save("a.ipynb", "console.log(1)");
    const { stdout, code } = await run("a.ipynb", "-o", "-");
    assert.equal(text(parseNotebook(Buffer.from(stdout), "stdout"), 0), "1\n");
    assert.equal(code, 0);
  });

  it("runs each of several notebooks in its own folder and session, and writes them to one folder", async () => {
    await mkdir(join(folder, "sub"));
    const cell =
      'import { basename } from "node:path"; console.log(basename(process.cwd()), typeof leak); var leak = 1;';
    await save("a.ipynb", cell);
    await save(join("sub", "b.ipynb"), cell);
    assert.equal((await run("a.ipynb", join("sub", "b.ipynb"), "-o", "out")).code, 0);
    assert.match(text(await load(join("out", "a.ipynb")), 0), /^run-\S+ undefined\n$/);
    assert.equal(text(await load(join("out", "b.ipynb")), 0), "sub undefined\n");
    assert.ok((await stat(join(folder, "out"))).isDirectory());
  });

  it("shows a failing cell with its line and traceback, writes what ran, runs the next notebook and exits with 1", async () => {
    await save("a.ipynb", "console.log(1)", 'const x = 1;\nthrow new RangeError("too far");', "console.log(3)");
    await save("b.ipynb", "console.log(4)");
    const { code, stderr } = await run("a.ipynb", "b.ipynb", "--inplace");
    assert.match(stderr, /^a\.ipynb: cell 2 of 3 failed$/m);
    assert.match(stderr, /^> 2 \| throw new RangeError\("too far"\);$/m);
    assert.match(stderr, /^RangeError: too far$/m);
    assert.match(stderr, /^a\.ipynb: ended by an error in cell 2 of 3 after .+ s, written to a\.ipynb$/m);
    assert.equal(code, 1);
    const notebook = await load("a.ipynb");
    assert.deepEqual(
      [0, 1, 2].map((index) => text(notebook, index)),
      ["1\n", "error", ""],
    );
    assert.equal(text(await load("b.ipynb"), 0), "4\n");
  });

  it("goes on with --allow-errors and exits with 0", async () => {
    await save("a.ipynb", "null.x", "console.log(2)");
    const { code, stderr } = await run("a.ipynb", "--allow-errors", "--inplace");
    assert.match(stderr, /^a\.ipynb: cell 1 of 2 failed, as allowed$/m);
    assert.equal(code, 0);
    assert.equal(text(await load("a.ipynb"), 1), "2\n");
  });

  it("interrupts a cell that takes longer than --timeout, and exits with 1", async () => {
    await save("a.ipynb", "console.log(1)", "while (true) {}", "console.log(3)");
    const { code, stderr } = await run("a.ipynb", "--timeout", "0.5", "--inplace");
    assert.match(stderr, /^a\.ipynb: cell 2 of 3 took longer than 0\.5 s$/m);
    assert.equal(code, 1);
    const notebook = await load("a.ipynb");
    assert.deepEqual(
      [0, 1, 2].map((index) => text(notebook, index)),
      ["1\n", "error", ""],
    );
    assert.match(JSON.stringify(outputsOf(notebook, 1)), /KeyboardInterrupt/);
  });

  it("on Ctrl-C interrupts the cell, writes what there is and exits with 130", async function () {
    if (process.platform === "win32") return this.skip();
    const cell =
      'import { writeFileSync } from "node:fs"; console.log("started"); writeFileSync("marks/started", ""); while (true) {}';
    await mkdir(join(folder, "marks"));
    await save("a.ipynb", cell, "console.log(2)");
    const watcher = watch(join(folder, "marks"));
    const { child, ended } = start("a.ipynb", "--inplace");
    await once(watcher, "change");
    watcher.close();
    child.kill("SIGINT");
    assert.equal((await ended).code, 130);
    const notebook = await load("a.ipynb");
    assert.deepEqual(
      [0, 1].map((index) => text(notebook, index)),
      ["started\n|error", ""],
    );
  });

  it("--param wins over the cell tagged parameters and keeps its type", async () => {
    const defaults = { source: 'const lr: number = 0.1;\nlet name = "x";', metadata: { tags: ["parameters"] } };
    await save("a.ipynb", defaults, "console.log(lr * 2, name, deep)");
    const { code } = await run(
      "a.ipynb",
      "--inplace",
      "--param",
      "lr=0.5",
      "--param",
      "name=true story",
      "--param",
      "deep=null",
    );
    assert.equal(code, 0);
    const notebook = await load("a.ipynb");
    assert.equal(notebook.cells[1]?.source, '// Parameters\nlet lr = 0.5;\nlet name = "true story";\nlet deep = null;');
    assert.equal(text(notebook, 2), "1 true story null\n");
  });

  it("does not wait for input", async () => {
    await save("a.ipynb", 'console.log(prompt("name?"), await input("name?"))');
    const { code } = await run("a.ipynb", "--inplace");
    assert.equal(code, 0);
  });

  it("survives the death of the runtime in a cell and reports it", async () => {
    await save("a.ipynb", "process.exit(3)", "console.log(2)");
    const { code } = await run("a.ipynb", "--inplace", "--allow-errors");
    assert.equal(code, 0);
    const notebook = await load("a.ipynb");
    assert.deepEqual(
      [0, 1].map((index) => text(notebook, index)),
      ["error", "2\n"],
    );
  });
});
