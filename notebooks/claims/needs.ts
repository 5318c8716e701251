// The names that expressions need, through the definitions that these need: which have values, and which have to be drawn.

import type { Tensor } from "adjoint";
import { namesIn } from "./evaluate.ts";
import {
  type Bound,
  cellNamed,
  cellSize,
  cellTensor,
  type Definition,
  functionOf,
  problemValue,
  sizesOfLimits,
  type Sources,
  Unknown,
} from "./sources.ts";
import { print } from "./tex/print.ts";
import { indicesOf } from "./tex/scripts.ts";
import { type Expression, fullName, keyOf, type NameExpression, partsOf } from "./tex/tree.ts";

/** Letters of functions that a note uses, and does not say what they are. */
const FUNCTION_LETTERS = /^(?:f|g|F|G|phi|psi|rho|act|activation|loss|Loss|ell|softmax)$/;
export class Needs {
  /** In the order in which they build on each other. */
  readonly definitions: Definition[] = [];
  /** By key, as a reader writes it: names that nothing but the definitions knows. */
  readonly leaves = new Map<string, string>();
  readonly cellLeaves: [key: string, shape: readonly number[]][] = [];
  /** What operators such as `\frac{d}{dx}` are applied to, with what they differentiate by. */
  readonly operands = new Map<string, Set<string>>();
  readonly cellValues: Tensor[] = [];
  usesProblem = false;
  readonly #sources: Sources;
  readonly #open = new Set<string>();
  readonly #done = new Set<string>();
  readonly #bound: ReadonlySet<string>;

  constructor(
    sources: Sources,
    expressions: readonly Expression[],
    { bound, free }: { bound: Bound; free: readonly Expression[] },
  ) {
    this.#sources = sources;
    this.#bound = new Set([...bound.keys()].map(keyOf));
    // What is differentiated is about any numbers, if nothing says which.
    for (const part of expressions.flatMap(partsOf)) {
      if (part.kind !== "derivative" || part.of.kind === "name") continue;
      this.operands.set(this.#addFree(part.of), new Set([keyOf(fullName(part.to))]));
    }
    for (const expression of free) this.#addFree(expression);
    // First what the definitions say, for their leaves are known to the formula.
    for (const expression of expressions) this.#add(expression, false, []);
    for (const expression of expressions) this.#add(expression, true, []);
  }

  /** Names of it that stand for nothing are about anything. Gives the key of its shape. */
  #addFree(expression: Expression): string {
    const key = print(expression);
    this.#open.add(key);
    this.#add(expression, false, []);
    this.#open.delete(key);
    this.definitions.push({ key, indices: [], isFree: true, expression, place: "" });
    return key;
  }

  #add(expression: Expression, isFormula: boolean, indices: readonly string[]): void {
    const parts = partsOf(expression);
    const bound = new Set(indices);
    const limits = new Set<string>();
    for (const part of parts) {
      if (part.kind !== "reduction") continue;
      if (part.index !== undefined) bound.add(part.index);
      if (part.limit?.kind === "name") limits.add(fullName(part.limit));
    }
    for (const name of namesIn(expression)) {
      if (!limits.has(fullName(name))) this.#name(name, bound, isFormula);
    }
    for (const part of parts) {
      const f = part.kind === "call" ? this.#sources.definitions.get(keyOf(part.name)) : undefined;
      if (f?.parameters !== undefined) this.#functionBody(f, f.parameters);
    }
  }

  #functionBody({ key, expression, indices }: Definition, parameters: readonly string[]): void {
    if (this.#open.has(`${key}()`)) throw new Unknown(`${key} is defined by itself`);
    this.#open.add(`${key}()`);
    this.#add(expression, false, [...indices, ...parameters.map(keyOf)]);
    this.#open.delete(`${key}()`);
  }

  #name(name: NameExpression, bound: ReadonlySet<string>, isFormula: boolean): void {
    const whole = fullName(name) + "'".repeat(name.primes);
    const indices = name.sub === undefined ? undefined : indicesOf(name.sub);
    const isParameter = (key: string): boolean => this.#bound.has(key) || bound.has(key);
    if (isParameter(keyOf(whole)) || (indices !== undefined && isParameter(keyOf(name.base)))) return;
    if (this.leaves.has(keyOf(whole)) || this.#take(keyOf(whole))) return;
    if (indices !== undefined && (this.leaves.has(keyOf(name.base)) || this.#take(keyOf(name.base)))) return;
    const { problem } = this.#sources;
    if (whole === "e" || whole === "pi" || functionOf(this.#sources, fullName(name)) !== undefined) return;
    if (problem?.sizes[whole] !== undefined || sizesOfLimits(this.#sources).has(whole)) return;
    if (cellSize(this.#sources, whole) !== undefined) return;
    if (name.opens === true && FUNCTION_LETTERS.test(name.base))
      throw new Unknown(`nothing says what the function ${print(name, "plain")} is`);
    const isElement = indices?.every((index) => bound.has(index)) === true;
    const key = keyOf(isElement ? name.base : whole);
    if (this.leaves.has(key)) return;
    // Only when all definitions are looked through is it known that none has the name.
    if (this.#open.size === 0) {
      if (isFormula) throw new Unknown(`nothing says what ${print(name, "plain")} is`);
      return;
    }
    this.leaves.set(key, print(isElement ? { ...name, sub: undefined, tex: name.base } : name, "plain"));
  }

  #take(key: string): boolean {
    if (this.#done.has(key)) return true;
    const { problem, definitions, cells } = this.#sources;
    if (problemValue(problem, problem?.draw(0), key) !== undefined) {
      this.usesProblem = true;
      this.#done.add(key);
      return true;
    }
    const definition = definitions.get(key);
    if (definition !== undefined) {
      if (this.#open.has(key)) throw new Unknown(`${key} is defined by itself`);
      this.#open.add(key);
      this.#add(definition.expression, false, definition.indices);
      this.#open.delete(key);
      this.#done.add(key);
      this.definitions.push(definition);
      return true;
    }
    const tensor = cellTensor(cells, key);
    const isNumber = typeof cellNamed(cells, key) === "number" && cellSize(this.#sources, key) === undefined;
    if (tensor === undefined && !isNumber) return false;
    this.#done.add(key);
    if (tensor === undefined) this.cellLeaves.push([key, []]);
    else if (tensor.isLeaf) this.cellLeaves.push([key, tensor.shape]);
    else this.cellValues.push(tensor);
    return true;
  }
}
