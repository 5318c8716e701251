// Zeros around tensors and tensors side by side, without checks: what other operations and rules are made of.

import { bind, primitive, type Tensor } from "../trace.ts";

const catP = primitive("cat");
const padP = primitive("pad");

/** Joins tensors of one type along an axis. */
export function join(parts: readonly Tensor[], axis: number): Tensor {
  return parts.length === 1 ? (parts[0] as Tensor) : bind(catP, parts, { axis });
}

/** Zeros before (`low`), after (`high`) and between (`step - 1` of them) the elements of each axis. */
export function padWith(x: Tensor, low: readonly number[], high: readonly number[], step: readonly number[]): Tensor {
  if (low.every((n) => n === 0) && high.every((n) => n === 0) && step.every((n) => n === 1)) return x;
  return bind(padP, [x], { low, high, step });
}
