// How all charts look: the same on a white and on a black page, since a notebook's theme changes under a chart that is there already. The
// ground is transparent; text and lines are greys and colours in the middle, with a contrast of at least 4.3 (text) and 3.6 (lines) to
// white and to #111. No colour comes without a dash or a shape of its own.

export const GREY = "#797979";
export const COLOURS = ["#2f7ed8", "#c96a11", "#2a9461", "#b8559b", "#8a6fd1", "#97811f", "#cf4f5f", "#4f8f9d"];
const DASHES = [[1, 0], [8, 4], [2, 3], [10, 3, 2, 3], [5, 2], [1, 4], [14, 4], [6, 2, 1, 2, 1, 2]]; // prettier-ignore
const SHAPES = [
  "circle",
  "square",
  "triangle-up",
  "cross",
  "diamond",
  "triangle-down",
  "triangle-right",
  "triangle-left",
];

export const VEGA_LITE = "application/vnd.vegalite.v5+json";
const TEXT = { labelColor: GREY, titleColor: GREY, labelFontSize: 12, titleFontSize: 12, titleFontWeight: "bold" };

/** What every specification begins with. */
export const BASE = {
  $schema: "https://vega.github.io/schema/vega-lite/v5.json",
  background: "transparent",
  config: {
    font: "sans-serif",
    view: { stroke: null },
    axis: { ...TEXT, domainColor: GREY, tickColor: GREY, gridColor: GREY, gridOpacity: 0.25, labelOverlap: true },
    legend: { ...TEXT, symbolStrokeWidth: 2, symbolSize: 400, labelLimit: 240 },
    header: TEXT,
    title: { color: GREY, subtitleColor: GREY, fontSize: 14, subtitleFontSize: 12, anchor: "start" },
  },
};
export const WIDTH = 460;
export const HEIGHT = 260;

function nth<T>(list: readonly T[], k: number): T {
  return list[k % list.length] as T;
}

/** One colour and one dash, or one shape, for each of the names, in their order. */
export function distinct(names: readonly string[]): Record<"colour" | "dash" | "shape", object> {
  const scale = <T>(range: readonly T[]): object => ({
    domain: names,
    range: names.map((_, k) => nth(range, k)),
  });
  return { colour: scale(COLOURS), dash: scale(DASHES), shape: scale(SHAPES) };
}
