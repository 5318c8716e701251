// What the formulas of a note define, in their order: `h = …` gives h a meaning, unless the problem has one for it. A formula is about the
// last definition before it; a cell that runs again defines in its place what it defined.

import { applicationOf, type IsFunction, withCalls } from "./calls.ts";
import type { FormulaText } from "./formula.ts";
import type { Definition } from "./sources.ts";
import type { Problem } from "./problem.ts";
import { OutsideSubset, parseFormula } from "./tex/parse.ts";
import { FUNCTIONS } from "./tex/notation.ts";
import { indicesOf } from "./tex/scripts.ts";
import { type Equation, type Expression, fullName, keyOf, partsOf } from "./tex/tree.ts";

/** Those of one note. */
export class Definitions {
  /** The names that gradients are of, with those that they are with respect to: keys. */
  readonly differentiated = new Map<string, Set<string>>();
  readonly #formulas: { place: string; definitions: Definition[] }[] = [];

  /** Takes in what formulas define; to be called before any of them is checked. */
  take(formulas: readonly FormulaText[], problem: Problem | undefined): void {
    for (const { tex, place } of formulas) {
      for (const [of, to] of differentiatedIn(tex))
        this.differentiated.set(of, (this.differentiated.get(of) ?? new Set()).add(to));
      const before = this.before(place);
      const definitions = definitionsIn(tex, place, problem).filter((one) => !isClaim(one, before));
      const known = this.#formulas.find((one) => one.place === place);
      if (known === undefined) this.#formulas.push({ place, definitions });
      else known.definitions = definitions;
    }
  }

  /** Whether the note says what a function of this name is. */
  hasFunction(name: string): boolean {
    const key = keyOf(name);
    return this.#formulas.some(({ definitions }) =>
      definitions.some((one) => one.key === key && one.parameters !== undefined),
    );
  }

  /** For the formula at a place, by the names' keys: the last definitions before it, or the first behind it. */
  before(place: string, isFunction: IsFunction = () => false): Map<string, Definition> {
    const found = new Map<string, Definition>();
    const until = this.#formulas.findIndex((one) => one.place === place) + 1 || this.#formulas.length;
    for (const { definitions } of this.#formulas.slice(0, until)) {
      for (const definition of definitions) found.set(definition.key, definition);
    }
    for (const { definitions } of this.#formulas.slice(until)) {
      for (const definition of definitions) if (!found.has(definition.key)) found.set(definition.key, definition);
    }
    for (const [key, one] of found) found.set(key, { ...one, expression: withCalls(one.expression, isFunction) });
    return found;
  }
}

/** What a gradient was named before is not defined anew: `δ = ∂L/∂z`, and later `δ = y - t`. */
export function isClaim({ key, place }: Definition, known: ReadonlyMap<string, Definition>): boolean {
  const before = known.get(key);
  return before !== undefined && before.place !== place && before.expression.kind === "derivative";
}

function differentiatedIn(tex: string): [of: string, to: string][] {
  return equationsOf(tex)
    .flatMap(({ sides }) => sides.flatMap(partsOf))
    .flatMap((part): [string, string][] => {
      if (part.kind !== "derivative") return [];
      const of = part.of.kind === "name" ? part.of : applicationOf(part.of)?.name;
      return of === undefined ? [] : [[keyOf(fullName(of)), keyOf(fullName(part.to))]];
    });
}

function definitionsIn(tex: string, place: string, problem: Problem | undefined): Definition[] {
  return equationsOf(tex).flatMap(({ sides }) => {
    const definition = definitionOf(sides, place, problem);
    return definition === undefined || namesItself(definition) ? [] : [definition];
  });
}

function equationsOf(tex: string): Equation[] {
  try {
    return parseFormula(tex);
  } catch (error) {
    if (error instanceof OutsideSubset) return []; // The verdict says so.
    throw error;
  }
}

/** A name alone on the left is defined, unless the problem has it. */
export function definitionOf(
  [left, right]: readonly Expression[],
  place: string,
  problem: Problem | undefined,
): Definition | undefined {
  if (left === undefined || right === undefined || right.kind === "number") return undefined;
  const has = (key: string): boolean => problem?.names.some((name) => keyOf(name) === key) === true;
  const application = applicationOf(left);
  if (application !== undefined) {
    const { name, parameters, indices } = application;
    const { isName } = FUNCTIONS.get(fullName(name)) ?? { isName: true };
    const key = keyOf(fullName(name));
    return isName !== true || has(key) ? undefined : { key, indices, parameters, expression: right, place };
  }
  const square = rootOf(left, right);
  if (square !== undefined) return definitionOf([square.name, square.root], place, problem);
  if (left.kind !== "name") return undefined;
  const indices = left.sub === undefined ? undefined : indicesOf(left.sub);
  const whole = keyOf(fullName(left) + "'".repeat(left.primes));
  // `z_i = \sum_j …` defines z, if its index is one on the right.
  const parts = partsOf(right);
  const isStep = parts.some(
    (part) => part.kind === "name" && part.base === left.base && indicesOf(part.sub ?? "") === undefined,
  );
  const isElement =
    indices !== undefined &&
    // `h_t = \tanh(W h_{t-1})` is about one step.
    !isStep &&
    parts.some(
      (part) => (part.kind === "name" && part.sub?.includes(indices[0] ?? "") === true) || part.kind === "element",
    );
  const key = isElement ? keyOf(left.base) : whole;
  if (has(whole) || has(key)) return undefined;
  return { key, indices: isElement ? indices : [], expression: right, place };
}

/** `\sigma^2 = …` defines the positive σ. */
function rootOf(left: Expression, right: Expression): { name: Expression; root: Expression } | undefined {
  if (left.kind !== "power" || left.exponent.kind !== "number" || left.exponent.value !== 2) return undefined;
  const { base } = left;
  const isItself = partsOf(right).some(
    (part) => part.kind === "name" && base.kind === "name" && part.base === base.base,
  );
  if (base.kind !== "name" || isItself) return undefined;
  return { name: base, root: { kind: "call", name: "sqrt", tex: "\\sqrt", primes: 0, args: [right] } };
}

/** `W = W - …` changes W, and defines nothing. */
export function namesItself({ key, expression, indices }: Definition): boolean {
  return partsOf(expression).some(
    (part) =>
      (part.kind === "call" && keyOf(part.name) === key) ||
      (part.kind === "name" && (keyOf(fullName(part)) === key || (indices.length > 0 && keyOf(part.base) === key))),
  );
}
