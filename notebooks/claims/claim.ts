// A statement of the text, and the evidence for it.

import { Tensor } from "adjoint";
import { type Finding, Findings } from "./verdict.ts";

type Evidence = boolean | Tensor;

/**
 * Says whether a statement holds: by a boolean, a tensor that holds one, or a function that gives either. Shows the verdict; evidence that
 * is something else, or fails, makes the statement not checkable.
 *
 * @example
 * claim("the sigmoid is symmetric", sigmoid(tensor(-2)).add(sigmoid(tensor(2))).item() === 1);
 */
export function claim(
  statement: string,
  evidence: Evidence | (() => Evidence),
  options: { expect?: "refuted" } = {},
): Findings {
  const expected = options.expect === undefined ? {} : { expected: options.expect };
  return new Findings([{ claim: statement, warnings: [], ...expected, ...outcome(evidence) }]);
}

function outcome(evidence: unknown): Pick<Finding, "verdict" | "detail"> {
  try {
    const found: unknown = typeof evidence === "function" ? (evidence as () => unknown)() : evidence;
    const value =
      found instanceof Tensor && found.numel() === 1 && found.dtype === "bool" ? Boolean(found.item()) : found;
    if (value === true) return { verdict: "holds", detail: "computed" };
    if (value === false) return { verdict: "refuted (value)", detail: "computed" };
    const hint = value instanceof Promise ? "a promise: await it" : `${typeof value}: compare it with something`;
    return { verdict: "not checkable", detail: `the evidence must be true or false, not ${hint}` };
  } catch (error) {
    // The user's function failed: that is the finding.
    return { verdict: "not checkable", detail: error instanceof Error ? error.message : String(error) };
  }
}
