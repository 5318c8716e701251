// Finds the processes that a runtime has started, also the detached ones whose parents are gone: each carries the runtime's mark in
// its environment. Where the environment of others cannot be read (not Linux), the tree of parents must do.

import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";

export const MARK_VARIABLE = "ADJOINT_RUNTIME";

function read(path: string): string {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return ""; // The process has ended meanwhile, or is another user's.
  }
}

interface Process {
  pid: number;
  parent: number;
  zombie: boolean;
}

function processes(): Process[] {
  if (process.platform === "linux") {
    return readdirSync("/proc")
      .filter((name) => /^\d+$/.test(name))
      .map((name) => {
        const stat = read(`/proc/${name}/stat`);
        const [state, parent] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
        return { pid: Number(name), parent: Number(parent), zombie: state === "Z" };
      });
  }
  if (process.platform === "win32") return []; // `taskkill /T` walks the tree itself.
  const { stdout } = spawnSync("ps", ["-axo", "pid=,ppid=,stat="], { encoding: "utf8" });
  return (stdout ?? "").split("\n").flatMap((line) => {
    const [pid, parent, state] = line.trim().split(/\s+/);
    return state === undefined ? [] : [{ pid: Number(pid), parent: Number(parent), zombie: state.startsWith("Z") }];
  });
}

function descendants(all: readonly Process[], roots: readonly number[]): Set<number> {
  const found = new Set(roots);
  for (let size = 0; size !== found.size;) {
    size = found.size;
    for (const { pid, parent } of all) if (found.has(parent)) found.add(pid);
  }
  return found;
}

/** The living children of `parent` but for `except`, each with all that descends from it: what a terminal's Ctrl-C would reach. */
export function childTrees(parent: number, except: ReadonlySet<number>): number[] {
  // Linux lists the children of the main thread, which is cheaper than a look at every process.
  const listed = `/proc/${parent}/task/${parent}/children`;
  if (
    existsSync(listed) &&
    !read(listed)
      .split(" ")
      .some((pid) => pid !== "" && !except.has(Number(pid)))
  )
    return [];
  const all = processes().filter(({ zombie }) => !zombie);
  const children = all.filter((candidate) => candidate.parent === parent && !except.has(candidate.pid));
  const roots = children.map(({ pid }) => pid);
  return [...descendants(all, roots)];
}

/** Every living process that carries `mark` or descends from one of `roots`, the roots themselves excepted. */
export function markedProcesses(mark: string, roots: readonly number[]): number[] {
  const all = processes().filter(({ zombie }) => !zombie);
  const found = descendants(all, roots);
  if (process.platform === "linux") {
    const entry = `${MARK_VARIABLE}=${mark}\0`;
    for (const { pid } of all) {
      if (!found.has(pid) && read(`/proc/${pid}/environ`).includes(entry)) found.add(pid);
    }
  }
  return [...found].filter((pid) => !roots.includes(pid) && pid !== process.pid);
}

export function killProcesses(pids: readonly number[], signal: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, signal);
    } catch {
      // It has ended by itself.
    }
  }
}
