// The command `adjoint run`: arguments, files, signals, exit code, and what the terminal shows of a run.

import { mkdir, stat } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { Command, InvalidArgumentError, Option } from "commander";
import { FAILED, OK, WRONG_USAGE } from "./exit-codes.ts";
import {
  checkWritable,
  formatNotebook,
  type Notebook,
  NotebookError,
  readNotebook,
  writeNotebook,
} from "./notebook.ts";
import { injectParameters, parseParameter, type Parameters } from "./parameters.ts";
import { preludeOf } from "./prelude.ts";
import { preludeOption } from "./prelude-option.ts";
import { formatFailure, formatSeconds, RunProgress } from "./run-progress.ts";
import { type CellFailure, type OpenSession, runnableCells, runNotebook } from "./run.ts";
import type { TypecheckPolicy } from "./typecheck.ts";
import { typecheckOption } from "./typecheck-option.ts";

interface RunOptions {
  output?: string;
  inplace?: boolean;
  timeout?: number;
  allowErrors?: boolean;
  prelude?: string;
  typecheck?: TypecheckPolicy;
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
    .addOption(preludeOption())
    .option("--timeout <seconds>", "interrupt a cell that takes longer, and end the run", parseTimeout)
    .option("--allow-errors", "go on after a cell that fails, and exit with 0")
    .addOption(typecheckOption())
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
  adjoint run lesson.ipynb --typecheck warn
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
  const tell = ({ cell, source, error, allowed }: CellFailure, what: string) => {
    progress.print(`\n${path}: cell ${cell} of ${total} ${what}${allowed ? ", as allowed" : ""}`);
    progress.print(`${formatFailure(cell, source, error)}\n`);
  };
  progress.begin(path, total);
  try {
    const result = await runNotebook(notebook, {
      openSession: (session) => openSession({ ...session, prelude: preludeOf(options.prelude) }),
      folder: resolve(dirname(path)),
      ...(options.timeout === undefined ? {} : { timeout: options.timeout }),
      allowErrors: options.allowErrors === true,
      ...(options.typecheck === undefined ? {} : { typecheck: options.typecheck }),
      interrupt,
      giveUp,
      onCellStart: (cell) => progress.cellStarted((last = cell)),
      onCellEnd: (failure) => {
        progress.cellEnded(failure === undefined || failure.allowed ? "ok" : "failed");
        if (failure !== undefined && !interrupt.aborted) {
          tell(failure, failure.timedOut ? `took longer than ${options.timeout} s` : "failed");
        }
      },
      onUncaught: (failure) => tell(failure, "left an error that nothing caught"),
      onLog: (line) => progress.print(`${path}: ${line}`),
    });
    if (target === "-") await printOut(formatNotebook(notebook));
    else if (target !== undefined) await writeNotebook(target, notebook);
    progress.end();
    const failures = result.failures.filter(({ allowed }) => !allowed);
    const ended = failures.some(({ uncaught }) => !uncaught);
    const how = result.interrupted ? "interrupted in" : ended ? "ended by an error in" : "";
    const where = target === undefined || target === "-" ? "" : `, written to ${target}`;
    const time = formatSeconds((performance.now() - start) / 1000);
    progress.print(
      how === ""
        ? `${path}: ${total} ${total === 1 ? "cell" : "cells"} in ${time}${where}`
        : `${path}: ${how} cell ${Math.max(last, 1)} of ${total} after ${time}${where}`,
    );
    return failures.length === 0;
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
