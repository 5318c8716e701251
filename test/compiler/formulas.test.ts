// Formulas that check themselves: each verdict, and that a formula that holds does so no more when it is changed.
import assert from "node:assert/strict";
import { tensor } from "adjoint";
import { Problem } from "../../notebooks/claims/problem.ts";
import type { Finding } from "../../notebooks/claims/verdict.ts";
import { checked, last, mutations } from "./formula-checks.ts";

const tex = String.raw;
const MLP = [tex`h = \sigma(W_1 x + b_1)`, tex`y = W_2 h + b_2`, tex`L = \text{MSE}(y, y_{\text{target}})`];

function sized(...[n, h, m]: [number, number, number]): Problem {
  return new Problem({
    sizes: { n, h, m },
    inputs: () => ({ x: [n, 1], W_1: [h, n], b_1: [h, 1], W_2: [m, h], b_2: [m, 1], yTarget: [m, 1] }),
  });
}

/** Definitions, and formulas that follow from them. */
const RIGHT: [name: string, definitions: string[], formulas: string[]][] = [
  [
    "a network with a sigmoid",
    MLP,
    [
      tex`\frac{\partial L}{\partial W_2} = \frac{\partial L}{\partial y} h^T`,
      tex`\frac{\partial L}{\partial h} = W_2^\top \frac{\partial L}{\partial y}`,
      tex`\frac{\partial L}{\partial W_1} = \left(\frac{\partial L}{\partial h} \odot \sigma'(W_1 x + b_1)\right) x^T`,
      tex`\frac{\partial L}{\partial b_1} = \frac{\partial L}{\partial h} \odot \sigma'(W_1 x + b_1)`,
      tex`\nabla_{b_1} L = \frac{\partial L}{\partial h} \odot h \odot (1 - h)`,
    ],
  ],
  [
    "a network with errors that are passed on",
    [
      tex`z^{(1)} = W^{(1)} x + b^{(1)}`,
      tex`a^{(1)} = \tanh(z^{(1)})`,
      tex`z^{(2)} = W^{(2)} a^{(1)} + b^{(2)}`,
      tex`L = \frac{1}{2} \| z^{(2)} - t \|^2`,
      tex`\delta^{(2)} = \frac{\partial L}{\partial z^{(2)}}`,
      tex`\delta^{(1)} = \frac{\partial L}{\partial z^{(1)}}`,
    ],
    [
      tex`\delta^{(2)} = z^{(2)} - t`,
      tex`\frac{\partial L}{\partial z^{(1)}} = (W^{(2)})^\top \delta^{(2)} \odot \tanh'(z^{(1)})`,
      tex`\frac{\partial L}{\partial z^{(1)}} = W^{(2)\top} \delta^{(2)} \odot (1 - \tanh^2(z^{(1)}))`,
      tex`\frac{\partial L}{\partial W^{(1)}} = \delta^{(1)} x^\top`,
    ],
  ],
  [
    "sums over indices",
    [tex`z_i = \sum_j W_{ij} x_j + b_i`, tex`L = \frac{1}{m} \sum_{i=1}^{m} (z_i - t_i)^2`],
    [
      tex`\frac{\partial L}{\partial z_i} = \frac{2}{m} (z_i - t_i)`,
      tex`\frac{\partial L}{\partial W_{ij}} = \frac{\partial L}{\partial z_i} x_j`,
      tex`\frac{\partial L}{\partial x_j} = \sum_i W_{ij} \frac{\partial L}{\partial z_i}`,
      tex`\frac{\partial L}{\partial W} = \frac{2}{m} (z - t) x^\top`,
    ],
  ],
  [
    "a quadratic form and its Jacobians",
    [tex`q = x^\top A x + c^\top x`, tex`u = A x`],
    [
      tex`\frac{\partial q}{\partial x} = (A + A^\top) x + c`,
      tex`\frac{\partial q}{\partial A} = x x^\top`,
      tex`\frac{\partial u}{\partial x} = A`,
      tex`\frac{\partial u_i}{\partial x_j} = A_{ij}`,
    ],
  ],
  [
    "numbers alone",
    [tex`L = \frac{1}{2} (y - t)^2`, tex`y = w x + b`],
    [tex`\frac{\partial L}{\partial w} = (y - t) x`, tex`\frac{dL}{db} = y - t`],
  ],
  [
    "matrices",
    [tex`Z = X W`, tex`L = \|Z\|_F^2`],
    [tex`\frac{\partial L}{\partial W} = 2 X^\top Z`, tex`\frac{\partial L}{\partial X} = 2 Z W^\top`],
  ],
  [
    "softmax and cross-entropy",
    [tex`p_i = \frac{e^{z_i}}{\sum_j e^{z_j}}`, tex`L = -\sum_i t_i \log p_i`],
    [tex`\frac{\partial L}{\partial z_i} = p_i \sum_j t_j - t_i`],
  ],
  [
    "the chain rule with a Jacobian",
    [tex`y = W x`, tex`L = \|y\|^2`],
    [tex`\frac{\partial L}{\partial x} = \left(\frac{\partial y}{\partial x}\right)^T \frac{\partial L}{\partial y}`],
  ],
  [
    "logistic regression",
    [tex`p = \frac{1}{1 + e^{-w^\top x}}`, tex`L = -t \log(p) - (1 - t) \log(1 - p)`],
    [tex`\frac{\partial L}{\partial w} = (p - t) x`, tex`\frac{\partial L}{\partial p} = \frac{p - t}{p (1 - p)}`],
  ],
];

describe("a formula that is checked as it is written", () => {
  for (const [name, definitions, formulas] of RIGHT) {
    for (const formula of formulas) {
      it(`holds for ${name}: ${formula}`, () => {
        const { verdict, detail, difference = 1, tolerance = 0 } = last([...definitions, formula]);
        assert.equal(verdict, "holds", detail);
        if (!detail.startsWith("it defines")) assert.ok(difference <= tolerance);
      });
      for (const changed of mutations(formula)) {
        it(`does not when it is changed: ${changed}`, () => {
          const { verdict, detail } = last([...definitions, changed]);
          assert.match(verdict, /^refuted/, detail);
        });
      }
    }
  }

  it("holds for any number, where a function's own argument is on the left", () => {
    assert.equal(last([tex`\sigma'(z) = \sigma(z)(1 - \sigma(z))`]).verdict, "holds");
    assert.equal(last([tex`\sigma(z) = \frac{1}{1 + e^{-z}}`]).verdict, "holds");
    assert.equal(last([tex`\tanh'(z) = 1 + \tanh^2(z)`]).verdict, "refuted (value)");
  });

  it("gets the verdicts of the facts at the sizes 3, 4 and 2, and holds with warnings where all are 1", () => {
    const gradients = [
      tex`\frac{\partial L}{\partial W_2} = \frac{\partial L}{\partial y} \cdot h`,
      tex`\frac{\partial L}{\partial b_2} = \frac{\partial L}{\partial y}`,
      tex`\frac{\partial L}{\partial h} = \frac{\partial L}{\partial y} \cdot W_2`,
      tex`\frac{\partial L}{\partial W_1} = \frac{\partial L}{\partial h} \cdot \sigma'(W_1 x + b_1) \cdot x`,
      tex`\frac{\partial L}{\partial b_1} = \frac{\partial L}{\partial h} \cdot \sigma'(W_1 x + b_1)`,
    ];
    const verdicts = (problem: Problem): string[] =>
      checked([...MLP, ...gradients], { problem })
        .slice(MLP.length)
        .map(({ verdict }) => verdict);
    const shape = "refuted (shape)";
    assert.deepEqual(verdicts(sized(3, 4, 2)), [shape, "holds", shape, shape, shape]);
    assert.deepEqual(verdicts(sized(1, 1, 1)), Array(5).fill("holds"));
    const { warnings } = last([...MLP, ...gradients], { problem: sized(1, 1, 1) });
    assert.equal(warnings[0], "the sizes n, h and m are 1, where formulas of a wrong shape may hold");
    assert.deepEqual(last([...MLP, ...gradients], { problem: sized(3, 4, 2) }).warnings, []);
  });

  it("says what was compared, and suggests what holds, found by trial", () => {
    const problem = sized(3, 4, 2);
    const found = (formula: string): Finding => last([...MLP, formula], { problem });
    const product = found(tex`\frac{\partial L}{\partial W_2} = \frac{\partial L}{\partial y} \cdot h`);
    assert.equal(
      product.detail,
      "∂L/∂y · h: the product of [2, 1] and [4, 1] does not conform; the gradient with respect to W_2 is [2, 4] (n = 3, h = 4, m = 2)",
    );
    assert.equal(product.suggestion, tex`\frac{\partial L}{\partial W_2} = \frac{\partial L}{\partial y} h^\top`);
    const hidden = found(
      tex`\frac{\partial L}{\partial W_1} = \frac{\partial L}{\partial h} \cdot \sigma'(W_1 x + b_1) \cdot x`,
    );
    assert.match(hidden.detail, /is \[3, 1\], the gradient with respect to W_1 \[4, 3\], where a dot .* inner product/);
    assert.equal(
      hidden.suggestion,
      tex`\frac{\partial L}{\partial W_1} = \left( \frac{\partial L}{\partial h} \odot \sigma'(W_1 x + b_1) \right) x^\top`,
    );
    const signed = found(tex`\frac{\partial L}{\partial b_2} = -\frac{\partial L}{\partial y}`);
    assert.equal(signed.verdict, "refuted (value)");
    assert.match(
      signed.detail,
      /^it is -1 times the gradient with respect to b_2; largest difference \S+, tolerance 1\.0e-9, shape \[2, 1\]/,
    );
    assert.equal(signed.suggestion, tex`\frac{\partial L}{\partial b_2} = \frac{\partial L}{\partial y}`);
    for (const { suggestion } of [product, hidden, signed]) assert.equal(found(suggestion ?? "").verdict, "holds");
  });

  it("compares a definition with the problem that computes the name", () => {
    const problem = new Problem({
      sizes: { n: 3, m: 2 },
      inputs: () => ({ W: [2, 3], x: [3], b: [2] }),
      compute({ W, x, b }) {
        assert.ok(W && x && b);
        return { y: W.matmul(x).add(b) };
      },
    });
    assert.equal(last([tex`y = W x + b`], { problem }).verdict, "holds");
    assert.equal(last([tex`y = W x - b`], { problem }).verdict, "refuted (value)");
    assert.equal(last([tex`y = x W + b`], { problem }).verdict, "refuted (shape)");
    assert.equal(last([tex`u = x W`], { problem }).verdict, "refuted (shape)");
  });

  it("defines what has no other meaning, and states the shapes that it inferred", () => {
    const [h, y] = checked(MLP);
    assert.equal(h?.defines, "h");
    assert.match(
      h?.detail ?? "",
      /^it defines h, \[(\d+), 1\] \(read as W_1 \[\1, (\d+)\], x \[\2, 1\], b_1 \[\1, 1\], drawn at random\)$/,
    );
    const sizes: string[] = (y?.detail.match(/W_\d \[\d+, \d+\]/g) ?? []).join().match(/\d+(?=[,\]])/g) ?? [];
    assert.equal(new Set(sizes).size, 3, y?.detail);
    assert.ok(!sizes.includes("1"));
  });

  it("takes a name as it was defined last before it", () => {
    const [, first, , second] = checked([
      tex`y = 2 x`,
      tex`\frac{\partial (x^\top y)}{\partial x} = 4 x`,
      tex`y = 3 x`,
      tex`\frac{\partial (x^\top y)}{\partial x} = 6 x`,
    ]);
    assert.deepEqual([first?.verdict, second?.verdict], ["holds", "holds"]);
  });

  it("knows rows, where only these fit, and refutes nothing where the letters promised other shapes", () => {
    const rows = [tex`y = x W + b`, tex`L = \|y\|^2`];
    assert.equal(last([...rows, tex`\frac{\partial L}{\partial W} = 2 x^\top y`]).verdict, "holds");
    const guess = last([...rows, tex`\frac{\partial L}{\partial W} = 2 y x^\top`]);
    assert.equal(guess.verdict, "not checkable");
    assert.match(guess.detail, /^the shapes are a guess: /);
  });

  it("takes shapes and functions from cells", () => {
    const cells = {
      W: tensor([
        [1, 2, 3],
        [4, 5, 6],
      ]),
      phi: (x: { mul(y: unknown): unknown }) => x.mul(x),
      n: 3,
    };
    const found = last(
      [tex`y = \phi(W x)`, tex`L = \text{sum}(y)`, tex`\frac{\partial L}{\partial x} = W^\top \phi'(W x)`],
      { cells },
    );
    assert.equal(found.verdict, "holds", found.detail);
    assert.match(found.detail, /W \[2, 3\]/);
    const { suggestion } = last(
      [tex`y = \phi(W x)`, tex`L = \text{sum}(y)`, tex`\frac{\partial L}{\partial x} = W \phi'(W x)`],
      { cells },
    );
    assert.equal(suggestion, tex`\frac{\partial L}{\partial x} = W^\top \phi'(W x)`);
    const square = {
      W: tensor([
        [1, 2],
        [3, 4],
      ]),
    };
    assert.deepEqual(last([tex`y = W x`, tex`\frac{\partial y}{\partial x} = W^\top`], { cells: square }).warnings, [
      "W is square, where a missing transpose may hold",
    ]);
  });

  const open: [formulas: string[], verdict: string, detail: RegExp][] = [
    [[tex`W \left( \frac{\partial L}{\partial y} \right).`], "not checkable", /^it is no equation/],
    [[tex`y = \int x`], "not checkable", /^outside the subset of TeX that is read, at column 5: \\int$/],
    [["a\n= \\oint b"], "not checkable", /at line 2, column 3: \\oint$/],
    [[tex`\frac{\partial L}{\partial W} = x`], "not checked", /^nothing says what L is; declare it/],
    [[...MLP, tex`\frac{\partial L}{\partial Q} = x`], "not checkable", /^nothing says what Q is$/],
    [[...MLP, tex`\frac{\partial L}{\partial x} = 0`], "not checkable", /a condition/],
    [[...MLP, tex`W_1 = W_1 - \eta \frac{\partial L}{\partial W_1}`], "not checkable", /on both sides/],
    [[...MLP, tex`\frac{\partial h}{\partial y} = x`], "not checkable", /^h does not depend on y$/],
    [[tex`u = v + 1`, tex`v = u + 1`], "not checkable", /defined by itself/],
    [[...MLP, tex`\frac{\partial L}{\partial y_i} = x_j`], "not checkable", /^the index j is on the right only/],
    [[tex`y = W x`, tex`L = \mathbf{0}^\top y`], "not checkable", /at column 5: \\mathbf\{0\}$/],
    [
      [tex`y = \log(-x^\top x)`, tex`L = y^2`, tex`\frac{\partial L}{\partial x} = x`],
      "not checkable",
      /NaN for the numbers drawn/,
    ],
    [[tex`L = \|W x\|^2 + \|V\|_F + (W + x)_{ij}`], "not checkable", /^no shapes of/],
  ];
  for (const [formulas, verdict, detail] of open) {
    it(`is ${verdict}: ${formulas.at(-1)}`, () => {
      const found = last(formulas);
      assert.equal(found.verdict, verdict, found.detail);
      assert.match(found.detail, detail);
    });
  }
});
