// New tensors from numbers, arrays and typed arrays. Random ones are in random.ts.

import { allocate, type Data, type DType, isDType } from "./dtype.ts";
import { checkShape, type Shape, show, sizeOf } from "./shape.ts";
import type { Asked, Nested, ShapeOf } from "./shape-types.ts";
import { makeLeaf } from "./tape.ts";
import { concrete, Tensor, wrap } from "./trace.ts";

/** How a new tensor is made. */
export interface Options {
  /** The type of its elements; "f32" unless said otherwise. */
  readonly dtype?: DType;
  /** Whether `backward()` computes its gradient. */
  readonly requiresGrad?: boolean;
}

/** Typed arrays that a tensor can be made of. */
export type TypedArray =
  | Float32Array | Float64Array | Int32Array | Uint8Array | Int8Array | Uint16Array | Int16Array | Uint32Array | Uint8ClampedArray; // prettier-ignore

function finish<S extends Shape>(call: string, x: Tensor<S>, options: Options): Tensor<S> {
  if (options.requiresGrad === true) makeLeaf(call, x);
  return x;
}

function dtypeFrom(call: string, options: Options, otherwise: DType): DType {
  if (options.dtype === undefined) return otherwise;
  if (isDType(options.dtype)) return options.dtype;
  throw new TypeError(`${call}: there is no dtype ${String(options.dtype)}; there are "f32", "f64", "i32" and "bool"`);
}

/**
 * A tensor of these numbers: a number, nested arrays (all rows of one length), or a typed array. The values are copied. Numbers give
 * f32, booleans bool, typed arrays the type nearest to theirs.
 *
 * @throws TypeError for anything that is not a number; RangeError for rows of different lengths.
 * @example
 * tensor([[1, 2], [3, 4]]) // Tensor<[2, 2]>
 * tensor(3, { requiresGrad: true }) // Tensor<[]>
 */
export function tensor<const V extends Nested | TypedArray | Tensor>(
  value: V,
  options: Options = {},
): V extends Tensor<infer S> ? Tensor<S> : Tensor<ShapeOf<V>> {
  return finish("tensor", make(value, options), options) as V extends Tensor<infer S> ? Tensor<S> : Tensor<ShapeOf<V>>;
}

function make(value: Nested | TypedArray | Tensor, options: Options): Tensor {
  if (value instanceof Tensor) {
    const from = concrete("tensor", value);
    const data = allocate(dtypeFrom("tensor", options, from.dtype), sizeOf(from.shape));
    fillFrom(data, from);
    return wrap(data, [...from.shape], dtypeFrom("tensor", options, from.dtype));
  }
  if (ArrayBuffer.isView(value)) {
    const own: DType = value instanceof Float64Array ? "f64" : value instanceof Float32Array ? "f32" : "i32";
    const dtype = dtypeFrom("tensor", options, own);
    const data = allocate(dtype, value.length);
    data.set(value);
    checkWhole(value, data, dtype);
    return wrap(data, [value.length], dtype);
  }
  const shape: number[] = [];
  for (let v: unknown = value; Array.isArray(v); v = v[0]) shape.push(v.length);
  const flat: number[] = [];
  const kind = { boolean: true };
  flatten(value, shape, 0, flat, kind);
  const dtype = dtypeFrom("tensor", options, kind.boolean && flat.length > 0 ? "bool" : "f32");
  const data = allocate(dtype, flat.length);
  for (let k = 0; k < flat.length; k++) data[k] = dtype === "bool" ? Number(flat[k] !== 0) : (flat[k] as number);
  checkWhole(flat, data, dtype);
  return wrap(data, shape, dtype);
}

/** Fractions are cut off; but NaN, an infinity or a number that is too large would silently become another one. */
function checkWhole(values: ArrayLike<number>, data: Data, dtype: DType): void {
  if (dtype !== "i32") return;
  for (let k = 0; k < data.length; k++) {
    if (Math.trunc(values[k] as number) === data[k] || Object.is(Math.trunc(values[k] as number), -0)) continue;
    throw new RangeError(
      `tensor: ${values[k]} is no number that an i32 holds, from -2147483648 to 2147483647; take f64 instead`,
    );
  }
}

function fillFrom(data: Data, x: Tensor): void {
  const values = flatValues(x);
  for (let k = 0; k < data.length; k++) data[k] = values[k] as number;
}

/** The elements of a tensor with numbers of its own, in row-major order. */
export function flatValues(x: Tensor): Data {
  const out = allocate(x.dtype, sizeOf(x.shape));
  const { data } = x.storage;
  if (x.strides === null) {
    for (let k = 0; k < out.length; k++) out[k] = data[x.offset + k] as number;
    return out;
  }
  const counter = x.shape.map(() => 0);
  let from = x.offset;
  for (let k = 0; k < out.length; k++) {
    out[k] = data[from] as number;
    for (let axis = counter.length - 1; axis >= 0; axis--) {
      const stride = x.strides[axis] as number;
      const n = x.shape[axis] as number;
      counter[axis] = (counter[axis] as number) + 1;
      from += stride;
      if ((counter[axis] as number) < n) break;
      counter[axis] = 0;
      from -= stride * n;
    }
  }
  return out;
}

function flatten(value: unknown, shape: Shape, depth: number, out: number[], kind: { boolean: boolean }): void {
  if (Array.isArray(value)) {
    if (depth >= shape.length || value.length !== shape[depth]) {
      const expected = depth >= shape.length ? "a number" : `${shape[depth]} elements`;
      throw new RangeError(
        `tensor: the rows differ in length: expected ${expected}, found an array of ${value.length}`,
      );
    }
    for (const element of value) flatten(element, shape, depth + 1, out, kind);
    return;
  }
  if (typeof value !== "number" && typeof value !== "boolean") {
    throw new TypeError(`tensor: expected numbers, found ${value === null ? "null" : typeof value} (${String(value)})`);
  }
  if (depth !== shape.length) {
    throw new RangeError(`tensor: the rows differ in length: expected ${shape[depth]} elements, found ${value}`);
  }
  if (typeof value === "number") kind.boolean = false;
  out.push(Number(value));
}

/** A single number. */
export function scalar(value: number, dtype: DType): Tensor<[]> {
  const data = allocate(dtype, 1);
  data[0] = value;
  return wrap(data, [], dtype);
}

/**
 * A tensor filled with one number.
 *
 * @example
 * full([2, 3], 0.5) // Tensor<[2, 3]>
 */
export function full<const S extends Shape>(
  shape: S,
  value: number | boolean,
  options: Options = {},
): Tensor<Asked<S>> {
  checkShape("full", shape);
  if (typeof value !== "number" && typeof value !== "boolean")
    throw new TypeError(`full: expected a number, got ${value === null ? "null" : typeof value}`);
  const dtype = dtypeFrom("full", options, typeof value === "boolean" ? "bool" : "f32");
  return finish("full", wrap(allocate(dtype, sizeOf(shape)).fill(Number(value)), [...shape], dtype), options) as Tensor<
    Asked<S>
  >;
}

type ShapeArguments = readonly [Shape, Options?] | readonly (number | Options | undefined)[];

/** The shape and the options of `zeros([2, 3], options)`, `zeros(2, 3)` or `zeros(2, 3, options)`. */
export function shapeArguments(call: string, args: ShapeArguments): [Shape, Options] {
  const [first] = args;
  if (Array.isArray(first)) {
    checkShape(call, first as Shape);
    return [[...(first as Shape)], (args as readonly [Shape, Options?])[1] ?? {}];
  }
  const last = args.at(-1);
  const options = typeof last === "object" ? (last as Options) : undefined;
  const shape = (options === undefined ? args : args.slice(0, -1)) as Shape;
  checkShape(call, shape);
  return [[...shape], options ?? {}];
}

/**
 * A tensor of zeros; the shape as an array or as arguments, with options behind it.
 *
 * @example
 * zeros([2, 3], { dtype: "f64" }) // Tensor<[2, 3]>
 * zeros(2, 3)
 */
export function zeros<const S extends Shape>(...shape: S): Tensor<Asked<S>>;
export function zeros<const S extends Shape>(...args: readonly [...shape: S, options: Options]): Tensor<Asked<S>>;
export function zeros<const S extends Shape>(shape: S, options?: Options): Tensor<Asked<S>>;
export function zeros(...args: ShapeArguments): Tensor {
  const [shape, options] = shapeArguments("zeros", args);
  const dtype = dtypeFrom("zeros", options, "f32");
  return finish("zeros", wrap(allocate(dtype, sizeOf(shape)), shape, dtype), options);
}

/**
 * A tensor of ones; the shape as an array or as arguments, with options behind it.
 *
 * @example
 * ones(3) // Tensor<[3]>
 */
export function ones<const S extends Shape>(...shape: S): Tensor<Asked<S>>;
export function ones<const S extends Shape>(...args: readonly [...shape: S, options: Options]): Tensor<Asked<S>>;
export function ones<const S extends Shape>(shape: S, options?: Options): Tensor<Asked<S>>;
export function ones(...args: ShapeArguments): Tensor {
  const [shape, options] = shapeArguments("ones", args);
  const dtype = dtypeFrom("ones", options, "f32");
  return finish("ones", wrap(allocate(dtype, sizeOf(shape)).fill(1), shape, dtype), options);
}

/**
 * Zeros of the shape and type of `x`.
 *
 * @example
 * zerosLike(tensor([3, 4])) // [0, 0]
 */
export function zerosLike<S extends Shape>(x: Tensor<S>, options: Options = {}): Tensor<S> {
  return zeros(x.shape as Shape, { dtype: x.dtype, ...options }) as Tensor as Tensor<S>;
}

/**
 * Ones of the shape and type of `x`.
 *
 * @example
 * onesLike(tensor([3, 4])) // [1, 1]
 */
export function onesLike<S extends Shape>(x: Tensor<S>, options: Options = {}): Tensor<S> {
  return ones(x.shape as Shape, { dtype: x.dtype, ...options }) as Tensor as Tensor<S>;
}

/**
 * `value` in the shape and type of `x`.
 *
 * @example
 * fullLike(tensor([[1, 2], [3, 4]]), 7) // [[7, 7], [7, 7]]
 */
export function fullLike<S extends Shape>(x: Tensor<S>, value: number, options: Options = {}): Tensor<S> {
  return full(x.shape as Shape, value, { dtype: x.dtype, ...options }) as Tensor as Tensor<S>;
}

/**
 * The identity matrix, `n` rows and `m` (or `n`) columns.
 *
 * @example
 * eye(2) // [[1, 0], [0, 1]]
 */
export function eye<const N extends number>(n: N, options?: Options): Tensor<[N, N]>;
export function eye<const N extends number, const M extends number>(n: N, m: M, options?: Options): Tensor<[N, M]>;
export function eye(n: number, m?: number | Options, options: Options = {}): Tensor {
  const columns = typeof m === "number" ? m : n;
  const asked = typeof m === "object" ? m : options;
  checkShape("eye", [n, columns]);
  const x = zeros([n, columns], { dtype: asked.dtype ?? "f32" });
  for (let k = 0; k < Math.min(n, columns); k++) x.storage.data[k * columns + k] = 1;
  return finish("eye", x, asked);
}

/**
 * The numbers from `start` up to, not including, `end`: f32 when any of them has a fraction, else i32 as in PyTorch's integers.
 *
 * @throws RangeError when `step` is zero or leads away from `end`.
 * @example
 * arange(3) // [0, 1, 2]
 * arange(1, 2, 0.25) // [1, 1.25, 1.5, 1.75]
 */
export function arange(end: number, options?: Options): Tensor<[number]>;
export function arange(start: number, end: number, options?: Options): Tensor<[number]>;
export function arange(start: number, end: number, step: number, options?: Options): Tensor<[number]>;
export function arange(...args: (number | Options | undefined)[]): Tensor<[number]> {
  const numbers = args.filter((a): a is number => typeof a === "number");
  const options = args.find((a): a is Options => typeof a === "object") ?? {};
  const [start, end, step] = (numbers.length < 2 ? [0, numbers[0], 1] : [...numbers, 1]) as [number, number, number];
  if (!Number.isFinite(start) || !Number.isFinite(end) || !(step !== 0) || (end - start) / step < 0) {
    throw new RangeError(`arange: steps of ${step} do not lead from ${start} to ${end}`);
  }
  const length = Math.ceil((end - start) / step);
  const whole = [start, end, step].every(Number.isInteger);
  const dtype = dtypeFrom("arange", options, whole ? "i32" : "f32");
  const data = allocate(dtype, length);
  for (let k = 0; k < length; k++) data[k] = start + k * step;
  return finish("arange", wrap(data, [length], dtype), options);
}

/**
 * `steps` numbers evenly spaced from `start` to `end`, both included.
 *
 * @example
 * linspace(0, 1, 5) // [0, 0.25, 0.5, 0.75, 1]
 */
export function linspace<const N extends number>(
  start: number,
  end: number,
  steps: N,
  options: Options = {},
): Tensor<[N]> {
  checkShape("linspace", [steps]);
  const dtype = dtypeFrom("linspace", options, "f32");
  const data = allocate(dtype, steps);
  // From both ends, so that the last is exactly `end` and the middle is symmetric, as in PyTorch.
  const step = (end - start) / Math.max(1, steps - 1);
  for (let k = 0; k < steps; k++) data[k] = k < steps / 2 ? start + k * step : end - (steps - 1 - k) * step;
  return finish("linspace", wrap(data, [steps] as [N], dtype), options);
}

/** The elements of `x` as text for messages. */
export function describe(x: Tensor): string {
  return `a tensor of shape ${show(x.shape)}`;
}
