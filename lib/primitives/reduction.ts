// Rules of the primitives that work along axes.

import type { Reduction } from "../backend.ts";
import { affine, div, eq, mul, sub } from "../ops/arithmetic.ts";
import { exp } from "../ops/elementwise.ts";
import { cast } from "../ops/operand.ts";
import { recurrence, sum } from "../ops/reduction.ts";
import { padWith } from "../ops/join.ts";
import { where } from "../ops/selection.ts";
import { expand, narrow, reshape } from "../ops/view.ts";
import { reduceShape, type Shape } from "../shape.ts";
import type { Tensor } from "../trace.ts";
import { batchAlong, batchReduction, BOTH, linear, OUTPUT, plus, type Rule } from "./rule.ts";

/** A reduced tensor repeated along the axes it lost. */
function spread(t: Tensor, shape: Shape, axes: readonly number[]): Tensor {
  // Leading axes come back by broadcasting alone.
  const lead = axes.length === 0 || axes[axes.length - 1] === axes.length - 1;
  return expand(
    lead && t.shape.length + axes.length === shape.length ? t : reshape(t, reduceShape(shape, axes, true) as Shape),
    shape,
  );
}

/** The part of each element in the reduced one: those equal to the extreme share it. */
function shares(x: Tensor, y: Tensor, axes: readonly number[]): Tensor {
  const mask = cast(eq(x, spread(y, x.shape, axes)), x.dtype);
  return div(mask, sum(mask, axes, true));
}

function extreme(): Rule<"amax"> {
  return {
    jvp: ([t], [x], y, { axes, keepdim }) => (t === null ? null : sum(mul(t, shares(x, y, axes)), axes, keepdim)),
    vjp: [(ct, [x], y, { axes }) => mul(spread(ct, x.shape, axes), shares(x, y, axes))],
    reads: BOTH,
    batch: batchReduction,
  };
}

/** A reduction whose derivative with respect to each element is that element's weight. */
function weighted(weights: (x: Tensor, y: Tensor, axes: readonly number[]) => Tensor): Rule<"logsumexp"> {
  return {
    jvp: ([t], [x], y, { axes, keepdim }: Reduction) =>
      t === null ? null : sum(mul(t, weights(x, y, axes)), axes, keepdim),
    vjp: [(ct, [x], y, { axes }) => mul(spread(ct, x.shape, axes), weights(x, y, axes))],
    reads: BOTH,
    batch: batchReduction,
  };
}

/** What a recurrence has seen before each element, or sees after it: elements moved by one, a zero where there is none. */
function neighbour(x: Tensor, axis: number, before: boolean): Tensor {
  const n = x.shape[axis] as number;
  const zero = x.shape.map(() => 0);
  const one = x.shape.map((_, k) => Number(k === axis));
  const steps = x.shape.map(() => 1);
  return before
    ? padWith(narrow(x, axis, 0, Math.max(0, n - 1)), one, zero, steps)
    : padWith(narrow(x, axis, Math.min(1, n), n), zero, one, steps);
}

/** The Jacobian of softmax, diag(y) - y yᵀ, which is symmetric, times t. */
function throughSoftmax(t: Tensor, y: Tensor, axis: number): Tensor {
  return mul(y, sub(t, sum(mul(y, t), axis, true)));
}

type Names =
  | "sum" | "mean" | "amax" | "amin" | "argmax" | "argmin" | "argsort" | "logsumexp" | "norm" | "softmax" | "logSoftmax" | "recurrence"; // prettier-ignore

export const reduction: { readonly [N in Names]: Rule<N> } = {
  sum: linear((ct, [x], _, { axes }) => spread(ct, x.shape, axes), batchReduction),
  mean: linear((ct, [x], _, { axes }) => {
    const count = axes.reduce((product, axis) => product * (x.shape[axis] as number), 1);
    // Multiplying is cheaper, and exact for a power of two.
    const share = (count & (count - 1)) === 0 ? affine(ct, 1 / count, 0) : div(ct, count);
    return spread(share, x.shape, axes);
  }, batchReduction),
  amax: extreme(),
  amin: extreme(),
  argmax: { jvp: null, vjp: null, batch: batchAlong },
  argmin: { jvp: null, vjp: null, batch: batchAlong },
  argsort: { jvp: null, vjp: null, batch: batchAlong },
  logsumexp: weighted((x, y, axes) => exp(sub(x, spread(y, x.shape, axes)))),
  // x / ‖x‖, and 0 at the origin.
  norm: weighted((x, y, axes) => {
    const length = spread(y, x.shape, axes);
    return div(x, where(eq(length, 0), 1, length));
  }),
  softmax: {
    jvp: ([t], _, y, { axis }) => (t === null ? null : throughSoftmax(t, y, axis)),
    vjp: [(ct, _, y, { axis }) => throughSoftmax(ct, y, axis)],
    reads: OUTPUT,
    batch: batchAlong,
  },
  logSoftmax: {
    jvp: ([t], _, y, { axis }) => (t === null ? null : sub(t, sum(mul(exp(y), t), axis, true))),
    vjp: [(ct, _, y, { axis }) => sub(ct, mul(exp(y), sum(ct, axis, true)))],
    reads: OUTPUT,
    batch: batchAlong,
  },
  // y[i] = a[i] y[i-1] + b[i]. Backwards: b̄[i] = ȳ[i] + a[i+1] b̄[i+1], ā[i] = b̄[i] y[i-1].
  recurrence: {
    jvp: ([s, t], [a], y, { axis, reverse }) => {
      const input = plus(s === null ? null : mul(s, neighbour(y, axis, !reverse)), t);
      return input === null ? null : recurrence(a, input, axis, reverse);
    },
    vjp: [
      (ct, [a], y, { axis, reverse }) => {
        const b = recurrence(neighbour(a, axis, reverse), ct, axis, !reverse);
        return mul(b, neighbour(y, axis, !reverse));
      },
      (ct, [a], _, { axis, reverse }) => recurrence(neighbour(a, axis, reverse), ct, axis, !reverse),
    ],
    reads: BOTH,
    batch: batchAlong,
  },
};
