// The backends against each other: the reference is the oracle.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import {
  backends,
  fallbacks,
  getBackend,
  grad,
  linear,
  matmul,
  nn,
  optim,
  randn,
  seed,
  setBackend,
  type Tensor,
  mseLoss,
} from "../../lib/index.ts";
import { close, uniform } from "./close.ts";

function on<R>(name: string, f: () => R): R {
  const before = getBackend();
  setBackend(name);
  try {
    return f();
  } finally {
    setBackend(before);
  }
}

describe("backends", () => {
  it("computes with WebAssembly where there is any", () => {
    assert.deepEqual(backends(), ["reference", "wasm"]);
    assert.equal(getBackend(), "wasm");
    assert.deepEqual(fallbacks("reference"), []);
    assert.ok(!fallbacks("wasm").includes("matmul"));
    assert.throws(() => setBackend("cuda"), /setBackend: there is no cuda here; there are reference and wasm/);
  });

  it("tells in docs/backends.md what wasm leaves to the reference", () => {
    const left = fallbacks("wasm");
    console.log(`      wasm left to the reference: ${left.join(", ")}`);
    const file = fileURLToPath(new URL("../../../docs/backends.md", import.meta.url));
    const [, listed = ""] = /<!-- fallbacks -->([^]*)<!-- \/fallbacks -->/.exec(readFileSync(file, "utf8")) ?? [];
    assert.equal(listed.replace(/\s+/g, " ").trim(), left.map((name) => `\`${name}\``).join(", "));
  });

  it("wasm multiplies matrices of any size, layout and offset like the reference", () => {
    const size = fc.integer({ min: 1, max: 70 });
    fc.assert(
      fc.property(size, size, size, fc.boolean(), fc.boolean(), fc.boolean(), (m, k, n, ta, tb, cut) => {
        const make = (key: number, rows: number, columns: number, transposed: boolean): Tensor => {
          const shape = transposed ? [columns, rows] : [rows, columns];
          const whole = uniform(key, [(shape[0] as number) + 1, shape[1] as number]).float();
          const part = whole.slice(cut ? [1, null] : [0, -1]);
          return transposed ? part.transpose(0, 1) : part;
        };
        const a = make(1, m, k, ta);
        const b = make(2, k, n, tb);
        const bias = uniform(3, [n]).float();
        const both = (): Tensor[] => [matmul(a, b), linear(a, b.transpose(0, 1), bias)];
        const expected = on("reference", both);
        on("wasm", both).forEach((y, i) => close(y, expected[i] as Tensor, 2e-6 * Math.sqrt(k + 1)));
      }),
      { numRuns: 60 },
    );
  });

  it("wasm gives the gradients of the reference", () => {
    const x = uniform(1, [64, 40]).float();
    const w = uniform(2, [30, 40]).float();
    const b = uniform(3, [30]).float();
    const f = (p: Tensor[]): Tensor => linear(p[0] as Tensor, p[1] as Tensor, p[2]).tanh().square().sum(); // prettier-ignore
    const expected = on("reference", () => grad(f)([x, w, b]));
    on("wasm", () => grad(f)([x, w, b])).forEach((g, k) => close(g, expected[k] as Tensor, 1e-5));
  });

  it("a training on wasm follows the one on the reference", () => {
    const losses = (): number[] => {
      seed(5);
      const model = nn.sequential(nn.linear(32, 64), nn.sigmoid(), nn.linear(64, 16));
      const [x, y] = [randn(32, 32), randn(32, 16)];
      const optimizer = new optim.SGD(model.parameters(), { lr: 0.1 });
      return Array.from({ length: 20 }, () => {
        optimizer.zeroGrad();
        const loss = mseLoss(model.forward(x), y);
        loss.backward();
        optimizer.step();
        return loss.item();
      });
    };
    const expected = on("reference", losses);
    on("wasm", losses).forEach((loss, k) => assert.ok(Math.abs(loss - (expected[k] as number)) < 1e-5 * loss));
  });
});
