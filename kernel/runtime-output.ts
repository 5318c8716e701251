// What a runtime process writes, in one order: its framed channel, and the raw descriptors 1 and 2 that native code and children
// write to. The runtime writes synchronously, so when a frame is read, all that was written before it already lies in the
// other pipes. Hence two rules put everything in its place: before raw text is handed on, the frames that are there are;
// and before a fenced message, the raw text that is there is.

import { readSync } from "node:fs";
import type { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { StringDecoder } from "node:string_decoder";
import type { Source } from "./launch.ts";
import { FENCED_MESSAGE, type Frame, FrameReader } from "./runtime/frames.ts";

export interface OutputHandlers {
  onFrame(frame: Frame): void;
  onRawText(name: "stdout" | "stderr", text: string): void;
}

interface RawSource extends Source {
  name: "stdout" | "stderr";
  /** Bytes need not end where characters do; those that are no UTF-8 become U+FFFD. */
  decoder: StringDecoder;
  /** Read from the pipe, not yet handed on. */
  waiting: Buffer[];
}

/** Reads all three pipes. */
export class RuntimeOutput {
  readonly #handlers: OutputHandlers;
  readonly #reader = new FrameReader();
  readonly #frames: Source;
  readonly #raw: RawSource[];
  #draining = false;

  constructor(frames: Source, stdout: Source, stderr: Source, handlers: OutputHandlers) {
    this.#handlers = handlers;
    this.#frames = frames;
    this.#raw = [
      { ...stdout, name: "stdout", decoder: new StringDecoder("utf8"), waiting: [] },
      { ...stderr, name: "stderr", decoder: new StringDecoder("utf8"), waiting: [] },
    ];
    frames.stream.on("data", (chunk: Buffer) => this.#deliver(chunk));
    for (const source of this.#raw) {
      source.stream.on("data", (chunk: Buffer) => {
        source.waiting.push(chunk);
        this.#drainFrames();
        this.#flush(source);
      });
    }
  }

  pause(): void {
    for (const { stream } of [this.#frames, ...this.#raw]) stream.pause();
  }

  resume(): void {
    for (const { stream } of [this.#frames, ...this.#raw]) stream.resume();
  }

  /** The process has ended: reads what it has left in the pipes, and closes them. */
  async finish(): Promise<void> {
    const sources = [this.#frames, ...this.#raw];
    const ended = Promise.all(sources.map(({ stream }) => endOf(stream)));
    // Something that it has started and that nobody can find may hold its pipes open for ever.
    await Promise.race([ended, sleep(LONGEST_END, undefined, { ref: false })]);
    for (const { stream } of sources) stream.destroy();
  }

  #deliver(chunk: Buffer): void {
    for (const frame of this.#reader.push(chunk)) {
      if (frame.kind === FENCED_MESSAGE) {
        for (const source of this.#raw) {
          readWaiting(source, (bytes) => source.waiting.push(bytes));
          this.#flush(source);
        }
      }
      this.#handlers.onFrame(frame);
    }
  }

  #drainFrames(): void {
    // A paused stream holds chunks that come before what lies in the pipe.
    if (this.#draining || this.#frames.stream.isPaused()) return;
    this.#draining = true;
    readWaiting(this.#frames, (bytes) => this.#deliver(bytes));
    this.#draining = false;
  }

  #flush({ name, decoder, waiting }: RawSource): void {
    for (const bytes of waiting.splice(0)) {
      const text = decoder.write(bytes);
      if (text.length > 0) this.#handlers.onRawText(name, text);
    }
  }
}

/** Milliseconds in which what lies in three pipes is read. */
const LONGEST_END = 500;

const CHUNK_BYTES = 64 * 1024;
/** More than a pipe holds; what comes meanwhile can wait. */
const MOST_CHUNKS = 16;

/** What lies in a pipe now. */
function readWaiting({ stream, descriptor }: Source, take: (bytes: Buffer) => void): void {
  if (descriptor === undefined || stream.destroyed || stream.readableEnded) return;
  for (let chunks = 0; chunks < MOST_CHUNKS; chunks++) {
    const bytes = Buffer.allocUnsafe(CHUNK_BYTES);
    let length: number;
    try {
      length = readSync(descriptor, bytes, 0, bytes.length, null);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "EAGAIN") return; // It is empty, which has no other sign.
      throw error;
    }
    if (length === 0) return; // Its end; the stream says so in its own time.
    take(bytes.subarray(0, length));
  }
}

function endOf(stream: Readable): Promise<void> {
  return new Promise((resolve) => {
    if (stream.readableEnded || stream.destroyed) resolve();
    for (const event of ["end", "error", "close"]) stream.once(event, () => resolve());
  });
}
