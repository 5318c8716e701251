// Reductions over axes that follow one another, and the softmax family along the last axis; others are the reference's.

import type { Block, Kernel, Kernels, Reduction } from "../../backend.ts";
import { sizeOf } from "../../shape.ts";
import { reference } from "../reference.ts";
import { byType } from "./elementwise.ts";
import type { Engine } from "./engine.ts";
import { split } from "./layout.ts";

type Names = "sum" | "mean" | "amax" | "amin" | "argmax" | "argmin" | "norm" | "softmax" | "logSoftmax" | "logsumexp";

/** A reduction; `divisor`, if any, follows from the number of elements that come together. */
function reducing<P>(
  engine: Engine,
  name: keyof Kernels,
  kernelName: string,
  axesOf: (params: P) => readonly number[],
  divisor?: (count: number) => number,
): Kernel<P> {
  const kernel = byType(engine, kernelName);
  const otherwise = reference.kernels[name] as Kernel<P>;
  return (out, shape, inputs, params) => {
    const x = inputs[0] as Block;
    const call = sizeOf(x.shape) < engine.sizes.cheap ? undefined : kernel(x.dtype);
    const parts = call === undefined ? null : split(x.shape, axesOf(params));
    if (call === undefined || parts === null) return otherwise(out, shape, inputs, params);
    const to = engine.begin(out);
    const from = engine.dense(x);
    if (to.address === 0 || from === 0) return otherwise(out, shape, inputs, params);
    const { outer, size, inner } = parts;
    if (divisor === undefined) call(from, to.address, outer, size, inner);
    else call(from, to.address, outer, size, inner, divisor(size));
    to.end();
  };
}

function softmax(engine: Engine, name: "softmax" | "logSoftmax"): Kernels["softmax"] {
  const kernel = byType(engine, name);
  const otherwise = reference.kernels[name];
  return (out, shape, inputs, params) => {
    const x = inputs[0] as Block;
    const call = out.length < engine.sizes.costly || params.axis !== shape.length - 1 ? undefined : kernel(x.dtype);
    if (call === undefined) return otherwise(out, shape, inputs, params);
    const to = engine.begin(out);
    const from = engine.dense(x);
    if (to.address === 0 || from === 0) return otherwise(out, shape, inputs, params);
    const n = shape[params.axis] as number;
    call(from, to.address, out.length / n, n);
    to.end();
  };
}

export function reduction(engine: Engine): Pick<Kernels, Names> {
  const axes = (params: Reduction): readonly number[] => params.axes;
  const one = (params: { readonly axis: number }): readonly number[] => [params.axis];
  const logsumexp = byType(engine, "logsumexp");
  return {
    sum: reducing(engine, "sum", "sum", axes, () => 1),
    mean: reducing(engine, "mean", "sum", axes, (count) => count),
    amax: reducing(engine, "amax", "max", axes),
    amin: reducing(engine, "amin", "min", axes),
    argmax: reducing(engine, "argmax", "argmax", one),
    argmin: reducing(engine, "argmin", "argmin", one),
    norm: reducing(engine, "norm", "norm", axes),
    softmax: softmax(engine, "softmax"),
    logSoftmax: softmax(engine, "logSoftmax"),
    logsumexp(out, shape, inputs, params) {
      const x = inputs[0] as Block;
      const count = sizeOf(x.shape);
      const call = count < engine.sizes.costly ? undefined : logsumexp(x.dtype);
      const parts = call === undefined ? null : split(x.shape, params.axes);
      if (call === undefined || parts === null || parts.inner !== 1) {
        return reference.kernels.logsumexp(out, shape, inputs, params);
      }
      const to = engine.begin(out);
      const from = engine.dense(x);
      const row = engine.room(parts.size * 4);
      if (to.address === 0 || from === 0 || row === 0) return reference.kernels.logsumexp(out, shape, inputs, params);
      call(from, to.address, parts.outer, parts.size, row);
      to.end();
    },
  };
}
