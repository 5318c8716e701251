// A user's exception as the user wants to read it: their code only, each position in their cell and line. Stacks are mapped once, in
// `Error.prepareStackTrace`, so that `error.stack` and `console.error(error)` in a cell say the same as the traceback below it.

import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { inspect } from "node:util";
import { CellSyntaxError } from "../cell.ts";
import type { ErrorReply } from "../session.ts";
import { bold, cellLabel, cellName, excerpt, isUserFrame, mapFrame, placeIn, plainMessage } from "./sources.ts";

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
    // What Node has below the user's own code is how the kernel called it.
    const lowest = raw.findLastIndex((frame) => isUserFrame(frame));
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

/** Does a stack name a place in a cell or a file of the user's? */
export function hasPlace(stack: string): boolean {
  return stack.split("\n").some((frame) => placeIn(frame) !== undefined);
}

/** An error in one line: what, and where. */
export function summary(error: unknown): string {
  if (!(error instanceof Error)) return inspectSafely(error);
  const place = stackLines(error)
    .map(placeIn)
    .find((found) => found !== undefined);
  const [first = ""] = header(error).split("\n");
  return place === undefined ? first : `${first} (${place.label}, line ${place.line}, column ${place.column})`;
}

/** The place, and how the code got there when that says more. */
function located(frames: readonly string[]): string[] {
  const [first = "", ...more] = frames;
  let place;
  for (const frame of frames) if ((place = placeIn(frame)) !== undefined) break;
  if (place === undefined) return [...frames];
  const { label, line, column } = place;
  const where = [`${label}, line ${line}, column ${column}`, ...excerpt(place.text, place)];
  const repeated = more.length === 0 && [`at ${where[0]}`, `at ${label}:${line}:${column}`].includes(first.trim());
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
export function errorReply(thrown: unknown, count: number | null, source = ""): ErrorReply {
  if (thrown instanceof CellSyntaxError) {
    const where = cellLabel(cellName(count), thrown);
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
