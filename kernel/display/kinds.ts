// Values of JavaScript's own kinds of which plain text would say too little or too much: pictures, tables, links, dates, promises.

import { inspect, types } from "node:util";
import type { Shown } from "./bundle.ts";
import { imageOf } from "./image.ts";
import { escapeHtml, mapTable, recordsTable, RESULT_ROWS, tableHtml, type Table } from "./table.ts";
import { textOf } from "./text.ts";

/** Schemes that a link may have: none that runs code or carries its content along. */
const LINKED: ReadonlySet<string> = new Set(["http:", "https:", "ftp:", "mailto:"]);
const LINK_CHARACTERS = 2000;

function urlBundle(url: URL): Shown {
  const { href, protocol } = url;
  const data = { "text/plain": href };
  if (!LINKED.has(protocol) || href.length > LINK_CHARACTERS)
    return { data: { "text/plain": textOf(href) }, metadata: {} };
  const link = escapeHtml(href);
  return {
    data: { "text/html": `<a href="${link}" target="_blank" rel="noopener">${link}</a>`, ...data },
    metadata: {},
  };
}

/** ISO, and what it is where the kernel runs. */
function dateText(date: Date): string | null {
  const time = Date.prototype.getTime.call(date);
  if (Number.isNaN(time) || Object.getPrototypeOf(date) !== Date.prototype || Object.keys(date).length > 0) return null;
  const plain = new Date(time);
  return plain.getTimezoneOffset() === 0 ? null : `${textOf(plain)} (${plain.toString()})`;
}

/** Whether the promise, which inspection does not change, has not been settled. */
function isPending(promise: Promise<unknown>): boolean {
  return /^(\u001b\[[\d;]*m)?Promise \{\s*(\u001b\[[\d;]*m)?<pending>/.test(textOf(promise));
}

/** What `setTimeout` returns is often the last value of a cell, and holds nothing but the bookkeeping of Node. */
function isTimer(value: object): boolean {
  return Object.hasOwn(value, "_onTimeout") || Object.hasOwn(value, "_onImmediate");
}

/** A table, with the whole value as text. */
function withTable(value: unknown, table: Table | null): Shown | null {
  return table && { data: { "text/html": tableHtml(table), "text/plain": textOf(value) }, metadata: {} };
}

function plain(text: string): Shown {
  return { data: { "text/plain": text }, metadata: {} };
}

/** The value by its kind; null for all others, which are text. Runs none of the value's own code. */
export function kindBundle(value: object): Shown | Promise<Shown> | null {
  if (Array.isArray(value)) return withTable(value, recordsTable(value, RESULT_ROWS));
  if (types.isMap(value)) {
    return Object.getPrototypeOf(value) === Map.prototype ? withTable(value, mapTable(value, RESULT_ROWS)) : null;
  }
  if (ArrayBuffer.isView(value) || types.isAnyArrayBuffer(value)) return imageOf(value);
  if (types.isDate(value)) {
    const text = dateText(value);
    return text === null ? null : plain(text);
  }
  if (types.isPromise(value)) {
    return isPending(value) ? plain(`${textOf(value)}\n[await it to see its value]`) : null;
  }
  if (isTimer(value)) return plain(inspect(value, { depth: -1, customInspect: false }));
  if (value instanceof URL && Object.getPrototypeOf(value) === URL.prototype) return urlBundle(value);
  if (value instanceof Blob && value.type.startsWith("image/")) {
    return value.arrayBuffer().then((bytes) => imageOf(bytes) ?? plain(textOf(value)));
  }
  return null;
}
