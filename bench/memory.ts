// The memory of a process and everything it has started, from Linux's /proc. PSS will not do: it falls with every other process
// on the machine that maps the same Node. So a page is counted once, however many processes of the tree share it, and fully,
// whoever else maps it: what the kernel would take if it were alone. Beside it the plain sum of RSS, as `top` adds up.
import { readFile, readdir } from "node:fs/promises";

export interface Memory {
  once: number;
  rss: number;
  processes: number;
}

/** The pids of the tree below `root` and of its session; undefined where there is no /proc. */
async function treeOf(root: number): Promise<number[] | undefined> {
  const names = await readdir("/proc").catch(() => undefined); // macOS and Windows have none
  if (names === undefined) return undefined;
  const entries = new Map<number, { parent: number; session: number }>();
  for (const name of names.filter((each) => /^\d+$/.test(each))) {
    const stat = await readFile(`/proc/${name}/stat`, "utf8").catch(() => ""); // ended meanwhile
    const [, parent, , session] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    if (session !== undefined) entries.set(Number(name), { parent: Number(parent), session: Number(session) });
  }
  const descends = (pid: number): boolean => {
    const entry = entries.get(pid);
    return pid === root || (entry !== undefined && (entry.session === root || descends(entry.parent)));
  };
  return [...entries.keys()].filter(descends);
}

/** In bytes; undefined where there is no /proc. */
export async function memoryOf(root: number): Promise<Memory | undefined> {
  const pids = await treeOf(root);
  if (pids === undefined) return undefined;
  const sum: Memory = { once: 0, rss: 0, processes: 0 };
  /** By mapped file: the most that any one process has of it resident and shared. */
  const shared = new Map<string, number>();
  for (const pid of pids) {
    const smaps = await readFile(`/proc/${pid}/smaps`, "utf8").catch(() => ""); // ended meanwhile
    if (smaps === "") continue;
    sum.processes++;
    const own = new Map<string, number>();
    for (const mapping of smaps.split(/^(?=[0-9a-f]+-[0-9a-f]+ )/m)) {
      const kilobytes = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(mapping)?.[1] ?? 0);
      const rss = kilobytes("Rss");
      const alone = kilobytes("Private_Clean") + kilobytes("Private_Dirty");
      const file = mapping.split("\n", 1)[0]?.split(/\s+/).slice(3).join(" ") ?? ""; // device, inode, path
      sum.rss += 1024 * rss;
      sum.once += 1024 * alone;
      own.set(file, (own.get(file) ?? 0) + 1024 * (rss - alone));
    }
    for (const [file, bytes] of own) shared.set(file, Math.max(shared.get(file) ?? 0, bytes));
  }
  for (const bytes of shared.values()) sum.once += bytes;
  return sum;
}
