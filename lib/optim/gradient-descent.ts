// Gradient descent and its relatives with one learning rate: SGD with momentum, and Rprop, which looks at signs only.

import type { Block } from "../backend.ts";
import type { Data } from "../dtype.ts";
import { sizeOf } from "../shape.ts";
import { state } from "../trace.ts";
import { array, Optimizer, singles, type Slot, type Trainable } from "./optimizer.ts";

/** Options of {@link SGD}. */
export interface SGDOptions {
  readonly lr?: number;
  readonly momentum?: number;
  readonly dampening?: number;
  readonly weightDecay?: number;
  readonly nesterov?: boolean;
}

/**
 * w ← w - lr · g, where g follows the gradient with momentum (https://docs.pytorch.org/docs/stable/generated/torch.optim.SGD.html).
 *
 * @example
 * new optim.SGD(model.parameters(), { lr: 0.1, momentum: 0.9 })
 */
export class SGD extends Optimizer<Required<SGDOptions>> {
  /** @throws RangeError for Nesterov's variant without momentum, or with dampening. */
  constructor(params: Trainable<SGDOptions>, options: SGDOptions = {}) {
    super(params, { lr: 1e-3, momentum: 0, dampening: 0, weightDecay: 0, nesterov: false, ...options });
    if (options.nesterov === true && (!((options.momentum ?? 0) > 0) || (options.dampening ?? 0) !== 0)) {
      throw new RangeError("SGD: nesterov needs momentum, and no dampening");
    }
  }

  protected override updateFused(w: Block, g: Block, slot: Slot, options: Required<SGDOptions>): boolean {
    const { updates } = state.backend;
    if (updates === undefined || w.dtype !== "f32") return false;
    const { lr, momentum, dampening, weightDecay: decay, nesterov } = options;
    const velocity = momentum === 0 ? null : singles(slot, 0, sizeOf(w.shape));
    const part = slot.step === 1 ? 1 : 1 - dampening;
    return updates.sgd(w, g, velocity, { lr, decay, momentum, part, nesterov });
  }

  protected update(w: Data, g: Data, slot: Slot, options: Required<SGDOptions>): void {
    const { lr, momentum, dampening, weightDecay, nesterov } = options;
    if (momentum === 0) {
      for (let k = 0; k < w.length; k++)
        w[k] = (w[k] as number) - lr * ((g[k] as number) + weightDecay * (w[k] as number));
      return;
    }
    const velocity = array(slot, 0, w.length);
    const part = slot.step === 1 ? 1 : 1 - dampening;
    for (let k = 0; k < w.length; k++) {
      const d = (g[k] as number) + weightDecay * (w[k] as number);
      const v = momentum * (velocity[k] as number) + part * d;
      velocity[k] = v;
      w[k] = (w[k] as number) - lr * (nesterov ? d + momentum * v : v);
    }
  }
}

/** Options of {@link Rprop}. */
export interface RpropOptions {
  readonly lr?: number;
  /** Factors of a step after a change of sign, and after none. */
  readonly etas?: readonly [number, number];
  readonly stepSizes?: readonly [number, number];
}

/**
 * Steps that grow while a gradient keeps its sign and shrink when it changes (Riedmiller and Braun, 1993).
 *
 * @example
 * new optim.Rprop(model.parameters(), { lr: 0.01 })
 */
export class Rprop extends Optimizer<Required<RpropOptions>> {
  constructor(params: Trainable<RpropOptions>, options: RpropOptions = {}) {
    super(params, { lr: 1e-2, etas: [0.5, 1.2], stepSizes: [1e-6, 50], ...options });
  }

  protected update(w: Data, g: Data, slot: Slot, { lr, etas, stepSizes }: Required<RpropOptions>): void {
    const before = array(slot, 0, w.length);
    const steps = array(slot, 1, w.length);
    if (slot.step === 1) steps.fill(lr);
    for (let k = 0; k < w.length; k++) {
      let d = g[k] as number;
      const sign = Math.sign(d * (before[k] as number));
      const factor = sign > 0 ? etas[1] : sign < 0 ? etas[0] : 1;
      steps[k] = Math.min(Math.max((steps[k] as number) * factor, stepSizes[0]), stepSizes[1]);
      if (sign < 0) d = 0;
      w[k] = (w[k] as number) - Math.sign(d) * (steps[k] as number);
      before[k] = d;
    }
  }
}
