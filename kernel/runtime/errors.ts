// A user's exception as the user wants to read it: their code only, each position in their cell and line. Stacks are mapped once, in
// `Error.prepareStackTrace`, so that `error.stack` and `console.error(error)` in a cell say the same as the traceback below it.

import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { inspect } from "node:util";
import { CellSyntaxError } from "../cell.ts";
import type { PositionMap } from "../position-map.ts";
import type { ErrorReply } from "../session.ts";

export interface CellSource {
  /** The n of `Cell [n]`. */
  count: number;
  source: string;
  positions: PositionMap;
}

interface Position {
  line: number;
  column: number;
}

const FILE = /adjoint-cell-(\d+):(\d+):(\d+)/;
const LABEL = /Cell \[(\d+)\], line (\d+), column (\d+)/;
const cells = new Map<string, CellSource>();
const latestOfCount = new Map<number, CellSource>();

/** The script name of a request's cell. */
export function cellFile(cell: number): string {
  return `adjoint-cell-${cell}`;
}

export function registerCell(cell: number, source: CellSource): void {
  cells.set(String(cell), source);
  latestOfCount.set(source.count, source);
}

/** The user's source of a function or class that a cell has made; else what the engine says. */
export function sourceOf(value: (...args: never[]) => unknown): string {
  const text = Function.prototype.toString.call(value);
  for (const { positions } of [...cells.values()].reverse()) {
    const source = positions.sourceOf(text);
    if (source !== null) return source;
  }
  return plainMessage(text);
}

function label(count: number, { line, column }: Position): string {
  return `Cell [${count}], line ${line}, column ${column}`;
}

/** The frame with its position in the cell; null for a frame of generated code. */
function mapFrame(frame: string): string | null {
  const match = FILE.exec(frame);
  const cell = match && cells.get(match[1] ?? "");
  if (!match || !cell) return frame;
  const position = cell.positions.original(Number(match[2]), Number(match[3]));
  return position && frame.replace(FILE, label(cell.count, position));
}

/** In generated code the variable `x` is `__$x.value`; messages speak of `x`. */
function plainMessage(message: string): string {
  return message
    .replace(/\(0\s*,\s*__+\$([\p{ID_Start}$_][\p{ID_Continue}$]*)\.value\)/gu, "$1")
    .replace(/__+\$([\p{ID_Start}$_][\p{ID_Continue}$]*)\.value(?![\p{ID_Continue}$])/gu, "$1")
    .replace(/__+constants\./g, "");
}

const kernelFolder = dirname(dirname(fileURLToPath(import.meta.url)));

/** Frames of Node and of the kernel; what is left is the user's code and that of packages. */
function isInternal(frame: string): boolean {
  return frame.includes("node:") || frame.includes(kernelFolder) || frame.includes("at <anonymous>:1:");
}

/** `Name: message`; an error class that gives its instances no `name` goes by its own. */
function header(error: Error): string {
  try {
    const { name, message, constructor } = error;
    const className: unknown = constructor.name;
    const named = name === "Error" && typeof className === "string" && className !== "" ? className : name;
    return plainMessage(Error.prototype.toString.call({ name: named, message }));
  } catch {
    return "Error"; // `name` or `message` is a getter that throws.
  }
}

export function mapStacks(): void {
  Error.prepareStackTrace = (error, callSites) => {
    const raw = callSites.map((site) => String(site)).filter((frame) => !frame.includes(kernelFolder));
    // What Node has below the cell's own code is how the kernel called it.
    const lowest = raw.findLastIndex((frame) => FILE.test(frame));
    const frames = raw
      .filter((frame, index) => lowest < 0 || index <= lowest || !frame.includes("node:"))
      .map(mapFrame)
      .filter((frame) => frame !== null);
    return [header(error), ...frames.map((frame) => `    at ${frame}`)].join("\n");
  };
}

/** The stack of running code as the inspector's probe sees it, mapped; empty when only the kernel's own code runs. */
export function userFrames(stack: string): string[] {
  return stack
    .split("\n")
    .filter((line) => /^\s+at /.test(line) && !isInternal(line))
    .map(mapFrame)
    .filter((frame) => frame !== null);
}

// Bold without red: on the dark error background of JupyterLab bold red cannot be read.
const bold = (text: string): string => `\u001b[1m${text}\u001b[0m`;
const dim = (text: string): string => `\u001b[2m${text}\u001b[22m`;

/** The source line with a caret below the column, and the lines around it. */
function excerpt(source: string, { line, column }: Position): string[] {
  const lines = source.split(/\r\n|\n/);
  const text = lines[line - 1];
  if (text === undefined) return [];
  const width = String(Math.min(line + 1, lines.length)).length;
  const numbered = (number: number, content: string) => `${String(number).padStart(width)} | ${content.slice(0, 200)}`;
  // Tabs stay tabs, so that the caret stands below its character at any tab width.
  const indent = text.slice(0, column - 1).replace(/[^\t]/gu, " ");
  const before = lines[line - 2];
  const after = lines[line];
  return [
    ...(before === undefined ? [] : [dim(`  ${numbered(line - 1, before)}`)]),
    `${bold(">")} ${numbered(line, text)}`,
    ...(column <= 200 ? [`  ${" ".repeat(width)} | ${indent}${bold("^")}`] : []),
    ...(after === undefined ? [] : [dim(`  ${numbered(line + 1, after)}`)]),
  ];
}

/** The place of an error, if it is in a cell: label and excerpt. */
function place(frames: readonly string[]): string[] {
  const first = frames.find((frame) => LABEL.test(frame));
  const match = first === undefined ? null : LABEL.exec(first);
  const cell = match && latestOfCount.get(Number(match[1]));
  if (!match || !cell) return [];
  return [match[0], ...excerpt(cell.source, { line: Number(match[2]), column: Number(match[3]) })];
}

/** The place, and how the code got there when that says more. */
function located(frames: readonly string[]): string[] {
  const where = place(frames);
  const [only, ...more] = frames;
  const repeated = only !== undefined && more.length === 0 && only.trim() === `at ${where[0]}`;
  return repeated ? where : [...where, ...frames];
}

function stackLines(error: Error): string[] {
  let stack: unknown;
  try {
    stack = error.stack;
  } catch {
    return []; // `stack` is a getter that throws.
  }
  if (typeof stack !== "string") return [];
  return stack.split("\n").filter((line) => /^\s+at /.test(line) && !isInternal(line));
}

function describe(error: Error, depth: number): string[] {
  const frames = stackLines(error);
  const [first = "", ...rest] = header(error).split("\n");
  const lines = [[bold(first), ...rest].join("\n"), ...located(frames)];
  if (depth < 5 && error instanceof AggregateError) {
    error.errors.slice(0, 10).forEach((inner: unknown, index) => {
      lines.push(`[${index + 1} of ${error.errors.length}] ${describeAny(inner, depth + 1).join("\n")}`);
    });
  }
  if (depth < 5 && error.cause !== undefined) {
    lines.push(`caused by: ${describeAny(error.cause, depth + 1).join("\n")}`);
  }
  return lines;
}

function describeAny(value: unknown, depth: number): string[] {
  return value instanceof Error ? describe(value, depth) : [inspectSafely(value)];
}

function inspectSafely(value: unknown): string {
  try {
    return inspect(value);
  } catch {
    return `a value that cannot be shown (${typeof value})`; // Its own inspection throws.
  }
}

/** What a cell's failure looks like in Jupyter: a syntax error, a thrown error or any thrown value. */
export function errorReply(thrown: unknown, count: number, source = ""): ErrorReply {
  if (thrown instanceof CellSyntaxError) {
    const where = label(count, thrown);
    return {
      status: "error",
      ename: "SyntaxError",
      evalue: thrown.message,
      traceback: [bold(`SyntaxError: ${thrown.message}`), where, ...excerpt(source, thrown)],
    };
  }
  if (!(thrown instanceof Error)) {
    const shown = inspectSafely(thrown);
    return { status: "error", ename: "Uncaught", evalue: shown, traceback: [`${bold("Uncaught")} ${shown}`] };
  }
  const [name = "Error"] = header(thrown).split(":", 1);
  return {
    status: "error",
    ename: /^[\w.$]+$/.test(name) ? name : "Error",
    evalue: plainMessage(String(thrown.message)),
    traceback: describe(thrown, 0),
  };
}

/** The end of an interrupted cell; `frames` say where it was, when it was running. */
export function keyboardInterrupt(frames: readonly string[]): ErrorReply {
  const evalue = "the cell was interrupted; all variables are kept";
  return {
    status: "error",
    ename: "KeyboardInterrupt",
    evalue,
    traceback: [bold(`KeyboardInterrupt: ${evalue}`), ...located(frames)],
  };
}
