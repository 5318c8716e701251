// The transformations of functions into derivatives, as JAX names them. They nest in any order, and take and give trees (nested arrays
// and objects of tensors). What is not a tensor in an argument is passed on as it is.

import { onesLike, zerosLike } from "../create.ts";
import { checkLike, checkSmooth, pushForward } from "../forward.ts";
import { cast } from "../ops/operand.ts";
import type { Tensor } from "../trace.ts";
import { leaves, type MapLeaves, refill } from "../tree.ts";
import {
  argument,
  type Arguments,
  flatten,
  mustBeFunction,
  mustBeScalar,
  pullBack,
  record,
  type Result,
  withArgument,
} from "./recording.ts";

/**
 * The function that computes the value of `f` and its gradient with respect to one argument (the first), which may be a tree.
 *
 * @throws RangeError when `f` does not return a single number; TypeError when the argument holds no tensor of floats.
 * @example
 * const [loss, grads] = valueAndGrad(lossOf)(params, x, y);
 */
export function valueAndGrad<A extends Arguments, const K extends number = 0>(
  f: (...args: A) => Result,
  options: { readonly argnum?: K } = {},
): (...args: A) => [value: Tensor<[]>, grad: MapLeaves<A[K], Tensor>] {
  return (...args) => {
    const found = valueWithGrad("valueAndGrad", f, args, options.argnum ?? 0);
    return [found.value as Tensor<[]>, found.grad as MapLeaves<A[K], Tensor>];
  };
}

function valueWithGrad<A extends Arguments>(
  call: string,
  f: (...args: A) => Result,
  args: A,
  argnum: number,
): { value: Tensor; grad: unknown } {
  const { tree, list } = argument(call, args, argnum);
  const recorded = record((inputs) => {
    const y = f(...withArgument(args, argnum, refill(tree, inputs)));
    leaves(y, call);
    mustBeScalar(call, y);
    return [y];
  }, list);
  const [value] = recorded.outputs as [Tensor];
  const found = pullBack(recorded, [onesLike(value)], false);
  return { value, grad: refill(tree, found) };
}

/**
 * The function that computes the gradient of `f` with respect to one argument (the first), which may be a tree.
 *
 * @throws RangeError when `f` does not return a single number; TypeError when the argument holds no tensor of floats.
 * @example
 * grad((x: Tensor) => x.pow(3).sum())(tensor(2)) // 12
 */
export function grad<A extends Arguments, const K extends number = 0>(
  f: (...args: A) => Result,
  options: { readonly argnum?: K } = {},
): (...args: A) => MapLeaves<A[K], Tensor> {
  mustBeFunction("grad", f);
  return (...args) => valueWithGrad("grad", f, args, options.argnum ?? 0).grad as MapLeaves<A[K], Tensor>;
}

/**
 * The value of `f` at `primals`, and its pullback: cotangents of the value → cotangents of the primals, one for each. The pullback may be
 * called any number of times.
 *
 * @throws TypeError for primals that are not floats; RangeError for a cotangent of another shape.
 * @example
 * const [y, pullback] = vjp((x: Tensor) => x.sin(), x);
 * const [dx] = pullback(ones(3));
 */
export function vjp<A extends Arguments, R>(
  f: (...args: A) => R,
  ...primals: A
): [value: R, pullback: (ct: R) => { -readonly [K in keyof A]: MapLeaves<A[K], Tensor> }] {
  const { list, flat, form } = flatten("vjp", f, primals);
  for (const x of list) checkSmooth("vjp", x);
  const recorded = record(flat, list);
  const pullback = (ct: R) => {
    const cts = leaves(ct, "vjp");
    if (cts.length !== recorded.outputs.length) {
      throw new TypeError(`vjp: the value holds ${recorded.outputs.length} tensors, its cotangent ${cts.length}`);
    }
    const seeds = cts.map((c, k) => {
      const y = recorded.outputs[k] as Tensor;
      checkLike("vjp", "cotangent", c, y);
      return cast(c, y.dtype);
    });
    return refill(primals, pullBack(recorded, seeds, true)) as { -readonly [K in keyof A]: MapLeaves<A[K], Tensor> };
  };
  return [form(recorded.outputs), pullback];
}

/**
 * The value of `f` at `primals` and its derivative in the direction `tangents`, by forward accumulation.
 *
 * @throws TypeError for primals that are not floats, or a direction of another form; RangeError for another shape.
 * @example
 * const [y, dy] = jvp((x: Tensor) => x.sin(), [x], [ones(3)]);
 */
export function jvp<A extends Arguments, R>(f: (...args: A) => R, primals: A, tangents: A): [value: R, tangent: R] {
  const { list, flat, form } = flatten("jvp", f, primals);
  const directions = leaves(tangents, "jvp");
  if (directions.length !== list.length) {
    throw new TypeError(`jvp: ${list.length} primals and ${directions.length} tangents`);
  }
  const aligned = list.map((x, k) => {
    checkSmooth("jvp", x);
    checkLike("jvp", "tangent", directions[k] as Tensor, x);
    return cast(directions[k] as Tensor, x.dtype);
  });
  const out = pushForward(flat, list, aligned);
  return [form(out.outputs), form(out.tangents.map((t, k) => t ?? zerosLike(out.outputs[k] as Tensor)))];
}

/**
 * The value of `f` at `primals`, and the linear map that takes tangents to the derivative there, without computing `f` again. Made by
 * transposing the pullback, which is linear in the cotangent.
 *
 * @throws TypeError for primals that are not floats.
 * @example
 * const [y, push] = linearize((x: Tensor) => x.sin(), x);
 * push(ones(3)); // as often as you like
 */
export function linearize<A extends Arguments, R>(
  f: (...args: A) => R,
  ...primals: A
): [value: R, push: (...tangents: A) => R] {
  const { list, flat, form } = flatten("linearize", f, primals);
  for (const x of list) checkSmooth("linearize", x);
  const recorded = record(flat, list);
  const transposed = record(
    (cts) => pullBack(recorded, cts, true),
    recorded.outputs.map((y) => zerosLike(y)),
  );
  const push = (...tangents: A): R => {
    const directions = leaves(tangents, "linearize");
    if (directions.length !== list.length) {
      throw new TypeError(`linearize: ${list.length} primals and ${directions.length} tangents`);
    }
    directions.forEach((t, k) => checkLike("linearize", "tangent", t, list[k] as Tensor));
    return form(pullBack(transposed, directions, true));
  };
  return [form(recorded.outputs), push];
}
