// Expressions → values, on numbers that were drawn. Products have no bracket in TeX: ⊙ holds less than what stands side by side, and where that does not
// conform, all hold from left to right. Gradients come from the library's tape.

import { autograd, inverse, pow, stack, type Tensor } from "adjoint";
import { applied, elementwise, mapped, norm, type NumberFunction } from "./functions.ts";
import { FUNCTIONS } from "./tex/notation.ts";
import { print } from "./tex/print.ts";
import { indicesOf } from "./tex/scripts.ts";
import { type Expression, fullName, type NameExpression, partsOf } from "./tex/tree.ts";
import {
  add, coreOf, divide, element, hadamard, isNumber, multiply, numberValue, reduced, repeated, ShapeMismatch, shapeText, transpose, type Value,
  valueOf,
} from "./values.ts"; // prettier-ignore

/** What names stand for. */
export interface Names {
  /** The tensor itself, with respect to which gradients are taken. */
  tensorOf(name: string): Tensor | undefined;
  functionOf(name: string): NumberFunction | undefined;
  /** Of a size that has a name, such as the n of 1/n. */
  sizeOf(name: string): number | undefined;
}

type Of<K extends Expression["kind"]> = Extract<Expression, { kind: K }>;

export class Evaluator {
  readonly #names: Names;
  /** Names that stand for something here only. */
  readonly #bound: ReadonlyMap<string, Value>;
  /** A dot between two columns was read as one. */
  hasInnerProduct = false;
  readonly #gradients = new Map<string, Value>();

  constructor(names: Names, bound: ReadonlyMap<string, Value> = new Map()) {
    this.#names = names;
    this.#bound = bound;
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
    return found.indices.length === 0 ? value : this.#told(name, () => element(value, found.indices));
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
      total =
        before === undefined
          ? negative
            ? multiply(numberValue(-1), value, false)
            : value
          : this.#told(sum, () => add(before, value, negative));
    }
    return total ?? numberValue(0);
  }

  #product(given: Of<"product">): Value {
    const product = this.withCalls(given);
    if (product.kind !== "product") return this.value(product);
    const { factors, signs } = product;
    const values = factors.map((factor) => this.value(factor));
    const times = (a: Value, b: Value, k: number): Value => {
      if (signs[k] === "odot") return hadamard(a, b);
      const product = multiply(a, b, signs[k] === "dot");
      const isInner = signs[k] === "dot" && coreOf(a)[1] === 1 && coreOf(b)[1] === 1 && !isNumber(a) && !isNumber(b);
      this.hasInnerProduct ||= isInner;
      return product;
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

  /** `\phi(z)` is a product for the parser, if it does not know φ. */
  withCalls({ factors, signs }: Of<"product">): Expression {
    const kept: Expression[] = [];
    const keptSigns: Of<"product">["signs"] = [];
    for (let k = 0; k < factors.length; k++) {
      const factor = factors[k] as Expression;
      const next = factors[k + 1];
      if (k > 0) keptSigns.push(signs[k - 1] ?? "");
      const isFunction =
        factor.kind === "name" && signs[k] === "" && this.#names.functionOf(fullName(factor)) !== undefined;
      if (isFunction && next !== undefined) {
        const { primes, tex } = factor;
        kept.push({ kind: "call", name: fullName(factor), tex: tex.replace(/'+$/, ""), primes, args: [next] });
        k++;
      } else kept.push(factor);
    }
    const [only] = kept;
    return kept.length === 1 && only !== undefined ? only : { kind: "product", factors: kept, signs: keptSigns };
  }

  #power(power: Of<"power">): Value {
    const { base, exponent, elementwise: byNumber } = power;
    if (base.kind === "name" && fullName(base) === "e" && this.#resolved(base) === undefined) {
      return mapped(elementwise("exp") as NumberFunction, 0, this.value(exponent));
    }
    const value = this.value(base);
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

  #reduction(sum: Of<"reduction">): Value {
    const { of, index, limit, body } = sum;
    const value = this.value(body);
    if (index === undefined) return applied("total", [value]);
    const length = limit === undefined ? undefined : this.value(limit).tensor.item();
    if (!value.indices.includes(index)) {
      if (length === undefined) throw new TypeError(`the index ${index} does not occur in ${print(sum, "plain")}`);
      return reduced(repeated(value, index, length), index, of);
    }
    const found = value.tensor.shape[value.indices.indexOf(index)];
    if (length !== undefined && length !== found)
      throw new ShapeMismatch(`${print(sum, "plain")}: ${index} runs to ${found}, not to ${length}`);
    return reduced(value, index, of);
  }

  /** A gradient is shaped like its variable; the derivative of a column has a row for each of its numbers. */
  #derivative(derivative: Of<"derivative">): Value {
    const key = print(derivative);
    const known = this.#gradients.get(key);
    if (known !== undefined) return known;
    const { of, to } = derivative;
    const found = this.#resolved(to);
    const variable = found?.name === undefined ? undefined : this.#names.tensorOf(found.name);
    if (variable === undefined || found === undefined)
      throw new TypeError(`nothing says what ${print(to, "plain")} is`);
    const value = this.value(of);
    const [rows, columns] = valueOf(variable).tensor.shape as [number, number];
    const [numbers, others] = coreOf(value);
    const flat = value.tensor.reshape([-1]);
    const gradients = Array.from({ length: flat.numel() }, (_, k) => {
      const y = flat.select(0, k);
      if (!y.requiresGrad) throw new TypeError(`${print(of, "plain")} does not depend on ${print(to, "plain")}`);
      const [gradient] = autograd.grad(y, [variable], { retainGraph: true, allowUnused: true });
      return gradient?.reshape([rows, columns]);
    });
    if (gradients.every((gradient) => gradient === undefined))
      throw new TypeError(`${print(of, "plain")} does not depend on ${print(to, "plain")}`);
    const all = stack(
      gradients.map((gradient) => gradient ?? valueOf(variable).tensor.detach().mul(0)),
      0,
    );
    let result: Value;
    if (isNumber(value)) {
      result = { tensor: all.reshape([...value.tensor.shape.slice(0, -2), rows, columns]), indices: value.indices };
    } else if (others === 1 && columns === 1 && value.indices.length === 0) {
      result = { tensor: all.reshape([numbers, rows]), indices: [] };
    } else throw new TypeError(`${print(derivative, "plain")} has more than two axes`);
    if (found.indices.length > 0) result = this.#told(derivative, () => element(result, found.indices));
    this.#gradients.set(key, result);
    return result;
  }
}

/** Indices of names that are summed over, or stand for themselves. */
export function namesIn(expression: Expression): NameExpression[] {
  return partsOf(expression).flatMap((part) => (part.kind === "name" ? [part] : []));
}
