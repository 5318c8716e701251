// The four element types and what follows from them: which array holds them, which of two wins in a mixed operation. Numbers are
// f32 unless asked otherwise, as in PyTorch; the reference backend accumulates in f64 whatever the type.

/** An element type: 32- and 64-bit floats, 32-bit integers, booleans. */
export type DType = "f32" | "f64" | "i32" | "bool";

/** The array that holds the elements of a tensor: Float32Array, Float64Array, Int32Array, or Uint8Array for booleans. */
export type Data = Float32Array | Float64Array | Int32Array | Uint8Array;

const RANK: Record<DType, number> = { bool: 0, i32: 1, f32: 2, f64: 3 };

/** The bytes of one element. */
export const BYTES: Record<DType, number> = { bool: 1, i32: 4, f32: 4, f64: 8 };

/** A zeroed array for `length` elements of `dtype`; a RangeError that says how much it would be if there is no memory for them. */
export function allocate(dtype: DType, length: number): Data {
  try {
    switch (dtype) {
      case "f32":
        return new Float32Array(length);
      case "f64":
        return new Float64Array(length);
      case "i32":
        return new Int32Array(length);
      case "bool":
        return new Uint8Array(length);
    }
  } catch (error) {
    // The engine's own words name neither the numbers nor their type.
    const size = (length * BYTES[dtype]) / 2 ** 30;
    throw new RangeError(
      `there is no memory for ${length} numbers of type ${dtype} (${size.toPrecision(3)} GiB); work on parts, or let go of what is kept`,
      { cause: error },
    );
  }
}

// The engine keeps an array up to 64 bytes on its heap; a larger one costs ten times as much, most of it for memory of its own.
const ON_HEAP = 64;
const SHARED = 128;
let run = new ArrayBuffer(0);
let taken = 0;

/**
 * An array for a result that is never handed out itself, since its buffer may be shared with its neighbours; zeroed. Few share one, so
 * that whoever keeps one array keeps little else.
 */
export function allocateResult(dtype: DType, length: number): Data {
  const bytes = length * BYTES[dtype];
  if (bytes <= ON_HEAP || bytes > SHARED || dtype === "bool") return allocate(dtype, length);
  if (taken + bytes > run.byteLength) {
    run = new ArrayBuffer(8 * SHARED);
    taken = 0;
  }
  const start = taken;
  taken += (bytes + 7) & ~7;
  switch (dtype) {
    case "f32":
      return new Float32Array(run, start, length);
    case "f64":
      return new Float64Array(run, start, length);
    case "i32":
      return new Int32Array(run, start, length);
  }
}

export function isFloat(dtype: DType): boolean {
  return dtype === "f32" || dtype === "f64";
}

export function isDType(value: unknown): value is DType {
  return typeof value === "string" && Object.hasOwn(RANK, value);
}

/**
 * The type of a mixed operation. The wider wins, but a single number does not widen a tensor of the same kind:
 * f32[3] with f64[] stays f32 (https://docs.pytorch.org/docs/stable/tensor_attributes.html#type-promotion-doc).
 */
export function promote(a: DType, aRank: number, b: DType, bRank: number): DType {
  if (a === b) return a;
  if (isFloat(a) && isFloat(b)) {
    if (aRank > 0 && bRank === 0) return a;
    if (bRank > 0 && aRank === 0) return b;
  }
  return RANK[a] > RANK[b] ? a : b;
}
