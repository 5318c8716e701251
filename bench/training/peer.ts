// The contestants of the training benchmark as the benchmark sees them: a process each, asked one thing at a time.

import { execFile, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { npmPeer } from "../contestants.ts";
import type { Request } from "./contestant.ts";

const run = promisify(execFile);

export interface Peer {
  readonly name: string;
  readonly version: string;
  ask<R>(request: Request): Promise<R>;
  close(): void;
}

interface Entry {
  readonly name: string;
  /** Throws a sentence if it cannot be had. */
  command(project: string, python: string, report: (line: string) => void): Promise<readonly string[]>;
  readonly env?: Readonly<Record<string, string>>;
}

const here = (file: string): string => join(import.meta.dirname, file);
const packages = ["@tensorflow/tfjs", "@tensorflow/tfjs-backend-wasm", "@jax-js/jax"] as const;

async function ours(file: string): Promise<readonly string[]> {
  return [process.execPath, here(file)];
}

async function npm(project: string, name: (typeof packages)[number], file: string, report: (line: string) => void) {
  await npmPeer(join(project, "bench", "peers"), name, report);
  return [process.execPath, here(file)];
}

const ENTRIES: readonly Entry[] = [
  { name: "adjoint", command: () => ours("adjoint.js") },
  {
    name: "pytorch",
    // Without these, glibc gives large blocks back to the system after every step and asks for them again.
    env: {
      MALLOC_MMAP_THRESHOLD_: "1073741824",
      MALLOC_TRIM_THRESHOLD_: "2147483648",
      MALLOC_TOP_PAD_: "134217728",
      OMP_NUM_THREADS: "1",
    },
    async command(project, python) {
      try {
        await run(python, ["-c", "import torch, numpy"]);
      } catch {
        throw new Error(`${python} cannot import torch and numpy; name one that can with --python`); // what Python says is longer
      }
      return [python, join(project, "bench", "peers", "pytorch.py")];
    },
  },
  { name: "tfjs-wasm", command: (project, _, report) => npm(project, packages[1], "tfjs.js", report) },
  { name: "jax-js", command: (project, _, report) => npm(project, packages[2], "jax-js.js", report) },
  { name: "loops", command: () => ours("loops.js") },
];

export const names = ENTRIES.map(({ name }) => name);

/** Python that can import torch, unless named: the project's own, or the first on the path. */
function defaultPython(project: string): string {
  const own = join(project, ".venv", ...(process.platform === "win32" ? ["Scripts", "python.exe"] : ["bin", "python"]));
  return existsSync(own) ? own : "python3";
}

async function start(name: string, [command, ...args]: readonly string[], env: Entry["env"]): Promise<Peer> {
  const child = spawn(command as string, args, {
    stdio: ["pipe", "pipe", "pipe"],
    env: { ...process.env, ...env },
  });
  let said = "";
  child.stderr.on("data", (data: Buffer) => {
    said = (said + data.toString()).slice(-2000);
  });
  const ended = new Promise<never>((_, reject) => {
    child.on("error", reject);
    child.on("close", () => {
      const lines = said.trim().split("\n");
      reject(new Error(`${name} ended: ${lines.find((line) => /error/i.test(line)) ?? lines.at(-1) ?? ""}`));
    });
  });
  ended.catch(() => undefined); // told to whoever asks next
  const replies = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const answer = async <R>(): Promise<R> => {
    const reply = replies.next();
    // When its output ends, the process does too, and says why.
    const next = await Promise.race([reply, ended]);
    return next.done === true ? await ended : (JSON.parse(next.value) as R);
  };
  const { version } = await answer<{ version: string }>();
  return {
    name,
    version,
    ask: (request) => {
      child.stdin.write(`${JSON.stringify(request)}\n`);
      return answer();
    },
    close: () => {
      child.stdin.end();
    },
  };
}

/** Starts those of `wanted` that can be had, and says why the others cannot. */
export async function startPeers(
  project: string,
  wanted: readonly string[],
  python: string | undefined,
  report: (line: string) => void,
): Promise<{ peers: Peer[]; missing: string[] }> {
  const peers: Peer[] = [];
  const missing: string[] = [];
  for (const { name, command, env } of ENTRIES) {
    if (!wanted.includes(name)) continue;
    try {
      peers.push(await start(name, await command(project, python ?? defaultPython(project), report), env));
    } catch (error) {
      missing.push(`${name} is missing: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return { peers, missing };
}
