// How fast output may leave. jupyter_server drops iopub messages that exceed 1,000 messages or 1 MB of stream data a second,
// averaged over three seconds of its own clock and anew after every idle status. A server that was busy works off a backlog in
// one go, so a burst and all that came in the meantime can fall into one of its windows: `ServerPace` sends a third of a window
// at once and then two fifths of the rate, which leaves room for a server that is two seconds behind. Other front ends have no
// limit, and the sockets no end of memory: `OpenPace` lets a cell that prints without end run no faster than a front end reads.
// ADJOINT_OUTPUT_PACE=off is for servers without limits.
// jupyter_server/services/kernels/connection/channels.py, `_limit_rate`

export interface Pace {
  /** UTF-16 units of text in one message. */
  readonly maxText: number;
  /** Milliseconds until a message of this type and size may be sent; 0: now. */
  delay(type: string, bytes: number, now: number): number;
  /** Counts a message that has been sent. */
  sent(type: string, bytes: number, now: number): void;
  /** An idle status was sent. */
  reset(): void;
}

const MiB = 1024 * 1024;

/** So much at once, then so much a millisecond. */
class Bucket {
  readonly #burst: number;
  readonly #rate: number;
  #level = 0;
  #at = 0;

  constructor(burst: number, rate: number) {
    this.#burst = burst;
    this.#rate = rate;
  }

  delay(amount: number, now: number): number {
    // Larger than the burst by itself: it goes when the bucket is empty.
    const room = Math.max(0, this.#burst - amount);
    // Whole milliseconds: timers know no shorter ones.
    return Math.max(0, Math.ceil((this.#levelAt(now) - room) / this.#rate));
  }

  add(amount: number, now: number): void {
    this.#level = this.#levelAt(now) + amount;
    this.#at = now;
  }

  empty(): void {
    this.#level = 0;
  }

  #levelAt(now: number): number {
    return Math.max(0, this.#level - (now - this.#at) * this.#rate);
  }
}

/** The message types that the server does not count. */
const free = new Set(["status", "comm_open", "execute_input"]);

export class ServerPace implements Pace {
  /** Small, so that output moves evenly. */
  readonly maxText = MiB / 8;
  readonly #messages = new Bucket(1000, 0.4);
  readonly #bytes = new Bucket(1_000_000, 400);

  delay(type: string, bytes: number, now: number): number {
    if (free.has(type)) return 0;
    return Math.max(this.#messages.delay(1, now), type === "stream" ? this.#bytes.delay(bytes, now) : 0);
  }

  sent(type: string, bytes: number, now: number): void {
    if (free.has(type)) return;
    this.#messages.add(1, now);
    if (type === "stream") this.#bytes.add(bytes, now);
  }

  /** The server counts anew. */
  reset(): void {
    this.#messages.empty();
    this.#bytes.empty();
  }
}

export class OpenPace implements Pace {
  readonly maxText = MiB;
  readonly #bytes = new Bucket(64 * MiB, 40_000);

  delay(type: string, bytes: number, now: number): number {
    return type === "stream" ? this.#bytes.delay(bytes, now) : 0;
  }

  sent(type: string, bytes: number, now: number): void {
    if (type === "stream") this.#bytes.add(bytes, now);
  }

  /** What was sent has not been read for that. */
  reset(): void {}
}
