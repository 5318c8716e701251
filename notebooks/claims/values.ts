// What an expression of a formula is worth: a matrix (a column or a number is one, too) for every value of its free indices. In `x_i y_j` the
// matrices are single numbers, and the indices i and j are free.

import { ones, type Tensor, tensor } from "adjoint";

export interface Value {
  /** An axis for each index, then rows and columns. */
  readonly tensor: Tensor;
  readonly indices: readonly string[];
  /** Axes that are as long as what they meet: those of `\mathbf{1}`. */
  readonly stretches?: Stretches;
  /** A list: a row as well as a column. */
  readonly isList?: boolean;
}

export interface Stretches {
  rows: boolean;
  columns: boolean;
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
  const tensor = given.reshape([shape[0] ?? 1, shape[1] ?? 1]);
  return shape.length === 1 && shape[0] !== 1 ? { tensor, indices: [], isList: true } : { tensor, indices: [] };
}

/** A column of ones. */
export function onesValue(size?: number): Value {
  if (size !== undefined) return { tensor: ones([size, 1], { dtype: "f64" }), indices: [] };
  return { ...numberValue(1), stretches: { rows: true, columns: false } };
}

/** @throws TypeError where an axis has no length. */
export function settled(value: Value, what: string): Value {
  if (value.stretches !== undefined) throw new TypeError(`nothing says how many ones ${what} has`);
  return value;
}

const stretchesOf = ({ stretches }: Value): Stretches => stretches ?? { rows: false, columns: false };

function withStretches(value: Value, rows: boolean, columns: boolean): Value {
  return rows || columns ? { ...value, stretches: { rows, columns } } : value;
}

export function coreOf({ tensor: { shape } }: Value): [rows: number, columns: number] {
  return [shape.at(-2) ?? 1, shape.at(-1) ?? 1];
}

export function isNumber(value: Value): boolean {
  const [rows, columns] = coreOf(value);
  return rows === 1 && columns === 1 && value.stretches === undefined;
}

export function shapeText(value: Value): string {
  const { rows, columns } = stretchesOf(value);
  const core = coreOf(value)
    .map((size, axis) => ((axis === 0 ? rows : columns) ? "?" : size))
    .join(", ");
  return value.indices.length === 0
    ? `[${core}]`
    : isNumber(value)
      ? `a number for each ${value.indices.join(", ")}`
      : `[${core}] for each ${value.indices.join(", ")}`;
}

/** Both with the same indices, in the same order. */
export function aligned(a: Value, b: Value): { a: Tensor; b: Tensor; indices: readonly string[] } {
  for (const index of a.indices) {
    const [length, other] = [lengthOf(a, index), lengthOf(b, index)];
    if (other !== undefined && length !== other)
      throw new ShapeMismatch(`the index ${index} runs to ${length} and to ${other}`);
  }
  const indices = [...a.indices, ...b.indices.filter((index) => !a.indices.includes(index))];
  return { a: withIndices(a, indices), b: withIndices(b, indices), indices };
}

function lengthOf({ tensor: { shape }, indices }: Value, index: string): number | undefined {
  const axis = indices.indexOf(index);
  return axis < 0 ? undefined : shape[axis];
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

/** A row is added to each row of a matrix, and a column to each column. */
export function add(one: Value, other: Value, negative = false): Value {
  const [a, b] = [asRowOf(one, other), asRowOf(other, one)];
  if (!isNumber(a) && !isNumber(b) && !sameShape(a, b) && !isAddedToEach(a, b) && !isAddedToEach(b, a))
    throw new ShapeMismatch(`${shapeText(a)} and ${shapeText(b)} cannot be added`);
  const both = aligned(a, b);
  const sum = { tensor: negative ? both.a.sub(both.b) : both.a.add(both.b), indices: both.indices };
  return joined(sum, a, b);
}

/** With the axes that stretch in both, or in one beside a number. */
function joined(result: Value, a: Value, b: Value): Value {
  const [x, y] = [stretchesOf(a), stretchesOf(b)];
  if (isNumber(a) || isNumber(b)) return withStretches(result, x.rows || y.rows, x.columns || y.columns);
  return withStretches(result, x.rows && y.rows, x.columns && y.columns);
}

function sameShape(a: Value, b: Value): boolean {
  const [x, y] = [stretchesOf(a), stretchesOf(b)];
  const [[rows, columns], [others, otherColumns]] = [coreOf(a), coreOf(b)];
  return (rows === others || x.rows || y.rows) && (columns === otherColumns || x.columns || y.columns);
}

export function isAddedToEach(vector: Value, matrix: Value): boolean {
  const [rows, columns] = coreOf(matrix);
  const [own, ownColumns] = coreOf(vector);
  if (rows === 1 || columns === 1) return false;
  return (own === 1 && ownColumns === columns) || (ownColumns === 1 && own === rows);
}

/** A list is added to the rows of a matrix, as a library does it. */
function asRowOf(list: Value, matrix: Value): Value {
  const [rows, columns] = coreOf(matrix);
  if (list.isList !== true || rows === 1 || columns === 1 || coreOf(list)[0] !== columns) return list;
  return { tensor: list.tensor.transpose(-1, -2), indices: list.indices };
}

/** A matrix product, or that of a number and anything. With a dot, that of two columns is their inner product. */
export function multiply(one: Value, other: Value, dot: boolean): Value {
  if (isNumber(one) || isNumber(other)) {
    const both = aligned(one, other);
    return joined({ tensor: both.a.mul(both.b), indices: both.indices }, one, other);
  }
  const [a, b] = met(one, other);
  const [rows, columns] = coreOf(a);
  const [others, otherColumns] = coreOf(b);
  const [x, y] = [stretchesOf(a), stretchesOf(b)];
  const both = aligned(a, b);
  if (columns === others && !x.columns && !y.rows)
    return withStretches({ tensor: both.a.matmul(both.b), indices: both.indices }, x.rows, y.columns);
  if (dot && rows === others && columns === 1 && otherColumns === 1)
    return { tensor: both.a.transpose(-1, -2).matmul(both.b), indices: both.indices };
  throw new ShapeMismatch(`the product of ${shapeText(a)} and ${shapeText(b)} does not conform`);
}

/** What stretches where the two meet takes the other's length. */
function met(a: Value, b: Value): [Value, Value] {
  const [x, y] = [stretchesOf(a), stretchesOf(b)];
  if (x.columns && y.rows) throw new TypeError("nothing says how many ones there are in a product of ones");
  if (x.columns) return [lengthened(a, 1, coreOf(b)[0]), b];
  return y.rows ? [a, lengthened(b, 0, coreOf(a)[1])] : [a, b];
}

function lengthened(value: Value, axis: 0 | 1, length: number): Value {
  const { tensor: given, indices } = value;
  const { rows, columns } = stretchesOf(value);
  const factor = ones(axis === 0 ? [length, 1] : [1, length], { dtype: "f64" });
  return withStretches({ tensor: given.mul(factor), indices }, rows && axis !== 0, columns && axis !== 1);
}

/** As long as another, where it stretches. */
export function fitted(value: Value, like: Value): Value {
  const [rows, columns] = coreOf(like);
  const tall = stretchesOf(value).rows ? lengthened(value, 0, rows) : value;
  return stretchesOf(tall).columns ? lengthened(tall, 1, columns) : tall;
}

export function hadamard(a: Value, b: Value): Value {
  if (!sameShape(a, b)) throw new ShapeMismatch(`${shapeText(a)} ⊙ ${shapeText(b)} does not conform`);
  const both = aligned(a, b);
  return joined({ tensor: both.a.mul(both.b), indices: both.indices }, a, b);
}

/** Number by number. */
export function divide(a: Value, b: Value): Value {
  if (!sameShape(a, b) && !isNumber(a) && !isNumber(b))
    throw new ShapeMismatch(`${shapeText(a)} cannot be divided by ${shapeText(b)}`);
  const both = aligned(a, b);
  return joined({ tensor: both.a.div(both.b), indices: both.indices }, a, b);
}

export function transpose(value: Value): Value {
  const { rows, columns } = stretchesOf(value);
  return withStretches({ tensor: value.tensor.transpose(-1, -2), indices: value.indices }, columns, rows);
}

/** `x_i` of a column, `W_{ij}` of a matrix; of a family, a column for each index. */
export function element(of: Value, wanted: readonly string[], isFamily = false): Value {
  const [rows, columns] = coreOf(settled(of, "what has elements"));
  if (isFamily && wanted.length === 1)
    return { tensor: of.tensor.reshape([rows, columns, 1]), indices: [...of.indices, ...wanted] };
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

/** The inverse of {@link element}: numbers for each index as a column or a matrix, columns as a family. */
export function gathered(value: Value, indices: readonly string[]): Tensor {
  const moved = withIndices(value, indices);
  const [rows, columns] = coreOf(value);
  if (indices.length === 1 && rows !== 1 && columns === 1) return moved.reshape([moved.shape[0] ?? 1, rows]);
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
