// What cells have shown, kept by a hash of all that it depends on: the kernel, its lock file, the code of the cell and of those before it, and
// the local files that these import, with what those import. The text around them is no part of it. Files that a cell reads, the clock
// and the network are not looked at: `--no-cache` is for those.

import { createHash } from "node:crypto";
import { existsSync, readFileSync, statSync } from "node:fs";
import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { CodeCell } from "../../kernel/notebook.ts";

const DAY = 24 * 60 * 60 * 1000;
const UNUSED_DAYS = 90;

const RELATIVE = /(?:\bfrom|\bimport|\brequire)\s*\(?\s*["'](\.{1,2}\/[^"'\n]+)["']/g;
const EXTENSIONS = ["", ".ts", ".tsx", ".mts", ".js", ".mjs", ".cjs", ".json", "/index.ts", "/index.js"];

/** What a cell has shown. */
export interface Shown {
  outputs: CodeCell["outputs"];
  /** Some of it came or changed after the cell had ended, by a timer or from a later cell: it holds for all the cells together. */
  late: boolean;
}

export class OutputCache {
  readonly #folder: string;
  #kernel: string | undefined;

  constructor(folder = cacheFolder()) {
    this.#folder = folder;
  }

  /** One for each cell. */
  keys(cells: readonly CodeCell[], folder: string): string[] {
    const chain = createHash("sha256").update((this.#kernel ??= kernelState()));
    const seen = new Set<string>();
    return cells.map(({ source, metadata }) => {
      chain.update(`\0${source}\0${JSON.stringify(metadata.tags ?? [])}`);
      for (const [path, text] of importsOf(source, folder, seen)) chain.update(`\0${path}\0${text}`);
      return chain.copy().digest("hex");
    });
  }

  /** What the first cells have shown, as far as it is known. */
  async read(keys: readonly string[]): Promise<Shown[]> {
    const found: Shown[] = [];
    const last = keys.at(-1) ?? "";
    for (const key of keys) {
      const late = await this.#read(this.#path(lateKey(key, last)));
      const outputs = late ?? (await this.#read(this.#path(key)));
      if (outputs === undefined) break;
      found.push({ outputs, late: late !== undefined });
    }
    return found;
  }

  /** `shown` may be of the first cells only, if nothing of it is late. */
  async keep(shown: readonly Shown[], keys: readonly string[]): Promise<void> {
    const last = keys.at(-1) ?? "";
    try {
      for (const [index, { outputs, late }] of shown.entries()) {
        const key = keys[index] ?? "";
        const path = this.#path(late ? lateKey(key, last) : key);
        await mkdir(dirname(path), { recursive: true });
        await writeFile(`${path}.${process.pid}`, JSON.stringify(outputs));
        await rename(`${path}.${process.pid}`, path);
        if (!late) await rm(this.#path(lateKey(key, last)), { force: true });
      }
      await this.#tidy();
    } catch {
      // No room or no right to write: the next build runs the cells again.
    }
  }

  async #read(path: string): Promise<CodeCell["outputs"] | undefined> {
    try {
      const outputs: unknown = JSON.parse(await readFile(path, "utf8"));
      // So that what is not used any more can be told by its date.
      await utimes(path, new Date(), new Date()).catch(() => undefined);
      return Array.isArray(outputs) ? (outputs as CodeCell["outputs"]) : undefined;
    } catch {
      return undefined; // Not there, or not whole: the cell runs.
    }
  }

  /** Once a day, what nobody has used for a season goes. */
  async #tidy(): Promise<void> {
    const mark = join(this.#folder, "tidied");
    const tidied = await stat(mark).catch(() => undefined);
    if (tidied !== undefined && Date.now() - tidied.mtimeMs < DAY) return;
    await writeFile(mark, "");
    for (const name of await readdir(this.#folder, { recursive: true })) {
      const path = join(this.#folder, name);
      const { mtimeMs } = await stat(path);
      if (name.endsWith(".json") && Date.now() - mtimeMs > UNUSED_DAYS * DAY) await rm(path);
    }
  }

  #path(key: string): string {
    return join(this.#folder, key.slice(0, 2), `${key.slice(2)}.json`);
  }
}

function lateKey(key: string, last: string): string {
  return createHash("sha256").update(`${key}\0${last}`).digest("hex");
}

/** `ADJOINT_CACHE`, or the platform's folder for what can be made again. */
export function cacheFolder(env: NodeJS.ProcessEnv = process.env, platform = process.platform): string {
  if (env["ADJOINT_CACHE"]) return resolve(env["ADJOINT_CACHE"]);
  const home = homedir();
  if (platform === "darwin") return join(home, "Library", "Caches", "adjoint", "lessons");
  if (platform === "win32") return join(env["LOCALAPPDATA"] || join(home, "AppData", "Local"), "adjoint", "lessons");
  return join(env["XDG_CACHE_HOME"] || join(home, ".cache"), "adjoint", "lessons");
}

/** The kernel as it is built: its version, its lock file, its Node, and, in a working copy, when it was built. */
function kernelState(): string {
  let root = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(root, "package.json")) || !isOurs(root)) {
    if (dirname(root) === root) return process.version;
    root = dirname(root);
  }
  const parts = [process.version, readFileSync(join(root, "package.json"), "utf8")];
  for (const file of [
    "package-lock.json",
    "dist/bundle/runtime/main.js",
    "dist/bundle/adjoint.mjs",
    "dist/.tsbuildinfo",
  ]) {
    const path = join(root, file);
    if (!existsSync(path)) continue;
    parts.push(file.endsWith(".json") ? readFileSync(path, "utf8") : String(statSync(path).mtimeMs));
  }
  return parts.join("\0");
}

function isOurs(folder: string): boolean {
  const { name } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as { name?: unknown };
  return name === "adjoint";
}

/** Local files that the code imports, with what they import; each once. */
function importsOf(source: string, folder: string, seen: Set<string>): [path: string, text: string][] {
  return [...source.matchAll(RELATIVE)].flatMap(([, specifier = ""]): [string, string][] => {
    const base = resolve(folder, specifier);
    const candidates = [
      ...EXTENSIONS.map((extension) => base + extension),
      base.replace(/\.([cm]?)js(x?)$/, ".$1ts$2"),
    ];
    const path = candidates.find((candidate) => statSync(candidate, { throwIfNoEntry: false })?.isFile() === true);
    if (path === undefined || seen.has(path)) return [];
    seen.add(path);
    const text = readFileSync(path, "utf8");
    return [[path, text], ...importsOf(text, dirname(path), seen)];
  });
}
