// Operations that PyTorch has a name for and that others express in a line.

import { type Shape, show } from "../shape.ts";
import type { Tensor } from "../trace.ts";
import { div, eq, maximum, mul, sub } from "./arithmetic.ts";
import { abs, exp, floor, log, log1p, neg } from "./elementwise.ts";
import { matmul } from "./linear-algebra.ts";
import type { Operand } from "./operand.ts";
import { repeat, where } from "./selection.ts";
import { expand, reshape, split } from "./view.ts";

/**
 * log(eᵃ + eᵇ), without overflow.
 *
 * @throws RangeError for shapes that do not broadcast.
 * @example
 * logaddexp(tensor(1000), tensor(1000)) // 1000.6931
 */
export function logaddexp(a: Tensor, b: Tensor): Tensor {
  return maximum(a, b).add(log1p(exp(neg(abs(sub(a, b))))));
}

/**
 * a · log b, and 0 where a is 0 whatever b is.
 *
 * @throws RangeError for shapes that do not broadcast.
 * @example
 * xlogy(tensor([0, 2]), tensor([0, 1])) // [0, 0]
 */
export function xlogy(a: Tensor, b: Tensor): Tensor {
  const zero = eq(a, 0);
  return where(zero, mul(a, 0), mul(a, log(where(zero, 1, b))));
}

/**
 * 2 to the power x.
 *
 * @example
 * exp2(tensor(3)) // 8
 */
export function exp2<S extends Shape>(x: Tensor<S>): Tensor<S> {
  return exp(mul(x as Tensor, Math.LN2)) as Tensor<S>;
}

/**
 * The largest whole number not above a / b.
 *
 * @throws RangeError for shapes that do not broadcast.
 * @example
 * floorDivide(tensor(-7), 2) // -4
 */
export function floorDivide(a: Tensor, b: Operand): Tensor {
  return floor(div<Shape, Shape>(a, b));
}

/**
 * The matrix product of two stacks of matrices: [b, n, k] and [b, k, m] → [b, n, m].
 *
 * @throws RangeError unless both are stacks whose sizes fit.
 * @example
 * bmm(zeros([5, 2, 3]), zeros([5, 3, 4])) // shape [5, 2, 4]
 */
export function bmm(a: Tensor, b: Tensor): Tensor {
  if (a.shape.length !== 3 || b.shape.length !== 3 || a.shape[0] !== b.shape[0]) {
    throw new RangeError(`bmm: expected two stacks of as many matrices, got ${show(a.shape)} and ${show(b.shape)}`);
  }
  return matmul<Shape, Shape>(a, b);
}

/**
 * Cuts `dim` into at most `count` pieces of one size; the last may be shorter.
 *
 * @throws RangeError unless `count` is at least 1.
 * @example
 * chunk(tensor([1, 2, 3]), 2) // [[1, 2], [3]]
 */
export function chunk(x: Tensor, count: number, dim = 0): Tensor[] {
  if (!Number.isInteger(count) || count < 1) throw new RangeError(`chunk: there is no cutting into ${count} pieces`);
  const n = x.shape.at(dim) ?? 0;
  return split(x, Math.max(1, Math.ceil(n / count)), dim);
}

/**
 * `x` again and again along each axis; fewer counts than axes leave the leading ones as they are.
 *
 * @example
 * tile(tensor([1, 2]), [2]) // [1, 2, 1, 2]
 */
export function tile(x: Tensor, counts: readonly number[]): Tensor {
  return repeat(x, [...x.shape.slice(counts.length).map(() => 1), ...counts]);
}

/**
 * Coordinates on a grid: for n vectors, n tensors with n axes, the k-th of which varies along axis k.
 *
 * @throws RangeError unless all are vectors.
 * @example
 * const [x, y] = meshgrid(linspace(0, 1, 3), linspace(0, 1, 2)); // both [3, 2]
 */
export function meshgrid(...axes: Tensor[]): Tensor[] {
  if (axes.some((x) => x.shape.length !== 1)) {
    throw new RangeError(`meshgrid: expected vectors, got ${axes.map((x) => show(x.shape)).join(" and ")}`);
  }
  const shape = axes.map((x) => x.shape[0] as number);
  return axes.map((x, k) => expand(reshape(x, shape.map((n, i) => (i === k ? n : 1)) as Shape), shape));
}
