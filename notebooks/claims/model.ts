// What the names of a formula stand for: values of the problem that was declared, definitions that the note makes, values of cells, and numbers drawn for
// names that only the definitions use. The gradients that formulas speak of are those of this model.

import { Generator, randn, softmax, type Tensor } from "adjoint";
import { type DefinedFunction, Evaluator, type Names } from "./evaluate.ts";
import type { NumberFunction } from "./functions.ts";
import type { Kind } from "./kinds.ts";
import { Needs } from "./needs.ts";
import type { Drawing } from "./problem.ts";
import { type InferredShapes, inferShapes } from "./shapes.ts";
import {
  type Bound,
  cellSize,
  cellTensor,
  definedFunction,
  functionOf,
  problemValue,
  sizesOfLimits,
  type Sources,
  Unknown,
} from "./sources.ts";
import { FUNCTIONS } from "./tex/notation.ts";
import { type Expression, keyOf, partsOf } from "./tex/tree.ts";
import { coreOf, gathered } from "./values.ts";

const TOLERANCE = 1e-9;
/** Values of cells may be f32. */
const COARSE = 1e-4;
/** How names are read that stand for nothing else. */
export interface Reading {
  bound?: Bound;
  /** Whose names may be about anything. */
  free?: readonly Expression[];
  /** Small letters are numbers, and no columns. */
  areNumbers?: boolean;
}

/** What is drawn beside the usual: numbers of both signs. */
export interface Conditions {
  /** Names of columns whose numbers add up to 1. */
  distributions?: readonly string[];
  arePositive?: boolean;
}

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
  readonly #needs: Needs;
  readonly #inferred: InferredShapes | undefined;

  /** @throws Unknown when a name of the expressions stands for nothing. */
  constructor(
    sources: Sources,
    expressions: readonly Expression[],
    { bound = new Map(), free = [], areNumbers = false }: Reading = {},
  ) {
    this.#sources = sources;
    const needs = new Needs(sources, expressions, { bound, free });
    this.#needs = needs;
    const { problem } = sources;
    const given = [...needs.cellLeaves.map(([, shape]) => shape), ...needs.cellValues.map(({ shape }) => shape)];
    const taken = new Set([...Object.values(problem?.sizes ?? {}), ...given.flat()]);
    const generator = new Generator(needs.leaves.size);
    const draw = (): number => {
      let size = 2 + generator.below(4);
      while (taken.has(size)) size++;
      taken.add(size);
      return size;
    };
    const boundKeys = new Map([...bound].map(([name, value]) => [keyOf(name), coreOf(value)]));
    const all = [...needs.definitions.map(({ expression }) => expression), ...expressions];
    const known = {
      shapeOf: (key: string) => boundKeys.get(key) ?? this.#shapeOf(key),
      isFunction: (name: string) => functionOf(sources, name) !== undefined,
      definedFunction: (name: string) => definedFunction(sources, name),
      areNumbers,
      differentiated: new Map([...sources.differentiated, ...needs.operands]),
      hasVectors: all.some(isOfVectors) || [...needs.leaves.keys()].some((key) => /^[A-Z]/.test(key)),
    };
    const inferred =
      needs.leaves.size === 0 ? undefined : inferShapes(needs.definitions, [...needs.leaves.keys()], known, draw);
    if (typeof inferred === "string") throw new Unknown(inferred);
    this.#inferred = inferred;
    const shapes = [...(inferred?.shapes ?? [])];
    this.#leaves = new Map([
      ...shapes.map(([key, { rows, columns }]) => [key, [rows, columns]] as const),
      ...needs.cellLeaves,
    ]);
    this.unusual = inferred?.unusual ?? [];
    this.drawings = needs.cellValues.length > 0 ? 1 : 3;
    this.tolerance = needs.cellValues.length > 0 ? COARSE : (problem?.tolerance ?? TOLERANCE);
    const isUsed = problem !== undefined && needs.usesProblem;
    this.warnings = [...(isUsed ? problem.warnings : []), ...cellWarnings(needs.cellLeaves)];
    const names = shapes.map(([key, shape]) => `${needs.leaves.get(key) ?? key} ${kindText(shape)}`);
    const ofCells = needs.cellLeaves.map(([key, shape]) =>
      shape.length === 0 ? `${key} a number` : `${key} [${shape.join(", ")}]`,
    );
    const readAs = [...names, ...ofCells].join(", ");
    this.sizesText = [isUsed ? problem.sizesText : "", readAs === "" ? "" : `read as ${readAs}, drawn at random`]
      .filter(Boolean)
      .join("; ");
  }

  /** A vector that is a row as well as a column. */
  isEitherWay(key: string): boolean {
    return this.#inferred?.eitherWay.has(key) === true;
  }

  /** Columns that nobody has declared: conditions on them are not known. */
  get columns(): string[] {
    return [...this.#leaves].flatMap(([key, shape]) =>
      shape.length > 0 && shape[0] !== 1 && (shape[1] ?? 1) === 1 ? [key] : [],
    );
  }

  /** Whether nothing says what any of the names is. */
  get isFree(): boolean {
    return (
      !this.#needs.usesProblem &&
      this.#needs.cellLeaves.length + this.#needs.cellValues.length === 0 &&
      this.#needs.definitions.every(({ isFree }) => isFree === true)
    );
  }

  /** Keys of what is drawn. */
  get leaves(): string[] {
    return [...this.#leaves.keys()];
  }

  get sizesInBrackets(): string {
    return this.sizesText === "" ? "" : ` (${this.sizesText})`;
  }

  draw(n: number, conditions: Conditions = {}): Names {
    return new Drawn(this.#sources, this.#leaves, this.#inferred?.families, n, conditions);
  }

  /** With the values that the cells have, if they say all; and what they have for a name. */
  get cells(): Names | undefined {
    if (this.#needs.leaves.size > 0 || this.#needs.usesProblem) return undefined;
    return new Drawn(this.#sources, new Map(), undefined, 0);
  }

  cellValue(name: string): Tensor | undefined {
    return cellTensor(this.#sources.cells, keyOf(name));
  }

  #shapeOf(key: string): readonly [number, number] | undefined {
    const { problem, cells } = this.#sources;
    const value = problemValue(problem, problem?.draw(0), key) ?? cellTensor(cells, key);
    return value === undefined ? undefined : [value.shape[0] ?? 1, value.shape[1] ?? 1];
  }
}

/** One drawing. */
class Drawn implements Names {
  readonly #sources: Sources;
  readonly #drawing: Drawing | undefined;
  readonly #values = new Map<string, Tensor | undefined>();
  readonly #families: ReadonlySet<string>;

  constructor(
    sources: Sources,
    leaves: ReadonlyMap<string, readonly number[]>,
    families: ReadonlySet<string> | undefined,
    n: number,
    { distributions = [], arePositive = false }: Conditions = {},
  ) {
    this.#sources = sources;
    this.#families = families ?? new Set();
    const generator = new Generator(7919 + n);
    this.#drawing = sources.problem?.draw(n);
    // All at once, so that none depends on the order of use.
    for (const [key, shape] of leaves) {
      const numbers = randn([...shape], { dtype: "f64", generator, requiresGrad: true });
      const others = distributions.includes(key)
        ? softmax(numbers.detach(), 0)
        : arePositive
          ? numbers.detach().exp()
          : undefined;
      this.#values.set(key, others?.requiresGrad_() ?? numbers);
    }
  }

  definedFunction(name: string): DefinedFunction | undefined {
    return definedFunction(this.#sources, name);
  }

  isFamily(name: string): boolean {
    return this.#families.has(keyOf(name));
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
    const own = cellSize(this.#sources, name);
    if (own !== undefined) return own;
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

/** What is at most of vectors. */
function isOfVectors(expression: Expression): boolean {
  return partsOf(expression).some(
    (part) =>
      /^(?:transpose|norm|ones)$/.test(part.kind) ||
      (part.kind === "call" && /^(?:softmax|diag|trace|inner)$/.test(FUNCTIONS.get(part.name)?.means ?? part.name)),
  );
}

function kindText({ kind, rows, columns }: { kind: Kind; rows: number; columns: number }): string {
  return kind === "number" ? "a number" : `[${rows}, ${columns}]`;
}

function cellWarnings(leaves: readonly [string, readonly number[]][]): string[] {
  const small = leaves.filter(([, [rows]]) => rows === 1);
  const names = small.map(([key]) => key);
  const listed = names.length < 2 ? names.join() : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
  const ones = `${listed} ${names.length < 2 ? "has a size" : "have sizes"} of 1, where formulas of a wrong shape may hold`;
  const square = leaves.filter(([, shape]) => shape.length === 2 && shape[0] === shape[1] && shape[0] !== 1);
  return [
    ...(names.length === 0 ? [] : [ones]),
    ...square.map(([key]) => `${key} is square, where a missing transpose may hold`),
  ];
}
