// Formulas as a note would have them, their verdicts, and what a formula is with one thing wrong in it.
import { Definitions } from "../../notebooks/claims/definitions.ts";
import { type FormulaText, findingsOf, withExpectation } from "../../notebooks/claims/formula.ts";
import type { Problem } from "../../notebooks/claims/problem.ts";
import { parseFormula } from "../../notebooks/claims/tex/parse.ts";
import { print } from "../../notebooks/claims/tex/print.ts";
import { type Expression, partsOf, rebuilt } from "../../notebooks/claims/tex/tree.ts";
import { checkWritten } from "../../notebooks/claims/written.ts";
import type { Finding } from "../../notebooks/claims/verdict.ts";

export interface Options {
  problem?: Problem;
  cells?: Record<string, unknown>;
}

/** In the order of a note. */
export function checked(formulas: readonly string[], options?: Options): Finding[] {
  const { texts, context } = noteOf(formulas, options);
  return findingsOf(texts, context);
}

/** Of the last one alone. */
export function last(formulas: readonly string[], options?: Options): Finding {
  const { texts, context } = noteOf(formulas, options);
  context.definitions.take(texts, context.problem);
  const [text] = texts.slice(-1);
  return withExpectation(checkWritten(text as FormulaText, context), text as FormulaText);
}

function noteOf(formulas: readonly string[], { problem, cells = {} }: Options = {}) {
  const texts: FormulaText[] = formulas.map((one, k) => ({ place: `$$${k + 1}`, tex: one }));
  return { texts, context: { problem, cells, definitions: new Definitions() } };
}

/** The formula with one thing wrong in its right-hand side: every sign, transpose, order, factor and prime that it has. */
export function mutations(formula: string): string[] {
  const [equation] = parseFormula(formula);
  const [left, right] = [equation?.sides[0], equation?.sides.at(-1)] as [Expression, Expression];
  const whole: Expression[] = [
    { kind: "sum", terms: [{ negative: true, term: right }] },
    { kind: "product", factors: [{ kind: "number", value: 2 }, right], signs: [""] },
  ];
  const inside = partsOf(right)
    .filter(
      (part) => !partsOf(right).some((other) => other.kind === "derivative" && partsOf(other).slice(1).includes(part)),
    )
    .flatMap((part) => changesOf(part).map((changed) => replaced(right, part, changed)));
  return [...whole, ...inside].map((side) => `${print(left)} = ${print(side)}`);
}

function changesOf(part: Expression): Expression[] {
  if (part.kind === "transpose") return [part.of];
  if (part.kind === "call" && part.primes > 0) return [{ ...part, primes: 0 }];
  if (part.kind === "name" && /^[a-z]{2}$/.test(part.sub ?? "")) {
    const sub = [...(part.sub ?? "")].toReversed().join("");
    return [{ ...part, sub, tex: `${part.base}_{${sub}}` }];
  }
  if (part.kind === "indicator") return [{ ...part, left: part.right, right: part.left }];
  if (part.kind === "ones") return [{ kind: "number", value: 1 }];
  if (part.kind === "sum") {
    return part.terms.map((term, k) => ({ ...part, terms: part.terms.with(k, { ...term, negative: !term.negative }) }));
  }
  if (part.kind !== "product") return [];
  // Numbers and elements may stand in any order.
  const isMatrix = (one: Expression | undefined): boolean =>
    one !== undefined &&
    partsOf(one).some(({ kind }) => kind === "transpose" || kind === "derivative" || kind === "product");
  const swapped = part.factors.flatMap((factor, k): Expression[] => {
    const next = part.factors[k + 1];
    const isOuter = factor.kind === "transpose" || next?.kind === "transpose";
    if (next === undefined || [factor, next].some(({ kind }) => kind === "number" || kind === "quotient")) return [];
    if (part.signs[k] === "odot" || !isOuter || !(isMatrix(factor) || isMatrix(next))) return [];
    return [{ ...part, factors: part.factors.with(k, next).with(k + 1, factor) }];
  });
  const matrices = part.signs.flatMap((sign, k): Expression[] =>
    sign === "odot" ? [{ ...part, signs: part.signs.with(k, "") }] : [],
  );
  return [...swapped, ...matrices];
}

function replaced(whole: Expression, part: Expression, by: Expression): Expression {
  return whole === part ? by : rebuilt(whole, (child) => replaced(child, part, by));
}
