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

/** With respect to what a gradient is taken, and what the function returns. */
export interface GradOptions<K extends Which = 0> {
  /** The argument, counted from 0, or several; the first. */
  readonly argnum?: K;
  /** The same under JAX's name. */
  readonly argnums?: K;
  /** Whether the function returns `[value, aux]`, of which only the value is differentiated; false. */
  readonly hasAux?: boolean;
}

type Which = number | readonly number[];
/** The gradient with respect to one argument, or to each of several. */
export type Gradient<A extends Arguments, K extends Which> = K extends readonly number[]
  ? { -readonly [P in keyof K]: K[P] extends number ? Slope<A[K[P]]> : never }
  : K extends number
    ? Slope<A[K]>
    : never;
// A plain number has none. So the gradient of a function of tensors or numbers, as `tanh` is, is a tensor.
type Slope<X> = X extends number ? never : MapLeaves<X, Tensor>;
type WithAux<K extends Which> = GradOptions<K> & { readonly hasAux: true };

/**
 * The function that computes the value of `f` and its gradient with respect to one argument (the first) or several, which may be trees. With
 * `hasAux`, `f` returns the value and something else, and so does this: `[[value, aux], gradient]`.
 *
 * @throws RangeError when `f` does not return a single number; TypeError when the argument holds no tensor of floats.
 * @example
 * const [loss, grads] = valueAndGrad(lossOf)(params, x, y);
 */
export function valueAndGrad<A extends Arguments = Tensor[], Aux = unknown, const K extends Which = 0>(
  f: (...args: A) => readonly [Result, Aux],
  options: WithAux<K>,
): (...args: A) => [value: [Tensor<[]>, Aux], grad: Gradient<A, K>];
export function valueAndGrad<A extends Arguments = Tensor[], const K extends Which = 0>(
  f: (...args: A) => Result,
  options?: GradOptions<K>,
): (...args: A) => [value: Tensor<[]>, grad: Gradient<A, K>];
export function valueAndGrad(
  f: (...args: Arguments) => unknown,
  options: GradOptions<Which> = {},
): (...args: Arguments) => unknown {
  mustBeFunction("valueAndGrad", f);
  return (...args) => {
    const { value, aux, grad: found } = valueWithGrad("valueAndGrad", f, args, options);
    return [options.hasAux === true ? [value, aux] : value, found];
  };
}

/** What `grad` and its like compute; `call` is the name that errors begin with. */
export function valueWithGrad<A extends Arguments>(
  call: string,
  f: (...args: A) => unknown,
  args: A,
  { argnums = 0, argnum = argnums, hasAux = false }: GradOptions<Which>,
): { value: Tensor; aux: unknown; grad: unknown } {
  const places = typeof argnum === "number" ? [argnum] : argnum;
  const found = places.map((place) => argument(call, args, place));
  const trees = found.map(({ tree }) => tree);
  let aux: unknown;
  const recorded = record(
    (inputs) => {
      const given = refill(trees, inputs);
      const result = f(...places.reduce((all, place, k) => withArgument(all, place, given[k]), args));
      const list = leaves(result, call);
      if (!hasAux) {
        mustBeScalar(call, result);
        return [result];
      }
      if (!Array.isArray(result) || result.length !== 2)
        throw new TypeError(`${call}: with hasAux the function must return [value, aux]`);
      const [y, rest] = result as unknown[];
      mustBeScalar(call, y);
      aux = rest;
      return list;
    },
    found.flatMap(({ list }) => list),
  );
  const [value, ...others] = recorded.outputs as [Tensor, ...Tensor[]];
  const { roots, leafNodes } = recorded;
  const grads = refill(trees, pullBack({ roots: roots.slice(0, 1), leafNodes }, [onesLike(value)], false));
  return { value, aux: refill(aux, others), grad: typeof argnum === "number" ? grads[0] : grads };
}

/**
 * The function that computes the gradient of `f` with respect to one argument (the first) or several, which may be trees. With `hasAux`,
 * `f` returns the value and something else, and this `[gradient, aux]`.
 *
 * @throws RangeError when `f` does not return a single number; TypeError when the argument holds no tensor of floats.
 * @example
 * grad((x: Tensor) => x.pow(3).sum())(tensor(2)) // 12
 * grad((x, y) => x.mul(y), { argnums: [0, 1] })(tensor(2), tensor(3)) // [3, 2]
 */
export function grad<A extends Arguments = Tensor[], Aux = unknown, const K extends Which = 0>(
  f: (...args: A) => readonly [Result, Aux],
  options: WithAux<K>,
): (...args: A) => [grad: Gradient<A, K>, aux: Aux];
export function grad<A extends Arguments = Tensor[], const K extends Which = 0>(
  f: (...args: A) => Result,
  options?: GradOptions<K>,
): (...args: A) => Gradient<A, K>;
export function grad(
  f: (...args: Arguments) => unknown,
  options: GradOptions<Which> = {},
): (...args: Arguments) => unknown {
  mustBeFunction("grad", f);
  return (...args) => {
    const { grad: found, aux } = valueWithGrad("grad", f, args, options);
    return options.hasAux === true ? [found, aux] : found;
  };
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
  return push("jvp", f, primals, tangents);
}

/** What `jvp` computes; `call` is the name that errors begin with. */
export function push<A extends Arguments, R>(
  call: string,
  f: (...args: A) => R,
  primals: A,
  tangents: A,
): [value: R, tangent: R] {
  const { list, flat, form } = flatten(call, f, primals);
  const directions = leaves(tangents, call);
  if (directions.length !== list.length) {
    throw new TypeError(`${call}: ${list.length} primals and ${directions.length} tangents`);
  }
  const aligned = list.map((x, k) => {
    checkSmooth(call, x);
    checkLike(call, "tangent", directions[k] as Tensor, x);
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
  const along = (...tangents: A): R => {
    const directions = leaves(tangents, "linearize");
    if (directions.length !== list.length) {
      throw new TypeError(`linearize: ${list.length} primals and ${directions.length} tangents`);
    }
    directions.forEach((t, k) => checkLike("linearize", "tangent", t, list[k] as Tensor));
    return form(pullBack(transposed, directions, true));
  };
  return [form(recorded.outputs), along];
}
