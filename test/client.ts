// A raw Jupyter client for tests and benchmarks: it starts a kernel (or attaches to one that runs), speaks all five channels
// and keeps every message in order of arrival. Nothing sleeps: a test says what it waits for, and a wait that ends without
// it tells what came instead, how the process is, and what it wrote to stderr. Each received signature is verified; a
// message that fails makes every wait fail.
import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { Dealer, Subscriber, type MessageLike, curveKeyPair } from "zeromq";
import { Inbox, type WaitOptions } from "./inbox.ts";
import { type Connection, type ConnectionOptions, type Exit, KernelProcess, type Spec } from "./kernel-process.ts";
import { type Channel, type Content, type Extras, type Message, decode, encode, newHeader } from "./wire.ts";

export type { Connection, Exit, Spec } from "./kernel-process.ts";
export type { Channel, Content, Extras, Header, Message } from "./wire.ts";

export interface ClientOptions {
  /** Milliseconds before a wait fails. Default: 30,000. */
  timeout?: number;
}

export interface StartOptions extends ClientOptions, ConnectionOptions {
  /** Wait until the kernel has answered on shell and iopub. Default: true. */
  ready?: boolean;
}

export interface ExecuteOptions {
  silent?: boolean;
  storeHistory?: boolean;
  userExpressions?: Record<string, string>;
  allowStdin?: boolean;
  stopOnError?: boolean;
  timeout?: number;
}

export interface ExecuteReply extends Content {
  status: "ok" | "error" | "aborted";
  execution_count: number;
  ename?: string;
  evalue?: string;
  traceback?: string[];
  payload?: Content[];
  user_expressions?: Record<string, Content>;
}

/** A cell that has been sent. */
export interface Submission {
  id: string;
  /** Settles when both the reply and the idle status have arrived. */
  done: Promise<Execution>;
  /** The first iopub message of this cell that satisfies the predicate, come or to come. */
  until(predicate: (message: Message) => boolean, what?: string): Promise<Message>;
}

export interface Execution {
  id: string;
  reply: Message<ExecuteReply>;
  /** Every iopub message of the cell up to its idle status; that and the busy one are included. */
  outputs: Message[];
  /** The joined text of one stream. */
  text(name: "stdout" | "stderr"): string;
  /** The outputs of one message type. */
  of(type: string): Message[];
}

/** Answers `input_request`; `null` or `undefined` leaves it open. */
export type InputHandler = (request: Message) => string | null | undefined | Promise<string | null | undefined>;

type Outgoing = "shell" | "control" | "stdin" | "hb";

/** How long after its end what the process sent may still be on its way, in milliseconds. */
const exitGrace = 1000;
/** How long a subscription is given before another request shows whether it has taken effect, in milliseconds. */
const subscriptionGrace = 200;
const socketOptions = { linger: 0, receiveHighWaterMark: 0, reconnectInterval: 2 } as const;

export class Client {
  readonly connection: Connection;
  /** The session id in the headers that this client sends, and the identity of its sockets. */
  readonly session = randomUUID();
  /** The started kernel; undefined for an attached client. */
  readonly process: KernelProcess | undefined;
  readonly #timeout: number;
  readonly #inbox: Inbox;
  readonly #dealers: Record<Outgoing, Dealer>;
  readonly #iopub = new Subscriber(socketOptions);
  /** zeromq refuses a second send while one is under way, so the sends of a socket form a queue. */
  readonly #queues: Record<Outgoing, Promise<void>>;
  readonly #beats = new Map<string, () => void>();
  #onInput: InputHandler | undefined;

  /** Starts a kernel process, in a process group of its own, and waits until it answers. */
  static async start(spec: Spec, options: StartOptions = {}): Promise<Client> {
    const kernel = await KernelProcess.start(spec, options);
    const client = new Client(kernel.connection, options, kernel);
    if (options.ready === false) return client;
    try {
      await client.kernelInfo();
    } catch (error) {
      await client.close();
      throw error;
    }
    return client;
  }

  /** Speaks to a kernel that runs already, given its connection or the path of its connection file. */
  static async attach(connection: Connection | string, options: ClientOptions = {}): Promise<Client> {
    if (typeof connection !== "string") return new Client(connection, options);
    return new Client(JSON.parse(await readFile(connection, "utf8")) as Connection, options);
  }

  private constructor(connection: Connection, options: ClientOptions, kernel?: KernelProcess) {
    this.connection = connection;
    this.process = kernel;
    this.#timeout = options.timeout ?? 30_000;
    this.#inbox = new Inbox(this.#timeout, () => kernel?.describe() ?? "the client has not started the kernel");
    const keys = connection.curve_publickey === undefined ? undefined : curveKeyPair();
    const secure = (socket: Dealer | Subscriber) => {
      if (keys === undefined) return;
      socket.curvePublicKey = keys.publicKey;
      socket.curveSecretKey = keys.secretKey;
      socket.curveServerKey = connection.curve_publickey ?? null;
    };
    // A kernel finds the stdin of a client by the identity of its shell socket, so all share one.
    const dealer = (name: Outgoing) => {
      const socket = new Dealer({ ...socketOptions, routingId: this.session, sendHighWaterMark: 0 });
      secure(socket);
      socket.connect(this.address(name));
      return socket;
    };
    this.#dealers = { shell: dealer("shell"), control: dealer("control"), stdin: dealer("stdin"), hb: dealer("hb") };
    const idle = Promise.resolve();
    this.#queues = { shell: idle, control: idle, stdin: idle, hb: idle };
    secure(this.#iopub);
    this.#iopub.subscribe();
    this.#iopub.connect(this.address("iopub"));
    for (const name of ["shell", "control", "stdin"] as const) void this.#receive(name, this.#dealers[name]);
    void this.#receive("iopub", this.#iopub);
    void this.#receiveBeats();
    void kernel?.exited.then(() => {
      setTimeout(() => this.#inbox.fail("the kernel process has ended"), exitGrace).unref();
    });
  }

  /** Every message in order of arrival, over all channels. */
  get messages(): readonly Message[] {
    return this.#inbox.messages;
  }

  /** Of the started process: its pid, its end, and what it has written so far. */
  get pid(): number {
    return this.#started().pid;
  }
  get exited(): Promise<Exit> {
    return this.#started().exited;
  }
  get stdout(): string {
    return this.#started().stdout;
  }
  get stderr(): string {
    return this.#started().stderr;
  }

  address(channel: Channel | "hb"): string {
    const { transport, ip } = this.connection;
    const port = this.connection[`${channel}_port`];
    return transport === "ipc" ? `ipc://${ip}-${port}` : `tcp://${ip}:${port}`;
  }

  /** The iopub messages in order of arrival, from the first and without end; a wait for the next one can fail as every wait. */
  get iopub(): AsyncIterable<Message> {
    return { [Symbol.asyncIterator]: () => this.#stream() };
  }

  async *#stream(): AsyncGenerator<Message> {
    for (let next = 0; ; next++) {
      if (next >= this.messages.length) await this.wait(() => true, "the next iopub message", { from: next });
      const message = this.messages[next];
      if (message?.channel === "iopub") yield message;
    }
  }

  /** The first iopub message that satisfies the predicate, among those that have arrived (from the first) and those to come. */
  until(predicate: (message: Message) => boolean, what = "an iopub message", timeout?: number): Promise<Message> {
    return this.wait((message) => message.channel === "iopub" && predicate(message), what, { timeout });
  }

  /** The same over all channels. */
  wait(predicate: (message: Message) => boolean, what: string, options?: WaitOptions): Promise<Message> {
    return this.#inbox.wait(predicate, what, options);
  }

  /** Drops the messages that have arrived; for soaks, between two cells. */
  forget(): void {
    this.#inbox.messages.length = 0;
  }

  /** Sends a message and returns its id. */
  send(channel: "shell" | "control" | "stdin", type: string, content: Content = {}, extras: Extras = {}): string {
    const header = newHeader(type, this.session, extras.header);
    // A send that fails is a fault of the client: it ends every wait.
    this.sendRaw(channel, encode(this.connection.key, header, content, extras)).catch((error: unknown) =>
      this.#inbox.fail(`sending ${type} on ${channel} failed: ${String(error)}`),
    );
    return header.msg_id;
  }

  /** Sends frames as they are, after everything sent before on that channel. */
  sendRaw(channel: Outgoing, frames: MessageLike[]): Promise<void> {
    const sent = this.#queues[channel].then(() => this.#dealers[channel].send(frames));
    this.#queues[channel] = sent.catch(() => {}); // the caller is told of the failure; the next send goes ahead
    return sent;
  }

  /** The signed frames of a message, for a test to damage before `sendRaw`. */
  frames(type: string, content: Content = {}, extras: Extras = {}): Uint8Array[] {
    return encode(this.connection.key, newHeader(type, this.session, extras.header), content, extras);
  }

  /** Sends a request and waits for the reply on the same channel. */
  async request<C = Content>(
    channel: "shell" | "control",
    type: string,
    content: Content = {},
    options: Extras & { timeout?: number } = {},
  ): Promise<Message<C>> {
    const from = this.messages.length;
    const id = this.send(channel, type, content, options);
    return this.#reply<C>(channel, id, `reply to ${type} on ${channel}`, from, options.timeout);
  }

  async #reply<C>(channel: Channel, id: string, what: string, from: number, timeout?: number): Promise<Message<C>> {
    const answers = (message: Message) => message.channel === channel && message.parent.msg_id === id;
    return (await this.wait(answers, what, { from, timeout })) as Message<C>;
  }

  /** Asks until the kernel has answered and iopub has brought something: a subscription takes effect after a while only. */
  async kernelInfo(timeout = this.#timeout): Promise<Message> {
    const end = performance.now() + timeout;
    for (;;) {
      const left = Math.max(1, end - performance.now());
      const reply = await this.request("shell", "kernel_info_request", {}, { timeout: left });
      if (this.messages.some(({ channel }) => channel === "iopub")) return reply;
      const last = left < 2 * subscriptionGrace;
      try {
        await this.until(() => true, "iopub message after kernel_info_reply", last ? left : subscriptionGrace);
        return reply;
      } catch (error) {
        if (last || this.#inbox.fault !== undefined || this.process?.exit) throw error; // otherwise ask again
      }
    }
  }

  /** Sends a cell; `done` of the result is its end. */
  submit(code: string, options: ExecuteOptions = {}): Submission {
    const from = this.messages.length;
    const silent = options.silent ?? false;
    const id = this.send("shell", "execute_request", {
      code,
      silent,
      store_history: options.storeHistory ?? !silent,
      user_expressions: options.userExpressions ?? {},
      allow_stdin: options.allowStdin ?? false,
      stop_on_error: options.stopOnError ?? true,
    });
    const name = JSON.stringify(code.length > 40 ? `${code.slice(0, 40)}…` : code);
    const mine = (message: Message) => message.channel === "iopub" && message.parent.msg_id === id;
    const until: Submission["until"] = (predicate, what = `output of ${name}`) =>
      this.wait((message) => mine(message) && predicate(message), what, { timeout: options.timeout, from });
    const idle = until(({ content }) => content["execution_state"] === "idle", `idle status after ${name}`);
    const reply = this.#reply<ExecuteReply>("shell", id, `reply to ${name}`, from, options.timeout);
    const done = Promise.all([reply, idle]).then(([answer, last]): Execution => {
      const outputs = this.messages.slice(from, this.messages.indexOf(last) + 1).filter(mine);
      const of = (type: string) => outputs.filter(({ header }) => header.msg_type === type);
      const text = (stream: string) =>
        of("stream")
          .map(({ content }) => (content["name"] === stream ? content["text"] : ""))
          .join("");
      return { id, reply: answer, outputs, of, text };
    });
    done.catch(() => {}); // told to whoever awaits it; a test that awaits only `until` must not die of it
    return { id, done, until };
  }

  /** Runs a cell and waits for its reply and its idle status. */
  execute(code: string, options: ExecuteOptions = {}): Promise<Execution> {
    return this.submit(code, options).done;
  }

  onInput(handler: InputHandler | undefined): void {
    this.#onInput = handler;
  }

  /** Milliseconds until the heartbeat has echoed. */
  async heartbeat(timeout = this.#timeout): Promise<number> {
    const begun = performance.now();
    const mark = randomUUID();
    const echo = new Promise<void>((resolve, reject) => {
      const fail = () =>
        reject(new Error(`no heartbeat: not within ${timeout} ms\n${this.#inbox.report(this.messages.length)}`));
      const timer = setTimeout(fail, timeout);
      this.#beats.set(mark, () => {
        clearTimeout(timer);
        resolve();
      });
    });
    await Promise.all([echo, this.sendRaw("hb", ["", mark])]); // the empty frame is what a Req socket puts in front
    return performance.now() - begun;
  }

  /** By message: waits for the reply. By signal: sends SIGINT to the started process. */
  async interrupt(mode: "message" | "signal" = "message"): Promise<void> {
    if (mode === "signal") process.kill(this.pid, "SIGINT");
    else await this.request("control", "interrupt_request");
  }

  /**
   * Resolves when the kernel has handled the signals that it got before. They take no answer, and one turn of its event loop may take a
   * message before a signal that was there first, hence the second request.
   */
  async signalsHandled(): Promise<void> {
    for (let turn = 0; turn < 2; turn++) await this.request("control", "kernel_info_request");
  }

  /** Asks for shutdown, waits for the reply and, if this client started the process, for its end. */
  async shutdown({ restart = false, timeout = this.#timeout } = {}): Promise<Message> {
    const reply = await this.request("control", "shutdown_request", { restart }, { timeout });
    if (this.process === undefined || this.process.exit) return reply;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      const fail = () =>
        reject(new Error(`no exit: not within ${timeout} ms after shutdown_reply\n${this.process?.describe()}`));
      timer = setTimeout(fail, timeout);
    });
    await Promise.race([this.process.exited, late]).finally(() => clearTimeout(timer));
    return reply;
  }

  /** Closes the sockets, kills the process group of the started kernel, removes its files. */
  async close(): Promise<void> {
    this.#inbox.fail("the client is closed");
    for (const socket of [...Object.values(this.#dealers), this.#iopub]) socket.close();
    await this.process?.close();
  }

  #started(): KernelProcess {
    if (this.process === undefined)
      throw new Error("no process: this client has attached to a kernel that it did not start");
    return this.process;
  }

  async #receive(channel: Channel, socket: Dealer | Subscriber): Promise<void> {
    try {
      for await (const frames of socket) {
        const message = decode(this.connection.key, channel, frames);
        this.#inbox.add(message);
        if (channel === "stdin" && message.header.msg_type === "input_request") void this.#answer(message);
      }
    } catch (error) {
      this.#inbox.fail(`receiving failed: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  async #answer(request: Message): Promise<void> {
    try {
      const value = await this.#onInput?.(request);
      if (value !== null && value !== undefined)
        this.send("stdin", "input_reply", { value }, { parent: request.header });
    } catch (error) {
      this.#inbox.fail(`the input handler failed: ${String(error)}`);
    }
  }

  async #receiveBeats(): Promise<void> {
    for await (const frames of this.#dealers.hb) {
      const mark = frames.at(-1)?.toString() ?? "";
      this.#beats.get(mark)?.();
      this.#beats.delete(mark);
    }
  }
}
