// Processes and worker threads that cells start: what they print goes to the cell that started them, an interrupt reaches them, and
// each carries a mark in its environment by which the kernel finds it at shutdown, detached or not.

import childProcess, { ChildProcess, spawnSync, type StdioOptions } from "node:child_process";
import { StringDecoder } from "node:string_decoder";
import workerThreads from "node:worker_threads";
import { type Activity, currentExecution, type Execution } from "./execution.ts";
import { closeWriters, type Fifo, fifoPaths, openFifos, removeFifos } from "../fifos.ts";
import { fence, print } from "./output.ts";
import { nativeTimers } from "./timers.ts";
import { MARK_VARIABLE as MARK } from "../process-tree.ts";

/** What Node's `ChildProcess.prototype.spawn` gets from `spawn`, `exec`, `execFile` and `fork`, normalised. */
interface SpawnOptions {
  stdio?: StdioOptions;
  envPairs?: string[];
}
type Spawn = (this: ChildProcess, options: SpawnOptions) => number;

const inherited = new WeakMap<ChildProcess, readonly Fifo[]>();

/**
 * Resolves when all that an ended child has printed has been read: also when others hold its pipes and may go on printing, as
 * what a shell has left in the background does.
 */
export async function outputRead(child: ChildProcess): Promise<void> {
  const streams = [child.stdout, child.stderr, ...(inherited.get(child) ?? []).map(({ stream }) => stream)];
  let quiet = 0;
  const onData = (): void => {
    quiet = 0;
  };
  for (const stream of streams) stream?.on("data", onData);
  // Each turn of the event loop reads what lies in the pipes; the one in which the child's end became known may already have.
  while (quiet < 2 && streams.some((stream) => stream !== null && !stream.readableEnded)) {
    quiet++;
    await new Promise((turn) => nativeTimers.setImmediate(turn));
  }
  for (const stream of streams) stream?.off("data", onData);
}

export function captureChildren(onChild: (pid: number, alive: boolean) => void): void {
  const prototype = ChildProcess.prototype as unknown as { spawn: Spawn };
  const nativeSpawn = prototype.spawn;
  const mark = `${MARK}=${process.env[MARK] ?? ""}`;

  prototype.spawn = function spawn(options) {
    const execution = currentExecution();
    const { stdio, fifos } = redirect(options.stdio, execution);
    if (fifos.length > 0) inherited.set(this, fifos);
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
    closeWriters(fifos);
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

/** Inherited standard output and error become pipes whose text goes to the cell. */
function redirect(stdio: StdioOptions | undefined, execution: Execution): { stdio?: StdioOptions; fifos: Fifo[] } {
  const list = typeof stdio === "string" ? [stdio, stdio, stdio] : stdio;
  if (!Array.isArray(list)) return { fifos: [] };
  const streams = { 1: "stdout", 2: "stderr" } as const;
  const redirected: { fd: number; name: "stdout" | "stderr" }[] = [];
  for (const [fd, entry] of list.entries()) {
    const source = entry === "inherit" ? fd : entry === process.stdout ? 1 : entry === process.stderr ? 2 : entry;
    if ((fd === 1 || fd === 2) && (source === 1 || source === 2)) redirected.push({ fd, name: streams[source] });
  }
  if (redirected.length === 0 || process.platform === "win32") return { fifos: [] };
  const places = fifoPaths(redirected.length);
  spawnSync("mkfifo", ["-m", "600", ...places.paths]);
  const fifos = openFifos(places.paths);
  removeFifos(places.folder);
  const replaced = [...list];
  for (const [index, { fd, name }] of redirected.entries()) {
    const fifo = fifos[index];
    if (fifo === undefined) continue;
    const decoder = new StringDecoder("utf8");
    fifo.stream.on("data", (chunk: Buffer) => print(name, decoder.write(chunk), execution));
    replaced[fd] = fifo.writer;
  }
  return { stdio: replaced, fifos };
}
