// A kernel as a front end starts it: a connection file with free ports (or ipc paths), a random key and, if asked for, CURVE
// keys; a process in a group of its own, with its exit and all that it printed; and the end of both, group and files.
import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes, randomInt } from "node:crypto";
import { once } from "node:events";
import { rmSync, writeFileSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { curveKeyPair } from "zeromq";

/** The content of a connection file. */
export interface Connection {
  transport: "tcp" | "ipc";
  ip: string;
  shell_port: number;
  iopub_port: number;
  stdin_port: number;
  control_port: number;
  hb_port: number;
  key: string;
  signature_scheme: "hmac-sha256";
  kernel_name?: string;
  curve_publickey?: string;
  curve_secretkey?: string;
}

/** What a kernelspec says of starting a kernel; `{connection_file}` in an argument is replaced. */
export interface Spec {
  argv: readonly string[];
  env?: Readonly<Record<string, string>>;
  cwd?: string;
}

export interface ConnectionOptions {
  /** Default: tcp. */
  transport?: "tcp" | "ipc";
  /** Write CURVE keys to the connection file. Default: false. */
  curve?: boolean;
}

export interface Exit {
  code: number | null;
  signal: NodeJS.Signals | null;
}

/** Mocha's workers run side by side: each chooses from a range of its own, and none chooses a port twice in a row. */
const worker = Number(process.env["MOCHA_WORKER_ID"] ?? 0);
const lowest = 15_000 + ((worker % 2) * 8 + (process.pid % 8)) * 1000;
let chosen = randomInt(1000);

function nextPort(): number {
  chosen = (chosen + 1) % 1000;
  return lowest + chosen;
}

/**
 * Five ports on 127.0.0.1 that nobody listens on. They lie below the range from which systems take the local port of an
 * outgoing connection: a client that retries a connection to a port in that range ends up connected to itself.
 */
async function freePorts(): Promise<[number, number, number, number, number]> {
  const free = async (): Promise<number> => {
    const server = createServer();
    const port = nextPort();
    try {
      server.listen(port, "127.0.0.1");
      await once(server, "listening");
    } catch {
      return free(); // taken: another one
    }
    server.close();
    await once(server, "close");
    return port;
  };
  return [await free(), await free(), await free(), await free(), await free()];
}

async function newConnection(options: ConnectionOptions, folder: string): Promise<Connection> {
  const ipc = options.transport === "ipc";
  const [shell, iopub, stdin, control, hb] = ipc ? ([1, 2, 3, 4, 5] as const) : await freePorts();
  const keys = options.curve ? curveKeyPair() : undefined;
  return {
    transport: ipc ? "ipc" : "tcp",
    ip: ipc ? join(folder, "ipc") : "127.0.0.1",
    shell_port: shell,
    iopub_port: iopub,
    stdin_port: stdin,
    control_port: control,
    hb_port: hb,
    key: randomBytes(16).toString("hex"),
    signature_scheme: "hmac-sha256",
    kernel_name: "",
    ...(keys && { curve_publickey: keys.publicKey, curve_secretkey: keys.secretKey }),
  };
}

/** Those that nobody has closed yet: a test run that fails or is broken off takes them with it. */
const open = new Set<KernelProcess>();
process.once("exit", () => {
  for (const kernel of open) kernel.kill();
});

export class KernelProcess {
  readonly connection: Connection;
  readonly connectionFile: string;
  readonly child: ChildProcess;
  /** `performance.now()` just before the process was started. */
  readonly startedAt: number;
  /** Settles when the process has ended or could not be started. */
  readonly exited: Promise<Exit>;
  /** Set once the process has ended. */
  exit: Exit | undefined;
  stdout = "";
  stderr = "";
  readonly #folder: string;

  static async start(spec: Spec, options: ConnectionOptions = {}): Promise<KernelProcess> {
    const folder = await mkdtemp(join(tmpdir(), "kernel-"));
    return new KernelProcess(spec, folder, await newConnection(options, folder));
  }

  private constructor(spec: Spec, folder: string, connection: Connection, file = join(folder, "connection.json")) {
    this.#folder = folder;
    this.connection = connection;
    this.connectionFile = file;
    writeFileSync(file, JSON.stringify(connection), { mode: 0o600 });
    const [command = "", ...args] = spec.argv.map((part) => part.replaceAll("{connection_file}", file));
    open.add(this);
    this.startedAt = performance.now();
    this.child = spawn(command, args, {
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, ...spec.env },
      ...(spec.cwd !== undefined && { cwd: spec.cwd }),
    });
    for (const name of ["stdout", "stderr"] as const)
      this.child[name]?.setEncoding("utf8").on("data", (text: string) => (this[name] += text));
    this.exited = new Promise((resolve) => {
      const end = (exit: Exit) => resolve((this.exit ??= exit));
      this.child.once("exit", (code, signal) => end({ code, signal }));
      this.child.once("error", (error) => {
        this.stderr += `cannot start ${command}: ${error.message}\n`;
        if (this.child.pid === undefined) end({ code: null, signal: null });
      });
    });
  }

  get pid(): number {
    if (this.child.pid === undefined) throw new Error(`no pid: ${this.stderr}`);
    return this.child.pid;
  }

  /** One line on how the process is, and what it last wrote to stderr. */
  describe(): string {
    const state = this.exit ? `ended (code ${this.exit.code}, signal ${this.exit.signal})` : "runs";
    return `process ${this.child.pid} ${state}; stderr: ${this.stderr.slice(-2000) || "(nothing)"}`;
  }

  /** Kills the process group and removes the files. */
  kill(): void {
    open.delete(this);
    if (this.child.pid !== undefined) {
      try {
        process.kill(-this.child.pid, "SIGKILL");
      } catch {
        // The group is gone already.
      }
    }
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** The same, and waits for the end; may be called more than once. */
  async close(): Promise<void> {
    this.kill();
    await this.exited;
    rmSync(this.#folder, { recursive: true, force: true }); // what the process has made there meanwhile
  }
}
