// `adjoint run`: executes notebooks through the kernel's own session, with neither Jupyter nor Python, as `jupyter execute`
// does. runNotebook is the engine and touches no file; runCommand is the command around it: arguments, files, signals, exit code.

import { mkdir, stat } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { Command, InvalidArgumentError, Option } from "commander";
import { FAILED, OK, WRONG_USAGE } from "./exit-codes.ts";
import { languageInfo, notebookKernelspec } from "./language-info.ts";
import { NotebookOutputs } from "./notebook-outputs.ts";
import { checkWritable, formatNotebook, NotebookError, readNotebook, writeNotebook } from "./notebook.ts";
import type { CodeCell, Notebook } from "./notebook.ts";
import { injectParameters, isTagged, parseParameter, type Parameters } from "./parameters.ts";
import { formatFailure, formatSeconds, RunProgress } from "./run-progress.ts";
import type { ErrorReply, Session, SessionOptions } from "./session.ts";

export type OpenSession = (options: SessionOptions<CodeCell>) => Session<CodeCell> | Promise<Session<CodeCell>>;

/** How long an interrupted cell may take to end before its session is closed under it. */
const interruptGrace = 10_000;

export interface NotebookRun {
  openSession: OpenSession;
  /** The folder that cells run in. */
  folder: string;
  /** Seconds that each cell may take; default: without limit. */
  timeout?: number;
  /** Go on after a cell has failed. */
  allowErrors?: boolean;
  /** Its first abort interrupts the current cell and ends the run. */
  interrupt?: AbortSignal;
  /** Its abort gives up on a cell that an interrupt does not stop. */
  giveUp?: AbortSignal;
  onCellStart?: (cell: number) => void;
  onCellEnd?: (failure: CellFailure | undefined) => void;
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

  const session = await run.openSession({
    folder: run.folder,
    onOutput: (output, cell) => outputs.add(output, cell),
    // Cells are executed without allowStdin.
    onInput: () => Promise.resolve(null),
    ...(run.onLog === undefined ? {} : { onLog: run.onLog }),
  });
  try {
    // The first cell's time is not that of the runtime's start, nor should a timeout count it.
    const start = session.execute("", { origin: scratchCell(), executionCount: 0, silent: true });
    await Promise.race([start, aborted(run.interrupt)]);
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
              allowed: !timedOut && (run.allowErrors === true || isTagged(cell, "raises-exception")),
            };
      run.onCellEnd?.(failure);
      if (failure === undefined) continue;
      result.failures.push(failure);
      if (!failure.allowed) break;
    }
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

interface RunOptions {
  output?: string;
  inplace?: boolean;
  timeout?: number;
  allowErrors?: boolean;
  param: Parameters;
}

interface Job {
  path: string;
  notebook: Notebook;
  /** Where it is written; `-` is standard output. */
  target: string | undefined;
}

// Loaded when the first notebook runs: `--help` needs none of it.
const openKernelSession: OpenSession = async (options) => (await import("./session.ts")).createSession(options);

/** The `run` sub-command. `openSession` is for tests. */
export function runCommand(openSession: OpenSession = openKernelSession): Command {
  return new Command("run")
    .description("execute notebooks, without Jupyter or Python")
    .argument("<notebook...>", "the .ipynb files")
    .addOption(
      new Option(
        "-o, --output <path>",
        "write the executed notebook there; a folder when it exists as one, ends in / or several are run; - for standard output",
      ).conflicts("inplace"),
    )
    .option("--inplace", "write each executed notebook over its file")
    .option("--timeout <seconds>", "interrupt a cell that takes longer, and end the run", parseTimeout)
    .option("--allow-errors", "go on after a cell that fails, and exit with 0")
    .addOption(
      new Option("--param <name=value>", "a value for the notebook's parameters; may be given many times")
        .argParser(collectParameter)
        .default(new Map<string, string>(), "none"),
    )
    .addHelpText("after", runHelp)
    .action(async (paths: string[], options: RunOptions, command: Command) => {
      process.exitCode = await runAll(paths, options, command, openSession);
    });
}

const runHelp = `
Without -o or --inplace the notebooks run and what failed is reported; nothing is written.
Each notebook runs in its own folder, with a session of its own. Outputs of earlier runs are
removed. A cell that fails ends its notebook, unless it is tagged "raises-exception"; what ran
is written all the same, and the next notebook runs. Cells tagged "skip-execution" are left out.

--param fills the cell tagged "parameters": a cell tagged "injected-parameters" after it declares
the values. Numbers, true, false and null are recognised; everything else is a string.

Exit codes: 0 all ran, 1 a cell failed or a file cannot be used, 64 wrong usage, 130 interrupted.

Examples:
  adjoint run lesson.ipynb
  adjoint run lesson.ipynb --inplace --timeout 60
  adjoint run lesson.ipynb --param lr=0.5 --param epochs=200 -o out.ipynb
  adjoint run *.ipynb -o executed/
`;

function parseTimeout(text: string): number {
  const seconds = Number(text);
  // setTimeout takes no more than 2 ** 31 - 1 milliseconds.
  if (text.trim() === "" || !(seconds > 0) || seconds > 2_147_483) {
    throw new InvalidArgumentError("expected seconds, more than 0 and at most 2147483.");
  }
  return seconds;
}

function collectParameter(text: string, former: Parameters): Parameters {
  try {
    const { name, value } = parseParameter(text);
    return new Map(former).set(name, value);
  } catch (error) {
    throw new InvalidArgumentError(`${(error as Error).message}.`);
  }
}

async function runAll(
  paths: string[],
  options: RunOptions,
  command: Command,
  openSession: OpenSession,
): Promise<number> {
  const progress = new RunProgress(process.stderr);
  const targets = await targetsOf(paths, options, command);
  const jobs: Job[] = [];
  for (const [index, path] of paths.entries()) {
    try {
      const notebook = await readNotebook(path);
      checkLanguage(notebook, path);
      const target = targets[index];
      if (target !== undefined && target !== "-") await checkWritable(target);
      jobs.push({ path, notebook, target });
    } catch (error) {
      if (!(error instanceof NotebookError)) throw error;
      progress.print(error.message);
    }
  }
  // A wrong name should not cost the minutes that the others take.
  if (jobs.length < paths.length) return FAILED;

  const interrupt = new AbortController();
  const giveUp = new AbortController();
  let exitCode: number = OK;
  const onSignal = (signal: NodeJS.Signals) => {
    if (interrupt.signal.aborted) {
      giveUp.abort();
      return;
    }
    exitCode = signal === "SIGTERM" ? 143 : 130;
    progress.print("interrupting the cell; once more gives it up");
    interrupt.abort();
  };
  process.on("SIGINT", onSignal).on("SIGTERM", onSignal);
  try {
    for (const job of jobs) {
      const ok = await runJob(job, options, openSession, progress, interrupt.signal, giveUp.signal);
      if (interrupt.signal.aborted) break;
      if (!ok) exitCode = FAILED;
    }
  } finally {
    process.off("SIGINT", onSignal).off("SIGTERM", onSignal);
  }
  return exitCode;
}

async function runJob(
  { path, notebook, target }: Job,
  options: RunOptions,
  openSession: OpenSession,
  progress: RunProgress,
  interrupt: AbortSignal,
  giveUp: AbortSignal,
): Promise<boolean> {
  if (options.param.size > 0 && !injectParameters(notebook, options.param)) {
    progress.print(`${path}: no cell is tagged "parameters", the values go to the top`);
  }
  const total = runnableCells(notebook).length;
  const start = performance.now();
  let last = 0;
  progress.begin(path, total);
  try {
    const result = await runNotebook(notebook, {
      openSession,
      folder: resolve(dirname(path)),
      ...(options.timeout === undefined ? {} : { timeout: options.timeout }),
      allowErrors: options.allowErrors === true,
      interrupt,
      giveUp,
      onCellStart: (cell) => progress.cellStarted((last = cell)),
      onCellEnd: (failure) => {
        progress.cellEnded(failure === undefined || failure.allowed ? "ok" : "failed");
        if (failure === undefined || interrupt.aborted) return;
        const what = failure.timedOut ? `took longer than ${options.timeout} s` : "failed";
        progress.print(`\n${path}: cell ${failure.cell} of ${total} ${what}${failure.allowed ? ", as allowed" : ""}`);
        progress.print(`${formatFailure(failure.cell, failure.source, failure.error)}\n`);
      },
      onLog: (line) => progress.print(`${path}: ${line}`),
    });
    if (target === "-") await printOut(formatNotebook(notebook));
    else if (target !== undefined) await writeNotebook(target, notebook);
    progress.end();
    const failed = result.failures.some((failure) => !failure.allowed);
    const how = result.interrupted ? "interrupted in" : failed ? "ended by an error in" : "";
    const where = target === undefined || target === "-" ? "" : `, written to ${target}`;
    const time = formatSeconds((performance.now() - start) / 1000);
    progress.print(
      how === ""
        ? `${path}: ${total} ${total === 1 ? "cell" : "cells"} in ${time}${where}`
        : `${path}: ${how} cell ${Math.max(last, 1)} of ${total} after ${time}${where}`,
    );
    return !failed;
  } catch (error) {
    if (!(error instanceof NotebookError)) throw error;
    progress.end();
    progress.print(error.message);
    return false;
  } finally {
    progress.end();
  }
}

/** Where each notebook goes. Ends the command as wrong usage when that is not clear. */
async function targetsOf(paths: string[], options: RunOptions, command: Command): Promise<(string | undefined)[]> {
  const { output, inplace } = options;
  const wrong = (message: string) => command.error(`error: ${message}`, { exitCode: WRONG_USAGE });
  if (inplace === true) return paths;
  if (output === undefined) return paths.map(() => undefined);
  if (output === "-") return paths.length === 1 ? ["-"] : wrong("-o - takes one notebook");
  // What is not there is no folder yet.
  const there = await stat(output).catch(() => undefined);
  const isFolder = there?.isDirectory() ?? (paths.length > 1 || /[\\/]$/.test(output));
  if (!isFolder)
    return paths.length === 1 ? [output] : wrong(`-o ${output}: several notebooks need a folder, this is a file`);
  const targets = paths.map((path) => join(output, basename(path)));
  const twice = targets.find((target, index) => targets.indexOf(target) < index);
  if (twice !== undefined) return wrong(`-o ${output}: two of the notebooks would be written to ${twice}`);
  try {
    await mkdir(output, { recursive: true });
  } catch (error) {
    return wrong(`-o ${output}: the folder cannot be made: ${(error as Error).message}`);
  }
  return targets;
}

function checkLanguage({ metadata }: Notebook, path: string): void {
  const info = metadata["language_info"] as { name?: unknown } | undefined;
  const spec = metadata["kernelspec"] as { language?: unknown; name?: unknown } | undefined;
  const language = info?.name ?? spec?.language;
  if (typeof language !== "string" || /^(typescript|javascript)$/i.test(language)) return;
  throw new NotebookError(`${path}: the notebook is in ${language}; this kernel runs TypeScript and JavaScript`);
}

async function printOut(text: string): Promise<void> {
  await new Promise<void>((written) => process.stdout.write(text, () => written()));
}
