// Limits for gradients, before a step.

import { gradOf, noGrad } from "../tape.ts";
import type { Tensor } from "../trace.ts";

/**
 * Scales all gradients down, in place, so that their norm taken together is at most `maxNorm`; the result is the norm before.
 *
 * @throws RangeError unless `maxNorm` is positive.
 * @example
 * optim.clipGradNorm(model.parameters(), 1);
 */
export function clipGradNorm(params: Iterable<Tensor>, maxNorm: number, { p = 2 } = {}): number {
  if (!(maxNorm > 0)) throw new RangeError(`clipGradNorm: maxNorm must be positive, not ${maxNorm}`);
  const grads = [...params].flatMap((x) => gradOf(x) ?? []);
  let sum = 0;
  let largest = 0;
  for (const g of grads) {
    for (const x of g.data) {
      largest = Math.max(largest, Math.abs(x));
      sum += Math.abs(x) ** p;
    }
  }
  const total = p === Infinity ? largest : sum ** (1 / p);
  const factor = Math.min(1, maxNorm / (total + 1e-6));
  if (factor < 1) noGrad(() => grads.forEach((g) => g.mul_(factor)));
  return total;
}

/**
 * Limits every element of the gradients, in place, to [-limit, limit].
 *
 * @throws RangeError unless `limit` is positive.
 * @example
 * optim.clipGradValue(model.parameters(), 0.5);
 */
export function clipGradValue(params: Iterable<Tensor>, limit: number): void {
  if (!(limit > 0)) throw new RangeError(`clipGradValue: the limit must be positive, not ${limit}`);
  noGrad(() => {
    for (const x of params) gradOf(x)?.clamp_(-limit, limit);
  });
}
