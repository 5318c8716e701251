// What `console.table` shows: the rows and columns that Node's own would print, as an HTML table, and beside it Node's text.

import { Console } from "node:console";
import { Writable } from "node:stream";
import { types } from "node:util";
import type { Shown } from "./bundle.ts";
import {
  ABSENT,
  asValue,
  firstEntries,
  namesOf,
  property,
  type Row,
  type Table,
  TABLE_ROWS,
  tableHtml,
} from "./table.ts";
import { isObject } from "./bounds.ts";
import { counted, cut, TEXT_LIMIT } from "./text.ts";

/** As many of each as Node's table is made of, at most. */
const TEXT_COLUMNS = 100;
const TEXT_CELLS = 20_000;
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
function head(data: object, { rows }: Table, count: number): object {
  if (types.isMap(data)) return new Map(firstEntries(data, count));
  if (types.isSet(data)) return new Set(firstValues(data).slice(0, count));
  if (isList(data)) return Array.prototype.slice.call(data, 0, count) as unknown[];
  return Object.fromEntries(rows.slice(0, count).map(({ head: [key], value }) => [String(key), value]));
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

/** Node's own text; of a very large table, for which that would take long, of its first rows and columns, with the counts. */
function tableText(data: object, table: Table): string {
  const names = namesOf(table);
  const columns = names.length > TEXT_COLUMNS ? names.slice(0, TEXT_COLUMNS) : table.columns;
  const rows = Math.min(TABLE_ROWS, Math.ceil(TEXT_CELLS / Math.min(names.length + 1, TEXT_COLUMNS)));
  const more = [
    [table.size - rows, "rows"],
    [names.length - TEXT_COLUMNS, "columns"],
  ] as const;
  const counts = more.map(([count, unit]) => (count > 0 ? `\n… ${counted(count)} more ${unit}` : ""));
  return cut(printed(table.size > rows ? head(data, table, rows) : data, columns), TEXT_LIMIT) + counts.join("");
}

/**
 * Shows the arguments of `console.table`; null for data that it prints as `console.log` does. Throws what Node's own throws: a
 * TypeError for columns that are no array.
 */
export function consoleTableBundle(data: unknown, columns?: readonly string[]): Shown | null {
  if (!isObject(data) || typeof data === "function" || types.isProxy(data)) return null;
  if (columns !== undefined && !Array.isArray(columns)) printed([], columns);
  const table = tableOf(data, columns);
  return { data: { "text/html": tableHtml(table), "text/plain": tableText(data, table) }, metadata: {} };
}
