// Kernels that move elements: padding and joining are copies between strides; gather and scatterAdd where index and data differ in one
// axis only.

import type { Block, Kernels } from "../../backend.ts";
import { BYTES } from "../../dtype.ts";
import { denseStrides, type Shape, sizeOf } from "../../shape.ts";
import { reference } from "../reference.ts";
import { byType } from "./elementwise.ts";
import type { Engine } from "./engine.ts";
import { split, spread } from "./layout.ts";

/** Whether the shapes differ at most in `axis`. */
function differOnlyIn(axis: number, a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((n, k) => k === axis || n === b[k]);
}

export function movement(engine: Engine): Pick<Kernels, "pad" | "cat" | "gather" | "scatterAdd" | "fold"> {
  const gather = byType(engine, "gather");
  const scatterAdd = byType(engine, "scatterAdd");
  return {
    pad(out, shape, inputs, params) {
      const x = inputs[0] as Block;
      const { low, step } = params;
      const dense = denseStrides(shape);
      const to = engine.begin(out);
      const from = out.length < engine.sizes.cheap ? 0 : engine.place(x);
      if (to.address === 0 || from === 0) {
        out.fill(0);
        return reference.kernels.pad(out, shape, inputs, params);
      }
      let start = 0;
      for (let k = 0; k < low.length; k++) start += (low[k] as number) * (dense[k] as number);
      const into = dense.map((s, k) => s * (step[k] as number));
      engine.clear(to.address, out.byteLength);
      engine.copy(x.dtype, from, to.address + start * BYTES[x.dtype], x.shape, spread(x, x.shape), into);
      to.end();
    },
    cat(out, shape, inputs, params) {
      const { axis } = params;
      // Every operand has to stay where it is until the end: of many, the first might have to make room for the last.
      if (out.length < engine.sizes.cheap || inputs.length > 64)
        return reference.kernels.cat(out, shape, inputs, params);
      const to = engine.begin(out);
      const from = inputs.map((x) => engine.place(x));
      if (to.address === 0 || from.includes(0)) return reference.kernels.cat(out, shape, inputs, params);
      const dense = denseStrides(shape);
      let place = to.address;
      inputs.forEach((x, k) => {
        engine.copy(x.dtype, from[k] as number, place, x.shape, spread(x, x.shape), dense);
        place += (x.shape[axis] as number) * (dense[axis] as number) * BYTES[x.dtype];
      });
      to.end();
    },
    gather(out, shape, inputs, params) {
      const [x, index] = inputs as readonly [Block, Block];
      const call = out.length < engine.sizes.cheap || index.dtype !== "i32" ? undefined : gather(x.dtype);
      const parts = split(x.shape, [params.axis]);
      if (call === undefined || parts === null || !differOnlyIn(params.axis, x.shape, index.shape)) {
        return reference.kernels.gather(out, shape, inputs, params);
      }
      const to = engine.begin(out);
      const from = [engine.dense(x), engine.dense(index)] as const;
      if (to.address === 0 || from.includes(0)) return reference.kernels.gather(out, shape, inputs, params);
      call(...from, to.address, parts.outer, parts.size, shape[params.axis] as number, parts.inner);
      to.end();
    },
    scatterAdd(out, shape, inputs, params) {
      const [x, index, source] = inputs as readonly [Block, Block, Block];
      const call = sizeOf(shape) < engine.sizes.cheap || index.dtype !== "i32" ? undefined : scatterAdd(x.dtype);
      const parts = split(shape, [params.axis]);
      if (
        call === undefined ||
        parts === null ||
        !differOnlyIn(params.axis, shape, index.shape) ||
        !differOnlyIn(-1, index.shape, source.shape)
      ) {
        return reference.kernels.scatterAdd(out, shape, inputs, params);
      }
      const to = engine.begin(out);
      const from = [engine.place(x), engine.dense(index), engine.dense(source)] as const;
      if (to.address === 0 || from.includes(0)) return reference.kernels.scatterAdd(out, shape, inputs, params);
      engine.copy(x.dtype, from[0], to.address, shape, spread(x, shape));
      const count = index.shape[params.axis] as number;
      call(from[2], from[1], to.address, parts.outer, parts.size, count, parts.inner);
      to.end();
    },
    fold(out, shape, inputs, params) {
      const x = inputs[0] as Block;
      const { axis, step, dilation } = params;
      const pays = x.dtype !== "i32" && x.dtype !== "bool" && sizeOf(x.shape) >= engine.sizes.cheap;
      if (!pays) return reference.kernels.fold(out, shape, inputs, params);
      const to = engine.begin(out);
      const from = engine.place(x);
      if (to.address === 0 || from === 0) return reference.kernels.fold(out, shape, inputs, params);
      const dense = denseStrides(shape);
      const along = dense[axis] as number;
      const into = [...dense.map((s, k) => (k === axis ? s * step : s)), along * dilation];
      engine.clear(to.address, out.byteLength);
      engine.copy(x.dtype, from, to.address, x.shape, spread(x, x.shape), into, "add");
      to.end();
    },
  };
}
