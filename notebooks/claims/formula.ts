// A formula against what the library computes: its left-hand side names a gradient (∂L/∂W) or a value of the problem, its right-hand side is
// a function of the problem's values. Shapes first: a gradient is shaped like its variable.

import { type Tensor } from "adjoint";
import { type Drawing, type Problem, currentProblem, type Values } from "./problem.ts";
import { Definitions } from "./definitions.ts";
import { figure, type Finding, Findings } from "./verdict.ts";
import { checkWritten, type Context } from "./written.ts";

/** A formula of the text. */
export interface FormulaText {
  /** `$$2` is the second that stands on a line of its own. */
  place: string;
  /** From `^label`. */
  label?: string;
  tex: string;
  expect?: "refuted";
}

/** Gradients by the name of their variable: `g.y` is that of the formula's loss with respect to y. */
export type Gradients = Record<string, Tensor>;

export type RightHandSide = (values: Values, gradients: Gradients) => Tensor | number;

/** What a left-hand side means. */
export type Subject = { kind: "gradient"; of: string; to: string } | { kind: "value"; name: string };

/** How often inputs are drawn for a formula. */
const DRAWINGS = 3;

/** What the names of one formula stand for, instead of values of the problem and of the cells. */
export type FormulaNames = Readonly<Record<string, Tensor | number>>;

/**
 * Compares the right-hand side of a formula, given as a function of the problem's values and gradients, with what its left-hand side
 * names: a gradient, computed by the library, or a value of the problem. Or checks it as it is written, with numbers drawn in the shapes of given
 * tensors. Shows the verdict.
 *
 * @example
 * checkFormula({ place: "$$1", tex: String.raw`\frac{\partial L}{\partial W} = …` }, ({ x }, g) => g.y.matmul(x.t()));
 * checkFormula({ place: "$$2", tex: String.raw`\|A\|_F^2 = \operatorname{tr}(A^\top A)` }, { A: zeros([3, 2]) });
 */
export function checkFormula(formula: FormulaText, rightHandSide: RightHandSide | FormulaNames): Findings {
  if (typeof rightHandSide !== "function")
    return new Findings(findingsOf([formula], { problem: undefined, cells: rightHandSide, definitions }));
  return new Findings([finding(formula, (problem, subject) => compared(problem, subject, rightHandSide))]);
}

/**
 * Tries formulas as they are written: parses them, and compares both sides on numbers that are drawn, with gradients that the library
 * computes. Names stand for what the problem that was declared last has, what formulas define (`h = …`), or tensors of `cells`, whose shapes
 * count. Shows the verdicts.
 *
 * @example
 * checkFormulas([{ place: "$$1", tex: String.raw`L = \|W x\|^2` }, { place: "$$2", tex: String.raw`\frac{\partial L}{\partial W} = 2 W x x^\top` }]);
 */
export function checkFormulas(
  formulas: readonly FormulaText[],
  cells: Readonly<Record<string, unknown>> = {},
): Findings {
  const problem = currentProblem();
  return new Findings(findingsOf(formulas, { problem, cells, definitions }));
}

/** Of the note whose cells run here. */
const definitions = new Definitions();

export function findingsOf(formulas: readonly FormulaText[], context: Context): Finding[] {
  context.definitions.take(formulas, context.problem);
  return formulas.map((formula) => withExpectation(checkWritten(formula, context), formula));
}

export type Outcome = Pick<Finding, "verdict" | "detail"> & Partial<Finding>;

export function withExpectation(outcome: Outcome, { place, label, tex, expect }: FormulaText): Finding {
  const names = { place, ...(label !== undefined && { label }), ...(expect !== undefined && { expected: expect }) };
  return { claim: tex, warnings: [], ...names, ...outcome };
}

function finding(formula: FormulaText, check: (problem: Problem, subject: Subject) => Outcome): Finding {
  const problem = currentProblem();
  if (problem === undefined) {
    return withExpectation(
      { verdict: "not checked", detail: "no problem is declared: call problem({…}) first" },
      formula,
    );
  }
  const subject = subjectOf(formula.tex, problem.names);
  if (typeof subject === "string") return withExpectation({ verdict: "not checkable", detail: subject }, formula);
  return withExpectation(check(problem, subject), formula);
}

/** Compares on several drawings; the first that refutes decides. */
export function compared(problem: Problem, subject: Subject, rightHandSide: RightHandSide): Outcome {
  const { tolerance, warnings } = problem;
  let largest = 0;
  let shape = "";
  let refuted = false;
  for (let n = 0; n < DRAWINGS; n++) {
    const drawing = problem.draw(n);
    let expected: Tensor;
    let found: Tensor | number;
    try {
      expected = subject.kind === "value" ? valueOf(drawing, subject.name) : drawing.gradient(subject.of, subject.to);
    } catch (error) {
      return { verdict: "not checkable", detail: reason(error), warnings: [...warnings] };
    }
    try {
      found = rightHandSide(drawing.values, gradientsOf(drawing, subject));
    } catch (error) {
      // The library's operations throw a RangeError where shapes do not fit.
      const verdict = error instanceof RangeError ? "refuted (shape)" : "not checkable";
      return { verdict, detail: `${reason(error)} (${problem.sizesText})`, warnings: [...warnings] };
    }
    shape = shapeText(expected);
    if (shapeText(found) !== shape) {
      const what = subject.kind === "value" ? subject.name : `the gradient with respect to ${subject.to}`;
      const detail = `the right-hand side has shape ${shapeText(found)}, ${what} ${shape} (${problem.sizesText})`;
      return { verdict: "refuted (shape)", detail, warnings: [...warnings] };
    }
    const { difference, scale } = differenceOf(expected, found);
    largest = Math.max(largest, difference);
    // Also where the difference is no number.
    refuted = !(difference <= tolerance * Math.max(1, scale));
    if (refuted) break;
  }
  const detail = `largest difference ${figure(largest)}, tolerance ${figure(tolerance)}, shape ${shape} (${problem.sizesText})`;
  const verdict = refuted ? "refuted (value)" : "holds";
  return { verdict, detail, difference: largest, tolerance, warnings: [...warnings] };
}

function valueOf({ values }: Drawing, name: string): Tensor {
  const value = values[name];
  if (value === undefined) throw new TypeError(`the problem has no ${name}`);
  return value;
}

/** Gradients are computed when they are asked for. */
function gradientsOf(drawing: Drawing, subject: Subject): Gradients {
  return new Proxy<Gradients>(
    {},
    {
      get: (_, name) => {
        if (typeof name !== "string") return undefined;
        if (subject.kind === "value")
          throw new Error("the left-hand side is no gradient, so there is no loss to differentiate");
        return drawing.gradient(subject.of, name);
      },
    },
  );
}

function differenceOf(expected: Tensor, found: Tensor | number): { difference: number; scale: number } {
  const a = expected.data;
  const b = typeof found === "number" ? [found] : found.data;
  let difference = 0;
  let scale = 0;
  for (let k = 0; k < a.length; k++) {
    const apart = Math.abs(Number(a[k]) - Number(b[k]));
    // Math.max would keep a NaN as well, but not say where it came from.
    if (Number.isNaN(apart)) return { difference: NaN, scale };
    difference = Math.max(difference, apart);
    scale = Math.max(scale, Math.abs(Number(a[k])));
  }
  return { difference, scale };
}

function shapeText(value: Tensor | number): string {
  return typeof value === "number" ? "[]" : `[${value.shape.join(", ")}]`;
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

const GRADIENT =
  /^\s*\\[dt]?frac\s*\{\s*\\partial\s*([^{}]*(?:\{[^{}]*\}[^{}]*)*)\}\s*\{\s*\\partial\s*((?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*)\}\s*$/;

/** What the left-hand side of an equation names; a string says why it names nothing of the problem. */
export function subjectOf(tex: string, names: readonly string[]): Subject | string {
  const [left, ...right] = tex.split("=");
  if (left === undefined || right.length === 0) return "it is no equation";
  const gradient = GRADIENT.exec(left);
  const wanted = gradient === null ? [left] : [gradient[1] ?? "", gradient[2] ?? ""];
  const [first, second] = wanted.map((name) => nameOf(name, names));
  const unknown = wanted.find((name) => nameOf(name, names) === undefined);
  if (unknown !== undefined || first === undefined) {
    return `the problem has no ${(unknown ?? left).trim()}; it has ${names.join(", ")}`;
  }
  return second === undefined ? { kind: "value", name: first } : { kind: "gradient", of: first, to: second };
}

/** `W_{1}` is W1, `y_{\text{target}}` yTarget. */
export function nameOf(tex: string, names: readonly string[]): string | undefined {
  const plain = tex.replace(/\\(?:text|mathrm|mathbf|boldsymbol|mathit|operatorname)\b|[\s{}_\\,]/g, "");
  const same = (name: string): string => name.replaceAll("_", "");
  return (
    names.find((name) => same(name) === plain) ?? names.find((name) => same(name).toLowerCase() === plain.toLowerCase())
  );
}
