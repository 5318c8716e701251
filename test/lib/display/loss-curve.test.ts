// The loss as a chart: its data are the series, whatever form they come in, in bounded space.
import assert from "node:assert/strict";
import fc from "fast-check";
import { lossCurve, tensor, vegaLite } from "../../../lib/index.ts";
import { VEGA_LITE } from "../../../lib/display/theme.ts";
import { Thinned } from "../../../lib/display/thin.ts";
import { assertExpectedChart, bundleOf, type Rows, rowsOf } from "./expected-chart.ts";

const EVIL = '<img src=x onerror="alert(1)">';

/** The values of one curve in a chart's rows. */
function curve(rows: Rows, name: string): (string | number | null | undefined)[] {
  return rows.filter((row) => row["curve"] === name).map((row) => row["value"]);
}

describe("lossCurve", () => {
  it("is a chart of the numbers in an array, a typed array, a tensor or an iterable", () => {
    const losses = [1, 0.5, 0.25];
    const rows = rowsOf(assertExpectedChart("loss-curve", lossCurve(losses)));
    assert.deepEqual(
      rows,
      losses.map((value, step) => ({ step, value, curve: "loss" })),
    );
    const forms = [Float64Array.from(losses), tensor(losses), new Set(losses), losses.map((loss) => tensor(loss))];
    for (const form of forms) assert.deepEqual(rowsOf(lossCurve(form).spec), rows);
  });

  it("takes steps from records, and curves from their other keys", () => {
    const records = [
      { epoch: 10, train: 3, valid: 4 },
      { epoch: 20, train: 2, valid: 3 },
    ];
    const rows = rowsOf(lossCurve(records, { x: "epoch" }).spec);
    assert.deepEqual(curve(rows, "train"), [3, 2]);
    assert.deepEqual(curve(rows, "valid"), [4, 3]);
    assert.deepEqual([...new Set(rows.map(({ step }) => step))], [10, 20]);
    assert.deepEqual(rowsOf(lossCurve([{ step: 5, loss: tensor(2) }]).spec), [{ step: 5, value: 2, curve: "loss" }]);
  });

  it("draws several curves by name, each with a dash as well as a colour", () => {
    const chart = lossCurve({ train: [4, 2, 1], valid: [4.5, 3, 2.5] }, { log: true, title: "Two curves" });
    const spec = assertExpectedChart("loss-curves-log", chart) as unknown as {
      encoding: { color: { scale: { range: string[] } }; y: object };
      layer: { encoding: { strokeDash: { scale: { range: number[][] } } } }[];
    };
    assert.equal(new Set(spec.encoding.color.scale.range).size, 2);
    assert.notDeepEqual(...(spec.layer[0]?.encoding.strokeDash.scale.range as [number[], number[]]));
  });

  it("draws several runs of several curves each", () => {
    const runs = { "lr 0.1": { train: [4, 1], valid: [5, 2] }, "lr 0.01": { train: [4, 3], valid: [5, 4] } };
    const rows = rowsOf(assertExpectedChart("loss-curve-runs", lossCurve(runs)));
    assert.deepEqual(
      rows.map(({ run, curve: name, value }) => [run, name, value]),
      Object.entries(runs).flatMap(([run, curves]) =>
        Object.entries(curves).flatMap(([name, values]) => values.map((value) => [run, name, value])),
      ),
    );
  });

  it("smooths like TensorBoard, over the pale curve itself", () => {
    const spec = assertExpectedChart("loss-curve-smooth", lossCurve([4, 0, 2], { smooth: 0.5 }));
    const [, average] = spec["layer"] as object[];
    // (1 - s) Σ sᵏ xₙ₋ₖ / (1 - sⁿ⁺¹)
    assert.deepEqual(curve(rowsOf(average), "loss"), [4, 1.33333, 1.71429]);
    assert.deepEqual(curve(rowsOf(spec), "loss"), [4, 0, 2]);
  });

  it("leaves gaps for what is not finite, or not positive on a log axis, and says so", () => {
    const spec = assertExpectedChart("loss-curve-gaps", lossCurve([1, NaN, 0, Infinity, 0.5], { log: true }));
    assert.deepEqual(curve(rowsOf(spec), "loss"), [1, null, 0.5]);
    const { title } = spec as { title: { subtitle: string[] } };
    assert.deepEqual(title.subtitle, [
      "2 values not finite, the first at step 1",
      "1 value not positive, left out on the log axis",
    ]);
  });

  it("of a million points is thinned, keeps what stands out, and says so", () => {
    const losses = Float32Array.from({ length: 1_000_000 }, (_, k) => 1 / (1 + k / 1e5) + (k % 7) / 100);
    losses[123_457] = 9;
    losses[654_321] = -2;
    const { spec } = lossCurve(losses);
    const values = curve(rowsOf(spec), "loss");
    assert.ok(values.length < 2000);
    assert.equal(values[0], 1);
    assert.equal(values.at(-1), Number((losses.at(-1) as number).toPrecision(6)));
    assert.ok(values.includes(9) && values.includes(-2));
    assert.match((spec as { title: { subtitle: string[] } }).title.subtitle[0] ?? "", /^1,000,000 points, thinned/);
  });

  it("escapes nothing into markup: names are data", () => {
    const spec = assertExpectedChart("loss-curve-evil", lossCurve({ [EVIL]: [1, 2], b: [2, 1] }, { title: EVIL }));
    assert.equal(rowsOf(spec)[0]?.["curve"], EVIL);
    assert.deepEqual(Object.keys(bundleOf(lossCurve([1]))), ["application/vnd.vegalite.v5+json", "text/plain"]);
  });

  it("shows that there is nothing yet", () => {
    assert.equal(String(lossCurve([])), "loss, nothing yet");
    assert.deepEqual(rowsOf(lossCurve({ train: [], valid: [] }).spec), []);
  });

  it("refuses what holds no numbers, and what is no weight", () => {
    assert.throws(
      () => lossCurve(["a"] as never),
      /^TypeError: lossCurve: takes numbers, or tensors of one number, not string$/,
    );
    assert.throws(() => lossCurve([tensor([1, 2])]), /^TypeError: lossCurve: .*, not a tensor of shape \[2\]$/);
    assert.throws(() => lossCurve(null as never), /^TypeError: lossCurve: takes numbers in an array/);
    assert.throws(() => lossCurve([1], { smooth: 1 }), /^RangeError: lossCurve: smooth is the weight of the past/);
  });

  it("pushes without a notebook, and shows what was pushed", () => {
    const live = lossCurve([3], { live: true });
    live.push(2);
    live.push(tensor(1), 7);
    live.push({ valid: 5 });
    assert.deepEqual(rowsOf(live.spec), [
      { step: 0, value: 3, curve: "loss" },
      { step: 1, value: 2, curve: "loss" },
      { step: 7, value: 1, curve: "loss" },
      { step: 0, value: 5, curve: "valid" },
    ]);
    assert.throws(() => live.push("2" as never), /takes numbers, or tensors of one number, not string/);
  });
});

describe("a thinned curve", () => {
  it("is whole while it is short; else it has both ends, the extremes, and bounded length, in order", () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), { minLength: 1 }),
        fc.integer({ min: 4, max: 40 }),
        (ys, limit) => {
          const thinned = new Thinned(limit);
          ys.forEach((y, x) => thinned.add(x, y));
          const points = thinned.points();
          const values = points.map(([, y]) => y as number);
          assert.equal(thinned.whole, ys.length <= limit);
          if (thinned.whole) assert.deepEqual(values, ys);
          assert.ok(points.length <= limit + 3, `${points.length}`);
          assert.deepEqual(points[0], [0, ys[0]]);
          assert.deepEqual(points.at(-1), [ys.length - 1, ys.at(-1)]);
          assert.equal(Math.max(...values), Math.max(...ys));
          assert.equal(Math.min(...values), Math.min(...ys));
          for (const [x, y] of points) assert.equal(y, ys[x]);
          assert.deepEqual(points.map(([x]) => x), points.map(([x]) => x).toSorted((a, b) => a - b)); // prettier-ignore
        },
      ),
      { seed: 6 },
    );
  });
});

describe("vegaLite", () => {
  const encoding = { x: { field: "x", type: "quantitative" }, y: { field: "y", type: "quantitative" } };

  it("draws tensors as columns, and gaps for what is not finite", () => {
    const chart = vegaLite({ mark: "point", encoding }, { data: { x: tensor([1, 2, 3]), y: [NaN, 5, Infinity] } });
    const spec = assertExpectedChart("vega-lite", chart);
    assert.deepEqual(rowsOf(spec), [
      { x: 1, y: null },
      { x: 2, y: 5 },
      { x: 3, y: null },
    ]);
  });

  it("takes tensors anywhere in a specification, whose own settings win", () => {
    const { spec } = vegaLite({
      background: "white",
      mark: "bar",
      data: { values: tensor([1, 2]) },
      encoding,
      tick: new Float32Array([0.5]),
    });
    assert.deepEqual([spec["background"], spec["data"], spec["tick"]], ["white", { values: [1, 2] }, [0.5]]);
  });

  it("refuses columns that do not fit together", () => {
    assert.throws(
      () => vegaLite({}, { data: { x: [1, 2], y: [1] } }),
      /^RangeError: vegaLite: the columns differ in length: x 2, y 1$/,
    );
    assert.throws(
      () => vegaLite({}, { data: { x: tensor([[1]]) } }),
      /^RangeError: vegaLite: the column x has shape \[1, 1\]/,
    );
  });

  it("draws every so many of very many rows, and says so in words and below the title", () => {
    const x = Float64Array.from({ length: 50_000 }, (_, k) => k);
    const bundle = bundleOf(vegaLite({ mark: "point", encoding, title: "many" }, { data: { x } }));
    const [, ordinal = "", every = 0] = /^\[chart: many, 50000 rows, of which every ((\d+)\w\w) is drawn\]$/.exec(String(bundle["text/plain"])) ?? []; // prettier-ignore
    const spec = bundle[VEGA_LITE] as { title: unknown };
    assert.deepEqual(spec.title, { text: "many", subtitle: `every ${ordinal} of 50,000 rows` });
    const rows = rowsOf(spec);
    assert.equal(rows.length, Math.ceil(50_000 / Number(every)));
    assert.ok(rows.every(({ x }, k) => x === k * Number(every)));
  });

  it("falls back to text with a reason where all of too many data count", () => {
    const bars = { mark: "bar", encoding: { x: { field: "x", bin: true }, y: { aggregate: "count" } } };
    const bundle = bundleOf(vegaLite(bars, { data: { x: Float64Array.from({ length: 50_000 }, Math.sqrt) } }));
    assert.match(
      String(bundle["text/plain"]),
      /^\[chart, 50000 rows\]\n\[shown as text only: its data take \d+ kB; take a sample of them\]$/,
    );
  });
});
