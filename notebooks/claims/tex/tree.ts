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
  | { kind: "derivative"; of: Expression; to: NameExpression }
  /** `\mathbf{1}`: a column of as many as fit. */
  | { kind: "ones"; size: string | undefined }
  /** `\mathbb{1}[a > b]` */
  | ComparisonExpression
  | { kind: "cases"; condition: ComparisonExpression; value: Expression; otherwise: Expression };

export type Comparison = ">" | "<" | "≥" | "≤" | "=" | "≠";

export interface ComparisonExpression {
  kind: "indicator";
  left: Expression;
  sign: Comparison;
  right: Expression;
}

export interface NameExpression {
  kind: "name";
  /** Letters, or a command's name, with what a superscript in parentheses adds: `W^{(1)}` is `W1`. */
  base: string;
  /** `1`, `target`, `ij` */
  sub: string | undefined;
  primes: number;
  /** As written. */
  tex: string;
  /** A bracket stands right behind it: it may be the name of a function. */
  opens?: true;
}

/** `a = b = c` has three sides. */
export interface Equation {
  sides: Expression[];
}

export function childrenOf(expression: Expression): Expression[] {
  const children: Expression[] = [];
  rebuilt(expression, (child) => {
    children.push(child);
    return child;
  });
  return children;
}

/** The same, of changed children. The variable of a derivative stays. */
export function rebuilt(expression: Expression, change: (child: Expression) => Expression): Expression {
  switch (expression.kind) {
    case "number":
    case "name":
    case "ones":
      return expression;
    case "sum":
      return { ...expression, terms: expression.terms.map((one) => ({ ...one, term: change(one.term) })) };
    case "product":
      return { ...expression, factors: expression.factors.map(change) };
    case "quotient":
      return { ...expression, over: change(expression.over), under: change(expression.under) };
    case "power":
      return { ...expression, base: change(expression.base), exponent: change(expression.exponent) };
    case "transpose":
    case "element":
    case "norm":
      return { ...expression, of: change(expression.of) };
    case "call":
      return { ...expression, args: expression.args.map(change) };
    case "list":
      return { ...expression, items: expression.items.map(change) };
    case "reduction": {
      const { limit } = expression;
      return {
        ...expression,
        body: change(expression.body),
        limit: limit === undefined ? undefined : change(limit),
      };
    }
    case "derivative": {
      const { to } = expression;
      const of = change(expression.of);
      change(to);
      return { ...expression, of };
    }
    case "indicator":
      return { ...expression, left: change(expression.left), right: change(expression.right) };
    case "cases": {
      const { condition } = expression;
      return {
        ...expression,
        condition: { ...condition, left: change(condition.left), right: change(condition.right) },
        value: change(expression.value),
        otherwise: change(expression.otherwise),
      };
    }
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
