// Everything that a cell shows leaves here, in order, written synchronously to one descriptor: what was printed before a crash has
// already left the process. `process.stdout`, `process.stderr` and `console` are replaced by streams that end here; what native
// code writes to descriptors 1 and 2 reaches the kernel by pipes of its own, and fences put both in order.

import { Console } from "node:console";
import { writeSync } from "node:fs";
import { Writable } from "node:stream";
import { StringDecoder } from "node:string_decoder";
import type { CommMessage, Output } from "../session.ts";
import { currentExecution, type Execution } from "./execution.ts";
import { encodeMessage, FENCED_MESSAGE, HEADER_BYTES, STDERR, STDOUT, writeHeader } from "./frames.ts";
import { OUTPUT_FD, type Report } from "./messages.ts";

const scratch = Buffer.allocUnsafe(64 * 1024);
/** UTF-8 needs at most three bytes for a UTF-16 code unit. */
const SCRATCH_UNITS = Math.floor((scratch.length - HEADER_BYTES) / 3);

function writeAll(bytes: Buffer, end = bytes.length): void {
  for (let offset = 0; offset < end;) offset += writeSync(OUTPUT_FD, bytes, offset, end - offset);
}

function writeText(kind: number, cell: number, text: string): void {
  if (text.length <= SCRATCH_UNITS) {
    const bytes = scratch.write(text, HEADER_BYTES);
    writeHeader(scratch, bytes, kind, cell);
    writeAll(scratch, HEADER_BYTES + bytes);
    return;
  }
  const body = Buffer.from(text);
  const header = Buffer.alloc(HEADER_BYTES);
  writeHeader(header, body.length, kind, cell);
  writeAll(Buffer.concat([header, body]));
}

/** Tells the kernel process something about `cell`. */
export function report(cell: number, message: Report, buffers: readonly Uint8Array[] = []): void {
  writeAll(encodeMessage(cell, message, buffers));
}

/** Prints for an execution; an interrupted one prints no more. */
export function print(name: "stdout" | "stderr", text: string, execution: Execution = currentExecution()): void {
  if (text.length === 0 || execution.interrupted) return;
  writeText(name === "stdout" ? STDOUT : STDERR, execution.cell, text);
}

/** Shows an output for an execution; an interrupted one shows no more. */
export function show(output: Output, execution: Execution = currentExecution()): void {
  if (execution.interrupted) return;
  showAlways(output, execution);
}

/** The same for what is said about an interrupted cell rather than by it. */
export function showAlways(output: Output, execution: Execution): void {
  if ("buffers" in output) {
    const { buffers, ...message } = output;
    report(execution.cell, { report: "output", output: message as CommMessage }, buffers);
  } else {
    report(execution.cell, { report: "output", output });
  }
}

/** The same, after all that was written to descriptors 1 and 2 so far. */
export function reportFenced(cell: number, message: Report): void {
  writeAll(encodeMessage(cell, message, [], FENCED_MESSAGE));
}

/** All that was written to descriptors 1 and 2 so far comes before all that is printed from now on. */
export function fence(): void {
  reportFenced(0, { report: "fence" });
}

/** A stream like `process.stdout` whose text goes to the cell that writes it, at once. */
class CellStream extends Writable {
  readonly fd: number;
  readonly isTTY = false;
  readonly #name: "stdout" | "stderr";
  readonly #decoders = new WeakMap<Execution, StringDecoder>();

  constructor(name: "stdout" | "stderr") {
    super({ decodeStrings: false });
    this.#name = name;
    this.fd = name === "stdout" ? 1 : 2;
  }

  // `write` itself, not `_write`: nothing is queued, so nothing can be out of order or lost when the process dies.
  override write(chunk: unknown, encoding?: unknown, callback?: unknown): boolean {
    const execution = currentExecution();
    if (typeof chunk === "string") {
      print(
        this.#name,
        isPlain(encoding) ? chunk : Buffer.from(chunk, encoding as BufferEncoding).toString(),
        execution,
      );
    } else if (ArrayBuffer.isView(chunk)) {
      let decoder = this.#decoders.get(execution);
      if (decoder === undefined) this.#decoders.set(execution, (decoder = new StringDecoder("utf8")));
      print(this.#name, decoder.write(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)), execution);
    } else {
      throw new TypeError(`write: the chunk must be a string, a Buffer or a TypedArray, not ${typeof chunk}`);
    }
    const done = typeof encoding === "function" ? encoding : callback;
    if (typeof done === "function") process.nextTick(done);
    return true;
  }

  // Packages end the streams that they pipe into; standard output stays open.
  override end(chunk?: unknown, encoding?: unknown, callback?: unknown): this {
    if (typeof chunk !== "function" && chunk !== undefined && chunk !== null) this.write(chunk, encoding);
    const done = [chunk, encoding, callback].find((argument) => typeof argument === "function");
    if (done !== undefined) process.nextTick(done);
    return this;
  }

  override destroy(): this {
    return this;
  }
}

function isPlain(encoding: unknown): boolean {
  return (
    encoding === undefined || encoding === null || typeof encoding === "function" || /^utf-?8$/i.test(String(encoding))
  );
}

let groups = 0;

/** The groups that a cell has opened with `console.group` end with it. */
export function endGroups(): void {
  while (groups > 0) console.groupEnd();
}

/** Replaces the process's standard streams and the methods of the one console object that all modules share. */
export function captureOutput(): void {
  const stdout = new CellStream("stdout");
  const stderr = new CellStream("stderr");
  for (const [name, stream] of Object.entries({ stdout, stderr })) {
    Object.defineProperty(process, name, { value: stream, configurable: true, enumerable: true, writable: true });
  }
  const captured = new Console({ stdout, stderr, ignoreErrors: false });
  for (const name of ["group", "groupCollapsed", "groupEnd"] as const) {
    const method = captured[name].bind(captured);
    captured[name] = (...args: unknown[]) => {
      groups = Math.max(0, groups + (name === "groupEnd" ? -1 : 1));
      method(...args);
    };
  }
  for (const key of Object.keys(console) as (keyof Console)[]) {
    if (typeof captured[key] === "function" && key !== "Console") {
      Object.assign(console, { [key]: captured[key].bind(captured) });
    }
  }
}
