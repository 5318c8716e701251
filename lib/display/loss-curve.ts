// The loss over the steps of training, as it was or while it falls.

import { type Bundle, clip } from "./bundle.ts";
import { Chart } from "./chart.ts";
import { Curves } from "./curves.ts";
import { LiveDisplay } from "./live.ts";
import { withPackedRows } from "./rows.ts";
import { VEGA_LITE } from "./theme.ts";
import { readCurves, type Scalar, scalar, type Series } from "./series.ts";

/** How {@link lossCurve} draws. */
export interface LossCurveOptions {
  /** A logarithmic axis, for losses that fall over several powers of ten; false. */
  readonly log?: boolean;
  /** The weight of the past in a moving average that is drawn over the curve, from 0 to less than 1, as 0.9; none. */
  readonly smooth?: number;
  readonly title?: string;
  /** What is counted along the x axis; "step". */
  readonly x?: string;
  /** What the y axis shows; "loss". */
  readonly y?: string;
}

/** Curves that grow by `push`, shown in the cell that does it, in place. */
export class LiveCurve extends Chart {
  readonly #curves: Curves;
  readonly #live: LiveDisplay;

  /** @internal */
  constructor(curves: Curves) {
    super(() => curves.draw());
    this.#curves = curves;
    this.#live = new LiveDisplay(this, () => this.#draft());
  }

  /** Bounded already: its size is not measured each time. */
  #draft(): Bundle {
    return { [VEGA_LITE]: withPackedRows(this.#curves.spec()), "text/plain": this.#curves.text() };
  }

  /**
   * Adds a point to the curve, or to several by name, at the next step or at the given one. The chart follows at most five times a
   * second, and when the cell ends, fails or is interrupted.
   *
   * @throws TypeError for what is no number, nor a tensor of one.
   * @example
   * curve.push(loss);
   * curve.push({ train: loss, valid: validLoss }, epoch);
   */
  push(values: Scalar | Readonly<Record<string, Scalar>>, step?: number): void {
    const { call, options } = this.#curves;
    if (typeof values === "number") this.#curves.add(null, options.y, step, values);
    else if (typeof values !== "object" || values === null || "storage" in values) {
      this.#curves.add(null, options.y, step, scalar(call, values));
    } else {
      const entries = Object.entries(values);
      if (this.#curves.isEmpty) this.#curves.expect(entries.length);
      for (const [name, value] of entries) {
        this.#curves.add(null, clip(name), step, scalar(call, value));
      }
    }
    this.#live.touch();
  }
}

/** Curves by name: `{ train, valid }`; or several runs by name, each with its curves by name. */
export type LossSeries = Series | Readonly<Record<string, Series | Readonly<Record<string, Series>>>>;

/**
 * A chart of the loss over the steps: numbers in an array, a typed array or a tensor, records such as `{ step, loss }`, or several of them
 * by name. With `live`, `push` adds points and the chart grows in its place, in any loop; what is given is where it begins. A curve of
 * any length stays small: it is thinned, keeping the lowest and highest points, and says so.
 *
 * @throws TypeError for what holds no numbers, RangeError for a `smooth` that is not from 0 to less than 1.
 * @example
 * lossCurve({ train, valid }, { log: true });
 * const curve = lossCurve([], { live: true, smooth: 0.9 });
 * for (let step = 0; step < 1000; step++) curve.push(trainStep());
 */
export function lossCurve(series: LossSeries, options: LossCurveOptions & { readonly live: true }): LiveCurve;
export function lossCurve(series: LossSeries, options?: LossCurveOptions & { readonly live?: boolean }): Chart;
export function lossCurve(
  series: LossSeries,
  { live = false, log, smooth, title, x = "step", y = "loss" }: LossCurveOptions & { readonly live?: boolean } = {},
): Chart {
  const curves = new Curves("lossCurve", { log, smooth, title, x: clip(x), y: clip(y) });
  const read = readCurves("lossCurve", series, clip(y));
  curves.expect(read.length);
  for (const { run, name, xs, ys } of read) {
    for (let k = 0; k < ys.length; k++) curves.add(run, name, xs?.[k], ys[k] as number);
  }
  return live ? new LiveCurve(curves) : new Chart(() => curves.draw());
}
