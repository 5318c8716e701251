// The shapes of expressions, whose sizes are unknowns that definitions make equal (unification), and never 1 by chance. Kinds of names are given; what does
// not conform is a mismatch, and what is odd has a cost.

import type { DefinedFunction } from "./evaluate.ts";
import { elementwise } from "./functions.ts";
import type { Kind } from "./kinds.ts";
import { FUNCTIONS } from "./tex/notation.ts";
import { print } from "./tex/print.ts";
import { indicesOf } from "./tex/scripts.ts";
import { type Expression, fullName, keyOf } from "./tex/tree.ts";

/** A size: a number, or an unknown. That of a number's axes is 1 whatever the problem, and of nothing else. */
type Size = { one: true } | { fixed: number } | { unknown: number };
type Shape = [rows: Size, columns: Size];
interface Shaped {
  shape: Shape;
  indices: readonly string[];
  /** A number that was written as one, or a sum or norm: it may be added to everything. */
  loose: boolean;
  /** A column for each index. */
  isFamily?: true;
}

export interface Known {
  /** Of a name that has a value. */
  shapeOf(key: string): readonly [number, number] | undefined;
  isFunction(name: string): boolean;
  definedFunction(name: string): DefinedFunction | undefined;
  /** Keys of what gradients are of, with those of what they are with respect to. */
  differentiated: ReadonlyMap<string, ReadonlySet<string>>;
  /** There is something that makes no sense of numbers. */
  hasVectors: boolean;
  /** Small letters are numbers. */
  areNumbers: boolean;
}

export interface DefinedName {
  key: string;
  /** Of the left-hand side: `z_i = …` */
  indices: readonly string[];
  expression: Expression;
  /** It is no name's: only its shape counts. */
  isFree?: true;
}

const ONE: Size = { one: true };

export class Mismatch extends Error {}

/** A loss is a number, whatever else. */
const LOSS = /^(?:L|J|E|C|ell|loss|cost|error)$/i;
const WEIGHTS = /^(?:W|w|Theta|theta)/;

export class Inference {
  readonly #known: Known;
  readonly #shapes = new Map<string, Shaped>();
  readonly #leaves: ReadonlyMap<string, Kind>;
  readonly #bindings: (Size | undefined)[] = [];
  readonly #indices = new Map<string, Size>();
  /** Transposed numbers, names with an index that are no numbers, norms of matrices. */
  #odd = 0;
  /** Names of rows that are added to each row of a matrix. */
  readonly eachRow = new Set<string>();
  /** Names that are added to each row or column, and nothing says which. */
  readonly guessed = new Set<string>();

  constructor(known: Known, leaves: ReadonlyMap<string, Kind>) {
    this.#known = known;
    this.#leaves = leaves;
    for (const [name, kind] of leaves) {
      const rows = kind === "number" || kind === "row" ? ONE : this.#unknown();
      const columns = kind === "number" || kind === "column" ? ONE : this.#unknown();
      const family = kind === "family" ? { isFamily: true as const } : {};
      this.#shapes.set(name, { shape: [rows, columns], indices: [], loose: false, ...family });
    }
  }

  define({ key, indices, expression, isFree }: DefinedName): void {
    this.#indices.clear();
    const found = this.#of(expression);
    if (isFree === true) {
      this.#shapes.set(key, { ...found, indices: [] });
      return;
    }
    const [first = "", second] = indices;
    if (indices.length === 0) this.#shapes.set(key, { ...found, indices: [] });
    else if (found.indices.toSorted().join() !== indices.toSorted().join())
      throw new Mismatch(`the two sides of ${key} have other indices`);
    else if (this.#isNumber(found.shape)) {
      const shape: Shape = [this.#index(first), second === undefined ? ONE : this.#index(second)];
      this.#shapes.set(key, { shape, indices: [], loose: false });
    } else if (indices.length === 1 && this.#isOne(found.shape[1])) {
      this.#odd += 3.5;
      this.#shapes.set(key, { shape: [this.#index(first), found.shape[0]], indices: [], loose: false, isFamily: true });
    } else throw new Mismatch(`${key} with its indices is no number`);
  }

  /** What speaks against a reading, beside the kinds of its names. */
  extraCost(): number {
    let cost = this.#odd - this.eachRow.size;
    for (const [of, to] of this.#known.differentiated) {
      const found = this.#shapes.get(of);
      if (found === undefined || this.#isNumber(found.shape)) continue;
      const hasMatrix = [...to].some((key) => {
        const shape = this.#shapes.get(key)?.shape;
        return shape?.every((size) => !this.#isOne(size)) === true;
      });
      const isLoss = LOSS.test(of);
      cost += hasMatrix ? (isLoss ? 20 : 3) : isLoss ? 8 : this.#known.hasVectors ? 1 : 5;
    }
    return cost;
  }

  get families(): Set<string> {
    return new Set([...this.#shapes].flatMap(([key, { isFamily }]) => (isFamily === true ? [key] : [])));
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
    return this.#isOne(rows) && this.#isOne(columns);
  }

  #isOne(size: Size): boolean {
    const found = this.#found(size);
    return "one" in found || ("fixed" in found && found.fixed === 1);
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
        if (whole?.isFamily === true) throw new Mismatch(`${print(expression, "plain")} stands without an index`);
        if (whole !== undefined) return whole;
        const base = this.#named(expression.base);
        const indices = expression.sub === undefined ? undefined : indicesOf(expression.sub);
        if (base !== undefined && indices !== undefined) return this.#element(base, indices, expression);
        // A size such as the n of 1/n, or e.
        return this.#number();
      }
      case "sum":
        return this.#sum(expression);
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
        if (this.#isNumber(shape)) this.#odd += 6;
        return { ...rest, shape: [shape[1], shape[0]] };
      }
      case "element":
        return this.#element(this.#of(expression.of), expression.indices, expression);
      case "call":
        return this.#call(expression);
      case "list":
        throw new Mismatch(`${print(expression, "plain")} is a list`);
      case "reduction": {
        const { shape, indices, loose } = this.#of(expression.body);
        if (expression.index === undefined) return this.#number(indices);
        return { shape, indices: indices.filter((index) => index !== expression.index), loose };
      }
      case "norm": {
        const of = this.#of(expression.of);
        if (expression.order !== "F" && of.shape.every((size) => !this.#isOne(size))) this.#odd += 5;
        return this.#number(of.indices);
      }
      case "ones":
        return { shape: [this.#unknown(), ONE], indices: [], loose: false };
      case "indicator":
        return this.#like(this.#of(expression.left), this.#of(expression.right), expression);
      case "cases": {
        const sides = [expression.condition, expression.value, expression.otherwise];
        return sides.map((side) => this.#of(side)).reduce((a, b) => this.#like(a, b, expression));
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

  #element({ shape, isFamily }: Shaped, indices: readonly string[], where: Expression): Shaped {
    if (isFamily === true && indices.length === 1) {
      this.#unify(this.#index(indices[0] ?? ""), shape[0], where);
      return { shape: [shape[1], ONE], indices, loose: false };
    }
    this.#unify(this.#index(indices[0] ?? ""), shape[0], where);
    this.#unify(indices[1] === undefined ? ONE : this.#index(indices[1]), shape[1], where);
    return this.#number(indices);
  }

  #sum(sum: Extract<Expression, { kind: "sum" }>): Shaped {
    const shaped = sum.terms.map(({ term }) => this.#of(term));
    return shaped.reduce((a, b, k) => {
      const [before, term] = [sum.terms[k - 1]?.term, sum.terms[k]?.term];
      return this.#each(a, b, before, term) ?? this.#each(b, a, term, before) ?? this.#like(a, b, sum);
    });
  }

  /** A vector added to each row or column of a matrix. In `X W + b` rows are examples, and in `W X + b` columns. */
  #each(
    matrix: Shaped,
    vector: Shaped,
    product: Expression | undefined,
    term: Expression | undefined,
  ): Shaped | undefined {
    if (matrix.shape.some((size) => this.#isOne(size))) return undefined;
    const [isRow, isColumn] = vector.shape.map((size) => this.#isOne(size));
    if (isRow === isColumn || product === undefined || term === undefined) return undefined;
    if (product.kind === "name" && this.#leaves.has(keyOf(fullName(product)))) return undefined;
    const names = product.kind === "product" ? product.factors.map((one) => (one.kind === "name" ? one.base : "")) : [];
    const [isFirst, isLast] = [WEIGHTS.test(names[0] ?? ""), WEIGHTS.test(names.at(-1) ?? "")];
    if (isColumn === true && isLast && !isFirst) return undefined;
    const key = term.kind === "name" ? keyOf(fullName(term)) : "";
    if (isRow === true) this.eachRow.add(key);
    if (isRow === true ? !isLast : !isFirst) this.guessed.add(key);
    const axis = isRow === true ? 1 : 0;
    this.#unify(matrix.shape[axis], vector.shape[axis], product);
    return matrix;
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
    const defined = this.#known.definedFunction(name);
    if (defined !== undefined) return this.#applied(defined, values);
    const [first] = values;
    const where: Expression = { name, args, ...rest };
    if (first === undefined) throw new Mismatch(`${name} has no argument`);
    const means = FUNCTIONS.get(name)?.means ?? name;
    if ((means === "softmax" || means === "diag") && this.#isNumber(first.shape))
      throw new Mismatch(`${print(where, "plain")} is of a column`);
    if (means === "trace" || means === "det") this.#unify(first.shape[0], first.shape[1], where);
    if (elementwise(means) !== undefined || means === "softmax" || this.#known.isFunction(name)) return first;
    if (means === "diag") return { ...first, shape: [first.shape[0], first.shape[0]] };
    const all = values.reduce((a, b) => this.#like(a, b, where));
    return means === "max" || means === "min" ? all : this.#number(all.indices);
  }

  /** The body, of parameters that have the arguments' shapes. */
  #applied({ parameters, expression, indices }: DefinedFunction, args: readonly Shaped[]): Shaped {
    const keys = parameters.map(keyOf);
    const former = keys.map((key) => this.#shapes.get(key));
    for (const [k, key] of keys.entries()) this.#shapes.set(key, args[k] ?? this.#number());
    const found = this.#of(expression);
    for (const [k, key] of keys.entries()) {
      const shaped = former[k];
      if (shaped === undefined) this.#shapes.delete(key);
      else this.#shapes.set(key, shaped);
    }
    const [index] = indices;
    return index === undefined ? found : { shape: [this.#index(index), ONE], indices: [], loose: false };
  }
}
