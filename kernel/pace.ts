// How fast output may leave. jupyter_server drops iopub messages that exceed 1,000 messages or 1 MB of stream data a second,
// measured over three seconds and anew after every idle status: `ServerPace` measures as the server does and stays below four
// fifths of both limits. Other front ends have no limit, and the sockets no end of memory: `OpenPace` lets a cell that prints
// without end run no faster than any front end can read. ADJOINT_OUTPUT_PACE=off is for servers without limits.
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
const windowMilliseconds = 3000;
const maxMessages = 0.8 * 1000 * 3;
const maxBytes = 0.8 * 1_000_000 * 3;

/** The message types that the server does not count. */
const free = new Set(["status", "comm_open", "execute_input"]);

export class ServerPace implements Pace {
  /** Small, so that output moves evenly. */
  readonly maxText = MiB / 8;
  /** What was sent within the window, oldest first from `#first`. */
  #sent: { until: number; bytes: number }[] = [];
  #first = 0;
  #bytes = 0;

  delay(type: string, bytes: number, now: number): number {
    if (free.has(type)) return 0;
    this.#forget(now);
    const counted = type === "stream" ? bytes : 0;
    let messages = this.#sent.length - this.#first;
    let total = this.#bytes;
    let wait = 0;
    for (let index = this.#first; messages + 1 > maxMessages || total + counted > maxBytes; index++) {
      const sent = this.#sent[index];
      // Larger than the limit by itself: waiting longer would not help.
      if (!sent) break;
      wait = sent.until - now;
      total -= sent.bytes;
      messages--;
    }
    return Math.max(0, wait);
  }

  sent(type: string, bytes: number, now: number): void {
    if (free.has(type)) return;
    const counted = type === "stream" ? bytes : 0;
    this.#sent.push({ until: now + windowMilliseconds, bytes: counted });
    this.#bytes += counted;
  }

  /** The server counts anew. */
  reset(): void {
    this.#sent = [];
    this.#first = 0;
    this.#bytes = 0;
  }

  #forget(now: number): void {
    for (let oldest = this.#sent[this.#first]; oldest && oldest.until <= now; oldest = this.#sent[this.#first]) {
      this.#bytes -= oldest.bytes;
      this.#first++;
    }
    if (this.#first > 1024) {
      this.#sent = this.#sent.slice(this.#first);
      this.#first = 0;
    }
  }
}

const burst = 64 * MiB;
const bytesPerMillisecond = 40_000;

export class OpenPace implements Pace {
  readonly maxText = MiB;
  #debt = 0;
  #at = 0;

  delay(type: string, _bytes: number, now: number): number {
    return type === "stream" ? Math.max(0, (this.#debtAt(now) - burst) / bytesPerMillisecond) : 0;
  }

  sent(type: string, bytes: number, now: number): void {
    if (type !== "stream") return;
    this.#debt = this.#debtAt(now) + bytes;
    this.#at = now;
  }

  /** What was sent has not been read for that. */
  reset(): void {}

  #debtAt(now: number): number {
    return Math.max(0, this.#debt - (now - this.#at) * bytesPerMillisecond);
  }
}
