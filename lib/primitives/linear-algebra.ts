// Rules of products and decompositions of matrices (Giles, "Collected matrix derivative results for forward and reverse mode algorithmic
// differentiation", 2008; for Cholesky Murray, arXiv:1602.07527).

import { add, mul } from "../ops/arithmetic.ts";
import { neg } from "../ops/elementwise.ts";
import { inverse, multiply, solve } from "../ops/linear-algebra.ts";
import { sum, sumTo } from "../ops/reduction.ts";
import { tril } from "../ops/diagonal.ts";
import { reshape, swapLast } from "../ops/view.ts";
import { eye } from "../create.ts";
import { type Shape, sizeOf } from "../shape.ts";
import { NO_STORAGE, type Tensor } from "../trace.ts";
import { dense } from "../views.ts";
import { aligned, batchAsIs, batchMatrices, BOTH, full, INPUTS, OUTPUT, plus, type Rule } from "./rule.ts";

type Names = "matmul" | "linear" | "inverse" | "solve" | "det" | "cholesky";

/** A · Bᵀ and Aᵀ · B of the last two axes. */
const timesT = (a: Tensor, b: Tensor): Tensor => multiply(a, b, false, true);
const tTimes = (a: Tensor, b: Tensor): Tensor => multiply(a, b, true, false);

/** Numbers, one for each matrix, as 1 × 1 matrices. */
function asMatrices(x: Tensor): Tensor {
  return reshape(x, [...x.shape, 1, 1] as Shape);
}

/** Whether one of these numbers is zero, whatever stands for them. */
function anyZero(x: Tensor): boolean {
  let value = x;
  while (value.storage === NO_STORAGE && value.tracer !== null) ({ value } = value.tracer);
  const { storage, offset } = dense(value);
  for (let k = offset, end = offset + sizeOf(value.shape); k < end; k++) if (storage.data[k] === 0) return true;
  return false;
}

/**
 * The cofactors of X, det X · X⁻ᵀ. A singular matrix has cofactors but no inverse: there they come from Faddeev and LeVerrier's recurrence,
 * M ← X M + c I with c = -tr(X M) / k, whose last M is ± the adjugate.
 */
function cofactors(x: Tensor, det: Tensor): Tensor {
  if (!anyZero(det)) return mul(asMatrices(det), swapLast(inverse(x)));
  const n = x.shape[x.shape.length - 1] as number;
  const one = eye(n, { dtype: x.dtype }) as Tensor;
  let m = add(mul(x, 0), one);
  for (let k = 1; k < n; k++) {
    const product = multiply(x, m);
    const trace = sum(mul(product, one), [-2, -1]);
    m = add(product, mul(asMatrices(mul(trace, -1 / k)), one));
  }
  return mul(swapLast(m), n % 2 === 0 ? -1 : 1);
}

function symmetric(x: Tensor): Tensor {
  return mul(add(x, swapLast(x)), 0.5);
}

/** The lower triangle with half the diagonal. */
function lowerHalf(x: Tensor): Tensor {
  return mul(add(tril(x), tril(x, -1)), 0.5);
}

export const linearAlgebra: { readonly [N in Names]: Rule<N> } = {
  // For C = A B: Ā = C̄ Bᵀ, B̄ = Aᵀ C̄; a transposed operand gets the transpose of that.
  matmul: {
    jvp: ([s, t], [a, b], y, { ta, tb }) =>
      plus(s === null ? null : full(multiply(s, b, ta, tb), y), t === null ? null : full(multiply(a, t, ta, tb), y)),
    vjp: [
      (ct, [a, b], _, { ta, tb }) => sumTo(ta ? multiply(b, ct, tb, true) : multiply(ct, b, false, !tb), a.shape),
      (ct, [a, b], _, { ta, tb }) => sumTo(tb ? multiply(ct, a, true, ta) : multiply(a, ct, !ta, false), b.shape),
    ],
    reads: INPUTS,
    batch: batchMatrices,
  },
  linear: {
    jvp: ([r, s, t], [x, w], y) => {
      const product = plus(
        r === null ? null : multiply(r, w, false, true),
        s === null ? null : multiply(x, s, false, true),
      );
      return plus(product, t === null ? null : full(t, y));
    },
    vjp: [
      (ct, [, w]) => multiply(ct, w),
      (ct, [x]) => multiply(ct, x, true, false),
      (ct, [, , b]) => sumTo(ct, b.shape),
    ],
    reads: INPUTS,
    batch: (_, [x, w, b], batched) => {
      const [rows, weight] = aligned([x, w], batched, 2) as [Tensor, Tensor];
      const bias = batched[2] === true ? reshape(b, [b.shape[0] as number, 1, b.shape[1] as number] as Shape) : b;
      return add(multiply(rows, weight, false, true), bias);
    },
  },
  // d(X⁻¹) = -X⁻¹ dX X⁻¹
  inverse: {
    jvp: ([t], _, y) => (t === null ? null : neg(multiply(multiply(y, t), y))),
    vjp: [(ct, _, y) => neg(timesT(tTimes(y, ct), y))],
    reads: OUTPUT,
    batch: batchAsIs,
  },
  // A X = B: A dX = dB - dA X
  solve: {
    jvp: ([s, t], [a], y) => {
      const right = plus(t, s === null ? null : neg(multiply(s, y)));
      return right === null ? null : full(solve(a, right), y);
    },
    vjp: [
      (ct, [a], y) => sumTo(neg(timesT(solve(swapLast(a), ct), y)), a.shape),
      (ct, [a, b]) => sumTo(solve(swapLast(a), ct), b.shape),
    ],
    reads: BOTH,
    batch: batchMatrices,
  },
  // d det X = det X · tr(X⁻¹ dX), the sum of cofactors times dX
  det: {
    jvp: ([t], [x], y) => (t === null ? null : sum(mul(cofactors(x, y), t), [-2, -1])),
    vjp: [(ct, [x], y) => mul(asMatrices(ct), cofactors(x, y))],
    reads: BOTH,
    batch: batchAsIs,
  },
  // dL = L Φ(L⁻¹ dX L⁻ᵀ), where Φ takes the lower triangle and half the diagonal
  cholesky: {
    jvp: ([t], _, l) => {
      if (t === null) return null;
      const inv = inverse(l);
      return multiply(l, lowerHalf(timesT(multiply(inv, symmetric(t)), inv)));
    },
    vjp: [
      (ct, _, l) => {
        const inv = inverse(l);
        return symmetric(multiply(tTimes(inv, lowerHalf(tTimes(l, ct))), inv));
      },
    ],
    reads: OUTPUT,
    batch: batchAsIs,
  },
};
