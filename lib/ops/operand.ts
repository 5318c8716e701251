// What operations take: tensors and plain numbers. Numbers take the type of the tensor they meet, and tensors of different types
// meet in the wider one.

import { scalar } from "../create.ts";
import { type DType, isFloat, promote } from "../dtype.ts";
import type { Shape } from "../shape.ts";
import { bind, primitive, Tensor } from "../trace.ts";

/** A tensor, or a number that broadcasts to any shape. */
export type Operand<S extends Shape = Shape> = Tensor<S> | number;

/** The shape of an operand; of one that is this or that, both. */
export type ShapeIn<X> = X extends Tensor<infer S> ? S : [];

const castTo = primitive("cast");

/**
 * `x` as another type; itself when it has that type already. Floats become integers by dropping the fraction.
 *
 * @example
 * tensor([1.7]).to("i32") // [1]
 */
export function cast<S extends Shape>(x: Tensor<S>, dtype: DType): Tensor<S> {
  return x.dtype === dtype ? x : (bind(castTo, [x as Tensor], { dtype }) as Tensor<S>);
}

/** The argument as a tensor. */
export function operand<S extends Shape>(call: string, x: Operand<S>): Tensor<S> {
  if (x instanceof Tensor) return x;
  if (typeof x === "number") return scalar(x, "f32") as unknown as Tensor<S>;
  throw wrongOperand(call, x);
}

function wrongOperand(call: string, x: unknown): TypeError {
  const kind = x === null ? "null" : Array.isArray(x) ? "an array; wrap it in tensor(…)" : typeof x;
  return new TypeError(`${call}: expected a tensor or a number, got ${kind}`);
}

/** The argument as a tensor of floats. */
export function floating<S extends Shape>(call: string, x: Operand<S>): Tensor<S> {
  const t = operand(call, x);
  return isFloat(t.dtype) ? t : cast(t, "f32");
}

/** A number in the type of the tensor it meets, or in a wider one that can hold it. */
function numberBeside(call: string, value: unknown, dtype: DType): Tensor {
  if (typeof value === "boolean") return scalar(Number(value), dtype);
  if (typeof value !== "number") throw wrongOperand(call, value);
  if (isFloat(dtype)) return scalar(value, dtype);
  return scalar(value, Number.isInteger(value) ? "i32" : "f32");
}

/** Both arguments as tensors of one type. */
export function pair(call: string, a: Operand, b: Operand): [Tensor, Tensor] {
  if (a instanceof Tensor && b instanceof Tensor) return a.dtype === b.dtype ? [a, b] : meet(a, b);
  if (a instanceof Tensor) return meet(a, numberBeside(call, b, a.dtype));
  if (b instanceof Tensor) return meet(numberBeside(call, a, b.dtype), b);
  return [operand(call, a), operand(call, b)];
}

function meet(a: Tensor, b: Tensor): [Tensor, Tensor] {
  const dtype = promote(a.dtype, a.shape.length, b.dtype, b.shape.length);
  return [cast(a, dtype), cast(b, dtype)];
}
