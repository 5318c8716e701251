// Products and decompositions of matrices. All but the first few functions work on stacks of matrices: leading axes broadcast.

import { broadcast, type Shape, show } from "../shape.ts";
import type { CheckMatmul, Matmul } from "../shape-types.ts";
import { bind, NOTHING, primitive, type Primitive, type Tensor } from "../trace.ts";
import type { Nothing } from "../backend.ts";
import { add, mul } from "./arithmetic.ts";
import { cast, floating, pair } from "./operand.ts";
import { sum } from "./reduction.ts";
import { reshape, unsqueeze } from "./view.ts";

const matmulP = primitive("matmul");
const linearP = primitive("linear");
const inverseP = primitive("inverse");
const solveP = primitive("solve");
const detP = primitive("det");
const choleskyP = primitive("cholesky");

/**
 * The matrix product: [.., n, k] and [.., k, m] → [.., n, m], with leading axes that broadcast. A vector on the left counts as a row,
 * on the right as a column, and its axis is gone from the result, so two vectors give their dot product.
 *
 * @throws RangeError when inner dimensions differ, leading ones do not broadcast, or an argument is a single number.
 * @example
 * matmul(tensor([[1, 2], [3, 4]]), tensor([1, 1])) // [3, 7]
 */
export function matmul<A extends Shape, B extends Shape>(
  a: Tensor<A>,
  b: Tensor<B> & CheckMatmul<A, B>,
): Tensor<Matmul<A, B>> {
  const [x, y] = pair("matmul", a, b);
  checkMatmul(x.shape, y.shape);
  return product(x, y) as Tensor<Matmul<A, B>>;
}

function checkMatmul(a: Shape, b: Shape): void {
  if (a.length === 0 || b.length === 0) {
    throw new RangeError(`matmul: needs at least one dimension: ${show(a)} and ${show(b)}`);
  }
  const inner = b.length === 1 ? b[0] : b[b.length - 2];
  if (a[a.length - 1] !== inner) throw new RangeError(`matmul: inner dimensions differ: ${show(a)} and ${show(b)}`);
  if (a.length > 2 && b.length > 2 && broadcast(a.slice(0, -2), b.slice(0, -2)) === undefined) {
    throw new RangeError(`matmul: shapes do not broadcast: ${show(a.slice(0, -2))} and ${show(b.slice(0, -2))}`);
  }
}

function product(a: Tensor, b: Tensor): Tensor {
  if (a.shape.length >= 2 && b.shape.length >= 2) return multiply(a, b);
  if (a.shape.length === 1) {
    const row = product(unsqueeze(a, 0), b);
    const { shape } = row;
    const axis = b.shape.length === 1 ? shape.length - 1 : shape.length - 2;
    return reshape(row, shape.filter((_, k) => k !== axis) as Shape);
  }
  const column = multiply(a, unsqueeze(b, 1));
  return reshape(column, column.shape.slice(0, -1) as Shape);
}

/** The product of two tensors of at least two dimensions, each transposed or not, once they were checked. */
export function multiply(a: Tensor, b: Tensor, ta = false, tb = false): Tensor {
  // Rows of a stack times one matrix are the rows of one tall matrix.
  if (a.shape.length > 2 && b.shape.length === 2 && !ta) {
    const rows = reshape(a, [-1, a.shape[a.shape.length - 1] as number] as Shape);
    return reshape(multiply(rows, b, false, tb), [...a.shape.slice(0, -1), b.shape[tb ? 0 : 1] as number] as Shape);
  }
  return bind(matmulP, [a, b], PRODUCTS[(ta ? 1 : 0) + (tb ? 2 : 0)] as (typeof PRODUCTS)[number]);
}
const PRODUCTS = [
  { ta: false, tb: false },
  { ta: true, tb: false },
  { ta: false, tb: true },
  { ta: true, tb: true },
] as const;

/**
 * The dot product of two vectors.
 *
 * @throws RangeError unless both are vectors of one length.
 * @example
 * dot(tensor([1, 2]), tensor([3, 4])) // 11
 */
export function dot(a: Tensor, b: Tensor): Tensor {
  if (a.shape.length !== 1 || b.shape.length !== 1) {
    throw new RangeError(`dot: expected two vectors, got ${show(a.shape)} and ${show(b.shape)}; use matmul`);
  }
  return matmul(a, b);
}

/**
 * The outer product of two vectors: [n] and [m] → [n, m].
 *
 * @throws RangeError unless both are vectors.
 * @example
 * outer(tensor([1, 2]), tensor([3, 4])) // [[3, 4], [6, 8]]
 */
export function outer(a: Tensor, b: Tensor): Tensor {
  if (a.shape.length !== 1 || b.shape.length !== 1) {
    throw new RangeError(`outer: expected two vectors, got ${show(a.shape)} and ${show(b.shape)}`);
  }
  return mul(unsqueeze(a, 1), b);
}

/**
 * x · weightᵀ + bias, a fully connected layer: [.., in], [out, in], [out] → [.., out].
 *
 * @throws RangeError when the sizes differ.
 * @example
 * linear(tensor([[1, 2]]), tensor([[3, 4]]), tensor([5])) // [[16]]
 */
export function linear(x: Tensor, weight: Tensor, bias?: Tensor): Tensor {
  const features = x.shape[x.shape.length - 1];
  if (weight.shape.length !== 2 || features !== weight.shape[1]) {
    throw new RangeError(`linear: input ${show(x.shape)} does not fit weight ${show(weight.shape)} ([out, in])`);
  }
  if (bias !== undefined && (bias.shape.length > 1 || (bias.shape[0] ?? 1) !== weight.shape[0])) {
    throw new RangeError(`linear: bias ${show(bias.shape)} does not fit weight ${show(weight.shape)} ([out, in])`);
  }
  if (bias !== undefined && x.shape.length === 2 && bias.shape.length === 1) {
    if (x.dtype === weight.dtype && x.dtype === bias.dtype) return bind(linearP, [x, weight, bias], NOTHING);
  }
  const [input, w] = pair("linear", x, weight);
  const flat = input.shape.length === 1 ? unsqueeze(input, 0) : input;
  const rows = multiply(flat, w, false, true);
  const y = input.shape.length === 1 ? reshape(rows, [w.shape[0] as number] as Shape) : rows;
  return bias === undefined ? y : add(y, bias);
}

function squareOf(call: string, x: Tensor): Tensor {
  const [n, m] = x.shape.slice(-2);
  if (x.shape.length < 2 || n !== m) throw new RangeError(`${call}: expected a square matrix, got ${show(x.shape)}`);
  return floating(call, x);
}

function decompose(p: Primitive<Nothing>, x: Tensor): Tensor {
  return bind(p, [squareOf(p.name, x)], NOTHING);
}

/**
 * The inverse of a square matrix.
 *
 * @throws RangeError for a matrix that is not square, or singular.
 * @example
 * inverse(tensor([[2, 0], [0, 4]])) // [[0.5, 0], [0, 0.25]]
 */
export function inverse<S extends Shape>(x: Tensor<S>): Tensor<S> {
  return decompose(inverseP, x) as Tensor<S>;
}

/**
 * The determinant of a square matrix.
 *
 * @throws RangeError for a matrix that is not square.
 * @example
 * det(tensor([[1, 2], [3, 4]])) // -2
 */
export function det(x: Tensor): Tensor {
  return decompose(detP, x);
}

/**
 * The lower triangle L with L · Lᵀ = x, for a symmetric positive definite matrix; only its lower triangle is read.
 *
 * @throws RangeError for a matrix that is not square, or not positive definite.
 * @example
 * cholesky(tensor([[4, 2], [2, 2]])) // [[2, 0], [1, 1]]
 */
export function cholesky<S extends Shape>(x: Tensor<S>): Tensor<S> {
  return decompose(choleskyP, x) as Tensor<S>;
}

/**
 * The x with a · x = b, for one right-hand side [n] or several [n, m].
 *
 * @throws RangeError for a matrix that is not square or singular, or sizes that differ.
 * @example
 * solve(tensor([[2, 0], [0, 4]]), tensor([2, 2])) // [1, 0.5]
 */
export function solve(a: Tensor, b: Tensor): Tensor {
  const matrix = squareOf("solve", a);
  const n = matrix.shape[matrix.shape.length - 1] as number;
  const rows = b.shape.length === 1 ? b.shape[0] : b.shape[b.shape.length - 2];
  if (rows !== n) throw new RangeError(`solve: sizes differ: ${show(a.shape)} and ${show(b.shape)}`);
  const [x, y] = pair("solve", matrix, b.shape.length === 1 ? unsqueeze(b, 1) : b);
  const out = bind(solveP, [x, y], NOTHING);
  return b.shape.length === 1 ? reshape(out, out.shape.slice(0, -1) as Shape) : out;
}

/**
 * The dot product over `dims` pairs of axes at the end of `a` and the start of `b`.
 *
 * @throws RangeError when the sizes of the axes differ.
 * @example
 * tensordot(zeros([2, 3, 4]), zeros([3, 4, 5]), 2) // shape [2, 5]
 */
export function tensordot(a: Tensor, b: Tensor, dims: number): Tensor {
  const kept = a.shape.slice(0, a.shape.length - dims);
  const shared = a.shape.slice(a.shape.length - dims);
  const rest = b.shape.slice(dims);
  if (show(shared) !== show(b.shape.slice(0, dims))) {
    throw new RangeError(`tensordot: the last ${dims} axes of ${show(a.shape)} are not the first of ${show(b.shape)}`);
  }
  const inner = shared.reduce((p, n) => p * n, 1);
  const flat = matmul<Shape, Shape>(
    reshape(a, [kept.reduce((p, n) => p * n, 1), inner] as Shape),
    cast(reshape(b, [inner, rest.reduce((p, n) => p * n, 1)] as Shape), a.dtype),
  );
  return reshape(flat, [...kept, ...rest] as Shape);
}

/**
 * Σ aᵢ bᵢ of all elements of two tensors of one shape.
 *
 * @example
 * vdot(tensor([[1, 2]]), tensor([[3, 4]])) // 11
 */
export function vdot(a: Tensor, b: Tensor): Tensor {
  return sum(mul(a, b));
}
