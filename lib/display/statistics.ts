// What a display says of many numbers: read once where they lie, in f64. Distributions of more than a million are those of a sample.

import type { Block } from "../backend.ts";
import type { Data } from "../dtype.ts";
import { eachRun } from "../elements.ts";
import { sizeOf } from "../shape.ts";
import { concrete, type Tensor } from "../trace.ts";

/** Numbers about the elements of a tensor; extremes and mean are those of the finite ones, NaN where there is none. */
export interface Statistics {
  readonly count: number;
  readonly min: number;
  readonly max: number;
  readonly mean: number;
  /** The Euclidean norm of all elements; NaN or infinite where they are. */
  readonly norm: number;
  readonly zeros: number;
  readonly nans: number;
  readonly infinities: number;
}

export function statistics(x: Tensor): Statistics {
  const block = inMemoryOrder(concrete("display", x));
  const sums: Sums = { min: Infinity, max: -Infinity, sum: 0, squares: 0, zeros: 0, nans: 0, infinities: 0 };
  eachRun(block, (data, from, count, step) => addRun(sums, data, from, count, step));
  if (!Number.isFinite(sums.squares)) {
    // Something is not finite, or its square is not: again with care.
    Object.assign(sums, { min: Infinity, max: -Infinity, sum: 0, squares: 0, zeros: 0 });
    eachRun(block, (data, from, count, step) => addFinite(sums, data, from, count, step));
  }
  const { min, max, sum, zeros, nans, infinities } = sums;
  const count = sizeOf(x.shape);
  const finite = count - nans - infinities;
  const known = finite > 0;
  const norm = nans > 0 ? NaN : infinities > 0 ? Infinity : Math.sqrt(sums.squares);
  const largest = Math.max(Math.abs(min), Math.abs(max));
  const lost = known && nans + infinities === 0 && largest > 0 && (norm === Infinity || norm < 1e-140);
  return {
    count,
    min: known ? min : NaN,
    max: known ? max : NaN,
    mean: known ? sum / finite : NaN,
    norm: lost ? scaledNorm(block, largest) : norm,
    zeros,
    nans,
    infinities,
  };
}

/** The same elements in the order in which they lie, which is faster to read. */
function inMemoryOrder(x: Block): Block {
  if (x.strides === null) return x;
  const strides = x.strides;
  const axes = x.shape
    .map((_, axis) => axis)
    .sort((a, b) => Math.abs(strides[b] as number) - Math.abs(strides[a] as number));
  return {
    dtype: x.dtype,
    storage: x.storage,
    offset: x.offset,
    shape: axes.map((axis) => x.shape[axis] as number),
    strides: axes.map((axis) => strides[axis] as number),
  };
}

interface Sums {
  min: number;
  max: number;
  sum: number;
  squares: number;
  zeros: number;
  nans: number;
  infinities: number;
}

function addRun(sums: Sums, data: Data, from: number, count: number, step: number): void {
  let { min, max, sum, squares, zeros } = sums;
  for (let k = 0, place = from; k < count; k++, place += step) {
    const value = data[place] as number;
    if (value < min) min = value;
    if (value > max) max = value;
    if (value === 0) zeros++;
    sum += value;
    squares += value * value;
  }
  sums.min = min;
  sums.max = max;
  sums.sum = sum;
  sums.squares = squares;
  sums.zeros = zeros;
}

function addFinite(sums: Sums, data: Data, from: number, count: number, step: number): void {
  for (let k = 0, place = from; k < count; k++, place += step) {
    const value = data[place] as number;
    if (Number.isNaN(value)) sums.nans++;
    else if (!Number.isFinite(value)) sums.infinities++;
    else addRun(sums, data, place, 1, 1);
  }
}

/** Scaled, so that no square overflows or vanishes. */
function scaledNorm(block: Block, largest: number): number {
  let squares = 0;
  eachRun(block, (data, from, count, step) => {
    for (let k = 0, place = from; k < count; k++, place += step) squares += ((data[place] as number) / largest) ** 2;
  });
  return largest * Math.sqrt(squares);
}

const SAMPLE = 1_000_000;

/** How many of the finite elements lie in each of `bins` equal parts from `min` to `max`. */
export function histogram(x: Tensor, { min, max }: { min: number; max: number }, bins: number): number[] {
  const counts = Array.from({ length: bins }, () => 0);
  const every = Math.ceil(sizeOf(x.shape) / SAMPLE);
  let skip = 0;
  eachRun(inMemoryOrder(concrete("display", x)), (data, from, count, step) => {
    let k = skip;
    for (; k < count; k += every) {
      const value = data[from + k * step] as number;
      if (value - value !== 0) continue;
      const bin = max > min ? Math.min(bins - 1, Math.floor(((value - min) / (max - min)) * bins)) : bins >> 1;
      counts[bin] = (counts[bin] as number) + 1;
    }
    skip = k - count;
  });
  return counts;
}

const BARS = "▁▂▃▄▅▆▇█";

/** A histogram in one line; a gap where there is nothing. */
export function bars(counts: readonly number[]): string {
  const most = Math.max(...counts);
  return counts.map((n) => (n === 0 ? "\u00a0" : BARS[Math.min(7, Math.floor((n / most) * 8))])).join("");
}
