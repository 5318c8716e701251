// Adam and its family: running means of the gradient and of its square, both corrected for their start at zero.

import type { Block } from "../backend.ts";
import type { Data } from "../dtype.ts";
import { sizeOf } from "../shape.ts";
import { state } from "../trace.ts";
import { array, checkRates, Optimizer, singles, type Slot, type Trainable } from "./optimizer.ts";

/** Options of {@link Adam}, {@link Adamax} and {@link RAdam}. */
export interface AdamOptions {
  readonly lr?: number;
  readonly betas?: readonly [number, number];
  readonly eps?: number;
  readonly weightDecay?: number;
  /** Divides by the largest mean of squares so far (Reddi et al., 2018); only Adam and AdamW. */
  readonly amsgrad?: boolean;
}

type Complete = Required<AdamOptions>;

function complete(name: string, defaults: Partial<AdamOptions>, options: AdamOptions): Complete {
  const all = {
    lr: 1e-3,
    betas: [0.9, 0.999] as const,
    eps: 1e-8,
    weightDecay: 0,
    amsgrad: false,
    ...defaults,
    ...options,
  };
  checkRates(name, { "betas[0]": all.betas[0], "betas[1]": all.betas[1] });
  return all;
}

const corrected = { step: 0, b1: 0, b2: 0, mean: 0, square: 0 };

/** 1 - βⁿ of both rates; parameters, which are asked for one after the other, mostly share them. */
function corrections(step: number, b1: number, b2: number): { readonly mean: number; readonly square: number } {
  if (corrected.step !== step || corrected.b1 !== b1 || corrected.b2 !== b2) {
    Object.assign(corrected, { step, b1, b2, mean: 1 - b1 ** step, square: 1 - b2 ** step });
  }
  return corrected;
}

function step(w: Data, g: Data, slot: Slot, options: Complete, decoupled: boolean): void {
  const { lr, betas, eps, weightDecay, amsgrad } = options;
  const [b1, b2] = betas;
  const means = array(slot, 0, w.length);
  const squares = array(slot, 1, w.length);
  const largest = amsgrad ? array(slot, 2, w.length) : squares;
  const { mean, square } = corrections(slot.step, b1, b2);
  const size = lr / mean;
  const root = Math.sqrt(square);
  for (let k = 0; k < w.length; k++) {
    let x = w[k] as number;
    let d = g[k] as number;
    if (decoupled) x -= lr * weightDecay * x;
    else d += weightDecay * x;
    const m = (means[k] as number) + (1 - b1) * (d - (means[k] as number));
    let s = b2 * (squares[k] as number) + (1 - b2) * d * d;
    means[k] = m;
    squares[k] = s;
    if (amsgrad) {
      s = Math.max(s, largest[k] as number);
      largest[k] = s;
    }
    w[k] = x - (size * m) / (Math.sqrt(s) / root + eps);
  }
}

function stepFused(w: Block, g: Block, slot: Slot, options: Complete, decoupled: boolean): boolean {
  const { updates } = state.backend;
  if (updates === undefined || w.dtype !== "f32") return false;
  const { lr, betas, eps, weightDecay, amsgrad } = options;
  const [b1, b2] = betas;
  const n = sizeOf(w.shape);
  const { mean, square } = corrections(slot.step, b1, b2);
  return updates.adam(w, g, singles(slot, 0, n), singles(slot, 1, n), amsgrad ? singles(slot, 2, n) : null, {
    b1,
    b2,
    size: lr / mean,
    root: Math.sqrt(square),
    eps,
    keep: decoupled ? 1 - lr * weightDecay : 1,
    decay: decoupled ? 0 : weightDecay,
  });
}

/**
 * Adam (Kingma and Ba, arXiv:1412.6980).
 *
 * @example
 * new optim.Adam(model.parameters(), { lr: 0.01 })
 */
export class Adam extends Optimizer<Complete> {
  constructor(params: Trainable<AdamOptions>, options: AdamOptions = {}) {
    super(params, complete("Adam", {}, options));
  }
  protected override updateFused(w: Block, g: Block, slot: Slot, options: Complete): boolean {
    return stepFused(w, g, slot, options, false);
  }
  protected update(w: Data, g: Data, slot: Slot, options: Complete): void {
    step(w, g, slot, options, false);
  }
}

/**
 * Adam with weight decay apart from the gradient (Loshchilov and Hutter, arXiv:1711.05101).
 *
 * @example
 * new optim.AdamW(model.parameters(), { lr: 0.01, weightDecay: 0.1 })
 */
export class AdamW extends Optimizer<Complete> {
  constructor(params: Trainable<AdamOptions>, options: AdamOptions = {}) {
    super(params, complete("AdamW", { weightDecay: 1e-2 }, options));
  }
  protected override updateFused(w: Block, g: Block, slot: Slot, options: Complete): boolean {
    return stepFused(w, g, slot, options, true);
  }
  protected update(w: Data, g: Data, slot: Slot, options: Complete): void {
    step(w, g, slot, options, true);
  }
}

/**
 * Adam with the largest recent gradient in place of the root mean square (arXiv:1412.6980, section 7).
 *
 * @example
 * new optim.Adamax(model.parameters())
 */
export class Adamax extends Optimizer<Complete> {
  constructor(params: Trainable<AdamOptions>, options: AdamOptions = {}) {
    super(params, complete("Adamax", { lr: 2e-3 }, options));
  }
  protected update(w: Data, g: Data, slot: Slot, { lr, betas, eps, weightDecay }: Complete): void {
    const [b1, b2] = betas;
    const means = array(slot, 0, w.length);
    const norms = array(slot, 1, w.length);
    const size = lr / (1 - b1 ** slot.step);
    for (let k = 0; k < w.length; k++) {
      const d = (g[k] as number) + weightDecay * (w[k] as number);
      const m = (means[k] as number) + (1 - b1) * (d - (means[k] as number));
      const u = Math.max(b2 * (norms[k] as number), Math.abs(d) + eps);
      means[k] = m;
      norms[k] = u;
      w[k] = (w[k] as number) - (size * m) / u;
    }
  }
}

/** Options of {@link NAdam}. */
export interface NAdamOptions extends AdamOptions {
  readonly momentumDecay?: number;
}

/**
 * Adam with Nesterov's momentum (Dozat, 2016).
 *
 * @example
 * new optim.NAdam(model.parameters())
 */
export class NAdam extends Optimizer<Complete & Required<NAdamOptions>> {
  constructor(params: Trainable<NAdamOptions>, options: NAdamOptions = {}) {
    super(params, { momentumDecay: 4e-3, ...complete("NAdam", { lr: 2e-3 }, options) });
  }
  protected update(w: Data, g: Data, slot: Slot, options: Complete & Required<NAdamOptions>): void {
    const { lr, betas, eps, weightDecay, momentumDecay } = options;
    const [b1, b2] = betas;
    const means = array(slot, 0, w.length);
    const squares = array(slot, 1, w.length);
    const t = slot.step;
    const mu = b1 * (1 - 0.5 * 0.96 ** (t * momentumDecay));
    const next = b1 * (1 - 0.5 * 0.96 ** ((t + 1) * momentumDecay));
    const product = (slot.numbers[0] ?? 1) * mu;
    slot.numbers[0] = product;
    const { square } = corrections(t, b1, b2);
    for (let k = 0; k < w.length; k++) {
      const d = (g[k] as number) + weightDecay * (w[k] as number);
      const m = (means[k] as number) + (1 - b1) * (d - (means[k] as number));
      const s = b2 * (squares[k] as number) + (1 - b2) * d * d;
      means[k] = m;
      squares[k] = s;
      const root = Math.sqrt(s / square) + eps;
      w[k] =
        (w[k] as number) - (((lr * (1 - mu)) / (1 - product)) * d + ((lr * next) / (1 - product * next)) * m) / root;
    }
  }
}

/**
 * Adam that waits with dividing until the mean of squares is reliable (Liu et al., arXiv:1908.03265).
 *
 * @example
 * new optim.RAdam(model.parameters())
 */
export class RAdam extends Optimizer<Complete> {
  constructor(params: Trainable<AdamOptions>, options: AdamOptions = {}) {
    super(params, complete("RAdam", {}, options));
  }
  protected update(w: Data, g: Data, slot: Slot, { lr, betas, eps, weightDecay }: Complete): void {
    const [b1, b2] = betas;
    const means = array(slot, 0, w.length);
    const squares = array(slot, 1, w.length);
    const t = slot.step;
    const most = 2 / (1 - b2) - 1;
    const { mean, square } = corrections(t, b1, b2);
    const length = most - (2 * t * b2 ** t) / square;
    const rectified = length > 5;
    const factor = rectified
      ? Math.sqrt(((length - 4) * (length - 2) * most) / ((most - 4) * (most - 2) * length)) * Math.sqrt(square)
      : 1;
    for (let k = 0; k < w.length; k++) {
      const d = (g[k] as number) + weightDecay * (w[k] as number);
      const m = (means[k] as number) + (1 - b1) * (d - (means[k] as number));
      const s = b2 * (squares[k] as number) + (1 - b2) * d * d;
      means[k] = m;
      squares[k] = s;
      const size = rectified ? factor / (Math.sqrt(s) + eps) : 1;
      w[k] = (w[k] as number) - lr * (m / mean) * size;
    }
  }
}
