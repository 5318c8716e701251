// What the kernel adds to the bundles of objects that show themselves: pictures for those who draw nothing.
import assert from "node:assert/strict";
import { bundleOf } from "../../kernel/display/mime.ts";
import { svgSize } from "../../kernel/display/svg-picture.ts";
import { decodePng, inkIn } from "../png.ts";

const DISPLAY = Symbol.for("Jupyter.display");
const VEGA_LITE = "application/vnd.vegalite.v5+json";
const SPEC = {
  $schema: "https://vega.github.io/schema/vega-lite/v5.json",
  description: "a <rising> line & no more",
  data: { values: [{ x: 1, y: 2 }, { x: 2, y: 3 }] }, // prettier-ignore
  layer: [{ mark: "line" }, { mark: { type: "point", opacity: 0, tooltip: true } }],
  encoding: { x: { field: "x", type: "quantitative" }, y: { field: "y", type: "quantitative" } },
};
const SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="30pt" height="15pt"><rect width="30" height="9"/></svg>';

async function shown(bundle: object): Promise<{ data: Record<string, unknown>; metadata: Record<string, unknown> }> {
  return bundleOf({ [DISPLAY]: () => bundle });
}

function pngOf(data: Record<string, unknown>): ReturnType<typeof decodePng> {
  return decodePng(Buffer.from(String(data["image/png"]), "base64"));
}

describe("the bundle of an object that shows itself", () => {
  it("with a chart's specification alone gets its SVG and PNG, and keeps its own text", async () => {
    const { data, metadata } = await shown({ [VEGA_LITE]: SPEC, "text/plain": "a line" });
    assert.deepEqual(Object.keys(data).sort(), [VEGA_LITE, "image/png", "image/svg+xml", "text/plain"]);
    assert.deepEqual(data[VEGA_LITE], SPEC);
    assert.equal(data["text/plain"], "a line");
    assert.match(String(data["image/svg+xml"]), /^<svg role="img" [^>]*><title>a &lt;rising&gt; line &amp; no more</);
    const { width } = metadata["image/png"] as { width: number };
    assert.equal(pngOf(data).width, 2 * width);
  });

  it("has no invisible marks in its SVG", async () => {
    const { data } = await shown({ [VEGA_LITE]: SPEC });
    assert.doesNotMatch(String(data["image/svg+xml"]), / opacity="0"/);
    assert.match(String(data["image/svg+xml"]), /<path d="M[^"]*L[^"]*" stroke=/);
  });

  it("keeps a picture that it brings along", async () => {
    const { data, metadata } = await shown({ [VEGA_LITE]: SPEC, "image/svg+xml": SVG, "image/png": "AAAA" });
    assert.equal(data["image/svg+xml"], SVG);
    assert.equal(data["image/png"], "AAAA");
    assert.deepEqual(metadata, {});
  });

  it("with an SVG gets the PNG of it, at its size", async () => {
    const { data, metadata } = await shown({ "image/svg+xml": SVG, "text/plain": "x" });
    assert.equal(data["image/svg+xml"], SVG);
    assert.deepEqual(metadata["image/png"], { width: 40, height: 20 });
    const png = pngOf(data);
    assert.deepEqual([png.width, png.height], [80, 40]);
    assert.ok(inkIn(png) > 1000);
  });

  it("says in its text why there is no picture, and shows the rest", async () => {
    const { data } = await shown({ [VEGA_LITE]: { ...SPEC, layer: [{ mark: "lines" }] }, "text/plain": "x" });
    assert.match(String(data["text/plain"]), /^x\n\[no picture: "lines" is no mark; marks are arc, /);
    assert.deepEqual(Object.keys(data).sort(), [VEGA_LITE, "text/plain"]);
    const broken = await shown({ "image/svg+xml": '<svg width="9" height="9"><g>', "text/plain": "x" });
    assert.match(String(broken.data["text/plain"]), /^x\n\[no picture: /);
  });
});

describe("svgSize", () => {
  it("is in CSS pixels, from lengths or from the view box", () => {
    assert.deepEqual(svgSize('<svg width="1in" height="3pc">'), { width: 96, height: 48 });
    assert.deepEqual(svgSize("<svg viewBox='0 0 12.5 4' width='100%'>"), { width: 12.5, height: 4 });
    assert.equal(svgSize("<svg>"), null);
  });
});
