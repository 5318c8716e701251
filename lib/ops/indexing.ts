// Operations that choose elements by indices, which are tensors of whole numbers, and those that find such indices.

import { isFloat } from "../dtype.ts";
import { axisOf, type Shape, show } from "../shape.ts";
import { bind, primitive, type Tensor, wrap } from "../trace.ts";
import { eq } from "./arithmetic.ts";
import { cast } from "./operand.ts";
import { expand, narrow, reshape, unsqueeze } from "./view.ts";

const gatherP = primitive("gather");
const scatterAddP = primitive("scatterAdd");
const argsortP = primitive("argsort");

/** Throws unless each index names one of `size` elements. */
export function checkIndex(call: string, index: Tensor, size: number): void {
  if (isFloat(index.dtype)) {
    throw new TypeError(
      `${call}: an index must hold whole numbers (i32), not ${index.dtype}; convert it: index.to("i32")`,
    );
  }
  if (index.tracer !== null) return;
  const { data } = index.storage;
  // Views show only part of the storage; only those of a whole one are scanned as they lie.
  const values = index.strides === null ? data.subarray(index.offset, index.offset + product(index.shape)) : data;
  if (index.strides !== null && !coversAll(index)) return;
  for (const value of values) {
    if (value < 0 || value >= size)
      throw new RangeError(`${call}: index ${value} is out of range for ${size} elements`);
  }
}

function product(shape: Shape): number {
  return shape.reduce((a, b) => a * b, 1);
}

function coversAll(x: Tensor): boolean {
  return product(x.shape) >= x.storage.data.length;
}

/**
 * The elements of `x` at `index` along `dim`: out[i][j] = x[index[i][j]][j] for dim 0.
 *
 * @throws TypeError for an index of floats; RangeError for one that is out of range, or of another rank.
 * @example
 * gather(tensor([[1, 2], [3, 4]]), 1, tensor([[1], [0]], { dtype: "i32" })) // [[2], [3]]
 */
export function gather(x: Tensor, dim: number, index: Tensor): Tensor {
  const axis = axisOf("gather", dim, x.shape);
  checkIndex("gather", index, x.shape[axis] ?? 1);
  checkFits("gather", x, index, axis);
  return gatherAlong(x, axis, index);
}

function checkFits(call: string, x: Tensor, index: Tensor, axis: number): void {
  const fits =
    index.shape.length === x.shape.length && index.shape.every((n, k) => k === axis || n <= (x.shape[k] ?? 1));
  if (!fits)
    throw new RangeError(`${call}: index ${show(index.shape)} does not fit ${show(x.shape)} along dim ${axis}`);
}

export function gatherAlong(x: Tensor, axis: number, index: Tensor): Tensor {
  if (x.shape.length === 0) return x;
  return bind(gatherP, [x, index], { axis });
}

/**
 * `x` with the elements of `source` added at `index` along `dim`: the adjoint of {@link gather}.
 *
 * @throws TypeError for an index of floats; RangeError for one that is out of range or larger than `source`.
 * @example
 * scatterAdd(zeros(3), 0, tensor([0, 2, 0], { dtype: "i32" }), ones(3)) // [2, 0, 1]
 */
export function scatterAdd<S extends Shape>(x: Tensor<S>, dim: number, index: Tensor, source: Tensor): Tensor<S> {
  const axis = axisOf("scatterAdd", dim, x.shape);
  checkIndex("scatterAdd", index, x.shape[axis] ?? 1);
  checkFits("scatterAdd", x, index, axis);
  if (!index.shape.every((n, k) => n <= (source.shape[k] ?? 0))) {
    throw new RangeError(`scatterAdd: index ${show(index.shape)} is larger than the source ${show(source.shape)}`);
  }
  let part = source;
  index.shape.forEach((n, k) => {
    part = narrow(part, k, 0, n);
  });
  return scatterAddAlong(x, axis, index, cast(part, x.dtype)) as Tensor<S>;
}

export function scatterAddAlong(x: Tensor, axis: number, index: Tensor, source: Tensor): Tensor {
  return bind(scatterAddP, [x, index, source], { axis });
}

/**
 * The slices of `x` at the places of a one-dimensional index along `dim`.
 *
 * @throws TypeError for an index of floats; RangeError for one that is out of range or not one-dimensional.
 * @example
 * indexSelect(tensor([[1, 2], [3, 4]]), 0, tensor([1, 1], { dtype: "i32" })) // [[3, 4], [3, 4]]
 */
export function indexSelect(x: Tensor, dim: number, index: Tensor): Tensor {
  const axis = axisOf("indexSelect", dim, x.shape);
  if (index.shape.length !== 1)
    throw new RangeError(`indexSelect: expected a list of indices, got ${show(index.shape)}`);
  checkIndex("indexSelect", index, x.shape[axis] ?? 1);
  const [n] = index.shape as readonly [number];
  const along = reshape(index, x.shape.map((_, k) => (k === axis ? n : 1)) as Shape);
  return gatherAlong(
    x,
    axis,
    expand(
      along,
      x.shape.map((size, k) => (k === axis ? n : size)),
    ),
  );
}

/**
 * The rows of `weight` that `index` names: index [..] and weight [words, features] → [.., features].
 *
 * @throws TypeError for an index of floats; RangeError for one that is out of range.
 * @example
 * embedding(tensor([[0, 2]], { dtype: "i32" }), randn(3, 4)) // shape [1, 2, 4]
 */
export function embedding(index: Tensor, weight: Tensor): Tensor {
  if (weight.shape.length !== 2)
    throw new RangeError(`embedding: the weight must be a matrix, not ${show(weight.shape)}`);
  checkIndex("embedding", index, weight.shape[0] as number);
  const rows = indexSelect(weight, 0, reshape(index, [-1] as Shape));
  return reshape(rows, [...index.shape, weight.shape[1] as number] as Shape);
}

/**
 * The indices that sort `x` along `dim`; equal elements keep their order, NaN counts as the largest.
 *
 * @example
 * argsort(tensor([3, 1, 2])) // [1, 2, 0]
 */
export function argsort(x: Tensor, dim = -1, descending = false): Tensor {
  const axis = axisOf("argsort", dim, x.shape);
  return bind(argsortP, [x], { axis, descending });
}

/** Values, and where they were. */
export interface Ordered {
  readonly values: Tensor;
  readonly indices: Tensor;
}

/**
 * `x` in order along `dim`, and the indices that sort it.
 *
 * @example
 * sort(tensor([3, 1, 2])).values // [1, 2, 3]
 */
export function sort(x: Tensor, dim = -1, descending = false): Ordered {
  const axis = axisOf("sort", dim, x.shape);
  const indices = argsort(x, dim, descending);
  return { values: gatherAlong(x, axis, indices), indices };
}

/**
 * The `k` largest elements along `dim` in descending order (the smallest ascending, if `largest` is false), and where they were.
 *
 * @throws RangeError when there are fewer than `k`.
 * @example
 * topk(tensor([3, 1, 2]), 2).values // [3, 2]
 */
export function topk(x: Tensor, k: number, dim = -1, largest = true): Ordered {
  const axis = axisOf("topk", dim, x.shape);
  const n = x.shape[axis] ?? 1;
  if (!Number.isInteger(k) || k < 0 || k > n) throw new RangeError(`topk: cannot take ${k} of ${n} elements`);
  const indices = narrow(argsort(x, dim, largest), axis, 0, k);
  return { values: gatherAlong(x, axis, indices), indices };
}

/**
 * A matrix of zeros with a one in each row at the place the index names: index [..] → [.., classes].
 *
 * @throws RangeError for an index that is out of range.
 * @example
 * oneHot(tensor([0, 2], { dtype: "i32" }), 3) // [[1, 0, 0], [0, 0, 1]]
 */
export function oneHot(index: Tensor, classes: number): Tensor {
  checkIndex("oneHot", index, classes);
  const places = unsqueeze(index, -1);
  const numbers = wrap(
    Int32Array.from({ length: classes }, (_, k) => k),
    [classes] as Shape,
    "i32",
  );
  return cast(eq<Shape, Shape>(places, numbers), "f32");
}
