// A real kernel process, watched from outside through /proc: its runtime, everything that either has started, its memory and
// its open descriptors. All of its processes carry a mark in their environment, by which those without a parent are found too.
import { randomUUID } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { Client, type StartOptions } from "./client.ts";

export const hasProc = existsSync("/proc/self/environ");

function read(path: string): string {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return ""; // The process has ended meanwhile, or is another user's.
  }
}

export class ObservedKernel {
  readonly client: Client;
  readonly #mark: string;

  static async start(env: Record<string, string> = {}, options: StartOptions = {}): Promise<ObservedKernel> {
    const mark = randomUUID();
    const spec = {
      argv: [process.execPath, "bin/adjoint.js", "kernel", "{connection_file}"],
      env: { ADJOINT_HISTORY: "off", NO_COLOR: "1", ...env, KERNEL_TEST: mark },
    };
    return new ObservedKernel(await Client.start(spec, options), mark);
  }

  private constructor(client: Client, mark: string) {
    this.client = client;
    this.#mark = mark;
  }

  /** The pids of all living processes that the kernel or a cell has started, the kernel itself excepted. */
  processes(): number[] {
    return readdirSync("/proc")
      .filter((name) => /^\d+$/.test(name) && Number(name) !== this.client.pid)
      .filter((name) => read(`/proc/${name}/environ`).includes(`KERNEL_TEST=${this.#mark}\0`))
      .map(Number);
  }

  /** All but the language server, which lives on whatever cells do. */
  runtimes(): number[] {
    return this.processes().filter((pid) => !read(`/proc/${pid}/cmdline`).includes("--lsp"));
  }

  /** The runtime of the moment: the kernel's child that runs it. */
  runtime(): number | undefined {
    return this.processes().find((pid) => {
      const [, parent] = afterName(pid);
      return parent === String(this.client.pid) && read(`/proc/${pid}/cmdline`).includes("runtime/main.js");
    });
  }

  /** The runtime, once there is one other than `before`. */
  async nextRuntime(before?: number): Promise<number> {
    const found = await until(() => {
      const pid = this.runtime();
      return pid === before ? undefined : pid;
    }, 10_000);
    if (found === undefined) throw new Error(`no new runtime within 10 s; ${this.client.process?.describe()}`);
    return found;
  }

  /** What is left of the kernel's processes when it had `milliseconds` to end them. */
  async survivors(milliseconds: number): Promise<number[]> {
    await until(() => (this.processes().length === 0 ? true : undefined), milliseconds);
    return this.processes();
  }

  /** Resident, in MB. Default: of the kernel process. */
  memory(pid = this.client.pid): number {
    const [, kilobytes = "NaN"] = /^VmRSS:\s+(\d+) kB/m.exec(read(`/proc/${pid}/status`)) ?? [];
    return Number(kilobytes) / 1000;
  }

  descriptors(): number {
    return readdirSync(`/proc/${this.client.pid}/fd`).length;
  }

  async close(): Promise<void> {
    await this.client.close();
    for (const pid of this.processes()) kill(pid);
  }
}

/** State and parent, the fields of `stat` behind the name, which may hold spaces and parentheses. */
function afterName(pid: number): string[] {
  const stat = read(`/proc/${pid}/stat`);
  return stat.slice(stat.lastIndexOf(")") + 2).split(" ");
}

export function isAlive(pid: number): boolean {
  const [state] = afterName(pid);
  return state !== undefined && state !== "" && state !== "Z";
}

export function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has ended by itself.
  }
}

/** Looks every few milliseconds, because nobody tells of the processes of others; undefined when the time is over. */
export async function until<T>(look: () => T | undefined, milliseconds: number): Promise<T | undefined> {
  const end = performance.now() + milliseconds;
  for (;;) {
    const found = look();
    if (found !== undefined || performance.now() > end) return found;
    await delay(5);
  }
}

/** A seeded generator of numbers in [0, 1) (mulberry32). */
export function random(seed: number): () => number {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let mixed = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
