// The compiled kernels and the memory they work in, made when the first large operation needs them. Operands of kernels are addresses:
// arrays of some size live in the pool, smaller ones are copied to a fixed place for the time of a call.

import { type Block, type Memory, type Storage, stridesOf } from "../../backend.ts";
import { BYTES, type Data, type DType } from "../../dtype.ts";
import { sameShape, type Shape, sizeOf } from "../../shape.ts";
import { copyBlock } from "../reference/loops.ts";
import { BINARY, SHARED_AT } from "./binary.ts";
import { collapse } from "./layout.ts";
import { type Place, Pool, view } from "./pool.ts";

interface MemoryLimits {
  readonly initial: number;
  readonly maximum: number;
  readonly shared: boolean;
}

// Of the language's hosts all have these; they are not of the language itself.
declare const WebAssembly: {
  validate(bytes: Uint8Array): boolean;
  Module: new (bytes: Uint8Array) => object;
  Instance: new (module: object, imports: object) => { readonly exports: Readonly<Record<string, unknown>> };
  Memory: new (limits: MemoryLimits) => { readonly buffer: ArrayBufferLike };
};
declare const atob: (text: string) => string;

/** A kernel; some say with 1 that they cannot. */
export type Call = (...args: number[]) => number | undefined;

/** From which sizes on what is done here rather than in plain loops over an array of the collector's: measured, on Node 20. */
export interface Sizes {
  /** Bytes from which on an array lives in the pool. */
  readonly large: number;
  /** Elements from which on a function that is one instruction pays for a call. */
  readonly cheap: number;
  /** Elements from which on a function that is a series does. */
  readonly costly: number;
  /** Multiply-adds from which on a product does. */
  readonly product: number;
}

export const SIZES: Sizes = { large: 256, cheap: 384, costly: 48, product: 2048 };

// The memory: the kernels' stack (by the linker), a plan and counters of copies, packed blocks of matrices, small operands, the pool.
const STACK = 65_536;
const PLAN = STACK;
const COUNTERS = PLAN + 512;
/** A block of 128 × 400 and one of 400 × 2048 numbers, as matmul.c has them, for f64. */
const PACKED = PLAN + 1024;
const PACKED_BYTES = (128 * 400 + 400 * 2048) * 8;
const SMALL = PACKED + PACKED_BYTES;
const SMALL_BYTES = 256 * 1024;
/** Bytes up to which an operand is copied to the place of small ones. */
const SMALLEST = 16_384;
const POOL = SMALL + SMALL_BYTES;

/** A function that adds two vectors: whether the engine has SIMD. */
const VECTORS = Uint8Array.of(
  0, 97, 115, 109, 1, 0, 0, 0, 1, 7, 1, 96, 2, 123, 123, 1, 123, 3, 2, 1, 0, 10, 11, 1, 9, 0, 32, 0, 32, 1, 253, 228, 1, 11,
); // prettier-ignore

export function hasVectors(): boolean {
  return typeof WebAssembly !== "undefined" && WebAssembly.validate(VECTORS);
}

/**
 * Reserves 2 GiB, or what there is: only pages that were written take memory. Shared, where the engine allows it, since an engine does
 * not count shared memory as the collector's.
 */
function reserve(): { memory: { readonly buffer: ArrayBufferLike }; shared: boolean } {
  let failure: unknown;
  for (let pages = 32_768; pages >= 1024; pages /= 2) {
    for (const shared of [true, false]) {
      try {
        return { memory: new WebAssembly.Memory({ initial: pages, maximum: pages, shared }), shared };
      } catch (error) {
        // Less may be there, or only memory that is not shared.
        failure = error;
      }
    }
  }
  throw new RangeError("wasm: there is no room for a memory of 64 MiB", { cause: failure });
}

/** The kernels, once they are compiled. */
export class Engine implements Memory {
  #open: { readonly exports: Readonly<Record<string, unknown>>; readonly pool: Pool; readonly buffer: ArrayBufferLike } | undefined; // prettier-ignore
  #small = SMALL;
  readonly packed = PACKED;
  readonly sizes: Sizes;
  readonly least: number;

  constructor(sizes: Sizes) {
    this.sizes = sizes;
    this.least = Math.ceil(sizes.large / 8);
  }

  #start() {
    if (this.#open !== undefined) return this.#open;
    const { memory, shared } = reserve();
    const text = atob(BINARY);
    const bytes = new Uint8Array(text.length);
    // Not with Uint8Array.from, which takes ten times as long.
    for (let k = 0; k < bytes.length; k++) bytes[k] = text.charCodeAt(k);
    // The binary imports a shared memory; one bit says so.
    if (!shared) bytes[SHARED_AT] = 1;
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), { env: { memory } });
    this.#open = { exports, pool: new Pool(memory.buffer, POOL), buffer: memory.buffer };
    return this.#open;
  }

  /** The kernel of this name. */
  function(name: string): Call {
    return this.#start().exports[name] as Call;
  }

  has(name: string): boolean {
    return name in this.#start().exports;
  }

  /** Bytes of the pool that were ever in use. */
  get bytes(): number {
    return this.#open?.pool.bytes ?? 0;
  }

  storage(dtype: DType, length: number): Storage | null {
    if (length * BYTES[dtype] < this.sizes.large) return null;
    const { pool } = this.#start();
    pool.begin();
    return pool.storage(dtype, length);
  }

  release(storage: Storage): void {
    const place = storage.place as Place | null;
    place?.pool.release(place);
  }

  /** After an interrupt: a function that was cut off has not put the kernels' stack back. */
  reset(): void {
    if (this.#open !== undefined) (this.#open.exports["__stack_pointer"] as { value: number }).value = STACK;
  }

  /** Begins a call that writes to `out`: its address, and whether that is only a copy. */
  begin(out: Data): Output {
    const { pool, buffer } = this.#start();
    this.#small = SMALL;
    if (out.buffer === buffer) return { address: out.byteOffset, end() {} };
    pool.begin();
    const address = this.room(out.byteLength);
    return {
      address,
      end: () => {
        out.set(viewLike(out, buffer, address, out.length));
      },
    };
  }

  /** Begins a call that changes arrays where they lie. */
  beginUpdate(): void {
    this.#small = SMALL;
    this.#start().pool.begin();
  }

  /** Where the numbers of a storage lie, whatever its size; 0 if there is no room. */
  address(storage: Storage, dtype: DType): number {
    return this.#start().pool.address(storage, dtype);
  }

  /** Room for `bytes` until the next call; 0 if there is none. */
  room(bytes: number): number {
    if (bytes <= SMALLEST && this.#small + bytes <= SMALL + SMALL_BYTES) {
      const address = this.#small;
      this.#small += (bytes + 15) & ~15;
      return address;
    }
    return this.#start().pool.scratch(bytes);
  }

  /** Where the first element of `x` lies, which keeps its strides; 0 if there is no room. */
  place(x: Block): number {
    const { storage, dtype, offset } = x;
    const { pool, buffer } = this.#start();
    const { data } = storage;
    if (storage.place === null && data.byteLength < this.sizes.large) {
      const address = this.room(data.byteLength);
      if (address !== 0) viewLike(data, buffer, address, data.length).set(data);
      return address === 0 ? 0 : address + offset * BYTES[dtype];
    }
    if (storage.place === null) {
      const [low, high] = extent(x);
      if (isSmallPart(high - low, data.length)) {
        const address = this.room((high - low) * BYTES[dtype]);
        if (address !== 0) viewLike(data, buffer, address, high - low).set(data.subarray(low, high));
        return address === 0 ? 0 : address + (offset - low) * BYTES[dtype];
      }
    }
    const address = pool.address(storage, dtype);
    return address === 0 ? 0 : address + offset * BYTES[dtype];
  }

  /** Where the elements of `x` lie dense, in row-major order; 0 if there is no room. */
  dense(x: Block): number {
    const { buffer } = this.#start();
    const count = sizeOf(x.shape);
    const bytes = count * BYTES[x.dtype];
    const { place, data } = x.storage;
    if (place !== null || (data.byteLength >= this.sizes.large && !isSmallPart(count, data.length))) {
      const from = this.place(x);
      if (x.strides === null || from === 0) return from;
      const to = this.room(bytes);
      if (to !== 0) this.copy(x.dtype, from, to, x.shape, stridesOf(x));
      return to;
    }
    const to = this.room(bytes);
    if (to !== 0) copyOut(view(buffer, x.dtype, to, count), x, count);
    return to;
  }

  /** Copies elements at `strides` to dense ones, or to those at `into`; "add" adds them to what is there. */
  copy(
    dtype: DType,
    from: number,
    to: number,
    shape: Shape,
    strides: readonly number[],
    into: readonly number[] = stridesOf({ shape, strides: null } as Block),
    how: "copy" | "add" = "copy",
  ): void {
    const { exports, buffer } = this.#start();
    const plan = new Int32Array(buffer, PLAN, (COUNTERS - PLAN) / 4);
    const axes = collapse(shape, [strides, into]);
    if (axes === null) return;
    while (axes.length < 2) axes.unshift({ size: 1, steps: [0, 0] });
    axes.forEach(({ size, steps }, k) => {
      plan[3 * k] = size;
      plan[3 * k + 1] = steps[0] as number;
      plan[3 * k + 2] = steps[1] as number;
    });
    (exports[`${how}_${BYTES[dtype]}`] as Call)(from, to, axes.length, PLAN, COUNTERS);
  }

  /** Fills `bytes` at `address` with zeros. */
  clear(address: number, bytes: number): void {
    new Uint8Array(this.#start().buffer, address, bytes).fill(0);
  }
}

/** Where a call writes; `end` puts the result where it belongs. */
export interface Output {
  readonly address: number;
  end(): void;
}

/** Whether so much of a larger array is copied alone, and the rest left where it is. */
function isSmallPart(count: number, whole: number): boolean {
  return count * 8 < whole;
}

/** The places in its array between which the elements of `x` lie. */
function extent(x: Block): [low: number, high: number] {
  let [low, high] = [x.offset, x.offset + 1];
  const strides = stridesOf(x);
  for (let k = 0; k < strides.length; k++) {
    const n = x.shape[k] as number;
    if (n === 0) return [x.offset, x.offset];
    const reach = (n - 1) * (strides[k] as number);
    if (reach < 0) low += reach;
    else high += reach;
  }
  return [low, high];
}

function viewLike(data: Data, buffer: ArrayBufferLike, start: number, length: number): Data {
  return new (data.constructor as Float64ArrayConstructor)(buffer as ArrayBuffer, start, length);
}

function copyOut(to: Data, x: Block, count: number): void {
  const { data } = x.storage;
  if (x.strides !== null) copyBlock(to, x);
  else if (x.offset === 0 && data.length === count) to.set(data);
  else to.set(data.subarray(x.offset, x.offset + count));
}

/** Whether `x` is dense and has this shape. */
export function isWhole(x: Block, shape: Shape): boolean {
  return x.strides === null && sameShape(x.shape, shape);
}
