// Modules made of other modules or of functions: sequences, activations, dropout.

import type { Generator } from "../random.ts";
import { defaultGenerator } from "../random.ts";
import { allocate } from "../dtype.ts";
import * as activation from "../ops/activation.ts";
import * as elementwise from "../ops/elementwise.ts";
import { maxPool2d as poolMax, avgPool2d as poolMean, type PerAxis, type PoolingOptions } from "../ops/convolution.ts";
import { sizeOf } from "../shape.ts";
import { composed, exposed } from "../tape.ts";
import { type Tensor, wrap } from "../trace.ts";
import { Conv1d, Conv2d } from "./convolution.ts";
import { Embedding, Flatten, LayerNorm, Linear } from "./layers.ts";
import { Module } from "./module.ts";

/** A module that takes and gives one tensor. */
export interface Layer extends Module {
  forward(x: Tensor): Tensor;
}

/**
 * Modules one after the other.
 *
 * @example
 * const model = new nn.Sequential(nn.linear(2, 8), nn.tanh(), nn.linear(8, 1));
 * for (const layer of model) console.log(String(layer));
 */
export class Sequential extends Module {
  // Properties 0, 1, …, so that names of parameters are PyTorch's: `0.weight`.
  [place: number]: Layer;
  readonly #layers: readonly Layer[];
  /** Whether each layer is as the library made it, so that nobody sees what they hand on. */
  readonly #own: readonly ((x: Tensor) => Tensor)[] | null;

  constructor(...layers: Layer[]) {
    super();
    this.#layers = layers;
    this.#own = layers.every(isOwn) ? layers.map((layer) => layer.forward) : null;
    layers.forEach((layer, k) => {
      this[k] = layer;
    });
  }

  get length(): number {
    return this.#layers.length;
  }

  /** The layers, first to last. */
  *[Symbol.iterator](): globalThis.Generator<Layer> {
    yield* this.#layers;
  }

  forward(x: Tensor): Tensor {
    const layers = this.#layers;
    const through = (): Tensor => {
      let h = x;
      for (const layer of layers) h = layer.forward(h);
      return h;
    };
    // A user may have put a function in the place of a layer's own since.
    const own = this.#own?.every((f, k) => f === (layers[k] as Layer).forward) === true;
    return own ? composed(through) : exposed(x, through);
  }
}

/**
 * A function of one tensor as a module.
 *
 * @example
 * new nn.Lambda((x) => x.square(), "square").forward(tensor([1, 2, 3])); // [1, 4, 9]
 */
export class Lambda extends Module {
  readonly #f: (x: Tensor) => Tensor;
  readonly #name: string;

  constructor(f: (x: Tensor) => Tensor, name = f.name) {
    super();
    this.#f = f;
    this.#name = name;
  }
  forward(x: Tensor): Tensor {
    return this.#f(x);
  }
  override toString(): string {
    return `${this.#name}()`;
  }
  override extra(): string {
    return `(${this.#name})`;
  }
}

/**
 * Sets elements to zero with probability p while training, and scales the others by 1 / (1 - p) (Srivastava et al., 2014).
 *
 * @example
 * const layer = new nn.Dropout(0.2);
 * layer.eval().forward(ones([3])); // [1, 1, 1]
 */
export class Dropout extends Module {
  readonly p: number;
  readonly #generator: Generator | undefined;

  constructor(p = 0.5, { generator }: { readonly generator?: Generator } = {}) {
    super();
    if (!(p >= 0 && p <= 1)) throw new RangeError(`dropout: ${p} is not a probability`);
    this.p = p;
    this.#generator = generator;
  }

  forward(x: Tensor): Tensor {
    return this.training ? dropout(x, this.p, this.#generator) : x;
  }
  override extra(): string {
    return `(p=${this.p})`;
  }
}

function dropout(x: Tensor, p: number, generator = defaultGenerator()): Tensor {
  if (p === 0) return x;
  const mask = allocate(x.dtype, sizeOf(x.shape));
  for (let k = 0; k < mask.length; k++) mask[k] = generator.uniform() < p ? 0 : 1 / (1 - p);
  return p === 1 ? x.mul(0) : x.mul(wrap(mask, x.shape, x.dtype));
}

const ownLambdas = new WeakSet<Lambda>();

function ownLambda(f: (x: Tensor) => Tensor, name: string): Lambda {
  const made = new Lambda(f, name);
  ownLambdas.add(made);
  return made;
}

const OWN = new Map<unknown, unknown>(
  [Linear, Conv1d, Conv2d, Embedding, LayerNorm, Flatten, Dropout, Sequential].map((c) => [c, c.prototype.forward]),
);

/** Whether the library made this layer, so that it keeps none of what it is given and gives. */
function isOwn(layer: Layer): boolean {
  return ownLambdas.has(layer as Lambda) || OWN.get(layer.constructor) === layer.forward;
}

const layer = (f: (x: Tensor) => Tensor, name: string) => (): Lambda => ownLambda(f, name);

/**
 * sigmoid as a layer.
 *
 * @example
 * nn.sigmoid().forward(tensor([0])) // [0.5]
 */
export const sigmoid = layer(elementwise.sigmoid, "sigmoid");
/**
 * tanh as a layer.
 *
 * @example
 * nn.tanh().forward(tensor([0, 1])) // [0, 0.76159]
 */
export const tanh = layer(elementwise.tanh, "tanh");
/**
 * relu as a layer.
 *
 * @example
 * nn.relu().forward(tensor([-1, 2])) // [0, 2]
 */
export const relu = layer(elementwise.relu, "relu");
/**
 * gelu as a layer.
 *
 * @example
 * nn.gelu().forward(tensor([0, 1])) // [0, 0.84134]
 */
export const gelu = (approximate: "none" | "tanh" = "none"): Lambda => ownLambda((x) => activation.gelu(x, approximate), "gelu"); // prettier-ignore
/**
 * silu as a layer.
 *
 * @example
 * nn.silu().forward(tensor([0, 1])) // [0, 0.73106]
 */
export const silu = layer(activation.silu, "silu");
/**
 * A layer that changes nothing.
 *
 * @example
 * nn.identity().forward(tensor([1, 2])) // [1, 2]
 */
export const identity = layer((x) => x, "identity");
/**
 * elu as a layer.
 *
 * @example
 * nn.elu().forward(tensor([-1, 2])) // [-0.63212, 2]
 */
export const elu = (alpha = 1): Lambda => ownLambda((x) => activation.elu(x, alpha), "elu");
/**
 * selu as a layer.
 *
 * @example
 * nn.selu().forward(tensor([0, 1])) // [0, 1.0507]
 */
export const selu = layer(activation.selu, "selu");
/**
 * mish as a layer.
 *
 * @example
 * nn.mish().forward(tensor([0, 1])) // [0, 0.86510]
 */
export const mish = layer(activation.mish, "mish");
/**
 * softplus as a layer.
 *
 * @example
 * nn.softplus().forward(tensor([0])) // [0.69315]
 */
export const softplus = (beta = 1): Lambda => ownLambda((x) => activation.softplus(x, beta), "softplus");
/**
 * softsign as a layer.
 *
 * @example
 * nn.softsign().forward(tensor([-1, 1])) // [-0.5, 0.5]
 */
export const softsign = layer(activation.softsign, "softsign");
/**
 * leakyRelu as a layer.
 *
 * @example
 * nn.leakyRelu().forward(tensor([-1, 2])) // [-0.01, 2]
 */
export const leakyRelu = (slope = 0.01): Lambda => ownLambda((x) => activation.leakyRelu(x, slope), "leakyRelu");
/**
 * hardtanh as a layer.
 *
 * @example
 * nn.hardtanh().forward(tensor([-3, 0.5])) // [-1, 0.5]
 */
export const hardtanh = layer(activation.hardtanh, "hardtanh");
/**
 * hardsigmoid as a layer.
 *
 * @example
 * nn.hardsigmoid().forward(tensor([-4, 0])) // [0, 0.5]
 */
export const hardsigmoid = layer(activation.hardsigmoid, "hardsigmoid");
/**
 * hardswish as a layer.
 *
 * @example
 * nn.hardswish().forward(tensor([-4, 3])) // [0, 3]
 */
export const hardswish = layer(activation.hardswish, "hardswish");
/**
 * logSigmoid as a layer.
 *
 * @example
 * nn.logSigmoid().forward(tensor([0])) // [-0.69315]
 */
export const logSigmoid = layer(elementwise.logSigmoid, "logSigmoid");
/**
 * softmax as a layer.
 *
 * @example
 * nn.softmax().forward(tensor([1, 1])) // [0.5, 0.5]
 */
export const softmax = (dim = -1): Lambda => ownLambda((x) => activation.softmax(x, dim), "softmax");
/**
 * logSoftmax as a layer.
 *
 * @example
 * nn.logSoftmax().forward(tensor([1, 1])) // [-0.69315, -0.69315]
 */
export const logSoftmax = (dim = -1): Lambda => ownLambda((x) => activation.logSoftmax(x, dim), "logSoftmax");
/**
 * maxPool2d as a layer.
 *
 * @example
 * nn.maxPool2d(2).forward(ones([1, 1, 4, 4])) // shape [1, 1, 2, 2]
 */
export const maxPool2d = (size: PerAxis, options: PoolingOptions = {}): Lambda => ownLambda((x) => poolMax(x, size, options), "maxPool2d"); // prettier-ignore
/**
 * avgPool2d as a layer.
 *
 * @example
 * nn.avgPool2d(2).forward(ones([1, 1, 4, 4])) // shape [1, 1, 2, 2]
 */
export const avgPool2d = (size: PerAxis, options: PoolingOptions = {}): Lambda => ownLambda((x) => poolMean(x, size, options), "avgPool2d"); // prettier-ignore
