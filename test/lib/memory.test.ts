// Memory in synchronous loops, where nothing but the collection of garbage itself can free any.

import assert from "node:assert/strict";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { data, mseLoss, nn, noGrad, optim, seed, type Tensor } from "../../lib/index.ts";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

function used(): number {
  collect();
  collect();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

/** The bytes that `count` calls of `f` leave behind, once it has run for a while. */
function left(f: () => void, count: number): number {
  for (let k = 0; k < 5000; k++) f();
  const before = used();
  for (let k = 0; k < count; k++) f();
  return used() - before;
}

function training(): () => Tensor {
  seed(1);
  const [x, y] = data.xor().tensors;
  const model = nn.sequential(nn.linear(2, 8), nn.sigmoid(), nn.linear(8, 1));
  const optimizer = new optim.Adam(model.parameters(), { lr: 0.01 });
  return () => {
    optimizer.zeroGrad();
    const loss = mseLoss(model.forward(x), y);
    loss.backward();
    optimizer.step();
    return loss;
  };
}

describe("memory", () => {
  it("stays flat over 10,000 steps of training", () => {
    const step = training();
    assert.ok(left(step, 10_000) < 100_000);
  });

  it("stays flat over inference, with and without noGrad", () => {
    const [x] = data.xor().tensors;
    const model = nn.sequential(nn.linear(2, 64), nn.tanh(), nn.linear(64, 1));
    assert.ok(left(() => noGrad(() => model.forward(x)), 5000) < 100_000);
    assert.ok(left(() => model.forward(x), 5000) < 100_000);
  });

  it("grows by what is kept, and no more: losses hold no graph after backward()", () => {
    const step = training();
    const losses: Tensor[] = [];
    const bytes = left(() => losses.push(step()), 5000);
    // A tensor with its array, and the freed node that says so, is some 600 bytes on this engine; a kept graph would be thousands.
    assert.ok(bytes < 5000 * 1000, `${bytes / 5000} bytes a loss`);
    assert.ok(losses.every((loss) => Number.isFinite(loss.item())));
  });
});
