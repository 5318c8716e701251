// Completion on lines that are no TypeScript: the names of magics, and the files that commands and some magics take.

import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import type { CompleteReply } from "../../session.ts";
import { expandHome } from "./environment.ts";
import { completions } from "./registry.ts";

/** Those that take files, or only folders. */
const FILES = /^%(?:%writefile|load)$/;
const FOLDERS = /^%cd$/;

/** `before`: the line up to the cursor. `undefined`: what stands there is TypeScript. */
export function completeLine(before: string, cursor: number): CompleteReply | undefined {
  const typed = /^\s*(%%?\w*)$/.exec(before)?.[1];
  if (typed !== undefined) return reply(completions(typed), "magic", typed, cursor);
  if (/\$\{[^}]*$/.test(before)) return undefined;
  const magic = /^\s*(%%?\w+)\s/.exec(before)?.[1] ?? "";
  // The first word may also be a name: `!flag`.
  const isCommand = /(?:^|=)\s*!\s*(?:\S*[^\s\w]|\w+\s)/.test(before) || magic === "%npm";
  const path = /(?:[^\s"'=!\\]|\\.)*$/.exec(before)?.[0] ?? "";
  if (isCommand || FILES.test(magic)) return reply(paths(path, false), "path", path, cursor);
  if (magic === "%typecheck") {
    const word = /\w*$/.exec(before)?.[0] ?? "";
    return reply(
      ["error", "off", "warn"].filter((policy) => policy.startsWith(word)),
      "keyword",
      word,
      cursor,
    );
  }
  if (FOLDERS.test(magic)) return reply(paths(path, true), "path", path, cursor);
  return undefined;
}

function reply(matches: string[], type: string, typed: string, end: number): CompleteReply {
  const start = end - typed.length;
  return { matches, start, end, types: matches.map((text) => ({ text, type, start, end })) };
}

/** What is in the folder of a path and begins as it ends; folders end with a slash. */
function paths(typed: string, onlyFolders: boolean): string[] {
  const slash = typed.lastIndexOf("/") + 1;
  const [folder, name] = [typed.slice(0, slash), typed.slice(slash).replaceAll("\\", "")];
  const real = expandHome(folder === "" ? "." : folder.replaceAll("\\", ""));
  let names: string[];
  try {
    names = readdirSync(real);
  } catch {
    return []; // No such folder, or none that may be read: nothing to offer.
  }
  return names
    .filter((found) => found.startsWith(name) && (name !== "" || !found.startsWith(".")))
    .map((found) => ({ found, isFolder: isFolder(join(real, found)) }))
    .filter((entry) => entry.isFolder || !onlyFolders)
    .map(({ found, isFolder: slashed }) => folder + found.replaceAll(" ", "\\ ") + (slashed ? "/" : ""))
    .sort();
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false; // A link that leads nowhere.
  }
}
