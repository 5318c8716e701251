// The session over a runtime process: one request at a time goes to it, each output comes back to its request's origin, and a
// runtime that dies is replaced, its cell told.

import { type Launch, launchOptions } from "./launch.ts";
import { type RuntimeEnd, type RuntimeHandlers, type RuntimeOptions, RuntimeProcess } from "./runtime-process.ts";
import type { Reply, Report, Request } from "./runtime/messages.ts";
import type {
  CommMessage,
  CompleteReply,
  ErrorReply,
  ExecuteOptions,
  ExecuteReply,
  InspectReply,
  IsCompleteReply,
  Output,
  Session,
  SessionOptions,
} from "./session.ts";

/** Starts a session: its runtime comes up while the caller goes on. */
export function createSession<Origin>(options: SessionOptions<Origin>, launched?: Launch): Session<Origin> {
  return new RuntimeSession(options, launched);
}

interface Pending<Origin> {
  request: Request;
  buffers: Uint8Array[];
  origin: Origin | undefined;
  settle(reply: Reply | Death): void;
}

/** Milliseconds between attempts to wake a runtime that does not take an interrupt. */
const WAKING = 500;

/** Milliseconds from the end of an interrupt to the end of its cell. */
const LONGEST_INTERRUPT = 1000;

/** How a request ends whose runtime died under it. */
class Death {
  readonly error: ErrorReply;
  constructor(error: ErrorReply) {
    this.error = error;
  }
}

class RuntimeSession<Origin> implements Session<Origin> {
  readonly #options: SessionOptions<Origin>;
  readonly #runtimeOptions: RuntimeOptions;
  /** One request at a time is with the runtime: the first. */
  readonly #queue: Pending<Origin>[] = [];
  /** Whom each request's outputs belong to, also after its end; of the newest requests only. */
  readonly #cellOrigins = new Map<number, Origin>();
  readonly #commOrigins = new Map<number, Origin>();
  readonly #comms = new Map<string, { target_name: string }>();
  /** Takes the outputs that nobody claims. */
  #latest: Origin | undefined;
  #cells = 0;
  #running: { cell: number; pending: Pending<Origin> } | undefined;
  /** Aborted when the cell that asks ends. */
  #input: AbortController | undefined;
  /** Those that the runtime has not taken yet. */
  #interrupts: { number: number; taken: () => void }[] = [];
  #interruptNumber = 0;
  #runtime: RuntimeProcess | undefined;
  #deathsAtStart = 0;
  #closed = false;

  constructor(options: SessionOptions<Origin>, launched: Launch | undefined) {
    this.#options = options;
    this.#runtimeOptions = { ...launchOptions(options), prelude: options.prelude ?? null };
    this.#runtime = this.#start(launched);
  }

  async execute(code: string, options: ExecuteOptions<Origin>): Promise<ExecuteReply> {
    const { origin, executionCount, silent = false, allowStdin = false, userExpressions = {} } = options;
    const request: Request = { method: "execute", code, executionCount, silent, allowStdin, userExpressions };
    return this.#request<ExecuteReply>(request, origin, (death) => death);
  }

  async complete(code: string, cursor: number): Promise<CompleteReply> {
    const nothing: CompleteReply = { matches: [], start: cursor, end: cursor, types: [] };
    return this.#request<CompleteReply>({ method: "complete", code, cursor }, undefined, () => nothing);
  }

  async inspect(code: string, cursor: number, detail: 0 | 1): Promise<InspectReply> {
    const nothing: InspectReply = { found: false, data: {} };
    return this.#request<InspectReply>({ method: "inspect", code, cursor, detail }, undefined, () => nothing);
  }

  async isComplete(code: string): Promise<IsCompleteReply> {
    return this.#request<IsCompleteReply>({ method: "isComplete", code }, undefined, () => ({ status: "unknown" }));
  }

  async comm({ buffers, ...message }: CommMessage, origin: Origin): Promise<void> {
    this.#trackComm(message);
    await this.#request<null>({ method: "comm", message }, origin, () => null, buffers);
  }

  commInfo(target?: string): Record<string, { target_name: string }> {
    return Object.fromEntries(
      [...this.#comms].filter(([, { target_name }]) => target === undefined || target_name === target),
    );
  }

  async interrupt(): Promise<void> {
    const runtime = this.#runtime;
    if (runtime === undefined) return;
    this.#input?.abort();
    // A runtime that waits to be read cannot end its cell.
    runtime.resume();
    const waking = setInterval(() => runtime.wake(), WAKING);
    waking.unref();
    await new Promise<void>((taken) => {
      const number = ++this.#interruptNumber;
      this.#interrupts.push({ number, taken });
      runtime.control({ control: "interrupt", number, cell: this.#cells });
    });
    clearInterval(waking);
    this.#next();
  }

  pause(): void {
    this.#runtime?.pause();
  }

  resume(): void {
    this.#runtime?.resume();
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#input?.abort();
    await this.#runtime?.kill();
  }

  #request<Answer extends Reply>(
    request: Request,
    origin: Origin | undefined,
    onDeath: (error: ErrorReply) => Answer,
    buffers: Uint8Array[] = [],
  ): Promise<Answer> {
    return new Promise((settle) => {
      this.#queue.push({
        request,
        buffers,
        origin,
        // The runtime answers each request with the reply of its method, or with an error.
        settle: (reply) => {
          if (reply instanceof Death) settle(onDeath(reply.error));
          else settle(isError(reply) ? onDeath(reply) : (reply as Answer));
        },
      });
      this.#next();
    });
  }

  #next(): void {
    // An interrupt that is on its way must not meet a cell that came after it.
    if (this.#running !== undefined || this.#interrupts.length > 0) return;
    const pending = this.#queue.shift();
    if (pending === undefined) return;
    const cell = ++this.#cells;
    if (pending.origin !== undefined) this.#remember(cell, pending.request, pending.origin);
    this.#running = { cell, pending };
    if (this.#closed) {
      this.#settle(new Death(errorOf("SessionClosed", "the session is closed")));
      return;
    }
    this.#runtime ??= this.#start();
    try {
      this.#runtime.send(cell, pending.request, pending.buffers);
    } catch (error) {
      // Data nested too deeply for JSON: only this request fails.
      this.#settle(new Death(errorOf("RangeError", `the request cannot be sent to the runtime: ${String(error)}`)));
    }
  }

  #remember(cell: number, request: Request, origin: Origin): void {
    const [origins, limit] = request.method === "comm" ? [this.#commOrigins, 1000] : [this.#cellOrigins, 10_000];
    origins.set(cell, origin);
    this.#latest = origin;
    if (origins.size <= limit) return;
    const [oldest] = origins.keys();
    if (oldest !== undefined) origins.delete(oldest);
  }

  #originOf(cell: number): Origin | undefined {
    return this.#cellOrigins.get(cell) ?? this.#commOrigins.get(cell);
  }

  #settle(reply: Reply | Death): void {
    const running = this.#running;
    if (running === undefined) return;
    this.#running = undefined;
    this.#input?.abort();
    running.pending.settle(reply);
    this.#next();
  }

  #output(cell: number, output: Output): void {
    const origin = this.#originOf(cell) ?? this.#latest;
    if (origin !== undefined) this.#options.onOutput(output, origin);
    else this.#options.onLog?.(`output before the first cell: ${JSON.stringify(output)}`);
  }

  #start(launched?: Launch): RuntimeProcess {
    const handlers: RuntimeHandlers = {
      onText: (cell, name, text) => this.#output(cell, { type: "stream", name, text }),
      onRawText: (name, text) => this.#output(this.#running?.cell ?? this.#cells, { type: "stream", name, text }),
      onReport: (cell, report, buffers) => this.#onReport(runtime, cell, report, buffers),
      onEnd: (end) => this.#onEnd(end),
    };
    const runtime = new RuntimeProcess(this.#runtimeOptions, handlers, launched);
    return runtime;
  }

  #onReport(runtime: RuntimeProcess, cell: number, report: Report, buffers: Buffer[]): void {
    switch (report.report) {
      case "ready":
        this.#deathsAtStart = 0;
        break;
      case "reply":
        if (cell === this.#running?.cell) this.#settle(report.value);
        break;
      case "output":
        if ("content" in report.output) {
          this.#trackComm(report.output);
          this.#output(cell, { ...report.output, buffers });
        } else {
          this.#output(cell, report.output);
        }
        break;
      case "input":
        void this.#ask(runtime, cell, report);
        break;
      case "interrupted":
        this.#expectEnd(runtime, report.cell);
        this.#taken(report.number);
        break;
      case "fence":
        break; // The streams have been put in order by it.
      default:
        report satisfies never;
    }
  }

  /** The runtime has taken this interrupt, and with it all before it. */
  #taken(newest: number): void {
    const taken = this.#interrupts.filter(({ number }) => number <= newest);
    this.#interrupts = this.#interrupts.filter(({ number }) => number > newest);
    for (const interrupt of taken) interrupt.taken();
    this.#next();
  }

  /** An interrupted request that is not settled soon has never reached the runtime: its code has broken what would. */
  #expectEnd(runtime: RuntimeProcess, cell: number): void {
    const running = this.#running;
    if (running === undefined || running.cell > cell) return;
    const timer = setTimeout(() => {
      if (this.#running === running && this.#runtime === runtime) void runtime.kill();
    }, LONGEST_INTERRUPT);
    timer.unref();
  }

  async #ask(runtime: RuntimeProcess, cell: number, question: Report & { report: "input" }): Promise<void> {
    const { id, prompt, password, blocking } = question;
    const origin = this.#originOf(cell);
    if (this.#input === undefined || this.#input.signal.aborted) this.#input = new AbortController();
    const { signal } = this.#input;
    let value: string | null = null;
    try {
      if (origin !== undefined && !signal.aborted)
        value = await this.#options.onInput({ prompt, password }, origin, signal);
    } catch (error) {
      // Nobody answers: the cell goes on as if the user had cancelled, unless it was interrupted.
      if (!signal.aborted) this.#options.onLog?.(`input: ${String(error)}`);
    }
    // An interrupted question gets no answer: its cell is being ended.
    if (signal.aborted) return;
    if (blocking) runtime.control({ control: "inputReply", id, value });
    else runtime.send(cell, { method: "inputReply", id, value });
  }

  #trackComm({ type, content }: Omit<CommMessage, "buffers" | "metadata">): void {
    if (type === "comm_open") this.#comms.set(content.comm_id, { target_name: content.target_name ?? "" });
    else if (type === "comm_close") this.#comms.delete(content.comm_id);
  }

  /** The runtime is gone, with all variables: the cell that it ran is told, and the next one finds a new runtime. */
  #onEnd(end: RuntimeEnd): void {
    this.#runtime = undefined;
    this.#comms.clear();
    this.#taken(Infinity);
    this.#interruptNumber = 0;
    if (this.#closed) {
      this.#settle(new Death(errorOf("SessionClosed", "the session was closed while the cell ran")));
      return;
    }
    this.#deathsAtStart = end.atStart ? this.#deathsAtStart + 1 : 0;
    const error = describeEnd(end, this.#runtimeOptions.heapMegabytes);
    const running = this.#running;
    if (running === undefined) {
      this.#options.onLog?.(`${error.evalue} (no cell was running)`);
    } else if (running.pending.origin !== undefined) {
      const { ename, evalue, traceback } = error;
      this.#output(running.cell, { type: "error", ename, evalue, traceback });
    }
    // Ready for the next cell before it comes, unless starting is what fails.
    if (this.#deathsAtStart < 3) this.#runtime ??= this.#start();
    if (running !== undefined) this.#settle(new Death(error));
  }
}

function isError(reply: Reply): reply is ErrorReply {
  return reply !== null && "status" in reply && reply.status === "error";
}

function errorOf(ename: string, evalue: string): ErrorReply {
  return { status: "error", ename, evalue, traceback: [`\u001b[1m${ename}: ${evalue}\u001b[0m`] };
}

function describeEnd({ code, signal, outOfMemory, broken, atStart }: RuntimeEnd, heapMegabytes: number): ErrorReply {
  const gone = "all variables are gone; the next cell runs in a new runtime";
  if (outOfMemory) {
    const hint = "a larger heap: adjoint install --heap MB, or ADJOINT_HEAP_MB";
    return errorOf("OutOfMemory", `the heap of ${heapMegabytes} MiB is full: ${gone} (${hint})`);
  }
  if (broken) return errorOf("RuntimeDied", `the cell broke the connection between runtime and kernel: ${gone}`);
  if (atStart)
    return errorOf("RuntimeDied", "the runtime ended before it was ready; run the cell again to start another");
  if (signal === "SIGABRT") return errorOf("RuntimeDied", `the runtime aborted: ${gone}`);
  if (signal !== null) return errorOf("RuntimeDied", `the runtime was killed by ${signal}: ${gone}`);
  return errorOf("RuntimeDied", `the cell ended its process with exit code ${code}: ${gone}`);
}
