// What lessons import as "adjoint/claims": statements and formulas that say whether they hold.

export { claim } from "./claim.ts";
export { checkFormula, checkFormulas } from "./formula.ts";
export type { FormulaNames, FormulaText, Gradients, RightHandSide } from "./formula.ts";
export { Problem, problem } from "./problem.ts";
export type { Drawing, ProblemOptions, Sizes, Values } from "./problem.ts";
export { Findings } from "./verdict.ts";
export type { Finding, Verdict } from "./verdict.ts";
