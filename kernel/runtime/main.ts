// The runtime process: takes one request after the other from the kernel process, runs it as an execution, and answers. It may be
// interrupted at any point of the user's code, and the user's code may end it; the kernel process lives through both.

import { restoreFlags } from "./v8-flags.ts";
import { Socket } from "node:net";
import { MessageChannel } from "node:worker_threads";
import { isComplete, warmUp } from "../cell.ts";
import type { Shown } from "../display/bundle.ts";
import { bundleOf } from "../display/mime.ts";
import type { CommMessage, ErrorReply, Payload, UserExpression } from "../session.ts";
import { hidePromiseContext } from "./async-hooks.ts";
import { captureChildren } from "./children.ts";
import { receiveComm } from "./comms.ts";
import { complete, inspect } from "./complete.ts";
import { displaysPending, DisplayHandle } from "./display.ts";
import { errorReply, isInstance, keyboardInterrupt, mapStacks } from "./errors.ts";
import { type Evaluation, Evaluator, Refused } from "./evaluate.ts";
import {
  begin,
  cancelActivities,
  currentExecution,
  end,
  type Execution,
  Interrupted,
  newExecution,
  runEndings,
  runIn,
  runningExecution,
} from "./execution.ts";
import { decodeMessage, FrameReader } from "./frames.ts";
import { answerInput, defineInput } from "./input.ts";
import { type Interrupt, runHooks, startInterrupts } from "./interrupt.ts";
import { type ExecuteRequest, type Reply, type Request, REQUEST_FD, type Start } from "./messages.ts";
import { defineJupyter } from "./jupyter.ts";
import { isPageRequest, pageRequest } from "./page.ts";
import { captureOutput, endGroups, report, reportFenced, show, showAlways } from "./output.ts";
import { captureTimers, nativeTimers, resumeTimers, takeActiveCallback } from "./timers.ts";
import { MARK_VARIABLE } from "../process-tree.ts";

/** An object that a prelude exports under this symbol's method is told after each interrupt: `finally` blocks did not run. */
const INTERRUPTED = Symbol.for("adjoint.interrupted");

interface Task {
  cell: number;
  request: Request;
  buffers: Buffer[];
}

let evaluator: Evaluator;
let prelude: Record<string, unknown> = {};
/** The highest cell number seen, and the one that was interrupted before it came. */
let newestCell = 0;
let interruptedAhead = -1;

/** Answers an execution's request, once; what the cell prints later still finds its place. */
function settle(execution: Execution, reply: Reply): void {
  if (execution.ended) return;
  reportFenced(execution.cell, { report: "reply", value: reply });
  end(execution);
  if (tasks.length > 0) entrance.port1.postMessage(null);
}

function fail(execution: Execution, error: ErrorReply): void {
  const { ename, evalue, traceback } = error;
  showAlways({ type: "error", ename, evalue, traceback }, execution);
}

/** An exception that no code of the user's has caught: in a timer, a callback, a rejected promise. */
function reportUncaught(error: unknown, execution: Execution): void {
  if (execution.interrupted || isInstance(error, Interrupted)) return;
  fail(execution, errorReply(error, execution.count));
}

async function userExpression(source: string): Promise<UserExpression> {
  try {
    const { result } = await evaluator.evaluate(source, null);
    const shown = await bundleOf(result?.value);
    return { status: "ok", ...shown };
  } catch (error) {
    return errorReply(error, null, source);
  }
}

function endings(execution: Execution): void {
  runEndings(execution, (error) => reportUncaught(error, execution));
}

/** Also what the cell has displayed, which can take longer than the cell. */
async function evaluateAndShow(
  { code, shown, refusal, caution }: ExecuteRequest,
  count: number | null,
  execution: Execution,
): Promise<Evaluation> {
  try {
    return await evaluator.evaluate(code, count, {
      ...(shown !== undefined && { shown }),
      ...(refusal !== undefined && { refusal }),
      ...(caution !== undefined && { caution }),
    });
  } finally {
    // Of an interrupted cell they have run.
    if (!execution.interrupted) endings(execution);
    const displays = displaysPending(execution);
    if (displays !== undefined) await displays;
  }
}

async function execute(request: ExecuteRequest, execution: Execution): Promise<Reply> {
  const { code, shown = code, executionCount, silent } = request;
  const count = silent ? null : executionCount;
  if (!silent) evaluator.inputs.push({ count: executionCount, source: shown });
  const page = pageRequest(code, evaluator);
  if (page !== undefined) {
    return { status: "ok", payload: [{ source: "page", data: await page, start: 0 }], userExpressions: {} };
  }
  let payload: Payload[] = [];
  try {
    const { result, payload: fromLines } = await evaluateAndShow(request, count, execution);
    payload = fromLines;
    if (result?.value !== undefined && !silent && !DisplayHandle.isOne(result.value)) {
      const shown: Shown | Promise<Shown> = bundleOf(result.value);
      const { data, metadata } = shown instanceof Promise ? await shown : shown;
      show({ type: "execute_result", execution_count: executionCount, data, metadata }, execution);
    }
  } catch (error) {
    // An interrupted cell has been answered already, by `takeInterrupt`.
    const reply: ErrorReply = isInstance(error, Refused)
      ? { status: "error", ...error.refusal }
      : errorReply(error, count, shown);
    if (!execution.interrupted) fail(execution, reply);
    return { ...reply, ...evaluator.nameChanges(execution.count, true) };
  }
  const userExpressions: Record<string, UserExpression> = {};
  for (const [name, source] of Object.entries(request.userExpressions)) {
    userExpressions[name] = await userExpression(source);
  }
  return { status: "ok", payload, userExpressions, ...evaluator.nameChanges(execution.count, false) };
}

async function comm(message: Omit<CommMessage, "buffers">, buffers: Buffer[], execution: Execution): Promise<null> {
  try {
    await receiveComm({ ...message, buffers });
  } catch (error) {
    reportUncaught(error, execution);
  }
  return null;
}

async function start(request: Start): Promise<void> {
  process.chdir(request.folder);
  try {
    if (request.prelude === null) return;
    prelude = await evaluator.modules.importForKernel(request.prelude);
    evaluator.variables.addPrelude(prelude);
  } finally {
    restoreFlags();
  }
}

function handle({ request, buffers }: Task, execution: Execution): Reply | Promise<Reply> {
  switch (request.method) {
    case "start":
      return start(request).then(
        () => null,
        (error: unknown) => {
          fail(execution, errorReply(error, 0));
          return null;
        },
      );
    case "execute":
      return execute(request, execution);
    case "comm":
      return comm(request.message, buffers, execution);
    case "complete":
      return complete(request.code, request.cursor, evaluator);
    case "inspect":
      return inspect(request.code, request.cursor, request.detail, evaluator);
    case "isComplete":
      return isPageRequest(request.code) ? { status: "complete" } : isComplete(request.code, evaluator.known);
    case "inputReply":
      return null; // Answered where it arrives.
    default:
      return request satisfies never;
  }
}

function run(task: Task): void {
  const { cell, request } = task;
  newestCell = Math.max(newestCell, cell);
  const execution =
    request.method === "execute"
      ? newExecution(cell, request.executionCount, request.allowStdin)
      : newExecution(cell, 0, false);
  begin(execution);
  endGroups();
  if (interruptedAhead === cell) {
    interrupt(execution, [], 0);
    return;
  }
  runIn(execution, () => {
    try {
      const reply = handle(task, execution);
      if (!(reply instanceof Promise)) settle(execution, reply);
      else
        reply.then(
          // A turn later: rejections that nobody handles are known then, and shown as part of the cell.
          (value) => nativeTimers.setImmediate(() => settle(execution, value)),
          (error: unknown) => settle(execution, broken(error, execution)),
        );
    } catch (error) {
      settle(execution, broken(error, execution));
    }
  });
}

/** A defect of the kernel itself, not of the user's code: shown whole. */
function broken(error: unknown, execution: Execution): ErrorReply {
  const stack = error instanceof Error ? (error.stack ?? String(error)) : String(error);
  const reply: ErrorReply = {
    status: "error",
    ename: "KernelError",
    evalue: String(error),
    traceback: stack.split("\n"),
  };
  fail(execution, reply);
  return reply;
}

function interrupt(execution: Execution, frames: readonly string[], number: number): void {
  cancelActivities(execution);
  // Code of users and libraries, which a further interrupt ends; then this begins anew without it.
  if (!execution.interrupted) runHooks(number, () => runIn(execution, () => endings(execution)));
  const error = keyboardInterrupt(frames);
  // A termination that comes late can hit this very code; the message that leads here then comes again.
  if (!execution.interrupted) fail(execution, error);
  execution.interrupted = true;
  // What has become of names is told once, to whom it can be told.
  if (!execution.ended) settle(execution, { ...error, ...evaluator.nameChanges(execution.count, true) });
}

function tellPrelude(): void {
  for (const exported of Object.values(prelude)) {
    const hook: unknown = exported === null ? undefined : (Object(exported) as Record<symbol, unknown>)[INTERRUPTED];
    if (typeof hook === "function") Reflect.apply(hook, exported, []);
  }
}

function takeInterrupt({ number, cell, frames, terminated }: Interrupt): void {
  if (cell > newestCell) interruptedAhead = cell;
  const running = runningExecution();
  if (running !== undefined && (running.cell <= cell || terminated)) interrupt(running, frames, number);
  const callback = takeActiveCallback();
  if (callback !== undefined && callback !== running) interrupt(callback, frames, number);
  evaluator.variables.retract();
  evaluator.modules.reset();
  resumeTimers();
  try {
    if (!runHooks(number, tellPrelude))
      throw new Error("the prelude's interrupt hook did not end, until it was interrupted");
  } catch (error) {
    // The prelude's own fault: the interrupt has done what it should, and the kernel waits to be told.
    const execution = running ?? callback ?? currentExecution();
    fail(execution, errorReply(error, execution.count));
  }
  report(0, { report: "interrupted", number, cell });
}

// Cells are entered from a message of their own, never from within the socket's reading: what is terminated is then only theirs.
const tasks: Task[] = [];
const entrance = new MessageChannel();
entrance.port2.on("message", () => {
  const task = runningExecution() === undefined ? tasks.shift() : undefined;
  if (task !== undefined) run(task);
});

let prepared = false;

/** How long the interrupt thread may take to end what cells have started. */
const ORPHAN_MILLISECONDS = 1000;

function listen(): void {
  const reader = new FrameReader();
  const requests = new Socket({ fd: REQUEST_FD, readable: true, writable: false });
  requests.on("data", (chunk: Buffer) => {
    for (const { cell, body } of reader.push(chunk)) {
      const { message: request, buffers } = decodeMessage<Request>(body);
      if (request.method === "inputReply") {
        answerInput(request);
        continue;
      }
      if (request.method === "start") {
        prepared = true;
        prepare(request);
      }
      tasks.push({ cell, request, buffers });
      entrance.port1.postMessage(null);
    }
  });
  // The kernel process is gone; the interrupt thread ends what cells have started, and this process.
  requests.on("error", () => requests.destroy());
  // The thread is not there before the kernel process has said something, and may be gone after.
  requests.on("close", () => {
    if (prepared) nativeTimers.setTimeout(() => process.kill(process.pid, "SIGKILL"), ORPHAN_MILLISECONDS);
    else process.exit();
  });
}

function prepare({ folder }: Start): void {
  // Node's options of this process are not for those that cells fork.
  process.execArgv = [];
  evaluator = new Evaluator(folder);
  captureOutput();
  captureTimers(reportUncaught);
  const interrupts = startInterrupts(process.env[MARK_VARIABLE] ?? "", takeInterrupt);
  captureChildren(interrupts.child);
  defineInput(interrupts.answers, interrupts.wake);
  defineJupyter();
  mapStacks();
  hidePromiseContext();
  process.on("unhandledRejection", (reason) => reportUncaught(reason, currentExecution()));
  process.on("uncaughtException", (error) => reportUncaught(error, currentExecution()));
  // The terminal's Ctrl-C reaches the whole group; only the kernel process decides what it means.
  process.on("SIGINT", () => {});
  report(0, { report: "ready" });
  // While nobody waits; the first cell would pay for it.
  nativeTimers.setImmediate(() => {
    if (runningExecution() === undefined) warmUp();
  });
}

listen();
