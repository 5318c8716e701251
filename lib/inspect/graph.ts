// The graph of a computation with the numbers on it: what a picture of forward and reverse accumulation shows.

import { onesLike } from "../create.ts";
import { trace as traceOfMatrix } from "../ops/diagonal.ts";
import { nodesOn, walkBack } from "../reverse.ts";
import { Node, shownName, Tape } from "../tape.ts";
import { isTensor, type Primitive, pullbackTo, type Tensor, withTrace } from "../trace.ts";
import { leaves, refill } from "../tree.ts";
import { watching } from "./watch.ts";

/** One value of a traced computation. */
export interface GraphNode {
  readonly id: number;
  /** The operation, or "input" or "constant". */
  readonly op: string;
  /** The nodes it was computed from. */
  readonly inputs: readonly number[];
  readonly value: Tensor;
  /** For each input, the derivative of the sum of this value with respect to it; null for a constant. */
  readonly locals: readonly (Tensor | null)[];
  /** The derivative of the (summed) output with respect to this value; null where nothing flows. */
  readonly cotangent: Tensor | null;
}

/** A computation, in the order in which it was done. */
export interface Graph {
  readonly nodes: readonly GraphNode[];
  /** The nodes of the results. */
  readonly outputs: readonly number[];
}

/**
 * The sum of the diagonal of a matrix; or, of a function, the function that computes the graph of its computation, with values, local
 * derivatives and cotangents.
 *
 * @throws RangeError unless the tensor is a matrix.
 * @example
 * trace(tensor([[1, 2], [3, 4]])) // 5
 * trace((x: Tensor, w: Tensor) => x.mul(w).tanh())(tensor(2), tensor(0.5)).nodes
 */
export function trace(x: Tensor): Tensor;
export function trace<A extends readonly unknown[]>(f: (...args: A) => unknown): (...args: A) => Graph;
export function trace<A extends readonly unknown[]>(
  x: Tensor | ((...args: A) => unknown),
): Tensor | ((...args: A) => Graph) {
  return isTensor(x) ? traceOfMatrix(x) : (...args: A) => graphOf(x, args);
}

function graphOf<A extends readonly unknown[]>(f: (...args: A) => unknown, args: A): Graph {
  const list = leaves(args, "trace");
  const recorded: Node[] = [];
  const { roots, inputs, outputs } = withTrace(
    (level) => new Tape(level),
    (tape) => {
      const wrapped = list.map((x) => tape.leaf(x));
      const results = watching(
        {
          evaluated() {},
          recorded(node) {
            if (node.trace === tape && node instanceof Node) recorded.push(node);
          },
        },
        () => leaves(f(...(refill(args, wrapped) as unknown as A)), "trace"),
      );
      return { roots: nodesOn(tape, results), inputs: nodesOn(tape, wrapped) as Node[], outputs: tape.lower(results) };
    },
  );
  const cotangents = new Map<Node, Tensor | null>();
  const live = roots.flatMap((root, k) => (root === null ? [] : [{ root, seed: onesLike(outputs[k] as Tensor) }]));
  watching({ evaluated() {}, backward: (node, ct) => cotangents.set(node as Node, ct) }, () =>
    walkBack(
      live.map(({ root }) => root),
      live.map(({ seed }) => seed),
      (leaf, ct) => cotangents.set(leaf, ct),
      true,
    ),
  );
  const nodes: GraphNode[] = [];
  const places = new Map<Node | Tensor, number>();
  const add = (key: Node | Tensor, node: Omit<GraphNode, "id">): number => {
    const id = nodes.length;
    nodes.push({ id, ...node });
    places.set(key, id);
    return id;
  };
  const constant = (x: Tensor): number =>
    places.get(x) ?? add(x, { op: "constant", inputs: [], value: x, locals: [], cotangent: null });
  for (const node of inputs) {
    add(node, { op: "input", inputs: [], value: node.value, locals: [], cotangent: cotangents.get(node) ?? null });
  }
  for (const node of recorded) {
    const from = node.inputs.map((x, k) => {
      const parent = node.parents[k] ?? null;
      return parent === null ? constant(x) : (places.get(parent) as number);
    });
    const ones = onesLike(node.value);
    const { derivative } = node.primitive as Primitive<unknown>;
    const locals = node.parents.map((parent, k) => {
      const pull = parent === null || derivative === null ? null : pullbackTo(derivative, k);
      return pull === null ? null : pull(ones, node.inputs, node.value, node.params, k);
    });
    add(node, {
      op: shownName(node),
      inputs: from,
      value: node.value,
      locals,
      cotangent: cotangents.get(node) ?? null,
    });
  }
  return {
    nodes,
    outputs: roots.map((root, k) => (root === null ? constant(outputs[k] as Tensor) : (places.get(root) as number))),
  };
}
