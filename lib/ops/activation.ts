// Activations: functions of one number that put the bends into networks, and softmax. Most are made of other operations, so that they
// can be differentiated any number of times. Formulas are PyTorch's (https://docs.pytorch.org/docs/stable/nn.functional.html).

import { axisOf, type Shape } from "../shape.ts";
import { bind, NOTHING, primitive, type Tensor } from "../trace.ts";
import { add, clamp, div, gt, le, lt, mul, sub } from "./arithmetic.ts";
import { abs, erf, expm1, relu, sigmoid, square, tanh } from "./elementwise.ts";
import { floating } from "./operand.ts";
import { stopGradient, where } from "./selection.ts";

const softplusP = primitive("softplus");
const softmaxP = primitive("softmax");
const logSoftmaxP = primitive("logSoftmax");

/**
 * The Gaussian error linear unit x · Φ(x), or with "tanh" its approximation by tanh (Hendrycks & Gimpel, arXiv:1606.08415).
 *
 * @example
 * gelu(tensor(1)) // 0.8413
 */
export function gelu<S extends Shape>(x: Tensor<S>, approximate: "none" | "tanh" = "none"): Tensor<S> {
  const v: Tensor = floating("gelu", x);
  const half = mul(v, 0.5);
  if (approximate === "none") return mul(half, add(erf(mul(v, Math.SQRT1_2)), 1)) as Tensor<S>;
  const inside = mul(mul(v, Math.sqrt(2 / Math.PI)), add(mul(square(v), 0.044715), 1));
  return mul(half, add(tanh(inside), 1)) as Tensor<S>;
}

/**
 * x · sigmoid(x), also called swish.
 *
 * @example
 * silu(tensor(1)) // 0.7311
 */
export function silu<S extends Shape>(x: Tensor<S>): Tensor<S> {
  const v: Tensor = floating("silu", x);
  return mul(v, sigmoid(v)) as Tensor<S>;
}

/**
 * x above 0, α(eˣ - 1) below (arXiv:1511.07289).
 *
 * @example
 * elu(tensor(-1)) // -0.6321
 */
export function elu<S extends Shape>(x: Tensor<S>, alpha = 1): Tensor<S> {
  const v: Tensor = floating("elu", x);
  // Clamped, so that the branch that is not taken cannot overflow and spoil the derivative with 0 · ∞.
  return where(gt(v, 0), v, mul(expm1(clamp(v, undefined, 0)), alpha)) as unknown as Tensor<S>;
}

const SELU_ALPHA = 1.6732632423543772;
const SELU_SCALE = 1.0507009873554805;

/**
 * elu with the scale and α that keep mean and variance (arXiv:1706.02515).
 *
 * @example
 * selu(tensor(1)) // 1.0507
 */
export function selu<S extends Shape>(x: Tensor<S>): Tensor<S> {
  return mul(elu(x as Tensor, SELU_ALPHA), SELU_SCALE) as Tensor<S>;
}

/**
 * x · tanh(softplus(x)) (arXiv:1908.08681).
 *
 * @example
 * mish(tensor(1)) // 0.8651
 */
export function mish<S extends Shape>(x: Tensor<S>): Tensor<S> {
  const v: Tensor = floating("mish", x);
  return mul(v, tanh(softplus(v))) as Tensor<S>;
}

/**
 * x / (1 + |x|)
 *
 * @example
 * softsign(tensor(1)) // 0.5
 */
export function softsign<S extends Shape>(x: Tensor<S>): Tensor<S> {
  const v: Tensor = floating("softsign", x);
  return div(v, add(abs(v), 1)) as Tensor<S>;
}

/**
 * log(1 + exp(β x)) / β, and x itself where β x is above the threshold.
 *
 * @example
 * softplus(tensor(0)) // 0.6931
 */
export function softplus<S extends Shape>(x: Tensor<S>, beta = 1, threshold = 20): Tensor<S> {
  const v: Tensor = floating("softplus", x);
  const scaled = beta === 1 ? v : mul(v, beta);
  const y = bind(softplusP, [scaled], NOTHING);
  const out = beta === 1 ? y : div(y, beta);
  return (threshold === 20 ? out : where(gt(scaled, threshold), v, out)) as Tensor<S>;
}

/**
 * x limited to [min, max]; its derivative is 0 on the limits.
 *
 * @example
 * hardtanh(tensor([-2, 0.5])) // [-1, 0.5]
 */
export function hardtanh<S extends Shape>(x: Tensor<S>, min = -1, max = 1): Tensor<S> {
  const v = x as Tensor;
  const above = where(gt(v, min), v, min);
  return where(lt(above, max), above, max) as unknown as Tensor<S>;
}

/**
 * x limited to [0, 6].
 *
 * @example
 * relu6(tensor(7)) // 6
 */
export function relu6<S extends Shape>(x: Tensor<S>): Tensor<S> {
  return hardtanh(x, 0, 6);
}

/** min(max(x + 3, 0), 6) */
function ramp(x: Tensor): Tensor {
  return relu6(add(x, 3));
}

/**
 * A sigmoid of three straight pieces: x / 6 + 1/2 between -3 and 3. Its derivative there is 1/6 rounded to f32, also for f64: that is
 * what PyTorch's backward pass uses, and digits shall agree.
 *
 * @example
 * hardsigmoid(tensor(0)) // 0.5
 */
export function hardsigmoid<S extends Shape>(x: Tensor<S>): Tensor<S> {
  const v = ramp(floating("hardsigmoid", x));
  const sloped = mul(v, Math.fround(1 / 6));
  return add(sloped, stopGradient(sub(div(v, 6), sloped))) as Tensor<S>;
}

/**
 * x · min(max(x + 3, 0), 6) / 6 (arXiv:1905.02244).
 *
 * @example
 * hardswish(tensor(1)) // 0.6667
 */
export function hardswish<S extends Shape>(x: Tensor<S>): Tensor<S> {
  const v = floating("hardswish", x) as Tensor;
  return mul(v, div(ramp(v), 6)) as Tensor<S>;
}

/**
 * x above 0, slope · x below.
 *
 * @example
 * leakyRelu(tensor([-1, 1]), 0.1) // [-0.1, 1]
 */
export function leakyRelu<S extends Shape>(x: Tensor<S>, negativeSlope = 0.01): Tensor<S> {
  const v = floating("leakyRelu", x) as Tensor;
  return where(gt(v, 0), v, mul(v, negativeSlope)) as unknown as Tensor<S>;
}

/**
 * x above 0, weight · x below, with one weight or one per channel (dim 1) that can be learned.
 *
 * @example
 * prelu(tensor([-1, 1]), tensor(0.25)) // [-0.25, 1]
 */
export function prelu(x: Tensor, weight: Tensor): Tensor {
  return add(relu(x), where(le(x, 0), mul(weight, x), 0));
}

/**
 * exp(x) / Σ exp(x) along `dim`: positive numbers that sum to 1.
 *
 * @throws RangeError for an axis that is not there.
 * @example
 * softmax(tensor([1, 2]), 0) // [0.2689, 0.7311]
 */
export function softmax<S extends Shape>(x: Tensor<S>, dim: number): Tensor<S> {
  const axis = axisOf("softmax", dim, x.shape);
  return bind(softmaxP, [floating("softmax", x) as Tensor], { axis }) as Tensor<S>;
}

/**
 * The logarithm of {@link softmax}, without overflow.
 *
 * @throws RangeError for an axis that is not there.
 * @example
 * logSoftmax(tensor([1, 2]), 0) // [-1.3133, -0.3133]
 */
export function logSoftmax<S extends Shape>(x: Tensor<S>, dim: number): Tensor<S> {
  const axis = axisOf("logSoftmax", dim, x.shape);
  return bind(logSoftmaxP, [floating("logSoftmax", x) as Tensor], { axis }) as Tensor<S>;
}
