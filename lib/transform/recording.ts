// What the transformations have in common: functions of trees seen as functions of lists, recording one, walking back over the recording.

import { zerosLike } from "../create.ts";
import { checkSmooth } from "../forward.ts";
import { nodesOn, walkBack } from "../reverse.ts";
import { show, sizeOf } from "../shape.ts";
import { type Node, Tape } from "../tape.ts";
import { Tensor, withTrace } from "../trace.ts";
import { leaves, refill, type Tree } from "../tree.ts";

export type Arguments = readonly unknown[];

/** A tensor of one element, or a plain tensor. */
export type Result = Tensor | Tensor<[]>;

export function argument<A extends Arguments>(call: string, args: A, k: number): { tree: Tree; list: Tensor[] } {
  const tree: Tree = args[k];
  const list = leaves(tree, call);
  if (list.length === 0) {
    const instead = typeof tree === "number" ? `; tensor(${tree}) makes one of a number` : "";
    throw new TypeError(`${call}: argument ${k} holds no tensor${instead}`);
  }
  for (const x of list) checkSmooth(call, x);
  return { tree, list };
}

export function withArgument<A extends Arguments>(args: A, k: number, value: unknown): A {
  return args.map((a, i) => (i === k ? value : a)) as unknown as A;
}

/** Records `f` on a tape of its own. */
export function record(f: (inputs: Tensor[]) => readonly Tensor[], inputs: readonly Tensor[]) {
  return withTrace(
    (level) => new Tape(level),
    (tape) => {
      const wrapped = inputs.map((x) => tape.leaf(x));
      const outputs = f(wrapped);
      return {
        outputs: tape.lower(outputs),
        roots: nodesOn(tape, outputs),
        leafNodes: nodesOn(tape, wrapped) as Node[],
      };
    },
  );
}

/** The cotangents of the leaves that `cts`, cotangents of the roots, give; zeros where nothing flows. */
export function pullBack(
  { roots, leafNodes }: { roots: readonly (Node | null)[]; leafNodes: readonly Node[] },
  cts: readonly Tensor[],
  keepGraph: boolean,
): Tensor[] {
  const found = new Map<Node, Tensor | null>();
  const live: Node[] = [];
  const seeds: Tensor[] = [];
  roots.forEach((root, k) => {
    if (root === null) return;
    live.push(root);
    seeds.push(cts[k] as Tensor);
  });
  walkBack(live, seeds, (leaf, ct) => found.set(leaf, ct), keepGraph);
  return leafNodes.map((leaf) => found.get(leaf) ?? zerosLike(leaf.value));
}

export function mustBeFunction(call: string, f: unknown): void {
  if (typeof f !== "function") {
    throw new TypeError(`${call}: expected a function, got ${f instanceof Tensor ? "a tensor" : typeof f}`);
  }
}

export function mustBeScalar(call: string, y: unknown): asserts y is Tensor {
  if (!(y instanceof Tensor)) {
    const kind = Array.isArray(y)
      ? "an array; of [value, aux], {hasAux: true} differentiates the value"
      : y === null
        ? "null"
        : typeof y;
    throw new TypeError(`${call}: the function must return a tensor, not ${kind}`);
  }
  if (sizeOf(y.shape) !== 1) {
    throw new RangeError(
      `${call}: the function must return a single number, not shape ${show(y.shape)}; sum it, or use jacrev or vjp`,
    );
  }
  checkSmooth(call, y);
}

/** A function from trees to trees, as one from tensors to tensors. */
export function flatten<A extends Arguments, R>(call: string, f: (...args: A) => R, args: A) {
  const list = leaves(args, call);
  let form: R | undefined;
  return {
    list,
    flat: (inputs: readonly Tensor[]): Tensor[] => {
      form = f(...(refill(args, inputs) as unknown as A));
      return leaves(form, call);
    },
    /** The result of the last call with other tensors in it. */
    form: (values: readonly Tensor[]): R => refill(form, values) as R,
  };
}
