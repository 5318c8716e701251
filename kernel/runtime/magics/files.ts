// Cells and files: `%load` puts a file into the cell, `%%writefile` puts the cell into a file.

import {
  appendFile,
  lstat,
  open,
  readFile,
  realpath,
  rename,
  stat,
  unlink,
  writeFile as writeInPlace,
} from "node:fs/promises";
import { resolve } from "node:path";
import { print } from "../output.ts";
import { expandHome } from "./environment.ts";
import { type Call, LineError, type Magic, onePath, reasonOf, usageError } from "./magic.ts";

async function load({ text, session }: Call): Promise<void> {
  const path = expandHome(onePath(text));
  if (path === "") throw usageError("%load needs a file: %load FILE");
  let content: string;
  try {
    content = await readFile(path, "utf8");
  } catch (error) {
    throw new LineError("FileError", `%load: cannot read '${path}': ${reasonOf(error)}`);
  }
  session.payload.push({ source: "set_next_input", text: content.replace(/\r?\n$/, ""), replace: true });
}

async function writeFile({ text, body }: Call): Promise<void> {
  const [, option, rest = ""] = /^(-a\s+|--append\s+)?(.*)$/s.exec(text) ?? [];
  const path = expandHome(onePath(rest));
  if (path === "" || path === "-a") throw usageError("%%writefile needs a file: %%writefile [-a] FILE");
  const content = body === "" || body.endsWith("\n") ? body : `${body}\n`;
  const bytes = Buffer.byteLength(content);
  const size = `${bytes} ${bytes === 1 ? "byte" : "bytes"}`;
  try {
    const existed = await exists(path);
    if (option !== undefined) await appendFile(path, content);
    else await replace(path, content);
    const doing = option !== undefined && existed ? "appended" : "wrote";
    const note = option === undefined && existed ? ", which was overwritten" : "";
    print("stdout", `${doing} ${size} to ${path}${note}\n`);
  } catch (error) {
    throw new LineError("FileError", `%%writefile: cannot write '${path}': ${reasonOf(error)}`);
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch {
    return false; // What else is wrong with it, writing will say.
  }
}

/** As a whole or not at all: under another name first. A link stays one, and the file's mode what it was. */
async function replace(path: string, content: string): Promise<void> {
  const target = await realpath(path).catch(() => resolve(path)); // there is none yet
  const before = await stat(target).catch(() => undefined);
  // A device or a pipe is written to, not replaced.
  if (before?.isFile() === false) {
    await appendFile(target, content);
    return;
  }
  const temporary = `${target}.${process.pid}-${Date.now()}.tmp`;
  const handle = await open(temporary, "wx", before === undefined ? 0o666 : before.mode).catch(() => undefined);
  // The folder may take no new file, or none of so long a name; the file itself can be writable all the same.
  if (handle === undefined) {
    await writeInPlace(target, content);
    return;
  }
  try {
    await handle.writeFile(content);
    if (before !== undefined) await handle.chmod(before.mode);
    await handle.close();
    await rename(temporary, target);
  } catch (error) {
    await handle.close();
    await unlink(temporary);
    throw error;
  }
}

export const fileMagics: readonly Magic[] = [
  {
    names: ["load"],
    usage: "FILE",
    help: "Replaces the cell by the content of a file, in front ends that can do that.",
    line: load,
  },
  {
    names: ["writefile"],
    usage: "[-a] FILE",
    help: "Writes the cell to a file, or with -a to its end.",
    cell: writeFile,
  },
];
