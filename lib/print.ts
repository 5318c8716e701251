// A tensor as text, laid out as PyTorch does: four digits after the point, columns aligned, long axes cut in the middle, the type only
// where it is not f32 (https://github.com/pytorch/pytorch/blob/main/torch/_tensor_str.py).

import { type DType, isFloat } from "./dtype.ts";
import { elementReader } from "./elements.ts";
import { type Shape, sizeOf } from "./shape.ts";
import { bottomNode, shownName } from "./tape.ts";
import { NO_STORAGE, type Tensor } from "./trace.ts";

const DIGITS = 4;
const EDGE = 3;
const THRESHOLD = 1000;
const LINE = 80;

/** How the elements of one tensor are written. */
export interface Style {
  readonly width: number;
  write(x: number): string;
}

function exponential(x: number): string {
  const [mantissa = "", exponent = ""] = x.toExponential(DIGITS).split("e");
  const sign = exponent.startsWith("-") ? "-" : "+";
  return `${mantissa}e${sign}${exponent.replace(/^[+-]/, "").padStart(2, "0")}`;
}

function special(x: number): string {
  return Number.isNaN(x) ? "nan" : x > 0 ? "inf" : "-inf";
}

/** The style in which PyTorch would write these elements of a tensor, those of it that are shown. */
export function styleFor(values: readonly number[], dtype: DType): Style {
  let write: (x: number) => string;
  if (dtype === "bool") write = (x) => (x === 0 ? "false" : "true");
  else if (!isFloat(dtype)) write = String;
  else {
    const finite = values.filter((x) => Number.isFinite(x) && x !== 0).map(Math.abs);
    const largest = Math.max(0, ...finite);
    const smallest = Math.min(Infinity, ...finite);
    const whole = finite.every((x) => Number.isInteger(x));
    const wide = largest / smallest > 1000 || largest > 1e8 || (!whole && smallest < 1e-4);
    const plain = whole ? (x: number) => `${x.toFixed(0)}.` : (x: number) => x.toFixed(DIGITS);
    const finiteText = wide && finite.length > 0 ? exponential : plain;
    write = (x) => (Number.isFinite(x) ? finiteText(x) : special(x));
  }
  // Zeros and what is not finite do not count, as long as there is something else.
  const counted = isFloat(dtype) ? values.filter((x) => Number.isFinite(x) && x !== 0) : values;
  return { width: Math.max(1, ...counted.map((x) => write(x).length)), write };
}

/** The indices along an axis that are shown; -1 stands for those that are not. */
function visible(n: number, summarize: boolean): number[] {
  if (!summarize || n <= 2 * EDGE) return Array.from({ length: n }, (_, k) => k);
  return [0, 1, 2, -1, n - 3, n - 2, n - 1];
}

type Read = (k: number) => number;

function shownValues(read: Read, shape: Shape, summarize: boolean): number[] {
  const out: number[] = [];
  const collect = (axis: number, start: number): void => {
    if (axis === shape.length) {
      out.push(read(start));
      return;
    }
    const step = sizeOf(shape.slice(axis + 1));
    for (const k of visible(shape[axis] as number, summarize)) if (k >= 0) collect(axis + 1, start + k * step);
  };
  collect(0, 0);
  return out;
}

function layOut(read: Read, start: number, shape: Shape, style: Style, summarize: boolean, indent: number): string {
  const [n, ...rest] = shape as readonly [number, ...number[]];
  const step = sizeOf(rest);
  const parts = visible(n, summarize);
  if (rest.length === 0) {
    const cells = parts.map((k) => (k < 0 ? "..." : style.write(read(start + k)).padStart(style.width)));
    const perLine = Math.max(1, Math.floor((LINE - indent) / (style.width + 2)));
    const lines: string[] = [];
    for (let k = 0; k < cells.length; k += perLine) lines.push(cells.slice(k, k + perLine).join(", "));
    return `[${lines.join(`,\n${" ".repeat(indent + 1)}`)}]`;
  }
  const blocks = parts.map((k) => (k < 0 ? "..." : layOut(read, start + k * step, rest, style, summarize, indent + 1)));
  return `[${blocks.join(`,${"\n".repeat(rest.length)}${" ".repeat(indent + 1)}`)}]`;
}

/** The text of `x`: its numbers, and what is not plain about it. */
export function format(x: Tensor): string {
  const notes: string[] = [];
  let value = x;
  while (value.storage === NO_STORAGE && value.tracer !== null) {
    if (value.tracer.trace.unreadable !== undefined) {
      return `tensor(shape=[${x.shape.join(", ")}], one of a batch inside vmap)`;
    }
    value = value.tracer.value;
  }
  if (x.dtype !== "f32" && x.dtype !== "bool" && !(x.dtype === "i32" && sizeOf(x.shape) > 0)) {
    notes.push(`dtype=${x.dtype}`);
  }
  const node = bottomNode(x);
  if (node !== null) notes.push(node.primitive === null ? "requiresGrad=true" : `gradFn=${shownName(node)}`);
  const size = sizeOf(x.shape);
  const read = elementReader(value);
  const tail = notes.map((note) => `, ${note}`).join("");
  if (size === 0) return `tensor([], shape=[${x.shape.join(", ")}]${tail})`;
  const summarize = size > THRESHOLD;
  const style = styleFor(shownValues(read, x.shape, summarize), x.dtype);
  if (x.shape.length === 0) return `tensor(${style.write(read(0))}${tail})`;
  return `tensor(${layOut(read, 0, x.shape, style, summarize, 7)}${tail})`;
}
