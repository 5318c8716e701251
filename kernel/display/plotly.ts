// Figures of plotly, which front ends with its extension draw: an object with `layout` and with `data` that are traces.

import type { Shown } from "./bundle.ts";
import { isObject, plainJson } from "./chart-spec.ts";
import { textOf } from "./text.ts";

const TYPE = "application/vnd.plotly.v1+json";

/** The types of https://plotly.com/javascript/reference; objects with `data` and `layout` need not be plotly's. */
const TRACES = new Set(
  (
    "bar barpolar box candlestick carpet choropleth choroplethmap choroplethmapbox cone contour contourcarpet densitymap " +
    "densitymapbox funnel funnelarea heatmap heatmapgl histogram histogram2d histogram2dcontour icicle image indicator isosurface " +
    "mesh3d ohlc parcats parcoords pie pointcloud sankey scatter scatter3d scattercarpet scattergeo scattergl scattermap " +
    "scattermapbox scatterpolar scatterpolargl scattersmith scatterternary splom streamtube sunburst surface table treemap " +
    "violin volume waterfall"
  ).split(" "),
);

export function isPlotly(value: object): value is { data: unknown[]; layout: object } {
  const { data, layout } = value as { data?: unknown; layout?: unknown };
  if (!Array.isArray(data) || data.length === 0 || !isObject(layout) || Array.isArray(layout)) return false;
  return data.every((trace) => isObject(trace) && typeof trace["type"] === "string" && TRACES.has(trace["type"]));
}

export function plotlyBundle(value: { data: unknown[]; layout: object }): Shown {
  const { data, layout, frames, config } = value as {
    data: unknown;
    layout: unknown;
    frames?: unknown;
    config?: unknown;
  };
  const figure = JSON.parse(plainJson({ data, layout, frames, config }, "vega-lite")) as object;
  return { data: { [TYPE]: figure, "text/plain": textOf(value) }, metadata: {} };
}
