// Memory in synchronous loops, where nothing but the collection of garbage itself can free any; and that what is held stays as it was.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { runInThisContext } from "node:vm";
import { customVjp, nn, optim, randint, randn, seed, Tensor, zeros } from "../../lib/index.ts";

const LOOPS = fileURLToPath(new URL("memory-loops.js", import.meta.url));

/** What a loop of memory-loops.ts left behind, in bytes. */
function leftBy(loop: string): Record<string, number> {
  return JSON.parse(execFileSync(process.execPath, [LOOPS, loop], { encoding: "utf8" })) as Record<string, number>;
}

/** Its numbers, added up without the backend. */
function total(x: Tensor): number {
  let sum = 0;
  for (const v of x.data) sum += v;
  return sum;
}

describe("memory", () => {
  it("stays flat over 10,000 steps of training", () => {
    const { steps } = leftBy("training");
    assert.ok((steps as number) < 100_000, `${steps} bytes`);
  });

  it("stays flat over inference, with and without noGrad", () => {
    for (const [name, bytes] of Object.entries(leftBy("inference")))
      assert.ok(bytes < 100_000, `${name}: ${bytes} bytes`);
  });

  it("stays flat over training and inference with arrays that live in the memory of the backend", () => {
    const { grown, ...loops } = leftBy("backend");
    for (const [name, bytes] of Object.entries(loops)) assert.ok(bytes < 100_000, `${name}: ${bytes} bytes`);
    assert.ok((grown as number) < 2_000_000, `the memory of the backend grew by ${grown} bytes`);
  });

  it("keeps what somebody holds as it was, whatever is computed afterwards", () => {
    seed(2);
    const model = nn.sequential(nn.linear(32, 32), nn.tanh(), nn.linear(32, 32));
    const x = randn(32, 32);
    const held: { tensor: Tensor; sum: number }[] = [];
    const hold = (tensor: Tensor): void => {
      held.push({ tensor, sum: total(tensor) });
    };
    for (let k = 0; k < 600; k++) {
      const input = x.mul(k / 100);
      const output = model.forward(input);
      const inside = model[0]?.forward(input) as Tensor;
      for (const t of [input, output, inside, output.transpose(0, 1)]) hold(t);
      output.square().mean().backward();
      hold(model.parameters()[0]?.grad as Tensor);
      for (const p of model.parameters()) p.zeroGrad();
    }
    for (const { tensor, sum } of held) assert.equal(total(tensor), sum);
  });

  it("keeps what hooks, custom derivatives and retainGrad see of a backward pass", () => {
    seed(3);
    const w = randn([40, 40], { requiresGrad: true });
    const seen: { tensor: Tensor; sum: number }[] = [];
    const see = (t: Tensor): Tensor => {
      seen.push({ tensor: t, sum: total(t) });
      return t;
    };
    const doubled = customVjp(
      (a: Tensor) => a.mul(2),
      (a: Tensor) => [a.mul(2), see(a.mul(1))],
      (kept, ct: Tensor) => [see(ct.mul(2).add(see(kept).mul(0)))],
    );
    for (let k = 0; k < 300; k++) {
      const h = w.mul(k);
      if (k % 2 === 0) h.retainGrad();
      if (k % 3 === 0) h.registerHook((g) => void see(g.mul(3)));
      const y = k % 5 === 0 ? h.tanh() : doubled(h.tanh());
      y.square().sum().backward();
      if (k % 2 === 0) see(h.grad as Tensor);
      see(w.grad as Tensor);
      w.zeroGrad();
    }
    for (const { tensor, sum } of seen) assert.equal(total(tensor), sum);
  });

  it("leaves a data set where it is when batches are taken from it", () => {
    const set = randn(20_000, 64);
    const { data } = set.storage;
    const w = randn(64, 8);
    for (const batch of [set.slice([0, 32]), set.slice([19_968, null]), set.slice([100, 50, -1])] as Tensor[]) {
      assert.equal(total(batch.matmul(w)), total(batch.clone().matmul(w)));
      assert.equal(total(batch.mul(2)), 2 * total(batch));
    }
    assert.equal(set.storage.data, data);
  });

  it("says how much there is no memory for, and goes on", () => {
    assert.throws(() => zeros(1e6, 1e6), /there is no memory for 1000000000000 numbers of type f32 \(3\.73e\+3 GiB\)/);
    const column = randn(200_000, 1);
    assert.throws(() => column.matmul(column.transpose(0, 1)), RangeError);
    assert.ok(Number.isFinite(column.sum().item()));
  });

  it("is sound after an interrupt in the midst of anything", () => {
    seed(4);
    const model = nn.sequential(nn.linear(64, 128), nn.sigmoid(), nn.linear(128, 10));
    const [x, y] = [randn(64, 64), randint(0, 10, [64])];
    const optimizer = new optim.Adam(model.parameters(), { lr: 0 });
    const step = (): number => {
      optimizer.zeroGrad();
      const loss = nn.crossEntropy(model.forward(x), y);
      loss.backward();
      optimizer.step();
      return loss.item();
    };
    const expected = step();
    const gradient = total(model.parameters()[0]?.grad as Tensor);
    const reset = Reflect.get(Tensor, Symbol.for("adjoint.interrupted")) as () => void;
    Reflect.set(globalThis, "interruptedStep", step);
    try {
      for (let k = 0; k < 60; k++) {
        // A time-out ends the script as an interrupt does: without catch and finally.
        assert.throws(() => runInThisContext("for (;;) interruptedStep()", { timeout: 2 + (k % 7) }), /timed out/);
        reset();
        assert.equal(step(), expected);
        assert.equal(total(model.parameters()[0]?.grad as Tensor), gradient);
      }
    } finally {
      Reflect.deleteProperty(globalThis, "interruptedStep");
    }
  });

  it("grows by what is kept, and no more: losses hold no graph after backward()", () => {
    const { bytes, finite } = leftBy("kept") as { bytes: number; finite: number };
    // A tensor with its array, and the freed node that says so, is some 600 bytes on this engine; a kept graph would be thousands.
    assert.ok(bytes < 5000 * 1000, `${bytes / 5000} bytes a loss`);
    assert.equal(finite, 1);
  });
});
