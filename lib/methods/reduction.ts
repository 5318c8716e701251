// Methods that work along axes; the functions of the same names say more.

import * as reduction from "../ops/reduction.ts";
import type { Keep, Kept, NormOptions, VarianceOptions } from "../ops/reduction.ts";
import * as comparison from "../ops/comparison.ts";
import type { CloseOptions } from "../ops/comparison.ts";
import * as indexing from "../ops/indexing.ts";
import type { Ordered } from "../ops/indexing.ts";
import type { Shaped } from "../shape.ts";
import type { CheckDim, Dims, Reduced } from "../shape-types.ts";
import type { Tensor } from "../trace.ts";

interface Extreme {
  (this: Tensor): Tensor<[]>;
  (this: Tensor, dim: number, keepdim?: Keep): Ordered;
}

export const reductionMethods = {
  /** The sum: {@link reduction.sum}. */
  sum<X extends Shaped, const D extends Dims = undefined, const K extends Keep = false>(
    this: X & Tensor,
    dim?: D & CheckDim<"sum", X["shape"], D>,
    keepdim?: K,
  ): Tensor<Reduced<X["shape"], D, Kept<K>>> {
    return reduction.sum<X["shape"], D, K>(this, dim, keepdim);
  },
  /** The mean: {@link reduction.mean}. */
  mean<X extends Shaped, const D extends Dims = undefined, const K extends Keep = false>(
    this: X & Tensor,
    dim?: D & CheckDim<"mean", X["shape"], D>,
    keepdim?: K,
  ): Tensor<Reduced<X["shape"], D, Kept<K>>> {
    return reduction.mean<X["shape"], D, K>(this, dim, keepdim);
  },
  /** The largest element: {@link reduction.amax}. */
  amax<X extends Shaped, const D extends Dims = undefined, const K extends Keep = false>(
    this: X & Tensor,
    dim?: D & CheckDim<"amax", X["shape"], D>,
    keepdim?: K,
  ): Tensor<Reduced<X["shape"], D, Kept<K>>> {
    return reduction.amax<X["shape"], D, K>(this, dim, keepdim);
  },
  /** The smallest element: {@link reduction.amin}. */
  amin<X extends Shaped, const D extends Dims = undefined, const K extends Keep = false>(
    this: X & Tensor,
    dim?: D & CheckDim<"amin", X["shape"], D>,
    keepdim?: K,
  ): Tensor<Reduced<X["shape"], D, Kept<K>>> {
    return reduction.amin<X["shape"], D, K>(this, dim, keepdim);
  },
  /** The largest element of all, or the largest along an axis and where they are: {@link comparison.max}. */
  max: function (this: Tensor, dim?: number, keepdim?: Keep): Tensor | Ordered {
    return dim === undefined ? comparison.max(this) : comparison.max(this, dim, keepdim);
  } as Extreme,
  /** The smallest element of all, or the smallest along an axis and where they are: {@link comparison.min}. */
  min: function (this: Tensor, dim?: number, keepdim?: Keep): Tensor | Ordered {
    return dim === undefined ? comparison.min(this) : comparison.min(this, dim, keepdim);
  } as Extreme,
  /** The middle element in order: {@link comparison.median}. */
  median(this: Tensor, dim?: number): Tensor {
    return comparison.median(this, dim);
  },
  /** Whether elements are NaN: {@link comparison.isnan}. */
  isnan<X extends Shaped>(this: X & Tensor): Tensor<X["shape"]> {
    return comparison.isnan(this);
  },
  /** Whether elements are finite: {@link comparison.isfinite}. */
  isfinite<X extends Shaped>(this: X & Tensor): Tensor<X["shape"]> {
    return comparison.isfinite(this);
  },
  /** Whether all elements are close to those of another tensor: {@link comparison.allclose}. */
  allclose(this: Tensor, other: Tensor, options: CloseOptions = {}): boolean {
    return comparison.allclose(this, other, options);
  },
  /** Whether another tensor has the same shape and elements: {@link comparison.equal}. */
  equal(this: Tensor, other: Tensor): boolean {
    return comparison.equal(this, other);
  },
  /** The indices of elements that are not zero: {@link comparison.nonzero}. */
  nonzero(this: Tensor): Tensor {
    return comparison.nonzero(this);
  },
  /** The elements at which a mask holds: {@link comparison.maskedSelect}. */
  maskedSelect(this: Tensor, mask: Tensor): Tensor {
    return comparison.maskedSelect(this, mask);
  },
  /** log Σ eˣ: {@link reduction.logsumexp}. */
  logsumexp<X extends Shaped, const D extends Dims = undefined, const K extends Keep = false>(
    this: X & Tensor,
    dim?: D & CheckDim<"logsumexp", X["shape"], D>,
    keepdim?: K,
  ): Tensor<Reduced<X["shape"], D, Kept<K>>> {
    return reduction.logsumexp<X["shape"], D, K>(this, dim, keepdim);
  },
  /** The product: {@link reduction.prod}. */
  prod(this: Tensor, dim?: Dims, keepdim?: Keep): Tensor {
    return reduction.prod(this, dim, keepdim);
  },
  /** The variance: {@link reduction.variance}. */
  var(this: Tensor, dim?: Dims, options?: VarianceOptions | boolean): Tensor {
    return reduction.variance(this, dim, options);
  },
  /** The standard deviation: {@link reduction.std}. */
  std(this: Tensor, dim?: Dims, options?: VarianceOptions | boolean): Tensor {
    return reduction.std(this, dim, options);
  },
  /** √Σx², or another norm: {@link reduction.norm}. */
  norm(this: Tensor, options?: NormOptions): Tensor {
    return reduction.norm(this, options);
  },
  /** The index of the largest element: {@link reduction.argmax}. */
  argmax(this: Tensor, dim?: number, keepdim?: Keep): Tensor {
    return reduction.argmax(this, dim, keepdim);
  },
  /** The index of the smallest element: {@link reduction.argmin}. */
  argmin(this: Tensor, dim?: number, keepdim?: Keep): Tensor {
    return reduction.argmin(this, dim, keepdim);
  },
  /** Whether all elements hold: {@link reduction.all}. */
  all(this: Tensor, dim?: Dims, keepdim?: Keep): Tensor {
    return reduction.all(this, dim, keepdim);
  },
  /** Whether any element holds: {@link reduction.any}. */
  any(this: Tensor, dim?: Dims, keepdim?: Keep): Tensor {
    return reduction.any(this, dim, keepdim);
  },
  /** Running sums: {@link reduction.cumsum}. */
  cumsum<X extends Shaped>(this: X & Tensor, dim: number): Tensor<X["shape"]> {
    return reduction.cumsum(this, dim);
  },
  /** Running products: {@link reduction.cumprod}. */
  cumprod<X extends Shaped>(this: X & Tensor, dim: number): Tensor<X["shape"]> {
    return reduction.cumprod(this, dim);
  },
  /** In order along an axis: {@link indexing.sort}. */
  sort(this: Tensor, dim = -1, descending = false): Ordered {
    return indexing.sort(this, dim, descending);
  },
  /** The indices that sort: {@link indexing.argsort}. */
  argsort(this: Tensor, dim = -1, descending = false): Tensor {
    return indexing.argsort(this, dim, descending);
  },
  /** The k largest elements: {@link indexing.topk}. */
  topk(this: Tensor, k: number, dim = -1, largest = true): Ordered {
    return indexing.topk(this, k, dim, largest);
  },
};

export type ReductionMethods = typeof reductionMethods;
