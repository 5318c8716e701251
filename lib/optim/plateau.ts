// The schedule that looks at what is got (https://docs.pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.ReduceLROnPlateau.html).

import type { Tensor } from "../trace.ts";
import type { Optimizer } from "./optimizer.ts";

/** When the rate is lowered, and how far. */
export interface PlateauOptions {
  /** Whether what is measured is to become small or large; "min". */
  readonly mode?: "min" | "max";
  /** What the rate is multiplied by; 0.1. */
  readonly factor?: number;
  /** So many steps without progress are borne; 10. */
  readonly patience?: number;
  /** Less change than this is no progress; 1e-4. */
  readonly threshold?: number;
  /** Whether the threshold is a part of the best so far, or a difference from it; "rel". */
  readonly thresholdMode?: "rel" | "abs";
  /** So many steps after a change are not looked at; 0. */
  readonly cooldown?: number;
  /** No rate is made less than this; 0. */
  readonly minLr?: number;
  /** A smaller change of a rate is not made; 1e-8. */
  readonly eps?: number;
}

/**
 * Lowers an optimizer's learning rate when what is measured has not got better for a while.
 *
 * @example
 * const schedule = new optim.ReduceLROnPlateau(optimizer, { factor: 0.5, patience: 3 });
 * schedule.step(loss); // after each epoch
 */
export class ReduceLROnPlateau {
  readonly #optimizer: Optimizer<{ readonly lr: number }>;
  readonly #options: Required<PlateauOptions>;
  /** The best that was measured. */
  best: number;
  /** Steps since it got better. */
  badSteps = 0;
  #cooling = 0;

  /** @throws RangeError unless the factor is less than 1. */
  constructor(optimizer: Optimizer<never> | Optimizer<{ readonly lr: number }>, options: PlateauOptions = {}) {
    this.#optimizer = optimizer;
    this.#options = {
      mode: "min",
      factor: 0.1,
      patience: 10,
      threshold: 1e-4,
      thresholdMode: "rel",
      cooldown: 0,
      minLr: 0,
      eps: 1e-8,
      ...options,
    };
    const { factor, mode } = this.#options;
    if (!(factor >= 0 && factor < 1))
      throw new RangeError(`ReduceLROnPlateau: the factor must lie in [0, 1), not ${factor}`);
    this.best = mode === "min" ? Infinity : -Infinity;
  }

  /** Looks at what was measured: a loss, say, as a number or a tensor of one element. */
  step(measured: number | Tensor): void {
    const value = typeof measured === "number" ? measured : measured.item();
    const { patience, cooldown } = this.#options;
    if (this.#isBetter(value)) {
      this.best = value;
      this.badSteps = 0;
    } else this.badSteps++;
    if (this.#cooling > 0) {
      this.#cooling--;
      this.badSteps = 0;
    }
    if (this.badSteps <= patience) return;
    this.#lower();
    this.#cooling = cooldown;
    this.badSteps = 0;
  }

  /** The rates of the groups now. */
  getLastLr(): number[] {
    return this.#optimizer.groups.map(({ options }) => options.lr);
  }

  /** So many steps without progress are borne. */
  get patience(): number {
    return this.#options.patience;
  }

  #isBetter(value: number): boolean {
    const { mode, threshold, thresholdMode } = this.#options;
    const sign = mode === "min" ? -1 : 1;
    const bound = thresholdMode === "rel" ? this.best * (1 + sign * threshold) : this.best + sign * threshold;
    return sign * value > sign * bound;
  }

  #lower(): void {
    const { factor, minLr, eps } = this.#options;
    for (const group of this.#optimizer.groups) {
      const lr = Math.max(group.options.lr * factor, minLr);
      if (group.options.lr - lr > eps) group.options = { ...group.options, lr };
    }
  }
}
