// The specification of a chart, known by its `$schema`, and as the plain JSON that front ends and vega expect: users put typed
// arrays, Maps, Sets, Dates, NaN and bigints into their data.

export type ChartLanguage = "vega" | "vega-lite";

export type PlainObject = Record<string, unknown>;

const SCHEMA = /^https?:\/\/vega\.github\.io\/schema\/(vega|vega-lite)\/v(\d+)[^/]*\.json$/;

/** As many values as a chart may hold; a chart of more is neither drawn nor looked at in reasonable time. */
const VALUE_LIMIT = 2_000_000;

export function isObject(value: unknown): value is PlainObject {
  return typeof value === "object" && value !== null;
}

/** What a `$schema` says; null when it is none of vega's. */
export function languageOf($schema: unknown): ChartLanguage | null {
  const [, language] = typeof $schema === "string" ? (SCHEMA.exec($schema) ?? []) : [];
  return (language ?? null) as ChartLanguage | null;
}

/** The schema of major version 5, which is the one that JupyterLab and VS Code draw; a `$schema` that names it already is kept. */
export function schemaOfVersion5(language: ChartLanguage, $schema: unknown): string {
  const [, , major] = typeof $schema === "string" ? (SCHEMA.exec($schema) ?? []) : [];
  return major === "5" ? String($schema) : `https://vega.github.io/schema/${language}/v5.json`;
}

/** The specification that an object is or makes, as the builders of vega-lite-api do; null when it is no chart. */
export function specificationOf(value: object): object | null {
  const { $schema, toSpec } = value as { $schema?: unknown; toSpec?: unknown };
  if (languageOf($schema) !== null) return value;
  if (typeof toSpec !== "function") return null;
  const made: unknown = Reflect.apply(toSpec, value, []);
  return isObject(made) && languageOf(made["$schema"]) !== null ? made : null;
}

function isIterable(value: object): value is Iterable<unknown> {
  return typeof (value as Partial<Iterable<unknown>>)[Symbol.iterator] === "function";
}

/** What JSON writes as `null`. */
function isNothing(row: unknown): boolean {
  return row === null || row === undefined || (typeof row === "number" && !Number.isFinite(row));
}

/** Vega wraps rows that are numbers or texts like this, and fails for those that are null. */
function asRow(row: unknown): unknown {
  return isNothing(row) ? { data: null } : row;
}

/**
 * A specification as JSON text: iterables become arrays, Maps objects (or records of key and value where rows are expected), numbers
 * that are none `null`. Dates become ISO text, or in vega, which does not parse them, milliseconds. Throws a RangeError for more
 * than two million values, and a TypeError for cycles.
 */
export function plainJson(spec: object, language: ChartLanguage): string {
  let values = 0;
  const count = (): void => {
    if (++values > VALUE_LIMIT) {
      const limit = VALUE_LIMIT.toLocaleString("en");
      throw new RangeError(`its data hold more than ${limit} values; aggregate them first, or take a sample`);
    }
  };
  const list = (items: Iterable<unknown>): unknown[] => {
    const array: unknown[] = [];
    for (const item of items) {
      count();
      array.push(item);
    }
    return array;
  };
  return JSON.stringify(spec, function (this: PlainObject, key: string, value: unknown): unknown {
    count();
    if (typeof value === "bigint") return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
    if (!isObject(value)) {
      // JSON.stringify calls `toJSON` before it asks here.
      const original = typeof value === "string" ? this[key] : undefined;
      return language === "vega" && original instanceof Date ? original.getTime() : value;
    }
    if (value instanceof Map) {
      const entries = [...(value as Map<unknown, unknown>)];
      return key === "values" ? entries.map(([key, value]) => ({ key, value })) : Object.fromEntries(entries);
    }
    const items = Array.isArray(value) ? value : isIterable(value) ? list(value) : value;
    return key === "values" && Array.isArray(items) && items.some(isNothing) ? items.map(asRow) : items;
  });
}
