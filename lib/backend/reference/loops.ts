// Walking over blocks whose elements lie at strides: by rows for element-wise work, or by lists of offsets where a kernel splits the
// axes of a block into those it keeps and those it works along.

import { type Block, stridesOf } from "../../backend.ts";
import type { Data } from "../../dtype.ts";
import { repeated, type Shape, sizeOf } from "../../shape.ts";

/** Where the elements of a lattice of these sizes and strides lie, in row-major order. */
export function lattice(sizes: readonly number[], strides: readonly number[]): Int32Array {
  const out = new Int32Array(sizeOf(sizes));
  if (out.length === 0) return out;
  let filled = 1;
  for (let axis = sizes.length - 1; axis >= 0; axis--) {
    const n = sizes[axis] as number;
    const step = strides[axis] as number;
    for (let i = 1; i < n; i++) for (let j = 0; j < filled; j++) out[i * filled + j] = (out[j] as number) + i * step;
    filled *= n;
  }
  return out;
}

/** The offsets of the elements along `axes`, and those of the rest, relative to the block's own. */
export function splitAxes(x: Block, axes: readonly number[]): { along: Int32Array; rest: Int32Array } {
  const strides = stridesOf(x);
  const pick = (keep: (axis: number) => boolean) => {
    const chosen = x.shape.map((_, axis) => axis).filter(keep);
    return lattice(
      chosen.map((axis) => x.shape[axis] as number),
      chosen.map((axis) => strides[axis] as number),
    );
  };
  return { along: pick((axis) => axes.includes(axis)), rest: pick((axis) => !axes.includes(axis)) };
}

/** The strides with which `x`, broadcast to `shape`, is read. */
export function broadcastStrides(x: Block, shape: Shape): number[] {
  const strides = stridesOf(x);
  const lead = shape.length - x.shape.length;
  return shape.map((_, k) => (k < lead || x.shape[k - lead] === 1 ? 0 : (strides[k - lead] as number)));
}

/**
 * Calls `row` for every row (last axis) of `shape` with the place of its first element in the output and in each operand; the
 * operands' steps along a row are in `steps`.
 */
export function eachRow(
  shape: Shape,
  operands: readonly Block[],
  row: (out: number, starts: readonly number[], length: number, steps: readonly number[]) => void,
): void {
  const strides = operands.map((x) => broadcastStrides(x, shape));
  const rank = shape.length;
  const length = rank === 0 ? 1 : (shape[rank - 1] as number);
  const steps = strides.map((s) => (rank === 0 ? 0 : (s[rank - 1] as number)));
  const starts = operands.map((x) => x.offset);
  const counter = repeated(rank - 1, 0);
  const rows = length === 0 ? 0 : sizeOf(shape) / length;
  for (let r = 0; r < rows; r++) {
    row(r * length, starts, length, steps);
    for (let axis = rank - 2; axis >= 0; axis--) {
      const n = shape[axis] as number;
      const wraps = counter[axis] === n - 1;
      counter[axis] = wraps ? 0 : (counter[axis] as number) + 1;
      for (let k = 0; k < starts.length; k++) {
        const step = (strides[k] as number[])[axis] as number;
        starts[k] = (starts[k] as number) + (wraps ? -step * (n - 1) : step);
      }
      if (!wraps) break;
    }
  }
}

/** Copies the elements of `x`, in row-major order, to the start of `out`; what does not fit the type of `out` is rounded. */
export function copyBlock(out: Data, x: Block): void {
  const { data } = x.storage;
  if (x.strides === null) {
    for (let k = 0, n = sizeOf(x.shape); k < n; k++) out[k] = data[x.offset + k] as number;
    return;
  }
  eachRow(x.shape, [x], (to, starts, length, steps) => {
    let from = starts[0] as number;
    const step = steps[0] as number;
    for (let j = 0; j < length; j++, from += step) out[to + j] = data[from] as number;
  });
}

/** The elements of `x` in row-major order: its own array where that is dense, else a copy. */
export function elements(x: Block): Data {
  const { data } = x.storage;
  const n = sizeOf(x.shape);
  if (x.strides === null) return x.offset === 0 && data.length === n ? data : data.subarray(x.offset, x.offset + n);
  const copy = new (data.constructor as Float64ArrayConstructor)(n);
  copyBlock(copy, x);
  return copy;
}
