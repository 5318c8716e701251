// The safetensors format both ways: eight bytes for the length of a header, the header as JSON (name → type, shape, place), then the numbers
// (https://github.com/huggingface/safetensors). Nothing in a file is believed before it was checked.

import { allocate, BYTES, type Data, type DType } from "./dtype.ts";
import { flatValues } from "./create.ts";
import { type Shape, show, sizeOf } from "./shape.ts";
import { concrete, type Tensor, wrap } from "./trace.ts";

// Every host of JavaScript has these two; they are not of the language itself.
declare const TextEncoder: new () => { encode(text: string): Uint8Array };
declare const TextDecoder: new (label: string, options: { fatal: boolean }) => { decode(bytes: Uint8Array): string };

const NAMES: Record<DType, string> = { f32: "F32", f64: "F64", i32: "I32", bool: "BOOL" };
/** How the types of a file become ours, and the bytes of one element there. */
const TYPES: Readonly<
  Record<string, { readonly dtype: DType; readonly bytes: number; read(view: DataView, at: number): number }>
> = {
  F64: { dtype: "f64", bytes: 8, read: (view, at) => view.getFloat64(at, true) },
  F32: { dtype: "f32", bytes: 4, read: (view, at) => view.getFloat32(at, true) },
  F16: { dtype: "f32", bytes: 2, read: (view, at) => half(view.getUint16(at, true)) },
  BF16: { dtype: "f32", bytes: 2, read: (view, at) => brain(view.getUint16(at, true)) },
  I64: { dtype: "i32", bytes: 8, read: (view, at) => Number(view.getBigInt64(at, true)) },
  I32: { dtype: "i32", bytes: 4, read: (view, at) => view.getInt32(at, true) },
  I16: { dtype: "i32", bytes: 2, read: (view, at) => view.getInt16(at, true) },
  I8: { dtype: "i32", bytes: 1, read: (view, at) => view.getInt8(at) },
  U8: { dtype: "i32", bytes: 1, read: (view, at) => view.getUint8(at) },
  BOOL: { dtype: "bool", bytes: 1, read: (view, at) => Number(view.getUint8(at) !== 0) },
};
const LARGEST_HEADER = 100_000_000;

function half(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

const word = new DataView(new ArrayBuffer(4));
function brain(bits: number): number {
  word.setUint32(0, bits * 0x10000);
  return word.getFloat32(0);
}

interface Entry {
  readonly dtype: string;
  readonly shape: number[];
  readonly data_offsets: [number, number];
}

/**
 * The bytes of a safetensors file that holds these tensors, and strings that describe it.
 *
 * @example
 * writeFileSync("model.safetensors", saveSafetensors(model.stateDict()));
 */
export function saveSafetensors(
  tensors: Readonly<Record<string, Tensor>>,
  metadata?: Readonly<Record<string, string>>,
): Uint8Array {
  const header: Record<string, unknown> = metadata === undefined ? {} : { __metadata__: metadata };
  let at = 0;
  const parts = Object.entries(tensors).map(([name, x]) => {
    if (name === "__metadata__") throw new RangeError("saveSafetensors: a tensor cannot be named __metadata__");
    const data = flatValues(concrete("saveSafetensors", x));
    const bytes = data.length * BYTES[x.dtype];
    header[name] = { dtype: NAMES[x.dtype], shape: x.shape, data_offsets: [at, at + bytes] };
    at += bytes;
    return { data, dtype: x.dtype };
  });
  // Spaces at the end of the header let the numbers begin at a multiple of eight.
  const json = new TextEncoder().encode(JSON.stringify(header));
  const padded = Math.ceil(json.length / 8) * 8;
  const out = new Uint8Array(8 + padded + at).fill(0x20, 8, 8 + padded);
  const view = new DataView(out.buffer);
  view.setBigUint64(0, BigInt(padded), true);
  out.set(json, 8);
  let place = 8 + padded;
  for (const { data, dtype } of parts) {
    for (const value of data) {
      if (dtype === "f32") view.setFloat32(place, value, true);
      else if (dtype === "f64") view.setFloat64(place, value, true);
      else if (dtype === "i32") view.setInt32(place, value, true);
      else view.setUint8(place, value);
      place += BYTES[dtype];
    }
  }
  return out;
}

/**
 * The tensors of a safetensors file, by name. Half precision becomes f32, other whole numbers i32.
 *
 * @throws RangeError for a file that is cut short, whose header is no such, or whose offsets do not fit: it says which, and nothing is
 *   read from it.
 * @example
 * model.loadStateDict(loadSafetensors(readFileSync("model.safetensors")));
 */
export function loadSafetensors(bytes: Uint8Array): Record<string, Tensor> {
  const fail = (what: string): never => {
    throw new RangeError(`loadSafetensors: ${what}`);
  };
  if (bytes.length < 8) fail(`a file of ${bytes.length} bytes is cut short: the length of the header alone takes 8`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const claimed = view.getBigUint64(0, true);
  if (claimed > BigInt(LARGEST_HEADER) || claimed > BigInt(bytes.length - 8)) {
    fail(
      `the header is said to have ${claimed} bytes, the file has ${bytes.length}: it is cut short, or not in this format`,
    );
  }
  const start = 8 + Number(claimed);
  const header = parseHeader(bytes.subarray(8, start), fail);
  const available = bytes.length - start;
  const entries = Object.entries(header)
    .filter(([name]) => name !== "__metadata__")
    .map(([name, value]) => ({ name, ...checkEntry(name, value, available, fail) }));
  // The format wants the numbers without holes and without overlap.
  let end = 0;
  for (const { name, from, to } of entries.toSorted((a, b) => a.from - b.from || a.to - b.to)) {
    if (from !== end) fail(`${name} begins at ${from}, the one before it ends at ${end}`);
    end = to;
  }
  if (end !== available) fail(`the tensors take ${end} bytes, the file has ${available} for them`);
  const out: Record<string, Tensor> = {};
  for (const { name, type, shape, from } of entries) {
    const data: Data = allocate(type.dtype, sizeOf(shape));
    for (let k = 0; k < data.length; k++) {
      const value = type.read(view, start + from + k * type.bytes);
      data[k] = value;
      // An i32 would silently hold something else.
      if (type === TYPES["I64"] && data[k] !== value) fail(`${name} holds ${value}, which is more than an i32 can`);
    }
    Object.defineProperty(out, name, {
      value: wrap(data, shape, type.dtype),
      enumerable: true,
      writable: true,
      configurable: true,
    });
  }
  return out;
}

function parseHeader(bytes: Uint8Array, fail: (what: string) => never): Record<string, unknown> {
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    // The reason is in no position that would help: the file is not what it claims to be.
    fail("the header is not JSON: the file is damaged, or not in this format");
  }
  if (typeof header !== "object" || header === null || Array.isArray(header)) fail("the header is not an object");
  return header as Record<string, unknown>;
}

function checkEntry(name: string, value: unknown, available: number, fail: (what: string) => never) {
  const entry = value as Partial<Entry> | null;
  const type = TYPES[String(entry?.dtype)];
  if (type === undefined || !Object.hasOwn(TYPES, String(entry?.dtype))) {
    return fail(`${name} has the type ${String(entry?.dtype)}, which is none of ${Object.keys(TYPES).join(", ")}`);
  }
  const shape: unknown = entry?.shape;
  const whole = (n: unknown): boolean => Number.isSafeInteger(n) && (n as number) >= 0;
  if (!Array.isArray(shape) || !shape.every(whole)) return fail(`${name} has the shape ${JSON.stringify(shape)}`);
  const offsets: unknown = entry?.data_offsets;
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(whole)) {
    return fail(`${name} has the offsets ${JSON.stringify(offsets)}`);
  }
  const [from, to] = offsets as [number, number];
  const size = sizeOf(shape as Shape) * type.bytes;
  if (to > available) fail(`${name} ends at ${to}, the file has ${available} bytes for tensors: it is cut short`);
  if (to - from !== size) {
    fail(
      `${name} of shape ${show(shape as Shape)} takes ${size} bytes, its offsets ${from} to ${to} hold ${to - from}`,
    );
  }
  return { type, shape: shape as number[], from, to };
}
