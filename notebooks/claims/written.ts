// Checks a formula as it is written, with nothing bound to it: parsed, and both sides evaluated on numbers that were drawn. What defines a name is part
// of the model; whatever else is an equation is a claim about it.

import { allclose, tensor } from "adjoint";
import { type Application, applicationOf, equationWithCalls, withCalls } from "./calls.ts";
import type { FormulaText, Outcome } from "./formula.ts";
import { definitionOf, type Definitions, isClaim, namesItself } from "./definitions.ts";
import { compared, type BoundValues, refutedShape } from "./comparison.ts";
import { Model, type Reading } from "./model.ts";
import { functionOf, limitsIn, type Sources, Unknown } from "./sources.ts";
import type { Problem } from "./problem.ts";
import { Evaluator, namesIn } from "./evaluate.ts";
import { elementwise } from "./functions.ts";
import { FUNCTIONS } from "./tex/notation.ts";
import { OutsideSubset, parseFormula } from "./tex/parse.ts";
import { print } from "./tex/print.ts";
import { type Equation, type Expression, fullName, keyOf } from "./tex/tree.ts";
import { numberValue, ShapeMismatch, shapeText, type Value, valueOf } from "./values.ts";

export interface Context {
  problem: Problem | undefined;
  /** Values of cells, by name. */
  cells: Readonly<Record<string, unknown>>;
  /** Of the note, up to here and those of the formulas themselves. */
  definitions: Definitions;
}

/** Signs that claim no equality. */
const OTHERS: [sign: RegExp, what: string][] = [
  [/\\(?:approx|simeq|sim)(?![a-z])|≈/, "about equal is no equation: nothing says how near is near"],
  [/\\(?:leftarrow|gets|mapsto)(?![a-z])|←/, "it is an update, no equation"],
  [/\\(?:propto)(?![a-z])|∝/, "proportional is no equation"],
];

/** The verdict on a formula by itself. Never throws. */
export function checkWritten({ tex, place }: FormulaText, { problem, cells, definitions }: Context): Outcome {
  if (!/(?<![<>!\\])=|\\(?:equiv|coloneqq|triangleq)/.test(tex)) {
    const other = OTHERS.find(([sign]) => sign.test(tex))?.[1];
    return { verdict: "not checkable", detail: other ?? "it is no equation: there is nothing to compare it with" };
  }
  try {
    const { differentiated } = definitions;
    const of = (known: Sources["definitions"]): Sources => ({ problem, cells, definitions: known, differentiated });
    const isFunction = (name: string): boolean =>
      definitions.hasFunction(name) || functionOf({ cells }, name) !== undefined;
    const sources = of(definitions.before(place, isFunction));
    return parseFormula(tex)
      .map((equation) => equationOutcome(equationWithCalls(equation, isFunction), place, sources))
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

/** Of several equations, the worse; definitions are told together. */
function worse(a: Outcome, b: Outcome): Outcome {
  if (a.defines !== undefined && b.defines !== undefined && a.verdict === "holds" && b.verdict === "holds") {
    const warnings = [...new Set([...(a.warnings ?? []), ...(b.warnings ?? [])])];
    return { ...a, detail: `${a.detail}; ${b.detail}`, defines: `${a.defines}, ${b.defines}`, warnings };
  }
  return GRAVITY.indexOf(b.verdict) > GRAVITY.indexOf(a.verdict) ? b : a;
}

function equationOutcome({ sides }: Equation, place: string, sources: Sources): Outcome {
  const [left, ...rights] = sides as [Expression, ...Expression[]];
  const application = applicationOf(left);
  try {
    if (application === undefined) return equationOfValues({ left, rights }, place, sources);
    const { name } = application;
    const key = keyOf(fullName(name));
    if (sources.problem?.names.some((one) => keyOf(one) === key) === true)
      return equationOfValues({ left: name, rights }, place, sources);
    const { isName } = FUNCTIONS.get(fullName(name)) ?? {};
    const isKnown = FUNCTIONS.has(fullName(name)) || elementwise(fullName(name)) !== undefined;
    if (!isKnown && functionOf(sources, fullName(name)) === undefined)
      return equationOfValues({ left, rights, application }, place, sources);
    const called = withCalls(left, () => true);
    const outcome = equationOfFunction(called, rights, isKnown ? without(sources, key) : sources);
    if (outcome.verdict === "holds" || isName !== true) return outcome;
    // The σ of a note may be another function.
    const warning = `${print(name, "plain")} is usually the logistic function; from here on it is this one`;
    const defined = equationOfValues({ left, rights, application }, place, sources);
    return { ...defined, warnings: [...(defined.warnings ?? []), warning] };
  } catch (error) {
    if (!(error instanceof Unknown)) throw error;
    const isEmpty = sources.problem === undefined && sources.definitions.size === 0;
    const advice = isEmpty ? "; declare it with problem({…}), or define it in a formula" : "";
    return { verdict: isEmpty ? "not checked" : "not checkable", detail: error.message + advice };
  }
}

interface Sides {
  left: Expression;
  rights: Expression[];
  /** `f(x) = …` */
  application?: Application;
}

function equationOfValues({ left, rights, application }: Sides, place: string, sources: Sources): Outcome {
  if (application === undefined && derivedArguments(left) !== undefined)
    return equationOfFunction(left, rights, sources);
  const sides = [left, ...rights];
  const candidate = definitionOf(sides, place, sources.problem);
  const definition = candidate !== undefined && isClaim(candidate, sources.definitions) ? undefined : candidate;
  const claims = definition === undefined ? rights : rights.slice(1);
  const shown = print(application === undefined ? left : withCalls(left, () => true), "plain");
  if (definition !== undefined && namesItself(definition))
    return { verdict: "not checkable", detail: `${shown} is on both sides: an update, no equation` };
  if (rights.length === 0)
    return { verdict: "not checkable", detail: "it is no equation: there is nothing to compare it with" };
  if (claims.some((side) => side.kind === "number" && side.value === 0) && left.kind === "derivative")
    return { verdict: "not checkable", detail: "a gradient that is set to 0 is a condition, no claim" };
  if (definition === undefined && left.kind !== "name" && left.kind !== "derivative")
    return identity({ left, rights }, sources);
  const subject = application?.name ?? left;
  const model = new Model(sources, [subject, ...rights]);
  if (claims.length === 0) return defined(subject, shown, application, model);
  return claims.map((right) => compared(subject, right, model)).reduce(worse);
}

/**
 * `(A B)^\top = B^\top A^\top` is about any A and B. If it does not hold, it may be meant as a condition, such as `w^\top x + b = 0`, unless both sides
 * speak of the same.
 */
function identity({ left, rights }: Sides, sources: Sources): Outcome {
  const namesOf = (side: Expression): string[] => namesIn(side).map((name) => keyOf(name.base));
  const among = (reading: Reading): { outcome: Outcome; isFree: boolean } => {
    const model = new Model(sources, [left, ...rights], reading);
    return { outcome: rights.map((right) => compared(left, right, model)).reduce(worse), isFree: model.isFree };
  };
  const { outcome, isFree } = among({ free: [left] });
  if (!outcome.verdict.startsWith("refuted")) return outcome;
  if (outcome.verdict === "refuted (shape)" && isFree) {
    // Small letters may be numbers, and capitals square.
    for (const reading of [{ free: [left], areNumbers: true }, { free: [left, ...rights] }]) {
      const other = tried(() => among(reading).outcome);
      if (other?.verdict === "holds") return other;
    }
  }
  const isZero = rights.some((side) => side.kind === "number");
  if (isZero || (isFree && !rights.every((right) => sameNames(namesOf(left), namesOf(right)))))
    return {
      verdict: "not checkable",
      detail: "it does not hold for all values: it may be a condition, which is no claim",
    };
  return outcome;
}

function sameNames(one: readonly string[], other: readonly string[]): boolean {
  return [...new Set(one)].toSorted().join() === [...new Set(other)].toSorted().join();
}

function tried(find: () => Outcome): Outcome | undefined {
  try {
    return find();
  } catch (error) {
    if (error instanceof Unknown) return undefined; // No shapes fit both sides.
    throw error;
  }
}

/** `\sigma'(z) = …` is about any number z, and `\text{softmax}(z) = …` about any column. */
function equationOfFunction(left: Expression, rights: Expression[], sources: Sources): Outcome {
  const names = argumentsOf(left) ?? [];
  const isOfColumns = isFunctionOfColumns(left);
  const others = names.reduce(without, sources);
  const limits = rights.flatMap((right) => [...limitsIn(right)]).filter(([, { name }]) => names.includes(name));
  const lengths = limits.map(([limit]): [string, Value] => [limit, numberValue(3)]);
  const bound: BoundValues = (n) =>
    new Map([
      ...names.map((name, k): [string, Value] => [name, argument(n, k, isOfColumns)]),
      ...(isOfColumns ? lengths : []),
    ]);
  const model = new Model(others, [left, ...rights], { bound: bound(0), free: [left] });
  return rights.map((right) => compared(left, right, model, bound)).reduce(worse);
}

function argumentsOf(left: Expression): string[] | undefined {
  if (left.kind === "element") return argumentsOf(left.of);
  if (left.kind !== "call" || left.name === "partial") return undefined;
  return left.args.every((arg) => arg.kind === "name") ? left.args.map((arg) => fullName(arg)) : undefined;
}

function derivedArguments(left: Expression): string[] | undefined {
  return left.kind === "call" && left.primes > 0 ? argumentsOf(left) : undefined;
}

function isFunctionOfColumns(left: Expression): boolean {
  if (left.kind === "element") return true;
  return (
    left.kind === "call" && /^(?:softmax|mse|mean|total|inner)$/.test(FUNCTIONS.get(left.name)?.means ?? left.name)
  );
}

const ARGUMENTS = [0.37, -0.81, 1.93, 0.62, -1.47, 0.22, -0.58];

/** Of both signs in several drawings. */
function argument(n: number, k: number, isColumn: boolean): Value {
  const at = (i: number): number => ARGUMENTS[(n + 2 * k + i) % ARGUMENTS.length] ?? 0;
  return isColumn ? valueOf(tensor([[at(0)], [at(3)], [at(4)]], { dtype: "f64" })) : numberValue(at(0));
}

function without(sources: Sources, name: string): Sources {
  return { ...sources, definitions: new Map([...sources.definitions].filter(([key]) => key !== keyOf(name))) };
}

function defined(subject: Expression, what: string, application: Application | undefined, model: Model): Outcome {
  try {
    const value = new Evaluator(model.draw(0)).value(subject);
    const isAll =
      application !== undefined && model.leaves.every((key) => application.parameters.map(keyOf).includes(key));
    const shape = isAll ? "" : `, ${shapeText(value)}${model.sizesInBrackets}`;
    const detail = `it defines ${what}${shape}${besideCells(subject, model)}`;
    return { verdict: "holds", detail, defines: what, warnings: model.warnings };
  } catch (error) {
    if (!(error instanceof ShapeMismatch)) throw error;
    return refutedShape(error.message, model);
  }
}

/** A definition says what the cells compute, or something else; that is for the reader to know, and refutes nothing. */
function besideCells(subject: Expression, model: Model): string {
  const { cells } = model;
  const own = subject.kind === "name" ? model.cellValue(fullName(subject)) : undefined;
  if (own === undefined || own.isLeaf || cells === undefined) return "";
  const name = print(subject, "plain");
  const { tensor: found } = new Evaluator(cells).value(subject);
  const theirs = valueOf(own).tensor;
  if (found.shape.join() !== theirs.shape.join()) return `; in the cells, ${name} is [${own.shape.join(", ")}]`;
  const isSame = allclose(found, theirs.to("f64"), { rtol: 1e-5, atol: 1e-6 });
  return isSame ? `; the cells compute the same ${name}` : `; in the cells, ${name} has other values`;
}
