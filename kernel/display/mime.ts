// A value as Jupyter shows it: the object's own representation where it has one (`Symbol.for("Jupyter.display")`, the convention
// of the Deno kernel), else text. Whatever a user's object does while it is asked, the cell goes on.

import { inspect } from "node:util";
import type { MimeBundle } from "../session.ts";

export const DISPLAY = Symbol.for("Jupyter.display");

/** The most text that one value shows; the rest is counted. */
const TEXT_LIMIT = 1_000_000;

export interface Shown {
  data: MimeBundle;
  metadata: Record<string, unknown>;
}

/** Text of a value as Node's console shows it; never throws. */
export function textOf(value: unknown): string {
  let text: string;
  try {
    text = inspect(value, { depth: 4, maxArrayLength: 100, maxStringLength: 100_000, breakLength: 100 });
  } catch (error) {
    text = `[${typeof value} that cannot be inspected: ${error instanceof Error ? error.message : "its inspection throws"}]`;
  }
  return text.length <= TEXT_LIMIT ? text : `${text.slice(0, TEXT_LIMIT)}… ${text.length - TEXT_LIMIT} more characters`;
}

function isBundle(value: unknown): value is MimeBundle {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const JSON_TYPE = /^application\/(.*\+)?json$/;

/** As messages and notebooks want it: JSON types hold anything, all others a string; binary becomes base64. */
function encodeBundle(bundle: MimeBundle): MimeBundle {
  const entries = Object.entries(bundle)
    .filter(([type, value]) => value !== undefined && (value !== null || JSON_TYPE.test(type)))
    .map(([type, value]): [string, unknown] => {
      if (ArrayBuffer.isView(value)) {
        return [type, Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString("base64")];
      }
      if (value instanceof ArrayBuffer) return [type, Buffer.from(value).toString("base64")];
      if (JSON_TYPE.test(type) || typeof value === "string") return [type, value];
      // Notebook files keep text as an array of lines, so that is what copied bundles look like.
      const lines = Array.isArray(value) && value.every((line) => typeof line === "string");
      return [type, lines ? value.join("") : textOf(value)];
    });
  return Object.fromEntries(entries);
}

export function rawBundle(bundle: unknown): Shown {
  if (!isBundle(bundle)) {
    throw new TypeError(`display: a raw bundle must be an object keyed by MIME type, not ${textOf(bundle)}`);
  }
  return { data: encodeBundle(bundle), metadata: {} };
}

/** Shows any value; a promise only where the object's own method returns one. */
export function bundleOf(value: unknown): Shown | Promise<Shown> {
  const fallback = (reason: string): Shown => ({
    data: { "text/plain": `${textOf(value)}\n[its Jupyter.display method ${reason}]` },
    metadata: {},
  });
  const checked = (bundle: unknown): Shown => {
    if (!isBundle(bundle)) return fallback("did not return an object keyed by MIME type");
    const data = encodeBundle(bundle);
    return { data: "text/plain" in data ? data : { ...data, "text/plain": textOf(value) }, metadata: {} };
  };
  const failed = (error: unknown): Shown =>
    fallback(`failed: ${error instanceof Error ? `${error.name}: ${error.message}` : textOf(error)}`);
  try {
    const method =
      (typeof value === "object" || typeof value === "function") && value !== null
        ? (value as Record<symbol, unknown>)[DISPLAY]
        : undefined;
    if (typeof method !== "function") return { data: { "text/plain": textOf(value) }, metadata: {} };
    const bundle: unknown = Reflect.apply(method, value, []);
    return bundle instanceof Promise ? bundle.then(checked, failed) : checked(bundle);
  } catch (error) {
    return failed(error);
  }
}
