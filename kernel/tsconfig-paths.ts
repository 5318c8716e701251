// The `paths` of the notebook's tsconfig.json: what its imports mean that are no paths and no packages, `@/model` as `src/model.ts`. Read
// here for whoever runs cells and for whoever checks them, so that both find the same. https://www.typescriptlang.org/tsconfig/#paths

import { readFileSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, isAbsolute, join, resolve } from "node:path";

/** By pattern, which may have one `*`: where to look, as absolute paths, which may have one as well. */
export type PathMappings = Record<string, string[]>;

/** Or a string, which may hold what looks like a comment: `"@/*"`, `"src/**\/*.ts"`. */
const COMMENT = /("(?:[^"\\\n]|\\.)*")|\/\*[^]*?\*\/|\/\/[^\n]*/g;
const TRAILING_COMMA = /("(?:[^"\\\n]|\\.)*")|,(?=\s*[}\]])/g;

export function withoutComments(json: string): string {
  return json.replace(COMMENT, "$1");
}

/** So many files may extend each other. */
const DEEPEST = 20;

/** Of the folder's own tsconfig.json and what it extends; none where it cannot be read, which is a matter of its editor's. */
export function pathMappings(folder: string): PathMappings {
  return mappingsOf(join(folder, "tsconfig.json"), DEEPEST) ?? {};
}

function mappingsOf(file: string, depth: number): PathMappings | undefined {
  let settings: { extends?: string | string[]; compilerOptions?: { paths?: PathMappings; baseUrl?: string } };
  try {
    const text = withoutComments(readFileSync(file, "utf8")).replace(TRAILING_COMMA, "$1");
    settings = JSON.parse(text) as typeof settings;
  } catch {
    return undefined; // There is none, or it is no JSON.
  }
  const { paths, baseUrl = "." } = settings.compilerOptions ?? {};
  if (paths !== undefined) {
    const base = resolve(dirname(file), baseUrl);
    return Object.fromEntries(
      Object.entries(paths).map(([pattern, targets]) => [pattern, targets.map((target) => resolve(base, target))]),
    );
  }
  for (const extended of [settings.extends ?? []].flat().reverse()) {
    const found = depth > 0 ? mappingsOf(extendedFile(extended, file), depth - 1) : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
}

function extendedFile(specifier: string, from: string): string {
  if (/^\.{1,2}[/\\]/.test(specifier) || isAbsolute(specifier)) {
    const path = resolve(dirname(from), specifier);
    return path.endsWith(".json") ? path : `${path}.json`;
  }
  try {
    return createRequire(from).resolve(specifier);
  } catch {
    return join(dirname(from), "node_modules", specifier, "tsconfig.json");
  }
}

/** Where the specifier may be, by the pattern that fits best: the exact one, or the longest beginning. */
export function mapped(specifier: string, mappings: PathMappings): string[] {
  let best: { targets: string[]; length: number; rest: string } | undefined;
  for (const [pattern, targets] of Object.entries(mappings)) {
    const star = pattern.indexOf("*");
    if (star < 0) {
      if (pattern === specifier) return targets;
      continue;
    }
    const [start, end] = [pattern.slice(0, star), pattern.slice(star + 1)];
    const fits =
      specifier.length >= start.length + end.length && specifier.startsWith(start) && specifier.endsWith(end);
    if (!fits || (best !== undefined && best.length >= star)) continue;
    best = { targets, length: star, rest: specifier.slice(star, specifier.length - end.length) };
  }
  return best === undefined ? [] : best.targets.map((target) => target.replace("*", () => best.rest));
}

/** The mappings of a folder, read again when its tsconfig.json has changed. */
export class FolderPaths {
  readonly #folder: string;
  #stamp = -1;
  #mappings: PathMappings = {};

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Where the specifier may be; nowhere, where no mapping fits. */
  candidates(specifier: string): string[] {
    const stats = statSync(join(this.#folder, "tsconfig.json"), { throwIfNoEntry: false });
    const stamp = stats === undefined ? 0 : stats.mtimeMs + stats.size / 1e6;
    if (stamp !== this.#stamp) {
      this.#stamp = stamp;
      this.#mappings = stats === undefined ? {} : pathMappings(this.#folder);
    }
    return stats === undefined ? [] : mapped(specifier, this.#mappings);
  }
}
