// Transformations alone, nested in each other, and over trees.

import assert from "node:assert/strict";
import {
  arange, checkpoint, customJvp, customVjp, eye, grad, hessian, hvp, jacfwd, jacrev, jvp, linearize, noGrad, ones, stopGradient, type Tensor,
  tensor, treeMap, valueAndGrad, vjp, vmap, where, zeros,
} from "../../lib/index.ts"; // prettier-ignore
import { close, uniform } from "./close.ts";

const f64 = { dtype: "f64" } as const;
const number = (x: number): Tensor => tensor(x, f64);
const cube = (x: Tensor): Tensor => x.mul(x).mul(x);

describe("transformations", () => {
  it("grad takes derivatives of any order", () => {
    const x = number(0.7);
    let f = (t: Tensor): Tensor => t.sin();
    const expected = [Math.cos(0.7), -Math.sin(0.7), -Math.cos(0.7), Math.sin(0.7)];
    for (const value of expected) {
      f = grad(f);
      close(f(x), value);
    }
  });

  it("second derivatives go through tanh, sigmoid and exp", () => {
    const x = number(0.3);
    const t = Math.tanh(0.3);
    close(grad(grad((y: Tensor) => y.tanh()))(x), -2 * t * (1 - t * t));
    const s = 1 / (1 + Math.exp(-0.3));
    close(grad(grad((y: Tensor) => y.sigmoid()))(x), s * (1 - s) * (1 - 2 * s));
    close(grad(grad((y: Tensor) => y.exp()))(x), Math.exp(0.3));
  });

  it("valueAndGrad gives the value, and gradients in the form of the argument", () => {
    const params = { w: tensor([[1, 2], [3, 4]]), layers: [tensor([1, 1]), tensor(2)] }; // prettier-ignore
    const [value, grads] = valueAndGrad((p: typeof params, x: Tensor) =>
      (p.w as Tensor)
        .matmul(x)
        .mul(p.layers[0] as Tensor)
        .sum()
        .mul(p.layers[1] as Tensor),
    )(params, tensor([1, 10]));
    assert.equal(value.item(), 128);
    assert.deepEqual(grads.w.toArray(), [[2, 20], [2, 20]]); // prettier-ignore
    assert.deepEqual(grads.layers[0]?.toArray(), [42, 86]);
    assert.equal(grads.layers[1]?.item(), 64);
  });

  it("grad takes the gradient of another argument with argnum", () => {
    const f = (x: Tensor, y: Tensor): Tensor => x.mul(y).mul(y);
    assert.equal(grad(f, { argnum: 1 })(tensor(3), tensor(2)).item(), 12);
  });

  it("an argument that the function does not use has gradient zero", () => {
    assert.deepEqual(grad((_: Tensor) => tensor(1))(tensor([1, 2])).toArray(), [0, 0]);
  });

  it("control flow may depend on values inside grad and jvp", () => {
    const f = (x: Tensor): Tensor => (x.item() > 0 ? x.mul(2) : x.mul(-3));
    assert.equal(grad(f)(tensor(1)).item(), 2);
    assert.equal(grad(f)(tensor(-1)).item(), -3);
    assert.equal(jvp(f, [tensor(-1)], [tensor(1)])[1].item(), -3);
  });

  it("vjp gives a pullback that can be called again", () => {
    const [y, pullback] = vjp((a: Tensor, b: Tensor) => a.mul(b), tensor([1, 2]), tensor([3, 4]));
    assert.deepEqual(y.toArray(), [3, 8]);
    for (const scale of [1, 2]) {
      const [da, db] = pullback(ones(2).mul(scale));
      assert.deepEqual(da.toArray(), [3 * scale, 4 * scale]);
      assert.deepEqual(db.toArray(), [scale, 2 * scale]);
    }
  });

  it("linearize gives the map that jvp computes, without computing the function again", () => {
    let calls = 0;
    const f = (x: Tensor): Tensor => {
      calls++;
      return x.sin().mul(x);
    };
    const x = uniform(1, [3]);
    const [y, push] = linearize(f, x);
    for (const seed of [2, 3]) {
      const v = uniform(seed, [3]);
      const [value, tangent] = jvp(f, [x], [v]);
      close(y, value);
      close(push(v), tangent);
    }
    assert.equal(calls, 3);
  });

  it("jacfwd and jacrev agree, over trees too", () => {
    const x = { a: uniform(1, [2]), b: uniform(2, [3]) };
    const f = (p: typeof x) => ({ y: p.a.sum().mul(p.b), z: [p.a.exp()] });
    const forward = jacfwd(f)(x);
    const reverse = jacrev(f)(x);
    close(forward.y.a, reverse.y.a);
    close(forward.y.b, reverse.y.b);
    close(forward.z[0]?.a as Tensor, reverse.z[0]?.a as Tensor);
    assert.deepEqual([...forward.y.a.shape], [3, 2]);
  });

  it("hessian and hvp agree with each other and with paper", () => {
    const f = (x: Tensor): Tensor => x.pow(3).sum();
    assert.deepEqual(hessian(f)(tensor([1, 2], f64)).toArray(), [[6, 0], [0, 12]]); // prettier-ignore
    assert.deepEqual(hvp(f, tensor([1, 2], f64), tensor([1, 1], f64)).toArray(), [6, 12]);
    const g = (x: Tensor): Tensor => x.sin().mul(x.flip()).prod().add(x.norm());
    const x = uniform(3, [4]);
    const v = uniform(4, [4]);
    close(hessian(g)(x).matmul(v), hvp(g, x, v), 1e-9);
  });

  it("nested transformations do not confuse perturbations", () => {
    // d/dx (x · d/dy (x + y)) = 1 (Siskind and Pearlmutter)
    const x = number(3);
    const inner =
      (a: Tensor) =>
      (y: Tensor): Tensor =>
        a.add(y);
    close(grad((a: Tensor) => a.mul(grad(inner(a))(number(1))))(x), 1);
    const push = (f: (t: Tensor) => Tensor, at: Tensor): Tensor => jvp(f, [at], [ones([], f64)])[1];
    close(
      push((a) => a.mul(push(inner(a), number(1))), x),
      1,
    );
    close(
      push((a) => a.mul(grad(inner(a))(number(1))), x),
      1,
    );
    close(grad((a: Tensor) => a.mul(push(inner(a), number(1))))(x), 1);
    // A derivative inside that depends on the outer variable: d/dx (x · d/dy (x y²)) at y = x is d/dx 2x³
    close(grad((a: Tensor) => a.mul(grad((y: Tensor) => a.mul(y).mul(y))(stopGradient(a))))(x), 4 * 9);
    close(grad((a: Tensor) => a.mul(grad((y: Tensor) => a.mul(y).mul(y))(a)))(x), 6 * 9);
  });

  const push =
    (f: (t: Tensor) => Tensor) =>
    (x: Tensor): Tensor =>
      jvp(f, [x], [ones(x.shape, f64)])[1];
  const batched =
    (f: (t: Tensor) => Tensor) =>
    (x: Tensor): Tensor =>
      vmap(f)(x.reshape([1])).reshape([]);
  const checked = (f: (t: Tensor) => Tensor) => checkpoint(f);
  const viaVjp =
    (f: (t: Tensor) => Tensor) =>
    (x: Tensor): Tensor => {
      const [y, pullback] = vjp(f, x);
      return pullback(ones(y.shape, f64))[0];
    };
  const derivatives = { grad: (f: (t: Tensor) => Tensor) => grad(f), jvp: push, vjp: viaVjp, jacfwd: (f: (t: Tensor) => Tensor) => jacfwd(f), jacrev: (f: (t: Tensor) => Tensor) => jacrev(f) }; // prettier-ignore
  for (const [outer, d1] of Object.entries(derivatives)) {
    for (const [inner, d2] of Object.entries(derivatives)) {
      it(`${outer} of ${inner}, with vmap and checkpoint at every place`, () => {
        const f = (x: Tensor): Tensor => cube(x).add(x.sin());
        const expected = 6 * 0.4 - Math.sin(0.4);
        const x = number(0.4);
        close(d1(d2(f))(x), expected);
        close(batched(d1(d2(f)))(x), expected);
        close(d1(batched(d2(f)))(x), expected);
        close(d1(d2(batched(f)))(x), expected);
        close(d1(d2(checked(f)))(x), expected);
        close(checked(d1(d2(f)))(x), expected);
      });
    }
  }

  it("grad sees parameters of backward() from outside, and is recorded for it", () => {
    const w = tensor(3, { ...f64, requiresGrad: true });
    const slope = grad((x: Tensor) => w.mul(x).mul(x))(number(2));
    close(slope, 12);
    slope.backward();
    close(w.grad as Tensor, 4);
  });

  it("noGrad around grad does not silence it, inside it does", () => {
    close(
      noGrad(() => grad(cube)(number(2))),
      12,
    );
    close(grad((x: Tensor) => noGrad(() => x.mul(x)).mul(x))(number(3)), 9);
  });
});

describe("vmap", () => {
  it("maps a function of one example over a batch", () => {
    const w = uniform(1, [3, 2]);
    const xs = uniform(2, [5, 3]);
    close(vmap((x: Tensor) => x.matmul(w).tanh())(xs), xs.matmul(w).tanh());
  });

  it("takes axes for each argument, and null for what is shared", () => {
    const a = uniform(1, [3, 4]);
    const b = uniform(2, [3]);
    close(vmap((x: Tensor, y: Tensor) => x.mul(y).sum(), { inAxes: [1, null] })(a, b), b.matmul(a));
    const out = vmap((x: Tensor) => x.mul(2), { inAxes: 1, outAxes: 1 })(a);
    close(out, a.mul(2));
  });

  it("gives gradients for each example", () => {
    const w = uniform(1, [3]);
    const xs = uniform(2, [4, 3]);
    const per = vmap((x: Tensor) => grad((v: Tensor) => v.dot(x).sigmoid())(w))(xs);
    const one = [0, 1, 2, 3].map((k) => grad((v: Tensor) => v.dot(xs.at(k)).sigmoid())(w));
    one.forEach((g, k) => close(per.at(k), g));
  });

  it("is nested", () => {
    const x = uniform(1, [2, 3]);
    const y = uniform(2, [4, 3]);
    const all = vmap((a: Tensor) => vmap((b: Tensor) => a.dot(b))(y))(x);
    close(all, x.matmul(y.t()));
  });

  it("refuses to read a single value, and says what to do", () => {
    assert.throws(
      () => vmap((x: Tensor) => (x.item() > 0 ? x : x.neg()))(ones(2)),
      /item: inside vmap .* use where\(\)/,
    );
    close(vmap((x: Tensor) => where(x.gt(0), x, x.neg()))(tensor([1, -2])), tensor([1, 2]));
  });

  it("refuses axes of different sizes", () => {
    assert.throws(
      () => vmap((a: Tensor, b: Tensor) => a.add(b))(ones(2), ones(3)),
      /vmap: the mapped axes have different sizes: 2 and 3/,
    );
  });
});

describe("functions with derivatives of their own", () => {
  it("customVjp takes the backward function for the derivative", () => {
    const clipped = customVjp((x: Tensor) => x, (x: Tensor) => [x, null] as const, (_, ct: Tensor) => [ct.clamp(-1, 1)]); // prettier-ignore
    close(
      grad((x: Tensor) =>
        clipped(x)
          .mul(tensor([5, 0.5, -7], f64))
          .sum(),
      )(uniform(1, [3])),
      tensor([1, 0.5, -1], f64),
    );
  });

  it("customVjp is differentiated again, forward and over batches", () => {
    const sin = customVjp((x: Tensor) => x.sin(), (x: Tensor) => [x.sin(), x] as const, (x: Tensor, ct: Tensor) => [ct.mul(x.cos())]); // prettier-ignore
    const x = number(0.6);
    close(grad(grad(sin))(x), -Math.sin(0.6));
    close(jvp(sin, [x], [number(2)])[1], 2 * Math.cos(0.6));
    const xs = uniform(5, [4]);
    close(vmap(grad(sin))(xs), xs.cos());
    close(grad((t: Tensor) => vmap(sin)(t).sum())(xs), xs.cos());
    const w = tensor(0.6, { ...f64, requiresGrad: true });
    sin(w).backward();
    close(w.grad as Tensor, Math.cos(0.6));
  });

  it("customJvp gives both accumulations", () => {
    const softplus = customJvp((x: Tensor) => x.exp().log1p(), ([x], [dx]) => [x.softplus(), dx.mul(x.sigmoid())] as const); // prettier-ignore
    const x = number(0.6);
    const s = 1 / (1 + Math.exp(-0.6));
    close(grad(softplus)(x), s);
    close(jvp(softplus, [x], [number(1)])[1], s);
    close(grad(grad(softplus))(x), s * (1 - s));
    const xs = uniform(5, [4]);
    close(vmap(grad(softplus))(xs), xs.sigmoid());
  });

  it("checkpoint computes again, over trees and several outputs", () => {
    let calls = 0;
    const layer = checkpoint((p: { w: Tensor; b: Tensor }, x: Tensor) => {
      calls++;
      return [x.matmul(p.w).add(p.b).tanh(), p.b.sum()] as const;
    });
    const p = { w: uniform(1, [3, 2]), b: uniform(2, [2]) };
    const x = uniform(3, [4, 3]);
    const loss = (q: typeof p): Tensor => {
      const [y, z] = layer(q, x);
      return y.sum().mul(z);
    };
    const g = grad(loss)(p);
    assert.equal(calls, 2);
    const plain = grad((q: typeof p) => x.matmul(q.w).add(q.b).tanh().sum().mul(q.b.sum()))(p);
    close(g.w, plain.w);
    close(g.b, plain.b);
  });

  it("checkpoint refuses parameters that are not arguments", () => {
    const w = tensor(2, { requiresGrad: true });
    assert.throws(
      () => checkpoint((x: Tensor) => x.mul(w))(tensor(1)),
      /checkpoint: the function uses a tensor .* pass it as an argument/,
    );
    assert.throws(
      () => grad((v: Tensor) => checkpoint((x: Tensor) => x.mul(v))(tensor(1)))(tensor(1)),
      /pass it as an argument/,
    );
  });

  it("stopGradient lets no derivative through", () => {
    close(grad((x: Tensor) => stopGradient(x).mul(x))(number(3)), 3);
    close(jvp((x: Tensor) => stopGradient(x).mul(x), [number(3)], [number(1)])[1], 3);
    close(vmap(grad((x: Tensor) => stopGradient(x).mul(x)))(tensor([1, 2])), tensor([1, 2]));
  });

  it("treeMap updates parameters", () => {
    const p = { w: ones(2), rest: [tensor(1)] };
    const next = treeMap((w, g) => w.sub(g.mul(0.5)), p, grad((q: typeof p) => q.w.sum().mul(q.rest[0] as Tensor))(p));
    assert.deepEqual(next.w.toArray(), [0.5, 0.5]);
    assert.equal(next.rest[0]?.item(), 0);
  });
});

describe("what transformations refuse", () => {
  it("a gradient of more than one number, or of whole numbers", () => {
    assert.throws(
      () => grad((x: Tensor) => x.mul(2))(ones(2)),
      /grad: the function must return a single number, not shape \[2\]/,
    );
    assert.throws(
      () => grad((x: Tensor) => x.sum())(arange(3)),
      /grad: only f32 and f64 tensors have derivatives, not i32/,
    );
    assert.throws(() => grad((_: Tensor) => tensor(1))(3 as never), /grad: argument 0 holds no tensor/);
    assert.throws(
      () => grad((async (x: Tensor) => x) as never)(tensor(1)),
      /grad: the function must return its result, not a promise/,
    );
  });

  it("cotangents and tangents of another shape", () => {
    const [, pullback] = vjp((x: Tensor) => x.mul(2), ones(2));
    assert.throws(() => pullback(ones(3)), /vjp: the cotangent has shape \[3\], its value \[2\]/);
    assert.throws(
      () => jvp((x: Tensor) => x, [zeros(2)], [zeros(3)]),
      /jvp: the tangent has shape \[3\], its value \[2\]/,
    );
    assert.throws(() => jvp((x: Tensor) => x, [eye(2)], [] as never), /jvp: 1 primals and 0 tangents/);
  });
});
