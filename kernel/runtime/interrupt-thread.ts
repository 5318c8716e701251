// The thread that interrupts the main thread, whatever that is doing. It reads the control descriptor, on which the kernel process
// sends interrupts and the answers to blocking questions. An interrupt is first a message to the main thread; while that does
// not take it, JavaScript is running there: then the inspector looks, terminates it, and the message comes through.

import { Session } from "node:inspector";
import { Socket } from "node:net";
import { type MessagePort, workerData } from "node:worker_threads";
import { setTimeout as sleep } from "node:timers/promises";
import { killProcesses, childTrees, markedProcesses } from "../process-tree.ts";
import { decodeMessage, FrameReader } from "./frames.ts";
import { CONTROL_FD, type Control } from "./messages.ts";
import { pauseAndWriteBack } from "./write-back.ts";

export interface InterruptThreadData {
  /** To the main thread: `interrupt` numbers; from it: which child processes are asynchronous. */
  main: MessagePort;
  answers: MessagePort;
  /**
   * [0] counts answers to blocking questions, [1] is the last interrupt that the main thread has taken, [2] is 1 while a loop
   * runs on copies of variables.
   */
  shared: Int32Array;
  mark: string;
}

const { main, answers, shared, mark } = workerData as InterruptThreadData;

/** Evaluates the probe: is it the user's code that runs? `undefined` when the probe itself fails, on a stack that is full. */
function look(inspector: Session, number: number): Promise<boolean | undefined> {
  return new Promise((resolve) => {
    inspector.post("Runtime.evaluate", { expression: `${PROBE}(${number})`, returnByValue: true }, (error, reply) => {
      resolve(error !== null || reply.exceptionDetails !== undefined ? undefined : reply.result.value === true);
    });
  });
}

const asynchronousChildren = new Set<number>();
main.on("message", ({ pid, alive }: { pid: number; alive: boolean }) => {
  if (alive) asynchronousChildren.add(pid);
  else asynchronousChildren.delete(pid);
});

/** Processes for which the main thread waits in `execSync` and the like. */
function blockingChildren(): number[] {
  return childTrees(process.pid, asynchronousChildren);
}

const PROBE = "globalThis[Symbol.for('adjoint.probe')]";

/** After so many rounds (about a second), a child that ignores SIGINT is killed. */
const PATIENT_ROUNDS = 40;

/** So long (some 0.6 s) the main thread may run on until it is paused; a full stack leaves no room for that either. */
const PAUSE_ROUNDS = 30;

/** So often the probe may fail before the main thread is terminated without it. */
const FAILED_PROBES = 5;

interface Pause {
  /** The round. */
  patientUntil: number;
  over: boolean;
}

async function interrupt(number: number, cell: number): Promise<void> {
  const taken = () => Atomics.load(shared, 1) >= number;
  // Connected only while it is needed: Node would not exit silently with a connected inspector.
  const inspector = new Session();
  inspector.connectToMainThread();
  let isConnected = true;
  let failures = 0;
  let pause: Pause | undefined;
  for (let round = 0; !taken(); round++) {
    main.postMessage({ number, cell });
    await sleep(Math.min(2 + round, 20));
    if (taken()) break;
    const blocking = blockingChildren();
    const signal = round < PATIENT_ROUNDS ? "SIGINT" : "SIGKILL";
    // While it waits for a child it cannot be paused. No probe meanwhile: the termination could hit that.
    if (pause?.over === false && (blocking.length > 0 || round < pause.patientUntil)) {
      killProcesses(blocking, signal);
      continue;
    }
    // Asked in any case: the probe prepares the main thread for its termination.
    const probe = look(inspector, number);
    // A main thread that waits for a child is running JavaScript. The termination is asked for before the child ends, so that
    // nothing of the cell runs in between.
    const seen = blocking.length > 0 || (await Promise.race([probe, sleep(20, false)]));
    if (seen === undefined) failures++;
    // A recursion that catches the overflow of its stack leaves no room for the probe: it is ended unseen.
    const busy = seen ?? failures > FAILED_PROBES;
    if (!busy || taken()) continue;
    if (pause === undefined && Atomics.load(shared, 2) === 1) {
      const paused: Pause = { patientUntil: round + PAUSE_ROUNDS, over: false };
      pause = paused;
      const isOpen = (): boolean => isConnected;
      pauseAndWriteBack(inspector, isOpen, (resume) => {
        paused.over = true;
        if (!taken()) inspector.post("Runtime.terminateExecution");
        resume();
      });
      killProcesses(blocking, signal);
      continue;
    }
    const terminated = new Promise<void>((resolve) => inspector.post("Runtime.terminateExecution", () => resolve()));
    killProcesses(blocking, signal);
    await Promise.race([terminated, sleep(20)]);
  }
  isConnected = false;
  inspector.disconnect();
}

const reader = new FrameReader();
const control = new Socket({ fd: CONTROL_FD, readable: true, writable: false });
control.on("data", (chunk: Buffer) => {
  for (const frame of reader.push(chunk)) {
    const { message } = decodeMessage<Control>(frame.body);
    switch (message.control) {
      case "interrupt":
        void interrupt(message.number, message.cell);
        break;
      case "inputReply":
        answers.postMessage({ id: message.id, value: message.value });
        Atomics.add(shared, 0, 1);
        Atomics.notify(shared, 0);
        break;
      default:
        message satisfies never;
    }
  }
});
// The kernel process is gone: so are we, with all that the cells have started.
control.on("close", () => {
  killProcesses(markedProcesses(mark, [process.pid]), "SIGKILL");
  process.kill(process.pid, "SIGKILL");
});
