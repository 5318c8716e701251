// What reverse accumulation walks back over. Every recorded operation appends a node that points at the nodes of its inputs, which are
// older; nothing points forward. So the tape has no list of its own that would have to be cleared: what no tensor can reach any
// more is garbage, and a loop that never calls `backward()` does not grow. `backward()` and `grad` record in the same way; they differ
// in the level at which they do.

import { isFloat } from "./dtype.ts";
import type { Storage } from "./backend.ts";
import type { Shape } from "./shape.ts";
import { bind, type Primitive, state, type Tensor, Trace, trace, type Tracer } from "./trace.ts";

/** What users hang on a node: a gradient to keep, functions to call with it. */
export interface Attachment {
  grad: Tensor | null;
  keepsGrad: boolean;
  readonly hooks: Set<(grad: Tensor) => Tensor | undefined>;
}

/** One recorded operation, or a leaf: a tensor whose gradient was asked for. */
// Fields are only declared, and set once in the constructor: the engine would else define each of them first.
export class Node implements Tracer {
  declare readonly trace: Trace;
  /** The output, one level down. */
  declare readonly value: Tensor;
  /** Null for a leaf. */
  declare readonly primitive: Primitive<unknown> | null;
  /** What the rule reads; emptied some time after the graph is freed. */
  declare inputs: readonly Tensor[];
  declare params: unknown;
  /** The nodes of the inputs; null where an input is a constant. */
  declare parents: readonly (Node | null)[];
  /** The time of recording: what was changed in place later is stale. */
  declare readonly clock: number;
  declare freed: boolean;
  /** The walk that saw this node last, and what it carries here; a cotangent of another walk is meaningless. */
  declare walk: number;
  declare cotangent: Tensor | null;
  /** Whether nobody else holds the array of `cotangent`. */
  declare owned: boolean;
  /** While a walk looks for nodes: how many parents it has seen, and from which child it came. */
  declare seen: number;
  declare child: Node | null;
  declare attached: Attachment | null;
  /** Where the user called the operation, while anomalies are looked for. */
  declare origin: string | undefined;

  constructor(
    owner: Trace,
    value: Tensor,
    primitive: Primitive<unknown> | null,
    inputs: readonly Tensor[],
    params: unknown,
    parents: readonly (Node | null)[],
  ) {
    this.trace = owner;
    this.value = value;
    this.primitive = primitive;
    this.inputs = inputs;
    this.params = params;
    this.parents = parents;
    this.clock = state.clock;
    this.freed = false;
    this.walk = 0;
    this.cotangent = null;
    this.owned = false;
    this.seen = 0;
    this.child = null;
    this.attached = null;
    this.origin = undefined;
  }
}

const NONE: readonly never[] = [];

function nodeOf(owner: Trace, x: Tensor): Node | null {
  const { tracer } = x;
  return tracer !== null && tracer.trace === owner ? (tracer as Node) : null;
}

function parentsOf(owner: Trace, inputs: readonly Tensor[]): (Node | null)[] {
  // Lists that grow are three times as large as lists that are written out.
  const [a, b, c] = inputs as [Tensor, Tensor, Tensor];
  switch (inputs.length) {
    case 1:
      return [nodeOf(owner, a)];
    case 2:
      return [nodeOf(owner, a), nodeOf(owner, b)];
    case 3:
      return [nodeOf(owner, a), nodeOf(owner, b), nodeOf(owner, c)];
    default:
      return inputs.map((x) => nodeOf(owner, x));
  }
}

/** The tape of one `grad` or `vjp`. */
export class Tape extends Trace {
  process<P>(primitive: Primitive<P>, inputs: readonly Tensor[], params: P): Tensor {
    const lowered = this.lower(inputs);
    const y = bind(primitive, lowered, params);
    if (!this.open || this.level <= state.silent || primitive.derivative === null || !isFloat(y.dtype)) return y;
    const node = new Node(this, y, primitive as Primitive<unknown>, lowered, params, parentsOf(this, inputs));
    if (state.watcher !== null) state.watcher.recorded?.(node);
    return trace(node);
  }

  /** A tensor that stands for `x` on this tape. */
  leaf<S extends Shape>(x: Tensor<S>): Tensor<S> {
    return trace(new Node(this, x, null, NONE, undefined, NONE)) as Tensor<S>;
  }
}

/** The tape of `backward()`, at the bottom: its tensors hold their numbers themselves. */
class BottomTape extends Trace {
  process<P>(primitive: Primitive<P>, inputs: readonly Tensor[], params: P): Tensor {
    const y = primitive.evaluate(inputs, params);
    if (state.silent >= 0 || primitive.derivative === null || !isFloat(y.dtype)) return y;
    y.tracer = new Node(this, y, primitive as Primitive<unknown>, inputs, params, parentsOf(this, inputs));
    if (state.watcher !== null) state.watcher.recorded?.(y.tracer);
    return y;
  }
}

export const bottom: Trace = new BottomTape(0);
state.traces.push(bottom);

/** The node of `x` on the tape of `backward()`. */
export function bottomNode(x: Tensor): Node | null {
  return x.tracer !== null && x.tracer.trace === bottom ? (x.tracer as Node) : null;
}

/** The gradient of `x`, for the library's own use: what users ask for is handed out by `.grad`. */
export function gradOf(x: Tensor): Tensor | null {
  return bottomNode(x)?.attached?.grad ?? null;
}

/** Replaces a gradient; the memory of the one before is free for the next, if nobody was given that. */
export function setGrad(attached: Attachment, grad: Tensor | null): void {
  const before = attached.grad;
  attached.grad = grad;
  if (grad !== null) grad.storage.holds++;
  if (before === null) return;
  const { storage } = before;
  storage.holds--;
  if (storage.temporary && storage.holds === 0) state.backend.memory?.release(storage);
}

/**
 * Runs a computation of the library's own that hands out nothing but its result: the memory of what it makes on the way is free for others
 * as soon as no backward pass needs it any more.
 */
export function composed(f: () => Tensor): Tensor {
  if (state.traces.length > 1 || state.watcher !== null || state.backend.memory === undefined) return f();
  const outer = state.temporaries;
  const temporaries: Storage[] = [];
  state.temporaries = temporaries;
  try {
    const y = f();
    const { storage } = y;
    // Part of something larger that is composed, it may be temporary there.
    storage.temporary = false;
    if (outer !== null && temporaries.includes(storage)) {
      storage.temporary = true;
      outer.push(storage);
    }
    if (y.tracer === null)
      for (const made of temporaries) if (made !== storage && made.temporary) state.backend.memory.release(made);
    return y;
  } finally {
    state.temporaries = outer;
  }
}

/** Runs a function of the user's on `x`, inside or outside of what is {@link composed}. */
export function exposed(x: Tensor, f: () => Tensor): Tensor {
  const outer = state.temporaries;
  if (outer === null) return f();
  x.storage.temporary = false;
  state.temporaries = null;
  try {
    return f();
  } finally {
    state.temporaries = outer;
  }
}

/** Makes `x` a leaf of the tape of `backward()`. */
export function makeLeaf(call: string, x: Tensor): void {
  if (!isFloat(x.dtype)) {
    throw new TypeError(
      `${call}: only f32 and f64 tensors have gradients, not ${x.dtype}; convert it first: x.to("f32")`,
    );
  }
  if (x.tracer !== null && x.tracer.trace !== bottom) {
    throw new TypeError(`${call}: inside grad, jvp or vmap a tensor has no gradient of its own; nest grad instead`);
  }
  if (x.tracer === null) x.tracer = new Node(bottom, x, null, NONE, undefined, NONE);
}

/** What the user called. */
export function shownName(node: Node): string {
  if (node.primitive === null) return "parameter";
  const { params } = node;
  const as: unknown = typeof params === "object" && params !== null ? Reflect.get(params, "as") : undefined;
  return typeof as === "string" ? as : node.primitive.name;
}

export function attachmentOf(node: Node): Attachment {
  node.attached ??= { grad: null, keepsGrad: node.primitive === null, hooks: new Set() };
  return node.attached;
}

/**
 * Runs `f` without recording: what it computes from tensors that need gradients is a constant. A `grad` inside it records as ever.
 *
 * @example
 * noGrad(() => w.sub_(w.grad.mul(0.1)));
 */
export function noGrad<R>(f: () => R): R {
  return silently(f, "noGrad");
}

/**
 * Runs `f` with recording switched on again, inside {@link noGrad}.
 *
 * @example
 * noGrad(() => enableGrad(() => w.square().sum()).backward());
 */
export function enableGrad<R>(f: () => R): R {
  const before = state.silent;
  state.silent = -1;
  try {
    return f();
  } finally {
    state.silent = before;
  }
}

/**
 * Whether operations on tensors that need gradients are recorded now.
 *
 * @example
 * isGradEnabled() // true
 * noGrad(() => isGradEnabled()); // false
 */
export function isGradEnabled(): boolean {
  return state.silent < state.traces.length - 1;
}

export function silently<R>(f: () => R, call = "backward"): R {
  const before = state.silent;
  state.silent = state.traces.length - 1;
  try {
    const result = f();
    if (result instanceof Promise) {
      throw new TypeError(`${call}: needs a function that returns when it is done, not a promise`);
    }
    return result;
  } finally {
    state.silent = before;
  }
}
