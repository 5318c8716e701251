// How often each class was taken for each other.

import { concrete, isTensor, type Tensor } from "../trace.ts";
import { flatValues } from "../create.ts";
import { clip, counted } from "./bundle.ts";
import { Chart, type Drawing, type Spec } from "./chart.ts";
import { numbers } from "./series.ts";
import { tableText } from "./table.ts";
import { BASE } from "./theme.ts";

/** How {@link confusionMatrix} draws. */
export interface ConfusionMatrixOptions {
  readonly title?: string;
  /** The classes' names, in the order of their numbers. */
  readonly labels?: readonly string[];
}

const MOST = 30;
/** Pixels of a cell; of many classes, those that their numbers need. */
const CELL = 44;
const MANY = 12;
const SMALL_CELL = 30;
/** From few to many: cells bring their own ground, on which their numbers are read in both themes. */
const GROUND = ["#eef4fb", "#1f4e8c"];

/** Classes as numbers: given so, or as the largest of k scores. */
function classesOf(values: unknown): number[] {
  if (isTensor(values) && values.shape.length === 2 && (values.shape[1] as number) > 1) {
    const flat = flatValues(concrete("confusionMatrix", values));
    const width = values.shape[1] as number;
    return Array.from({ length: values.shape[0] as number }, (_, k) => {
      let best = 0;
      for (let c = 1; c < width; c++)
        if ((flat[k * width + c] as number) > (flat[k * width + best] as number)) best = c;
      return best;
    });
  }
  return Array.from(numbers("confusionMatrix", values), (x) => {
    if (!Number.isInteger(x) || x < 0 || x >= 1000) {
      throw new RangeError(
        `confusionMatrix: a class is a whole number from 0, not ${x}; of scores pass [n, k], of probabilities p.gt(0.5)`,
      );
    }
    return x;
  });
}

function draw(predicted: number[], actual: number[], { title, labels = [] }: ConfusionMatrixOptions): Drawing {
  if (predicted.length !== actual.length) {
    throw new RangeError(`confusionMatrix: ${predicted.length} predictions, but ${actual.length} classes`);
  }
  const size = [...predicted, ...actual].reduce((most, k) => Math.max(most, k + 1), Math.max(2, labels.length));
  if (size > MOST) throw new RangeError(`confusionMatrix: ${size} classes are more than the ${MOST} that can be read`);
  const counts = Array.from({ length: size }, () => Array.from({ length: size }, () => 0));
  actual.forEach((row, k) => {
    const of = counts[row] as number[];
    const column = predicted[k] as number;
    of[column] = (of[column] as number) + 1;
  });
  const names = counts.map((_, k) => clip(labels[k] ?? String(k), 40));
  const right = counts.reduce((sum, row, k) => sum + (row[k] as number), 0);
  const share = actual.length === 0 ? 0 : (100 * right) / actual.length;
  const cell = size > MANY ? SMALL_CELL : CELL;
  const note = `${counted(right)} of ${counted(actual.length)} right (${share.toFixed(1)} %)`;
  const heading = title === undefined ? "confusion matrix" : clip(title, 200);
  const rows = counts.flatMap((row, k) => {
    const total = row.reduce((a, b) => a + b, 0);
    return row.map((count, c) => ({
      actual: names[k],
      predicted: names[c],
      count,
      share: total === 0 ? 0 : Number((count / total).toFixed(4)),
    }));
  });
  const text = tableText({
    caption: `${heading}: ${note}; rows are the classes, columns what they were taken for`,
    columns: [{ title: "" }, ...names.map((name) => ({ title: name, side: "right" as const }))],
    rows: counts.map((row, k) => [names[k] as string, ...row.map(counted)]),
  });
  const band = (field: string, named: string, orient: string): Spec => ({
    field,
    type: "ordinal",
    sort: names,
    title: named,
    axis: { orient, labelAngle: 0, domain: false, ticks: false },
  });
  return {
    text,
    spec: {
      ...BASE,
      description: `${heading}: ${note}`,
      title: { text: heading, subtitle: [note] },
      width: { step: cell },
      height: { step: cell },
      data: { values: rows },
      encoding: { x: band("predicted", "predicted", "top"), y: band("actual", "actual", "left") },
      layer: [
        {
          mark: { type: "rect", tooltip: true },
          encoding: {
            color: {
              field: "share",
              type: "quantitative",
              title: "share of row",
              scale: { domain: [0, 1], range: GROUND },
              legend: null,
            },
          },
        },
        {
          mark: { type: "text", fontSize: cell === CELL ? 13 : 10, aria: false },
          encoding: {
            text: { field: "count", type: "quantitative", format: "," },
            color: { condition: { test: "datum.share > 0.75", value: "white" }, value: "black" },
          },
        },
      ],
    },
  };
}

/**
 * How often each class (a row) was taken for each other (a column): `predicted` and `actual` as class numbers [n], or as scores [n, k] of
 * which the largest counts. Each cell holds its count; the darker, the larger its share of the row.
 *
 * @throws RangeError for different numbers of predictions and classes, for more than 30 classes, or for what is no class number.
 * @example
 * confusionMatrix(model.forward(x), y, { labels: ["cat", "dog"] });
 */
export function confusionMatrix(
  predicted: Tensor | ArrayLike<number>,
  actual: Tensor | ArrayLike<number>,
  options: ConfusionMatrixOptions = {},
): Chart {
  const drawn = draw(classesOf(predicted), classesOf(actual), options);
  return new Chart(() => drawn);
}
