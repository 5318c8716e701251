// What trains: data sets with a few of their examples, loaders, optimizers, streams of random numbers.

import type { DataLoader, TensorDataset } from "../data/loader.ts";
import { BYTES } from "../dtype.ts";
import { elementReader } from "../elements.ts";
import { select } from "../ops/view.ts";
import { nameOf } from "../names.ts";
import type { Optimizer } from "../optim/optimizer.ts";
import type { Generator } from "../random.ts";
import { show, sizeOf } from "../shape.ts";
import { concrete, type Tensor } from "../trace.ts";
import { bundle, type Bundle, bytes, clip, countOf, counted, escapeAttribute, number } from "./bundle.ts";
import { TensorImage } from "./image.ts";
import { type Cell, type Column, type Table, tableHtml, tableText } from "./table.ts";

const EXAMPLES = 8;
const FEATURES = 8;
const PICTURE = 48;

type AnyDataset = Pick<TensorDataset, "tensors" | "length">;

const LETTERS = ["x", "y", "z"];
const tensorName = (x: Tensor, k: number): string => clip(nameOf(x) ?? LETTERS[k] ?? `tensor ${k}`);

/** Whether the examples are pictures: one or three channels, or none, of at least four by four. */
function holdsPictures({ shape }: Tensor): boolean {
  const [, a, b, c] = shape;
  if (shape.length !== 4 || (a !== 1 && a !== 3)) return false;
  return b !== undefined && c !== undefined && Math.min(b, c) >= 4;
}

function tensorsTable(caption: string, tensors: readonly Tensor[], notes: readonly string[] = []): Table {
  return {
    caption,
    columns: [
      { title: "tensor", heads: true },
      { title: "shape" },
      { title: "dtype" },
      { title: "bytes", side: "right" },
    ],
    rows: tensors.map((x, k) => [tensorName(x, k), show(x.shape), x.dtype, bytes(sizeOf(x.shape) * BYTES[x.dtype])]),
    notes,
  };
}

/** The numbers of one example. */
function exampleText(x: Tensor, example: number): string {
  const size = sizeOf(x.shape.slice(1));
  const read = elementReader(concrete("display", x));
  const shown = Array.from({ length: Math.min(size, FEATURES) }, (_, k) => number(read(example * size + k)));
  if (x.shape.length === 1) return shown.join("");
  return `[${[...shown, ...(size > FEATURES ? [`… ${counted(size)} in all`] : [])].join(", ")}]`;
}

/** Pictures side by side, numbers below each other. */
function examplesTable({ tensors, length }: AnyDataset, pictures: boolean): Table {
  const examples = Array.from({ length: Math.min(EXAMPLES, length) }, (_, k) => k);
  const caption = `The first ${countOf(examples.length, "example")}`;
  if (!pictures) {
    return {
      caption,
      columns: [
        { title: "example", heads: true },
        ...tensors.map((x, k): Column => ({ title: tensorName(x, k), side: "right" })),
      ],
      rows: examples.map((example) => [String(example), ...tensors.map((x) => exampleText(x, example))]),
    };
  }
  return {
    caption,
    columns: [
      { title: "example", heads: true },
      ...examples.map((example): Column => ({ title: String(example), side: "right" })),
    ],
    rows: tensors.map((x, k) => [
      tensorName(x, k),
      ...examples.map((example) => (holdsPictures(x) ? pictureCell(tensors, k, example) : exampleText(x, example))),
    ]),
  };
}

function pictureCell(tensors: readonly Tensor[], k: number, example: number): Cell {
  const x = tensors[k] as Tensor;
  const rest = tensors.flatMap((y, j) =>
    j === k || sizeOf(y.shape.slice(1)) > FEATURES ? [] : [`${tensorName(y, j)} ${exampleText(y, example)}`],
  );
  const scale = Math.max(1, Math.floor(PICTURE / (x.shape[3] as number)));
  const picture = new TensorImage(select(x, 0, example), { scale });
  const text = `example ${example}${rest.length > 0 ? `: ${rest.join(", ")}` : ""}`;
  return { text, html: `<img alt="${escapeAttribute(text)}" src="${picture.address}">` };
}

/** How a notebook shows a data set: its tensors and its first examples, pictures as such. */
export function datasetBundle(dataset: AnyDataset): Bundle {
  const table = (): Table => tensorsTable(`TensorDataset: ${countOf(dataset.length, "example")}`, dataset.tensors);
  const examples = (pictures: boolean): Table => examplesTable(dataset, pictures);
  return bundle(
    () => [tableText(table()), ...(dataset.length > 0 ? [tableText(examples(false))] : [])].join("\n\n"),
    () => ({
      "text/html": [
        tableHtml(table()),
        ...(dataset.length > 0 ? [tableHtml(examples(dataset.tensors.some(holdsPictures)))] : []),
      ].join("\n"),
    }),
  );
}

/** How a notebook shows a loader; no batch is drawn, so that the stream of random numbers goes on as before. */
export function loaderBundle(loader: DataLoader<readonly Tensor[]>): Bundle {
  const { batchSize, shuffle, dropLast, dataset } = loader;
  const left = dataset.length % batchSize;
  const last =
    left === 0 || loader.length === 1
      ? ""
      : dropLast
        ? `, ${counted(left)} left out`
        : `, the last of ${counted(left)}`;
  const size = Math.min(batchSize, dataset.length);
  const table: Table = {
    caption: `DataLoader: ${counted(loader.length)} batch${loader.length === 1 ? "" : "es"} of ${countOf(size, "example")}${last}, ${shuffle ? "shuffled" : "in order"}`, // prettier-ignore
    columns: [{ title: "in a batch", heads: true }, { title: "shape" }, { title: "dtype" }],
    rows: dataset.tensors.map((x, k) => [tensorName(x, k), show([size, ...x.shape.slice(1)]), x.dtype]),
  };
  return bundle(
    () => tableText(table),
    () => ({ "text/html": tableHtml(table) }),
  );
}

function optionText(value: unknown): string {
  if (typeof value === "number") return number(value, 6);
  if (Array.isArray(value)) return `[${value.map(optionText).join(", ")}]`;
  return clip(String(value), 40);
}

/** How a notebook shows an optimizer: its groups of parameters and their options. */
export function optimizerBundle(optimizer: Optimizer<{ readonly lr: number }>): Bundle {
  const { groups, steps } = optimizer;
  const options = [...new Set(groups.flatMap((group) => Object.keys(group.options)))];
  const table: Table = {
    caption: `${optimizer.constructor.name}: ${countOf(groups.length, "group")}, ${countOf(steps, "step")} taken`,
    columns: [
      { title: "group", heads: true },
      { title: "tensors", side: "right" },
      { title: "parameters", side: "right" },
      ...options.map((name): Column => ({ title: clip(name), side: "right" })),
    ],
    rows: groups.map(({ params, options: own }, k) => [
      String(k),
      counted(params.length),
      counted(params.reduce((sum, x) => sum + sizeOf(x.shape), 0)),
      ...options.map((name) => optionText(Reflect.get(own, name) ?? "–")),
    ]),
  };
  return bundle(
    () => tableText(table),
    () => ({ "text/html": tableHtml(table) }),
  );
}

/** How a notebook shows a stream of random numbers. */
export function generatorBundle(generator: Generator): Bundle {
  return bundle(
    () => String(generator),
    () => ({}),
  );
}
