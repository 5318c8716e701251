// A notebook as a file: read, checked, written back. Reading takes nbformat 4.0 to 4.x and gives every cell an id; writing
// gives the bytes that Jupyter would write (sorted keys, one space, lines as lists), so that a diff shows only what changed.
// Format: https://nbformat.readthedocs.io/en/latest/format_description.html

import { createHash } from "node:crypto";
import { access, constants, readFile, realpath, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { replaceFile } from "./replace-file.ts";

type JsonObject = { [key: string]: unknown };

export interface CellMetadata extends JsonObject {
  tags?: string[];
}

interface CellBase {
  id: string;
  metadata: CellMetadata;
  source: string;
}

export interface CodeCell extends CellBase {
  cell_type: "code";
  execution_count: number | null;
  outputs: SavedOutput[];
}

/** Markdown and raw cells, carried through as they are. */
export interface TextCell extends CellBase {
  cell_type: "markdown" | "raw";
}

export type Cell = CodeCell | TextCell;

export type DisplayOutput = { output_type: "display_data"; data: JsonObject; metadata: JsonObject };

/** An output as nbformat stores it. Text may still be a list of lines, as read; writing splits what is not. */
export type SavedOutput =
  | { output_type: "stream"; name: "stdout" | "stderr"; text: string | string[] }
  | DisplayOutput
  | { output_type: "execute_result"; execution_count: number | null; data: JsonObject; metadata: JsonObject }
  | { output_type: "error"; ename: string; evalue: string; traceback: string[] };

export interface Notebook {
  nbformat: 4;
  nbformat_minor: number;
  metadata: JsonObject;
  cells: Cell[];
}

/** A file that cannot be read or written as a notebook: the message is one sentence for the user. */
export class NotebookError extends Error {}

/** Reads a notebook. Throws a NotebookError that names the file and says what is wrong with it. */
export async function readNotebook(path: string): Promise<Notebook> {
  let bytes: Buffer;
  try {
    bytes = await readFile(path);
  } catch (error) {
    throw new NotebookError(`${path}: ${fileProblem(error)}`);
  }
  return parseNotebook(bytes, path);
}

export function parseNotebook(bytes: Uint8Array, path: string): Notebook {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    // The decoder throws for nothing else.
    throw new NotebookError(`${path}: not a notebook: the file is not UTF-8 text`);
  }
  if (text.trim() === "") throw new NotebookError(`${path}: not a notebook: the file is empty`);
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new NotebookError(`${path}: not valid JSON: ${(error as SyntaxError).message.replaceAll("\n", "\\n")}`);
  }
  if (!isObject(json) || typeof json["nbformat"] !== "number") {
    throw new NotebookError(`${path}: not a notebook: the JSON has no "nbformat" number`);
  }
  if (json["nbformat"] < 4) {
    throw new NotebookError(
      `${path}: nbformat ${json["nbformat"]} is too old, nbformat 4 is needed: convert it with ` +
        `"jupyter nbconvert --to notebook --inplace ${path}"`,
    );
  }
  if (json["nbformat"] > 4) {
    throw new NotebookError(`${path}: nbformat ${json["nbformat"]} is not known, nbformat 4 is needed`);
  }
  if (!Array.isArray(json["cells"])) throw new NotebookError(`${path}: not a notebook: it has no list "cells"`);

  const minor = typeof json["nbformat_minor"] === "number" ? json["nbformat_minor"] : 0;
  const metadata = isObject(json["metadata"]) ? without(json["metadata"], ["orig_nbformat", "signature"]) : {};
  const taken = new Set<string>();
  const cells = json["cells"].map((cell: unknown, index) => checkedCell(cell, index, path));
  for (const cell of cells) {
    // The first of two cells with one id keeps it.
    if (taken.has(cell.id)) cell.id = "";
    else if (cell.id !== "") taken.add(cell.id);
  }
  cells.forEach((cell, index) => {
    if (cell.id === "") cell.id = derivedId(`${index}\0${cell.source}`, taken);
  });
  return { ...json, nbformat: 4, nbformat_minor: Math.max(5, minor), metadata, cells };
}

/** An id that depends on nothing but `seed` and the ids already taken, to which it is added. */
export function derivedId(seed: string, taken: Set<string>): string {
  for (let attempt = 0; ; attempt++) {
    const id = createHash("sha256")
      .update(attempt === 0 ? seed : `${attempt}\0${seed}`)
      .digest("hex")
      .slice(0, 8);
    if (taken.has(id)) continue;
    taken.add(id);
    return id;
  }
}

function checkedCell(cell: unknown, index: number, path: string): Cell {
  const wrong = (what: string) => new NotebookError(`${path}: not a notebook: cell ${index + 1} ${what}`);
  if (!isObject(cell)) throw wrong("is not an object");
  const type = cell["cell_type"];
  if (type !== "code" && type !== "markdown" && type !== "raw") {
    throw wrong(`has cell_type ${JSON.stringify(type)}, not "code", "markdown" or "raw"`);
  }
  const source = joined(cell["source"]);
  if (source === undefined) throw wrong('has no text in "source"');
  const base = {
    ...cell,
    id: typeof cell["id"] === "string" && /^[\w-]{1,64}$/.test(cell["id"]) ? cell["id"] : "",
    metadata: isObject(cell["metadata"]) ? without(cell["metadata"], ["trusted"]) : {},
    source,
  };
  if (type !== "code") return { ...base, cell_type: type };
  return {
    ...base,
    cell_type: type,
    execution_count: typeof cell["execution_count"] === "number" ? cell["execution_count"] : null,
    outputs: Array.isArray(cell["outputs"]) ? (cell["outputs"] as SavedOutput[]) : [],
  };
}

/** The notebook as Jupyter would write it, final newline included. */
export function formatNotebook(notebook: Notebook): string {
  const cells = notebook.cells.map((cell) => {
    const saved: JsonObject = { ...cell, source: lines(cell.source) };
    if (cell.cell_type === "code") saved["outputs"] = cell.outputs.map(splitOutput);
    return saved;
  });
  return `${encode({ ...notebook, cells }, "")}\n`;
}

/** Replaces the file at once (replace-file.ts). Throws a NotebookError when that cannot be done. */
export async function writeNotebook(path: string, notebook: Notebook): Promise<void> {
  try {
    await replaceFile(path, formatNotebook(notebook));
  } catch (error) {
    throw new NotebookError(`${path}: cannot be written: ${fileProblem(error)}`);
  }
}

/** Throws a NotebookError when a notebook could not be written there: better known before the run than after it. */
export async function checkWritable(path: string): Promise<void> {
  try {
    const there = await stat(path).catch(() => undefined);
    if (there?.isDirectory() === true) throw Object.assign(new Error("is a folder"), { code: "EISDIR" });
    if (there !== undefined) await access(path, constants.W_OK);
    // A device is not replaced, so that its folder does not matter.
    if (there !== undefined && !there.isFile()) return;
    await access(dirname(there === undefined ? path : await realpath(path)), constants.W_OK);
  } catch (error) {
    throw new NotebookError(`${path}: cannot be written: ${fileProblem(error)}`);
  }
}

/** Python's `str.splitlines(True)`, which Jupyter splits text with. */
export function lines(text: string): string[] {
  const found: string[] = [];
  const end = /\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]/g;
  let start = 0;
  while (end.exec(text) !== null) {
    found.push(text.slice(start, end.lastIndex));
    start = end.lastIndex;
  }
  if (start < text.length) found.push(text.slice(start));
  return found;
}

/** Text that nbformat stores as one string or as a list of lines; `undefined` for anything else. */
export function joined(text: unknown): string | undefined {
  if (typeof text === "string") return text;
  if (Array.isArray(text) && text.every((line) => typeof line === "string")) return text.join("");
  return undefined;
}

function splitOutput(output: SavedOutput): unknown {
  if (output.output_type === "stream") {
    return { ...output, text: typeof output.text === "string" ? lines(output.text) : output.text };
  }
  if (output.output_type === "error" || !isObject(output.data)) return output;
  const data: JsonObject = {};
  for (const [type, value] of Object.entries(output.data)) {
    const isText = type.startsWith("text/") || type === "application/javascript" || type === "image/svg+xml";
    data[type] = isText && typeof value === "string" ? lines(value) : value;
  }
  return { ...output, data };
}

// JSON.stringify cannot be used: it puts keys that look like integers first, and Python sorts them as text.
function encode(value: unknown, indent: string): string {
  if (typeof value === "number") return encodeNumber(value);
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  const inner = `${indent} `;
  if (Array.isArray(value)) {
    if (value.length === 0) return "[]";
    return `[\n${inner}${value.map((item) => encode(item, inner)).join(`,\n${inner}`)}\n${indent}]`;
  }
  const fields = Object.entries(value)
    .filter(([, field]) => field !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, field]) => `${JSON.stringify(key)}: ${encode(field, inner)}`);
  return fields.length === 0 ? "{}" : `{\n${inner}${fields.join(`,\n${inner}`)}\n${indent}}`;
}

// Python turns to an exponent below 1e-4, of two digits at least.
function encodeNumber(value: number): string {
  if (value === 0 || !Number.isFinite(value) || Math.abs(value) >= 1e-4) return JSON.stringify(value);
  return value.toExponential().replace(/e-(\d)$/, "e-0$1");
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function without(object: JsonObject, keys: string[]): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([key]) => !keys.includes(key)));
}

function fileProblem(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  switch (code) {
    case "ENOENT":
      return "no such file or folder";
    case "EISDIR":
      return "it is a folder";
    case "EACCES":
    case "EPERM":
      return "permission denied";
    case "EROFS":
      return "the file system is read-only";
    case "ENOSPC":
      return "no space left on the disk";
    default:
      return message;
  }
}
