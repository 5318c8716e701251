// The PNG of an SVG. Resvg draws it, as WebAssembly: the native one ends the whole process when it panics, and no interrupt could
// end it.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import * as resvg from "@resvg/resvg-wasm";
import { BUNDLED_FAMILY, fontsFor } from "./chart-fonts.ts";
import { encodePng } from "./png.ts";

/** What the build adds to resvg. */
const { initSync } = resvg as unknown as { initSync(module: object): void };

/** Pixels for each CSS pixel, as most screens have them; and the fewest with which a picture shows anything. */
export const SCALE = 2;
const LEAST_SCALE = 0.4;
/** A file grows less than its pixels: by about this power of the scale. It is drawn so often until it fits. */
const GROWTH = 1.7;
const TRIES = 3;
const ALMOST = 0.6;
const PIXEL_LIMIT = 40_000_000;
/** Characters of SVG; more take resvg many seconds. */
const SOURCE_LIMIT = 16_000_000;

/** Types for Node have no WebAssembly. */
declare const WebAssembly: { Module: new (bytes: Uint8Array) => object };

let compiled: object | undefined;
/** A panic, or an interrupt that cuts off resvg, leaves its memory in disorder. */
let usable = false;

/** With how many pixels for each CSS pixel a picture that was drawn with `scale` is likely to have no more than so many bytes. */
export function scaleFor(bytes: number, png: Buffer, scale: number): number {
  return 0.95 * scale * (bytes / png.length) ** (1 / GROWTH);
}

export interface PictureLimits {
  readonly pixels?: number;
  /** Of the file, if that can be. */
  readonly bytes?: number;
  /** The fewest pixels for each CSS pixel with which it is drawn so that it has no more bytes. */
  readonly least?: number;
  /** The most, with which it is drawn first. */
  readonly first?: number;
}

/** Throws a RangeError for what is too large or has no size, an Error for what resvg cannot draw. */
export function pictureOf(
  svg: string,
  size: { width: number; height: number },
  { pixels = PIXEL_LIMIT, bytes = Infinity, least = LEAST_SCALE, first = SCALE }: PictureLimits = {},
): Buffer {
  if (!(size.width > 0 && size.height > 0)) throw new RangeError("it has no size");
  if (svg.length > SOURCE_LIMIT) throw new RangeError(`its SVG has ${(svg.length / 1e6).toFixed(0)} MB`);
  const fonts = fontsFor(svg);
  const draw = (scale: number): Buffer => {
    try {
      return drawn(withoutLayers(svg, hasOnePaint), fonts, scale, bytes);
    } catch (error) {
      if (!(error instanceof Error && error.message === PANIC)) throw error;
      return drawn(
        withoutLayers(svg, () => true),
        fonts,
        scale,
        bytes,
      );
    }
  };
  let scale = Math.min(first, Math.sqrt(pixels / (size.width * size.height)));
  let png = draw(scale);
  for (let tries = 0; tries < TRIES && png.length > bytes && scale > least; tries++) {
    const next = scaleFor(bytes, png, scale);
    // With a pixel for each CSS pixel, text that is repeated looks the same everywhere and takes less space.
    scale = scale > 1 && next > ALMOST && next < 1 ? 1 : Math.max(least, next);
    png = draw(scale);
  }
  return png;
}

/** A panic of resvg's is an instruction of this name in its WebAssembly. */
const PANIC = "unreachable";

/**
 * Resvg draws what has an opacity as a layer of its own, and panics when that lies outside of the picture, as a point does that is
 * beyond the domain of an axis. So shapes get the opacity of their fill and stroke instead; the same, unless they have both.
 */
function withoutLayers(svg: string, concerned: (attributes: string) => boolean): string {
  return svg.replaceAll(/<(?:path|line|rect|text)\b[^>]*? opacity="[\d.]+"[^>]*>/g, (tag) => {
    if (!concerned(tag)) return tag;
    const opacity = Number(/ opacity="([\d.]+)"/.exec(tag)?.[1]);
    const paint = (name: string): string => {
      const own = new RegExp(` ${name}-opacity="([\\d.]+)"`).exec(tag)?.[1] ?? "1";
      return ` ${name}-opacity="${opacity * Number(own)}"`;
    };
    return tag
      .replaceAll(/ (?:fill-|stroke-)?opacity="[\d.]+"/g, "")
      .replace(/\/?>$/, (end) => `${paint("fill")}${paint("stroke")}${end}`);
  });
}

function hasOnePaint(tag: string): boolean {
  return !(/ fill="(?!none|transparent)/.test(tag) && / stroke="(?!none|transparent)/.test(tag));
}

function drawn(svg: string, fontBuffers: Uint8Array[], scale: number, bytes: number): Buffer {
  compiled ??= new WebAssembly.Module(
    readFileSync(createRequire(import.meta.url).resolve("@resvg/resvg-wasm/index_bg.wasm")),
  );
  if (!usable) initSync(compiled);
  usable = false;
  const image = new resvg.Resvg(svg, {
    fitTo: { mode: "zoom", value: scale },
    font: {
      fontBuffers,
      defaultFontFamily: BUNDLED_FAMILY,
      sansSerifFamily: BUNDLED_FAMILY,
      serifFamily: BUNDLED_FAMILY,
      monospaceFamily: BUNDLED_FAMILY,
      cursiveFamily: BUNDLED_FAMILY,
      fantasyFamily: BUNDLED_FAMILY,
    },
  });
  const picture = image.render();
  const png = encodePng(picture.pixels, picture.width, picture.height, bytes);
  picture.free();
  image.free();
  usable = true;
  return png;
}
