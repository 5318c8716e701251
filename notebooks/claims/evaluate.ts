// Expressions → values, on numbers that were drawn. Products have no bracket in TeX: ⊙ holds less than what stands side by side, and where that does not
// conform, all hold from left to right. Gradients come from the library's tape.

import { inverse, pow, type Tensor, where } from "adjoint";
import { applied, elementwise, mapped, norm, type NumberFunction } from "./functions.ts";
import { derivativeOf, pulledBack, TooManyAxes } from "./gradients.ts";
import { FUNCTIONS } from "./tex/notation.ts";
import { print } from "./tex/print.ts";
import { indicesOf } from "./tex/scripts.ts";
import {
  type ComparisonExpression,
  type Expression,
  fullName,
  keyOf,
  type NameExpression,
  partsOf,
} from "./tex/tree.ts";
import {
  add, coreOf, divide, element, gathered, hadamard, isAddedToEach, isNumber, multiply, numberValue, onesValue, reduced, repeated, settled, ShapeMismatch,
  shapeText, transpose, type Value, valueOf,
} from "./values.ts"; // prettier-ignore

/** What names stand for. */
export interface Names {
  /** The tensor itself, with respect to which gradients are taken. */
  tensorOf(name: string): Tensor | undefined;
  functionOf(name: string): NumberFunction | undefined;
  /** What the note says of a function: `f(x) = …` */
  definedFunction(name: string): DefinedFunction | undefined;
  /** Whether with one index it is a column: an example of several. */
  isFamily(name: string): boolean;
  /** Of a size that has a name, such as the n of 1/n. */
  sizeOf(name: string): number | undefined;
}

export interface DefinedFunction {
  parameters: readonly string[];
  indices: readonly string[];
  expression: Expression;
}

/** How a formula was read, where it is not the only way. */
export type Reading = "inner product" | "each" | "chain";

type Of<K extends Expression["kind"]> = Extract<Expression, { kind: K }>;

export class Evaluator {
  readonly #names: Names;
  /** Names that stand for something here only. */
  readonly #bound: ReadonlyMap<string, Value>;
  readonly readings: Set<Reading>;
  readonly #gradients = new Map<string, Value>();

  constructor(names: Names, bound: ReadonlyMap<string, Value> = new Map(), readings = new Set<Reading>()) {
    this.#names = names;
    this.#bound = bound;
    this.readings = readings;
  }

  /** @throws ShapeMismatch where shapes do not fit; TypeError for what cannot be told. */
  value(expression: Expression): Value {
    switch (expression.kind) {
      case "number":
        return numberValue(expression.value);
      case "name":
        return this.#name(expression);
      case "sum":
        return this.#sum(expression);
      case "product":
        return this.#product(expression);
      case "quotient":
        return this.#told(expression, () => divide(this.value(expression.over), this.value(expression.under)));
      case "power":
        return this.#power(expression);
      case "transpose":
        return transpose(this.value(expression.of));
      case "call":
        return this.#call(expression);
      case "list":
        throw new TypeError(`the list ${print(expression, "plain")} is no argument of a function that is known`);
      case "element":
        return this.#told(expression, () => element(this.value(expression.of), expression.indices));
      case "reduction":
        return this.#reduction(expression);
      case "norm":
        return norm(this.value(expression.of), expression.order);
      case "derivative":
        return this.#derivative(expression);
      case "ones":
        return onesValue(expression.size === undefined ? undefined : this.#names.sizeOf(expression.size));
      case "indicator":
        return this.#indicator(expression);
      case "cases":
        return this.#cases(expression);
    }
  }

  /** Says of a mismatch what it is in. */
  #told(expression: Expression, compute: () => Value): Value {
    try {
      return compute();
    } catch (error) {
      if (!(error instanceof ShapeMismatch) || error.message.includes(": ")) throw error;
      throw new ShapeMismatch(`${print(expression, "plain")}: ${error.message}`);
    }
  }

  #name(name: NameExpression): Value {
    const found = this.#resolved(name);
    if (found === undefined) throw new TypeError(`nothing says what ${print(name, "plain")} is`);
    const value = found.name === undefined ? found.value : this.#named(found.name);
    const isFamily = found.name !== undefined && this.#names.isFamily(found.name);
    return found.indices.length === 0 ? value : this.#told(name, () => element(value, found.indices, isFamily));
  }

  #named(name: string): Value {
    const tensor = this.#names.tensorOf(name);
    if (tensor === undefined) throw new TypeError(`nothing says what ${name} is`);
    return valueOf(tensor);
  }

  /** A name is one of the scope, or an element of one: `x_i`. */
  #resolved(
    name: NameExpression,
  ):
    | { name: string; value?: never; indices: string[] }
    | { name: undefined; value: Value; indices: string[] }
    | undefined {
    const whole = fullName(name) + "'".repeat(name.primes);
    const bound = this.#bound.get(whole);
    if (bound !== undefined) return { name: undefined, value: bound, indices: [] };
    if (this.#names.tensorOf(whole) !== undefined) return { name: whole, indices: [] };
    const size = this.#names.sizeOf(whole);
    if (size !== undefined) return { name: undefined, value: numberValue(size), indices: [] };
    const indices = name.sub === undefined ? undefined : indicesOf(name.sub);
    const base = this.#bound.get(name.base);
    if (indices !== undefined && base !== undefined) return { name: undefined, value: base, indices };
    if (indices !== undefined && this.#names.tensorOf(name.base) !== undefined) return { name: name.base, indices };
    if (whole === "pi") return { name: undefined, value: numberValue(Math.PI), indices: [] };
    return undefined;
  }

  #sum({ terms }: Of<"sum">): Value {
    let total: Value | undefined;
    for (const { negative, term } of terms) {
      const value = this.value(term);
      const sum: Expression = { kind: "sum", terms };
      const before = total;
      if (before !== undefined && (isAddedToEach(value, before) || isAddedToEach(before, value)))
        this.readings.add("each");
      total =
        before === undefined
          ? negative
            ? multiply(numberValue(-1), value, false)
            : value
          : this.#told(sum, () => add(before, value, negative));
    }
    return total ?? numberValue(0);
  }

  #product(product: Of<"product">): Value {
    const values = (): Value[] => product.factors.map((factor) => this.value(factor));
    const links = product.factors.map((factor, k) => k > 0 && this.#isLink(product.factors[k - 1], factor));
    if (!links.includes(true)) return this.#multiplied(product, values());
    try {
      return this.#multiplied(product, values());
    } catch (error) {
      if (!(error instanceof ShapeMismatch || error instanceof TooManyAxes)) throw error;
      const chained = this.#chained(product, links);
      if (chained === undefined) throw error;
      this.readings.add("chain");
      return chained;
    }
  }

  /** `∂L/∂y ∂y/∂x` */
  #isLink(before: Expression | undefined, next: Expression): boolean {
    if (before?.kind !== "derivative" || next.kind !== "derivative" || next.of.kind !== "name") return false;
    return keyOf(fullName(before.to)) === keyOf(fullName(next.of));
  }

  /** A chain sums over the variable between two derivatives, whatever its shape. */
  #chained({ factors, signs }: Of<"product">, links: readonly boolean[]): Value | undefined {
    const values: Value[] = [];
    const between: typeof signs = [];
    for (const [k, factor] of factors.entries()) {
      const last = values.at(-1);
      if (links[k] === true && last !== undefined && factor.kind === "derivative") {
        const [through, variable] = [factor.of, factor.to].map((one) => this.#tensorOf(one));
        const next = through && variable && pulledBack(last, through, variable);
        if (next === undefined) return undefined;
        values[values.length - 1] = next;
      } else {
        if (k > 0) between.push(signs[k - 1] ?? "");
        values.push(this.value(factor));
      }
    }
    return this.#multiplied({ kind: "product", factors, signs: between }, values);
  }

  #tensorOf(expression: Expression): Tensor | undefined {
    const found = expression.kind === "name" ? this.#resolved(expression) : undefined;
    return found?.name === undefined || found.indices.length > 0 ? undefined : this.#names.tensorOf(found.name);
  }

  #multiplied(product: Of<"product">, values: readonly Value[]): Value {
    const { signs } = product;
    const times = (a: Value, b: Value, k: number): Value => {
      if (signs[k] === "odot") return hadamard(a, b);
      const result = multiply(a, b, signs[k] === "dot");
      const areColumns = coreOf(a)[1] === 1 && coreOf(b)[1] === 1 && !isNumber(a) && !isNumber(b);
      if (signs[k] === "dot" && areColumns) this.readings.add("inner product");
      return result;
    };
    const leftToRight = (): Value => values.reduce((a, b, k) => times(a, b, k - 1));
    if (!signs.includes("odot") || signs.every((sign) => sign === "odot")) return this.#told(product, leftToRight);
    try {
      const parts: Value[] = [];
      for (const [k, value] of values.entries()) {
        const last = parts.at(-1);
        if (last === undefined || signs[k - 1] === "odot") parts.push(value);
        else parts.push(times(parts.pop() ?? last, value, k - 1));
      }
      return parts.reduce(hadamard);
    } catch (error) {
      if (!(error instanceof ShapeMismatch)) throw error;
      return this.#told(product, leftToRight);
    }
  }

  #power(power: Of<"power">): Value {
    const { base, exponent, elementwise: byNumber } = power;
    if (base.kind === "name" && fullName(base) === "e" && this.#resolved(base) === undefined) {
      return mapped(elementwise("exp") as NumberFunction, 0, this.value(exponent));
    }
    const value = settled(this.value(base), "a power");
    const times = this.value(exponent);
    if (!isNumber(times))
      throw new ShapeMismatch(`${print(power, "plain")}: the exponent is ${shapeText(times)}, no number`);
    const [rows, columns] = coreOf(value);
    const isMatrix = rows === columns && rows !== 1;
    if (!byNumber && exponent.kind === "sum" && times.tensor.item() === -1 && !isNumber(value))
      return this.#inverse(power, value);
    if (!byNumber && exponent.kind === "number" && exponent.value === -1 && !isNumber(value))
      return this.#inverse(power, value);
    if (!byNumber && isMatrix) {
      if (exponent.kind !== "number" || !Number.isInteger(exponent.value) || exponent.value < 1 || exponent.value > 20)
        throw new TypeError(`${print(power, "plain")}: of a matrix only whole powers are read`);
      let result = value;
      for (let k = 1; k < exponent.value; k++) result = multiply(result, value, false);
      return result;
    }
    // A whole exponent, so that negative numbers have powers.
    if (exponent.kind === "number") return { tensor: pow(value.tensor, exponent.value), indices: value.indices };
    const both = add(value, multiply(numberValue(0), times, false));
    return { tensor: pow(both.tensor, times.tensor), indices: both.indices };
  }

  #inverse(power: Expression, value: Value): Value {
    const [rows, columns] = coreOf(value);
    if (rows !== columns) throw new ShapeMismatch(`${print(power, "plain")}: ${shapeText(value)} is not square`);
    return { tensor: inverse(value.tensor), indices: value.indices };
  }

  #call({ name, tex, primes, args }: Of<"call">): Value {
    if (name === "partial") throw new TypeError("a ∂ that stands in no derivative");
    const defined = this.#names.definedFunction(name);
    if (defined !== undefined) return this.#callOfDefined(defined, { tex, primes, args });
    const f = this.#names.functionOf(name) ?? elementwise(FUNCTIONS.get(name)?.means ?? "");
    const values = args.map((arg) => this.value(arg));
    const [only] = values;
    if (f !== undefined) {
      if (only === undefined || values.length !== 1)
        throw new TypeError(`${tex} takes one argument, not ${values.length}`);
      return mapped(f, primes, only);
    }
    if (primes > 0) throw new TypeError(`${tex}' is a derivative that is not read`);
    return applied(FUNCTIONS.get(name)?.means ?? name, values);
  }

  #callOfDefined(f: DefinedFunction, call: { tex: string; primes: number; args: readonly Expression[] }): Value {
    const { parameters } = f;
    const values = call.args.map((arg) => this.value(arg));
    const tex = plainName(call.tex);
    if (values.length !== parameters.length)
      throw new TypeError(`${tex} takes ${parameters.length} arguments, not ${values.length}`);
    const of = (args: readonly Value[]): Value => {
      const bound = new Map(parameters.map((name, k) => [name, args[k] as Value]));
      const found = new Evaluator(this.#names, bound, this.readings).value(f.expression);
      return f.indices.length === 0 ? found : { tensor: gathered(found, f.indices), indices: [] };
    };
    const [only] = values;
    if (call.primes === 0 || only === undefined) return of(values);
    const ofTensor = (tensor: Tensor): Tensor => of([{ ...only, tensor }]).tensor;
    const first = numberValue(Number(only.tensor.data[0]));
    const whole = of([only]);
    const isOfNumbers =
      coreOf(whole).join() === coreOf(only).join() &&
      Math.abs(Number(whole.tensor.data[0]) - of([first]).tensor.item()) < 1e-9;
    if (values.length !== 1 || !isOfNumbers)
      throw new TypeError(`${tex}' is the derivative of a function of a number, which ${tex} is not`);
    return mapped(ofTensor, call.primes, only);
  }

  #indicator({ left, sign, right }: ComparisonExpression): Value {
    const { tensor, indices } = this.#told({ kind: "indicator", left, sign, right }, () =>
      add(this.value(left), this.value(right), true),
    );
    const compared = { ">": "gt", "<": "lt", "≥": "ge", "≤": "le", "=": "eq", "≠": "ne" } as const;
    return { tensor: tensor[compared[sign]](0).to("f64"), indices };
  }

  #cases({ condition, value, otherwise }: Of<"cases">): Value {
    const chosen = this.#indicator(condition);
    const none = multiply(numberValue(0), chosen, false);
    const [a, b] = [value, otherwise].map((side) => add(none, this.value(side))) as [Value, Value];
    if (a.indices.join() !== b.indices.join() || a.indices.join() !== chosen.indices.join())
      throw new TypeError("cases with other indices than their conditions are not read");
    return { tensor: where(chosen.tensor.gt(0.5), a.tensor, b.tensor), indices: a.indices };
  }

  #reduction(sum: Of<"reduction">): Value {
    const { of, index, limit, body } = sum;
    const value = this.value(body);
    if (index === undefined) return applied("total", [value]);
    // A limit that nothing knows is the length, whatever that is.
    const isKnown = limit !== undefined && !(limit.kind === "name" && this.#resolved(limit) === undefined);
    const length = isKnown ? this.value(limit).tensor.item() : undefined;
    if (!value.indices.includes(index)) {
      if (length === undefined) throw new TypeError(`the index ${index} does not occur in ${print(sum, "plain")}`);
      return reduced(repeated(value, index, length), index, of);
    }
    const found = value.tensor.shape[value.indices.indexOf(index)];
    if (length !== undefined && length !== found)
      throw new ShapeMismatch(`${print(sum, "plain")}: ${index} runs to ${found}, not to ${length}`);
    return reduced(value, index, of);
  }

  #derivative(derivative: Of<"derivative">): Value {
    const key = print(derivative);
    const known = this.#gradients.get(key);
    if (known !== undefined) return known;
    const { of, to } = derivative;
    const found = this.#resolved(to);
    const variable = found?.name === undefined ? undefined : this.#names.tensorOf(found.name);
    if (variable === undefined || found === undefined)
      throw new TypeError(`nothing says what ${print(to, "plain")} is`);
    const texts = { of: print(of, "plain"), to: print(to, "plain"), whole: print(derivative, "plain") };
    let result = derivativeOf(settled(this.value(of), "what is differentiated"), variable, texts);
    const isFamily = found.name !== undefined && this.#names.isFamily(found.name);
    if (found.indices.length > 0) result = this.#told(derivative, () => element(result, found.indices, isFamily));
    this.#gradients.set(key, result);
    return result;
  }
}

function plainName(tex: string): string {
  return print({ kind: "name", base: tex, sub: undefined, primes: 0, tex }, "plain");
}

/** All names of an expression. */
export function namesIn(expression: Expression): NameExpression[] {
  return partsOf(expression).flatMap((part) => (part.kind === "name" ? [part] : []));
}
