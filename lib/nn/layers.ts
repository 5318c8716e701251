// Layers with parameters. Defaults and initialisations are PyTorch's: weights and biases uniform between ±1/√(inputs).

import { ones, zeros } from "../create.ts";
import type { DType } from "../dtype.ts";
import { embedding as lookUp } from "../ops/indexing.ts";
import { linear as affine } from "../ops/linear-algebra.ts";
import * as normalization from "../ops/normalization.ts";
import { allButChannels, perChannel } from "../ops/normalization.ts";
import { mean, variance } from "../ops/reduction.ts";
import { reshape } from "../ops/view.ts";
import type { Generator } from "../random.ts";
import { type Shape, show } from "../shape.ts";
import type { CheckLinear, Linearly } from "../shape-types.ts";
import { noGrad } from "../tape.ts";
import type { Tensor } from "../trace.ts";
import { normal_, uniform_ } from "./init.ts";
import { Module, parameter } from "./module.ts";

/** How a layer makes its parameters. */
export interface LayerOptions {
  /** Whether it adds a bias; true. */
  readonly bias?: boolean;
  readonly dtype?: DType;
  readonly generator?: Generator;
}

/** Parameters uniform between ±1/√fanIn. */
export function weights(shape: Shape, fanIn: number, { dtype = "f32", generator }: LayerOptions): Tensor {
  const bound = fanIn > 0 ? 1 / Math.sqrt(fanIn) : 0;
  return parameter(
    uniform_(zeros(shape, { dtype }) as Tensor, -bound, bound, generator === undefined ? {} : { generator }),
  );
}

/**
 * x · weightᵀ + bias: [.., in] → [.., out].
 *
 * @example
 * new nn.Linear(2, 8).forward(ones([4, 2])) // shape [4, 8]
 */
export class Linear<const In extends number = number, const Out extends number = number> extends Module {
  /** [out, in] */
  weight: Tensor<[Out, In]>;
  /** [out] */
  bias: Tensor<[Out]> | null;

  constructor(inFeatures: In, outFeatures: Out, options: LayerOptions = {}) {
    super();
    this.weight = weights([outFeatures, inFeatures], inFeatures, options) as Tensor<[Out, In]>;
    this.bias = options.bias === false ? null : (weights([outFeatures], inFeatures, options) as Tensor<[Out]>);
  }

  /** @throws RangeError when the last size of the input is not that of the layer. */
  forward<S extends Shape>(x: Tensor<S> & CheckLinear<S, In, Out>): Tensor<Linearly<S, Out>> {
    return affine(x, this.weight, (this.bias as Tensor | null) ?? undefined) as Tensor<Linearly<S, Out>>;
  }

  override extra(): string {
    const [out, input] = this.weight.shape;
    return `(${input} → ${out}${this.bias === null ? ", no bias" : ""})`;
  }
}

/**
 * A vector for each of `count` words: [..] → [.., features].
 *
 * @example
 * new nn.Embedding(10, 3).forward(tensor([1, 5, 1], { dtype: "i32" })) // shape [3, 3]
 */
export class Embedding extends Module {
  /** [count, features] */
  weight: Tensor;

  constructor(count: number, features: number, { dtype = "f32", generator }: LayerOptions = {}) {
    super();
    this.weight = parameter(
      normal_(zeros([count, features], { dtype }) as Tensor, 0, 1, generator === undefined ? {} : { generator }),
    );
  }
  /** @throws TypeError unless the input holds whole numbers; RangeError for a word that is not there. */
  forward(index: Tensor): Tensor {
    return lookUp(index, this.weight);
  }
  override extra(): string {
    return `(${this.weight.shape.join(", ")})`;
  }
}

/** How a layer normalises. */
export interface NormOptions {
  /** What is added to the variance; 1e-5. */
  readonly eps?: number;
  readonly dtype?: DType;
}

/** How {@link BatchNorm} normalises. */
export interface BatchNormOptions extends NormOptions {
  /** The weight of a new batch in the running statistics; 0.1. */
  readonly momentum?: number;
}

/**
 * Normalises each example over its last axes.
 *
 * @example
 * new nn.LayerNorm(4).forward(randn([8, 4])) // shape [8, 4]
 */
export class LayerNorm extends Module {
  weight: Tensor;
  bias: Tensor;
  readonly shape: Shape;
  readonly eps: number;

  constructor(shape: number | Shape, { eps = 1e-5, dtype = "f32" }: NormOptions = {}) {
    super();
    this.shape = typeof shape === "number" ? [shape] : shape;
    this.eps = eps;
    this.weight = parameter(ones(this.shape, { dtype }) as Tensor);
    this.bias = parameter(zeros(this.shape, { dtype }) as Tensor);
  }
  forward(x: Tensor): Tensor {
    return normalization.layerNorm(x, this.shape, this.weight, this.bias, this.eps);
  }
  override extra(): string {
    return `(${show(this.shape)})`;
  }
}

/**
 * Normalises each channel over the batch in training, and with the statistics gathered then in evaluation: [batch, channels, ..].
 *
 * @example
 * new nn.BatchNorm(3).forward(randn([8, 3, 4, 4])) // shape [8, 3, 4, 4]
 */
export class BatchNorm extends Module {
  weight: Tensor;
  bias: Tensor;
  readonly eps: number;
  readonly momentum: number;

  constructor(channels: number, { eps = 1e-5, momentum = 0.1, dtype = "f32" }: BatchNormOptions = {}) {
    super();
    this.eps = eps;
    this.momentum = momentum;
    this.weight = parameter(ones([channels], { dtype }) as Tensor);
    this.bias = parameter(zeros([channels], { dtype }) as Tensor);
    this.registerBuffer("running_mean", zeros([channels], { dtype }));
    this.registerBuffer("running_var", ones([channels], { dtype }));
    this.registerBuffer("num_batches_tracked", zeros([], { dtype: "i32" }));
  }

  /** @throws RangeError unless the input is a batch of as many channels; for one value a channel while training. */
  forward(x: Tensor): Tensor {
    const channels = this.weight.shape[0];
    if (x.shape.length < 2 || x.shape[1] !== channels) {
      throw new RangeError(`batchNorm: expected [batch, ${channels}, ..], got ${show(x.shape)}`);
    }
    const rank = x.shape.length;
    if (!this.training) {
      const [m, v] = ["running_mean", "running_var"].map((name) => perChannel(this.buffer(name), rank)) as [
        Tensor,
        Tensor,
      ];
      const scale = perChannel(this.weight, rank).div(v.add(this.eps).sqrt());
      return x.sub(m).mul(scale).add(perChannel(this.bias, rank));
    }
    const axes = allButChannels(x);
    if (axes.reduce((product, axis) => product * (x.shape[axis] as number), 1) < 2) {
      throw new RangeError(`batchNorm: one value a channel has no variance; got ${show(x.shape)} while training`);
    }
    const seen = x.detach();
    noGrad(() => {
      this.buffer("running_mean").lerp_(mean(seen, axes), this.momentum);
      this.buffer("running_var").lerp_(variance(seen, axes), this.momentum);
      this.buffer("num_batches_tracked").add_(1);
    });
    return normalization.batchNorm(x, this.weight, this.bias, this.eps);
  }
  override extra(): string {
    return `(${this.weight.shape[0]})`;
  }
}

/**
 * Normalises groups of channels of each example: [batch, channels, ..].
 *
 * @example
 * new nn.GroupNorm(2, 4).forward(randn([8, 4, 3, 3])) // shape [8, 4, 3, 3]
 */
export class GroupNorm extends Module {
  readonly groups: number;
  readonly eps: number;
  weight: Tensor;
  bias: Tensor;

  constructor(groups: number, channels: number, { eps = 1e-5, dtype = "f32" }: NormOptions = {}) {
    super();
    if (channels % groups !== 0)
      throw new RangeError(`groupNorm: ${channels} channels do not fall into ${groups} groups`);
    this.groups = groups;
    this.eps = eps;
    this.weight = parameter(ones([channels], { dtype }) as Tensor);
    this.bias = parameter(zeros([channels], { dtype }) as Tensor);
  }
  forward(x: Tensor): Tensor {
    return normalization.groupNorm(x, this.groups, this.weight, this.bias, this.eps);
  }
  override extra(): string {
    return `(${this.groups} groups of ${(this.weight.shape[0] ?? 0) / this.groups})`;
  }
}

/**
 * Divides each example by its root mean square over its last axes.
 *
 * @example
 * new nn.RMSNorm(4).forward(randn([8, 4])) // shape [8, 4]
 */
export class RMSNorm extends Module {
  readonly shape: Shape;
  readonly eps: number;
  weight: Tensor;

  constructor(shape: number | Shape, { eps = 1e-6, dtype = "f32" }: NormOptions = {}) {
    super();
    this.shape = typeof shape === "number" ? [shape] : shape;
    this.eps = eps;
    this.weight = parameter(ones(this.shape, { dtype }) as Tensor);
  }
  forward(x: Tensor): Tensor {
    return normalization.rmsNorm(x, this.shape, this.weight, this.eps);
  }
  override extra(): string {
    return `(${show(this.shape)})`;
  }
}

/**
 * Joins all axes but the batch: [batch, ..] → [batch, features].
 *
 * @example
 * new nn.Flatten().forward(ones([8, 2, 3])) // shape [8, 6]
 */
export class Flatten extends Module {
  forward(x: Tensor): Tensor {
    return reshape(x, [x.shape[0] ?? 1, -1] as Shape);
  }
}
