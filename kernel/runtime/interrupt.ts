// The main thread's side of interrupts: it starts the interrupt thread, answers its probe, and settles what was interrupted. The
// thread terminates whatever JavaScript runs here; `catch` and `finally` do not see that, so nothing in this process may count
// on them to settle a cell.

import { Worker, MessageChannel } from "node:worker_threads";
import { restoreChecks, suspendChecks } from "./async-hooks.ts";
import { userFrames } from "./errors.ts";
import type { InterruptThreadData } from "./interrupt-thread.ts";

export interface Interrupts {
  /** Answers to blocking questions, and the counter that is raised with each. */
  answers: MessageChannel["port1"];
  wake: Int32Array;
  /** Tells the interrupt thread of a child process that the main thread does not wait for. */
  child(pid: number, alive: boolean): void;
}

export interface Interrupt {
  number: number;
  /** The newest request when it was sent. */
  cell: number;
  /** JavaScript was running, and has been ended. */
  terminated: boolean;
  /** The user's part of its stack. */
  frames: readonly string[];
}

const shared = new Int32Array(new SharedArrayBuffer(12));
/** What a loop of the running cell would execute in its `finally`, or nothing. */
let writeBack = "";

/** The interrupt whose hooks run, and the newest one that came meanwhile and ends them. */
let hooksOf = 0;
let hooksEndedBy = 0;

/** Runs what the user's prelude does at an interrupt; a later interrupt ends it. False: this one did. */
export function runHooks(number: number, hooks: () => void): boolean {
  if (number <= hooksEndedBy) return number < hooksEndedBy;
  hooksOf = number;
  try {
    hooks();
  } finally {
    hooksOf = 0;
  }
  return true;
}

/** Called by rewritten cells around loops that run on copies of variables: the code that writes them back, then nothing. */
export function copies(code: string): void {
  writeBack = code;
  shared[2] = code === "" ? 0 : 1;
}

/** `onInterrupt` is called from the event loop. */
export function startInterrupts(mark: string, onInterrupt: (interrupt: Interrupt) => void): Interrupts {
  const messages = new MessageChannel();
  const answers = new MessageChannel();
  let frames: readonly string[] = [];
  /** The message has come through: what runs from then on must not be terminated. */
  let taking = false;

  // Evaluated by the inspector in the middle of whatever runs; alone on the stack when nothing does.
  Object.defineProperty(globalThis, Symbol.for("adjoint.probe"), {
    value: (number: number) => {
      // What is terminated here begins anew with the next message, but without the hooks.
      if (taking && hooksOf > 0 && number > hooksOf) {
        hooksEndedBy = Math.max(hooksEndedBy, number);
        suspendChecks();
        return true;
      }
      if (taking) return false;
      const { stackTraceLimit } = Error;
      const prepare = Object.getOwnPropertyDescriptor(Error, "prepareStackTrace");
      Error.stackTraceLimit = 100;
      Object.defineProperty(Error, "prepareStackTrace", { value: undefined, configurable: true });
      const trace = { stack: "" };
      Error.captureStackTrace(trace);
      const lines = trace.stack.split("\n").slice(1);
      Error.stackTraceLimit = stackTraceLimit;
      Object.defineProperty(Error, "prepareStackTrace", prepare ?? { value: undefined });
      // This function, and the expression that calls it.
      const busy = lines.length > 2;
      if (busy) {
        frames = userFrames(trace.stack);
        suspendChecks();
      }
      return busy;
    },
  });

  // Asked for by the thread while it has the main thread paused.
  Object.defineProperty(globalThis, Symbol.for("adjoint.copies"), { get: () => writeBack });

  messages.port1.on("message", ({ number, cell }: { number: number; cell: number }) => {
    taking = true;
    hooksOf = 0; // Nothing resets it in hooks that were terminated.
    copies("");
    const terminated = restoreChecks();
    if (Atomics.load(shared, 1) < number) {
      onInterrupt({ number, frames, cell, terminated });
      frames = [];
      Atomics.store(shared, 1, number);
    }
    taking = false;
  });
  messages.port1.unref();

  const workerData: InterruptThreadData = { main: messages.port2, answers: answers.port2, shared, mark };
  const thread = new Worker(new URL("./interrupt-thread.js", import.meta.url), {
    workerData,
    transferList: [messages.port2, answers.port2],
    execArgv: [],
    env: {},
  });
  thread.unref();
  // Without it nothing could be interrupted any more: better to end, which the kernel process tells the user.
  thread.on("error", () => process.kill(process.pid, "SIGKILL"));
  return {
    answers: answers.port1,
    wake: shared,
    child: (pid, alive) => messages.port1.postMessage({ pid, alive }),
  };
}
