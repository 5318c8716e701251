// Tables of gradients, and several ways of computing them side by side.
import assert from "node:assert/strict";
import {
  compareGradients, grad, gradients, mseLoss, nn, numericGradient, type Tensor, tensor, zeros,
} from "../../../lib/index.ts"; // prettier-ignore
import { close } from "../close.ts";
import { assertExpected, assertPlain, bundleOf, tablesOf, textOf } from "./expected.ts";

const EVIL = `<img src=x onerror="alert(1)">$x$`;

const parameter = (values: number[] | number[][]): Tensor => tensor(values, { dtype: "f64", requiresGrad: true });

/** A parameter whose gradient is `grads`. */
function withGradient(grads: number[]): Tensor {
  const w = parameter(grads.map(() => 1));
  w.grad = tensor(grads, { dtype: "f64" });
  return w;
}

const x = tensor([[1, 2], [-1, 0.5], [0, 1]], { dtype: "f64" }); // prettier-ignore
const y = tensor([[1], [0], [1]], { dtype: "f64" });

interface Parameters {
  W1: Tensor;
  b1: Tensor;
  W2: Tensor;
}
const start = (): Parameters => ({ W1: parameter([[0.1, -0.2], [0.3, 0.4]]), b1: parameter([0, 0]), W2: parameter([[0.5, -0.5]]) }); // prettier-ignore
const loss = ({ W1, b1, W2 }: Parameters): Tensor => mseLoss(x.matmul(W1.t()).add(b1).sigmoid().matmul(W2.t()), y);

describe("gradients", () => {
  it("is a table of norms, extremes and distribution, and of every entry of small parameters", () => {
    const parameters = start();
    loss(parameters).backward();
    const table = gradients(parameters);
    const html = assertExpected("gradients", table)["text/html"] ?? "";
    assertPlain(html);
    const [summary, ...entries] = tablesOf(html);
    assert.deepEqual(summary?.map(([name]) => name), ["parameter", "W1", "b1", "W2"]); // prettier-ignore
    for (const [k, w] of Object.values(parameters).entries() as Iterable<[number, Tensor]>) {
      const row = table.rows[k] ?? assert.fail();
      assert.ok(Math.abs(row.norm - w.norm().item()) < 1e-12);
      assert.ok(Math.abs((row.gradNorm ?? NaN) - (w.grad as Tensor).norm().item()) < 1e-12);
      assert.equal(row.min, (w.grad as Tensor).amin().item());
      const [values, grads] = [w.data, (w.grad as Tensor).data];
      const cells = entries[k]?.slice(1) ?? [];
      assert.equal(cells.length, values.length);
      cells.forEach(([, value, gradient], i) => {
        assert.equal(Number(value), values[i]);
        assert.ok(Math.abs(Number(gradient) / (grads[i] as number) - 1) < 1e-3);
      });
    }
  });

  it("says what is wrong in plain words", () => {
    const used = withGradient([1, 2]);
    const unused = parameter([1]);
    const flags = (named: object) => Object.fromEntries(gradients(named).rows.map(({ name, flag }) => [name, flag]));
    assert.deepEqual(
      flags({
        ok: used,
        vanishing: withGradient([1e-9, 1e-9]),
        exploding: withGradient([1e4, 1]),
        nan: withGradient([NaN, 1]),
        infinite: withGradient([Infinity, NaN]),
        dead: withGradient([0, 0]),
        partly: withGradient([0, 0, 0, 1]),
        unused,
        constant: zeros([2]),
        computed: used.mul(2),
      }),
      {
        ok: "ok",
        vanishing: "vanishes",
        exploding: "explodes",
        nan: "1 NaN of 2: detectAnomaly(f) finds where",
        infinite: "1 NaN and 1 infinite of 2: detectAnomaly(f) finds where",
        dead: "exactly zero: dead, nothing flows back to it",
        partly: "partly dead: 75 % exactly zero",
        unused: "none: the loss does not depend on it",
        constant: "constant: make it with {requiresGrad: true}",
        computed: "none kept: call retainGrad() on it before loss.backward()",
      },
    );
    assert.deepEqual(flags({ unused }), { unused: "none yet: call loss.backward()" });
    assertExpected("gradients-sick", gradients({ dead: withGradient([0, 0]), nan: withGradient([NaN, 1]), unused }));
  });

  it("takes modules, arrays, pairs, and gradients computed by grad", () => {
    const model = nn.sequential(nn.linear(2, 3), nn.sigmoid(), nn.linear(3, 1));
    assert.deepEqual(
      gradients(model).rows.map(({ name }) => name),
      ["0.weight", "0.bias", "2.weight", "2.bias"],
    );
    assert.deepEqual(
      gradients(model.namedParameters()).rows.map(({ name }) => name),
      ["0.weight", "0.bias", "2.weight", "2.bias"],
    );
    assert.deepEqual(gradients([zeros([1]), zeros([1]).named("b")]).rows.map(({ name }) => name), ["0", "b"]); // prettier-ignore
    const values = { w: tensor([3, 4]) };
    const [row] = gradients(values, { grads: grad(({ w }: { w: Tensor }) => w.square().sum())(values) }).rows;
    assert.deepEqual([row?.gradNorm, row?.ratio, row?.flag], [10, 2, "ok"]);
    assert.throws(() => gradients({}), /^TypeError: gradients: found no tensors; pass a module/);
    assert.throws(() => gradients(values, { grads: { w: zeros([3]) } }), /of w has shape \[3\], the parameter \[2\]/);
  });

  it("escapes names, and stays small for many parameters", () => {
    const html = bundleOf(gradients({ [EVIL]: withGradient([1]) }))["text/html"] ?? "";
    assertPlain(html);
    assert.ok(textOf(html).includes(EVIL));
    const many = Array.from({ length: 1000 }, () => withGradient(Array.from({ length: 60 }, (_, k) => k)));
    const { "text/html": table = "", "text/plain": text = "" } = bundleOf(gradients(many));
    assert.ok(table.length + text.length < 200_000 && table.length > 1000);
    assert.match(textOf(table), /the first 150 of 1,000 parameters/);
  });
});

describe("compareGradients", () => {
  it("finds that backward, a hand-made rule and differences agree", () => {
    const parameters = start();
    loss(parameters).backward();
    const comparison = compareGradients({
      backward: parameters,
      functional: grad(loss)(start()),
      numeric: numericGradient(loss, start()),
    });
    assert.ok(comparison.agree);
    assert.equal(comparison.comparisons.length, 9);
    const html = assertPlainOf(comparison);
    assert.match(textOf(html), /^Gradients by backward, functional, numeric: all agree/);
    assert.match(textOf(html), /Tolerance: for f64 1e-6 of the largest number in either, plus 1e-9\./);
    const [, W1] = tablesOf(html);
    const expected = (parameters.W1.grad as Tensor).data;
    assert.deepEqual(W1?.[0], ["index", "backward", "functional", "numeric"]);
    W1?.slice(1).forEach(([, ...cells], k) =>
      cells.forEach((cell) => assert.ok(Math.abs(Number(cell) - (expected[k] as number)) < 1e-7)),
    );
  });

  it("says who differs, by how much and where", () => {
    const [a, b, c] = [tensor([1, 2]), tensor([1, 2.00001]), tensor([1, -2])];
    const comparison = compareGradients({ backward: { w: a }, numeric: { w: b }, byHand: { w: c } });
    assertExpected("compare-gradients", comparison);
    assert.equal(comparison.agree, false);
    assert.match(
      String(comparison),
      /Gradients by backward, numeric, byHand: backward and numeric agree; byHand differs/,
    );
    const last = comparison.comparisons[1];
    assert.deepEqual([last?.ways, last?.absolute, last?.relative, last?.place], [["backward", "byHand"], 4, 2, [1]]);
    assert.ok(compareGradients({ a, b }, { rtol: 1e-3 }).agree);
    assert.ok(!compareGradients({ a, b }, { rtol: 1e-9, atol: 0 }).agree);
    const { comparisons } = compareGradients({ a: tensor([NaN]), b: tensor([1]) });
    assert.deepEqual([comparisons[0]?.absolute, comparisons[0]?.agree], [Infinity, false]);
  });

  it("has a row for what is missing or of another shape", () => {
    const untouched = parameter([1]);
    const comparison = compareGradients({ backward: { w: zeros([2, 1]), u: untouched }, byHand: { w: zeros([2]), v: zeros([1]), u: zeros([1]) } }); // prettier-ignore
    assert.deepEqual(
      comparison.comparisons.map(({ name, problem }) => [name, problem]),
      [
        ["w", "shapes differ: [2, 1] and [2]"],
        ["u", "backward: no gradient yet, call loss.backward()"],
        ["v", "backward did not give it"],
      ],
    );
    assert.ok(!comparison.agree);
    assertPlainOf(compareGradients({ [EVIL]: { [EVIL]: zeros([2]) }, b: { [EVIL]: zeros([2]) } }));
    assert.throws(() => compareGradients({ a: zeros([1]) }), /nothing to compare in one way; pass at least two/);
    assert.throws(() => compareGradients({ a: {}, b: {} }), /compareGradients: a: found no tensors/);
  });

  function assertPlainOf(value: object): string {
    const html = bundleOf(value)["text/html"] ?? "";
    assertPlain(html);
    return html;
  }
});

describe("numericGradient", () => {
  it("is the gradient, in the form and types of the argument", () => {
    const f = ([w, { b }]: [Tensor, { b: Tensor }]): Tensor => w.square().sum().mul(b.exp().sum());
    const at: [Tensor, { b: Tensor }] = [tensor([1, 2]), { b: tensor([0.5], { dtype: "f64" }) }];
    const [dw, { b: db }] = numericGradient(f, at);
    assert.deepEqual([dw.dtype, db.dtype], ["f32", "f64"]);
    const [gw, { b: gb }] = grad(f)(at);
    close(dw, gw, 1e-6);
    close(db, gb, 1e-6);
    assert.deepEqual(at[0].toArray(), [1, 2]);
    assert.throws(() => numericGradient((v: Tensor) => v, tensor([1, 2])), /must return a tensor of one element/);
  });
});
