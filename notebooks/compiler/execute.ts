// Stage 3: runs a notebook's cells with the kernel's own session, or takes what they showed from the cache, and says what failed with the
// line of the note.

import { stripVTControlCharacters } from "node:util";
import { basename, dirname, resolve } from "node:path";
import type { CodeCell, Notebook } from "../../kernel/notebook.ts";
import type { RunProgress } from "../../kernel/run-progress.ts";
import { formatFailure } from "../../kernel/run-progress.ts";
import { type CellFailure, runnableCells } from "../../kernel/run.ts";
import type { OutputCache, Shown } from "./cache.ts";
import { markOf } from "./cells.ts";
import type { Kernel, Kernels } from "./kernels.ts";
import type { Report } from "./message.ts";

export interface Execution {
  /** The note. */
  file: string;
  kernels: Kernels;
  /** Seconds for each cell. */
  timeout: number;
  cache: OutputCache | undefined;
  /** The folder of the next note, if there is one. */
  next: string | undefined;
  progress: RunProgress;
  report: Report;
  interrupt: AbortSignal;
  giveUp: AbortSignal;
  /** Cells begin to run, or have ended: in between, an interrupt is for them. */
  onRunning(running: boolean): void;
}

export interface Executed {
  failed: boolean;
  interrupted: boolean;
  /** Cells that ran, and those before them that had been run already. */
  ran: number;
  cached: number;
}

export async function execute(notebook: Notebook, execution: Execution): Promise<Executed> {
  const { file, kernels, timeout, cache, progress, interrupt, giveUp } = execution;
  const cells = runnableCells(notebook);
  const folder = resolve(dirname(file));
  const keys = cache?.keys(cells, folder) ?? [];
  const kept = (await cache?.read(keys)) ?? [];
  const rest = (good: number): void => kernels.built({ note: resolve(file), folder, cells, keys, good, timeout });
  if (kept.length === cells.length) {
    for (const [index, cell] of cells.entries()) show(cell, index + 1, kept[index]?.outputs ?? []);
    if (cells.length > 0) rest(cells.length);
    return { failed: unexpectedSuccess(cells, execution), interrupted: false, ran: 0, cached: cells.length };
  }
  const failures: CellFailure[] = [];
  execution.onRunning(true);
  let kernel: Kernel | undefined;
  let whole = false;
  try {
    kernel = await kernels.take(folder, keys);
    const from = kernel.keys.length;
    progress.begin(basename(file), cells.length);
    if (execution.next !== undefined) kernels.ahead(execution.next);
    const { interrupted } = await kernel.goOn(cells, keys, {
      timeout,
      interrupt,
      giveUp,
      onCellStart: (cell) => progress.cellStarted(cell),
      onCellEnd(failure) {
        progress.cellEnded(failure === undefined || failure.allowed ? "ok" : "failed");
        if (failure !== undefined && !failure.allowed && !interrupt.aborted) failures.push(failure);
      },
      onUncaught: (failure) => failures.push(failure),
      onLog: (line) => progress.print(`${file}: ${line}`),
    });
    whole = failures.length === 0 && !interrupted;
    const ran = kernel.shown.length;
    const shown = take(kernel, cells, kept, execution);
    for (const failure of failures) tell(failure, cells, execution);
    // Before the cell that failed, all is as it would be without it, unless it reached back.
    const isSound = failures.every(({ uncaught }) => !uncaught) && !interrupted && shown.every(({ late }) => !late);
    const good = whole ? ran : isSound ? ran - 1 : 0;
    if (whole || isSound) await cache?.keep(shown.slice(0, good), keys);
    if (!interrupted) rest(good);
    const skipped = cells.length - ran;
    if (failures.some(({ uncaught }) => !uncaught) && skipped > 0) {
      const line = lineOf(cells[ran]) ?? 1;
      const text = `${skipped === 1 ? "the cell after it was" : `the ${skipped} cells after it were`} not run`;
      execution.report({ severity: "warning", file, line, text });
    }
    return {
      failed: unexpectedSuccess(cells.slice(0, ran), execution) || failures.length > 0,
      interrupted,
      ran: ran - from,
      cached: from,
    };
  } finally {
    if (kernel !== undefined) await kernels.give(kernel, whole && cache !== undefined);
    execution.onRunning(false);
    progress.end();
  }
}

/**
 * Gives the notebook's cells what the kernel's have shown. Cells before the first that was changed keep what they showed before, to the byte,
 * though a fresh kernel had to run them.
 */
function take(kernel: Kernel, cells: readonly CodeCell[], kept: readonly Shown[], execution: Execution): Shown[] {
  const differing: CodeCell[] = [];
  let reached = 0;
  const shown = cells.slice(0, kernel.shown.length).map((cell, index): Shown => {
    const { outputs, late } = kernel.shownBy(index);
    const before = kept[index];
    if (index === reached && before?.late === false && !late) {
      reached++;
      if (JSON.stringify(before.outputs) !== JSON.stringify(outputs)) differing.push(cell);
      show(cell, index + 1, before.outputs);
      return before;
    }
    show(cell, index + 1, outputs);
    return { outputs, late };
  });
  const [first] = differing;
  if (first !== undefined) {
    const { file, progress } = execution;
    const more = differing.length === 1 ? "" : `, and ${differing.length - 1} more,`;
    progress.print(
      `${file}:${lineOf(first) ?? 1}: this cell${more} shows something else each time it runs; what it showed before is kept (--no-cache takes the new)`,
    );
  }
  return shown;
}

function show(cell: CodeCell, count: number, outputs: CodeCell["outputs"]): void {
  cell.outputs = outputs;
  cell.execution_count = count;
}

function tell(
  { cell: number, source, error, timedOut, uncaught }: CellFailure,
  cells: CodeCell[],
  execution: Execution,
): void {
  const { file, progress, report, timeout } = execution;
  const cell = cells[number - 1];
  const mark = cell && markOf(cell);
  const where = stripVTControlCharacters(error.traceback.join("\n"));
  const line = Number(new RegExp(`Cell \\[${number}\\](?::|,? line )(\\d+)`).exec(where)?.[1] ?? 1);
  const what = timedOut
    ? `the cell took longer than ${timeout} s and was stopped`
    : uncaught
      ? `the cell left an error that nothing caught: ${error.ename}: ${error.evalue}`
      : `the cell failed: ${error.ename}: ${error.evalue}`;
  const at = mark?.file === undefined ? file : resolve(dirname(file), mark.file);
  report({ severity: "error", file: at, line: (mark?.line ?? 1) + line - 1, text: what.split("\n", 1)[0] ?? what });
  if (!timedOut) progress.print(`${formatFailure(number, source, error)}\n`);
}

/** Whether a cell that should fail did not. */
function unexpectedSuccess(cells: readonly CodeCell[], { file, report }: Execution): boolean {
  const wrong = cells.filter(
    (cell) => markOf(cell)?.expect === "error" && !cell.outputs.some(({ output_type: type }) => type === "error"),
  );
  for (const cell of wrong) {
    const line = lineOf(cell) ?? 1;
    report({ severity: "error", file, line, text: "the cell should fail (expect=error), and did not" });
  }
  return wrong.length > 0;
}

function lineOf(cell: CodeCell | undefined): number | undefined {
  return cell === undefined ? undefined : markOf(cell)?.line;
}
