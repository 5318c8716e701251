// What a runtime process writes, in one order: its framed channel, and the raw descriptors 1 and 2 that native code and children
// write to. The runtime writes synchronously, so when a frame is read, all that was written before it already lies in the
// other pipes. Hence two rules put everything in its place: before raw text is handed on, the frames that are there are;
// and before a fenced message, the raw text that is there is.

import { readSync } from "node:fs";
import type { Readable } from "node:stream";
import { StringDecoder } from "node:string_decoder";
import { setImmediate } from "node:timers/promises";
import type { Source } from "./launch.ts";
import { FENCED_MESSAGE, type Frame, FrameError, FrameReader } from "./runtime/frames.ts";

export interface OutputHandlers {
  onFrame(frame: Frame): void;
  /** What came on the framed channel are no frames: something else has written there. */
  onBroken(): void;
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
  #finishing = false;

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
    if (this.#finishing) return;
    for (const { stream } of [this.#frames, ...this.#raw]) stream.pause();
  }

  resume(): void {
    for (const { stream } of [this.#frames, ...this.#raw]) stream.resume();
  }

  /**
   * The process has ended, so all that it wrote lies in the pipes: hands that on. Another process may still hold the pipes open,
   * a daemon with an environment of its own; nobody waits for that one.
   */
  async finish(): Promise<void> {
    const sources = [this.#frames, ...this.#raw];
    this.resume();
    this.#finishing = true;
    if (sources.some(({ descriptor }) => descriptor === undefined)) {
      await Promise.all(sources.map(({ stream }) => endOf(stream)));
    } else {
      // What the streams have read while they were paused comes first.
      while (sources.some(({ stream }) => stream.readableLength > 0)) await setImmediate();
      this.#drainFrames();
      for (const source of this.#raw) this.#drainRaw(source);
    }
    for (const { stream } of sources) stream.destroy();
  }

  #deliver(chunk: Buffer): void {
    let frames: Frame[];
    try {
      frames = this.#reader.push(chunk);
    } catch (error) {
      if (!(error instanceof FrameError)) throw error;
      this.#handlers.onBroken();
      return;
    }
    for (const frame of frames) {
      if (frame.kind === FENCED_MESSAGE) {
        for (const source of this.#raw) this.#drainRaw(source);
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

  #drainRaw(source: RawSource): void {
    readWaiting(source, (bytes) => source.waiting.push(bytes));
    this.#flush(source);
  }

  #flush({ name, decoder, waiting }: RawSource): void {
    for (const bytes of waiting.splice(0)) {
      const text = decoder.write(bytes);
      if (text.length > 0) this.#handlers.onRawText(name, text);
    }
  }
}

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
