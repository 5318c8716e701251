// A function of one number beside the points that it is to fit.

import { flatValues } from "../create.ts";
import { concrete, type Tensor, wrap } from "../trace.ts";
import { Module } from "../nn/module.ts";
import { clip, number, ordinal } from "./bundle.ts";
import { Chart, type Drawing, rounded, type Spec } from "./chart.ts";
import { type Model, predict } from "./predict.ts";
import { numbers } from "./series.ts";
import { sparkline } from "./spark.ts";
import { BASE, distinct, GREY, HEIGHT, WIDTH } from "./theme.ts";

/** How {@link functionFit} draws. */
export interface FunctionFitOptions {
  readonly title?: string;
  /** What the axes show; "x" and "y". */
  readonly x?: string;
  readonly y?: string;
}

/** Points of a curve, and of all together. */
const CURVE = 160;
const CURVES = 3200;
const MOST_POINTS = 400;

function draw(
  models: readonly (readonly [string, Model])[],
  x: Tensor,
  y: unknown,
  { title, x: xTitle = "x", y: yTitle = "y" }: FunctionFitOptions,
): Drawing {
  const xs = flatValues(concrete("functionFit", x));
  const ys = numbers("functionFit", y);
  if (xs.length !== ys.length) throw new RangeError(`functionFit: ${xs.length} x, but ${ys.length} y`);
  const finite = Array.from(xs, Number).filter(Number.isFinite);
  const low = finite.reduce((a, b) => Math.min(a, b), Infinity);
  const high = finite.reduce((a, b) => Math.max(a, b), -Infinity);
  if (finite.length === 0) throw new RangeError("functionFit: there is no point");
  const margin = high > low ? (high - low) * 0.05 : 1;
  const places = Math.max(20, Math.min(CURVE, Math.floor(CURVES / Math.max(1, models.length))));
  const grid = Float32Array.from(
    { length: places },
    (_, k) => low - margin + ((high - low + 2 * margin) * k) / (places - 1),
  );
  const shapeOf = (n: number): number[] => (x.shape.length === 2 ? [n, 1] : [n]);
  const curves = models.map(([name, model]) => {
    const { values, width } = predict("functionFit", model, grid, places, shapeOf(places));
    if (width !== 1) throw new RangeError(`functionFit: ${name} gives ${width} numbers for each x; one was expected`);
    const fitted = predict("functionFit", model, Float32Array.from(xs), xs.length, shapeOf(xs.length)).values;
    let sum = 0;
    for (let k = 0; k < ys.length; k++) sum += ((fitted[k] as number) - (ys[k] as number)) ** 2;
    return { name: clip(name), values, error: sum / ys.length };
  });
  const every = Math.ceil(xs.length / MOST_POINTS);
  const points = Array.from(xs, (value, k) => ({ x: rounded(value), y: rounded(ys[k] as number) })).filter(
    (_, k) => k % every === 0,
  );
  const rows = curves.flatMap(({ name, values }) => Array.from(grid, (value, k) => ({ x: rounded(value), y: rounded(values[k] as number), fit: name }))); // prettier-ignore
  const names = curves.map(({ name }) => name);
  const looks = distinct(names);
  const notes = [
    ...curves.map(({ name, error }) => `${name}: mean squared error ${number(error)}`),
    ...(every > 1 ? [`every ${ordinal(every)} of ${xs.length} points is drawn`] : []),
  ];
  const heading = title === undefined ? "fit" : clip(title, 200);
  const lines = curves.map(
    ({ name, values }) =>
      `${name}  ${sparkline(Array.from(grid, (value, k): [number, number] => [value, values[k] as number]))}`,
  );
  const text = [
    `${heading}, ${xs.length} points, ${xTitle} from ${number(low)} to ${number(high)}`,
    ...lines,
    ...notes,
  ].join("\n");
  const axis = (field: string, named: string): Spec => ({
    field,
    type: "quantitative",
    title: clip(named),
    scale: { zero: false },
  });
  const legend = names.length > 1 ? { title: null, orient: "top", symbolType: "stroke" } : null;
  return {
    text,
    spec: {
      ...BASE,
      description: text,
      title: { text: heading, subtitle: notes.slice(0, 4) },
      width: WIDTH,
      height: HEIGHT,
      encoding: { x: axis("x", xTitle), y: axis("y", yTitle) },
      layer: [
        {
          data: { values: points },
          mark: { type: "point", color: GREY, size: 30, opacity: 0.8, aria: false, tooltip: true },
        },
        {
          data: { values: rows },
          mark: { type: "line", strokeWidth: 2 },
          encoding: {
            color: { field: "fit", type: "nominal", scale: looks.colour, legend },
            strokeDash: { field: "fit", type: "nominal", scale: looks.dash, legend },
          },
        },
      ],
    },
  };
}

/**
 * A function of one number, or several by name, as curves over the points that they are to fit: `x` and `y` of shape [n] or [n, 1]. Functions
 * and modules get tensors of the form of `x`. Drawn as they are now, with the mean squared error of each.
 *
 * @throws RangeError for x and y of different sizes, or models that give more than one number for each x.
 * @example
 * functionFit(model, x, y, { title: "sine" });
 * functionFit({ model, truth: (x: Tensor) => x.sin() }, x, y);
 */
export function functionFit(
  models: Model | Readonly<Record<string, Model>>,
  x: Tensor | ArrayLike<number>,
  y: Tensor | ArrayLike<number>,
  options: FunctionFitOptions = {},
): Chart {
  const isOne = typeof models === "function" || models instanceof Module;
  const named = isOne ? [["fit", models] as const] : Object.entries(models);
  const values = numbers("functionFit", x);
  const at = "shape" in x ? x : wrap(Float64Array.from(values), [values.length], "f64");
  if (at.shape.length > 2 || (at.shape.length === 2 && at.shape[1] !== 1)) {
    throw new RangeError(
      `functionFit: draws functions of one number, x of shape [n] or [n, 1], not [${at.shape.join(", ")}]`,
    );
  }
  const drawn = draw(named, at, y, options);
  return new Chart(() => drawn);
}
