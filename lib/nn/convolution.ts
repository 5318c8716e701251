// Convolutions as layers, and their transposes. Initialised as PyTorch does it.

import * as operations from "../ops/convolution.ts";
import type { ConvolutionOptions, ConvolutionTransposeOptions } from "../ops/convolution.ts";
import { show, sizeOf } from "../shape.ts";
import type { Tensor } from "../trace.ts";
import { type LayerOptions, weights } from "./layers.ts";
import { Module } from "./module.ts";

/** What they have in common. */
abstract class Convolution extends Module {
  /** [out, in / groups, ..kernel], of a transposed convolution [in, out / groups, ..kernel] */
  weight: Tensor;
  /** [out] */
  bias: Tensor | null;
  readonly options: ConvolutionTransposeOptions;
  readonly #channels: readonly [input: number, output: number];

  constructor(
    input: number,
    output: number,
    kernel: readonly number[],
    options: ConvolutionTransposeOptions & LayerOptions,
    transposed = false,
  ) {
    super();
    const { groups = 1 } = options;
    const shape = transposed ? [input, output / groups, ...kernel] : [output, input / groups, ...kernel];
    // Of a transposed convolution too it is the size of axis 1 that counts for PyTorch.
    const fanIn = (shape[1] as number) * sizeOf(kernel);
    if (input % groups !== 0 || output % groups !== 0) {
      throw new RangeError(
        `${this.constructor.name}: ${input} and ${output} channels do not fall into ${groups} groups`,
      );
    }
    this.options = options;
    this.#channels = [input, output];
    this.weight = weights(shape, fanIn, options);
    this.bias = options.bias === false ? null : weights([output], fanIn, options);
  }

  override extra(): string {
    const { stride = 1, padding = 0 } = this.options;
    return `(${this.#channels.join(" → ")}, kernel ${show(this.weight.shape.slice(2))}, stride ${String(stride)}, padding ${String(padding)})`;
  }
}

/**
 * Convolution along one axis: [batch, in, n] → [batch, out, windows].
 *
 * @example
 * new nn.Conv1d(2, 4, 3).forward(randn([8, 2, 10])) // shape [8, 4, 8]
 */
export class Conv1d extends Convolution {
  constructor(input: number, output: number, kernel: number, options: ConvolutionOptions & LayerOptions = {}) {
    super(input, output, [kernel], options);
  }
  forward(x: Tensor): Tensor {
    return operations.conv1d(x, this.weight, this.bias ?? undefined, this.options);
  }
}

/**
 * Convolution over images: [batch, in, h, w] → [batch, out, h', w'].
 *
 * @example
 * new nn.Conv2d(1, 4, 3, { padding: 1 }).forward(randn([8, 1, 6, 6])) // shape [8, 4, 6, 6]
 */
export class Conv2d extends Convolution {
  constructor(
    input: number,
    output: number,
    kernel: number | readonly [number, number],
    options: ConvolutionOptions & LayerOptions = {},
  ) {
    super(input, output, typeof kernel === "number" ? [kernel, kernel] : kernel, options);
  }
  forward(x: Tensor): Tensor {
    return operations.conv2d(x, this.weight, this.bias ?? undefined, this.options);
  }
}

/**
 * The adjoint of a convolution along one axis: [batch, in, n] → [batch, out, n'], longer by the stride.
 *
 * @example
 * new nn.ConvTranspose1d(4, 2, 2, { stride: 2 }).forward(randn([8, 4, 5])) // shape [8, 2, 10]
 */
export class ConvTranspose1d extends Convolution {
  constructor(input: number, output: number, kernel: number, options: ConvolutionTransposeOptions & LayerOptions = {}) {
    super(input, output, [kernel], options, true);
  }
  forward(x: Tensor): Tensor {
    return operations.convTranspose1d(x, this.weight, this.bias ?? undefined, this.options);
  }
}

/**
 * The adjoint of a convolution over images: [batch, in, h, w] → [batch, out, h', w'], larger by the stride.
 *
 * @example
 * new nn.ConvTranspose2d(4, 2, 2, { stride: 2 }).forward(randn([8, 4, 5, 5])) // shape [8, 2, 10, 10]
 */
export class ConvTranspose2d extends Convolution {
  constructor(
    input: number,
    output: number,
    kernel: number | readonly [number, number],
    options: ConvolutionTransposeOptions & LayerOptions = {},
  ) {
    super(input, output, typeof kernel === "number" ? [kernel, kernel] : kernel, options, true);
  }
  forward(x: Tensor): Tensor {
    return operations.convTranspose2d(x, this.weight, this.bias ?? undefined, this.options);
  }
}
