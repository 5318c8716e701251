// Getting numbers out of a tensor. Whatever is handed out is a copy.

import { flatValues } from "../create.ts";
import type { Data } from "../dtype.ts";
import { select } from "../ops/view.ts";
import { format } from "../print.ts";
import { axisOf, type Shape, type Shaped, show, sizeOf } from "../shape.ts";
import { concrete, type Tensor } from "../trace.ts";

/** Numbers (or booleans) nested as deep as the tensor has dimensions. */
export type NestedArray<S extends Shape> = number extends S["length"]
  ? number | boolean | NestedArray<Shape>[]
  : S extends readonly []
    ? number
    : S extends readonly [number, ...infer R extends Shape]
      ? NestedArray<R>[]
      : never;

function nest(values: Data, shape: Shape, bool: boolean): unknown {
  const build = (axis: number, start: number, size: number): unknown => {
    if (axis === shape.length) return bool ? values[start] !== 0 : values[start];
    const n = shape[axis] as number;
    const step = n === 0 ? 0 : size / n;
    return Array.from({ length: n }, (_, k) => build(axis + 1, start + k * step, step));
  };
  return build(0, 0, values.length);
}

export const valueMethods = {
  /**
   * The number of a tensor that holds only one.
   *
   * @throws RangeError when it holds more or fewer.
   * @example
   * loss.item() // 0.25
   */
  item(this: Tensor): number {
    if (sizeOf(this.shape) !== 1) {
      throw new RangeError(
        `item: only a tensor of one element is a single number, not shape ${show(this.shape)}; use toArray()`,
      );
    }
    const value = concrete("item", this);
    return value.storage.data[value.offset] as number;
  },
  /**
   * The numbers as nested arrays; a single number as itself.
   *
   * @example
   * tensor([[1, 2], [3, 4]]).toArray() // [[1, 2], [3, 4]]
   */
  toArray<X extends Shaped>(this: X & Tensor): NestedArray<X["shape"]> {
    const value = concrete("toArray", this);
    return nest(flatValues(value), this.shape, this.dtype === "bool") as NestedArray<X["shape"]>;
  },
  /** The same as `toArray`, under PyTorch's name. */
  tolist<X extends Shaped>(this: X & Tensor): NestedArray<X["shape"]> {
    return this.toArray();
  },
  /** What JSON.stringify writes: nested arrays. */
  toJSON(this: Tensor): unknown {
    return nest(flatValues(concrete("toJSON", this)), this.shape, this.dtype === "bool");
  },
  /** The number of elements. */
  numel(this: Tensor): number {
    return sizeOf(this.shape);
  },
  /** The number of dimensions. */
  dim(this: Tensor): number {
    return this.shape.length;
  },
  /** The sizes of all dimensions, or the size of one. */
  size: function (this: Tensor, dim?: number): number | Shape {
    return dim === undefined ? this.shape : (this.shape[axisOf("size", dim, this.shape)] as number);
  } as { (this: Tensor, dim: number): number; <X extends Shaped>(this: X & Tensor): X["shape"] },
  /** The numbers as text, as PyTorch prints them. */
  toString(this: Tensor): string {
    return format(this);
  },
  /** The tensors along the first axis. */
  *[Symbol.iterator](this: Tensor): Generator<Tensor> {
    if (this.shape.length === 0) throw new TypeError("a single number cannot be iterated over; use item()");
    for (let k = 0; k < (this.shape[0] as number); k++) yield select(this, 0, k);
  },
  /** Text in templates; operators of JavaScript do not work on tensors, and say so. */
  [Symbol.toPrimitive](this: Tensor, hint: string): string {
    if (hint === "string") return format(this);
    throw new TypeError(
      "JavaScript's operators do not work on tensors; use x.add(y), x.mul(y), x.lt(y), …, or x.item() for a single number",
    );
  },
};

/** What `console.log` and `util.inspect` show in Node and Deno. */
export const inspections: Record<symbol, (this: Tensor) => string> = {
  [Symbol.for("nodejs.util.inspect.custom")](this: Tensor): string {
    return format(this);
  },
  [Symbol.for("Deno.customInspect")](this: Tensor): string {
    return format(this);
  },
};

/** What stands beside the methods. */
export interface ValueProperties {
  /** A copy of the numbers in row-major order. */
  readonly data: Data;
  /** The number of dimensions. */
  readonly ndim: number;
}

export const valueProperties = {
  data: {
    get(this: Tensor): Data {
      return flatValues(concrete("data", this));
    },
  },
  ndim: {
    get(this: Tensor): number {
      return this.shape.length;
    },
  },
};

export type ValueMethods = typeof valueMethods & ValueProperties;
