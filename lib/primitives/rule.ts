// The form of a rule, and the few patterns that most rules follow. A rule says how the tangent of a primitive's output follows from
// those of its inputs (jvp), how the cotangents of its inputs follow from that of its output (vjp, one function an input), and how the
// primitive works on stacked inputs (batch). Rules call public operations, never kernels, so they can be differentiated themselves.

import type { BinaryName, ComparisonName, Params, PrimitiveName, TangentName } from "../backend.ts";
import { where } from "../ops/selection.ts";
import { add } from "../ops/arithmetic.ts";
import { sumTo } from "../ops/reduction.ts";
import { expand, reshape } from "../ops/view.ts";
import { repeated, sameShape, type Shape } from "../shape.ts";
import { bind, type Primitive, type Tensor } from "../trace.ts";

type One = [x: Tensor];
type Two = [a: Tensor, b: Tensor];
type Three = [a: Tensor, b: Tensor, c: Tensor];

/** The inputs of each primitive. */
export type Inputs<P extends PrimitiveName> = P extends
  BinaryName | TangentName | ComparisonName | "gather" | "matmul" | "solve" | "recurrence"
  ? Two
  : P extends "where" | "scatterAdd" | "linear"
    ? Three
    : P extends "cat"
      ? Tensor[]
      : One;

type OrNull<I> = { [K in keyof I]: Tensor | null };

/** The cotangent of one input. */
export type Pull<I, P> = (ct: Tensor, inputs: I, y: Tensor, params: P, k: number) => Tensor | null;

/** One function for each input, null for those that have no derivative; one for all where their number varies. */
export type Pulls<I extends readonly unknown[], P> = number extends I["length"]
  ? Pull<I, P>
  : { readonly [K in keyof I]: Pull<I, P> | null };

/** What vjp reads of inputs and output: what it reads must not be changed in place before `backward()`. */
export interface Reads {
  readonly inputs: boolean;
  readonly output: boolean;
}
export const NEITHER: Reads = { inputs: false, output: false };
export const INPUTS: Reads = { inputs: true, output: false };
export const OUTPUT: Reads = { inputs: false, output: true };
export const BOTH: Reads = { inputs: true, output: true };

export interface SmoothRule<I extends readonly unknown[], P> {
  readonly jvp: (tangents: OrNull<I>, inputs: I, y: Tensor, params: P, self: Primitive<P>) => Tensor | null;
  readonly vjp: Pulls<I, P>;
  readonly reads: Reads;
  readonly batch: Batch<I, P>;
}

export interface ConstantRule<I extends readonly unknown[], P> {
  /** The output has no derivative: it is a constant, or whole numbers. */
  readonly jvp: null;
  readonly vjp: null;
  readonly batch: Batch<I, P>;
}

export type Batch<I, P> = (
  self: Primitive<P>,
  inputs: I,
  batched: readonly boolean[],
  size: number,
  params: P,
) => Tensor;

export type Rule<N extends PrimitiveName> = SmoothRule<Inputs<N>, Params[N]> | ConstantRule<Inputs<N>, Params[N]>;

// ---- batching

/** `x` with a leading axis of `size` equal copies, if it has none. */
export function stacked(x: Tensor, isBatched: boolean, size: number): Tensor {
  return isBatched ? x : expand(x, [size, ...x.shape]);
}

/** Puts axes of size 1 behind the leading axis, so that shapes broadcast as they would without it. `core` trailing axes do not count. */
export function aligned(inputs: readonly Tensor[], batched: readonly boolean[], core = 0): Tensor[] {
  const rank = Math.max(...inputs.map((x, k) => x.shape.length - (batched[k] === true ? 1 : 0) - core));
  return inputs.map((x, k) => {
    const missing = rank - (x.shape.length - 1 - core);
    if (batched[k] !== true || missing === 0) return x;
    return reshape(x, [x.shape[0] as number, ...repeated(missing, 1), ...x.shape.slice(1)] as Shape);
  });
}

/** For primitives that treat leading axes alike. */
export const batchAsIs = <I extends readonly Tensor[], P>(
  self: Primitive<P>,
  inputs: I,
  _: readonly boolean[],
  __: number,
  params: P,
): Tensor => bind(self, inputs, params);

/** For primitives whose inputs broadcast. */
export const batchBroadcasting = <I extends readonly Tensor[], P>(
  self: Primitive<P>,
  inputs: I,
  batched: readonly boolean[],
  _: number,
  params: P,
): Tensor => bind(self, aligned(inputs, batched), params);

/** For primitives over stacks of matrices. */
export const batchMatrices = <I extends readonly Tensor[], P>(
  self: Primitive<P>,
  inputs: I,
  batched: readonly boolean[],
  _: number,
  params: P,
): Tensor => bind(self, aligned(inputs, batched, 2), params);

/** For primitives along one axis, whose inputs must all have the leading one. */
export const batchAlong = <I extends readonly Tensor[], P extends { readonly axis: number }>(
  self: Primitive<P>,
  inputs: I,
  batched: readonly boolean[],
  size: number,
  params: P,
): Tensor =>
  bind(
    self,
    inputs.map((x, k) => stacked(x, batched[k] === true, size)),
    { ...params, axis: params.axis + 1 },
  );

export const batchReduction = <P extends { readonly axes: readonly number[] }>(
  self: Primitive<P>,
  inputs: readonly Tensor[],
  _: readonly boolean[],
  __: number,
  params: P,
): Tensor => bind(self, inputs, { ...params, axes: params.axes.map((axis) => axis + 1) });

// ---- patterns of derivatives

/** One input, whose every element affects one element of the output: `f` gives derivative · t. */
export function diagonal<P>(
  f: (t: Tensor, x: Tensor, y: Tensor, params: P) => Tensor | null,
  reads: Reads,
): SmoothRule<One, P> {
  return {
    jvp: ([t], [x], y, params) => (t === null ? null : f(t, x, y, params)),
    vjp: [(ct, [x], y, params) => f(ct, x, y, params)],
    reads,
    batch: batchAsIs,
  };
}

type Term<P> = (t: Tensor, a: Tensor, b: Tensor, y: Tensor, params: P) => Tensor;

/** Two inputs that broadcast: `f` and `g` give partial derivative · t for the first and the second. */
export function broadcasting<P>(f: Term<P>, g: Term<P>, reads: Reads): SmoothRule<Two, P> {
  return {
    jvp: ([s, t], [a, b], y, params) =>
      plus(s === null ? null : full(f(s, a, b, y, params), y), t === null ? null : full(g(t, a, b, y, params), y)),
    vjp: [
      (ct, [a, b], y, params) => sumTo(f(ct, a, b, y, params), a.shape),
      (ct, [a, b], y, params) => sumTo(g(ct, a, b, y, params), b.shape),
    ],
    reads,
    batch: batchBroadcasting,
  };
}

/** One input, in which the primitive is linear; `transpose` is its adjoint. */
export function linear<P>(transpose: Pull<One, P>, batch: Batch<One, P>): SmoothRule<One, P> {
  return {
    jvp: ([t], _, __, params, self) => (t === null ? null : bind(self, [t], params)),
    vjp: [transpose],
    reads: NEITHER,
    batch,
  };
}

/** Elements at the same place, no derivative: comparisons. */
export const compared = { jvp: null, vjp: null, batch: batchBroadcasting } as const;

/** A derivative that is zero wherever there is one: steps. */
export function step<P>(): SmoothRule<One, P> {
  return { jvp: () => null, vjp: [() => null], reads: NEITHER, batch: batchAsIs };
}

/** The sum of two tangents, of which a zero one is null. */
export function plus(s: Tensor | null, t: Tensor | null): Tensor | null {
  if (s === null) return t;
  return t === null ? s : add(s, t);
}

/** A tangent that broadcasts to the output's shape, in that shape. */
export function full(t: Tensor, y: Tensor): Tensor {
  return sameShape(t.shape, y.shape) ? t : expand(t, y.shape);
}

/** Zero where the mask does not hold. */
export function only(mask: Tensor, t: Tensor): Tensor {
  return where(mask, t, 0);
}
