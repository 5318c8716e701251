// What stands in brackets behind a name: arguments, if the name is a function's, and a factor otherwise. The parser cannot tell; here it is known which
// names are functions.

import { FUNCTIONS } from "./tex/notation.ts";
import { type Equation, type Expression, fullName, type NameExpression, rebuilt } from "./tex/tree.ts";

export type IsFunction = (name: string) => boolean;

/** With a call for each `f(…)` whose f is a function. */
export function withCalls(expression: Expression, isFunction: IsFunction): Expression {
  const changed = rebuilt(expression, (child) => withCalls(child, isFunction));
  if (changed.kind === "derivative") return { ...changed, of: differentiated(changed.of, changed.to) };
  if (changed.kind !== "product") return changed;
  const factors: Expression[] = [];
  const signs: typeof changed.signs = [];
  for (let k = 0; k < changed.factors.length; k++) {
    const factor = changed.factors[k] as Expression;
    const next = changed.factors[k + 1];
    if (factors.length > 0) signs.push(changed.signs[k - 1] ?? "");
    if (factor.kind === "name" && next !== undefined && changed.signs[k] === "" && isFunction(fullName(factor))) {
      factors.push(callOf(factor, next));
      k++;
    } else factors.push(factor);
  }
  const [only] = factors;
  return factors.length === 1 && only !== undefined ? only : { ...changed, factors, signs };
}

function callOf(name: NameExpression, argument: Expression): Expression {
  const tex = name.tex.replace(/'+$/, "");
  const args = argument.kind === "list" ? argument.items : [argument];
  return { kind: "call", name: fullName(name), tex, primes: name.primes, args };
}

/** `\partial L(w)`, where L is a value: what it depends on is a remark. And `\partial \sigma` by z is that of σ(z). */
function differentiated(of: Expression, to: NameExpression): Expression {
  if (of.kind === "product") return applicationOf(of)?.name ?? of;
  return of.kind === "name" && FUNCTIONS.has(fullName(of)) ? callOf(of, to) : of;
}

/** A left-hand side `f(x, y)`, of names. */
export interface Application {
  name: NameExpression;
  parameters: string[];
  /** Of `\sigma(z)_i`. */
  indices: string[];
}

export function applicationOf(expression: Expression): Application | undefined {
  if (expression.kind === "element") {
    const of = applicationOf(expression.of);
    return of === undefined ? undefined : { ...of, indices: expression.indices };
  }
  if (expression.kind === "call" && expression.primes === 0 && expression.name !== "inner") {
    const parameters = namesOf(expression.args);
    const { name: base, tex } = expression;
    return parameters && { name: { kind: "name", base, sub: undefined, primes: 0, tex }, parameters, indices: [] };
  }
  if (expression.kind !== "product" || expression.factors.length !== 2 || expression.signs[0] !== "") return undefined;
  const [name, argument] = expression.factors;
  if (name?.kind !== "name" || name.opens !== true || name.primes > 0 || argument === undefined) return undefined;
  const parameters = namesOf(argument.kind === "list" ? argument.items : [argument]);
  return parameters && { name, parameters, indices: [] };
}

function namesOf(expressions: readonly Expression[]): string[] | undefined {
  const names = expressions.flatMap((one) => (one.kind === "name" ? [fullName(one)] : []));
  return names.length === expressions.length && new Set(names).size === names.length ? names : undefined;
}

/** The left-hand side stays, if it is `f(x)`: it says what f is. */
export function equationWithCalls({ sides }: Equation, isFunction: IsFunction): Equation {
  const [left, ...rights] = sides;
  const isLeft = left !== undefined && applicationOf(left) !== undefined;
  return {
    sides: [
      ...(left === undefined ? [] : [isLeft ? left : withCalls(left, isFunction)]),
      ...rights.map((side) => withCalls(side, isFunction)),
    ],
  };
}
