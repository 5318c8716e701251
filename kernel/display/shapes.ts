// Objects of libraries that say by their methods what they are, as the Deno kernel recognises them: a canvas (`toDataURL`), a chart's
// builder (`toSpec`), a data frame (`schema`, `head`, `toRecords`), an element (`outerHTML`). Whatever
// their methods throw is thrown.

import type { Shown } from "./bundle.ts";
import { recordsTable, RESULT_ROWS, type Table, tableHtml } from "./table.ts";
import { textOf } from "./text.ts";

type Method = (...args: unknown[]) => unknown;

function methodOf(value: object, name: string): Method | null {
  const method = (value as Record<string, unknown>)[name];
  return typeof method === "function" ? (...args) => Reflect.apply(method, value, args) as unknown : null;
}

function dataUrlBundle(url: unknown, value: object): Shown {
  const [, type, data] = /^data:([\w.+-]+\/[\w.+-]+)[^,]*;base64,([^]*)$/.exec(String(url)) ?? [];
  if (type === undefined || data === undefined) throw new TypeError("toDataURL: not a data URL in base64");
  return { data: { [type]: data, "text/plain": textOf(value) }, metadata: {} };
}

/** The first rows of a data frame, since its own representation may have millions; null for other objects. */
export function frameBundle(value: object): Shown | null {
  const { schema } = value as { schema?: unknown };
  if (typeof schema !== "object" || schema === null) return null;
  const head = methodOf(value, "head");
  if (head === null || methodOf(value, "toRecords") === null) return null;
  const records = methodOf(Object(head(RESULT_ROWS)) as object, "toRecords")?.();
  const table = Array.isArray(records) ? recordsTable(records, RESULT_ROWS) : null;
  const { height } = value as { height?: unknown };
  const columns = Object.keys(schema);
  const whole: Table = {
    heads: [""],
    rows: table?.rows ?? [],
    size: typeof height === "number" ? height : (table?.size ?? 0),
    columns: columns.length > 0 ? columns : undefined,
  };
  return { data: { "text/html": tableHtml(whole), "text/plain": textOf(value) }, metadata: {} };
}

export function shapeBundle(value: object): Shown | Promise<Shown> | null {
  const toDataURL = methodOf(value, "toDataURL");
  if (toDataURL !== null) {
    const url = toDataURL();
    return url instanceof Promise ? url.then((text) => dataUrlBundle(text, value)) : dataUrlBundle(url, value);
  }
  const { outerHTML } = value as { outerHTML?: unknown };
  if (typeof outerHTML !== "string") return null;
  const type = /^\s*<svg[\s>/]/.test(outerHTML) ? "image/svg+xml" : "text/html";
  return { data: { [type]: outerHTML, "text/plain": textOf(value) }, metadata: {} };
}
