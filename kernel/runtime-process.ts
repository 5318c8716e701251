// The kernel process's end of a runtime process: starts it, speaks to it, reads its three output streams in one order, and tells
// when and how it ended. One object is one process; who wants another after its death makes another.

import type { Duplex } from "node:stream";
import { type Launch, launch, type LaunchOptions } from "./launch.ts";
import { killProcesses, markedProcesses } from "./process-tree.ts";
import { RuntimeOutput } from "./runtime-output.ts";
import { decodeMessage, encodeMessage, type Frame, FrameError, STDERR, STDOUT } from "./runtime/frames.ts";
import type { Control, Report, Request } from "./runtime/messages.ts";

export interface RuntimeEnd {
  code: number | null;
  signal: NodeJS.Signals | null;
  /** V8 said that its heap was full. */
  outOfMemory: boolean;
  /** Its channel carried what it cannot have sent, and it was ended for that. */
  broken: boolean;
  /** It never came up. */
  atStart: boolean;
}

export interface RuntimeHandlers {
  onText(cell: number, name: "stdout" | "stderr", text: string): void;
  /** Text that native code or a child process wrote to the runtime's own descriptors. */
  onRawText(name: "stdout" | "stderr", text: string): void;
  onReport(cell: number, report: Report, buffers: Buffer[]): void;
  onEnd(end: RuntimeEnd): void;
}

export interface RuntimeOptions extends LaunchOptions {
  prelude: string | null;
}

/** What Node and V8 write when they abort: of no use to the reader of a notebook. */
const LAST_WORDS = /\n<--- Last few GCs --->|----- Native stack trace -----/;

export class RuntimeProcess {
  readonly #handlers: RuntimeHandlers;
  readonly #launch: Launch;
  #output: RuntimeOutput | undefined;
  #paused = false;
  #ready = false;
  #broken = false;
  #lastWords: string | undefined;
  readonly #ended: Promise<void>;

  /** Takes the process that has been launched ahead, if there is one. */
  constructor(options: RuntimeOptions, handlers: RuntimeHandlers, launched: Launch = launch(options)) {
    this.#handlers = handlers;
    this.#launch = launched;
    this.send(0, { method: "start", folder: options.folder, prelude: options.prelude });
    this.#ended = this.#run();
  }

  get pid(): number | undefined {
    return this.#launch.child.pid;
  }

  send(cell: number, request: Request, buffers?: readonly Uint8Array[]): void {
    write(this.#launch.requests, encodeMessage(cell, request, buffers));
  }

  /** Lets a process go on that has stopped itself: it would hear nothing. */
  wake(): void {
    this.#launch.child.kill("SIGCONT");
  }

  control(message: Control): void {
    write(this.#launch.control, encodeMessage(0, message));
  }

  pause(): void {
    this.#paused = true;
    this.#output?.pause();
  }

  resume(): void {
    this.#paused = false;
    this.#output?.resume();
  }

  /** Ends the process and all that it has started; resolves when it is gone and its last output has been handed on. */
  async kill(): Promise<void> {
    this.resume();
    this.#launch.child.kill("SIGKILL");
    await this.#ended;
  }

  async #run(): Promise<void> {
    const { child, mark, requests, control } = this.#launch;
    const exited = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) => {
      child.once("error", (error) => {
        this.#handlers.onRawText("stderr", `the runtime cannot be started: ${error.message}\n`);
        resolve({ code: null, signal: null });
      });
      child.once("exit", (code, signal) => resolve({ code, signal }));
    });
    this.#launch.onDisconnect(() => this.#break());
    try {
      const { frames, stdout, stderr } = await this.#launch.open();
      this.#output = new RuntimeOutput(frames, stdout, stderr, {
        onFrame: (frame) => this.#onFrame(frame),
        onBroken: () => this.#break(),
        onRawText: (name, text) => this.#onRawText(name, text),
      });
      if (this.#paused) this.#output.pause();
    } catch (error) {
      this.#handlers.onRawText("stderr", `the runtime cannot be started: ${String(error)}\n`);
      child.kill("SIGKILL");
    }
    const { code, signal } = await exited;
    killProcesses(markedProcesses(mark, child.pid === undefined ? [] : [child.pid]), "SIGKILL");
    this.#launch.connected();
    this.resume();
    await this.#output?.finish();
    requests.destroy();
    control.destroy();
    const outOfMemory = this.#lastWords?.includes("heap out of memory") ?? false;
    if (this.#lastWords !== undefined && signal !== "SIGABRT") this.#handlers.onRawText("stderr", this.#lastWords);
    this.#handlers.onEnd({ code, signal, outOfMemory, broken: this.#broken, atStart: !this.#ready });
  }

  #onFrame({ kind, cell, body }: Frame): void {
    if (kind === STDOUT || kind === STDERR) {
      this.#handlers.onText(cell, kind === STDOUT ? "stdout" : "stderr", body.toString());
      return;
    }
    const decoded = this.#decode(body);
    if (decoded === undefined) return;
    const { message, buffers } = decoded;
    if (message.report === "ready") {
      this.#ready = true;
      this.#launch.connected();
    }
    this.#handlers.onReport(cell, message, buffers);
  }

  #decode(body: Buffer): { message: Report; buffers: Buffer[] } | undefined {
    try {
      const decoded = decodeMessage<Report>(body);
      if (typeof decoded.message.report === "string") return decoded;
    } catch (error) {
      if (!(error instanceof FrameError) && !(error instanceof RangeError)) throw error;
    }
    this.#break();
    return undefined;
  }

  /** The user's code has written to the channel, or broken what writes to it: there is no way back. */
  #break(): void {
    this.#broken = true;
    this.#launch.child.kill("SIGKILL");
  }

  /** Holds back the report of an abort: the session says it in words of its own. */
  #onRawText(name: "stdout" | "stderr", text: string): void {
    if (name === "stderr" && this.#lastWords !== undefined) {
      this.#lastWords += text;
      return;
    }
    const start = name === "stderr" ? text.search(LAST_WORDS) : -1;
    if (start >= 0) this.#lastWords = text.slice(start);
    const shown = start >= 0 ? text.slice(0, start) : text;
    if (shown.length > 0) this.#handlers.onRawText(name, shown);
  }
}

function write(stream: Duplex, bytes: Buffer): void {
  if (stream.writable) stream.write(bytes);
}
