// Operations on the elements of two tensors at the same place. Shapes broadcast as in NumPy; a number broadcasts to anything. The type
// is the wider of both, and f32 where whole numbers give fractions. Derivatives that meet at a tie are shared evenly.

import type { Nothing } from "../backend.ts";
import { isFloat } from "../dtype.ts";
import { broadcastOrThrow, type Shape } from "../shape.ts";
import type { Broadcast, CheckBroadcast } from "../shape-types.ts";
import { bind, NOTHING, primitive, type Primitive, Tensor } from "../trace.ts";
import { cast, floating, operand, type Operand, pair } from "./operand.ts";

function both(p: Primitive<Nothing>, a: Operand, b: Operand): Tensor {
  const inputs = pair(p.name, a, b);
  const [x, y] = inputs;
  if (x.shape !== y.shape) broadcastOrThrow(p.name, x.shape, y.shape);
  return x.dtype === "bool" ? ofBooleans(p, x, y) : bind(p, inputs, NOTHING);
}

/** As in PyTorch, adding booleans is "or" and multiplying them "and"; subtracting them means nothing. */
function ofBooleans(p: Primitive<Nothing>, x: Tensor, y: Tensor): Tensor {
  if (p.name === "add") return bind(logicalOrP, [x, y], NOTHING);
  if (p.name === "sub") {
    throw new TypeError(
      `sub: booleans cannot be subtracted; convert them first: x.to("i32"), or compare them: x.ne(y)`,
    );
  }
  if (p.name === "pow" || p.name === "remainder") return bind(p, [cast(x, "i32"), cast(y, "i32")], NOTHING);
  return bind(p, [x, y], NOTHING);
}

function fractions(p: Primitive<Nothing>, a: Operand, b: Operand): Tensor {
  const [x, y] = pair(p.name, a, b);
  return isFloat(x.dtype) ? both(p, x, y) : both(p, cast(x, "f32"), cast(y, "f32"));
}

const addP = primitive("add");
const subP = primitive("sub");
const mulP = primitive("mul");
const divP = primitive("div");
const powP = primitive("pow");
const maximumP = primitive("maximum");
const minimumP = primitive("minimum");
const atan2P = primitive("atan2");
const hypotP = primitive("hypot");
const remainderP = primitive("remainder");
const eqP = primitive("eq");
const neP = primitive("ne");
const ltP = primitive("lt");
const leP = primitive("le");
const gtP = primitive("gt");
const geP = primitive("ge");
const logicalAndP = primitive("logicalAnd");
const logicalOrP = primitive("logicalOr");
const clampP = primitive("clamp");
const affineP = primitive("affine");
const powScalarP = primitive("powScalar");
const logicalNotP = primitive("logicalNot");

/** x · scale + shift, with plain numbers; for floats. */
export function affine(x: Tensor, scale: number, shift: number, as = "mul"): Tensor {
  return bind(affineP, [x], { scale, shift, as });
}

/** Whether `x` is a tensor of floats and `n` a plain number, which then need not become a tensor. */
function withNumber(x: Operand, n: Operand): x is Tensor {
  return typeof n === "number" && x instanceof Tensor && isFloat(x.dtype);
}

/**
 * x + y, for each element.
 *
 * @throws RangeError for shapes that do not broadcast.
 * @example
 * add(tensor([1, 2]), 10) // [11, 12]
 */
export function add<A extends Shape = [], B extends Shape = []>(
  a: Operand<A>,
  b: Operand<B> & CheckBroadcast<"add", A, B>,
): Tensor<Broadcast<A, B>> {
  if (withNumber(a, b)) return affine(a, 1, b as number, "add") as Tensor<Broadcast<A, B>>;
  if (withNumber(b, a)) return affine(b, 1, a, "add") as Tensor<Broadcast<A, B>>;
  return both(addP, a, b) as Tensor<Broadcast<A, B>>;
}

/**
 * x - y, for each element.
 *
 * @throws RangeError for shapes that do not broadcast.
 * @example
 * sub(tensor([1, 2]), tensor([[1], [2]])) // [[0, 1], [-1, 0]]
 */
export function sub<A extends Shape = [], B extends Shape = []>(
  a: Operand<A>,
  b: Operand<B> & CheckBroadcast<"sub", A, B>,
): Tensor<Broadcast<A, B>> {
  if (withNumber(a, b)) return affine(a, 1, -(b as number), "sub") as Tensor<Broadcast<A, B>>;
  if (withNumber(b, a)) return affine(b, -1, a, "sub") as Tensor<Broadcast<A, B>>;
  return both(subP, a, b) as Tensor<Broadcast<A, B>>;
}

/**
 * x · y, for each element.
 *
 * @throws RangeError for shapes that do not broadcast.
 * @example
 * mul(tensor([1, 2]), tensor([3, 4])) // [3, 8]
 */
export function mul<A extends Shape = [], B extends Shape = []>(
  a: Operand<A>,
  b: Operand<B> & CheckBroadcast<"mul", A, B>,
): Tensor<Broadcast<A, B>> {
  if (withNumber(a, b)) return affine(a, b as number, 0) as Tensor<Broadcast<A, B>>;
  if (withNumber(b, a)) return affine(b, a, 0) as Tensor<Broadcast<A, B>>;
  return both(mulP, a, b) as Tensor<Broadcast<A, B>>;
}

/**
 * x / y, for each element.
 *
 * @throws RangeError for shapes that do not broadcast.
 * @example
 * div(tensor([1, 2]), 2) // [0.5, 1]
 */
export function div<A extends Shape = [], B extends Shape = []>(
  a: Operand<A>,
  b: Operand<B> & CheckBroadcast<"div", A, B>,
): Tensor<Broadcast<A, B>> {
  return fractions(divP, a, b) as Tensor<Broadcast<A, B>>;
}

/**
 * x to the power y, for each element.
 *
 * @throws RangeError for shapes that do not broadcast.
 * @example
 * pow(tensor([2, 3]), 2) // [4, 9]
 */
export function pow<A extends Shape = [], B extends Shape = []>(
  a: Operand<A>,
  b: Operand<B> & CheckBroadcast<"pow", A, B>,
): Tensor<Broadcast<A, B>> {
  if (typeof b === "number") {
    const base = operand("pow", a);
    const whole = Number.isInteger(b) && b >= 0;
    return powScalar(whole ? base : floating("pow", base), b) as unknown as Tensor<Broadcast<A, B>>;
  }
  return both(powP, a, b) as Tensor<Broadcast<A, B>>;
}

/**
 * The larger of both, for each element.
 *
 * @throws RangeError for shapes that do not broadcast.
 * @example
 * maximum(tensor([1, 5]), 3) // [3, 5]
 */
export function maximum<A extends Shape = [], B extends Shape = []>(
  a: Operand<A>,
  b: Operand<B> & CheckBroadcast<"maximum", A, B>,
): Tensor<Broadcast<A, B>> {
  return both(maximumP, a, b) as Tensor<Broadcast<A, B>>;
}

/**
 * The smaller of both, for each element.
 *
 * @throws RangeError for shapes that do not broadcast.
 * @example
 * minimum(tensor([1, 5]), 3) // [1, 3]
 */
export function minimum<A extends Shape = [], B extends Shape = []>(
  a: Operand<A>,
  b: Operand<B> & CheckBroadcast<"minimum", A, B>,
): Tensor<Broadcast<A, B>> {
  return both(minimumP, a, b) as Tensor<Broadcast<A, B>>;
}

/**
 * The angle of the point (y, x), for each element.
 *
 * @throws RangeError for shapes that do not broadcast.
 * @example
 * atan2(tensor(1), tensor(1)) // 0.7854
 */
export function atan2<A extends Shape = [], B extends Shape = []>(
  a: Operand<A>,
  b: Operand<B> & CheckBroadcast<"atan2", A, B>,
): Tensor<Broadcast<A, B>> {
  return fractions(atan2P, a, b) as Tensor<Broadcast<A, B>>;
}

/**
 * √(x² + y²), for each element.
 *
 * @throws RangeError for shapes that do not broadcast.
 * @example
 * hypot(tensor(3), tensor(4)) // 5
 */
export function hypot<A extends Shape = [], B extends Shape = []>(
  a: Operand<A>,
  b: Operand<B> & CheckBroadcast<"hypot", A, B>,
): Tensor<Broadcast<A, B>> {
  return fractions(hypotP, a, b) as Tensor<Broadcast<A, B>>;
}

/**
 * The rest of x / y, with the sign of y, for each element.
 *
 * @throws RangeError for shapes that do not broadcast.
 * @example
 * remainder(tensor(-1), 3) // 2
 */
export function remainder<A extends Shape = [], B extends Shape = []>(
  a: Operand<A>,
  b: Operand<B> & CheckBroadcast<"remainder", A, B>,
): Tensor<Broadcast<A, B>> {
  return both(remainderP, a, b) as Tensor<Broadcast<A, B>>;
}

/**
 * Whether x = y, for each element.
 *
 * @throws RangeError for shapes that do not broadcast.
 * @example
 * eq(tensor([1, 2]), 1) // [true, false]
 */
export function eq<A extends Shape = [], B extends Shape = []>(
  a: Operand<A>,
  b: Operand<B> & CheckBroadcast<"eq", A, B>,
): Tensor<Broadcast<A, B>> {
  return both(eqP, a, b) as Tensor<Broadcast<A, B>>;
}

/**
 * Whether x ≠ y, for each element.
 *
 * @throws RangeError for shapes that do not broadcast.
 * @example
 * ne(tensor([1, 2]), 1) // [false, true]
 */
export function ne<A extends Shape = [], B extends Shape = []>(
  a: Operand<A>,
  b: Operand<B> & CheckBroadcast<"ne", A, B>,
): Tensor<Broadcast<A, B>> {
  return both(neP, a, b) as Tensor<Broadcast<A, B>>;
}

/**
 * Whether x < y, for each element.
 *
 * @throws RangeError for shapes that do not broadcast.
 * @example
 * lt(tensor([1, 2]), 2) // [true, false]
 */
export function lt<A extends Shape = [], B extends Shape = []>(
  a: Operand<A>,
  b: Operand<B> & CheckBroadcast<"lt", A, B>,
): Tensor<Broadcast<A, B>> {
  return both(ltP, a, b) as Tensor<Broadcast<A, B>>;
}

/**
 * Whether x ≤ y, for each element.
 *
 * @throws RangeError for shapes that do not broadcast.
 * @example
 * le(tensor([1, 2]), 1) // [true, false]
 */
export function le<A extends Shape = [], B extends Shape = []>(
  a: Operand<A>,
  b: Operand<B> & CheckBroadcast<"le", A, B>,
): Tensor<Broadcast<A, B>> {
  return both(leP, a, b) as Tensor<Broadcast<A, B>>;
}

/**
 * Whether x > y, for each element.
 *
 * @throws RangeError for shapes that do not broadcast.
 * @example
 * gt(tensor([1, 2]), 1) // [false, true]
 */
export function gt<A extends Shape = [], B extends Shape = []>(
  a: Operand<A>,
  b: Operand<B> & CheckBroadcast<"gt", A, B>,
): Tensor<Broadcast<A, B>> {
  return both(gtP, a, b) as Tensor<Broadcast<A, B>>;
}

/**
 * Whether x ≥ y, for each element.
 *
 * @throws RangeError for shapes that do not broadcast.
 * @example
 * ge(tensor([1, 2]), 2) // [false, true]
 */
export function ge<A extends Shape = [], B extends Shape = []>(
  a: Operand<A>,
  b: Operand<B> & CheckBroadcast<"ge", A, B>,
): Tensor<Broadcast<A, B>> {
  return both(geP, a, b) as Tensor<Broadcast<A, B>>;
}

/**
 * Whether neither is zero, for each element.
 *
 * @throws RangeError for shapes that do not broadcast.
 * @example
 * logicalAnd(tensor([true, false]), true) // [true, false]
 */
export function logicalAnd<A extends Shape = [], B extends Shape = []>(
  a: Operand<A>,
  b: Operand<B> & CheckBroadcast<"logicalAnd", A, B>,
): Tensor<Broadcast<A, B>> {
  return both(logicalAndP, a, b) as Tensor<Broadcast<A, B>>;
}

/**
 * Whether any is not zero, for each element.
 *
 * @throws RangeError for shapes that do not broadcast.
 * @example
 * logicalOr(tensor([true, false]), true) // [true, true]
 */
export function logicalOr<A extends Shape = [], B extends Shape = []>(
  a: Operand<A>,
  b: Operand<B> & CheckBroadcast<"logicalOr", A, B>,
): Tensor<Broadcast<A, B>> {
  return both(logicalOrP, a, b) as Tensor<Broadcast<A, B>>;
}

/** x to the power of a plain number; whole numbers stay whole under whole exponents. */
export function powScalar<S extends Shape>(x: Tensor<S>, exponent: number): Tensor<S> {
  return bind(powScalarP, [x as Tensor], { exponent }) as Tensor<S>;
}

/**
 * Whether an element is zero.
 *
 * @example
 * logicalNot(tensor([true, false])) // [false, true]
 */
export function logicalNot<S extends Shape>(x: Tensor<S>): Tensor<S> {
  return bind(logicalNotP, [operand("logicalNot", x) as Tensor], NOTHING) as Tensor<S>;
}

/**
 * x limited to [min, max]; a limit that is undefined does not hold. Its derivative is 1 on the limits and between, else 0.
 *
 * @throws TypeError without any limit.
 * @example
 * clamp(tensor([-2, 0.5, 2]), 0, 1) // [0, 0.5, 1]
 */
export function clamp<S extends Shape = []>(x: Operand<S>, min?: number, max?: number): Tensor<S> {
  if (min === undefined && max === undefined) throw new TypeError("clamp: needs a minimum, a maximum, or both");
  const t = operand("clamp", x) as Tensor;
  const [low, high] = [min ?? -Infinity, max ?? Infinity];
  return bind(clampP, [t], { min: low, max: high }) as Tensor<S>;
}

/**
 * start + weight · (end - start), for each element.
 *
 * @throws RangeError for shapes that do not broadcast.
 * @example
 * lerp(tensor(0), tensor(10), 0.3) // 3
 */
export function lerp<A extends Shape, B extends Shape>(
  start: Tensor<A>,
  end: Tensor<B> & CheckBroadcast<"lerp", A, B>,
  weight: Operand,
): Tensor<Broadcast<A, B>> {
  const [a, b] = pair("lerp", start, end);
  broadcastOrThrow("lerp", a.shape, b.shape);
  return add<Shape, Shape>(a, mul<Shape, Shape>(weight, sub<Shape, Shape>(b, a))) as Tensor<Broadcast<A, B>>;
}
