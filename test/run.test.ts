// The rules of a run, with a session that answers from a table: outputs, errors, timeouts, interrupts.
import assert from "node:assert/strict";
import type { CodeCell, Notebook } from "../kernel/notebook.ts";
import { type CellFailure, runNotebook, type NotebookRun } from "../kernel/run.ts";
import type { ErrorReply, ExecuteReply, Output, Session, SessionOptions } from "../kernel/session.ts";
import { notebookOf, outputsOf } from "./small-notebook.ts";

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
        if (executionCount > 0) log.push(`${executionCount}: ${code}`);
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
      warmUp: () => Promise.resolve(),
      close() {
        log.push("close");
        return Promise.resolve();
      },
      isComplete: () => Promise.resolve({ status: "complete" }),
      complete: unused,
      inspect: unused,
      comm: unused,
      commInfo: () => ({}),
      pause() {},
      resume() {},
    };
  };
  return { open, log };
}

async function runFake(notebook: Notebook, script: Script, options: Partial<NotebookRun> = {}) {
  const { open, log } = fakeSession(script);
  const result = await runNotebook(notebook, { openSession: open, folder: "/folder", ...options });
  return { ...result, log };
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

  it("an error that nothing caught, now or later, is a failure of its cell, but ends nothing", async () => {
    const error = (ename: string): Output => ({ type: "error", ename, evalue: "", traceback: [ename] });
    const notebook = notebookOf("a", { source: "b", metadata: { tags: ["raises-exception"] } }, "c");
    let late: (...outputs: Output[]) => void = () => {};
    const { failures, log } = await runFake(notebook, {
      a: ({ emit, later }) => {
        late = later();
        emit(error("First"), print("on"));
      },
      b: ({ emit }) => emit(error("Allowed")),
      c: () => late(error("Late")),
    });
    assert.deepEqual(log, ["1: a", "2: b", "3: c", "close"]);
    assert.deepEqual(
      failures.map(({ cell, allowed, uncaught, error: { ename } }) => [cell, allowed, uncaught, ename]),
      [
        [1, false, true, "First"],
        [2, true, true, "Allowed"],
        [1, false, true, "Late"],
      ],
    );
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

  it("waits for an interrupt to be taken before it runs the next cell", async () => {
    const { open, log } = fakeSession({
      async a({ interrupted }) {
        await interrupted;
        throw new Error("ends at once, while the interrupt is still under way");
      },
    });
    const slow = (options: SessionOptions<CodeCell>): Session<CodeCell> => {
      const session = open(options);
      return {
        ...session,
        async interrupt() {
          await session.interrupt();
          await new Promise((taken) => setImmediate(taken));
          log.push("taken");
        },
      };
    };
    await runNotebook(notebookOf("a"), { openSession: slow, folder: "/folder", timeout: 0.01 });
    assert.deepEqual(log, ["1: a", "interrupt", "taken", "close"]);
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
