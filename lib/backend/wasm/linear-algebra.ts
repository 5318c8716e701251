// Products of matrices, read where they lie at whatever strides: packing them is the kernel's. Stacks of matrices are multiplied one
// after the other.

import { type Block, type Kernels, stridesOf } from "../../backend.ts";
import { BYTES } from "../../dtype.ts";
import { lattice } from "../reference/loops.ts";
import { reference } from "../reference.ts";
import { byType } from "./elementwise.ts";
import type { Engine } from "./engine.ts";
import { spread } from "./layout.ts";

/** The steps along rows and along columns. */
function steps(x: Block, transposed: boolean): [number, number] {
  const strides = stridesOf(x);
  const row = strides[strides.length - 2] as number;
  const column = strides[strides.length - 1] as number;
  return transposed ? [column, row] : [row, column];
}

export function linearAlgebra(engine: Engine): Pick<Kernels, "matmul" | "linear"> {
  const kernel = byType(engine, "matmul");
  return {
    matmul(out, shape, inputs, params) {
      const a = inputs[0] as Block;
      const b = inputs[1] as Block;
      const m = shape[shape.length - 2] as number;
      const n = shape[shape.length - 1] as number;
      const k = a.shape[a.shape.length - (params.ta ? 2 : 1)] as number;
      const call = m * n * k < engine.sizes.product ? undefined : kernel(a.dtype);
      if (call === undefined) return reference.kernels.matmul(out, shape, inputs, params);
      const to = engine.begin(out);
      const fromA = engine.place(a);
      const fromB = engine.place(b);
      if (to.address === 0 || fromA === 0 || fromB === 0) return reference.kernels.matmul(out, shape, inputs, params);
      const [rowA, colA] = steps(a, params.ta);
      const [rowB, colB] = steps(b, params.tb);
      if (shape.length === 2) {
        call(fromA, rowA, colA, fromB, rowB, colB, to.address, m, k, n, 0, 0, engine.packed);
      } else {
        const front = shape.slice(0, -2);
        const starts = (x: Block): Int32Array =>
          lattice(front, spread(x, [...front, ...x.shape.slice(-2)]).slice(0, front.length));
        const startsA = starts(a);
        const startsB = starts(b);
        const size = BYTES[a.dtype];
        for (let s = 0; s < startsA.length; s++) {
          const atA = fromA + (startsA[s] as number) * size;
          const atB = fromB + (startsB[s] as number) * size;
          call(atA, rowA, colA, atB, rowB, colB, to.address + s * m * n * size, m, k, n, 0, 0, engine.packed);
        }
      }
      to.end();
    },
    linear(out, shape, inputs, params) {
      const x = inputs[0] as Block;
      const w = inputs[1] as Block;
      const bias = inputs[2] as Block;
      const m = shape[0] as number;
      const n = shape[1] as number;
      const k = x.shape[1] as number;
      const call = m * n * k < engine.sizes.product ? undefined : kernel(x.dtype);
      if (call === undefined) return reference.kernels.linear(out, shape, inputs, params);
      const to = engine.begin(out);
      const fromX = engine.place(x);
      const fromW = engine.place(w);
      const fromBias = engine.place(bias);
      if (to.address === 0 || fromX === 0 || fromW === 0 || fromBias === 0) {
        return reference.kernels.linear(out, shape, inputs, params);
      }
      const [rowX, colX] = steps(x, false);
      const [rowW, colW] = steps(w, true);
      const step = stridesOf(bias)[0] as number;
      call(fromX, rowX, colX, fromW, rowW, colW, to.address, m, k, n, fromBias, step, engine.packed);
      to.end();
    },
  };
}
