// Methods on each element by itself or with the element of another tensor at the same place; the functions of the same names say more.

import type { DType } from "../dtype.ts";
import * as activation from "../ops/activation.ts";
import * as arithmetic from "../ops/arithmetic.ts";
import * as elementwise from "../ops/elementwise.ts";
import * as selection from "../ops/selection.ts";
import { cast, type Operand } from "../ops/operand.ts";
import type { Shape } from "../shape.ts";
import type { Broadcast, CheckBroadcast } from "../shape-types.ts";
import type { Tensor } from "../trace.ts";

export const elementwiseMethods = {
  /** -x: {@link elementwise.neg}. */
  neg<S extends Shape>(this: Tensor<S>): Tensor<S> {
    return elementwise.neg(this);
  },
  /** eˣ: {@link elementwise.exp}. */
  exp<S extends Shape>(this: Tensor<S>): Tensor<S> {
    return elementwise.exp(this);
  },
  /** eˣ - 1, accurate near zero: {@link elementwise.expm1}. */
  expm1<S extends Shape>(this: Tensor<S>): Tensor<S> {
    return elementwise.expm1(this);
  },
  /** The natural logarithm: {@link elementwise.log}. */
  log<S extends Shape>(this: Tensor<S>): Tensor<S> {
    return elementwise.log(this);
  },
  /** log(1 + x), accurate near zero: {@link elementwise.log1p}. */
  log1p<S extends Shape>(this: Tensor<S>): Tensor<S> {
    return elementwise.log1p(this);
  },
  /** The logarithm to base 2: {@link elementwise.log2}. */
  log2<S extends Shape>(this: Tensor<S>): Tensor<S> {
    return elementwise.log2(this);
  },
  /** The logarithm to base 10: {@link elementwise.log10}. */
  log10<S extends Shape>(this: Tensor<S>): Tensor<S> {
    return elementwise.log10(this);
  },
  /** The sine of an angle in radians: {@link elementwise.sin}. */
  sin<S extends Shape>(this: Tensor<S>): Tensor<S> {
    return elementwise.sin(this);
  },
  /** The cosine of an angle in radians: {@link elementwise.cos}. */
  cos<S extends Shape>(this: Tensor<S>): Tensor<S> {
    return elementwise.cos(this);
  },
  /** The tangent of an angle in radians: {@link elementwise.tan}. */
  tan<S extends Shape>(this: Tensor<S>): Tensor<S> {
    return elementwise.tan(this);
  },
  /** The hyperbolic sine: {@link elementwise.sinh}. */
  sinh<S extends Shape>(this: Tensor<S>): Tensor<S> {
    return elementwise.sinh(this);
  },
  /** The hyperbolic cosine: {@link elementwise.cosh}. */
  cosh<S extends Shape>(this: Tensor<S>): Tensor<S> {
    return elementwise.cosh(this);
  },
  /** The hyperbolic tangent, an activation with values between -1 and 1: {@link elementwise.tanh}. */
  tanh<S extends Shape>(this: Tensor<S>): Tensor<S> {
    return elementwise.tanh(this);
  },
  /** The angle in radians whose sine is x; NaN outside [-1, 1]: {@link elementwise.asin}. */
  asin<S extends Shape>(this: Tensor<S>): Tensor<S> {
    return elementwise.asin(this);
  },
  /** The angle in radians whose cosine is x; NaN outside [-1, 1]: {@link elementwise.acos}. */
  acos<S extends Shape>(this: Tensor<S>): Tensor<S> {
    return elementwise.acos(this);
  },
  /** The angle in radians whose tangent is x: {@link elementwise.atan}. */
  atan<S extends Shape>(this: Tensor<S>): Tensor<S> {
    return elementwise.atan(this);
  },
  /** The inverse of sinh: {@link elementwise.asinh}. */
  asinh<S extends Shape>(this: Tensor<S>): Tensor<S> {
    return elementwise.asinh(this);
  },
  /** The inverse of cosh; NaN below 1: {@link elementwise.acosh}. */
  acosh<S extends Shape>(this: Tensor<S>): Tensor<S> {
    return elementwise.acosh(this);
  },
  /** The inverse of tanh; NaN outside [-1, 1]: {@link elementwise.atanh}. */
  atanh<S extends Shape>(this: Tensor<S>): Tensor<S> {
    return elementwise.atanh(this);
  },
  /** 1 / (1 + e⁻ˣ), an activation with values between 0 and 1: {@link elementwise.sigmoid}. */
  sigmoid<S extends Shape>(this: Tensor<S>): Tensor<S> {
    return elementwise.sigmoid(this);
  },
  /** log(sigmoid(x)), without overflow: {@link elementwise.logSigmoid}. */
  logSigmoid<S extends Shape>(this: Tensor<S>): Tensor<S> {
    return elementwise.logSigmoid(this);
  },
  /** max(x, 0); its derivative at 0 is 0: {@link elementwise.relu}. */
  relu<S extends Shape>(this: Tensor<S>): Tensor<S> {
    return elementwise.relu(this);
  },
  /** The absolute value; its derivative at 0 is 0: {@link elementwise.abs}. */
  abs<S extends Shape>(this: Tensor<S>): Tensor<S> {
    return elementwise.abs(this);
  },
  /** -1, 0 or 1: {@link elementwise.sign}. */
  sign<S extends Shape>(this: Tensor<S>): Tensor<S> {
    return elementwise.sign(this);
  },
  /** The largest whole number that is not larger: {@link elementwise.floor}. */
  floor<S extends Shape>(this: Tensor<S>): Tensor<S> {
    return elementwise.floor(this);
  },
  /** The smallest whole number that is not smaller: {@link elementwise.ceil}. */
  ceil<S extends Shape>(this: Tensor<S>): Tensor<S> {
    return elementwise.ceil(this);
  },
  /** The nearest whole number, halves to the even one: {@link elementwise.round}. */
  round<S extends Shape>(this: Tensor<S>): Tensor<S> {
    return elementwise.round(this);
  },
  /** The whole number without the fraction: {@link elementwise.trunc}. */
  trunc<S extends Shape>(this: Tensor<S>): Tensor<S> {
    return elementwise.trunc(this);
  },
  /** The square root; NaN below zero: {@link elementwise.sqrt}. */
  sqrt<S extends Shape>(this: Tensor<S>): Tensor<S> {
    return elementwise.sqrt(this);
  },
  /** 1 / √x: {@link elementwise.rsqrt}. */
  rsqrt<S extends Shape>(this: Tensor<S>): Tensor<S> {
    return elementwise.rsqrt(this);
  },
  /** 1 / x: {@link elementwise.reciprocal}. */
  reciprocal<S extends Shape>(this: Tensor<S>): Tensor<S> {
    return elementwise.reciprocal(this);
  },
  /** x²: {@link elementwise.square}. */
  square<S extends Shape>(this: Tensor<S>): Tensor<S> {
    return elementwise.square(this);
  },
  /** The error function 2/√π ∫₀ˣ e^(-t²) dt: {@link elementwise.erf}. */
  erf<S extends Shape>(this: Tensor<S>): Tensor<S> {
    return elementwise.erf(this);
  },
  /** log |Γ(x)|: {@link elementwise.lgamma}. */
  lgamma<S extends Shape>(this: Tensor<S>): Tensor<S> {
    return elementwise.lgamma(this);
  },
  /** The derivative of lgamma: {@link elementwise.digamma}. */
  digamma<S extends Shape>(this: Tensor<S>): Tensor<S> {
    return elementwise.digamma(this);
  },
  /** The Gaussian error linear unit: {@link activation.gelu}. */
  gelu<S extends Shape>(this: Tensor<S>, approximate: "none" | "tanh" = "none"): Tensor<S> {
    return activation.gelu(this, approximate);
  },
  /** x · sigmoid(x): {@link activation.silu}. */
  silu<S extends Shape>(this: Tensor<S>): Tensor<S> {
    return activation.silu(this);
  },
  /** x above 0, α(eˣ - 1) below: {@link activation.elu}. */
  elu<S extends Shape>(this: Tensor<S>, alpha = 1): Tensor<S> {
    return activation.elu(this, alpha);
  },
  /** The scaled elu: {@link activation.selu}. */
  selu<S extends Shape>(this: Tensor<S>): Tensor<S> {
    return activation.selu(this);
  },
  /** x · tanh(softplus(x)): {@link activation.mish}. */
  mish<S extends Shape>(this: Tensor<S>): Tensor<S> {
    return activation.mish(this);
  },
  /** x / (1 + |x|): {@link activation.softsign}. */
  softsign<S extends Shape>(this: Tensor<S>): Tensor<S> {
    return activation.softsign(this);
  },
  /** log(1 + eˣ): {@link activation.softplus}. */
  softplus<S extends Shape>(this: Tensor<S>, beta = 1, threshold = 20): Tensor<S> {
    return activation.softplus(this, beta, threshold);
  },
  /** x limited to [min, max]: {@link activation.hardtanh}. */
  hardtanh<S extends Shape>(this: Tensor<S>, min = -1, max = 1): Tensor<S> {
    return activation.hardtanh(this, min, max);
  },
  /** A sigmoid of three straight pieces: {@link activation.hardsigmoid}. */
  hardsigmoid<S extends Shape>(this: Tensor<S>): Tensor<S> {
    return activation.hardsigmoid(this);
  },
  /** x · hardsigmoid(x): {@link activation.hardswish}. */
  hardswish<S extends Shape>(this: Tensor<S>): Tensor<S> {
    return activation.hardswish(this);
  },
  /** x above 0, slope · x below: {@link activation.leakyRelu}. */
  leakyRelu<S extends Shape>(this: Tensor<S>, negativeSlope = 0.01): Tensor<S> {
    return activation.leakyRelu(this, negativeSlope);
  },
  /** x limited to [0, 6]: {@link activation.relu6}. */
  relu6<S extends Shape>(this: Tensor<S>): Tensor<S> {
    return activation.relu6(this);
  },
  /** Exponentials that sum to 1 along `dim`: {@link activation.softmax}. */
  softmax<S extends Shape>(this: Tensor<S>, dim: number): Tensor<S> {
    return activation.softmax(this, dim);
  },
  /** The logarithm of softmax, without overflow: {@link activation.logSoftmax}. */
  logSoftmax<S extends Shape>(this: Tensor<S>, dim: number): Tensor<S> {
    return activation.logSoftmax(this, dim);
  },
  /** x + y, with broadcasting: {@link arithmetic.add}. */
  add<A extends Shape, B extends Shape = []>(
    this: Tensor<A>,
    other: Operand<B> & CheckBroadcast<"add", A, B>,
  ): Tensor<Broadcast<A, B>> {
    return arithmetic.add<A, B>(this, other);
  },
  /** x - y, with broadcasting: {@link arithmetic.sub}. */
  sub<A extends Shape, B extends Shape = []>(
    this: Tensor<A>,
    other: Operand<B> & CheckBroadcast<"sub", A, B>,
  ): Tensor<Broadcast<A, B>> {
    return arithmetic.sub<A, B>(this, other);
  },
  /** x · y, with broadcasting: {@link arithmetic.mul}. */
  mul<A extends Shape, B extends Shape = []>(
    this: Tensor<A>,
    other: Operand<B> & CheckBroadcast<"mul", A, B>,
  ): Tensor<Broadcast<A, B>> {
    return arithmetic.mul<A, B>(this, other);
  },
  /** x / y, with broadcasting: {@link arithmetic.div}. */
  div<A extends Shape, B extends Shape = []>(
    this: Tensor<A>,
    other: Operand<B> & CheckBroadcast<"div", A, B>,
  ): Tensor<Broadcast<A, B>> {
    return arithmetic.div<A, B>(this, other);
  },
  /** x to the power y, with broadcasting: {@link arithmetic.pow}. */
  pow<A extends Shape, B extends Shape = []>(
    this: Tensor<A>,
    other: Operand<B> & CheckBroadcast<"pow", A, B>,
  ): Tensor<Broadcast<A, B>> {
    return arithmetic.pow<A, B>(this, other);
  },
  /** The larger of both, with broadcasting: {@link arithmetic.maximum}. */
  maximum<A extends Shape, B extends Shape = []>(
    this: Tensor<A>,
    other: Operand<B> & CheckBroadcast<"maximum", A, B>,
  ): Tensor<Broadcast<A, B>> {
    return arithmetic.maximum<A, B>(this, other);
  },
  /** The smaller of both, with broadcasting: {@link arithmetic.minimum}. */
  minimum<A extends Shape, B extends Shape = []>(
    this: Tensor<A>,
    other: Operand<B> & CheckBroadcast<"minimum", A, B>,
  ): Tensor<Broadcast<A, B>> {
    return arithmetic.minimum<A, B>(this, other);
  },
  /** The angle of the point (y, x), with broadcasting: {@link arithmetic.atan2}. */
  atan2<A extends Shape, B extends Shape = []>(
    this: Tensor<A>,
    other: Operand<B> & CheckBroadcast<"atan2", A, B>,
  ): Tensor<Broadcast<A, B>> {
    return arithmetic.atan2<A, B>(this, other);
  },
  /** √(x² + y²), with broadcasting: {@link arithmetic.hypot}. */
  hypot<A extends Shape, B extends Shape = []>(
    this: Tensor<A>,
    other: Operand<B> & CheckBroadcast<"hypot", A, B>,
  ): Tensor<Broadcast<A, B>> {
    return arithmetic.hypot<A, B>(this, other);
  },
  /** The rest of x / y, with the sign of y, with broadcasting: {@link arithmetic.remainder}. */
  remainder<A extends Shape, B extends Shape = []>(
    this: Tensor<A>,
    other: Operand<B> & CheckBroadcast<"remainder", A, B>,
  ): Tensor<Broadcast<A, B>> {
    return arithmetic.remainder<A, B>(this, other);
  },
  /** Whether x = y, with broadcasting: {@link arithmetic.eq}. */
  eq<A extends Shape, B extends Shape = []>(
    this: Tensor<A>,
    other: Operand<B> & CheckBroadcast<"eq", A, B>,
  ): Tensor<Broadcast<A, B>> {
    return arithmetic.eq<A, B>(this, other);
  },
  /** Whether x ≠ y, with broadcasting: {@link arithmetic.ne}. */
  ne<A extends Shape, B extends Shape = []>(
    this: Tensor<A>,
    other: Operand<B> & CheckBroadcast<"ne", A, B>,
  ): Tensor<Broadcast<A, B>> {
    return arithmetic.ne<A, B>(this, other);
  },
  /** Whether x < y, with broadcasting: {@link arithmetic.lt}. */
  lt<A extends Shape, B extends Shape = []>(
    this: Tensor<A>,
    other: Operand<B> & CheckBroadcast<"lt", A, B>,
  ): Tensor<Broadcast<A, B>> {
    return arithmetic.lt<A, B>(this, other);
  },
  /** Whether x ≤ y, with broadcasting: {@link arithmetic.le}. */
  le<A extends Shape, B extends Shape = []>(
    this: Tensor<A>,
    other: Operand<B> & CheckBroadcast<"le", A, B>,
  ): Tensor<Broadcast<A, B>> {
    return arithmetic.le<A, B>(this, other);
  },
  /** Whether x > y, with broadcasting: {@link arithmetic.gt}. */
  gt<A extends Shape, B extends Shape = []>(
    this: Tensor<A>,
    other: Operand<B> & CheckBroadcast<"gt", A, B>,
  ): Tensor<Broadcast<A, B>> {
    return arithmetic.gt<A, B>(this, other);
  },
  /** Whether x ≥ y, with broadcasting: {@link arithmetic.ge}. */
  ge<A extends Shape, B extends Shape = []>(
    this: Tensor<A>,
    other: Operand<B> & CheckBroadcast<"ge", A, B>,
  ): Tensor<Broadcast<A, B>> {
    return arithmetic.ge<A, B>(this, other);
  },
  /** Whether neither is zero, with broadcasting: {@link arithmetic.logicalAnd}. */
  logicalAnd<A extends Shape, B extends Shape = []>(
    this: Tensor<A>,
    other: Operand<B> & CheckBroadcast<"logicalAnd", A, B>,
  ): Tensor<Broadcast<A, B>> {
    return arithmetic.logicalAnd<A, B>(this, other);
  },
  /** Whether any is not zero, with broadcasting: {@link arithmetic.logicalOr}. */
  logicalOr<A extends Shape, B extends Shape = []>(
    this: Tensor<A>,
    other: Operand<B> & CheckBroadcast<"logicalOr", A, B>,
  ): Tensor<Broadcast<A, B>> {
    return arithmetic.logicalOr<A, B>(this, other);
  },
  /** Whether x is zero: {@link arithmetic.logicalNot}. */
  logicalNot<S extends Shape>(this: Tensor<S>): Tensor<S> {
    return arithmetic.logicalNot(this);
  },
  /** x limited to [min, max]: {@link arithmetic.clamp}. */
  clamp<S extends Shape>(this: Tensor<S>, min?: number, max?: number): Tensor<S> {
    return arithmetic.clamp(this, min, max);
  },
  /** x + weight · (end - x): {@link arithmetic.lerp}. */
  lerp<A extends Shape, B extends Shape>(
    this: Tensor<A>,
    end: Tensor<B> & CheckBroadcast<"lerp", A, B>,
    weight: Operand,
  ): Tensor<Broadcast<A, B>> {
    return arithmetic.lerp<A, B>(this, end, weight);
  },
  /** x where the condition holds, else `other`: {@link selection.where}. */
  where<A extends Shape, B extends Shape = []>(
    this: Tensor<A>,
    condition: Tensor,
    other: Operand<B> & CheckBroadcast<"where", A, B>,
  ): Tensor<Broadcast<A, B>> {
    return selection.where<A, B>(condition, this, other);
  },
  /** `value` where the mask holds, else x: {@link selection.maskedFill}. */
  maskedFill<S extends Shape>(this: Tensor<S>, mask: Tensor, value: Operand<[]>): Tensor<S> {
    return selection.maskedFill(this, mask, value);
  },
  /** The same values as another type: {@link cast}. */
  to<S extends Shape>(this: Tensor<S>, dtype: DType): Tensor<S> {
    return cast(this, dtype);
  },
  /** As f32. */
  float<S extends Shape>(this: Tensor<S>): Tensor<S> {
    return cast(this, "f32");
  },
  /** As f64. */
  double<S extends Shape>(this: Tensor<S>): Tensor<S> {
    return cast(this, "f64");
  },
  /** As i32, without fractions. */
  int<S extends Shape>(this: Tensor<S>): Tensor<S> {
    return cast(this, "i32");
  },
  /** As booleans: whether not zero. */
  bool<S extends Shape>(this: Tensor<S>): Tensor<S> {
    return cast(this, "bool");
  },
};

export type ElementwiseMethods = typeof elementwiseMethods;
