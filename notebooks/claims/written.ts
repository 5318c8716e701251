// Checks a formula as it is written, with nothing bound to it: parsed, and both sides evaluated on numbers that were drawn. What defines a name is part
// of the model; whatever else is an equation is a claim about it.

import type { FormulaText, Outcome } from "./formula.ts";
import { definitionOf, type Definitions, isClaim, namesItself } from "./definitions.ts";
import { Model, type Sources, Unknown } from "./model.ts";
import type { Problem } from "./problem.ts";
import { Evaluator } from "./evaluate.ts";
import { suggestion } from "./suggest.ts";
import { OutsideSubset, parseFormula } from "./tex/parse.ts";
import { print } from "./tex/print.ts";
import { type Equation, type Expression, fullName, keyOf } from "./tex/tree.ts";
import { aligned, coreOf, numberValue, ShapeMismatch, shapeText, type Value } from "./values.ts";
import { figure } from "./verdict.ts";

export interface Context {
  problem: Problem | undefined;
  /** Values of cells, by name. */
  cells: Readonly<Record<string, unknown>>;
  /** Of the note, up to here and those of the formulas themselves. */
  definitions: Definitions;
}

/** The verdict on a formula by itself. Never throws. */
export function checkWritten({ tex, place }: FormulaText, { problem, cells, definitions }: Context): Outcome {
  if (!/(?<![<>!\\])=|\\(?:equiv|coloneqq|triangleq)/.test(tex))
    return { verdict: "not checkable", detail: "it is no equation: there is nothing to compare it with" };
  try {
    const sources = {
      problem,
      cells,
      definitions: definitions.before(place),
      differentiated: definitions.differentiated,
    };
    return parseFormula(tex)
      .map((equation) => equationOutcome(equation, place, sources))
      .reduce(worse);
  } catch (error) {
    if (error instanceof OutsideSubset) return { verdict: "not checkable", detail: outsideText(error, tex) };
    // Whatever else goes wrong is about this formula alone, and the others are checked.
    return { verdict: "not checkable", detail: error instanceof Error ? error.message : String(error) };
  }
}

function outsideText({ at, message }: OutsideSubset, tex: string): string {
  const lines = tex.slice(0, at).split("\n");
  const line = lines.length > 1 ? `line ${lines.length}, ` : "";
  return `outside the subset of TeX that is read, at ${line}column ${(lines.at(-1)?.length ?? 0) + 1}: ${message}`;
}

const GRAVITY: Outcome["verdict"][] = ["holds", "not checked", "not checkable", "refuted (value)", "refuted (shape)"];

function worse(a: Outcome, b: Outcome): Outcome {
  return GRAVITY.indexOf(b.verdict) > GRAVITY.indexOf(a.verdict) ? b : a;
}

function equationOutcome({ sides }: Equation, place: string, sources: Sources): Outcome {
  const [left, ...rights] = sides as [Expression, ...Expression[]];
  const bound = boundName(left);
  const candidate = bound === undefined ? definitionOf(sides, place, sources.problem) : undefined;
  const definition = candidate !== undefined && isClaim(candidate, sources.definitions) ? undefined : candidate;
  const claims = definition === undefined ? rights : rights.slice(1);
  if (definition !== undefined && namesItself(definition))
    return { verdict: "not checkable", detail: `${print(left, "plain")} is on both sides: an update, no equation` };
  if (rights.length === 0)
    return { verdict: "not checkable", detail: "it is no equation: there is nothing to compare it with" };
  if (claims.some((side) => side.kind === "number" && side.value === 0) && left.kind === "derivative")
    return { verdict: "not checkable", detail: "a gradient that is set to 0 is a condition, no claim" };
  try {
    const model = new Model(
      bound === undefined ? sources : withoutName(sources, bound),
      bound === undefined ? sides : [],
    );
    const bindings = bound === undefined ? undefined : new Map([[bound, numberValue(0.37)]]);
    if (claims.length === 0) return defined(left, model);
    return claims.map((right) => compared(left, right, model, bindings)).reduce(worse);
  } catch (error) {
    if (!(error instanceof Unknown)) throw error;
    const isEmpty = sources.problem === undefined && sources.definitions.size === 0;
    const advice = isEmpty ? "; declare it with problem({…}), or define it in a formula" : "";
    return { verdict: isEmpty ? "not checked" : "not checkable", detail: error.message + advice };
  }
}

/** `\sigma(z) = …` is about any number z. */
function boundName(left: Expression): string | undefined {
  if (left.kind !== "call" || left.args.length !== 1) return undefined;
  const [name] = left.args;
  return name?.kind === "name" ? fullName(name) : undefined;
}

function withoutName(sources: Sources, name: string): Sources {
  return { ...sources, definitions: new Map([...sources.definitions].filter(([key]) => key !== keyOf(name))) };
}

function defined(left: Expression, model: Model): Outcome {
  const what = print(left, "plain");
  try {
    const value = new Evaluator(model.draw(0)).value(left);
    const detail = `it defines ${what}, ${shapeText(value)}${sizes(model)}`;
    return { verdict: "holds", detail, defines: what, warnings: model.warnings };
  } catch (error) {
    if (!(error instanceof ShapeMismatch)) throw error;
    return refutedShape(error.message, model);
  }
}

function sizes({ sizesText }: Model): string {
  return sizesText === "" ? "" : ` (${sizesText})`;
}

/** Where the shapes were a guess against the letters, nothing is refuted. */
function refutedShape(text: string, model: Model): Outcome {
  const detail = `${text}${sizes(model)}`;
  if (model.unusual.length === 0) return { verdict: "refuted (shape)", detail, warnings: model.warnings };
  return { verdict: "not checkable", detail: `the shapes are a guess: ${detail}; declare them with problem({…})` };
}

function compared(left: Expression, right: Expression, model: Model, bound?: Map<string, Value>): Outcome {
  const { tolerance, warnings } = model;
  const drawn: { evaluator: Evaluator; value: Value }[] = [];
  const name =
    left.kind === "derivative" ? `the gradient with respect to ${print(left.to, "plain")}` : print(left, "plain");
  let largest = 0;
  let problem: string | undefined;
  let kind: "shape" | "value" = "shape";
  let shape = "";
  let times: number | undefined;
  for (let n = 0; n < model.drawings; n++) {
    const evaluator = new Evaluator(model.draw(n), bound);
    const expected = evaluator.value(left);
    drawn.push({ evaluator, value: expected });
    shape = shapeText(expected);
    if (problem !== undefined) continue;
    let found: Value;
    try {
      found = evaluator.value(right);
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
  const note = drawn.some(({ evaluator }) => evaluator.hasInnerProduct)
    ? ", where a dot between two columns of one size is their inner product"
    : "";
  const figures = `largest difference ${figure(largest)}, tolerance ${figure(tolerance)}, shape ${shape}${sizes(model)}`;
  const measured = { difference: largest, tolerance, warnings };
  if (problem === undefined) return { verdict: "holds", detail: figures, ...measured };
  const meant = suggestion(right, drawn, (a, b) => isEqual(a, b, tolerance));
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

function shapeProblem(expected: Value, found: Value, right: Expression, name: string): string | undefined {
  const extra = found.indices.filter((index) => !expected.indices.includes(index));
  if (extra.length > 0) throw new TypeError(`the index ${extra.join(", ")} is on the right only, and in no sum`);
  if (coreOf(expected).join() === coreOf(found).join()) return undefined;
  return `${print(right, "plain")} is ${shapeText(found)}, ${name} ${shapeText(expected)}`;
}

function isEqual(a: Value, b: Value, tolerance: number): boolean {
  if (coreOf(a).join() !== coreOf(b).join() || a.indices.toSorted().join() !== b.indices.toSorted().join())
    return false;
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
      throw new TypeError(`a side has the value ${Number.isFinite(x) ? y : x} for the numbers drawn`);
    difference = Math.max(difference, apart);
    scale = Math.max(scale, Math.abs(x));
    const quotient = Number((y / x).toPrecision(9));
    ratio = k === 0 || ratio === quotient ? quotient : NaN;
  }
  const isPlain = ratio !== undefined && Number.isFinite(ratio) && Number((ratio * 12).toPrecision(8)) % 1 === 0;
  return { difference, scale, ratio: isPlain && a.length > 1 ? ratio : undefined };
}
