// The shape and type of what each kernel gives, from those of its inputs. Inputs were checked by the operation that called.

import type { BinaryName, Block, ComparisonName, KernelName, KernelParams, Reduction, UnaryName } from "./backend.ts";
import type { DType } from "./dtype.ts";
import { broadcast, reduceShape, type Shape } from "./shape.ts";

interface Result<P> {
  readonly shape: (inputs: readonly Block[], params: P) => Shape;
  readonly dtype: (inputs: readonly Block[], params: P) => DType;
}

const at = (inputs: readonly Block[], k: number): Block => inputs[k] as Block;
const sizeAt = (shape: Shape, axis: number): number => shape[axis] as number;
export const same = (inputs: readonly Block[]): Shape => at(inputs, 0).shape;
export const dtypeOfFirst = (inputs: readonly Block[]): DType => at(inputs, 0).dtype;
const bool = (): DType => "bool";
const i32 = (): DType => "i32";

function both(inputs: readonly Block[]): Shape {
  const a = at(inputs, 0).shape;
  const b = at(inputs, 1).shape;
  return a === b ? a : (broadcast(a, b) as Shape);
}

const unary: Result<unknown> = { shape: same, dtype: dtypeOfFirst };
const binary: Result<unknown> = { shape: both, dtype: dtypeOfFirst };
const comparison: Result<unknown> = { shape: both, dtype: bool };
const reduction: Result<Reduction> = {
  shape: (inputs, { axes, keepdim }) => reduceShape(same(inputs), axes, keepdim),
  dtype: dtypeOfFirst,
};
const place: Result<{ axis: number }> = {
  shape: (inputs, { axis }) => reduceShape(same(inputs), [axis], false),
  dtype: i32,
};

const UNARY: readonly UnaryName[] = ["neg", "exp", "expm1", "log", "log1p", "log2", "log10", "sin", "cos", "tan", "sinh", "cosh", "tanh", "asin", "acos", "atan", "asinh", "acosh", "atanh", "sigmoid", "logSigmoid", "softplus", "relu", "abs", "sign", "floor", "ceil", "round", "trunc", "sqrt", "rsqrt", "reciprocal", "square", "erf", "lgamma", "digamma", "logicalNot"]; // prettier-ignore
const BINARY: readonly BinaryName[] = ["add", "sub", "mul", "div", "pow", "maximum", "minimum", "atan2", "hypot", "remainder"]; // prettier-ignore
const COMPARISONS: readonly ComparisonName[] = ["eq", "ne", "lt", "le", "gt", "ge", "logicalAnd", "logicalOr"];

function all<N extends string>(names: readonly N[], result: Result<unknown>): Record<N, Result<unknown>> {
  return Object.fromEntries(names.map((name) => [name, result])) as Record<N, Result<unknown>>;
}

export const results: { readonly [P in KernelName]: Result<KernelParams[P]> } = {
  ...all(UNARY, unary),
  ...all(BINARY, binary),
  ...all(COMPARISONS, comparison),
  logicalNot: { shape: same, dtype: bool },
  polygamma: unary,
  powScalar: unary,
  affine: unary,
  sigmoidTangent: unary,
  tanhTangent: unary,
  reluTangent: unary,
  squareTangent: unary,
  clamp: unary,
  where: {
    shape: ([c, a, b]) =>
      broadcast((c as Block).shape, broadcast((a as Block).shape, (b as Block).shape) as Shape) as Shape,
    dtype: (inputs) => at(inputs, 1).dtype,
  },
  cast: { shape: same, dtype: (_, { dtype }) => dtype },
  copy: unary,
  sum: {
    shape: reduction.shape,
    dtype: (inputs) => (dtypeOfFirst(inputs) === "bool" ? "i32" : dtypeOfFirst(inputs)),
  },
  amax: reduction,
  amin: reduction,
  logsumexp: reduction,
  mean: reduction,
  norm: reduction,
  argmax: place,
  argmin: place,
  argsort: { shape: same, dtype: i32 },
  recurrence: unary,
  softmax: unary,
  logSoftmax: unary,
  pad: {
    shape: (inputs, { low, high, step }) =>
      same(inputs).map((n, k) => sizeAt(low, k) + Math.max(0, (n - 1) * sizeAt(step, k) + 1) + sizeAt(high, k)),
    dtype: dtypeOfFirst,
  },
  cat: {
    shape: (inputs, { axis }) => {
      const length = inputs.reduce((sum, x) => sum + sizeAt(x.shape, axis), 0);
      return same(inputs).map((n, k) => (k === axis ? length : n));
    },
    dtype: dtypeOfFirst,
  },
  gather: { shape: (inputs) => at(inputs, 1).shape, dtype: dtypeOfFirst },
  scatterAdd: unary,
  fold: {
    shape: (inputs, { axis, length }) =>
      same(inputs)
        .slice(0, -1)
        .map((n, k) => (k === axis ? length : n)),
    dtype: dtypeOfFirst,
  },
  matmul: {
    shape: ([a, b], { ta, tb }) => {
      const x = (a as Block).shape;
      const y = (b as Block).shape;
      const rows = sizeAt(x, x.length - (ta ? 1 : 2));
      const columns = sizeAt(y, y.length - (tb ? 2 : 1));
      if (x.length === 2 && y.length === 2) return [rows, columns];
      return [...(broadcast(x.slice(0, -2), y.slice(0, -2)) as Shape), rows, columns];
    },
    dtype: dtypeOfFirst,
  },
  linear: {
    shape: ([x, w]) => [sizeAt((x as Block).shape, 0), sizeAt((w as Block).shape, 0)],
    dtype: dtypeOfFirst,
  },
  inverse: unary,
  solve: {
    shape: ([a, b]) => {
      const x = (a as Block).shape;
      const y = (b as Block).shape;
      return [...(broadcast(x.slice(0, -2), y.slice(0, -2)) as Shape), ...y.slice(-2)];
    },
    dtype: dtypeOfFirst,
  },
  det: { shape: (inputs) => same(inputs).slice(0, -2), dtype: dtypeOfFirst },
  cholesky: unary,
};
