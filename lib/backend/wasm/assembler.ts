// A small assembler for WebAssembly: instructions under the specification's names, a module of functions over one imported memory. Kernels
// are built from TypeScript when the library is loaded, so there is no binary to check in and no compiler to install
// (https://webassembly.github.io/spec/core/binary).

export type ValueType = "i32" | "v128";
const TYPES: Record<ValueType, number> = { i32: 0x7f, v128: 0x7b };

/** An unsigned number in LEB128. */
function u32(value: number): number[] {
  const bytes: number[] = [];
  let rest = value >>> 0;
  do {
    const low = rest & 0x7f;
    rest >>>= 7;
    bytes.push(rest === 0 ? low : low | 0x80);
  } while (rest !== 0);
  return bytes;
}

/** A signed number in LEB128. */
function s32(value: number): number[] {
  const bytes: number[] = [];
  let rest = value | 0;
  for (;;) {
    const low = rest & 0x7f;
    rest >>= 7;
    const done = (rest === 0 && (low & 0x40) === 0) || (rest === -1 && (low & 0x40) !== 0);
    bytes.push(done ? low : low | 0x80);
    if (done) return bytes;
  }
}

function vector(items: readonly (readonly number[])[]): number[] {
  return [...u32(items.length), ...items.flat()];
}

function name(text: string): number[] {
  const bytes = [...text].map((c) => c.charCodeAt(0));
  return [...u32(bytes.length), ...bytes];
}

/** A place for a number in a function. */
export interface Local {
  readonly index: number;
  readonly type: ValueType;
}

type Body = readonly number[];

const simd = (code: number, ...rest: number[]): number[] => [0xfd, ...u32(code), ...rest];
const address = (align: number, offset: number): number[] => [...u32(align), ...u32(offset)];

/** Instructions; each is its bytes, and a sequence of them is their concatenation. */
export const op = {
  local: {
    get: ({ index }: Local): Body => [0x20, ...u32(index)],
    set: ({ index }: Local): Body => [0x21, ...u32(index)],
  },
  i32: {
    const: (value: number): Body => [0x41, ...s32(value)],
    add: [0x6a] as Body,
    sub: [0x6b] as Body,
    mul: [0x6c] as Body,
  },
  v128: {
    load: (offset = 0): Body => simd(0x00, ...address(4, offset)),
    load32_splat: (offset = 0): Body => simd(0x09, ...address(2, offset)),
    store: (offset = 0): Body => simd(0x0b, ...address(4, offset)),
    zero: simd(0x0c, ...Array.from({ length: 16 }, () => 0)) as Body,
  },
  f32x4: { add: simd(0xe4) as Body, mul: simd(0xe6) as Body },
  /** Runs the body again while what it leaves on the stack is not zero. */
  repeat: (...body: Body[]): Body => [0x03, 0x40, ...body.flat(), 0x0d, 0x00, 0x0b],
};

/** local ← value */
export function set(local: Local, ...value: Body[]): Body {
  return [...value.flat(), ...op.local.set(local)];
}

/** A function in the making. */
export class FunctionBuilder {
  readonly name: string;
  readonly parameters: readonly Local[];
  readonly #locals: Local[] = [];
  #body: Body[] = [];

  constructor(functionName: string, parameters: number) {
    this.name = functionName;
    this.parameters = Array.from({ length: parameters }, (_, index) => ({ index, type: "i32" }));
  }

  local(type: ValueType): Local {
    const local: Local = { index: this.parameters.length + this.#locals.length, type };
    this.#locals.push(local);
    return local;
  }

  emit(...body: Body[]): void {
    this.#body.push(...body);
  }

  /** The type: parameters to nothing. */
  get signature(): number[] {
    return [0x60, ...vector(this.parameters.map(({ type }) => [TYPES[type]])), ...vector([])];
  }

  get code(): number[] {
    const locals = vector(this.#locals.map(({ type }) => [...u32(1), TYPES[type]]));
    const bytes = [...locals, ...this.#body.flat(), 0x0b];
    return [...u32(bytes.length), ...bytes];
  }
}

function section(id: number, content: number[]): number[] {
  return [id, ...u32(content.length), ...content];
}

/** The bytes of a module that imports `env.memory` and exports these functions. */
export function assemble(functions: readonly FunctionBuilder[]): Uint8Array<ArrayBuffer> {
  const memory = [...name("env"), ...name("memory"), 0x02, 0x00, ...u32(1)];
  return Uint8Array.from([
    0x00,
    0x61,
    0x73,
    0x6d,
    0x01,
    0x00,
    0x00,
    0x00, // "\0asm", version 1
    ...section(1, vector(functions.map((f) => f.signature))),
    ...section(2, vector([memory])),
    ...section(3, vector(functions.map((_, k) => u32(k)))),
    ...section(7, vector(functions.map((f, k) => [...name(f.name), 0x00, ...u32(k)]))),
    ...section(10, vector(functions.map((f) => f.code))),
  ]);
}
