// Matrices of derivatives: all directions of forward or reverse accumulation at once, in one batch.

import { overBatch } from "../batch.ts";
import { eye, zerosLike } from "../create.ts";
import { checkSmooth, pushForward } from "../forward.ts";
import { moveAxis, narrow, reshape } from "../ops/view.ts";
import { type Shape, sizeOf } from "../shape.ts";
import type { Tensor } from "../trace.ts";
import { leaves, type MapLeaves, refill } from "../tree.ts";
import { push, valueWithGrad } from "./gradient.ts";
import { argument, type Arguments, mustBeFunction, pullBack, record, type Result, withArgument } from "./recording.ts";

/** All directions along single elements of `list[k]`, stacked, with zeros for the others. */
function basis(list: readonly Tensor[]): Tensor[] {
  const total = list.reduce((sum, x) => sum + sizeOf(x.shape), 0);
  let start = 0;
  return list.map((x) => {
    const n = sizeOf(x.shape);
    const rows = narrow(eye(total, { dtype: x.dtype }), 1, start, start + n);
    start += n;
    return reshape(rows, [total, ...x.shape] as Shape);
  });
}

/** Cuts axis 0 of a stack of results into the parts of `list`. */
function apart(stack: Tensor, list: readonly Tensor[]): Tensor[] {
  let start = 0;
  return list.map((x) => {
    const n = sizeOf(x.shape);
    const part = narrow(stack, 0, start, start + n);
    start += n;
    return reshape(part, [...x.shape, ...stack.shape.slice(1)] as Shape);
  });
}

/** With respect to which argument, counted from 0, a Jacobian is taken; the first. */
export interface JacobianOptions<K extends number = 0> {
  readonly argnum?: K;
  /** The same under JAX's name. */
  readonly argnums?: K;
}

function placeOf({ argnums = 0, argnum = argnums }: JacobianOptions<number>): number {
  return argnum;
}

/** A tree with the form of the output, whose leaves are trees with the form of the argument, whose leaves are Jacobians. */
export type Jacobian<R, X> = MapLeaves<R, MapLeaves<X, Tensor>>;

/**
 * The function that computes the Jacobian of `f` with respect to one argument by forward accumulation: [..output, ..input]. Best when
 * there are fewer inputs than outputs.
 *
 * @example
 * jacfwd((x: Tensor) => x.square())(tensor([1, 2])) // [[2, 0], [0, 4]]
 */
export function jacfwd<A extends Arguments = Tensor[], R = Tensor, const K extends number = 0>(
  f: (...args: A) => R,
  options: JacobianOptions<K> = {},
): (...args: A) => Jacobian<R, A[K]> {
  return forwardJacobian<A, R, K>("jacfwd", f, options);
}

function forwardJacobian<A extends Arguments, R, K extends number>(
  call: string,
  f: (...args: A) => R,
  options: JacobianOptions<K>,
): (...args: A) => Jacobian<R, A[K]> {
  mustBeFunction(call, f);
  const argnum = placeOf(options);
  return (...args) => {
    const { tree, list } = argument(call, args, argnum);
    let form: R | undefined;
    const flat = (inputs: readonly Tensor[]): Tensor[] => {
      form = f(...withArgument(args, argnum, refill(tree, inputs)));
      return leaves(form, call);
    };
    const columns = overBatch(
      (directions) => {
        const { outputs, tangents } = pushForward(flat, list, directions);
        return tangents.map((t, k) => t ?? zerosLike(outputs[k] as Tensor));
      },
      basis(list),
      list.map(() => true),
      list.reduce((sum, x) => sum + sizeOf(x.shape), 0),
    );
    // [input, ..output] → [..output, input], then the input's own axes
    const blocks = columns.map((stack) => {
      const parts = apart(stack, list);
      return refill(
        tree,
        parts.map((part, k) => turned(part, (list[k] as Tensor).shape.length)),
      );
    });
    return refill(form, blocks) as Jacobian<R, A[K]>;
  };
}

/** Moves the first `n` axes behind the others. */
function turned(x: Tensor, n: number): Tensor {
  let out = x;
  for (let k = 0; k < n; k++) out = moveAxis(out, 0, -1);
  return out;
}

/**
 * The function that computes the Jacobian of `f` with respect to one argument by reverse accumulation: [..output, ..input]. Best when
 * there are fewer outputs than inputs.
 *
 * @example
 * jacrev((x: Tensor) => x.square())(tensor([1, 2])) // [[2, 0], [0, 4]]
 */
export function jacrev<A extends Arguments = Tensor[], R = Tensor, const K extends number = 0>(
  f: (...args: A) => R,
  options: JacobianOptions<K> = {},
): (...args: A) => Jacobian<R, A[K]> {
  mustBeFunction("jacrev", f);
  const argnum = placeOf(options);
  return (...args) => {
    const { tree, list } = argument("jacrev", args, argnum);
    let form: R | undefined;
    const recorded = record((inputs) => {
      form = f(...withArgument(args, argnum, refill(tree, inputs)));
      return leaves(form, "jacrev");
    }, list);
    for (const y of recorded.outputs) checkSmooth("jacrev", y);
    const total = recorded.outputs.reduce((sum, y) => sum + sizeOf(y.shape), 0);
    const rows = overBatch(
      (cts) => pullBack(recorded, cts, true),
      basis(recorded.outputs),
      recorded.outputs.map(() => true),
      total,
    );
    const perInput = rows.map((stack) => apart(stack, recorded.outputs));
    const blocks = recorded.outputs.map((_, o) =>
      refill(
        tree,
        perInput.map((parts) => parts[o] as Tensor),
      ),
    );
    return refill(form, blocks) as Jacobian<R, A[K]>;
  };
}

/**
 * The function that computes the matrix of second derivatives of `f`, which returns a single number: forward over reverse accumulation.
 *
 * @throws RangeError when `f` does not return a single number.
 * @example
 * hessian((x: Tensor) => x.pow(3).sum())(tensor([1, 2])) // [[6, 0], [0, 12]]
 */
export function hessian<A extends Arguments = Tensor[], const K extends number = 0>(
  f: (...args: A) => Result,
  options: JacobianOptions<K> = {},
): (...args: A) => Jacobian<MapLeaves<A[K], Tensor>, A[K]> {
  mustBeFunction("hessian", f);
  const slope = (...args: A) =>
    valueWithGrad("hessian", f, args, { argnum: placeOf(options) }).grad as MapLeaves<A[K], Tensor>;
  return forwardJacobian<A, MapLeaves<A[K], Tensor>, K>("hessian", slope, options);
}

/**
 * The product of the matrix of second derivatives of `f` at `x` with `v`, without the matrix: forward over reverse accumulation.
 *
 * @throws RangeError when `f` does not return a single number, or `v` has another shape than `x`.
 * @example
 * hvp((x: Tensor) => x.pow(3).sum(), tensor([1, 2]), tensor([1, 1])) // [6, 12]
 */
export function hvp<X>(f: (x: X) => Result, x: X, v: X): MapLeaves<X, Tensor> {
  mustBeFunction("hvp", f);
  const slope = (at: X) => valueWithGrad("hvp", f, [at], {}).grad as MapLeaves<X, Tensor>;
  return push<[X], MapLeaves<X, Tensor>>("hvp", slope, [x], [v])[1];
}
