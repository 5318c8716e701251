// Convolution and pooling over one or two spatial axes: windows are views (unfold), so a convolution is one matrix product over them, and
// its adjoint adds windows up again (fold). Layouts are PyTorch's: input [batch, channels, ..space], weight [out, in / groups, ..kernel].

import { repeated, type Shape, show } from "../shape.ts";
import type { Tensor } from "../trace.ts";
import { add, div } from "./arithmetic.ts";
import { multiply } from "./linear-algebra.ts";
import { pair } from "./operand.ts";
import { argmax, sum } from "./reduction.ts";
import { gatherAlong } from "./indexing.ts";
import { fold, pad } from "./selection.ts";
import { narrow, permute, reshape, swapLast, unfold, unsqueeze } from "./view.ts";

/** One number for all spatial axes, or one for each. */
export type PerAxis = number | readonly number[];

/** How a window moves over its input. */
export interface ConvolutionOptions {
  /** The step between windows; 1. */
  readonly stride?: PerAxis;
  /** Zeros on both sides; 0. */
  readonly padding?: PerAxis;
  /** The step between elements of a window; 1. */
  readonly dilation?: PerAxis;
  /** Groups of channels that see nothing of each other; 1. */
  readonly groups?: number;
}

function perAxis(call: string, value: PerAxis | undefined, otherwise: number, axes: number, least: number): number[] {
  const list = value === undefined ? [otherwise] : typeof value === "number" ? [value] : [...value];
  const out = list.length === 1 ? repeated(axes, list[0] as number) : list;
  if (out.length !== axes || !out.every((n) => Number.isInteger(n) && n >= least)) {
    throw new RangeError(`${call}: expected ${axes} whole numbers from ${least} on, got ${show(list)}`);
  }
  return out;
}

/** The windows of `x` along its last axes: [.., ..outputs, ..kernel]. */
function windows(x: Tensor, kernel: readonly number[], stride: readonly number[], dilation: readonly number[]): Tensor {
  const first = x.shape.length - kernel.length;
  return kernel.reduce((out, size, k) => unfold(out, first + k, size, stride[k] as number, dilation[k] as number), x);
}

/** Pads the last axes by `widths` on both sides. */
function padSpace(x: Tensor, widths: readonly number[], value = 0): Tensor {
  return widths.every((n) => n === 0)
    ? x
    : pad(
        x,
        [...widths].reverse().flatMap((n) => [n, n]),
        value,
      );
}

function convolve(
  call: string,
  x: Tensor,
  weight: Tensor,
  bias: Tensor | undefined,
  options: ConvolutionOptions,
  axes: number,
): Tensor {
  const { groups = 1 } = options;
  const [batch, channels] = x.shape as readonly [number, number];
  const [filters, depth] = weight.shape as readonly [number, number];
  const fits = x.shape.length === axes + 2 && weight.shape.length === axes + 2;
  if (!fits || channels !== depth * groups || filters % groups !== 0) {
    throw new RangeError(
      `${call}: input ${show(x.shape)} does not fit weight ${show(weight.shape)} ([out, in / groups, ..kernel]) with ${groups} groups`,
    );
  }
  const stride = perAxis(call, options.stride, 1, axes, 1);
  const dilation = perAxis(call, options.dilation, 1, axes, 1);
  const padding = perAxis(call, options.padding, 0, axes, 0);
  const kernel = weight.shape.slice(2);
  const [input, filter] = pair(call, padSpace(x, padding), weight);
  if (kernel.some((size, k) => (size - 1) * (dilation[k] as number) + 1 > (input.shape[k + 2] as number))) {
    throw new RangeError(`${call}: the kernel ${show(kernel)} is larger than the padded input ${show(input.shape)}`);
  }
  const seen = windows(input, kernel, stride, dilation);
  const space = seen.shape.slice(2, 2 + axes);
  const count = (sizes: readonly number[]): number => sizes.reduce((product, n) => product * n, 1);
  // [batch, channels, ..space, ..kernel] → [batch, groups, channels per group × kernel, space]
  const kernelAxes = kernel.map((_, k) => 2 + axes + k);
  const spaceAxes = space.map((_, k) => 2 + k);
  const arranged = permute(seen, [0, 1, ...kernelAxes, ...spaceAxes]);
  const columns = reshape(arranged, [batch, groups, depth * count(kernel), count(space)] as Shape);
  const rows = reshape(filter, [groups, filters / groups, depth * count(kernel)] as Shape);
  const y = reshape(multiply(unsqueeze(rows, 0), columns), [batch, filters, ...space] as Shape);
  return bias === undefined ? y : add(y, reshape(bias, [filters, ...space.map(() => 1)] as Shape));
}

/**
 * Convolution along one axis: [batch, in, n] and [out, in / groups, k] → [batch, out, windows].
 *
 * @throws RangeError when channels do not fit or the kernel is larger than the padded input.
 * @example
 * conv1d(tensor([[[1, 2, 3]]]), tensor([[[1, 1]]])) // [[[3, 5]]]
 */
export function conv1d(x: Tensor, weight: Tensor, bias?: Tensor, options: ConvolutionOptions = {}): Tensor {
  return convolve("conv1d", x, weight, bias, options, 1);
}

/**
 * Convolution over images: [batch, in, h, w] and [out, in / groups, kh, kw] → [batch, out, h', w'].
 *
 * @throws RangeError when channels do not fit or the kernel is larger than the padded input.
 * @example
 * conv2d(zeros([1, 3, 8, 8]), zeros([16, 3, 3, 3]), zeros(16), { padding: 1 }) // shape [1, 16, 8, 8]
 */
export function conv2d(x: Tensor, weight: Tensor, bias?: Tensor, options: ConvolutionOptions = {}): Tensor {
  return convolve("conv2d", x, weight, bias, options, 2);
}

/** How a window moves over the output of a transposed convolution. */
export interface ConvolutionTransposeOptions extends ConvolutionOptions {
  /** Elements more at the end of the output; 0. */
  readonly outputPadding?: PerAxis;
}

function convolveTransposed(
  call: string,
  x: Tensor,
  weight: Tensor,
  bias: Tensor | undefined,
  options: ConvolutionTransposeOptions,
  axes: number,
): Tensor {
  const { groups = 1 } = options;
  const [batch, channels, ...space] = x.shape as readonly [number, number, ...number[]];
  const [depth, perGroup, ...kernel] = weight.shape as readonly [number, number, ...number[]];
  const fits = x.shape.length === axes + 2 && weight.shape.length === axes + 2;
  if (!fits || channels !== depth || channels % groups !== 0) {
    throw new RangeError(
      `${call}: input ${show(x.shape)} does not fit weight ${show(weight.shape)} ([in, out / groups, ..kernel]) with ${groups} groups`,
    );
  }
  const stride = perAxis(call, options.stride, 1, axes, 1);
  const dilation = perAxis(call, options.dilation, 1, axes, 1);
  const padding = perAxis(call, options.padding, 0, axes, 0);
  const extra = perAxis(call, options.outputPadding, 0, axes, 0);
  if (extra.some((n, k) => n >= Math.max(stride[k] as number, dilation[k] as number))) {
    throw new RangeError(
      `${call}: the output padding ${show(extra)} must be smaller than the stride ${show(stride)} or the dilation ${show(dilation)}`,
    );
  }
  const full = space.map(
    (size, k) =>
      (size - 1) * (stride[k] as number) +
      ((kernel[k] as number) - 1) * (dilation[k] as number) +
      1 +
      (extra[k] as number),
  );
  if (full.some((size, k) => size <= 2 * (padding[k] as number))) {
    throw new RangeError(`${call}: the padding ${show(padding)} leaves nothing of an output of ${show(full)}`);
  }
  const count = (sizes: readonly number[]): number => sizes.reduce((product, n) => product * n, 1);
  const filters = perGroup * groups;
  const [input, filter] = pair(call, x, weight);
  const rows = swapLast(reshape(filter, [groups, channels / groups, perGroup * count(kernel)] as Shape));
  const columns = reshape(input, [batch, groups, channels / groups, count(space)] as Shape);
  const patches = reshape(multiply(unsqueeze(rows, 0), columns), [batch, filters, ...kernel, ...space] as Shape);
  const kernelAxes = kernel.map((_, k) => 2 + k);
  const spaceAxes = space.map((_, k) => 2 + axes + k);
  let y = permute(patches, [0, 1, ...spaceAxes, ...kernelAxes]);
  for (let k = axes - 1; k >= 0; k--) y = fold(y, 2 + k, full[k] as number, stride[k] as number, dilation[k] as number);
  for (let k = 0; k < axes; k++) {
    const cut = padding[k] as number;
    if (cut > 0) y = narrow(y, 2 + k, cut, (full[k] as number) - cut);
  }
  return bias === undefined ? y : add(y, reshape(bias, [filters, ...space.map(() => 1)] as Shape));
}

/**
 * The adjoint of {@link conv1d} with respect to its input, as a layer of its own: [batch, in, n] and [in, out / groups, k] →
 * [batch, out, n'].
 *
 * @throws RangeError when channels do not fit.
 * @example
 * convTranspose1d(tensor([[[1, 2]]]), tensor([[[1, 10]]])) // [[[1, 12, 20]]]
 */
export function convTranspose1d(
  x: Tensor,
  weight: Tensor,
  bias?: Tensor,
  options: ConvolutionTransposeOptions = {},
): Tensor {
  return convolveTransposed("convTranspose1d", x, weight, bias, options, 1);
}

/**
 * The adjoint of {@link conv2d} with respect to its input, as a layer of its own: [batch, in, h, w] and [in, out / groups, kh, kw] →
 * [batch, out, h', w'].
 *
 * @throws RangeError when channels do not fit.
 * @example
 * convTranspose2d(zeros([1, 2, 3, 3]), zeros([2, 1, 2, 2]), undefined, { stride: 2 }) // shape [1, 1, 6, 6]
 */
export function convTranspose2d(
  x: Tensor,
  weight: Tensor,
  bias?: Tensor,
  options: ConvolutionTransposeOptions = {},
): Tensor {
  return convolveTransposed("convTranspose2d", x, weight, bias, options, 2);
}

/** How a pooling window moves. */
export interface PoolingOptions {
  /** The step between windows; the kernel's size unless said otherwise. */
  readonly stride?: PerAxis;
  /** Elements on both sides that count for nothing (zero in averages); 0. */
  readonly padding?: PerAxis;
}

function pooled(call: string, x: Tensor, size: PerAxis, options: PoolingOptions, axes: number, around: number): Tensor {
  if (x.shape.length < axes + 1)
    throw new RangeError(`${call}: expected channels and ${axes} axes, got ${show(x.shape)}`);
  const kernel = perAxis(call, size, 1, axes, 1);
  const stride = perAxis(call, options.stride ?? size, 1, axes, 1);
  const padding = perAxis(call, options.padding, 0, axes, 0);
  const seen = windows(
    padSpace(x, padding, around),
    kernel,
    stride,
    kernel.map(() => 1),
  );
  const area = kernel.reduce((product, n) => product * n, 1);
  return reshape(seen, [...seen.shape.slice(0, -axes), area] as Shape);
}

/** The largest of each window; of equal ones the first gets the derivative. */
function maxOf(seen: Tensor): Tensor {
  const last = seen.shape.length - 1;
  const best = gatherAlong(seen, last, unsqueeze(argmax(seen, last), -1));
  return reshape(best, seen.shape.slice(0, -1) as Shape);
}

/**
 * The largest element of each window: [.., channels, h, w] → [.., channels, h', w'].
 *
 * @throws RangeError when no window fits.
 * @example
 * maxPool2d(tensor([[[1, 2], [3, 4]]]), 2) // [[[4]]]
 */
export function maxPool2d(x: Tensor, size: PerAxis, options: PoolingOptions = {}): Tensor {
  return maxOf(pooled("maxPool2d", x, size, options, 2, -Infinity));
}

/**
 * The largest element of each window along the last axis.
 *
 * @throws RangeError when no window fits.
 * @example
 * maxPool1d(tensor([[1, 3, 2, 4]]), 2) // [[3, 4]]
 */
export function maxPool1d(x: Tensor, size: PerAxis, options: PoolingOptions = {}): Tensor {
  return maxOf(pooled("maxPool1d", x, size, options, 1, -Infinity));
}

/**
 * The mean of each window: [.., channels, h, w] → [.., channels, h', w'].
 *
 * @throws RangeError when no window fits.
 * @example
 * avgPool2d(tensor([[[1, 2], [3, 4]]]), 2) // [[[2.5]]]
 */
export function avgPool2d(x: Tensor, size: PerAxis, options: PoolingOptions = {}): Tensor {
  const seen = pooled("avgPool2d", x, size, options, 2, 0);
  return div(sum(seen, seen.shape.length - 1), seen.shape[seen.shape.length - 1] as number);
}

/**
 * The mean of each window along the last axis.
 *
 * @throws RangeError when no window fits.
 * @example
 * avgPool1d(tensor([[1, 3, 2, 4]]), 2) // [[2, 3]]
 */
export function avgPool1d(x: Tensor, size: PerAxis, options: PoolingOptions = {}): Tensor {
  const seen = pooled("avgPool1d", x, size, options, 1, 0);
  return div(sum(seen, seen.shape.length - 1), seen.shape[seen.shape.length - 1] as number);
}
