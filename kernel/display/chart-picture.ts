// The PNG of an SVG. Resvg draws it, as WebAssembly: the native one ends the whole process when it panics, and no interrupt could
// end it. Node compresses the pixels, in a fifth of the time that WebAssembly takes.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { crc32, deflateSync } from "node:zlib";
import * as resvg from "@resvg/resvg-wasm";
import { BUNDLED_FAMILY, fontsFor } from "./chart-fonts.ts";

/** What the build adds to resvg. */
const { initSync } = resvg as unknown as { initSync(module: object): void };

/** Pixels for each CSS pixel, as most screens have them. */
const SCALE = 2;
const PIXEL_LIMIT = 40_000_000;
/** Characters of SVG; more take resvg many seconds. */
const SOURCE_LIMIT = 16_000_000;

/** Types for Node have no WebAssembly. */
declare const WebAssembly: { Module: new (bytes: Uint8Array) => object };

let compiled: object | undefined;
/** A panic, or an interrupt that cuts off resvg, leaves its memory in disorder. */
let usable = false;

/** Throws a RangeError for what is too large or has no size, an Error for what resvg cannot draw. */
export function pictureOf(svg: string, size: { width: number; height: number }, pixels = PIXEL_LIMIT): Buffer {
  if (!(size.width > 0 && size.height > 0)) throw new RangeError("it has no size");
  if (svg.length > SOURCE_LIMIT) throw new RangeError(`its SVG has ${(svg.length / 1e6).toFixed(0)} MB`);
  const fonts = fontsFor(svg);
  try {
    return drawn(withoutLayers(svg, hasOnePaint), size, fonts, pixels);
  } catch (error) {
    if (!(error instanceof Error && error.message === PANIC)) throw error;
    return drawn(
      withoutLayers(svg, () => true),
      size,
      fonts,
      pixels,
    );
  }
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

function drawn(
  svg: string,
  { width, height }: { width: number; height: number },
  fontBuffers: Uint8Array[],
  pixels: number,
): Buffer {
  compiled ??= new WebAssembly.Module(
    readFileSync(createRequire(import.meta.url).resolve("@resvg/resvg-wasm/index_bg.wasm")),
  );
  if (!usable) initSync(compiled);
  usable = false;
  const image = new resvg.Resvg(svg, {
    fitTo: { mode: "zoom", value: Math.min(SCALE, Math.sqrt(pixels / (width * height))) },
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
  const png = encode(picture.pixels, picture.width, picture.height);
  picture.free();
  image.free();
  usable = true;
  return png;
}

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

/** https://www.w3.org/TR/png-3, without filters, which make charts no smaller; without alpha where all is opaque. */
function encode(pixels: Uint8Array, width: number, height: number): Buffer {
  let opaque = true;
  for (let at = 3; at < pixels.length && opaque; at += 4) opaque = pixels[at] === 255;
  const channels = opaque ? 3 : 4;
  const lines = Buffer.alloc(height * (1 + width * channels));
  let to = 0;
  for (let at = 0; at < pixels.length; at += 4) {
    if (at % (4 * width) === 0) to++;
    const alpha = pixels[at + 3] ?? 0;
    for (let channel = 0; channel < 3; channel++) {
      const value = pixels[at + channel] ?? 0;
      // Resvg multiplies colours by alpha, PNG does not.
      lines[to++] = alpha === 255 || alpha === 0 ? value : Math.min(255, Math.round((value * 255) / alpha));
    }
    if (!opaque) lines[to++] = alpha;
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, opaque ? 2 : 6], 8);
  return Buffer.concat([
    SIGNATURE,
    chunk("IHDR", header),
    chunk("IDAT", deflateSync(lines)),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const ends = Buffer.alloc(8);
  ends.writeUInt32BE(data.length, 0);
  ends.writeUInt32BE(crc32(body), 4);
  return Buffer.concat([ends.subarray(0, 4), body, ends.subarray(4)]);
}
