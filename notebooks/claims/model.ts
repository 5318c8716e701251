// What the names of a formula stand for: values of the problem that was declared, definitions that the note makes, values of cells, and numbers drawn for
// names that only the definitions use. The gradients that formulas speak of are those of this model.

import { Generator, isTensor, randn, type Tensor } from "adjoint";
import { Evaluator, namesIn, type Names } from "./evaluate.ts";
import { elementwise, type NumberFunction } from "./functions.ts";
import { type Drawing, type Problem, warningsOf } from "./problem.ts";
import { type DefinedName, inferShapes, type Kind } from "./shapes.ts";
import { FUNCTIONS } from "./tex/notation.ts";
import { print } from "./tex/print.ts";
import { indicesOf } from "./tex/scripts.ts";
import { type Expression, fullName, keyOf, type NameExpression, partsOf } from "./tex/tree.ts";
import { gathered } from "./values.ts";

export interface Definition extends DefinedName {
  /** Of the formula that makes it. */
  place: string;
}

/** Where names may come from. */
export interface Sources {
  problem: Problem | undefined;
  /** Values of cells, by name. */
  cells: Readonly<Record<string, unknown>>;
  /** The ones that count for a formula, by key. */
  definitions: ReadonlyMap<string, Definition>;
  /** Keys of the names that gradients are of. */
  differentiated: ReadonlySet<string>;
}

/** Why a formula cannot be checked. */
export class Unknown extends Error {}

const TOLERANCE = 1e-9;
/** Values of cells may be f32. */
const COARSE = 1e-4;

export class Model {
  readonly tolerance: number;
  readonly warnings: string[];
  /** Names whose inferred shape is not what their letter promises. */
  readonly unusual: readonly string[];
  /** More than one drawing says more. */
  readonly drawings: number;
  readonly sizesText: string;
  readonly #sources: Sources;
  readonly #leaves: ReadonlyMap<string, readonly number[]>;

  /** @throws Unknown when a name of the expressions stands for nothing. */
  constructor(sources: Sources, expressions: readonly Expression[]) {
    this.#sources = sources;
    const needs = new Needs(sources, expressions);
    const { problem } = sources;
    const taken = new Set(Object.values(problem?.sizes ?? {}));
    const generator = new Generator(needs.leaves.size);
    const draw = (): number => {
      let size = 2 + generator.below(4);
      while (taken.has(size)) size++;
      taken.add(size);
      return size;
    };
    const known = {
      shapeOf: (key: string) => this.#shapeOf(key),
      isFunction: (name: string) => functionOf(sources, name) !== undefined,
      differentiated: sources.differentiated,
    };
    const inferred =
      needs.leaves.size === 0 ? undefined : inferShapes(needs.definitions, [...needs.leaves.keys()], known, draw);
    if (typeof inferred === "string") throw new Unknown(inferred);
    const shapes = [...(inferred?.shapes ?? [])];
    this.#leaves = new Map([
      ...shapes.map(([key, { rows, columns }]) => [key, [rows, columns]] as const),
      ...needs.cellLeaves.map(([key, { shape }]) => [key, shape] as const),
    ]);
    this.unusual = inferred?.unusual ?? [];
    this.drawings = needs.cellValues.length > 0 ? 1 : 3;
    this.tolerance = needs.cellValues.length > 0 ? COARSE : (problem?.tolerance ?? TOLERANCE);
    const isUsed = problem !== undefined && needs.usesProblem;
    this.warnings = [...(isUsed ? problem.warnings : []), ...cellWarnings(needs.cellLeaves)];
    const names = shapes.map(([key, shape]) => `${needs.leaves.get(key) ?? key} ${kindText(shape)}`);
    const given = needs.cellLeaves.map(([key, { shape }]) => `${key} [${shape.join(", ")}]`);
    const readAs = [...names, ...given].join(", ");
    this.sizesText = [isUsed ? problem.sizesText : "", readAs === "" ? "" : `read as ${readAs}, drawn at random`]
      .filter(Boolean)
      .join("; ");
  }

  /** Whether an author has declared what the names are. */
  get isDeclared(): boolean {
    return this.#sources.problem !== undefined;
  }

  draw(n: number): Names {
    return new Drawn(this.#sources, this.#leaves, n);
  }

  #shapeOf(key: string): readonly [number, number] | undefined {
    const { problem, cells } = this.#sources;
    const value = problemValue(problem, problem?.draw(0), key) ?? cellTensor(cells, key);
    return value === undefined ? undefined : [value.shape[0] ?? 1, value.shape[1] ?? 1];
  }
}

/** The names that expressions need, through the definitions that these need. */
class Needs {
  /** In the order in which they build on each other. */
  readonly definitions: Definition[] = [];
  /** By key, as a reader writes it: names that nothing but the definitions knows. */
  readonly leaves = new Map<string, string>();
  readonly cellLeaves: [key: string, value: Tensor][] = [];
  readonly cellValues: Tensor[] = [];
  usesProblem = false;
  readonly #sources: Sources;
  readonly #open = new Set<string>();
  readonly #done = new Set<string>();

  constructor(sources: Sources, expressions: readonly Expression[]) {
    this.#sources = sources;
    // First what the definitions say, for their leaves are known to the formula.
    for (const expression of expressions) this.#add(expression, false, []);
    for (const expression of expressions) this.#add(expression, true, []);
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
  }

  #name(name: NameExpression, bound: ReadonlySet<string>, isFormula: boolean): void {
    const whole = fullName(name) + "'".repeat(name.primes);
    if (this.leaves.has(keyOf(whole)) || this.#take(keyOf(whole))) return;
    const indices = name.sub === undefined ? undefined : indicesOf(name.sub);
    if (indices !== undefined && (this.leaves.has(keyOf(name.base)) || this.#take(keyOf(name.base)))) return;
    const { problem } = this.#sources;
    if (whole === "e" || whole === "pi" || functionOf(this.#sources, fullName(name)) !== undefined) return;
    if (problem?.sizes[whole] !== undefined || sizesOfLimits(this.#sources).has(whole)) return;
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
    if (tensor === undefined) return false;
    this.#done.add(key);
    if (tensor.isLeaf) this.cellLeaves.push([key, tensor]);
    else this.cellValues.push(tensor);
    return true;
  }
}

/** One drawing. */
class Drawn implements Names {
  readonly #sources: Sources;
  readonly #drawing: Drawing | undefined;
  readonly #values = new Map<string, Tensor | undefined>();

  constructor(sources: Sources, leaves: ReadonlyMap<string, readonly number[]>, n: number) {
    this.#sources = sources;
    const generator = new Generator(7919 + n);
    this.#drawing = sources.problem?.draw(n);
    // All at once, so that none depends on the order of use.
    for (const [key, shape] of leaves) {
      this.#values.set(key, randn([...shape], { dtype: "f64", generator, requiresGrad: true }));
    }
  }

  tensorOf(name: string): Tensor | undefined {
    const key = keyOf(name);
    if (!this.#values.has(key)) this.#values.set(key, this.#computed(key));
    return this.#values.get(key);
  }

  functionOf(name: string): NumberFunction | undefined {
    return functionOf(this.#sources, name);
  }

  sizeOf(name: string): number | undefined {
    const size = this.#sources.problem?.sizes[name];
    if (size !== undefined) return size;
    const base = sizesOfLimits(this.#sources).get(name);
    const shape = base === undefined ? undefined : this.tensorOf(base.name)?.shape;
    return base === undefined ? undefined : shape?.[base.axis];
  }

  #computed(key: string): Tensor | undefined {
    const { problem, definitions, cells } = this.#sources;
    const value = problemValue(problem, this.#drawing, key);
    if (value !== undefined) return value;
    const definition = definitions.get(key);
    if (definition === undefined) return cellTensor(cells, key);
    const found = new Evaluator(this).value(definition.expression);
    if (found.indices.length !== definition.indices.length)
      throw new Unknown(`the definition of ${key} has other indices on the right than on the left`);
    return found.indices.length === 0 ? found.tensor : gathered(found, definition.indices);
  }
}

function problemValue(problem: Problem | undefined, drawing: Drawing | undefined, key: string): Tensor | undefined {
  if (problem === undefined || drawing === undefined) return undefined;
  const { values } = drawing;
  const names = Object.keys(values);
  const name =
    names.find((one) => keyOf(one) === key) ??
    names.find((one) => keyOf(one).toLowerCase() === key.toLowerCase() && key.length > 1);
  return name === undefined ? undefined : values[name];
}

function cellTensor(cells: Readonly<Record<string, unknown>>, key: string): Tensor | undefined {
  const name = Object.keys(cells).find((one) => keyOf(one) === key);
  const value = name === undefined ? undefined : cells[name];
  return isTensor(value) && value.shape.length <= 2 ? value : undefined;
}

function functionOf({ cells }: Sources, name: string): NumberFunction | undefined {
  const value = cells[name];
  // A library's function keeps its meaning in formulas.
  if (typeof value !== "function" || FUNCTIONS.has(name) || elementwise(name) !== undefined) return undefined;
  return (x) => {
    const y: unknown = (value as NumberFunction)(x);
    if (!isTensor(y)) throw new TypeError(`${name} of the cells gives no tensor`);
    return y;
  };
}

/** The names of sizes that sums run to, and the axis whose size each is: `\sum_{i=1}^n x_i`. */
function sizesOfLimits({ definitions }: Sources): Map<string, { name: string; axis: number }> {
  const found = new Map<string, { name: string; axis: number }>();
  for (const { expression } of definitions.values())
    for (const [name, axis] of limitsIn(expression)) found.set(name, axis);
  return found;
}

function limitsIn(expression: Expression): [string, { name: string; axis: number }][] {
  return partsOf(expression).flatMap((part): [string, { name: string; axis: number }][] => {
    if (part.kind !== "reduction" || part.limit?.kind !== "name" || part.index === undefined) return [];
    const { index, limit } = part;
    for (const name of namesIn(part.body)) {
      const axis = indicesOf(name.sub ?? "")?.indexOf(index) ?? -1;
      if (axis >= 0) return [[fullName(limit), { name: name.base, axis }]];
    }
    return [];
  });
}

function kindText({ kind, rows, columns }: { kind: Kind; rows: number; columns: number }): string {
  return kind === "number" ? "a number" : `[${rows}, ${columns}]`;
}

function cellWarnings(leaves: readonly [string, Tensor][]): string[] {
  const sizes = leaves.flatMap(([key, { shape }]) =>
    shape.length === 0
      ? []
      : shape
          .slice(0, shape.length === 2 && shape[1] === 1 ? 1 : 2)
          .map((size, axis) => [`${key}, axis ${axis}`, size] as const),
  );
  const ones = warningsOf(Object.fromEntries(sizes.filter(([, size]) => size === 1)));
  const square = leaves.filter(([, { shape }]) => shape.length === 2 && shape[0] === shape[1] && shape[0] !== 1);
  return [...ones, ...square.map(([key]) => `${key} is square, where a missing transpose may hold`)];
}
