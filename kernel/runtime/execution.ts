// Who runs right now: one Execution per cell or comm message, carried through timers, promises, streams and callbacks by
// AsyncLocalStorage, so that an output, an error or an interrupt finds the cell that it belongs to, long after that cell ended.

import { AsyncLocalStorage } from "node:async_hooks";
import { inspect } from "node:util";

/** Something that a cell has set going and that an interrupt of this cell stops: a timer, a child process, a worker. */
export interface Activity {
  cancel(): void;
}

export interface Execution {
  /** The number of the request; tags every output. */
  readonly cell: number;
  /** The number that the user sees in `Cell [n]`; 0 outside cells. */
  readonly count: number;
  readonly allowStdin: boolean;
  readonly activities: Set<Activity>;
  /** What is called when the cell ends, however it does, before it is answered. */
  readonly endings: Set<() => void>;
  interrupted: boolean;
  /** The cell has been answered; what it left behind may go on. */
  ended: boolean;
}

const store = new AsyncLocalStorage<Execution>();

/** The cell whose answer is awaited, if any. */
let running: Execution | undefined;
/** Where an output goes that no context claims: the running cell, else the last one. */
let latest: Execution = Object.assign(newExecution(0, 0, false), { ended: true });

export function newExecution(cell: number, count: number, allowStdin: boolean): Execution {
  const execution: Execution = {
    cell,
    count,
    allowStdin,
    activities: new Set(),
    endings: new Set(),
    interrupted: false,
    ended: false,
  };
  // Node shows the context of a resource when that is inspected (before Node 24).
  return Object.defineProperty(execution, inspect.custom, { value: () => `Cell [${count}]` });
}

/** Makes `execution` the running one until `end`. */
export function begin(execution: Execution): void {
  running = execution;
  latest = execution;
}

export function end(execution: Execution): void {
  execution.ended = true;
  if (running === execution) running = undefined;
}

export function runningExecution(): Execution | undefined {
  return running;
}

export function runIn<T>(execution: Execution, body: () => T): T {
  return store.run(execution, body);
}

/** The execution that the current JavaScript belongs to. */
export function currentExecution(): Execution {
  return store.getStore() ?? running ?? latest;
}

/** Calls what waits for the end of a cell, and what that adds, and what fails of it tells `failed`. */
export function runEndings({ endings }: Execution, failed: (error: unknown) => void): void {
  for (const ending of endings) {
    endings.delete(ending);
    try {
      ending();
    } catch (error) {
      failed(error);
    }
  }
}

/** Stops all that a cell has set going. */
export function cancelActivities(execution: Execution): void {
  for (const activity of execution.activities) activity.cancel();
  execution.activities.clear();
}

/** Thrown into an interrupted cell's code where it would resume after an `await`; nothing of the user's may catch it. */
export class Interrupted extends Error {
  override name = "KeyboardInterrupt";
}

/**
 * Called by rewritten cells after each `await` and at the start of each `catch` and `finally`: passes the awaited value on, or
 * ends the code of a cell that was interrupted.
 */
export function resumed<T>(value: T): T {
  const execution = store.getStore();
  if (execution !== undefined && execution.interrupted) throw new Interrupted("the cell was interrupted");
  return value;
}
