// Several ways of computing the same gradients beside each other: how far each two of them are apart, and which agree. Two tensors agree when
// their largest difference is at most atol + rtol · (the largest number in either), by the narrower type of the two: an entry that is
// nearly zero beside large ones is as exact as those, no more.

import type { DType } from "../dtype.ts";
import { elementReader } from "../elements.ts";
import { sameShape, type Shape, show, sizeOf } from "../shape.ts";
import { concrete, isTensor, type Tensor } from "../trace.ts";
import {
  bundle,
  type Bundle,
  clip,
  countOf,
  counted,
  DISPLAY,
  Display,
  escapeHtml,
  fitting,
  number,
} from "./bundle.ts";
import { type Named, namedTensors } from "./named.ts";
import { type Table, tableHtml, tableText } from "./table.ts";
import { heatCell, placeOf } from "./tensor.ts";

/** How far apart two gradients may be. */
export interface Tolerance {
  readonly rtol: number;
  readonly atol: number;
}

/** What differences of numbers of a type, central ones included, are worth. */
export const TOLERANCES: Readonly<Record<"f32" | "f64", Tolerance>> = {
  f32: { rtol: 1e-3, atol: 1e-6 },
  f64: { rtol: 1e-6, atol: 1e-9 },
};

/** Two ways of computing the gradient of one parameter. */
export interface Comparison {
  readonly name: string;
  readonly ways: readonly [string, string];
  readonly shape: Shape | null;
  /** The largest |a - b|; null when they cannot be compared. */
  readonly absolute: number | null;
  /** That over the largest number in either. */
  readonly relative: number | null;
  /** The index of the largest difference. */
  readonly place: readonly number[] | null;
  readonly agree: boolean;
  /** Why they cannot be compared, if so. */
  readonly problem: string | null;
}

const ROWS = 200;
const ENTRIES = 64;

const NOT_COMPARED = { absolute: null, relative: null, place: null, agree: false } as const;

/** The gradient that a tensor is, or has. */
function gradientOf(x: Tensor): Tensor | null {
  return x.requiresGrad && x.isLeaf ? x.grad : x;
}

function toleranceOf(a: DType, b: DType, given: Partial<Tolerance>): Tolerance {
  return { ...TOLERANCES[a === "f64" && b === "f64" ? "f64" : "f32"], ...given };
}

function compare(
  name: string,
  ways: readonly [string, string],
  found: readonly [Tensor | null | undefined, Tensor | null | undefined],
  given: Partial<Tolerance>,
): Comparison {
  const [a, b] = found;
  const failed = (problem: string): Comparison => ({
    name,
    ways,
    shape: (a ?? b)?.shape ?? null,
    problem,
    ...NOT_COMPARED,
  });
  const absent = ways.filter((_, k) => found[k] === undefined);
  if (absent.length > 0) return failed(`${absent.join(" and ")} did not give it`);
  const ungraded = ways.filter((_, k) => found[k] === null);
  if (ungraded.length > 0) return failed(`${ungraded.join(" and ")}: no gradient yet, call loss.backward()`);
  if (a === null || a === undefined || b === null || b === undefined) return failed("missing");
  if (!sameShape(a.shape, b.shape)) return failed(`shapes differ: ${show(a.shape)} and ${show(b.shape)}`);
  const readA = elementReader(concrete("compareGradients", a));
  const readB = elementReader(concrete("compareGradients", b));
  let [largest, where, scale, broken] = [0, 0, 0, -1];
  const count = sizeOf(a.shape);
  for (let k = 0; k < count; k++) {
    const [x, y] = [readA(k), readB(k)];
    if (x === y) {
      if (Number.isFinite(x)) scale = Math.max(scale, Math.abs(x));
      continue;
    }
    const difference = Math.abs(x - y);
    if (!(difference < Infinity)) {
      if (broken < 0 && !(Number.isNaN(x) && Number.isNaN(y))) broken = k;
      continue;
    }
    scale = Math.max(scale, Math.abs(x), Math.abs(y));
    if (difference > largest) [largest, where] = [difference, k];
  }
  if (broken >= 0) [largest, where] = [Infinity, broken];
  const { rtol, atol } = toleranceOf(a.dtype, b.dtype, given);
  return {
    name,
    ways,
    shape: a.shape,
    problem: null,
    absolute: largest,
    relative: largest === 0 ? 0 : largest / scale,
    place: count === 0 ? [] : placeOf(where, a.shape),
    agree: largest <= atol + rtol * scale,
  };
}

/** "backward and byHand agree; numeric differs". */
function verdict(ways: readonly string[], pairs: readonly Comparison[]): string {
  const groups: string[][] = [];
  for (const way of ways) {
    const agrees = (other: string): boolean =>
      pairs.some((pair) => pair.agree && pair.ways.includes(way) && pair.ways.includes(other));
    const group = groups.find((members) => members.some(agrees));
    if (group === undefined) groups.push([way]);
    else group.push(way);
  }
  if (groups.length === 1) return "all agree";
  const list = (names: readonly string[]): string => {
    const shown = names.map((name) => clip(name, 40));
    return shown.length < 3 ? shown.join(" and ") : `${shown.slice(0, -1).join(", ")} and ${shown.at(-1)}`;
  };
  const together = groups.filter((group) => group.length > 1);
  if (together.length === 0) return "no two agree";
  const alone = groups.filter((group) => group.length === 1).flat();
  return [...together.map((group) => `${list(group)} agree`), ...(alone.length > 0 ? [`${list(alone)} ${alone.length === 1 ? "differs" : "differ"}`] : [])].join("; "); // prettier-ignore
}

/** Gradients compared; `comparisons` holds the numbers, `agree` whether all agree. */
export class GradientComparison extends Display {
  readonly ways: readonly string[];
  readonly comparisons: readonly Comparison[];
  readonly agree: boolean;
  readonly #entries: readonly { name: string; shape: Shape; columns: readonly (readonly number[])[] }[];
  readonly #tolerance: string;

  /** @internal */
  constructor(
    ways: readonly string[],
    comparisons: readonly Comparison[],
    entries: readonly { name: string; shape: Shape; columns: readonly (readonly number[])[] }[],
    tolerance: string,
  ) {
    super();
    this.ways = ways;
    this.comparisons = comparisons;
    this.agree = comparisons.every(({ agree }) => agree);
    this.#entries = entries;
    this.#tolerance = tolerance;
  }

  #table(): Table {
    const names = [...new Set(this.comparisons.map(({ name }) => name))];
    const verdicts = names.map(
      (name) =>
      verdict(this.ways, this.comparisons.filter((pair) => pair.name === name)), // prettier-ignore
    );
    const same = new Set(verdicts).size === 1 ? (verdicts[0] ?? "") : "see below";
    const differ = verdicts.filter((text) => text !== "all agree").length;
    const summary = differ === 0 ? "all agree" : same === "see below" ? `${counted(differ)} of ${countOf(names.length, "parameter")} differ` : same; // prettier-ignore
    return {
      caption: `Gradients by ${this.ways.map((way) => clip(way.replace(/^by /, ""), 40)).join(", ")}: ${summary}`,
      columns: [
        { title: "parameter", heads: true },
        { title: "shape" },
        { title: "ways" },
        { title: "largest |Δ|", side: "right" },
        { title: "relative", side: "right" },
        { title: "at" },
        { title: "result" },
      ],
      rows: this.comparisons
        .slice(0, ROWS)
        .map((pair) => [
          { text: clip(pair.name) },
          pair.shape === null ? "–" : show(pair.shape),
          pair.ways.map((way) => clip(way, 40)).join(" – "),
          pair.absolute === null ? "–" : number(pair.absolute, 3),
          pair.relative === null ? "–" : number(pair.relative, 3),
          pair.place === null || pair.absolute === 0 ? "–" : show(pair.place),
          pair.agree ? "agree" : { text: pair.problem === null ? "differ" : clip(pair.problem, 120), bold: true },
        ]),
      notes: [
        ...names.flatMap((name, k) =>
          verdicts[k] === "all agree" || names.length > 20 || this.ways.length === 2
            ? []
            : [`${clip(name)}: ${verdicts[k]}`],
        ),
        ...(this.comparisons.length > ROWS
          ? [`the first ${ROWS} of ${counted(this.comparisons.length)} comparisons`]
          : []),
        this.#tolerance,
      ],
    };
  }

  override toString(): string {
    return tableText(this.#table());
  }

  override [DISPLAY](): Bundle {
    return bundle(
      () => this.toString(),
      () => ({ "text/html": fitting(tableHtml(this.#table()), this.#details(), "parameter") }),
    );
  }

  #details(): (() => string)[] {
    return this.#entries.map(({ name, shape, columns }) => () => {
      const count = sizeOf(shape);
      const largest = Math.max(0, ...columns.flat().filter(Number.isFinite).map(Math.abs));
      const table = tableHtml({
        caption: `${clip(name)} ${show(shape)}`,
        columns: [{ title: "index", heads: true }, ...this.ways.map((way) => ({ title: clip(way, 40), side: "right" as const }))], // prettier-ignore
        rows: Array.from({ length: count }, (_, k) => [
          show(placeOf(k, shape)),
          ...columns.map((values) => heatCell(values[k] as number, number(values[k] as number, 7), largest)),
        ]),
      });
      return `<details><summary>${escapeHtml(clip(name))}: ${count === 1 ? "1 entry" : `${counted(count)} entries`}</summary>${table}</details>`; // prettier-ignore
    });
  }
}

/**
 * Several ways of computing the same gradients, parameter by parameter: the largest absolute and relative difference of each two, and
 * which agree. A way is a module or parameters (whose `.grad` counts), or the gradients themselves, as one tensor or by name.
 *
 * Tolerances: f32 1e-3 of the largest number, f64 1e-6, unless given. What is missing or of another shape gets a row that says so.
 *
 * @throws TypeError for fewer than two ways.
 * @example
 * loss.backward();
 * compareGradients({ backward: { W1, b1 }, byHand: { W1: dW1, b1: db1 }, numeric: numericGradient(f, { W1, b1 }) })
 */
export function compareGradients(
  ways: Readonly<Record<string, Named>>,
  tolerance: Partial<Tolerance> = {},
): GradientComparison {
  const labels = Object.keys(ways);
  if (labels.length < 2) {
    throw new TypeError(`compareGradients: there is nothing to compare in ${labels.length === 0 ? "no way" : "one way"}; pass at least two: compareGradients({ backward: model, byHand: { … } })`); // prettier-ignore
  }
  const single = labels.every((label) => isTensor(ways[label]));
  const found = labels.map((label) => {
    const tensors = namedTensors(
      `compareGradients: ${clip(label)}`,
      single ? { gradient: ways[label] } : (ways[label] ?? {}),
    );
    return new Map(tensors.map(([name, x]) => [name, gradientOf(x)]));
  });
  const names = [...new Set(found.flatMap((tensors) => [...tensors.keys()]))];
  const comparisons = names.flatMap((name) =>
    labels.flatMap((first, i) =>
      labels.slice(i + 1).map(
        (second, j) =>
        compare(name, [first, second], [found[i]?.get(name), found[i + 1 + j]?.get(name)], tolerance), // prettier-ignore
      ),
    ),
  );
  const entries = names.flatMap((name) => {
    const tensors = found.map((way) => way.get(name) ?? null);
    const [first] = tensors;
    if (first === null || first === undefined || sizeOf(first.shape) > ENTRIES) return [];
    if (!tensors.every((x): x is Tensor => x !== null && sameShape(x.shape, first.shape))) return [];
    const columns = tensors.map((x) => {
      const read = elementReader(concrete("compareGradients", x));
      return Array.from({ length: sizeOf(x.shape) }, (_, k) => read(k));
    });
    return [{ name, shape: first.shape, columns }];
  });
  const used = new Set(found.flatMap((way) => [...way.values()].flatMap((x) => (x === null ? [] : [x.dtype === "f64" ? "f64" as const : "f32" as const])))); // prettier-ignore
  const stated = [...used].map((dtype) => {
    const { rtol, atol } = toleranceOf(dtype, dtype, tolerance);
    return `for ${dtype} ${number(rtol)} of the largest number in either, plus ${number(atol)}`;
  });
  return new GradientComparison(labels, comparisons, entries, `Tolerance: ${stated.join("; ")}.`);
}
