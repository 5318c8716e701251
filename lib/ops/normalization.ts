// Normalisation: mean 0 and variance 1 over some axes, then a learned scale and shift. Also attention, and vectors of length 1.

import { repeated, sameShape, type Shape, show } from "../shape.ts";
import type { Tensor } from "../trace.ts";
import { add, div, maximum, mul, sub } from "./arithmetic.ts";
import { rsqrt, square } from "./elementwise.ts";
import { softmax } from "./activation.ts";
import { multiply } from "./linear-algebra.ts";
import { floating } from "./operand.ts";
import { mean, norm, sum } from "./reduction.ts";
import { where } from "./selection.ts";
import { reshape, swapLast } from "./view.ts";

function normalized(x: Tensor, axes: readonly number[], eps: number): Tensor {
  const centred = sub(x, mean(x, axes, true));
  return mul(centred, rsqrt(add(mean(square(centred), axes, true), eps)));
}

function scaled(x: Tensor, weight: Tensor | undefined, bias: Tensor | undefined): Tensor {
  const y = weight === undefined ? x : mul(x, weight);
  return bias === undefined ? y : add(y, bias);
}

function lastAxes(call: string, x: Tensor, shape: Shape): number[] {
  const lead = x.shape.length - shape.length;
  if (lead < 0 || !sameShape(x.shape.slice(lead), shape)) {
    throw new RangeError(`${call}: ${show(x.shape)} does not end in ${show(shape)}`);
  }
  return shape.map((_, k) => lead + k);
}

/**
 * Normalises over the last axes, which have the sizes `shape`: (x - mean) / √(variance + ε) · weight + bias (arXiv:1607.06450).
 *
 * @throws RangeError when the input does not end in `shape`.
 * @example
 * layerNorm(randn(3, 4), [4])
 */
export function layerNorm(x: Tensor, shape: Shape, weight?: Tensor, bias?: Tensor, eps = 1e-5): Tensor {
  const v = floating("layerNorm", x);
  return scaled(normalized(v, lastAxes("layerNorm", v, shape), eps), weight, bias);
}

/**
 * Divides by the root of the mean square over the last axes: x / √(mean(x²) + ε) · weight (arXiv:1910.07467).
 *
 * @throws RangeError when the input does not end in `shape`.
 * @example
 * rmsNorm(randn(3, 4), [4])
 */
export function rmsNorm(x: Tensor, shape: Shape, weight?: Tensor, eps = 1e-6): Tensor {
  const v = floating("rmsNorm", x);
  const axes = lastAxes("rmsNorm", v, shape);
  return scaled(mul(v, rsqrt(add(mean(square(v), axes, true), eps))), weight, undefined);
}

/** Brings a vector of one number per channel to the axis of channels. */
export function perChannel(v: Tensor, rank: number): Tensor {
  return rank <= 2 ? v : reshape(v, [v.shape[0] as number, ...repeated(rank - 2, 1)] as Shape);
}

/** The axes over which batch normalisation takes its statistics: all but the channels. */
export function allButChannels(x: Tensor): number[] {
  return x.shape.map((_, k) => k).filter((k) => k !== 1);
}

/**
 * Normalises each channel over the batch and space with the statistics of this batch: [batch, channels, ..] (arXiv:1502.03167). The layer
 * `nn.BatchNorm1d` also keeps running statistics for evaluation.
 *
 * @throws RangeError below two dimensions.
 * @example
 * batchNorm(randn(5, 3), ones(3), zeros(3))
 */
export function batchNorm(x: Tensor, weight?: Tensor, bias?: Tensor, eps = 1e-5): Tensor {
  if (x.shape.length < 2) throw new RangeError(`batchNorm: expected a batch of channels, got ${show(x.shape)}`);
  const v = floating("batchNorm", x);
  const rank = v.shape.length;
  const [w, b] = [weight, bias].map((p) => (p === undefined ? undefined : perChannel(p, rank)));
  return scaled(normalized(v, allButChannels(v), eps), w, b);
}

/**
 * Normalises groups of channels of each example: [batch, channels, ..] (arXiv:1803.08494).
 *
 * @throws RangeError when the channels do not fall into that many groups.
 * @example
 * groupNorm(randn(2, 4, 3), 2)
 */
export function groupNorm(x: Tensor, groups: number, weight?: Tensor, bias?: Tensor, eps = 1e-5): Tensor {
  const v = floating("groupNorm", x);
  const [batch, channels, ...space] = v.shape as readonly [number, number, ...number[]];
  if (v.shape.length < 2 || channels % groups !== 0) {
    throw new RangeError(`groupNorm: the channels of ${show(x.shape)} do not fall into ${groups} groups`);
  }
  const grouped = reshape(v, [batch, groups, -1] as Shape);
  const y = reshape(normalized(grouped, [2], eps), [batch, channels, ...space] as Shape);
  const [w, b] = [weight, bias].map((p) => (p === undefined ? undefined : perChannel(p, v.shape.length)));
  return scaled(y, w, b);
}

/**
 * Vectors along `dim` scaled to length 1: x / max(‖x‖ₚ, ε).
 *
 * @example
 * normalize(tensor([[3, 4]])) // [[0.6, 0.8]]
 */
export function normalize<S extends Shape>(x: Tensor<S>, { p = 2, dim = 1, eps = 1e-12 } = {}): Tensor<S> {
  const v: Tensor = floating("normalize", x);
  return div(v, maximum(norm(v, { p, dim, keepdim: true }), eps)) as Tensor<S>;
}

/**
 * The cosine of the angle between vectors along `dim`: Σ a b / max(‖a‖ ‖b‖, ε).
 *
 * @throws RangeError for shapes that do not broadcast.
 * @example
 * cosineSimilarity(tensor([[1, 0]]), tensor([[1, 1]])) // [0.7071]
 */
export function cosineSimilarity(a: Tensor, b: Tensor, { dim = 1, eps = 1e-8 } = {}): Tensor {
  const length = (x: Tensor): Tensor => maximum(norm(x, { dim, keepdim: true }), eps);
  return sum(mul(div(a, length(a)), div(b, length(b))), dim);
}

/**
 * Attention softmax(q kᵀ / √d) v (arXiv:1706.03762): [.., n, d], [.., m, d], [.., m, e] → [.., n, e]. Where `mask` is false, a key is not
 * looked at.
 *
 * @throws RangeError when sizes do not fit.
 * @example
 * scaledDotProductAttention(q, k, v, tril(ones(n, n)).bool())
 */
export function scaledDotProductAttention(q: Tensor, k: Tensor, v: Tensor, mask?: Tensor): Tensor {
  const depth = q.shape[q.shape.length - 1];
  if (
    q.shape.length < 2 ||
    depth !== k.shape[k.shape.length - 1] ||
    k.shape[k.shape.length - 2] !== v.shape[v.shape.length - 2]
  ) {
    throw new RangeError(
      `scaledDotProductAttention: sizes do not fit: ${show(q.shape)}, ${show(k.shape)} and ${show(v.shape)}`,
    );
  }
  const scores = div(multiply(q, swapLast(k)), Math.sqrt(depth as number));
  const seen = mask === undefined ? scores : where(mask, scores, -Infinity);
  return multiply(softmax(seen, -1), v);
}
