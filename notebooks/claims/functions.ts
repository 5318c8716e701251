// What the functions of formulas compute: most number by number; some of a whole column or matrix; and the norms.

import {
  abs, cos, cosh, det, exp, jvp, log, maximum, minimum, onesLike, relu, sigmoid, sign, sin, sinh, softmax, softplus, sqrt, tan, tanh, type Tensor,
} from "adjoint"; // prettier-ignore
import { add, coreOf, hadamard, isNumber, settled, ShapeMismatch, shapeText, type Value } from "./values.ts";

export type NumberFunction = (x: Tensor) => Tensor;

const ELEMENTWISE: Record<string, NumberFunction> = {
  abs, cos, cosh, exp, log, relu, sigmoid, sign, sin, sinh, softplus, sqrt, tan, tanh,
}; // prettier-ignore

export function elementwise(name: string): NumberFunction | undefined {
  return Object.hasOwn(ELEMENTWISE, name) ? ELEMENTWISE[name] : undefined;
}

/** `f`, or with primes its derivatives, which the library computes. */
export function mapped(f: NumberFunction, primes: number, value: Value): Value {
  let g = f;
  for (let k = 0; k < primes; k++) {
    const inner = g;
    g = (x) => jvp(inner, [x], [onesLike(x)])[1];
  }
  return { ...value, tensor: g(value.tensor) };
}

export function applied(name: string, args: readonly Value[]): Value {
  const [first, second] = args;
  if (first === undefined) throw new TypeError(`${name} has no argument`);
  for (const arg of args) settled(arg, name);
  if (name === "mse" || name === "max" || name === "min" || name === "inner") {
    if (second === undefined || args.length !== 2)
      throw new TypeError(`${name} takes two arguments, not ${args.length}`);
    if (name === "mse") return meanSquaredError(first, second);
    if (name === "inner") return applied("total", [hadamard(first, second)]);
    // Brings both into one shape.
    const zero = (value: Value): Value => add(value, value, true);
    const a = add(first, zero(second));
    const b = add(second, zero(first));
    return { tensor: (name === "max" ? maximum : minimum)(a.tensor, b.tensor), indices: a.indices };
  }
  if (args.length !== 1) throw new TypeError(`${name} takes one argument, not ${args.length}`);
  const { tensor, indices } = first;
  const [rows, columns] = coreOf(first);
  switch (name) {
    case "total":
      return { tensor: tensor.sum([-2, -1], { keepdim: true }), indices };
    case "mean":
      return { tensor: tensor.mean([-2, -1], { keepdim: true }), indices };
    case "softmax":
      if (columns !== 1) throw new ShapeMismatch(`softmax is of a column, not ${shapeText(first)}`);
      return { tensor: softmax(tensor, -2), indices };
    case "diag":
      if (columns !== 1 || indices.length > 0) throw new ShapeMismatch(`diag is of a column, not ${shapeText(first)}`);
      return { tensor: tensor.reshape([rows]).diag(), indices };
    case "trace":
      if (rows !== columns || indices.length > 0)
        throw new ShapeMismatch(`the trace of ${shapeText(first)}, which is not square`);
      return { tensor: tensor.diagonal().sum().reshape([1, 1]), indices };
    case "det":
      if (rows !== columns || indices.length > 0)
        throw new ShapeMismatch(`the determinant of ${shapeText(first)}, which is not square`);
      return { tensor: det(tensor).reshape([1, 1]), indices };
    default:
      throw new TypeError(`${name} is no function that formulas may use`);
  }
}

function meanSquaredError(a: Value, b: Value): Value {
  if (coreOf(a).join() !== coreOf(b).join()) throw new ShapeMismatch(`MSE of ${shapeText(a)} and ${shapeText(b)}`);
  const { tensor, indices } = add(a, b, true);
  return { tensor: tensor.square().mean([-2, -1], { keepdim: true }), indices };
}

export function norm(value: Value, order: "1" | "2" | "F" | "inf" | "abs"): Value {
  const { tensor, indices } = settled(value, "a norm");
  const over = [-2, -1];
  if (order === "abs" && isNumber(value)) return { tensor: abs(tensor), indices };
  const [rows, columns] = coreOf(value);
  if (rows !== 1 && columns !== 1 && order !== "F")
    throw new TypeError(`of a matrix, ${shapeText(value)}, only the Frobenius norm is read`);
  if (order === "1") return { tensor: abs(tensor).sum(over, { keepdim: true }), indices };
  if (order === "inf") return { tensor: abs(tensor).amax(over, { keepdim: true }), indices };
  return { tensor: sqrt(tensor.square().sum(over, { keepdim: true })), indices };
}
