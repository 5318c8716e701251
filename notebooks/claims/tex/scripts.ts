// What stands above and below a primary: a subscript belongs to a name, and what stands above it is a transpose, a power, or, in
// parentheses or as a star, a part of the name.

import { OutsideSubset } from "./tokens.ts";
import type { Expression } from "./tree.ts";

export interface Scripts {
  sub: string | undefined;
  supers: Super[];
  primes: number;
}

export type Super =
  | { kind: "transpose"; inverse: boolean }
  | { kind: "power"; exponent: Expression; elementwise: boolean }
  | { kind: "mark"; text: string };

const MARKS = /^(?:\(([^()]*)\)|\[([^[\]]*)\])?(?:(-?)(?:T|top|intercal)|(prime)|(\*|star))?$/;

/** What stands above and is no exponent, as raw text; `undefined` for an exponent. */
export function marksOf(raw: string): { supers: Super[]; primes: number } | undefined {
  const found = MARKS.exec(raw);
  if (raw === "" || found === null) return undefined;
  const [, round, square, sign, prime, star] = found;
  const mark = round ?? square ?? (star === undefined ? undefined : "*");
  const supers: Super[] = mark === undefined ? [] : [{ kind: "mark", text: mark }];
  if (sign !== undefined) supers.push({ kind: "transpose", inverse: sign === "-" });
  return { supers, primes: prime === undefined ? 0 : 1 };
}

/** `tex` is what is written, `bare` without its scripts. */
export function scripted(
  primary: Expression,
  scripts: Scripts,
  { bare, tex, at }: { bare: string; tex: string; at: number },
): Expression {
  const marks = scripts.supers.flatMap((one) => (one.kind === "mark" ? [one.text] : []));
  const rest = scripts.supers.filter(({ kind }) => kind !== "mark");
  let result = primary;
  if (primary.kind === "name") {
    const base = primary.base + marks.join("");
    const sub = scripts.sub ?? primary.sub;
    // What is raised or transposed is written without that.
    const own = rest.length === 0 ? tex : withoutSupers(bare, scripts, marks);
    result = { ...primary, base, sub, primes: primary.primes + scripts.primes, tex: own };
  } else if (primary.kind === "ones" && marks.length === 0 && scripts.primes === 0) {
    result = { ...primary, size: scripts.sub };
  } else if (marks.length > 0) throw new OutsideSubset(`a superscript in parentheses, ${tex}`, at);
  else if (scripts.primes > 0) throw new OutsideSubset(`a prime on what is no name, ${tex}`, at);
  else if (scripts.sub !== undefined) result = subscripted(primary, scripts.sub, tex, at);
  for (const script of rest) {
    if (script.kind === "power") result = { ...script, base: result };
    else if (script.kind === "transpose") {
      if (script.inverse)
        result = { kind: "power", base: result, exponent: { kind: "number", value: -1 }, elementwise: false };
      result = { kind: "transpose", of: result };
    }
  }
  return result;
}

function subscripted(primary: Expression, sub: string, tex: string, at: number): Expression {
  if (primary.kind === "norm") {
    const order = { 1: "1", 2: "2", F: "F", "∞": "inf", infty: "inf" }[sub];
    if (order === undefined) throw new OutsideSubset(`the norm ${tex}`, at);
    return { ...primary, order: order as "1" };
  }
  const indices = indicesOf(sub);
  if (indices === undefined) throw new OutsideSubset(`the subscript of ${tex}`, at);
  return { kind: "element", of: primary, indices };
}

/** The indices that a subscript consists of, one or two. */
export function indicesOf(sub: string): string[] | undefined {
  const [, first, second] = /^([a-z]),?([a-z])?$/.exec(sub) ?? [];
  if (first === undefined) return undefined;
  return second === undefined ? [first] : [first, second];
}

function withoutSupers(base: string, { sub }: Scripts, marks: readonly string[]): string {
  const above = marks.length === 0 ? "" : `^{(${marks.join("")})}`;
  if (sub === undefined) return base + above;
  const isWord = /^[a-z]{3,}$/i.test(sub);
  return `${base}_${sub.length === 1 ? sub : isWord ? `{\\text{${sub}}}` : `{${sub}}`}${above}`;
}
