// Reverse accumulation: from the outputs back over the tape, each node turns the cotangent of its output into those of its inputs. The
// walk is a loop, not a recursion, so a graph may be as deep as memory allows.

import { type Attachment, attachmentOf, bottomNode, Node, setGrad } from "./tape.ts";
import type { Storage } from "./backend.ts";
import { add } from "./ops/arithmetic.ts";
import { clone } from "./ops/selection.ts";
import { cast } from "./ops/operand.ts";
import { zerosLike } from "./create.ts";
import { allocate } from "./dtype.ts";
import { sameShape, show, sizeOf } from "./shape.ts";
import { pullbackTo, state, type Tensor, type Trace, wrap } from "./trace.ts";

const NONE: readonly never[] = [];

let walks = 0;

/** The nodes that `roots` were computed from, each after all that it was computed from. */
function oldestFirst(roots: readonly Node[], walk: number): Node[] {
  const order: Node[] = [];
  for (let r = 0; r < roots.length; r++) {
    let node: Node | null = roots[r] as Node;
    if (node.walk === walk) continue;
    visit(node, walk, null);
    while (node !== null) {
      const { parents } = node;
      if (node.seen === parents.length) {
        order.push(node);
        const { child }: Node = node;
        node.child = null;
        node = child;
        continue;
      }
      const parent = parents[node.seen++] as Node | null;
      if (parent === null || parent.walk === walk) continue;
      visit(parent, walk, node);
      node = parent;
    }
  }
  return order;
}

function visit(node: Node, walk: number, child: Node | null): void {
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
  node.seen = 0;
  node.child = child;
  node.cotangent = null;
  node.owned = false;
}

/** Throws if what the rule of `node` reads was changed in place after it was recorded. */
function checkFresh(node: Node, reads: { readonly inputs: boolean; readonly output: boolean }): void {
  const { inputs, clock, value } = node;
  if (reads.inputs) {
    for (let k = 0; k < inputs.length; k++) {
      const x = inputs[k] as Tensor;
      if (x.storage.version > clock) throw changed(node, x);
    }
  }
  if (reads.output && value.storage.version > clock) throw changed(node, value);
}

function changed({ primitive }: Node, x: Tensor): Error {
  return new Error(
    `backward: a tensor of shape ${show(x.shape)} that ${primitive?.name} needs for its derivative was changed in place after it was used; change a copy instead: x.clone()`,
  );
}

function accumulate(node: Node, ct: Tensor, fresh: boolean): void {
  const before = node.cotangent;
  const after = before === null ? ct : add(before, ct);
  if (before !== null) before.storage.holds--;
  after.storage.holds++;
  node.cotangent = after;
  node.owned = before !== null || fresh;
}

/** Whether nobody but the caller can hold the array of `g`. */
function isFresh(g: Tensor, ct: Tensor, node: Node): boolean {
  const { storage } = g;
  if (g.strides !== null || storage === ct.storage || storage === node.value.storage) return false;
  const { inputs } = node;
  for (let k = 0; k < inputs.length; k++) if (storage === (inputs[k] as Tensor).storage) return false;
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
  const order = oldestFirst(roots, walk);
  const { walk: outer, temporaries } = state;
  state.walk = walk;
  state.temporaries = reached === keep && isPrivate(order) ? [] : null;
  try {
    carry(order, roots, seeds, reached);
    if (state.temporaries !== null) release(state.temporaries);
  } finally {
    state.walk = outer;
    state.temporaries = temporaries;
  }
  if (keepGraph) return;
  let kept = 0;
  for (let k = 0; k < order.length; k++) kept += free(order[k] as Node);
  let past = order;
  if (reached === keep && kept <= SHOWABLE) {
    past = walked;
    walked = order;
  }
  for (let k = 0; k < past.length; k++) empty(past[k] as Node);
}

/**
 * What the last `backward()` walked over, so that it can be shown afterwards. It is emptied when the next one is done: so a loop holds one step
 * more at most, and losses that a user collects hold nothing.
 */
let walked: Node[] = [];
/** Numbers in the memory of the backend for which it is not emptied at once. */
const SHOWABLE = 8_000_000;

/** Whether nothing that a user wrote, or looks on with, runs in a walk over these nodes: what it makes then is its own. */
function isPrivate(order: readonly Node[]): boolean {
  if (state.silent < 0 || state.traces.length > 1 || state.watcher !== null) return false;
  for (let k = 0; k < order.length; k++) {
    const { primitive, attached } = order[k] as Node;
    if (primitive !== null && primitive.custom) return false;
    if (attached !== null && (attached.hooks.size > 0 || (attached.keepsGrad && primitive !== null))) return false;
  }
  return true;
}

/** Gives back the memory of what was made on the way and no cotangent holds. */
function release(temporaries: Storage[]): void {
  let kept = 0;
  for (let k = 0; k < temporaries.length; k++) {
    const storage = temporaries[k] as Storage;
    if (storage.holds > 0) temporaries[kept++] = storage;
    else if (storage.temporary) state.backend.memory?.release(storage);
  }
  temporaries.length = kept;
}

function carry(
  order: readonly Node[],
  roots: readonly Node[],
  seeds: readonly Tensor[],
  reached: (leaf: Node, ct: Tensor | null, owned: boolean) => void,
): void {
  for (let k = 0; k < roots.length; k++) accumulate(roots[k] as Node, seeds[k] as Tensor, false);
  for (let i = order.length - 1; i >= 0; i--) {
    const node = order[i] as Node;
    let ct = node.cotangent;
    node.cotangent = null;
    if (ct !== null) ct.storage.holds--;
    const { primitive, parents, attached } = node;
    if (attached !== null && ct !== null && needsAttention(node, attached)) ct = attend(node, attached, ct);
    if (primitive === null) {
      reached(node, ct, node.owned && (attached === null || attached.hooks.size === 0));
      continue;
    }
    const { derivative } = primitive;
    if (ct === null || derivative === null) continue;
    const { inputs, value, params } = node;
    checkFresh(node, derivative.reads);
    if (state.watcher !== null) state.watcher.backward?.(node, ct);
    for (let k = 0; k < parents.length; k++) {
      const parent = parents[k] as Node | null;
      if (parent === null) continue;
      const pull = pullbackTo(derivative, k);
      const g = pull === null ? null : pull(ct, inputs, value, params, k);
      if (g !== null) accumulate(parent, g, isFresh(g, ct, node));
    }
    const { temporaries } = state;
    if (temporaries !== null && temporaries.length > 0) release(temporaries);
  }
}

function needsAttention(node: Node, { hooks, keepsGrad }: Attachment): boolean {
  return hooks.size > 0 || (keepsGrad && node.primitive !== null);
}

/** Lets users see, and replace, a cotangent. */
function attend(node: Node, attached: Attachment, ct: Tensor): Tensor {
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

/** Lets no walk come here again, and gives back what memory it can; returns how many numbers the node still holds. */
function free(node: Node): number {
  if (node.primitive === null || node.freed) return 0;
  if (state.watcher !== null) state.watcher.freed?.(node);
  node.freed = true;
  const { storage } = node.value;
  if (storage.temporary && storage.holds === 0) state.backend.memory?.release(storage);
  // Small arrays have no place there, and count for nothing.
  return storage.place === null && !storage.movedOut ? 0 : storage.data.length;
}

function empty(node: Node): void {
  if (node.primitive === null) return;
  node.inputs = NONE;
  node.parents = NONE;
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
  const before = state.silent;
  if (!createGraph) state.silent = state.traces.length - 1;
  try {
    walkBack([root], [seed], keep, retainGraph);
  } finally {
    state.silent = before;
  }
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
  const one = allocate(x.dtype, 1);
  one[0] = 1;
  return wrap(one, x.shape, x.dtype);
}

function keep(leaf: Node, ct: Tensor | null, owned: boolean): void {
  const attached = attachmentOf(leaf);
  const { grad } = attached;
  if (grad !== null) {
    if (ct !== null) setGrad(attached, add(grad, ct));
  } else if (ct === null) setGrad(attached, zerosLike(leaf.value));
  else setGrad(attached, owned ? ct : clone(ct));
}

/** The nodes of those of `outputs` that are on the tape `owner`. */
export function nodesOn(owner: Trace, outputs: readonly Tensor[]): (Node | null)[] {
  return outputs.map(({ tracer }) => (tracer instanceof Node && tracer.trace === owner ? tracer : null));
}
