// The session over a runtime process: one request at a time goes to it, each output comes back to its request's origin, and a
// runtime that dies is replaced, its cell told.

import { Death, describeEnd, errorOf } from "./death.ts";
import { type Launch, launchOptions } from "./launch.ts";
import { pageSubject } from "./page-request.ts";
import { type RuntimeEnd, type RuntimeHandlers, type RuntimeOptions, RuntimeProcess } from "./runtime-process.ts";
import { completeReply, explainedPage, inspectReply } from "./answers.ts";
import type { ExecuteRequest, ExecuteResult, Reply, Report, Request } from "./runtime/messages.ts";
import { Typecheck } from "./typecheck.ts";
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

/** The pieces in which they are counted. */
const INTERRUPT_TICK = 100;

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
  readonly #types: Typecheck;
  /** Aborted when the cell that is being checked is interrupted or done. */
  #checking: AbortController | undefined;

  constructor(options: SessionOptions<Origin>, launched: Launch | undefined) {
    this.#options = options;
    this.#runtimeOptions = { ...launchOptions(options), prelude: options.prelude ?? null };
    this.#types = new Typecheck({
      folder: this.#runtimeOptions.folder,
      prelude: options.prelude,
      policy: options.typecheck ?? "error",
      onLog: (line) => options.onLog?.(line),
    });
    this.#runtime = this.#start(launched);
  }

  async execute(code: string, options: ExecuteOptions<Origin>): Promise<ExecuteReply> {
    const { origin, executionCount, silent = false, allowStdin = false, userExpressions = {} } = options;
    const request: Request = { method: "execute", code, executionCount, silent, allowStdin, userExpressions };
    return this.#request<ExecuteReply>(request, origin, (death) => death);
  }

  async complete(code: string, cursor: number): Promise<CompleteReply> {
    const [types, values] = await Promise.all([
      this.#types.complete(code, cursor),
      this.#question<CompleteReply>({ method: "complete", code, cursor }),
    ]);
    return completeReply(types, values, cursor);
  }

  async inspect(code: string, cursor: number, detail: 0 | 1): Promise<InspectReply> {
    const [types, values] = await Promise.all([
      this.#types.inspect(code, cursor, detail),
      this.#question<InspectReply>({ method: "inspect", code, cursor, detail }),
    ]);
    return inspectReply(types, values);
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
    this.#checking?.abort();
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

  warmUp(): Promise<void> {
    return this.#types.warmUp();
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
    this.#checking?.abort();
    await Promise.all([this.#runtime?.kill(), this.#types.close()]);
  }

  /** What the values say; nothing while a cell runs, for its end may be far. */
  async #question<Answer extends Reply>(request: Request): Promise<Answer | undefined> {
    const isCell = (pending: Pending<Origin> | undefined): boolean => pending?.request.method === "execute";
    if (isCell(this.#running?.pending) || this.#queue.some(isCell)) return undefined;
    return this.#request<Answer>(request, undefined, () => null as Answer).then((answer) => answer ?? undefined);
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
    if (this.#closed) return this.#settle(new Death(errorOf("SessionClosed", "the session is closed")));
    const { request } = pending;
    if (request.method === "execute" && !request.silent && pageSubject(request.code) === undefined)
      void this.#check(cell, pending, request);
    else this.#send(cell, pending);
  }

  #send(cell: number, { request, buffers }: Pending<Origin>): void {
    this.#runtime ??= this.#start();
    try {
      this.#runtime.send(cell, request, buffers);
    } catch (error) {
      // Data nested too deeply for JSON: only this request fails.
      this.#settle(new Death(errorOf("RangeError", `the request cannot be sent to the runtime: ${String(error)}`)));
    }
  }

  /** A cell goes to its runtime when its types allow. */
  async #check(cell: number, pending: Pending<Origin>, request: ExecuteRequest): Promise<void> {
    const { signal } = (this.#checking = new AbortController());
    const interrupted = new Promise<"interrupted">((resolve) =>
      signal.addEventListener("abort", () => resolve("interrupted")),
    );
    const checked = this.#types.before(request.code, request.executionCount, signal);
    const verdict = await Promise.race([checked, interrupted]);
    if (this.#running?.cell !== cell) return;
    if (verdict === "interrupted") {
      const error = errorOf("KeyboardInterrupt", "the cell was interrupted before it ran");
      this.#output(cell, { ...error, type: "error" });
      this.#settle(error);
      return;
    }
    const { code, answer, notes, refusal, caution } = verdict;
    if (answer !== "") this.#output(cell, { type: "stream", name: "stdout", text: answer });
    if (notes !== "") this.#output(cell, { type: "stream", name: "stderr", text: notes });
    if (code !== request.code) Object.assign(request, { code, shown: request.code });
    if (refusal !== undefined) request.refusal = refusal;
    if (caution) request.caution = caution;
    this.#send(cell, pending);
  }

  /** A cell's names are known to the checker before the next cell is. */
  async #ran(cell: number, { code, executionCount }: ExecuteRequest, reply: ExecuteResult): Promise<void> {
    const { signal } = (this.#checking = new AbortController());
    const interrupted = new Promise<undefined>((resolve) => signal.addEventListener("abort", () => resolve(undefined)));
    const page = pageSubject(code);
    if (page !== undefined) {
      const { name, detail } = page;
      const types = await Promise.race([this.#types.inspect(name, name.length, detail), interrupted]);
      const [shown] = reply.status === "ok" ? reply.payload : [];
      if (types !== undefined && shown?.source === "page")
        Object.assign(shown, { data: explainedPage(types, shown.data) });
    } else {
      const { globals, forgot, reached = reply.status === "error" ? [] : undefined } = reply;
      const notes = this.#types.ran(code, executionCount, { reached, globals, forgot });
      const text = notes === undefined ? undefined : await Promise.race([notes, interrupted]);
      if (text) this.#output(cell, { type: "stream", name: "stderr", text });
    }
    // What is for the checker is no part of the answer.
    for (const key of ["reached", "globals", "forgot"] as const) delete reply[key];
    if (this.#running?.cell === cell) this.#settle(reply);
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
        // While nobody waits.
        void this.warmUp();
        break;
      case "reply":
        if (cell === this.#running?.cell) this.#onReply(cell, this.#running.pending.request, report.value);
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

  #onReply(cell: number, request: Request, reply: Reply): void {
    if (request.method !== "execute") this.#settle(reply);
    else void this.#ran(cell, request, reply as ExecuteResult);
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
    // Counted in pieces: while this process is busy with other messages, the end may have come and only not been read.
    let left = LONGEST_INTERRUPT;
    const timer = setInterval(() => {
      left -= INTERRUPT_TICK;
      if (left > 0 && this.#running === running && this.#runtime === runtime) return;
      clearInterval(timer);
      if (this.#running === running && this.#runtime === runtime) void runtime.kill();
    }, INTERRUPT_TICK);
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
    this.#checking?.abort();
    this.#types.reset();
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
