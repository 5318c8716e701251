// Operations on each element by itself. Each takes a tensor, or a number, of any shape and gives one of the same shape; integers
// become f32 where the result has a fraction. Formulas of derivatives are in primitives/elementwise.ts.

import type { Shape } from "../shape.ts";
import { bind, NOTHING, primitive, type Primitive, type Tensor } from "../trace.ts";
import { floating, operand, type Operand } from "./operand.ts";
import type { Nothing } from "../backend.ts";

type Plain = Primitive<Nothing>;

function exact<S extends Shape>(p: Plain, x: Operand<S>): Tensor<S> {
  return bind(p, [operand(p.name, x) as Tensor], NOTHING) as Tensor<S>;
}

function smooth<S extends Shape>(p: Plain, x: Operand<S>): Tensor<S> {
  return bind(p, [floating(p.name, x) as Tensor], NOTHING) as Tensor<S>;
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
export const neg = <S extends Shape = []>(x: Operand<S>): Tensor<S> => exact(negP, x);

/**
 * eˣ.
 *
 * @example
 * exp(tensor([0, 1])) // [1, 2.7183]
 */
export const exp = <S extends Shape = []>(x: Operand<S>): Tensor<S> => smooth(expP, x);

/**
 * eˣ - 1, accurate near zero.
 *
 * @example
 * expm1(tensor(1e-6)) // 1.0000e-06
 */
export const expm1 = <S extends Shape = []>(x: Operand<S>): Tensor<S> => smooth(expm1P, x);

/**
 * The natural logarithm.
 *
 * @example
 * log(tensor([1, Math.E])) // [0, 1]
 */
export const log = <S extends Shape = []>(x: Operand<S>): Tensor<S> => smooth(logP, x);

/**
 * log(1 + x), accurate near zero.
 *
 * @example
 * log1p(tensor(1e-6)) // 1.0000e-06
 */
export const log1p = <S extends Shape = []>(x: Operand<S>): Tensor<S> => smooth(log1pP, x);

/**
 * The logarithm to base 2.
 *
 * @example
 * log2(tensor(8)) // 3
 */
export const log2 = <S extends Shape = []>(x: Operand<S>): Tensor<S> => smooth(log2P, x);

/**
 * The logarithm to base 10.
 *
 * @example
 * log10(tensor(100)) // 2
 */
export const log10 = <S extends Shape = []>(x: Operand<S>): Tensor<S> => smooth(log10P, x);

/**
 * The sine of an angle in radians.
 *
 * @example
 * sin(tensor(Math.PI / 2)) // 1
 */
export const sin = <S extends Shape = []>(x: Operand<S>): Tensor<S> => smooth(sinP, x);

/**
 * The cosine of an angle in radians.
 *
 * @example
 * cos(tensor(0)) // 1
 */
export const cos = <S extends Shape = []>(x: Operand<S>): Tensor<S> => smooth(cosP, x);

/**
 * The tangent of an angle in radians.
 *
 * @example
 * tan(tensor(Math.PI / 4)) // 1
 */
export const tan = <S extends Shape = []>(x: Operand<S>): Tensor<S> => smooth(tanP, x);

/**
 * The hyperbolic sine.
 *
 * @example
 * sinh(tensor(0)) // 0
 */
export const sinh = <S extends Shape = []>(x: Operand<S>): Tensor<S> => smooth(sinhP, x);

/**
 * The hyperbolic cosine.
 *
 * @example
 * cosh(tensor(0)) // 1
 */
export const cosh = <S extends Shape = []>(x: Operand<S>): Tensor<S> => smooth(coshP, x);

/**
 * The hyperbolic tangent, an activation with values between -1 and 1.
 *
 * @example
 * tanh(tensor(0.5)) // 0.4621
 */
export const tanh = <S extends Shape = []>(x: Operand<S>): Tensor<S> => smooth(tanhP, x);

/**
 * The angle in radians whose sine is x; NaN outside [-1, 1].
 *
 * @example
 * asin(tensor(1)) // 1.5708
 */
export const asin = <S extends Shape = []>(x: Operand<S>): Tensor<S> => smooth(asinP, x);

/**
 * The angle in radians whose cosine is x; NaN outside [-1, 1].
 *
 * @example
 * acos(tensor(1)) // 0
 */
export const acos = <S extends Shape = []>(x: Operand<S>): Tensor<S> => smooth(acosP, x);

/**
 * The angle in radians whose tangent is x.
 *
 * @example
 * atan(tensor(1)) // 0.7854
 */
export const atan = <S extends Shape = []>(x: Operand<S>): Tensor<S> => smooth(atanP, x);

/**
 * The inverse of sinh.
 *
 * @example
 * asinh(tensor(0)) // 0
 */
export const asinh = <S extends Shape = []>(x: Operand<S>): Tensor<S> => smooth(asinhP, x);

/**
 * The inverse of cosh; NaN below 1.
 *
 * @example
 * acosh(tensor(1)) // 0
 */
export const acosh = <S extends Shape = []>(x: Operand<S>): Tensor<S> => smooth(acoshP, x);

/**
 * The inverse of tanh; NaN outside [-1, 1].
 *
 * @example
 * atanh(tensor(0.5)) // 0.5493
 */
export const atanh = <S extends Shape = []>(x: Operand<S>): Tensor<S> => smooth(atanhP, x);

/**
 * 1 / (1 + e⁻ˣ), an activation with values between 0 and 1.
 *
 * @example
 * sigmoid(tensor(0)) // 0.5
 */
export const sigmoid = <S extends Shape = []>(x: Operand<S>): Tensor<S> => smooth(sigmoidP, x);

/**
 * log(sigmoid(x)), without overflow.
 *
 * @example
 * logSigmoid(tensor(0)) // -0.6931
 */
export const logSigmoid = <S extends Shape = []>(x: Operand<S>): Tensor<S> => smooth(logSigmoidP, x);

/**
 * max(x, 0); its derivative at 0 is 0.
 *
 * @example
 * relu(tensor([-1, 2])) // [0, 2]
 */
export const relu = <S extends Shape = []>(x: Operand<S>): Tensor<S> => exact(reluP, x);

/**
 * The absolute value; its derivative at 0 is 0.
 *
 * @example
 * abs(tensor([-1, 2])) // [1, 2]
 */
export const abs = <S extends Shape = []>(x: Operand<S>): Tensor<S> => exact(absP, x);

/**
 * -1, 0 or 1.
 *
 * @example
 * sign(tensor([-3, 0, 2])) // [-1, 0, 1]
 */
export const sign = <S extends Shape = []>(x: Operand<S>): Tensor<S> => exact(signP, x);

/**
 * The largest whole number that is not larger.
 *
 * @example
 * floor(tensor(-1.5)) // -2
 */
export const floor = <S extends Shape = []>(x: Operand<S>): Tensor<S> => exact(floorP, x);

/**
 * The smallest whole number that is not smaller.
 *
 * @example
 * ceil(tensor(-1.5)) // -1
 */
export const ceil = <S extends Shape = []>(x: Operand<S>): Tensor<S> => exact(ceilP, x);

/**
 * The nearest whole number, halves to the even one.
 *
 * @example
 * round(tensor([0.5, 1.5])) // [0, 2]
 */
export const round = <S extends Shape = []>(x: Operand<S>): Tensor<S> => exact(roundP, x);

/**
 * The whole number without the fraction.
 *
 * @example
 * trunc(tensor(-1.5)) // -1
 */
export const trunc = <S extends Shape = []>(x: Operand<S>): Tensor<S> => exact(truncP, x);

/**
 * The square root; NaN below zero.
 *
 * @example
 * sqrt(tensor(9)) // 3
 */
export const sqrt = <S extends Shape = []>(x: Operand<S>): Tensor<S> => smooth(sqrtP, x);

/**
 * 1 / √x.
 *
 * @example
 * rsqrt(tensor(4)) // 0.5
 */
export const rsqrt = <S extends Shape = []>(x: Operand<S>): Tensor<S> => smooth(rsqrtP, x);

/**
 * 1 / x.
 *
 * @example
 * reciprocal(tensor(4)) // 0.25
 */
export const reciprocal = <S extends Shape = []>(x: Operand<S>): Tensor<S> => smooth(reciprocalP, x);

/**
 * x².
 *
 * @example
 * square(tensor(3)) // 9
 */
export const square = <S extends Shape = []>(x: Operand<S>): Tensor<S> => exact(squareP, x);

/**
 * The error function 2/√π ∫₀ˣ e^(-t²) dt.
 *
 * @example
 * erf(tensor(1)) // 0.8427
 */
export const erf = <S extends Shape = []>(x: Operand<S>): Tensor<S> => smooth(erfP, x);

/**
 * log |Γ(x)|.
 *
 * @example
 * lgamma(tensor(5)) // 3.1781, log 24
 */
export const lgamma = <S extends Shape = []>(x: Operand<S>): Tensor<S> => smooth(lgammaP, x);

/**
 * The derivative of lgamma.
 *
 * @example
 * digamma(tensor(1)) // -0.5772
 */
export const digamma = <S extends Shape = []>(x: Operand<S>): Tensor<S> => smooth(digammaP, x);

/**
 * The `n`-th derivative of digamma; n = 0 is digamma itself.
 *
 * @throws RangeError unless n is a whole number that is not negative.
 * @example
 * polygamma(1, tensor(1)) // 1.6449, π²/6
 */
export function polygamma<S extends Shape = []>(n: number, x: Operand<S>): Tensor<S> {
  if (!Number.isInteger(n) || n < 0) throw new RangeError(`polygamma: n must be 0, 1, 2, …, not ${n}`);
  return n === 0 ? digamma(x) : (bind(polygammaP, [floating("polygamma", x) as Tensor], { n }) as Tensor<S>);
}

const sigmoidTangentP = primitive("sigmoidTangent");
const tanhTangentP = primitive("tanhTangent");
const reluTangentP = primitive("reluTangent");

/** t · y (1 - y): a tangent or cotangent through sigmoid, whose output is y. */
export const sigmoidTangent = (t: Tensor, y: Tensor): Tensor => bind(sigmoidTangentP, [t, y], NOTHING);
/** t · (1 - y²): a tangent or cotangent through tanh, whose output is y. */
export const tanhTangent = (t: Tensor, y: Tensor): Tensor => bind(tanhTangentP, [t, y], NOTHING);
/** t where y > 0, else 0: a tangent or cotangent through relu, whose output is y. */
export const reluTangent = (t: Tensor, y: Tensor): Tensor => bind(reluTangentP, [t, y], NOTHING);
