// Charts of models and data: what they draw is what the model computes.
import assert from "node:assert/strict";
import {
  confusionMatrix, decisionBoundary, functionFit, gradientNorms, histogram, mseLoss, nn, randn, seed, type Tensor, tensor,
} from "../../../lib/index.ts"; // prettier-ignore
import { CHARACTERS } from "../../../lib/display/bundle.ts";
import { assertExpectedChart, bundleOf, type Rows, rowsOf } from "./expected-chart.ts";

const EVIL = '<img src=x onerror="alert(1)">';

function layers(spec: Record<string, unknown>): Rows[] {
  return (spec["layer"] as { data: unknown }[]).map((layer) => rowsOf(layer));
}

function subtitle(spec: Record<string, unknown>): string[] {
  return (spec["title"] as { subtitle: string[] }).subtitle;
}

describe("gradientNorms", () => {
  it("draws the norm of each parameter's gradient at each step", () => {
    seed(5);
    const model = nn.linear(2, 1);
    const norms = gradientNorms(model);
    const expected: Record<string, number[]> = { weight: [], bias: [] };
    for (let step = 0; step < 3; step++) {
      model.zeroGrad();
      mseLoss(model.forward(tensor([[1, step]])), tensor([[0]])).backward();
      norms.push();
      for (const [name, p] of model.namedParameters()) {
        const sum = (p.grad as Tensor).square().sum().item();
        (expected[name] as number[]).push(Number(Math.sqrt(sum).toPrecision(6)));
      }
    }
    const rows = rowsOf(assertExpectedChart("gradient-norms", norms));
    for (const [name, values] of Object.entries(expected)) {
      const drawn = rows.filter((row) => row["curve"] === name).map((row) => Number(row["value"]));
      assert.equal(drawn.length, 3);
      drawn.forEach((value, k) => assert.ok(Math.abs(value - (values[k] as number)) < 1e-5 * value));
    }
  });

  it("refuses what holds no tensors", () => {
    assert.throws(() => gradientNorms({}), /^TypeError: gradientNorms: found no tensors/);
  });
});

describe("histogram", () => {
  it("counts every finite number once, in parts of equal width", () => {
    const values = [0, 1, 1, 2, 3, 4, NaN];
    const spec = assertExpectedChart("histogram", histogram(values, { bins: 4, title: "few" }));
    assert.deepEqual(
      rowsOf(spec).map(({ from, to, count }) => [from, to, count]),
      [[0, 1, 1], [1, 2, 2], [2, 3, 1], [3, 4, 2]], // prettier-ignore
    );
    assert.match(String(histogram(tensor(values))), /0 to 4, mean 1\.833 \(7 numbers, 1 not finite\)$/);
  });

  it("draws several tensors beside each other", () => {
    const spec = assertExpectedChart(
      "histogram-named",
      histogram({ [EVIL]: tensor([1, 2]), b: tensor([3, 3]) }, { bins: 2 }),
    );
    assert.deepEqual([...new Set(rowsOf(spec).map(({ tensor }) => tensor))], [EVIL, "b"]);
  });

  it("draws ridges over the steps that push takes down, of ever fewer steps", () => {
    const w = tensor([0, 1]);
    const chart = histogram({ w }, { bins: 2 });
    for (let step = 0; step < 100; step++) chart.push({ w: tensor([0, step]) });
    const { spec } = chart;
    const steps = [...new Set(rowsOf(spec).map(({ step }) => Number(step)))];
    assert.ok(steps.length > 3 && steps.length <= 6, String(steps));
    for (const step of steps) {
      const xs = rowsOf(spec).filter((row) => row["step"] === step).map(({ x }) => Number(x)); // prettier-ignore
      assert.deepEqual([Math.min(...xs), Math.max(...xs)], [0, step]);
    }
    const few = histogram({ w }, { bins: 2 });
    few.push();
    few.push({ w: tensor([5, 6, 6]) }, 10);
    assertExpectedChart("histogram-steps", few);
  });

  it("stays small for many tensors, and says which it leaves out", () => {
    const model = nn.sequential(...Array.from({ length: 20 }, () => nn.linear(30, 30)));
    const chart = histogram(model);
    for (let step = 0; step < 20; step++) chart.push();
    assert.ok(JSON.stringify(bundleOf(chart)).length < CHARACTERS / 2);
    assert.deepEqual(subtitle(chart.spec), ["the first 4 of 40 tensors"]);
  });

  it("refuses a number of bins that is none", () => {
    assert.throws(
      () => histogram([1], { bins: 1 }),
      /^RangeError: histogram: bins must be a whole number from 2 to 200, not 1$/,
    );
  });
});

describe("decisionBoundary", () => {
  const x = tensor([[-1, -1], [-1, 1], [1, -1], [1, 1]]); // prettier-ignore
  /** Right of the y axis it is one. */
  const right = (points: Tensor): Tensor => points.select(1, 0).mul(9).sigmoid();

  it("draws the classes of the plane, the line between them, and the points", () => {
    const chart = decisionBoundary(right, x, [0, 0, 1, 0], { resolution: 6, labels: ["left", EVIL] });
    const spec = assertExpectedChart("decision-boundary", chart);
    const [areas, edges, points] = layers(spec) as [Rows, Rows, Rows];
    for (const area of areas) assert.equal(area["class"], Number(area["x2"]) <= 0 ? "left" : EVIL);
    // As the plane has 1.2 to each side, it is covered once.
    const covered = areas.reduce((sum, a) => sum + (Number(a["x2"]) - Number(a["x"])) * (Number(a["y2"]) - Number(a["y"])), 0); // prettier-ignore
    assert.ok(Math.abs(covered - 2.4 ** 2) < 1e-4);
    assert.deepEqual(edges, [
      { x: 0, y: -1.2, line: 0, order: 0 },
      { x: 0, y: 1.2, line: 0, order: 1 },
    ]);
    assert.deepEqual(points.map((point) => point["class"]), ["left", "left", EVIL, "left"]); // prettier-ignore
    assert.deepEqual(subtitle(spec), ["3 of 4 points on their side (75.0 %)"]);
  });

  it("draws the line where two classes are equally likely, also within the squares that it asks about, and forks", () => {
    const slanted = (points: Tensor): Tensor => points.matmul(tensor([[1, 2, -2], [0.5, -1, 1]])).add(tensor([0.13, 0, 0.05])); // prettier-ignore
    const chart = decisionBoundary(slanted, x, [0, 0, 1, 2], { resolution: 8 });
    const scoresAt = (px: number, py: number): number[] => [...slanted(tensor([[px, py]])).data];
    const edges = layers(chart.spec)[1] as Rows;
    assert.ok(edges.length >= 4 && edges.length < 20, "straight lines have few points");
    for (const { x: px, y: py } of edges) {
      const [first = 0, second = 0] = scoresAt(Number(px), Number(py)).sort((a, b) => b - a);
      assert.ok(Math.abs(first - second) < 0.25, `${px}, ${py}: ${first} and ${second}`);
    }
    const circle = (points: Tensor): Tensor => points.square().sum(1).sub(0.5);
    const round = layers(decisionBoundary(circle, x, [1, 1, 1, 1]).spec)[1] as Rows;
    assert.equal(new Set(round.map(({ line }) => line)).size, 1);
    assert.deepEqual([round[0]?.["x"], round[0]?.["y"]], [round.at(-1)?.["x"], round.at(-1)?.["y"]]);
    for (const { x: px, y: py } of round) {
      assert.ok(Math.abs(Math.hypot(Number(px), Number(py)) - Math.SQRT1_2) < 0.01);
    }
  });

  it("takes logits, scores and one-hot classes, and leaves the model's mode alone", () => {
    const logits = (points: Tensor): Tensor => points.select(1, 0).mul(9).unsqueeze(1);
    const spec = decisionBoundary(logits, x, tensor([[0], [0], [1], [1]])).spec;
    assert.deepEqual(subtitle(spec), ["4 of 4 points on their side (100.0 %)", "outputs beyond 0 and 1 are taken as logits"]); // prettier-ignore
    const model = nn.sequential(nn.linear(2, 3), nn.dropout(0.5));
    const scored = decisionBoundary(model, x, tensor([[1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 0, 0]])); // prettier-ignore
    assert.deepEqual((layers(scored.spec)[2] as Rows).map((point) => point["class"]), ["class 0", "class 1", "class 2", "class 0"]); // prettier-ignore
    assert.ok(model.training && model.parameters().every(({ grad }) => grad === null));
  });

  it("stays small with many points", () => {
    seed(1);
    const many = randn([5000, 2]);
    const bundle = bundleOf(decisionBoundary((p) => p.square().sum(1).lt(1).to("f32"), many, many.select(1, 0).gt(0)));
    assert.ok(JSON.stringify(bundle).length < CHARACTERS / 2);
    assert.match(String(bundle["text/plain"]), /every 13th point is drawn/);
  });

  it("refuses what is not of the plane", () => {
    assert.throws(
      () => decisionBoundary(right, tensor([[1, 2, 3]]), [0]),
      /^RangeError: decisionBoundary: draws points of the plane, of shape \[n, 2\], not \[1, 3\]$/,
    );
    assert.throws(() => decisionBoundary(right, x, [0]), /^RangeError: decisionBoundary: 4 points, but 1 classes$/);
    assert.throws(
      () => decisionBoundary(() => 3, x, [0, 0, 1, 1]),
      /^TypeError: decisionBoundary: the model must return a tensor$/,
    );
  });
});

describe("functionFit", () => {
  it("draws the points, and each function over them with its error", () => {
    const [x, y] = [tensor([0, 1, 2]), tensor([0, 1, 2])];
    const chart = functionFit({ exact: (t: Tensor) => t, half: (t: Tensor) => t.mul(0.5) }, x, y);
    const spec = assertExpectedChart("function-fit", chart);
    const [points, curves] = layers(spec) as [Rows, Rows];
    assert.deepEqual(
      points,
      [0, 1, 2].map((k) => ({ x: k, y: k })),
    );
    for (const row of curves) {
      const factor = row["fit"] === "exact" ? 1 : 0.5;
      assert.ok(Math.abs(Number(row["y"]) - factor * Number(row["x"])) < 1e-5);
    }
    assert.deepEqual(subtitle(spec), ["exact: mean squared error 0", "half: mean squared error 0.4167"]);
  });

  it("asks a module with rows, as it was trained", () => {
    const { spec } = functionFit(nn.linear(1, 1), tensor([[0], [1]]), tensor([[0], [1]]));
    assert.equal((layers(spec)[1] as Rows).length, 160);
    assert.throws(
      () => functionFit(nn.linear(1, 2), tensor([[0], [1]]), [0, 1]),
      /^RangeError: functionFit: fit gives 2 numbers for each x; one was expected$/,
    );
    assert.throws(() => functionFit((t) => t, [1, 2], [1]), /^RangeError: functionFit: 2 x, but 1 y$/);
  });
});

describe("confusionMatrix", () => {
  it("counts how often each class was taken for each other", () => {
    const chart = confusionMatrix([0, 1, 1, 2], tensor([0, 1, 2, 2]), { labels: ["a", "b", EVIL] });
    const rows = rowsOf(assertExpectedChart("confusion-matrix", chart));
    const count = (actual: string, predicted: string): unknown => rows.find((row) => row["actual"] === actual && row["predicted"] === predicted)?.["count"]; // prettier-ignore
    assert.equal(rows.length, 9);
    assert.deepEqual([count("a", "a"), count("b", "b"), count(EVIL, "b"), count(EVIL, EVIL), count("a", "b")], [1, 1, 1, 1, 0]); // prettier-ignore
  });

  it("takes scores, of which the largest counts", () => {
    const { spec } = confusionMatrix(tensor([[0.1, 0.9], [0.8, 0.2]]), [1, 1]); // prettier-ignore
    assert.deepEqual(subtitle(spec), ["1 of 2 right (50.0 %)"]);
  });

  it("refuses what are no classes, or too many", () => {
    assert.throws(
      () => confusionMatrix([0.5], [1]),
      /^RangeError: confusionMatrix: a class is a whole number from 0, not 0\.5/,
    );
    assert.throws(() => confusionMatrix([1], [1, 2]), /^RangeError: confusionMatrix: 1 predictions, but 2 classes$/);
    assert.throws(() => confusionMatrix([50], [50]), /^RangeError: confusionMatrix: 51 classes are more than the 30/);
  });
});
