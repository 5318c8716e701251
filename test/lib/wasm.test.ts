// The kernels of the wasm backend against those of the reference, at all sizes: here also what is too small to pay for a call goes through
// WebAssembly, and the smallest array into its memory.

import assert from "node:assert/strict";
import fc from "fast-check";
import { reference } from "../../lib/backend/reference.ts";
import { wasmBackend } from "../../lib/backend/wasm.ts";
import type { Params, PrimitiveName } from "../../lib/backend.ts";
import { type DType, type Shape, type Tensor, tensor, zeros } from "../../lib/index.ts";
import { close } from "./close.ts";
import { allPrimitives, bind, type Primitive, state, useBackend } from "../../lib/trace.ts";

const everything = wasmBackend({ large: 8, cheap: 1, costly: 1, product: 1 });
assert.ok(everything !== undefined);
const wasm = everything;

function on<R>(backend: typeof wasm, f: () => R): R {
  const before = state.backend;
  useBackend(backend);
  try {
    return f();
  } finally {
    useBackend(before);
  }
}

/** What a primitive gives on both backends, as numbers. */
function both<N extends PrimitiveName>(name: N, inputs: readonly Tensor[], params: Params[N]): [number[], number[]] {
  const primitive = allPrimitives().get(name) as unknown as Primitive<Params[N]>;
  const [expected, found] = [reference, wasm].map((backend) => on(backend, () => bind(primitive, inputs, params)));
  assert.deepEqual(found?.shape, expected?.shape);
  assert.equal(found?.dtype, expected?.dtype);
  return [[...(expected as Tensor).data], [...(found as Tensor).data]];
}

/** `ulps` counts units in the last place of f32; of f64 for f64. */
function agree(name: string, [expected, found]: [number[], number[]], dtype: DType, ulps: number, scale = 0): void {
  const unit = dtype === "f64" ? 2 ** -52 : 2 ** -23;
  const least = dtype === "f64" ? 2 ** -1074 : 2 ** -149;
  expected.forEach((y, k) => {
    const x = found[k] as number;
    if (Object.is(x, y) || x === y) return;
    const room = ulps * Math.max(Math.max(Math.abs(y), scale) * unit, least);
    assert.ok(Math.abs(x - y) <= room, `${name}[${k}]: ${x}, expected ${y}`);
  });
}

const NUMBERS = [0, -0, 1, -1, 0.5, -2.5, 1.5, NaN, Infinity, -Infinity, 1e-40, 1e4, -100, 88.8, 30];

/** A block of any layout: dense, cut out of something larger, transposed, backwards, or broadcast. */
function block(shape: Shape, dtype: DType, key: number, layout: number): Tensor {
  let state = key * 2654435761 + 12345;
  const next = (): number => {
    state = (Math.imul(state ^ (state >>> 15), 2246822519) + 374761393) >>> 0;
    const pick = state % 24;
    if (dtype === "bool") return state % 2;
    if (dtype === "i32") return (state % 7) - 3;
    return pick < NUMBERS.length && key % 3 === 0 ? (NUMBERS[pick] as number) : (state / 2 ** 31 - 1) * 4;
  };
  const make = (sizes: Shape): Tensor => {
    const values = Float64Array.from({ length: sizes.reduce((a, b) => a * b, 1) }, next);
    return (tensor(values, { dtype }) as Tensor).reshape(sizes as number[]);
  };
  switch (shape.length === 0 ? 0 : layout % 5) {
    case 1: {
      const wider = shape.map((n) => n + 2);
      return make(wider).slice(...shape.map((n): [number, number] => [1, 1 + n]));
    }
    case 2:
      return make([...shape].reverse()).permute(shape.map((_, k) => shape.length - 1 - k));
    case 3:
      return make(shape).flip(shape.length - 1);
    case 4:
      return make(shape.map((n, k) => (k === layout % shape.length ? Math.min(n, 1) : n))).expand(shape as number[]); // prettier-ignore
    default:
      return make(shape);
  }
}

const sizes = fc.oneof(
  fc.array(fc.oneof(fc.integer({ min: 0, max: 6 }), fc.constant(1)), { maxLength: 4 }),
  fc.array(fc.oneof(fc.integer({ min: 0, max: 9 }), fc.constantFrom(1, 33, 70)), { maxLength: 2 }),
);
const key = fc.integer({ min: 0, max: 1e6 });
const layout = fc.integer({ min: 0, max: 19 });
const float = fc.constantFrom<DType>("f32", "f64");
const runs = { numRuns: 60, seed: 5 };

/** The same shape with some sizes 1, and leading ones left out. */
function narrowed(shape: Shape, mask: number): Shape {
  const some = shape.map((n, k) => ((mask >> k) & 1 ? 1 : n));
  return mask % 3 === 0 ? some.slice(1) : some;
}

const EXACT = ["neg", "square", "reciprocal", "abs", "sqrt", "floor", "ceil", "round", "trunc", "relu", "sign"] as const; // prettier-ignore
const SERIES = [
  "exp",
  "log",
  "sigmoid",
  "tanh",
  "softplus",
  "logSigmoid",
  "rsqrt",
  "expm1",
  "log1p",
  "log2",
  "log10",
  "erf",
  "sin",
  "cos",
  "tan",
] as const;
const ARITHMETIC = ["add", "sub", "mul", "div", "maximum", "minimum"] as const;
const TANGENTS = ["sigmoidTangent", "tanhTangent", "reluTangent", "squareTangent"] as const;
const COMPARISONS = ["eq", "ne", "lt", "le", "gt", "ge", "logicalAnd", "logicalOr"] as const;
const REDUCTIONS = ["sum", "mean", "amax", "amin", "norm", "logsumexp"] as const;

interface Limits {
  readonly initial: number;
  readonly maximum: number;
  readonly shared: boolean;
}

describe("kernels of the wasm backend", () => {
  it("functions of one number are exact where the reference is, or within 2 ulp", () => {
    fc.assert(
      fc.property(sizes, float, key, layout, (shape, dtype, k, l) => {
        const x = block(shape, dtype, k, l);
        for (const name of EXACT) agree(name, both(name, [x], {}), dtype, 0);
        for (const name of SERIES) agree(name, both(name, [x], {}), dtype, 2);
        for (const exponent of [2, -1, 3, 0.5]) agree("powScalar", both("powScalar", [x], { exponent }), dtype, 2);
        agree("affine", both("affine", [x], { scale: 1.5, shift: -0.25, as: "mul" }), dtype, 2, 4);
        agree("clamp", both("clamp", [x], { min: -0.5, max: 1.25 }), dtype, 0);
        agree("copy", both("copy", [x], {}), dtype, 0);
      }),
      runs,
    );
  });

  it("series of f32 are within 2 ulp over all magnitudes", () => {
    const values: number[] = [];
    for (let k = -126; k < 127; k++)
      for (let i = 0; i < 24; i++) values.push(2 ** k * (1 + ((i * 7919 + k * 31) & 1023) / 1024));
    for (let k = -4160; k < 4160; k++) values.push(k / 40 + 1e-3);
    const x = tensor(Float32Array.from([...values, ...values.map((v) => -v)])) as Tensor;
    for (const name of ["exp", "log", "sigmoid", "tanh", "softplus", "logSigmoid"] as const)
      agree(name, both(name, [x], {}), "f32", 2);
  });

  it("functions of two numbers broadcast like the reference", () => {
    fc.assert(
      fc.property(sizes, float, key, key, layout, layout, (shape, dtype, k, m, l, n) => {
        const x = block(narrowed(shape, k & 5), dtype, k, l);
        const y = block(narrowed(shape, m & 10), dtype, m, n);
        for (const name of ARITHMETIC) agree(name, both(name, [x, y], {}), dtype, 0);
        for (const name of COMPARISONS) agree(name, both(name, [x, y], {}), "bool", 0);
        // What they are given is the output of a sigmoid, tanh or relu.
        const z = block(shape, dtype, m, n).tanh();
        const t = block(shape, dtype, k, l).tanh();
        for (const name of TANGENTS) agree(name, both(name, [t, z], {}), dtype, 4, 8);
        agree("where", both("where", [block(narrowed(shape, m & 3), "bool", k, n), x, y], {}), dtype, 0);
      }),
      runs,
    );
  });

  it("comparisons of whole numbers and booleans, and casts, are exact", () => {
    fc.assert(
      fc.property(sizes, key, key, layout, layout, (shape, k, m, l, n) => {
        for (const dtype of ["i32", "bool"] as const) {
          const [x, y] = [block(shape, dtype, k, l), block(narrowed(shape, m & 3), dtype, m, n)];
          for (const name of COMPARISONS) agree(name, both(name, [x, y], {}), "bool", 0);
          agree("logicalNot", both("logicalNot", [x], {}), "bool", 0);
        }
        for (const from of ["f32", "f64", "i32", "bool"] as const) {
          for (const dtype of ["f32", "f64", "i32", "bool"] as const) {
            agree(`${from} to ${dtype}`, both("cast", [block(shape, from, 1 + 3 * k, l)], { dtype }), dtype, 0);
          }
        }
      }),
      runs,
    );
  });

  it("reductions over any axes agree, NaN and infinities included", () => {
    fc.assert(
      fc.property(sizes, float, key, layout, fc.integer({ min: 0, max: 15 }), (shape, dtype, k, l, mask) => {
        const axes = shape.map((_, axis) => axis).filter((axis) => (mask >> axis) & 1);
        const x = block(shape, dtype, k, l);
        for (const name of REDUCTIONS) {
          if (name !== "sum" && name !== "mean" && axes.some((axis) => shape[axis] === 0)) continue;
          agree(name, both(name, [x], { axes, keepdim: mask % 2 === 0 }), dtype, dtype === "f64" ? 64 : 2, 4);
        }
        shape.forEach((n, axis) => {
          if (n === 0) return;
          for (const name of ["argmax", "argmin"] as const) agree(name, both(name, [x], { axis }), "i32", 0);
          for (const name of ["softmax", "logSoftmax"] as const) agree(name, both(name, [x], { axis }), dtype, 4, 1);
        });
      }),
      runs,
    );
  });

  it("pad, cat, gather and scatterAdd agree", () => {
    const filled = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(filled, float, key, key, layout, layout, (shape, dtype, k, m, l, n) => {
        const axis = k % shape.length;
        const x = block(shape, dtype, 1 + 3 * k, l);
        const low = shape.map((_, i) => (m >> i) & 1);
        const step = shape.map((_, i) => 1 + ((m >> (2 * i)) & 1));
        agree("pad", both("pad", [x], { low, high: [...low].reverse(), step }), dtype, 0);
        const other = block(shape.map((size, i) => (i === axis ? size + 3 : size)), dtype, m, n); // prettier-ignore
        agree("cat", both("cat", [x, other, x], { axis }), dtype, 0);
        const count = 1 + (m % 6);
        const indexShape = shape.map((size, i) => (i === axis ? count : size));
        const index = block(indexShape, "i32", m, n)
          .abs()
          .remainder(shape[axis] as number)
          .to("i32");
        agree("gather", both("gather", [x, index], { axis }), dtype, 0);
        const source = block(indexShape, dtype, 1 + 3 * m, l);
        agree("scatterAdd", both("scatterAdd", [x, index, source], { axis }), dtype, 8, 8);
      }),
      runs,
    );
  });

  it("fold adds up windows like the reference, whether they overlap or leave gaps", () => {
    const small = fc.integer({ min: 1, max: 4 });
    fc.assert(
      fc.property(
        small,
        small,
        small,
        small,
        small,
        float,
        key,
        layout,
        (front, windows, back, step, dilation, dtype, k, l) => {
          const size = 1 + (k % 4);
          const x = block([front, windows, back, size], dtype, 1 + 3 * k, l);
          const length = (windows - 1) * step + (size - 1) * dilation + 1;
          agree("fold", both("fold", [x], { axis: 1, length, step, dilation }), dtype, 16, 8);
        },
      ),
      runs,
    );
  });

  it("products of matrices of any size, layout and number of leading axes agree", () => {
    const side = fc.oneof(fc.integer({ min: 1, max: 20 }), fc.constantFrom(1, 4, 8, 33, 300));
    const front = fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 2 });
    fc.assert(
      fc.property(
        side,
        side,
        side,
        front,
        float,
        key,
        layout,
        fc.boolean(),
        fc.boolean(),
        (m, k, n, lead, dtype, s, l, ta, tb) => {
          const a = block([...lead, ...(ta ? [k, m] : [m, k])], dtype, 1 + 3 * s, l);
          const b = block([...lead.slice(s % 2), ...(tb ? [n, k] : [k, n])], dtype, 2 + 3 * s, l + s);
          const room = 8 * Math.sqrt(k);
          agree("matmul", both("matmul", [a, b], { ta, tb }), dtype, room, 16);
          const x = block([m, k], dtype, 1 + 3 * s, l);
          const w = block([n, k], dtype, 2 + 3 * s, l + s);
          agree("linear", both("linear", [x, w, block([n], dtype, 4 + 3 * s, s)], {}), dtype, room, 16);
        },
      ),
      runs,
    );
  });

  it("works where the engine has no shared memory, or not as much", () => {
    const host = Reflect.get(globalThis, "WebAssembly") as { Memory: new (limits: Limits) => object };
    const { Memory } = host;
    class Small extends Memory {
      constructor(limits: Limits) {
        if (limits.shared || limits.initial > 2048) throw new RangeError("could not allocate memory");
        super(limits);
      }
    }
    const small = wasmBackend({ large: 8, cheap: 1, costly: 1, product: 1 });
    assert.ok(small !== undefined);
    const x = block([70, 70], "f32", 1, 0);
    host.Memory = Small;
    try {
      const y = on(small, () => x.matmul(x).sigmoid());
      assert.ok(y.storage.data.buffer instanceof ArrayBuffer);
      close(
        y,
        on(reference, () => x.matmul(x).sigmoid()),
        1e-5,
      );
      // More at once than there is: the array is the collector's then, and the work is done nevertheless.
      const large = zeros([40_000_000]);
      assert.equal(on(small, () => large.add(1).slice([0, 3]).toArray() as unknown as number[]).join(), "1,1,1");
    } finally {
      host.Memory = Memory;
    }
  });
});
