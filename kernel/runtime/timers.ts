// The timers that cells use: each belongs to the cell that set it, so that an interrupt cancels it and an exception in its callback
// is shown there. `setImmediate` gets a queue of its own that is drained from a message handler, because Node forgets the other
// immediates of a batch when one of them is terminated.

import { AsyncResource } from "node:async_hooks";
import timersModule from "node:timers";
import { promisify } from "node:util";
import { MessageChannel } from "node:worker_threads";
import { type Activity, currentExecution, type Execution } from "./execution.ts";

type Callback = (...args: unknown[]) => void;

const native = { ...timersModule };

/** The execution whose timer callback is on the stack: an interrupt stops it even when its cell has ended. */
let active: Execution | undefined;

/** Takes the execution whose callback was cut off by a termination. */
export function takeActiveCallback(): Execution | undefined {
  const execution = active;
  active = undefined;
  return execution;
}

function checkCallback(name: string, callback: unknown): asserts callback is Callback {
  if (typeof callback !== "function") {
    throw new TypeError(
      `${name}: the callback must be a function, not ${callback === null ? "null" : typeof callback}`,
    );
  }
}

export function captureTimers(onError: (error: unknown, execution: Execution) => void): void {
  const records = new WeakMap<NodeJS.Timeout, { execution: Execution; activity: Activity }>();

  function call(execution: Execution, callback: Callback, self: unknown, args: unknown[]): void {
    if (execution.interrupted) return;
    const outer = active;
    active = execution;
    try {
      Reflect.apply(callback, self, args);
    } catch (error) {
      onError(error, execution);
    }
    active = outer;
  }

  const schedule =
    (name: "setTimeout" | "setInterval") =>
    (callback: unknown, delay?: number, ...args: unknown[]): NodeJS.Timeout => {
      checkCallback(name, callback);
      const execution = currentExecution();
      const timeout: NodeJS.Timeout = native[name](() => {
        if (name === "setTimeout") execution.activities.delete(activity);
        call(execution, callback, timeout, args);
      }, delay);
      const activity: Activity = { cancel: () => native.clearTimeout(timeout) };
      execution.activities.add(activity);
      records.set(timeout, { execution, activity });
      return timeout;
    };

  const clear = (timeout?: NodeJS.Timeout | string | number): void => {
    native.clearTimeout(timeout);
    const record = typeof timeout === "object" ? records.get(timeout) : undefined;
    record?.execution.activities.delete(record.activity);
  };

  const immediates: Immediate[] = [];
  let drainPending = false;
  const { port1, port2 } = new MessageChannel();
  port2.on("message", () => {
    // What immediates add while this runs waits for the next round, as in Node.
    for (let count = immediates.length; count > 0; count--) immediates.shift()?.run();
    drainPending = false;
    if (immediates.length > 0) requestDrain();
  });
  port2.unref();

  function requestDrain(): void {
    if (drainPending) return;
    drainPending = true;
    native.setImmediate(() => port1.postMessage(null));
  }

  class Immediate extends AsyncResource implements Activity {
    readonly #execution = currentExecution();
    #callback: (() => void) | undefined;

    constructor(callback: Callback, args: unknown[]) {
      super("Immediate");
      this.#callback = () => call(this.#execution, callback, this, args);
      this.#execution.activities.add(this);
      immediates.push(this);
      requestDrain();
    }

    run(): void {
      const callback = this.#callback;
      this.cancel();
      if (callback !== undefined) this.runInAsyncScope(callback);
    }

    cancel(): void {
      this.#callback = undefined;
      this.#execution.activities.delete(this);
    }

    ref = (): this => this;
    unref = (): this => this;
    hasRef = (): boolean => true;
  }

  const replaced = {
    setTimeout: schedule("setTimeout"),
    setInterval: schedule("setInterval"),
    setImmediate: (callback: unknown, ...args: unknown[]): Immediate => {
      checkCallback("setImmediate", callback);
      return new Immediate(callback, args);
    },
    clearTimeout: clear,
    clearInterval: clear,
    clearImmediate: (immediate: unknown): void => {
      if (immediate instanceof Immediate) immediate.cancel();
      else native.clearImmediate(immediate as NodeJS.Immediate);
    },
  };
  for (const [name, replacement] of Object.entries(replaced)) {
    const original = native[name as keyof typeof replaced];
    Object.defineProperty(replacement, "name", { value: name });
    const promisified = (original as { [promisify.custom]?: unknown })[promisify.custom];
    if (promisified !== undefined) Object.defineProperty(replacement, promisify.custom, { value: promisified });
    Object.assign(timersModule, { [name]: replacement });
    Object.defineProperty(globalThis, name, {
      value: replacement,
      configurable: true,
      enumerable: true,
      writable: true,
    });
  }

  /** After a termination: the rest of the immediates still wait. */
  resumeTimers = () => {
    drainPending = false;
    if (immediates.length > 0) requestDrain();
  };
}

export let resumeTimers = (): void => {};

/** Node's own `setTimeout`, for the runtime itself. */
export const nativeTimers: Pick<typeof timersModule, "setTimeout" | "setImmediate" | "clearTimeout"> = native;
