// Products and decompositions of matrices, over any number of leading axes.

import { type Block, type Kernels, stridesOf } from "../../backend.ts";
import type { Data } from "../../dtype.ts";
import { broadcastStrides, elements, lattice } from "./loops.ts";

/** Where the matrices of `x` start, for leading axes `front`. */
function starts(x: Block, front: readonly number[]): Int32Array {
  const strides = broadcastStrides(x, [...front, ...x.shape.slice(-2)]);
  return lattice(front, strides.slice(0, front.length));
}

/** Factors the n × n matrix in place into L and U with row exchanges (Golub & Van Loan, algorithm 3.4.1). */
function factor(a: Float64Array, n: number): { order: number[]; sign: number } {
  const order = Array.from({ length: n }, (_, i) => i);
  let sign = 1;
  for (let k = 0; k < n; k++) {
    let pivot = k;
    for (let i = k + 1; i < n; i++) {
      if (Math.abs(a[i * n + k] as number) > Math.abs(a[pivot * n + k] as number)) pivot = i;
    }
    if (pivot !== k) {
      sign = -sign;
      [order[k], order[pivot]] = [order[pivot] as number, order[k] as number];
      for (let j = 0; j < n; j++) {
        const swap = a[k * n + j] as number;
        a[k * n + j] = a[pivot * n + j] as number;
        a[pivot * n + j] = swap;
      }
    }
    const diagonal = a[k * n + k] as number;
    if (diagonal === 0) continue;
    for (let i = k + 1; i < n; i++) {
      const ratio = (a[i * n + k] as number) / diagonal;
      a[i * n + k] = ratio;
      for (let j = k + 1; j < n; j++) a[i * n + j] = (a[i * n + j] as number) - ratio * (a[k * n + j] as number);
    }
  }
  return { order, sign };
}

function mustBeRegular(call: string, lu: Float64Array, n: number): void {
  for (let k = 0; k < n; k++) {
    if (lu[k * n + k] === 0) throw new RangeError(`${call}: the matrix is singular (pivot ${k + 1} of ${n} is zero)`);
  }
}

/** Solves with the factors for the right-hand sides `b` (n × m, in place). */
function substitute(lu: Float64Array, order: readonly number[], b: Float64Array, n: number, m: number): Float64Array {
  const x = new Float64Array(n * m);
  for (let i = 0; i < n; i++) for (let c = 0; c < m; c++) x[i * m + c] = b[(order[i] as number) * m + c] as number;
  for (let c = 0; c < m; c++) {
    for (let i = 0; i < n; i++) {
      let sum = x[i * m + c] as number;
      for (let j = 0; j < i; j++) sum -= (lu[i * n + j] as number) * (x[j * m + c] as number);
      x[i * m + c] = sum;
    }
    for (let i = n - 1; i >= 0; i--) {
      let sum = x[i * m + c] as number;
      for (let j = i + 1; j < n; j++) sum -= (lu[i * n + j] as number) * (x[j * m + c] as number);
      x[i * m + c] = sum / (lu[i * n + i] as number);
    }
  }
  return x;
}

/** The n × m matrix that starts at `start`, as f64. */
function matrix(x: Block, start: number): Float64Array {
  const [n, m] = x.shape.slice(-2) as [number, number];
  const strides = stridesOf(x).slice(-2);
  const places = lattice([n, m], strides);
  const { data } = x.storage;
  return Float64Array.from(places, (place) => data[x.offset + start + place] as number);
}

function sizeOfSquare(x: Block): number {
  return x.shape[x.shape.length - 1] as number;
}

/**
 * One matrix product, m × k by k × n, with the steps of each along rows and columns. A bias may be added: a number for each column, or
 * for each row where its steps say so.
 */
interface Product {
  readonly m: number;
  readonly k: number;
  readonly n: number;
  readonly rowA: number;
  readonly colA: number;
  readonly rowB: number;
  readonly colB: number;
}

/** Numbers that products are added to. */
interface Bias {
  readonly data: Data;
  readonly start: number;
  readonly row: number;
  readonly column: number;
}

function product(out: Data, to: number, a: Data, fromA: number, b: Data, fromB: number, p: Product, bias?: Bias): void {
  const { m, k, n, rowA, colA, rowB, colB } = p;
  // Rows of B that lie dense are added up scaled, columns that do are multiplied element by element: memory is read in order.
  if (colB === 1 && k * n > 64) {
    const sums = new Float64Array(n);
    for (let i = 0; i < m; i++) {
      if (bias === undefined) sums.fill(0);
      else for (let j = 0; j < n; j++) sums[j] = bias.data[bias.start + j * bias.column] as number;
      for (let l = 0, ia = fromA + i * rowA; l < k; l++, ia += colA) {
        const factor = a[ia] as number;
        for (let j = 0, jb = fromB + l * rowB; j < n; j++, jb++)
          sums[j] = (sums[j] as number) + factor * (b[jb] as number);
      }
      out.set(sums, to + i * n);
    }
    return;
  }
  if (n >= 4 || m < 4) fours(out, to, n, 1, a, fromA, b, fromB, p, bias);
  else {
    // Few columns: the transposed product has many.
    const turned = { m: n, k, n: m, rowA: colB, colA: rowB, rowB: colA, colB: rowA };
    const along = bias === undefined ? undefined : { ...bias, row: bias.column, column: bias.row };
    fours(out, to, 1, n, b, fromB, a, fromA, turned, along);
  }
}

/** The product with any steps of the output, four columns at a time, so that a row of A is read once for all of them. */
function fours(
  out: Data,
  to: number,
  rowOut: number,
  colOut: number,
  a: Data,
  fromA: number,
  b: Data,
  fromB: number,
  { m, k, n, rowA, colA, rowB, colB }: Product,
  bias: Bias | undefined,
): void {
  const whole = n - (n % 4);
  const shift = bias?.data;
  const step = bias === undefined ? 0 : bias.column;
  for (let i = 0; i < m; i++) {
    const row = fromA + i * rowA;
    let place = to + i * rowOut;
    let from = bias === undefined ? 0 : bias.start + i * bias.row;
    let column = fromB;
    let j = 0;
    for (; j < whole; j += 4, column += 4 * colB, from += 4 * step, place += 4 * colOut) {
      let s0 = 0;
      let s1 = 0;
      let s2 = 0;
      let s3 = 0;
      if (shift !== undefined) {
        s0 = shift[from] as number;
        s1 = shift[from + step] as number;
        s2 = shift[from + 2 * step] as number;
        s3 = shift[from + 3 * step] as number;
      }
      for (let l = 0, ia = row, jb = column; l < k; l++, ia += colA, jb += rowB) {
        const factor = a[ia] as number;
        s0 += factor * (b[jb] as number);
        s1 += factor * (b[jb + colB] as number);
        s2 += factor * (b[jb + 2 * colB] as number);
        s3 += factor * (b[jb + 3 * colB] as number);
      }
      out[place] = s0;
      out[place + colOut] = s1;
      out[place + 2 * colOut] = s2;
      out[place + 3 * colOut] = s3;
    }
    for (; j < n; j++, column += colB, from += step, place += colOut) {
      let sum = shift === undefined ? 0 : (shift[from] as number);
      for (let l = 0, ia = row, jb = column; l < k; l++, ia += colA, jb += rowB) {
        sum += (a[ia] as number) * (b[jb] as number);
      }
      out[place] = sum;
    }
  }
}

/** The step from row to row of matrices, and from column to column. */
function rowStep({ strides, shape }: Block): number {
  return (strides === null ? shape[shape.length - 1] : strides[shape.length - 2]) as number;
}

function columnStep({ strides, shape }: Block): number {
  return strides === null ? 1 : (strides[shape.length - 1] as number);
}

export const linearAlgebra: Pick<Kernels, "matmul" | "linear" | "inverse" | "solve" | "det" | "cholesky"> = {
  matmul(out, shape, inputs, { ta, tb }) {
    const a = inputs[0] as Block;
    const b = inputs[1] as Block;
    const rank = a.shape.length;
    const m = shape[shape.length - 2] as number;
    const n = shape[shape.length - 1] as number;
    const k = a.shape[rank - (ta ? 2 : 1)] as number;
    const p: Product = {
      m,
      k,
      n,
      rowA: ta ? columnStep(a) : rowStep(a),
      colA: ta ? rowStep(a) : columnStep(a),
      rowB: tb ? columnStep(b) : rowStep(b),
      colB: tb ? rowStep(b) : columnStep(b),
    };
    if (shape.length === 2) {
      product(out, 0, a.storage.data, a.offset, b.storage.data, b.offset, p);
      return;
    }
    const front = shape.slice(0, -2);
    const startsA = starts(a, front);
    const startsB = starts(b, front);
    for (let s = 0; s < startsA.length; s++) {
      const fromA = a.offset + (startsA[s] as number);
      const fromB = b.offset + (startsB[s] as number);
      product(out, s * m * n, a.storage.data, fromA, b.storage.data, fromB, p);
    }
  },
  linear(out, shape, inputs) {
    const x = inputs[0] as Block;
    const w = inputs[1] as Block;
    const p: Product = {
      m: shape[0] as number,
      k: x.shape[1] as number,
      n: shape[1] as number,
      rowA: rowStep(x),
      colA: columnStep(x),
      rowB: columnStep(w),
      colB: rowStep(w),
    };
    const { storage, offset, strides } = inputs[2] as Block;
    const step = strides === null ? 1 : (strides[0] as number);
    const bias: Bias = { data: storage.data, start: offset, row: 0, column: step };
    product(out, 0, x.storage.data, x.offset, w.storage.data, w.offset, p, bias);
  },
  inverse(out, shape, inputs) {
    const x = inputs[0] as Block;
    const n = sizeOfSquare(x);
    const identity = new Float64Array(n * n);
    for (let i = 0; i < n; i++) identity[i * n + i] = 1;
    starts(x, shape.slice(0, -2)).forEach((start, s) => {
      const lu = matrix(x, start);
      const { order } = factor(lu, n);
      mustBeRegular("inverse", lu, n);
      out.set(substitute(lu, order, identity, n, n), s * n * n);
    });
  },
  solve(out, shape, inputs) {
    const [a, b] = inputs as readonly [Block, Block];
    const n = sizeOfSquare(a);
    const m = shape[shape.length - 1] as number;
    const front = shape.slice(0, -2);
    const startsB = starts(b, front);
    starts(a, front).forEach((start, s) => {
      const lu = matrix(a, start);
      const { order } = factor(lu, n);
      mustBeRegular("solve", lu, n);
      out.set(substitute(lu, order, matrix(b, startsB[s] as number), n, m), s * n * m);
    });
  },
  det(out, shape, inputs) {
    const x = inputs[0] as Block;
    const n = sizeOfSquare(x);
    starts(x, shape).forEach((start, s) => {
      const lu = matrix(x, start);
      let product = factor(lu, n).sign;
      for (let k = 0; k < n; k++) product *= lu[k * n + k] as number;
      out[s] = product;
    });
  },
  cholesky(out, shape, inputs) {
    const from = elements(inputs[0] as Block);
    const n = shape[shape.length - 1] as number;
    for (let start = 0; start < from.length; start += n * n) {
      const l = new Float64Array(n * n);
      for (let i = 0; i < n; i++) {
        for (let j = 0; j <= i; j++) {
          let sum = from[start + i * n + j] as number;
          for (let k = 0; k < j; k++) sum -= (l[i * n + k] as number) * (l[j * n + k] as number);
          if (i === j && !(sum > 0)) {
            throw new RangeError(`cholesky: the matrix is not positive definite (minor ${i + 1} of ${n})`);
          }
          l[i * n + j] = i === j ? Math.sqrt(sum) : sum / (l[j * n + j] as number);
        }
      }
      out.set(l, start);
    }
  },
};
