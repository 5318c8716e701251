// The short SVG of a chart is the same picture.
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import type * as Pictures from "../../kernel/display/chart-picture.ts";
import { shortSvg } from "../../kernel/display/short-svg.ts";
import { decodePng } from "../png.ts";

const require = createRequire(import.meta.url);
const vega = require("vega") as typeof import("vega");
const { compile } = require("vega-lite") as typeof import("vega-lite");
const { pictureOf } = require(
  fileURLToPath(new URL("../../bundle/display/chart-picture.js", import.meta.url)),
) as typeof Pictures;

const values = Array.from({ length: 60 }, (_, i) => ({
  i,
  wave: Math.sin(i / 7.3),
  group: ["a", "<b> & \"c\" > 'd'"][i % 2],
}));
const x = { field: "i", type: "quantitative" };
const y = { field: "wave", type: "quantitative" };
const color = { field: "group", type: "nominal" };

const SPECS: Record<string, object> = {
  "lines and points": { layer: [{ mark: "line" }, { mark: { type: "point", filled: true, stroke: "white", opacity: 0.7 } }], encoding: { x, y, color } },
  "squares, rotated texts and a title": { mark: { type: "square", angle: 30 }, title: "a > b", encoding: { x: { ...x, axis: { labelAngle: 40 } }, y, color, shape: color } },
  "bars and rules": { layer: [{ mark: "bar" }, { mark: { type: "rule", strokeDash: [3, 2] }, encoding: { color } }], encoding: { x, y } },
  "rectangles of many colours": { mark: "rect", encoding: { x: { field: "i", bin: true }, y: { field: "wave", bin: true }, color: { aggregate: "count" } } },
  "facets of areas": { mark: { type: "area", opacity: 0.4 }, encoding: { x, y, row: color } },
}; // prettier-ignore

describe("shortSvg", function () {
  this.timeout(20_000);

  for (const [name, spec] of Object.entries(SPECS)) {
    it(`draws the same, in less: ${name}`, async () => {
      const view = new vega.View(vega.parse(compile({ data: { values }, width: 200, height: 150, ...spec } as never).spec), { renderer: "none" }); // prettier-ignore
      const whole = await view.toSVG();
      view.finalize();
      const short = shortSvg(whole);
      assert.ok(short.length < 0.6 * whole.length, `${short.length} of ${whole.length}`);
      const [, width = "", height = ""] = /width="(\d+)" height="(\d+)"/.exec(whole) ?? [];
      const [a, b] = [whole, short].map((svg) => decodePng(pictureOf(svg, { width: Number(width), height: Number(height) }))); // prettier-ignore
      assert.ok(a !== undefined && b !== undefined && a.pixels.length === b.pixels.length);
      const off = a.pixels.reduce((count, value, at) => count + (Math.abs(value - (b.pixels[at] as number)) > 80 ? 1 : 0), 0); // prettier-ignore
      // Edges are smoothed a little differently where numbers are rounded.
      assert.ok(off < 0.002 * a.pixels.length, `${off} of ${a.pixels.length}`);
    });
  }
});
