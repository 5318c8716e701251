// Rules of the primitives that work element by element. Each smooth one says what derivative · t is.

import type { BinaryName, ComparisonName, TangentName, UnaryName } from "../backend.ts";
import { add, affine, div, eq, ge, gt, le, logicalAnd, lt, mul, pow, powScalar, sub } from "../ops/arithmetic.ts";
import { cos, cosh, digamma, exp, floor, log, neg, polygamma, reluTangent, rsqrt, sigmoid, sigmoidTangent, sign, sin, sinh, square, squareTangent, tanhTangent } from "../ops/elementwise.ts"; // prettier-ignore
import { cast } from "../ops/operand.ts";
import { sumTo } from "../ops/reduction.ts";
import { where } from "../ops/selection.ts";
import { isFloat } from "../dtype.ts";
import { bind, type Tensor } from "../trace.ts";
import {
  batchAsIs,
  batchBroadcasting,
  BOTH,
  broadcasting,
  compared,
  diagonal,
  full,
  INPUTS,
  linear,
  NEITHER,
  only,
  OUTPUT,
  plus,
  type Rule,
  stacked,
  step,
} from "./rule.ts";

const unary: { readonly [N in UnaryName]: Rule<N> } = {
  neg: diagonal((t) => neg(t), NEITHER),
  exp: diagonal((t, _, y) => mul(t, y), OUTPUT),
  expm1: diagonal((t, _, y) => mul(t, add(y, 1)), OUTPUT),
  log: diagonal((t, x) => div(t, x), INPUTS),
  log1p: diagonal((t, x) => div(t, add(x, 1)), INPUTS),
  log2: diagonal((t, x) => div(t, mul(x, Math.LN2)), INPUTS),
  log10: diagonal((t, x) => div(t, mul(x, Math.LN10)), INPUTS),
  sin: diagonal((t, x) => mul(t, cos(x)), INPUTS),
  cos: diagonal((t, x) => neg(mul(t, sin(x))), INPUTS),
  tan: diagonal((t, _, y) => mul(t, add(square(y), 1)), OUTPUT),
  sinh: diagonal((t, x) => mul(t, cosh(x)), INPUTS),
  cosh: diagonal((t, x) => mul(t, sinh(x)), INPUTS),
  tanh: diagonal((t, _, y) => tanhTangent(t, y), OUTPUT),
  asin: diagonal((t, x) => mul(t, rsqrt(sub(1, square(x)))), INPUTS),
  acos: diagonal((t, x) => neg(mul(t, rsqrt(sub(1, square(x))))), INPUTS),
  atan: diagonal((t, x) => div(t, add(square(x), 1)), INPUTS),
  asinh: diagonal((t, x) => mul(t, rsqrt(add(square(x), 1))), INPUTS),
  acosh: diagonal((t, x) => mul(t, rsqrt(sub(square(x), 1))), INPUTS),
  atanh: diagonal((t, x) => div(t, sub(1, square(x))), INPUTS),
  sigmoid: diagonal((t, _, y) => sigmoidTangent(t, y), OUTPUT),
  logSigmoid: diagonal((t, x) => mul(t, sigmoid(neg(x))), INPUTS),
  softplus: diagonal((t, x) => where(gt(x, 20), t, mul(t, sigmoid(x))), INPUTS),
  relu: diagonal((t, _, y) => reluTangent(t, y), OUTPUT),
  abs: diagonal((t, x) => mul(t, sign(x)), INPUTS),
  sign: step(),
  floor: step(),
  ceil: step(),
  round: step(),
  trunc: step(),
  sqrt: diagonal((t, _, y) => div(t, mul(y, 2)), OUTPUT),
  rsqrt: diagonal((t, _, y) => mul(t, mul(powScalar(y, 3), -0.5)), OUTPUT),
  reciprocal: diagonal((t, _, y) => neg(mul(t, square(y))), OUTPUT),
  square: diagonal((t, x) => squareTangent(t, x), INPUTS),
  // erf' = 2/√π e^(-x²)
  erf: diagonal((t, x) => mul(t, mul(exp(neg(square(x))), 2 / Math.sqrt(Math.PI))), INPUTS),
  lgamma: diagonal((t, x) => mul(t, digamma(x)), INPUTS),
  digamma: diagonal((t, x) => mul(t, polygamma(1, x)), INPUTS),
  logicalNot: { jvp: null, vjp: null, batch: batchAsIs },
};

/** The whole of t where a wins, half of it at a tie. */
function won(t: Tensor, wins: Tensor, a: Tensor, b: Tensor): Tensor {
  return where(wins, t, where(eq(a, b), mul(t, 0.5), 0));
}

const binary: { readonly [N in BinaryName]: Rule<N> } = {
  add: broadcasting(
    (t) => t,
    (t) => t,
    NEITHER,
  ),
  sub: broadcasting(
    (t) => t,
    (t) => neg(t),
    NEITHER,
  ),
  mul: broadcasting(
    (t, _, b) => mul(t, b),
    (t, a) => mul(t, a),
    INPUTS,
  ),
  div: broadcasting(
    (t, _, b) => div(t, b),
    (t, _, b, y) => neg(div(mul(t, y), b)),
    BOTH,
  ),
  // ∂/∂a aᵇ = b aᵇ⁻¹, which is 0 for b = 0 even at a = 0; ∂/∂b aᵇ = aᵇ log a, which is 0 at a = 0.
  pow: broadcasting(
    (t, a, b) => mul(t, mul(b, pow(a, where(eq(b, 0), 0, sub(b, 1))))),
    (t, a, _, y) => mul(t, mul(y, log(where(eq(a, 0), 1, a)))),
    BOTH,
  ),
  maximum: broadcasting(
    (t, a, b) => won(t, gt(a, b), a, b),
    (t, a, b) => won(t, gt(b, a), a, b),
    INPUTS,
  ),
  minimum: broadcasting(
    (t, a, b) => won(t, lt(a, b), a, b),
    (t, a, b) => won(t, lt(b, a), a, b),
    INPUTS,
  ),
  atan2: broadcasting(
    (t, a, b) => mul(t, div(b, add(square(a), square(b)))),
    (t, a, b) => neg(mul(t, div(a, add(square(a), square(b))))),
    INPUTS,
  ),
  hypot: broadcasting(
    (t, a, _, y) => mul(t, div(a, y)),
    (t, _, b, y) => mul(t, div(b, y)),
    BOTH,
  ),
  remainder: broadcasting(
    (t) => t,
    (t, a, b) => neg(mul(t, floor(div(a, b)))),
    INPUTS,
  ),
};

/** t · f(y), linear in t; `g` is s · t · f′(y). */
function tangent(
  f: (t: Tensor, y: Tensor) => Tensor,
  g: (s: Tensor, t: Tensor, y: Tensor) => Tensor | null,
): Rule<TangentName> {
  return {
    jvp: ([s, r], [t, y]) => plus(s === null ? null : f(s, y), r === null ? null : g(r, t, y)),
    vjp: [(ct, [, y]) => f(ct, y), (ct, [t, y]) => g(ct, t, y)],
    reads: INPUTS,
    batch: (self, inputs, batched, size, params) =>
      bind(
        self,
        inputs.map((x, k) => stacked(x, batched[k] === true, size)),
        params,
      ),
  };
}

const tangents: { readonly [N in TangentName]: Rule<N> } = {
  sigmoidTangent: tangent(sigmoidTangent, (s, t, y) => mul(mul(s, t), affine(y, -2, 1))),
  tanhTangent: tangent(tanhTangent, (s, t, y) => mul(mul(s, t), affine(y, -2, 0))),
  reluTangent: tangent(reluTangent, () => null),
  squareTangent: tangent(squareTangent, (s, t) => mul(mul(s, t), 2)),
};

const comparison: { readonly [N in ComparisonName]: Rule<N> } = {
  eq: compared,
  ne: compared,
  lt: compared,
  le: compared,
  gt: compared,
  ge: compared,
  logicalAnd: compared,
  logicalOr: compared,
};

type Others = "polygamma" | "powScalar" | "affine" | "clamp" | "where" | "cast" | "copy";

const others: { readonly [N in Others]: Rule<N> } = {
  polygamma: diagonal((t, x, _, { n }) => mul(t, polygamma(n + 1, x)), INPUTS),
  powScalar: diagonal((t, x, _, { exponent: n }) => (n === 0 ? null : mul(t, mul(powScalar(x, n - 1), n))), INPUTS),
  affine: diagonal((t, _, __, { scale }) => affine(t, scale, 0), NEITHER),
  clamp: diagonal((t, x, _, { min, max }) => only(logicalAnd(ge(x, min), le(x, max)), t), INPUTS),
  where: {
    jvp: ([, s, t], [c], y) => {
      if (s === null && t === null) return null;
      return full(where(c, s ?? 0, t ?? 0), y);
    },
    vjp: [null, (ct, [c, a]) => sumTo(where(c, ct, 0), a.shape), (ct, [c, , b]) => sumTo(where(c, 0, ct), b.shape)],
    reads: INPUTS,
    batch: batchBroadcasting,
  },
  cast: {
    jvp: ([t], _, __, { dtype }) => (t === null || !isFloat(dtype) ? null : cast(t, dtype)),
    vjp: [(ct, [x]) => cast(ct, x.dtype)],
    reads: NEITHER,
    batch: batchAsIs,
  },
  copy: linear((ct) => ct, batchAsIs),
};

export const elementwise = { ...unary, ...binary, ...tangents, ...comparison, ...others };
