// The rows of a chart as a notebook keeps them: as CSV, which takes a third of the space that a list of records takes in its file, where each
// number has a line of its own. Vega-Lite reads it in the same way (https://vega.github.io/vega-lite/docs/data.html#csv). Names that
// are long and occur often are written once.

import type { Spec } from "./chart.ts";

/** Fewer are left as they are: easier to read, and to change. */
const FEW = 24;
/** Characters of a name, on the average, from which a number takes its place; and how many of these there may be. */
const LONG = 4;
const NAMES = 200;

type Kind = "number" | "string";

/** Whether a column is numbers, or text, with gaps; null for anything else, which CSV cannot say. */
function kindOf(rows: readonly Spec[], key: string): Kind | null {
  let kind: Kind | null = null;
  for (const { [key]: value } of rows) {
    if (value === null) continue;
    const own = typeof value;
    if ((own !== "number" && own !== "string") || value === "" || (kind !== null && own !== kind)) return null;
    kind = own;
  }
  return kind;
}

function quoted(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** What stands in the place of `data` and `transform` in a view; null where the rows stay as they are. */
function packed(rows: readonly unknown[], transform: readonly unknown[]): Spec | null {
  const [first] = rows;
  if (rows.length < FEW || typeof first !== "object" || first === null) return null;
  const records = rows as readonly Spec[];
  const keys = Object.keys(first);
  const kinds = keys.map((key) => kindOf(records, key));
  // A key with a dot or a bracket is a path to vega.
  if (kinds.includes(null) || !keys.every((key) => /^\w+$/.test(key))) return null;
  if (!records.every((row) => Object.keys(row).length === keys.length && keys.every((key) => key in row))) return null;
  const parse: Record<string, Kind> = {};
  const named: Spec[] = [];
  const columns = keys.map((key, k): { title: string; written: (row: Spec) => string } => {
    const title = key;
    const written = (row: Spec): string => (row[key] === null ? "" : quoted(String(row[key])));
    const names = kinds[k] === "string" ? [...new Set(records.map((row) => row[key]))] : [];
    const length = names.reduce<number>((sum, name) => sum + String(name).length, 0);
    if (names.length === 0 || names.includes(null) || names.length > NAMES || length <= LONG * names.length) {
      parse[key] = kinds[k] as Kind;
      return { title, written };
    }
    const places = new Map(names.map((name, place) => [name, String(place)]));
    parse[`${key}_`] = "number";
    named.push({ calculate: `${JSON.stringify(names)}[datum.${key}_]`, as: key });
    return { title: `${key}_`, written: (row) => places.get(row[key]) ?? "" };
  });
  const lines = records.map((row) => columns.map(({ written }) => written(row)).join(","));
  const values = [columns.map(({ title }) => title).join(","), ...lines].join("\n");
  const steps = [...named, ...transform];
  return { data: { values, format: { type: "csv", parse } }, ...(steps.length > 0 && { transform: steps }) };
}

/** The same chart with long lists of rows, in any of its views, as CSV. */
export function withPackedRows(spec: Spec): Spec {
  const { data, transform = [] } = spec as { data?: { values?: unknown; format?: unknown }; transform?: unknown };
  const out: Spec = { ...spec };
  if (Array.isArray(data?.values) && Object.keys(data).length === 1 && Array.isArray(transform)) {
    Object.assign(out, packed(data.values, transform));
  }
  for (const key of ["layer", "hconcat", "vconcat", "concat"]) {
    const views = out[key];
    if (Array.isArray(views)) out[key] = views.map((view) => withPackedRows(view as Spec));
  }
  const { spec: inner } = out;
  if (typeof inner === "object" && inner !== null) out["spec"] = withPackedRows(inner as Spec);
  return out;
}
