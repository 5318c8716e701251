// TeX → expressions → TeX: what is read, how tightly it holds, and where the subset ends.
import assert from "node:assert/strict";
import fc from "fast-check";
import { OutsideSubset, parseFormula } from "../../notebooks/claims/tex/parse.ts";
import { print } from "../../notebooks/claims/tex/print.ts";
import type { Expression } from "../../notebooks/claims/tex/tree.ts";
import { typeset } from "../../notebooks/compiler/page/formulas.ts";

function plain(tex: string): string[] {
  return parseFormula(tex).map(({ sides }) => sides.map((side) => print(side, "plain")).join(" = "));
}

describe("parseFormula", () => {
  const read: [tex: string, ...plain: string[]][] = [
    [String.raw`y = W x + b`, "y = W x + b"],
    [String.raw`-a b + c`, "-a b + c"],
    [String.raw`a - (b - c)`, "a - (b - c)"],
    [String.raw`(a + b) c`, "(a + b) c"],
    [String.raw`2 \cdot 3 \times 4`, "2 · 3 × 4"],
    [String.raw`a \odot b c`, "a ⊙ b c"],
    [String.raw`a * b`, "a b"],
    [String.raw`\frac{a + b}{2 c}`, "(a + b)/(2 c)"],
    [String.raw`\frac12 x`, "(1/2) x"],
    [String.raw`W^T x = W^\top x = W^{\mathsf{T}} x`, "Wᵀ x = Wᵀ x = Wᵀ x"],
    [String.raw`W_1^T = {W_1}^\intercal`, "W_1ᵀ = W_1ᵀ"],
    [String.raw`A^{-1} + A^{-\top}`, "A^-1 + (A^-1)ᵀ"],
    [String.raw`x^{\odot 2}`, "x^⊙2"],
    [String.raw`\sigma(z)(1 - \sigma(z))`, "σ(z) (1 - σ(z))"],
    [String.raw`\sigma'(z) = \sigma^{\prime}(z)`, "σ'(z) = σ'(z)"],
    [String.raw`\tanh^2 z + \log x_i`, "tanh(z)^2 + log(x_i)"],
    [String.raw`\operatorname{ReLU}(z) = \text{ReLU}\left(z\right)`, "ReLU(z) = ReLU(z)"],
    [String.raw`\mathrm{MSE}(y, y_{\text{target}})`, "MSE(y, y_target)"],
    [
      String.raw`\frac{\partial L}{\partial W_{1}} = \frac{dL}{dW_1} = \frac{\mathrm{d} L}{\mathrm{d} W_1}`,
      "∂L/∂W_1 = ∂L/∂W_1 = ∂L/∂W_1",
    ],
    [String.raw`\partial L / \partial x \cdot y`, "∂L/∂x · y"],
    [String.raw`\nabla_{W_1} L = \nabla_x L`, "∂L/∂W_1 = ∂L/∂x"],
    [String.raw`\sum_{i=1}^{n} a_i b_i + c`, "Σ_{i=1}^{n} a_i b_i + c"],
    [String.raw`\sum_i \sum_j W_{ij}`, "Σ_{i} Σ_{j} W_ij"],
    [String.raw`\|x\|_2^2 + \lVert W \rVert_F + |a| b`, "‖x‖_2^2 + ‖W‖_F + |a| b"],
    [String.raw`\left\| a - b \right\|^2`, "‖a - b‖_2^2"],
    [String.raw`W^{(2)} h^{(1)}`, "W^(2) h^(1)"],
    [String.raw`\mathbf{W}\,\vec{x} \quad`, "W x"],
    [String.raw`e^{-z}.`, "e^-z"],
    [String.raw`\begin{aligned} a &= b \\ c &= d \end{aligned}`, "a = b", "c = d"],
    [String.raw`\begin{aligned} a &= b & c &= d \\ &= e \end{aligned}`, "a = b", "c = d = e"],
    [String.raw`a &=& b`, "a = b"],
    [String.raw`z := W x`, "z = W x"],
    [String.raw`z = W x, \quad h = \sigma(z) \qquad (3)`, "z = W x", "h = σ(z)"],
    [String.raw`a = b \text{ and } c = d \quad \text{(as above)}`, "a = b", "c = d"],
    [String.raw`\Rightarrow a = b \tag{3}`, "a = b"],
    [String.raw`\frac{d}{dx} x^2 = \frac{\partial}{\partial x} f(x)`, "∂x^2/∂x = ∂(f(x))/∂x"],
    [String.raw`\mathbf{1}_n^\top x + \mathbf 1`, "𝟏_nᵀ x + 𝟏"],
    [String.raw`\mathbb{1}[z > 0] = \mathbf{1}_{z \ge 0} = [z < 0]`, "𝟙[z > 0] = 𝟙[z ≥ 0] = 𝟙[z < 0]"],
    [String.raw`\begin{cases} z & \text{if } z > 0 \\ 0 & \text{otherwise} \end{cases}`, "{z if z > 0, else 0}"],
    [String.raw`\begin{cases} z, & z > 0 \\ 0, & z \le 0 \end{cases}`, "{z if z > 0, else 0}"],
    [String.raw`\langle a, B c \rangle`, "⟨a, B c⟩"],
    [String.raw`\hat{y}_i + \bar x`, "y\u0302_i + x\u0304"],
    [String.raw`\sum_{i,j} W_{ij}`, "Σ_{i} Σ_{j} W_ij"],
  ];
  for (const [tex, ...expected] of read) {
    it(`reads ${tex}`, () => {
      assert.deepEqual(
        plain(tex).map((text) => text.replace(/([ΣΠ])_(\w) /g, "$1_{$2} ")),
        expected,
      );
    });
  }

  const outside: [tex: string, at: number, what: RegExp][] = [
    [String.raw`\int f`, 0, /\\int/],
    [String.raw`a \le b`, 2, /\\le/],
    [String.raw`y = f(x_1, \dots)`, 11, /\\dots/],
    [String.raw`y = (a + b`, 10, /ends too early/],
    [String.raw`y = a )`, 6, /\)/],
    [String.raw`\frac{\partial^2 L}{\partial x}`, 14, /\^|partial/],
    [String.raw`\sum_{i=2}^n x_i`, 4, /from 1/],
    [String.raw`\begin{pmatrix} a \end{pmatrix}`, 0, /pmatrix/],
    [String.raw`y = x \quad \text{for all } x`, 12, /a side condition, \\text\{for all \}/],
    [String.raw`\mathbb{R}`, 0, /mathbb/],
    [String.raw`x_{`, 2, /\{ without \}/],
  ];
  for (const [tex, at, what] of outside) {
    it(`says where ${tex} leaves the subset`, () => {
      assert.throws(
        () => parseFormula(tex),
        (error: unknown) => {
          assert.ok(error instanceof OutsideSubset);
          assert.match(error.message, what);
          assert.equal(error.at, at);
          return true;
        },
      );
    });
  }

  it("ends with an expression or the place, whatever it is given", () => {
    const pieces = fc.constantFrom(
      ..."abW12+-=/^_{}()[]|,.'\\&".split(""),
      ..."\\frac \\partial \\sum \\sigma \\odot \\text \\left( \\| \\top \\nabla \\mathbf \\begin{aligned} \\end{aligned} \\\\".split(
        " ",
      ),
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 25 }), (parts) => {
        const tex = parts.join(" ");
        try {
          parseFormula(tex);
        } catch (error) {
          assert.ok(error instanceof OutsideSubset, String(error));
          assert.ok(error.at >= 0 && error.at <= tex.length);
        }
      }),
      { seed: 7, numRuns: 2000 },
    );
  });
});

describe("print", () => {
  const name = fc
    .constantFrom("x", "W", "W_1", "b_2", String.raw`\lambda`, String.raw`y_{\text{target}}`)
    .map((tex) => parseFormula(tex)[0]?.sides[0] as Expression);
  const { expression } = fc.letrec<{ expression: Expression }>((tie) => ({
    expression: fc.oneof(
      { depthSize: "small", withCrossShrink: true },
      name,
      fc.nat(20).map((value): Expression => ({ kind: "number", value })),
      fc
        .array(fc.record({ negative: fc.boolean(), term: tie("expression") }), { minLength: 2, maxLength: 3 })
        .map((terms): Expression => ({ kind: "sum", terms })),
      fc
        .tuple(tie("expression"), tie("expression"), fc.constantFrom("" as const, "dot" as const, "odot" as const))
        .map(([a, b, sign]): Expression => ({ kind: "product", factors: [a, b], signs: [sign] })),
      fc
        .tuple(tie("expression"), tie("expression"))
        .map(([over, under]): Expression => ({ kind: "quotient", over, under })),
      tie("expression").map((of): Expression => ({ kind: "transpose", of })),
      tie("expression").map((of): Expression => ({ kind: "norm", of, order: "2" })),
      tie("expression").map((arg): Expression => ({
        kind: "call",
        name: "tanh",
        tex: String.raw`\tanh`,
        primes: 1,
        args: [arg],
      })),
    ),
  }));

  it("gives TeX that is read as the same expression, and that KaTeX sets", () => {
    fc.assert(
      fc.property(expression, (given) => {
        const tex = print(given);
        const [equation] = parseFormula(tex);
        assert.equal(print(equation?.sides[0] as Expression), tex);
        assert.equal(print(equation?.sides[0] as Expression, "plain"), print(given, "plain"));
        assert.equal(typeset(tex, true).problem, undefined, tex);
      }),
      { seed: 11, numRuns: 400 },
    );
  });
});
