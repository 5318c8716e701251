// Curves over steps as a chart: what lossCurve and gradientNorms share. Each curve keeps a thinned copy of itself and what is to be said of
// it, so that a point costs the same however many came before and a chart stays small.

import { clip, counted, countOf, number } from "./bundle.ts";
import type { Drawing, Spec } from "./chart.ts";
import { rounded } from "./chart.ts";
import { type Span, spanText, sparkline } from "./spark.ts";
import { BASE, distinct, HEIGHT, WIDTH } from "./theme.ts";
import { type Point, Thinned } from "./thin.ts";

/** Points of all curves together, which a screen can show and a notebook can keep. */
const POINTS = 1200;
/** Points of one of very many curves, its average included. */
const LEAST = 48;
const MOST_CURVES = 40;
const MOST_TICKS = 12;
/** Curves of fewer points show them. */
const FEW = 30;

export interface CurveOptions {
  /** A logarithmic y axis; what is not positive is left out there, and said so. */
  readonly log?: boolean | undefined;
  /** The weight of the past in a moving average, between 0 and 1, drawn over the pale curve itself. */
  readonly smooth?: number | undefined;
  readonly title?: string | undefined;
  /** What the axes show. */
  readonly x: string;
  readonly y: string;
}

/** One curve, while it grows. */
class GrowingCurve {
  readonly run: string | null;
  readonly name: string;
  readonly #log: boolean;
  readonly #smooth: number;
  points: Thinned;
  smoothed: Thinned | null;
  #average = 0;
  #weight = 0;
  count = 0;
  notFinite = 0;
  firstNotFinite = 0;
  notPositive = 0;
  #first: number | null = null;
  #last = 0;
  #least = Infinity;
  #leastAt = 0;
  #nextX = 0;

  constructor(run: string | null, name: string, limit: number, { log = false, smooth = 0 }: CurveOptions) {
    this.run = run;
    this.name = name;
    this.#log = log;
    this.#smooth = smooth;
    this.points = new Thinned(limit);
    this.smoothed = smooth > 0 ? new Thinned(limit) : null;
  }

  add(x: number, y: number): void {
    this.count++;
    this.#nextX = x + 1;
    if (!Number.isFinite(y)) {
      if (this.notFinite++ === 0) this.firstNotFinite = x;
    } else {
      if (this.#first === null) this.#first = y;
      this.#last = y;
      if (y < this.#least) {
        this.#least = y;
        this.#leastAt = x;
      }
    }
    const hidden = this.#log && y <= 0;
    if (hidden) this.notPositive++;
    this.points.add(x, hidden ? NaN : y);
    if (this.smoothed === null) return;
    // As TensorBoard does: the average over what there is so far, not over zeros before it.
    if (Number.isFinite(y)) {
      this.#average = this.#smooth * this.#average + (1 - this.#smooth) * y;
      this.#weight = this.#smooth * this.#weight + (1 - this.#smooth);
    }
    const average = this.#average / this.#weight;
    this.smoothed.add(x, Number.isFinite(y) && !(this.#log && average <= 0) ? average : NaN);
  }

  /** The x of a point that comes without one. */
  get nextX(): number {
    return this.#nextX;
  }

  get span(): Span | null {
    if (this.#first === null) return null;
    return { first: this.#first, last: this.#last, least: this.#least, leastAt: this.#leastAt };
  }

  get label(): string {
    return this.run === null ? this.name : `${this.run} ${this.name}`;
  }
}

/** Several curves on the same axes. */
export class Curves {
  readonly options: CurveOptions;
  readonly #call: string;
  readonly #curves = new Map<string, GrowingCurve>();
  #limit = POINTS;
  /** The curve of the point before: most often the next one's. */
  #latest: GrowingCurve | null = null;
  #tooMany = 0;

  constructor(call: string, options: CurveOptions) {
    const { smooth } = options;
    if (smooth !== undefined && !(smooth >= 0 && smooth < 1)) {
      throw new RangeError(`${call}: smooth is the weight of the past, from 0 to less than 1, not ${smooth}`);
    }
    this.#call = call;
    this.options = options;
  }

  /** Makes room for so many curves, so that all together stay small. */
  expect(curves: number): void {
    const drawn = this.options.smooth === undefined ? 1 : 2;
    this.#limit = Math.max(LEAST / drawn, Math.floor(POINTS / Math.max(1, curves) / drawn));
  }

  /** Adds a point; without x, after the last one. */
  add(run: string | null, name: string, x: number | undefined, y: number): void {
    const latest = this.#latest;
    if (latest !== null && latest.name === name && latest.run === run) {
      latest.add(x ?? latest.nextX, y);
      return;
    }
    const key = `${run ?? ""}\n${name}`;
    let curve = this.#curves.get(key);
    if (curve === undefined) {
      if (this.#curves.size >= MOST_CURVES) {
        this.#tooMany++;
        return;
      }
      curve = new GrowingCurve(run, name, this.#limit, this.options);
      this.#curves.set(key, curve);
    }
    this.#latest = curve;
    curve.add(x ?? curve.nextX, y);
  }

  get isEmpty(): boolean {
    return this.#curves.size === 0;
  }

  draw(): Drawing {
    return { spec: this.spec(), text: this.text() };
  }

  /** What a reader has to know besides the curves. */
  #notes(): string[] {
    const curves = [...this.#curves.values()];
    const notes: string[] = [];
    const several = curves.length > 1;
    for (const curve of curves) {
      const of = several ? ` of ${curve.label}` : "";
      if (curve.notFinite > 0) {
        const at = `${this.options.x} ${number(curve.firstNotFinite)}`;
        notes.push(`${countOf(curve.notFinite, "value")}${of} not finite, the first at ${at}`);
      }
      if (curve.notPositive > 0)
        notes.push(`${countOf(curve.notPositive, "value")}${of} not positive, left out on the log axis`);
    }
    const thinned = curves.filter(({ points }) => !points.whole);
    if (thinned.length > 0) {
      const total = thinned.reduce((sum, { count }) => sum + count, 0);
      const kept = thinned.reduce((sum, { points }) => sum + points.points().length, 0);
      notes.push(`${counted(total)} points, thinned to the lowest and highest of each stretch: ${counted(kept)}`);
    }
    if (this.options.smooth !== undefined && this.options.smooth > 0) notes.push(`moving average, ${this.options.smooth} of the past; pale: as it is`); // prettier-ignore
    if (this.#tooMany > 0) notes.push(`only the first ${MOST_CURVES} curves`);
    return notes.length > 4 ? [...notes.slice(0, 3), `and ${notes.length - 3} notes more, in the text`] : notes;
  }

  /** The curves in words and lines of blocks. */
  text(): string {
    const { title, log = false, x, y } = this.options;
    const curves = [...this.#curves.values()];
    const heading = title === undefined ? y : `${clip(title, 200)}: ${y}`;
    const scale = log ? " (log scale)" : "";
    if (curves.length === 0) return `${heading}, nothing yet`;
    const width = Math.max(...curves.map(({ label }) => label.length));
    const lines = curves.map(({ label, points, span, count }) => {
      const said = span === null ? "no finite value" : spanText(span, x);
      return `${label.padEnd(width)}  ${sparkline(points.points(), log)}  ${said} (${countOf(count, "point")})`;
    });
    return [`${heading}${scale} by ${x}`, ...lines, ...this.#notes()].join("\n");
  }

  #description(): string {
    const curves = [...this.#curves.values()].slice(0, 8);
    const said = curves.map(
      ({ label, span }) => `${label} ${span === null ? "not finite" : spanText(span, this.options.x)}`,
    );
    return `${clip(this.options.title ?? this.options.y, 200)} by ${this.options.x}: ${said.join("; ")}`;
  }

  spec(): Spec {
    const { log = false, smooth = 0, title, x, y } = this.options;
    const curves = [...this.#curves.values()];
    const runs = [...new Set(curves.map(({ run }) => run))].filter((run) => run !== null);
    const names = [...new Set(curves.map(({ name }) => name))];
    const rows = (pick: (curve: GrowingCurve) => readonly Point[]): Spec[] =>
      curves.flatMap((curve) =>
        pick(curve).map(([step, value]) => ({
          step: rounded(step),
          value: value === null ? null : rounded(value),
          curve: curve.name,
          ...(curve.run !== null && { run: curve.run }),
        })),
      );
    const few = curves.every(({ count }) => count <= FEW);
    const quantitative = { type: "quantitative" };
    // With runs, the colour tells the run and the dash the curve; without, both tell the curve.
    const byColour = runs.length > 0 ? "run" : "curve";
    const colours = distinct(runs.length > 0 ? runs : names);
    const dashes = distinct(names);
    const alone = curves.length < 2;
    const legend = { title: null, orient: "top", direction: "horizontal", columns: 4, symbolType: "stroke" };
    const colour = { field: byColour, type: "nominal", scale: colours.colour, legend: alone ? null : legend };
    const dash = { field: "curve", type: "nominal", scale: dashes.dash, legend: alone ? null : legend };
    const line = (opacity: number, width: number): Spec => ({
      mark: { type: "line", strokeWidth: width, opacity, strokeJoin: "round" },
      encoding: { strokeDash: dash },
    });
    const points = {
      mark: { type: "point", filled: true, size: few ? 40 : 80, opacity: few && smooth === 0 ? 1 : 0, tooltip: true },
      encoding: {
        tooltip: [
          { field: "step", type: "quantitative", title: x },
          { field: "value", type: "quantitative", title: y, format: ".5~g" },
          ...(alone ? [] : [{ field: "curve", type: "nominal" }]),
          ...(runs.length > 0 ? [{ field: "run", type: "nominal" }] : []),
        ],
      },
    };
    const notes = this.#notes();
    const heading = title ?? (notes.length > 0 ? y : undefined);
    return {
      ...BASE,
      description: this.#description(),
      ...(heading !== undefined && {
        title: { text: clip(heading, 200), ...(notes.length > 0 && { subtitle: notes }) },
      }),
      width: WIDTH,
      height: HEIGHT,
      data: { values: rows(({ points }) => points.points()) },
      encoding: {
        x: {
          field: "step",
          ...quantitative,
          title: x,
          scale: { zero: false, nice: false },
          axis: { grid: false, ...wholeTicks(curves) },
        },
        y: { field: "value", ...quantitative, title: y, scale: log ? { type: "log" } : { zero: false } },
        color: colour,
      },
      layer:
        smooth > 0
          ? [
              line(0.4, 1),
              { ...line(1, 2), data: { values: rows(({ smoothed }) => smoothed?.points() ?? []) } },
              points,
            ]
          : [line(1, 2), points],
    };
  }

  /** Errors name what the user called. */
  get call(): string {
    return this.#call;
  }
}

/** Ticks at whole numbers, where there are so few of them that vega would put some between. */
function wholeTicks(curves: readonly GrowingCurve[]): { values?: number[]; format?: string } {
  const xs = curves.flatMap(({ points }) => points.points().map(([x]) => x));
  const least = xs.reduce((a, b) => Math.min(a, b), Infinity);
  const most = xs.reduce((a, b) => Math.max(a, b), -Infinity);
  if (!(most - least <= MOST_TICKS) || !xs.every((x) => Number.isInteger(x))) return {};
  return { values: Array.from({ length: most - least + 1 }, (_, k) => least + k), format: "d" };
}
