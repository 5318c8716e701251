// What the parser makes of a formula. Products are flat, as they are written, for TeX has no sign that says how they group: that is for
// the shapes of the factors to say.

/** Between two factors: nothing or a cross, a dot, or ⊙. */
export type ProductSign = "" | "dot" | "odot";

export type Expression =
  | { kind: "number"; value: number }
  | NameExpression
  | { kind: "sum"; terms: { negative: boolean; term: Expression }[] }
  | { kind: "product"; factors: Expression[]; signs: ProductSign[] }
  | { kind: "quotient"; over: Expression; under: Expression }
  | { kind: "power"; base: Expression; exponent: Expression; elementwise: boolean }
  | { kind: "transpose"; of: Expression }
  | { kind: "call"; name: string; tex: string; primes: number; args: Expression[] }
  /** Arguments of a function that only the scope knows. */
  | { kind: "list"; items: Expression[] }
  | { kind: "element"; of: Expression; indices: string[] }
  | {
      kind: "reduction";
      of: "sum" | "prod";
      index: string | undefined;
      limit: Expression | undefined;
      body: Expression;
    }
  | { kind: "norm"; of: Expression; order: "1" | "2" | "F" | "inf" | "abs" }
  | { kind: "derivative"; of: Expression; to: NameExpression };

export interface NameExpression {
  kind: "name";
  /** Letters, or a command's name, with what a superscript in parentheses adds: `W^{(1)}` is `W1`. */
  base: string;
  /** `1`, `target`, `ij` */
  sub: string | undefined;
  primes: number;
  /** As written. */
  tex: string;
}

/** `a = b = c` has three sides. */
export interface Equation {
  sides: Expression[];
}

export function childrenOf(expression: Expression): Expression[] {
  switch (expression.kind) {
    case "number":
    case "name":
      return [];
    case "sum":
      return expression.terms.map(({ term }) => term);
    case "product":
      return expression.factors;
    case "quotient":
      return [expression.over, expression.under];
    case "power":
      return [expression.base, expression.exponent];
    case "transpose":
    case "element":
    case "norm":
      return [expression.of];
    case "call":
      return expression.args;
    case "list":
      return expression.items;
    case "reduction":
      return expression.limit === undefined ? [expression.body] : [expression.body, expression.limit];
    case "derivative":
      return [expression.of, expression.to];
  }
}

/** All that an expression consists of, itself first. */
export function partsOf(expression: Expression): Expression[] {
  return [expression, ...childrenOf(expression).flatMap(partsOf)];
}

/** How names are compared: `W_{1}`, W1 and `w_1` are the same. */
export function keyOf(name: string): string {
  return name.replace(/[\s{}_\\,^()[\]]/g, "");
}

export function fullName({ base, sub }: NameExpression): string {
  return sub === undefined ? base : `${base}_${sub}`;
}
