// The product of f32 matrices in SIMD: a tile of 4 rows × 8 columns of the result stays in eight registers while it runs along the inner
// dimension (wider tiles spill in V8). Operands come packed, so that both are read in order: A in bands of 4 rows, B in bands of 8
// columns; what is missing at the edges is zero.

import { FunctionBuilder, type Local, op, set } from "./assembler.ts";

export const ROWS = 4;
export const COLUMNS = 8;

/**
 * matmul(a, b, c, bandsOfA, bandsOfB, inner, bytesPerRowOfC): all counts are at least 1.
 */
export function matmulF32(): FunctionBuilder {
  const f = new FunctionBuilder("matmulF32", 7);
  const [a, b, c, bandsA, bandsB, inner, rowC] = f.parameters as [Local, Local, Local, Local, Local, Local, Local];
  const { get } = op.local;
  const [leftA, leftB, left, pa, pb, pc, target] = [1, 2, 3, 4, 5, 6, 7].map(() => f.local("i32")) as [
    Local,
    Local,
    Local,
    Local,
    Local,
    Local,
    Local,
  ];
  const sums = Array.from({ length: ROWS }, () => [f.local("v128"), f.local("v128")] as const);
  const [b0, b1, splat] = [f.local("v128"), f.local("v128"), f.local("v128")];
  const step = (counter: Local): readonly number[] => [
    ...set(counter, get(counter), op.i32.const(1), op.i32.sub),
    ...get(counter),
  ];
  const advance = (pointer: Local, bytes: number): readonly number[] =>
    set(pointer, get(pointer), op.i32.const(bytes), op.i32.add);

  const innermost = op.repeat(
    set(b0, get(pb), op.v128.load(0)),
    set(b1, get(pb), op.v128.load(16)),
    ...sums.map(([low, high], r) => [
      ...set(splat, get(pa), op.v128.load32_splat(4 * r)),
      ...set(low, get(low), get(splat), get(b0), op.f32x4.mul, op.f32x4.add),
      ...set(high, get(high), get(splat), get(b1), op.f32x4.mul, op.f32x4.add),
    ]),
    advance(pa, 4 * ROWS),
    advance(pb, 4 * COLUMNS),
    step(left),
  );
  const store = sums.flatMap(([low, high]) => [
    [...get(target), ...get(low), ...op.v128.store(0), ...get(target), ...get(high), ...op.v128.store(16)],
    set(target, get(target), get(rowC), op.i32.add),
  ]);
  // pb runs on from one band of B to the next by itself; pa starts over.
  const alongB = op.repeat(
    set(pa, get(a)),
    set(left, get(inner)),
    ...sums.flatMap(([low, high]) => [set(low, op.v128.zero), set(high, op.v128.zero)]),
    innermost,
    set(target, get(pc)),
    ...store,
    advance(pc, 4 * COLUMNS),
    step(leftB),
  );
  f.emit(
    set(leftA, get(bandsA)),
    op.repeat(
      set(leftB, get(bandsB)),
      set(pb, get(b)),
      set(pc, get(c)),
      alongB,
      set(a, get(pa)),
      set(c, get(c), get(rowC), op.i32.const(ROWS), op.i32.mul, op.i32.add),
      step(leftA),
    ),
  );
  return f;
}
