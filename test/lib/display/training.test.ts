// Models, data sets, loaders, optimizers and random streams at the end of a cell.
import assert from "node:assert/strict";
import { inspect } from "node:util";
import katex from "katex";
import fc from "fast-check";
import {
  compareGradients,
  data,
  Generator,
  gradients,
  nn,
  optim,
  summary,
  tape,
  type Tensor,
  tensor,
  zeros,
} from "../../../lib/index.ts";
import { rowsOf } from "./expected-chart.ts";
import { assertExpected, assertPlain, bundleOf, tablesOf, textOf } from "./expected.ts";

const EVIL = `<img src=x onerror="alert(1)">$x$`;

describe("the display of a model", () => {
  const model = (): nn.Module =>
    nn.sequential(nn.linear(2, 3), nn.sigmoid(), nn.sequential(nn.linear(3, 1), nn.dropout(0.5)));

  it("is a table of its modules, with shapes, parameters and bytes", () => {
    const html = assertExpected("model", model())["text/html"] ?? "";
    assertPlain(html);
    const [rows = []] = tablesOf(html);
    assert.deepEqual(
      rows.map(([, shapes, count]) => [shapes, count]),
      [
        ["shapes", "parameters"],
        ["", ""],
        ["weight [3, 2], bias [3]", "9"],
        ["", ""],
        ["", ""],
        ["weight [1, 3], bias [1]", "4"],
        ["", ""],
        ["", "13"],
      ],
    );
  });

  it("counts shared parameters once, and says what is frozen", () => {
    class Tied extends nn.Module {
      first = nn.linear(2, 2);
      second = this.first;
      [EVIL] = nn.parameter(zeros([3]));
      forward(x: Tensor): Tensor {
        return this.second.forward(this.first.forward(x));
      }
    }
    const tied = new Tied();
    tied.first.weight.requiresGrad_(false);
    const html = bundleOf(tied)["text/html"] ?? "";
    assertPlain(html);
    assert.match(textOf(html), /^Tied: 2 modules, 9 parameters, 4 of them frozen, training/);
    assert.ok(textOf(html).includes(`${EVIL} [3]`));
    assert.equal(tied.summary(), bundleOf(tied)["text/plain"]);
  });
});

describe("the display of a data set", () => {
  it("shows its first examples, pictures as pictures with what they stand for", () => {
    const html = assertExpected("dataset-digits", data.digits())["text/html"] ?? "";
    assertPlain(html);
    assert.deepEqual([...html.matchAll(/alt="([^"]*)"/g)].map(([, alt]) => alt).slice(0, 3), ["example 0: y 0", "example 1: y 1", "example 2: y 2"]); // prettier-ignore
    const [, examples] = tablesOf(assertExpected("dataset-iris", data.iris())["text/html"] ?? "");
    assert.deepEqual(examples?.[1], ["0", "[5.1, 3.5, 1.4, 0.2]", "0"]);
  });

  it("escapes names, and shows what is empty", () => {
    const html = bundleOf(new data.TensorDataset(zeros([3, 1, 8, 8]).named(EVIL), zeros([3]).named(EVIL)))["text/html"] ?? ""; // prettier-ignore
    assertPlain(html);
    assert.ok(textOf(html).includes(EVIL));
    assert.match(bundleOf(new data.TensorDataset(zeros([0, 2])))["text/plain"] ?? "", /^TensorDataset: 0 examples/);
  });
});

describe("the display of a loader", () => {
  it("says what a batch is, and draws none", () => {
    const generator = new Generator(5);
    const loader = new data.DataLoader(data.iris(), { batchSize: 32, shuffle: true, generator });
    assertExpected("loader", loader);
    assert.equal(String(generator), "Generator(seed=5, words drawn=0)");
    const dropping = new data.DataLoader(data.iris(), { batchSize: 32, dropLast: true });
    assert.match(
      bundleOf(dropping)["text/plain"] ?? "",
      /^DataLoader: 4 batches of 32 examples, 22 left out, in order/,
    );
  });
});

describe("the display of an optimizer", () => {
  it("shows the options of each group, and the steps taken", () => {
    const [a, b] = [tensor([1, 2], { requiresGrad: true }), tensor(1, { requiresGrad: true })];
    const adam = new optim.Adam([
      { params: [a], lr: 0.1 },
      { params: [b], lr: 0.01 },
    ] as never);
    a.sum().backward();
    adam.step();
    const html = assertExpected("optimizer", adam)["text/html"] ?? "";
    assertPlain(html);
    const [[heads = [], first = [], second = []] = []] = tablesOf(html);
    const lr = heads.indexOf("lr");
    assert.deepEqual([first[lr], second[lr], first[2], second[2]], ["0.1", "0.01", "2", "1"]);
    assert.match(textOf(html), /^Adam: 2 groups, 1 step taken/);
  });
});

describe("the display of a stream of random numbers", () => {
  it("is its seed and how far it has come", () => {
    const generator = new Generator(2 ** 40 + 7);
    generator.word();
    assert.deepEqual(bundleOf(generator), { "text/plain": `Generator(seed=${2 ** 40 + 7}, words drawn=1)` });
  });
});

describe("console.log", () => {
  it("prints the library's objects as text, models as PyTorch does", () => {
    assert.equal(inspect(nn.sequential(nn.linear(2, 1))), "Sequential(\n  (0): Linear(2 → 1)\n)");
    assert.match(inspect({ set: data.xor() }), /set: TensorDataset: 4 examples/);
    assert.match(inspect(gradients({ w: zeros([1], { requiresGrad: true }) })), /^Gradients of 1 parameter/);
    assert.equal(inspect(tensor([1]).latex()), "\\begin{bmatrix} 1 \\end{bmatrix}");
  });
});

describe("names of any text", () => {
  it("never become markup, formulas or cells of their own", () => {
    const marks = fc.constantFrom(..."<>&\"'$\\|`*_{}[]()#!~^%:/=.@\n\r\t ax0é😀\u202e\u0000");
    fc.assert(
      fc.property(fc.string({ unit: marks, minLength: 1, maxLength: 30 }), (name) => {
        const w = tensor([1, 2], { requiresGrad: true }).named(name);
        const loss = w.square().sum();
        const markdown = bundleOf(tape(loss))["text/markdown"] ?? "";
        const rows = markdown.split("\n").filter((line) => line.startsWith("| "));
        assert.equal(rows.length, 2 + 3);
        for (const row of rows) assert.equal(row.split(" | ").length, 6);
        assert.doesNotMatch(markdown, /<(?!br>)/);
        for (const [, formula = ""] of markdown.matchAll(/\$([^$]+)\$/g)) {
          katex.renderToString(formula, { throwOnError: true, strict: "ignore" });
        }
        for (const line of markdown.split("\n")) assert.equal((line.match(/\$/g)?.length ?? 0) % 2, 0);
        loss.backward();
        const named = { [name]: w };
        for (const value of [w, gradients([w]), gradients(named), compareGradients({ [name]: named, other: named })]) {
          assertPlain(bundleOf(value)["text/html"] ?? assert.fail());
        }
      }),
      { numRuns: 100, seed: 1 },
    );
  });
});

describe("summary(model, ...inputs)", () => {
  it("shows what each module gives, and changes nothing of the model", () => {
    const model = nn.sequential(
      new nn.Conv2d(1, 3, 3),
      new nn.BatchNorm(3),
      nn.relu(),
      nn.flatten(),
      nn.dropout(0.5),
      nn.linear(3 * 4 * 4, 10),
    );
    const before = JSON.stringify(Object.entries(model.stateDict()).map(([name, x]) => [name, x.toArray()]));
    const shown = summary(model, zeros([5, 1, 6, 6]));
    const html = bundleOf(shown)["text/html"] ?? "";
    assertPlain(html);
    const [rows = []] = tablesOf(html);
    assert.deepEqual(
      rows.map((row) => row[1]),
      ["output", "[5, 10]", "[5, 3, 4, 4]", "[5, 3, 4, 4]", "[5, 3, 4, 4]", "[5, 48]", "[5, 48]", "[5, 10]", ""],
    );
    assert.equal(JSON.stringify(Object.entries(model.stateDict()).map(([name, x]) => [name, x.toArray()])), before);
    assert.ok([...model.modules()].every(({ training, ...own }) => training && !("forward" in own)));
    assert.equal(String(shown), bundleOf(shown)["text/plain"]);
  });

  it("looks into several results, says what is not called, and lets the model's own errors through", () => {
    class Two extends nn.Module {
      lstm = new nn.LSTM(3, 2);
      layers = [nn.linear(2, 4), nn.linear(2, 5)];
      forward(x: Tensor): Tensor {
        return (this.layers[0] as nn.Linear).forward(this.lstm.forward(x)[0]);
      }
    }
    const two = new Two().train();
    const [rows = []] = tablesOf(bundleOf(summary(two, zeros([7, 1, 3])))["text/html"] ?? "");
    assert.deepEqual(
      rows.map((row) => row[1]?.split(", [")[0]),
      ["output", "[7, 1, 4]", "[7, 1, 2]", "[7, 1, 4]", "not called", ""],
    );
    assert.throws(() => summary(two, zeros([7, 1, 9])), /3/);
    assert.ok(two.training && two.lstm.training);
    assert.throws(() => Reflect.apply(summary, undefined, [zeros([1])]), /^TypeError: summary: takes a module/);
  });
});

describe("the display of a schedule", () => {
  const optimizer = (...rates: number[]): optim.SGD =>
    new optim.SGD(
      rates.map((lr) => ({ params: [zeros([1], { requiresGrad: true })], lr })),
      { lr: 1 },
    );

  it("is a chart of its rates, as they have been and will be", () => {
    const trained = optimizer(0.1);
    const schedule = new optim.CosineAnnealingLR(trained, { tMax: 20 });
    for (let step = 0; step < 5; step++) schedule.step();
    const shown = bundleOf(schedule) as Record<string, unknown>;
    // Each number of the step stands in its row beside that of the rate.
    const rows = rowsOf(shown["application/vnd.vegalite.v5+json"]).map((row) =>
      Object.values(row).filter((v) => typeof v === "number"),
    );
    const expected = Array.from({ length: 21 }, (_, t) => [t, 0.05 * (1 + Math.cos((Math.PI * t) / 20))]);
    assert.equal(rows.length, 21);
    rows.forEach((row, t) => {
      assert.equal(row[0], t);
      assert.ok(Math.abs((row[1] as number) - (expected[t]?.[1] as number)) < 1e-6, String(row));
    });
    assert.match(String(shown["text/plain"]), /CosineAnnealingLR: 5 steps made, rate 0\.08536/);
    assert.deepEqual([schedule.lastStep, schedule.getLastLr()], [5, schedule.ratesAt(5)]);
    assert.match(inspect(schedule), /CosineAnnealingLR/);
  });

  it("ends where the schedule does, and has a curve for each group", () => {
    const schedule = new optim.OneCycleLR(optimizer(0.1, 0.2), { maxLr: 0.5, totalSteps: 30 });
    const shown = bundleOf(schedule) as Record<string, unknown>;
    assert.match(String(shown["text/plain"]), /group 0 .*\(30 points\)\ngroup 1 .*\(30 points\)/);
  });

  it("says of the one that waits for progress how long it has waited", () => {
    const plateau = new optim.ReduceLROnPlateau(optimizer(0.1), { patience: 3 });
    for (const loss of [1, 0.5, 0.6]) plateau.step(loss);
    const html = bundleOf(plateau)["text/html"] ?? "";
    assertPlain(html);
    assert.deepEqual(tablesOf(html)[0]?.[1], ["0.5", "1", "3"]);
  });
});
