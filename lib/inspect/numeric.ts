// Gradients by differences of values: slow, nearly right, and independent of every rule, so a check of them all.

import { elementReader } from "../elements.ts";
import { sizeOf } from "../shape.ts";
import { noGrad } from "../tape.ts";
import { leaves, type MapLeaves, refill } from "../tree.ts";
import { concrete, isTensor, type Tensor, wrap } from "../trace.ts";

/**
 * The gradient of `f` with respect to each tensor in its argument, in the same form, by central differences: (f(x + h) - f(x - h)) / 2h for
 * each element, computed in f64, where the error is near 1e-9 for numbers of usual size.
 *
 * @throws TypeError unless `f` returns a tensor of one element.
 * @example
 * numericGradient(({ w }) => w.square().sum(), { w: tensor([1, 2]) }).w // [2, 4], nearly
 */
export function numericGradient<T>(
  f: (at: T) => Tensor,
  at: T,
  options: { readonly step?: number } = {},
): MapLeaves<T, Tensor> {
  const { step = 1e-5 } = options;
  if (isTensor(options)) {
    throw new TypeError("numericGradient: the function gets one argument; pass several tensors in an object: numericGradient(({ x, w }) => f(x, w), { x, w })"); // prettier-ignore
  }
  return noGrad(() => {
    const values = leaves(at, "numericGradient").map((x) => ({ x, data: inDouble(x) }));
    const value = (): number => {
      const moved = values.map(({ x, data }) => wrap(data.slice(), [...x.shape], "f64"));
      const y = f(refill(at, moved) as T);
      if (!isTensor(y) || sizeOf(y.shape) !== 1) {
        throw new TypeError("numericGradient: the function must return a tensor of one element; reduce it: y.sum()");
      }
      return y.item();
    };
    const gradients = values.map(({ x, data }) => {
      const g = new Float64Array(data.length);
      for (let k = 0; k < data.length; k++) {
        const before = data[k] as number;
        const h = step * Math.max(1, Math.abs(before));
        data[k] = before + h;
        const above = value();
        data[k] = before - h;
        g[k] = (above - value()) / (2 * h);
        data[k] = before;
      }
      return wrap(g, [...x.shape], "f64").to(x.dtype);
    });
    return refill(at, gradients);
  });
}

function inDouble(x: Tensor): Float64Array {
  const read = elementReader(concrete("numericGradient", x));
  return Float64Array.from({ length: sizeOf(x.shape) }, (_, k) => read(k));
}
