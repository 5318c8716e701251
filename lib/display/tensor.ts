// A tensor at the end of a cell: its text as PyTorch prints it, and a table of its numbers. The background tells sign and size where
// colours survive; the numbers say both by themselves. Long axes are cut in the middle.

import { elementReader } from "../elements.ts";
import { isFloat } from "../dtype.ts";
import { nameOf } from "../names.ts";
import { format, type Style, styleFor } from "../print.ts";
import { show, sizeOf } from "../shape.ts";
import { concrete, type Tensor } from "../trace.ts";
import { bundle, type Bundle, clip, counted, escapeHtml, number } from "./bundle.ts";
import { type Statistics, statistics } from "./statistics.ts";
import { type Cell, type Column, tableHtml } from "./table.ts";

const ROWS = 20;
const COLUMNS = 12;
const SLICES = 6;
const SLICE_ROWS = 10;
/** Of both themes' text on it, the contrast stays above 4.5. */
const STRONGEST = 0.45;
const POSITIVE = "37, 99, 235";
const NEGATIVE = "234, 88, 12";

/** The indices along an axis that are shown; null stands for those that are not. */
export function cut(n: number, most: number): (number | null)[] {
  const all = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, k) => from + k);
  if (n <= most) return all(0, n);
  const half = Math.floor(most / 2);
  return [...all(0, half), null, ...all(n - half, n)];
}

/** The background of a number: blue above zero, orange below, the stronger the larger. */
export function heat(value: number, largest: number): string | undefined {
  const share = Math.abs(value) / largest;
  if (!(share > 0) || share === Infinity) return undefined;
  const opacity = Math.round(Math.min(1, share) * STRONGEST * 100) / 100;
  return opacity < 0.02 ? undefined : `rgba(${value > 0 ? POSITIVE : NEGATIVE}, ${opacity})`;
}

/** A table cell for a number. */
export function heatCell(value: number, text: string, largest: number): Cell {
  if (!Number.isFinite(value)) return { text, bold: true };
  const background = heat(value, largest);
  return background === undefined ? { text } : { text, background };
}

/** "W1: f32 [2, 3], requires grad". */
export function describe(x: Tensor): string {
  const name = nameOf(x);
  const parts = [`${x.dtype} ${show(x.shape)}`];
  if (x.requiresGrad) parts.push(x.isLeaf ? "requires grad" : "computed, carries a gradient");
  return `${name === undefined ? "Tensor" : clip(name)}: ${parts.join(", ")}`;
}

function rangeOf({ min, max, nans, infinities }: Statistics): string[] {
  const parts = Number.isNaN(min) ? [] : [`from ${number(min)} to ${number(max)}`];
  if (nans > 0) parts.push(`${counted(nans)} nan`);
  if (infinities > 0) parts.push(`${counted(infinities)} infinite`);
  return parts;
}

interface Frame {
  readonly read: (k: number) => number;
  readonly style: Style;
  readonly largest: number;
}

const GAP: Cell = { text: "…" };

function matrix(
  caption: string,
  start: number,
  rows: number,
  columns: number,
  shownRows: (number | null)[],
  { read, style, largest }: Frame,
  vector: boolean,
): string {
  const shownColumns = cut(columns, COLUMNS);
  const heads: Column[] = shownColumns.map((k) => ({ title: k === null ? "…" : String(k), side: "right" }));
  const body = shownRows.map((row) => [
    ...(vector ? [] : [row === null ? "…" : String(row)]),
    ...shownColumns.map((column) => {
      if (row === null || column === null) return GAP;
      const value = read(start + row * columns + column);
      return heatCell(value, style.write(value), largest);
    }),
  ]);
  const missing = [
    ...(rows > shownRows.length ? [`${shownRows.length - 1} of ${counted(rows)} rows`] : []),
    ...(columns > shownColumns.length
      ? [`${shownColumns.length - 1} of ${counted(columns)} ${vector ? "elements" : "columns"}`]
      : []),
  ];
  return tableHtml({
    caption: missing.length === 0 ? caption : `${caption}; ${missing.join(", ")} shown`,
    columns: vector ? heads : [{ title: "", heads: true }, ...heads],
    rows: body,
  });
}

function tensorHtml(x: Tensor): string {
  const { shape } = x;
  const block = concrete("display", x);
  const read = elementReader(block);
  const stats = statistics(x);
  const rank = shape.length;
  const columns = shape[rank - 1] as number;
  const rows = rank === 1 ? 1 : (shape[rank - 2] as number);
  const matrices = sizeOf(shape.slice(0, Math.max(0, rank - 2)));
  const shownRows = cut(rows, rank > 2 ? SLICE_ROWS : ROWS);
  const shownMatrices = cut(matrices, SLICES);
  const values: number[] = [];
  for (const m of shownMatrices)
    for (const r of shownRows)
      for (const c of cut(columns, COLUMNS))
        if (m !== null && r !== null && c !== null) values.push(read((m * rows + r) * columns + c));
  const colourful = x.dtype !== "bool";
  const frame: Frame = {
    read,
    style: styleFor(values, x.dtype),
    largest: colourful ? Math.max(Math.abs(stats.min), Math.abs(stats.max)) : NaN,
  };
  const caption = [describe(x), ...(isFloat(x.dtype) || x.dtype === "i32" ? rangeOf(stats) : [])].join(", ");
  if (rank <= 2) return matrix(caption, 0, rows, columns, shownRows, frame, rank === 1);
  const parts = shownMatrices.map((m) => {
    if (m === null) return `<p>… ${counted(matrices - SLICES)} more …</p>`;
    return matrix(`[${[...placeOf(m, shape.slice(0, -2)), ":", ":"].join(", ")}]`, m * rows * columns, rows, columns, shownRows, frame, false); // prettier-ignore
  });
  return `<p>${escapeHtml(`${caption}; by its last two axes`)}</p>\n${parts.join("\n")}`;
}

/** The index of element `k` in an array of this shape. */
export function placeOf(k: number, shape: readonly number[]): number[] {
  const place: number[] = [];
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const n = shape[axis] as number;
    place.unshift(k % n);
    k = Math.floor(k / n);
  }
  return place;
}

export function tensorBundle(x: Tensor): Bundle {
  return bundle(
    () => format(x),
    () => (x.shape.length === 0 || sizeOf(x.shape) === 0 ? {} : { "text/html": tensorHtml(x) }),
  );
}
