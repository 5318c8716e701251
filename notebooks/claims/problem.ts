// A problem: sizes, inputs of random numbers in shapes made of them, and what is computed from the inputs, by name. Formulas are
// checked against its values and the gradients that the library computes. Sizes differ pairwise, for with equal ones a formula in the wrong
// shape may hold by chance, and with ones of 1 nearly all do.

import { autograd, Generator, randn, type Tensor } from "adjoint";

export type Sizes = Record<string, number>;
export type Values = Record<string, Tensor>;

export interface ProblemOptions<S extends string> {
  /** Names, whose sizes are then drawn, or names with sizes. */
  sizes: readonly S[] | Readonly<Record<S, number>>;
  /** The shape of each input. */
  inputs(sizes: Record<S, number>): Record<string, readonly number[]>;
  /**
   * What is computed of the inputs, by the names that formulas have for it; one of them is the loss, a single number. Without it, what the
   * note's own formulas define is computed.
   */
  compute?(inputs: Values): Values;
  /** Of the random numbers. Default: 0. */
  seed?: number;
  /** The largest difference that counts as none, relative to the largest number compared where that exceeds 1. Default: 1e-9. */
  tolerance?: number;
}

/** One drawing of a problem's inputs, with all that follows from them. */
export class Drawing {
  /** Inputs and computed values. */
  readonly values: Values;

  constructor(values: Values) {
    this.values = values;
  }

  /** The gradient of `y`, a single number, with respect to `x`; both are names of values. */
  gradient(y: string, x: string): Tensor {
    const of = this.#value(y);
    const to = this.#value(x);
    if (of.numel() !== 1) throw new TypeError(`${y} is no single number, its shape is [${of.shape.join(", ")}]`);
    const [gradient] = autograd.grad(of, [to], { retainGraph: true, allowUnused: true });
    if (gradient === null || gradient === undefined) throw new TypeError(`${y} does not depend on ${x}`);
    return gradient;
  }

  #value(name: string): Tensor {
    const value = this.values[name];
    if (value === undefined)
      throw new TypeError(`the problem has no ${name}; it has ${Object.keys(this.values).join(", ")}`);
    return value;
  }
}

export class Problem {
  readonly sizes: Readonly<Sizes>;
  readonly tolerance: number;
  readonly warnings: readonly string[];
  readonly #inputs: Record<string, readonly number[]>;
  readonly #compute: (inputs: Values) => Values;
  readonly #seed: number;

  constructor({ sizes, inputs, compute = () => ({}), seed = 0, tolerance = 1e-9 }: ProblemOptions<string>) {
    this.sizes = Array.isArray(sizes) ? drawnSizes(sizes as readonly string[], seed) : (sizes as Sizes);
    this.tolerance = tolerance;
    this.warnings = warningsOf(this.sizes);
    this.#inputs = inputs(this.sizes);
    this.#compute = compute;
    this.#seed = seed;
  }

  /** The names of inputs and values. */
  get names(): string[] {
    return Object.keys(this.draw(0).values);
  }

  /** Inputs drawn for the `n`-th time; the same numbers for the same seed. */
  draw(n: number): Drawing {
    const generator = new Generator(this.#seed * 1000 + n + 1);
    const inputs = Object.fromEntries(
      Object.entries(this.#inputs).map(([name, shape]) => [
        name,
        randn([...shape], { dtype: "f64", generator, requiresGrad: true }) as Tensor,
      ]),
    );
    return new Drawing({ ...inputs, ...this.#compute(inputs) });
  }

  [Symbol.for("Jupyter.display")](): Record<string, string> {
    const inputs = Object.entries(this.#inputs).map(([name, shape]) => `${name} [${shape.join(", ")}]`);
    const computed = this.names.filter((name) => !(name in this.#inputs));
    const warnings = this.warnings.map((warning) => `\nwarning: ${warning}`);
    return {
      "text/plain": `inputs, drawn at random: ${inputs.join(", ")}${computed.length === 0 ? "" : `\ncomputed: ${computed.join(", ")}`}${warnings.join("")}`,
    };
  }

  /** `{n: 3, h: 4}` as a reader writes it. */
  get sizesText(): string {
    return Object.entries(this.sizes)
      .map(([name, size]) => `${name} = ${size}`)
      .join(", ");
  }
}

/** From 2 on, each another one. */
function drawnSizes(names: readonly string[], seed: number): Sizes {
  const generator = new Generator(seed);
  const left = Array.from({ length: names.length + 3 }, (_, k) => k + 2);
  return Object.fromEntries(names.map((name) => [name, left.splice(generator.below(left.length), 1)[0] ?? 2]));
}

export function warningsOf(sizes: Sizes): string[] {
  const entries = Object.entries(sizes);
  const ones = entries.filter(([, size]) => size === 1).map(([name]) => name);
  const equal = entries.flatMap(([name, size], index) =>
    entries
      .slice(index + 1)
      .flatMap(([other, otherSize]) =>
        size === otherSize && size !== 1 ? [`the sizes ${name} and ${other} are equal`] : [],
      ),
  );
  if (ones.length === 0) return equal;
  const which =
    ones.length === 1 ? `size ${ones[0]} is` : `sizes ${ones.slice(0, -1).join(", ")} and ${ones.at(-1)} are`;
  return [`the ${which} 1, where formulas of a wrong shape may hold`, ...equal];
}

let current: Problem | undefined;

/**
 * Declares what the formulas of a lesson are about, until the next problem is declared. Inputs are drawn as f64 numbers of the normal
 * distribution; `compute` gives the values that the formulas name, the loss among them.
 *
 * @throws RangeError for sizes that are no positive whole numbers.
 * @example
 * problem({
 *   sizes: ["n", "m"],
 *   inputs: ({ n, m }) => ({ W: [m, n], x: [n, 1] }),
 *   compute({ W, x }) {
 *     const y = W.matmul(x);
 *     return { y, L: y.square().sum() };
 *   },
 * });
 */
export function problem<const S extends string>(options: ProblemOptions<S>): Problem {
  for (const [name, size] of Object.entries(Array.isArray(options.sizes) ? {} : options.sizes)) {
    if (!Number.isSafeInteger(size) || (size as number) < 1)
      throw new RangeError(`problem: the size ${name} must be a positive whole number, not ${String(size)}`);
  }
  current = new Problem(options);
  return current;
}

export function currentProblem(): Problem | undefined {
  return current;
}
