// Charts are drawn synchronously, which vega does not offer: the result must be what vega itself, and vega-lite as published, draw
// when they are awaited.
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import type * as Engine from "../../kernel/display/chart-engine.ts";
import type { PlainObject } from "../../kernel/display/chart-spec.ts";
import { shortSvg } from "../../kernel/display/short-svg.ts";

const require = createRequire(import.meta.url);
const vega = require("vega") as typeof import("vega") & { resetSVGDefIds(): void };
const { compile } = require("vega-lite") as typeof import("vega-lite");
const bundle = new URL("../../bundle/display/chart-engine.js", import.meta.url);
const { draw } = require(fileURLToPath(bundle)) as typeof Engine;

const values = Array.from({ length: 40 }, (_, i) => ({
  i,
  wave: Math.sin(i / 5),
  group: ["a", "b", "a longer name"][i % 3],
  day: `2026-03-${String(1 + (i % 28)).padStart(2, "0")}`,
}));
const data = { values };
const x = { field: "i", type: "quantitative" };
const y = { field: "wave", type: "quantitative" };
const color = { field: "group", type: "nominal" };

const SPECS: Record<string, PlainObject> = {
  "a line": { data, mark: "line", encoding: { x, y } },
  "points with a legend and clipping": { data, mark: { type: "point", clip: true }, encoding: { x, y, color } },
  "stacked bars by month and bin": {
    data,
    mark: "bar",
    encoding: { x: { bin: true, field: "wave" }, y: { aggregate: "count" }, color },
  },
  "times, sized to their content": {
    data,
    width: { step: 14 },
    mark: {
      type: "area",
      color: {
        gradient: "linear",
        stops: [
          { offset: 0, color: "white" },
          { offset: 1, color: "teal" },
        ],
      },
    },
    encoding: { x: { field: "day", type: "temporal", timeUnit: "monthdate" }, y: { ...y, aggregate: "mean" } },
  },
  "facets of layers": {
    data,
    facet: { field: "group", columns: 2 },
    spec: { layer: [{ mark: "line" }, { mark: "point" }], encoding: { x, y } },
  },
  "charts beside and above each other": {
    data,
    hconcat: [
      { mark: "bar", encoding: { x: color, y } },
      {
        vconcat: [
          { mark: "tick", encoding: { x } },
          { mark: "arc", encoding: { theta: y, color } },
        ],
      },
    ],
  },
  "a repeated chart": {
    data,
    repeat: { column: ["i", "wave"] },
    spec: {
      mark: "circle",
      encoding: { x: { field: { repeat: "column" }, type: "quantitative" }, y, size: { value: 9 } },
    },
  },
  "a chart fit to its size, with a parameter": {
    data,
    width: 300,
    autosize: { type: "fit", contains: "padding" },
    title: { text: ["two", "lines"], subtitle: "and a third" },
    params: [{ name: "brush", select: "interval" }],
    mark: "rect",
    encoding: { x: { ...x, bin: { maxbins: 12 } }, y: { ...y, bin: true }, color: { aggregate: "count" } },
  },
  "a globe": {
    projection: { type: "orthographic" },
    data: { graticule: true },
    mark: { type: "geoshape", filled: false },
  },
  "a regression": {
    data,
    layer: [
      { mark: "point", encoding: { x, y } },
      { mark: "line", transform: [{ regression: "wave", on: "i", method: "poly" }], encoding: { x, y } },
    ],
  },
};

describe("draw", () => {
  // Vega-lite as published gives one to all Sets.
  after(() => Reflect.deleteProperty(Set.prototype, "toJSON"));

  for (const [name, spec] of Object.entries(SPECS)) {
    it(`draws ${name} as vega does`, async () => {
      const compiled = compile(structuredClone(spec) as unknown as Parameters<typeof compile>[0]).spec;
      const view = new vega.View(vega.parse(compiled), { renderer: "none" });
      vega.resetSVGDefIds();
      const expected = await view.toSVG();
      view.finalize();

      const drawing = draw(structuredClone(spec), "vega-lite");
      assert.ok(!(drawing instanceof Promise), "at once");
      const [, description] = /^<svg role="img".*?><title>(.*?)<\/title>/.exec(drawing.svg ?? "") ?? [];
      assert.match(description ?? "", /^\[Vega-Lite chart/);
      const drawn = drawing.svg?.replace(/^<svg role="img"(.*?)><title>.*?<\/title>/, "<svg$1>");
      assert.equal(drawn?.replaceAll(/((?:clip|gradient_)\d+)-[\da-f]{8}/g, "$1"), shortSvg(expected));
      assert.ok(drawing.png !== null);
    });
  }

  it("waits for images, and makes no link of what a browser would run", async () => {
    const values = [
      { url: "https://example.org/a.png", href: "javascript:alert(1)" },
      { url: "missing.png", href: "https://example.org" },
    ];
    const encoding = { url: { field: "url" }, href: { field: "href" } };
    const drawing = draw({ data: { values }, mark: { type: "image", width: 9, height: 9 }, encoding }, "vega-lite");
    assert.ok(drawing instanceof Promise);
    const { svg: drawn, warnings } = await drawing;
    const svg = String(drawn);
    assert.ok(svg.includes('xlink:href="https://example.org/a.png"'));
    assert.match(svg, /<a [^>]*xlink:href="https:\/\/example\.org"/);
    assert.match(warnings.join(), /'javascript:alert\(1\)' is left out: .*'missing.png' is left out: ENOENT/s);
    assert.doesNotMatch(svg, /xlink:href="javascript:/);
  });
});
