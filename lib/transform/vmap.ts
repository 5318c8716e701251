// The transformation of a function of one example into a function of many.

import { overBatch } from "../batch.ts";
import { moveAxis } from "../ops/view.ts";
import { axisOf } from "../shape.ts";
import type { Tensor } from "../trace.ts";
import { leaves } from "../tree.ts";
import { type Arguments, flatten } from "./recording.ts";

/** Where the mapped axis of each argument is, and that of the results. */
export interface VmapOptions {
  /** One axis for all arguments, or one for each; null for an argument that is the same for all. 0. */
  readonly inAxes?: number | null | readonly (number | null)[];
  /** The axis of the results; 0. */
  readonly outAxes?: number;
}

/**
 * The function that applies `f` to each slice of its arguments along an axis, in one go: write `f` for one example, call it with a batch.
 *
 * @throws RangeError when the axes have different sizes; TypeError when no argument has one, or `f` reads a single value.
 * @example
 * vmap((x: Tensor) => x.dot(w))(batch) // one number for each row
 */
export function vmap<A extends Arguments = Tensor[], R = Tensor>(
  f: (...args: A) => R,
  options: VmapOptions = {},
): (...args: A) => R {
  const { inAxes = 0, outAxes = 0 } = options;
  return (...args) => {
    const { list, flat, form } = flatten("vmap", f, args);
    const axes = args.flatMap((arg, k) => {
      const axis = typeof inAxes === "number" || inAxes === null ? inAxes : (inAxes[k] ?? null);
      return leaves(arg, "vmap").map(() => axis);
    });
    const sizes = new Set<number>();
    const inputs = list.map((x, k) => {
      const axis = axes[k] ?? null;
      if (axis === null) return x;
      if (x.shape.length === 0)
        throw new RangeError("vmap: a single number has no axis to map over; give it inAxes null");
      const place = axisOf("vmap", axis, x.shape);
      sizes.add(x.shape[place] as number);
      return moveAxis(x, place, 0);
    });
    if (sizes.size === 0) throw new TypeError("vmap: no argument holds a tensor to map over");
    if (sizes.size > 1) {
      throw new RangeError(`vmap: the mapped axes have different sizes: ${[...sizes].join(" and ")}`);
    }
    const [size] = [...sizes] as [number];
    const mapped = axes.map((axis) => axis !== null);
    const outputs = overBatch(flat, inputs, mapped, size);
    return form(outputs.map((y) => moveAxis(y, 0, outAxes)));
  };
}
