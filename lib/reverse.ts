// Reverse accumulation: from the outputs back over the tape, each node turns the cotangent of its output into those of its inputs. The
// walk is a loop, not a recursion, so a graph may be as deep as memory allows.

import { bottomNode, Node, silently, attachmentOf } from "./tape.ts";
import { add } from "./ops/arithmetic.ts";
import { clone } from "./ops/selection.ts";
import { cast } from "./ops/operand.ts";
import { onesLike, zerosLike } from "./create.ts";
import { sameShape, show, sizeOf } from "./shape.ts";
import { state, type Tensor, type Trace } from "./trace.ts";

let walks = 0;

/** The nodes that `roots` were computed from, each after all that were computed from it. */
function newestFirst(roots: readonly Node[], walk: number): Node[] {
  const order: Node[] = [];
  const path: Node[] = [];
  const next: number[] = [];
  for (const root of roots) {
    if (root.walk === walk) continue;
    visit(root, walk);
    path.push(root);
    next.push(0);
    while (path.length > 0) {
      const node = path[path.length - 1] as Node;
      const k = next[next.length - 1] as number;
      if (k === node.parents.length) {
        order.push(node);
        path.pop();
        next.pop();
        continue;
      }
      next[next.length - 1] = k + 1;
      const parent = node.parents[k];
      if (parent === null || parent === undefined || parent.walk === walk) continue;
      visit(parent, walk);
      path.push(parent);
      next.push(0);
    }
  }
  return order.reverse();
}

function visit(node: Node, walk: number): void {
  if (node.freed) {
    throw new Error(
      "backward: this graph was already walked and freed by an earlier backward(); pass {retainGraph: true} to that one, or compute the loss anew",
    );
  }
  if (state.walk !== 0 && node.walk === state.walk && node.cotangent !== null) {
    throw new Error(
      "backward: a hook may not walk the part of the graph that is still being walked; compute from g.detach() instead",
    );
  }
  node.walk = walk;
  node.cotangent = null;
  node.owned = false;
}

/** Throws if what the rule of `node` reads was changed in place after it was recorded. */
function checkFresh(node: Node): void {
  const { primitive } = node;
  const reads = primitive?.derivative?.reads;
  if (primitive === null || reads === undefined) return;
  const stale = (x: Tensor, since: number): boolean => x.storage.version > since;
  if (reads.inputs) {
    for (const x of node.inputs) if (stale(x, node.clock)) throw changed(primitive.name, x);
  }
  if (reads.output && node.outputClock !== node.value.storage.version) throw changed(primitive.name, node.value);
}

function changed(name: string, x: Tensor): Error {
  return new Error(
    `backward: a tensor of shape ${show(x.shape)} that ${name} needs for its derivative was changed in place after it was used; change a copy instead: x.clone()`,
  );
}

function accumulate(node: Node, ct: Tensor, fresh: boolean): void {
  if (node.cotangent === null) {
    node.cotangent = ct;
    node.owned = fresh;
  } else {
    node.cotangent = add(node.cotangent, ct);
    node.owned = true;
  }
}

/** Whether nobody but the caller can hold the array of `g`. */
function isFresh(g: Tensor, ct: Tensor, node: Node): boolean {
  if (g.strides !== null || g.storage === ct.storage || g.storage === node.value.storage) return false;
  for (const x of node.inputs) if (g.storage === x.storage) return false;
  return true;
}

/**
 * Carries `seeds`, cotangents of `roots`, back over the tape. `reached` is called for every leaf with its cotangent, null for zero, and
 * whether that is the caller's to keep.
 */
export function walkBack(
  roots: readonly Node[],
  seeds: readonly Tensor[],
  reached: (leaf: Node, ct: Tensor | null, owned: boolean) => void,
  keepGraph: boolean,
): void {
  const walk = ++walks;
  const order = newestFirst(roots, walk);
  const outer = state.walk;
  state.walk = walk;
  try {
    carry(order, roots, seeds, reached);
  } finally {
    state.walk = outer;
  }
  if (!keepGraph) for (const node of order) free(node);
}

function carry(
  order: readonly Node[],
  roots: readonly Node[],
  seeds: readonly Tensor[],
  reached: (leaf: Node, ct: Tensor | null, owned: boolean) => void,
): void {
  roots.forEach((root, k) => accumulate(root, seeds[k] as Tensor, false));
  for (const node of order) {
    let ct = node.cotangent;
    node.cotangent = null;
    const { primitive, parents } = node;
    if (node.attached !== null && ct !== null) ct = attend(node, ct);
    if (primitive === null) {
      reached(node, ct, node.owned && (node.attached === null || node.attached.hooks.size === 0));
      continue;
    }
    if (ct === null) continue;
    checkFresh(node);
    if (state.watcher !== null) state.watcher.backward?.(node, ct);
    for (let k = 0; k < parents.length; k++) {
      const parent = parents[k];
      if (parent === null || parent === undefined) continue;
      const g = primitive.derivative?.vjp(k, ct, node.inputs, node.value, node.params) ?? null;
      if (g !== null) accumulate(parent, g, isFresh(g, ct, node));
    }
  }
}

/** Lets users see, and replace, a cotangent. */
function attend(node: Node, ct: Tensor): Tensor {
  const attached = attachmentOf(node);
  let seen = ct;
  for (const hook of attached.hooks) {
    const replaced = hook(seen);
    if (replaced !== undefined) {
      if (!sameShape(replaced.shape, ct.shape)) {
        throw new RangeError(
          `backward: a hook replaced a gradient of shape ${show(ct.shape)} by one of ${show(replaced.shape)}`,
        );
      }
      seen = replaced;
      node.owned = false;
    }
  }
  if (attached.keepsGrad && node.primitive !== null) {
    attached.grad = attached.grad === null ? seen : add(attached.grad, seen);
    node.owned = false;
  }
  return seen;
}

function free(node: Node): void {
  if (node.primitive === null || node.freed) return;
  if (state.watcher !== null) state.watcher.freed?.(node);
  node.freed = true;
  node.inputs = [];
  node.parents = [];
  node.params = undefined;
}

/** How `backward()` goes. */
export interface BackwardOptions {
  /** The cotangent of the tensor itself: needed unless that is a single number. */
  readonly gradient?: Tensor;
  /** Keeps the graph for another `backward()`. */
  readonly retainGraph?: boolean;
  /** Records the backward pass, so that gradients can be differentiated; keeps the graph. */
  readonly createGraph?: boolean;
}

/** What `x.backward()` does. */
export function backward(x: Tensor, options: BackwardOptions = {}): void {
  const root = rootOf("backward", x);
  const { createGraph = false, retainGraph = createGraph } = options;
  const seed = seedOf(x, options.gradient);
  const run = (): void => walkBack([root], [seed], keep, retainGraph);
  if (createGraph) run();
  else silently(run);
}

/** The node of `x`, which needs a gradient. */
export function rootOf(call: string, x: Tensor): Node {
  const node = bottomNode(x);
  if (node !== null) return node;
  if (x.tracer !== null && x.tracer.trace.open) {
    throw new TypeError(`${call}: inside grad, jvp or vmap there is no tape of its own; nest grad instead`);
  }
  throw new TypeError(
    `${call}: this tensor was computed from nothing that needs a gradient; make a parameter with {requiresGrad: true}, and compute outside noGrad`,
  );
}

/** The cotangent with which the walk from `x` begins. */
export function seedOf(x: Tensor, gradient: Tensor | undefined, call = "backward"): Tensor {
  if (gradient !== undefined) {
    if (!sameShape(gradient.shape, x.shape)) {
      throw new RangeError(`${call}: the gradient has shape ${show(gradient.shape)}, the tensor ${show(x.shape)}`);
    }
    return cast(gradient, x.dtype);
  }
  if (sizeOf(x.shape) !== 1) {
    throw new RangeError(
      `${call}: only a single number has a gradient of its own, not shape ${show(x.shape)}; reduce it (x.sum(), x.mean()) or pass {${call === "backward" ? "gradient" : "gradOutputs"}}`,
    );
  }
  return onesLike(x);
}

function keep(leaf: Node, ct: Tensor | null, owned: boolean): void {
  const attached = attachmentOf(leaf);
  if (attached.grad !== null) {
    if (ct !== null) attached.grad = add(attached.grad, ct);
  } else if (ct === null) attached.grad = zerosLike(leaf.value);
  else attached.grad = owned ? ct : clone(ct);
}

/** The nodes of those of `outputs` that are on the tape `owner`. */
export function nodesOn(owner: Trace, outputs: readonly Tensor[]): (Node | null)[] {
  return outputs.map(({ tracer }) => (tracer instanceof Node && tracer.trace === owner ? tracer : null));
}
