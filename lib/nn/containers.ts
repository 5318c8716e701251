// Modules made of other modules or of functions: sequences, activations, dropout.

import type { Generator } from "../random.ts";
import { defaultGenerator } from "../random.ts";
import { allocate } from "../dtype.ts";
import * as activation from "../ops/activation.ts";
import * as elementwise from "../ops/elementwise.ts";
import { maxPool2d as poolMax, avgPool2d as poolMean, type PerAxis, type PoolingOptions } from "../ops/convolution.ts";
import { sizeOf } from "../shape.ts";
import { type Tensor, wrap } from "../trace.ts";
import { Module } from "./module.ts";

/** A module that takes and gives one tensor. */
export interface Layer extends Module {
  forward(x: Tensor): Tensor;
}

/** Modules one after the other. */
export class Sequential extends Module {
  // Properties 0, 1, …, so that names of parameters are PyTorch's: `0.weight`.
  [place: number]: Layer;
  readonly #layers: readonly Layer[];

  constructor(...layers: Layer[]) {
    super();
    this.#layers = layers;
    layers.forEach((layer, k) => {
      this[k] = layer;
    });
  }

  get length(): number {
    return this.#layers.length;
  }

  *[Symbol.iterator](): globalThis.Generator<Layer> {
    yield* this.#layers;
  }

  forward(x: Tensor): Tensor {
    let h = x;
    for (const layer of this.#layers) h = layer.forward(h);
    return h;
  }
}

/** A function of one tensor as a module. */
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

const layer = (f: (x: Tensor) => Tensor, name: string) => (): Lambda => new Lambda(f, name);

/** sigmoid as a layer. */
export const sigmoid = layer(elementwise.sigmoid, "sigmoid");
/** tanh as a layer. */
export const tanh = layer(elementwise.tanh, "tanh");
/** relu as a layer. */
export const relu = layer(elementwise.relu, "relu");
/** gelu as a layer. */
export const gelu = (approximate: "none" | "tanh" = "none"): Lambda => new Lambda((x) => activation.gelu(x, approximate), "gelu"); // prettier-ignore
/** silu as a layer. */
export const silu = layer(activation.silu, "silu");
/** elu as a layer. */
export const elu = (alpha = 1): Lambda => new Lambda((x) => activation.elu(x, alpha), "elu");
/** selu as a layer. */
export const selu = layer(activation.selu, "selu");
/** mish as a layer. */
export const mish = layer(activation.mish, "mish");
/** softplus as a layer. */
export const softplus = (beta = 1): Lambda => new Lambda((x) => activation.softplus(x, beta), "softplus");
/** softsign as a layer. */
export const softsign = layer(activation.softsign, "softsign");
/** leakyRelu as a layer. */
export const leakyRelu = (slope = 0.01): Lambda => new Lambda((x) => activation.leakyRelu(x, slope), "leakyRelu");
/** hardtanh as a layer. */
export const hardtanh = layer(activation.hardtanh, "hardtanh");
/** hardsigmoid as a layer. */
export const hardsigmoid = layer(activation.hardsigmoid, "hardsigmoid");
/** hardswish as a layer. */
export const hardswish = layer(activation.hardswish, "hardswish");
/** logSigmoid as a layer. */
export const logSigmoid = layer(elementwise.logSigmoid, "logSigmoid");
/** softmax as a layer. */
export const softmax = (dim = -1): Lambda => new Lambda((x) => activation.softmax(x, dim), "softmax");
/** logSoftmax as a layer. */
export const logSoftmax = (dim = -1): Lambda => new Lambda((x) => activation.logSoftmax(x, dim), "logSoftmax");
/** maxPool2d as a layer. */
export const maxPool2d = (size: PerAxis, options: PoolingOptions = {}): Lambda => new Lambda((x) => poolMax(x, size, options), "maxPool2d"); // prettier-ignore
/** avgPool2d as a layer. */
export const avgPool2d = (size: PerAxis, options: PoolingOptions = {}): Lambda => new Lambda((x) => poolMean(x, size, options), "avgPool2d"); // prettier-ignore
