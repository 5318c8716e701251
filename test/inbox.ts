// The messages a client has received, in order of arrival, and the waits on them. A wait looks at what has come and at what
// comes; when it ends without success, its error tells what arrived instead and what the client knows of the process.
import { type Message } from "./wire.ts";

export interface WaitOptions {
  timeout?: number | undefined;
  /** The index in `messages` to begin with. Default: 0, the first. */
  from?: number;
}

interface Wait {
  offer(message: Message): void;
  fail(reason: string): void;
}

export class Inbox {
  readonly messages: Message[] = [];
  /** Why every wait fails now; undefined while all is well. */
  fault: string | undefined;
  readonly #timeout: number;
  readonly #describe: () => string;
  readonly #waits = new Set<Wait>();

  constructor(timeout: number, describe: () => string) {
    this.#timeout = timeout;
    this.#describe = describe;
  }

  add(message: Message): void {
    this.messages.push(message);
    for (const wait of this.#waits) wait.offer(message);
  }

  /** The first message that satisfies the predicate; `what` names it in the error, as in "no WHAT: not within 100 ms". */
  wait(predicate: (message: Message) => boolean, what: string, options: WaitOptions = {}): Promise<Message> {
    const { timeout = this.#timeout, from = 0 } = options;
    const begun = this.messages.length;
    for (let index = from; index < begun; index++) {
      const message = this.messages[index];
      if (message && predicate(message)) return Promise.resolve(message);
    }
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => wait.fail(`not within ${timeout} ms`), timeout);
      const settle = () => {
        clearTimeout(timer);
        this.#waits.delete(wait);
      };
      const wait: Wait = {
        offer: (message) => {
          if (!predicate(message)) return;
          settle();
          resolve(message);
        },
        fail: (reason) => {
          settle();
          reject(new Error(`no ${what}: ${reason}\n${this.report(begun)}`));
        },
      };
      this.#waits.add(wait);
      if (this.fault !== undefined) wait.fail(this.fault);
    });
  }

  /** Ends all waits, these and later ones. */
  fail(reason: string): void {
    this.fault ??= reason;
    for (const wait of this.#waits) wait.fail(this.fault);
  }

  /** What arrived from that index on, and how the process is. */
  report(from: number): string {
    const lines = this.messages
      .slice(from)
      .map(({ channel, header, content }) => `${channel} ${header.msg_type} ${JSON.stringify(content).slice(0, 100)}`);
    const shown = lines.length > 20 ? [`(${lines.length - 20} earlier ones)`, ...lines.slice(-20)] : lines;
    const came = shown.length === 0 ? "nothing arrived meanwhile" : `arrived instead:\n  ${shown.join("\n  ")}`;
    return `${came}\n${this.#describe()}`;
  }
}
