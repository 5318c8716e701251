// Questions to the user: sends `input_request` to the front end that started the cell and waits for its `input_reply`. A reply
// that names another request, or comes when nobody asks any more, is an answer to a question withdrawn and is dropped.
// https://jupyter-client.readthedocs.io/en/stable/messaging.html#messages-on-the-stdin-router-dealer-channel
import { type Message, type Parent, type Wire } from "./message.ts";
import { type InputRequest } from "./session.ts";

type Send = (frames: (Uint8Array | string)[]) => Promise<boolean>;

export class Stdin {
  readonly #wire: Wire;
  readonly #send: Send;
  readonly #log: (line: string) => void;
  /** By the `msg_id` of the request, oldest first. */
  readonly #open = new Map<string, (value: string | null) => void>();

  constructor(wire: Wire, send: Send, log: (line: string) => void) {
    this.#wire = wire;
    this.#send = send;
    this.#log = log;
  }

  /** The line that the user typed; `null` when the signal aborts or the front end has gone. */
  ask(
    { prompt, password }: InputRequest,
    parent: Parent & Pick<Message, "identities">,
    signal: AbortSignal,
  ): Promise<string | null> {
    return new Promise((resolve) => {
      if (signal.aborted) {
        resolve(null);
        return;
      }
      const { identities } = parent;
      const { id, frames } = this.#wire.write("input_request", { prompt, password }, { parent, identities });
      const withdraw = () => settle(null);
      const settle = (value: string | null) => {
        this.#open.delete(id);
        signal.removeEventListener("abort", withdraw);
        resolve(value);
      };
      signal.addEventListener("abort", withdraw);
      this.#open.set(id, settle);
      void this.#send(frames).then((sent) => {
        if (!sent) settle(null);
      });
    });
  }

  /** Takes a message that came on the stdin channel. */
  receive(message: Message): void {
    if (message.type !== "input_reply") {
      this.#log(`stdin: unknown message type ${JSON.stringify(message.type)}`);
      return;
    }
    // jupyter_client sends no parent; then the reply is for the oldest question.
    const id = message.parentId ?? this.#open.keys().next().value;
    const settle = id === undefined ? undefined : this.#open.get(id);
    if (!settle) {
      this.#log("stdin: input_reply to no open input_request dropped");
      return;
    }
    const { value } = message.content;
    if (typeof value !== "string") this.#log("input_reply: value must be a string; taken as cancelled");
    settle(typeof value === "string" ? value : null);
  }
}
