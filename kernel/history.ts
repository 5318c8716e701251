// What was typed, kept between sessions in JSON lines that many kernels append to at once. No lock guards the file: a line
// is one append. When the file has grown it is renamed to a segment of its own name, and whoever still holds it open
// appends to that segment; only the oldest segments are ever deleted. Two kernels that rename at the same moment make one
// small segment too many and lose nothing. Written after the fact and never awaited by a cell; a file that cannot be
// written or read costs the history and nothing else.
import { mkdir, open, readFile, readdir, rename, stat, unlink } from "node:fs/promises";
import { homedir } from "node:os";
import { basename, dirname, join } from "node:path";
import { isObject } from "./message.ts";

export interface Entry {
  session: number;
  line: number;
  source: string;
  output: string | null;
}

export interface HistoryOptions {
  onLog?(line: string): void;
  /** The file becomes a segment beyond this size, and the oldest segments go beyond the second, in bytes. */
  maxSegment?: number;
  maxTotal?: number;
}

const writeDelay = 100;
/** Larger sources and outputs are remembered by this kernel, but not kept. */
const maxStored = 256 * 1024;
const maxRemembered = 10_000;

export class History {
  /** Unique among kernels and growing with time, so that sessions sort by age. */
  readonly session = Date.now() * 1000 + (process.pid % 1000);
  readonly #file: string | null;
  readonly #options: Required<HistoryOptions>;
  #own: Entry[] = [];
  #pending: Partial<Entry>[] = [];
  #timer: NodeJS.Timeout | undefined;
  #writes: Promise<void> = Promise.resolve();
  #failed = false;

  /** `file`: where the lines are kept; `null`: only this session is remembered. */
  constructor(file: string | null, options: HistoryOptions = {}) {
    this.#file = file;
    this.#options = { onLog: () => {}, maxSegment: 1024 * 1024, maxTotal: 8 * 1024 * 1024, ...options };
  }

  /** Remembers a cell; the result takes the text of its value, if it comes to one. */
  add(line: number, source: string): (output: string) => void {
    const entry: Entry = { session: this.session, line, source, output: null };
    this.#own.push(entry);
    if (this.#own.length > maxRemembered) this.#own.shift();
    this.#keep(entry, source);
    return (output) => {
      entry.output = output;
      if (!this.#pending.includes(entry)) this.#keep({ session: this.session, line, output }, output);
    };
  }

  /** The last `count` cells, oldest first. */
  async tail(count: number): Promise<Entry[]> {
    if (count <= 0) return [];
    const entries = this.#own.length >= count ? this.#own : await this.#all();
    return entries.slice(-count);
  }

  /** The cells numbered from `start` to before `stop` of a session; 0 is this one, -1 the one before. */
  async range(session: number, start: number, stop = Infinity): Promise<Entry[]> {
    let entries = this.#own;
    if (session !== 0 && session !== this.session) {
      entries = await this.#all();
      if (session < 0) {
        const sessions = [...new Set([...entries.map((entry) => entry.session), this.session])].sort((a, b) => a - b);
        session = sessions[sessions.indexOf(this.session) + session] ?? NaN;
      }
      entries = entries.filter((entry) => entry.session === session);
    }
    return entries.filter(({ line }) => line >= start && line < stop);
  }

  /** The cells that match a glob pattern as a whole; the last `count`, and of equal ones only the last if `unique`. */
  async search(pattern: string, count = Infinity, unique = false): Promise<Entry[]> {
    let found = (await this.#all()).filter(({ source }) => matchesGlob(source, pattern));
    if (unique) {
      const last = new Map(found.map((entry) => [entry.source, entry]));
      found = found.filter((entry) => last.get(entry.source) === entry);
    }
    return count === Infinity ? found : found.slice(Math.max(0, found.length - count));
  }

  /** Writes what waits; resolves when it is in the file, or could not be written. */
  flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const records = this.#pending.splice(0);
    if (records.length > 0) this.#writes = this.#writes.then(() => this.#append(records));
    return this.#writes;
  }

  #keep(record: Partial<Entry>, text: string): void {
    if (this.#file === null || this.#failed || text.length > maxStored) return;
    this.#pending.push(record);
    this.#timer ??= setTimeout(() => void this.flush(), writeDelay).unref();
  }

  async #append(records: Partial<Entry>[]): Promise<void> {
    if (this.#file === null || this.#failed) return;
    // A cell's output may have become too large since the cell was put down.
    const lines = records.map((record) =>
      JSON.stringify({ ...record, output: (record.output?.length ?? 0) > maxStored ? null : record.output }),
    );
    try {
      await mkdir(dirname(this.#file), { recursive: true, mode: 0o700 });
      const handle = await open(this.#file, "a", 0o600);
      let size: number;
      try {
        // The newline in front ends a line that another kernel was killed in the midst of.
        await handle.write(`\n${lines.join("\n")}\n`);
        size = (await handle.stat()).size;
      } finally {
        await handle.close();
      }
      if (size > this.#options.maxSegment) await this.#rotate(this.#file);
    } catch (error) {
      // A full disk or a read-only folder must not end a session; the cells stay known to this kernel.
      this.#failed = true;
      this.#pending = [];
      this.#options.onLog(`history is not kept: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  async #rotate(file: string): Promise<void> {
    try {
      // Another kernel may have done it between our write and now.
      if ((await stat(file)).size <= this.#options.maxSegment) return;
      await rename(file, file.replace(/(\.jsonl)?$/, `-${Date.now()}-${process.pid}.jsonl`));
    } catch {
      return; // it has just done it, or (Windows) has the file open: the next append tries again
    }
    let total = 0;
    for (const segment of (await segments(file)).reverse()) {
      try {
        total += (await stat(segment)).size;
        if (total > this.#options.maxTotal) await unlink(segment);
      } catch {
        // Another kernel has deleted it.
      }
    }
  }

  /** Every cell that is known, by session and line. */
  async #all(): Promise<Entry[]> {
    await this.flush();
    const known = new Map<string, Entry>();
    if (this.#file !== null) {
      // The file first: if it is renamed meanwhile its lines are read twice, not never.
      const newest = await lines(this.#file);
      const older = await Promise.all((await segments(this.#file)).map(lines));
      for (const record of [...older.flat(), ...newest]) merge(known, record);
    }
    for (const entry of this.#own) known.set(`${entry.session} ${entry.line}`, entry);
    return [...known.values()].sort((a, b) => a.session - b.session || a.line - b.line);
  }
}

/** The segments of a history file, oldest first. */
async function segments(file: string): Promise<string[]> {
  const stem = `${basename(file).replace(/\.jsonl$/, "")}-`;
  const isSegment = (name: string) => name.startsWith(stem) && /^\d+-\d+\.jsonl$/.test(name.slice(stem.length));
  const names = await readdir(dirname(file)).catch(() => []); // no folder yet: no segments
  const age = (name: string) => Number.parseInt(name.slice(stem.length), 10);
  return names
    .filter(isSegment)
    .sort((a, b) => age(a) - age(b))
    .map((name) => join(dirname(file), name));
}

async function lines(file: string): Promise<unknown[]> {
  const text = await readFile(file, "utf8").catch(() => ""); // absent, unreadable or just renamed
  const records: unknown[] = [];
  for (const line of text.split("\n")) {
    if (line === "") continue;
    try {
      records.push(JSON.parse(line));
    } catch {
      // A torn or foreign line; the others are good.
    }
  }
  return records;
}

/** A line tells a cell, or only the output of a cell told before. */
function merge(known: Map<string, Entry>, record: unknown): void {
  if (!isObject(record)) return;
  const { session, line, source, output } = record;
  if (typeof session !== "number" || typeof line !== "number") return;
  const key = `${session} ${line}`;
  const text = typeof output === "string" ? output : null;
  const entry = known.get(key);
  if (entry) entry.output ??= text;
  else if (typeof source === "string") known.set(key, { session, line, source, output: text });
}

/** SQLite's GLOB, which IPython's history understands: `*`, `?`, `[a-z]`, `[^a-z]`. Linear in text × pattern at worst. */
export function matchesGlob(text: string, pattern: string): boolean {
  const tokens = pattern.match(/\[\^?\]?[^\]]*\]|[\s\S]/gu) ?? [];
  const characters = [...text];
  let at = 0;
  let token = 0;
  let star = -1;
  let resume = 0;
  while (at < characters.length) {
    const wanted = tokens[token];
    if (wanted === "*") {
      star = token++;
      resume = at;
    } else if (wanted !== undefined && matchesOne(characters[at] ?? "", wanted)) {
      token++;
      at++;
    } else if (star >= 0) {
      token = star + 1;
      at = ++resume;
    } else {
      return false;
    }
  }
  while (tokens[token] === "*") token++;
  return token === tokens.length;
}

function matchesOne(character: string, token: string): boolean {
  if (token === "?") return true;
  if (token.length < 3 || !token.startsWith("[")) return token === character;
  const negated = token.startsWith("[^");
  const set = Array.from(token.slice(negated ? 2 : 1, -1));
  let found = false;
  for (let index = 0; index < set.length; index++) {
    const low = set[index] ?? "";
    const high = set[index + 1] === "-" ? set[index + 2] : undefined;
    if (high !== undefined) index += 2;
    found ||= character >= low && character <= (high ?? low);
  }
  return found !== negated;
}

/** Where history is kept: `ADJOINT_HISTORY`, `null` for `off`, or the platform's folder for a user's data. */
export function historyFile(env: NodeJS.ProcessEnv = process.env, platform = process.platform): string | null {
  const chosen = env["ADJOINT_HISTORY"];
  if (chosen === "off") return null;
  if (chosen) return chosen;
  return join(dataFolder(env, platform), "adjoint", "history.jsonl");
}

function dataFolder(env: NodeJS.ProcessEnv, platform: NodeJS.Platform): string {
  if (platform === "darwin") return join(homedir(), "Library", "Application Support");
  if (platform === "win32") return env["LOCALAPPDATA"] || join(homedir(), "AppData", "Local");
  return env["XDG_DATA_HOME"] || join(homedir(), ".local", "share");
}
