// Forward accumulation: each value carries its tangent, and a primitive computes both at once. Values of this trace are duals.

import { bind, type Primitive, type Tensor, Trace, trace, type Tracer, withTrace } from "./trace.ts";
import { isFloat } from "./dtype.ts";
import { sameShape, show } from "./shape.ts";

/** A value and its tangent. */
class Dual implements Tracer {
  readonly trace: Trace;
  readonly value: Tensor;
  readonly tangent: Tensor;

  constructor(owner: Trace, primal: Tensor, tangent: Tensor) {
    this.trace = owner;
    this.value = primal;
    this.tangent = tangent;
  }
}

class Forward extends Trace {
  process<P>(primitive: Primitive<P>, inputs: readonly Tensor[], params: P): Tensor {
    const primals = this.lower(inputs);
    const y = bind(primitive, primals, params);
    if (!this.open || primitive.derivative === null || !isFloat(y.dtype)) return y;
    const dy = primitive.derivative.jvp(
      inputs.map((x) => this.tangentOf(x)),
      primals,
      y,
      params,
    );
    return dy === null ? y : trace(new Dual(this, y, dy));
  }

  tangentOf(x: Tensor): Tensor | null {
    return x.tracer instanceof Dual && x.tracer.trace === this ? x.tracer.tangent : null;
  }
}

/**
 * The outputs of `f` at `primals`, and their tangents (null for zero) in the direction `tangents`, one for each primal; null is a zero
 * direction.
 */
export function pushForward(
  f: (inputs: readonly Tensor[]) => readonly Tensor[],
  primals: readonly Tensor[],
  tangents: readonly (Tensor | null)[],
): { outputs: Tensor[]; tangents: (Tensor | null)[] } {
  return withTrace(
    (level) => new Forward(level),
    (forward) => {
      const duals = primals.map((x, k) => {
        const t = tangents[k] ?? null;
        return t === null ? x : trace(new Dual(forward, x, t));
      });
      const outputs = f(duals);
      return { outputs: forward.lower(outputs), tangents: outputs.map((y) => forward.tangentOf(y)) };
    },
  );
}

/** Throws unless `t` can be a tangent or cotangent of `x`. */
export function checkLike(call: string, what: string, t: Tensor, x: Tensor): void {
  if (!sameShape(t.shape, x.shape)) {
    throw new RangeError(`${call}: the ${what} has shape ${show(t.shape)}, its value ${show(x.shape)}`);
  }
}

/** Throws unless derivatives can be taken with respect to `x`. */
export function checkSmooth(call: string, x: Tensor): void {
  if (!isFloat(x.dtype)) {
    throw new TypeError(
      `${call}: only f32 and f64 tensors have derivatives, not ${x.dtype}; convert it first: x.to("f32")`,
    );
  }
}
