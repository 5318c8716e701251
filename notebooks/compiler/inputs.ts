// The notes that a command line names: files, or all notes below a folder, each with the place where its lesson goes and the vault that its
// links are looked up in.

import { readdirSync, statSync } from "node:fs";
import { basename, dirname, join, relative, resolve } from "node:path";
import { isFile, Vault } from "./vault.ts";

export interface Input {
  /** As it is named in messages. */
  file: string;
  /** Where the lesson goes, without an extension. */
  stem: string;
  vault: Vault;
}

/** What `--to md` makes of NAME.md: no note. */
export const MARKDOWN_OUTPUT = ".out.md";

/** A command line that cannot be meant: the message is one sentence. */
export class UsageError extends Error {}

export const COMPANION = ".lesson.md";

export function inputsOf(paths: readonly string[], output: string | undefined): Input[] {
  const vaults = new Map<string, Vault>();
  const vaultOf = (file: string, folder: string): Vault => {
    const vault = Vault.of(file, folder);
    const known = vaults.get(vault.root) ?? vault;
    vaults.set(known.root, known);
    return known;
  };
  const inputs = paths.flatMap((path): Input[] => {
    const there = statSync(path, { throwIfNoEntry: false });
    if (there === undefined) throw new UsageError(`${path}: no such file or folder`);
    if (!there.isDirectory()) {
      if (!path.endsWith(".md")) throw new UsageError(`${path}: a note is a file NAME.md`);
      if (path.endsWith(COMPANION) && isFile(path.slice(0, -COMPANION.length) + ".md")) {
        throw new UsageError(`${path}: it goes with a note: name ${basename(path, COMPANION)}.md`);
      }
      const stem = join(output ?? dirname(path), basename(path, ".md"));
      return [{ file: path, stem: resolve(stem), vault: vaultOf(path, dirname(path)) }];
    }
    const files = notesBelow(path);
    if (files.length === 0) throw new UsageError(`${path}: the folder holds no notes (*.md)`);
    return files.map((file) => {
      const stem = join(output ?? path, relative(path, file).replace(/\.md$/, ""));
      return { file, stem: resolve(stem), vault: vaultOf(file, path) };
    });
  });
  const unique = inputs.filter(
    ({ file }, index) => inputs.findIndex((other) => resolve(other.file) === resolve(file)) === index,
  );
  for (const [index, { file, stem }] of unique.entries()) {
    const other = unique.slice(0, index).find((before) => before.stem === stem);
    if (other !== undefined) throw new UsageError(`${other.file} and ${file} would both be written to ${stem}`);
  }
  return unique;
}

function notesBelow(folder: string): string[] {
  const found: string[] = [];
  for (const entry of readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      if (!entry.name.startsWith(".") && entry.name !== "node_modules") found.push(...notesBelow(path));
    } else if (
      entry.name.endsWith(".md") &&
      !entry.name.endsWith(MARKDOWN_OUTPUT) &&
      !(entry.name.endsWith(COMPANION) && isFile(path.slice(0, -COMPANION.length) + ".md"))
    ) {
      found.push(path);
    }
  }
  return found;
}
