// Which shapes the names of a note have, where no code says it: those with which its definitions conform. A capital is a matrix and a small letter a
// column, unless only something else fits; sizes are unknowns that the definitions make equal (unification), and never 1 by chance.

import { print } from "./tex/print.ts";
import { indicesOf } from "./tex/scripts.ts";
import { type Expression, fullName, keyOf } from "./tex/tree.ts";
import { FUNCTIONS } from "./tex/notation.ts";
import { elementwise } from "./functions.ts";

/** A size: a number, or an unknown. That of a number's axes is 1 whatever the problem, and of nothing else. */
type Size = { one: true } | { fixed: number } | { unknown: number };
type Shape = [rows: Size, columns: Size];
interface Shaped {
  shape: Shape;
  indices: readonly string[];
  /** A number that was written as one, or a sum or norm: it may be added to everything. */
  loose: boolean;
}

export type Kind = "column" | "matrix" | "number" | "row";

export interface Known {
  /** Of a name that has a value. */
  shapeOf(key: string): readonly [number, number] | undefined;
  isFunction(name: string): boolean;
  /** Keys of what gradients are of. */
  differentiated: ReadonlySet<string>;
}

export interface DefinedName {
  key: string;
  /** Of the left-hand side: `z_i = …` */
  indices: readonly string[];
  expression: Expression;
}

export interface InferredShapes {
  shapes: Map<string, { kind: Kind; rows: number; columns: number }>;
  /** Names whose letters promise something else. */
  unusual: string[];
}

const ONE: Size = { one: true };
/** More combinations than anybody waits for. */
const MOST_TRIED = 2000;

class Mismatch extends Error {}

/** `draw` gives a size that no other has. A string says why there are no shapes. */
export function inferShapes(
  definitions: readonly DefinedName[],
  leaves: readonly string[],
  known: Known,
  draw: () => number,
): InferredShapes | string {
  const { differentiated } = known;
  let tried = 0;
  let problem = "";
  let best: { inference: Inference; kinds: Kind[]; cost: number } | undefined;
  for (const { kinds, cost } of assignments(leaves)) {
    if (tried++ > MOST_TRIED || (best !== undefined && cost >= best.cost)) break;
    const inference = new Inference(known, new Map(leaves.map((leaf, k) => [leaf, kinds[k] ?? "column"])));
    try {
      for (const definition of definitions) inference.define(definition);
    } catch (error) {
      if (!(error instanceof Mismatch)) throw error;
      problem ||= error.message;
      continue;
    }
    // What is differentiated is a number rather than a column.
    const total = cost + (definitions.every(({ key }) => !differentiated.has(key) || inference.isNumber(key)) ? 0 : 5);
    if (best === undefined || total < best.cost) best = { inference, kinds, cost: total };
  }
  if (best === undefined) return `no shapes of ${leaves.join(", ")} fit the definitions: ${problem}`;
  const { kinds, inference } = best;
  const unusual = leaves.filter((leaf, k) => candidates(leaf).find(({ kind }) => kind === kinds[k])?.unusual === true);
  return { shapes: inference.sizes(draw), unusual };
}

interface Candidate {
  kind: Kind;
  cost: number;
  /** Against what the letter promises. */
  unusual?: true;
}

function candidates(name: string): Candidate[] {
  if (/^(?:alpha|beta|gamma|lambda|eta|epsilon|mu|tau|[nmNMdkK])$/.test(name))
    return [
      { kind: "number", cost: 0 },
      { kind: "column", cost: 7, unusual: true },
      { kind: "matrix", cost: 3, unusual: true },
    ];
  if (/^[A-ZΑ-Ω]/.test(name) && !/^(?:Delta|Theta|Lambda|Sigma|Phi|Psi|Omega|Gamma|Pi|Xi)/.test(name))
    return [
      { kind: "matrix", cost: 0 },
      { kind: "column", cost: 7, unusual: true },
      { kind: "number", cost: 6, unusual: true },
    ];
  return [
    { kind: "column", cost: 0 },
    { kind: "row", cost: 3.2, unusual: true },
    { kind: "number", cost: 1.5 },
  ];
}

/** Kinds of all names, the most usual first. */
function* assignments(leaves: readonly string[]): Generator<{ kinds: Kind[]; cost: number }> {
  const all = leaves.map(candidates);
  let costs = [0];
  for (const list of all) costs = [...new Set(costs.flatMap((cost) => list.map((one) => cost + one.cost)))];
  for (const cost of costs.toSorted((a, b) => a - b)) for (const kinds of atCost(all, cost)) yield { kinds, cost };
}

function* atCost(all: readonly Candidate[][], cost: number): Generator<Kind[]> {
  const [first, ...rest] = all;
  if (first === undefined) {
    if (cost === 0) yield [];
    return;
  }
  for (const one of first) {
    if (one.cost > cost) continue;
    for (const others of atCost(rest, cost - one.cost)) yield [one.kind, ...others];
  }
}

class Inference {
  readonly #known: Known;
  readonly #shapes = new Map<string, Shaped>();
  readonly #leaves: ReadonlyMap<string, Kind>;
  readonly #bindings: (Size | undefined)[] = [];
  readonly #indices = new Map<string, Size>();

  constructor(known: Known, leaves: ReadonlyMap<string, Kind>) {
    this.#known = known;
    this.#leaves = leaves;
    for (const [name, kind] of leaves) {
      const rows = kind === "number" || kind === "row" ? ONE : this.#unknown();
      const columns = kind === "number" || kind === "column" ? ONE : this.#unknown();
      this.#shapes.set(name, { shape: [rows, columns], indices: [], loose: false });
    }
  }

  define({ key, indices, expression }: DefinedName): void {
    this.#indices.clear();
    const found = this.#of(expression);
    const axes = indices.map((index) => this.#index(index));
    const shape: Shape = axes.length === 0 ? found.shape : [axes[0] ?? ONE, axes[1] ?? ONE];
    this.#shapes.set(key, { shape, indices: [], loose: found.loose });
  }

  isNumber(key: string): boolean {
    const found = this.#shapes.get(key);
    return found !== undefined && this.#isNumber(found.shape);
  }

  sizes(draw: () => number): Map<string, { kind: Kind; rows: number; columns: number }> {
    const drawn = new Map<number, number>();
    const size = (given: Size): number => {
      const found = this.#found(given);
      if ("one" in found) return 1;
      if ("fixed" in found) return found.fixed;
      const number = drawn.get(found.unknown) ?? draw();
      drawn.set(found.unknown, number);
      return number;
    };
    return new Map(
      [...this.#leaves].map(([name, kind]) => {
        const [rows, columns] = this.#shapes.get(name)?.shape ?? [ONE, ONE];
        return [name, { kind, rows: size(rows), columns: size(columns) }];
      }),
    );
  }

  #unknown(): Size {
    return { unknown: this.#bindings.push(undefined) - 1 };
  }

  #found(size: Size): Size {
    const bound = "unknown" in size ? this.#bindings[size.unknown] : undefined;
    return bound === undefined ? size : this.#found(bound);
  }

  #unify(one: Size, other: Size, where: Expression): void {
    const a = this.#found(one);
    const b = this.#found(other);
    if ("unknown" in a && "unknown" in b) {
      if (a.unknown !== b.unknown) this.#bindings[a.unknown] = b;
    } else if ("unknown" in a && "fixed" in b) this.#bindings[a.unknown] = b;
    else if ("unknown" in b && "fixed" in a) this.#bindings[b.unknown] = a;
    else if ("one" in a !== "one" in b || ("fixed" in a && "fixed" in b && a.fixed !== b.fixed)) {
      const fixed = "fixed" in a ? a.fixed : "fixed" in b ? b.fixed : undefined;
      if (fixed !== 1) throw new Mismatch(`${print(where, "plain")} does not conform`);
    }
  }

  #same(a: Shape, b: Shape, where: Expression): void {
    this.#unify(a[0], b[0], where);
    this.#unify(a[1], b[1], where);
  }

  #index(index: string): Size {
    const size = this.#indices.get(index) ?? this.#unknown();
    this.#indices.set(index, size);
    return size;
  }

  #isNumber([rows, columns]: Shape): boolean {
    return [rows, columns].every((size) => {
      const found = this.#found(size);
      return "one" in found || ("fixed" in found && found.fixed === 1);
    });
  }

  #number(indices: readonly string[] = []): Shaped {
    return { shape: [ONE, ONE], indices, loose: true };
  }

  #of(expression: Expression): Shaped {
    switch (expression.kind) {
      case "number":
        return this.#number();
      case "name": {
        const whole = this.#named(fullName(expression) + "'".repeat(expression.primes));
        if (whole !== undefined) return whole;
        const base = this.#named(expression.base);
        const indices = expression.sub === undefined ? undefined : indicesOf(expression.sub);
        if (base !== undefined && indices !== undefined) return this.#element(base, indices, expression);
        // A size such as the n of 1/n, or e.
        return this.#number();
      }
      case "sum":
        return expression.terms.map(({ term }) => this.#of(term)).reduce((a, b) => this.#like(a, b, expression));
      case "product":
        return this.#product(expression);
      case "quotient":
        return this.#like(this.#of(expression.over), this.#of(expression.under), expression);
      case "power":
        this.#of(expression.exponent);
        if (expression.base.kind === "name" && fullName(expression.base) === "e" && this.#named("e") === undefined)
          return this.#of(expression.exponent);
        return this.#of(expression.base);
      case "transpose": {
        const { shape, ...rest } = this.#of(expression.of);
        return { ...rest, shape: [shape[1], shape[0]] };
      }
      case "element":
        return this.#element(this.#of(expression.of), expression.indices, expression);
      case "call":
        return this.#call(expression);
      case "list":
        throw new Mismatch(`${print(expression, "plain")} is a list`);
      case "reduction": {
        const { indices } = this.#of(expression.body);
        return this.#number(indices.filter((index) => index !== expression.index));
      }
      case "norm": {
        const of = this.#of(expression.of);
        return this.#number(of.indices);
      }
      case "derivative": {
        const of = this.#of(expression.of);
        const to = this.#of(expression.to);
        const shape: Shape = this.#isNumber(of.shape) ? to.shape : [of.shape[0], to.shape[0]];
        return { shape, indices: [...of.indices, ...to.indices], loose: false };
      }
    }
  }

  #named(name: string): Shaped | undefined {
    const key = keyOf(name);
    const found = this.#shapes.get(key);
    if (found !== undefined) return found;
    const known = this.#known.shapeOf(key);
    if (known === undefined) return undefined;
    const isColumn = known[1] === 1;
    const shape: Shape = [{ fixed: known[0] }, isColumn ? ONE : { fixed: known[1] }];
    return { shape, indices: [], loose: false };
  }

  #element({ shape }: Shaped, indices: readonly string[], where: Expression): Shaped {
    this.#unify(this.#index(indices[0] ?? ""), shape[0], where);
    this.#unify(indices[1] === undefined ? ONE : this.#index(indices[1]), shape[1], where);
    return this.#number(indices);
  }

  #like(a: Shaped, b: Shaped, where: Expression): Shaped {
    const indices = [...new Set([...a.indices, ...b.indices])];
    if (a.loose && this.#isNumber(a.shape)) return { ...b, indices };
    if (b.loose && this.#isNumber(b.shape)) return { ...a, indices };
    if (where.kind === "quotient" && this.#isNumber(b.shape)) return { ...a, indices };
    this.#same(a.shape, b.shape, where);
    return { ...a, indices };
  }

  #product({ factors, signs, ...rest }: Extract<Expression, { kind: "product" }>): Shaped {
    const where: Expression = { ...rest, factors, signs };
    const shaped: Shaped[] = [];
    for (const [k, factor] of factors.entries()) {
      const before = factors[k - 1];
      // The argument of a function that the scope knows.
      if (before?.kind === "name" && this.#known.isFunction(fullName(before))) shaped.pop();
      shaped.push(this.#of(factor));
    }
    const groups: Shaped[] = [];
    for (const [k, b] of shaped.entries()) {
      const a = groups.at(-1);
      if (a === undefined || (signs[k - 1] === "odot" && shaped.length === factors.length)) groups.push(b);
      else groups.splice(-1, 1, this.#times(a, b, signs[k - 1] === "dot", where));
    }
    return groups.reduce((a, b) => {
      this.#same(a.shape, b.shape, where);
      return a;
    });
  }

  #times(a: Shaped, b: Shaped, dot: boolean, where: Expression): Shaped {
    const indices = [...new Set([...a.indices, ...b.indices])];
    const loose = a.loose && b.loose;
    if (this.#isNumber(a.shape)) return { shape: b.shape, indices, loose };
    if (this.#isNumber(b.shape)) return { shape: a.shape, indices, loose };
    const columns = [a, b].every(({ shape }) => "one" in this.#found(shape[1]));
    if (dot && columns) {
      this.#unify(a.shape[0], b.shape[0], where);
      return { shape: [ONE, ONE], indices, loose: false };
    }
    this.#unify(a.shape[1], b.shape[0], where);
    const shape: Shape = [a.shape[0], b.shape[1]];
    return { shape, indices, loose: false };
  }

  #call({ name, args, ...rest }: Extract<Expression, { kind: "call" }>): Shaped {
    const values = args.map((arg) => this.#of(arg));
    const [first] = values;
    const where: Expression = { name, args, ...rest };
    if (first === undefined) throw new Mismatch(`${name} has no argument`);
    const means = FUNCTIONS.get(name)?.means ?? name;
    if (elementwise(means) !== undefined || means === "softmax" || this.#known.isFunction(name)) return first;
    if (means === "diag") return { ...first, shape: [first.shape[0], first.shape[0]] };
    const all = values.reduce((a, b) => this.#like(a, b, where));
    return means === "max" || means === "min" ? all : this.#number(all.indices);
  }
}
