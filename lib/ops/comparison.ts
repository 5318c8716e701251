// Questions about elements: which are finite, which are close, where the true ones are. Answers are booleans or places; no derivative flows.

import { axisOf, sameShape, type Shape, show } from "../shape.ts";
import { concrete, type Tensor, wrap } from "../trace.ts";
import { flatValues } from "../create.ts";
import { abs } from "./elementwise.ts";
import { eq, le, logicalAnd, lt, ne, sub } from "./arithmetic.ts";
import { gatherAlong, indexSelect, type Ordered } from "./indexing.ts";
import { all, amax, amin, argmax, argmin, type Keep, keepsDim } from "./reduction.ts";
import { expand, reshape } from "./view.ts";
import { cast } from "./operand.ts";

/**
 * Whether elements are NaN.
 *
 * @example
 * isnan(tensor([NaN, 1])) // [true, false]
 */
export function isnan<S extends Shape>(x: Tensor<S>): Tensor<S> {
  return ne(x as Tensor, x as Tensor) as Tensor<S>;
}

/**
 * Whether elements are finite.
 *
 * @example
 * isfinite(tensor([Infinity, 1])) // [false, true]
 */
export function isfinite<S extends Shape>(x: Tensor<S>): Tensor<S> {
  return lt(abs(x as Tensor), Infinity) as Tensor<S>;
}

/**
 * Whether elements are infinite.
 *
 * @example
 * isinf(tensor([Infinity, 1])) // [true, false]
 */
export function isinf<S extends Shape>(x: Tensor<S>): Tensor<S> {
  return eq(abs(x as Tensor), Infinity) as Tensor<S>;
}

/** How close is close: |a - b| ≤ atol + rtol |b|. */
export interface CloseOptions {
  readonly rtol?: number;
  readonly atol?: number;
  /** Whether NaN equals NaN; false. */
  readonly equalNan?: boolean;
}

/**
 * Whether elements are close.
 *
 * @throws RangeError for shapes that do not broadcast.
 * @example
 * isclose(tensor([1, 2]), tensor([1, 2.1])) // [true, false]
 */
export function isclose(
  a: Tensor,
  b: Tensor,
  { rtol = 1e-5, atol = 1e-8, equalNan = false }: CloseOptions = {},
): Tensor {
  const near = le(abs(sub(a, b)), abs(b).mul(rtol).add(atol));
  const same = eq(a, b);
  const known = logicalAnd(near, isfinite(b)).logicalOr(same);
  return equalNan ? known.logicalOr(logicalAnd(isnan(a), isnan(b))) : known;
}

/**
 * Whether all elements are close.
 *
 * @throws RangeError for shapes that do not broadcast.
 * @example
 * allclose(x, y, { rtol: 1e-3 })
 */
export function allclose(a: Tensor, b: Tensor, options: CloseOptions = {}): boolean {
  return all(isclose(a, b, options)).item() === 1;
}

/**
 * Whether two tensors have one shape and the same elements.
 *
 * @example
 * equal(tensor([1, 2]), tensor([1, 2])) // true
 */
export function equal(a: Tensor, b: Tensor): boolean {
  return sameShape(a.shape, b.shape) && all(eq(a, b)).item() === 1;
}

/** The flat places of elements that are not zero. */
function places(call: string, mask: Tensor): number[] {
  const found: number[] = [];
  flatValues(concrete(call, mask)).forEach((value, k) => {
    if (value !== 0) found.push(k);
  });
  return found;
}

/**
 * The indices of elements that are not zero: [count, dimensions].
 *
 * @throws TypeError inside vmap, where their number is not one number.
 * @example
 * nonzero(tensor([0, 3, 0, 4])) // [[1], [3]]
 */
export function nonzero(x: Tensor): Tensor {
  const rank = x.shape.length;
  const found = places("nonzero", x);
  const out = new Int32Array(found.length * rank);
  found.forEach((place, k) => {
    let rest = place;
    for (let axis = rank - 1; axis >= 0; axis--) {
      const n = x.shape[axis] as number;
      out[k * rank + axis] = rest % n;
      rest = Math.floor(rest / n);
    }
  });
  return wrap(out, [found.length, rank], "i32");
}

/**
 * The elements of `x` at which the mask holds, in a list.
 *
 * @throws RangeError when the mask does not broadcast to `x`; TypeError inside vmap, where their number is not one number.
 * @example
 * maskedSelect(x, x.gt(0))
 */
export function maskedSelect(x: Tensor, mask: Tensor): Tensor {
  const whole = expand(mask, x.shape);
  const found = places("maskedSelect", whole);
  const index = wrap(Int32Array.from(found), [found.length] as Shape, "i32");
  return indexSelect(reshape(x, [-1] as Shape), 0, index);
}

function extreme(x: Tensor, dim: number, keepdim: Keep | undefined, find: typeof argmax): Ordered {
  const axis = axisOf("max", dim, x.shape);
  const kept = find(x, axis, true);
  const values = x.shape.length === 0 ? x : gatherAlong(x, axis, kept);
  if (keepsDim(keepdim) || x.shape.length === 0) return { values, indices: kept };
  const shape = x.shape.filter((_, k) => k !== axis) as Shape;
  return { values: reshape(values, shape), indices: reshape(kept, shape) };
}

/**
 * The largest element of all; or, along `dim`, the largest elements and where they are. The first one of equals gets the derivative along
 * `dim`, all share it without.
 *
 * @throws RangeError for an axis that is not there or empty.
 * @example
 * max(tensor([3, 1])) // 3
 * max(tensor([[1, 5], [3, 2]]), 1).values // [5, 3]
 */
export function max(x: Tensor): Tensor<[]>;
export function max(x: Tensor, dim: number, keepdim?: Keep): Ordered;
export function max(x: Tensor, dim?: number, keepdim?: Keep): Tensor | Ordered {
  return dim === undefined ? amax(x) : extreme(x, dim, keepdim, argmax);
}

/**
 * The smallest element of all; or, along `dim`, the smallest elements and where they are.
 *
 * @throws RangeError for an axis that is not there or empty.
 * @example
 * min(tensor([3, 1])) // 1
 * min(tensor([[1, 5], [3, 2]]), 1).indices // [0, 1]
 */
export function min(x: Tensor): Tensor<[]>;
export function min(x: Tensor, dim: number, keepdim?: Keep): Ordered;
export function min(x: Tensor, dim?: number, keepdim?: Keep): Tensor | Ordered {
  return dim === undefined ? amin(x) : extreme(x, dim, keepdim, argmin);
}

/**
 * How often each whole number from 0 on occurs.
 *
 * @throws RangeError for negative numbers.
 * @example
 * bincount(tensor([0, 2, 2], { dtype: "i32" })) // [1, 0, 2]
 */
export function bincount(x: Tensor, least = 0): Tensor {
  const values = flatValues(concrete("bincount", x));
  let length = least;
  for (const value of values) {
    if (!Number.isInteger(value) || value < 0)
      throw new RangeError(`bincount: counts whole numbers from 0 on, not ${value}`);
    length = Math.max(length, value + 1);
  }
  const counts = new Int32Array(length);
  for (const value of values) counts[value] = (counts[value] as number) + 1;
  return wrap(counts, [length], "i32");
}

/**
 * The middle element in order, the lower of two, along `dim` or of all.
 *
 * @throws RangeError for an axis that is not there.
 * @example
 * median(tensor([3, 1, 2])) // 2
 */
export function median(x: Tensor, dim?: number): Tensor {
  const flat = dim === undefined ? reshape(x, [-1] as Shape) : x;
  const axis = axisOf("median", dim ?? 0, flat.shape);
  const n = flat.shape[axis] ?? 1;
  if (n === 0) throw new RangeError(`median: there is nothing along dim ${axis} of ${show(flat.shape)}`);
  return flat.sort(axis).values.select(axis, Math.floor((n - 1) / 2));
}

/** Elements of `x` at `index` for `at`: places along one axis, or a mask over the first axes. */
export function pick(x: Tensor, axis: number, index: Tensor): Tensor {
  if (index.dtype !== "bool") {
    const flat = indexSelect(x, axis, wrapNegative(reshape(index, [-1] as Shape), x.shape[axis] ?? 1));
    return reshape(flat, [...x.shape.slice(0, axis), ...index.shape, ...x.shape.slice(axis + 1)] as Shape);
  }
  const covered = x.shape.slice(axis, axis + index.shape.length);
  if (!sameShape(covered, index.shape)) {
    throw new RangeError(`at: the mask ${show(index.shape)} does not fit ${show(x.shape)}`);
  }
  const found = places("at", index);
  const joined = reshape(x, [...x.shape.slice(0, axis), -1, ...x.shape.slice(axis + covered.length)] as Shape);
  return indexSelect(joined, axis, wrap(Int32Array.from(found), [found.length] as Shape, "i32"));
}

function wrapNegative(index: Tensor, n: number): Tensor {
  const negative = lt(index, 0);
  return index.add(cast(negative, "i32").mul(n));
}
