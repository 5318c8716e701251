// The outbox of iopub: one order for all that cells show. Text is gathered, because a front end copes with ten messages a
// second and not with ten thousand: the first text of a burst leaves after some milliseconds, the rest each tenth of a
// second, and all of it at once when something else has to follow. It keeps the pace that the front end takes; what has to
// wait then is bounded by pausing the session. Nothing is dropped, unless an interrupt asks for it.
import { type Parent, type Wire } from "./message.ts";
import { type Pace } from "./pace.ts";

export interface Clock {
  now(): number;
  /** Calls back once after some milliseconds; the result cancels. */
  after(milliseconds: number, callback: () => void): () => void;
}

export interface OutboxOptions {
  wire: Wire;
  send(frames: (Uint8Array | string)[]): void;
  pace: Pace;
  /** More is waiting than should; and when most of it has left. */
  onFull(): void;
  onDrained(): void;
  /** Default: the process's. */
  clock?: Clock;
}

interface Extras {
  metadata?: object;
  buffers?: readonly Uint8Array[];
}

interface Text {
  kind: "text";
  /** Counts up with the queue; the pieces of a long text and what an interrupt adds share one number. */
  order: number;
  parent: Parent | undefined;
  name: "stdout" | "stderr";
  chunks: string[];
  size: number;
}

interface Ready {
  kind: "ready";
  order: number;
  parent: Parent | undefined;
  type: string;
  frames: (Uint8Array | string)[];
  size: number;
  /** Set for an `update_display_data`, which a later one of the same display replaces. */
  displayId?: string | undefined;
  idle: boolean;
  /** What it takes off the size of the queue: bytes, or the characters of a piece of text. */
  weight: number;
}

const MiB = 1024 * 1024;
const firstDelay = 8;
const batchDelay = 100;
const fullSize = 32 * MiB;
const drainedSize = 8 * MiB;
/** Text of this size need not wait for more. */
const largeText = MiB;
/** What is kept of an interrupted cell's waiting text. */
const keptAfterInterrupt = MiB;

const systemClock: Clock = {
  now: () => performance.now(),
  after(milliseconds, callback) {
    const timer = setTimeout(callback, milliseconds);
    return () => clearTimeout(timer);
  },
};

export class Outbox {
  readonly #options: OutboxOptions;
  readonly #clock: Clock;
  readonly #pace: Pace;
  #queue: (Text | Ready)[] = [];
  #size = 0;
  #full = false;
  /** After a flush the last text takes no more: who waits for the flush would wait for later output too. */
  #sealed = false;
  #lastBatch = -Infinity;
  #cancelTimer: (() => void) | undefined;
  /** Set while the pace holds the first of the queue back; a timer will go on. */
  #cancelPace: (() => void) | undefined;
  #discarding: { parent: Parent; room: number; dropped: number } | undefined;
  /** The part of the first text that is encoded and waits for the pace. */
  #piece: Ready | undefined;
  #pumping = false;
  #order = 0;
  #waiting: { order: number; resolve: () => void }[] = [];

  constructor(options: OutboxOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#pace = options.pace;
  }

  /** Text of a stream; joins the text before it when that has the same parent and name. */
  text(parent: Parent | undefined, name: "stdout" | "stderr", text: string): void {
    const discarding = this.#discarding;
    if (discarding && discarding.parent === parent) {
      const kept = head(text, discarding.room);
      discarding.room -= kept.length;
      discarding.dropped += text.length - kept.length;
      text = kept;
    }
    if (text === "") return;
    const last = this.#queue.at(-1);
    if (last?.kind === "text" && last.parent === parent && last.name === name && !this.#sealed) {
      last.chunks.push(text);
      last.size += text.length;
    } else {
      this.#push({ kind: "text", order: ++this.#order, parent, name, chunks: [text], size: text.length });
    }
    this.#grow(text.length);
    if (this.#size > largeText) this.#pump();
    else this.#schedule();
  }

  /** Any other message: leaves at once, after all that waits. */
  publish(parent: Parent | undefined, type: string, content: object, extras: Extras = {}): void {
    const entry = this.#ready(parent, type, content, extras);
    this.#lastBatch = -Infinity;
    this.#push(entry);
    this.#pump();
  }

  /** A message that has nothing to do with what waits, and overtakes it. */
  publishAhead(parent: Parent | undefined, type: string, content: object): void {
    this.#send(this.#ready(parent, type, content));
  }

  /** `update_display_data`: waits like text, and gives way to a later one of the same display that follows it directly. */
  update(parent: Parent | undefined, displayId: string, content: object): void {
    const entry = { ...this.#ready(parent, "update_display_data", content), displayId };
    const last = this.#queue.at(-1);
    const replaces = last?.kind === "ready" && last.displayId === displayId && last.parent === parent && !this.#sealed;
    if (replaces) {
      this.#queue.pop();
      this.#size -= last.size;
    }
    this.#push(entry);
    if (this.#size > largeText) this.#pump();
    else this.#schedule();
  }

  /** Sends what waits and resolves when it has left; what comes later is not waited for. */
  async flush(): Promise<void> {
    this.#pump();
    if (this.#queue.length === 0) return;
    this.#sealed = true;
    const order = this.#order;
    await new Promise<void>((resolve) => this.#waiting.push({ order, resolve }));
  }

  /** Drops the text of an interrupted cell, what waits and what comes, beyond 1 MiB. */
  discard(parent: Parent): void {
    if (this.#discarding?.parent === parent) return;
    const discarding = { parent, room: keptAfterInterrupt, dropped: 0 };
    for (const entry of this.#queue) {
      if (entry.kind !== "text" || entry.parent !== parent) continue;
      const kept = head(entry.chunks.join(""), discarding.room);
      this.#size -= entry.size - kept.length;
      discarding.dropped += entry.size - kept.length;
      discarding.room -= kept.length;
      entry.chunks = [kept];
      entry.size = kept.length;
    }
    this.#discarding = discarding;
    this.#settle();
  }

  /** Ends the dropping, and tells the user how much it was. */
  tellDiscarded(parent: Parent): void {
    if (this.#discarding?.parent !== parent) return;
    const { dropped } = this.#discarding;
    this.#discarding = undefined;
    if (dropped === 0) return;
    this.text(parent, "stderr", `[the interrupt dropped ${(dropped / 1e6).toFixed(1)} MB of waiting output]\n`);
  }

  /** Gives up what waits, and the timers. */
  close(): void {
    this.#cancelTimer?.();
    this.#cancelPace?.();
    this.#queue = [];
  }

  #ready(parent: Parent | undefined, type: string, content: object, extras: Extras = {}): Ready {
    const idle = type === "status" && "execution_state" in content && content.execution_state === "idle";
    const { frames } = this.#options.wire.write(type, content, { parent, identities: [type], ...extras });
    const size = frames.reduce((sum, frame) => sum + Buffer.byteLength(frame), 0);
    return { kind: "ready", order: ++this.#order, parent, type, frames, size, weight: size, idle };
  }

  #push(entry: Text | Ready): void {
    this.#queue.push(entry);
    this.#sealed = false;
    if (entry.kind === "ready") this.#grow(entry.size);
  }

  #grow(size: number): void {
    this.#size += size;
    if (this.#full || this.#size <= fullSize) return;
    this.#full = true;
    this.#options.onFull();
  }

  #schedule(): void {
    if (this.#cancelTimer || this.#cancelPace) return;
    const now = this.#clock.now();
    const due = Math.max(now + firstDelay, this.#lastBatch + batchDelay);
    this.#cancelTimer = this.#clock.after(due - now, () => {
      this.#cancelTimer = undefined;
      this.#lastBatch = this.#clock.now();
      this.#pump();
    });
  }

  /** Sends all that the pace lets through, and comes back for the rest. */
  #pump(): void {
    if (this.#cancelPace || this.#pumping) return;
    this.#pumping = true;
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    let gone = 0;
    for (let entry = this.#queue[0]; entry; entry = this.#queue[gone]) {
      if (entry.size === 0 && !this.#piece) {
        gone++; // dropped by an interrupt
        continue;
      }
      const next = entry.kind === "text" ? (this.#piece ??= this.#takePiece(entry)) : entry;
      const wait = this.#pace.delay(next.type, next.size, this.#clock.now());
      if (wait > 0) {
        this.#cancelPace = this.#clock.after(wait, () => {
          this.#cancelPace = undefined;
          this.#pump();
        });
        break;
      }
      this.#send(next);
      this.#piece = undefined;
      this.#size -= next.weight;
      if (entry.kind === "ready" || entry.size === 0) gone++;
    }
    this.#queue.splice(0, gone);
    this.#pumping = false;
    this.#settle();
  }

  /** The next piece of a text, encoded; never cut inside a surrogate pair. */
  #takePiece(entry: Text): Ready {
    const whole = entry.chunks.join("");
    const text = head(whole, this.#pace.maxText);
    entry.chunks = text.length < whole.length ? [whole.slice(text.length)] : [];
    entry.size = whole.length - text.length;
    return { ...this.#ready(entry.parent, "stream", { name: entry.name, text }), weight: text.length };
  }

  #send(entry: Ready): void {
    this.#options.send(entry.frames);
    if (entry.idle) this.#pace.reset();
    else this.#pace.sent(entry.type, entry.size, this.#clock.now());
  }

  /** After something has left: wakes those who wait for it, and the session if it was paused. */
  #settle(): void {
    const first = this.#queue[0]?.order ?? Infinity;
    const left = this.#waiting.filter(({ order }) => order < first);
    if (left.length > 0) this.#waiting = this.#waiting.filter(({ order }) => order >= first);
    for (const { resolve } of left) resolve();
    if (!this.#full || this.#size >= drainedSize) return;
    this.#full = false;
    this.#options.onDrained();
  }
}

/** The first `length` UTF-16 units, one less where that would cut a surrogate pair. */
function head(text: string, length: number): string {
  if (text.length <= length) return text;
  const last = text.charCodeAt(length - 1);
  return text.slice(0, last >= 0xd800 && last < 0xdc00 ? length - 1 : length);
}
