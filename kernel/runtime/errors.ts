// A user's exception as the user wants to read it: their code only, each position in their cell and line. Stacks are mapped once, in
// `Error.prepareStackTrace`, so that `error.stack` and `console.error(error)` in a cell say the same as the traceback below it.

import { dirname, sep } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { inspect, types } from "node:util";
import { CellSyntaxError } from "../cell.ts";
import { fits, MAX_ARRAY_LENGTH } from "../display/bounds.ts";
import { cut } from "../display/text.ts";
import { bold, excerpt } from "../excerpt.ts";
import type { ErrorReply } from "../session.ts";
import { cellLabel, cellName, isCellFrame, isUserFrame, mapFrame, placeIn, plainMessage } from "./sources.ts";

/** All that is compiled of this package, the library too: as a path, and as the URL that frames of ES modules have. */
const compiled = dirname(dirname(dirname(fileURLToPath(import.meta.url)))) + sep;
const compiledUrl = pathToFileURL(compiled).href;

function isOurs(frame: string): boolean {
  return frame.includes(compiled) || frame.includes(compiledUrl);
}

/** Frames of Node, of the kernel and of its library; what is left is the user's code and that of packages. */
function isInternal(frame: string): boolean {
  return frame.includes("node:") || isOurs(frame) || frame.includes("at <anonymous>:1:");
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

function messageOf(error: Error): string {
  try {
    return plainMessage(String(error.message));
  } catch {
    return ""; // It is a getter that throws, or an object that cannot be a string.
  }
}

/** Also for code that takes `Error.prepareStackTrace` away; what it puts in its place is called. */
export function mapStacks(): void {
  const mapped: typeof Error.prepareStackTrace = (error, callSites) => {
    const raw = callSites.map((site) => String(site)).filter((frame) => !isOurs(frame));
    // What Node has below the user's own code is how the kernel called it.
    const lowest = raw.findLastIndex((frame) => isUserFrame(frame));
    const frames = raw
      .filter((frame, index) => lowest < 0 || index <= lowest || !frame.includes("node:"))
      .map(mapFrame)
      .filter((frame) => frame !== null);
    return [header(error), ...frames.map((frame) => `    at ${frame}`)].join("\n");
  };
  let current: unknown;
  Object.defineProperty(Error, "prepareStackTrace", {
    get: () => current ?? mapped,
    set: (prepare: unknown) => {
      current = prepare;
    },
    configurable: true,
  });
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
  if (!isError(error)) return inspectSafely(error);
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
  return stack
    .split("\n")
    .filter((line) => /^\s+at /.test(line) && !isInternal(line))
    .map((line) => (isCellFrame(line) ? mapFrame(line) : line)) // Written by another `prepareStackTrace`.
    .filter((line) => line !== null);
}

/** `outer`: the errors of which this one is a part. */
function describe(error: Error, outer: readonly Error[]): string[] {
  const frames = stackLines(error);
  const [first = "", ...rest] = header(error).split("\n");
  const lines = [[bold(first), ...rest].join("\n"), ...located(frames), ...propertiesOf(error)];
  const path = [...outer, error];
  if (path.length > DEEPEST) return lines;
  const { errors, cause } = partsOf(error);
  errors.slice(0, 10).forEach((inner, index) => {
    lines.push(`[${index + 1} of ${errors.length}] ${describePart(inner, path).join("\n")}`);
  });
  if (cause !== undefined) lines.push(`caused by: ${describePart(cause, path).join("\n")}`);
  return lines;
}

/** How many errors are told inside of each other. */
const DEEPEST = 5;

const PROPERTIES_LIMIT = 4000;

/** What else the error carries, as Node shows it below a stack: `{ code: 'ENOENT' }`. Runs no getter. */
function propertiesOf(error: Error): string[] {
  if (types.isProxy(error)) return [];
  const told = new Set<PropertyKey>(["stack", "message", "name", "cause", inspect.custom]);
  if (error instanceof AggregateError) told.add("errors");
  const carried: Record<PropertyKey, unknown> = {};
  for (const key of Reflect.ownKeys(error)) {
    const property = Object.getOwnPropertyDescriptor(error, key);
    if (property?.enumerable === true && !told.has(key)) Object.defineProperty(carried, key, property);
  }
  if (Reflect.ownKeys(carried).length === 0) return [];
  const bounds = { depth: 2, maxStringLength: 1000 };
  const depth = fits(carried, bounds, 10 * PROPERTIES_LIMIT) ? bounds.depth : 0;
  try {
    return [cut(inspect(carried, { ...bounds, depth, maxArrayLength: MAX_ARRAY_LENGTH }), PROPERTIES_LIMIT)];
  } catch {
    return []; // The inspection of one of them throws; the error itself is what matters.
  }
}

function partsOf(error: Error): { errors: unknown[]; cause: unknown } {
  try {
    const errors: unknown = error instanceof AggregateError ? error.errors : [];
    return { errors: Array.isArray(errors) ? errors : [], cause: error.cause };
  } catch {
    return { errors: [], cause: undefined }; // `errors` or `cause` is a getter that throws.
  }
}

function describePart(value: unknown, outer: readonly Error[]): string[] {
  if (!isError(value)) return [inspectSafely(value)];
  return outer.includes(value) ? [`the error above: ${header(value).split("\n", 1)[0]}`] : describe(value, outer);
}

/** `value instanceof type`; false for a proxy whose handler throws. */
export function isInstance<T>(value: unknown, type: abstract new (...args: never[]) => T): value is T {
  try {
    return value instanceof type;
  } catch {
    return false; // What its handler throws.
  }
}

function isError(value: unknown): value is Error {
  return isInstance(value, Error);
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
  if (isInstance(thrown, CellSyntaxError)) {
    const where = cellLabel(cellName(count), thrown);
    return {
      status: "error",
      ename: "SyntaxError",
      evalue: thrown.message,
      traceback: [bold(`SyntaxError: ${thrown.message}`), where, ...excerpt(source, thrown)],
    };
  }
  if (!isError(thrown)) {
    const shown = inspectSafely(thrown);
    return { status: "error", ename: "Uncaught", evalue: shown, traceback: [`${bold("Uncaught")} ${shown}`] };
  }
  const [name = "Error"] = header(thrown).split(":", 1);
  return {
    status: "error",
    ename: /^[\w.$]+$/.test(name) ? name : "Error",
    evalue: messageOf(thrown),
    traceback: describe(thrown, []),
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
