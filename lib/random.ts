// Random numbers by a counter: the k-th number of a key is a function of the two alone, so streams can be split without ever meeting, and
// are the same on every machine. Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011), checked against its
// authors' known answers.

import { allocate, type DType, isFloat } from "./dtype.ts";
import { type Options, shapeArguments } from "./create.ts";
import { checkShape, type Shape, sizeOf } from "./shape.ts";
import type { Asked } from "./shape-types.ts";
import { makeLeaf } from "./tape.ts";
import { type Tensor, wrap } from "./trace.ts";

const M0 = 0xd2511f53;
const M1 = 0xcd9e8d57;
const W0 = 0x9e3779b9;
const W1 = 0xbb67ae85;

function high(a: number, b: number): number {
  const aLow = a & 0xffff;
  const aHigh = a >>> 16;
  const bLow = b & 0xffff;
  const bHigh = b >>> 16;
  const middle = aHigh * bLow + ((aLow * bLow) >>> 16);
  const carry = aLow * bHigh + (middle & 0xffff);
  return aHigh * bHigh + Math.floor(middle / 0x10000) + Math.floor(carry / 0x10000);
}

/** Four random words for a counter of four words and a key of two. */
export function philox(counter: readonly number[], key: readonly number[]): [number, number, number, number] {
  let [a, b, c, d] = counter as [number, number, number, number];
  let [k0, k1] = key as [number, number];
  for (let round = 0; round < 10; round++) {
    const a1 = (high(M1, c >>> 0) ^ b ^ k0) >>> 0;
    const c1 = (high(M0, a >>> 0) ^ d ^ k1) >>> 0;
    b = Math.imul(M1, c) >>> 0;
    d = Math.imul(M0, a) >>> 0;
    a = a1;
    c = c1;
    k0 = (k0 + W0) >>> 0;
    k1 = (k1 + W1) >>> 0;
  }
  return [a, b, c, d];
}

/**
 * A stream of random numbers.
 *
 * @example
 * const generator = new Generator(42);
 * const [forData, forModel] = generator.split(2);
 * randn([3], { generator: forModel });
 */
export class Generator {
  #key: [number, number];
  #counter = 0;
  #words: number[] = [];

  /** @throws RangeError unless the seed is a whole number. */
  constructor(seed = 0) {
    if (!Number.isSafeInteger(seed)) throw new RangeError(`Generator: a seed is a whole number, not ${seed}`);
    this.#key = [seed >>> 0, Math.floor(seed / 2 ** 32) >>> 0];
  }

  /** Its seed and how far it has come. */
  toString(): string {
    const [low, high] = this.#key;
    return `Generator(seed=${high * 2 ** 32 + low}, words drawn=${4 * this.#counter - this.#words.length})`;
  }

  /** The next 32 random bits. */
  word(): number {
    if (this.#words.length === 0) {
      const counter = [this.#counter >>> 0, Math.floor(this.#counter / 2 ** 32) >>> 0, 0, 0];
      this.#words = philox(counter, this.#key).reverse();
      this.#counter++;
    }
    return this.#words.pop() as number;
  }

  /** A number from 0 to 1, 1 not included, of 53 random bits. */
  uniform(): number {
    return ((this.word() >>> 5) * 2 ** 26 + (this.word() >>> 6)) / 2 ** 53;
  }

  /** A whole number from 0 to n, n not included, all equally likely. */
  below(n: number): number {
    // What lies beyond the last whole multiple of n is drawn again.
    const limit = Math.floor(2 ** 53 / n) * n;
    for (;;) {
      const drawn = (this.word() >>> 5) * 2 ** 26 + (this.word() >>> 6);
      if (drawn < limit) return drawn % n;
    }
  }

  /** A number with mean 0 and variance 1 (Box and Muller, 1958). */
  normal(): number {
    return Math.sqrt(-2 * Math.log(1 - this.uniform())) * Math.cos(2 * Math.PI * this.uniform());
  }

  /** `n` streams that share no numbers with this one, nor with each other. */
  split(n = 2): Generator[] {
    return Array.from({ length: n }, () => {
      const child = new Generator();
      // Counters of splits have a third word that those of numbers lack.
      const [a, b] = philox([this.#counter >>> 0, Math.floor(this.#counter / 2 ** 32) >>> 0, 1, 0], this.#key);
      child.#key = [a, b];
      this.#counter++;
      return child;
    });
  }
}

const shared = { generator: new Generator(0) };

/**
 * Starts the shared stream of random numbers anew.
 *
 * @throws RangeError unless the seed is a whole number.
 * @example
 * seed(42);
 * randn(3); // the same numbers on every machine
 */
export function seed(value: number): void {
  shared.generator = new Generator(value);
}

/** The stream that random functions use unless given another. */
export function defaultGenerator(): Generator {
  return shared.generator;
}

/** How a random tensor is made. */
export interface RandomOptions extends Options {
  /** The stream of numbers; the shared one unless given. */
  readonly generator?: Generator;
}

function fill(
  call: string,
  shape: Shape,
  options: RandomOptions,
  draw: (g: Generator) => number,
  otherwise: DType,
): Tensor {
  const { dtype = otherwise, generator = shared.generator, requiresGrad = false } = options;
  const data = allocate(dtype, sizeOf(shape));
  for (let k = 0; k < data.length; k++) data[k] = draw(generator);
  const out = wrap(data, shape, dtype);
  if (requiresGrad) makeLeaf(call, out);
  return out;
}

type ShapeAndOptions = readonly [Shape, RandomOptions?] | readonly (number | RandomOptions | undefined)[];

function floats(call: string, args: ShapeAndOptions, draw: (g: Generator, dtype: DType) => number): Tensor {
  const [shape, options] = shapeArguments(call, args);
  const dtype = options.dtype ?? "f32";
  if (!isFloat(dtype)) throw new TypeError(`${call}: gives f32 or f64 numbers, not ${dtype}; use randint`);
  return fill(call, shape, options, (g) => draw(g, dtype), dtype);
}

/**
 * Numbers from 0 to 1, 1 not included, all equally likely.
 *
 * @example
 * rand([2, 3], { dtype: "f64" })
 * rand(2, 3)
 */
export function rand<const S extends Shape>(...shape: S): Tensor<Asked<S>>;
export function rand<const S extends Shape>(...args: readonly [...shape: S, options: RandomOptions]): Tensor<Asked<S>>;
export function rand<const S extends Shape>(shape: S, options?: RandomOptions): Tensor<Asked<S>>;
export function rand(...args: ShapeAndOptions): Tensor {
  // 24 bits fill an f32; more could round up to 1.
  return floats("rand", args, (g, dtype) => (dtype === "f32" ? (g.word() >>> 8) / 2 ** 24 : g.uniform()));
}

/**
 * Numbers of the normal distribution with mean 0 and variance 1.
 *
 * @example
 * randn(2, 3)
 */
export function randn<const S extends Shape>(...shape: S): Tensor<Asked<S>>;
export function randn<const S extends Shape>(...args: readonly [...shape: S, options: RandomOptions]): Tensor<Asked<S>>;
export function randn<const S extends Shape>(shape: S, options?: RandomOptions): Tensor<Asked<S>>;
export function randn(...args: ShapeAndOptions): Tensor {
  return floats("randn", args, (g) => g.normal());
}

/**
 * Whole numbers from `low` (0 unless given) to `end`, `end` not included, all equally likely.
 *
 * @throws RangeError unless `low` is less than `end`.
 * @example
 * randint(0, 10, [5])
 * randint(10, [5])
 */
export function randint<const S extends Shape>(end: number, shape: S, options?: RandomOptions): Tensor<Asked<S>>;
export function randint<const S extends Shape>(
  low: number,
  end: number,
  shape: S,
  options?: RandomOptions,
): Tensor<Asked<S>>;
export function randint(...args: readonly unknown[]): Tensor {
  const [low, end, shape, options = {}] = (typeof args[1] === "number" ? args : [0, ...args]) as readonly [
    number,
    number,
    Shape,
    RandomOptions?,
  ];
  if (!(shape instanceof Array)) throw new TypeError(`randint: expected a shape such as [3], got ${typeof shape}`);
  checkShape("randint", shape);
  if (!Number.isSafeInteger(low) || !Number.isSafeInteger(end) || low >= end) {
    throw new RangeError(`randint: there is no whole number from ${low} up to, not including, ${end}`);
  }
  return fill("randint", [...shape], options, (g) => low + g.below(end - low), "i32");
}

/**
 * The whole numbers from 0 to n in random order.
 *
 * @example
 * randperm(4) // [2, 0, 3, 1], say
 */
export function randperm<const N extends number>(n: N, options: RandomOptions = {}): Tensor<[N]> {
  checkShape("randperm", [n]);
  return wrap(Int32Array.from(shuffled(n, options.generator ?? shared.generator)), [n] as [N], "i32");
}

/** The whole numbers from 0 to n in random order (Fisher and Yates). */
export function shuffled(n: number, generator: Generator): number[] {
  const order = Array.from({ length: n }, (_, k) => k);
  for (let k = n - 1; k > 0; k--) {
    const other = generator.below(k + 1);
    [order[k], order[other]] = [order[other] as number, order[k] as number];
  }
  return order;
}

/**
 * {@link rand} in the shape and type of `x`.
 *
 * @example
 * randLike(ones([2, 3])) // shape [2, 3]
 */
export function randLike<S extends Shape>(x: Tensor<S>, options: RandomOptions = {}): Tensor<S> {
  return rand(x.shape as Shape, { dtype: x.dtype, ...options }) as Tensor as Tensor<S>;
}

/**
 * {@link randn} in the shape and type of `x`.
 *
 * @example
 * randnLike(ones([2, 3])) // shape [2, 3]
 */
export function randnLike<S extends Shape>(x: Tensor<S>, options: RandomOptions = {}): Tensor<S> {
  return randn(x.shape as Shape, { dtype: x.dtype, ...options }) as Tensor as Tensor<S>;
}

/**
 * Ones and zeros: one with the probability that stands at the same place.
 *
 * @throws RangeError for a probability outside [0, 1].
 * @example
 * bernoulli(full([3], 0.5))
 */
export function bernoulli<S extends Shape>(
  p: Tensor<S>,
  { generator = shared.generator }: RandomOptions = {},
): Tensor<S> {
  const { data } = p as Tensor;
  for (const x of data) if (!(x >= 0 && x <= 1)) throw new RangeError(`bernoulli: ${x} is not a probability`);
  return wrap(
    data.map((x) => Number(generator.uniform() < x)),
    p.shape,
    p.dtype,
  );
}

/**
 * Places of `weights`, drawn with these (relative) probabilities.
 *
 * @throws RangeError for weights that are negative or all zero, or more draws than there are places without replacement.
 * @example
 * multinomial(tensor([0.1, 0.9]), 5, true)
 */
export function multinomial(
  weights: Tensor,
  count: number,
  replacement = false,
  { generator = shared.generator }: RandomOptions = {},
): Tensor {
  const left = [...weights.data];
  if (!left.every((w) => w >= 0 && w < Infinity)) throw new RangeError("multinomial: weights must not be negative");
  const drawn = Array.from({ length: count }, () => {
    const total = left.reduce((a, b) => a + b, 0);
    if (!(total > 0)) throw new RangeError(`multinomial: cannot draw ${count} times from ${left.length} weights`);
    let target = generator.uniform() * total;
    let place = left.findIndex((w) => (target -= w) < 0);
    if (place < 0) place = left.findLastIndex((w) => w > 0);
    if (!replacement) left[place] = 0;
    return place;
  });
  return wrap(Int32Array.from(drawn), [count], "i32");
}
