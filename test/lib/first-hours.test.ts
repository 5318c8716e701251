// What users of PyTorch and JAX try first, in the forms that they know.

import assert from "node:assert/strict";
import {
  arange, eye, full, Generator, grad, hessian, hvp, jacrev, nn, ones, onesLike, rand, randint, randn, seed, tanh, type Tensor, tensor, valueAndGrad,
  vmap, zeros,
} from "../../lib/index.ts"; // prettier-ignore
import { close } from "./close.ts";

describe("PyTorch's forms", () => {
  it("shapes come size by size, or as arrays", () => {
    const x = arange(24);
    assert.deepEqual(x.reshape(2, -1, 4).shape, [2, 3, 4]);
    assert.deepEqual(x.view(4, 6).toArray(), x.view([4, 6]).toArray());
    assert.deepEqual(x.view(-1).shape, [24]);
    assert.deepEqual(x.reshape(2, 3, 4).permute(2, 0, 1).toArray(), x.reshape([2, 3, 4]).permute([2, 0, 1]).toArray());
    assert.deepEqual(ones(3, 1).expand(2, -1, 4).shape, [2, 3, 4]);
    assert.deepEqual(ones(2).repeat(3, 2).shape, [3, 4]);
    assert.deepEqual(tensor([5]).reshape().shape, []);
    assert.throws(() => (x as Tensor).reshape(5, 5), /^RangeError: reshape: \[24\] has 24 elements, \[5, 5\] has 25/);
  });

  it("options come behind the sizes", () => {
    for (const make of [zeros, ones, rand, randn]) {
      const x = make(2, 3, { dtype: "f64", requiresGrad: true });
      assert.deepEqual([x.shape, x.dtype, x.requiresGrad], [[2, 3], "f64", true]);
      assert.deepEqual(make({ dtype: "f64" }).shape, []);
    }
    assert.deepEqual(
      randn(4, { generator: new Generator(3) }).toArray(),
      randn([4], { generator: new Generator(3) }).toArray(),
    );
  });

  it("randint counts from 0 when only its end is given", () => {
    seed(5);
    const expected = randint(0, 10, [8]).toArray();
    seed(5);
    assert.deepEqual(randint(10, [8]).toArray(), expected);
    assert.throws(() => randint(10, 3 as never), /^TypeError: randint: expected a shape such as \[3\], got undefined/);
  });

  it("backward takes the gradient by itself (the autograd tutorial's numbers)", () => {
    const a = tensor([2, 3], { requiresGrad: true });
    const b = tensor([6, 4], { requiresGrad: true });
    a.pow(3)
      .mul(3)
      .sub(b.pow(2))
      .backward(tensor([1, 1]));
    assert.deepEqual([a.grad?.toArray(), b.grad?.toArray()], [[36, 81], [-12, -8]]); // prettier-ignore
    // https://docs.pytorch.org/tutorials/beginner/basics/autogradqs_tutorial.html
    const x = eye(4, 5, { requiresGrad: true });
    const out = x.add(1).pow(2).t();
    out.backward(onesLike(out), { retainGraph: true });
    assert.deepEqual(x.grad?.at(0).toArray(), [4, 2, 2, 2, 2]);
    out.backward({ gradient: onesLike(out), retainGraph: true });
    assert.deepEqual(x.grad?.at(0).toArray(), [8, 4, 4, 4, 4]);
    x.grad?.zero_();
    out.backward(onesLike(out));
    assert.deepEqual(x.grad?.at(0).toArray(), [4, 2, 2, 2, 2]);
  });

  it("modules may be held in objects and arrays, however deep", () => {
    class Net extends nn.Module {
      parts = { a: nn.linear(2, 2), more: [nn.linear(2, 1, { bias: false })] };
      self: unknown[] = [];
      forward(x: Tensor): Tensor {
        return this.parts.a.forward(x);
      }
    }
    const net = new Net();
    net.self.push(net.self);
    assert.deepEqual(
      net.namedParameters().map(([name]) => name),
      ["parts.a.weight", "parts.a.bias", "parts.more.0.weight"],
    );
    assert.deepEqual(Object.keys(net.stateDict()), ["parts.a.weight", "parts.a.bias", "parts.more.0.weight"]);
    const grads = grad((p: Record<string, Tensor>) => nn.functionalCall(net, p, ones(3, 2)).sum())(net.stateDict());
    assert.deepEqual(grads["parts.a.bias"]?.toArray(), [3, 3]);
  });

  it("apply calls a function with every module, the innermost first", () => {
    const model = nn.sequential(nn.linear(2, 2), nn.relu());
    const seen: nn.Module[] = [];
    assert.equal(
      model.apply((module) => void seen.push(module)),
      model,
    );
    assert.deepEqual(seen, [...model.children(), model]);
  });

  it("x.at[0] says that at is a method", () => {
    const at = ones(3).at as unknown as Record<number, unknown>;
    assert.throws(() => at[0], /^TypeError: x\.at\[0\]: at is a method; x\.at\(0\)/);
  });
});

describe("JAX's forms", () => {
  const f = (w: Tensor, b: Tensor): Tensor => w.mul(w).mul(b).sum();
  const w = tensor([1, 2]);
  const b = tensor([3, 4]);

  it("grad with argnums gives a gradient for each", () => {
    const [dw, db] = grad(f, { argnums: [0, 1] })(w, b);
    assert.deepEqual([dw.toArray(), db.toArray()], [[6, 16], [1, 4]]); // prettier-ignore
    assert.deepEqual(grad(f, { argnums: 1 })(w, b).toArray(), [1, 4]);
    const [value, [first, tree]] = valueAndGrad((x: Tensor, { y }: { y: Tensor }) => f(x, y), { argnums: [0, 1] })(w, {
      y: b,
    });
    assert.equal(value.item(), 19);
    assert.deepEqual([first.toArray(), tree.y.toArray()], [[6, 16], [1, 4]]); // prettier-ignore
    assert.deepEqual(jacrev(f, { argnums: 1 })(w, b).toArray(), [1, 4]);
  });

  it("grad with hasAux hands on what else the function returns", () => {
    const withAux = (x: Tensor): [Tensor, { doubled: Tensor; name: string }] => [
      x.square().sum(),
      { doubled: x.mul(2), name: "x" },
    ];
    const [slope, aux] = grad(withAux, { hasAux: true })(w);
    assert.deepEqual([slope.toArray(), aux.doubled.toArray(), aux.name], [[2, 4], [2, 4], "x"]); // prettier-ignore
    const [[value, again]] = valueAndGrad(withAux, { hasAux: true })(w);
    assert.deepEqual([value.item(), again.doubled.toArray()], [5, [2, 4]]);
    // What is handed on belongs to the derivative outside.
    const outer = grad((x: Tensor) => grad(withAux, { hasAux: true })(x)[1].doubled.square().sum());
    assert.deepEqual(outer(w).toArray(), [8, 16]);
    assert.throws(
      () => grad((x: Tensor) => x.sum() as unknown as [Tensor, Tensor], { hasAux: true })(w),
      /^TypeError: grad: with hasAux the function must return \[value, aux\]/,
    );
    assert.throws(
      () => grad(((x: Tensor) => [x.sum(), x]) as unknown as (x: Tensor) => Tensor)(w),
      /^TypeError: grad: the function must return a tensor, not an array; of \[value, aux\], \{hasAux: true\}/,
    );
  });

  it("functions need no types, and the library's own are differentiated as they are", () => {
    assert.equal(grad((x) => x.pow(2))(tensor(3)).item(), 6);
    assert.equal(grad((x, y) => x.mul(y))(tensor(3), tensor(2)).item(), 2);
    assert.deepEqual(vmap((x) => x.sum())(ones(3, 2)).toArray(), [2, 2, 2]);
    const t = Math.tanh(2);
    close(grad(grad(tanh))(tensor(2, { dtype: "f64" })), -2 * t * (1 - t * t));
  });

  it("errors of a Hessian begin with its own name", () => {
    assert.throws(() => hessian((x) => x.sin())(w), /^RangeError: hessian: the function must return a single number/);
    assert.throws(() => hessian((x) => x.sum())(arange(3)), /^TypeError: hessian: only f32 and f64/);
    assert.throws(() => hvp((x: Tensor) => x.sin(), w, w), /^RangeError: hvp: the function must return a single/);
    assert.throws(() => hvp((x: Tensor) => x.sum(), w, full([3], 1)), /^RangeError: hvp: the tangent has shape \[3\]/);
    assert.throws(() => grad(tanh)(2 as never), /^TypeError: grad: argument 0 holds no tensor; tensor\(2\) makes one/);
  });

  it("a generator splits into two", () => {
    assert.equal(new Generator(0).split().length, 2);
  });
});
