// jupyter_server drops iopub messages that exceed 1,000 messages or 1 MB of stream data a second, measured over three seconds
// and anew after every idle status. This measures as the server does, and says how long a message has to wait so that the
// stream stays below four fifths of both limits. A server with other limits is served too: ADJOINT_OUTPUT_PACE=off.
// jupyter_server/services/kernels/connection/channels.py, `_limit_rate`

const windowMilliseconds = 3000;
const maxMessages = 0.8 * 1000 * 3;
export const maxBytes = 0.8 * 1_000_000 * 3;

/** The message types that the server does not count. */
const free = new Set(["status", "comm_open", "execute_input"]);

export class Pace {
  /** What was sent within the window, oldest first from `#first`. */
  #sent: { until: number; bytes: number }[] = [];
  #first = 0;
  #bytes = 0;

  /** Milliseconds until a message of this type and size may be sent; 0: now. */
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

  /** Counts a message that has been sent. */
  sent(type: string, bytes: number, now: number): void {
    if (free.has(type)) return;
    const counted = type === "stream" ? bytes : 0;
    this.#sent.push({ until: now + windowMilliseconds, bytes: counted });
    this.#bytes += counted;
  }

  /** An idle status was sent: the server counts anew. */
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
