// Measuring, tracing and checking computations, and the file format.

import assert from "node:assert/strict";
import fc from "fast-check";
import {
  arange, customVjp, detectAnomaly, grad, gradcheck, gradgradcheck, jvp, loadSafetensors, measure, nn, noGrad, ones, saveSafetensors, type Tensor,
  tensor, trace, zeros,
} from "../../lib/index.ts"; // prettier-ignore
import { close, uniform } from "./close.ts";

describe("measure", () => {
  it("counts what forward and reverse accumulation cost", () => {
    const x = uniform(1, [8]);
    const f = (v: Tensor): Tensor => v.sin().mul(v).sum();
    const forward = measure(() => jvp(f, [x], [uniform(2, [8])]));
    const reverse = measure(() => grad(f)(x));
    assert.equal(forward.nodes, 0);
    assert.equal(forward.keptBytes, 0);
    assert.deepEqual(measure(() => f(x)).calls, { sin: 1, mul: 1, sum: 1 });
    assert.equal(reverse.nodes, 3);
    // sin keeps x, mul its two inputs, of which one is x: 2 × 8 numbers of 8 bytes.
    assert.equal(reverse.keptBytes, 128);
    assert.ok(reverse.peakBytes > reverse.keptBytes);
    close(reverse.result, grad(f)(x));
    const { result: _, ...again } = measure(() => grad(f)(x));
    const { result: __, ...first } = reverse;
    assert.deepEqual(again, first);
  });

  it("counts 2mkn for a matrix product", () => {
    assert.equal(measure(() => zeros([4, 3]).matmul(zeros([3, 5]))).flops, 2 * 4 * 3 * 5);
    assert.equal(measure(() => zeros([4, 3]).t().reshape([12])).flops, 0);
  });

  it("sees what backward() frees", () => {
    const w = tensor([1, 2], { requiresGrad: true });
    const step = (): void => w.square().sum().backward();
    assert.equal(measure(() => [step(), step()]).keptBytes, measure(step).keptBytes);
  });
});

describe("trace", () => {
  it("gives the graph of a function, with values, local derivatives and cotangents", () => {
    const { nodes, outputs } = trace((x: Tensor, w: Tensor) => x.mul(w).add(1).tanh())(tensor(2, { dtype: "f64" }), tensor(0.5, { dtype: "f64" })); // prettier-ignore
    assert.deepEqual(nodes.map(({ op, inputs }) => [op, inputs]), [["input", []], ["input", []], ["mul", [0, 1]], ["add", [2]], ["tanh", [3]]]); // prettier-ignore
    assert.deepEqual(outputs, [4]);
    const slope = 1 - Math.tanh(2) ** 2;
    const [x, w, , sum] = nodes;
    close(x?.cotangent as Tensor, 0.5 * slope);
    close(w?.cotangent as Tensor, 2 * slope);
    close(sum?.value as Tensor, 2);
    assert.deepEqual(nodes[2]?.locals.map((d) => d?.item()), [0.5, 2]); // prettier-ignore
  });

  it("is the sum of the diagonal of a matrix, too", () => {
    assert.equal(trace(tensor([[1, 2], [3, 4]])).item(), 5); // prettier-ignore
  });
});

describe("detectAnomaly", () => {
  it("names the first operation that made a NaN, and where it was called", () => {
    const f = (): Tensor => tensor([-1, 4]).sqrt().sum();
    assert.throws(
      () => detectAnomaly(f),
      /^RangeError: detectAnomaly: sqrt of \[2\] gave NaN; it was called at .*inspect\.test\.[jt]s:\d+:\d+/,
    );
    assert.equal(
      detectAnomaly(() => tensor(4).sqrt().item()),
      2,
    );
  });

  it("names the operation whose derivative it is", () => {
    const w = tensor([0, 1], { requiresGrad: true });
    assert.throws(
      () => detectAnomaly(() => w.sqrt().sum().backward()),
      /^RangeError: detectAnomaly: the derivative of sqrt has an infinity .*called at .*inspect\.test\.[jt]s:\d+:\d+/,
    );
  });
});

describe("gradcheck", () => {
  it("agrees with right derivatives, and names wrong ones", () => {
    const x = uniform(1, [3]);
    assert.equal(
      gradcheck((a, b) => a.sin().mul(b), [x, uniform(2, [3])]),
      true,
    );
    assert.equal(
      gradgradcheck((a) => a.tanh().mul(a), [x]),
      true,
    );
    const wrong = customVjp((a: Tensor) => a.square(), (a: Tensor) => [a.square(), a] as const, (a: Tensor, ct: Tensor) => [ct.mul(a)]); // prettier-ignore
    assert.throws(
      () => gradcheck(wrong, [x]),
      /^Error: gradcheck: output 0 of \[3\], element 0 of input 0 \[3\]: reverse accumulation gives .*, differences give/,
    );
    assert.throws(() => gradcheck((a) => a, [ones(2)]), /gradcheck: differences need f64, not f32/);
  });
});

describe("safetensors", () => {
  const tensors = {
    w: uniform(1, [2, 3]),
    "b.0": tensor([1, -2.5]),
    i: arange(3),
    m: tensor([true, false]),
    s: tensor(7),
    e: zeros([0, 2]),
  };

  it("come back as they went", () => {
    const back = loadSafetensors(saveSafetensors(tensors, { from: "test" }));
    assert.deepEqual(Object.keys(back), Object.keys(tensors));
    for (const [name, x] of Object.entries(tensors)) {
      assert.equal(back[name]?.dtype, x.dtype);
      assert.deepEqual(back[name]?.toArray(), x.toArray());
    }
  });

  it("carry a model's state", () => {
    const a = nn.sequential(nn.linear(2, 3), nn.batchNorm(3));
    const b = nn.sequential(nn.linear(2, 3), nn.batchNorm(3));
    a.forward(uniform(3, [5, 2]).float());
    b.loadStateDict(loadSafetensors(saveSafetensors(a.stateDict())));
    const x = uniform(1, [4, 2]).float();
    assert.deepEqual(noGrad(() => b.eval().forward(x)).toArray(), noGrad(() => a.eval().forward(x)).toArray());
  });

  it("reads the types of PyTorch", () => {
    const header = JSON.stringify({ h: { dtype: "F16", shape: [3], data_offsets: [0, 6] }, b: { dtype: "BF16", shape: [1], data_offsets: [6, 8] }, l: { dtype: "I64", shape: [1], data_offsets: [8, 16] } }); // prettier-ignore
    const bytes = new Uint8Array(8 + header.length + 16);
    const view = new DataView(bytes.buffer);
    view.setBigUint64(0, BigInt(header.length), true);
    bytes.set(new TextEncoder().encode(header), 8);
    [0x3c00, 0xc100, 0x0001, 0x3fc0].forEach((bits, k) => view.setUint16(8 + header.length + 2 * k, bits, true));
    view.setBigInt64(8 + header.length + 8, -5n, true);
    const { h, b, l } = loadSafetensors(bytes);
    assert.deepEqual(h?.toArray(), [1, -2.5, 2 ** -24]);
    assert.deepEqual(b?.toArray(), [1.5]);
    assert.deepEqual(l?.toArray(), [-5]);
  });

  it("are refused when cut short, and when they lie", () => {
    const whole = saveSafetensors({ w: ones([2, 2]), v: ones([3]) });
    for (let n = 0; n < whole.length; n++)
      assert.throws(() => loadSafetensors(whole.subarray(0, n)), /^RangeError: loadSafetensors: /);
    const lie = (header: object, size: number): Uint8Array => {
      const text = JSON.stringify(header);
      const bytes = new Uint8Array(8 + text.length + size);
      new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true);
      bytes.set(new TextEncoder().encode(text), 8);
      return bytes;
    };
    const entry = (shape: unknown, from: unknown, to: unknown, dtype = "F32"): object => ({
      dtype,
      shape,
      data_offsets: [from, to],
    });
    const cases: [object, number, RegExp][] = [
      [{ w: entry([2], 0, 16) }, 16, /w of shape \[2\] takes 8 bytes, its offsets 0 to 16 hold 16/],
      [{ w: entry([2], 8, 16) }, 16, /w begins at 8, the one before it ends at 0/],
      [{ w: entry([2], 0, 8), v: entry([2], 4, 12) }, 12, /v begins at 4, the one before it ends at 8/],
      [{ w: entry([2], 0, 8) }, 12, /the tensors take 8 bytes, the file has 12/],
      [{ w: entry([2], 0, 8) }, 4, /w ends at 8, the file has 4 bytes for tensors: it is cut short/],
      [{ w: entry([-1], 0, 8) }, 8, /w has the shape \[-1\]/],
      [{ w: entry([2 ** 40, 2 ** 40], 0, 8) }, 8, /takes .* bytes, its offsets/],
      [{ w: entry([2], -8, 0) }, 8, /w has the offsets \[-8,0\]/],
      [{ w: entry([2], 0, 8, "toString") }, 8, /w has the type toString, which is none of F64/],
      [{ w: null }, 0, /w has the type undefined/],
      [[], 0, /the header is not an object/],
    ];
    for (const [header, size, message] of cases) assert.throws(() => loadSafetensors(lie(header, size)), message);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        assert.throws(() => loadSafetensors(bytes), RangeError);
      }),
    );
  });
});
