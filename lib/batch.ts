// Batching: a value stands for one example, and carries all of them along a leading axis that the function does not see.

import { type Primitive, NO_STORAGE, Tensor, Trace, type Tracer, withTrace } from "./trace.ts";
import { expand } from "./ops/view.ts";

class Batched implements Tracer {
  readonly trace: Trace;
  readonly value: Tensor;

  constructor(owner: Trace, value: Tensor) {
    this.trace = owner;
    this.value = value;
  }
}

class Batching extends Trace {
  readonly size: number;
  override readonly unreadable =
    "inside vmap a tensor stands for many examples at once and has no single value; use where() instead of if, and return what you want to see";

  constructor(level: number, size: number) {
    super(level);
    this.size = size;
  }

  process<P>(primitive: Primitive<P>, inputs: readonly Tensor[], params: P): Tensor {
    if (!this.open)
      throw new Error(
        `${primitive.name}: a tensor from inside a vmap that is over cannot be used; return it from the function`,
      );
    const batched = inputs.map(({ tracer }) => tracer !== null && tracer.trace === this);
    return this.wrap(primitive.batch(this.lower(inputs), batched, this.size, params));
  }

  wrap(value: Tensor): Tensor {
    return new Tensor(value.shape.slice(1), value.dtype, NO_STORAGE, null, 0, new Batched(this, value));
  }

  /** All examples of an output; one that is the same for all is repeated. */
  unwrap(y: Tensor): Tensor {
    return y.tracer instanceof Batched && y.tracer.trace === this ? y.tracer.value : expand(y, [this.size, ...y.shape]);
  }
}

/** The outputs of `f` for each example of `inputs` along their leading axis, stacked; inputs that are not `mapped` are the same for all. */
export function overBatch(
  f: (inputs: readonly Tensor[]) => readonly Tensor[],
  inputs: readonly Tensor[],
  mapped: readonly boolean[],
  size: number,
): Tensor[] {
  return withTrace(
    (level) => new Batching(level, size),
    (batching) => f(inputs.map((x, k) => (mapped[k] === true ? batching.wrap(x) : x))).map((y) => batching.unwrap(y)),
  );
}
