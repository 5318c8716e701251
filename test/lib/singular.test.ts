// The determinant of a singular matrix has derivatives all the same: its cofactors, and theirs.

import assert from "node:assert/strict";
import { det, grad, gradcheck, hessian, hvp, inverse, jacfwd, type Tensor, tensor, vmap } from "../../lib/index.ts";

const f64 = (values: readonly (readonly number[])[]): Tensor => tensor(values as number[][], { dtype: "f64" });

function near(found: Tensor, expected: readonly number[], tolerance = 1e-12): void {
  const values = [...found.data];
  assert.equal(values.length, expected.length);
  for (const [k, y] of expected.entries())
    assert.ok(Math.abs((values[k] ?? NaN) - y) <= tolerance, `[${k}]: ${values[k]}, expected ${y}`);
}

/** By rank: all rows alike but for a factor, one of three dimensions missing, two, all. */
const singular: Record<string, { x: number[][]; cofactors: number[] }> = {
  "2 by 2": { x: [[1, 2], [2, 4]], cofactors: [4, -2, -2, 1] },
  "1 by 1": { x: [[0]], cofactors: [1] },
  "3 by 3 of rank 2": { x: [[1, 2, 3], [4, 5, 6], [7, 8, 9]], cofactors: [-3, 6, -3, 6, -12, 6, -3, 6, -3] },
  "3 by 3 of rank 1": { x: [[1, 2, 3], [2, 4, 6], [3, 6, 9]], cofactors: [0, 0, 0, 0, 0, 0, 0, 0, 0] },
  "4 by 4 of zeros but three": { x: [[1, 0, 0, 0], [0, 2, 0, 0], [0, 0, 3, 0], [0, 0, 0, 0]], cofactors: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 6] },
}; // prettier-ignore

describe("the determinant of a singular matrix", () => {
  for (const [what, { x, cofactors }] of Object.entries(singular)) {
    it(`${what} has its cofactors as gradient, backwards and forwards`, () => {
      const own = f64(x).requiresGrad_();
      det(own).backward();
      near(own.grad as Tensor, cofactors, 1e-9);
      near(jacfwd((a: Tensor) => det(a))(f64(x)), cofactors, 1e-9);
      assert.equal(
        gradcheck((a: Tensor) => det(a), [f64(x)]),
        true,
      );
    });
  }

  it("has second derivatives", () => {
    // det = ad - bc: the Hessian is constant.
    const expected = [0, 0, 0, 1, 0, 0, -1, 0, 0, -1, 0, 0, 1, 0, 0, 0];
    near(hessian((a: Tensor) => det(a))(f64([[1, 2], [2, 4]])), expected); // prettier-ignore
    near(hvp((a: Tensor) => det(a), f64([[0, 0], [0, 0]]), f64([[1, 2], [3, 4]])), [4, -3, -2, 1]); // prettier-ignore
  });

  it("in a stack leaves the others what they are", () => {
    const regular = f64([[2, 1], [1, 3]]); // prettier-ignore
    const stack = tensor([[[1, 2], [2, 4]], [[2, 1], [1, 3]]], { dtype: "f64" }) as Tensor; // prettier-ignore
    const each = vmap((a: Tensor) => grad((b: Tensor) => det(b))(a))(stack);
    near(each.at(0), [4, -2, -2, 1]);
    near(each.at(1), [...inverse(regular).t().mul(det(regular)).data]);
    near(grad((a: Tensor) => det(a).sum())(stack), [...each.data]);
  });
});
