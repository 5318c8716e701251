// The tape as a table: its numbers are those of `backward()`, `jvp` and `trace`, its formulas those of every primitive.
import assert from "node:assert/strict";
import { runInNewContext } from "node:vm";
import katex from "katex";
import { formulas, plain, written } from "../../../lib/display/formulas.ts";
import { record } from "../../../lib/inspect/recording.ts";
import {
  jvp, mseLoss, nn, numericGradient, randn, Generator, tape, type Tensor, tensor, trace, zeros,
} from "../../../lib/index.ts"; // prettier-ignore
import type { Node } from "../../../lib/tape.ts";
import { allPrimitives } from "../../../lib/trace.ts";
import { close } from "../close.ts";
import { assertExpected, bundleOf } from "./expected.ts";

const EVIL = `<img src=x onerror="alert(1)">$x$|\n\\end{x}}`;
const double = { dtype: "f64" } as const;

const f = (x: Tensor, w: Tensor, b: Tensor): Tensor => x.mul(w).add(b).sigmoid().sub(1).square();
const inputs = (): { x: Tensor; w: Tensor; b: Tensor } => ({ x: tensor(2, double), w: tensor(0.5, double), b: tensor(-0.25, double) }); // prettier-ignore

/** The cells of the rows of a table in Markdown. */
function rowsOf(markdown: string): string[][] {
  return markdown.split("\n").filter((line) => line.startsWith("| ")).map((line) => line.slice(2, -2).split(" | ")); // prettier-ignore
}

describe("tape", () => {
  it("has a row for each operation in the order of the backward pass, with the adjoints of backward()", () => {
    const W1 = randn([2, 2], { generator: new Generator(1) }).requiresGrad_();
    const b1 = zeros([2], { requiresGrad: true });
    const [x, y] = [tensor([[1, 2]]), tensor([[0, 1]])];
    const loss = mseLoss(x.matmul(W1.t()).add(b1).tanh(), y);
    const table = tape(loss, { W1, b1, x });
    assertExpected("tape-reverse", table);
    assert.deepEqual(table.rows.map(({ op }) => op), ["mean", "square", "sub", "tanh", "add", "input", "matmul", "permute", "input"]); // prettier-ignore
    assert.equal(table.rows[0]?.name, "L");
    assert.equal(W1.grad, null);
    loss.backward();
    for (const [name, w] of Object.entries({ W1, b1 })) {
      const row = table.rows.find((found) => found.name === name);
      close(row?.adjoint as Tensor, w.grad as Tensor, 1e-6);
    }
    assert.equal(tape(loss, { W1, b1, x }).toString(), table.toString(), "also after backward()");
    W1.mul(2).sum().backward();
    assert.throws(
      () => tape(loss),
      /^Error: tape: this graph was freed by backward\(\), and only the last one can still be shown; call tape\(loss\) right after it/,
    );
  });

  it("agrees with trace in values, local derivatives and adjoints, and with jvp in tangents", () => {
    const { x, w, b } = inputs();
    const { rows } = tape(f, { x, w, b }, { mode: "both", direction: { w: 1 } });
    const { nodes } = trace(f)(x, w, b);
    const traced = nodes.filter(({ op }) => op !== "constant");
    assert.deepEqual([...rows].map(({ op }) => op).sort(), traced.map(({ op }) => op).sort()); // prettier-ignore
    for (const node of traced.filter(({ op }) => op !== "input")) {
      const row = rows.find(({ op }) => op === node.op) ?? assert.fail();
      close(row.value, node.value);
      close(row.adjoint as Tensor, node.cotangent as Tensor);
      node.locals.forEach((local, k) => local === null || close(row.locals[k] as Tensor, local));
    }
    const [, tangent] = jvp(f, [x, w, b], [zeros([], double), tensor(1, double), zeros([], double)]);
    close(rows.at(-1)?.tangent as Tensor, tangent);
    assertExpected("tape-both", tape(f, { x, w, b }, { mode: "both", direction: { w: 1 } }));
  });

  it("of a function takes its inputs by name, one after the other, or in one object", () => {
    const [x, w] = [tensor(2), tensor(0.5)];
    const f = (x: Tensor, w: Tensor): Tensor => x.mul(w).sigmoid();
    const expected = tape(f, { x, w }, { mode: "both", direction: { w: 1 } }).toString();
    assert.equal(tape(f, x, w, { mode: "both", direction: { w: 1 } }).toString(), expected);
    const whole = ({ x, w }: { x: Tensor; w: Tensor }): Tensor => f(x, w);
    assert.equal(tape(whole, { x, w }, { mode: "both", direction: { w: 1 } }).toString(), expected);
    assert.equal(tape(f, x, w).toString(), tape(f, { x, w }).toString());
    assert.throws(
      () => tape(f),
      /^TypeError: tape: the function takes 2 arguments; pass its inputs by name, tape\(f, \{ x, w \}\), or/,
    );
    assert.throws(
      () => numericGradient(f as never, x, w as never),
      /^TypeError: numericGradient: the function gets one argument; pass several tensors in an object/,
    );
  });

  it("takes functions of tensors of certain shapes, and infers the types of others", () => {
    const dot = (a: Tensor<[2]>, b: Tensor<[2]>): Tensor => a.mul(b).sum();
    assert.equal(tape(dot, [tensor([1, 2]), tensor([3, 4])]).rows.length, 4);
    assert.equal(tape((a, b) => a.mul(b).sum(), { a: tensor([1, 2]), b: tensor([3, 4]) }).rows.length, 4);
  });

  it("is the same computation forward and back, row by row in opposite orders", () => {
    const forward = tape(f, inputs(), { mode: "forward", direction: { w: 1 } });
    const reverse = tape(f, inputs());
    assert.deepEqual(forward.rows.map(({ name }) => name), reverse.rows.map(({ name }) => name).reverse()); // prettier-ignore
    assertExpected("tape-forward", forward);
    // ⟨adjoint of the input, its tangent⟩ = ⟨adjoint of the result, its tangent⟩
    const w = reverse.rows.find(({ name }) => name === "w");
    assert.ok(w?.adjoint);
    close(w.adjoint, forward.rows.at(-1)?.tangent ?? assert.fail());
  });

  it("writes the numbers of its rows into its cells", () => {
    const table = tape(f, inputs(), { mode: "both", direction: { w: 1 } });
    const { rows } = table;
    const cells = rowsOf(bundleOf(table)["text/markdown"] ?? "").slice(2);
    assert.equal(cells.length, rows.length);
    cells.forEach(([, , value, , tangent, adjoint], k) => {
      const row = rows[k] ?? assert.fail();
      const near = (cell: string | undefined, x: Tensor | null): void => {
        const shown = Number(cell?.split(" = ").at(-1));
        assert.ok(Math.abs(shown - (x?.item() ?? 0)) <= 1e-3 * Math.abs(shown));
      };
      near(value, row.value);
      near(tangent, row.tangent);
      near(adjoint, row.adjoint);
    });
  });

  it("names tensors after a module, after named, and else in order, and escapes them all", () => {
    const model = nn.sequential(nn.linear(2, 1));
    const x = tensor([[1, 2]]).named("batch");
    const text = String(tape(mseLoss(model.forward(x), zeros([1, 1])), model));
    assert.match(text, /from L back to 0\.weight, 0\.bias/);
    assert.match(text, /Constants: .*batch: f32 \[1, 2\]/);
    const evil = tensor(1, { requiresGrad: true }).named(EVIL);
    const markdown =
      bundleOf(
        tape(
          evil
            .mul(tensor([2]).named(EVIL))
            .sum()
            .named(EVIL),
        ),
      )["text/markdown"] ?? "";
    assert.doesNotMatch(markdown, /<(?!br>)|onerror="|\$x\$|\\end/);
    const rows = rowsOf(markdown);
    assert.ok(rows.every((row) => row.length === 6));
    for (const [, formula = ""] of markdown.matchAll(/\$([^$]+)\$/g)) typeset(formula);
    assert.ok(rows.every((row) => row.every((cell) => (cell.match(/\$/g)?.length ?? 0) % 2 === 0)));
  });

  it("neither calls hooks nor changes what backward() then does", () => {
    const w = tensor([1, 2], { requiresGrad: true });
    const h = w.mul(3);
    h.retainGrad();
    let calls = 0;
    h.registerHook(() => void calls++);
    const loss = h.sum();
    tape(loss, { w });
    tape(loss, { w }, { mode: "forward" });
    assert.deepEqual([calls, w.grad, h.grad], [0, null, null]);
    loss.backward();
    assert.deepEqual([calls, w.grad?.toArray()], [1, [3, 3]]);
  });

  it("says what is wrong", () => {
    const w = tensor([1, 2], { requiresGrad: true });
    assert.throws(
      () => tape(tensor(1)),
      /^TypeError: tape: this tensor was computed from nothing that needs a gradient/,
    );
    assert.throws(() => tape(() => 3, [w]), /^TypeError: tape: the function must return a tensor/);
    assert.throws(() => tape(w.sum(), { w }, { mode: "forward", direction: { v: 1 } }), /there is no input v to move; there are w/); // prettier-ignore
    assert.throws(() => tape(w.sum(), { w }, { mode: "forward", direction: { w: zeros([3]) } }), /the direction of w has shape \[3\], its value \[2\]/); // prettier-ignore
  });

  it("cuts what is long, and shows many numbers by their norm", () => {
    const w = tensor(1, { requiresGrad: true });
    let y: Tensor = w;
    for (let k = 0; k < 5000; k++) y = y.add(1);
    const bundle = bundleOf(tape(y, { w }));
    assert.ok(JSON.stringify(bundle).length < 200_000);
    assert.match(bundle["text/markdown"] ?? "", /the first 200 of 5,001 steps/);
    assert.match(String(tape(zeros([3, 3], { requiresGrad: true }).sum())), /\[3, 3\] ‖·‖ = 0/);
  });
});

/** As VS Code does it; JupyterLab's MathJax is tried in a browser. Throws for a formula that is wrong. */
function typeset(formula: string): void {
  katex.renderToString(formula, { throwOnError: true, strict: "ignore" });
}

describe("formulas", () => {
  const one = (node: Partial<Node>): Node =>
    ({ inputs: [zeros([2, 2])], value: zeros([2, 2]), ...node }) as unknown as Node;
  const params = {
    n: 1,
    exponent: 3,
    scale: 2,
    shift: 1,
    as: "mul",
    min: 0,
    max: 1,
    dtype: "f32",
    axes: [0, 1],
    ta: false,
    tb: true,
  };

  it("are there for every primitive, as LaTeX with balanced braces and as text without LaTeX", () => {
    const missing = [...allPrimitives().keys()].filter((name) => !Object.hasOwn(formulas, name));
    assert.deepEqual(missing, []);
    for (const [name, primitive] of allPrimitives()) {
      const { value, local, pull, push } = written(one({ primitive, params } as unknown as Partial<Node>), ["a_{1}", "b", "c"], "y", name); // prettier-ignore
      const rule = primitive.derivative !== null;
      if (rule && name !== "recurrence" && name !== "cholesky") assert.ok(local !== null || pull !== null, name);
      for (const formula of [value, ...(local ?? []), ...(pull ?? []), push ?? ""]) {
        assert.doesNotMatch(formula, /[|$\n<>]|undefined/, name);
        assert.equal(formula.match(/\{/g)?.length, formula.match(/\}/g)?.length, name);
        assert.doesNotMatch(plain(formula), /[\\{}]/, `${name}: ${formula}`);
        typeset(formula);
      }
    }
  });

  it("say of numbers what was computed", () => {
    const of = (g: (x: Tensor) => Tensor): string => {
      const { root } = record("test", g, [tensor([1, 2])]);
      return plain(written(root, ["x", "c"], "y", "g").value);
    };
    assert.deepEqual(
      [of((x) => x.mul(2)), of((x) => x.add(-1)), of((x) => x.sub(1).neg()), of((x) => x.div(4)), of((x) => x.pow(3)), of((x) => x.sum())], // prettier-ignore
      ["2 x", "x - 1", "-x", "x/c", "x^3", "Σ x"],
    );
  });

  it("have derivatives that are those of the rules", () => {
    // Read as JavaScript, each has the value of the rule.
    const at = 0.3;
    for (const [name, g] of Object.entries({
      exp: (x: Tensor) => x.exp(),
      tanh: (x: Tensor) => x.tanh(),
      sigmoid: (x: Tensor) => x.sigmoid(),
      sqrt: (x: Tensor) => x.sqrt(),
      reciprocal: (x: Tensor) => x.reciprocal(),
      square: (x: Tensor) => x.square(),
      atan: (x: Tensor) => x.atan(),
    })) {
      // prettier-ignore
      const { root } = record("test", g, [tensor(at, double)]);
      const text = plain(written(root, ["x"], "y", name).local?.[0] ?? "");
      const code = text.replaceAll("²", "**2").replaceAll(/([\dxy]) (?=[xy(])/g, "$1*").replaceAll(/-([xy])\*\*2/g, "-($1**2)"); // prettier-ignore
      const value = runInNewContext(code, { x: at, y: root.value.item() }) as number;
      const [, slope] = jvp(g, [tensor(at, double)], [tensor(1, double)]);
      assert.ok(Math.abs(value - slope.item()) < 1e-12, `${name}: ${text}`);
    }
  });
});
