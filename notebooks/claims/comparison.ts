// Both sides of an equation, on several drawings → a verdict. Shapes first, then values; the first that differs decides.

import type { Outcome } from "./formula.ts";
import { Evaluator } from "./evaluate.ts";
import type { Conditions, Model } from "./model.ts";
import type { Bound } from "./sources.ts";
import { suggestion } from "./suggest.ts";
import { print } from "./tex/print.ts";
import { type Expression, fullName, keyOf } from "./tex/tree.ts";
import { aligned, coreOf, fitted, settled, ShapeMismatch, shapeText, transpose, type Value } from "./values.ts";
import { figure } from "./verdict.ts";

/** A side is no number. */
class NoValue extends TypeError {}

/** What a formula about any value takes for it, in each drawing. */
export type BoundValues = (n: number) => Bound;

/** Where the shapes were a guess against the letters, nothing is refuted. */
export function refutedShape(text: string, model: Model): Outcome {
  const detail = `${text}${model.sizesInBrackets}`;
  if (model.unusual.length === 0) return { verdict: "refuted (shape)", detail, warnings: model.warnings };
  return { verdict: "not checkable", detail: `the shapes are a guess: ${detail}; declare them with problem({…})` };
}

/** Also under a condition that nobody has stated, if it holds under that alone: it is the warning. */
export function compared(left: Expression, right: Expression, model: Model, bound?: BoundValues): Outcome {
  let outcome: Outcome;
  try {
    outcome = comparedFreely(left, right, model, bound);
  } catch (error) {
    if (!(error instanceof NoValue) || model.leaves.length === 0) throw error;
    // Logarithms and roots are of positive numbers.
    const { detail, ...rest } = comparedFreely(left, right, model, bound, { arePositive: true });
    return { ...rest, detail: `${detail}; for positive numbers, since others have no value here` };
  }
  if (outcome.verdict !== "refuted (value)" || bound !== undefined) return outcome;
  for (const columns of subsets(model.columns)) {
    const { verdict, ...rest } = comparedFreely(left, right, model, bound, { distributions: columns });
    if (verdict !== "holds") continue;
    const names = columns.join(" and ");
    const warning = `it holds where the numbers of ${names} add up to 1, as in a distribution, and not for all ${names}`;
    return { ...rest, verdict, warnings: [...(rest.warnings ?? []), warning] };
  }
  return outcome;
}

/** Each alone, then all. */
function subsets(columns: readonly string[]): (readonly string[])[] {
  const alone = columns.map((column) => [column]);
  return columns.length > 1 ? [...alone, columns] : alone;
}

function comparedFreely(
  left: Expression,
  right: Expression,
  model: Model,
  bound?: BoundValues,
  conditions: Conditions = {},
): Outcome {
  const { tolerance, warnings } = model;
  const drawn: { evaluator: Evaluator; value: Value }[] = [];
  const name =
    left.kind === "derivative" ? `the gradient with respect to ${print(left.to, "plain")}` : print(left, "plain");
  let largest = 0;
  let problem: string | undefined;
  let kind: "shape" | "value" = "shape";
  let shape = "";
  let times: number | undefined;
  let count = 0;
  for (let n = 0; n < model.drawings; n++) {
    const evaluator = new Evaluator(model.draw(n, conditions), bound?.(n));
    const expected = settled(evaluator.value(left), "the left side");
    // A logarithm has no value at half of the numbers.
    if (bound !== undefined && !isFinite(expected)) continue;
    count++;
    drawn.push({ evaluator, value: expected });
    shape = shapeText(expected);
    if (problem !== undefined) continue;
    let found: Value;
    try {
      found = likeExpected(evaluator.value(right), expected, left, model);
    } catch (error) {
      if (!(error instanceof ShapeMismatch)) throw error;
      problem = `${error.message}; ${name} is ${shape}`;
      continue;
    }
    const mismatch = shapeProblem(expected, found, right, name);
    if (mismatch !== undefined) problem = mismatch;
    else {
      const { difference, scale, ratio } = differenceOf(expected, found);
      largest = Math.max(largest, difference);
      if (difference <= tolerance * Math.max(1, scale)) continue;
      kind = "value";
      times = ratio;
      problem = "";
    }
  }
  if (count === 0) throw new NoValue(`${name} has no value for the numbers drawn`);
  const readings = new Set(drawn.flatMap(({ evaluator }) => [...evaluator.readings]));
  const note = readings.has("inner product")
    ? ", where a dot between two columns of one size is their inner product"
    : "";
  const readAs = [
    readings.has("chain") ? "; derivatives side by side are a chain, summed over the variable between them" : "",
    readings.has("each") ? "; a vector is added to each row or column of a matrix" : "",
  ].join("");
  const figures = `largest difference ${figure(largest)}, tolerance ${figure(tolerance)}, shape ${shape}${model.sizesInBrackets}${readAs}`;
  const measured = { difference: largest, tolerance, warnings };
  if (problem === undefined) return { verdict: "holds", detail: figures, ...measured };
  const isNamed = left.kind === "derivative" || left.kind === "name";
  const meant = isNamed ? suggestion(right, drawn, (a, b) => isEqual(a, b, tolerance)) : undefined;
  const suggested = meant === undefined ? {} : { suggestion: `${print(left)} = ${print(meant)}` };
  if (kind === "shape") return { ...refutedShape(problem + note, model), ...suggested };
  const factor = times === undefined ? "" : `it is ${times} times ${name}; `;
  if (model.unusual.length > 0)
    return {
      verdict: "not checkable",
      detail: `the shapes are a guess: ${factor}${figures}; declare them with problem({…})`,
    };
  return { verdict: "refuted (value)", detail: factor + figures, ...measured, ...suggested };
}

/** Ones are as many as there are on the left, and of a vector that is a row as well as a column, the gradient is either. */
function likeExpected(found: Value, expected: Value, left: Expression, model: Model): Value {
  const fitting = fitted(found, expected);
  const isEitherWay =
    left.kind === "derivative" && (expected.isList === true || model.isEitherWay(keyOf(fullName(left.to))));
  const isTurned = coreOf(fitting).toReversed().join() === coreOf(expected).join();
  return isEitherWay && isTurned ? transpose(fitting) : fitting;
}

function isFinite({ tensor }: Value): boolean {
  return [...tensor.data].every((x) => Number.isFinite(Number(x)));
}

function shapeProblem(expected: Value, found: Value, right: Expression, name: string): string | undefined {
  const extra = found.indices.filter((index) => !expected.indices.includes(index));
  if (extra.length > 0) throw new TypeError(`the index ${extra.join(", ")} is on the right only, and in no sum`);
  if (coreOf(expected).join() === coreOf(found).join()) return indexProblem(expected, found);
  return `${print(right, "plain")} is ${shapeText(found)}, ${name} ${shapeText(expected)}`;
}

/** Of an index that runs further on one side. */
function indexProblem(expected: Value, found: Value): string | undefined {
  try {
    aligned(expected, found);
    return undefined;
  } catch (error) {
    if (!(error instanceof ShapeMismatch)) throw error;
    return error.message;
  }
}

function isEqual(a: Value, b: Value, tolerance: number): boolean {
  if (coreOf(a).join() !== coreOf(b).join() || a.indices.toSorted().join() !== b.indices.toSorted().join())
    return false;
  if (indexProblem(a, b) !== undefined) return false;
  const { difference, scale } = differenceOf(a, b);
  return difference <= tolerance * Math.max(1, scale);
}

/** With the factor between the two, where it is the same all over and a plain number. */
function differenceOf(expected: Value, found: Value): { difference: number; scale: number; ratio: number | undefined } {
  const both = aligned(expected, found);
  const a = both.a.add(both.b.mul(0)).data;
  const b = both.b.add(both.a.mul(0)).data;
  let difference = 0;
  let scale = 0;
  let ratio: number | undefined;
  for (let k = 0; k < a.length; k++) {
    const [x, y] = [Number(a[k]), Number(b[k])];
    const apart = Math.abs(x - y);
    if (!Number.isFinite(x) || !Number.isFinite(y))
      throw new NoValue(`a side has the value ${Number.isFinite(x) ? y : x} for the numbers drawn`);
    difference = Math.max(difference, apart);
    scale = Math.max(scale, Math.abs(x));
    const quotient = Number((y / x).toPrecision(9));
    ratio = k === 0 || ratio === quotient ? quotient : NaN;
  }
  const isPlain = ratio !== undefined && Number.isFinite(ratio) && Number((ratio * 12).toPrecision(8)) % 1 === 0;
  return { difference, scale, ratio: isPlain && a.length > 1 ? ratio : undefined };
}
