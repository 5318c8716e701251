// The kernel process's end of a runtime process: starts it, speaks to it, reads its three output streams in one order, and tells
// when and how it ended. One object is one process; who wants another after its death makes another.

import { type ChildProcess, execFile, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import type { Duplex, Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { closeWriters, type Fifo, fifoPaths, openFifos } from "./fifos.ts";
import { killProcesses, MARK_VARIABLE, markedProcesses } from "./process-tree.ts";
import { RuntimeOutput, type Source } from "./runtime-output.ts";
import { decodeMessage, encodeMessage, type Frame, STDERR, STDOUT } from "./runtime/frames.ts";
import { type Control, CONTROL_FD, OUTPUT_FD, type Report, type Request, REQUEST_FD } from "./runtime/messages.ts";

export interface RuntimeEnd {
  code: number | null;
  signal: NodeJS.Signals | null;
  /** V8 said that its heap was full. */
  outOfMemory: boolean;
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

export interface RuntimeOptions {
  folder: string;
  heapMegabytes: number;
  prelude: string | null;
}

/** What Node and V8 write when they abort: of no use to the reader of a notebook. */
const LAST_WORDS = /\n<--- Last few GCs --->|----- Native stack trace -----/;

const main = fileURLToPath(new URL("./runtime/main.js", import.meta.url));

/** For the frames, standard output and standard error. */
async function makeFifos(): Promise<Fifo[]> {
  if (process.platform === "win32") return [];
  const places = fifoPaths(3);
  await promisify(execFile)("mkfifo", ["-m", "600", ...places.paths]);
  return openFifos(places);
}

/** Node's types know five descriptors. */
function stdioOf(child: ChildProcess): readonly (Duplex | Readable | null | undefined)[] {
  return child.stdio as unknown as readonly (Duplex | null | undefined)[];
}

export class RuntimeProcess {
  readonly #handlers: RuntimeHandlers;
  readonly #mark = randomBytes(16).toString("hex");
  #child: ChildProcess | undefined;
  #output: RuntimeOutput | undefined;
  #unsent: { fd: number; bytes: Buffer }[] = [];
  #paused = false;
  #ready = false;
  #killed = false;
  #lastWords: string | undefined;
  readonly #ended: Promise<void>;

  constructor(options: RuntimeOptions, handlers: RuntimeHandlers) {
    this.#handlers = handlers;
    this.send(0, { method: "start", folder: options.folder, prelude: options.prelude });
    this.#ended = this.#run(options);
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  send(cell: number, request: Request, buffers?: readonly Uint8Array[]): void {
    this.#write(REQUEST_FD, encodeMessage(cell, request, buffers));
  }

  control(message: Control): void {
    this.#write(CONTROL_FD, encodeMessage(0, message));
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
    this.#killed = true;
    this.resume();
    this.#child?.kill("SIGKILL");
    await this.#ended;
  }

  #write(fd: number, bytes: Buffer): void {
    if (this.#child === undefined) {
      this.#unsent.push({ fd, bytes });
      return;
    }
    const stream = stdioOf(this.#child)[fd] as Duplex | undefined;
    if (stream?.writable === true) stream.write(bytes);
  }

  async #run(options: RuntimeOptions): Promise<void> {
    const end = await this.#spawn(options).catch((error: unknown): RuntimeEnd => {
      this.#handlers.onRawText("stderr", `the runtime cannot be started: ${String(error)}\n`);
      return { code: null, signal: null, outOfMemory: false, atStart: true };
    });
    this.#handlers.onEnd(end);
  }

  async #spawn({ folder, heapMegabytes }: RuntimeOptions): Promise<RuntimeEnd> {
    const fifos = await makeFifos();
    const [frames, stdout, stderr] = fifos;
    const stdio: ("pipe" | "ignore" | number)[] = [
      "ignore",
      stdout?.writer ?? "pipe",
      stderr?.writer ?? "pipe",
      "pipe",
    ];
    stdio[OUTPUT_FD] = frames?.writer ?? "pipe";
    stdio[CONTROL_FD] = "pipe";
    const child = spawn(
      process.execPath,
      [
        `--max-old-space-size=${heapMegabytes}`,
        "--no-force-async-hooks-checks",
        "--disable-warning=ExperimentalWarning",
        main,
      ],
      { stdio, cwd: folder, env: { ...process.env, [MARK_VARIABLE]: this.#mark }, windowsHide: true },
    );
    const exited = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve, reject) => {
      child.once("error", reject);
      child.once("exit", (code, signal) => resolve({ code, signal }));
    });
    closeWriters(fifos);
    const source = (fd: number, fifo: Fifo | undefined): Source =>
      fifo === undefined ? { stream: stdioOf(child)[fd] as Readable, descriptor: undefined } : fifo;
    const output = new RuntimeOutput(source(OUTPUT_FD, frames), source(1, stdout), source(2, stderr), {
      onFrame: (frame) => this.#onFrame(frame),
      onRawText: (name, text) => this.#onRawText(name, text),
    });
    this.#output = output;
    if (this.#paused) output.pause();
    for (const fd of [REQUEST_FD, CONTROL_FD]) {
      // EPIPE and ECONNRESET when the runtime dies: its exit says so.
      stdioOf(child)[fd]?.on("error", () => {});
    }
    this.#child = child;
    for (const { fd, bytes } of this.#unsent.splice(0)) this.#write(fd, bytes);
    if (this.#killed) child.kill("SIGKILL");
    const { code, signal } = await exited;
    // While a process that it has started lives, the streams do not end.
    killProcesses(markedProcesses(this.#mark, child.pid === undefined ? [] : [child.pid]), "SIGKILL");
    this.resume();
    await output.ended;
    for (const fd of [REQUEST_FD, CONTROL_FD]) stdioOf(child)[fd]?.destroy();
    const outOfMemory = this.#lastWords?.includes("heap out of memory") ?? false;
    if (this.#lastWords !== undefined && signal !== "SIGABRT") this.#handlers.onRawText("stderr", this.#lastWords);
    return { code, signal, outOfMemory, atStart: !this.#ready };
  }

  #onFrame({ kind, cell, body }: Frame): void {
    if (kind === STDOUT || kind === STDERR) {
      this.#handlers.onText(cell, kind === STDOUT ? "stdout" : "stderr", body.toString());
      return;
    }
    const { message, buffers } = decodeMessage<Report>(body);
    if (message.report === "ready") this.#ready = true;
    this.#handlers.onReport(cell, message, buffers);
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
