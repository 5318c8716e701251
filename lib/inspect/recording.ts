// A recorded computation, to be walked by the rules in either direction without touching it: no hook is called, no `.grad` changes, nothing
// is freed. That is what lets a display show reverse and forward accumulation of the same computation step by step.

import { onesLike } from "../create.ts";
import { add } from "../ops/arithmetic.ts";
import { nodesOn, rootOf } from "../reverse.ts";
import { nameOf, setName } from "../names.ts";
import { show, sizeOf } from "../shape.ts";
import { Node, silently, Tape } from "../tape.ts";
import { NO_STORAGE, pullbackTo, type Tensor, withTrace } from "../trace.ts";

/** Operations and leaves, each after those that it was computed from. */
export interface Recording {
  readonly nodes: readonly Node[];
  readonly root: Node;
}

/**
 * What `y` was computed from, also after the last `backward()`. Throws if that was an earlier one, or numbers were changed in place since they
 * were used.
 */
export function recordingOf(call: string, y: Tensor): Recording {
  const root = rootOf(call, y);
  const nodes = oldestFirst(call, root);
  for (const node of nodes) checkUnchanged(call, node);
  return nodes.some(({ freed }) => freed) ? revived(nodes, root) : { nodes, root };
}

/** An optimizer's step changes parameters: adjoints would be those of neither state. */
function checkUnchanged(call: string, { inputs, parents, clock }: Node): void {
  inputs.forEach((x, k) => {
    const isLeaf = (parents[k]?.primitive ?? null) === null;
    if (isLeaf && x.storage.version > clock) {
      throw new Error(
        `${call}: ${nameOf(x) ?? `a tensor of shape ${show(x.shape)}`} was changed in place after it was used, as optimizer.step() does; call ${call}(loss) before that`,
      );
    }
  });
}

/** Whether the memory of `x` was given back. */
function isLost({ storage, shape }: Tensor): boolean {
  return storage.data.length === 0 && storage !== NO_STORAGE && sizeOf(shape) > 0;
}

/** The same computation with the values that `backward()` has given back, computed anew from what is there. */
function revived(nodes: readonly Node[], root: Node): Recording {
  return silently(() => {
    const anew = new Map<Node, Node>();
    for (const node of nodes) {
      const { primitive, params } = node;
      const parents = node.parents.map((parent) => (parent === null ? null : (anew.get(parent) as Node)));
      const inputs = node.inputs.map((x, k) => (isLost(x) ? (parents[k]?.value ?? x) : x));
      const isSame = inputs.every((x, k) => x === node.inputs[k]) && parents.every((parent, k) => parent === node.parents[k]); // prettier-ignore
      if (primitive === null || (isSame && !isLost(node.value))) {
        anew.set(node, node);
        continue;
      }
      const value = isLost(node.value) ? primitive.evaluate(inputs, params) : node.value;
      const name = nameOf(node.value);
      if (name !== undefined) setName(value, name);
      anew.set(node, new Node(node.trace, value, primitive, inputs, params, parents));
    }
    return { nodes: [...anew.values()], root: anew.get(root) as Node };
  });
}

/** What `f` does at `inputs`; the leaves are theirs. */
export function record(
  call: string,
  f: (...inputs: Tensor[]) => unknown,
  inputs: readonly Tensor[],
): Recording & { readonly leaves: readonly Node[] } {
  return silently(
    () =>
      withTrace(
        (level) => new Tape(level),
        (tape) => {
          const wrapped = inputs.map((x) => tape.leaf(x));
          const y = f(...wrapped);
          const [root] = nodesOn(tape, [y as Tensor]);
          if (root === null || root === undefined) {
            throw new TypeError(`${call}: the function must return a tensor that was computed from its arguments`);
          }
          return { nodes: oldestFirst(call, root), root, leaves: nodesOn(tape, wrapped) as Node[] };
        },
      ),
    call,
  );
}

/** In the reverse of the order in which `backward()` visits them. */
function oldestFirst(call: string, root: Node): Node[] {
  const order: Node[] = [];
  const seen = new Set<Node>([root]);
  const path: { readonly node: Node; next: number }[] = [{ node: root, next: 0 }];
  for (let at = path.at(-1); at !== undefined; at = path.at(-1)) {
    const { freed, inputs } = at.node;
    if (freed && inputs.length === 0) {
      throw new Error(
        `${call}: this graph was freed by backward(), and only the last one can still be shown; call ${call}(loss) right after it, or pass {retainGraph: true} to it`,
      );
    }
    if (at.next === at.node.parents.length) {
      order.push(at.node);
      path.pop();
      continue;
    }
    const parent = at.node.parents[at.next++];
    if (parent === null || parent === undefined || seen.has(parent)) continue;
    seen.add(parent);
    path.push({ node: parent, next: 0 });
  }
  return order;
}

/** What flows back through one operation. */
export interface Adjoint {
  /** The cotangent of its output; null where nothing flows. */
  readonly incoming: Tensor | null;
  /** What it adds to the cotangent of each of its inputs; null for constants. */
  readonly outgoing: readonly (Tensor | null)[];
}

/** Reverse accumulation from the root, whose cotangent is one everywhere unless given. */
export function adjointsOf({ nodes, root }: Recording, seed: Tensor = onesLike(root.value)): Map<Node, Adjoint> {
  return silently(() => {
    const cotangents = new Map<Node, Tensor>([[root, seed]]);
    const out = new Map<Node, Adjoint>();
    for (const node of [...nodes].reverse()) {
      const incoming = cotangents.get(node) ?? null;
      const { derivative = null } = node.primitive ?? {};
      const outgoing = node.parents.map((parent, k) => {
        const pull = parent === null || derivative === null || incoming === null ? null : pullbackTo(derivative, k);
        const ct = pull === null ? null : pull(incoming as Tensor, node.inputs, node.value, node.params, k);
        if (ct === null || parent === null) return null;
        const before = cotangents.get(parent);
        cotangents.set(parent, before === undefined ? ct : add(before, ct));
        return ct;
      });
      out.set(node, { incoming, outgoing });
    }
    return out;
  });
}

/** Forward accumulation: the tangent of every node, null for zero, from those of leaves. */
export function tangentsOf({ nodes }: Recording, directions: ReadonlyMap<Node, Tensor>): Map<Node, Tensor | null> {
  return silently(() => {
    const out = new Map<Node, Tensor | null>();
    for (const node of nodes) {
      const derivative = node.primitive?.derivative ?? null;
      const into = node.parents.map((parent) => (parent === null ? null : (out.get(parent) ?? null)));
      const own = derivative === null || into.every((t) => t === null) ? null : derivative.jvp(into, node.inputs, node.value, node.params); // prettier-ignore
      out.set(node, node.primitive === null ? (directions.get(node) ?? null) : own);
    }
    return out;
  });
}

/**
 * The derivative of each element of an operation's output with respect to the element of input `k` that it is computed from, for operations
 * that work element by element; null where it is zero.
 */
export function elementDerivative(node: Node, k: number): Tensor | null {
  const tangents = node.inputs.map((x, i) => (i === k ? onesLike(x) : null));
  return silently(() => node.primitive?.derivative?.jvp(tangents, node.inputs, node.value, node.params) ?? null);
}
