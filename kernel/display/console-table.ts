// What `console.table` shows: the rows and columns that Node's own would print, as an HTML table, and beside it Node's text.

import { Console } from "node:console";
import { Writable } from "node:stream";
import { types } from "node:util";
import type { Shown } from "./bundle.ts";
import { ABSENT, asValue, firstEntries, property, type Row, type Table, TABLE_ROWS, tableHtml } from "./table.ts";
import { counted, cut, isObject, TEXT_LIMIT } from "./text.ts";

const ITERATION = "(iteration index)";

function isList(data: object): data is ArrayLike<unknown> {
  return Array.isArray(data) || (ArrayBuffer.isView(data) && !types.isDataView(data));
}

function firstValues(set: ReadonlySet<unknown>): unknown[] {
  const values: unknown[] = [];
  for (const value of Set.prototype.values.call(set)) {
    if (values.length === TABLE_ROWS) break;
    values.push(value);
  }
  return values;
}

function tableOf(data: object, columns: readonly string[] | undefined): Table {
  if (types.isMap(data)) {
    const rows = firstEntries(data, TABLE_ROWS).map(([key, value], index) => asValue({ head: [index, key], value }));
    return { heads: [ITERATION, "Key"], rows, size: data.size };
  }
  if (types.isSet(data)) {
    const rows = firstValues(data).map((value, index) => asValue({ head: [index], value }));
    return { heads: [ITERATION], rows, size: data.size };
  }
  const row = (key: PropertyKey): Row => ({ head: [key], value: property(data, key) });
  if (isList(data)) {
    const indices = Array.from({ length: Math.min(data.length, TABLE_ROWS) }, (_, index) => index);
    const rows = indices.map(row).filter(({ value }) => value !== ABSENT);
    const holes = indices.length - rows.length;
    return { heads: ["(index)"], rows, size: data.length - holes, columns };
  }
  const keys = Object.keys(data);
  return { heads: ["(index)"], rows: keys.slice(0, TABLE_ROWS).map(row), size: keys.length, columns };
}

/** The first rows of the argument, as an argument. */
function head(data: object, { rows, size }: Table): object {
  if (size <= TABLE_ROWS) return data;
  if (types.isMap(data)) return new Map(firstEntries(data, TABLE_ROWS));
  if (types.isSet(data)) return new Set(firstValues(data));
  if (isList(data)) return Array.prototype.slice.call(data, 0, TABLE_ROWS) as unknown[];
  return Object.fromEntries(rows.map(({ head: [key], value }) => [String(key), value]));
}

function printed(data: unknown, columns: readonly string[] | undefined): string {
  let text = "";
  const stdout = new Writable({
    decodeStrings: false,
    write: (chunk: string, _encoding, done) => {
      text += chunk;
      done();
    },
  });
  new Console({ stdout, colorMode: false }).table(data, columns);
  return text.replace(/\n$/, "");
}

/**
 * Shows the arguments of `console.table`; null for data that it prints as `console.log` does. Throws what Node's own throws: a
 * TypeError for columns that are no array.
 */
export function consoleTableBundle(data: unknown, columns?: readonly string[]): Shown | null {
  if (!isObject(data) || typeof data === "function" || types.isProxy(data)) return null;
  const table = tableOf(data, columns);
  const more = table.size - TABLE_ROWS;
  const text = printed(head(data, table), columns) + (more > 0 ? `\n… ${counted(more)} more rows` : "");
  return { data: { "text/html": tableHtml(table), "text/plain": cut(text, TEXT_LIMIT) }, metadata: {} };
}
