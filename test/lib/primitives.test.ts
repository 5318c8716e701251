// One loop over the closed table: every rule agrees with central differences, jvp and vjp with each other (⟨ct, J·dx⟩ = ⟨Jᵀ·ct, dx⟩), second
// derivatives with differences of first ones, and a batch with its examples one by one.

import assert from "node:assert/strict";
import type { Params, PrimitiveName } from "../../lib/backend.ts";
import { type Shape, type Tensor, cat, jvp, tensor, vjp, vmap, stack } from "../../lib/index.ts";
import { rules } from "../../lib/primitives.ts";
import { allPrimitives, bind, type Primitive } from "../../lib/trace.ts";
import { close, uniform } from "./close.ts";

interface Sample<P> {
  readonly inputs: readonly Tensor[];
  readonly params: P;
  /** Makes an input that fits out of any: positive, symmetric, …. */
  readonly fit?: (x: Tensor) => Tensor;
}

type Samples = { readonly [P in PrimitiveName]: Sample<Params[P]> };

const none = {};
const any = { inputs: [uniform(1, [2, 3])], params: none };
const inside = { ...any, fit: (x: Tensor) => x.mul(0.4) };
const above = (low: number) => ({ ...any, fit: (x: Tensor) => x.add(1 + low) });
const both = { inputs: [uniform(1, [2, 1]), uniform(2, [3])], params: none };
const bothPositive = { ...both, fit: (x: Tensor) => x.add(1.5) };
const pairOfOne = { inputs: [uniform(1, [2, 3]), uniform(2, [2, 3])], params: none };
const whole = (values: number[], shape: Shape): Tensor => tensor(Int32Array.from(values)).reshape(shape);
const matrix = { inputs: [uniform(1, [2, 3, 3])], params: none };
const regular = (x: Tensor): Tensor => {
  const n = x.shape.at(-1);
  return x.shape.at(-2) === n ? x.add(tensor([[3, 0, 0], [0, -4, 0], [0, 0, 5]], { dtype: "f64" })) : x; // prettier-ignore
};
const reduction = { inputs: [uniform(1, [2, 3, 2])], params: { axes: [0, 2], keepdim: true } };
const along = { inputs: [uniform(1, [2, 3, 2])], params: { axis: 1 } };

const samples: Samples = {
  neg: any, exp: any, expm1: any, sin: any, cos: any, tan: any, sinh: any, cosh: any, tanh: any, atan: any, asinh: any, sigmoid: any,
  logSigmoid: any, softplus: any, relu: any, abs: any, sign: any, floor: any, ceil: any, round: any, trunc: any, square: any, erf: any,
  logicalNot: any,
  log: above(0.5), log1p: above(0), log2: above(0.5), log10: above(0.5), sqrt: above(0.5), rsqrt: above(0.5), reciprocal: above(0.5), lgamma: above(0.5),
  digamma: above(0.5), acosh: above(1.5), asin: inside, acos: inside, atanh: inside,
  add: both, sub: both, mul: both, div: bothPositive, pow: bothPositive, maximum: both, minimum: both, atan2: bothPositive, hypot: bothPositive,
  remainder: bothPositive, eq: both, ne: both, lt: both, le: both, gt: both, ge: both, logicalAnd: both, logicalOr: both,
  polygamma: { ...above(0.5), params: { n: 1 } },
  powScalar: { ...above(0.5), params: { exponent: 2.5 } },
  clamp: { ...any, params: { min: -0.3, max: 0.4 } },
  where: { inputs: [tensor([true, false, true]), uniform(1, [2, 1]), uniform(2, [3])], params: none },
  cast: { ...any, params: { dtype: "f64" } },
  copy: any,
  sum: reduction, amax: reduction, amin: reduction, logsumexp: reduction, norm: reduction,
  argmax: along, argmin: along, softmax: along, logSoftmax: along,
  argsort: { ...along, params: { axis: 1, descending: true } },
  recurrence: { inputs: [uniform(1, [2, 4]), uniform(2, [2, 4])], params: { axis: 1, reverse: true } },
  pad: { ...any, params: { low: [1, 0], high: [0, 2], step: [1, 2] } },
  cat: { inputs: [uniform(1, [2, 1]), uniform(2, [2, 3])], params: { axis: 1 } },
  gather: { inputs: [uniform(1, [2, 4]), whole([0, 3, 3, 1, 1, 2], [2, 3])], params: { axis: 1 } },
  scatterAdd: { inputs: [uniform(1, [2, 4]), whole([0, 3, 3, 1, 1, 2], [2, 3]), uniform(2, [2, 3])], params: { axis: 1 } },
  fold: { inputs: [uniform(1, [3, 2, 2])], params: { axis: 0, length: 6, step: 2, dilation: 1 } },
  matmul: { inputs: [uniform(1, [2, 1, 2, 3]), uniform(2, [2, 3, 2])], params: { ta: false, tb: false } },
  linear: { inputs: [uniform(1, [4, 3]), uniform(2, [2, 3]), uniform(3, [2])], params: none },
  mean: reduction,
  affine: { ...any, params: { scale: -2, shift: 0.5, as: "mul" } },
  sigmoidTangent: pairOfOne, tanhTangent: pairOfOne, reluTangent: pairOfOne, squareTangent: pairOfOne,
  inverse: { ...matrix, fit: regular },
  solve: { inputs: [uniform(1, [2, 3, 3]), uniform(2, [3, 2])], params: none, fit: regular },
  det: { ...matrix, fit: regular },
  cholesky: { ...matrix, fit: (x) => x.matmul(x.transpose(-1, -2)).add(tensor([[2, 0, 0], [0, 2, 0], [0, 0, 2]], { dtype: "f64" })) }, // prettier-ignore
  reshape: { ...any, params: { shape: [3, 2] } },
  permute: { inputs: [uniform(1, [2, 3, 4])], params: { dims: [2, 0, 1] } },
  expand: { inputs: [uniform(1, [3, 1])], params: { shape: [2, 3, 4] } },
  slice: { inputs: [uniform(1, [4, 5])], params: { start: [3, 0], length: [2, 3], step: [-2, 2] } },
  unfold: { inputs: [uniform(1, [2, 7])], params: { axis: 1, size: 3, step: 2, dilation: 2 } },
  stopGradient: any,
}; // prettier-ignore

const EPS = 1e-5;

describe("the table of primitives", () => {
  it("has a rule and a sample for each", () => {
    assert.deepEqual([...allPrimitives().keys()].sort(), Object.keys(rules).sort());
  });

  for (const name of Object.keys(samples) as PrimitiveName[]) {
    const { inputs, params, fit = (x: Tensor) => x } = samples[name] as Sample<unknown>;
    const self = allPrimitives().get(name) as unknown as Primitive<unknown>;
    const floats = inputs.flatMap((x, k) => (x.dtype === "f64" ? [k] : []));
    const f = (...xs: Tensor[]): Tensor => {
      const all = [...inputs];
      floats.forEach((k, i) => (all[k] = fit(xs[i] as Tensor)));
      return bind(self, all, params);
    };
    const xs = floats.map((k) => inputs[k] as Tensor);
    const vs = xs.map((x, k) => uniform(20 + k, x.shape));
    const shifted = (by: number): Tensor[] => xs.map((x, k) => x.add((vs[k] as Tensor).mul(by)));
    const smooth = self.derivative !== null;

    if (smooth) {
      it(`${name}: jvp agrees with central differences, and vjp with jvp`, () => {
        const [y, dy] = jvp(f, xs, vs);
        close(dy, f(...shifted(EPS)).sub(f(...shifted(-EPS))).div(2 * EPS), 1e-7); // prettier-ignore
        const ct = uniform(30, y.shape);
        const cts = vjp(f, ...xs)[1](ct);
        const forward = ct.mul(dy).sum().item();
        const backward = cts.reduce(
          (sum, g, k) =>
            sum +
            g
              .mul(vs[k] as Tensor)
              .sum()
              .item(),
          0,
        );
        assert.ok(Math.abs(forward - backward) <= 1e-9 * Math.max(1, Math.abs(forward)), `${forward} and ${backward}`);
      });

      it(`${name}: derivatives of its rules agree with central differences`, () => {
        const ct = uniform(30, f(...xs).shape);
        const pull = (...ys: Tensor[]): Tensor => cat(vjp(f, ...ys)[1](ct).map((g) => (g).reshape([-1]))); // prettier-ignore
        const push = (...ys: Tensor[]): Tensor => jvp(f, ys, vs)[1];
        for (const g of [pull, push]) {
          const difference = g(...shifted(EPS)).sub(g(...shifted(-EPS))).div(2 * EPS); // prettier-ignore
          const scale = Math.max(1e-3, difference.abs().max().item());
          close(jvp(g, xs, vs)[1].div(scale).add(1), difference.div(scale).add(1), 1e-6);
        }
      });
    }

    it(`${name}: a batch is the same as its examples one by one`, () => {
      const batch = xs.map((x, k) => uniform(40 + k, [3, ...x.shape]));
      const each = (k: number): Tensor[] => batch.map((x) => x.at(k));
      const expected = stack([0, 1, 2].map((k) => f(...each(k))));
      close(vmap(f)(...batch), expected, 1e-12);
      if (xs.length > 1) {
        const mixed = vmap(f, { inAxes: xs.map((_, k) => (k === 0 ? 0 : null)) });
        const first = stack([0, 1, 2].map((k) => f(each(k)[0] as Tensor, ...xs.slice(1))));
        close(mixed(batch[0] as Tensor, ...xs.slice(1)), first, 1e-12);
        const other = vmap(f, { inAxes: xs.map((_, k) => (k === 0 ? null : 0)) });
        const rest = stack([0, 1, 2].map((k) => f(xs[0] as Tensor, ...each(k).slice(1))));
        close(other(xs[0] as Tensor, ...batch.slice(1)), rest, 1e-12);
      }
    });
  }
});
