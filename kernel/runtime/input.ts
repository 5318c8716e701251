// Asking the user: `prompt`, `confirm` and `alert` block as in a browser, `input` is a promise. Without a front end that can ask,
// they answer as a browser without dialogs would. A blocking question sleeps on shared memory and is woken by the interrupt
// thread, so that an interrupt ends it like any other code.

import { type MessagePort, receiveMessageOnPort } from "node:worker_threads";
import { currentExecution, Interrupted } from "./execution.ts";
import { report } from "./output.ts";

export interface InputReply {
  id: number;
  value: string | null;
}

/** Awaited questions, answered by the kernel process through the main thread's requests. */
const awaited = new Map<number, (value: string | null) => void>();
let questions = 0;

export function answerInput({ id, value }: InputReply): void {
  awaited.get(id)?.(value);
  awaited.delete(id);
}

/**
 * Defines the global functions. `answers` delivers the answers to blocking questions; `wake` is its counter in shared memory.
 */
export function defineInput(answers: MessagePort, wake: Int32Array): void {
  function askBlocking(text: string, password = false): string | null {
    const execution = currentExecution();
    if (!execution.allowStdin || execution.interrupted) return null;
    const id = ++questions;
    for (;;) {
      // Answers to questions that were interrupted.
      if (receiveMessageOnPort(answers) === undefined) break;
    }
    let seen = Atomics.load(wake, 0);
    report(execution.cell, { report: "input", id, prompt: text, password, blocking: true });
    for (;;) {
      Atomics.wait(wake, 0, seen);
      seen = Atomics.load(wake, 0);
      for (let received; (received = receiveMessageOnPort(answers));) {
        const answer = received.message as InputReply;
        if (answer.id === id) return answer.value;
      }
    }
  }

  Object.assign(globalThis, {
    /**
     * Asks for a line and waits for it, blocking. An empty answer takes `initial`, where there is one; null when the user
     * cancels or nobody can be asked. An interrupt ends the cell.
     */
    prompt(message: unknown = "", initial?: unknown): string | null {
      const hint = initial === undefined ? "" : ` [${String(initial)}]`;
      const answer = askBlocking(`${String(message)}${hint}`);
      return answer === "" && initial !== undefined ? String(initial) : answer;
    },
    /** Asks for yes or no, blocking; false for anything but `y` or `yes`, and when nobody can be asked. */
    confirm(message: unknown = ""): boolean {
      const answer = askBlocking(`${String(message)} [y/N]`);
      return answer !== null && /^\s*y(es)?\s*$/i.test(answer);
    },
    /** Says something and waits for Enter, blocking; returns at once when nobody can be asked. */
    alert(message: unknown = ""): void {
      askBlocking(`${String(message)} [Enter]`);
    },
    input: askInput,
  });
}

/**
 * Asks for a line without blocking: timers and other code go on. The typed text is hidden with `password`. Resolves to null when
 * nobody can be asked.
 *
 *     const token = await input("token", { password: true });
 */
export function askInput(message: unknown = "", options: { password?: boolean } = {}): Promise<string | null> {
  const execution = currentExecution();
  if (!execution.allowStdin) return Promise.resolve(null);
  const id = ++questions;
  return new Promise((resolve, reject) => {
    awaited.set(id, resolve);
    execution.activities.add({
      cancel: () => {
        awaited.delete(id);
        reject(new Interrupted("the cell was interrupted"));
      },
    });
    report(execution.cell, {
      report: "input",
      id,
      prompt: String(message),
      password: options.password === true,
      blocking: false,
    });
  });
}
