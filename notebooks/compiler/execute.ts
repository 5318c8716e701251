// Stage 3: runs a notebook's cells with the kernel's own session, or takes what they showed from the cache, and says what failed with the
// line of the note.

import { stripVTControlCharacters } from "node:util";
import { basename, dirname, resolve } from "node:path";
import type { CodeCell, Notebook } from "../../kernel/notebook.ts";
import type { RunProgress } from "../../kernel/run-progress.ts";
import { formatFailure } from "../../kernel/run-progress.ts";
import { type CellFailure, type OpenSession, runnableCells, runNotebook } from "../../kernel/run.ts";
import type { OutputCache } from "./cache.ts";
import { markOf } from "./cells.ts";
import type { Report } from "./message.ts";

export interface Execution {
  /** The note. */
  file: string;
  openSession: OpenSession;
  /** Seconds for each cell. */
  timeout: number;
  cache: OutputCache | undefined;
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
  /** Cells that ran, and those whose outputs came from the cache. */
  ran: number;
  cached: number;
}

export async function execute(notebook: Notebook, execution: Execution): Promise<Executed> {
  const { file, openSession, timeout, cache, progress, interrupt, giveUp } = execution;
  const cells = runnableCells(notebook);
  const folder = resolve(dirname(file));
  const keys = cache?.keys(cells, folder);
  if (cells.length === 0 || (keys !== undefined && (await cache?.fill(cells, keys)) === true)) {
    return { failed: unexpectedSuccess(cells, execution), interrupted: false, ran: 0, cached: cells.length };
  }
  let ran = 0;
  const failures: CellFailure[] = [];
  progress.begin(basename(file), cells.length);
  execution.onRunning(true);
  try {
    const { interrupted } = await runNotebook(notebook, {
      openSession,
      folder,
      timeout,
      interrupt,
      giveUp,
      onCellStart: (cell) => progress.cellStarted((ran = cell)),
      onCellEnd(failure) {
        progress.cellEnded(failure === undefined || failure.allowed ? "ok" : "failed");
        if (failure !== undefined && !failure.allowed && !interrupt.aborted) failures.push(failure);
      },
      onUncaught: (failure) => failures.push(failure),
      onLog: (line) => progress.print(`${file}: ${line}`),
    });
    for (const failure of failures) tell(failure, cells, execution);
    if (failures.length === 0 && !interrupted && keys !== undefined) await cache?.keep(cells, keys);
    const skipped = cells.length - ran;
    if (failures.some(({ uncaught }) => !uncaught) && skipped > 0) {
      const line = lineOf(cells[ran]) ?? 1;
      const text = `${skipped === 1 ? "the cell after it was" : `the ${skipped} cells after it were`} not run`;
      execution.report({ severity: "warning", file, line, text });
    }
    return {
      failed: unexpectedSuccess(cells.slice(0, ran), execution) || failures.length > 0,
      interrupted,
      ran,
      cached: 0,
    };
  } finally {
    execution.onRunning(false);
    progress.end();
  }
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
