// Comparing tensors, and making reproducible ones.

import assert from "node:assert/strict";
import { type Shape, type Tensor, tensor } from "../../lib/index.ts";

/** Asserts that two tensors, or a tensor and a number, agree to a relative tolerance. */
export function close(actual: Tensor, expected: Tensor | number, tolerance = 1e-10): void {
  const wanted = typeof expected === "number" ? tensor(expected, { dtype: "f64" }) : expected;
  assert.deepEqual([...actual.shape], [...wanted.shape], "shape");
  const numbers = [...wanted.data];
  const scale = Math.max(...numbers.map(Math.abs), 1e-300);
  [...actual.data].forEach((x, k) => {
    const y = numbers[k] as number;
    if (Object.is(x, y) || x === y) return;
    assert.ok(Math.abs(x - y) <= tolerance * scale, `element ${k}: ${x}, expected ${y}`);
  });
}

/** Numbers between -1 and 1 that depend on the seed alone (a Lehmer generator). */
export function uniform(seed: number, shape: Shape): Tensor {
  let state = (seed * 48271 + 11) % 2147483647;
  const next = (): number => {
    state = (state * 48271) % 2147483647;
    return (state / 2147483647) * 2 - 1;
  };
  for (let k = 0; k < 5; k++) next();
  const size = shape.reduce((product, n) => product * n, 1);
  return tensor(Float64Array.from({ length: size }, next)).reshape(shape);
}
