// Operations beside those of the reference values, and indexing, against paper or a naive model.

import assert from "node:assert/strict";
import {
  allclose, arange, avgPool1d, bincount, bmm, chunk, cosineEmbeddingLoss, crossEntropy, diagonal, digamma, dot, embedding, equal, exp2, floorDivide,
  gather, grad, huberLoss, isclose, isfinite, isinf, isnan, logaddexp, maskedSelect, max, maxPool1d, median, meshgrid, min, multinomial, nllLoss,
  nonzero, ones, oneHot, outer, poissonNllLoss, polygamma, prelu, scatterAdd, solve, split, tensordot, type Tensor, tensor, tile, topk, unbind, vmap,
  where, xlogy, zeros,
} from "../../lib/index.ts"; // prettier-ignore
import { close, uniform } from "./close.ts";

const i32 = (values: number[]): Tensor => tensor(Int32Array.from(values));
const f64 = (values: number | number[] | number[][]): Tensor => tensor(values, { dtype: "f64" });

describe("indexing", () => {
  const x = arange(24).reshape([2, 3, 4]) as Tensor;
  const all = x.toArray() as number[][][];

  it("takes numbers, ranges, lists and masks, in any combination", () => {
    assert.deepEqual(x.at(-1).toArray(), all[1]);
    assert.deepEqual(x.at(0, [1, 3]).toArray(), all[0]?.slice(1, 3));
    assert.deepEqual(x.at(null, null, [null, null, -2]).toArray(), all.map((m) => m.map((r) => [r[3], r[1]]))); // prettier-ignore
    assert.deepEqual(x.at(i32([1, 0, -1])).toArray(), [all[1], all[0], all[1]]);
    assert.deepEqual(x.at(0, i32([2, 0])).toArray(), [all[0]?.[2], all[0]?.[0]]);
    assert.deepEqual(x.at(null, i32([2, 0]), 1).toArray(), all.map((m) => [m[2]?.[1], m[0]?.[1]])); // prettier-ignore
    assert.deepEqual(x.at(x.gt(20)).toArray(), [21, 22, 23]);
    assert.deepEqual(x.at(tensor([false, true])).toArray(), [all[1]]);
    assert.deepEqual(x.at(1, tensor([true, false, true]), 0).toArray(), [12, 20]);
    assert.deepEqual([...x.at(i32([0, 1]).reshape([2, 1]) as Tensor).shape], [2, 1, 3, 4]);
  });

  it("refuses what is not there", () => {
    assert.throws(() => x.at(i32([2])), /index 2 is out of range for 2 elements/);
    assert.throws(() => x.at(tensor([true])), /at: the mask \[1\] does not fit \[2, 3, 4\]/);
    assert.throws(() => x.at(0.5), /index 0\.5 is out of range/);
  });

  it("lets derivatives through", () => {
    const g = grad((v: Tensor) => v.at(v.gt(0)).square().sum())(f64([-1, 2, 3]));
    assert.deepEqual(g.toArray(), [0, 4, 6]);
    const h = grad((v: Tensor) => v.at(i32([0, 0, 2])).sum())(f64([1, 2, 3]));
    assert.deepEqual(h.toArray(), [2, 0, 1]);
  });
});

describe("extremes and orders", () => {
  it("max and min give values and places along an axis", () => {
    const x = f64([[1, 5, 5], [3, 2, 0]]); // prettier-ignore
    assert.equal(max(x).item(), 5);
    assert.deepEqual(max(x, 1).values.toArray(), [5, 3]);
    assert.deepEqual(max(x, 1).indices.toArray(), [1, 0]);
    assert.deepEqual(x.min(0, true).values.toArray(), [[1, 2, 0]]);
    assert.equal(min(x).item(), 0);
    assert.deepEqual(grad((v: Tensor) => v.max(1).values.sum())(x).toArray(), [[0, 1, 0], [1, 0, 0]]); // prettier-ignore
    assert.deepEqual(grad((v: Tensor) => v.max())(x).toArray(), [[0, 0.5, 0.5], [0, 0, 0]]); // prettier-ignore
  });

  it("median, topk of the smallest, nonzero, bincount", () => {
    assert.equal(median(tensor([4, 1, 3, 2])).item(), 2);
    assert.deepEqual(median(f64([[3, 1, 2], [9, 8, 7]]), 1).toArray(), [2, 8]); // prettier-ignore
    assert.deepEqual(topk(tensor([3, 1, 2]), 2, 0, false).values.toArray(), [1, 2]);
    assert.deepEqual(nonzero(tensor([[0, 1], [2, 0]])).toArray(), [[0, 1], [1, 0]]); // prettier-ignore
    assert.deepEqual(bincount(i32([0, 2, 2])).toArray(), [1, 0, 2]);
    assert.deepEqual(maskedSelect(tensor([1, 2, 3]), tensor([true, false, true])).toArray(), [1, 3]);
  });
});

describe("questions about elements", () => {
  it("know NaN and infinities", () => {
    const x = tensor([NaN, Infinity, 1]);
    assert.deepEqual(isnan(x).toArray(), [true, false, false]);
    assert.deepEqual(isinf(x).toArray(), [false, true, false]);
    assert.deepEqual(isfinite(x).toArray(), [false, false, true]);
    assert.equal(allclose(x, x), false);
    assert.equal(allclose(x, x, { equalNan: true }), true);
    assert.deepEqual(isclose(tensor([1, Infinity]), tensor([1.000001, 1])).toArray(), [true, false]);
    assert.equal(equal(tensor([1]), tensor([1, 1])), false);
  });
});

describe("booleans", () => {
  it("add and multiply as or and and, as in PyTorch", () => {
    const [a, b] = [tensor([true, true, false]), tensor([true, false, false])];
    assert.deepEqual(a.add(b).toArray(), [true, true, false]);
    assert.deepEqual(a.mul(b).toArray(), [true, false, false]);
    assert.deepEqual(a.add(1).toArray(), [2, 2, 1]);
    assert.equal(a.sum().item(), 2);
    assert.throws(() => a.sub(b), /sub: booleans cannot be subtracted; convert them first: x\.to\("i32"\)/);
    assert.deepEqual(a.logicalNot().toArray(), [false, false, true]);
    assert.equal(a.any().item(), 1);
    assert.equal(a.all().item(), 0);
  });
});

describe("operations beside", () => {
  it("agree with paper", () => {
    close(logaddexp(f64(1000), f64(1000)), 1000 + Math.LN2);
    assert.deepEqual(xlogy(f64([0, 2]), f64([0, 1])).toArray(), [0, 0]);
    close(exp2(f64(3)), 8);
    assert.equal(floorDivide(tensor(-7), 2).item(), -4);
    assert.deepEqual([...bmm(zeros([5, 2, 3]), zeros([5, 3, 4])).shape], [5, 2, 4]);
    assert.deepEqual(chunk(arange(5), 2).map((p) => p.toArray()), [[0, 1, 2], [3, 4]]); // prettier-ignore
    assert.deepEqual(split(arange(3), [1, 2]).map((p) => p.toArray()), [[0], [1, 2]]); // prettier-ignore
    assert.deepEqual(unbind(tensor([[1], [2]])).map((p) => p.toArray()), [[1], [2]]); // prettier-ignore
    assert.deepEqual(tile(tensor([1, 2]), [2]).toArray(), [1, 2, 1, 2]);
    assert.deepEqual(meshgrid(arange(2), arange(3))[1]?.toArray(), [[0, 1, 2], [0, 1, 2]]); // prettier-ignore
    assert.deepEqual(oneHot(i32([2, 0]), 3).toArray(), [[0, 0, 1], [1, 0, 0]]); // prettier-ignore
    assert.deepEqual(outer(tensor([1, 2]), tensor([3, 4])).toArray(), [[3, 4], [6, 8]]); // prettier-ignore
    assert.equal(dot(tensor([1, 2]), tensor([3, 4])).item(), 11);
    assert.deepEqual([...tensordot(zeros([2, 3, 4]), zeros([3, 4, 5]), 2).shape], [2, 5]);
    assert.deepEqual(diagonal(tensor([[1, 2, 3], [4, 5, 6]])).toArray(), [1, 5]); // prettier-ignore
    close(digamma(f64(1)), -0.5772156649015329);
    close(polygamma(1, f64(1)), Math.PI ** 2 / 6);
    close(f64(-2.5).lgamma(), Math.log(0.9453087204829419));
    assert.deepEqual(prelu(tensor([-1, 1]), tensor(0.5)).toArray(), [-0.5, 1]);
    assert.deepEqual(maxPool1d(tensor([[1, 3, 2, 4]]), 2).toArray(), [[3, 4]]);
    assert.deepEqual(avgPool1d(tensor([[1, 3, 2, 4]]), 2).toArray(), [[2, 3]]);
    assert.deepEqual(scatterAdd(zeros([3]), 0, i32([0, 2, 0]), ones([3])).toArray(), [2, 0, 1]);
    close(solve(f64([[2, 0], [0, 4]]), f64([2, 2])), f64([1, 0.5])); // prettier-ignore
    assert.equal(multinomial(tensor([0, 1, 0]), 1).item(), 1);
    assert.equal(poissonNllLoss(tensor([0]), tensor([1])).item(), 1);
    assert.equal(huberLoss(tensor([0]), tensor([3])).item(), 2.5);
    assert.equal(cosineEmbeddingLoss(tensor([[1, 0]]), tensor([[1, 0]]), tensor([1])).item(), 0);
  });

  it("losses over classes take weights, and leave out a class", () => {
    const logs = uniform(1, [3, 4]);
    const target = i32([1, 0, 3]);
    const weight = f64([1, 2, 3, 4]);
    const picked = gather(logs, 1, target.reshape([3, 1]))
      .reshape([3])
      .neg() as Tensor;
    const w = f64([2, 1, 4]);
    close(nllLoss(logs, target, { weight }), picked.mul(w).sum().div(7));
    close(nllLoss(logs, target, { ignoreIndex: 0 }), picked.at(0).add(picked.at(2)).div(2));
    close(nllLoss(logs, i32([1, -100, 3]), { ignoreIndex: -100 }), picked.at(0).add(picked.at(2)).div(2));
    const image = uniform(2, [2, 3, 4, 4]);
    assert.deepEqual(
      [...crossEntropy(image, zeros([2, 4, 4], { dtype: "i32" }), { reduction: "none" }).shape],
      [2, 4, 4],
    );
  });

  it("work on one number and on empty tensors", () => {
    assert.equal(tensor(3).sum(0).item(), 3);
    assert.equal(tensor(3).softmax(0).item(), 1);
    assert.equal(zeros([0]).sum().item(), 0);
    assert.equal(zeros([0]).prod().item(), 1);
    assert.deepEqual(f64([[1, 2], [3, 4]]).prod([0, 1], true).toArray(), [[24]]); // prettier-ignore
    assert.deepEqual([...zeros([0, 3]).matmul(zeros([3, 2])).shape], [0, 2]);
    assert.deepEqual(zeros([2, 0]).matmul(zeros([0, 2])).toArray(), [[0, 0], [0, 0]]); // prettier-ignore
    assert.deepEqual(zeros([3, 0]).sum(1).toArray(), [0, 0, 0]);
    assert.deepEqual([...embedding(zeros([0], { dtype: "i32" }), ones([2, 3])).shape], [0, 3]);
    const g = grad((x: Tensor) => x.sum())(zeros([0]));
    assert.deepEqual([...g.shape], [0]);
  });

  it("where() keeps a branch that was not taken out of the derivative", () => {
    const f = (x: Tensor): Tensor => where(x.gt(0), where(x.gt(0), x, 1).log(), 0).sum();
    assert.deepEqual(grad(f)(f64([2, 0, -1])).toArray(), [0.5, 0, 0]);
    close(vmap(grad(f))(f64([[2], [-1]])), f64([[0.5], [0]])); // prettier-ignore
  });
});
