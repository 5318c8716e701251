// Batches of examples, in an order that depends on the seed alone.

import { indexSelect } from "../ops/indexing.ts";
import { defaultGenerator, type Generator, shuffled } from "../random.ts";
import { show, type Shape } from "../shape.ts";
import { type Tensor, wrap } from "../trace.ts";

/**
 * Tensors of inputs, targets, …, whose first axes are the examples.
 *
 * @example
 * const set = new data.TensorDataset(ones([10, 2]), arange(10));
 * set.length; // 10
 */
export class TensorDataset<T extends readonly Tensor[] = readonly Tensor[]> {
  readonly tensors: T;

  /** @throws RangeError when the tensors hold different numbers of examples. */
  constructor(...tensors: T) {
    const sizes = new Set(tensors.map((x) => x.shape[0]));
    if (tensors.length === 0 || sizes.size !== 1 || sizes.has(undefined)) {
      throw new RangeError(`TensorDataset: first axes differ: ${tensors.map((x) => show(x.shape)).join(" and ")}`);
    }
    this.tensors = tensors;
  }

  /** The number of examples. */
  get length(): number {
    return this.tensors[0]?.shape[0] ?? 0;
  }

  /** The examples at these places. */
  take(places: readonly number[]): T {
    const index = wrap(Int32Array.from(places), [places.length] as Shape, "i32");
    return this.tensors.map((x) => indexSelect(x, 0, index)) as unknown as T;
  }
}

/** How a {@link DataLoader} makes batches. */
export interface LoaderOptions {
  /** Examples in a batch; 1. */
  readonly batchSize?: number;
  /** Whether the order is random, anew in each pass; false. */
  readonly shuffle?: boolean;
  /** Whether a last batch that is not full is left out; false. */
  readonly dropLast?: boolean;
  /** The stream of random numbers; the shared one unless given. */
  readonly generator?: Generator;
}

/**
 * Batches of a data set; each `for … of` is one pass.
 *
 * @example
 * const loader = new data.DataLoader(new data.TensorDataset(x, y), { batchSize: 32, shuffle: true });
 * for (const [xs, ys] of loader) train(xs, ys);
 */
export class DataLoader<T extends readonly Tensor[]> implements Iterable<T> {
  readonly dataset: TensorDataset<T>;
  readonly #options: LoaderOptions;

  /** @throws RangeError unless a batch holds at least one example. */
  constructor(dataset: TensorDataset<T>, options: LoaderOptions = {}) {
    const { batchSize = 1 } = options;
    if (!Number.isInteger(batchSize) || batchSize < 1) {
      throw new RangeError(`DataLoader: a batch must hold at least one example, not ${batchSize}`);
    }
    this.dataset = dataset;
    this.#options = options;
  }

  /** Examples in a batch. */
  get batchSize(): number {
    return this.#options.batchSize ?? 1;
  }

  /** Whether each pass has an order of its own. */
  get shuffle(): boolean {
    return this.#options.shuffle ?? false;
  }

  /** Whether a last batch that is not full is left out. */
  get dropLast(): boolean {
    return this.#options.dropLast ?? false;
  }

  /** The number of batches in a pass. */
  get length(): number {
    const { batchSize, dropLast } = this;
    return (dropLast ? Math.floor : Math.ceil)(this.dataset.length / batchSize);
  }

  /** The batches of one epoch. */
  *[Symbol.iterator](): globalThis.Generator<T> {
    const { batchSize, shuffle } = this;
    const { generator = defaultGenerator() } = this.#options;
    const n = this.dataset.length;
    const order = shuffle ? shuffled(n, generator) : Array.from({ length: n }, (_, k) => k);
    for (let k = 0; k < this.length; k++) yield this.dataset.take(order.slice(k * batchSize, (k + 1) * batchSize));
  }
}

/**
 * Parts of a data set with these numbers (or fractions) of examples, drawn at random.
 *
 * @throws RangeError when the parts do not add up to the whole.
 * @example
 * const [train, test] = data.randomSplit(set, [0.8, 0.2]);
 */
export function randomSplit<T extends readonly Tensor[]>(
  dataset: TensorDataset<T>,
  parts: readonly number[],
  { generator = defaultGenerator() }: { readonly generator?: Generator } = {},
): TensorDataset<T>[] {
  const n = dataset.length;
  const total = parts.reduce((a, b) => a + b, 0);
  const fractions = Math.abs(total - 1) < 1e-9 && n > 1;
  const sizes = fractions ? parts.map((part) => Math.floor(part * n)) : [...parts];
  // What rounding left over goes to the first parts, one each.
  if (fractions) for (let k = 0, rest = n - sizes.reduce((a, b) => a + b, 0); k < rest; k++) sizes[k % sizes.length] = (sizes[k % sizes.length] as number) + 1; // prettier-ignore
  if (sizes.reduce((a, b) => a + b, 0) !== n || !sizes.every((k) => Number.isInteger(k) && k >= 0)) {
    throw new RangeError(`randomSplit: ${show(parts)} do not add up to ${n} examples, nor to 1`);
  }
  const order = shuffled(n, generator);
  let start = 0;
  return sizes.map((size) => new TensorDataset(...dataset.take(order.slice(start, (start += size)))));
}
