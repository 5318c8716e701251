// A kernel in the test's own process, over real sockets, with a session that does what the test says: each cell's code is the
// name of a script, a function that gets the means to show things. So the protocol is tested without running a cell.
import { randomBytes, randomInt } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { curveKeyPair } from "zeromq";
import { parseConnection } from "../kernel/connection.ts";
import { History } from "../kernel/history.ts";
import { Kernel, type KernelOptions, type Origin } from "../kernel/kernel.ts";
import {
  type CommMessage,
  type CompleteReply,
  type ExecuteOptions,
  type ExecuteReply,
  type InspectReply,
  type IsCompleteReply,
  type Output,
  type Session,
  type SessionOptions,
} from "../kernel/session.ts";
import { Client, type Connection } from "./client.ts";

export interface Cell {
  options: ExecuteOptions<Origin>;
  show(output: Output): void;
  print(text: string): void;
  ask(prompt: string, password?: boolean): Promise<string | null>;
  /** Aborts when the cell is interrupted. */
  signal: AbortSignal;
}

export type Script = (cell: Cell) => ExecuteReply | void | Promise<ExecuteReply | void>;

export class FakeSession implements Session<Origin> {
  readonly calls: { method: string; args: unknown[] }[] = [];
  readonly scripts: Record<string, Script> = {};
  readonly comms: Record<string, { target_name: string }> = {};
  completion: CompleteReply = { matches: [], start: 0, end: 0, types: [] };
  inspection: InspectReply = { found: false, data: {} };
  completeness: IsCompleteReply = { status: "complete" };
  paused = 0;
  resumed = 0;
  closed = false;
  readonly options: SessionOptions<Origin>;
  #running: AbortController | undefined;
  #ended: Promise<unknown> = Promise.resolve();

  constructor(options: SessionOptions<Origin>) {
    this.options = options;
  }

  execute(code: string, options: ExecuteOptions<Origin>): Promise<ExecuteReply> {
    this.calls.push({ method: "execute", args: [code, options] });
    const ended = this.#execute(code, options);
    this.#ended = ended;
    return ended;
  }

  async #execute(code: string, options: ExecuteOptions<Origin>): Promise<ExecuteReply> {
    const { onOutput, onInput } = this.options;
    const { origin } = options;
    const running = new AbortController();
    this.#running = running;
    const { signal } = running;
    await Promise.resolve(); // As with a real one, nothing comes before the call has returned.
    const script = this.scripts[code];
    const reply = await script?.({
      options,
      signal,
      show: (output) => onOutput(output, origin),
      print: (text) => onOutput({ type: "stream", name: "stdout", text }, origin),
      ask: (prompt, password = false) => onInput({ prompt, password }, origin, signal),
    });
    this.#running = undefined;
    if (signal.aborted) return failed(onOutput, origin, "KeyboardInterrupt", "interrupted");
    return reply ?? { status: "ok", payload: [], userExpressions: {} };
  }

  async interrupt(): Promise<void> {
    this.#running?.abort();
    await this.#ended;
  }

  async complete(code: string, cursor: number): Promise<CompleteReply> {
    this.calls.push({ method: "complete", args: [code, cursor] });
    return this.completion;
  }

  async inspect(code: string, cursor: number, detail: 0 | 1): Promise<InspectReply> {
    this.calls.push({ method: "inspect", args: [code, cursor, detail] });
    return this.inspection;
  }

  async isComplete(code: string): Promise<IsCompleteReply> {
    this.calls.push({ method: "isComplete", args: [code] });
    return this.completeness;
  }

  async comm(message: CommMessage, origin: Origin): Promise<void> {
    this.calls.push({ method: "comm", args: [message, origin] });
  }

  commInfo(target?: string): Record<string, { target_name: string }> {
    if (target === undefined) return this.comms;
    return Object.fromEntries(Object.entries(this.comms).filter(([, comm]) => comm.target_name === target));
  }

  warmUp(): Promise<void> {
    return Promise.resolve();
  }

  pause(): void {
    this.paused++;
  }

  resume(): void {
    this.resumed++;
  }

  async close(): Promise<void> {
    this.closed = true;
    this.#running?.abort();
  }
}

/** Shows an error, as the session does, and returns the reply to it. */
export function failed(
  onOutput: SessionOptions<Origin>["onOutput"],
  origin: Origin,
  ename: string,
  evalue: string,
): ExecuteReply {
  const traceback = [`${ename}: ${evalue}`];
  onOutput({ type: "error", ename, evalue, traceback }, origin);
  return { status: "error", ename, evalue, traceback };
}

export interface FakeKernel {
  kernel: Kernel;
  session: FakeSession;
  client: Client;
  connection: Connection;
  /** What the kernel has logged. */
  log: string[];
  close(): Promise<void>;
}

export interface FakeKernelOptions {
  transport?: "tcp" | "ipc";
  curve?: boolean;
  key?: string;
  history?: History;
  pace?: boolean;
  createSession?: KernelOptions["createSession"];
}

/** Below the range that systems take local ports from, where the client of another test could sit. */
async function freePort(): Promise<number> {
  const port = randomInt(15_000, 32_000);
  const server = createServer().listen(port, "127.0.0.1");
  try {
    await once(server, "listening");
  } catch {
    return freePort(); // taken: another one
  }
  server.close();
  await once(server, "close");
  return port;
}

/** The content of a connection file; remove the folder afterwards. */
export async function newConnection(
  folder: string,
  { transport = "tcp", curve = false, key = randomBytes(16).toString("hex") }: FakeKernelOptions = {},
): Promise<Connection> {
  const keys = curve ? curveKeyPair() : undefined;
  const ipc = transport === "ipc";
  const port = async (number: number) => (ipc ? number : await freePort());
  return {
    transport,
    ip: ipc ? join(folder, "ipc") : "127.0.0.1",
    shell_port: await port(1),
    iopub_port: await port(2),
    stdin_port: await port(3),
    control_port: await port(4),
    hb_port: await port(5),
    key,
    signature_scheme: "hmac-sha256",
    ...(keys && { curve_publickey: keys.publicKey, curve_secretkey: keys.secretKey }),
  };
}

/** Opens a kernel with a fake session, and a client that has heard from it on shell and iopub. */
export async function openFakeKernel(options: FakeKernelOptions = {}): Promise<FakeKernel> {
  const folder = await mkdtemp(join(tmpdir(), "fake-kernel-"));
  const connection = await newConnection(folder, options);
  const log: string[] = [];
  let session: FakeSession | undefined;
  const kernel = new Kernel(parseConnection(JSON.stringify(connection)), {
    createSession: options.createSession ?? ((sessionOptions) => (session = new FakeSession(sessionOptions))),
    history: options.history ?? new History(null),
    pace: options.pace ?? false,
    onLog: (line) => void log.push(line),
  });
  await kernel.open();
  const client = await Client.attach(connection);
  await client.kernelInfo();
  return {
    kernel,
    client,
    connection,
    log,
    get session() {
      if (!session) throw new Error("this kernel has no fake session");
      return session;
    },
    async close() {
      await client.close();
      await kernel.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
