// Where a classifier changes its mind: what it makes of each place of a plane, with the points that it was trained on.

import { concrete, type Tensor } from "../trace.ts";
import { flatValues } from "../create.ts";
import { clip, counted, ordinal } from "./bundle.ts";
import { Chart, type Drawing, rounded, type Spec } from "./chart.ts";
import { contours } from "./contour.ts";
import { type Model, predict, type Prediction } from "./predict.ts";
import { numbers } from "./series.ts";
import { BASE, distinct, GREY } from "./theme.ts";

/** How {@link decisionBoundary} draws. */
export interface DecisionBoundaryOptions {
  readonly title?: string;
  /** The classes' names, in the order of their numbers. */
  readonly labels?: readonly string[];
  /** The names of the two axes; "x₁" and "x₂". */
  readonly axes?: readonly [string, string];
  /** Rows and columns of places that the model is asked about; 36. */
  readonly resolution?: number;
}

const SIDE = 330;
const MOST_POINTS = 400;
/** Rectangles and points of lines that a chart holds: a model of more detail is drawn with fewer places. */
const MOST_AREAS = 900;
const MOST_CORNERS = 1500;
const COARSER = 0.8;
const COARSEST = 12;
/** Steps in which a region fades towards the boundary. */
const BANDS = 3;

interface Field {
  /** The class at each place, row by row. */
  readonly classes: Uint8Array;
  /** How sure: from 0 at the boundary to 1. */
  readonly sure: Float64Array;
  /** Whether the model gives logits. */
  readonly logits: boolean;
}

/** Whether single numbers are logits, which probabilities are not beyond 0 and 1. */
function areLogits(values: ArrayLike<number>, width: number, n: number): boolean {
  return width === 1 && Array.from({ length: n }, (_, k) => values[k] as number).some((p) => p < 0 || p > 1);
}

/** Of one number, a probability or a logit; of several, the largest. */
function fieldOf(values: ArrayLike<number>, width: number, n: number, logits = areLogits(values, width, n)): Field {
  const classes = new Uint8Array(n);
  const sure = new Float64Array(n);
  for (let k = 0; k < n; k++) {
    if (width === 1) {
      const p = logits ? 1 / (1 + Math.exp(-(values[k] as number))) : (values[k] as number);
      classes[k] = p > 0.5 ? 1 : 0;
      sure[k] = Math.abs(p - 0.5) * 2;
      continue;
    }
    let best = 0;
    for (let c = 1; c < width; c++)
      if ((values[k * width + c] as number) > (values[k * width + best] as number)) best = c;
    classes[k] = best;
    sure[k] = 1;
  }
  return { classes, sure, logits };
}

/** Places of the same look beside each other, and such rows above each other, as one rectangle. */
function regions(
  { classes, sure }: Field,
  side: number,
  at: (k: number, axis: 0 | 1) => number,
  nameOf: (label: number) => string,
): Spec[] {
  const areas: Spec[] = [];
  const look = (k: number): number =>
    (classes[k] as number) * BANDS + Math.min(BANDS - 1, Math.floor((sure[k] as number) * BANDS));
  const x = (k: number): number | null => rounded(at(k, 0));
  const y = (k: number): number | null => rounded(at(k, 1));
  /** Of the row before, by what they are but for their height. */
  let below = new Map<string, Spec>();
  for (let row = 0; row < side; row++) {
    const here = new Map<string, Spec>();
    for (let from = 0, to = 1; from < side; from = to++) {
      const k = row * side + from;
      while (to < side && look(row * side + to) === look(k)) to++;
      const key = `${from} ${to} ${look(k)}`;
      const known = below.get(key);
      if (known !== undefined) {
        known["y2"] = y(row + 1);
        here.set(key, known);
        continue;
      }
      const opacity = 0.12 + (0.3 * (look(k) % BANDS)) / (BANDS - 1);
      const area = { x: x(from), x2: x(to), y: y(row), y2: y(row + 1), class: nameOf(classes[k] as number), sure: rounded(opacity) }; // prettier-ignore
      areas.push(area);
      here.set(key, area);
    }
    below = here;
  }
  return areas;
}

/** What a model makes of a plane. */
interface Plane {
  readonly field: Field;
  /** How many scores it gives. */
  readonly width: number;
  readonly areas: readonly Spec[];
  /** Points of the lines between classes. */
  readonly edges: readonly Spec[];
}

type Extent = readonly [readonly [number, number], readonly [number, number]];

/** The plane in `side` rows and columns. */
function planeOf(model: Model, side: number, extent: Extent, nameOf: (label: number) => string): Plane {
  const at = (k: number, axis: 0 | 1): number => extent[axis][0] + ((extent[axis][1] - extent[axis][0]) * k) / side;
  // What the model makes of the middles of all squares, and of their corners.
  const grid = (n: number, shift: number): Prediction => {
    const places = new Float32Array(n * n * 2);
    for (let row = 0; row < n; row++) {
      for (let column = 0; column < n; column++) {
        places[(row * n + column) * 2] = at(column + shift, 0);
        places[(row * n + column) * 2 + 1] = at(row + shift, 1);
      }
    }
    return predict("decisionBoundary", model, places, n * n, [n * n, 2]);
  };
  const { values, width } = grid(side, 0.5);
  const field = fieldOf(values, width, side * side);
  const { values: scores } = grid(side + 1, 0);
  const corners = fieldOf(scores, width, (side + 1) ** 2, field.logits);
  const score = (k: number, c: number): number => {
    if (width > 1) return scores[k * width + c] as number;
    return c === 1 ? (scores[k] as number) : field.logits ? 0 : 0.5;
  };
  const lines = contours({
    side,
    classAt: (k) => corners.classes[k] as number,
    difference: (k, a, b) => score(k, a) - score(k, b),
  });
  const edges = lines.flatMap((line, k) => line.map(([x, y]) => ({ x: rounded(at(x, 0)), y: rounded(at(y, 1)), line: k }))); // prettier-ignore
  return { field, width, areas: regions(field, side, at, nameOf), edges };
}

function draw(model: Model, x: Tensor, y: unknown, options: DecisionBoundaryOptions): Drawing {
  const { title, axes = ["x₁", "x₂"], resolution = 36 } = options;
  const points = flatValues(concrete("decisionBoundary", x));
  const n = points.length / 2;
  const given = numbers("decisionBoundary", y);
  const perPoint = n === 0 ? 1 : given.length / n;
  if (perPoint !== 1 && !(Number.isInteger(perPoint) && perPoint > 1)) {
    throw new RangeError(`decisionBoundary: ${n} points, but ${given.length} classes`);
  }
  const target = (k: number): number => {
    if (perPoint === 1) return Math.round(given[k] as number);
    const row = Array.from({ length: perPoint }, (_, c) => given[k * perPoint + c] as number);
    return row.indexOf(Math.max(...row));
  };
  const targets = Array.from({ length: n }, (_, k) => target(k));
  const low = [Infinity, Infinity];
  const high = [-Infinity, -Infinity];
  for (let k = 0; k < points.length; k++) {
    low[k % 2] = Math.min(low[k % 2] as number, points[k] as number);
    high[k % 2] = Math.max(high[k % 2] as number, points[k] as number);
  }
  const extent = ([0, 1] as const).map((axis) => {
    const [a, b] = [low[axis] as number, high[axis] as number];
    const margin = b > a ? (b - a) * 0.1 : 1;
    return Number.isFinite(a) ? [a - margin, b + margin] : [-1, 1];
  }) as [[number, number], [number, number]];
  const nameOf = (label: number): string => clip(options.labels?.[label] ?? `class ${label}`);
  const asked = (side: number): Plane => planeOf(model, side, extent, nameOf);
  let side = resolution;
  let plane = asked(side);
  while (side > COARSEST && (plane.areas.length > MOST_AREAS || plane.edges.length > MOST_CORNERS)) {
    side = Math.max(COARSEST, Math.floor(side * COARSER));
    plane = asked(side);
  }
  const { areas, edges, field, width } = plane;
  const known = predict("decisionBoundary", model, Float32Array.from(points), Math.max(1, n), [n, 2]);
  const { classes: guessed } = fieldOf(known.values, known.width, n);
  const right = targets.filter((label, k) => guessed[k] === label).length;
  const count = targets.reduce((most, label) => Math.max(most, label + 1), Math.max(2, width));
  const names = Array.from({ length: Math.min(count, 40) }, (_, k) => nameOf(k));
  const every = Math.ceil(n / MOST_POINTS);
  const dots = targets.flatMap((label, k) => k % every === 0 ? [{ x: rounded(points[2 * k] as number), y: rounded(points[2 * k + 1] as number), class: nameOf(label) }] : []); // prettier-ignore
  const notes = [
    `${counted(right)} of ${counted(n)} points on their side (${n === 0 ? 0 : ((100 * right) / n).toFixed(1)} %)`,
    ...(every > 1 ? [`every ${ordinal(every)} point is drawn`] : []),
    ...(side < resolution ? [`drawn in ${side} rows and columns instead of ${resolution}: the model changes from place to place`] : []), // prettier-ignore
    ...(field.logits ? ["outputs beyond 0 and 1 are taken as logits"] : []),
  ];
  const heading = title === undefined ? "decision boundary" : clip(title, 200);
  const shares = names.map(
    (name, k) => `${name} ${Math.round((100 * field.classes.filter((c) => c === k).length) / (side * side))} %`,
  );
  const text = [`${heading}: ${notes.join("; ")}`, `share of the plane: ${shares.join(", ")}`].join("\n");
  const looks = distinct(names);
  const axis = (field: "x" | "y", k: 0 | 1): Spec => ({ field, type: "quantitative", title: clip(axes[k]), scale: { domain: extent[k].map(rounded), nice: false, zero: false }, axis: { grid: false } }); // prettier-ignore
  const colour = {
    field: "class",
    type: "nominal",
    scale: looks.colour,
    legend: { title: null, orient: "top", symbolSize: 80 },
  };
  const place = { x: axis("x", 0), y: axis("y", 1), x2: { field: "x2" }, y2: { field: "y2" } };
  return {
    text,
    spec: {
      ...BASE,
      description: text,
      title: { text: heading, subtitle: notes },
      width: SIDE,
      height: SIDE,
      layer: [
        {
          data: { values: areas },
          mark: { type: "rect", aria: false, strokeWidth: 0 },
          encoding: {
            ...place,
            color: colour,
            opacity: { field: "sure", type: "quantitative", scale: null, legend: null },
          },
        },
        {
          data: { values: edges.map((point, order) => ({ ...point, order })) },
          mark: { type: "line", aria: false, color: GREY, strokeWidth: 2 },
          encoding: {
            x: axis("x", 0),
            y: axis("y", 1),
            detail: { field: "line", type: "nominal" },
            order: { field: "order", type: "quantitative" },
          },
        },
        {
          data: { values: dots },
          mark: { type: "point", filled: true, size: 45, opacity: 1, stroke: "white", strokeWidth: 0.7, tooltip: true },
          encoding: {
            x: axis("x", 0),
            y: axis("y", 1),
            color: colour,
            shape: { field: "class", type: "nominal", scale: looks.shape },
          },
        },
      ],
    },
  };
}

/**
 * What a classifier makes of the plane, with its data: `x` of shape [n, 2], `y` the classes as numbers [n] or [n, 1], or one-hot [n, k]. The
 * model gives a probability (or a logit) for each row, or k scores. The regions fade where it is unsure; classes differ by shape as well as
 * by colour, and a line stands between them. Drawn as the model is now.
 *
 * @throws RangeError for points that are not of the plane, or as many classes as do not fit.
 * @example
 * const [x, y] = data.moons(200).tensors;
 * decisionBoundary(model, x, y, { title: "after 500 steps" });
 */
export function decisionBoundary(
  model: Model,
  x: Tensor,
  y: Tensor | ArrayLike<number>,
  options: DecisionBoundaryOptions = {},
): Chart {
  if (x.shape.length !== 2 || x.shape[1] !== 2) {
    throw new RangeError(`decisionBoundary: draws points of the plane, of shape [n, 2], not [${x.shape.join(", ")}]`);
  }
  const { resolution = 36 } = options;
  if (!Number.isInteger(resolution) || resolution < 4 || resolution > 100) {
    throw new RangeError(`decisionBoundary: resolution must be a whole number from 4 to 100, not ${resolution}`);
  }
  const drawn = draw(model, x, y, options);
  return new Chart(() => drawn);
}
