// The folder that notes lie in: which file a link means, and what anchors a note has. A name is looked for as Obsidian does: as a path
// from the note, as one from the vault, then anywhere by its name, the shortest path first. Nothing outside the vault is read.

import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { basename, dirname, join, relative, resolve, sep } from "node:path";
import { anchorOf, comparable } from "./outline.ts";

/** Files that are looked at; a vault of more is somebody's home folder. */
const MOST = 50_000;

export interface Anchors {
  headings: string[];
  blocks: Set<string>;
}

export class Vault {
  readonly root: string;
  #byName: Map<string, string[]> | undefined;
  readonly #anchors = new Map<string, Anchors>();

  constructor(root: string) {
    this.root = resolve(root);
  }

  /** The vault of a file: the folder above it that Obsidian marks, else `otherwise`. */
  static of(file: string, otherwise: string): Vault {
    for (let at = dirname(resolve(file)); ; at = dirname(at)) {
      if (existsSync(join(at, ".obsidian"))) return new Vault(at);
      if (dirname(at) === at) return new Vault(otherwise);
    }
  }

  holds(path: string): boolean {
    const way = relative(this.root, path);
    return way === "" || (way !== ".." && !way.startsWith(`..${sep}`) && resolve(this.root, way) === path);
  }

  /** The file that `target` means in the note `from`; `undefined` when there is none, `null` when it leaves the vault. */
  find(target: string, from: string): string | null | undefined {
    let left = false;
    for (const base of [dirname(resolve(from)), this.root]) {
      for (const path of [resolve(base, `${target}.md`), resolve(base, target)]) {
        if (!this.holds(path)) left = true;
        else if (isFile(path)) return path;
      }
    }
    const wanted = target.replaceAll("\\", "/").toLowerCase();
    const candidates = this.#named(basename(wanted)).filter((path) => {
      const way = relative(this.root, path).split(sep).join("/").toLowerCase();
      return [wanted, `${wanted}.md`].some((end) => way === end || way.endsWith(`/${end}`));
    });
    return candidates[0] ?? (left && /^(?:\.\.[\\/]|[\\/])/.test(target) ? null : undefined);
  }

  /** Names of notes, for suggestions. */
  names(): string[] {
    return [...this.#index().keys()].filter((name) => name.endsWith(".md")).map((name) => name.slice(0, -3));
  }

  anchors(path: string): Anchors {
    let anchors = this.#anchors.get(path);
    if (anchors === undefined) this.#anchors.set(path, (anchors = anchorsOf(path)));
    return anchors;
  }

  /** Files have changed. */
  forget(): void {
    this.#byName = undefined;
    this.#anchors.clear();
  }

  #named(name: string): string[] {
    const index = this.#index();
    return [...(index.get(`${name}.md`) ?? []), ...(index.get(name) ?? [])];
  }

  #index(): Map<string, string[]> {
    if (this.#byName !== undefined) return this.#byName;
    this.#byName = new Map();
    const folders = [this.root];
    for (let seen = 0, folder = folders.shift(); folder !== undefined && seen < MOST; folder = folders.shift()) {
      for (const entry of entriesOf(folder)) {
        seen++;
        const path = join(folder, entry.name);
        if (entry.isDirectory()) {
          if (!entry.name.startsWith(".") && entry.name !== "node_modules") folders.push(path);
        } else {
          const name = entry.name.toLowerCase();
          this.#byName.set(name, [...(this.#byName.get(name) ?? []), path]);
        }
      }
    }
    return this.#byName;
  }
}

function entriesOf(folder: string) {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return []; // Not ours to read, or gone: no link leads there.
  }
}

export function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}

/** By lines, not by a parse: a note that is linked to may be large. */
function anchorsOf(path: string): Anchors {
  const anchors: Anchors = { headings: [], blocks: new Set() };
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch {
    return anchors; // It was there a moment ago; nothing in it can be linked to.
  }
  let fence = "";
  let last = "";
  for (const line of text.split(/\r?\n/)) {
    const [, mark = ""] = /^[ \t>]*(`{3,}|~{3,})/.exec(line) ?? [];
    if (fence === "") fence = mark;
    else if (mark.startsWith(fence)) fence = "";
    if (fence !== "" || mark !== "") continue;
    const heading =
      /^#{1,6}[ \t]+(.*?)[ \t]*#*$/.exec(line)?.[1] ?? (/^(?:=+|-+)[ \t]*$/.test(line) && last !== "" ? last : "");
    if (heading !== "") anchors.headings.push(heading);
    const block = /(?:^|[\s>])\^([A-Za-z0-9-]+)[ \t]*$/.exec(line)?.[1];
    if (block !== undefined) anchors.blocks.add(block);
    last = line.trim();
  }
  return anchors;
}

/** The heading that a link names, as Obsidian (`Note#Part#Detail`), JupyterLab (`#A-heading`) or GitHub (`#a-heading`) write it. */
export function headingNamed(anchors: Anchors, wanted: string): string | undefined {
  const last = comparable(wanted.split("#").at(-1) ?? "");
  const slug = (text: string): string =>
    text
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, "")
      .trim()
      .replace(/\s/g, "-");
  return anchors.headings.find(
    (heading) => comparable(heading) === last || anchorOf(plainHeading(heading)) === wanted || slug(heading) === wanted,
  );
}

/** A heading's source without its markup: the name by which it can be linked to. */
export function plainHeading(source: string): string {
  return source
    .replace(/!?\[\[([^\]|]*\|)?([^\]]*)\]\]/g, "$2")
    .replace(/!?\[([^\]]*)\]\([^)]*\)/g, "$1")
    .replace(/(\*\*|__|==|~~|`)/g, "")
    .replace(/(?<![\p{L}\p{N}])[*_]|[*_](?![\p{L}\p{N}])/gu, "")
    .replace(/\\\((.*?)\\\)/g, (_, tex: string) => `$${tex.trim()}$`)
    .replace(/\s+\^[\w-]+$/, "")
    .trim();
}
