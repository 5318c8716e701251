// A value as text, as Node's console shows it, in colours that can be read on light and on dark pages. What would be
// too much is shown less deep (bounds.ts), cut, and counted.

import { inspect, types } from "node:util";
import { boundsOf, fits, isObject, isOpaque, MAX_ARRAY_LENGTH } from "./bounds.ts";

/** The most text that one value shows; the rest is counted. */
export const TEXT_LIMIT = 400_000;
/** The most properties of one object, and the longest array with holes, that are shown as they are. */
const PROPERTY_LIMIT = 1000;
const HOLE_LIMIT = 100_000;

/**
 * For each colour of `inspect` one of the same hue with a contrast of 4.3 to 1 both to white and to JupyterLab's dark pages (#111);
 * more than 4.35 to both has no colour. What front ends make of the basic colours has as little as 2 to 1 on white.
 */
export const COLOURS: ReadonlyMap<string, readonly [red: number, green: number, blue: number]> = new Map([
  ["31", [210, 74, 74]],
  ["32", [0, 141, 24]],
  ["33", [177, 104, 0]],
  ["34", [67, 111, 245]],
  ["35", [204, 53, 192]],
  ["36", [0, 133, 159]],
  ["90", [121, 121, 121]],
]);

// Afterwards, since `inspect` breaks lines as if longer sequences were text.
function readable(text: string): string {
  return text.replace(/\u001b\[(3[1-6]|90)m/g, (_, code: string) => `\u001b[38;2;${COLOURS.get(code)?.join(";")}m`);
}

/** A number as messages say it: `12,345`. */
export function counted(count: number): string {
  return count.toLocaleString("en-US");
}

/** Shown as it is, without quotes. */
function note(text: string): object {
  return { [inspect.custom]: () => text };
}

/** Does `inspect` list each index because of a hole among the first elements? */
function hasHole(array: readonly unknown[]): boolean {
  for (let index = 0; index < MAX_ARRAY_LENGTH; index++) if (!(index in array)) return true;
  return false;
}

/** The value; or one with its first properties, and the count of the rest, of an object that has very many. */
function abridged(value: object): unknown {
  if (types.isStringObject(value)) {
    const text = String.prototype.valueOf.call(value);
    return text.length > PROPERTY_LIMIT ? text : value;
  }
  if (isOpaque(value)) return value;
  if (Array.isArray(value)) {
    if (value.length <= HOLE_LIMIT || !hasHole(value)) return value;
    const rest = note(`${counted(value.length - MAX_ARRAY_LENGTH)} more items`);
    return Object.assign(Array.prototype.slice.call(value, 0, MAX_ARRAY_LENGTH), { "…": rest });
  }
  if (types.isMap(value) || types.isSet(value)) return value;
  const keys = Object.keys(value);
  if (keys.length <= PROPERTY_LIMIT) return value;
  const copy = Object.create(Object.getPrototypeOf(value) as object | null) as object;
  for (const key of keys.slice(0, PROPERTY_LIMIT)) {
    Object.defineProperty(copy, key, Object.getOwnPropertyDescriptor(value, key) ?? {});
  }
  const rest = note(`${counted(keys.length - PROPERTY_LIMIT)} more properties`);
  return Object.defineProperty(copy, "…", { value: rest, enumerable: true });
}

/** Cuts between characters and outside of escape sequences. */
export function cut(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const start = text.slice(0, limit).replace(/(\u001b(\[[\d;]*)?|[\ud800-\udbff])$/, "");
  const reset = text.includes("\u001b[") ? "\u001b[0m" : "";
  return `${start}${reset}… ${counted(text.length - start.length)} more characters`;
}

function uninspectable(value: unknown, error: unknown): string {
  let reason = "its inspection throws";
  try {
    if (error instanceof Error) reason = error.message;
  } catch {
    // The message is a getter that throws as well.
  }
  return `[${typeof value} that cannot be inspected: ${reason}]`;
}

/**
 * Text of a value as Node's console shows it; never throws. Objects are coloured, unless the environment has `NO_COLOR`; a
 * single number or string is not, since programs that run notebooks read it.
 */
export function textOf(value: unknown): string {
  try {
    const shown = isObject(value) ? abridged(value) : value;
    const colors = isObject(value) && (process.env["NO_COLOR"] ?? "") === "";
    const text = inspect(shown, { ...boundsOf(shown), maxArrayLength: MAX_ARRAY_LENGTH, breakLength: 100, colors });
    return cut(colors ? readable(text) : text, TEXT_LIMIT);
  } catch (error) {
    return uninspectable(value, error);
  }
}

/** A value in one line of at most about `limit` characters, without colours; a string without its quotes. Never throws. */
export function lineOf(value: unknown, limit: number): string {
  try {
    if (typeof value === "string") return cutLine(value, limit);
    const bounds = { depth: 1, maxStringLength: limit };
    const depth = fits(value, bounds, 10 * limit) ? 1 : -1;
    const text = inspect(value, { ...bounds, depth, maxArrayLength: 10, breakLength: Infinity, compact: true });
    return cutLine(types.isNativeError(value) ? text.replace(/\n {4}at [^]*/, "") : text, limit);
  } catch (error) {
    return uninspectable(value, error);
  }
}

function cutLine(text: string, limit: number): string {
  const line = text.length <= limit ? text : `${text.slice(0, limit).replace(/[\ud800-\udbff]$/, "")}…`;
  return line.replace(/\s*\n\s*/g, " ");
}
