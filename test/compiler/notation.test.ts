// What notes write, as they write it: each formula holds, and changed in one thing it does not; and what is drawn or laid out otherwise changes nothing.
import assert from "node:assert/strict";
import fc from "fast-check";
import { Generator, randn, sigmoid, tensor } from "adjoint";
import { checkFormula } from "../../notebooks/claims/index.ts";
import { Problem } from "../../notebooks/claims/problem.ts";
import { checked, last, mutations } from "./formula-checks.ts";

const tex = String.raw;

/** Definitions, and formulas that follow from them. */
const RIGHT: [name: string, definitions: string[], formulas: string[]][] = [
  [
    "examples in rows, with a bias for each",
    [
      tex`Z = X W + b`,
      tex`H = \text{ReLU}(Z)`,
      tex`L = \frac{1}{2} \| H V - T \|_F^2`,
      tex`D = \frac{\partial L}{\partial Z}`,
    ],
    [
      tex`\frac{\partial L}{\partial b} = D^\top \mathbf{1}`,
      tex`\frac{\partial L}{\partial b} = \mathbf 1^T D`,
      tex`\frac{\partial L}{\partial W} = X^\top D`,
      tex`\frac{\partial L}{\partial Z} = ((H V - T) V^\top) \odot \mathbb{1}[Z > 0]`,
    ],
  ],
  [
    "examples in columns",
    [tex`Z = W X + b`, tex`L = \|Z\|_F^2`],
    [tex`\frac{\partial L}{\partial b} = 2 Z \mathbf{1}`, tex`\frac{\partial L}{\partial W} = 2 Z X^\top`],
  ],
  [
    "a function of the note's own",
    [tex`f(x) = x^3 - 2 x`, tex`y = f(W u)`, tex`L = \mathbf{1}^\top y`],
    [
      tex`f'(x) = 3 x^2 - 2`,
      tex`\frac{df}{dx} = 3 x^2 - 2`,
      tex`\frac{d}{dx} f(2 x) = 2 f'(2 x)`,
      tex`\frac{\partial L}{\partial u} = W^\top f'(W u)`,
    ],
  ],
  [
    "a loss with its arguments",
    [tex`J(w, b) = \frac{1}{n} \sum_{i=1}^n (w x_i + b - y_i)^2`],
    [
      tex`\nabla_w J(w, b) = \frac{2}{n} \sum_{i=1}^n (w x_i + b - y_i) x_i`,
      tex`\frac{\partial J(w, b)}{\partial b} = \frac{2}{n} \sum_{i=1}^n (w x_i + b - y_i)`,
    ],
  ],
  [
    "examples that are columns",
    [tex`\hat y_i = w^\top x_i + b`, tex`L = \frac{1}{n} \sum_{i=1}^n (\hat y_i - y_i)^2`],
    [tex`\frac{\partial L}{\partial w} = \frac{2}{n} \sum_{i=1}^n (\hat{y}_i - y_i) x_i`],
  ],
  [
    "cases and conditions",
    [
      tex`g(z) = \begin{cases} z & \text{if } z > 0 \\ \frac{z}{10} & \text{otherwise} \end{cases}`,
      tex`h = g(W x)`,
      tex`L = \frac12 \lVert h - t \rVert^2`,
    ],
    [
      tex`g'(z) = \mathbb{1}[z > 0] + \frac{1}{10} \mathbb{1}[z \le 0]`,
      tex`\frac{\partial L}{\partial W} = \left( (h - t) \odot g'(W x) \right) x^\top`,
    ],
  ],
  [
    "a chain of derivatives",
    [tex`h = \tanh(W_1 x)`, tex`y = W_2 h`, tex`L = \| y - t \|^2`],
    [
      tex`\frac{\partial L}{\partial W_1} = \frac{\partial L}{\partial y} \frac{\partial y}{\partial h} \frac{\partial h}{\partial W_1}`,
    ],
  ],
  [
    "a Jacobian that is diagonal",
    [tex`z = W x`, tex`h = \sigma(z)`],
    [
      tex`\frac{\partial h}{\partial z} = \operatorname{diag}(\sigma'(z))`,
      tex`\frac{\partial h}{\partial x} = \operatorname{diag}(h \odot (1 - h)) W`,
    ],
  ],
  [
    "a softmax",
    [tex`p = \text{softmax}(z)`, tex`L = -\sum_i t_i \log p_i`],
    [
      tex`\frac{\partial p}{\partial z} = \operatorname{diag}(p) - p p^\top`,
      tex`\frac{\partial L}{\partial z} = p - t`,
    ],
  ],
  [
    "all entries",
    [tex`L = \sum_{i,j} W_{ij}^2 + \operatorname{tr}(A^\top B)`],
    [tex`\frac{\partial L}{\partial W} = 2 W`, tex`\nabla_A L = B`],
  ],
  [
    "a layer that is normalised",
    [
      tex`\mu = \frac{1}{m} \sum_{i=1}^m x_i`,
      tex`\sigma^2 = \frac{1}{m} \sum_{i=1}^m (x_i - \mu)^2`,
      tex`\hat x_i = \frac{x_i - \mu}{\sqrt{\sigma^2 + \epsilon}}`,
      tex`y_i = \gamma \hat x_i + \beta`,
      tex`L = \sum_i y_i^2`,
    ],
    [tex`\frac{\partial L}{\partial \gamma} = \sum_i \frac{\partial L}{\partial y_i} \hat x_i`],
  ],
  [
    "one step of a recurrence",
    [tex`h_t = \tanh(W h_{t-1} + U x_t)`],
    [tex`\frac{\partial h_t}{\partial h_{t-1}} = \operatorname{diag}(1 - h_t^2) W`],
  ],
  [
    "gradients with names of their own",
    [tex`z^{[2]} = W^{[2]} a^{[1]}`, tex`L = \|z^{[2]} - y\|^2`, tex`dz^{[2]} = 2 (z^{[2]} - y)`],
    [tex`\frac{\partial L}{\partial W^{[2]}} = dz^{[2]} a^{[1]T}`],
  ],
  ["many numbers", [tex`y = a x + b u + c v + p q`], [tex`\frac{\partial y}{\partial q} = p`]],
  [
    "a density",
    [tex`q(x) = \frac{1}{s \sqrt{2 \pi}} e^{-\frac{(x - \mu)^2}{2 s^2}}`],
    [tex`q'(x) = -\frac{x - \mu}{s^2} q(x)`],
  ],
  [
    "statements about any matrices",
    [],
    [
      tex`(A B)^\top = B^\top A^\top`,
      tex`\langle G, A B \rangle = \langle G B^\top, A \rangle`,
      tex`\langle G, A B \rangle = \langle A^\top G, B \rangle`,
      tex`\frac{\partial}{\partial W} \| W x - y \|^2 = 2 (W x - y) x^\top`,
    ],
  ],
  [
    "known functions",
    [],
    [
      tex`\sigma'(z) = \sigma(z) (1 - \sigma(z))`,
      tex`\frac{d \sigma}{d z} = \sigma(z) - \sigma(z)^2`,
      tex`\tanh(x) = 2 \sigma(2 x) - 1`,
      tex`\text{ReLU}'(z) = \mathbf{1}_{z > 0}`,
      tex`\frac{d}{dx} \ln x = \frac{1}{x}`,
      tex`\text{softmax}(z)_i = \frac{e^{z_i}}{\sum_j e^{z_j}}`,
    ],
  ],
];

describe("what notes write", () => {
  for (const [name, definitions, formulas] of RIGHT) {
    for (const formula of formulas) {
      it(`holds for ${name}, and not when it is changed: ${formula}`, () => {
        const { verdict, detail } = last([...definitions, formula]);
        assert.equal(verdict, "holds", detail);
        for (const changed of mutations(formula)) {
          const found = last([...definitions, changed]);
          assert.notEqual(found.verdict, "holds", `${changed}: ${found.detail}`);
          assert.notEqual(found.verdict, "not checked", changed);
        }
      });
    }
  }

  it("holds however it is laid out, and does not where it is changed", () => {
    const all = RIGHT.flatMap(([, definitions, formulas]) => formulas.map((formula) => ({ definitions, formula })));
    fc.assert(
      fc.property(fc.constantFrom(...all), fc.infiniteStream(fc.nat(99)), ({ definitions, formula }, numbers) => {
        const next = (): number => numbers.next().value as number;
        const [one, ...others] = [formula, ...definitions].map((text) => laidOut(text, next));
        const found = last([...others, one as string]);
        assert.equal(found.verdict, "holds", `${one}: ${found.detail}`);
        const wrong = mutations(formula);
        const changed = laidOut(wrong[next() % wrong.length] as string, next);
        const refuted = last([...others, changed]);
        assert.notEqual(refuted.verdict, "holds", `${changed}: ${refuted.detail}`);
      }),
      { seed: 5, numRuns: 60 },
    );
  });

  it("never holds when it is changed, at sizes that a problem declares", () => {
    const problem = new Problem({
      sizes: { n: 3, h: 4, m: 2 },
      inputs: ({ n = 0, h = 0, m = 0 }) => ({
        x: [n, 1],
        W_1: [h, n],
        b_1: [h, 1],
        W_2: [m, h],
        b_2: [m, 1],
        t: [m, 1],
      }),
    });
    const definitions = [
      tex`z = W_1 x + b_1`,
      tex`h = \sigma(z)`,
      tex`y = W_2 h + b_2`,
      tex`L = \frac{1}{m} \sum_i (y_i - t_i)^2`,
    ];
    const five = [
      tex`\frac{\partial L}{\partial W_2} = \frac{2}{m} (y - t) h^\top`,
      tex`\frac{\partial L}{\partial b_2} = \frac{2}{m} (y - t)`,
      tex`\frac{\partial L}{\partial h} = \frac{2}{m} W_2^\top (y - t)`,
      tex`\frac{\partial L}{\partial W_1} = \left( \frac{\partial L}{\partial h} \odot h \odot (1 - h) \right) x^\top`,
      tex`\frac{\partial L}{\partial b_1} = \frac{\partial L}{\partial h} \odot \sigma'(z)`,
    ];
    for (const { verdict, detail } of checked([...definitions, ...five], { problem }))
      assert.equal(verdict, "holds", detail);
    for (const changed of five.flatMap(mutations))
      assert.match(last([...definitions, changed], { problem }).verdict, /^refuted/, changed);
  });
});

describe("names of the cells", () => {
  const drawn = (shape: number[], seed: number) =>
    randn(shape, { dtype: "f64", requiresGrad: true, generator: new Generator(seed) });
  const cells = {
    W1: drawn([4, 3], 1),
    b1: drawn([4, 1], 2),
    x: drawn([3, 1], 3),
    t: drawn([4, 1], 4).detach(),
    m: 4,
    eta: 0.1,
  };
  const model = [tex`h = \sigma(W_1 x + b_1)`, tex`L = \frac{1}{m} \sum_i (h_i - t_i)^2`];

  it("give shapes, and numbers that are sizes", () => {
    const found = last([...model, tex`\frac{\partial L}{\partial b_1} = \frac{2}{m} (h - t) \odot h \odot (1 - h)`], {
      cells,
    });
    assert.equal(found.verdict, "holds", found.detail);
    assert.match(found.detail, /\(read as W1 \[4, 3\], x \[3, 1\], b1 \[4, 1\], t \[4, 1\], drawn at random\)$/);
    const wrong = last([...model, tex`\frac{\partial L}{\partial h} = \frac{2}{3} (h - t)`], { cells });
    assert.match(wrong.detail, /^it is 1\.33\S* times|^largest difference/);
    assert.equal(wrong.verdict, "refuted (value)");
    assert.match(last([tex`F = \eta \|x\|^2`], { cells }).detail, /eta a number, /);
  });

  it("have values beside which definitions are held, which refutes nothing", () => {
    const h = sigmoid(cells.W1.matmul(cells.x).add(cells.b1));
    const detail = (formula: string): string => last([formula], { cells: { ...cells, h } }).detail;
    assert.match(detail(model[0] as string), /; the cells compute the same h$/);
    assert.match(detail(tex`h = \tanh(W_1 x + b_1)`), /^it defines h, .*; in the cells, h has other values$/);
    assert.match(detail(tex`h = x`), /; in the cells, h is \[4, 1\]$/);
  });

  it("that are lists are rows as well as columns", () => {
    const lists = { X: drawn([5, 3], 1), W: drawn([3, 2], 2), b: drawn([2], 3) };
    const rows = [tex`Z = X W + b`, tex`L = \|Z\|_F^2`];
    for (const right of [tex`2 Z^\top \mathbf{1}`, tex`2 \, \mathbf{1}^\top Z`]) {
      const { verdict, detail } = last([...rows, tex`\frac{\partial L}{\partial b} = ${right}`], { cells: lists });
      assert.equal(verdict, "holds", detail);
    }
    const declared = { ...lists, b: drawn([1, 2], 3) };
    const column = last([...rows, tex`\frac{\partial L}{\partial b} = 2 Z^\top \mathbf{1}`], { cells: declared });
    assert.equal(column.verdict, "refuted (shape)");
  });

  it("can be given for one formula", () => {
    const one = tensor([[1]]);
    const formula = { place: "$$1", tex: tex`\frac{\partial \|V u\|^2}{\partial V} = 2 V u \cdot u` };
    const [small] = checkFormula(formula, { V: one, u: one }).findings;
    assert.equal(small?.verdict, "holds", small?.detail);
    assert.match(small.warnings.join(), /^V and u have sizes of 1, where/);
    const [large] = checkFormula(formula, { V: drawn([2, 3], 1), u: drawn([3, 1], 2) }).findings;
    assert.equal(large?.verdict, "refuted (shape)", large?.detail);
  });
});

describe("what is said of a formula", () => {
  const said: [formulas: string[], verdict: string, words: RegExp][] = [
    [[tex`a = g(z)`], "not checkable", /^nothing says what the function g is$/],
    [[tex`y = W x`, tex`y = \phi(W x)`], "not checkable", /^nothing says what the function φ is$/],
    [[tex`w^\top x + b = 0`], "not checkable", /it may be a condition/],
    [[tex`p = \text{softmax}(z)`, tex`\sum_i p_i = 1`], "holds", /^largest difference/],
    [[tex`(a + b)^2 = a^2 + b^2`], "refuted (value)", /^largest difference/],
    [[tex`\sin^2 x + \cos^2 x = 1`], "holds", /read as x a number/],
    [[tex`\log(a b) = \log a + \log b`], "holds", /; for positive numbers, since others have no value here$/],
    [[tex`f'(x) \approx \frac{f(x + h) - f(x)}{h}`], "not checkable", /^about equal is no equation/],
    [[tex`W \leftarrow W - \eta G`], "not checkable", /^it is an update/],
    [
      [tex`f(x) = x^\top x`, tex`L = f'(u)`],
      "not checkable",
      /^f' is the derivative of a function of a number, which f is not$/,
    ],
    [[tex`f(x) = f(x) + 1`], "not checkable", /on both sides/],
    [[tex`W_{ij} = \mathbf{1}^\top \mathbf{1}`], "not checkable", /nothing says how many ones/],
    [
      [tex`h = W x`, tex`L = \|h\|^2`, tex`\frac{\partial L}{\partial W_{ij}} = 2 h_j x_i`],
      "refuted (shape)",
      /^the index [ij] runs to \d and to \d/,
    ],
  ];
  for (const [formulas, verdict, words] of said) {
    it(`${formulas.at(-1)} is ${verdict}`, () => {
      const found = last(formulas);
      assert.equal(found.verdict, verdict, found.detail);
      assert.match(found.detail, words);
    });
  }

  it("that it holds under a condition, if that is what it takes", () => {
    const entropy = [tex`p = \text{softmax}(z)`, tex`L = -\sum_i t_i \log p_i`];
    const { warnings } = last([...entropy, tex`\frac{\partial L}{\partial z} = p - t`]);
    assert.deepEqual(warnings, [
      "it holds where the numbers of t add up to 1, as in a distribution, and not for all t",
    ]);
    const { verdict, warnings: none } = last([...entropy, tex`\frac{\partial L}{\partial z_i} = p_i \sum_j t_j - t_i`]);
    assert.deepEqual([verdict, none], ["holds", []]);
  });

  it("that a σ of the note's own is not the usual one, and is taken for it from there on", () => {
    const relu = [tex`\sigma(z) = \max(0, z)`, tex`\sigma'(z) = \mathbb{1}[z > 0]`];
    const [own, slope] = checked(relu);
    assert.equal(own?.defines, "σ(z)");
    assert.deepEqual(own?.warnings, ["σ is usually the logistic function; from here on it is this one"]);
    assert.equal(slope?.verdict, "holds");
    assert.equal(last([tex`\sigma(z) = \frac{1}{1 + e^{-z}}`]).defines, undefined);
    assert.equal(checked([tex`\sigma'(z) = \mathbb{1}[z > 0]`])[0]?.verdict, "refuted (value)");
  });

  it("what several equations define", () => {
    const { defines, detail } = last([tex`\begin{aligned} z &= W x & h &= \sigma(z) \end{aligned}`]);
    assert.equal(defines, "z, h");
    assert.match(detail, /^it defines z, .*; it defines h, /);
  });
});

/** The same formula for a reader: other spaces, brackets that grow, other commands of one meaning, braces, a number behind it. */
function laidOut(formula: string, next: () => number): string {
  const choose = (...texts: string[]): string => texts[next() % texts.length] as string;
  const spaced = formula.replace(/(?<=[A-Za-z0-9)}]) (?=[A-Za-z(\\])(?!\\(?:text|end|begin))/g, () =>
    choose(" ", " \\, ", "\n", " \\; ", "  "),
  );
  const grown =
    next() % 2 === 0 ? spaced : spaced.replace(/(?<!\\left)\(/g, "\\left(").replace(/(?<!\\right)\)/g, "\\right)");
  const told = grown
    .replace(/\\frac(?=\{)/g, () => choose("\\frac", "\\dfrac", "\\tfrac"))
    .replace(/\^(?:\\top|T)(?![a-z])/g, () => choose("^T", "^{\\top}", "^{T}", "^\\mathsf{T}", "^\\intercal"))
    .replace(/(?<=[ (])([a-z])(?=[ )])/g, (letter) => choose(letter, `{${letter}}`, `\\mathbf{${letter}}`));
  const whole =
    told.includes("cases") || next() % 3 > 0 ? told : `\\begin{aligned} ${told.replace("=", "&=")} \\end{aligned}`;
  return whole + choose("", ".", ",", " \\tag{3}", " \\qquad (3)", " \\quad \\text{(so it is)}");
}
