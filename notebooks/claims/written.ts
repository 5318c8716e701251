// Checks a formula as it is written, with nothing bound to it. Whoever reads TeX does it here: from the formula and the problem in scope
// to an outcome. So far no TeX is read, and every formula is left unchecked.

import type { FormulaText, Outcome } from "./formula.ts";
import type { Problem } from "./problem.ts";

/** The verdict on a formula by itself; `problem` is that which was declared last. Never throws. */
export function checkWritten({ tex }: FormulaText, problem: Problem | undefined): Outcome {
  if (!/(?<![<>!\\])=/.test(tex)) return { verdict: "not checkable", detail: "it is no equation" };
  if (problem === undefined) return { verdict: "not checked", detail: "no problem is declared before it" };
  return { verdict: "not checked", detail: "no code is bound to it" };
}
