// The user's own files as the loader sees them: their text at a point in time, compiled once. Whether a file has changed is a look at
// its time and size, and only then at its text, so a file that was saved without a change stays the same. Some files are virtual: a
// cell holds their text.

import { constants } from "node:buffer";
import { readFileSync, type Stats, statSync } from "node:fs";
import { dirname, isAbsolute, join, relative, sep } from "node:path";
import { CellSyntaxError } from "../../cell.ts";
import { compileModule, type CompiledModule, type ModuleFormat } from "../../cell/local-module.ts";
import { syntaxErrorAt } from "../sources.ts";
import { asksForLegacyDecorators } from "../tsconfig.ts";
import { parseJson } from "./json.ts";

/** One state of a file; another state is another object. */
export interface SourceFile {
  readonly path: string;
  /** The path as the user knows it: seen from the notebook's folder. */
  readonly label: string;
  readonly text: string;
  /** Counts the states that were seen, from 1. */
  readonly version: number;
}

interface Entry {
  /** Absent when the file has gone. */
  file: SourceFile | undefined;
  /** `null`: virtual. */
  stamp: string | null;
  /** When a change right after the last look could have left the stamp as it was. */
  doubtful: boolean;
}

/**
 * File systems count time in steps, fine ones of some milliseconds or coarse ones of up to two seconds: what was written so short
 * before it was read may change unseen.
 */
const FINE_MILLISECONDS = 50;
const COARSE_MILLISECONDS = 2500;

function mayChangeUnseen(time: number): boolean {
  return Date.now() - time < (time % 1000 === 0 ? COARSE_MILLISECONDS : FINE_MILLISECONDS);
}

export class Files {
  readonly #folder: string;
  readonly #entries = new Map<string, Entry>();
  readonly #virtual = new Set<string>();
  readonly #compiled = new WeakMap<SourceFile, Partial<Record<ModuleFormat, CompiledModule | CellSyntaxError>>>();
  /** Rises whenever a file is found to have changed. */
  generation = 0;

  constructor(folder: string) {
    this.#folder = folder;
  }

  exists(path: string): boolean {
    return this.#virtual.has(path) || stat(path)?.isFile() === true;
  }

  isVirtual(path: string): boolean {
    return this.#virtual.has(path);
  }

  /** Puts a text where a file could be, or another text there. Throws when a real file is there. */
  define(path: string, text: string, label = this.labelOf(path)): void {
    if (!this.#virtual.has(path) && stat(path) !== undefined) {
      throw new Error(`${this.labelOf(path)} is a file beside the notebook: give the module another name`);
    }
    this.#virtual.add(path);
    this.#store(path, text, null, false, label);
  }

  /** The present state of a file; `undefined` when there is none. Throws when it cannot be read. */
  current(path: string): SourceFile | undefined {
    const entry = this.#entries.get(path);
    if (this.#virtual.has(path)) return entry?.file;
    const stats = stat(path);
    if (stats?.isFile() !== true) {
      if (entry?.file !== undefined) this.generation++;
      this.#entries.set(path, { file: undefined, stamp: "", doubtful: false });
      return undefined;
    }
    const stamp = `${stats.mtimeMs} ${stats.ctimeMs} ${stats.size} ${stats.ino}`;
    if (entry?.stamp === stamp && !entry.doubtful) return entry.file;
    if (stats.size > constants.MAX_STRING_LENGTH) {
      throw new Error(`cannot read '${this.labelOf(path)}': ${stats.size} bytes are more than a string holds`);
    }
    // Read after the look: a change in between is found by the next look.
    const doubtful = mayChangeUnseen(Math.max(stats.mtimeMs, stats.ctimeMs));
    return this.#store(path, readFileSync(path, "utf8"), stamp, doubtful, this.labelOf(path));
  }

  /** Whether files have come to or gone from a folder since it was last asked about. */
  hasOtherEntries(folder: string): boolean {
    const time = stat(folder)?.mtimeMs;
    const same = this.#folders.get(folder) === time;
    this.#folders.set(folder, time);
    return !same || (time !== undefined && mayChangeUnseen(time));
  }

  readonly #folders = new Map<string, number | undefined>();

  /** Looks at all files that were ever seen, those too that are not loaded. */
  look(): void {
    for (const path of this.#entries.keys()) {
      try {
        this.current(path);
      } catch {
        // It cannot be read: whoever imports it is told.
      }
    }
  }

  #store(path: string, text: string, stamp: string | null, doubtful: boolean, label: string): SourceFile {
    const entry = this.#entries.get(path);
    const same = entry?.file?.text === text && entry.file.label === label ? entry.file : undefined;
    if (same === undefined) this.generation++;
    const file = same ?? { path, label, text, version: ++this.#versions };
    this.#entries.set(path, { file, stamp, doubtful });
    return file;
  }

  #versions = 0;

  /** Compiles a file, once for each state and format. Throws a syntax error placed in it. */
  compile(file: SourceFile, as: ModuleFormat = "module"): CompiledModule {
    const done = this.#compiled.get(file) ?? {};
    this.#compiled.set(file, done);
    const compiled = (done[as] ??= this.#compile(file, as));
    if (compiled instanceof CellSyntaxError) throw syntaxErrorAt(file, compiled);
    return compiled;
  }

  #compile(file: SourceFile, as: ModuleFormat): CompiledModule | CellSyntaxError {
    const folder = dirname(file.path);
    const options = {
      path: file.path,
      type: this.#packageType(folder),
      asCommonJs: as === "commonjs",
      decorators: { legacyByDefault: () => asksForLegacyDecorators(folder) },
    };
    try {
      return compileModule(file.text, options);
    } catch (error) {
      if (error instanceof CellSyntaxError) return error;
      throw error;
    }
  }

  /** The value of a JSON file. Throws a syntax error placed in it. */
  parseJson(file: SourceFile): unknown {
    try {
      return parseJson(file.text);
    } catch (error) {
      throw error instanceof CellSyntaxError ? syntaxErrorAt(file, error) : error;
    }
  }

  /** What the nearest package.json says that a `.js` file is. */
  #packageType(folder: string): ModuleFormat | undefined {
    for (let at = folder; ; at = dirname(at)) {
      const path = join(at, "package.json");
      const entry = this.#manifests.get(path);
      const stats = stat(path);
      const stamp = stats === undefined ? "" : `${stats.mtimeMs} ${stats.size}`;
      let type = entry?.type;
      if (entry?.stamp !== stamp) this.#manifests.set(path, { stamp, type: (type = typeIn(path)) });
      if (stamp !== "") return type === "module" || type === "commonjs" ? type : undefined;
      if (dirname(at) === at) return undefined;
    }
  }

  readonly #manifests = new Map<string, { stamp: string; type: unknown }>();

  /** The path as the user knows it. */
  labelOf(path: string): string {
    const seen = relative(this.#folder, path);
    return seen.startsWith(`..${sep}`) || isAbsolute(seen) ? path : seen;
  }
}

function stat(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined; // A folder on the way is a file, or may not be read: nothing that can be imported.
  }
}

function typeIn(path: string): unknown {
  try {
    const manifest: unknown = JSON.parse(readFileSync(path, "utf8"));
    return (manifest as { type?: unknown } | null)?.type;
  } catch {
    return undefined; // None there, or none that can be read: then the syntax of the files decides.
  }
}
