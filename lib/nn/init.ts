// Initialisations of weights (https://docs.pytorch.org/docs/stable/nn.init.html): each fills a tensor in place, and gives it back.

import { defaultGenerator, type Generator } from "../random.ts";
import { type Shape, show, sizeOf } from "../shape.ts";
import { noGrad } from "../tape.ts";
import { type Tensor, wrap } from "../trace.ts";
import { allocate } from "../dtype.ts";

/**
 * The number of inputs and outputs of a weight [out, in, ..kernel].
 *
 * @example
 * const { fanIn, fanOut } = nn.init.fans(ones([8, 2])); // 2 and 8
 */
export function fans(weight: Tensor): { fanIn: number; fanOut: number } {
  if (weight.shape.length < 2)
    throw new RangeError(`init: a weight has at least two dimensions, not ${show(weight.shape)}`);
  const [out, input, ...kernel] = weight.shape as readonly [number, number, ...number[]];
  const field = sizeOf(kernel);
  return { fanIn: input * field, fanOut: out * field };
}

/**
 * The factor that keeps variances through an activation.
 *
 * @example
 * nn.init.gain("linear") // 1
 */
export function gain(activation: "linear" | "sigmoid" | "tanh" | "relu" | "leakyRelu" | "selu", slope = 0.01): number {
  switch (activation) {
    case "linear":
    case "sigmoid":
      return 1;
    case "tanh":
      return 5 / 3;
    case "relu":
      return Math.SQRT2;
    case "leakyRelu":
      return Math.sqrt(2 / (1 + slope * slope));
    case "selu":
      return 3 / 4;
  }
}

function fill<S extends Shape>(x: Tensor<S>, draw: (g: Generator) => number, generator?: Generator): Tensor<S> {
  const g = generator ?? defaultGenerator();
  const data = allocate(x.dtype, sizeOf(x.shape));
  for (let k = 0; k < data.length; k++) data[k] = draw(g);
  return noGrad(() => (x as Tensor).copy_(wrap(data, x.shape as Shape, x.dtype))) as Tensor<S>;
}

/** How random initialisations draw. */
export interface InitOptions {
  readonly generator?: Generator;
}

/**
 * Equally likely between `low` and `high`.
 *
 * @example
 * nn.init.uniform_(zeros([8, 2]), -0.1, 0.1) // shape [8, 2]
 */
export function uniform_<S extends Shape>(x: Tensor<S>, low = 0, high = 1, { generator }: InitOptions = {}): Tensor<S> {
  return fill(x, (g) => low + (high - low) * g.uniform(), generator);
}

/**
 * Of the normal distribution.
 *
 * @example
 * nn.init.normal_(zeros([8, 2]), 0, 0.01) // shape [8, 2]
 */
export function normal_<S extends Shape>(x: Tensor<S>, mean = 0, std = 1, { generator }: InitOptions = {}): Tensor<S> {
  return fill(x, (g) => mean + std * g.normal(), generator);
}

/**
 * One number everywhere.
 *
 * @example
 * nn.init.constant_(zeros([2]), 0.5) // [0.5, 0.5]
 */
export function constant_<S extends Shape>(x: Tensor<S>, value: number): Tensor<S> {
  return fill(x, () => value);
}

/**
 * Uniform with the variance 2 / (inputs + outputs) (Glorot and Bengio, 2010).
 *
 * @example
 * nn.init.xavierUniform_(zeros([8, 2])) // shape [8, 2]
 */
export function xavierUniform_<S extends Shape>(x: Tensor<S>, factor = 1, options: InitOptions = {}): Tensor<S> {
  const { fanIn, fanOut } = fans(x);
  const bound = factor * Math.sqrt(6 / (fanIn + fanOut));
  return uniform_(x, -bound, bound, options);
}

/**
 * Normal with the variance 2 / (inputs + outputs) (Glorot and Bengio, 2010).
 *
 * @example
 * nn.init.xavierNormal_(zeros([8, 2]), nn.init.gain("tanh")) // shape [8, 2]
 */
export function xavierNormal_<S extends Shape>(x: Tensor<S>, factor = 1, options: InitOptions = {}): Tensor<S> {
  const { fanIn, fanOut } = fans(x);
  return normal_(x, 0, factor * Math.sqrt(2 / (fanIn + fanOut)), options);
}

/** How Kaiming's initialisations scale. */
export interface KaimingOptions extends InitOptions {
  /** The slope of the leaky relu that follows; 0. */
  readonly slope?: number;
  /** Whether the forward ("fanIn") or the backward pass keeps its variance. */
  readonly mode?: "fanIn" | "fanOut";
}

/**
 * Uniform with the variance 2 / inputs, for relu (He et al., arXiv:1502.01852).
 *
 * @example
 * nn.init.kaimingUniform_(zeros([8, 2])) // shape [8, 2]
 */
export function kaimingUniform_<S extends Shape>(x: Tensor<S>, options: KaimingOptions = {}): Tensor<S> {
  const { slope = 0, mode = "fanIn" } = options;
  const bound = gain("leakyRelu", slope) * Math.sqrt(3 / fans(x)[mode]);
  return uniform_(x, -bound, bound, options);
}

/**
 * Normal with the variance 2 / inputs, for relu (He et al., arXiv:1502.01852).
 *
 * @example
 * nn.init.kaimingNormal_(zeros([8, 2])) // shape [8, 2]
 */
export function kaimingNormal_<S extends Shape>(x: Tensor<S>, options: KaimingOptions = {}): Tensor<S> {
  const { slope = 0, mode = "fanIn" } = options;
  return normal_(x, 0, gain("leakyRelu", slope) / Math.sqrt(fans(x)[mode]), options);
}
