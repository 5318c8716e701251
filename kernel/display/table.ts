// Arrays of records and Maps as an HTML table: escaped, cut with the counts, and plain, since front ends sanitise what a notebook
// brings along: no style but the alignment, no colours but the page's. Reads properties only by their descriptors, so that no
// getter runs.

import { types } from "node:util";
import { isObject } from "./bounds.ts";
import { counted, lineOf } from "./text.ts";

/** What a table shows at most: of a value that is a cell's result, and of one that was asked to be a table. */
export const RESULT_ROWS = 100;
export const TABLE_ROWS = 1000;
const COLUMNS = 20;
const CELL_CHARACTERS = 200;
const HTML_CHARACTERS = 500_000;
/** An object with more is no record. */
const RECORD_KEYS = 1000;

/** A property that the record lacks. */
export const ABSENT = Symbol("absent");
/** A property that is computed when it is read. */
const GETTER = Symbol("getter");
/** The column of what is no record. */
const VALUES = Symbol("values");

type Column = string | typeof VALUES;

export interface Row {
  /** The cells before the columns: an index, or a Map's key. */
  head: unknown[];
  value: unknown;
}

export interface Table {
  /** The names of the columns before those of the records. */
  heads: string[];
  rows: Row[];
  /** How many rows there are in all. */
  size: number;
  /** The name of the column of what is no record. */
  valuesName?: string;
  /** Only these columns, if given. */
  columns?: readonly string[] | undefined;
}

/** Whether a value is an object that only holds properties: a literal, a row of a database, a parsed line. */
function isRecord(value: unknown): value is object {
  if (typeof value !== "object" || value === null || types.isProxy(value) || Array.isArray(value)) return false;
  const prototype = Object.getPrototypeOf(value) as object | null;
  // Another context's Object.prototype is as good.
  if (prototype !== null && (types.isProxy(prototype) || Object.getPrototypeOf(prototype) !== null)) return false;
  if (prototype !== null && !Object.hasOwn(prototype, "hasOwnProperty")) return false;
  // By symbols an object says what else it is.
  return Object.getOwnPropertySymbols(value).length === 0 && Object.keys(value).length <= RECORD_KEYS;
}

/** The table of an array whose elements are all records, as far as they are shown; null for any other. */
export function recordsTable(array: readonly unknown[], limit: number): Table | null {
  const first: unknown[] = [];
  for (let index = 0; index < Math.min(limit, array.length); index++) {
    const element = property(array, index);
    if (!isRecord(element)) return null;
    first.push(element);
  }
  if (!isMostlyFlat(first)) return null;
  return { heads: [""], rows: first.map((value, index) => ({ head: [index], value })), size: array.length };
}

/** The table of a Map: its keys, and its values or, where all are records, their properties. */
export function mapTable(map: ReadonlyMap<unknown, unknown>, limit: number): Table | null {
  if (map.size === 0) return null;
  const rows = firstEntries(map, limit).map(([key, value]): Row => ({ head: [key], value }));
  const records = rows.every(({ value }) => isRecord(value) && Object.keys(value).length > 0);
  return { heads: ["key"], valuesName: "value", rows: records ? rows : rows.map(asValue), size: map.size };
}

/** Whether at least half of what the records hold is no object of its own: nested structures are easier to read as text. */
function isMostlyFlat(records: readonly unknown[]): boolean {
  let nested = 0;
  let all = 0;
  for (const record of records) {
    for (const key of Object.keys(record as object)) {
      const value = property(record as object, key);
      all++;
      if (isObject(value) && !types.isDate(value)) nested++;
    }
  }
  return all > 0 && 2 * nested <= all;
}

/** The row with its value in a cell of its own, also a record. */
export function asValue({ head, value }: Row): Row {
  return { head, value: isObject(value) ? new Whole(value) : value };
}

/** A value that is not taken apart. */
class Whole {
  readonly value: object;

  constructor(value: object) {
    this.value = value;
  }
}

export function firstEntries(map: ReadonlyMap<unknown, unknown>, limit: number): [unknown, unknown][] {
  const entries: [unknown, unknown][] = [];
  for (const entry of Map.prototype.entries.call(map)) {
    if (entries.length === limit) break;
    entries.push(entry);
  }
  return entries;
}

export function property(object: object, key: PropertyKey): unknown {
  const found = Object.getOwnPropertyDescriptor(object, key);
  if (found === undefined) return ABSENT;
  return "value" in found ? found.value : GETTER;
}

/** The properties of a row that are columns of their own. */
function keysOf(value: unknown): readonly string[] | null {
  if (!isObject(value) || value instanceof Whole || types.isProxy(value)) return null;
  if (ArrayBuffer.isView(value) || (Array.isArray(value) && value.length > RECORD_KEYS)) {
    return Array.from({ length: Math.min((value as ArrayLike<unknown>).length, RECORD_KEYS) }, (_, index) =>
      String(index),
    );
  }
  return Object.keys(value);
}

/** Every column of the rows, in the order in which they first occur. */
function columnsOf({ rows, columns }: Table): Column[] {
  const names = new Set<string>(columns);
  let values = false;
  for (const { value } of rows) {
    const keys = keysOf(value);
    if (keys === null) values = true;
    else if (columns === undefined) for (const key of keys) names.add(key);
  }
  return values ? [...names, VALUES] : [...names];
}

/** The names of the columns that records have. */
export function namesOf(table: Table): string[] {
  return columnsOf(table).filter((column) => column !== VALUES);
}

const ENTITIES: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}

function cellText(value: unknown): string {
  if (value === ABSENT || value === undefined) return "";
  if (value === GETTER) return "[Getter]";
  return escapeHtml(lineOf(value instanceof Whole ? value.value : value, CELL_CHARACTERS));
}

function valueAt({ value }: Row, column: Column): unknown {
  const keys = keysOf(value);
  if (column === VALUES) return keys === null ? value : ABSENT;
  return keys === null ? ABSENT : property(value as object, column);
}

/** Front ends align cells to different sides; numbers belong to the right, so that their digits stand below each other. */
function sideOf(column: Column, rows: readonly Row[]): "left" | "right" {
  let side: "left" | "right" = "left";
  for (const row of rows) {
    const value = valueAt(row, column);
    if (typeof value === "number" || typeof value === "bigint") side = "right";
    else if (value !== ABSENT && value !== undefined && value !== null) return "left";
  }
  return side;
}

function cell(tag: string, side: string, value: unknown): string {
  const [name = ""] = tag.split(" ", 1);
  return `<${tag} style="text-align: ${side}">${cellText(value)}</${name}>`;
}

/** "1,000 of 12,345 rows, 20 of 40 columns", or nothing when all are shown. */
function caption(rows: number, { size }: Table, columns: number, allColumns: number): string {
  if (rows === size && columns === allColumns) return "";
  const part = (shown: number, all: number, unit: string) =>
    `${shown === all ? "" : `${counted(shown)} of `}${counted(all)} ${unit}${all === 1 ? "" : "s"}`;
  return `<caption style="text-align: left">${part(rows, size, "row")}, ${part(columns, allColumns, "column")}</caption>`;
}

export function tableHtml(table: Table): string {
  const all = columnsOf(table);
  const columns = all
    .slice(0, COLUMNS)
    .map((column): { column: Column; side: string } => ({ column, side: sideOf(column, table.rows) }));
  const head = [
    // A header without text confuses screen readers.
    ...table.heads.map((name) => (name === "" ? "<td></td>" : cell('th scope="col"', "left", name))),
    ...columns.map(({ column, side }) =>
      cell('th scope="col"', side, column === VALUES ? (table.valuesName ?? "Values") : column),
    ),
  ].join("");
  const rows: string[] = [];
  let characters = 0;
  for (const row of table.rows) {
    const heads = row.head.map((name) => cell('th scope="row"', "left", name));
    const cells = columns.map(({ column, side }) => cell("td", side, valueAt(row, column)));
    const html = `<tr>${[...heads, ...cells].join("")}</tr>`;
    characters += html.length;
    if (characters > HTML_CHARACTERS && rows.length > 0) break;
    rows.push(html);
  }
  const counts = caption(rows.length, table, columns.length, all.length);
  return `<table>${counts}<thead><tr>${head}</tr></thead><tbody>\n${rows.join("\n")}\n</tbody></table>`;
}
