// Every gradient in one table: how large it is beside its parameter, how it is distributed, and in plain words what is wrong with it. The
// numbers are those of the moment of the call.

import { elementReader } from "../elements.ts";
import { type Shape, sameShape, show, sizeOf } from "../shape.ts";
import { concrete, type Tensor } from "../trace.ts";
import {
  bundle,
  type Bundle,
  clip,
  countOf,
  counted,
  DISPLAY,
  Display,
  escapeHtml,
  fitting,
  number,
} from "./bundle.ts";
import { type Named, namedTensors } from "./named.ts";
import { bars, histogram, type Statistics, statistics } from "./statistics.ts";
import { type Column, type Table, tableHtml, tableText } from "./table.ts";
import { heatCell, placeOf } from "./tensor.ts";

/** How {@link gradients} judges and shows. */
export interface GradientOptions {
  /** Gradients by the names of the parameters, as `grad` gives them; the parameters' own `.grad` unless given. */
  readonly grads?: Named;
  /** Below this ‖∇‖/‖w‖ a gradient vanishes; 1e-6. */
  readonly vanishing?: number;
  /** Above this ‖∇‖/‖w‖ it explodes; 1000. */
  readonly exploding?: number;
  /** Parameters of at most so many elements can be expanded to every entry; 64. */
  readonly entries?: number;
}

/** What the table says of one parameter. */
export interface GradientRow {
  readonly name: string;
  readonly shape: Shape;
  /** ‖w‖, the Euclidean norm of the parameter. */
  readonly norm: number;
  /** ‖∇‖, the Euclidean norm of its gradient; null without one, as ratio, min, max and mean. */
  readonly gradNorm: number | null;
  readonly ratio: number | null;
  readonly min: number | null;
  readonly max: number | null;
  readonly mean: number | null;
  /** The distribution of the gradient's entries from min to max. */
  readonly histogram: readonly number[];
  /** "ok", or what is wrong. */
  readonly flag: string;
  /** Value and gradient of every entry, of small parameters. */
  readonly entries: readonly { readonly place: readonly number[]; readonly value: number; readonly grad: number }[];
}

const BINS = 12;
const ROWS = 150;
const NO_NUMBERS = { gradNorm: null, ratio: null, min: null, max: null, mean: null } as const;

function flagOf(g: Statistics, ratio: number, { vanishing = 1e-6, exploding = 1000 }: GradientOptions): string {
  const bad = [...(g.nans > 0 ? [`${counted(g.nans)} NaN`] : []), ...(g.infinities > 0 ? [`${counted(g.infinities)} infinite`] : [])]; // prettier-ignore
  if (bad.length > 0) return `${bad.join(" and ")} of ${counted(g.count)}: detectAnomaly(f) finds where`;
  if (g.zeros === g.count) return "exactly zero: dead, nothing flows back to it";
  if (ratio > exploding) return "explodes";
  if (ratio < vanishing) return "vanishes";
  if (g.zeros * 2 >= g.count && g.count > 1)
    return `partly dead: ${Math.round((100 * g.zeros) / g.count)} % exactly zero`;
  return "ok";
}

function missing(w: Tensor, others: boolean): string {
  if (!w.requiresGrad) return "constant: make it with {requiresGrad: true}";
  if (!w.isLeaf) return "none kept: call retainGrad() on it before loss.backward()";
  return others ? "none: the loss does not depend on it" : "none yet: call loss.backward()";
}

function rowOf(name: string, w: Tensor, g: Tensor | null, others: boolean, options: GradientOptions): GradientRow {
  const { norm, count } = statistics(w);
  const base = { name, shape: w.shape, norm };
  if (g === null) {
    const flag = missing(w, others);
    return { ...base, ...NO_NUMBERS, histogram: [], flag, entries: [] };
  }
  if (!sameShape(g.shape, w.shape)) {
    throw new RangeError(
      `gradients: the gradient of ${name} has shape ${show(g.shape)}, the parameter ${show(w.shape)}`,
    );
  }
  const stats = statistics(g);
  const ratio = norm > 0 ? stats.norm / norm : Infinity;
  // A parameter that begins at zero, as biases do, is measured by itself.
  const judged = norm > 0 ? ratio : stats.norm / Math.sqrt(Math.max(1, count));
  const { entries: most = 64 } = options;
  const [readW, readG] = [elementReader(concrete("gradients", w)), elementReader(concrete("gradients", g))];
  return {
    ...base,
    gradNorm: stats.norm,
    ratio,
    min: stats.min,
    max: stats.max,
    mean: stats.mean,
    histogram: Number.isNaN(stats.min) ? [] : histogram(g, stats, BINS),
    flag: flagOf(stats, judged, options),
    entries: Array.from({ length: count <= most ? count : 0 }, (_, k) => ({
      place: placeOf(k, w.shape),
      value: readW(k),
      grad: readG(k),
    })),
  };
}

const MATH: readonly Column[] = [
  { title: "parameter", heads: true },
  { title: "shape" },
  { title: "gradient" },
  { title: "‖w‖", side: "right" },
  { title: "‖∇‖", side: "right" },
  { title: "‖∇‖/‖w‖", side: "right" },
  { title: "min", side: "right" },
  { title: "max", side: "right" },
  { title: "mean", side: "right" },
  { title: "distribution" },
];

/** A table of gradients; `rows` holds its numbers. */
export class GradientTable extends Display {
  readonly rows: readonly GradientRow[];

  constructor(rows: readonly GradientRow[]) {
    super();
    this.rows = rows;
  }

  #table(): Table {
    const shown = this.rows.slice(0, ROWS);
    const sick = this.rows.filter(({ flag }) => flag !== "ok").length;
    const cell = (x: number | null): string => (x === null ? "–" : number(x, 3));
    return {
      caption: `Gradients of ${countOf(this.rows.length, "parameter")}${sick === 0 ? "" : `, ${counted(sick)} to look at`}`,
      columns: MATH,
      rows: shown.map((row) => [
        { text: clip(row.name) },
        show(row.shape),
        { text: row.flag, bold: row.flag !== "ok" },
        number(row.norm, 3),
        cell(row.gradNorm),
        cell(row.ratio),
        cell(row.min),
        cell(row.max),
        cell(row.mean),
        row.histogram.length === 0 ? "–" : { text: bars(row.histogram), html: histogramHtml(row) },
      ]),
      notes: this.rows.length > ROWS ? [`the first ${ROWS} of ${counted(this.rows.length)} parameters`] : [],
    };
  }

  override toString(): string {
    return tableText(this.#table());
  }

  override [DISPLAY](): Bundle {
    return bundle(
      () => this.toString(),
      () => {
        const details = this.rows.filter(({ entries }) => entries.length > 0).map((row) => () => entriesHtml(row));
        return { "text/html": fitting(tableHtml(this.#table()), details, "parameter") };
      },
    );
  }
}

function histogramHtml({ histogram: counts, min, max, shape }: GradientRow): string {
  const seen = counts.reduce((sum, n) => sum + n, 0);
  const sample = 2 * seen < sizeOf(shape) ? `, ${counted(seen)} of ${counted(sizeOf(shape))} entries` : "";
  const title = `${counts.length} equal parts from ${number(min ?? NaN, 3)} to ${number(max ?? NaN, 3)}${sample}: ${counts.join(", ")}`;
  return `<span title="${title}" style="font-family: monospace; white-space: pre">${bars(counts)}</span>`;
}

function entriesHtml({ name, shape, entries }: GradientRow): string {
  const largest = (of: "value" | "grad"): number =>
    Math.max(...entries.map((entry) => Math.abs(entry[of])).filter(Number.isFinite), 0);
  const [w, g] = [largest("value"), largest("grad")];
  const table = tableHtml({
    caption: `${clip(name)} ${show(shape)}`,
    columns: [
      { title: "index", heads: true },
      { title: "value", side: "right" },
      { title: "gradient", side: "right" },
    ],
    rows: entries.map(({ place, value, grad }) => [
      show(place),
      heatCell(value, number(value), w),
      heatCell(grad, number(grad), g),
    ]),
  });
  return `<details><summary>${escapeHtml(clip(name))}: ${countOf(entries.length, "value")} and gradient${entries.length === 1 ? "" : "s"}</summary>${table}</details>`; // prettier-ignore
}

/**
 * A table of the gradients of parameters, one row each: name, shape, ‖w‖, ‖∇‖, their ratio, extremes, mean, distribution, and a word where it
 * vanishes, explodes, is NaN, exactly zero or not there yet. Small parameters expand to every entry.
 *
 * @throws TypeError when there are no tensors; RangeError when a gradient in `grads` has another shape than its parameter.
 * @example
 * loss.backward();
 * gradients(model);
 * gradients({ W1, b1 });
 * gradients(params, { grads: grad(f)(params) });
 */
export function gradients(parameters: Named, options: GradientOptions = {}): GradientTable {
  const found = namedTensors("gradients", parameters);
  const given = options.grads === undefined ? null : new Map(namedTensors("gradients", options.grads));
  const grads = found.map(([name, w]) => (given === null ? w.grad : (given.get(name) ?? null)));
  const others = grads.some((g) => g !== null);
  return new GradientTable(found.map(([name, w], k) => rowOf(name, w, grads[k] ?? null, others, options)));
}
