// The norms of gradients over the steps of training, one curve for each parameter: where they vanish or explode.

import { Chart } from "./chart.ts";
import { Curves } from "./curves.ts";
import { chartBundle } from "./chart.ts";
import { LiveDisplay } from "./live.ts";
import { type Named, namedTensors } from "./named.ts";
import { statistics } from "./statistics.ts";

/** How {@link gradientNorms} draws. */
export interface GradientNormsOptions {
  /** A logarithmic axis; true, for norms of different layers differ by powers of ten. */
  readonly log?: boolean;
  readonly title?: string;
  /** Whether the chart follows `push` in its place; false. */
  readonly live?: boolean;
}

/** Norms that grow by `push`. */
export class GradientNorms extends Chart {
  readonly #curves: Curves;
  readonly #source: Named;
  readonly #live: LiveDisplay | null;

  /** @internal */
  constructor(source: Named, { log = true, title, live = false }: GradientNormsOptions) {
    const curves = new Curves("gradientNorms", { log, title, x: "step", y: "norm of the gradient" });
    super(() => curves.draw());
    curves.expect(namedTensors("gradientNorms", source).length);
    this.#curves = curves;
    this.#source = source;
    this.#live = live
      ? new LiveDisplay(this, () =>
          chartBundle(
            () => curves.text(),
            () => curves.spec(),
          ),
        )
      : null;
  }

  /**
   * Takes down the norm of each gradient there is, at the next step or at the given one: after `backward()`, before gradients are cleared.
   *
   * @example
   * loss.backward();
   * norms.push();
   */
  push(step?: number): void {
    for (const [name, x] of namedTensors("gradientNorms", this.#source)) {
      const { grad } = x;
      if (grad !== null) this.#curves.add(null, name, step, statistics(grad).norm);
    }
    this.#live?.touch();
  }
}

/**
 * A chart of the norm of each parameter's gradient over the steps, which `push` takes down; with `live` it grows in its place.
 *
 * @throws TypeError for what holds no tensors.
 * @example
 * const norms = gradientNorms(model, { live: true });
 * for (const [x, y] of loader) {
 *   optimizer.zeroGrad();
 *   mseLoss(model.forward(x), y).backward();
 *   norms.push();
 *   optimizer.step();
 * }
 */
export function gradientNorms(source: Named, options: GradientNormsOptions = {}): GradientNorms {
  return new GradientNorms(source, options);
}
