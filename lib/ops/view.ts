// Operations that look at the same numbers in another shape or order. They share memory with their input: a change in place is seen
// through both.

import { axesOf, axisOf, checkShape, reshapeTo, sameShape, type Shape, show } from "../shape.ts";
import type { Asked, CheckDim, CheckReshape, Permuted, Rest, Swapped, Transposed } from "../shape-types.ts";
import { bind, primitive, type Tensor } from "../trace.ts";

const reshapeP = primitive("reshape");
const permuteP = primitive("permute");
const expandP = primitive("expand");
const sliceP = primitive("slice");
const unfoldP = primitive("unfold");

/**
 * The same numbers, in row-major order, in another shape; one size may be -1 and is then worked out.
 *
 * @throws RangeError when the number of elements differs.
 * @example
 * reshape(tensor([1, 2, 3, 4]), [2, -1]) // [[1, 2], [3, 4]]
 */
export function reshape<S extends Shape, const T extends Shape>(
  x: Tensor<S>,
  shape: T & CheckReshape<S, T>,
): Tensor<Asked<T>> {
  const out = reshapeTo("reshape", x.shape, shape);
  return (sameShape(out, x.shape) ? x : bind(reshapeP, [x as Tensor], { shape: out })) as unknown as Tensor<Asked<T>>;
}

/**
 * Joins the axes from `start` to `end` into one.
 *
 * @example
 * flatten(zeros([2, 3, 4]), 1) // shape [2, 12]
 */
export function flatten(x: Tensor, start = 0, end = -1): Tensor {
  if (x.shape.length === 0) return reshape(x, [1]);
  const first = axisOf("flatten", start, x.shape);
  const last = axisOf("flatten", end, x.shape);
  if (first > last) throw new RangeError(`flatten: start ${start} comes after end ${end} in ${show(x.shape)}`);
  const joined = x.shape.slice(first, last + 1).reduce((product, n) => product * n, 1);
  return reshape(x, [...x.shape.slice(0, first), joined, ...x.shape.slice(last + 1)] as Shape);
}

/**
 * The axes in another order: axis `k` of the result is axis `dims[k]` of `x`.
 *
 * @throws RangeError unless `dims` names each axis once.
 * @example
 * permute(zeros([2, 3, 4]), [2, 0, 1]) // shape [4, 2, 3]
 */
export function permute<S extends Shape, const D extends readonly number[]>(
  x: Tensor<S>,
  dims: D,
): Tensor<Permuted<S, D>> {
  const axes = dims.map((d) => axisOf("permute", d, x.shape));
  if (axes.length !== x.shape.length || new Set(axes).size !== axes.length) {
    throw new RangeError(`permute: ${show(dims)} does not name each axis of ${show(x.shape)} once`);
  }
  return bind(permuteP, [x as Tensor], { dims: axes }) as Tensor<Permuted<S, D>>;
}

/**
 * Two axes exchanged.
 *
 * @throws RangeError for an axis that is not there.
 * @example
 * transpose(zeros([2, 3, 4]), 0, 2) // shape [4, 3, 2]
 */
export function transpose<S extends Shape, const A extends number, const B extends number>(
  x: Tensor<S>,
  dim0: A & CheckDim<"transpose", S, A>,
  dim1: B & CheckDim<"transpose", S, B>,
): Tensor<Swapped<S, A, B>> {
  const a = axisOf("transpose", dim0, x.shape);
  const b = axisOf("transpose", dim1, x.shape);
  const dims = x.shape.map((_, k) => (k === a ? b : k === b ? a : k));
  return bind(permuteP, [x as Tensor], { dims }) as Tensor<Swapped<S, A, B>>;
}

/**
 * A matrix with rows and columns exchanged; a vector or number as it is.
 *
 * @throws RangeError beyond two dimensions.
 * @example
 * t(tensor([[1, 2], [3, 4]])) // [[1, 3], [2, 4]]
 */
export function t<S extends Shape>(x: Tensor<S>): Tensor<Transposed<S>> {
  if (x.shape.length > 2) {
    throw new RangeError(`t: expected at most two dimensions, got ${show(x.shape)}; use transpose(dim0, dim1)`);
  }
  return (x.shape.length < 2 ? x : bind(permuteP, [x as Tensor], { dims: [1, 0] })) as Tensor<Transposed<S>>;
}

/** The last two axes exchanged, for any number of dimensions from two on. */
export function swapLast(x: Tensor): Tensor {
  const n = x.shape.length;
  return bind(permuteP, [x], { dims: x.shape.map((_, k) => (k === n - 1 ? n - 2 : k === n - 2 ? n - 1 : k)) });
}

/** Axis `from` moved to the place `to`. */
export function moveAxis(x: Tensor, from: number, to: number): Tensor {
  const a = axisOf("moveAxis", from, x.shape);
  const b = axisOf("moveAxis", to, x.shape);
  if (a === b) return x;
  const dims = x.shape.map((_, k) => k).filter((k) => k !== a);
  dims.splice(b, 0, a);
  return bind(permuteP, [x], { dims });
}

/**
 * Repeats axes of size 1, and new leading axes, to the sizes of `shape`; -1 keeps a size.
 *
 * @throws RangeError where a size is neither 1 nor the one asked for.
 * @example
 * expand(tensor([[1], [2]]), [2, 3]) // [[1, 1, 1], [2, 2, 2]]
 */
export function expand<const T extends Shape>(x: Tensor, shape: T): Tensor<Asked<T>> {
  const lead = shape.length - x.shape.length;
  const out = shape.map((n, k) => (n === -1 && k >= lead ? (x.shape[k - lead] as number) : n));
  const fits = lead >= 0 && x.shape.every((n, k) => n === 1 || n === out[k + lead]);
  if (!fits) throw new RangeError(`expand: ${show(x.shape)} does not expand to ${show(shape)}`);
  checkShape("expand", out);
  return (sameShape(out, x.shape) ? x : bind(expandP, [x], { shape: out })) as Tensor<Asked<T>>;
}

/** What along one axis: everything (null), one index, or `[start, end, step]`, any of which may be null. */
export type Range = null | number | readonly [start: number | null, end?: number | null, step?: number | null];

/** The first index, the number of indices and the step of a range over `n` elements, as Python's slices count. */
function resolve(range: Range, n: number, call: string, shape: Shape): [start: number, length: number, step: number] {
  if (range === null) return [0, n, 1];
  if (typeof range === "number") {
    const index = range < 0 ? range + n : range;
    if (!Number.isInteger(range) || index < 0 || index >= n) {
      throw new RangeError(`${call}: index ${range} is out of range for ${show(shape)}`);
    }
    return [index, 1, 1];
  }
  const [from, to = null, by = null] = range;
  const step = by ?? 1;
  if (!Number.isInteger(step) || step === 0) throw new RangeError(`${call}: a step must not be ${step}`);
  const clip = (index: number | null, otherwise: number): number => {
    if (index === null) return otherwise;
    const counted = index < 0 ? index + n : index;
    return step > 0 ? Math.min(Math.max(counted, 0), n) : Math.min(Math.max(counted, -1), n - 1);
  };
  const start = clip(from, step > 0 ? 0 : n - 1);
  const end = clip(to, step > 0 ? n : -1);
  return [start, Math.max(0, Math.ceil((end - start) / step)), step];
}

/**
 * Part of a tensor, one range an axis: `null` for all of it, an index (that axis goes), or `[start, end, step]` as Python's slices. Axes
 * that are not named stay whole.
 *
 * @throws RangeError for an index that is not there, or more ranges than axes.
 * @example
 * slice(tensor([[1, 2, 3], [4, 5, 6]]), [0, 1], [null, null, 2]) // [[1, 3]]
 */
export function slice(x: Tensor, ...ranges: Range[]): Tensor {
  return sliced("slice", x, ranges);
}

function sliced(call: string, x: Tensor, ranges: readonly Range[]): Tensor {
  if (ranges.length > x.shape.length) {
    throw new RangeError(`${call}: ${ranges.length} ranges for the ${x.shape.length} dimensions of ${show(x.shape)}`);
  }
  const parts = x.shape.map((n, k) => resolve(ranges[k] ?? null, n, call, x.shape));
  const cut = strided(
    x,
    parts.map(([start]) => start),
    parts.map(([, length]) => length),
    parts.map(([, , step]) => step),
  );
  if (ranges.every((range) => typeof range !== "number")) return cut;
  return reshape(
    cut,
    cut.shape.filter((_, k) => typeof ranges[k] !== "number"),
  );
}

/** Elements `start`, `start + step`, … of every axis. */
export function strided(
  x: Tensor,
  start: readonly number[],
  length: readonly number[],
  step: readonly number[],
): Tensor {
  if (sameShape(length, x.shape) && step.every((s) => s === 1)) return x;
  return bind(sliceP, [x], { start, length, step });
}

/** Elements `start` to `end` of one axis. */
export function narrow(x: Tensor, axis: number, start: number, end: number): Tensor {
  return strided(
    x,
    x.shape.map((_, k) => (k === axis ? start : 0)),
    x.shape.map((n, k) => (k === axis ? end - start : n)),
    x.shape.map(() => 1),
  );
}

/**
 * What is at an index of `dim`, without that axis.
 *
 * @throws RangeError for an index that is not there.
 * @example
 * select(tensor([[1, 2], [3, 4]]), 1, -1) // [2, 4]
 */
export function select(x: Tensor, dim: number, index: number): Tensor {
  const axis = axisOf("select", dim, x.shape);
  if (x.shape.length === 0) throw new RangeError("select: a single number has no axis to index");
  const [start] = resolve(index, x.shape[axis] as number, "select", x.shape);
  return reshape(
    narrow(x, axis, start, start + 1),
    x.shape.filter((_, k) => k !== axis),
  );
}

/**
 * Element `i` along the first axis, then `j` along the next, …; negative indices count from the end.
 *
 * @throws RangeError for an index that is not there.
 * @example
 * at(tensor([[1, 2], [3, 4]]), 1) // [3, 4]
 * at(tensor([[1, 2], [3, 4]]), 1, 0) // 3
 */
export function at<S extends Shape>(x: Tensor<S>, index: number): Tensor<Rest<S>>;
export function at(x: Tensor, ...indices: Range[]): Tensor;
export function at(x: Tensor, ...indices: Range[]): Tensor {
  if (indices.length > x.shape.length) {
    throw new RangeError(`at: ${indices.length} indices for the ${x.shape.length} dimensions of ${show(x.shape)}`);
  }
  return sliced("at", x, indices);
}

/**
 * Without the axes of size 1 that `dim` names, or without all of them.
 *
 * @example
 * squeeze(zeros([2, 1, 3]), 1) // shape [2, 3]
 */
export function squeeze(x: Tensor, dim?: number | readonly number[]): Tensor {
  const axes = axesOf("squeeze", dim, x.shape);
  return reshape(
    x,
    x.shape.filter((n, k) => n !== 1 || !axes.includes(k)),
  );
}

/**
 * With a new axis of size 1 at `dim`.
 *
 * @throws RangeError unless `dim` is from -rank - 1 to rank.
 * @example
 * unsqueeze(tensor([1, 2]), 1) // [[1], [2]]
 */
export function unsqueeze(x: Tensor, dim: number): Tensor {
  const place = dim < 0 ? dim + x.shape.length + 1 : dim;
  if (!Number.isInteger(dim) || place < 0 || place > x.shape.length) {
    throw new RangeError(`unsqueeze: dim ${dim} is out of range for ${show(x.shape)}`);
  }
  return reshape(x, [...x.shape.slice(0, place), 1, ...x.shape.slice(place)]);
}

/**
 * The axes `dims` (all, if none are named) from their end to their start.
 *
 * @example
 * flip(tensor([1, 2, 3])) // [3, 2, 1]
 */
export function flip<S extends Shape>(x: Tensor<S>, dims?: number | readonly number[]): Tensor<S> {
  const axes = axesOf("flip", dims, x.shape);
  const turned = (k: number): boolean => axes.includes(k) && (x.shape[k] as number) > 0;
  return bind(sliceP, [x as Tensor], {
    start: x.shape.map((n, k) => (turned(k) ? n - 1 : 0)),
    length: x.shape,
    step: x.shape.map((_, k) => (turned(k) ? -1 : 1)),
  }) as Tensor<S>;
}

/**
 * Windows of `size` elements along `dim`, one every `step`; the window becomes the last axis.
 *
 * @throws RangeError when not even one window fits.
 * @example
 * unfold(tensor([1, 2, 3, 4]), 0, 2, 1) // [[1, 2], [2, 3], [3, 4]]
 */
export function unfold(x: Tensor, dim: number, size: number, step: number, dilation = 1): Tensor {
  const axis = axisOf("unfold", dim, x.shape);
  const n = x.shape[axis] ?? 1;
  const whole = [size, step, dilation].every((k) => Number.isInteger(k) && k > 0);
  if (!whole || (size - 1) * dilation + 1 > n) {
    throw new RangeError(`unfold: no window of ${size} with step ${step} and dilation ${dilation} in ${show(x.shape)}`);
  }
  return bind(unfoldP, [x], { axis, size, step, dilation });
}

/**
 * Cuts `dim` into pieces of `size` (the last may be shorter), or of the sizes listed.
 *
 * @throws RangeError when listed sizes do not add up.
 * @example
 * split(tensor([1, 2, 3]), 2) // [[1, 2], [3]]
 */
export function split(x: Tensor, size: number | readonly number[], dim = 0): Tensor[] {
  const axis = axisOf("split", dim, x.shape);
  const n = x.shape[axis] as number;
  if (typeof size === "number" && !(Number.isInteger(size) && size > 0)) {
    throw new RangeError(`split: a piece must hold at least one element, not ${size}`);
  }
  const sizes =
    typeof size === "number"
      ? Array.from({ length: Math.max(1, Math.ceil(n / size)) }, (_, k) => Math.min(size, n - k * size))
      : size;
  if (sizes.reduce((sum, k) => sum + k, 0) !== n) {
    throw new RangeError(`split: sizes ${show(sizes)} do not add up to ${n}, dim ${dim} of ${show(x.shape)}`);
  }
  let start = 0;
  return sizes.map((length) => narrow(x, axis, start, (start += length)));
}

/**
 * The tensors along `dim`, without that axis.
 *
 * @example
 * const [a, b] = unbind(tensor([[1, 2], [3, 4]]));
 */
export function unbind(x: Tensor, dim = 0): Tensor[] {
  const axis = axisOf("unbind", dim, x.shape);
  return Array.from({ length: x.shape[axis] ?? 0 }, (_, k) => select(x, axis, k));
}
