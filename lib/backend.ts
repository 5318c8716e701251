// What a backend has to do: fill a fresh array with the result of one primitive. Memory, shapes, views and derivatives are decided
// above it, so a backend is a table of kernels and may leave any of them out: the reference backend has all, and takes over. Kernels
// see blocks (an array with shape, strides and offset), never tensors, so they can hand pointers to WebAssembly or BLAS. A backend
// that compiles whole steps would sit one level higher, as a trace (see trace.ts).

import type { Data, DType } from "./dtype.ts";
import { denseStrides, type Shape } from "./shape.ts";

/** A place in a memory of a backend's, which alone knows what it is. */
export type Place = object;

/** The array behind one or more tensors: views share it. `version` is the time of its last change in place. */
export class Storage {
  // Only declared, and set once in the constructor: the engine would else define each of them first.
  declare data: Data;
  declare version: number;
  /** Whether a view was ever made of it. */
  declare shared: boolean;
  /** Where it lies in a memory of the backend's; null if `data` is an array of its own. */
  declare place: Place | null;
  /** Whether it lay there once and was moved out. */
  declare movedOut: boolean;
  /** Whether only the library can reach it: made in a backward pass in which no function of a user's ran, and never handed out. */
  declare temporary: boolean;
  /** How many cotangents and gradients hold it, as far as that matters for temporary ones. */
  declare holds: number;

  constructor(data: Data) {
    this.data = data;
    this.version = 0;
    this.shared = false;
    this.place = null;
    this.movedOut = false;
    this.temporary = false;
    this.holds = 0;
  }
}

/** Where the elements of a tensor lie; `strides` is null for a dense row-major block. */
export interface Block {
  readonly dtype: DType;
  readonly shape: Shape;
  readonly storage: Storage;
  readonly strides: readonly number[] | null;
  readonly offset: number;
}

export function stridesOf(block: Block): readonly number[] {
  return block.strides ?? denseStrides(block.shape);
}

/** A function that fills `out`, an array of shape `shape`: of zeros, unless the backend's memory gave it. */
export type Kernel<Params> = (out: Data, shape: Shape, inputs: readonly Block[], params: Params) => void;

export interface Reduction {
  readonly axes: readonly number[];
  readonly keepdim: boolean;
}
export interface Along {
  readonly axis: number;
}
export interface Nothing {
  readonly none?: never;
}

export type UnaryName =
  | "neg" | "exp" | "expm1" | "log" | "log1p" | "log2" | "log10" | "sin" | "cos" | "tan" | "sinh" | "cosh" | "tanh"
  | "asin" | "acos" | "atan" | "asinh" | "acosh" | "atanh" | "sigmoid" | "logSigmoid" | "softplus" | "relu" | "abs" | "sign" | "floor" | "ceil" | "round"
  | "trunc" | "sqrt" | "rsqrt" | "reciprocal" | "square" | "erf" | "lgamma" | "digamma" | "logicalNot"; // prettier-ignore
/** The tangents of the most common activations from the tangent of the input and the output; that of a square from the input. */
export type TangentName = "sigmoidTangent" | "tanhTangent" | "reluTangent" | "squareTangent";
export type BinaryName =
  | "add" | "sub" | "mul" | "div" | "pow" | "maximum" | "minimum" | "atan2" | "hypot" | "remainder"; // prettier-ignore
export type ComparisonName = "eq" | "ne" | "lt" | "le" | "gt" | "ge" | "logicalAnd" | "logicalOr";

/** The primitives that compute, with the parameters of each; those that only look at memory otherwise are in {@link ViewParams}. */
export interface KernelParams
  extends Record<UnaryName, Nothing>, Record<BinaryName | TangentName, Nothing>, Record<ComparisonName, Nothing> {
  polygamma: { readonly n: number };
  powScalar: { readonly exponent: number };
  clamp: { readonly min: number; readonly max: number };
  where: Nothing;
  cast: { readonly dtype: DType };
  copy: Nothing;
  sum: Reduction;
  amax: Reduction;
  amin: Reduction;
  argmax: Along;
  argmin: Along;
  argsort: Along & { readonly descending: boolean };
  recurrence: Along & { readonly reverse: boolean };
  softmax: Along;
  logSoftmax: Along;
  logsumexp: Reduction;
  norm: Reduction;
  pad: { readonly low: readonly number[]; readonly high: readonly number[]; readonly step: readonly number[] };
  cat: Along;
  gather: Along;
  scatterAdd: Along;
  fold: { readonly axis: number; readonly length: number; readonly step: number; readonly dilation: number };
  mean: Reduction;
  /** x · scale + shift: what adding and multiplying plain numbers is; `as` says which, for display. */
  affine: { readonly scale: number; readonly shift: number; readonly as: string };
  /** The product of the last two axes, each operand transposed or not. */
  matmul: { readonly ta: boolean; readonly tb: boolean };
  /** x · wᵀ + b of matrices x [n, in], w [out, in] and a vector b [out]. */
  linear: Nothing;
  inverse: Nothing;
  solve: Nothing;
  det: Nothing;
  cholesky: Nothing;
}

/** The primitives that read the same memory in another order: no backend takes part. */
export interface ViewParams {
  reshape: { readonly shape: Shape };
  permute: { readonly dims: readonly number[] };
  expand: { readonly shape: Shape };
  /** Elements `start`, `start + step`, … of every axis, `length` of them; a negative step runs backwards. */
  slice: { readonly start: readonly number[]; readonly length: readonly number[]; readonly step: readonly number[] };
  /** Windows of `size` elements, `dilation` apart, every `step` along `axis`; the window becomes the last axis. */
  unfold: { readonly axis: number; readonly size: number; readonly step: number; readonly dilation: number };
  stopGradient: Nothing;
}

export type Params = KernelParams & ViewParams;
export type KernelName = keyof KernelParams;
export type PrimitiveName = keyof Params;

export type Kernels = { readonly [P in KernelName]: Kernel<KernelParams[P]> };

/** Where a backend keeps arrays that its kernels can use without a copy. */
export interface Memory {
  /** Elements below which it has no room for an array, of whatever type. */
  readonly least: number;
  /** The bytes that were in use at most. */
  readonly bytes: number;
  /** A storage for the result of a kernel, whose numbers may be anything; null if an array does as well. */
  storage(dtype: DType, length: number): Storage | null;
  /** Takes back the memory of a storage that nobody can reach any more. Nothing has to be given back. */
  release(storage: Storage): void;
  /** Puts it in order after an interrupt, which may have cut off any call. */
  reset(): void;
}

/** A step of an optimizer in one pass, on dense f32 blocks: false if the backend would rather not. */
export interface Updates {
  /** w ← w - lr · d with d = g + decay · w; where there is a velocity, v ← momentum · v + part · d comes in the place of d. */
  sgd(
    w: Block,
    g: Block,
    velocity: Storage | null,
    numbers: { lr: number; decay: number; momentum: number; part: number; nesterov: boolean },
  ): boolean;
  /**
   * m ← m + (1 - b1)(d - m), s ← b2 s + (1 - b2) d², w ← keep · w - size · m / (√s / root + eps), with d = g + decay · w; `largest`, if
   * any, holds the largest s so far, which then stands for s.
   */
  adam(
    w: Block,
    g: Block,
    means: Storage,
    squares: Storage,
    largest: Storage | null,
    numbers: { b1: number; b2: number; size: number; root: number; eps: number; keep: number; decay: number },
  ): boolean;
}

/** An implementation of the primitives. */
export interface Backend {
  readonly name: string;
  readonly kernels: Partial<Kernels>;
  readonly memory?: Memory;
  readonly updates?: Updates;
}
