// How numbers are distributed: of one tensor as bars, of several beside each other, and over the steps of training as ridges, one behind
// the other (after TensorBoard's histograms, https://www.tensorflow.org/tensorboard/get_started).

import { wrap, isTensor, type Tensor } from "../trace.ts";
import { clip, countOf, number } from "./bundle.ts";
import { Chart, chartBundle, type Drawing, rounded, type Spec } from "./chart.ts";
import { LiveDisplay } from "./live.ts";
import { type Named, namedTensors } from "./named.ts";
import { numbers } from "./series.ts";
import { bars, histogram as countsOf, statistics } from "./statistics.ts";
import { BASE, COLOURS, HEIGHT, WIDTH } from "./theme.ts";

/** How {@link histogram} draws. */
export interface HistogramOptions {
  /** Parts of equal width; 24. */
  readonly bins?: number;
  readonly title?: string;
  /** Whether the chart follows `push` in its place; false. */
  readonly live?: boolean;
}

/** The distribution of one tensor at one time. */
interface Counts {
  readonly min: number;
  readonly max: number;
  readonly counts: readonly number[];
  readonly count: number;
  readonly mean: number;
  readonly notFinite: number;
}

interface Snapshot {
  readonly step: number;
  readonly of: ReadonlyMap<string, Counts>;
}

/** Tensors that are drawn, and steps that are kept and drawn. */
const MOST = 4;
const KEPT = 16;
const DRAWN = 6;
/** Parts that a ridge has at most: each is some pixels wide; and those of a line of text. */
const RIDGE = 64;
const LINE = 24;
/** Tensors of which the text tells. */
const TOLD = 24;
/** How far a ridge reaches over the next ones. */
const OVERLAP = 1.8;

function count(x: Tensor, bins: number): Counts {
  const { min, max, mean, count, nans, infinities } = statistics(x);
  return { min, max, mean, count, notFinite: nans + infinities, counts: countsOf(x, { min, max }, bins) };
}

/** Counts of fewer parts, each of which is several of the given ones. */
function coarser(counts: readonly number[], most: number): number[] {
  const size = Math.ceil(counts.length / most);
  const parts = Array.from({ length: Math.ceil(counts.length / size) }, () => 0);
  counts.forEach((n, k) => (parts[Math.floor(k / size)] = (parts[Math.floor(k / size)] as number) + n));
  return parts;
}

function named(source: unknown): [string, Tensor][] {
  const isList = Array.isArray(source) && !source.some((x) => typeof x === "object");
  if (isTensor(source) || !(isList || ArrayBuffer.isView(source))) return namedTensors("histogram", source as Named);
  const values = Float64Array.from(numbers("histogram", source));
  return [["value", wrap(values, [values.length], "f64")]];
}

/** Distributions that `push` takes down. */
export class Histogram extends Chart {
  readonly #source: unknown;
  readonly #bins: number;
  readonly #title: string | undefined;
  readonly #first: Snapshot;
  #snapshots: Snapshot[] = [];
  /** Only every so many steps are kept. */
  #every = 1;
  #pushed = 0;
  readonly #live: LiveDisplay | null;

  /** @internal */
  constructor(source: unknown, { bins = 24, title, live = false }: HistogramOptions) {
    if (!Number.isInteger(bins) || bins < 2 || bins > 200) {
      throw new RangeError(`histogram: bins must be a whole number from 2 to 200, not ${bins}`);
    }
    super(() => this.#draw());
    this.#source = source;
    this.#bins = bins;
    this.#title = title;
    this.#first = this.#snapshot(source, 0);
    this.#live = live
      ? new LiveDisplay(this, () =>
          chartBundle(
            () => this.toString(),
            () => this.spec,
          ),
        )
      : null;
  }

  #snapshot(source: unknown, step: number): Snapshot {
    return {
      step,
      of: new Map(named(source).map(([name, x]): [string, Counts] => [clip(name), count(x, this.#bins)])),
    };
  }

  /**
   * Takes down the distributions as they are now, or those of other tensors, such as activations; the chart shows them over the steps.
   *
   * @example
   * const weights = histogram(model, { live: true });
   * for (const step of range(100)) {
   *   trainStep();
   *   weights.push();
   * }
   */
  push(values?: Named, step?: number): void {
    const at = step ?? this.#pushed;
    if (this.#pushed++ % this.#every !== 0) return;
    this.#snapshots.push(this.#snapshot(values ?? this.#source, at));
    if (this.#snapshots.length > KEPT) {
      this.#every *= 2;
      this.#snapshots = this.#snapshots.filter((_, k) => k % 2 === 0);
    }
    this.#live?.touch();
  }

  #draw(): Drawing {
    return this.#snapshots.length === 0 ? this.#bars() : this.#ridges();
  }

  #heading(what: string, names: readonly string[]): Spec {
    const notes = names.length > MOST ? [`the first ${MOST} of ${countOf(names.length, "tensor")}`] : [];
    return { title: { text: this.#title === undefined ? what : clip(this.#title, 200), subtitle: notes } };
  }

  #bars(): Drawing {
    const all = [...this.#first.of];
    const shown = all.slice(0, MOST);
    const rows = shown.flatMap(([name, { min, max, counts }]) =>
      counts.map((n, k) => {
        const width = (max - min) / counts.length;
        return { tensor: name, from: rounded(min + k * width), to: rounded(min + (k + 1) * width), count: n };
      }),
    );
    const text = [
      this.#title ?? "histogram",
      ...all.slice(0, TOLD).map(([name, of]) => `${name}  ${lineOf(of)}`),
      ...untold(all.length),
    ].join("\n");
    const view = {
      mark: { type: "bar", color: COLOURS[0], tooltip: true, binSpacing: 1 },
      encoding: {
        x: { field: "from", type: "quantitative", bin: { binned: true }, title: "value", scale: { zero: false } },
        x2: { field: "to" },
        y: { field: "count", type: "quantitative", title: "count", axis: { tickMinStep: 1 } },
      },
    };
    return {
      text,
      spec: this.#views(
        text,
        this.#heading(
          "histogram",
          all.map(([name]) => name),
        ),
        rows,
        shown.map(([name]) => name),
        view,
      ),
    };
  }

  /** One view, or one for each tensor. */
  #views(description: string, heading: Spec, values: Spec[], tensors: readonly string[], view: Spec): Spec {
    const head = { ...BASE, description: clip(description, 1000), ...heading, data: { values } };
    if (tensors.length === 1) return { ...head, width: WIDTH, height: HEIGHT, ...view };
    const facet = { field: "tensor", type: "nominal", title: null, sort: tensors };
    const spec = { width: WIDTH / 2 - 40, height: HEIGHT / 2, ...view };
    return { ...head, facet, columns: 2, resolve: { scale: { x: "independent", y: "independent" } }, spec };
  }

  #ridges(): Drawing {
    const every = Math.ceil(this.#snapshots.length / DRAWN);
    const last = this.#snapshots.length - 1;
    const snapshots = this.#snapshots.filter((_, k) => (last - k) % every === 0);
    const names = [...new Set(snapshots.flatMap(({ of }) => [...of.keys()]))];
    const shown = names.slice(0, MOST);
    const rows = shown.flatMap((name) =>
      snapshots.flatMap(({ step, of }, k): Spec[] => {
        const counts = of.get(name);
        return counts === undefined ? [] : ridge(counts).map(([x, height]) => ({ tensor: name, x: rounded(x), step, base: -k, top: rounded(-k + height * OVERLAP) })); // prettier-ignore
      }),
    );
    const steps = snapshots.map(({ step }) => number(step));
    const text = [
      `${this.#title ?? "histograms"} over steps ${steps.join(", ")}`,
      ...names.slice(0, TOLD).flatMap((name) => {
        const ends = [this.#snapshots[0], this.#snapshots.at(-1)].map((snapshot) => snapshot?.of.get(name));
        const [before, after] = ends.map((of) => (of === undefined ? "–" : lineOf(of)));
        return [`${name}  first  ${before ?? ""}`, `${" ".repeat(name.length)}  last   ${after ?? ""}`];
      }),
      ...untold(names.length),
    ].join("\n");
    const view = {
      encoding: {
        x: { field: "x", type: "quantitative", title: "value", scale: { zero: false } },
        y: {
          type: "quantitative",
          title: "step",
          scale: { domain: [1 - snapshots.length, OVERLAP], nice: false },
          axis: {
            grid: false,
            values: snapshots.map((_, k) => -k),
            labelExpr: `${JSON.stringify(steps)}[-datum.value]`,
            labelOverlap: false,
          },
        },
        detail: { field: "step", type: "ordinal" },
        order: { field: "base", sort: "descending" },
      },
      layer: [
        {
          mark: { type: "area", color: COLOURS[0], opacity: 0.3 },
          encoding: { y: { field: "top" }, y2: { field: "base" } },
        },
        {
          mark: { type: "line", color: COLOURS[0], strokeWidth: 1.2 },
          encoding: { y: { field: "top" }, order: { field: "x" } },
        },
      ],
    };
    return { text, spec: this.#views(text, this.#heading("histograms over steps", names), rows, shown, view) };
  }
}

/** The outline of a distribution: its parts' middles, as high as their share of the largest. */
function ridge({ min, max, counts: all }: Counts): [x: number, height: number][] {
  const counts = coarser(all, RIDGE);
  const most = Math.max(1, ...counts);
  // The last part may be cut.
  const width = ((max - min) / all.length) * Math.ceil(all.length / RIDGE);
  if (!(width > 0)) return Number.isFinite(min) ? [[min, 0], [min, 1], [min, 0]] : []; // prettier-ignore
  return [
    [min, 0],
    ...counts.map((n, k): [number, number] => [Math.min(max, min + (k + 0.5) * width), n / most]),
    [max, 0],
  ];
}

function lineOf(of: Counts): string {
  return `${bars(coarser(of.counts, LINE))}  ${spanOf(of)}`;
}

function untold(tensors: number): string[] {
  return tensors > TOLD ? [`and ${countOf(tensors - TOLD, "more tensor")}`] : [];
}

function spanOf({ min, max, mean, count, notFinite }: Counts): string {
  const odd = notFinite > 0 ? `, ${notFinite} not finite` : "";
  return `${number(min)} to ${number(max)}, mean ${number(mean)} (${countOf(count, "number")}${odd})`;
}

/**
 * The distribution of numbers: of a tensor or a list as bars, of a module's parameters or several tensors beside each other. `push` takes it
 * down at each step, of weights as they change or of activations that it is given, and the chart shows ridges over the steps; with
 * `live` it follows in its place.
 *
 * @throws TypeError for what holds no numbers, RangeError for a number of bins that is not from 2 to 200.
 * @example
 * histogram(randn([1000]));
 * const activations = histogram({ hidden }, { live: true });
 * activations.push({ hidden: model.hidden.forward(x) });
 */
export function histogram(source: Named | ArrayLike<number>, options: HistogramOptions = {}): Histogram {
  return new Histogram(source, options);
}
