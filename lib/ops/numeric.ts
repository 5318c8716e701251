// What NumPy and PyTorch have beside the operations proper: each a line or a few of public operations, so that derivatives flow where
// there are any.

import { arange, linspace, tensor } from "../create.ts";
import { axisOf, type Shape, show } from "../shape.ts";
import type { Tensor } from "../trace.ts";
import { add, div, eq, gt, maximum, mul, ne, sub } from "./arithmetic.ts";
import { isnan, nonzero } from "./comparison.ts";
import { trunc } from "./elementwise.ts";
import { indexSelect } from "./indexing.ts";
import { inverse, matmul } from "./linear-algebra.ts";
import type { Operand } from "./operand.ts";
import { mean, sum } from "./reduction.ts";
import { cat, where } from "./selection.ts";
import { expand, moveAxis, narrow, reshape, select, t, unsqueeze } from "./view.ts";

/**
 * The differences of neighbours along `dim`, `n` times over.
 *
 * @throws RangeError for a dim that is not there.
 * @example
 * diff(tensor([1, 4, 9, 16])) // [3, 5, 7]
 */
export function diff(x: Tensor, n = 1, dim = -1): Tensor {
  const axis = axisOf("diff", dim, x.shape);
  let out = x;
  for (let k = 0; k < n; k++) {
    const size = out.shape[axis] as number;
    if (size === 0) break;
    out = sub<Shape, Shape>(narrow(out, axis, 1, size), narrow(out, axis, 0, size - 1));
  }
  return out;
}

/**
 * The cross product of vectors of three numbers along `dim`.
 *
 * @throws RangeError unless `dim` has three elements in both.
 * @example
 * cross(tensor([1, 0, 0]), tensor([0, 1, 0])) // [0, 0, 1]
 */
export function cross(a: Tensor, b: Tensor, dim = -1): Tensor {
  const axis = axisOf("cross", dim, a.shape);
  if (a.shape[axis] !== 3 || b.shape[axisOf("cross", dim, b.shape)] !== 3) {
    throw new RangeError(`cross: expected three elements along dim ${dim}, got ${show(a.shape)} and ${show(b.shape)}`);
  }
  const part = (x: Tensor, k: number): Tensor => select(x, dim, k);
  const parts = [0, 1, 2].map((k) => {
    const [i, j] = [(k + 1) % 3, (k + 2) % 3];
    return unsqueeze(
      part(a, i)
        .mul(part(b, j))
        .sub(part(a, j).mul(part(b, i))),
      axis,
    );
  });
  return cat(parts, axis);
}

/**
 * The Kronecker product of two matrices: each element of `a` times all of `b`.
 *
 * @throws RangeError unless both are matrices.
 * @example
 * kron(eye(2), tensor([[1, 2]])) // [[1, 2, 0, 0], [0, 0, 1, 2]]
 */
export function kron(a: Tensor, b: Tensor): Tensor {
  if (a.shape.length !== 2 || b.shape.length !== 2)
    throw new RangeError(`kron: expected two matrices, got ${show(a.shape)} and ${show(b.shape)}`);
  const [m, n, p, q] = [...a.shape, ...b.shape] as [number, number, number, number];
  const product = mul<Shape, Shape>(reshape(a, [m, 1, n, 1]), reshape(b, [1, p, 1, q]));
  return reshape(product, [m * p, n * q] as Shape);
}

/**
 * The sum of products over the last axis of both: of vectors {@link dot}.
 *
 * @throws RangeError when the last axes differ.
 * @example
 * inner(tensor([1, 2]), tensor([3, 4])) // 11
 */
export function inner(a: Tensor, b: Tensor): Tensor {
  if (a.shape.length === 0 || b.shape.length === 0) return mul<Shape, Shape>(a, b);
  const size = a.shape.at(-1);
  if (size !== b.shape.at(-1))
    throw new RangeError(`inner: the last axes differ: ${show(a.shape)} and ${show(b.shape)}`);
  const rows = (x: Tensor): Tensor => reshape(x, [-1, size as number] as Shape);
  const product = matmul<Shape, Shape>(rows(a), t(rows(b)));
  return reshape(product, [...a.shape.slice(0, -1), ...b.shape.slice(0, -1)] as Shape);
}

/**
 * Tensors one below the other: along the first axis, vectors as rows.
 *
 * @throws RangeError when sizes differ.
 * @example
 * vstack([tensor([1, 2]), tensor([3, 4])]) // [[1, 2], [3, 4]]
 */
export function vstack(tensors: readonly Tensor[]): Tensor {
  return cat(
    tensors.map((x) => (x.shape.length < 2 ? reshape(x, [1, -1] as Shape) : x)),
    0,
  );
}

/**
 * Tensors side by side: along the second axis, vectors end to end.
 *
 * @throws RangeError when sizes differ.
 * @example
 * hstack([tensor([1, 2]), tensor([3])]) // [1, 2, 3]
 */
export function hstack(tensors: readonly Tensor[]): Tensor {
  const whole = tensors.map((x) => (x.shape.length === 0 ? reshape(x, [1]) : x));
  return cat(whole, whole[0]?.shape.length === 1 ? 0 : 1);
}

/**
 * The elements at these places along `dim`, of the flattened tensor without one.
 *
 * @throws TypeError for places that are no whole numbers; RangeError for one that is out of range.
 * @example
 * take(tensor([[10, 20], [30, 40]]), tensor([3, 0], { dtype: "i32" })) // [40, 10]
 */
export function take(x: Tensor, index: Tensor, dim?: number): Tensor {
  const flat = dim === undefined ? reshape(x, [-1] as Shape) : x;
  const axis = axisOf("take", dim ?? 0, flat.shape);
  const picked = indexSelect(flat, axis, reshape(index, [-1] as Shape));
  return reshape(picked, [...flat.shape.slice(0, axis), ...index.shape, ...flat.shape.slice(axis + 1)] as Shape);
}

/**
 * Each element `count` times in a row along `dim`.
 *
 * @throws RangeError for a count below zero.
 * @example
 * repeatInterleave(tensor([1, 2]), 2, 0) // [1, 1, 2, 2]
 */
export function repeatInterleave(x: Tensor, count: number, dim: number): Tensor {
  if (!Number.isInteger(count) || count < 0) throw new RangeError(`repeatInterleave: ${count} is no number of times`);
  const axis = axisOf("repeatInterleave", dim, x.shape);
  const apart = unsqueeze(x, axis + 1);
  const wide = expand(apart, apart.shape.map((n, k) => (k === axis + 1 ? count : n)) as Shape);
  return reshape(wide, x.shape.map((n, k) => (k === axis ? n * count : n)) as Shape);
}

/**
 * The axis `dim` as several; the inverse of {@link flatten}.
 *
 * @throws RangeError when the sizes do not make up the axis.
 * @example
 * unflatten(arange(6), 0, [2, 3]) // [[0, 1, 2], [3, 4, 5]]
 */
export function unflatten(x: Tensor, dim: number, sizes: readonly number[]): Tensor {
  const axis = axisOf("unflatten", dim, x.shape);
  const size = x.shape[axis] as number;
  const known = sizes.reduce((product, n) => (n === -1 ? product : product * n), 1);
  const given = sizes.map((n) => (n === -1 ? size / known : n));
  if (given.reduce((product, n) => product * n, 1) !== size || !given.every(Number.isInteger))
    throw new RangeError(`unflatten: dim ${dim} of ${show(x.shape)} does not fall into ${show(sizes)}`);
  return reshape(x, [...x.shape.slice(0, axis), ...given, ...x.shape.slice(axis + 1)] as Shape);
}

/**
 * `x` with numbers in the place of NaN and infinities (by default 0 and the largest f32).
 *
 * @example
 * nanToNum(tensor([NaN, 1])) // [0, 1]
 */
export function nanToNum(x: Tensor, nan = 0, infinity = 3.4028234663852886e38): Tensor {
  return where(isnan(x), nan, x).clamp(-infinity, infinity);
}

/**
 * The sum of all that is a number.
 *
 * @example
 * nansum(tensor([1, NaN, 2])) // 3
 */
export function nansum(x: Tensor): Tensor {
  return sum(where<Shape, Shape>(isnan(x), 0, x));
}

/**
 * How many elements are not zero.
 *
 * @example
 * countNonzero(tensor([0, 3, 0, 4])) // 2
 */
export function countNonzero(x: Tensor): Tensor {
  return sum(ne<Shape, []>(x, 0).to("i32"));
}

/**
 * Either, but not both: of truth values.
 *
 * @throws RangeError for shapes that do not broadcast.
 * @example
 * logicalXor(tensor([true, true]), tensor([true, false])).toArray(); // [false, true]
 */
export function logicalXor(a: Tensor, b: Tensor): Tensor {
  return ne<Shape, Shape>(ne<Shape, []>(a, 0), ne<Shape, []>(b, 0));
}

/**
 * The remainder that has the sign of `a`; {@link remainder} has that of `b`.
 *
 * @throws RangeError for shapes that do not broadcast.
 * @example
 * fmod(tensor([-5, 5]), 3) // [-2, 2]
 */
export function fmod(a: Tensor, b: Operand): Tensor {
  return sub<Shape, Shape>(a, mul<Shape, Shape>(trunc(div<Shape, Shape>(a, b)), b));
}

/**
 * Degrees as radians.
 *
 * @example
 * deg2rad(tensor(180)) // 3.14159
 */
export function deg2rad(x: Tensor): Tensor {
  return mul<Shape, []>(x, Math.PI / 180);
}

/**
 * Radians as degrees.
 *
 * @example
 * rad2deg(tensor(Math.PI)) // 180
 */
export function rad2deg(x: Tensor): Tensor {
  return mul<Shape, []>(x, 180 / Math.PI);
}

/**
 * `count` numbers from `base` to the power `start` to `base` to the power `end`, their logarithms evenly spaced.
 *
 * @throws RangeError for a count that is none.
 * @example
 * logspace(0, 2, 3) // [1, 10, 100]
 */
export function logspace(start: number, end: number, count: number, base = 10): Tensor {
  return linspace(start * Math.log(base), end * Math.log(base), count).exp();
}

/**
 * The integral of `y` along its last axis by trapezoids, at distances `dx` or at the places `x`.
 *
 * @throws RangeError when `x` does not broadcast with `y`.
 * @example
 * trapezoid(tensor([1, 2, 3])) // 4
 */
export function trapezoid(y: Tensor, { x, dx = 1 }: { readonly x?: Tensor; readonly dx?: number } = {}): Tensor {
  const axis = y.shape.length - 1;
  const n = y.shape[axis] ?? 0;
  if (n === 0) throw new RangeError(`trapezoid: expected values along an axis, got ${show(y.shape)}`);
  const heights = add<Shape, Shape>(narrow(y, axis, 1, n), narrow(y, axis, 0, n - 1)).div(2);
  return sum<Shape, number>(x === undefined ? heights.mul(dx) : mul<Shape, Shape>(heights, diff(x)), axis);
}

/**
 * A square matrix to a whole power, a negative one of its inverse.
 *
 * @throws RangeError unless it is square; for one that is singular, with a negative power.
 * @example
 * matrixPower(tensor([[1, 1], [0, 1]]), 3) // [[1, 3], [0, 1]]
 */
export function matrixPower(x: Tensor, power: number): Tensor {
  if (!Number.isInteger(power)) throw new RangeError(`matrixPower: ${power} is not a whole number`);
  const n = x.shape.at(-1) ?? 0;
  if (x.shape.length < 2 || x.shape.at(-2) !== n)
    throw new RangeError(`matrixPower: expected a square matrix, got ${show(x.shape)}`);
  let factor = power < 0 ? inverse(x) : x;
  let out: Tensor | undefined;
  for (let left = Math.abs(power); left > 0; left = Math.floor(left / 2)) {
    if (left % 2 === 1) out = out === undefined ? factor : matmul<Shape, Shape>(out, factor);
    if (left > 1) factor = matmul<Shape, Shape>(factor, factor);
  }
  const one = eq<Shape, Shape>(arange(n).reshape([n, 1] as Shape), arange(n)).to(x.dtype);
  return out ?? expand(one, x.shape);
}

/**
 * The covariance matrix of variables in rows, observations in columns.
 *
 * @throws RangeError unless it is a matrix of two observations or more.
 * @example
 * cov(tensor([[1, 2, 3], [1, 0, -1]])) // [[1, -1], [-1, 1]]
 */
export function cov(x: Tensor): Tensor {
  const [, n] = x.shape;
  if (x.shape.length !== 2 || n === undefined || n < 2)
    throw new RangeError(`cov: expected variables in rows and two observations or more, got ${show(x.shape)}`);
  const centred = sub<Shape, Shape>(x, mean(x, 1, true));
  return matmul<Shape, Shape>(centred, t(centred)).div(n - 1);
}

/**
 * The correlations of variables in rows, observations in columns.
 *
 * @throws RangeError unless it is a matrix of two observations or more.
 * @example
 * corrcoef(tensor([[1, 2, 3], [2, 0, -2]])) // [[1, -1], [-1, 1]]
 */
export function corrcoef(x: Tensor): Tensor {
  const c = cov(x);
  const deviation = c.diagonal().sqrt();
  return div<Shape, Shape>(c, mul<Shape, Shape>(unsqueeze(deviation, 1), deviation));
}

/**
 * The different values, in ascending order.
 *
 * @example
 * unique(tensor([3, 1, 3])) // [1, 3]
 */
export function unique(x: Tensor): Tensor {
  const sorted = reshape(x.detach(), [-1] as Shape).sort().values;
  const n = sorted.shape[0] as number;
  if (n < 2) return sorted;
  const first = cat([tensor([true]), ne<Shape, Shape>(narrow(sorted, 0, 1, n), narrow(sorted, 0, 0, n - 1))]);
  return indexSelect(sorted, 0, reshape(nonzero(first), [-1] as Shape));
}

/**
 * The value below which the fraction `q` lies, along `dim` or of all; between two elements in a straight line.
 *
 * @throws RangeError for a fraction that is none, and for nothing at all.
 * @example
 * quantile(tensor([0, 10, 20, 30]), 0.5) // 15
 */
export function quantile(x: Tensor, q: number, dim?: number): Tensor {
  if (!(q >= 0 && q <= 1)) throw new RangeError(`quantile: ${q} is not between 0 and 1`);
  const flat = dim === undefined ? reshape(x, [-1] as Shape) : x;
  const axis = axisOf("quantile", dim ?? 0, flat.shape);
  const n = flat.shape[axis] ?? 0;
  if (n === 0) throw new RangeError(`quantile: there is nothing along dim ${axis} of ${show(flat.shape)}`);
  const sorted = flat.sort(axis).values;
  const place = q * (n - 1);
  const low = select(sorted, axis, Math.floor(place));
  return low.add(
    select(sorted, axis, Math.ceil(place))
      .sub(low)
      .mul(place - Math.floor(place)),
  );
}

/**
 * The place before which each value would be put into a sorted list to keep it sorted.
 *
 * @throws RangeError unless `sorted` is a list.
 * @example
 * searchsorted(tensor([1, 3, 5]), tensor([0, 3, 6])) // [0, 1, 3]
 */
export function searchsorted(sorted: Tensor, values: Tensor): Tensor {
  if (sorted.shape.length !== 1) throw new RangeError(`searchsorted: expected a list, got ${show(sorted.shape)}`);
  const below = gt<Shape, Shape>(unsqueeze(values, -1), sorted);
  return sum<Shape, number>(below.to("i32"), below.shape.length - 1);
}

/**
 * How many values fall into each of `bins` equal parts of the range, which is that of the values unless given.
 *
 * @throws RangeError for a number of bins that is none, or a range that is empty.
 * @example
 * histc(tensor([0, 0.2, 0.9, 1]), 2) // [2, 2]
 */
export function histc(x: Tensor, bins = 100, min?: number, max?: number): Tensor {
  if (!Number.isInteger(bins) || bins < 1) throw new RangeError(`histc: ${bins} is no number of bins`);
  const values = [...x.detach().data];
  const low = min ?? Math.min(...values);
  const high = max ?? Math.max(...values);
  if (!(low < high)) throw new RangeError(`histc: the range from ${low} to ${high} is empty`);
  const counts = new Float32Array(bins);
  for (const value of values) {
    if (!(value >= low && value <= high)) continue;
    const bin = Math.min(bins - 1, Math.floor(((value - low) / (high - low)) * bins));
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  return tensor(counts);
}

/**
 * The gated half: the first half along `dim` times the sigmoid of the second.
 *
 * @throws RangeError for an odd number of elements along `dim`.
 * @example
 * glu(tensor([2, 0])) // [1]
 */
export function glu(x: Tensor, dim = -1): Tensor {
  const axis = axisOf("glu", dim, x.shape);
  const n = x.shape[axis] as number;
  if (n % 2 !== 0) throw new RangeError(`glu: dim ${dim} of ${show(x.shape)} has no halves`);
  return narrow(x, axis, 0, n / 2).mul(narrow(x, axis, n / 2, n).sigmoid());
}

/**
 * The distance of vectors along the last axis.
 *
 * @throws RangeError for shapes that do not broadcast.
 * @example
 * pairwiseDistance(tensor([[0, 0]]), tensor([[3, 4]])) // [5]
 */
export function pairwiseDistance(a: Tensor, b: Tensor, { p = 2, eps = 1e-6 } = {}): Tensor {
  const d = sub<Shape, Shape>(a, b).add(eps);
  return d.norm({ p, dim: d.shape.length - 1 });
}

/**
 * How much nearer the anchor is to the positive example than to the negative one, up to a margin: mean of max(d(a, p) - d(a, n) + margin, 0).
 *
 * @throws RangeError for shapes that do not broadcast.
 * @example
 * tripletMarginLoss(tensor([[0, 0]]), tensor([[3, 4]]), tensor([[0, 5]])) // 1
 */
export function tripletMarginLoss(anchor: Tensor, positive: Tensor, negative: Tensor, { margin = 1 } = {}): Tensor {
  const gap = pairwiseDistance(anchor, positive).sub(pairwiseDistance(anchor, negative));
  return mean(maximum<Shape, []>(gap.add(margin), 0));
}

/**
 * The mean of each of `size` by `size` parts of images: [.., channels, h, w] → [.., channels, size, size].
 *
 * @throws RangeError unless the images fall into such parts.
 * @example
 * adaptiveAvgPool2d(ones([2, 3, 6, 4]), 1) // shape [2, 3, 1, 1]
 */
export function adaptiveAvgPool2d(x: Tensor, size: number | readonly [number, number]): Tensor {
  const [rows, columns] = typeof size === "number" ? [size, size] : size;
  const [h = 0, w = 0] = x.shape.slice(-2);
  if (x.shape.length < 2 || h % rows !== 0 || w % columns !== 0)
    throw new RangeError(`adaptiveAvgPool2d: ${show(x.shape)} does not fall into ${rows} by ${columns} equal parts`);
  const parts = reshape(x, [...x.shape.slice(0, -2), rows, h / rows, columns, w / columns] as Shape);
  const last = parts.shape.length;
  return mean(moveAxis(parts, last - 3, last - 2), [last - 2, last - 1]);
}
