// Optimizers that divide by a running size of the gradient: RMSprop, Adagrad, Adadelta.

import type { Data } from "../dtype.ts";
import { array, checkRates, Optimizer, type Slot, type Trainable } from "./optimizer.ts";

/** Options of {@link RMSprop}. */
export interface RMSpropOptions {
  readonly lr?: number;
  readonly alpha?: number;
  readonly eps?: number;
  readonly weightDecay?: number;
  readonly momentum?: number;
  readonly centered?: boolean;
}

/**
 * Divides by the root of a running mean of squares (Tieleman and Hinton, 2012).
 *
 * @example
 * new optim.RMSprop(model.parameters(), { lr: 0.01 })
 */
export class RMSprop extends Optimizer<Required<RMSpropOptions>> {
  constructor(params: Trainable<RMSpropOptions>, options: RMSpropOptions = {}) {
    super(params, { lr: 1e-2, alpha: 0.99, eps: 1e-8, weightDecay: 0, momentum: 0, centered: false, ...options });
  }

  protected update(w: Data, g: Data, slot: Slot, options: Required<RMSpropOptions>): void {
    const { lr, alpha, eps, weightDecay, momentum, centered } = options;
    const squares = array(slot, 0, w.length);
    const velocity = array(slot, 1, w.length);
    const means = array(slot, 2, w.length);
    for (let k = 0; k < w.length; k++) {
      const d = (g[k] as number) + weightDecay * (w[k] as number);
      const s = alpha * (squares[k] as number) + (1 - alpha) * d * d;
      squares[k] = s;
      let size = s;
      if (centered) {
        const m = (means[k] as number) + (1 - alpha) * (d - (means[k] as number));
        means[k] = m;
        size = s - m * m;
      }
      const scaled = d / (Math.sqrt(size) + eps);
      if (momentum > 0) {
        const v = momentum * (velocity[k] as number) + scaled;
        velocity[k] = v;
        w[k] = (w[k] as number) - lr * v;
      } else w[k] = (w[k] as number) - lr * scaled;
    }
  }
}

/** Options of {@link Adagrad}. */
export interface AdagradOptions {
  readonly lr?: number;
  readonly lrDecay?: number;
  readonly weightDecay?: number;
  readonly initialAccumulatorValue?: number;
  readonly eps?: number;
}

/**
 * Divides by the root of the sum of all squares so far (Duchi, Hazan and Singer, 2011).
 *
 * @example
 * new optim.Adagrad(model.parameters(), { lr: 0.1 })
 */
export class Adagrad extends Optimizer<Required<AdagradOptions>> {
  constructor(params: Trainable<AdagradOptions>, options: AdagradOptions = {}) {
    super(params, { lr: 1e-2, lrDecay: 0, weightDecay: 0, initialAccumulatorValue: 0, eps: 1e-10, ...options });
  }

  protected update(w: Data, g: Data, slot: Slot, options: Required<AdagradOptions>): void {
    const sums = array(slot, 0, w.length);
    if (slot.step === 1) sums.fill(options.initialAccumulatorValue);
    const lr = options.lr / (1 + (slot.step - 1) * options.lrDecay);
    for (let k = 0; k < w.length; k++) {
      const d = (g[k] as number) + options.weightDecay * (w[k] as number);
      const s = (sums[k] as number) + d * d;
      sums[k] = s;
      w[k] = (w[k] as number) - (lr * d) / (Math.sqrt(s) + options.eps);
    }
  }
}

/** Options of {@link Adadelta}. */
export interface AdadeltaOptions {
  readonly lr?: number;
  readonly rho?: number;
  readonly eps?: number;
  readonly weightDecay?: number;
}

/**
 * Steps in the unit of earlier steps (Zeiler, arXiv:1212.5701).
 *
 * @example
 * new optim.Adadelta(model.parameters())
 */
export class Adadelta extends Optimizer<Required<AdadeltaOptions>> {
  constructor(params: Trainable<AdadeltaOptions>, options: AdadeltaOptions = {}) {
    super(params, { lr: 1, rho: 0.9, eps: 1e-6, weightDecay: 0, ...options });
    checkRates("Adadelta", { rho: options.rho ?? 0.9 });
  }

  protected update(w: Data, g: Data, slot: Slot, { lr, rho, eps, weightDecay }: Required<AdadeltaOptions>): void {
    const squares = array(slot, 0, w.length);
    const steps = array(slot, 1, w.length);
    for (let k = 0; k < w.length; k++) {
      const d = (g[k] as number) + weightDecay * (w[k] as number);
      const s = rho * (squares[k] as number) + (1 - rho) * d * d;
      squares[k] = s;
      const delta = (Math.sqrt((steps[k] as number) + eps) / Math.sqrt(s + eps)) * d;
      steps[k] = rho * (steps[k] as number) + (1 - rho) * delta * delta;
      w[k] = (w[k] as number) - lr * delta;
    }
  }
}
