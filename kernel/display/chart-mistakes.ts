// What is wrong with a vega-lite specification, where vega-lite itself fails with an error about its own variables, or about an
// expression without saying which.

import { parseExpression } from "vega";
import { isObject, type PlainObject } from "./chart-spec.ts";

const MARKS =
  "arc area bar boxplot circle errorband errorbar geoshape image line point rect rule square text tick trail".split(
    " ",
  );
const EXPRESSIONS = new Set(["filter", "calculate", "expr", "test", "and", "or", "not"]);
/** Rows are no part of the specification's language. */
const ROWS = new Set(["values", "datasets"]);

/** The first mistake that can be named; null when there is none. */
export function mistakeIn(node: unknown): string | null {
  if (Array.isArray(node)) return node.map(mistakeIn).find((mistake) => mistake !== null) ?? null;
  if (!isObject(node)) return null;
  const own = "mark" in node ? mistakeInView(node) : null;
  if (own !== null) return own;
  for (const [key, child] of Object.entries(node)) {
    if (ROWS.has(key)) continue;
    const mistake = EXPRESSIONS.has(key) && typeof child === "string" ? mistakeInExpression(child) : mistakeIn(child);
    if (mistake !== null) return mistake;
  }
  return null;
}

function mistakeInView({ mark, encoding }: PlainObject): string | null {
  const type = isObject(mark) ? mark["type"] : mark;
  if (typeof type !== "string" || !MARKS.includes(type)) {
    return `${JSON.stringify(type)} is no mark; marks are ${MARKS.join(", ")}`;
  }
  return isObject(encoding) ? null : `the mark "${type}" has no encoding, such as encoding: { x: { field: "…" } }`;
}

function mistakeInExpression(expression: string): string | null {
  try {
    parseExpression(expression);
    return null;
  } catch (error) {
    return `${error instanceof Error ? error.message : String(error)} in the expression '${expression}'`;
  }
}
