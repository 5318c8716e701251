// Element-wise kernels: which functions there are for which types, from which size on they pay, and how operands that broadcast are
// read by rows.

import type { BinaryName, Block, ComparisonName, Kernel, Kernels, TangentName, UnaryName } from "../../backend.ts";
import { BYTES, type Data, type DType } from "../../dtype.ts";
import { type Shape } from "../../shape.ts";
import { reference } from "../reference.ts";
import { type Call, type Engine, isWhole } from "./engine.ts";
import { type Axis, collapse, spread } from "./layout.ts";

const UNARY = ["neg", "square", "reciprocal", "abs", "sqrt", "floor", "ceil", "round", "trunc", "rsqrt", "relu", "sign"] as const; // prettier-ignore
const SERIES = ["exp", "log", "sigmoid", "tanh", "softplus", "logSigmoid"] as const;
const SPECIAL = ["expm1", "log1p", "log2", "log10", "erf", "sin", "cos", "tan"] as const;
const BINARY = ["add", "sub", "mul", "div", "maximum", "minimum", "sigmoidTangent", "tanhTangent", "reluTangent", "squareTangent"] as const; // prettier-ignore
const COMPARISONS = ["eq", "ne", "lt", "le", "gt", "ge", "logicalAnd", "logicalOr"] as const;

/** Rows of at least this many elements are worth a call each. */
const ROW = 64;

type Reference = Kernel<never>;

function referenceOf(name: keyof Kernels): Reference {
  return reference.kernels[name];
}

/** The kernel of a name for each type; undefined where there is none. */
export function byType(engine: Engine, name: string): (dtype: DType) => Call | undefined {
  const found: Partial<Record<DType, Call | null>> = {};
  return (dtype) => {
    let call = found[dtype];
    if (call === undefined) {
      const full = `${name}_${dtype}`;
      call = engine.has(full) ? engine.function(full) : null;
      found[dtype] = call;
    }
    return call ?? undefined;
  };
}

/** The kernel `name`; where there is none for a type, or it does not pay, the reference's kernel `primitive`. */
function unary(engine: Engine, name: string, least: number, primitive = name as keyof Kernels): Kernel<never> {
  const kernel = byType(engine, name);
  const otherwise = referenceOf(primitive);
  return (out, shape, inputs, params) => {
    const x = inputs[0] as Block;
    const call = out.length < least ? undefined : kernel(x.dtype);
    if (call === undefined) return otherwise(out, shape, inputs, params);
    const to = engine.begin(out);
    const from = engine.dense(x);
    if (to.address === 0 || from === 0) return otherwise(out, shape, inputs, params);
    if (call(from, to.address, out.length) === 1) return otherwise(out, shape, inputs, params);
    to.end();
  };
}

/** The same with two numbers. */
function withNumbers<P>(engine: Engine, name: keyof Kernels, numbers: (params: P) => [number, number]): Kernel<P> {
  const kernel = byType(engine, name);
  const otherwise = reference.kernels[name] as Kernel<P>;
  return (out, shape, inputs, params) => {
    const x = inputs[0] as Block;
    const call = out.length < engine.sizes.cheap ? undefined : kernel(x.dtype);
    if (call === undefined) return otherwise(out, shape, inputs, params);
    const to = engine.begin(out);
    const from = engine.dense(x);
    if (to.address === 0 || from === 0) return otherwise(out, shape, inputs, params);
    const [a, b] = numbers(params);
    call(from, to.address, out.length, a, b);
    to.end();
  };
}

/** Several operands that broadcast, read by rows. */
function broadcasting(engine: Engine, name: keyof Kernels, typed: number): Kernel<never> {
  const kernel = byType(engine, name);
  const otherwise = referenceOf(name);
  return (out, shape, inputs, params) => {
    const call = out.length < engine.sizes.cheap ? undefined : kernel((inputs[typed] as Block).dtype);
    if (call === undefined || !byRows(engine, call, out, shape, inputs)) otherwise(out, shape, inputs, params);
  };
}

function byRows(engine: Engine, call: Call, out: Data, shape: Shape, inputs: readonly Block[]): boolean {
  if (inputs.every((x) => isWhole(x, shape))) {
    const to = engine.begin(out);
    const from = inputs.map((x) => engine.dense(x));
    if (to.address === 0 || from.includes(0)) return false;
    call(...from, to.address, 1, out.length, ...inputs.flatMap(() => [0, 1]));
    to.end();
    return true;
  }
  // An operand whose elements do not follow one another along a row is copied into order first.
  const dense = inputs.map((x) => x.strides === null || !alongRows(x, shape));
  const operands = inputs.map((x, k) => (dense[k] === true ? { ...blockOf(x), strides: null } : x));
  const axes = collapse(
    shape,
    operands.map((x) => spread(x, shape)),
  );
  if (axes === null) return true;
  while (axes.length < 2) axes.unshift({ size: 1, steps: inputs.map(() => 0) });
  const [rows, columns] = axes.slice(-2) as [Axis, Axis];
  const outer = axes.slice(0, -2);
  if (columns.steps.some((s) => s !== 0 && s !== 1)) return false;
  if (outer.length > 0 && rows.size * columns.size < ROW) return false;
  const to = engine.begin(out);
  const from = operands.map((x, k) => (dense[k] === true ? engine.dense(inputs[k] as Block) : engine.place(x)));
  if (to.address === 0 || from.includes(0)) return false;
  const steps = operands.flatMap((_, k) => [rows.steps[k] as number, columns.steps[k] as number]);
  const bytes = inputs.map((x) => BYTES[x.dtype]);
  const run = rows.size * columns.size * (out.byteLength / out.length);
  const visit = (axis: number, at: readonly number[], place: number): number => {
    if (axis === outer.length) {
      call(...at, place, rows.size, columns.size, ...steps);
      return place + run;
    }
    const { size, steps: along } = outer[axis] as Axis;
    let next = place;
    for (let i = 0; i < size; i++) {
      next = visit(
        axis + 1,
        at.map((a, k) => a + i * (along[k] as number) * (bytes[k] as number)),
        next,
      );
    }
    return next;
  };
  visit(0, from, to.address);
  to.end();
  return true;
}

function blockOf({ dtype, shape, storage, offset }: Block): Omit<Block, "strides"> {
  return { dtype, shape, storage, offset };
}

/** Whether the last axis with more than one element of `shape` is read in order, or not at all. */
function alongRows(x: Block, shape: Shape): boolean {
  const strides = spread(x, shape);
  for (let k = shape.length - 1; k >= 0; k--) {
    if (shape[k] !== 1) return strides[k] === 0 || strides[k] === 1;
  }
  return true;
}

type Names =
  | UnaryName
  | Exclude<BinaryName, "pow" | "atan2" | "hypot" | "remainder">
  | ComparisonName
  | TangentName
  | "affine"
  | "clamp"
  | "where"
  | "cast"
  | "copy"
  | "powScalar";

/** Powers that are other functions. */
const POWERS = new Map([
  [2, "square"],
  [3, "cube"],
  [-1, "reciprocal"],
]);

export function elementwise(engine: Engine): Partial<Pick<Kernels, Names>> {
  const own: Record<string, Kernel<never>> = {};
  for (const name of UNARY) own[name] = unary(engine, name, engine.sizes.cheap);
  for (const name of SERIES) own[name] = unary(engine, name, engine.sizes.costly);
  for (const name of SPECIAL) own[name] = unary(engine, name, engine.sizes.costly);
  for (const name of BINARY) own[name] = broadcasting(engine, name, 0);
  for (const name of COMPARISONS) own[name] = broadcasting(engine, name, 0);
  own["logicalNot"] = unary(engine, "logicalNot", engine.sizes.cheap);
  own["where"] = broadcasting(engine, "where", 1);
  const copy: Kernel<unknown> = (out, shape, inputs) => {
    const x = inputs[0] as Block;
    if (out.length < engine.sizes.cheap) return referenceOf("copy")(out, shape, inputs, undefined as never);
    const to = engine.begin(out);
    const from = engine.place(x);
    if (to.address === 0 || from === 0) return referenceOf("copy")(out, shape, inputs, undefined as never);
    engine.copy(x.dtype, from, to.address, shape, spread(x, shape));
    to.end();
  };
  const casts = new Map<string, (dtype: DType) => Call | undefined>();
  const cast: Kernels["cast"] = (out, shape, inputs, params) => {
    const x = inputs[0] as Block;
    if (x.dtype === params.dtype) return copy(out, shape, inputs, undefined);
    let kernel = casts.get(x.dtype);
    if (kernel === undefined) casts.set(x.dtype, (kernel = byType(engine, `cast_${x.dtype}`)));
    const call = out.length < engine.sizes.cheap ? undefined : kernel(params.dtype);
    if (call === undefined) return reference.kernels.cast(out, shape, inputs, params);
    const to = engine.begin(out);
    const from = engine.dense(x);
    if (to.address === 0 || from === 0) return reference.kernels.cast(out, shape, inputs, params);
    call(from, to.address, out.length);
    to.end();
  };
  const powers = new Map([...POWERS].map(([n, name]) => [n, unary(engine, name, engine.sizes.cheap, "powScalar")]));
  const power = byType(engine, "powScalar");
  const powScalar: Kernels["powScalar"] = (out, shape, inputs, params) => {
    const kernel = powers.get(params.exponent);
    if (kernel !== undefined) return kernel(out, shape, inputs, params as never);
    const x = inputs[0] as Block;
    const call = out.length < engine.sizes.costly ? undefined : power(x.dtype);
    if (call === undefined) return reference.kernels.powScalar(out, shape, inputs, params);
    const to = engine.begin(out);
    const from = engine.dense(x);
    const failed = to.address === 0 || from === 0 || call(from, to.address, out.length, params.exponent) === 1;
    if (failed) return reference.kernels.powScalar(out, shape, inputs, params);
    to.end();
  };
  return {
    ...(own as unknown as Partial<Pick<Kernels, Names>>),
    copy,
    cast,
    powScalar,
    affine: withNumbers(engine, "affine", ({ scale, shift }) => [scale, shift]),
    clamp: withNumbers(engine, "clamp", ({ min, max }) => [min, max]),
  };
}
