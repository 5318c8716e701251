// What an expression of a formula is worth: a matrix (a column or a number is one, too) for every value of its free indices. In `x_i y_j` the
// matrices are single numbers, and the indices i and j are free.

import { ones, type Tensor, tensor } from "adjoint";

export interface Value {
  /** An axis for each index, then rows and columns. */
  readonly tensor: Tensor;
  readonly indices: readonly string[];
}

/** Shapes that do not fit: what a formula of the wrong shape is refuted by. */
export class ShapeMismatch extends Error {}

export function numberValue(value: number): Value {
  return { tensor: tensor([[value]], { dtype: "f64" }), indices: [] };
}

/** A tensor as columns and matrices: a list is a column. */
export function valueOf(given: Tensor): Value {
  const { shape } = given;
  if (shape.length > 2)
    throw new TypeError(`a tensor of shape [${shape.join(", ")}] is neither a number nor a vector nor a matrix`);
  return { tensor: given.reshape([shape[0] ?? 1, shape[1] ?? 1]), indices: [] };
}

export function coreOf({ tensor: { shape } }: Value): [rows: number, columns: number] {
  return [shape.at(-2) ?? 1, shape.at(-1) ?? 1];
}

export function isNumber(value: Value): boolean {
  const [rows, columns] = coreOf(value);
  return rows === 1 && columns === 1;
}

export function shapeText(value: Value): string {
  const core = coreOf(value).join(", ");
  return value.indices.length === 0
    ? `[${core}]`
    : isNumber(value)
      ? `a number for each ${value.indices.join(", ")}`
      : `[${core}] for each ${value.indices.join(", ")}`;
}

/** Both with the same indices, in the same order. */
export function aligned(a: Value, b: Value): { a: Tensor; b: Tensor; indices: readonly string[] } {
  const indices = [...a.indices, ...b.indices.filter((index) => !a.indices.includes(index))];
  return { a: withIndices(a, indices), b: withIndices(b, indices), indices };
}

export function withIndices({ tensor: given, indices }: Value, wanted: readonly string[]): Tensor {
  if (indices.join() === wanted.join()) return given;
  const present = wanted.filter((index) => indices.includes(index));
  const count = indices.length;
  const moved = given.permute([...present.map((index) => indices.indexOf(index)), count, count + 1]);
  let next = 0;
  const lengths = wanted.map((index) => (present.includes(index) ? (moved.shape[next++] ?? 1) : 1));
  return moved.reshape([...lengths, ...given.shape.slice(count)]);
}

export function add(a: Value, b: Value, negative = false): Value {
  if (coreOf(a).join() !== coreOf(b).join() && !isNumber(a) && !isNumber(b)) {
    throw new ShapeMismatch(`${shapeText(a)} and ${shapeText(b)} cannot be added`);
  }
  const both = aligned(a, b);
  return { tensor: negative ? both.a.sub(both.b) : both.a.add(both.b), indices: both.indices };
}

/** A matrix product, or that of a number and anything. With a dot, that of two columns is their inner product. */
export function multiply(a: Value, b: Value, dot: boolean): Value {
  const [rows, columns] = coreOf(a);
  const [others, otherColumns] = coreOf(b);
  const both = aligned(a, b);
  if (isNumber(a) || isNumber(b)) return { tensor: both.a.mul(both.b), indices: both.indices };
  if (columns === others) return { tensor: both.a.matmul(both.b), indices: both.indices };
  if (dot && rows === others && columns === 1 && otherColumns === 1)
    return { tensor: both.a.transpose(-1, -2).matmul(both.b), indices: both.indices };
  throw new ShapeMismatch(`the product of ${shapeText(a)} and ${shapeText(b)} does not conform`);
}

export function hadamard(a: Value, b: Value): Value {
  if (coreOf(a).join() !== coreOf(b).join())
    throw new ShapeMismatch(`${shapeText(a)} ⊙ ${shapeText(b)} does not conform`);
  const both = aligned(a, b);
  return { tensor: both.a.mul(both.b), indices: both.indices };
}

/** Number by number. */
export function divide(a: Value, b: Value): Value {
  if (coreOf(a).join() !== coreOf(b).join() && !isNumber(a) && !isNumber(b))
    throw new ShapeMismatch(`${shapeText(a)} cannot be divided by ${shapeText(b)}`);
  const both = aligned(a, b);
  return { tensor: both.a.div(both.b), indices: both.indices };
}

export function transpose({ tensor: given, indices }: Value): Value {
  return { tensor: given.transpose(-1, -2), indices };
}

/** `x_i` of a column, `W_{ij}` of a matrix. */
export function element(of: Value, wanted: readonly string[]): Value {
  const [rows, columns] = coreOf(of);
  if (wanted.length === 1 && columns !== 1)
    throw new ShapeMismatch(`an element of ${shapeText(of)} has two indices, not ${wanted.join(", ")}`);
  if (wanted.length === 2 && columns === 1 && rows !== 1)
    throw new ShapeMismatch(`an element of ${shapeText(of)} has one index, not ${wanted.join(", ")}`);
  if (new Set([...of.indices, ...wanted]).size < of.indices.length + wanted.length)
    throw new TypeError(`the index ${wanted.join(" or ")} twice in one name is not read`);
  const lengths = wanted.length === 1 ? [rows] : [rows, columns];
  return {
    tensor: of.tensor.reshape([...of.tensor.shape.slice(0, -2), ...lengths, 1, 1]),
    indices: [...of.indices, ...wanted],
  };
}

/** The inverse of {@link element}: numbers for each index as a column or a matrix. */
export function gathered(value: Value, indices: readonly string[]): Tensor {
  const moved = withIndices(value, indices);
  return moved.reshape([moved.shape[0] ?? 1, indices.length === 2 ? (moved.shape[1] ?? 1) : 1]);
}

export function reduced(value: Value, index: string, of: "sum" | "prod"): Value {
  const axis = value.indices.indexOf(index);
  return { tensor: value.tensor[of](axis), indices: value.indices.filter((other) => other !== index) };
}

/** As many times the same, for an index that does not occur: Σᵢ 1 is n. */
export function repeated(value: Value, index: string, length: number): Value {
  const factor = { tensor: ones([length, 1, 1], { dtype: "f64" }), indices: [index] };
  const both = aligned(factor, value);
  return { tensor: both.a.mul(both.b), indices: both.indices };
}
