// Fractions of differentials → derivatives: `\partial L / \partial x`, `dL/dx`, and `\frac{d}{dx}` before what it is applied to.

import { OutsideSubset } from "./tokens.ts";
import type { Expression } from "./tree.ts";

/** What a ∂ stands before: `\partial L`, `\partial L(w)`. */
export function differentialOf(expression: Expression): Expression | undefined {
  if (isDifferential(expression)) return expression.args[0];
  if (expression.kind !== "product" || expression.factors.length !== 2) return undefined;
  const [first, argument] = expression.factors;
  if (first === undefined || argument === undefined || !isDifferential(first)) return undefined;
  const [of] = first.args;
  if (of?.kind !== "name" || of.opens !== true) return undefined;
  return { kind: "product", factors: [of, argument], signs: [""] };
}

export function isDifferential(expression: Expression): expression is Extract<Expression, { kind: "call" }> {
  return expression.kind === "call" && expression.name === "partial";
}

/** A d or ∂ alone, over a differential. */
export function isOperator(over: Expression, isOverDifferential: boolean): boolean {
  if (!isOverDifferential) return false;
  return (isDifferential(over) && over.args.length === 0) || (over.kind === "name" && over.base === "d");
}

/** @throws OutsideSubset where `to` is no name. */
export function derivative(of: Expression | undefined, to: Expression | undefined, at: number): Expression {
  if (of === undefined || to?.kind !== "name")
    throw new OutsideSubset("a derivative with respect to what is no name", at);
  return { kind: "derivative", of, to };
}
