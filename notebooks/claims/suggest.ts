// What a refuted formula may have meant: the factors of its products in another order, transposed, or multiplied number by number, the nearest first.
// It is found by trial: whatever holds for the numbers drawn is a candidate, and nothing is derived.

import type { Evaluator } from "./evaluate.ts";
import type { Expression, ProductSign } from "./tex/tree.ts";
import {
  add,
  coreOf,
  hadamard,
  isNumber,
  multiply,
  numberValue,
  ShapeMismatch,
  transpose,
  type Value,
} from "./values.ts";

/** Beyond that, trying takes too long. */
const MOST_FACTORS = 4;

export interface Wanted {
  evaluator: Evaluator;
  value: Value;
}

/** A right-hand side that is equal to each of the wanted values; `isEqual` says whether two are. */
export function suggestion(
  given: Expression,
  wanted: readonly Wanted[],
  isEqual: (a: Value, b: Value) => boolean,
): Expression | undefined {
  const [first] = wanted;
  if (first === undefined) return undefined;
  const terms = given.kind === "sum" ? given.terms : [{ negative: false, term: given }];
  for (const [k, { negative, term }] of terms.entries()) {
    const others = terms.filter((_, other) => other !== k);
    const rest = others.length === 0 ? undefined : valueOrNothing(first.evaluator, { kind: "sum", terms: others });
    if (others.length > 0 && rest === undefined) continue;
    for (const candidate of candidates(term, first.evaluator)) {
      for (const sign of [negative, !negative]) {
        if (!holdsWith(candidate.value, sign, rest, first.value, isEqual)) continue;
        const changed = terms.with(k, { negative: sign, term: candidate.expression });
        const [only] = changed;
        const whole: Expression =
          changed.length === 1 && only?.negative === false ? only.term : { kind: "sum", terms: changed };
        const holds = wanted.every(({ evaluator, value }) => {
          const found = valueOrNothing(evaluator, whole);
          return found !== undefined && isEqual(found, value);
        });
        if (holds) return whole;
      }
    }
  }
  return undefined;
}

function holdsWith(
  value: Value,
  negative: boolean,
  rest: Value | undefined,
  wanted: Value,
  isEqual: (a: Value, b: Value) => boolean,
): boolean {
  if (coreOf(value).join() !== coreOf(wanted).join()) return false;
  const signed = negative ? multiply(numberValue(-1), value, false) : value;
  try {
    return isEqual(rest === undefined ? signed : add(rest, signed), wanted);
  } catch (error) {
    if (error instanceof ShapeMismatch) return false; // An index of one length here and another there.
    throw error;
  }
}

function valueOrNothing(evaluator: Evaluator, expression: Expression): Value | undefined {
  try {
    return evaluator.value(expression);
  } catch {
    return undefined; // It does not conform, or means nothing: no candidate.
  }
}

interface Candidate {
  expression: Expression;
  value: Value;
}

/** The nearest first: fewest transposes, exchanges and other signs. */
function* candidates(term: Expression, evaluator: Evaluator): Generator<Candidate> {
  const flat = flattened(term);
  const factors = flat.map(({ factor, sign }) => ({ factor, sign, value: valueOrNothing(evaluator, factor) }));
  if (factors.some(({ value }) => value === undefined)) return;
  const all = factors.map(({ factor, sign, value }) => ({ factor, sign, value: value as Value }));
  const numbers = all.filter(({ value }) => isNumber(value));
  const others = all.filter(({ value }) => !isNumber(value));
  if (others.length === 0 || others.length > MOST_FACTORS) return;
  const plans: { order: number[]; transposed: number; signs: number; cost: number }[] = [];
  const count = others.length;
  for (const order of permutations(count)) {
    for (let transposed = 0; transposed < 1 << count; transposed++) {
      for (let signs = 0; signs < 1 << (count - 1); signs++) {
        const changed = order
          .slice(1)
          .filter((index, k) => ((signs >> k) & 1) !== Number(others[index]?.sign === "odot")).length;
        plans.push({ order, transposed, signs, cost: inversions(order) + bits(transposed) + changed });
      }
    }
  }
  for (const { order, transposed, signs } of plans.toSorted((a, b) => a.cost - b.cost)) {
    const found = built(
      order.map((index) => others[index] as (typeof others)[number]),
      order,
      transposed,
      signs,
    );
    if (found === undefined) continue;
    let { expression, value } = found;
    for (const number of numbers.toReversed()) {
      expression = joined(number.factor, "", expression);
      value = multiply(number.value, value, false);
    }
    yield { expression, value };
  }
}

function built(
  factors: readonly { factor: Expression; value: Value }[],
  order: readonly number[],
  transposed: number,
  signs: number,
): Candidate | undefined {
  let result: Candidate | undefined;
  for (const [k, { factor, value }] of factors.entries()) {
    const isTransposed = ((transposed >> (order[k] ?? 0)) & 1) === 1;
    const next: Candidate = isTransposed
      ? { expression: untransposed(factor), value: transpose(value) }
      : { expression: factor, value };
    if (result === undefined) result = next;
    else {
      const sign: ProductSign = ((signs >> (k - 1)) & 1) === 1 ? "odot" : "";
      try {
        const product: Value =
          sign === "odot" ? hadamard(result.value, next.value) : multiply(result.value, next.value, false);
        result = { expression: joined(result.expression, sign, next.expression), value: product };
      } catch (error) {
        if (error instanceof ShapeMismatch) return undefined;
        throw error;
      }
    }
  }
  return result;
}

/** `(Wᵀ)ᵀ` is W. */
function untransposed(factor: Expression): Expression {
  return factor.kind === "transpose" ? factor.of : { kind: "transpose", of: factor };
}

/** Products of one kind need no brackets, and a ⊙ none around what stands side by side. */
function joined(left: Expression, sign: ProductSign, right: Expression): Expression {
  const isOpen = left.kind === "product" && (sign === "odot" || !left.signs.includes("odot"));
  if (isOpen && right.kind !== "product")
    return { kind: "product", factors: [...left.factors, right], signs: [...left.signs, sign] };
  if (right.kind === "product" && sign === "" && !right.signs.includes("odot"))
    return { kind: "product", factors: [left, ...right.factors], signs: [sign, ...right.signs] };
  return { kind: "product", factors: [left, right], signs: [sign] };
}

function flattened(term: Expression, sign: ProductSign = ""): { factor: Expression; sign: ProductSign }[] {
  if (term.kind !== "product") return [{ factor: term, sign }];
  return term.factors.flatMap((factor, k) => flattened(factor, k === 0 ? sign : (term.signs[k - 1] ?? "")));
}

function permutations(count: number): number[][] {
  if (count === 0) return [[]];
  return permutations(count - 1).flatMap((rest) =>
    Array.from({ length: count }, (_, k) => rest.toSpliced(k, 0, count - 1)),
  );
}

function inversions(order: readonly number[]): number {
  return order.reduce((total, a, k) => total + order.slice(k + 1).filter((b) => b < a).length, 0);
}

function bits(mask: number): number {
  return mask === 0 ? 0 : (mask & 1) + bits(mask >> 1);
}
