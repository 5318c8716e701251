// A value as Jupyter shows it: by its own representation where it has one (`Symbol.for("Jupyter.display")`, the convention of the Deno
// kernel), by the shape of a library's object, as a chart that it specifies, by its kind, else as text. Whatever a user's object does
// while it is asked, the cell goes on. A Proxy is asked for nothing but its own representation, and that only if it says it has one.

import { types } from "node:util";
import { encodeBundle, isBundle, type Shown } from "./bundle.ts";
import { chartBundle } from "./chart.ts";
import { completed } from "./complete.ts";
import { kindBundle } from "./kinds.ts";
import { frameBundle, shapeBundle } from "./shapes.ts";
import { isObject } from "./bounds.ts";
import { textOf } from "./text.ts";

export const DISPLAY = Symbol.for("Jupyter.display");

type Method = (...args: never[]) => unknown;

function asText(value: unknown, note?: string): Shown {
  const text = textOf(value);
  return { data: { "text/plain": note === undefined ? text : `${text}\n[${note}]` }, metadata: {} };
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : textOf(error);
}

function displayMethod(value: object): Method | null {
  if (types.isProxy(value) && !(DISPLAY in value)) return null;
  const method = (value as Record<symbol, unknown>)[DISPLAY];
  return typeof method === "function" ? (method as Method) : null;
}

/** By the object's own method. */
function ownBundle(value: object, method: Method): Shown | Promise<Shown> {
  const checked = (bundle: unknown): Shown | Promise<Shown> => {
    if (!isBundle(bundle)) throw new TypeError("it did not return an object keyed by MIME type");
    const data = encodeBundle(bundle);
    return completed({ data: "text/plain" in data ? data : { ...data, "text/plain": textOf(value) }, metadata: {} });
  };
  const bundle: unknown = Reflect.apply(method, value, []);
  const isThenable = isObject(bundle) && "then" in bundle && typeof bundle.then === "function";
  return isThenable ? Promise.resolve(bundle).then(checked) : checked(bundle);
}

/** By the first of the ways that fits. */
function richBundle(value: object, method: Method | null): Shown | Promise<Shown> | null {
  if (method !== null) return frameBundle(value) ?? ownBundle(value, method);
  if (types.isProxy(value) || typeof value === "function") return null;
  const own = kindBundle(value);
  if (own !== null) return own;
  return chartBundle(value) ?? shapeBundle(value) ?? frameBundle(value);
}

/** Shows any value; a promise only where the value takes time to show itself. Never throws or rejects. */
export function bundleOf(value: unknown): Shown | Promise<Shown> {
  if (!isObject(value)) return asText(value);
  let method: Method | null = null;
  const failed = (error: unknown): Shown =>
    asText(
      value,
      `${method === null ? "it cannot be shown otherwise" : "its Jupyter.display method failed"}: ${reasonOf(error)}`,
    );
  try {
    method = displayMethod(value);
    const shown = richBundle(value, method) ?? asText(value);
    return shown instanceof Promise ? shown.catch(failed) : shown;
  } catch (error) {
    return failed(error);
  }
}
