// The engine of `adjoint run`: executes a notebook through the kernel's own session, with neither Jupyter nor Python, as
// `jupyter execute` does. It touches no file and no terminal; the command around it is in run-command.ts.

import { setTimeout as delay } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import { languageInfo, notebookKernelspec } from "./language-info.ts";
import { NotebookOutputs } from "./notebook-outputs.ts";
import type { CodeCell, Notebook } from "./notebook.ts";
import { isTagged } from "./parameters.ts";
import type { ErrorReply, Session, SessionOptions, TypecheckPolicy } from "./session.ts";

export type OpenSession = (options: SessionOptions<CodeCell>) => Session<CodeCell> | Promise<Session<CodeCell>>;

/** How long an interrupted cell may take to end before its session is closed under it. */
const interruptGrace = 10_000;

/** Rejections that nobody handled are known a moment after their cell has ended; how long that may be, in milliseconds. */
const lastWords = 500;

export interface NotebookRun {
  openSession: OpenSession;
  /** The folder that cells run in. */
  folder: string;
  /** Seconds that each cell may take; default: without limit. */
  timeout?: number;
  /** What an error of types does; by default it stops its cell. */
  typecheck?: TypecheckPolicy;
  /** Go on after a cell has failed. */
  allowErrors?: boolean;
  /** Its first abort interrupts the current cell and ends the run. */
  interrupt?: AbortSignal;
  /** Its abort gives up on a cell that an interrupt does not stop. */
  giveUp?: AbortSignal;
  onCellStart?: (cell: number) => void;
  onCellEnd?: (failure: CellFailure | undefined) => void;
  onUncaught?: (failure: CellFailure) => void;
  onLog?: (line: string) => void;
}

export interface CellFailure {
  /** The cell's execution count. */
  cell: number;
  source: string;
  error: ErrorReply;
  /** Whether the cell took longer than the timeout. */
  timedOut: boolean;
  /** An error that the run was told to expect. */
  allowed: boolean;
  /** Thrown where no code of the cell could catch it, by a timer or a promise: the cell and the run have gone on. */
  uncaught: boolean;
}

export interface RunResult {
  failures: CellFailure[];
  interrupted: boolean;
}

/** The cells that a run executes: code that is not blank and not tagged `skip-execution`. */
export function runnableCells(notebook: Notebook): CodeCell[] {
  return notebook.cells
    .filter((cell) => cell.cell_type === "code")
    .filter((cell) => cell.source.trim() !== "" && !isTagged(cell, "skip-execution"));
}

/** Executes the notebook's cells in place. Never rejects for what user code does. */
export async function runNotebook(notebook: Notebook, run: NotebookRun): Promise<RunResult> {
  const outputs = new NotebookOutputs();
  const result: RunResult = { failures: [], interrupted: false };
  const cells = runnableCells(notebook);
  // The file must not mix what this run shows with what an earlier one did, wherever this one ends.
  for (const cell of cells) {
    cell.outputs = [];
    cell.execution_count = null;
    delete cell.metadata["execution"];
  }
  notebook.metadata["kernelspec"] = { ...notebookKernelspec };
  notebook.metadata["language_info"] = { ...languageInfo };

  const isAllowed = (cell: CodeCell) => run.allowErrors === true || isTagged(cell, "raises-exception");
  const errors: { cell: CodeCell; error: ErrorReply }[] = [];
  /** The errors that cells have shown, but for the one that a reply repeats. */
  const takeUncaught = (reply?: ErrorReply) => {
    for (const { cell, error } of errors.splice(0)) {
      if (reply !== undefined && isDeepStrictEqual(error.traceback, reply.traceback)) continue;
      const { source, execution_count: count } = cell;
      const allowed = isAllowed(cell);
      const failure = { cell: count ?? 0, source, error, timedOut: false, allowed, uncaught: true };
      result.failures.push(failure);
      run.onUncaught?.(failure);
    }
  };
  const session = await run.openSession({
    folder: run.folder,
    onOutput: (output, cell) => {
      outputs.add(output, cell);
      if (output.type === "error") errors.push({ cell, error: { ...output, status: "error" } });
    },
    // Cells are executed without allowStdin.
    onInput: () => Promise.resolve(null),
    ...(run.typecheck === undefined ? {} : { typecheck: run.typecheck }),
    ...(run.onLog === undefined ? {} : { onLog: run.onLog }),
  });
  try {
    // The first cell's time is not that of the start of runtime and checker, nor should a timeout count it.
    const start = session.execute("", { origin: scratchCell(), executionCount: 0, silent: true });
    await Promise.race([Promise.all([start, session.warmUp()]), aborted(run.interrupt)]);
    for (const [index, cell] of cells.entries()) {
      if (run.interrupt?.aborted === true) break;
      cell.execution_count = index + 1;
      run.onCellStart?.(index + 1);
      const { error, timedOut } = await runCell(session, cell, index + 1, run, outputs);
      const failure =
        error === undefined
          ? undefined
          : {
              cell: index + 1,
              source: cell.source,
              error,
              timedOut,
              allowed: !timedOut && isAllowed(cell),
              uncaught: false,
            };
      run.onCellEnd?.(failure);
      takeUncaught(error);
      if (failure === undefined) continue;
      result.failures.push(failure);
      if (!failure.allowed) break;
    }
    if (run.interrupt?.aborted !== true)
      await Promise.race([session.isComplete("").catch(() => {}), delay(lastWords, undefined, { ref: false })]);
    takeUncaught();
    result.interrupted = run.interrupt?.aborted === true;
  } finally {
    outputs.close();
    await session.close();
  }
  return result;
}

function scratchCell(): CodeCell {
  return { cell_type: "code", id: "start", metadata: {}, source: "", execution_count: null, outputs: [] };
}

function aborted(signal: AbortSignal | undefined): Promise<void> {
  return new Promise((settle) => {
    if (signal?.aborted === true) settle();
    else signal?.addEventListener("abort", () => settle(), { once: true });
  });
}

async function runCell(
  session: Session<CodeCell>,
  cell: CodeCell,
  number: number,
  run: NotebookRun,
  outputs: NotebookOutputs,
): Promise<{ error: ErrorReply | undefined; timedOut: boolean }> {
  let timedOut = false;
  let giveUp: () => void = () => {};
  const stuck = new Promise<"stuck">((settle) => (giveUp = () => settle("stuck")));
  const timers: NodeJS.Timeout[] = [];
  let interrupted: Promise<void> | undefined;
  const interrupt = () => {
    timers.push(setTimeout(giveUp, interruptGrace));
    // It reports by ending the cell; one that cannot be ended is given up.
    interrupted = session.interrupt().catch(giveUp);
  };
  if (run.timeout !== undefined) {
    timers.push(
      setTimeout(() => {
        timedOut = true;
        interrupt();
      }, run.timeout * 1000),
    );
  }
  run.interrupt?.addEventListener("abort", interrupt, { once: true });
  run.giveUp?.addEventListener("abort", giveUp, { once: true });
  try {
    const reply = await Promise.race([
      session.execute(cell.source, { origin: cell, executionCount: number, allowStdin: false }),
      stuck,
    ]);
    // An interrupt that comes as the cell ends must not be left for the next one.
    await Promise.race([interrupted, stuck]);
    if (reply !== "stuck") return { error: reply.status === "error" ? reply : undefined, timedOut };
    const evalue = "the cell could not be interrupted and was given up, its variables with it";
    const error = { ename: "KeyboardInterrupt", evalue, traceback: [`KeyboardInterrupt: ${evalue}`] };
    outputs.add({ type: "error", ...error }, cell);
    return { error: { status: "error", ...error }, timedOut };
  } finally {
    timers.forEach(clearTimeout);
    run.interrupt?.removeEventListener("abort", interrupt);
    run.giveUp?.removeEventListener("abort", giveUp);
  }
}
