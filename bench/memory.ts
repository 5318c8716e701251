// The memory of a process and everything it has started, from Linux's /proc: PSS, which counts a page shared by n processes as
// 1/n in each, and RSS, which counts it fully in each.
import { readFile, readdir } from "node:fs/promises";

export interface Memory {
  pss: number;
  rss: number;
  processes: number;
}

/** Sums, in bytes, over the tree below `root` and the other processes of its session; undefined where there is no /proc. */
export async function memoryOf(root: number): Promise<Memory | undefined> {
  const parents = new Map<number, { parent: number; session: number }>();
  const names = await readdir("/proc").catch(() => undefined); // macOS and Windows have none
  if (names === undefined) return undefined;
  for (const name of names.filter((each) => /^\d+$/.test(each))) {
    const stat = await readFile(`/proc/${name}/stat`, "utf8").catch(() => ""); // ended meanwhile
    const [, parent, , session] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    if (session !== undefined) parents.set(Number(name), { parent: Number(parent), session: Number(session) });
  }
  const descends = (pid: number): boolean => {
    const entry = parents.get(pid);
    return pid === root || (entry !== undefined && (entry.session === root || descends(entry.parent)));
  };
  const sum: Memory = { pss: 0, rss: 0, processes: 0 };
  for (const pid of parents.keys()) {
    if (!descends(pid)) continue;
    const rollup = await readFile(`/proc/${pid}/smaps_rollup`, "utf8").catch(() => ""); // ended meanwhile
    if (rollup === "") continue;
    sum.processes++;
    sum.pss += 1024 * Number(/^Pss:\s+(\d+)/m.exec(rollup)?.[1] ?? 0);
    sum.rss += 1024 * Number(/^Rss:\s+(\d+)/m.exec(rollup)?.[1] ?? 0);
  }
  return sum;
}
