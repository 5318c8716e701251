// What a bundle lacks for those who draw nothing themselves: to a chart that comes as a specification alone, the SVG and the PNG that
// nbconvert and GitHub show; to an SVG the PNG, for JupyterLab shows no SVG of a notebook that it does not trust. So a library needs no
// engine to draw with. What the bundle has is left as it is, and a picture that cannot be drawn is only a line of its text.
// All of it together is to take less than 200 kB of the notebook's file. Where that is not enough the PNG is drawn with fewer pixels, and
// then the SVG of a chart is left out: those who would show it show the PNG as well.

import { type Shown, storedSize } from "./bundle.ts";
import { type ChartLanguage, isObject } from "./chart-spec.ts";
import { chartPictures } from "./chart.ts";
import { svgPicture } from "./svg-picture.ts";

const CHARTS: Record<string, ChartLanguage> = {
  "application/vnd.vegalite.v5+json": "vega-lite",
  "application/vnd.vega.v5+json": "vega",
};
const SVG = "image/svg+xml";
const PNG = "image/png";
/** Bytes of a bundle in a notebook's file, some of them for what surrounds it there. */
const ALL = 196_000;
/** A picture that shows nothing is none, whatever else there is. */
const LEAST = 40_000;

/** The bundle with what it lacks; a promise where the chart's data or images have to be loaded. Never throws or rejects. */
export function completed(shown: Shown): Shown | Promise<Shown> {
  const { data } = shown;
  const failed = (error: unknown): Shown => {
    const reason = error instanceof Error ? error.message : String(error);
    return { ...shown, data: { ...data, "text/plain": `${String(data["text/plain"])}\n[no picture: ${reason}]` } };
  };
  const added = ({ data: pictures, metadata }: Shown): Shown => ({
    data: { ...data, ...(!(SVG in data) && pick(pictures, SVG)), ...(!(PNG in data) && pick(pictures, PNG)) },
    metadata: { ...(!(PNG in data) && metadata), ...shown.metadata },
  });
  const room = (): number =>
    Math.max(LEAST, Object.values(data).reduce<number>((left, format) => left - storedSize(format), ALL)); // prettier-ignore
  try {
    const type = Object.keys(CHARTS).find((type) => isObject(data[type]));
    if (type !== undefined && !(SVG in data && PNG in data)) {
      const drawn = chartPictures(data[type] as object, CHARTS[type] as ChartLanguage, room());
      return drawn instanceof Promise ? drawn.then(added, failed) : added(drawn);
    }
    return typeof data[SVG] === "string" && !(PNG in data) ? added(svgPicture(data[SVG], room())) : shown;
  } catch (error) {
    return failed(error);
  }
}

function pick(data: Shown["data"], type: string): Shown["data"] {
  return type in data ? { [type]: data[type] } : {};
}
