// Methods that look at the same numbers otherwise, choose among them, and multiply matrices; the functions of the same names say more.

import * as linear from "../ops/linear-algebra.ts";
import * as diagonals from "../ops/diagonal.ts";
import * as indexing from "../ops/indexing.ts";
import * as comparison from "../ops/comparison.ts";
import * as selection from "../ops/selection.ts";
import * as view from "../ops/view.ts";
import type { Range } from "../ops/view.ts";
import { axisOf, type Shape, type Shaped, show } from "../shape.ts";
import type {
  Asked,
  CheckDim,
  CheckMatmul,
  CheckReshape,
  Matmul,
  Permuted,
  Rest,
  Swapped,
  Transposed,
} from "../shape-types.ts";
import { isTensor, type Tensor } from "../trace.ts";

/** What `at` takes for one axis: a range, an index, a list of indices, or (for the first axes) a mask. */
export type Index = Range | Tensor;

/** Numbers as an array, or one by one. */
type Either = readonly [Shape] | Shape;
type Listed<A extends Either> = A extends readonly [infer S extends Shape] ? S : A extends Shape ? A : Shape;

interface Reshape {
  <X extends Shaped, const A extends Either>(
    this: X & Tensor,
    ...shape: A & CheckReshape<X["shape"], Listed<A>>
  ): Tensor<Asked<Listed<A>>>;
}

interface Permute {
  <X extends Shaped, const A extends Either>(this: X & Tensor, ...dims: A): Tensor<Permuted<X["shape"], Listed<A>>>;
}

interface Expand {
  <const A extends Either>(this: Tensor, ...shape: A): Tensor<Asked<Listed<A>>>;
}

function listed(args: Either): Shape {
  const [first] = args;
  return Array.isArray(first) ? (first as Shape) : (args as Shape);
}

interface At {
  <X extends Shaped>(this: X & Tensor, index: number): Tensor<Rest<X["shape"]>>;
  (this: Tensor, ...indices: Index[]): Tensor;
}

/** Ranges first, all at once; then lists and masks, from the last to the first, so that places stay what they were. */
function indexed(x: Tensor, indices: readonly Index[]): Tensor {
  if (indices.every((index): index is Range => !isTensor(index))) return view.at(x, ...indices);
  let out = view.at(x, ...indices.flatMap((index): Range[] => spans(index)));
  const places: [axis: number, index: Tensor][] = [];
  let axis = 0;
  for (const index of indices) {
    if (isTensor(index)) places.push([axis, index]);
    if (typeof index !== "number") axis += spans(index).length;
  }
  for (const [place, index] of places.reverse()) out = comparison.pick(out, place, index);
  return out;
}

/** The whole axes that a list or a mask stands for. */
function spans(index: Index): Range[] {
  if (!isTensor(index)) return [index];
  return index.dtype === "bool" ? index.shape.map(() => null) : [null];
}

export const viewMethods = {
  /** The same numbers in another shape, given as an array or size by size: {@link view.reshape}. */
  reshape: function (this: Tensor, ...shape: Either): Tensor {
    return view.reshape(this, listed(shape));
  } as Reshape,
  /** The same as `reshape`, under PyTorch's other name: {@link view.reshape}. */
  view: function (this: Tensor, ...shape: Either): Tensor {
    return view.reshape(this, listed(shape));
  } as Reshape,
  /** Axes joined into one: {@link view.flatten}. */
  flatten(this: Tensor, start = 0, end = -1): Tensor {
    return view.flatten(this, start, end);
  },
  /** The axes in another order, given as an array or one by one: {@link view.permute}. */
  permute: function (this: Tensor, ...dims: Either): Tensor {
    return view.permute(this, listed(dims));
  } as Permute,
  /** Two axes exchanged: {@link view.transpose}. */
  transpose<X extends Shaped, const A extends number, const B extends number>(
    this: X & Tensor,
    dim0: A & CheckDim<"transpose", X["shape"], A>,
    dim1: B & CheckDim<"transpose", X["shape"], B>,
  ): Tensor<Swapped<X["shape"], A, B>> {
    return view.transpose<X["shape"], A, B>(this, dim0, dim1);
  },
  /** Rows and columns exchanged: {@link view.t}. */
  t<X extends Shaped>(this: X & Tensor): Tensor<Transposed<X["shape"]>> {
    return view.t(this) as Tensor<Transposed<X["shape"]>>;
  },
  /** Repeated along axes of size 1: {@link view.expand}. */
  expand: function (this: Tensor, ...shape: Either): Tensor {
    return view.expand(this, listed(shape));
  } as Expand,
  /** Part of it, one range an axis: {@link view.slice}. */
  slice(this: Tensor, ...ranges: Range[]): Tensor {
    return view.slice(this, ...ranges);
  },
  /**
   * What is at these indices, one for each axis: a number, a range `[start, end, step]`, null for everything, a tensor of places, or a mask of
   * booleans.
   *
   * @throws RangeError for an index that is not there.
   * @example
   * x.at(0) // the first row
   * x.at(null, [1, 3]) // columns 1 and 2
   * x.at(tensor([2, 0], { dtype: "i32" })) // rows 2 and 0
   * x.at(x.gt(0)) // the positive elements
   */
  at: function (this: Tensor, ...indices: Index[]): Tensor {
    return indexed(this, indices);
  } as At,
  /** What is at an index of one axis: {@link view.select}. */
  select(this: Tensor, dim: number, index: number): Tensor {
    return view.select(this, dim, index);
  },
  /** Without axes of size 1: {@link view.squeeze}. */
  squeeze(this: Tensor, dim?: number | readonly number[]): Tensor {
    return view.squeeze(this, dim);
  },
  /** With a new axis of size 1: {@link view.unsqueeze}. */
  unsqueeze(this: Tensor, dim: number): Tensor {
    return view.unsqueeze(this, dim);
  },
  /** From end to start: {@link view.flip}. */
  flip<X extends Shaped>(this: X & Tensor, dims?: number | readonly number[]): Tensor<X["shape"]> {
    return view.flip(this, dims);
  },
  /** Windows along an axis: {@link view.unfold}. */
  unfold(this: Tensor, dim: number, size: number, step: number): Tensor {
    return view.unfold(this, dim, size, step);
  },
  /** Cut into pieces: {@link view.split}. */
  split(this: Tensor, size: number | readonly number[], dim = 0): Tensor[] {
    return view.split(this, size, dim);
  },
  /** The tensors along an axis: {@link view.unbind}. */
  unbind(this: Tensor, dim = 0): Tensor[] {
    return view.unbind(this, dim);
  },
  /** The matrix product: {@link linear.matmul}. */
  matmul<X extends Shaped, B extends Shape>(
    this: X & Tensor,
    other: Tensor<B> & CheckMatmul<X["shape"], B>,
  ): Tensor<Matmul<X["shape"], B>> {
    return linear.matmul<X["shape"], B>(this, other);
  },
  /** The matrix product, under PyTorch's other name: {@link linear.matmul}. */
  mm<X extends Shaped, B extends Shape>(
    this: X & Tensor,
    other: Tensor<B> & CheckMatmul<X["shape"], B>,
  ): Tensor<Matmul<X["shape"], B>> {
    return linear.matmul<X["shape"], B>(this, other);
  },
  /** The dot product of two vectors: {@link linear.dot}. */
  dot(this: Tensor, other: Tensor): Tensor<[]> {
    return linear.dot(this, other) as Tensor<[]>;
  },
  /** The outer product of two vectors: {@link linear.outer}. */
  outer(this: Tensor, other: Tensor): Tensor {
    return linear.outer(this, other);
  },
  /** The inverse matrix: {@link linear.inverse}. */
  inverse<X extends Shaped>(this: X & Tensor): Tensor<X["shape"]> {
    return linear.inverse(this);
  },
  /** The determinant: {@link linear.det}. */
  det(this: Tensor): Tensor {
    return linear.det(this);
  },
  /** The lower triangle L with L · Lᵀ = x: {@link linear.cholesky}. */
  cholesky<X extends Shaped>(this: X & Tensor): Tensor<X["shape"]> {
    return linear.cholesky(this);
  },
  /** Elements at an index along an axis: {@link indexing.gather}. */
  gather(this: Tensor, dim: number, index: Tensor): Tensor {
    return indexing.gather(this, dim, index);
  },
  /** With elements added at an index along an axis: {@link indexing.scatterAdd}. */
  scatterAdd<X extends Shaped>(this: X & Tensor, dim: number, index: Tensor, source: Tensor): Tensor<X["shape"]> {
    return indexing.scatterAdd(this, dim, index, source);
  },
  /** Slices at a list of indices: {@link indexing.indexSelect}. */
  indexSelect(this: Tensor, dim: number, index: Tensor): Tensor {
    return indexing.indexSelect(this, dim, index);
  },
  /** With numbers around it: {@link selection.pad}. */
  pad(this: Tensor, widths: readonly number[], value = 0): Tensor {
    return selection.pad(this, widths, value);
  },
  /** The lower triangle: {@link diagonals.tril}. */
  tril<X extends Shaped>(this: X & Tensor, diagonal = 0): Tensor<X["shape"]> {
    return diagonals.tril(this, diagonal);
  },
  /** The upper triangle: {@link diagonals.triu}. */
  triu<X extends Shaped>(this: X & Tensor, diagonal = 0): Tensor<X["shape"]> {
    return diagonals.triu(this, diagonal);
  },
  /** The diagonal, or a matrix with this diagonal: {@link diagonals.diag}. */
  diag(this: Tensor): Tensor {
    return diagonals.diag(this);
  },
  /** The diagonal of the last two axes: {@link diagonals.diagonal}. */
  diagonal(this: Tensor): Tensor {
    return diagonals.diagonal(this);
  },
  /** The sum of the diagonal of a matrix. */
  trace(this: Tensor): Tensor {
    return diagonals.trace(this);
  },
  /** Elements moved along an axis, around the end: {@link selection.roll}. */
  roll<X extends Shaped>(this: X & Tensor, shift: number, dim?: number): Tensor<X["shape"]> {
    return selection.roll(this, shift, dim);
  },
  /** Again and again along each axis: {@link selection.repeat}. */
  repeat(this: Tensor, ...counts: Either): Tensor {
    return selection.repeat(this, listed(counts));
  },
  /** `length` elements along `dim` from `start` on. */
  narrow(this: Tensor, dim: number, start: number, length: number): Tensor {
    const axis = axisOf("narrow", dim, this.shape);
    const size = this.shape[axis] as number;
    if (!(Number.isInteger(start) && Number.isInteger(length) && start >= 0 && length >= 0 && start + length <= size))
      throw new RangeError(`narrow: ${length} elements from ${start} on are not in the ${size} of dim ${dim}`);
    return view.narrow(this, axis, start, start + length);
  },
  /** The axis `from` moved to the place `to`. */
  movedim(this: Tensor, from: number, to: number): Tensor {
    return view.moveAxis(this, from, to);
  },
  /** The same numbers one after the other in memory: itself, or a copy. */
  contiguous<X extends Shaped>(this: X & Tensor): Tensor<X["shape"]> {
    return this.strides === null ? this : selection.clone(this);
  },
  /** The same numbers in memory of their own: {@link selection.clone}. */
  clone<X extends Shaped>(this: X & Tensor): Tensor<X["shape"]> {
    return selection.clone(this);
  },
  /** The same numbers as a constant: {@link selection.stopGradient}. */
  detach<X extends Shaped>(this: X & Tensor): Tensor<X["shape"]> {
    return selection.stopGradient(this);
  },
};

/** What stands beside the methods. */
export interface ViewProperties {
  /** The axes in reverse order: the transpose of a matrix, whose shape `t()` knows. */
  readonly T: Tensor;
  /** The last two axes swapped: each matrix of a stack transposed. */
  readonly mT: Tensor;
}

export const viewProperties = {
  T: {
    get(this: Tensor): Tensor {
      return view.permute<Shape, number[]>(
        this,
        this.shape.map((_, k) => this.shape.length - 1 - k),
      );
    },
  },
  mT: {
    get(this: Tensor): Tensor {
      if (this.shape.length < 2) throw new RangeError(`mT: expected a matrix or a stack, got ${show(this.shape)}`);
      return view.swapLast(this);
    },
  },
};

export type ViewMethods = typeof viewMethods & ViewProperties;
