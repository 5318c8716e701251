// How a primitive meets a transformation. A tensor is a block of numbers, or stands for one in a transformation: then it has a
// tracer, and its transformation (a trace) interprets what is done with it. Traces are stacked, the innermost on top; `bind` hands a
// primitive to the topmost trace among its inputs, which works with the values one level down and so calls `bind` again, until no
// tracer is left and the primitive is evaluated. Derivatives of different levels never mix: that is what keeps nested
// transformations from confusing perturbations (https://docs.jax.dev/en/latest/autodidax.html).

import {
  type Backend,
  type Block,
  type Kernel,
  type Memory,
  type Nothing,
  type Params,
  type PrimitiveName,
  Storage,
} from "./backend.ts";
import { reference } from "./backend/reference.ts";
import { type allocate, allocateResult, type DType, isFloat } from "./dtype.ts";
import type { DisplayMethods } from "./display/methods.ts";
import type { ElementwiseMethods } from "./methods/elementwise.ts";
import type { GradientMethods } from "./methods/gradient.ts";
import type { InPlaceMethods } from "./methods/in-place.ts";
import type { ReductionMethods } from "./methods/reduction.ts";
import type { ValueMethods } from "./methods/value.ts";
import type { ViewMethods } from "./methods/view.ts";
import { dtypeOfFirst, results, same } from "./results.ts";
import { type Shape, sizeOf } from "./shape.ts";
import { views } from "./views.ts";

/**
 * An array of numbers of one type. The type parameter is its shape: `Tensor<[2, 3]>` has two rows and three columns, and plain
 * `Tensor` any shape at all. Make one with `tensor`, `zeros`, `randn` and their like, never with `new`.
 *
 * @example
 * const x = tensor([[1, 2], [3, 4]]); // Tensor<[2, 2]>
 * x.matmul(x).sum().item(); // 54
 */
// oxlint-disable-next-line typescript/no-unsafe-declaration-merging -- tensor.ts puts the methods on it before anyone can see one
export class Tensor<S extends Shape = Shape> {
  /** The sizes of its dimensions. */
  declare readonly shape: S;
  /** The type of its elements. */
  declare readonly dtype: DType;
  /** @internal null for a tracer of a transformation. */
  declare readonly storage: Storage;
  /** @internal */
  declare readonly strides: readonly number[] | null;
  /** @internal */
  declare readonly offset: number;
  /** @internal What stands behind it in a transformation or on the tape. */
  declare tracer: Tracer | null;

  /** @internal */
  constructor(
    shape: S,
    dtype: DType,
    storage: Storage,
    strides: readonly number[] | null,
    offset: number,
    tracer: Tracer | null,
  ) {
    this.shape = shape;
    this.dtype = dtype;
    this.storage = storage;
    this.strides = strides;
    this.offset = offset;
    this.tracer = tracer;
  }
}

// The methods stand in methods/, which need the operations, which need this class.
export interface Tensor<S extends Shape = Shape>
  extends
    ElementwiseMethods,
    ReductionMethods,
    ViewMethods,
    ValueMethods,
    GradientMethods,
    InPlaceMethods,
    DisplayMethods {
  readonly shape: S;
}

/**
 * Whether something is a tensor.
 *
 * @example
 * isTensor(ones([2])) // true
 */
export function isTensor(x: unknown): x is Tensor {
  return x instanceof Tensor;
}

/** The storage of a tensor that only stands for a value. */
export const NO_STORAGE = new Storage(new Float64Array(0));

/** What a tensor stands for at one level. */
export interface Tracer {
  readonly trace: Trace;
  /** The value one level down. */
  readonly value: Tensor;
}

/** One transformation at work. */
export abstract class Trace {
  readonly level: number;

  constructor(level: number) {
    this.level = level;
  }

  /** Interprets a primitive of whose inputs at least one has a tracer of this trace. */
  abstract process<P>(primitive: Primitive<P>, inputs: readonly Tensor[], params: P): Tensor;

  /** What tells a user that a value cannot be read; undefined if it can. */
  readonly unreadable: string | undefined;

  /** False once the transformation is over: its tracers are then constants. */
  get open(): boolean {
    return state.traces[this.level] === this;
  }

  /** The inputs one level down. */
  lower(inputs: readonly Tensor[]): Tensor[] {
    return inputs.map((x) => (x.tracer !== null && x.tracer.trace === this ? x.tracer.value : x));
  }
}

/** The cotangent of input `k` from that of the output. */
export type Pullback<P> = (
  ct: Tensor,
  inputs: readonly Tensor[],
  output: Tensor,
  params: P,
  k: number,
) => Tensor | null;

/** Derivatives of one primitive, as {@link Primitive} uses them; primitives.ts holds them with precise types. */
export interface Derivative<P> {
  /** The tangent of the output; a tangent that is null is zero. */
  jvp(tangents: readonly (Tensor | null)[], inputs: readonly Tensor[], output: Tensor, params: P): Tensor | null;
  /** What gives the cotangent of each input (or of any): null, of a function and of its result, is zero. */
  readonly vjp: Pullback<P> | readonly (Pullback<P> | null)[];
  /** What vjp reads, so that a change of it in place is noticed. */
  readonly reads: { readonly inputs: boolean; readonly output: boolean };
}

/** The pullback to input `k`. */
export function pullbackTo<P>({ vjp }: Derivative<P>, k: number): Pullback<P> | null {
  return typeof vjp === "function" ? vjp : (vjp[k] ?? null);
}

/** One operation that every transformation knows. */
export class Primitive<P> {
  readonly name: string;
  readonly evaluate: (inputs: readonly Tensor[], params: P) => Tensor;
  /** Null if the output does not depend smoothly on any input. */
  derivative: Derivative<P> | null = null;
  /** Whether a user wrote it. */
  custom = false;
  /** The same over a leading axis of the inputs that have one (`batched`), `size` long; the output has it too. */
  batch: (inputs: readonly Tensor[], batched: readonly boolean[], size: number, params: P) => Tensor = noRule;

  constructor(name: string, evaluate: (inputs: readonly Tensor[], params: P) => Tensor) {
    this.name = name;
    this.evaluate = evaluate;
  }
}

function noRule(): never {
  throw new Error("internal: lib/primitives.ts was not loaded");
}

/** Where a function of the user's runs that must not use tensors from outside: what to tell when it does. */
export function checkSealed(): void {
  if (state.sealed !== null) {
    throw new TypeError(
      `${state.sealed}: the function uses a tensor that derivatives flow through but that is not among its arguments; pass it as an argument`,
    );
  }
}

/** Looks on as primitives are evaluated. */
export interface Watcher {
  evaluated(name: string, inputs: readonly Tensor[], output: Tensor, params: unknown): void;
  recorded?(node: Tracer): void;
  backward?(node: Tracer, ct: Tensor): void;
  freed?(node: Tracer): void;
}

/** What is going on: one object, so that an interrupt can put it back (see `reset`). */
export const state = {
  /** The traces at work by level; level 0 is the tape of `backward()`. */
  traces: [] as Trace[],
  /** Tapes up to this level do not record. */
  silent: -1,
  /** Counts changes in place. */
  clock: 0,
  watcher: null as Watcher | null,
  /** The number of the walk back at work; 0 if none is. */
  walk: 0,
  /** The call inside which no tracer may be used. */
  sealed: null as string | null,
  /** Tracers of levels below this one are from outside. */
  sealedFrom: 0,
  backend: reference as Backend,
  /** What a backward pass makes that nobody else can reach; null outside of one, or when that cannot be said. */
  temporaries: null as Storage[] | null,
};

/** Hands a primitive to the innermost transformation that its inputs take part in. */
export function bind<P>(primitive: Primitive<P>, inputs: readonly Tensor[], params: P): Tensor {
  let top: Trace | null = null;
  for (let k = 0; k < inputs.length; k++) {
    const tracer = (inputs[k] as Tensor).tracer;
    if (tracer !== null && (top === null || tracer.trace.level > top.level)) top = tracer.trace;
  }
  if (top === null) return primitive.evaluate(inputs, params);
  if (state.sealed !== null && top.level < state.sealedFrom && top.open) checkSealed();
  return top.process(primitive, inputs, params);
}

/** Runs `body` with a new trace on top of those at work. */
export function withTrace<T extends Trace, R>(make: (level: number) => T, body: (trace: T) => R): R {
  const level = state.traces.length;
  const trace = make(level);
  state.traces.push(trace);
  try {
    return body(trace);
  } finally {
    state.traces.length = level;
  }
}

/**
 * Puts the library back into its resting state, after an interrupt that skipped `finally`: recording is on, no transformation is at
 * work, nobody looks on. Tensors stay as they are.
 */
export function reset(): void {
  state.traces.length = 1;
  state.silent = -1;
  state.watcher = null;
  state.walk = 0;
  state.sealed = null;
  state.temporaries = null;
  state.backend.memory?.reset();
}

/** A tensor that holds numbers of its own: the value of `x` when it stands for one. */
export function concrete(call: string, x: Tensor): Tensor {
  let value = x;
  while (value.storage === NO_STORAGE && value.tracer !== null) {
    const { trace } = value.tracer;
    if (trace.unreadable !== undefined) throw new TypeError(`${call}: ${trace.unreadable}`);
    value = value.tracer.value;
  }
  return value;
}

/** A dense tensor around `data`, which is handed over, not copied. */
export function wrap<S extends Shape>(data: ReturnType<typeof allocate>, shape: S, dtype: DType): Tensor<S> {
  return new Tensor(shape, dtype, new Storage(data), null, 0, null);
}

/** A tracer of `tracer.value`'s shape and type. */
export function trace(tracer: Tracer): Tensor {
  return new Tensor(tracer.value.shape, tracer.value.dtype, NO_STORAGE, null, 0, tracer);
}

interface Slot<P> {
  kernel: Kernel<P>;
  /** Where results of the backend's own kernels lie that have at least so many elements. */
  memory: Memory | null;
  least: number;
}

const kernels = new Map<string, Slot<never>>();
const primitives = new Map<string, Primitive<never>>();

/** Makes the primitive of this name; each is made once. */
export function primitive<N extends PrimitiveName>(name: N): Primitive<Params[N]> {
  type P = Params[N];
  if (primitives.has(name)) throw new Error(`internal: primitive ${name} is made twice`);
  const made = name in views ? viewPrimitive<P>(name) : kernelPrimitive<P>(name);
  primitives.set(name, made);
  return made;
}

function viewPrimitive<P>(name: string): Primitive<P> {
  const view = views[name as keyof typeof views] as unknown as (x: Block, params: P) => Block;
  return new Primitive<P>(name, (inputs, params) => {
    const { shape, dtype, storage, strides, offset } = view(inputs[0] as Tensor, params);
    const out = new Tensor(shape, dtype, storage, strides, offset, null);
    storage.shared = true;
    if (state.watcher !== null) state.watcher.evaluated(name, inputs, out, params);
    return out;
  });
}

function kernelPrimitive<P>(name: string): Primitive<P> {
  const result = results[name as keyof typeof results] as unknown as {
    shape(inputs: readonly Block[], params: P): Shape;
    dtype(inputs: readonly Block[], params: P): DType;
  };
  const slot = slotOf(name) as Slot<P>;
  kernels.set(name, slot);
  // Most results are as the first input in shape, type or both: no need to call a function for that.
  const alike = result.shape === same;
  const typed = result.dtype === dtypeOfFirst;
  return new Primitive<P>(name, (inputs, params) => {
    const first = inputs[0] as Tensor;
    const shape = alike ? first.shape : result.shape(inputs, params);
    const dtype = typed ? first.dtype : result.dtype(inputs, params);
    const length = sizeOf(shape);
    // Small arrays are the collector's, which is fastest with them.
    const own = slot.memory !== null && length >= slot.least ? slot.memory.storage(dtype, length) : null;
    const storage = own ?? new Storage(allocateResult(dtype, length));
    if (own !== null && state.temporaries !== null) {
      own.temporary = true;
      state.temporaries.push(own);
    }
    slot.kernel(storage.data, shape, inputs, params);
    const out = new Tensor(shape, dtype, storage, null, 0, null);
    if (state.watcher !== null) state.watcher.evaluated(name, inputs, out, params);
    return out;
  });
}

function slotOf(name: string): Slot<never> {
  const key = name as keyof typeof reference.kernels;
  const { kernels: own, memory = null } = state.backend;
  if (!(key in own)) return { kernel: reference.kernels[key], memory: null, least: 0 };
  return { kernel: own[key] as Kernel<never>, memory, least: memory?.least ?? 0 };
}

/** Computes with `backend` from now on; what it leaves out, the reference backend does. */
export function useBackend(backend: Backend): void {
  state.backend = backend;
  for (const [name, slot] of kernels) Object.assign(slot, slotOf(name));
}

/** The primitives made so far, by name. */
export function allPrimitives(): ReadonlyMap<string, Primitive<never>> {
  return primitives;
}

export const NOTHING: Nothing = {};

/** Whether derivatives can flow through `x`. */
export function differentiable(x: Tensor): boolean {
  return isFloat(x.dtype);
}
