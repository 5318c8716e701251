// Changes in place: the methods with a trailing underscore. A change takes a new version of the memory, so that a derivative that would
// need the old numbers fails instead of being wrong. While recording, the tensor takes the place of the result on the tape.

import { allocate } from "../dtype.ts";
import { Storage, stridesOf } from "../backend.ts";
import { lattice } from "../backend/reference/loops.ts";
import { flatValues } from "../create.ts";
import * as arithmetic from "../ops/arithmetic.ts";
import * as elementwise from "../ops/elementwise.ts";
import { operand, type Operand } from "../ops/operand.ts";
import { expand } from "../ops/view.ts";
import { broadcast, sameShape, type Shape, type Shaped, show } from "../shape.ts";
import { bottom, bottomNode, isGradEnabled } from "../tape.ts";
import { NO_STORAGE, state, Tensor } from "../trace.ts";
import { isFloat } from "../dtype.ts";

/** Throws unless `x` may be changed. */
function checkChangeable(call: string, x: Tensor): void {
  if (x.storage === NO_STORAGE) {
    throw new TypeError(
      `${call}: inside grad, jvp and vmap tensors cannot be changed in place; write x = x.${call.slice(0, -1)}(…)`,
    );
  }
  if (!isGradEnabled()) return;
  const node = bottomNode(x);
  if (node !== null && node.primitive === null) {
    throw new TypeError(
      `${call}: a parameter that needs a gradient cannot be changed while recording; do it inside noGrad(() => …)`,
    );
  }
  if (node !== null && x.storage.shared) {
    throw new TypeError(
      `${call}: this tensor shares its memory with a view, and derivatives flow through it; change a copy: x.clone()`,
    );
  }
  if (x.strides !== null && x.strides.some((s, k) => s === 0 && (x.shape[k] as number) > 1)) {
    throw new TypeError(`${call}: elements of an expanded tensor share their memory; change a copy: x.clone()`);
  }
}

/** Lets `change` compute a result from `x` as it was, and puts that into its memory. */
function update<X extends Shaped>(call: string, x: X & Tensor, change: (before: Tensor) => Tensor): Tensor<X["shape"]> {
  checkChangeable(call, x);
  const recording = isGradEnabled() && x.tracer !== null;
  const y = change(recording ? copyOf(x) : x);
  write(call, x, y);
  return x;
}

/** The numbers of `x` as they are now, at its place on the tape. */
function copyOf(x: Tensor): Tensor {
  return new Tensor(x.shape, x.dtype, new Storage(flatValues(x)), null, 0, x.tracer);
}

function write(call: string, x: Tensor, y: Tensor): void {
  if (!sameShape(y.shape, x.shape)) {
    if (broadcast(y.shape, x.shape) !== undefined && sameShape(broadcast(y.shape, x.shape) as Shape, x.shape)) {
      write(call, x, expand(y, x.shape));
      return;
    }
    throw new RangeError(`${call}: a result of shape ${show(y.shape)} does not fit into shape ${show(x.shape)}`);
  }
  if (y.storage === NO_STORAGE) {
    throw new TypeError(
      `${call}: a tensor from outside cannot take a value that grad, jvp or vmap is working on; write x = x.${call.slice(0, -1)}(…)`,
    );
  }
  if (isFloat(y.dtype) && !isFloat(x.dtype)) {
    throw new TypeError(
      `${call}: ${y.dtype} numbers do not fit into ${x.dtype}; convert the tensor first: x.to("${y.dtype}")`,
    );
  }
  const from = y.strides === null && y.offset === 0 ? y.storage.data : flatValues(y);
  const { data } = x.storage;
  if (x.strides === null) {
    for (let k = 0, n = x.shape.reduce((p, s) => p * s, 1); k < n; k++) data[x.offset + k] = from[k] as number;
  } else {
    const places = lattice(x.shape, stridesOf(x));
    for (let k = 0; k < places.length; k++) data[x.offset + (places[k] as number)] = from[k] as number;
  }
  x.storage.version = ++state.clock;
  if (isGradEnabled() && y.tracer !== null && y.tracer.trace === bottom) x.tracer = y.tracer;
  else if (isGradEnabled() && x.tracer !== null) x.tracer = null;
}

function constant(x: Tensor, value: number): Tensor {
  return new Tensor(
    x.shape,
    x.dtype,
    new Storage(
      allocate(
        x.dtype,
        x.shape.reduce((p, n) => p * n, 1),
      ).fill(value),
    ),
    null,
    0,
    null,
  );
}

export const inPlaceMethods = {
  /** x ← x + alpha · other. */
  add_<X extends Shaped>(this: X & Tensor, other: Operand, { alpha = 1 } = {}): Tensor<X["shape"]> {
    return update("add_", this, (x) => arithmetic.add(x, alpha === 1 ? other : arithmetic.mul(other, alpha)));
  },
  /** x ← x - alpha · other. */
  sub_<X extends Shaped>(this: X & Tensor, other: Operand, { alpha = 1 } = {}): Tensor<X["shape"]> {
    return update("sub_", this, (x) => arithmetic.sub(x, alpha === 1 ? other : arithmetic.mul(other, alpha)));
  },
  /** x ← x · other. */
  mul_<X extends Shaped>(this: X & Tensor, other: Operand): Tensor<X["shape"]> {
    return update("mul_", this, (x) => arithmetic.mul(x, other));
  },
  /** x ← x / other. */
  div_<X extends Shaped>(this: X & Tensor, other: Operand): Tensor<X["shape"]> {
    return update("div_", this, (x) => arithmetic.div(x, other));
  },
  /** x ← x to the power `exponent`. */
  pow_<X extends Shaped>(this: X & Tensor, exponent: Operand): Tensor<X["shape"]> {
    return update("pow_", this, (x) => arithmetic.pow(x, exponent));
  },
  /** x ← -x. */
  neg_<X extends Shaped>(this: X & Tensor): Tensor<X["shape"]> {
    return update("neg_", this, (x) => elementwise.neg(x));
  },
  /** x ← eˣ. */
  exp_<X extends Shaped>(this: X & Tensor): Tensor<X["shape"]> {
    return update("exp_", this, (x) => elementwise.exp(x));
  },
  /** x ← √x. */
  sqrt_<X extends Shaped>(this: X & Tensor): Tensor<X["shape"]> {
    return update("sqrt_", this, (x) => elementwise.sqrt(x));
  },
  /** x ← max(x, 0). */
  relu_<X extends Shaped>(this: X & Tensor): Tensor<X["shape"]> {
    return update("relu_", this, (x) => elementwise.relu(x));
  },
  /** x ← sigmoid(x). */
  sigmoid_<X extends Shaped>(this: X & Tensor): Tensor<X["shape"]> {
    return update("sigmoid_", this, (x) => elementwise.sigmoid(x));
  },
  /** x ← tanh(x). */
  tanh_<X extends Shaped>(this: X & Tensor): Tensor<X["shape"]> {
    return update("tanh_", this, (x) => elementwise.tanh(x));
  },
  /** x ← x limited to [min, max]. */
  clamp_<X extends Shaped>(this: X & Tensor, min?: number, max?: number): Tensor<X["shape"]> {
    return update("clamp_", this, (x) => arithmetic.clamp(x, min, max));
  },
  /** x ← x + weight · (end - x). */
  lerp_<X extends Shaped>(this: X & Tensor, end: Tensor, weight: Operand): Tensor<X["shape"]> {
    return update("lerp_", this, (x) => arithmetic.lerp(x, end, weight));
  },
  /** x ← x + value · a · b. */
  addcmul_<X extends Shaped>(this: X & Tensor, a: Operand, b: Operand, { value = 1 } = {}): Tensor<X["shape"]> {
    return update("addcmul_", this, (x) => arithmetic.add(x, arithmetic.mul(arithmetic.mul(a, b), value)));
  },
  /** x ← x + value · a / b. */
  addcdiv_<X extends Shaped>(this: X & Tensor, a: Operand, b: Operand, { value = 1 } = {}): Tensor<X["shape"]> {
    return update("addcdiv_", this, (x) => arithmetic.add(x, arithmetic.mul(arithmetic.div(a, b), value)));
  },
  /** Every element ← 0. */
  zero_<X extends Shaped>(this: X & Tensor): Tensor<X["shape"]> {
    return update("zero_", this, (x) => constant(x, 0));
  },
  /** Every element ← value. */
  fill_<X extends Shaped>(this: X & Tensor, value: number): Tensor<X["shape"]> {
    return update("fill_", this, (x) => constant(x, value));
  },
  /** x ← the numbers of `other`, which broadcasts to its shape. */
  copy_<X extends Shaped>(this: X & Tensor, other: Operand): Tensor<X["shape"]> {
    return update("copy_", this, () => operand("copy_", other));
  },
};

export type InPlaceMethods = typeof inPlaceMethods;
