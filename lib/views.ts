// The primitives that only look at memory otherwise: each makes new shape, strides and offset over the same storage. Only reshape may
// have to copy, when the strides of its input cannot express the new shape.

import { type Block, stridesOf, Storage, type ViewParams } from "./backend.ts";
import { copyBlock } from "./backend/reference/loops.ts";
import { allocate } from "./dtype.ts";
import { denseStrides, type Shape, sizeOf } from "./shape.ts";

type View<P> = (x: Block, params: P) => Block;

function view(x: Block, shape: Shape, strides: readonly number[] | null, offset = x.offset): Block {
  return { dtype: x.dtype, shape, storage: x.storage, strides, offset };
}

/** The block itself if it is dense, else a dense copy. */
export function dense(x: Block): Block {
  if (x.strides === null) return x;
  const data = allocate(x.dtype, sizeOf(x.shape));
  copyBlock(data, x);
  return { dtype: x.dtype, shape: x.shape, storage: new Storage(data), strides: null, offset: 0 };
}

/** Strides for `shape` over the memory of `x`; undefined if there are none. Axes are taken apart in runs that lie dense. */
function reshapedStrides(x: Block, shape: Shape): number[] | undefined {
  const strides = stridesOf(x);
  const from = x.shape.flatMap((n, k) => (n === 1 ? [] : [[n, strides[k] as number] as const]));
  const out = shape.map(() => 1);
  let axis = shape.length - 1;
  for (let k = from.length - 1; k >= 0;) {
    let [run, step] = from[k] as readonly [number, number];
    let low = k - 1;
    while (low >= 0 && (from[low] as readonly [number, number])[1] === run * step) {
      run *= (from[low] as readonly [number, number])[0];
      low--;
    }
    let filled = 1;
    while (filled < run && axis >= 0) {
      out[axis] = step * filled;
      filled *= shape[axis] as number;
      axis--;
    }
    if (filled !== run) return undefined;
    step = 0;
    k = low;
  }
  return out;
}

export const views: { readonly [P in keyof ViewParams]: View<ViewParams[P]> } = {
  reshape(x, { shape }) {
    if (x.strides === null || sizeOf(shape) === 0) return view(x, shape, null);
    const strides = reshapedStrides(x, shape);
    return strides === undefined ? { ...dense(x), shape } : view(x, shape, strides);
  },

  permute(x, { dims }) {
    const strides = stridesOf(x);
    return view(
      x,
      dims.map((d) => x.shape[d] as number),
      dims.map((d) => strides[d] as number),
    );
  },

  expand(x, { shape }) {
    const strides = stridesOf(x);
    const lead = shape.length - x.shape.length;
    const out = shape.map((n, k) => (k < lead || x.shape[k - lead] !== n ? 0 : (strides[k - lead] as number)));
    return view(x, shape, out);
  },

  slice(x, { start, length, step }) {
    const strides = stridesOf(x);
    let { offset } = x;
    for (let k = 0; k < start.length; k++) offset += (start[k] as number) * (strides[k] as number);
    return view(
      x,
      length,
      strides.map((s, k) => s * (step[k] as number)),
      offset,
    );
  },

  unfold(x, { axis, size, step, dilation }) {
    const strides = stridesOf(x);
    const windows = Math.floor(((x.shape[axis] as number) - (size - 1) * dilation - 1) / step) + 1;
    const along = strides[axis] as number;
    return view(
      x,
      [...x.shape.map((n, k) => (k === axis ? windows : n)), size],
      [...strides.map((s, k) => (k === axis ? s * step : s)), along * dilation],
    );
  },

  stopGradient: (x) => view(x, x.shape, x.strides),
};

/** Whether the strides of `x` are those of a dense block. */
export function isDense(x: Block): boolean {
  if (x.strides === null) return true;
  const expected = denseStrides(x.shape);
  return x.strides.every((s, k) => s === expected[k] || x.shape[k] === 1);
}
