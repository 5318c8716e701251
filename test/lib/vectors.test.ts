// Every operation against PyTorch: outputs, gradients and Hessian-vector products of data/torch-op-vectors.json, and of whatever files of
// the same format ADJOINT_VECTORS names.

import assert from "node:assert/strict";
import type { Backend } from "../../lib/backend.ts";
import { reference } from "../../lib/backend/reference.ts";
import { wasmBackend } from "../../lib/backend/wasm.ts";
import * as lib from "../../lib/index.ts";
import { grad, jvp, noGrad, type Tensor, tensor } from "../../lib/index.ts";
import { vectors } from "./vector-files.ts";
import { state, useBackend } from "../../lib/trace.ts";
import { numberOf, operations, type Attrs } from "./vector-operations.ts";

interface Recorded {
  readonly shape: number[];
  readonly dtype: string;
  readonly data: (number | string)[];
}

interface Case {
  readonly op: string;
  readonly attrs: Attrs;
  readonly inputs: Recorded[];
  readonly output: Recorded;
  readonly cotangent: Recorded;
  readonly grads: (Recorded | null)[];
  readonly hvp_v?: (Recorded | null)[];
  readonly hvp?: (Recorded | null)[];
  readonly note?: string;
}

function read(x: Recorded): Tensor {
  const flat = Float64Array.from(x.data, numberOf);
  const dtype = x.dtype === "float64" ? "f64" : "i32";
  return tensor(flat, { dtype }).reshape(x.shape);
}

function close(actual: Tensor, expected: Recorded, what: string, tolerance = 1e-10): void {
  assert.deepEqual([...actual.shape], expected.shape, `${what}: shape`);
  const numbers = expected.data.map(numberOf);
  // Relative to the largest number of the tensor: what cancels cannot keep digits it never had, and may be nothing but rounding.
  const scale = Math.max(...numbers.filter(Number.isFinite).map(Math.abs), 1e-3);
  [...actual.data].forEach((x, k) => {
    const y = numbers[k] as number;
    if (Object.is(x, y) || x === y) return;
    assert.ok(Math.abs(x - y) <= tolerance * Math.max(Math.abs(y), scale * 1e-3), `${what}[${k}]: ${x}, expected ${y}`);
  });
}

// The cases are small: WebAssembly is to compute them all the same.
const wasm = wasmBackend({ large: 8, cheap: 1, costly: 1, product: 1 });
const backends: readonly Backend[] = wasm === undefined ? [reference] : [reference, wasm];

for (const { file, entries: cases } of vectors<Case>("cases")) {
  for (const backend of backends) {
    describe(`PyTorch's values on the ${backend.name} backend: ${file}`, () => {
      let usual = backend;
      before(() => {
        usual = state.backend;
        useBackend(backend);
      });
      after(() => useBackend(usual));

      cases.forEach((c, k) => {
        it(`${c.op} ${JSON.stringify(c.attrs)} of ${c.inputs.map((x) => `[${x.shape.join(", ")}]`).join(" and ")} (case ${k})`, () => {
          const f = operations[c.op];
          assert.ok(f !== undefined, `no operation ${c.op}`);
          check(c, f);
        });
      });

      it("all cases in f32, to its precision", () => {
        for (const c of cases) checkSingle(c, operations[c.op] as (typeof operations)[string]);
      });
    });
  }
}

/** Output and gradients in f32. What f32 cannot hold (sums that cancel) is measured against the largest number. */
function checkSingle(c: Case, f: (inputs: readonly Tensor[], attrs: Attrs) => Tensor): void {
  const inputs = c.inputs.map(read).map((x) => (x.dtype === "f64" ? x.float() : x));
  const leaves = inputs.map((x, k) => (x.dtype === "f32" && c.grads[k] !== null ? x.requiresGrad_() : x));
  const y = f(leaves, c.attrs);
  assert.equal(y.dtype, "f32", c.op);
  near(y, c.output, c.op);
  y.backward({ gradient: read(c.cotangent).float() });
  leaves.forEach((x, k) => {
    const expected = c.grads[k];
    if (x.requiresGrad && expected !== undefined && expected !== null) near(x.grad ?? lib.zerosLike(x), expected, c.op);
  });
}

function near(actual: Tensor, expected: Recorded, what: string): void {
  const numbers = expected.data.map(numberOf);
  const scale = Math.max(1e-6, ...numbers.filter(Number.isFinite).map(Math.abs));
  [...actual.data].forEach((x, k) => {
    const y = Math.fround(numbers[k] as number);
    if (Object.is(x, y) || x === y) return;
    assert.ok(Math.abs(x - y) <= 1e-4 * scale, `${what}[${k}]: ${x}, expected ${y}`);
  });
}

function check(c: Case, f: (inputs: readonly Tensor[], attrs: Attrs) => Tensor): void {
  const inputs = c.inputs.map(read);
  const floats = inputs.map((x, k) => (x.dtype === "f64" && c.grads[k] !== null ? k : -1)).filter((k) => k >= 0);
  const ct = read(c.cotangent);
  close(f(inputs, c.attrs), c.output, "output");

  const leaves = inputs.map((x, k) => (floats.includes(k) ? x.clone().requiresGrad_() : x));
  const y = f(leaves, c.attrs);
  close(
    noGrad(() => y.clone()),
    c.output,
    "recorded output",
  );
  y.backward({ gradient: ct });
  for (const k of floats) {
    const expected = c.grads[k];
    if (expected === undefined || expected === null) continue;
    close(leaves[k]?.grad ?? lib.zerosLike(inputs[k] as Tensor), expected, `gradient ${k}`);
  }

  const { hvp, hvp_v: direction } = c;
  if (hvp === undefined || direction === undefined) return;
  const smooth = floats.map((k) => inputs[k] as Tensor);
  const value = (...xs: Tensor[]): Tensor => {
    const all = [...inputs];
    floats.forEach((k, i) => (all[k] = xs[i] as Tensor));
    return f(all, c.attrs).mul(ct).sum();
  };
  const gradient = grad((xs: Tensor[]) => value(...xs));
  const vs = floats.map((k, i) =>
    direction[k] === undefined || direction[k] === null ? lib.zerosLike(smooth[i] as Tensor) : read(direction[k]),
  );
  const [, forwardOverReverse] = jvp(gradient, [smooth], [vs]);
  const reverseOverReverse = grad((xs: Tensor[]) =>
    gradient(xs)
      .map((g, k) => g.mul(vs[k] as Tensor).sum())
      .reduce((a, b) => a.add(b)),
  )(smooth);
  floats.forEach((k, i) => {
    const expected = hvp[k];
    if (expected === undefined || expected === null) return;
    close(forwardOverReverse[i] as Tensor, expected, `Hessian-vector product ${k}`, 1e-9);
    close(reverseOverReverse[i] as Tensor, expected, `Hessian-vector product ${k}, reverse over reverse`, 1e-9);
  });
}
