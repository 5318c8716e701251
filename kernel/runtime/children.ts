// Processes and worker threads that cells start: what they print goes to the cell that started them, an interrupt reaches them, and
// each carries a mark in its environment by which the kernel finds it at shutdown, detached or not.

import childProcess, { ChildProcess, type StdioOptions } from "node:child_process";
import { StringDecoder } from "node:string_decoder";
import workerThreads from "node:worker_threads";
import { type Activity, currentExecution } from "./execution.ts";
import { fence, print } from "./output.ts";

import { MARK_VARIABLE as MARK } from "../process-tree.ts";

/** What Node's `ChildProcess.prototype.spawn` gets from `spawn`, `exec`, `execFile` and `fork`, normalised. */
interface SpawnOptions {
  stdio?: StdioOptions;
  envPairs?: string[];
}
type Spawn = (this: ChildProcess, options: SpawnOptions) => number;

export function captureChildren(onChild: (pid: number, alive: boolean) => void): void {
  const prototype = ChildProcess.prototype as unknown as { spawn: Spawn };
  const nativeSpawn = prototype.spawn;
  const mark = `${MARK}=${process.env[MARK] ?? ""}`;

  prototype.spawn = function spawn(options) {
    const execution = currentExecution();
    const { stdio, inherited } = pipeInherited(options.stdio);
    const envPairs = options.envPairs && [...options.envPairs.filter((pair) => !pair.startsWith(`${MARK}=`)), mark];
    const status = nativeSpawn.call(this, { ...options, ...(stdio && { stdio }), ...(envPairs && { envPairs }) });
    const { pid } = this;
    if (pid !== undefined) {
      const activity: Activity = { cancel: () => void this.kill("SIGINT") };
      execution.activities.add(activity);
      onChild(pid, true);
      this.once("exit", () => {
        execution.activities.delete(activity);
        onChild(pid, false);
      });
    }
    for (const [fd, name] of inherited) {
      const stream = this.stdio[fd];
      if (stream === null || stream === undefined || !("on" in stream)) continue;
      const decoder = new StringDecoder("utf8");
      stream.on("data", (chunk: Buffer) => print(name, decoder.write(chunk), execution));
      // The user asked for an inherited stream, and sees none.
      this.stdio[fd] = null;
      Object.assign(this, { [fd === 1 ? "stdout" : "stderr"]: null });
    }
    return status;
  };

  // Synchronous children inherit the raw descriptors; fences keep their output in its place among the cell's own.
  for (const name of ["spawnSync", "execSync", "execFileSync"] as const) {
    const original = childProcess[name] as (...args: unknown[]) => unknown;
    Object.assign(childProcess, {
      [name]: (...args: unknown[]) => {
        const options = args.find((argument) => isOptions(argument));
        if (options?.env) options.env = { ...options.env, [MARK]: process.env[MARK] };
        if (options?.stdio === undefined || options.stdio === "pipe") return original(...args);
        fence();
        try {
          return original(...args);
        } finally {
          fence();
        }
      },
    });
    Object.defineProperty(childProcess[name], "name", { value: name });
  }

  const { Worker } = workerThreads;
  class CellWorker extends Worker {
    constructor(...args: ConstructorParameters<typeof Worker>) {
      super(...args);
      const { activities } = currentExecution();
      const activity: Activity = { cancel: () => void this.terminate() };
      activities.add(activity);
      this.once("exit", () => activities.delete(activity));
    }
  }
  Object.defineProperty(CellWorker, "name", { value: "Worker" });
  Object.assign(workerThreads, { Worker: CellWorker });
}

function isOptions(value: unknown): value is { env?: NodeJS.ProcessEnv; stdio?: unknown } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Inherited standard output and error become pipes, for this cell alone. */
function pipeInherited(stdio: StdioOptions | undefined): {
  stdio?: StdioOptions;
  inherited: [1 | 2, "stdout" | "stderr"][];
} {
  const list = typeof stdio === "string" ? [stdio, stdio, stdio] : stdio;
  if (!Array.isArray(list)) return { inherited: [] };
  const targets = { 1: "stdout", 2: "stderr" } as const;
  const inherited: [1 | 2, "stdout" | "stderr"][] = [];
  const piped = list.map((entry, fd) => {
    const source = entry === "inherit" ? fd : entry === process.stdout ? 1 : entry === process.stderr ? 2 : entry;
    if ((fd !== 1 && fd !== 2) || (source !== 1 && source !== 2)) return entry;
    inherited.push([fd, targets[source]]);
    return "pipe" as const;
  });
  return { stdio: piped, inherited };
}
