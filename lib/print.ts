// A tensor as text, laid out as PyTorch does: four digits after the point, columns aligned, long axes cut in the middle, the type only
// where it is not f32 (https://github.com/pytorch/pytorch/blob/main/torch/_tensor_str.py).

import { flatValues } from "./create.ts";
import { type DType, isFloat } from "./dtype.ts";
import { type Shape, sizeOf } from "./shape.ts";
import { bottomNode, shownName } from "./tape.ts";
import { NO_STORAGE, type Tensor } from "./trace.ts";

const DIGITS = 4;
const EDGE = 3;
const THRESHOLD = 1000;
const LINE = 80;

/** How the elements of one tensor are written. */
interface Style {
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

function styleFor(values: readonly number[], dtype: DType): Style {
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

function shownValues(values: ArrayLike<number>, shape: Shape, summarize: boolean): number[] {
  const out: number[] = [];
  const collect = (axis: number, start: number): void => {
    if (axis === shape.length) {
      out.push(values[start] as number);
      return;
    }
    const step = sizeOf(shape.slice(axis + 1));
    for (const k of visible(shape[axis] as number, summarize)) if (k >= 0) collect(axis + 1, start + k * step);
  };
  collect(0, 0);
  return out;
}

function layOut(values: ArrayLike<number>, shape: Shape, style: Style, summarize: boolean, indent: number): string {
  const [n, ...rest] = shape as readonly [number, ...number[]];
  const step = sizeOf(rest);
  const parts = visible(n, summarize);
  if (rest.length === 0) {
    const cells = parts.map((k) => (k < 0 ? "..." : style.write(values[k] as number).padStart(style.width)));
    const perLine = Math.max(1, Math.floor((LINE - indent) / (style.width + 2)));
    const lines: string[] = [];
    for (let k = 0; k < cells.length; k += perLine) lines.push(cells.slice(k, k + perLine).join(", "));
    return `[${lines.join(`,\n${" ".repeat(indent + 1)}`)}]`;
  }
  const blocks = parts.map((k) =>
    k < 0 ? "..." : layOut(slice(values, k * step, step), rest, style, summarize, indent + 1),
  );
  return `[${blocks.join(`,${"\n".repeat(rest.length)}${" ".repeat(indent + 1)}`)}]`;
}

function slice(values: ArrayLike<number>, start: number, length: number): ArrayLike<number> {
  return Array.prototype.slice.call(values, start, start + length) as number[];
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
  const values = flatValues(value);
  const tail = notes.map((note) => `, ${note}`).join("");
  if (values.length === 0) return `tensor([], shape=[${x.shape.join(", ")}]${tail})`;
  const summarize = values.length > THRESHOLD;
  const style = styleFor(shownValues(values, x.shape, summarize), x.dtype);
  if (x.shape.length === 0) return `tensor(${style.write(values[0] as number)}${tail})`;
  return `tensor(${layOut(values, x.shape, style, summarize, 7)}${tail})`;
}
