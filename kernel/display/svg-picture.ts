// The PNG of an SVG that an object shows itself by. Loaded with the first one, as charts are.

import type { Shown } from "./bundle.ts";
import { pictureEngine } from "./engines.ts";

/** Characters of SVG; what is larger takes longer to draw than a reader waits. */
const SOURCE_LIMIT = 2_000_000;
/** Pixels of the PNG: it stays small, and is drawn in the time of a chart. */
const PIXEL_LIMIT = 4_000_000;
/** CSS pixels beyond which a picture is not made to fit its place, but scrolled: scaled down, nobody could read it. */
const WIDE = 1000;
/** CSS pixels in each unit of https://www.w3.org/TR/css-values-3/#absolute-lengths. */
const UNITS: Record<string, number> = { "": 1, px: 1, pt: 4 / 3, pc: 16, in: 96, cm: 96 / 2.54, mm: 96 / 25.4 };

/** Its size in CSS pixels; null where it tells none. */
export function svgSize(svg: string): { width: number; height: number } | null {
  const [root = ""] = /<svg\b[^>]*>/.exec(svg) ?? [];
  const length = (side: string): number | null => {
    const [, number, unit = ""] = new RegExp(`\\s${side}\\s*=\\s*["']\\s*([\\d.]+)([a-z]*)\\s*["']`).exec(root) ?? [];
    const factor = UNITS[unit];
    return number === undefined || factor === undefined ? null : Number(number) * factor;
  };
  const [, box = ""] = /\sviewBox\s*=\s*["']([^"']*)["']/.exec(root) ?? [];
  const [, , boxWidth = 0, boxHeight = 0] = box.trim().split(/[\s,]+/).map(Number); // prettier-ignore
  const width = length("width");
  const height = length("height");
  const size = width !== null && height !== null ? { width, height } : { width: boxWidth, height: boxHeight };
  return size.width > 0 && size.height > 0 ? size : null;
}

/** What JupyterLab reads: https://jupyterlab.readthedocs.io/en/stable/user/notebook.html. */
function pictureMetadata(size: { width: number; height: number }): Shown["metadata"] {
  if (size.width <= WIDE) return { "image/png": size };
  return { "image/png": { ...size, unconfined: true }, "image/svg+xml": { unconfined: true } };
}

/** The PNG, in `room` bytes if it can; nothing where it has no size or is too large. Throws what the drawing throws. */
export function svgPicture(svg: string, room: number): Shown {
  const size = svgSize(svg);
  if (size === null || svg.length > SOURCE_LIMIT) return { data: {}, metadata: {} };
  const png = pictureEngine().pictureOf(svg, size, { pixels: PIXEL_LIMIT, bytes: (room * 3) / 4 });
  return { data: { "image/png": png.toString("base64") }, metadata: pictureMetadata(size) };
}
