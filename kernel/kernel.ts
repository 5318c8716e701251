// The Jupyter kernel: a table of message types and their handlers, with busy, reply and idle around each in one place. It
// never runs user code: a session does, and what it shows goes to the outbox under the header of the request that caused it.
// Shell requests are handled one after the other; control requests at once, whatever shell is doing.
// https://jupyter-client.readthedocs.io/en/stable/messaging.html
import { setTimeout as delay } from "node:timers/promises";
import { type Channels } from "./channels.ts";
import type { Connection } from "./connection.ts";
import type { History } from "./history.ts";
import { Outbox } from "./iopub.ts";
import { kernelInfo } from "./kernel-info.ts";
import { isDelimiter, type Message, Wire } from "./message.ts";
import { OpenPace, ServerPace } from "./pace.ts";
import { comm, commInfo, complete, connect, history, inspect, isComplete } from "./queries.ts";
import { describe, errorReply, Fields } from "./requests.ts";
import { type Output, type Session, type SessionOptions } from "./session.ts";
import { Stdin } from "./stdin.ts";

/** What the session gives back with every output: as much of a request as its late outputs need. */
export interface Origin {
  /** The `parent_header` of what the request causes. */
  headerFrame: Uint8Array;
  /** Where to ask for input. */
  identities: Uint8Array[];
  /** Results are not shown. */
  silent: boolean;
  /** Puts the value of the cell into the history. */
  remember?: (output: string) => void;
}

export interface KernelOptions {
  /** Called once; what takes time goes on after it has returned. */
  createSession(options: SessionOptions<Origin>): Session<Origin> | Promise<Session<Origin>>;
  history: History;
  /** Stay below the output limits of a jupyter_server. Default: false. */
  pace?: boolean;
  onLog(line: string): void;
}

interface Request {
  message: Message;
  fields: Fields;
  origin: Origin;
  /** Queued behind a cell that failed: answered, not run. */
  aborted: boolean;
}

/** The content of the reply; nothing for messages that have none. */
type Handler = (request: Request, announce: () => void) => Promise<object | void> | object | void;

/** A front end hands over the cells of "Run All" one by one; the shell is quiet when none came for this long, in milliseconds. */
const quiet = 5;
const longestQuiet = 50;
/** How long the end of the runtime and the writing of the history may take, in milliseconds. */
const closingTime = 5000;

export class Kernel {
  /** Settles when the kernel has shut down and its sockets are closed. */
  readonly closed: Promise<void>;
  readonly #connection: Connection;
  readonly #options: KernelOptions;
  readonly #wire: Wire;
  readonly #outbox: Outbox;
  readonly #stdin: Stdin;
  readonly #shell: Record<string, Handler>;
  readonly #control: Record<string, Handler>;
  readonly #unknown = new Set<string>();
  #channels: Channels | undefined;
  #session: Promise<Session<Origin>> | undefined;
  /** The session once it is there: what is asked of it is then asked at once. */
  #live: Session<Origin> | undefined;
  #queue: Request[] = [];
  #working = false;
  /** Counts what came on shell. */
  #received = 0;
  /** The shell request at work, and whether somebody has interrupted it. */
  #current: Request | undefined;
  #interrupted = false;
  #executionCount = 0;
  #closing: Promise<void> | undefined;
  #resolveClosed: () => void = () => {};

  constructor(connection: Connection, options: KernelOptions) {
    this.#connection = connection;
    this.#options = options;
    this.closed = new Promise((resolve) => (this.#resolveClosed = resolve));
    this.#wire = new Wire(connection.key, connection.signatureScheme);
    this.#outbox = new Outbox({
      wire: this.#wire,
      pace: options.pace ? new ServerPace() : new OpenPace(),
      send: (frames) => void this.#channels?.send("iopub", frames),
      onFull: () => void this.#session?.then((session) => session.pause()),
      onDrained: () => void this.#session?.then((session) => session.resume()),
    });
    const sendInput = async (frames: (Uint8Array | string)[]) => (await this.#channels?.send("stdin", frames)) ?? false;
    this.#stdin = new Stdin(this.#wire, sendInput, options.onLog);
    const info = () => kernelInfo();
    const toComm: Handler = async ({ message, fields, origin }) => comm(await this.#ready(), message, fields, origin);
    const comms: Handler = async ({ fields }) => commInfo(await this.#ready(), fields);
    this.#shell = {
      kernel_info_request: info,
      execute_request: (request, announce) => this.#execute(request, announce),
      complete_request: async ({ fields }) => complete(await this.#ready(), fields),
      inspect_request: async ({ fields }) => inspect(await this.#ready(), fields),
      is_complete_request: async ({ fields }) => isComplete(await this.#ready(), fields),
      history_request: ({ fields }) => history(options.history, fields),
      comm_open: toComm,
      comm_msg: toComm,
      comm_close: toComm,
      comm_info_request: comms,
      connect_request: () => connect(connection),
      shutdown_request: (request) => {
        options.onLog("shutdown_request came on shell; since protocol 5.4 it belongs on control");
        return this.#shutdown(request);
      },
    };
    this.#control = {
      kernel_info_request: info,
      comm_info_request: comms,
      connect_request: () => connect(connection),
      interrupt_request: async () => {
        await this.interrupt();
        return { status: "ok" };
      },
      shutdown_request: (request) => this.#shutdown(request),
      debug_request: ({ fields }) => ({
        type: "response",
        request_seq: fields.integer("seq", 0),
        command: fields.string("command", ""),
        success: false,
        message: "this kernel has no debugger",
      }),
    };
  }

  /** Starts the session and binds the sockets. Rejects when a socket cannot be bound. */
  async open(): Promise<void> {
    const { onLog } = this.#options;
    this.#session = this.#start();
    // Its process comes up while this one loads zeromq. A failure is told to each request that needs the session:
    // a kernel without one still answers and shuts down.
    try {
      this.#live = await this.#session;
    } catch (error) {
      onLog(`the session could not start: ${describe(error)}`);
    }
    try {
      const { Channels } = await import("./channels.ts");
      this.#channels = await Channels.open(this.#connection, onLog);
    } catch (error) {
      await this.close();
      throw error;
    }
    this.#outbox.publishAhead(undefined, "status", { execution_state: "starting" });
    this.#channels.listen({
      onMessage: (channel, frames) => this.#receive(channel, frames),
      onSubscribe: (topic) => this.#welcome(topic),
    });
  }

  /** Ends the running cell, if there is one, and aborts those that wait behind it; resolves when it has ended. */
  async interrupt(): Promise<void> {
    const current = this.#current;
    if (!this.#session) return;
    if (!current) {
      // No cell runs, but a timer of an earlier one may.
      await (await this.#session).interrupt();
      return;
    }
    this.#interrupted = true;
    this.#abort();
    // Before the interrupt: a session that was paused has the end of its cell behind all that output.
    this.#outbox.discard(current.origin);
    await (await this.#session).interrupt();
    this.#outbox.tellDiscarded(current.origin);
  }

  /** Ends the session and closes the sockets; resolves when that is done. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const ended = Promise.all([this.#session?.then((session) => session.close()), this.#options.history.flush()]);
    const late = new AbortController();
    await Promise.race([
      ended.catch((error: unknown) => this.#options.onLog(`the session did not close: ${describe(error)}`)),
      delay(closingTime, undefined, { signal: late.signal, ref: false }).catch(() => {}), // aborted: closed in time
    ]);
    late.abort();
    this.#outbox.close();
    await this.#channels?.close();
    this.#resolveClosed();
  }

  async #start(): Promise<Session<Origin>> {
    return this.#options.createSession({
      onOutput: (output, origin) => this.#show(output, origin),
      onInput: (request, origin, signal) => this.#stdin.ask(request, origin, signal),
      onLog: this.#options.onLog,
    });
  }

  #ready(): Promise<Session<Origin>> {
    if (!this.#session) throw new Error("the session has not been started");
    return this.#session;
  }

  #receive(channel: "shell" | "control" | "stdin", frames: Uint8Array[]): void {
    const message = this.#wire.read(frames);
    if ("dropped" in message) {
      this.#options.onLog(`message on ${channel} dropped: ${message.dropped}`);
      return;
    }
    if (this.#closing) return;
    if (channel === "stdin") {
      this.#stdin.receive(message);
      return;
    }
    const origin = { headerFrame: message.headerFrame, identities: message.identities, silent: false };
    const request = { message, fields: new Fields(message), origin, aborted: false };
    if (channel === "control") {
      void this.#handle(request, "control");
      return;
    }
    this.#received++;
    this.#queue.push(request);
    if (!this.#working) void this.#work();
  }

  /** JEP 65: tells a subscriber that its subscription has taken effect. */
  #welcome(topic: Uint8Array): void {
    if (isDelimiter(topic)) return; // whoever subscribed to all would read such a message wrong
    const content = { subscription: Buffer.from(topic).toString() };
    void this.#channels?.send("iopub", this.#wire.write("iopub_welcome", content, { identities: [topic] }).frames);
  }

  async #work(): Promise<void> {
    this.#working = true;
    for (let request = this.#queue.shift(); request && !this.#closing; request = this.#queue.shift()) {
      this.#current = request;
      this.#interrupted = false;
      await this.#handle(request, "shell");
      this.#current = undefined;
    }
    this.#working = false;
  }

  /** Busy, the handler, its reply, idle. */
  async #handle(request: Request, channel: "shell" | "control"): Promise<void> {
    const { message, origin } = request;
    // The output of a busy cell has no order with what control does.
    const status = (execution_state: string) =>
      channel === "control"
        ? this.#outbox.publishAhead(origin, "status", { execution_state })
        : this.#outbox.publish(origin, "status", { execution_state });
    const started = new Date().toISOString();
    let announced = false;
    const announce = () => {
      if (!announced) status("busy");
      announced = true;
    };
    // A cell goes to its runtime first, and is announced while it begins to run.
    if (message.type !== "execute_request") announce();
    const answer = this.#answer(request, channel, announce);
    announce();
    const content = await answer;
    if (channel === "shell") {
      this.#outbox.tellDiscarded(origin);
      await this.#outbox.flush();
    }
    const type = message.type.replace(/_request$/, "_reply");
    if (content && type !== message.type) {
      const metadata = type === "execute_reply" ? { started } : undefined;
      void this.#channels?.send(channel, this.#wire.reply(message, type, content, metadata));
    }
    status("idle");
    // Front ends first ask what the kernel is, and a moment passes before they send a cell.
    setImmediate(() => void this.#live?.warmUp());
    if (message.type === "shutdown_request" && content && "restart" in content) void this.close();
  }

  async #answer(request: Request, channel: "shell" | "control", announce: () => void): Promise<object | void> {
    const { message } = request;
    const handlers = channel === "shell" ? this.#shell : this.#control;
    const handler = Object.hasOwn(handlers, message.type) ? handlers[message.type] : undefined;
    if (!handler) {
      // Once per type: some extensions of front ends ask again every few seconds.
      const name = `${channel}: unknown message type ${JSON.stringify(message.type.slice(0, 100))}`;
      if (this.#unknown.size < 1000 && !this.#unknown.has(name)) this.#options.onLog(name);
      this.#unknown.add(name);
      return undefined;
    }
    try {
      return await handler(request, announce);
    } catch (error) {
      // A wrong field of the request (TypeError), or a bug of ours; either way the front end must not wait for ever.
      this.#options.onLog(`${message.type} failed: ${describe(error)}`);
      return errorReply(error);
    }
  }

  async #execute(request: Request, announce: () => void): Promise<object> {
    const { fields, origin } = request;
    if (request.aborted) return { status: "aborted" };
    const code = fields.string("code");
    const silent = fields.boolean("silent", false);
    const stored = fields.boolean("store_history", !silent) && !silent;
    const allowStdin = fields.boolean("allow_stdin", false);
    const stopOnError = fields.boolean("stop_on_error", true) && !silent;
    const userExpressions = fields.strings("user_expressions");
    const executionCount = this.#executionCount + 1;
    if (stored) this.#executionCount = executionCount;
    if (stored) origin.remember = this.#options.history.add(executionCount, code);
    origin.silent = silent;
    const running = this.#run(code, { origin, executionCount, silent, allowStdin, userExpressions });
    announce();
    if (!silent) this.#outbox.publish(origin, "execute_input", { code, execution_count: executionCount });
    const reply = await running;
    if (reply.status === "error" && (stopOnError || this.#interrupted)) await this.#abortAll();
    const execution_count = this.#executionCount;
    if (reply.status === "error") return { ...reply, execution_count, user_expressions: {}, payload: [] };
    const { status, payload } = reply;
    return { status, execution_count, user_expressions: reply.userExpressions, payload };
  }

  async #run(code: string, options: Parameters<Session<Origin>["execute"]>[1]): ReturnType<Session<Origin>["execute"]> {
    try {
      return await (this.#live ?? (await this.#ready())).execute(code, options);
    } catch (error) {
      // The session reports the errors of cells itself; it failed as a whole, and the user must see why.
      this.#options.onLog(`execute_request failed: ${describe(error)}`);
      const reply = errorReply(error);
      const { ename, evalue, traceback } = reply;
      this.#outbox.publish(options.origin, "error", { ename, evalue, traceback });
      return reply;
    }
  }

  /** Aborts the cells that have come, and those that were on their way when this one failed. */
  async #abortAll(): Promise<void> {
    const end = performance.now() + longestQuiet;
    for (let seen = -1; seen !== this.#received && performance.now() < end;) {
      seen = this.#received;
      await delay(quiet);
    }
    this.#abort();
  }

  #abort(): void {
    for (const request of this.#queue) request.aborted ||= request.message.type === "execute_request";
  }

  #show(output: Output, origin: Origin): void {
    if (this.#closing) return;
    switch (output.type) {
      case "stream":
        this.#outbox.text(origin, output.name, output.text);
        return;
      case "comm_open":
      case "comm_msg":
      case "comm_close":
        this.#outbox.publish(origin, output.type, output.content, output);
        return;
      case "execute_result": {
        const text = output.data["text/plain"];
        // The history keeps what was to be read, not the colours.
        if (typeof text === "string") origin.remember?.(text.replace(/\u001b\[[\d;]*m/g, ""));
        if (origin.silent) return;
        break;
      }
      case "update_display_data": {
        const { type, ...content } = output;
        const { display_id: id } = content.transient;
        if (id !== undefined) this.#outbox.update(origin, id, content);
        else this.#outbox.publish(origin, type, content);
        return;
      }
      case "display_data":
      case "clear_output":
      case "error":
    }
    const { type, ...content } = output;
    this.#outbox.publish(origin, type, content);
  }

  #shutdown({ fields, origin }: Request): object {
    const content = { status: "ok", restart: fields.boolean("restart", false) };
    this.#outbox.publishAhead(origin, "shutdown_reply", content);
    return content;
  }
}
