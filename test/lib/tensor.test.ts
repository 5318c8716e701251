// Making tensors, looking at them, and what they say about wrong input.

import assert from "node:assert/strict";
import { inspect } from "node:util";
import fc from "fast-check";
import {
  arange, cat, conv2d, crossEntropy, einsum, embedding, expand, eye, full, linspace, logSoftmax, matmul, mseLoss, nllLoss, ones, onesLike, pad,
  permute, slice, stack, type Tensor, tensor, zeros,
} from "../../lib/index.ts"; // prettier-ignore
import { close, uniform } from "./close.ts";

describe("making tensors", () => {
  it("takes numbers, nested arrays and typed arrays, and copies them", () => {
    assert.deepEqual(tensor([[1, 2], [3, 4]]).toArray(), [[1, 2], [3, 4]]); // prettier-ignore
    assert.equal(tensor(3).item(), 3);
    const source = Float64Array.of(1, 2);
    const x = tensor(source);
    source[0] = 9;
    assert.equal(x.dtype, "f64");
    assert.deepEqual(x.toArray(), [1, 2]);
    assert.deepEqual(tensor([true, false]).toArray(), [true, false]);
    assert.equal(tensor(Int32Array.of(1)).dtype, "i32");
    assert.deepEqual([...tensor([]).shape], [0]);
    const copy = x.data;
    copy[0] = 7;
    assert.deepEqual(x.toArray(), [1, 2]);
  });

  it("hands out numbers in a buffer of their own, however they were computed", () => {
    const x = arange(24, { dtype: "f32" });
    const [y, z] = [x.mul(2), x.add(1)];
    assert.equal(y.data.buffer.byteLength, 4 * 24);
    assert.deepEqual(
      [...y.data],
      Array.from({ length: 24 }, (_, k) => 2 * k),
    );
    assert.deepEqual(
      [...z.data],
      Array.from({ length: 24 }, (_, k) => k + 1),
    );
  });

  it("refuses ragged arrays and what is no number", () => {
    assert.throws(() => tensor([[1, 2], [3]]), /tensor: the rows differ in length: expected 2 elements, found an array of 1/); // prettier-ignore
    assert.throws(() => tensor([[1], 2] as never), /tensor: the rows differ in length/);
    assert.throws(() => tensor(["1"] as never), /tensor: expected numbers, found string \(1\)/);
    assert.throws(() => tensor(null as never), /tensor: expected numbers, found null/);
    assert.throws(
      () => tensor([1], { dtype: "float32" as never }),
      /tensor: there is no dtype float32; there are "f32", "f64", "i32" and "bool"/,
    );
    assert.throws(() => zeros([2, -1]), /zeros: a shape holds whole numbers that are not negative, not \[2, -1\]/);
    assert.throws(() => arange(3, 0), /arange: steps of 1 do not lead from 3 to 0/);
  });

  it("makes regular ones", () => {
    assert.deepEqual(zeros(2, 3).toArray(), [[0, 0, 0], [0, 0, 0]]); // prettier-ignore
    assert.deepEqual(ones([2], { dtype: "i32" }).toArray(), [1, 1]);
    assert.deepEqual(full([2], 0.5).toArray(), [0.5, 0.5]);
    assert.deepEqual(eye(2, 3).toArray(), [[1, 0, 0], [0, 1, 0]]); // prettier-ignore
    assert.deepEqual(arange(1, 2, 0.25).toArray(), [1, 1.25, 1.5, 1.75]);
    assert.deepEqual(arange(5, 0, -2).toArray(), [5, 3, 1]);
    assert.deepEqual(linspace(0, 1, 5).toArray(), [0, 0.25, 0.5, 0.75, 1]);
    assert.deepEqual(onesLike(arange(2)).toArray(), [1, 1]);
  });
});

describe("views", () => {
  it("slice as Python does", () => {
    const list = (start: number | null, end: number | null, step: number | null): number[] =>
      arange(7).slice([start, end, step]).toArray() as number[];
    const bound = fc.option(fc.integer({ min: -9, max: 9 }));
    const step = fc.option(fc.integer({ min: -3, max: 3 }).filter((k) => k !== 0));
    fc.assert(
      fc.property(bound, bound, step, (start, end, by) => {
        const s = by ?? 1;
        const n = 7;
        const clip = (k: number): number => (s > 0 ? Math.min(Math.max(k, 0), n) : Math.min(Math.max(k, -1), n - 1));
        const from = start === null ? (s > 0 ? 0 : n - 1) : clip(start < 0 ? start + n : start);
        const to = end === null ? (s > 0 ? n : -1) : clip(end < 0 ? end + n : end);
        const expected: number[] = [];
        for (let k = from; s > 0 ? k < to : k > to; k += s) expected.push(k);
        assert.deepEqual(list(start, end, by), expected);
      }),
    );
  });

  it("compose like index arithmetic", () => {
    // A chain of views against the same chain on nested arrays.
    type Nest = number[][][];
    const steps = fc.array(fc.constantFrom("flip", "swap01", "swap12", "cut"), { maxLength: 6 });
    fc.assert(
      fc.property(steps, (names) => {
        let x: Tensor = arange(24).reshape([2, 3, 4]);
        let y = x.toArray() as Nest;
        for (const name of names) {
          if (name === "flip") {
            x = x.flip(1);
            y = y.map((m) => m.toReversed());
          } else if (name === "swap01") {
            x = x.transpose(0, 1);
            y = (y[0] as number[][]).map((_, j) => y.map((m) => m[j] as number[]));
          } else if (name === "swap12") {
            x = x.transpose(1, 2);
            y = y.map((m) => (m[0] as number[]).map((_, k) => m.map((row) => row[k] as number)));
          } else {
            x = x.slice([1, null]);
            y = y.slice(1);
          }
          if (y.length === 0) return;
        }
        assert.deepEqual(x.toArray(), y);
        assert.deepEqual([...x.reshape([-1]).data], y.flat(2));
        assert.deepEqual(x.add(0).toArray(), y);
        assert.equal(
          x.sum().item(),
          y.flat(2).reduce((a, b) => a + b, 0),
        );
      }),
    );
  });

  it("broadcast like a naive model", () => {
    const size = fc.constantFrom(1, 2, 3);
    const shape = fc.array(size, { maxLength: 3 });
    fc.assert(
      fc.property(shape, shape, (a, b) => {
        const x = uniform(1, a);
        const y = uniform(2, b);
        const rank = Math.max(a.length, b.length);
        const at = (s: number[], k: number): number => s[k - (rank - s.length)] ?? 1;
        const sizes = Array.from({ length: rank }, (_, k) => [at(a, k), at(b, k)] as const);
        if (!sizes.every(([m, n]) => m === n || m === 1 || n === 1)) {
          assert.throws(() => x.add(y), /add: shapes do not broadcast/);
          return;
        }
        const out = sizes.map(([m, n]) => Math.max(m, n));
        const total = out.reduce((p, n) => p * n, 1);
        const expected = Array.from({ length: total }, (_, flat) => {
          let rest = flat;
          const index = out.map(() => 0);
          for (let k = rank - 1; k >= 0; k--) {
            index[k] = rest % (out[k] as number);
            rest = Math.floor(rest / (out[k] as number));
          }
          const read = (t: Tensor, s: number[]): number =>
            t.at(...index.slice(rank - s.length).map((i, k) => (s[k] === 1 ? 0 : i))).item();
          return read(x, a) + read(y, b);
        });
        assert.deepEqual([...x.add(y).data], expected);
        assert.deepEqual([...x.add(y).shape], out);
      }),
    );
  });

  it("share memory with what they look at", () => {
    const x = zeros([2, 3]);
    x.reshape([3, 2]).at(2, 1).fill_(5);
    assert.deepEqual(x.toArray(), [[0, 0, 0], [0, 0, 5]]); // prettier-ignore
  });

  it("are iterated over along the first axis", () => {
    const rows = [...tensor([[1, 2], [3, 4]])].map((row) => row.toArray()); // prettier-ignore
    assert.deepEqual(rows, [[1, 2], [3, 4]]); // prettier-ignore
    assert.throws(() => [...tensor(1)], /a single number cannot be iterated over/);
  });
});

describe("errors", () => {
  it("name the call, the values and the remedy", () => {
    const x = zeros([2, 3]);
    const i = (values: number[]): Tensor => tensor(Int32Array.from(values));
    const cases: [() => unknown, RegExp][] = [
      [() => matmul(x as Tensor, zeros([4, 5]) as Tensor), /^matmul: inner dimensions differ: \[2, 3\] and \[4, 5\]$/],
      [() => matmul(x as Tensor, tensor(1) as Tensor), /^matmul: needs at least one dimension: \[2, 3\] and \[\]$/],
      [() => (x as Tensor).add(zeros([4])), /^add: shapes do not broadcast: \[2, 3\] and \[4\]$/],
      [() => (x as Tensor).sum(2), /^sum: dim 2 is out of range for \[2, 3\]$/],
      [() => (x as Tensor).sum([0, 0]), /^sum: dim 0 is named twice in \[0, 0\]$/],
      [() => (x as Tensor).reshape([4, 2]), /^reshape: \[2, 3\] has 6 elements, \[4, 2\] has 8$/],
      [() => (x as Tensor).reshape([4, -1]), /^reshape: \[2, 3\] has 6 elements, \[4, -1\] does not fit$/],
      [() => permute(x, [0, 0]), /^permute: \[0, 0\] does not name each axis of \[2, 3\] once$/],
      [() => expand(x, [2, 4]), /^expand: \[2, 3\] does not expand to \[2, 4\]$/],
      [() => x.at(5), /^at: index 5 is out of range for \[2, 3\]$/],
      [() => slice(x, 0, 0, 0), /^slice: 3 ranges for the 2 dimensions of \[2, 3\]$/],
      [() => cat([x, zeros([3, 2])], 0), /^cat: sizes differ outside dim 0: \[2, 3\] and \[3, 2\]$/],
      [() => cat([]), /^cat: needs at least one tensor$/],
      [() => stack([x, zeros(2)]), /^stack: shapes differ: \[2, 3\] and \[2\]$/],
      [() => pad(x, [1]), /^pad: \[1\] is not a pair of widths/],
      [() => x.add("1" as never), /^add: expected a tensor or a number, got string$/],
      [() => x.mul([1, 2, 3] as never), /^mul: expected a tensor or a number, got an array; wrap it in tensor\(…\)$/],
      [() => x.item(), /^item: only a tensor of one element is a single number, not shape \[2, 3\]; use toArray\(\)$/],
      [() => embedding(i([3]), x), /^embedding: index 3 is out of range for 2 elements$/],
      [
        () => embedding(tensor([1]), x),
        /an index must hold whole numbers \(i32\), not f32; convert it: index\.to\("i32"\)$/,
      ],
      [() => zeros([0]).max(), /^amax: there is nothing along dim 0 of \[0\]$/],
      [() => zeros([2, 2]).inverse(), /^inverse: the matrix is singular \(pivot 1 of 2 is zero\)$/],
      [() => x.inverse(), /^inverse: expected a square matrix, got \[2, 3\]$/],
      [() => einsum("ij,jk", x), /^einsum: "ij,jk" names 2 operands, got 1$/],
      [
        () => conv2d(zeros([1, 2, 5, 5]), zeros([3, 1, 3, 3])),
        /^conv2d: input \[1, 2, 5, 5\] does not fit weight \[3, 1, 3, 3\]/,
      ],
      [() => mseLoss(zeros([2, 1]), zeros([2])), /^mseLoss: input and target differ in shape: \[2, 1\] and \[2\]$/],
      [() => crossEntropy(x, i([0, 3])), /index 3 is out of range for 3 elements$/],
      [
        () => crossEntropy(x, zeros(2)),
        /^crossEntropy: f32 targets are probabilities and need the shape of the scores, \[2, 3\], not \[2\]; class indices are i32$/,
      ],
      [() => nllLoss(logSoftmax(x, 1), i([0])), /^nllLoss: targets \[1\] do not fit scores \[2, 3\]$/],
      [() => Number(tensor(1)) + 1, /JavaScript's operators do not work on tensors; use x\.add\(y\)/],
    ];
    for (const [f, message] of cases) {
      assert.throws(f, (error: Error) => {
        assert.match(error.message, message);
        return true;
      });
    }
  });
});

describe("printing", () => {
  const text = (x: Tensor): string => String(x);

  it("is laid out as PyTorch does it", () => {
    assert.equal(text(tensor(0.5)), "tensor(0.5000)");
    assert.equal(text(tensor([1, 2, 3])), "tensor([1., 2., 3.])");
    assert.equal(text(tensor([1, 2.5])), "tensor([1.0000, 2.5000])");
    assert.equal(text(tensor([1, -20])), "tensor([  1., -20.])");
    assert.equal(text(arange(3)), "tensor([0, 1, 2])");
    assert.equal(text(tensor([true, false])), "tensor([ true, false])");
    assert.equal(text(tensor([1e-6, 1])), "tensor([1.0000e-06, 1.0000e+00])");
    assert.equal(text(tensor([NaN, Infinity, 1])), "tensor([nan, inf, 1.])");
    assert.equal(text(zeros([0, 3])), "tensor([], shape=[0, 3])");
    assert.equal(text(tensor([1], { dtype: "f64" })), "tensor([1.], dtype=f64)");
    assert.equal(text(eye(2)), "tensor([[1., 0.],\n        [0., 1.]])");
    assert.equal(text(zeros([2, 1, 2])), "tensor([[[0., 0.]],\n\n        [[0., 0.]]])");
    assert.equal(inspect(tensor([1])), "tensor([1.])");
  });

  it("cuts long axes and breaks long lines", () => {
    assert.equal(text(arange(2000)), "tensor([   0,    1,    2, ..., 1997, 1998, 1999])");
    const lines = text(arange(40)).split("\n");
    assert.equal(lines.length, 3);
    assert.ok(lines.every((line) => line.length <= 80));
  });

  it("shows what is on the tape", () => {
    const w = tensor([1, 2], { requiresGrad: true });
    assert.equal(text(w), "tensor([1., 2.], requiresGrad=true)");
    assert.equal(text(w.mul(2)), "tensor([2., 4.], gradFn=mul)");
  });

  it("goes into JSON as arrays", () => {
    assert.equal(JSON.stringify({ w: eye(2) }), '{"w":[[1,0],[0,1]]}');
  });
});

describe("numerical care", () => {
  it("logarithms of sums do not overflow", () => {
    close(tensor([1000, 1000]).logsumexp(), tensor(1000 + Math.LN2), 1e-7);
    assert.equal(tensor([-Infinity, -Infinity]).logsumexp().item(), -Infinity);
    assert.equal(tensor([Infinity, 1]).logsumexp().item(), Infinity);
    assert.deepEqual(tensor([1000, 0]).softmax(0).toArray(), [1, 0]);
  });

  it("NaN is not hidden by extremes", () => {
    assert.ok(Number.isNaN(tensor([1, NaN, 2]).max().item()));
    assert.ok(Number.isNaN(tensor([1]).maximum(NaN).item()));
    assert.equal(tensor([1, NaN, 2]).argmax().item(), 1);
  });
});
