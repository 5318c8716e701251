// The engine of `adjoint run`: executes a notebook through the kernel's own session, with neither Jupyter nor Python, as
// `jupyter execute` does. It touches no file and no terminal; the command around it is in run-command.ts.

import { setTimeout as delay } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import { languageInfo, notebookKernelspec } from "./language-info.ts";
import { NotebookOutputs } from "./notebook-outputs.ts";
import type { CodeCell, Notebook } from "./notebook.ts";
import { isTagged } from "./parameters.ts";
import type { ErrorReply, Output, Session, SessionOptions, TypecheckPolicy } from "./session.ts";

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
  const cells = runnableCells(notebook);
  // The file must not mix what this run shows with what an earlier one did, wherever this one ends.
  for (const cell of cells) {
    cell.outputs = [];
    cell.execution_count = null;
    delete cell.metadata["execution"];
  }
  notebook.metadata["kernelspec"] = { ...notebookKernelspec };
  notebook.metadata["language_info"] = { ...languageInfo };
  const kernel = await CellRunner.open(run);
  try {
    return await kernel.run(cells, run);
  } finally {
    await kernel.close();
  }
}

/** A session, and the cells that it has run: more can be run in it later. */
export class CellRunner {
  /** In order. */
  readonly cells: CodeCell[] = [];
  readonly folder: string;
  readonly #outputs = new NotebookOutputs();
  readonly #session: Session<CodeCell>;
  readonly #errors: { cell: CodeCell; error: ErrorReply }[] = [];
  readonly #log: { onLine: ((line: string) => void) | undefined };
  #started: Promise<unknown> | undefined;

  static async open(options: Pick<NotebookRun, "openSession" | "folder" | "typecheck" | "onLog">): Promise<CellRunner> {
    const log = { onLine: options.onLog };
    // Outputs come only of cells, which run later.
    let runner: CellRunner | undefined;
    const session = await options.openSession({
      folder: options.folder,
      onOutput: (output, cell) => runner?.add(output, cell),
      // Cells are executed without allowStdin.
      onInput: () => Promise.resolve(null),
      ...(options.typecheck === undefined ? {} : { typecheck: options.typecheck }),
      onLog: (line) => log.onLine?.(line),
    });
    return (runner = new CellRunner(session, options.folder, log));
  }

  private constructor(
    session: Session<CodeCell>,
    folder: string,
    log: { onLine: ((line: string) => void) | undefined },
  ) {
    this.#session = session;
    this.folder = folder;
    this.#log = log;
  }

  private add(output: Output, cell: CodeCell): void {
    this.#outputs.add(output, cell);
    if (output.type === "error") this.#errors.push({ cell, error: { ...output, status: "error" } });
  }

  /** Resolves when the first cell need not wait for anything. `code` is run silently before: it may load what cells will need. */
  start(code = ""): Promise<unknown> {
    return (this.#started ??= Promise.all([
      // An error of that is none of a cell.
      this.#session
        .execute(code, { origin: scratchCell(), executionCount: 0, silent: true })
        .then(() => this.#errors.splice(0)),
      this.#session.warmUp(),
    ]));
  }

  /** Runs cells after those that it has run; `run` as for a notebook. */
  async run(cells: readonly CodeCell[], run: Omit<NotebookRun, "openSession" | "folder">): Promise<RunResult> {
    const result: RunResult = { failures: [], interrupted: false };
    const isAllowed = (cell: CodeCell) => run.allowErrors === true || isTagged(cell, "raises-exception");
    /** The errors that cells have shown, but for the one that a reply repeats. */
    const takeUncaught = (reply?: ErrorReply) => {
      for (const { cell, error } of this.#errors.splice(0)) {
        if (reply !== undefined && isDeepStrictEqual(error.traceback, reply.traceback)) continue;
        const { source, execution_count: count } = cell;
        const allowed = isAllowed(cell);
        const failure = { cell: count ?? 0, source, error, timedOut: false, allowed, uncaught: true };
        result.failures.push(failure);
        run.onUncaught?.(failure);
      }
    };
    this.#log.onLine = run.onLog;
    // The first cell's time is not that of the start of runtime and checker, nor should a timeout count it.
    await Promise.race([this.start(), aborted(run.interrupt)]);
    for (const cell of cells) {
      if (run.interrupt?.aborted === true) break;
      this.cells.push(cell);
      const number = this.cells.length;
      cell.execution_count = number;
      run.onCellStart?.(number);
      const { error, timedOut } = await runCell(this.#session, cell, number, run, this.#outputs);
      const failure =
        error === undefined
          ? undefined
          : {
              cell: number,
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
      await Promise.race([this.#session.isComplete("").catch(() => {}), delay(lastWords, undefined, { ref: false })]);
    takeUncaught();
    result.interrupted = run.interrupt?.aborted === true;
    return result;
  }

  close(): Promise<void> {
    this.#outputs.close();
    return this.#session.close();
  }
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
  run: Pick<NotebookRun, "timeout" | "interrupt" | "giveUp">,
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
