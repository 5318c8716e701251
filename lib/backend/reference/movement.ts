// Kernels that move elements: copies and casts, padding, joining, indexed reads and sums, the adjoint of sliding windows.

import { type Block, type Kernels, stridesOf } from "../../backend.ts";
import { denseStrides } from "../../shape.ts";
import { copyBlock, elements, lattice } from "./loops.ts";

export const movement: Pick<Kernels, "cast" | "copy" | "pad" | "cat" | "gather" | "scatterAdd" | "fold"> = {
  cast(out, _, inputs, { dtype }) {
    const x = inputs[0] as Block;
    if (dtype !== "bool") return copyBlock(out, x);
    const from = elements(x);
    for (let k = 0; k < out.length; k++) out[k] = from[k] === 0 ? 0 : 1;
  },
  copy(out, _, inputs) {
    copyBlock(out, inputs[0] as Block);
  },
  pad(out, shape, inputs, { low, step }) {
    const x = inputs[0] as Block;
    const dense = denseStrides(shape);
    const places = lattice(
      x.shape,
      dense.map((s, k) => s * (step[k] as number)),
    );
    let start = 0;
    for (let k = 0; k < low.length; k++) start += (low[k] as number) * (dense[k] as number);
    const from = elements(x);
    for (let k = 0; k < places.length; k++) out[start + (places[k] as number)] = from[k] as number;
  },
  cat(out, shape, inputs, { axis }) {
    const inner = shape.slice(axis + 1).reduce((product, n) => product * n, 1);
    const row = (shape[axis] as number) * inner;
    let start = 0;
    for (const x of inputs) {
      const from = elements(x);
      const run = (x.shape[axis] as number) * inner;
      for (let k = 0, to = start; k < from.length; k += run, to += row) out.set(from.subarray(k, k + run), to);
      start += run;
    }
  },
  gather(out, shape, inputs, { axis }) {
    const x = inputs[0] as Block;
    const index = elements(inputs[1] as Block);
    const strides = [...stridesOf(x)];
    const along = strides[axis] as number;
    strides[axis] = 0;
    const places = lattice(shape, strides);
    const { data } = x.storage;
    for (let k = 0; k < out.length; k++) {
      out[k] = data[x.offset + (places[k] as number) + (index[k] as number) * along] as number;
    }
  },
  scatterAdd(out, shape, inputs, { axis }) {
    const [x, index, source] = inputs as readonly [Block, Block, Block];
    copyBlock(out, x);
    const to = elements(index);
    const dense = denseStrides(shape);
    const along = dense[axis] as number;
    dense[axis] = 0;
    const places = lattice(index.shape, dense);
    const from = lattice(index.shape, stridesOf(source));
    const { data } = source.storage;
    const sums = new Float64Array(out);
    for (let k = 0; k < places.length; k++) {
      const place = (places[k] as number) + (to[k] as number) * along;
      sums[place] = (sums[place] as number) + (data[source.offset + (from[k] as number)] as number);
    }
    out.set(sums);
  },
  fold(out, shape, inputs, { axis, step, dilation }) {
    const x = inputs[0] as Block;
    const dense = denseStrides(shape);
    const along = dense[axis] as number;
    const places = lattice(x.shape, [...dense.map((s, k) => (k === axis ? s * step : s)), along * dilation]);
    const from = elements(x);
    const sums = new Float64Array(out.length);
    for (let k = 0; k < places.length; k++) {
      const place = places[k] as number;
      sums[place] = (sums[place] as number) + (from[k] as number);
    }
    out.set(sums);
  },
};
