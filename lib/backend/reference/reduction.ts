// Kernels that work along axes: sums, extremes, orders, recurrences, the softmax family.

import { type Block, type Kernels, stridesOf } from "../../backend.ts";
import type { Data } from "../../dtype.ts";
import { denseStrides, sizeOf } from "../../shape.ts";
import { lattice, splitAxes } from "./loops.ts";

/** Calls `visit` for each line along `axes`: where its elements lie, relative to `base`. */
function eachLine(
  x: Block,
  axes: readonly number[],
  visit: (line: number, base: number, along: Int32Array, data: Data) => void,
): void {
  const { along, rest } = splitAxes(x, axes);
  for (let k = 0; k < rest.length; k++) visit(k, x.offset + (rest[k] as number), along, x.storage.data);
}

/** The same with the place of each element in a dense output of the same shape: at `to + places[i]`. */
function eachLineThrough(
  x: Block,
  axis: number,
  visit: (base: number, along: Int32Array, data: Data, to: number, places: Int32Array) => void,
): void {
  const { along, rest } = splitAxes(x, [axis]);
  const dense = denseStrides(x.shape);
  const others = x.shape.map((_, k) => k).filter((k) => k !== axis);
  const sizes = others.map((k) => x.shape[k] as number);
  const targets = lattice(
    sizes,
    others.map((k) => dense[k] as number),
  );
  const places = x.shape.length === 0 ? new Int32Array(1) : lattice([x.shape[axis] as number], [dense[axis] as number]);
  for (let k = 0; k < rest.length; k++) {
    visit(x.offset + (rest[k] as number), along, x.storage.data, targets[k] as number, places);
  }
}

/** The first place on a line that beats all others; NaN beats everything. */
function best(data: Data, base: number, along: Int32Array, better: (a: number, b: number) => boolean): number {
  let place = 0;
  let value = data[base + (along[0] as number)] as number;
  for (let i = 1; i < along.length && !Number.isNaN(value); i++) {
    const next = data[base + (along[i] as number)] as number;
    if (better(next, value) || Number.isNaN(next)) {
      value = next;
      place = i;
    }
  }
  return place;
}

const greater = (a: number, b: number): boolean => a > b;
const less = (a: number, b: number): boolean => a < b;

/** The largest element of a line and log Σ exp(x - largest); the largest counts as 0 when it is infinite. */
function logSum(data: Data, base: number, along: Int32Array): number {
  let largest = -Infinity;
  for (let i = 0; i < along.length; i++) {
    const x = data[base + (along[i] as number)] as number;
    if (x > largest || Number.isNaN(x)) largest = x;
  }
  if (!Number.isFinite(largest)) largest = Number.isNaN(largest) ? NaN : largest > 0 ? largest : 0;
  if (largest === Infinity) return Infinity;
  let sum = 0;
  for (let i = 0; i < along.length; i++) sum += Math.exp((data[base + (along[i] as number)] as number) - largest);
  return largest + Math.log(sum);
}

type Named =
  | "sum" | "mean" | "amax" | "amin" | "argmax" | "argmin" | "argsort" | "logsumexp" | "norm" | "softmax" | "logSoftmax" | "recurrence"; // prettier-ignore

/** Sums along `axes`, times `factor`. Runs that lie dense, as most do, are added without looking up offsets. */
function sums(out: Data, x: Block, axes: readonly number[], factor: number): void {
  const rank = x.shape.length;
  const { data } = x.storage;
  const lead = axes.length === 0 ? -1 : axes.length;
  const first = axes.every((axis, k) => axis === k);
  const last = axes.every((axis, k) => axis === rank - lead + k);
  if (x.strides === null && last && lead > 0) {
    // Trailing axes, or all: each sum is one run.
    const n = out.length === 0 ? 0 : sizeOf(x.shape) / out.length;
    for (let line = 0, i = x.offset; line < out.length; line++) {
      let sum = 0;
      for (const end = i + n; i < end; i++) sum += data[i] as number;
      out[line] = sum * factor;
    }
    return;
  }
  if (x.strides === null && first && lead > 0 && out.length > 0) {
    // Leading axes: rows are added to a row of sums.
    const rows = sizeOf(x.shape) / out.length;
    const row = new Float64Array(out.length);
    for (let r = 0, i = x.offset; r < rows; r++) {
      for (let k = 0; k < row.length; k++, i++) row[k] = (row[k] as number) + (data[i] as number);
    }
    for (let k = 0; k < row.length; k++) out[k] = (row[k] as number) * factor;
    return;
  }
  eachLine(x, axes, (line, base, along) => {
    let sum = 0;
    for (let i = 0; i < along.length; i++) sum += data[base + (along[i] as number)] as number;
    out[line] = sum * factor;
  });
}

export const reduction: Pick<Kernels, Named> = {
  sum(out, _, inputs, { axes }) {
    sums(out, inputs[0] as Block, axes, 1);
  },
  mean(out, _, inputs, { axes }) {
    const x = inputs[0] as Block;
    const count = axes.reduce((product, axis) => product * (x.shape[axis] as number), 1);
    if (count <= 1 || (count & (count - 1)) === 0) return sums(out, x, axes, 1 / count);
    // 1 / count is not exact: dividing is, to the last digit. The sums are kept in f64 until then.
    const exact = new Float64Array(out.length);
    sums(exact, x, axes, 1);
    for (let k = 0; k < out.length; k++) out[k] = (exact[k] as number) / count;
  },
  amax(out, _, inputs, { axes }) {
    eachLine(inputs[0] as Block, axes, (line, base, along, data) => {
      out[line] = data[base + (along[best(data, base, along, greater)] as number)] as number;
    });
  },
  amin(out, _, inputs, { axes }) {
    eachLine(inputs[0] as Block, axes, (line, base, along, data) => {
      out[line] = data[base + (along[best(data, base, along, less)] as number)] as number;
    });
  },
  argmax(out, _, inputs, { axis }) {
    eachLine(inputs[0] as Block, [axis], (line, base, along, data) => {
      out[line] = best(data, base, along, greater);
    });
  },
  argmin(out, _, inputs, { axis }) {
    eachLine(inputs[0] as Block, [axis], (line, base, along, data) => {
      out[line] = best(data, base, along, less);
    });
  },
  argsort(out, _, inputs, { axis, descending }) {
    eachLineThrough(inputs[0] as Block, axis, (base, along, data, to, places) => {
      const at = (i: number): number => data[base + (along[i] as number)] as number;
      // NaN counts as the largest, as in PyTorch; equal elements keep their order.
      const compare = (a: number, b: number): number =>
        a === b ? 0 : Number.isNaN(a) ? (Number.isNaN(b) ? 0 : 1) : Number.isNaN(b) || a < b ? -1 : 1;
      const order = Array.from(along, (_unused, i) => i).sort((i, j) =>
        descending ? compare(at(j), at(i)) : compare(at(i), at(j)),
      );
      for (let i = 0; i < order.length; i++) out[to + (places[i] as number)] = order[i] as number;
    });
  },
  logsumexp(out, _, inputs, { axes }) {
    eachLine(inputs[0] as Block, axes, (line, base, along, data) => {
      out[line] = logSum(data, base, along);
    });
  },
  norm(out, _, inputs, { axes }) {
    eachLine(inputs[0] as Block, axes, (line, base, along, data) => {
      let sum = 0;
      for (let i = 0; i < along.length; i++) sum += (data[base + (along[i] as number)] as number) ** 2;
      out[line] = Math.sqrt(sum);
    });
  },
  softmax(out, _, inputs, { axis }) {
    eachLineThrough(inputs[0] as Block, axis, (base, along, data, to, places) => {
      const total = logSum(data, base, along);
      for (let i = 0; i < along.length; i++) {
        out[to + (places[i] as number)] = Math.exp((data[base + (along[i] as number)] as number) - total);
      }
    });
  },
  logSoftmax(out, _, inputs, { axis }) {
    eachLineThrough(inputs[0] as Block, axis, (base, along, data, to, places) => {
      const total = logSum(data, base, along);
      for (let i = 0; i < along.length; i++) {
        out[to + (places[i] as number)] = (data[base + (along[i] as number)] as number) - total;
      }
    });
  },
  // y[i] = a[i] · y[i - 1] + b[i], or from the other end.
  recurrence(out, _, inputs, { axis, reverse }) {
    const a = inputs[0] as Block;
    const b = inputs[1] as Block;
    const strideB = stridesOf(b)[axis] as number;
    const { rest } = splitAxes(b, [axis]);
    const dataB = b.storage.data;
    let line = 0;
    eachLineThrough(a, axis, (base, along, data, to, places) => {
      const baseB = b.offset + (rest[line++] as number);
      let y = 0;
      for (let k = 0; k < along.length; k++) {
        const i = reverse ? along.length - 1 - k : k;
        y = (k === 0 ? 0 : (data[base + (along[i] as number)] as number) * y) + (dataB[baseB + i * strideB] as number);
        out[to + (places[i] as number)] = y;
      }
    });
  },
};
