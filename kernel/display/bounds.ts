// How much of a value can be inspected. `inspect` bounds arrays and strings, but neither the properties of objects nor the product of
// nested lengths; so what it would write is estimated first, and the depth chosen by that.

import { types } from "node:util";

/** About how many characters `inspect` may write before the value is shown less deep. */
const ESTIMATE_LIMIT = 200_000;

export interface Bounds {
  depth: number;
  maxStringLength: number;
}

const WHOLE: Bounds = { depth: 4, maxStringLength: 10_000 };
const STRING: Bounds = { depth: 0, maxStringLength: 100_000 };
const SHALLOW: readonly Bounds[] = [1, 2, 3].map((depth) => ({ depth, maxStringLength: 1000 }));
const TOP: Bounds = { depth: 0, maxStringLength: 200 };
export const MAX_ARRAY_LENGTH = 100;

export function isObject(value: unknown): value is object {
  return (typeof value === "object" && value !== null) || typeof value === "function";
}

/** Whose properties are not listed: they are those of something else, or as many as its elements. */
export function isOpaque(value: object): boolean {
  return (
    types.isProxy(value) || ArrayBuffer.isView(value) || types.isAnyArrayBuffer(value) || types.isStringObject(value)
  );
}

/** Adds up about how many characters `inspect` would write; stops beyond the limit. Runs no getter and no proxy's handler. */
class Estimate {
  characters = 0;
  readonly #bounds: Bounds;
  readonly #limit: number;
  readonly #huge: Set<object>;

  constructor(bounds: Bounds, limit: number, huge: Set<object>) {
    this.#bounds = bounds;
    this.#limit = limit;
    this.#huge = huge;
  }

  get exceeded(): boolean {
    return this.characters > this.#limit;
  }

  add(value: unknown, depth = 0): this {
    this.characters += 10;
    if (typeof value === "string") this.characters += Math.min(value.length, this.#bounds.maxStringLength);
    if (!isObject(value) || depth > this.#bounds.depth) return this;
    if (isOpaque(value)) this.characters += 500;
    else if (types.isMap(value)) this.#entries(Map.prototype.entries.call(value), depth);
    else if (types.isSet(value)) this.#entries(Set.prototype.entries.call(value), depth);
    else if (Array.isArray(value)) this.#elements(value, depth);
    else this.#properties(value, depth);
    return this;
  }

  #entries(entries: Iterator<[unknown, unknown]>, depth: number): void {
    for (let index = 0; index < MAX_ARRAY_LENGTH && !this.exceeded; index++) {
      const next = entries.next();
      if (next.done === true) return;
      this.add(next.value[0], depth + 1).add(next.value[1], depth + 1);
    }
  }

  #elements(array: unknown[], depth: number): void {
    const length = Math.min(array.length, MAX_ARRAY_LENGTH);
    for (let index = 0; index < length && !this.exceeded; index++) this.#property(array, index, depth);
  }

  #properties(value: object, depth: number): void {
    if (this.#huge.has(value)) this.characters = Infinity;
    if (this.exceeded) return;
    const keys = Object.keys(value);
    this.characters += 4 * keys.length;
    if (this.exceeded) this.#huge.add(value);
    for (const key of keys) {
      if (this.exceeded) return;
      this.characters += key.length;
      this.#property(value, key, depth);
    }
  }

  #property(value: object, key: PropertyKey, depth: number): void {
    try {
      const property = Object.getOwnPropertyDescriptor(value, key);
      if (property !== undefined && "value" in property) this.add(property.value, depth + 1);
    } catch {
      // An export of a module that has no value yet; `inspect` says so.
    }
  }
}

/** Whether `inspect` would write no more than about `limit` characters. `huge` remembers objects whose keys took long to list. */
export function fits(value: unknown, bounds: Bounds, limit: number, huge = new Set<object>()): boolean {
  return !new Estimate(bounds, limit, huge).add(value).exceeded;
}

/** The deepest bounds that fit. */
export function boundsOf(value: unknown): Bounds {
  if (!isObject(value)) return STRING;
  const huge = new Set<object>();
  if (fits(value, WHOLE, ESTIMATE_LIMIT, huge)) return WHOLE;
  let deepest = TOP;
  for (const bounds of SHALLOW) {
    if (!fits(value, bounds, ESTIMATE_LIMIT, huge)) break;
    deepest = bounds;
  }
  return deepest;
}
