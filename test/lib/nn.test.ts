// Modules, data and random numbers, and a whole training.

import assert from "node:assert/strict";
import {
  bincount, data, Generator, grad, mseLoss, nn, noGrad, ones, optim, rand, randint, randn, randperm, seed, type Tensor, tensor, zeros,
} from "../../lib/index.ts"; // prettier-ignore
import { philox } from "../../lib/random.ts";
import { close } from "./close.ts";

class Net extends nn.Module {
  hidden = nn.linear(2, 8);
  blocks = [nn.linear(8, 8), nn.linear(8, 8)];
  out = nn.linear(8, 1, { bias: false });
  forward(x: Tensor): Tensor {
    let h: Tensor = this.hidden.forward(x).tanh();
    for (const block of this.blocks) h = block.forward(h).tanh();
    return this.out.forward(h);
  }
}

describe("modules", () => {
  it("find their parameters by name, as PyTorch names them", () => {
    const net = new Net();
    const names = net.namedParameters().map(([name]) => name);
    assert.deepEqual(names, ["hidden.weight", "hidden.bias", "blocks.0.weight", "blocks.0.bias", "blocks.1.weight", "blocks.1.bias", "out.weight"]); // prettier-ignore
    const sequence = nn.sequential(nn.linear(2, 3), nn.relu(), nn.linear(3, 1));
    assert.deepEqual(sequence.namedParameters().map(([name]) => name), ["0.weight", "0.bias", "2.weight", "2.bias"]); // prettier-ignore
    assert.match(net.summary(), /hidden: Linear\(2 → 8\) +weight \[8, 2\], bias \[8\] +24 +96 B\n/);
    assert.match(net.summary(), /total +176 +704 B$/);
    assert.match(String(sequence), /^Sequential\(\n {2}\(0\): Linear\(2 → 3\)\n {2}\(1\): relu\(\)\n/);
  });

  it("give and take states", () => {
    const a = new Net();
    const b = new Net();
    const x = randn(4, 2);
    assert.notDeepEqual(a.forward(x).toArray(), b.forward(x).toArray());
    b.loadStateDict(a.stateDict());
    assert.deepEqual(a.forward(x).toArray(), b.forward(x).toArray());
    const before = b.stateDict();
    const { "out.weight": _, ...partial } = before;
    assert.throws(() => b.loadStateDict(partial), /loadStateDict: missing out\.weight; pass \{strict: false\}/);
    assert.throws(() => b.loadStateDict({ ...before, extra: x }), /loadStateDict: unknown extra/);
    assert.throws(
      () => b.loadStateDict({ ...before, "hidden.bias": zeros(8).add(1), "out.weight": zeros(3) }),
      /loadStateDict: out\.weight has shape \[1, 8\], the state \[3\]/,
    );
    assert.deepEqual(b.stateDict()["hidden.bias"]?.toArray(), before["hidden.bias"]?.toArray());
  });

  it("initialise as PyTorch does: uniform between ±1/√inputs", () => {
    seed(1);
    const { weight, bias } = nn.linear(100, 200);
    for (const p of [weight, bias as Tensor]) {
      assert.ok(p.abs().max().item() <= 0.1);
      assert.ok(Math.abs(p.std().item() - 0.1 / Math.sqrt(3)) < 0.01);
    }
    const w = zeros([300, 200]);
    assert.ok(Math.abs(nn.init.xavierNormal_(w).std().item() - Math.sqrt(2 / 500)) < 0.002);
    assert.ok(Math.abs(nn.init.kaimingUniform_(w).std().item() - Math.sqrt(2 / 200)) < 0.002);
  });

  it("drop out while training only, and keep the mean", () => {
    const layer = nn.dropout(0.25, { generator: new Generator(7) });
    const y = layer.forward(ones(10_000));
    const zerosIn = y.eq(0).sum().item();
    assert.ok(Math.abs(zerosIn - 2500) < 200);
    assert.ok(Math.abs(y.mean().item() - 1) < 0.03);
    assert.deepEqual(layer.eval().forward(ones(3)).toArray(), [1, 1, 1]);
  });

  it("batchNorm gathers statistics for evaluation", () => {
    const layer = nn.batchNorm(2, { momentum: 0.5, dtype: "f64" });
    const x = tensor([[1, 10], [3, 30]], { dtype: "f64" }); // prettier-ignore
    const y = layer.forward(x);
    close(y.sum(0), zeros([2], { dtype: "f64" }).add(0));
    close(layer.buffer("running_mean"), tensor([1, 10], { dtype: "f64" }));
    close(layer.buffer("running_var"), tensor([1.5, 100.5], { dtype: "f64" }));
    assert.deepEqual(Object.keys(layer.stateDict()), [
      "weight",
      "bias",
      "running_mean",
      "running_var",
      "num_batches_tracked",
    ]);
    layer.eval();
    close(noGrad(() => layer.forward(x)), tensor([[0, 0], [2 / Math.sqrt(1.5 + 1e-5), 20 / Math.sqrt(100.5 + 1e-5)]], { dtype: "f64" })); // prettier-ignore
    assert.throws(() => layer.train().forward(ones([1, 2])), /batchNorm: one value a channel has no variance/);
  });

  it("are functions of their parameters for grad", () => {
    const net = nn.sequential(nn.linear(2, 3), nn.tanh(), nn.linear(3, 1));
    const params = Object.fromEntries(net.namedParameters().map(([name, p]) => [name, p.detach()]));
    const x = randn(5, 2);
    const grads = grad((p: typeof params) => nn.functionalCall(net, p, x).square().sum())(params);
    net.forward(x).square().sum().backward();
    for (const [name, p] of net.namedParameters()) close(grads[name] as Tensor, p.grad as Tensor, 1e-6);
  });

  it("freeze", () => {
    const net = nn.sequential(nn.linear(2, 2));
    net.requiresGrad_(false);
    assert.equal(net.forward(ones([1, 2])).requiresGrad, false);
    assert.equal(net.parameters().length, 2);
    net.requiresGrad_();
    assert.equal(net.forward(ones([1, 2])).requiresGrad, true);
  });

  it("refuse input that does not fit", () => {
    assert.throws(
      () => (nn.linear(2, 3) as nn.Layer).forward(ones([4, 5])),
      /linear: input \[4, 5\] does not fit weight \[3, 2\] \(\[out, in\]\)/,
    );
    assert.throws(() => nn.dropout(2), /dropout: 2 is not a probability/);
    assert.throws(() => new nn.Conv2d(3, 4, 3, { groups: 2 }), /Conv2d: 3 and 4 channels do not fall into 2 groups/);
  });
});

describe("a network of sigmoids", () => {
  it("learns exclusive or", () => {
    seed(42);
    const [x, y] = data.xor().tensors;
    const model = nn.sequential(nn.linear(2, 8), nn.sigmoid(), nn.linear(8, 1), nn.sigmoid());
    const optimizer = new optim.Adam(model.parameters(), { lr: 0.1 });
    const losses: number[] = [];
    for (let step = 0; step < 300; step++) {
      optimizer.zeroGrad();
      const loss = mseLoss(model.forward(x), y);
      loss.backward();
      optimizer.step();
      losses.push(loss.item());
    }
    assert.ok((losses.at(-1) as number) < 0.01, `loss ${losses.at(-1)}`);
    assert.deepEqual(model.forward(x).round().toArray(), y.toArray());
  });
});

describe("random numbers", () => {
  it("are Philox's: its authors' known answers", () => {
    const hex = (words: number[]): string => words.map((w) => w.toString(16).padStart(8, "0")).join(" ");
    assert.equal(hex(philox([0, 0, 0, 0], [0, 0])), "6627e8d5 e169c58d bc57ac4c 9b00dbd8");
    const all = 0xffffffff;
    assert.equal(hex(philox([all, all, all, all], [all, all])), "408f276d 41c83b0e a20bc7c6 6d5451fd");
    assert.equal(
      hex(philox([0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344], [0xa4093822, 0x299f31d0])),
      "d16cfe09 94fdcceb 5001e420 24126ea1",
    );
  });

  it("are the same for the same seed, and apart after a split", () => {
    seed(3);
    const first = [rand(3).toArray(), randn(2).toArray(), randint(0, 10, [4]).toArray(), randperm(5).toArray()];
    seed(3);
    assert.deepEqual(
      [rand(3).toArray(), randn(2).toArray(), randint(0, 10, [4]).toArray(), randperm(5).toArray()],
      first,
    );
    const [a, b] = new Generator(1).split(2) as [Generator, Generator];
    assert.notEqual(a.uniform(), b.uniform());
    assert.throws(() => seed(0.5), /Generator: a seed is a whole number, not 0\.5/);
    assert.throws(() => randint(3, 3, [1]), /randint: there is no whole number from 3 up to, not including, 3/);
  });

  it("have the moments they should", () => {
    const generator = new Generator(5);
    const u = rand([20_000], { generator });
    assert.ok(Math.abs(u.mean().item() - 0.5) < 0.01 && Math.abs(u.var().item() - 1 / 12) < 0.003);
    assert.ok(u.min().item() >= 0 && u.max().item() < 1);
    const n = randn([20_000], { generator, dtype: "f64" });
    assert.ok(Math.abs(n.mean().item()) < 0.02 && Math.abs(n.var().item() - 1) < 0.03);
    const counts = [0, 0, 0];
    for (const k of randint(0, 3, [3000], { generator }).data) counts[k] = (counts[k] as number) + 1;
    assert.ok(counts.every((c) => Math.abs(c - 1000) < 100));
  });
});

describe("data", () => {
  it("come in batches, in an order that the seed decides", () => {
    const set = new data.TensorDataset(tensor([[0], [1], [2], [3], [4]]), tensor([0, 1, 2, 3, 4], { dtype: "i32" })); // prettier-ignore
    const loader = new data.DataLoader(set, { batchSize: 2 });
    assert.equal(loader.length, 3);
    assert.deepEqual([...loader].map(([, y]) => y.toArray()), [[0, 1], [2, 3], [4]]); // prettier-ignore
    const shuffled = new data.DataLoader(set, { batchSize: 5, shuffle: true, generator: new Generator(1) });
    const [x, y] = [...shuffled][0] as [Tensor, Tensor];
    assert.deepEqual(x.reshape([5]).toArray(), y.toArray());
    assert.deepEqual((y.toArray() as number[]).toSorted(), [0, 1, 2, 3, 4]);
    const parts = data.randomSplit(set, [0.6, 0.4], { generator: new Generator(1) });
    assert.deepEqual(parts.map((p) => p.length), [3, 2]); // prettier-ignore
    assert.throws(() => data.randomSplit(set, [1, 2]), /randomSplit: \[1, 2\] do not add up to 5 examples, nor to 1/);
    assert.throws(() => new data.TensorDataset(ones(2), ones(3)), /TensorDataset: first axes differ: \[2\] and \[3\]/);
  });

  it("digits and irises are whole", () => {
    const [x, y] = data.digits().tensors;
    assert.deepEqual([...x.shape], [1797, 1, 8, 8]);
    assert.equal(x.double().sum().mul(16).item(), 561718);
    assert.deepEqual(bincount(y).toArray(), [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]);
    assert.deepEqual(x.at(0, 0, 1).mul(16).toArray(), [0, 0, 13, 15, 10, 15, 5, 0]);
    const [flowers, species] = data.iris().tensors;
    close(flowers.double().sum(), 2078.6999999999985, 1e-6);
    close(flowers.at(0), tensor([5.1, 3.5, 1.4, 0.2]), 1e-6);
    assert.deepEqual(bincount(species).toArray(), [50, 50, 50]);
  });

  it("digits are learned", () => {
    seed(1);
    const [train, test] = data.randomSplit(data.digits(), [0.8, 0.2]) as [
      ReturnType<typeof data.digits>,
      ReturnType<typeof data.digits>,
    ];
    const model = nn.sequential(nn.flatten(), nn.linear(64, 32), nn.relu(), nn.linear(32, 10));
    const optimizer = new optim.Adam(model.parameters(), { lr: 0.01 });
    for (let epoch = 0; epoch < 8; epoch++) {
      for (const [x, y] of new data.DataLoader(train, { batchSize: 64, shuffle: true })) {
        optimizer.zeroGrad();
        nn.crossEntropy(model.forward(x), y).backward();
        optimizer.step();
      }
    }
    const [x, y] = test.tensors;
    const right = noGrad(() => model.forward(x).argmax(1).eq(y).float().mean().item());
    assert.ok(right > 0.93, `${right} right`);
  });

  it("moons and spirals have classes of one size", () => {
    const generator = new Generator(1);
    const [, moons] = data.moons(100, { generator }).tensors;
    assert.equal(moons.sum().item(), 50);
    const [x, arms] = data.spirals(90, { arms: 3, generator }).tensors;
    assert.deepEqual([...x.shape], [90, 2]);
    assert.equal(arms.eq(2).sum().item(), 30);
  });
});
