// The WebAssembly backend: products of f32 matrices in SIMD, from the size on where packing them pays. Everything else it leaves to the
// reference backend. Operands are copied into one memory that serves as scratch and is reused by every call, so nothing is kept there.

import { type Backend, type Block, type Kernel, type KernelParams, stridesOf } from "../backend.ts";
import type { Data } from "../dtype.ts";
import { reference } from "./reference.ts";
import { assemble } from "./wasm/assembler.ts";
import { COLUMNS, matmulF32, ROWS } from "./wasm/matmul.ts";

// Of the language's hosts all have these; they are not of the language itself.
declare const WebAssembly: {
  validate(bytes: Uint8Array): boolean;
  Module: new (bytes: Uint8Array) => object;
  Instance: new (module: object, imports: object) => { readonly exports: Record<string, unknown> };
  Memory: new (limits: { initial: number }) => { readonly buffer: ArrayBuffer; grow(pages: number): number };
};

const PAGE = 65_536;
/** Multiply-adds below which plain loops are faster than packing and a call. */
const SMALLEST = 4096;

type Multiply = (a: number, b: number, c: number, bandsA: number, bandsB: number, inner: number, rowC: number) => void;

/** One matrix of a block: where it starts, and its steps along rows and columns. */
interface Matrix {
  readonly data: Data;
  readonly start: number;
  readonly row: number;
  readonly column: number;
}

/** The backend, or undefined where there is no WebAssembly with SIMD. */
export function wasmBackend(): Backend | undefined {
  const bytes = assemble([matmulF32()]);
  if (typeof WebAssembly === "undefined" || !WebAssembly.validate(bytes)) return undefined;
  const memory = new WebAssembly.Memory({ initial: 16 });
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), { env: { memory } });
  const multiply = exports["matmulF32"] as Multiply;
  let floats = new Float32Array(memory.buffer);

  function reserve(count: number): void {
    const missing = count * 4 - memory.buffer.byteLength;
    if (missing > 0) {
      try {
        memory.grow(Math.ceil(missing / PAGE));
      } catch {
        // The engine's own message names neither what was asked for nor why.
        throw new RangeError(`matmul: there is no memory for ${count} numbers at once`);
      }
    }
    // Growing detaches earlier views.
    if (floats.buffer !== memory.buffer) floats = new Float32Array(memory.buffer);
  }

  /** Lays `count` lines of `inner` numbers out in bands: the numbers of a band that belong together lie together. */
  function pack(
    to: number,
    from: Matrix,
    count: number,
    inner: number,
    band: number,
    line: number,
    along: number,
  ): void {
    const into = floats;
    const data = from.data;
    for (let first = 0, place = to; first < count; first += band, place += band * inner) {
      const lines = Math.min(band, count - first);
      const start = from.start + first * line;
      if (lines < band) {
        into.fill(0, place, place + band * inner);
        for (let l = 0, target = place; l < inner; l++, target += band) {
          for (let k = 0, at = start + l * along; k < lines; k++, at += line) into[target + k] = data[at] as number;
        }
        continue;
      }
      // Whole bands, four at a time without a loop: four times as fast.
      for (let l = 0, target = place; l < inner; l++) {
        for (let k = 0, at = start + l * along; k < band; k += 4, target += 4) {
          into[target] = data[at] as number;
          into[target + 1] = data[(at += line)] as number;
          into[target + 2] = data[(at += line)] as number;
          into[target + 3] = data[(at += line)] as number;
          at += line;
        }
      }
    }
  }

  function product(out: Data, to: number, a: Matrix, b: Matrix, m: number, k: number, n: number, bias?: Matrix): void {
    const bandsA = Math.ceil(m / ROWS);
    const bandsB = Math.ceil(n / COLUMNS);
    const width = bandsB * COLUMNS;
    const placeB = bandsA * ROWS * k;
    const placeC = placeB + width * k;
    reserve(placeC + bandsA * ROWS * width);
    pack(0, a, m, k, ROWS, a.row, a.column);
    pack(placeB, b, n, k, COLUMNS, b.column, b.row);
    multiply(0, placeB * 4, placeC * 4, bandsA, bandsB, k, width * 4);
    for (let i = 0; i < m; i++) {
      const row = placeC + i * width;
      if (bias === undefined) out.set(floats.subarray(row, row + n), to + i * n);
      else {
        for (let j = 0; j < n; j++) {
          out[to + i * n + j] = (floats[row + j] as number) + (bias.data[bias.start + j * bias.column] as number);
        }
      }
    }
  }

  function matrix(x: Block, transposed: boolean): Matrix {
    const strides = stridesOf(x);
    const row = strides[strides.length - 2] as number;
    const column = strides[strides.length - 1] as number;
    const start = x.offset;
    return { data: x.storage.data, start, row: transposed ? column : row, column: transposed ? row : column };
  }

  const matmul: Kernel<KernelParams["matmul"]> = (out, shape, inputs, params) => {
    const [a, b] = inputs as readonly [Block, Block];
    const [m, n] = shape.slice(-2) as [number, number];
    const k = a.shape[a.shape.length - (params.ta ? 2 : 1)] as number;
    if (a.dtype !== "f32" || shape.length !== 2 || m * n * k < SMALLEST) {
      reference.kernels.matmul(out, shape, inputs, params);
      return;
    }
    product(out, 0, matrix(a, params.ta), matrix(b, params.tb), m, k, n);
  };

  const linear: Kernel<KernelParams["linear"]> = (out, shape, inputs, params) => {
    const [x, w, bias] = inputs as readonly [Block, Block, Block];
    const [m, n] = shape as readonly [number, number];
    const k = x.shape[1] as number;
    if (x.dtype !== "f32" || m * n * k < SMALLEST) {
      reference.kernels.linear(out, shape, inputs, params);
      return;
    }
    const shift: Matrix = { data: bias.storage.data, start: bias.offset, row: 0, column: stridesOf(bias)[0] as number };
    product(out, 0, matrix(x, false), matrix(w, true), m, k, n, shift);
  };

  return { name: "wasm", kernels: { matmul, linear } };
}
