// Methods on each element by itself or with the element of another tensor at the same place; the functions of the same names say more.

import { type DType, isDType } from "../dtype.ts";
import * as activation from "../ops/activation.ts";
import * as arithmetic from "../ops/arithmetic.ts";
import * as elementwise from "../ops/elementwise.ts";
import * as selection from "../ops/selection.ts";
import { cast, type Operand } from "../ops/operand.ts";
import type { Shape, Shaped } from "../shape.ts";
import type { Broadcast, CheckBroadcast } from "../shape-types.ts";
import type { Tensor } from "../trace.ts";

export const elementwiseMethods = {
  /** -x: {@link elementwise.neg}. */
  neg<X extends Shaped>(this: X & Tensor): Tensor<X["shape"]> {
    return elementwise.neg(this);
  },
  /** eˣ: {@link elementwise.exp}. */
  exp<X extends Shaped>(this: X & Tensor): Tensor<X["shape"]> {
    return elementwise.exp(this);
  },
  /** eˣ - 1, accurate near zero: {@link elementwise.expm1}. */
  expm1<X extends Shaped>(this: X & Tensor): Tensor<X["shape"]> {
    return elementwise.expm1(this);
  },
  /** The natural logarithm: {@link elementwise.log}. */
  log<X extends Shaped>(this: X & Tensor): Tensor<X["shape"]> {
    return elementwise.log(this);
  },
  /** log(1 + x), accurate near zero: {@link elementwise.log1p}. */
  log1p<X extends Shaped>(this: X & Tensor): Tensor<X["shape"]> {
    return elementwise.log1p(this);
  },
  /** The logarithm to base 2: {@link elementwise.log2}. */
  log2<X extends Shaped>(this: X & Tensor): Tensor<X["shape"]> {
    return elementwise.log2(this);
  },
  /** The logarithm to base 10: {@link elementwise.log10}. */
  log10<X extends Shaped>(this: X & Tensor): Tensor<X["shape"]> {
    return elementwise.log10(this);
  },
  /** The sine of an angle in radians: {@link elementwise.sin}. */
  sin<X extends Shaped>(this: X & Tensor): Tensor<X["shape"]> {
    return elementwise.sin(this);
  },
  /** The cosine of an angle in radians: {@link elementwise.cos}. */
  cos<X extends Shaped>(this: X & Tensor): Tensor<X["shape"]> {
    return elementwise.cos(this);
  },
  /** The tangent of an angle in radians: {@link elementwise.tan}. */
  tan<X extends Shaped>(this: X & Tensor): Tensor<X["shape"]> {
    return elementwise.tan(this);
  },
  /** The hyperbolic sine: {@link elementwise.sinh}. */
  sinh<X extends Shaped>(this: X & Tensor): Tensor<X["shape"]> {
    return elementwise.sinh(this);
  },
  /** The hyperbolic cosine: {@link elementwise.cosh}. */
  cosh<X extends Shaped>(this: X & Tensor): Tensor<X["shape"]> {
    return elementwise.cosh(this);
  },
  /** The hyperbolic tangent, an activation with values between -1 and 1: {@link elementwise.tanh}. */
  tanh<X extends Shaped>(this: X & Tensor): Tensor<X["shape"]> {
    return elementwise.tanh(this);
  },
  /** The angle in radians whose sine is x; NaN outside [-1, 1]: {@link elementwise.asin}. */
  asin<X extends Shaped>(this: X & Tensor): Tensor<X["shape"]> {
    return elementwise.asin(this);
  },
  /** The angle in radians whose cosine is x; NaN outside [-1, 1]: {@link elementwise.acos}. */
  acos<X extends Shaped>(this: X & Tensor): Tensor<X["shape"]> {
    return elementwise.acos(this);
  },
  /** The angle in radians whose tangent is x: {@link elementwise.atan}. */
  atan<X extends Shaped>(this: X & Tensor): Tensor<X["shape"]> {
    return elementwise.atan(this);
  },
  /** The inverse of sinh: {@link elementwise.asinh}. */
  asinh<X extends Shaped>(this: X & Tensor): Tensor<X["shape"]> {
    return elementwise.asinh(this);
  },
  /** The inverse of cosh; NaN below 1: {@link elementwise.acosh}. */
  acosh<X extends Shaped>(this: X & Tensor): Tensor<X["shape"]> {
    return elementwise.acosh(this);
  },
  /** The inverse of tanh; NaN outside [-1, 1]: {@link elementwise.atanh}. */
  atanh<X extends Shaped>(this: X & Tensor): Tensor<X["shape"]> {
    return elementwise.atanh(this);
  },
  /** 1 / (1 + e⁻ˣ), an activation with values between 0 and 1: {@link elementwise.sigmoid}. */
  sigmoid<X extends Shaped>(this: X & Tensor): Tensor<X["shape"]> {
    return elementwise.sigmoid(this);
  },
  /** log(sigmoid(x)), without overflow: {@link elementwise.logSigmoid}. */
  logSigmoid<X extends Shaped>(this: X & Tensor): Tensor<X["shape"]> {
    return elementwise.logSigmoid(this);
  },
  /** max(x, 0); its derivative at 0 is 0: {@link elementwise.relu}. */
  relu<X extends Shaped>(this: X & Tensor): Tensor<X["shape"]> {
    return elementwise.relu(this);
  },
  /** The absolute value; its derivative at 0 is 0: {@link elementwise.abs}. */
  abs<X extends Shaped>(this: X & Tensor): Tensor<X["shape"]> {
    return elementwise.abs(this);
  },
  /** -1, 0 or 1: {@link elementwise.sign}. */
  sign<X extends Shaped>(this: X & Tensor): Tensor<X["shape"]> {
    return elementwise.sign(this);
  },
  /** The largest whole number that is not larger: {@link elementwise.floor}. */
  floor<X extends Shaped>(this: X & Tensor): Tensor<X["shape"]> {
    return elementwise.floor(this);
  },
  /** The smallest whole number that is not smaller: {@link elementwise.ceil}. */
  ceil<X extends Shaped>(this: X & Tensor): Tensor<X["shape"]> {
    return elementwise.ceil(this);
  },
  /** The nearest whole number, halves to the even one: {@link elementwise.round}. */
  round<X extends Shaped>(this: X & Tensor): Tensor<X["shape"]> {
    return elementwise.round(this);
  },
  /** The whole number without the fraction: {@link elementwise.trunc}. */
  trunc<X extends Shaped>(this: X & Tensor): Tensor<X["shape"]> {
    return elementwise.trunc(this);
  },
  /** The square root; NaN below zero: {@link elementwise.sqrt}. */
  sqrt<X extends Shaped>(this: X & Tensor): Tensor<X["shape"]> {
    return elementwise.sqrt(this);
  },
  /** 1 / √x: {@link elementwise.rsqrt}. */
  rsqrt<X extends Shaped>(this: X & Tensor): Tensor<X["shape"]> {
    return elementwise.rsqrt(this);
  },
  /** 1 / x: {@link elementwise.reciprocal}. */
  reciprocal<X extends Shaped>(this: X & Tensor): Tensor<X["shape"]> {
    return elementwise.reciprocal(this);
  },
  /** x²: {@link elementwise.square}. */
  square<X extends Shaped>(this: X & Tensor): Tensor<X["shape"]> {
    return elementwise.square(this);
  },
  /** The error function 2/√π ∫₀ˣ e^(-t²) dt: {@link elementwise.erf}. */
  erf<X extends Shaped>(this: X & Tensor): Tensor<X["shape"]> {
    return elementwise.erf(this);
  },
  /** log |Γ(x)|: {@link elementwise.lgamma}. */
  lgamma<X extends Shaped>(this: X & Tensor): Tensor<X["shape"]> {
    return elementwise.lgamma(this);
  },
  /** The derivative of lgamma: {@link elementwise.digamma}. */
  digamma<X extends Shaped>(this: X & Tensor): Tensor<X["shape"]> {
    return elementwise.digamma(this);
  },
  /** The Gaussian error linear unit: {@link activation.gelu}. */
  gelu<X extends Shaped>(this: X & Tensor, approximate: "none" | "tanh" = "none"): Tensor<X["shape"]> {
    return activation.gelu(this, approximate);
  },
  /** x · sigmoid(x): {@link activation.silu}. */
  silu<X extends Shaped>(this: X & Tensor): Tensor<X["shape"]> {
    return activation.silu(this);
  },
  /** x above 0, α(eˣ - 1) below: {@link activation.elu}. */
  elu<X extends Shaped>(this: X & Tensor, alpha = 1): Tensor<X["shape"]> {
    return activation.elu(this, alpha);
  },
  /** The scaled elu: {@link activation.selu}. */
  selu<X extends Shaped>(this: X & Tensor): Tensor<X["shape"]> {
    return activation.selu(this);
  },
  /** x · tanh(softplus(x)): {@link activation.mish}. */
  mish<X extends Shaped>(this: X & Tensor): Tensor<X["shape"]> {
    return activation.mish(this);
  },
  /** x / (1 + |x|): {@link activation.softsign}. */
  softsign<X extends Shaped>(this: X & Tensor): Tensor<X["shape"]> {
    return activation.softsign(this);
  },
  /** log(1 + eˣ): {@link activation.softplus}. */
  softplus<X extends Shaped>(this: X & Tensor, beta = 1, threshold = 20): Tensor<X["shape"]> {
    return activation.softplus(this, beta, threshold);
  },
  /** x limited to [min, max]: {@link activation.hardtanh}. */
  hardtanh<X extends Shaped>(this: X & Tensor, min = -1, max = 1): Tensor<X["shape"]> {
    return activation.hardtanh(this, min, max);
  },
  /** A sigmoid of three straight pieces: {@link activation.hardsigmoid}. */
  hardsigmoid<X extends Shaped>(this: X & Tensor): Tensor<X["shape"]> {
    return activation.hardsigmoid(this);
  },
  /** x · hardsigmoid(x): {@link activation.hardswish}. */
  hardswish<X extends Shaped>(this: X & Tensor): Tensor<X["shape"]> {
    return activation.hardswish(this);
  },
  /** x above 0, slope · x below: {@link activation.leakyRelu}. */
  leakyRelu<X extends Shaped>(this: X & Tensor, negativeSlope = 0.01): Tensor<X["shape"]> {
    return activation.leakyRelu(this, negativeSlope);
  },
  /** x limited to [0, 6]: {@link activation.relu6}. */
  relu6<X extends Shaped>(this: X & Tensor): Tensor<X["shape"]> {
    return activation.relu6(this);
  },
  /** Exponentials that sum to 1 along `dim`: {@link activation.softmax}. */
  softmax<X extends Shaped>(this: X & Tensor, dim: number): Tensor<X["shape"]> {
    return activation.softmax(this, dim);
  },
  /** The logarithm of softmax, without overflow: {@link activation.logSoftmax}. */
  logSoftmax<X extends Shaped>(this: X & Tensor, dim: number): Tensor<X["shape"]> {
    return activation.logSoftmax(this, dim);
  },
  /** x + y, with broadcasting: {@link arithmetic.add}. */
  add<X extends Shaped, B extends Shape = []>(
    this: X & Tensor,
    other: Operand<B> & CheckBroadcast<"add", X["shape"], B>,
  ): Tensor<Broadcast<X["shape"], B>> {
    return arithmetic.add<X["shape"], B>(this, other);
  },
  /** x - y, with broadcasting: {@link arithmetic.sub}. */
  sub<X extends Shaped, B extends Shape = []>(
    this: X & Tensor,
    other: Operand<B> & CheckBroadcast<"sub", X["shape"], B>,
  ): Tensor<Broadcast<X["shape"], B>> {
    return arithmetic.sub<X["shape"], B>(this, other);
  },
  /** x · y, with broadcasting: {@link arithmetic.mul}. */
  mul<X extends Shaped, B extends Shape = []>(
    this: X & Tensor,
    other: Operand<B> & CheckBroadcast<"mul", X["shape"], B>,
  ): Tensor<Broadcast<X["shape"], B>> {
    return arithmetic.mul<X["shape"], B>(this, other);
  },
  /** x / y, with broadcasting: {@link arithmetic.div}. */
  div<X extends Shaped, B extends Shape = []>(
    this: X & Tensor,
    other: Operand<B> & CheckBroadcast<"div", X["shape"], B>,
  ): Tensor<Broadcast<X["shape"], B>> {
    return arithmetic.div<X["shape"], B>(this, other);
  },
  /** x to the power y, with broadcasting: {@link arithmetic.pow}. */
  pow<X extends Shaped, B extends Shape = []>(
    this: X & Tensor,
    other: Operand<B> & CheckBroadcast<"pow", X["shape"], B>,
  ): Tensor<Broadcast<X["shape"], B>> {
    return arithmetic.pow<X["shape"], B>(this, other);
  },
  /** The larger of both, with broadcasting: {@link arithmetic.maximum}. */
  maximum<X extends Shaped, B extends Shape = []>(
    this: X & Tensor,
    other: Operand<B> & CheckBroadcast<"maximum", X["shape"], B>,
  ): Tensor<Broadcast<X["shape"], B>> {
    return arithmetic.maximum<X["shape"], B>(this, other);
  },
  /** The smaller of both, with broadcasting: {@link arithmetic.minimum}. */
  minimum<X extends Shaped, B extends Shape = []>(
    this: X & Tensor,
    other: Operand<B> & CheckBroadcast<"minimum", X["shape"], B>,
  ): Tensor<Broadcast<X["shape"], B>> {
    return arithmetic.minimum<X["shape"], B>(this, other);
  },
  /** The angle of the point (y, x), with broadcasting: {@link arithmetic.atan2}. */
  atan2<X extends Shaped, B extends Shape = []>(
    this: X & Tensor,
    other: Operand<B> & CheckBroadcast<"atan2", X["shape"], B>,
  ): Tensor<Broadcast<X["shape"], B>> {
    return arithmetic.atan2<X["shape"], B>(this, other);
  },
  /** √(x² + y²), with broadcasting: {@link arithmetic.hypot}. */
  hypot<X extends Shaped, B extends Shape = []>(
    this: X & Tensor,
    other: Operand<B> & CheckBroadcast<"hypot", X["shape"], B>,
  ): Tensor<Broadcast<X["shape"], B>> {
    return arithmetic.hypot<X["shape"], B>(this, other);
  },
  /** The rest of x / y, with the sign of y, with broadcasting: {@link arithmetic.remainder}. */
  remainder<X extends Shaped, B extends Shape = []>(
    this: X & Tensor,
    other: Operand<B> & CheckBroadcast<"remainder", X["shape"], B>,
  ): Tensor<Broadcast<X["shape"], B>> {
    return arithmetic.remainder<X["shape"], B>(this, other);
  },
  /** Whether x = y, with broadcasting: {@link arithmetic.eq}. */
  eq<X extends Shaped, B extends Shape = []>(
    this: X & Tensor,
    other: Operand<B> & CheckBroadcast<"eq", X["shape"], B>,
  ): Tensor<Broadcast<X["shape"], B>> {
    return arithmetic.eq<X["shape"], B>(this, other);
  },
  /** Whether x ≠ y, with broadcasting: {@link arithmetic.ne}. */
  ne<X extends Shaped, B extends Shape = []>(
    this: X & Tensor,
    other: Operand<B> & CheckBroadcast<"ne", X["shape"], B>,
  ): Tensor<Broadcast<X["shape"], B>> {
    return arithmetic.ne<X["shape"], B>(this, other);
  },
  /** Whether x < y, with broadcasting: {@link arithmetic.lt}. */
  lt<X extends Shaped, B extends Shape = []>(
    this: X & Tensor,
    other: Operand<B> & CheckBroadcast<"lt", X["shape"], B>,
  ): Tensor<Broadcast<X["shape"], B>> {
    return arithmetic.lt<X["shape"], B>(this, other);
  },
  /** Whether x ≤ y, with broadcasting: {@link arithmetic.le}. */
  le<X extends Shaped, B extends Shape = []>(
    this: X & Tensor,
    other: Operand<B> & CheckBroadcast<"le", X["shape"], B>,
  ): Tensor<Broadcast<X["shape"], B>> {
    return arithmetic.le<X["shape"], B>(this, other);
  },
  /** Whether x > y, with broadcasting: {@link arithmetic.gt}. */
  gt<X extends Shaped, B extends Shape = []>(
    this: X & Tensor,
    other: Operand<B> & CheckBroadcast<"gt", X["shape"], B>,
  ): Tensor<Broadcast<X["shape"], B>> {
    return arithmetic.gt<X["shape"], B>(this, other);
  },
  /** Whether x ≥ y, with broadcasting: {@link arithmetic.ge}. */
  ge<X extends Shaped, B extends Shape = []>(
    this: X & Tensor,
    other: Operand<B> & CheckBroadcast<"ge", X["shape"], B>,
  ): Tensor<Broadcast<X["shape"], B>> {
    return arithmetic.ge<X["shape"], B>(this, other);
  },
  /** Whether neither is zero, with broadcasting: {@link arithmetic.logicalAnd}. */
  logicalAnd<X extends Shaped, B extends Shape = []>(
    this: X & Tensor,
    other: Operand<B> & CheckBroadcast<"logicalAnd", X["shape"], B>,
  ): Tensor<Broadcast<X["shape"], B>> {
    return arithmetic.logicalAnd<X["shape"], B>(this, other);
  },
  /** Whether any is not zero, with broadcasting: {@link arithmetic.logicalOr}. */
  logicalOr<X extends Shaped, B extends Shape = []>(
    this: X & Tensor,
    other: Operand<B> & CheckBroadcast<"logicalOr", X["shape"], B>,
  ): Tensor<Broadcast<X["shape"], B>> {
    return arithmetic.logicalOr<X["shape"], B>(this, other);
  },
  /** Whether x is zero: {@link arithmetic.logicalNot}. */
  logicalNot<X extends Shaped>(this: X & Tensor): Tensor<X["shape"]> {
    return arithmetic.logicalNot(this);
  },
  /** x limited to [min, max]: {@link arithmetic.clamp}. */
  clamp<X extends Shaped>(this: X & Tensor, min?: number, max?: number): Tensor<X["shape"]> {
    return arithmetic.clamp(this, min, max);
  },
  /** The same as `clamp`, under NumPy's name. */
  clip<X extends Shaped>(this: X & Tensor, min?: number, max?: number): Tensor<X["shape"]> {
    return arithmetic.clamp(this, min, max);
  },
  /** x + weight · (end - x): {@link arithmetic.lerp}. */
  lerp<X extends Shaped, B extends Shape>(
    this: X & Tensor,
    end: Tensor<B> & CheckBroadcast<"lerp", X["shape"], B>,
    weight: Operand,
  ): Tensor<Broadcast<X["shape"], B>> {
    return arithmetic.lerp<X["shape"], B>(this, end, weight);
  },
  /** x where the condition holds, else `other`: {@link selection.where}. */
  where<X extends Shaped, B extends Shape = []>(
    this: X & Tensor,
    condition: Tensor,
    other: Operand<B> & CheckBroadcast<"where", X["shape"], B>,
  ): Tensor<Broadcast<X["shape"], B>> {
    return selection.where<X["shape"], B>(condition, this, other);
  },
  /** `value` where the mask holds, else x: {@link selection.maskedFill}. */
  maskedFill<X extends Shaped>(this: X & Tensor, mask: Tensor, value: Operand<[]>): Tensor<X["shape"]> {
    return selection.maskedFill(this, mask, value);
  },
  /** The same values as another type; floats become whole numbers by cutting off. */
  to<X extends Shaped>(this: X & Tensor, dtype: DType): Tensor<X["shape"]> {
    if (!isDType(dtype)) {
      throw new TypeError(
        `to: there is no dtype ${String(dtype)}; there are "f32", "f64", "i32" and "bool" (and one device)`,
      );
    }
    return cast(this, dtype);
  },
  /** As f32. */
  float<X extends Shaped>(this: X & Tensor): Tensor<X["shape"]> {
    return cast(this, "f32");
  },
  /** As f64. */
  double<X extends Shaped>(this: X & Tensor): Tensor<X["shape"]> {
    return cast(this, "f64");
  },
  /** As i32, without fractions. */
  int<X extends Shaped>(this: X & Tensor): Tensor<X["shape"]> {
    return cast(this, "i32");
  },
  /** As booleans: whether not zero. */
  bool<X extends Shaped>(this: X & Tensor): Tensor<X["shape"]> {
    return cast(this, "bool");
  },
};

export type ElementwiseMethods = typeof elementwiseMethods;
