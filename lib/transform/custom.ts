// Functions whose derivatives the user gives, and functions that are computed again instead of remembered. Each call makes a primitive of
// its own, so every transformation knows it. Several outputs travel as one flat tensor.

import { overBatch } from "../batch.ts";
import { zerosLike } from "../create.ts";
import { promote } from "../dtype.ts";
import { pushForward } from "../forward.ts";
import { cast } from "../ops/operand.ts";
import { join } from "../ops/join.ts";
import { expand, narrow, reshape } from "../ops/view.ts";
import { type Shape, show, sameShape, sizeOf } from "../shape.ts";
import { isGradEnabled, silently } from "../tape.ts";
import { bind, type Derivative, Primitive, type Pullback, state, Tensor } from "../trace.ts";
import { leaves, refill, type Tree } from "../tree.ts";
import { type Arguments, pullBack, record } from "./recording.ts";

/** A function of flat lists of tensors, and the form of its last result. */
class Flat {
  form: unknown;
  shapes: Shape[] = [];
  readonly call: string;
  readonly f: (inputs: readonly Tensor[]) => unknown;

  constructor(call: string, f: (inputs: readonly Tensor[]) => unknown) {
    this.call = call;
    this.f = f;
  }

  /** The outputs as one flat tensor; a single output as it is. */
  packed(inputs: readonly Tensor[]): Tensor {
    this.form = this.f(inputs);
    return this.pack(leaves(this.form, this.call));
  }

  pack(outputs: readonly Tensor[]): Tensor {
    this.shapes = outputs.map((y) => y.shape);
    const [first] = outputs;
    if (first === undefined) throw new TypeError(`${this.call}: the function must return a tensor`);
    if (outputs.length === 1) return first;
    const dtype = outputs.map((y) => y.dtype).reduce((a, b) => promote(a, 1, b, 1));
    return join(
      outputs.map((y) => reshape(cast(y, dtype), [-1] as Shape)),
      0,
    );
  }

  /** The outputs that a packed tensor holds. */
  unpack(packed: Tensor): Tensor[] {
    if (this.shapes.length === 1) return [packed];
    let start = 0;
    return this.shapes.map((shape) => reshape(narrow(packed, 0, start, (start += sizeOf(shape))), shape));
  }

  /** The last result with other tensors in it. */
  result(packed: Tensor): unknown {
    return refill(this.form, this.unpack(packed));
  }
}

/** The same numbers with no derivative: what a sealed function may use freely. */
function bare(x: Tensor): Tensor {
  return new Tensor(x.shape, x.dtype, x.storage, x.strides, x.offset, null);
}

/** Runs a function of the user's so that derivatives that would be lost are noticed. */
function sealed<R>(call: string, f: () => R): R {
  const { sealed: before, sealedFrom } = state;
  if (isGradEnabled()) {
    state.sealed = call;
    state.sealedFrom = state.traces.length;
  }
  try {
    return f();
  } finally {
    state.sealed = before;
    state.sealedFrom = sealedFrom;
  }
}

interface Rules {
  readonly jvp: Derivative<undefined>["jvp"];
  readonly vjp: Pullback<undefined>;
}

function custom(flat: Flat, rules: Rules): Primitive<undefined> {
  const self = new Primitive<undefined>(flat.call, (inputs) => {
    const run = (): Tensor => silently(() => flat.packed(inputs.map(bare)), flat.call);
    return bare(sealed(flat.call, run));
  });
  self.custom = true;
  self.derivative = { ...rules, reads: { inputs: true, output: false } };
  self.batch = (inputs, batched, size) => {
    // All inputs get the leading axis, so that the rules can be batched alike.
    const full = inputs.map((x, k) => (batched[k] === true ? x : expand(x, [size, ...x.shape])));
    const everywhere = full.map(() => true);
    const stackedFlat = new Flat(flat.call, (xs) => overBatch((each) => [flat.packed(each)], xs, everywhere, size)[0]);
    const over = (xs: readonly Tensor[], f: (each: readonly Tensor[]) => Tensor | null): Tensor =>
      overBatch(
        (each) => [f(each) ?? zerosLike(each[0] as Tensor)],
        xs,
        xs.map(() => true),
        size,
      )[0] as Tensor;
    const n = full.length;
    const stackedRules: Rules = {
      jvp(tangents, xs, y, params) {
        const ts = tangents.map((t, k) => t ?? zerosLike(xs[k] as Tensor));
        return over([...xs, ...ts, y], (each) =>
          rules.jvp(each.slice(n, 2 * n), each.slice(0, n), each[2 * n] as Tensor, params),
        );
      },
      vjp(ct, xs, y, params, k) {
        return over([xs[k] as Tensor, ...xs, ct, y], ([, ...each]) =>
          rules.vjp(each[n] as Tensor, each.slice(0, n), each[n + 1] as Tensor, params, k),
        );
      },
    };
    return bind(custom(stackedFlat, stackedRules), full, undefined);
  };
  return self;
}

/** Remembers the last result for the same first argument: a rule is asked for one input after the other. */
function once<R>(f: (ct: Tensor, inputs: readonly Tensor[]) => R): (ct: Tensor, inputs: readonly Tensor[]) => R {
  let last: { ct: Tensor; inputs: readonly Tensor[]; result: R } | undefined;
  return (ct, inputs) => {
    if (last === undefined || last.ct !== ct || !inputs.every((x, k) => x === last?.inputs[k])) {
      last = { ct, inputs, result: f(ct, inputs) };
    }
    return last.result;
  };
}

/** The cotangents of `inputs` that `f`, recorded anew, gives. */
function pullThrough(
  f: (inputs: Tensor[]) => readonly Tensor[],
  inputs: readonly Tensor[],
  cts: readonly Tensor[],
): Tensor[] {
  return pullBack(record(f, inputs), cts, false);
}

function call<A extends Arguments, R>(
  name: string,
  f: (...args: A) => R,
  args: A,
  rules: (flat: Flat, rebuild: (inputs: readonly Tensor[]) => A) => Rules,
): R {
  const list = leaves(args, name);
  const rebuild = (inputs: readonly Tensor[]): A => refill(args, inputs) as unknown as A;
  const flat = new Flat(name, (inputs) => f(...rebuild(inputs)));
  const packed = bind(custom(flat, rules(flat, rebuild)), list, undefined);
  return flat.result(packed) as R;
}

/**
 * The function `f`, whose intermediate values are not kept for the backward pass but computed again in it: memory for time. Whatever needs
 * gradients must be an argument.
 *
 * @throws TypeError when `f` uses a tensor that needs a gradient but is not among its arguments.
 * @example
 * const y = checkpoint((x: Tensor, w: Tensor) => x.matmul(w).tanh())(x, w);
 */
export function checkpoint<A extends Arguments = Tensor[], R = Tensor>(f: (...args: A) => R): (...args: A) => R {
  return (...args) =>
    call("checkpoint", f, args, (flat) => {
      const again = (inputs: readonly Tensor[]): Tensor => flat.packed(inputs);
      const pull = once((ct, inputs) => pullThrough((xs) => [again(xs)], inputs, [ct]));
      return {
        jvp: (tangents, inputs) => pushForward((xs) => [again(xs)], inputs, tangents).tangents[0] ?? null,
        vjp: (ct, inputs, _, __, k) => pull(ct, inputs)[k] ?? null,
      };
    });
}

/**
 * The function `f` with a backward pass of your own: `forward` gives the value and whatever `backward` needs, `backward` turns that and the
 * cotangent of the value into cotangents of the arguments, one for each (null for zero). Forward accumulation transposes it.
 *
 * @throws RangeError when a cotangent has another shape than its argument.
 * @example
 * const clipped = customVjp(
 *   (x: Tensor) => x,
 *   (x: Tensor) => [x, null],
 *   (_, ct) => [ct.clamp(-1, 1)],
 * );
 */
export function customVjp<A extends Arguments, R, Z>(
  f: (...args: A) => R,
  forward: (...args: A) => readonly [value: R, residuals: Z],
  backward: (residuals: Z, ct: R) => readonly unknown[],
): (...args: A) => R {
  return (...args) =>
    call("customVjp", f, args, (flat, rebuild) => {
      const pull = once((ct, inputs) => {
        const [value, residuals] = forward(...rebuild(inputs));
        flat.shapes = leaves(value, "customVjp").map((y) => y.shape);
        const cts = backward(residuals, refill(value, flat.unpack(ct)) as R);
        return spread(args, cts, inputs);
      });
      return {
        vjp: (ct, inputs, _, __, k) => pull(ct, inputs)[k] ?? null,
        // J t is the transpose of the pullback, which is linear in ct.
        jvp(tangents, inputs, y) {
          const live = tangents.flatMap((t, k) => (t === null ? [] : [{ t, k }]));
          const back = (cts: Tensor[]): Tensor[] => {
            const all = pull(cts[0] as Tensor, inputs);
            return live.map(({ k }) => all[k] ?? zerosLike(inputs[k] as Tensor));
          };
          return (
            pullThrough(
              back,
              [zerosLike(y)],
              live.map(({ t }) => t),
            )[0] ?? null
          );
        },
      };
    });
}

/** The cotangents of all leaves of the arguments, from one tree for each argument. */
function spread(args: Tree[] | Arguments, cts: readonly unknown[], inputs: readonly Tensor[]): (Tensor | null)[] {
  if (cts.length !== args.length) {
    throw new TypeError(
      `customVjp: the backward function returned ${cts.length} cotangents for ${args.length} arguments`,
    );
  }
  const all = args.flatMap((arg: unknown, k): (Tensor | null)[] => {
    const own = leaves(arg, "customVjp");
    const given: unknown = cts[k];
    if (given === null || given === undefined) return own.map(() => null);
    const list = leaves(given, "customVjp");
    if (list.length !== own.length) {
      throw new TypeError(`customVjp: argument ${k} holds ${own.length} tensors, its cotangent ${list.length}`);
    }
    return list;
  });
  all.forEach((ct, k) => {
    const x = inputs[k] as Tensor;
    if (ct !== null && !sameShape(ct.shape, x.shape)) {
      throw new RangeError(`customVjp: a cotangent has shape ${show(ct.shape)}, its argument ${show(x.shape)}`);
    }
  });
  return all;
}

/**
 * The function `f` with a derivative of your own: `rule` takes the arguments and their tangents (zeros where there is none), and gives the
 * value and its tangent. Reverse accumulation transposes it.
 *
 * @example
 * const log1pexp = customJvp(
 *   (x: Tensor) => x.exp().add(1).log(),
 *   ([x], [dx]) => [x.softplus(), dx.mul(x.sigmoid())],
 * );
 */
export function customJvp<A extends Arguments = Tensor[], R = Tensor>(
  f: (...args: A) => R,
  rule: (primals: A, tangents: A) => readonly [value: R, tangent: R],
): (...args: A) => R {
  return (...args) =>
    call("customJvp", f, args, (flat, rebuild) => {
      const push = (inputs: readonly Tensor[], tangents: readonly Tensor[]): Tensor => {
        const [, tangent] = rule(rebuild(inputs), rebuild(tangents));
        return flat.pack(leaves(tangent, "customJvp"));
      };
      const pull = once((ct, inputs) =>
        pullThrough(
          (ts) => [push(inputs, ts)],
          inputs.map((x) => zerosLike(x)),
          [ct],
        ),
      );
      return {
        jvp: (tangents, inputs) =>
          push(
            inputs,
            tangents.map((t, k) => t ?? zerosLike(inputs[k] as Tensor)),
          ),
        vjp: (ct, inputs, _, __, k) => pull(ct, inputs)[k] ?? null,
      };
    });
}
