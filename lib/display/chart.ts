// A chart as a bundle: its vega-lite specification, which the kernel completes with an SVG and a PNG, and a text that says the same. Any
// specification may hold tensors.

import { concrete, isTensor, type Tensor } from "../trace.ts";
import { flatValues } from "../create.ts";
import { type Bundle, bundle, CHARACTERS, clip, countOf, DISPLAY, type Displayed, ordinal } from "./bundle.ts";
import { withPackedRows } from "./rows.ts";
import { BASE, VEGA_LITE } from "./theme.ts";

/** A specification of vega-lite: https://vega.github.io/vega-lite/docs/spec.html. */
export type Spec = Record<string, unknown>;

/** What is to be drawn, and said of it. */
export interface Drawing {
  readonly spec: Spec;
  readonly text: string;
}

/** Significant digits of the numbers in a chart: more than a screen has pixels. */
const DIGITS = 6;

/** A number as a chart takes it: none that JSON has no word for. */
export function rounded(x: number): number | null {
  if (Number.isInteger(x) && Math.abs(x) < 10 ** DIGITS) return x;
  return Number.isFinite(x) ? Number(x.toPrecision(DIGITS)) : null;
}

/** The bundle of a drawing; its text alone, with the reason, where it cannot be drawn. */
export function chartBundle(text: () => string, spec: () => Spec): Bundle {
  return bundle(text, () => {
    const made = withPackedRows(spec());
    const size = JSON.stringify(made).length;
    // The pictures come on top.
    if (size > CHARACTERS) throw new RangeError(`its data take ${Math.ceil(size / 1000)} kB; take a sample of them`);
    return { [VEGA_LITE]: made };
  });
}

/** A chart that shows itself when it ends a cell, or by `display`. */
export class Chart implements Displayed {
  readonly #draw: () => Drawing;

  /** @internal */
  constructor(draw: () => Drawing) {
    this.#draw = draw;
  }

  /** Its vega-lite specification, to change and to show: `display(chart.spec)`. */
  get spec(): Spec {
    return this.#draw().spec;
  }

  /** What it shows, in words. */
  toString(): string {
    return this.#draw().text;
  }

  [DISPLAY](): Bundle {
    let drawn: Drawing | undefined;
    const draw = (): Drawing => (drawn ??= this.#draw());
    return chartBundle(
      () => draw().text,
      () => draw().spec,
    );
  }
}

/** Nested arrays of a tensor's elements. */
function nested(x: Tensor): unknown {
  const value = concrete("vegaLite", x);
  const flat = flatValues(value);
  let at = 0;
  const build = (axis: number): unknown => {
    if (axis === x.shape.length) return rounded(flat[at++] as number);
    return Array.from({ length: x.shape[axis] as number }, () => build(axis + 1));
  };
  return build(0);
}

/** The same with arrays in the place of tensors, and null in that of numbers that are none. */
function plain(value: unknown): unknown {
  if (typeof value === "number") return Number.isFinite(value) ? value : null;
  if (typeof value === "bigint") return Number(value);
  if (typeof value !== "object" || value === null || value instanceof Date) return value;
  if (isTensor(value)) return nested(value);
  if (ArrayBuffer.isView(value)) return Array.from(value as unknown as ArrayLike<number>, plain);
  if (Array.isArray(value)) return value.map(plain);
  return Object.fromEntries(Object.entries(value).map(([key, child]): [string, unknown] => [key, plain(child)]));
}

/** Values of one column of a chart's data. */
export type Column = Tensor | ArrayLike<number> | ArrayLike<string> | ArrayLike<boolean>;

function columnOf(name: string, column: Column): unknown[] {
  if (isTensor(column)) {
    if (column.shape.length !== 1) {
      const shape = `[${column.shape.join(", ")}]`;
      throw new RangeError(
        `vegaLite: the column ${name} has shape ${shape}; pass x.flatten(), or one column at a time`,
      );
    }
    return nested(column) as unknown[];
  }
  return Array.from(column as ArrayLike<unknown>, plain);
}

function rowsOf(columns: Readonly<Record<string, Column>>): Spec[] {
  const entries = Object.entries(columns).map(([name, column]): [string, unknown[]] => [name, columnOf(name, column)]);
  const lengths = new Set(entries.map(([, column]) => column.length));
  if (lengths.size > 1) {
    const sizes = entries.map(([name, column]) => `${name} ${column.length}`).join(", ");
    throw new RangeError(`vegaLite: the columns differ in length: ${sizes}`);
  }
  const [length = 0] = lengths;
  return Array.from({ length }, (_, k) => Object.fromEntries(entries.map(([name, column]) => [name, column[k]])));
}

/** Characters of the rows of a chart that the user specifies: what is left of a bundle is for the pictures. */
const ROWS = 90_000;

/** Every so many rows, where a chart draws each and there are more than it can hold. What adds up rows gets them all. */
function sampled(rows: readonly Spec[], spec: Spec): { rows: readonly Spec[]; every: number; of: number } {
  const size = (rows.length / 100) * JSON.stringify(withPackedRows({ data: { values: rows.slice(0, 100) } })).length;
  const addsUp = /"(?:aggregate|bin|stack|transform|impute|timeUnit)":(?!null|false)|"(?:bar|area|boxplot|errorbar|errorband)"/.test(JSON.stringify(spec)); // prettier-ignore
  const every = addsUp ? 1 : Math.max(1, Math.ceil(size / ROWS));
  return { rows: every === 1 ? rows : rows.filter((_, k) => k % every === 0), every, of: rows.length };
}

/** A title, or none, with a line below it. */
function withNote(title: unknown, note: string): Spec {
  if (typeof title === "object" && title !== null && !Array.isArray(title)) {
    const { subtitle } = title as Spec;
    const before = Array.isArray(subtitle) ? (subtitle as unknown[]) : subtitle === undefined ? [] : [subtitle];
    return { ...title, subtitle: [...before, note] };
  }
  return { text: title ?? "", subtitle: note };
}

/**
 * A chart by its vega-lite specification, in which tensors and typed arrays may stand for arrays. `data` are its rows as columns of
 * equal length, by name; of more than a notebook can hold every so many are drawn, unless the chart adds them up. NaN and infinities become gaps. `$schema`, colours that are readable in light and dark themes and a
 * transparent ground are added where the specification has none.
 *
 * @throws RangeError for columns of different lengths, or that are no vectors.
 * @example
 * vegaLite(
 *   { mark: "point", encoding: { x: { field: "x", type: "quantitative" }, y: { field: "y", type: "quantitative" } } },
 *   { data: { x: linspace(0, 1, 20), y: rand([20]) } },
 * );
 */
export function vegaLite(spec: Spec, { data }: { readonly data?: Readonly<Record<string, Column>> } = {}): Chart {
  const given = plain(spec) as Spec;
  const all = data === undefined ? null : rowsOf(data);
  const sample = all === null ? null : sampled(all, given);
  const config = { ...BASE.config, ...(given["config"] as object | undefined) };
  const made: Spec = { ...BASE, ...given, config, ...(sample !== null && { data: { values: sample.rows } }) };
  if (sample !== null && sample.every > 1)
    made["title"] = withNote(made["title"], `every ${ordinal(sample.every)} of ${countOf(sample.of, "row")}`);
  const { title, description }: Spec = given;
  const named = [description, title].find((text) => typeof text === "string");
  const rows = all ?? (made["data"] as { values?: unknown[] } | undefined)?.values;
  const thinned = sample !== null && sample.every > 1 ? `, of which every ${ordinal(sample.every)} is drawn` : "";
  const size = Array.isArray(rows) ? `, ${rows.length} rows${thinned}` : "";
  const text = `[chart${typeof named === "string" ? `: ${clip(named, 300)}` : ""}${size}]`;
  return new Chart(() => ({ spec: made, text }));
}
