// Kernels that compute each element from the elements at the same place.

import type { BinaryName, Block, ComparisonName, Kernel, Kernels, TangentName, UnaryName } from "../../backend.ts";
import type { Data } from "../../dtype.ts";
import { type Shape, sameShape, sizeOf } from "../../shape.ts";
import { eachRow } from "./loops.ts";
import { digamma, erf, lgamma, polygamma, roundHalfEven } from "./special.ts";

/** The function applied to every element. */
function mapBlock(out: Data, x: Block, f: (x: number) => number): void {
  const { data } = x.storage;
  if (x.strides === null) {
    for (let k = 0, from = x.offset; k < out.length; k++, from++) out[k] = f(data[from] as number);
    return;
  }
  eachRow(x.shape, [x], (to, starts, length, steps) => {
    let from = starts[0] as number;
    for (let j = 0; j < length; j++, from += steps[0] as number) out[to + j] = f(data[from] as number);
  });
}

function unary(f: (x: number) => number): Kernel<unknown> {
  return (out, _, inputs) => mapBlock(out, inputs[0] as Block, f);
}

function binary(f: (x: number, y: number) => number): Kernel<unknown> {
  return (out, shape, inputs) => {
    if (!zip(out, shape, inputs, f)) zipRows(out, shape, inputs[0] as Block, inputs[1] as Block, f);
  };
}

/**
 * How an operand that is broadcast to `shape` is walked through in one run: by 1, starting over at its end where it is repeated along
 * leading axes, by 0 where all is one number; -1 if not in one run.
 */
function stepOf(x: Block, shape: Shape): -1 | 0 | 1 {
  if (x.strides === null && sameShape(x.shape, shape)) return 1;
  if (x.strides === null ? sizeOf(x.shape) === 1 : x.strides.every((s, k) => s === 0 || x.shape[k] === 1)) return 0;
  if (x.strides !== null) return -1;
  let lead = 0;
  while (x.shape[lead] === 1) lead++;
  const rank = x.shape.length - lead;
  for (let k = 1; k <= rank; k++) if (x.shape[x.shape.length - k] !== shape[shape.length - k]) return -1;
  return 1;
}

/** The place at which an operand starts over. */
function endOf(x: Block): number {
  return x.offset + sizeOf(x.shape);
}

function zip(out: Data, shape: Shape, inputs: readonly Block[], f: (x: number, y: number) => number): boolean {
  const x = inputs[0] as Block;
  const y = inputs[1] as Block;
  const stepX = stepOf(x, shape);
  const stepY = stepOf(y, shape);
  if (stepX < 0 || stepY < 0) return false;
  const a = x.storage.data;
  const b = y.storage.data;
  const endX = endOf(x);
  const endY = endOf(y);
  for (let k = 0, i = x.offset, j = y.offset; k < out.length; k++) {
    out[k] = f(a[i] as number, b[j] as number);
    i += stepX;
    j += stepY;
    if (i === endX) i = x.offset;
    if (j === endY) j = y.offset;
  }
  return true;
}

function zipRows(out: Data, shape: Shape, x: Block, y: Block, f: (x: number, y: number) => number): void {
  const a = x.storage.data;
  const b = y.storage.data;
  eachRow(shape, [x, y], (to, starts, length, steps) => {
    let i = starts[0] as number;
    let j = starts[1] as number;
    const stepI = steps[0] as number;
    const stepJ = steps[1] as number;
    for (let k = 0; k < length; k++, i += stepI, j += stepJ) out[to + k] = f(a[i] as number, b[j] as number);
  });
}

const flag = (condition: boolean): number => (condition ? 1 : 0);

/** 1 / (1 + e⁻ˣ), without overflow on either side. */
export function sigmoid(x: number): number {
  if (x >= 0) return 1 / (1 + Math.exp(-x));
  const e = Math.exp(x);
  return e / (1 + e);
}

/** log(1 + eˣ), and x itself above 20, as in PyTorch. */
function softplus(x: number): number {
  return x > 20 ? x : Math.log1p(Math.exp(x));
}

// NaN wins over any number, as in PyTorch and Math.max.
const maximum = (x: number, y: number): number => (x > y || Number.isNaN(x) ? x : y);
const minimum = (x: number, y: number): number => (x < y || Number.isNaN(x) ? x : y);

const UNARY: { readonly [N in UnaryName]: (x: number) => number } = {
  neg: (x) => -x,
  exp: Math.exp,
  expm1: Math.expm1,
  log: Math.log,
  log1p: Math.log1p,
  log2: Math.log2,
  log10: Math.log10,
  sin: Math.sin,
  cos: Math.cos,
  tan: Math.tan,
  sinh: Math.sinh,
  cosh: Math.cosh,
  tanh: Math.tanh,
  asin: Math.asin,
  acos: Math.acos,
  atan: Math.atan,
  asinh: Math.asinh,
  acosh: Math.acosh,
  atanh: Math.atanh,
  sigmoid,
  logSigmoid: (x) => Math.min(x, 0) - Math.log1p(Math.exp(-Math.abs(x))),
  softplus,
  relu: (x) => (x < 0 ? 0 : x),
  abs: Math.abs,
  sign: Math.sign,
  floor: Math.floor,
  ceil: Math.ceil,
  round: roundHalfEven,
  trunc: Math.trunc,
  sqrt: Math.sqrt,
  rsqrt: (x) => 1 / Math.sqrt(x),
  reciprocal: (x) => 1 / x,
  square: (x) => x * x,
  erf,
  lgamma,
  digamma,
  logicalNot: (x) => flag(x === 0),
};

const BINARY: { readonly [N in BinaryName | ComparisonName | TangentName]: (x: number, y: number) => number } = {
  add: (x, y) => x + y,
  sub: (x, y) => x - y,
  mul: (x, y) => x * y,
  div: (x, y) => x / y,
  pow: (x, y) => x ** y,
  maximum,
  minimum,
  atan2: Math.atan2,
  hypot: Math.hypot,
  // The sign of the divisor, as in Python.
  remainder: (x, y) => {
    const rest = x % y;
    return rest !== 0 && rest < 0 !== y < 0 ? rest + y : rest;
  },
  eq: (x, y) => flag(x === y),
  ne: (x, y) => flag(x !== y),
  lt: (x, y) => flag(x < y),
  le: (x, y) => flag(x <= y),
  gt: (x, y) => flag(x > y),
  ge: (x, y) => flag(x >= y),
  logicalAnd: (x, y) => flag(x !== 0 && y !== 0),
  logicalOr: (x, y) => flag(x !== 0 || y !== 0),
  sigmoidTangent: (t, y) => t * y * (1 - y),
  tanhTangent: (t, y) => t * (1 - y * y),
  reluTangent: (t, y) => (y > 0 ? t : 0),
  squareTangent: (t, x) => 2 * t * x,
};

type Named = UnaryName | BinaryName | ComparisonName | TangentName;

function kernelsOf(): Pick<Kernels, Named> {
  const entries = [
    ...Object.entries(UNARY).map(([name, f]) => [name, unary(f)] as const),
    ...Object.entries(BINARY).map(([name, f]) => [name, binary(f)] as const),
  ];
  return Object.fromEntries(entries) as unknown as Pick<Kernels, Named>;
}

// What most programs are made of has loops of its own: the engine compiles them to bare arithmetic, which it cannot do for one loop that
// calls many functions.
const general = kernelsOf();

export const elementwise: Pick<Kernels, Named | "affine" | "polygamma" | "powScalar" | "clamp" | "where"> = {
  ...general,
  add(out, shape, inputs, params) {
    const x = inputs[0] as Block;
    const y = inputs[1] as Block;
    const stepX = stepOf(x, shape);
    const stepY = stepOf(y, shape);
    if (stepX < 0 || stepY < 0) return general.add(out, shape, inputs, params);
    const a = x.storage.data;
    const b = y.storage.data;
    const endX = endOf(x);
    const endY = endOf(y);
    for (let k = 0, i = x.offset, j = y.offset; k < out.length; k++) {
      out[k] = (a[i] as number) + (b[j] as number);
      i += stepX;
      j += stepY;
      if (i === endX) i = x.offset;
      if (j === endY) j = y.offset;
    }
  },
  sub(out, shape, inputs, params) {
    const x = inputs[0] as Block;
    const y = inputs[1] as Block;
    const stepX = stepOf(x, shape);
    const stepY = stepOf(y, shape);
    if (stepX < 0 || stepY < 0) return general.sub(out, shape, inputs, params);
    const a = x.storage.data;
    const b = y.storage.data;
    const endX = endOf(x);
    const endY = endOf(y);
    for (let k = 0, i = x.offset, j = y.offset; k < out.length; k++) {
      out[k] = (a[i] as number) - (b[j] as number);
      i += stepX;
      j += stepY;
      if (i === endX) i = x.offset;
      if (j === endY) j = y.offset;
    }
  },
  mul(out, shape, inputs, params) {
    const x = inputs[0] as Block;
    const y = inputs[1] as Block;
    const stepX = stepOf(x, shape);
    const stepY = stepOf(y, shape);
    if (stepX < 0 || stepY < 0) return general.mul(out, shape, inputs, params);
    const a = x.storage.data;
    const b = y.storage.data;
    const endX = endOf(x);
    const endY = endOf(y);
    for (let k = 0, i = x.offset, j = y.offset; k < out.length; k++) {
      out[k] = (a[i] as number) * (b[j] as number);
      i += stepX;
      j += stepY;
      if (i === endX) i = x.offset;
      if (j === endY) j = y.offset;
    }
  },
  div(out, shape, inputs, params) {
    const x = inputs[0] as Block;
    const y = inputs[1] as Block;
    const stepX = stepOf(x, shape);
    const stepY = stepOf(y, shape);
    if (stepX < 0 || stepY < 0) return general.div(out, shape, inputs, params);
    const a = x.storage.data;
    const b = y.storage.data;
    const endX = endOf(x);
    const endY = endOf(y);
    for (let k = 0, i = x.offset, j = y.offset; k < out.length; k++) {
      out[k] = (a[i] as number) / (b[j] as number);
      i += stepX;
      j += stepY;
      if (i === endX) i = x.offset;
      if (j === endY) j = y.offset;
    }
  },
  sigmoidTangent(out, shape, inputs, params) {
    const t = inputs[0] as Block;
    const y = inputs[1] as Block;
    if (t.strides !== null || y.strides !== null) return general.sigmoidTangent(out, shape, inputs, params);
    const a = t.storage.data;
    const b = y.storage.data;
    for (let k = 0, i = t.offset, j = y.offset; k < out.length; k++, i++, j++) {
      const s = b[j] as number;
      out[k] = (a[i] as number) * s * (1 - s);
    }
  },
  squareTangent(out, shape, inputs, params) {
    const t = inputs[0] as Block;
    const x = inputs[1] as Block;
    // A cotangent that is one number everywhere is what the mean gives.
    const step = stepOf(t, shape);
    if (step < 0 || x.strides !== null) return general.squareTangent(out, shape, inputs, params);
    const a = t.storage.data;
    const b = x.storage.data;
    for (let k = 0, i = t.offset, j = x.offset; k < out.length; k++, i += step, j++) {
      out[k] = 2 * (a[i] as number) * (b[j] as number);
    }
  },
  sigmoid(out, shape, inputs, params) {
    const x = inputs[0] as Block;
    if (x.strides !== null) return general.sigmoid(out, shape, inputs, params);
    const { data } = x.storage;
    for (let k = 0, i = x.offset; k < out.length; k++, i++) out[k] = 1 / (1 + Math.exp(-(data[i] as number)));
  },
  square(out, shape, inputs, params) {
    const x = inputs[0] as Block;
    if (x.strides !== null) return general.square(out, shape, inputs, params);
    const { data } = x.storage;
    for (let k = 0, i = x.offset; k < out.length; k++, i++) out[k] = (data[i] as number) * (data[i] as number);
  },
  affine(out, _, inputs, { scale, shift }) {
    const x = inputs[0] as Block;
    if (x.strides !== null) return mapBlock(out, x, (v) => v * scale + shift);
    const { data } = x.storage;
    for (let k = 0, i = x.offset; k < out.length; k++, i++) out[k] = (data[i] as number) * scale + shift;
  },
  polygamma: (out, _, inputs, { n }) => mapBlock(out, inputs[0] as Block, (x) => polygamma(n, x)),
  powScalar: (out, _, inputs, { exponent }) => mapBlock(out, inputs[0] as Block, (x) => x ** exponent),
  clamp: (out, _, inputs, { min, max }) =>
    mapBlock(out, inputs[0] as Block, (x) => (x < min ? min : x > max ? max : x)),
  where(out, shape, inputs) {
    const [c, a, b] = inputs.map((x) => x.storage.data) as [Data, Data, Data];
    eachRow(shape, inputs, (to, starts, length, steps) => {
      let [h, i, j] = starts as [number, number, number];
      const [stepH, stepI, stepJ] = steps as [number, number, number];
      for (let k = 0; k < length; k++, h += stepH, i += stepI, j += stepJ) {
        out[to + k] = (c[h] !== 0 ? a[i] : b[j]) as number;
      }
    });
  },
};
