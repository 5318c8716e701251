// A MIME bundle as messages and notebook files want it: JSON types hold anything that JSON can say, all others hold a string, binary as
// base64. https://jupyter-client.readthedocs.io/en/stable/messaging.html#display-data

import type { MimeBundle } from "../session.ts";
import { textOf } from "./text.ts";

export interface Shown {
  data: MimeBundle;
  metadata: Record<string, unknown>;
}

export function isBundle(value: unknown): value is MimeBundle {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const JSON_TYPE = /^application\/(.*\+)?json$/;

function encode(type: string, value: unknown): unknown {
  if (ArrayBuffer.isView(value)) {
    return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString("base64");
  }
  if (value instanceof ArrayBuffer) return Buffer.from(value).toString("base64");
  if (JSON_TYPE.test(type)) return asJson(type, value);
  if (typeof value === "string") return value;
  // Notebook files keep text as an array of lines, so that is what copied bundles look like.
  const lines = Array.isArray(value) && value.every((line) => typeof line === "string");
  return lines ? value.join("") : textOf(value);
}

/** What JSON says of a value. Throws a TypeError that names the type for one of which it can say nothing. */
export function asJson(type: string, value: unknown): unknown {
  let json: string | undefined;
  try {
    json = JSON.stringify(value);
  } catch (error) {
    const [reason = ""] = error instanceof Error ? error.message.split("\n", 1) : [textOf(error)];
    throw new TypeError(`${type}: the value cannot be written as JSON: ${reason}`);
  }
  if (json === undefined) throw new TypeError(`${type}: JSON has no ${typeof value}`);
  return JSON.parse(json) as unknown;
}

/** What a notebook file adds to each line of text, and of JSON: quotes, an escaped end of line, its indentation. */
const TEXT_LINE = 9;
const JSON_LINE = 8;

/** Bytes that a format takes in a notebook file, which writes text as lines and JSON with a line for each value. */
export function storedSize(format: unknown): number {
  if (typeof format === "string") {
    return Buffer.byteLength(JSON.stringify(format)) + TEXT_LINE * format.split("\n").length;
  }
  const json = JSON.stringify(format, null, 1) ?? "";
  return Buffer.byteLength(json) + JSON_LINE * json.split("\n").length;
}

/** Leaves out what has no value; throws a TypeError for a JSON type whose value is none. */
export function encodeBundle(bundle: MimeBundle): MimeBundle {
  const entries = Object.entries(bundle)
    .filter(([type, value]) => value !== undefined && (value !== null || JSON_TYPE.test(type)))
    .map(([type, value]): [string, unknown] => [type, encode(type, value)]);
  return Object.fromEntries(entries);
}

/** The bundle of a value that is one, with `raw`. */
export function rawBundle(bundle: unknown, metadata: Record<string, unknown> = {}): Shown {
  if (!isBundle(bundle)) {
    throw new TypeError(`display: a raw bundle must be an object keyed by MIME type, not ${textOf(bundle)}`);
  }
  return { data: encodeBundle(bundle), metadata };
}
