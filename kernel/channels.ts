// The five sockets, and the only file that imports zeromq: binds them, hands over what they receive, sends what it is given.
// It knows no message beyond its frames. Sends never wait: with no high-water mark every peer's queue takes what comes, so
// a stalled subscriber loses nothing, and with `sendTimeout: 0` a send to a peer that has gone fails at once.
// https://jupyter-client.readthedocs.io/en/stable/messaging.html#introduction
import { randomUUID } from "node:crypto";
import { Dealer, Proxy, Router, XPublisher, capability } from "zeromq";
import { type ChannelName, type Connection, address } from "./connection.ts";

export type Frames = readonly (Uint8Array | string)[];

export interface ChannelEvents {
  onMessage(channel: "shell" | "control" | "stdin", frames: Uint8Array[]): void;
  /** Somebody has subscribed to the iopub messages whose first frame begins with `topic`. */
  onSubscribe(topic: Uint8Array): void;
}

/** How long, in milliseconds, the end of the process waits for a peer that does not take its last messages. */
const linger = 500;
const maxMessageSize = 512 * 1024 * 1024;

interface Sockets {
  shell: Router;
  control: Router;
  stdin: Router;
  iopub: XPublisher;
}

export class Channels {
  readonly #log: (line: string) => void;
  readonly #sockets: Sockets;
  readonly #heartbeat: Proxy<Router, Dealer>;
  readonly #loops: Promise<void>[] = [];
  /** Node waits for its threads: a `process.exit` with the proxy running would never end. */
  readonly #stopHeartbeat = (): void => this.#heartbeat.terminate();
  #closed = false;

  /** Binds all five; rejects with an Error that names the address that could not be bound. */
  static async open(connection: Connection, onLog: (line: string) => void): Promise<Channels> {
    const { curve } = connection;
    if (curve && !capability.curve)
      throw new Error("connection file: has CURVE keys, but this zeromq is built without CURVE");
    const options = {
      linger,
      maxMessageSize,
      ipv6: connection.ip.includes(":"),
      ...(curve && { curveServer: true, curvePublicKey: curve.publicKey, curveSecretKey: curve.secretKey }),
    };
    const unlimited = { sendHighWaterMark: 0, receiveHighWaterMark: 0, sendTimeout: 0 };
    // `handover`: a front end that reconnects with the identity it had before takes the place of its dead connection.
    const router = () => new Router({ ...options, ...unlimited, mandatory: true, handover: true });
    const sockets = {
      shell: router(),
      control: router(),
      stdin: router(),
      iopub: new XPublisher({ ...options, ...unlimited }),
    };
    sockets.iopub.verbosity = "allSubs";
    const heartbeat = new Router(options);
    const echo = new Dealer({ linger: 0 });
    const echoAddress = `inproc://heartbeat-${randomUUID()}`;
    // At once: the completion of an asynchronous bind crashed one start in some hundreds (zeromq.js 6.8.0).
    const bind = (channel: ChannelName, socket: Router | XPublisher): void => {
      try {
        socket.bindSync(address(connection, channel));
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        throw new Error(`cannot bind ${channel} to ${address(connection, channel)}: ${reason}`, { cause: error });
      }
    };
    try {
      const { shell, control, stdin, iopub } = sockets;
      bind("shell", shell);
      bind("control", control);
      bind("stdin", stdin);
      bind("iopub", iopub);
      bind("hb", heartbeat);
      echo.bindSync(echoAddress);
    } catch (error) {
      for (const socket of [...Object.values(sockets), heartbeat, echo]) socket.close();
      throw error;
    }
    echo.connect(echoAddress);
    return new Channels(onLog, sockets, new Proxy(heartbeat, echo));
  }

  private constructor(onLog: (line: string) => void, sockets: Sockets, heartbeat: Proxy<Router, Dealer>) {
    this.#log = onLog;
    this.#sockets = sockets;
    // The dealer is connected to itself, so what the proxy passes to it comes back: an echo in a native thread,
    // which answers also while this process parses a large message.
    this.#heartbeat = heartbeat;
    process.once("exit", this.#stopHeartbeat);
    this.#loops.push(heartbeat.run().catch((error: unknown) => onLog(`heartbeat: ${String(error)}`)));
  }

  /** Begins to hand over what the sockets have received and will receive. */
  listen({ onMessage, onSubscribe }: ChannelEvents): void {
    const receive = (channel: "shell" | "control" | "stdin") =>
      this.#receive(this.#sockets[channel], (frames) => onMessage(channel, frames));
    const subscribed = ([frame]: Uint8Array[]) => {
      if (frame?.[0] === 1) onSubscribe(frame.subarray(1));
    };
    this.#loops.push(receive("shell"), receive("control"), receive("stdin"));
    this.#loops.push(this.#receive(this.#sockets.iopub, subscribed));
  }

  /** True when the socket has taken the message; false when the peer it is addressed to has gone. */
  async send(channel: "shell" | "control" | "stdin" | "iopub", frames: Frames): Promise<boolean> {
    if (this.#closed) return false;
    try {
      await this.#sockets[channel].send(frames as (Uint8Array | string)[]);
      return true;
    } catch (error) {
      // The front end has disconnected and nobody waits for this message, such as the reply to its last request.
      if ((error as { code?: unknown }).code === "EHOSTUNREACH") return false;
      this.#log(`${channel}: not sent, ${error instanceof Error ? error.message : String(error)}`);
      return false;
    }
  }

  /** Closes the sockets; what they have taken is still sent. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    for (const socket of Object.values(this.#sockets)) socket.close();
    process.off("exit", this.#stopHeartbeat);
    this.#stopHeartbeat();
    await Promise.all(this.#loops);
  }

  async #receive(socket: Router | XPublisher, handle: (frames: Uint8Array[]) => void): Promise<void> {
    try {
      for await (const frames of socket) {
        try {
          handle(frames);
        } catch (error) {
          // A bug of ours; one message must not end the channel for all that follow.
          this.#log(`message not handled: ${error instanceof Error ? error.stack : String(error)}`);
        }
      }
    } catch (error) {
      // zeromq says that the socket was closed while it waited, which is what `close` wants.
      if (!this.#closed) this.#log(`receiving failed: ${String(error)}`);
    }
  }
}
