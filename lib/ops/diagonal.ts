// Operations on the diagonal of matrices and the triangles beside it.

import { eye } from "../create.ts";
import { type Shape, show } from "../shape.ts";
import { type Tensor, wrap } from "../trace.ts";
import { gatherAlong } from "./indexing.ts";
import { sum } from "./reduction.ts";
import { where } from "./selection.ts";
import { expand, narrow, reshape, unsqueeze } from "./view.ts";

/** A mask over the last two axes: whether column - row compares to `diagonal`. */
function band(x: Tensor, keeps: (offset: number) => boolean): Tensor {
  const [rows, columns] = x.shape.slice(-2) as [number, number];
  const data = new Uint8Array(rows * columns);
  for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) data[i * columns + j] = Number(keeps(j - i));
  return wrap(data, [rows, columns], "bool");
}

function mustBeMatrix(call: string, x: Tensor): void {
  if (x.shape.length < 2) throw new RangeError(`${call}: expected a matrix, got ${show(x.shape)}`);
}

/**
 * The lower triangle of a matrix, zeros elsewhere; `diagonal` moves the border up.
 *
 * @throws RangeError below two dimensions.
 * @example
 * tril(ones(2, 2)) // [[1, 0], [1, 1]]
 */
export function tril<S extends Shape>(x: Tensor<S>, diagonal = 0): Tensor<S> {
  mustBeMatrix("tril", x);
  return where(
    band(x as Tensor, (offset) => offset <= diagonal),
    x as Tensor,
    0,
  ) as unknown as Tensor<S>;
}

/**
 * The upper triangle of a matrix, zeros elsewhere; `diagonal` moves the border up.
 *
 * @throws RangeError below two dimensions.
 * @example
 * triu(ones(2, 2)) // [[1, 1], [0, 1]]
 */
export function triu<S extends Shape>(x: Tensor<S>, diagonal = 0): Tensor<S> {
  mustBeMatrix("triu", x);
  return where(
    band(x as Tensor, (offset) => offset >= diagonal),
    x as Tensor,
    0,
  ) as unknown as Tensor<S>;
}

/**
 * The diagonal of the last two axes.
 *
 * @throws RangeError below two dimensions.
 * @example
 * diagonal(tensor([[1, 2], [3, 4]])) // [1, 4]
 */
export function diagonal(x: Tensor): Tensor {
  mustBeMatrix("diagonal", x);
  const rank = x.shape.length;
  const [rows, columns] = x.shape.slice(-2) as [number, number];
  const n = Math.min(rows, columns);
  const places = wrap(
    Int32Array.from({ length: n }, (_, k) => k),
    [n, 1] as Shape,
    "i32",
  );
  const square = narrow(x, rank - 2, 0, n);
  const index = expand(places, [...x.shape.slice(0, -2), n, 1]);
  return reshape(gatherAlong(square, rank - 1, index), [...x.shape.slice(0, -2), n] as Shape);
}

/**
 * The diagonal of a matrix, or the matrix with this vector on its diagonal.
 *
 * @throws RangeError unless `x` has one or two dimensions.
 * @example
 * diag(tensor([1, 2])) // [[1, 0], [0, 2]]
 */
export function diag(x: Tensor): Tensor {
  if (x.shape.length === 2) return diagonal(x);
  if (x.shape.length !== 1) throw new RangeError(`diag: expected a vector or a matrix, got ${show(x.shape)}`);
  return where(eye(x.shape[0] as number, { dtype: "bool" }), unsqueeze(x, 1), 0);
}

/**
 * The sum of the diagonal.
 *
 * @throws RangeError unless `x` is a matrix.
 * @example
 * trace(tensor([[1, 2], [3, 4]])) // 5
 */
export function trace(x: Tensor): Tensor {
  if (x.shape.length !== 2) throw new RangeError(`trace: expected a matrix, got ${show(x.shape)}`);
  return sum(diagonal(x));
}
