// The files of the user's that cells depend on: modules beside the notebook, with what those import, and the settings of the folder.
// The language server does not look for itself; a look at each before a cell is cheaper, and surer, than watching folders.

import { readFileSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { FolderPaths } from "../tsconfig-paths.ts";
import { importsOf } from "./imports.ts";
import { TSCONFIG } from "./project.ts";
import type { FileChange } from "./server.ts";

export class OwnFiles {
  readonly #notebook: string;
  readonly #paths: FolderPaths;
  readonly #stamps = new Map<string, number>();

  constructor(notebookFolder: string) {
    this.#notebook = resolve(notebookFolder);
    this.#paths = new FolderPaths(this.#notebook);
    for (const path of this.#settings()) this.#stamps.set(path, stamp(path));
  }

  /** The files that a cell imports, and those import, will be looked after. */
  follow(source: string, folder = this.#notebook): void {
    for (const specifier of importsOf(source)) {
      const paths = /^\.{1,2}\//.test(specifier) ? [resolve(folder, specifier)] : this.#paths.candidates(specifier);
      for (const candidate of paths.flatMap(candidates)) {
        if (this.#stamps.has(candidate)) continue;
        this.#stamps.set(candidate, stamp(candidate));
        this.#followFile(candidate);
      }
    }
  }

  /** What has changed since the last call; `settings`: the folder's configuration or its packages. */
  changes(): { files: { path: string; change: FileChange }[]; settings: boolean } {
    const files: { path: string; change: FileChange }[] = [];
    for (const [path, before] of this.#stamps) {
      const now = stamp(path);
      if (now === before) continue;
      this.#stamps.set(path, now);
      files.push({ path, change: before === 0 ? "created" : now === 0 ? "deleted" : "changed" });
      if (now !== 0) this.#followFile(path);
    }
    const settings = new Set(this.#settings());
    return { files, settings: files.some(({ path }) => settings.has(path)) };
  }

  #settings(): string[] {
    const packages = join(this.#notebook, "node_modules");
    return [
      join(this.#notebook, TSCONFIG),
      join(this.#notebook, "package.json"),
      packages,
      join(packages, ".package-lock.json"),
    ];
  }

  #followFile(path: string): void {
    if (!/\.[cm]?[jt]sx?$/.test(path)) return;
    try {
      this.follow(readFileSync(path, "utf8"), dirname(path));
    } catch {
      // It is not there (yet), or no file.
    }
  }
}

function candidates(path: string): string[] {
  if (/\.(?:json|[cm]?tsx?)$/.test(path)) return [path];
  const script = /^(.*)\.([cm]?)js(x?)$/.exec(path);
  if (script !== null) return [path, `${script[1]}.${script[2]}ts${script[3]}`];
  return [".ts", ".tsx", ".d.ts", ".js", "/index.ts", "/index.js"].map((extension) => path + extension);
}

/** 0: there is none. */
function stamp(path: string): number {
  try {
    const { mtimeMs, size } = statSync(path);
    return mtimeMs + size / 1e6;
  } catch {
    return 0; // Not there, or not to be read.
  }
}
