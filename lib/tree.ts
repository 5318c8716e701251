// Trees of tensors: nested arrays and plain objects, as parameters of a model or results of a function come. Only tensors are leaves;
// whatever else stands in a tree stays where it is.

import { Tensor } from "./trace.ts";

/** A tensor, or arrays and objects that hold trees. */
export type Tree = unknown;

/** `T` with another type in place of its tensors. */
export type MapLeaves<T, R> = T extends Tensor
  ? R
  : T extends (...args: never[]) => unknown
    ? T
    : T extends readonly unknown[] | Record<string, unknown>
      ? { -readonly [K in keyof T]: MapLeaves<T[K], R> }
      : T extends object
        ? { -readonly [K in keyof T]: MapLeaves<T[K], R> }
        : T;

/** Whether it is an array or a plain object. */
export function isBranch(value: unknown): value is Record<string, unknown> | unknown[] {
  if (Array.isArray(value)) return true;
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** The tensors of a tree, from left to right. */
export function leaves(tree: Tree, call: string): Tensor[] {
  const out: Tensor[] = [];
  const collect = (node: unknown): void => {
    if (node instanceof Tensor) out.push(node);
    else if (node instanceof Promise) {
      throw new TypeError(
        `${call}: the function must return its result, not a promise; await inside it is not possible`,
      );
    } else if (isBranch(node)) for (const child of Object.values(node)) collect(child);
  };
  collect(tree);
  return out;
}

/** The tree with its tensors replaced, from left to right, by those of `values`. */
export function refill<T extends Tree, R = Tensor>(tree: T, values: readonly R[]): MapLeaves<T, R> {
  let next = 0;
  const build = (node: unknown): unknown => {
    if (node instanceof Tensor) return values[next++];
    if (Array.isArray(node)) return node.map(build);
    if (isBranch(node)) return Object.fromEntries(Object.entries(node).map(([key, child]) => [key, build(child)]));
    return node;
  };
  return build(tree) as MapLeaves<T, R>;
}

/**
 * The tree with `f` applied to every tensor, and to the tensors at the same places of further trees.
 *
 * @throws TypeError when the trees differ in form.
 * @example
 * params = treeMap((w, g) => w.sub(g.mul(0.1)), params, grads);
 */
export function treeMap<T extends Tree>(f: (x: Tensor, ...more: Tensor[]) => Tensor, tree: T, ...rest: Tree[]): T {
  const first = leaves(tree, "treeMap");
  const others = rest.map((other) => leaves(other, "treeMap"));
  if (others.some((list) => list.length !== first.length)) {
    throw new TypeError(
      `treeMap: the trees hold ${[first, ...others].map((list) => list.length).join(" and ")} tensors; they must have one form`,
    );
  }
  return refill(
    tree,
    first.map((x, k) => f(x, ...others.map((list) => list[k] as Tensor))),
  ) as T;
}

/**
 * The tensors of a tree, from left to right.
 *
 * @example
 * treeLeaves({ w, layers: [a, b] }) // [w, a, b]
 */
export function treeLeaves(tree: Tree): Tensor[] {
  return leaves(tree, "treeLeaves");
}
