// Operations that work along axes. `dim` is an axis, several, or nothing for all; the axes go, or stay with size 1 with `keepdim`.

import { axesOf, axisOf, reduceShape, repeatedAxes, sameShape, type Shape, show, sizeOf } from "../shape.ts";
import type { CheckDim, Dims, Reduced } from "../shape-types.ts";
import { bind, primitive, type Primitive, type Tensor } from "../trace.ts";
import { div, powScalar, sub } from "./arithmetic.ts";
import { abs, square, sqrt } from "./elementwise.ts";
import { cast, floating } from "./operand.ts";
import { narrow, reshape, select } from "./view.ts";
import { ones, onesLike, zerosLike } from "../create.ts";
import { join } from "./join.ts";

const sumP = primitive("sum");
const meanP = primitive("mean");
const amaxP = primitive("amax");
const aminP = primitive("amin");
const argmaxP = primitive("argmax");
const argminP = primitive("argmin");
const logsumexpP = primitive("logsumexp");
const recurrenceP = primitive("recurrence");
const normP = primitive("norm");

/** Whether reduced axes stay with size 1, as `true` or `{keepdim: true}`. */
export type Keep = boolean | { readonly keepdim?: boolean };
/** Whether an axis stays, as `keepdim` says. */
export type Kept<K> = K extends true ? true : K extends { readonly keepdim: true } ? true : K extends { readonly keepdim: boolean } ? boolean : K extends boolean ? false : false; // prettier-ignore

export function keepsDim(keep: Keep | undefined): boolean {
  return typeof keep === "object" ? keep.keepdim === true : keep === true;
}

function reduce(
  p: Primitive<{ axes: readonly number[]; keepdim: boolean }>,
  x: Tensor,
  dim: Dims,
  keep?: Keep,
): Tensor {
  return bind(p, [x], { axes: axesOf(p.name, dim, x.shape), keepdim: keepsDim(keep) });
}

/** Throws when the axes along which `call` looks for something hold nothing. */
function mustHold(call: string, x: Tensor, dim: Dims): void {
  for (const axis of axesOf(call, dim, x.shape)) {
    if (x.shape[axis] === 0) throw new RangeError(`${call}: there is nothing along dim ${axis} of ${show(x.shape)}`);
  }
}

/**
 * The sum; of booleans, how many hold.
 *
 * @throws RangeError for an axis that is not there.
 * @example
 * sum(tensor([[1, 2], [3, 4]])) // 10
 * sum(tensor([[1, 2], [3, 4]]), 0) // [4, 6]
 */
export function sum<S extends Shape, const D extends Dims = undefined, const K extends Keep = false>(
  x: Tensor<S>,
  dim?: D & CheckDim<"sum", S, D>,
  keepdim?: K,
): Tensor<Reduced<S, D, Kept<K>>> {
  return reduce(sumP, x, dim, keepdim) as Tensor<Reduced<S, D, Kept<K>>>;
}

/** Adds up what broadcasting repeated: the adjoint of broadcasting a tensor of shape `shape`. */
export function sumTo(x: Tensor, shape: Shape): Tensor {
  if (sameShape(x.shape, shape)) return x;
  const summed = bind(sumP, [x], { axes: repeatedAxes(shape, x.shape), keepdim: false });
  return sameShape(summed.shape, shape) ? summed : reshape(summed, shape);
}

/**
 * The mean.
 *
 * @throws RangeError for an axis that is not there.
 * @example
 * mean(tensor([1, 2, 6])) // 3
 */
export function mean<S extends Shape, const D extends Dims = undefined, const K extends Keep = false>(
  x: Tensor<S>,
  dim?: D & CheckDim<"mean", S, D>,
  keepdim?: K,
): Tensor<Reduced<S, D, Kept<K>>> {
  return reduce(meanP, floating("mean", x), dim, keepdim) as Tensor<Reduced<S, D, Kept<K>>>;
}

/** How a variance is taken. */
export interface VarianceOptions {
  readonly keepdim?: boolean;
  /** What is taken off the count that divides: 1 (the default) for a sample, 0 for a whole population. */
  readonly correction?: number;
}

/**
 * The variance, by default of a sample: Σ(x - mean)² / (n - 1).
 *
 * @throws RangeError for an axis that is not there.
 * @example
 * variance(tensor([1, 2, 3])) // 1
 */
export function variance(x: Tensor, dim?: Dims, options: VarianceOptions | boolean = {}): Tensor {
  const { keepdim = false, correction = 1 } = typeof options === "boolean" ? { keepdim: options } : options;
  const axes = axesOf("var", dim, x.shape);
  const count = axes.reduce((product, axis) => product * (x.shape[axis] as number), 1);
  const values = floating("var", x);
  const deviation = sub(values, mean(values, axes, true));
  return div(sum(square(deviation), axes, keepdim), Math.max(0, count - correction));
}

/**
 * The standard deviation: the square root of {@link variance}.
 *
 * @example
 * std(tensor([1, 2, 3])) // 1
 */
export function std(x: Tensor, dim?: Dims, options: VarianceOptions | boolean = {}): Tensor {
  return sqrt(variance(x, dim, options));
}

/**
 * The largest element. Equal ones share the derivative evenly.
 *
 * @throws RangeError for an axis that is not there or empty.
 * @example
 * amax(tensor([[1, 5], [3, 2]]), 1) // [5, 3]
 */
export function amax<S extends Shape, const D extends Dims = undefined, const K extends Keep = false>(
  x: Tensor<S>,
  dim?: D & CheckDim<"amax", S, D>,
  keepdim?: K,
): Tensor<Reduced<S, D, Kept<K>>> {
  mustHold("amax", x, dim);
  return reduce(amaxP, x, dim, keepdim) as Tensor<Reduced<S, D, Kept<K>>>;
}

/**
 * The smallest element. Equal ones share the derivative evenly.
 *
 * @throws RangeError for an axis that is not there or empty.
 * @example
 * amin(tensor([[1, 5], [3, 2]]), 1) // [1, 2]
 */
export function amin<S extends Shape, const D extends Dims = undefined, const K extends Keep = false>(
  x: Tensor<S>,
  dim?: D & CheckDim<"amin", S, D>,
  keepdim?: K,
): Tensor<Reduced<S, D, Kept<K>>> {
  mustHold("amin", x, dim);
  return reduce(aminP, x, dim, keepdim) as Tensor<Reduced<S, D, Kept<K>>>;
}

function place(p: Primitive<{ axis: number }>, x: Tensor, dim: number | undefined, keep?: Keep): Tensor {
  mustHold(p.name, x, dim);
  if (dim === undefined || x.shape.length === 0) {
    const flat = bind(p, [reshape(x, [sizeOf(x.shape)] as Shape)], { axis: 0 });
    return keepsDim(keep) ? reshape(flat, x.shape.map(() => 1) as Shape) : flat;
  }
  const axis = axisOf(p.name, dim, x.shape);
  const out = bind(p, [x], { axis });
  return keepsDim(keep) ? reshape(out, reduceShape(x.shape, [axis], true) as Shape) : out;
}

/**
 * The index of the largest element along `dim`, or in the flattened tensor; the first one of equals.
 *
 * @throws RangeError for an axis that is not there or empty.
 * @example
 * argmax(tensor([[1, 5], [3, 2]]), 1) // [1, 0]
 */
export function argmax(x: Tensor, dim?: number, keepdim?: Keep): Tensor {
  return place(argmaxP, x, dim, keepdim);
}

/**
 * The index of the smallest element along `dim`, or in the flattened tensor; the first one of equals.
 *
 * @throws RangeError for an axis that is not there or empty.
 * @example
 * argmin(tensor([3, 1, 2])) // 1
 */
export function argmin(x: Tensor, dim?: number, keepdim?: Keep): Tensor {
  return place(argminP, x, dim, keepdim);
}

/**
 * log Σ eˣ, without overflow.
 *
 * @throws RangeError for an axis that is not there.
 * @example
 * logsumexp(tensor([1000, 1000]), 0) // 1000.6931
 */
export function logsumexp<S extends Shape, const D extends Dims = undefined, const K extends Keep = false>(
  x: Tensor<S>,
  dim?: D & CheckDim<"logsumexp", S, D>,
  keepdim?: K,
): Tensor<Reduced<S, D, Kept<K>>> {
  return reduce(logsumexpP, floating("logsumexp", x), dim, keepdim) as Tensor<Reduced<S, D, Kept<K>>>;
}

/** y[i] = a[i] · y[i - 1] + b[i] along an axis, from y[-1] = 0; from the other end with `reverse`. */
export function recurrence(a: Tensor, b: Tensor, axis: number, reverse = false): Tensor {
  return bind(recurrenceP, [a, b], { axis, reverse });
}

/**
 * The sums of the first elements along `dim`.
 *
 * @throws RangeError for an axis that is not there.
 * @example
 * cumsum(tensor([1, 2, 3]), 0) // [1, 3, 6]
 */
export function cumsum<S extends Shape>(x: Tensor<S>, dim: number): Tensor<S> {
  const axis = axisOf("cumsum", dim, x.shape);
  if (x.shape.length === 0) return x;
  const values = (x.dtype === "bool" ? cast(x, "i32") : x) as Tensor;
  return recurrence(onesLike(values), values, axis) as Tensor<S>;
}

/**
 * The products of the first elements along `dim`; derivatives are right where elements are zero, too.
 *
 * @throws RangeError for an axis that is not there.
 * @example
 * cumprod(tensor([1, 2, 3]), 0) // [1, 2, 6]
 */
export function cumprod<S extends Shape>(x: Tensor<S>, dim: number): Tensor<S> {
  const axis = axisOf("cumprod", dim, x.shape);
  const n = x.shape[axis];
  if (n === undefined || n === 0) return x;
  const values = (x.dtype === "bool" ? cast(x, "i32") : x) as Tensor;
  // y[0] = x[0], then y[i] = x[i] · y[i - 1].
  const first = narrow(values, axis, 0, 1);
  if (n === 1) return values as Tensor<S>;
  const rest = zerosLike(narrow(values, axis, 1, n));
  return recurrence(values, join([first, rest], axis), axis) as Tensor<S>;
}

/**
 * The product; derivatives are right where elements are zero, too.
 *
 * @throws RangeError for an axis that is not there.
 * @example
 * prod(tensor([2, 3, 4])) // 24
 */
export function prod(x: Tensor, dim?: Dims, keepdim?: Keep): Tensor {
  const keep = keepsDim(keepdim);
  if (typeof dim === "object") {
    // From the last axis to the first, so that the places of the others stay.
    return axesOf("prod", dim, x.shape).reduceRight((y, axis) => prod(y, axis, keep), x);
  }
  const values = x.dtype === "bool" ? cast(x, "i32") : x;
  if (dim === undefined) {
    const all = prod(reshape(values, [sizeOf(x.shape)] as Shape), 0);
    return keep ? reshape(all, x.shape.map(() => 1) as Shape) : all;
  }
  const axis = axisOf("prod", dim, x.shape);
  if (x.shape.length === 0) return values;
  const n = x.shape[axis] as number;
  const shape = reduceShape(x.shape, [axis], keep) as Shape;
  if (n === 0) return ones(shape, { dtype: values.dtype });
  const running = cumprod(values, axis);
  return keep ? narrow(running, axis, n - 1, n) : select(running, axis, n - 1);
}

/** How a norm is taken. */
export interface NormOptions {
  /** 2 (the default): √Σx²; 1: Σ|x|; Infinity: the largest |x|. */
  readonly p?: number;
  readonly dim?: Dims;
  readonly keepdim?: boolean;
}

/**
 * The p-norm, by default √Σx². Its derivative at the origin is 0.
 *
 * @throws RangeError unless p is positive.
 * @example
 * norm(tensor([3, 4])) // 5
 */
export function norm(x: Tensor, { p = 2, dim, keepdim = false }: NormOptions = {}): Tensor {
  const values = floating("norm", x);
  if (!(p > 0)) throw new RangeError(`norm: p must be positive, not ${p}`);
  if (p === Infinity) return amax(abs(values), dim, keepdim);
  if (p === 1) return sum(abs(values), dim, keepdim);
  if (p === 2) return reduce(normP, values, dim, keepdim);
  const powered = sum(powScalar(abs(values), p), dim, keepdim);
  return powScalar(powered, 1 / p);
}

/**
 * Whether all elements hold (are not zero).
 *
 * @example
 * all(tensor([true, false])) // false
 */
export function all(x: Tensor, dim?: Dims, keepdim?: Keep): Tensor {
  return amin(cast(x, "bool"), dim, keepdim as boolean);
}

/**
 * Whether any element holds (is not zero).
 *
 * @example
 * any(tensor([true, false])) // true
 */
export function any(x: Tensor, dim?: Dims, keepdim?: Keep): Tensor {
  return amax(cast(x, "bool"), dim, keepdim as boolean);
}
