// Reading elements where they lie, without copying the rest: what looks at a tensor of 100 MB must not make another.

import { type Block, stridesOf } from "./backend.ts";
import type { Data } from "./dtype.ts";
import { sizeOf } from "./shape.ts";

/** A function that gives the elements of a block by their row-major number. */
export function elementReader(x: Block): (k: number) => number {
  const { shape, storage, strides, offset } = x;
  const { data } = storage;
  if (strides === null) return (k) => data[offset + k] as number;
  return (k) => {
    let place = offset;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const n = shape[axis] as number;
      place += (k % n) * (strides[axis] as number);
      k = Math.floor(k / n);
    }
    return data[place] as number;
  };
}

/** Calls `visit` with each run of elements that lie `step` apart: one for a dense block, else one a row, in row-major order. */
export function eachRun(x: Block, visit: (data: Data, from: number, count: number, step: number) => void): void {
  const { shape, storage, offset } = x;
  const size = sizeOf(shape);
  if (size === 0) return;
  if (x.strides === null || shape.length === 0) {
    visit(storage.data, offset, size, 1);
    return;
  }
  const strides = stridesOf(x);
  const last = shape.length - 1;
  const counter = shape.map(() => 0);
  let from = offset;
  for (;;) {
    visit(storage.data, from, shape[last] as number, strides[last] as number);
    let axis = last - 1;
    for (; axis >= 0; axis--) {
      const n = shape[axis] as number;
      const stride = strides[axis] as number;
      counter[axis] = (counter[axis] as number) + 1;
      from += stride;
      if ((counter[axis] as number) < n) break;
      counter[axis] = 0;
      from -= stride * n;
    }
    if (axis < 0) return;
  }
}
