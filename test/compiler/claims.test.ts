// Verdicts: what `adjoint/claims` finds of statements and formulas.
import assert from "node:assert/strict";
import { checkFormula, claim, type Findings, problem } from "../../notebooks/claims/index.ts";
import { subjectOf } from "../../notebooks/claims/formula.ts";
import { type Tensor, tensor } from "adjoint";

type V = Record<string, Tensor>;

function mlp(sizes: ("n" | "h" | "m")[] | Record<"n" | "h" | "m", number> = ["n", "h", "m"]) {
  return problem<"n" | "h" | "m">({
    sizes,
    inputs: ({ n, h, m }) => ({ x: [n, 1], W_1: [h, n], b_1: [h, 1], W_2: [m, h], b_2: [m, 1], yTarget: [m, 1] }),
    compute({ x, W_1, b_1, W_2, b_2, yTarget }) {
      assert.ok(x && W_1 && b_1 && W_2 && b_2 && yTarget);
      const z = W_1.matmul(x).add(b_1);
      const h = z.sigmoid();
      const y = W_2.matmul(h).add(b_2);
      return { z, h, y, L: y.sub(yTarget).square().mean() };
    },
  });
}

const of = (name: string) => ({ place: "$$1", tex: String.raw`\frac{\partial L}{\partial ${name}} = \dots` });
const slope = ({ h }: V): Tensor => (h as Tensor).mul((h as Tensor).neg().add(1));

function only({ findings }: Findings) {
  const [finding] = findings;
  assert.ok(finding !== undefined && findings.length === 1);
  return finding;
}

describe("checkFormula", () => {
  const right: [name: string, rhs: (v: V, g: V) => Tensor][] = [
    ["W_2", ({ h }, g) => (g["y"] as Tensor).matmul((h as Tensor).t())],
    ["b_2", (_, g) => g["y"] as Tensor],
    ["h", ({ W_2 }, g) => (W_2 as Tensor).t().matmul(g["y"] as Tensor)],
    ["W_1", (v, g) => (g["h"] as Tensor).mul(slope(v)).matmul((v["x"] as Tensor).t())],
    ["b_1", (v, g) => (g["h"] as Tensor).mul(slope(v))],
  ];
  for (const [name, rhs] of right) {
    it(`holds for the gradient with respect to ${name}`, () => {
      mlp();
      const { verdict, difference = 1, tolerance = 0, warnings, detail } = only(checkFormula(of(name), rhs));
      assert.equal(verdict, "holds", detail);
      assert.ok(difference <= tolerance);
      assert.match(
        detail,
        /^largest difference \S+, tolerance 1\.0e-9, shape \[\d+, \d+\] \(n = \d+, h = \d+, m = \d+\)$/,
      );
      assert.deepEqual(warnings, []);
    });
  }

  it("draws sizes that differ pairwise, the same ones for the same seed", () => {
    const { sizes } = mlp();
    assert.equal(new Set(Object.values(sizes)).size, 3);
    assert.ok(!Object.values(sizes).includes(1));
    assert.deepEqual(mlp().sizes, sizes);
  });

  it("refutes a wrong value, and says by how much", () => {
    mlp();
    const { verdict, detail } = only(checkFormula(of("b_2"), (_, g) => (g["y"] as Tensor).neg()));
    assert.equal(verdict, "refuted (value)");
    assert.match(detail, /^largest difference [\d.]+(e-\d+)?, /);
  });

  it("refutes a product that does not conform, and a result of another shape", () => {
    mlp({ n: 3, h: 4, m: 2 });
    const product = only(checkFormula(of("W_2"), ({ h }, g) => (g["y"] as Tensor).matmul(h as Tensor)));
    assert.equal(product.verdict, "refuted (shape)");
    assert.match(product.detail, /^matmul: .*\[2, 1\] and \[4, 1\]/);
    const row = only(checkFormula(of("b_2"), (_, g) => (g["y"] as Tensor).t()));
    assert.equal(row.verdict, "refuted (shape)");
    assert.equal(
      row.detail,
      "the right-hand side has shape [1, 2], the gradient with respect to b_2 [2, 1] (n = 3, h = 4, m = 2)",
    );
  });

  it("warns where a size of 1 lets a wrong shape hold", () => {
    mlp({ n: 1, h: 1, m: 1 });
    const { verdict, warnings } = only(checkFormula(of("W_2"), ({ h }, g) => (g["y"] as Tensor).matmul(h as Tensor)));
    assert.equal(verdict, "holds");
    assert.deepEqual(warnings, ["the sizes n, h and m are 1, where formulas of a wrong shape may hold"]);
    assert.deepEqual(mlp({ n: 3, h: 1, m: 3 }).warnings, [
      "the size h is 1, where formulas of a wrong shape may hold",
      "the sizes n and m are equal",
    ]);
  });

  it("shows what a problem draws and computes", () => {
    const shown = Reflect.get(mlp({ n: 3, h: 1, m: 2 }), Symbol.for("Jupyter.display")) as () => unknown;
    assert.deepEqual(shown.call(mlp({ n: 3, h: 1, m: 2 })), {
      "text/plain":
        "inputs, drawn at random: x [3, 1], W_1 [1, 3], b_1 [1, 1], W_2 [2, 1], b_2 [2, 1], yTarget [2, 1]\n" +
        "computed: z, h, y, L\nwarning: the size h is 1, where formulas of a wrong shape may hold",
    });
  });

  it("compares a value that is no gradient", () => {
    mlp();
    const formula = { place: "$1", tex: String.raw`h = \sigma(W_1 x + b_1)` };
    const rhs = ({ W_1, x, b_1 }: V): Tensor =>
      (W_1 as Tensor)
        .matmul(x as Tensor)
        .add(b_1 as Tensor)
        .sigmoid();
    assert.equal(only(checkFormula(formula, rhs)).verdict, "holds");
    assert.equal(only(checkFormula(formula, ({ z }) => z as Tensor)).verdict, "refuted (value)");
  });

  it("is not checkable where a name is none of the problem's, or the code fails", () => {
    mlp();
    const unknown = only(checkFormula(of("Q"), () => 0));
    assert.deepEqual([unknown.verdict, unknown.detail.slice(0, 23)], ["not checkable", "the problem has no Q; i"]);
    const failing = only(
      checkFormula(of("b_2"), () => {
        throw new Error("no idea");
      }),
    );
    assert.equal(failing.verdict, "not checkable");
  });

  it("reads names as formulas write them", () => {
    const names = ["W1", "yTarget", "L"];
    assert.deepEqual(subjectOf(String.raw`\frac{\partial L}{\partial W_{1}} = x`, names), {
      kind: "gradient",
      of: "L",
      to: "W1",
    });
    assert.deepEqual(subjectOf(String.raw`\dfrac{\partial L}{\partial y_{\text{target}}} = x`, names), {
      kind: "gradient",
      of: "L",
      to: "yTarget",
    });
    assert.equal(subjectOf(String.raw`W_1 x`, names), "it is no equation");
  });
});

describe("claim", () => {
  it("holds, is refuted, or is not checkable", () => {
    const verdict = (...args: Parameters<typeof claim>): string => only(claim(...args)).verdict;
    assert.equal(verdict("a", true), "holds");
    assert.equal(
      verdict("a", () => false),
      "refuted (value)",
    );
    assert.equal(verdict("a", tensor(1).gt(0)), "holds");
    assert.equal(verdict("a", 3 as unknown as boolean), "not checkable");
    const failing = (): boolean => {
      throw new Error("no");
    };
    assert.equal(verdict("a", failing), "not checkable");
  });

  it("shows its verdict as Markdown and as data", () => {
    const display = Symbol.for("Jupyter.display") as unknown as "display";
    const findings = claim("a | b", false, { expect: "refuted" }) as unknown as { display(): Record<string, unknown> };
    const bundle = findings[display]();
    assert.equal(bundle["text/markdown"], "**✗ refuted (value)**, as expected: a \\| b (computed)");
    assert.deepEqual(bundle["application/vnd.adjoint.verdicts+json"], [
      { claim: "a | b", warnings: [], expected: "refuted", verdict: "refuted (value)", detail: "computed" },
    ]);
  });
});
