// Operations on each element by itself. Each takes a tensor, or a number, of any shape and gives one of the same shape; integers
// become f32 where the result has a fraction. Formulas of derivatives are in primitives/elementwise.ts.

import { bind, NOTHING, primitive, type Primitive, type Tensor } from "../trace.ts";
import { floating, operand, type Operand, type ShapeIn } from "./operand.ts";
import type { Nothing } from "../backend.ts";

type Plain = Primitive<Nothing>;

function exact<X extends Operand>(p: Plain, x: X): Tensor<ShapeIn<X>> {
  return bind(p, [operand(p.name, x)], NOTHING) as Tensor<ShapeIn<X>>;
}

function smooth<X extends Operand>(p: Plain, x: X): Tensor<ShapeIn<X>> {
  return bind(p, [floating(p.name, x)], NOTHING) as Tensor<ShapeIn<X>>;
}

const negP = primitive("neg");
const expP = primitive("exp");
const expm1P = primitive("expm1");
const logP = primitive("log");
const log1pP = primitive("log1p");
const log2P = primitive("log2");
const log10P = primitive("log10");
const sinP = primitive("sin");
const cosP = primitive("cos");
const tanP = primitive("tan");
const sinhP = primitive("sinh");
const coshP = primitive("cosh");
const tanhP = primitive("tanh");
const asinP = primitive("asin");
const acosP = primitive("acos");
const atanP = primitive("atan");
const asinhP = primitive("asinh");
const acoshP = primitive("acosh");
const atanhP = primitive("atanh");
const sigmoidP = primitive("sigmoid");
const logSigmoidP = primitive("logSigmoid");
const reluP = primitive("relu");
const absP = primitive("abs");
const signP = primitive("sign");
const floorP = primitive("floor");
const ceilP = primitive("ceil");
const roundP = primitive("round");
const truncP = primitive("trunc");
const sqrtP = primitive("sqrt");
const rsqrtP = primitive("rsqrt");
const reciprocalP = primitive("reciprocal");
const squareP = primitive("square");
const erfP = primitive("erf");
const lgammaP = primitive("lgamma");
const digammaP = primitive("digamma");
const polygammaP = primitive("polygamma");

/**
 * -x.
 *
 * @example
 * neg(tensor([1, -2])) // [-1, 2]
 */
export const neg = <X extends Operand>(x: X): Tensor<ShapeIn<X>> => exact(negP, x);

/**
 * eˣ.
 *
 * @example
 * exp(tensor([0, 1])) // [1, 2.7183]
 */
export const exp = <X extends Operand>(x: X): Tensor<ShapeIn<X>> => smooth(expP, x);

/**
 * eˣ - 1, accurate near zero.
 *
 * @example
 * expm1(tensor(1e-6)) // 1.0000e-06
 */
export const expm1 = <X extends Operand>(x: X): Tensor<ShapeIn<X>> => smooth(expm1P, x);

/**
 * The natural logarithm.
 *
 * @example
 * log(tensor([1, Math.E])) // [0, 1]
 */
export const log = <X extends Operand>(x: X): Tensor<ShapeIn<X>> => smooth(logP, x);

/**
 * log(1 + x), accurate near zero.
 *
 * @example
 * log1p(tensor(1e-6)) // 1.0000e-06
 */
export const log1p = <X extends Operand>(x: X): Tensor<ShapeIn<X>> => smooth(log1pP, x);

/**
 * The logarithm to base 2.
 *
 * @example
 * log2(tensor(8)) // 3
 */
export const log2 = <X extends Operand>(x: X): Tensor<ShapeIn<X>> => smooth(log2P, x);

/**
 * The logarithm to base 10.
 *
 * @example
 * log10(tensor(100)) // 2
 */
export const log10 = <X extends Operand>(x: X): Tensor<ShapeIn<X>> => smooth(log10P, x);

/**
 * The sine of an angle in radians.
 *
 * @example
 * sin(tensor(Math.PI / 2)) // 1
 */
export const sin = <X extends Operand>(x: X): Tensor<ShapeIn<X>> => smooth(sinP, x);

/**
 * The cosine of an angle in radians.
 *
 * @example
 * cos(tensor(0)) // 1
 */
export const cos = <X extends Operand>(x: X): Tensor<ShapeIn<X>> => smooth(cosP, x);

/**
 * The tangent of an angle in radians.
 *
 * @example
 * tan(tensor(Math.PI / 4)) // 1
 */
export const tan = <X extends Operand>(x: X): Tensor<ShapeIn<X>> => smooth(tanP, x);

/**
 * The hyperbolic sine.
 *
 * @example
 * sinh(tensor(0)) // 0
 */
export const sinh = <X extends Operand>(x: X): Tensor<ShapeIn<X>> => smooth(sinhP, x);

/**
 * The hyperbolic cosine.
 *
 * @example
 * cosh(tensor(0)) // 1
 */
export const cosh = <X extends Operand>(x: X): Tensor<ShapeIn<X>> => smooth(coshP, x);

/**
 * The hyperbolic tangent, an activation with values between -1 and 1.
 *
 * @example
 * tanh(tensor(0.5)) // 0.4621
 */
export const tanh = <X extends Operand>(x: X): Tensor<ShapeIn<X>> => smooth(tanhP, x);

/**
 * The angle in radians whose sine is x; NaN outside [-1, 1].
 *
 * @example
 * asin(tensor(1)) // 1.5708
 */
export const asin = <X extends Operand>(x: X): Tensor<ShapeIn<X>> => smooth(asinP, x);

/**
 * The angle in radians whose cosine is x; NaN outside [-1, 1].
 *
 * @example
 * acos(tensor(1)) // 0
 */
export const acos = <X extends Operand>(x: X): Tensor<ShapeIn<X>> => smooth(acosP, x);

/**
 * The angle in radians whose tangent is x.
 *
 * @example
 * atan(tensor(1)) // 0.7854
 */
export const atan = <X extends Operand>(x: X): Tensor<ShapeIn<X>> => smooth(atanP, x);

/**
 * The inverse of sinh.
 *
 * @example
 * asinh(tensor(0)) // 0
 */
export const asinh = <X extends Operand>(x: X): Tensor<ShapeIn<X>> => smooth(asinhP, x);

/**
 * The inverse of cosh; NaN below 1.
 *
 * @example
 * acosh(tensor(1)) // 0
 */
export const acosh = <X extends Operand>(x: X): Tensor<ShapeIn<X>> => smooth(acoshP, x);

/**
 * The inverse of tanh; NaN outside [-1, 1].
 *
 * @example
 * atanh(tensor(0.5)) // 0.5493
 */
export const atanh = <X extends Operand>(x: X): Tensor<ShapeIn<X>> => smooth(atanhP, x);

/**
 * 1 / (1 + e⁻ˣ), an activation with values between 0 and 1.
 *
 * @example
 * sigmoid(tensor(0)) // 0.5
 */
export const sigmoid = <X extends Operand>(x: X): Tensor<ShapeIn<X>> => smooth(sigmoidP, x);

/**
 * log(sigmoid(x)), without overflow.
 *
 * @example
 * logSigmoid(tensor(0)) // -0.6931
 */
export const logSigmoid = <X extends Operand>(x: X): Tensor<ShapeIn<X>> => smooth(logSigmoidP, x);

/**
 * max(x, 0); its derivative at 0 is 0.
 *
 * @example
 * relu(tensor([-1, 2])) // [0, 2]
 */
export const relu = <X extends Operand>(x: X): Tensor<ShapeIn<X>> => exact(reluP, x);

/**
 * The absolute value; its derivative at 0 is 0.
 *
 * @example
 * abs(tensor([-1, 2])) // [1, 2]
 */
export const abs = <X extends Operand>(x: X): Tensor<ShapeIn<X>> => exact(absP, x);

/**
 * -1, 0 or 1.
 *
 * @example
 * sign(tensor([-3, 0, 2])) // [-1, 0, 1]
 */
export const sign = <X extends Operand>(x: X): Tensor<ShapeIn<X>> => exact(signP, x);

/**
 * The largest whole number that is not larger.
 *
 * @example
 * floor(tensor(-1.5)) // -2
 */
export const floor = <X extends Operand>(x: X): Tensor<ShapeIn<X>> => exact(floorP, x);

/**
 * The smallest whole number that is not smaller.
 *
 * @example
 * ceil(tensor(-1.5)) // -1
 */
export const ceil = <X extends Operand>(x: X): Tensor<ShapeIn<X>> => exact(ceilP, x);

/**
 * The nearest whole number, halves to the even one.
 *
 * @example
 * round(tensor([0.5, 1.5])) // [0, 2]
 */
export const round = <X extends Operand>(x: X): Tensor<ShapeIn<X>> => exact(roundP, x);

/**
 * The whole number without the fraction.
 *
 * @example
 * trunc(tensor(-1.5)) // -1
 */
export const trunc = <X extends Operand>(x: X): Tensor<ShapeIn<X>> => exact(truncP, x);

/**
 * The square root; NaN below zero.
 *
 * @example
 * sqrt(tensor(9)) // 3
 */
export const sqrt = <X extends Operand>(x: X): Tensor<ShapeIn<X>> => smooth(sqrtP, x);

/**
 * 1 / √x.
 *
 * @example
 * rsqrt(tensor(4)) // 0.5
 */
export const rsqrt = <X extends Operand>(x: X): Tensor<ShapeIn<X>> => smooth(rsqrtP, x);

/**
 * 1 / x.
 *
 * @example
 * reciprocal(tensor(4)) // 0.25
 */
export const reciprocal = <X extends Operand>(x: X): Tensor<ShapeIn<X>> => smooth(reciprocalP, x);

/**
 * x².
 *
 * @example
 * square(tensor(3)) // 9
 */
export const square = <X extends Operand>(x: X): Tensor<ShapeIn<X>> => exact(squareP, x);

/**
 * The error function 2/√π ∫₀ˣ e^(-t²) dt.
 *
 * @example
 * erf(tensor(1)) // 0.8427
 */
export const erf = <X extends Operand>(x: X): Tensor<ShapeIn<X>> => smooth(erfP, x);

/**
 * log |Γ(x)|.
 *
 * @example
 * lgamma(tensor(5)) // 3.1781, log 24
 */
export const lgamma = <X extends Operand>(x: X): Tensor<ShapeIn<X>> => smooth(lgammaP, x);

/**
 * The derivative of lgamma.
 *
 * @example
 * digamma(tensor(1)) // -0.5772
 */
export const digamma = <X extends Operand>(x: X): Tensor<ShapeIn<X>> => smooth(digammaP, x);

/**
 * The `n`-th derivative of digamma; n = 0 is digamma itself.
 *
 * @throws RangeError unless n is a whole number that is not negative.
 * @example
 * polygamma(1, tensor(1)) // 1.6449, π²/6
 */
export function polygamma<X extends Operand>(n: number, x: X): Tensor<ShapeIn<X>> {
  if (!Number.isInteger(n) || n < 0) throw new RangeError(`polygamma: n must be 0, 1, 2, …, not ${n}`);
  return n === 0 ? digamma(x) : (bind(polygammaP, [floating("polygamma", x)], { n }) as Tensor<ShapeIn<X>>);
}

const sigmoidTangentP = primitive("sigmoidTangent");
const tanhTangentP = primitive("tanhTangent");
const reluTangentP = primitive("reluTangent");
const squareTangentP = primitive("squareTangent");

/** t · y (1 - y): a tangent or cotangent through sigmoid, whose output is y. */
export const sigmoidTangent = (t: Tensor, y: Tensor): Tensor => bind(sigmoidTangentP, [t, y], NOTHING);
/** t · (1 - y²): a tangent or cotangent through tanh, whose output is y. */
export const tanhTangent = (t: Tensor, y: Tensor): Tensor => bind(tanhTangentP, [t, y], NOTHING);
/** t where y > 0, else 0: a tangent or cotangent through relu, whose output is y. */
export const reluTangent = (t: Tensor, y: Tensor): Tensor => bind(reluTangentP, [t, y], NOTHING);
/** 2 t · x: a tangent or cotangent through the square of x. */
export const squareTangent = (t: Tensor, x: Tensor): Tensor => bind(squareTangentP, [t, x], NOTHING);
