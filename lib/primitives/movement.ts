// Rules of the primitives that move elements or look at them otherwise: all are linear, and most come in pairs of adjoints (slice and
// pad, gather and scatterAdd, unfold and fold).

import { zerosLike } from "../create.ts";
import { sumTo } from "../ops/reduction.ts";
import { padWith } from "../ops/join.ts";
import { gatherAlong, scatterAddAlong } from "../ops/indexing.ts";
import { fold } from "../ops/selection.ts";
import { expand, flip, narrow, permute, reshape, strided, unfold } from "../ops/view.ts";
import { repeated, type Shape } from "../shape.ts";
import { bind, type Tensor } from "../trace.ts";
import { batchAlong, batchAsIs, INPUTS, linear, NEITHER, type Rule, stacked } from "./rule.ts";

type Names =
  | "reshape" | "permute" | "expand" | "slice" | "unfold" | "stopGradient" | "pad" | "cat" | "gather" | "scatterAdd" | "fold"; // prettier-ignore

export const movement: { readonly [N in Names]: Rule<N> } = {
  reshape: linear(
    (ct, [x]) => reshape(ct, x.shape),
    (self, inputs, _, size, { shape }) => bind(self, inputs, { shape: [size, ...shape] }),
  ),
  permute: linear(
    (ct, _, __, { dims }) => {
      const back = [...dims];
      dims.forEach((d, k) => {
        back[d] = k;
      });
      return permute(ct, back);
    },
    (self, inputs, _, __, { dims }) => bind(self, inputs, { dims: [0, ...dims.map((d) => d + 1)] }),
  ),
  expand: linear(
    (ct, [x]) => sumTo(ct, x.shape),
    (_, [x], __, size, { shape }) => {
      const lead = repeated(shape.length - (x.shape.length - 1), 1);
      return expand(reshape(x, [size, ...lead, ...x.shape.slice(1)] as Shape), [size, ...shape]);
    },
  ),
  slice: linear(
    (ct, [x], _, { start, length, step }) => {
      const turned = step.flatMap((s, k) => (s < 0 ? [k] : []));
      const low = start.map((from, k) => {
        const n = length[k] as number;
        const s = step[k] as number;
        return n === 0 ? 0 : s < 0 ? from + s * (n - 1) : from;
      });
      const size = step.map(Math.abs);
      const high = x.shape.map((n, k) => {
        const kept = length[k] as number;
        return n - (low[k] as number) - Math.max(0, (kept - 1) * (size[k] as number) + 1);
      });
      return padWith(turned.length === 0 ? ct : flip(ct, turned), low, high, size);
    },
    (self, inputs, _, size, { start, length, step }) =>
      bind(self, inputs, { start: [0, ...start], length: [size, ...length], step: [1, ...step] }),
  ),
  unfold: linear(
    (ct, [x], _, { axis, step, dilation }) => fold(ct, axis, x.shape[axis] as number, step, dilation),
    batchAlong,
  ),
  stopGradient: { jvp: null, vjp: null, batch: batchAsIs },
  pad: linear(
    (ct, [x], _, { low, step }) => strided(ct, low, x.shape, step),
    (self, inputs, _, __, { low, high, step }) =>
      bind(self, inputs, { low: [0, ...low], high: [0, ...high], step: [1, ...step] }),
  ),
  cat: {
    jvp: (tangents, inputs, _, params, self) =>
      bind(
        self,
        tangents.map((t, k) => t ?? zerosLike(inputs[k] as Tensor)),
        params,
      ),
    vjp: (ct, inputs, _, { axis }, k) => {
      let start = 0;
      for (let i = 0; i < k; i++) start += (inputs[i] as Tensor).shape[axis] as number;
      return narrow(ct, axis, start, start + ((inputs[k] as Tensor).shape[axis] as number));
    },
    reads: NEITHER,
    batch: batchAlong,
  },
  gather: {
    jvp: ([t], [, index], _, { axis }) => (t === null ? null : gatherAlong(t, axis, index)),
    vjp: [(ct, [x, index], _, { axis }) => scatterAddAlong(zerosLike(x), axis, index, ct), null],
    reads: INPUTS,
    batch: batchAlong,
  },
  scatterAdd: {
    jvp: ([s, , t], [x, index], _, { axis }) =>
      s === null && t === null ? null : t === null ? s : scatterAddAlong(s ?? zerosLike(x), axis, index, t),
    vjp: [(ct) => ct, null, (ct, [, index], _, { axis }) => gatherAlong(ct, axis, index)],
    reads: INPUTS,
    batch: batchAlong,
  },
  fold: linear(
    (ct, [x], _, { axis, step, dilation }) => unfold(ct, axis, x.shape[x.shape.length - 1] as number, step, dilation),
    (self, [x], batched, size, params) =>
      bind(self, [stacked(x, batched[0] === true, size)], { ...params, axis: params.axis + 1 }),
  ),
};
