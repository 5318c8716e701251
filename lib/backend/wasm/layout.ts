// How arrays with strides are walked through in as few axes as possible: axes that several operands read as one run become one.

import { type Block, stridesOf } from "../../backend.ts";
import type { Shape } from "../../shape.ts";

export interface Axis {
  size: number;
  /** The step of each operand. */
  readonly steps: readonly number[];
}

/** The axes of `shape`, outermost first, that these strides leave; null if there are no elements. */
export function collapse(shape: Shape, strides: readonly (readonly number[])[]): Axis[] | null {
  const axes: Axis[] = [];
  for (let k = shape.length - 1; k >= 0; k--) {
    const size = shape[k] as number;
    if (size === 0) return null;
    if (size === 1) continue;
    const inner = axes[0];
    if (inner !== undefined && strides.every((s, i) => s[k] === inner.size * (inner.steps[i] as number))) {
      inner.size *= size;
    } else axes.unshift({ size, steps: strides.map((s) => s[k] as number) });
  }
  return axes;
}

/** A block seen as outer × size × inner, where `size` is that of `axes`; null unless these follow one another. */
export function split(shape: Shape, axes: readonly number[]): { outer: number; size: number; inner: number } | null {
  const first = axes[0];
  if (first === undefined || axes.some((axis, k) => axis !== first + k)) return null;
  let [outer, size, inner] = [1, 1, 1];
  shape.forEach((n, k) => {
    if (k < first) outer *= n;
    else if (k < first + axes.length) size *= n;
    else inner *= n;
  });
  return { outer, size, inner };
}

/** The strides with which `x`, broadcast to `shape`, is read. */
export function spread(x: Block, shape: Shape): number[] {
  const strides = stridesOf(x);
  const lead = shape.length - x.shape.length;
  return shape.map((_, k) => (k < lead || x.shape[k - lead] === 1 ? 0 : (strides[k - lead] as number)));
}
