// Schedules of the learning rate, each a function of the step and the rate at first (https://docs.pytorch.org/docs/stable/optim.html).

import type { Optimizer } from "./optimizer.ts";

type Trained = Optimizer<{ readonly lr: number }>;

/**
 * Changes an optimizer's learning rate step by step: call `step()` after the optimizer's.
 *
 * @example
 * const schedule = new optim.CosineAnnealingLR(optimizer, { tMax: 100 });
 * optimizer.step();
 * schedule.step();
 */
export abstract class Schedule {
  readonly #optimizer: Trained;
  readonly #base: number[];
  /** How many steps were made. */
  lastStep = 0;

  constructor(optimizer: Optimizer<never> | Trained) {
    this.#optimizer = optimizer;
    this.#base = this.#optimizer.groups.map(({ options }) => options.lr);
  }

  /** Sets the rates for the step `t`. */
  protected set(t: number): void {
    this.lastStep = t;
    this.#optimizer.groups.forEach((group, k) => {
      group.options = { ...group.options, lr: this.rate(t, this.#base[k] as number) };
    });
  }

  /** Goes to the next step. */
  step(): void {
    this.set(this.lastStep + 1);
  }

  /** The rates of the groups now. */
  getLastLr(): number[] {
    return this.#optimizer.groups.map(({ options }) => options.lr);
  }

  /**
   * The rates of the groups at step `t`, which may have been or come.
   *
   * @throws RangeError where the schedule has ended.
   */
  ratesAt(t: number): number[] {
    return this.#base.map((base) => this.rate(t, base));
  }

  /** The number of steps in which the schedule shows what it does: how far its picture goes at least. */
  get span(): number {
    return 100;
  }

  /** The rate at step `t`, from the one at first. */
  protected abstract rate(t: number, base: number): number;
}

/**
 * The rate times `gamma` every `stepSize` steps.
 *
 * @example
 * const schedule = new optim.StepLR(optimizer, { stepSize: 30, gamma: 0.1 });
 * optimizer.step();
 * schedule.step();
 */
export class StepLR extends Schedule {
  readonly #options: { readonly stepSize: number; readonly gamma: number };

  constructor(
    optimizer: Optimizer<never> | Trained,
    { stepSize, gamma = 0.1 }: { readonly stepSize: number; readonly gamma?: number },
  ) {
    super(optimizer);
    this.#options = { stepSize, gamma };
    this.set(0);
  }
  override get span(): number {
    return 4 * this.#options.stepSize;
  }
  protected rate(t: number, base: number): number {
    return base * this.#options.gamma ** Math.floor(t / this.#options.stepSize);
  }
}

/**
 * The rate times `gamma` at each of the `milestones`.
 *
 * @example
 * const schedule = new optim.MultiStepLR(optimizer, { milestones: [30, 80] });
 * optimizer.step();
 * schedule.step();
 */
export class MultiStepLR extends Schedule {
  readonly #options: { readonly milestones: readonly number[]; readonly gamma: number };

  constructor(
    optimizer: Optimizer<never> | Trained,
    { milestones, gamma = 0.1 }: { readonly milestones: readonly number[]; readonly gamma?: number },
  ) {
    super(optimizer);
    this.#options = { milestones, gamma };
    this.set(0);
  }
  override get span(): number {
    return 1.25 * Math.max(0, ...this.#options.milestones);
  }
  protected rate(t: number, base: number): number {
    return base * this.#options.gamma ** this.#options.milestones.filter((m) => m <= t).length;
  }
}

/**
 * The rate times `gamma` every step.
 *
 * @example
 * const schedule = new optim.ExponentialLR(optimizer, { gamma: 0.99 });
 * optimizer.step();
 * schedule.step();
 */
export class ExponentialLR extends Schedule {
  readonly #gamma: number;

  constructor(optimizer: Optimizer<never> | Trained, { gamma }: { readonly gamma: number }) {
    super(optimizer);
    this.#gamma = gamma;
    this.set(0);
  }
  protected rate(t: number, base: number): number {
    return base * this.#gamma ** t;
  }
}

/**
 * Half a cosine from the rate to `etaMin` in `tMax` steps, and back (Loshchilov and Hutter, arXiv:1608.03983).
 *
 * @example
 * const schedule = new optim.CosineAnnealingLR(optimizer, { tMax: 100 });
 * optimizer.step();
 * schedule.step();
 */
export class CosineAnnealingLR extends Schedule {
  readonly #options: { readonly tMax: number; readonly etaMin: number };

  constructor(
    optimizer: Optimizer<never> | Trained,
    { tMax, etaMin = 0 }: { readonly tMax: number; readonly etaMin?: number },
  ) {
    super(optimizer);
    this.#options = { tMax, etaMin };
    this.set(0);
  }
  override get span(): number {
    return this.#options.tMax;
  }
  protected rate(t: number, base: number): number {
    const { tMax, etaMin } = this.#options;
    return etaMin + ((base - etaMin) * (1 + Math.cos((Math.PI * t) / tMax))) / 2;
  }
}

/**
 * Half cosines from the rate to `etaMin`, the first `t0` steps long, each next one `tMult` times longer (arXiv:1608.03983).
 *
 * @example
 * const schedule = new optim.CosineAnnealingWarmRestarts(optimizer, { t0: 10, tMult: 2 });
 * optimizer.step();
 * schedule.step();
 */
export class CosineAnnealingWarmRestarts extends Schedule {
  readonly #options: { readonly t0: number; readonly tMult: number; readonly etaMin: number };

  constructor(
    optimizer: Optimizer<never> | Trained,
    { t0, tMult = 1, etaMin = 0 }: { readonly t0: number; readonly tMult?: number; readonly etaMin?: number },
  ) {
    super(optimizer);
    if (!(t0 > 0) || !(tMult >= 1))
      throw new RangeError(`CosineAnnealingWarmRestarts: t0 ${t0} and tMult ${tMult} must be at least 1`);
    this.#options = { t0, tMult, etaMin };
    this.set(0);
  }
  override get span(): number {
    const { t0, tMult } = this.#options;
    return t0 * (1 + tMult + tMult ** 2);
  }
  protected rate(t: number, base: number): number {
    const { t0, tMult, etaMin } = this.#options;
    let length = t0;
    let since = t;
    while (since >= length) {
      since -= length;
      length *= tMult;
    }
    return etaMin + ((base - etaMin) * (1 + Math.cos((Math.PI * since) / length))) / 2;
  }
}

/**
 * From `startFactor` to `endFactor` of the rate in a straight line of `totalIters` steps.
 *
 * @example
 * const schedule = new optim.LinearLR(optimizer, { startFactor: 0.1, totalIters: 10 });
 * optimizer.step();
 * schedule.step();
 */
export class LinearLR extends Schedule {
  readonly #options: { readonly startFactor: number; readonly endFactor: number; readonly totalIters: number };

  constructor(
    optimizer: Optimizer<never> | Trained,
    {
      startFactor = 1 / 3,
      endFactor = 1,
      totalIters = 5,
    }: { readonly startFactor?: number; readonly endFactor?: number; readonly totalIters?: number } = {},
  ) {
    super(optimizer);
    this.#options = { startFactor, endFactor, totalIters };
    this.set(0);
  }
  override get span(): number {
    return 1.5 * this.#options.totalIters;
  }
  protected rate(t: number, base: number): number {
    const { startFactor, endFactor, totalIters } = this.#options;
    return base * (startFactor + (endFactor - startFactor) * Math.min(1, t / totalIters));
  }
}

/**
 * The rate times (1 - t / totalIters) to the power `power`.
 *
 * @example
 * const schedule = new optim.PolynomialLR(optimizer, { totalIters: 100, power: 2 });
 * optimizer.step();
 * schedule.step();
 */
export class PolynomialLR extends Schedule {
  readonly #options: { readonly totalIters: number; readonly power: number };

  constructor(
    optimizer: Optimizer<never> | Trained,
    { totalIters = 5, power = 1 }: { readonly totalIters?: number; readonly power?: number } = {},
  ) {
    super(optimizer);
    this.#options = { totalIters, power };
    this.set(0);
  }
  override get span(): number {
    return this.#options.totalIters;
  }
  protected rate(t: number, base: number): number {
    const { totalIters, power } = this.#options;
    return base * (1 - Math.min(t, totalIters) / totalIters) ** power;
  }
}

/** Options of {@link OneCycleLR}. */
export interface OneCycleOptions {
  readonly maxLr: number;
  readonly totalSteps: number;
  /** The part of the steps in which the rate rises. */
  readonly pctStart?: number;
  /** What the highest rate is divided by at first, and that again at the end. */
  readonly divFactor?: number;
  readonly finalDivFactor?: number;
}

/**
 * Up to `maxLr` and down to nearly nothing along cosines (Smith and Topin, arXiv:1708.07120).
 *
 * @example
 * const schedule = new optim.OneCycleLR(optimizer, { maxLr: 0.1, totalSteps: 100 });
 * optimizer.step();
 * schedule.step();
 */
export class OneCycleLR extends Schedule {
  readonly #options: Required<OneCycleOptions>;

  constructor(optimizer: Optimizer<never> | Trained, options: OneCycleOptions) {
    super(optimizer);
    this.#options = { pctStart: 0.3, divFactor: 25, finalDivFactor: 1e4, ...options };
    this.set(0);
  }
  override get span(): number {
    return this.#options.totalSteps - 1;
  }
  /** @throws RangeError after `totalSteps` steps. */
  protected rate(t: number): number {
    const { maxLr, totalSteps, pctStart, divFactor, finalDivFactor } = this.#options;
    if (t >= totalSteps) throw new RangeError(`OneCycleLR: step ${t} comes after the last of ${totalSteps}`);
    const up = pctStart * totalSteps - 1;
    const first = maxLr / divFactor;
    const along = (from: number, to: number, part: number): number =>
      to + ((from - to) * (1 + Math.cos(Math.PI * part))) / 2;
    return t <= up
      ? along(first, maxLr, t / up)
      : along(maxLr, first / finalDivFactor, (t - up) / (totalSteps - 1 - up));
  }
}

/**
 * The rate times what a function gives for the step.
 *
 * @example
 * const schedule = new optim.LambdaLR(optimizer, (t) => 1 / (1 + t));
 * optimizer.step();
 * schedule.step();
 */
export class LambdaLR extends Schedule {
  readonly #factor: (t: number) => number;

  constructor(optimizer: Optimizer<never> | Trained, factor: (t: number) => number) {
    super(optimizer);
    this.#factor = factor;
    this.set(0);
  }
  protected rate(t: number, base: number): number {
    return base * this.#factor(t);
  }
}
