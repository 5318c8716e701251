// `backward()` as PyTorch's users know it, changes in place beside it, and what both refuse.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import {
  add, arange, autograd, enableGrad, isGradEnabled, mseLoss, noGrad, ones, Tensor, tensor, zeros,
} from "../../lib/index.ts"; // prettier-ignore
import { close, uniform } from "./close.ts";

const parameter = (value: number | number[] | number[][]): Tensor =>
  tensor(value, { dtype: "f64", requiresGrad: true });

describe("backward", () => {
  it("adds up gradients of parameters", () => {
    const w = parameter([1, 2]);
    w.mul(w).sum().backward();
    assert.deepEqual(w.grad?.toArray(), [2, 4]);
    w.mul(3).sum().backward();
    assert.deepEqual(w.grad?.toArray(), [5, 7]);
    w.zeroGrad();
    assert.equal(w.grad, null);
  });

  it("gives each parameter a gradient of its own memory", () => {
    const a = parameter([1, 2]);
    const b = parameter([3, 4]);
    a.add(b).sum().backward();
    a.grad?.mul_(10);
    assert.deepEqual(a.grad?.toArray(), [10, 10]);
    assert.deepEqual(b.grad?.toArray(), [1, 1]);
  });

  it("takes a gradient for more than one number", () => {
    const w = parameter([1, 2]);
    w.square().backward({ gradient: tensor([1, 10]) });
    assert.deepEqual(w.grad?.toArray(), [2, 40]);
  });

  it("follows control flow and loops of each pass anew", () => {
    const w = parameter(2);
    for (const n of [1, 3]) {
      let y: Tensor = w;
      for (let k = 1; k < n; k++) y = y.mul(w);
      w.zeroGrad();
      y.backward();
      assert.equal(w.grad?.item(), n * 2 ** (n - 1));
    }
  });

  it("walks a chain of 100,000 operations", () => {
    const w = parameter(0);
    let y: Tensor = w;
    for (let k = 0; k < 100_000; k++) y = y.add(1);
    y.backward();
    assert.equal(y.item(), 100_000);
    assert.equal(w.grad?.item(), 1);
  });

  it("lets a hook walk another graph of the same parameters", () => {
    const w = parameter(2);
    const y = w.mul(3);
    const remove = y.registerHook(() => {
      enableGrad(() => w.mul(5).add(w)).backward();
    });
    y.square().backward();
    remove();
    // 5 + 1 from the hook, 2 · 3w · 3 from the walk around it.
    assert.equal(w.grad?.item(), 42);
  });

  it("visits a node once, however many paths lead to it", () => {
    const w = parameter(1);
    let y: Tensor = w;
    for (let k = 0; k < 60; k++) y = y.add(y);
    y.backward();
    assert.equal(w.grad?.item(), 2 ** 60);
  });

  it("keeps the graph on request, and says so when it was freed", () => {
    const w = parameter(3);
    const y = w.square();
    y.backward({ retainGraph: true });
    y.backward();
    assert.equal(w.grad?.item(), 12);
    assert.throws(() => y.backward(), /backward: this graph was already walked and freed .*retainGraph: true/);
    assert.throws(() => y.add(1).backward(), /already walked and freed/);
  });

  it("records itself with createGraph, to any order", () => {
    const w = parameter(2);
    const [g] = autograd.grad(w.pow(4), [w], { createGraph: true });
    const [h] = autograd.grad(g as Tensor, w, { createGraph: true });
    close(h as Tensor, 48);
    (h as Tensor).backward();
    close(w.grad as Tensor, 48);
  });

  it("leaves .grad alone as autograd.grad, which takes several outputs and tensors that were computed", () => {
    const w = parameter([1, 2]);
    const h = w.mul(3);
    const [dw, dh] = autograd.grad([h.sum(), h.mul(h).sum()], [w, h]);
    assert.deepEqual(dw?.toArray(), [21, 39]);
    assert.deepEqual(dh?.toArray(), [7, 13]);
    assert.equal(w.grad, null);
    const [g] = autograd.grad(w.mul(2), w, { gradOutputs: tensor([1, 10], { dtype: "f64" }) });
    assert.deepEqual(g?.toArray(), [2, 20]);
    assert.throws(() => autograd.grad(w.mul(2), w), /autograd\.grad: only a single number .*gradOutputs/);
    const other = parameter(1);
    assert.throws(() => autograd.grad(w.sum(), [w, other]), /do not depend on input 1; pass {allowUnused: true}/);
    assert.deepEqual(autograd.grad(w.sum(), [other], { allowUnused: true }), [null]);
    assert.throws(() => autograd.grad(tensor(1), w), /autograd\.grad: this tensor was computed from nothing/);
  });

  it("shows gradients to hooks, which may replace them", () => {
    const w = parameter([1, 2]);
    const seen: unknown[] = [];
    const h = w.mul(2);
    h.registerHook((g) => {
      seen.push(g.toArray());
      return g.mul(100);
    });
    const remove = w.registerHook((g) => g.add(1));
    h.sum().backward();
    assert.deepEqual(seen, [[1, 1]]);
    assert.deepEqual(w.grad?.toArray(), [201, 201]);
    remove();
    w.zeroGrad();
    w.sum().backward();
    assert.deepEqual(w.grad?.toArray(), [1, 1]);
  });

  it("refuses a hook that walks the graph being walked", () => {
    const w = parameter(1);
    const h = w.mul(2);
    const y = h.mul(3).add(h.square());
    h.registerHook(() => y.backward());
    w.mul(5)
      .add(y)
      .registerHook(() => undefined);
    assert.throws(
      () => y.add(w).backward({ retainGraph: true }),
      /backward: a hook may not walk the part of the graph/,
    );
    const v = parameter(2);
    const z = v.square();
    z.registerHook((g) => {
      const u = parameter(1);
      enableGrad(() => u.mul(g.detach())).backward();
    });
    z.backward();
    assert.equal(v.grad?.item(), 4);
  });

  it("keeps gradients of computed tensors with retainGrad", () => {
    const w = parameter(3);
    const h = w.mul(2);
    h.retainGrad();
    h.square().backward();
    assert.equal(h.grad?.item(), 12);
    assert.equal(w.grad?.item(), 24);
  });

  it("does not record inside noGrad, nor through detach", () => {
    const w = parameter(3);
    assert.equal(noGrad(() => w.mul(2)).requiresGrad, false);
    assert.equal(noGrad(() => enableGrad(() => w.mul(2))).requiresGrad, true);
    assert.equal(noGrad(isGradEnabled), false);
    w.detach().mul(w).backward();
    assert.equal(w.grad?.item(), 3);
    assert.throws(() => noGrad(() => assert.fail("thrown inside")), /thrown inside/);
    assert.equal(isGradEnabled(), true);
  });

  it("gives zeros through steps, and nothing to whole numbers", () => {
    const w = parameter([1.5, -2.5]);
    w.floor().sum().backward();
    assert.deepEqual(w.grad?.toArray(), [0, 0]);
    assert.equal(w.to("i32").requiresGrad, false);
    assert.equal(w.gt(0).requiresGrad, false);
  });

  it("says what is wrong", () => {
    const w = parameter([1, 2]);
    assert.throws(
      () => w.mul(2).backward(),
      /backward: only a single number has a gradient of its own, not shape \[2\]/,
    );
    assert.throws(() => tensor(1).backward(), /backward: this tensor was computed from nothing that needs a gradient/);
    assert.throws(
      () => w.sum().backward({ gradient: ones(2) }),
      /backward: the gradient has shape \[2\], the tensor \[\]/,
    );
    assert.throws(() => arange(3).requiresGrad_(), /requiresGrad: only f32 and f64 tensors have gradients, not i32/);
    assert.throws(() => tensor([1, 2], { dtype: "i32", requiresGrad: true }), /only f32 and f64/);
    assert.throws(() => (w.mul(2).requiresGrad = false), /computed from others; x\.detach\(\)/);
    assert.throws(() => tensor(1).registerHook(() => {}), /registerHook: this tensor needs no gradient/);
    assert.throws(() => noGrad(async () => {}), /noGrad: needs a function that returns/);
    assert.throws(() => (w.grad = ones(3)), /grad: a gradient has the shape of its tensor, \[2\], not \[3\]/);
  });

  it("is sound again after an interrupt that skipped every finally", () => {
    // What termination leaves behind: levels and modes that nobody put back.
    noGrad(() => {
      const hook: unknown = Reflect.get(Tensor, Symbol.for("adjoint.interrupted"));
      (hook as () => void)();
    });
    const w = parameter(3);
    w.square().backward();
    assert.equal(w.grad?.item(), 6);
  });
});

describe("changes in place", () => {
  it("take a new version, so that a derivative that needs the old numbers fails", () => {
    const w = parameter([1, 2]);
    const h = w.mul(2);
    const y = h.square().sum();
    h.add_(1);
    assert.throws(
      () => y.backward(),
      /a tensor of shape \[2\] that square needs for its derivative was changed in place .*clone/,
    );
    const e = w.exp();
    const z = e.sum();
    noGrad(() => e.mul_(2));
    assert.throws(() => z.add(e.sum()).backward(), /that exp needs/);
  });

  it("do no harm where the old numbers are not needed", () => {
    const w = parameter([1, 2]);
    const h = w.mul(2);
    const y = h.add(1).sum();
    h.zero_();
    y.backward();
    assert.deepEqual(w.grad?.toArray(), [2, 2]);
  });

  it("are recorded: the tensor takes the place of the result", () => {
    const w = parameter([1, 2]);
    const h = w.mul(3);
    h.mul_(w).add_(w, { alpha: 2 }).exp_();
    h.log().sum().backward();
    // 3w² + 2w
    close(w.grad as Tensor, tensor([6 + 2, 12 + 2], { dtype: "f64" }));
  });

  it("make an accumulator part of the graph", () => {
    const w = parameter(2);
    const total = zeros([], { dtype: "f64" });
    for (let k = 1; k <= 3; k++) total.add_(w.pow(k));
    total.backward();
    close(w.grad as Tensor, 1 + 4 + 12);
  });

  it("update parameters inside noGrad only", () => {
    const w = parameter([1, 2]);
    w.square().sum().backward();
    assert.throws(
      () => w.sub_(1),
      /sub_: a parameter that needs a gradient cannot be changed while recording; do it inside noGrad/,
    );
    noGrad(() => w.sub_(w.grad as Tensor, { alpha: 0.5 }));
    assert.deepEqual(w.toArray(), [0, 0]);
    assert.equal(w.requiresGrad, true);
  });

  it("are seen through views", () => {
    const x = zeros([2, 3]);
    x.at(1).fill_(7);
    x.t().at(0).add_(1);
    assert.deepEqual(x.toArray(), [[1, 0, 0], [8, 7, 7]]); // prettier-ignore
  });

  it("refuse what cannot be right", () => {
    const w = parameter([1, 2]);
    const h = w.mul(2);
    h.reshape([2, 1]);
    assert.throws(() => h.add_(1), /add_: this tensor shares its memory with a view/);
    assert.throws(() => zeros([1]).expand([3]).add_(1), /add_: elements of an expanded tensor share their memory/);
    assert.throws(() => zeros([2]).add_(ones(3)), /shapes do not broadcast: \[2\] and \[3\]/);
    assert.throws(
      () => zeros([2]).add_(ones([3, 2])),
      /add_: a result of shape \[3, 2\] does not fit into shape \[2\]/,
    );
    assert.throws(() => arange(3).add_(0.5), /add_: f32 numbers do not fit into i32/);
  });
});

describe("PyTorch's trajectory of a 2-3-1 network on XOR", () => {
  interface Step {
    loss: number;
    output: number[];
    grads: Record<string, number[] | number[][]>;
  }
  interface Trajectory {
    lr: number;
    X: number[][];
    Y: number[][];
    init: Record<string, number[] | number[][]>;
    steps: Step[];
    final_params: Record<string, number[] | number[][]>;
  }
  const path = new URL("../../../test/data/torch-mlp-trajectory.json", import.meta.url);
  const data = JSON.parse(readFileSync(path, "utf8")) as Trajectory;
  const f64 = (value: number | number[] | number[][]): Tensor => tensor(value, { dtype: "f64" });

  it("gives every loss, output, gradient and parameter", () => {
    const params = Object.fromEntries(Object.entries(data.init).map(([name, value]) => [name, parameter(value)]));
    const { W1, b1, W2, b2 } = params as Record<"W1" | "b1" | "W2" | "b2", Tensor>;
    const [x, y] = [f64(data.X), f64(data.Y)];
    for (const step of data.steps) {
      const hidden = x.matmul(W1.t()).add(b1).sigmoid(); // prettier-ignore
      const output = hidden.matmul(W2.t()).add(b2).sigmoid(); // prettier-ignore
      const loss = mseLoss(output, y);
      close(loss.detach(), step.loss);
      close(output.detach().reshape([4]), f64(step.output));
      loss.backward();
      for (const [name, p] of Object.entries(params)) {
        close(p.grad as Tensor, f64(step.grads[name] as number[]));
        noGrad(() => p.sub_(p.grad as Tensor, { alpha: data.lr }));
        p.zeroGrad();
      }
    }
    for (const [name, p] of Object.entries(params)) close(p.detach(), f64(data.final_params[name] as number[]));
  });
});

describe("numbers of different types", () => {
  it("meet in the wider type, and gradients come back in the type of their tensor", () => {
    const w = tensor([1, 2], { requiresGrad: true });
    const y = w.mul(tensor([3, 4], { dtype: "f64" }));
    assert.equal(y.dtype, "f64");
    y.sum().backward();
    assert.equal(w.grad?.dtype, "f32");
    assert.deepEqual(w.grad?.toArray(), [3, 4]);
    assert.equal(add(arange(2), 0.5).dtype, "f32");
    assert.equal(add(arange(2), 1).dtype, "i32");
    assert.equal(arange(2).div(2).dtype, "f32");
    assert.equal(tensor([1, 2]).add(tensor(1, { dtype: "f64" })).dtype, "f32");
    assert.equal(uniform(1, [2]).dtype, "f64");
  });
});
