// What optimizers share: parameters in groups, their state, and one pass over the elements of each. Steps are plain arithmetic in place on
// arrays, not operations: nothing is recorded, and nothing is allocated after the first step.

import { type Block, Storage } from "../backend.ts";
import { dense } from "../views.ts";
import type { Data } from "../dtype.ts";
import { sizeOf } from "../shape.ts";
import { gradOf, noGrad } from "../tape.ts";
import { state as global, Tensor, wrap } from "../trace.ts";

/** Parameters that are trained alike. */
export interface Group<O> {
  readonly params: readonly Tensor[];
  options: O;
}

/** What every optimizer takes. */
export interface BaseOptions {
  /** The learning rate. */
  readonly lr?: number;
}

/**
 * What an optimizer trains: parameters, or groups of them with options of their own.
 *
 * @example
 * new optim.Adam([{ params: body.parameters(), lr: 1e-4 }, { params: head.parameters() }], { lr: 1e-2 })
 */
export type Trainable<O> = Iterable<Tensor> | Iterable<{ readonly params: Iterable<Tensor> } & Partial<O>>;

/** Arrays and numbers kept for one parameter between steps. */
export interface Slot {
  step: number;
  readonly arrays: Storage[];
  readonly numbers: number[];
}

/**
 * Changes parameters so that a loss gets smaller. `step()` uses the gradients that `backward()` left.
 *
 * @example
 * const optimizer = new optim.Adam(model.parameters(), { lr: 0.01 });
 * optimizer.zeroGrad();
 * loss.backward();
 * optimizer.step();
 */
export abstract class Optimizer<O extends { readonly lr: number }> {
  readonly groups: Group<O>[];
  #slots = new Map<Tensor, Slot>();

  /** @throws TypeError without parameters; RangeError for options that make no sense. */
  constructor(params: Trainable<O>, options: O) {
    const name = this.constructor.name;
    if (typeof (params as Partial<Iterable<unknown>> | null)?.[Symbol.iterator] !== "function")
      throw new TypeError(`${name}: expected a list of parameters; of a model take model.parameters()`);
    const list: readonly unknown[] = [...params];
    if (list.length === 0) throw new TypeError(`${name}: got no parameters`);
    this.groups = list.every((p): p is Tensor => p instanceof Tensor)
      ? [{ params: list, options }]
      : (list as ({ params: Iterable<Tensor> } & Partial<O>)[]).map(({ params: own, ...rest }) => ({
          params: [...own],
          options: { ...options, ...rest },
        }));
    for (const { params: own, options: o } of this.groups) {
      if (!(o.lr >= 0)) throw new RangeError(`${name}: lr must not be negative, not ${o.lr}`);
      for (const p of own) {
        if (!(p instanceof Tensor)) throw new TypeError(`${name}: expected tensors, got ${typeof p}`);
        if (!p.requiresGrad || !p.isLeaf) {
          throw new TypeError(
            `${name}: only a parameter with requiresGrad that was not computed from others can be trained`,
          );
        }
      }
    }
  }

  /** The learning rate of the first group; setting it sets that of all. */
  get lr(): number {
    return (this.groups[0] as Group<O>).options.lr;
  }
  set lr(lr: number) {
    for (const group of this.groups) group.options = { ...group.options, lr };
  }

  /** How often a parameter was changed. */
  get steps(): number {
    let steps = 0;
    for (const slot of this.#slots.values()) steps = Math.max(steps, slot.step);
    return steps;
  }

  /** Forgets the gradients of all parameters. */
  zeroGrad(): void {
    for (const { params } of this.groups) for (const p of params) p.zeroGrad();
  }

  /** Changes every parameter that has a gradient. With a function, calls it first for the loss, and returns that. */
  step(closure?: () => Tensor): Tensor | undefined {
    const loss = closure?.();
    for (const { params, options } of this.groups) {
      for (const p of params) {
        const grad = gradOf(p);
        if (grad !== null) this.#apply(p, grad, options);
      }
    }
    return loss;
  }

  #apply(p: Tensor, grad: Tensor, options: O): void {
    let slot = this.#slots.get(p);
    if (slot === undefined) {
      slot = { step: 0, arrays: [], numbers: [] };
      this.#slots.set(p, slot);
    }
    slot.step++;
    const n = sizeOf(p.shape);
    const gradient = dense(grad);
    if (p.strides === null && this.updateFused(p, gradient, slot, options)) {
      p.storage.version = ++global.clock;
      return;
    }
    const { storage, offset } = gradient;
    const g = offset === 0 && storage.data.length === n ? storage.data : storage.data.subarray(offset, offset + n);
    const w = p.storage.data;
    if (p.strides === null && p.offset === 0 && w.length === n) this.update(w, g, slot, options);
    else {
      // A view: its elements are brought together, changed, and put back.
      const copy = p.data;
      this.update(copy, g, slot, options);
      noGrad(() => p.copy_(wrap(copy, p.shape, p.dtype)));
    }
    p.storage.version = ++global.clock;
  }

  /** The same in one pass of the backend, on dense blocks; false if it has none. */
  protected updateFused(_w: Block, _g: Block, _slot: Slot, _options: O): boolean {
    return false;
  }

  /** Changes the elements `w` of one parameter, whose gradient is `g`. */
  protected abstract update(w: Data, g: Data, slot: Slot, options: O): void;
}

/** The `k`-th array of a slot, zeros at first. */
export function array(slot: Slot, k: number, length: number): Data {
  while (slot.arrays.length <= k) slot.arrays.push(new Storage(new Float64Array(length)));
  return (slot.arrays[k] as Storage).data;
}

/** The same in f32, for a backend. */
export function singles(slot: Slot, k: number, length: number): Storage {
  while (slot.arrays.length <= k) slot.arrays.push(new Storage(new Float32Array(length)));
  const storage = slot.arrays[k] as Storage;
  // Another backend may have begun it.
  if (!(storage.data instanceof Float32Array)) storage.data = Float32Array.from(storage.data);
  return storage;
}

/** Throws unless every number lies in [0, 1), as decay rates do. */
export function checkRates(name: string, rates: Readonly<Record<string, number>>): void {
  for (const [rate, value] of Object.entries(rates)) {
    if (!(value >= 0 && value < 1)) throw new RangeError(`${name}: ${rate} must lie in [0, 1), not ${value}`);
  }
}
