// Charts: what is one, the bundle that it becomes, and what is said of a specification that is wrong.
import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Shown } from "../../kernel/display/bundle.ts";
import { chartBundle, drawChart } from "../../kernel/display/chart.ts";
import { decodePng, inkIn } from "../png.ts";

const VEGA_LITE = "https://vega.github.io/schema/vega-lite/v5.json";
const VEGA = "https://vega.github.io/schema/vega/v5.json";

interface Spec {
  $schema: string;
  data: { values: unknown; url?: string; format?: unknown };
  [key: string]: unknown;
}

const line = (values: unknown, rest: object = {}): Spec => ({
  $schema: VEGA_LITE,
  data: { values },
  mark: "line",
  encoding: { x: { field: "step", type: "quantitative" }, y: { field: "loss", type: "quantitative" } },
  ...rest,
});
const ROWS = [
  { step: 1, loss: 4 },
  { step: 2, loss: 1 },
];
const TITLE = "‖∇f(σ)‖ ≤ ε";

/** The bundle of a chart that takes no time, and what was written to standard error meanwhile. */
function shown(spec: object, language?: "vega" | "vega-lite"): Shown & { stderr: string } {
  const { write } = process.stderr;
  let stderr = "";
  process.stderr.write = (text: string) => {
    stderr += text;
    return true;
  };
  try {
    const bundle = language === undefined ? chartBundle(spec) : drawChart(spec, language);
    assert.ok(bundle !== null && !(bundle instanceof Promise));
    return { ...bundle, stderr };
  } finally {
    process.stderr.write = write;
  }
}

const specIn = ({ data }: Shown): Spec => data["application/vnd.vegalite.v5+json"] as Spec;

describe("chartBundle", () => {
  it("knows vega, vega-lite, what makes them, and plotly, and nothing that only resembles them", () => {
    const isChart = (value: object) => chartBundle(value) !== null;
    assert.ok(isChart({ $schema: VEGA_LITE, mark: "bar" }));
    assert.ok(isChart({ $schema: "https://vega.github.io/schema/vega-lite/v5.23.0.json" }));
    assert.ok(isChart({ $schema: VEGA }));
    assert.ok(isChart({ toSpec: () => line(ROWS) }));
    assert.ok(isChart({ data: [{ type: "bar", y: [1] }], layout: {} }));
    assert.ok(!isChart({ $schema: "https://json-schema.org/draft/2020-12/schema" }));
    assert.ok(!isChart({ toSpec: () => "a spec" }));
    assert.ok(!isChart({ toSpec: () => ({ mark: "bar" }) }));
    assert.ok(!isChart({ data: [1, 2], layout: "wide" }));
    assert.ok(!isChart({ data: {}, layout: {} }));
    assert.ok(!isChart({ data: [], layout: {} }));
    assert.ok(!isChart({ data: [{ type: "row" }], layout: { columns: 2 } }));
  });

  it("shows vega-lite in the format of front ends, as SVG, as PNG at its size, and in a line of text", () => {
    const { data, metadata, stderr } = shown(line(ROWS, { title: TITLE }));
    assert.equal(stderr, "");
    assert.deepEqual(Object.keys(data), [
      "application/vnd.vegalite.v5+json",
      "image/svg+xml",
      "image/png",
      "text/plain",
    ]);
    assert.deepEqual(data["application/vnd.vegalite.v5+json"], line(ROWS, { title: TITLE }));
    assert.match(String(data["image/svg+xml"]), /^<svg .*‖∇f\(σ\)‖ ≤ ε.*<\/svg>$/s);
    assert.equal(data["text/plain"], `[Vega-Lite chart "${TITLE}": line with x = step, y = loss; 2 rows]`);
    const { width, height } = metadata["image/png"] as { width: number; height: number };
    const png = decodePng(Buffer.from(String(data["image/png"]), "base64"));
    assert.deepEqual([png.width, png.height], [2 * width, 2 * height]);
  });

  it("draws text into the PNG by a bundled font, mathematical symbols too", () => {
    const picture = (title: string) => {
      const { data } = shown({ $schema: VEGA_LITE, data: { values: [{}] }, mark: "point", title });
      return decodePng(Buffer.from(String(data["image/png"]), "base64"));
    };
    const blank = inkIn(picture(" "));
    const inks = [..."∇‖σ≤→αβθπ∑∫∂√∞ℝäжé"].map((symbol) => inkIn(picture(symbol)) - blank);
    assert.ok(
      inks.every((ink) => ink > 20),
      inks.join(" "),
    );
  });

  it("shows vega as it is", () => {
    const spec = {
      $schema: VEGA,
      width: 100,
      height: 50,
      data: [{ name: "table", values: [{ x: 1 }, { x: 2 }] }],
      marks: [{ type: "symbol", from: { data: "table" }, encode: { enter: { x: { field: "x" }, y: { value: 9 } } } }],
    };
    const { data, stderr } = shown(spec);
    assert.equal(stderr, "");
    assert.deepEqual(data["application/vnd.vega.v5+json"], spec);
    assert.equal(String(data["image/svg+xml"]).match(/<circle /g)?.length, 2);
    assert.equal(data["text/plain"], "[Vega chart]");
  });

  it("takes the schema of another major version, or none, for version 5, which front ends draw", () => {
    for (const $schema of ["https://vega.github.io/schema/vega-lite/v6.json", VEGA_LITE.replace("v5", "v4.17.0")]) {
      assert.equal(specIn(shown({ ...line(ROWS), $schema })).$schema, VEGA_LITE);
    }
    assert.equal(specIn(shown({ data: { values: ROWS }, mark: "bar" }, "vega-lite")).$schema, VEGA_LITE);
    const precise = "https://vega.github.io/schema/vega-lite/v5.20.1.json";
    assert.equal(specIn(shown({ ...line(ROWS), $schema: precise })).$schema, precise);
  });

  it("takes what a builder's toSpec makes", () => {
    const builder = { rows: ROWS, toSpec: () => line(ROWS) };
    assert.deepEqual(specIn(shown(builder)), line(ROWS));
  });

  it("writes rows as JSON: typed arrays, Maps, Sets, Dates, bigints, and null for what is no number", () => {
    const values = (given: unknown) => specIn(shown(line(given))).data.values;
    assert.deepEqual(values(Float64Array.of(1, NaN)), [1, { data: null }]);
    assert.deepEqual(values([{ step: NaN, loss: Infinity }]), [{ step: null, loss: null }]);
    assert.deepEqual(values(new Set([{ step: 1n, loss: 2 }])), [{ step: 1, loss: 2 }]);
    assert.deepEqual(values([new Map([["step", 3]])]), [{ step: 3 }]);
    assert.deepEqual(values(new Map([["a", 3]])), [{ key: "a", value: 3 }]);
    assert.deepEqual(values([{ at: new Date(0), missing: undefined }]), [{ at: "1970-01-01T00:00:00.000Z" }]);
    function* generated() {
      yield* ROWS;
    }
    assert.deepEqual(values(generated()), ROWS);
    const vega = shown({ $schema: VEGA, data: [{ name: "t", values: [{ at: new Date(5) }] }] }).data;
    assert.deepEqual((vega["application/vnd.vega.v5+json"] as { data: unknown }).data, [
      { name: "t", values: [{ at: 5 }] },
    ]);
  });

  it("draws without changing what it was given, the same each time, and with names of its own in the SVG", () => {
    const spec = line(ROWS, {
      transform: [{ calculate: "datum.loss * 2", as: "loss" }],
      mark: { type: "line", clip: true },
    });
    const before = structuredClone(spec);
    const [first, second] = [shown(spec), shown(spec)];
    assert.deepEqual(first, second);
    assert.deepEqual(spec, before);
    const ids = (bundle: Shown) => /id="([^"]+)"/.exec(String(bundle.data["image/svg+xml"]))?.[1];
    assert.match(String(ids(first)), /^clip1-[0-9a-f]{8}$/);
    assert.ok(String(first.data["image/svg+xml"]).includes(`url(#${ids(first)})`));
    assert.notEqual(ids(shown({ ...spec, title: "another" })), ids(first));
  });

  it("gives a chart as wide as its container a width, for it has none in JupyterLab", () => {
    const bundle = shown(line(ROWS, { width: "container" }));
    assert.equal(specIn(bundle)["width"], 600);
    assert.match(String(bundle.data["image/svg+xml"]), /M0.5,0.5h600v/);
  });

  it("says what is wrong with a specification that cannot be drawn, below the specification", () => {
    const text = (spec: object) => {
      const { data, stderr } = shown(spec);
      assert.deepEqual([Object.keys(data), stderr], [["text/plain"], ""]);
      return String(data["text/plain"]);
    };
    assert.match(
      text({ ...line(ROWS), mark: undefined }),
      /\[no chart: Invalid specification\. Make sure the .*"layer"/,
    );
    assert.match(
      text({ $schema: VEGA, marks: [{ type: "rect", from: { data: "rows" } }] }),
      /rect[^]*\[no chart: .*rows.*\]$/,
    );
    assert.match(
      text(line(ROWS, { transform: [{ filter: "datum.loss >" }] })),
      /\[no chart: Unexpected end of input in the expression 'datum.loss >'\]$/,
    );
    assert.match(
      text(line(Array.from({ length: 3_000_000 }, () => 1))),
      /\[no chart: .* more than 2,000,000 values; aggregate/,
    );
    const cycle: Record<string, unknown> = line(ROWS);
    cycle["usermeta"] = cycle;
    assert.match(text(cycle), /\[no chart: .*circular/);
  });

  it("passes on what vega-lite finds odd to standard error", () => {
    const { data, stderr } = shown(line(ROWS, { encoding: { x: { field: "step" }, colour: { field: "step" } } }));
    assert.match(stderr, /^vega-lite: colour-encoding is dropped as colour is not a valid encoding channel.\n$/);
    assert.ok("image/svg+xml" in data);
    const encoding = { x: { field: "stop", type: "quantitative" } };
    assert.match(shown(line(ROWS, { encoding })).stderr, /"stop"/);
    assert.equal(shown(line(ROWS, { encoding })).stderr, "", "not again at once");
    assert.equal(shown(line([])).stderr, "");
  });

  it("shows a chart with a lot of data as a picture, and says how much they are", () => {
    const rows = Array.from({ length: 60_000 }, (_, step) => ({ step, loss: step % 7, note: "x".repeat(120) }));
    const { data, stderr } = shown(line(rows, { transform: [{ filter: "datum.step < 10" }] }));
    assert.deepEqual(Object.keys(data), ["image/svg+xml", "image/png", "text/plain"]);
    assert.match(stderr, /^vega-lite: the chart has 9 MB of data and is shown as a picture; aggregate/);
  });

  it("draws what lies outside of the chart and is translucent, at which resvg panics", () => {
    for (const point of [{}, { stroke: "black", fill: "red" }]) {
      const encoding = { x: { field: "x", type: "quantitative", scale: { domain: [0, 1] } } };
      const mark = { type: "point", opacity: 0.5, ...point };
      const { data, stderr } = shown({ $schema: VEGA_LITE, data: { values: [{ x: 1 }, { x: 100 }] }, mark, encoding });
      assert.ok("image/png" in data);
      assert.equal(stderr, "");
    }
  });

  it("has no PNG where resvg fails, says so, and has one for the next chart", () => {
    const huge = { $schema: VEGA_LITE, data: { values: [{}] }, mark: "point", width: 1e12, height: 1 };
    const { data, stderr } = shown(huge);
    assert.deepEqual(Object.keys(data), ["application/vnd.vegalite.v5+json", "image/svg+xml", "text/plain"]);
    assert.match(stderr, /^vega-lite: the chart has no PNG: .*\n$/);
    assert.ok("image/png" in shown(line(ROWS)).data);
  });

  it("gives plotly's figures their format, as plain JSON, and text", () => {
    const figure = { data: [{ type: "scatter", y: Float32Array.of(1, NaN) }], layout: { title: "t" }, other: 1 };
    const { data } = shown(figure);
    assert.deepEqual(data["application/vnd.plotly.v1+json"], {
      data: [{ type: "scatter", y: [1, null] }],
      layout: { title: "t" },
    });
    assert.deepEqual(Object.keys(data), ["application/vnd.plotly.v1+json", "text/plain"]);
  });

  it("loads vega without leaving anything in the global scope, and in spite of what is there", () => {
    const before = Object.getOwnPropertyNames(globalThis);
    Object.assign(globalThis, { document: { createElement: () => assert.fail() }, define: { amd: true } });
    try {
      assert.ok("image/png" in shown(line(ROWS)).data);
    } finally {
      Reflect.deleteProperty(globalThis, "document");
      Reflect.deleteProperty(globalThis, "define");
    }
    assert.deepEqual(Object.getOwnPropertyNames(globalThis), before);
    assert.equal(JSON.stringify(new Set([1])), "{}", "vega-lite gives Sets a toJSON");
  });
});

/** A line from one point to one on the right, below. */
const FALLING = /<path d="M[\d.]+,0L[\d.]+,1\d\d" stroke/;

describe("chartBundle of data by URL", () => {
  const folder = mkdtempSync(join(tmpdir(), "adjoint-chart-"));
  const previous = process.cwd();
  const byUrl = (url: string, rest: object = {}) => ({ ...line(undefined, rest), data: { url } });

  before(() => {
    process.chdir(folder);
    writeFileSync("losses.csv", "step,loss\n1,4\n2,1\n");
    writeFileSync("losses.json", JSON.stringify(ROWS));
  });
  after(() => {
    process.chdir(previous);
    rmSync(folder, { recursive: true });
  });

  it("puts files of the working folder into the specification, at any depth", () => {
    const marks = (bundle: Shown) => FALLING.test(String(bundle.data["image/svg+xml"]));
    const json = shown(byUrl("losses.json"));
    assert.deepEqual(specIn(json).data, { values: ROWS, format: { type: "json" } });
    assert.ok(marks(json));
    const { data, ...unit } = byUrl("losses.csv", { mark: { type: "line", point: true } });
    const csv = shown({ $schema: VEGA_LITE, hconcat: [{ layer: [{ ...unit, data }] }] });
    assert.match(
      JSON.stringify(specIn(csv)),
      /"data":\{"values":"step,loss\\n1,4\\n2,1\\n","format":\{"type":"csv"\}\}/,
    );
    assert.ok(marks(csv));
  });

  it("names a file that is not there, and where it looked", () => {
    const text = String(shown(byUrl("loses.csv")).data["text/plain"]);
    assert.ok(text.includes(`[no chart: the data 'loses.csv' cannot be read in ${process.cwd()}: ENOENT`), text);
  });

  it("leaves addresses on the web to the front end, and downloads for the pictures", async () => {
    const server = createServer((request, response) => {
      response.statusCode = request.url === "/losses.csv" ? 200 : 404;
      response.end("step,loss\n1,4\n2,1\n");
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const { write } = process.stderr;
    let stderr = "";
    try {
      const there = await drawChart(byUrl(`${address}/losses.csv`));
      assert.deepEqual(specIn(there).data, { url: `${address}/losses.csv` });
      assert.match(String(there.data["image/svg+xml"]), FALLING);

      process.stderr.write = (text: string) => {
        stderr += text;
        return true;
      };
      const missing = await drawChart(byUrl(`${address}/missing.csv`));
      assert.deepEqual(Object.keys(missing.data), ["application/vnd.vegalite.v5+json", "text/plain"]);
    } finally {
      process.stderr.write = write;
      server.close();
    }
    assert.equal(
      stderr,
      `vega-lite: the data '${address}/missing.csv' could not be loaded: 404 Not Found; only the front end draws it\n`,
    );
  });
});
