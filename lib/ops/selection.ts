// Operations that choose, move and join elements. Derivatives flow to the elements that were chosen.

import { promote } from "../dtype.ts";
import { axisOf, broadcastOrThrow, sameShape, type Shape, show } from "../shape.ts";
import type { Broadcast, CheckBroadcast } from "../shape-types.ts";
import { bind, NOTHING, primitive, type Tensor } from "../trace.ts";
import { cast, operand, type Operand, pair } from "./operand.ts";
import { join, padWith } from "./join.ts";
import { expand, narrow, reshape, unsqueeze } from "./view.ts";

const whereP = primitive("where");
const foldP = primitive("fold");
const copyP = primitive("copy");
const stopGradientP = primitive("stopGradient");

/**
 * `a` where the condition holds, else `b`, for each element.
 *
 * @throws RangeError for shapes that do not broadcast.
 * @example
 * where(x.gt(0), x, 0)
 */
export function where<A extends Shape = [], B extends Shape = []>(
  condition: Tensor,
  a: Operand<A>,
  b: Operand<B> & CheckBroadcast<"where", A, B>,
): Tensor<Broadcast<A, B>> {
  const inputs = pair("where", a, b);
  const shape = broadcastOrThrow("where", inputs[0].shape, inputs[1].shape);
  broadcastOrThrow("where", operand("where", condition).shape, shape);
  return bind(whereP, [condition, ...inputs], NOTHING) as Tensor<Broadcast<A, B>>;
}

/**
 * `value` where the mask holds, else `x`.
 *
 * @throws RangeError when the mask does not broadcast to `x`.
 * @example
 * maskedFill(tensor([1, -2]), tensor([false, true]), 0) // [1, 0]
 */
export function maskedFill<S extends Shape>(x: Tensor<S>, mask: Tensor, value: Operand<[]>): Tensor<S> {
  const [filler, kept] = pair("maskedFill", value, x);
  if (!sameShape(broadcastOrThrow("maskedFill", mask.shape, x.shape), x.shape)) {
    throw new RangeError(`maskedFill: the mask ${show(mask.shape)} is larger than ${show(x.shape)}`);
  }
  return bind(whereP, [mask, filler, kept], NOTHING) as Tensor<S>;
}

/**
 * With `value` around it. As in PyTorch, `widths` counts from the last axis: [before, after] of the last, then of the one before it, ….
 * Negative widths cut off.
 *
 * @throws RangeError for an odd number of widths, or more than there are axes.
 * @example
 * pad(tensor([1, 2]), [1, 2]) // [0, 1, 2, 0, 0]
 */
export function pad(x: Tensor, widths: readonly number[], value = 0): Tensor {
  const rank = x.shape.length;
  if (widths.length % 2 !== 0 || widths.length > 2 * rank || !widths.every(Number.isInteger)) {
    throw new RangeError(`pad: ${show(widths)} is not a pair of widths for at most ${rank} axes of ${show(x.shape)}`);
  }
  const low = x.shape.map((_, k) => widths[2 * (rank - 1 - k)] ?? 0);
  const high = x.shape.map((_, k) => widths[2 * (rank - 1 - k) + 1] ?? 0);
  let cut = x;
  x.shape.forEach((n, axis) => {
    const start = Math.max(0, -(low[axis] as number));
    const end = n - Math.max(0, -(high[axis] as number));
    if (end < start) throw new RangeError(`pad: ${show(widths)} cuts off more than ${show(x.shape)} has`);
    cut = narrow(cut, axis, start, end);
  });
  const positive = (n: number): number => Math.max(0, n);
  const ones = x.shape.map(() => 1);
  const padded = padWith(cut, low.map(positive), high.map(positive), ones);
  if (value === 0) return padded;
  const inside = padWith(filled(cut.shape, 1), low.map(positive), high.map(positive), ones);
  return where(inside, padded, value);
}

function filled(shape: Shape, value: number): Tensor {
  return expand(cast(operand("pad", value), "bool"), shape);
}

/**
 * Joins tensors along `dim`.
 *
 * @throws RangeError when another size differs; TypeError for an empty list.
 * @example
 * cat([tensor([1, 2]), tensor([3])], 0) // [1, 2, 3]
 */
export function cat(tensors: readonly Tensor[], dim = 0): Tensor {
  const [first] = tensors;
  if (first === undefined) throw new TypeError("cat: needs at least one tensor");
  if (first.shape.length === 0) throw new RangeError("cat: a single number has no axis; use stack");
  const axis = axisOf("cat", dim, first.shape);
  let { dtype } = first;
  for (const x of tensors) {
    const fits = x.shape.length === first.shape.length && x.shape.every((n, k) => k === axis || n === first.shape[k]);
    if (!fits) {
      throw new RangeError(`cat: sizes differ outside dim ${dim}: ${tensors.map((y) => show(y.shape)).join(" and ")}`);
    }
    dtype = promote(dtype, 1, x.dtype, 1);
  }
  return join(
    tensors.map((x) => cast(x, dtype)),
    axis,
  );
}

/**
 * Joins tensors of one shape along a new axis.
 *
 * @throws RangeError when shapes differ; TypeError for an empty list.
 * @example
 * stack([tensor([1, 2]), tensor([3, 4])]) // [[1, 2], [3, 4]]
 */
export function stack(tensors: readonly Tensor[], dim = 0): Tensor {
  const [first] = tensors;
  if (first === undefined) throw new TypeError("stack: needs at least one tensor");
  if (!tensors.every((x) => sameShape(x.shape, first.shape))) {
    throw new RangeError(`stack: shapes differ: ${tensors.map((x) => show(x.shape)).join(" and ")}`);
  }
  const place = dim < 0 ? dim + first.shape.length + 1 : dim;
  return cat(
    tensors.map((x) => unsqueeze(x, place)),
    place,
  );
}

/**
 * Moves elements `shift` places along `dim`; what falls off the end comes back at the start.
 *
 * @example
 * roll(tensor([1, 2, 3]), 1, 0) // [3, 1, 2]
 */
export function roll<S extends Shape>(x: Tensor<S>, shift: number, dim?: number): Tensor<S> {
  if (dim === undefined)
    return reshape(roll(reshape(x as Tensor, [-1] as Shape), shift, 0), x.shape as Shape) as Tensor as Tensor<S>;
  const axis = axisOf("roll", dim, x.shape);
  const n = x.shape[axis] ?? 1;
  const from = n === 0 ? 0 : ((-shift % n) + n) % n;
  if (from === 0) return x;
  return join([narrow(x, axis, from, n), narrow(x, axis, 0, from)], axis) as Tensor<S>;
}

/**
 * `x` again and again along each axis; more counts than axes add leading ones.
 *
 * @throws RangeError for fewer counts than axes.
 * @example
 * repeat(tensor([1, 2]), [2, 2]) // [[1, 2, 1, 2], [1, 2, 1, 2]]
 */
export function repeat(x: Tensor, counts: readonly number[]): Tensor {
  const lead = counts.length - x.shape.length;
  if (lead < 0) throw new RangeError(`repeat: ${show(counts)} has fewer counts than ${show(x.shape)} has axes`);
  const sizes = counts.map((_, k) => (k < lead ? 1 : (x.shape[k - lead] as number)));
  const apart = reshape(x, sizes.flatMap((n) => [1, n]) as Shape);
  const repeated = expand(
    apart,
    sizes.flatMap((n, k) => [counts[k] as number, n]),
  );
  return reshape(repeated, sizes.map((n, k) => n * (counts[k] as number)) as Shape);
}

/** The adjoint of unfold: adds windows up where they lie in an axis of `length` elements. */
export function fold(x: Tensor, axis: number, length: number, step: number, dilation: number): Tensor {
  return bind(foldP, [x], { axis, length, step, dilation });
}

/**
 * The same numbers in memory of their own.
 *
 * @example
 * const before = w.clone();
 */
export function clone<S extends Shape>(x: Tensor<S>): Tensor<S> {
  return bind(copyP, [x as Tensor], NOTHING) as Tensor<S>;
}

/**
 * The same numbers as a constant: no derivative flows through it.
 *
 * @example
 * stopGradient(x).mul(x) // derivative: the value of x
 */
export function stopGradient<S extends Shape>(x: Tensor<S>): Tensor<S> {
  return bind(stopGradientP, [x as Tensor], NOTHING) as Tensor<S>;
}
