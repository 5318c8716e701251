// `nn`: modules, layers, initialisations, losses.

import {
  BatchNorm,
  Embedding,
  Flatten,
  GroupNorm,
  LayerNorm,
  RMSNorm,
  type BatchNormOptions,
  type LayerOptions,
  type NormOptions,
  Linear,
} from "./layers.ts";
import { Conv1d, Conv2d, ConvTranspose1d, ConvTranspose2d } from "./convolution.ts";
import { Dropout, type Layer, Sequential } from "./containers.ts";
import type { ConvolutionOptions, ConvolutionTransposeOptions } from "../ops/convolution.ts";
import type { Shape } from "../shape.ts";
import type { Generator } from "../random.ts";

export { functionalCall, Module, parameter } from "./module.ts";
export type { StateDict } from "./module.ts";
/** Ways to fill a weight at the start, in place. */
export * as init from "./init.ts";
export { Conv1d, Conv2d, ConvTranspose1d, ConvTranspose2d } from "./convolution.ts";
export { BatchNorm, Embedding, Flatten, GroupNorm, LayerNorm, Linear, RMSNorm } from "./layers.ts";
export type { BatchNormOptions, LayerOptions, NormOptions } from "./layers.ts";
export { GRU, LSTM, RNN } from "./recurrent.ts";
export type { RecurrentOptions } from "./recurrent.ts";
export { MultiheadAttention, TransformerEncoderLayer } from "./attention.ts";
export type { AttendOptions, AttentionOptions, EncoderOptions } from "./attention.ts";
export { Dropout, Lambda, Sequential } from "./containers.ts";
export type { Layer } from "./containers.ts";
export {
  avgPool2d, elu, identity, gelu, hardsigmoid, hardswish, hardtanh, leakyRelu, logSigmoid, logSoftmax, maxPool2d, mish, relu, selu, sigmoid, silu,
  softmax, softplus, softsign, tanh,
} from "./containers.ts"; // prettier-ignore
export {
  binaryCrossEntropy, binaryCrossEntropyWithLogits, cosineEmbeddingLoss, crossEntropy, hingeEmbeddingLoss, huberLoss, klDiv, l1Loss, mseLoss,
  nllLoss, poissonNllLoss, smoothL1Loss,
} from "../ops/loss.ts"; // prettier-ignore

/**
 * A fully connected layer: [.., in] → [.., out].
 *
 * @example
 * nn.linear(2, 8).forward(x)
 */
export function linear<const In extends number, const Out extends number>(
  inFeatures: In,
  outFeatures: Out,
  options: LayerOptions = {},
): Linear<In, Out> {
  return new Linear(inFeatures, outFeatures, options);
}

/**
 * Convolution along one axis: [batch, in, n] → [batch, out, windows].
 *
 * @example
 * nn.conv1d(2, 4, 3).forward(randn([8, 2, 10])) // shape [8, 4, 8]
 */
export function conv1d(
  input: number,
  output: number,
  kernel: number,
  options: ConvolutionOptions & LayerOptions = {},
): Conv1d {
  return new Conv1d(input, output, kernel, options);
}

/**
 * Convolution over images: [batch, in, h, w] → [batch, out, h', w'].
 *
 * @example
 * nn.conv2d(1, 4, 3, { padding: 1 }).forward(randn([8, 1, 6, 6])) // shape [8, 4, 6, 6]
 */
export function conv2d(
  input: number,
  output: number,
  kernel: number | readonly [number, number],
  options: ConvolutionOptions & LayerOptions = {},
): Conv2d {
  return new Conv2d(input, output, kernel, options);
}

/**
 * The adjoint of a convolution along one axis: [batch, in, n] → [batch, out, n'].
 *
 * @example
 * nn.convTranspose1d(4, 2, 2, { stride: 2 }).forward(randn([8, 4, 5])) // shape [8, 2, 10]
 */
export function convTranspose1d(
  input: number,
  output: number,
  kernel: number,
  options: ConvolutionTransposeOptions & LayerOptions = {},
): ConvTranspose1d {
  return new ConvTranspose1d(input, output, kernel, options);
}

/**
 * The adjoint of a convolution over images: [batch, in, h, w] → [batch, out, h', w'].
 *
 * @example
 * nn.convTranspose2d(4, 2, 2, { stride: 2 }).forward(randn([8, 4, 5, 5])) // shape [8, 2, 10, 10]
 */
export function convTranspose2d(
  input: number,
  output: number,
  kernel: number | readonly [number, number],
  options: ConvolutionTransposeOptions & LayerOptions = {},
): ConvTranspose2d {
  return new ConvTranspose2d(input, output, kernel, options);
}

/**
 * A vector for each of `count` words: [..] → [.., features].
 *
 * @example
 * nn.embedding(10, 3).forward(tensor([1, 5, 1], { dtype: "i32" })) // shape [3, 3]
 */
export function embedding(count: number, features: number, options: LayerOptions = {}): Embedding {
  return new Embedding(count, features, options);
}

/**
 * Normalises each example over its last axes.
 *
 * @example
 * nn.layerNorm(4).forward(randn([8, 4])) // shape [8, 4]
 */
export function layerNorm(shape: number | Shape, options: NormOptions = {}): LayerNorm {
  return new LayerNorm(shape, options);
}

/**
 * Normalises each channel over the batch: [batch, channels, ..].
 *
 * @example
 * nn.batchNorm(3).forward(randn([8, 3])) // shape [8, 3]
 */
export function batchNorm(channels: number, options: BatchNormOptions = {}): BatchNorm {
  return new BatchNorm(channels, options);
}

/**
 * Normalises groups of channels of each example: [batch, channels, ..].
 *
 * @example
 * nn.groupNorm(2, 4).forward(randn([8, 4, 3, 3])) // shape [8, 4, 3, 3]
 */
export function groupNorm(groups: number, channels: number, options: NormOptions = {}): GroupNorm {
  return new GroupNorm(groups, channels, options);
}

/**
 * Divides each example by its root mean square over its last axes.
 *
 * @example
 * nn.rmsNorm(4).forward(randn([8, 4])) // shape [8, 4]
 */
export function rmsNorm(shape: number | Shape, options: NormOptions = {}): RMSNorm {
  return new RMSNorm(shape, options);
}

/**
 * Sets elements to zero with probability p while training.
 *
 * @example
 * nn.dropout(0.2).eval().forward(ones([3])) // [1, 1, 1]
 */
export function dropout(p = 0.5, options: { readonly generator?: Generator } = {}): Dropout {
  return new Dropout(p, options);
}

/**
 * Joins all axes but the batch.
 *
 * @example
 * nn.flatten().forward(ones([8, 2, 3])) // shape [8, 6]
 */
export function flatten(): Flatten {
  return new Flatten();
}

/**
 * Modules one after the other.
 *
 * @example
 * const model = nn.sequential(nn.linear(2, 8), nn.sigmoid(), nn.linear(8, 1), nn.sigmoid());
 */
export function sequential(...layers: Layer[]): Sequential {
  return new Sequential(...layers);
}
