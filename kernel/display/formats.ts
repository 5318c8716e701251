// The formats that a user names: `display.html("…")`, `display.png(bytes)`. Each checks what it is given and says what it takes.

import { existsSync, readFileSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { asJson, type Shown } from "./bundle.ts";
import type { ChartLanguage } from "./chart-spec.ts";
import { drawChart } from "./chart.ts";
import { bytesOf, IMAGE_NAMES, imageBundle, imageType, type ImageType, isSvg } from "./image.ts";
import { counted, lineOf, textOf } from "./text.ts";

export interface ImageSize {
  /** In pixels of the page. Default: the picture's own. */
  width?: number;
  height?: number;
}

type Binary = ArrayBufferView | ArrayBufferLike;
/** Bytes, base64, a data URL, or the path or URL of a file. */
type Source = Binary | string | URL;

/** Text beside a format that is not meant to be read as it is. */
const PLAIN_CHARACTERS = 1000;

function text(name: string, value: unknown): string {
  if (typeof value === "string") return value;
  throw new TypeError(`display.${name}: takes a string, not ${lineOf(value, 100)}`);
}

function shown(type: string, content: string, plain = content): Shown {
  return { data: { [type]: content, "text/plain": plain }, metadata: {} };
}

/** The source where it is short. */
function sourceOr(source: string, kind: string): string {
  return source.length <= PLAIN_CHARACTERS ? source : `${kind}, ${counted(source.length)} characters`;
}

/** JupyterLab renders `$…$`, `$$…$$` and environments, and no other delimiters. */
export function delimited(source: string): string {
  const converted = source
    .replace(/(?<!\\)\\\[([^]*?)(?<!\\)\\\]/g, (_, formula: string) => `$$${formula}$$`)
    .replace(/(?<!\\)\\\(([^]*?)(?<!\\)\\\)/g, (_, formula: string) => `$${formula.trim()}$`);
  return /(?<!\\)\$|^\s*\\begin\{/.test(converted) ? converted : `$$${converted.trim()}$$`;
}

/** A file that exists; paths are relative to the notebook's folder. */
function fileBytes(source: string | URL): Buffer | null {
  try {
    const path =
      source instanceof URL ? fileURLToPath(source) : source.startsWith("file:") ? fileURLToPath(source) : source;
    return existsSync(path) && statSync(path).isFile() ? readFileSync(path) : null;
  } catch {
    return null; // No path after all: too long, with a NUL, another host's.
  }
}

const BASE64 = /^[\sA-Za-z0-9+/_-]+=*\s*$/;

/** Bytes from a buffer, base64, a data URL, or a file. */
function binary(name: string, value: unknown): Buffer {
  const bytes = bytesOf(value);
  if (bytes !== null) return bytes;
  if (value instanceof URL || typeof value === "string") {
    const [, encoded] = typeof value === "string" ? (/^data:[^,]*;base64,([^]*)$/.exec(value) ?? []) : [];
    if (encoded !== undefined) return Buffer.from(encoded, "base64");
    const file = fileBytes(value);
    if (file !== null) return file;
    if (typeof value === "string" && value.length >= 8 && BASE64.test(value)) return Buffer.from(value, "base64");
    throw new TypeError(`display.${name}: neither a file that exists nor base64: ${lineOf(value, 100)}`);
  }
  throw new TypeError(
    `display.${name}: takes a buffer, base64, or the path of a file, not ${value === null ? "null" : lineOf(value, 100)}`,
  );
}

function image(name: string, expected: ImageType, value: unknown, size: ImageSize): Shown {
  const bytes = binary(name, value);
  const type = imageType(bytes);
  if (type !== expected) {
    const found = type === null ? `the ${bytes.length} bytes begin otherwise` : `this is ${IMAGE_NAMES[type]}`;
    throw new TypeError(`display.${name}: no ${IMAGE_NAMES[expected]} data: ${found}`);
  }
  const { width, height } = size;
  return imageBundle(type, bytes, {
    ...(width === undefined ? {} : { width }),
    ...(height === undefined ? {} : { height }),
  });
}

function chart(name: string, spec: unknown, language: ChartLanguage): Shown | Promise<Shown> {
  if (typeof spec !== "object" || spec === null || Array.isArray(spec)) {
    throw new TypeError(`display.${name}: takes a specification, an object, not ${lineOf(spec, 100)}`);
  }
  return drawChart(spec, language);
}

/** What `display.NAME(content)` shows. Each throws a TypeError for content that is not of its format. */
export const FORMATS = {
  /**
   * Text as it is, without quotes.
   *
   *     display.text("100 %")
   */
  text: (content: string): Shown => ({ data: { "text/plain": text("text", content) }, metadata: {} }),

  /**
   * HTML; in a notebook that is not trusted, without styles and scripts.
   *
   *     display.html("<b>bold</b>")
   */
  html: (content: string): Shown => shown("text/html", text("html", content), sourceOr(content, "HTML")),

  /**
   * Markdown, with formulas between dollar signs.
   *
   *     display.markdown("**bold**, $x^2$")
   */
  markdown: (content: string): Shown => shown("text/markdown", text("markdown", content)),

  /**
   * A formula, or text with formulas in any of TeX's delimiters.
   *
   *     display.latex(String.raw`\frac{1}{2} x^2`)
   */
  latex: (content: string): Shown => shown("text/latex", delimited(text("latex", content)), content),

  /**
   * JavaScript that the front end runs, if it trusts the notebook; `element` is the output's.
   *
   *     display.javascript("element.textContent = navigator.language")
   */
  javascript: (content: string): Shown =>
    shown("application/javascript", text("javascript", content), sourceOr(content, "JavaScript")),

  /**
   * A tree to unfold of anything that JSON can say.
   *
   *     display.json({ a: [1, 2, 3] })
   */
  json: (content: unknown): Shown => ({
    data: { "application/json": asJson("display.json", content), "text/plain": textOf(content) },
    metadata: {},
  }),

  /**
   * An SVG document, as text or in a buffer.
   *
   *     display.svg('<svg xmlns="http://www.w3.org/2000/svg"><circle r="9" cx="9" cy="9"/></svg>')
   */
  svg: (content: string | Binary): Shown => {
    const bytes = bytesOf(content);
    const source = bytes === null ? text("svg", content) : bytes.toString("utf8");
    if (!isSvg(source)) throw new TypeError(`display.svg: does not begin with <svg: ${lineOf(source, 100)}`);
    return shown("image/svg+xml", source, sourceOr(source, "SVG image"));
  },

  /**
   * A PNG image: a buffer, base64, a data URL, or a file; in its own size or in the given one.
   *
   *     display.png("./plot.png", { width: 400 })
   */
  png: (content: Source, size: ImageSize = {}): Shown => image("png", "image/png", content, size),

  /** The same for JPEG. */
  jpeg: (content: Source, size: ImageSize = {}): Shown => image("jpeg", "image/jpeg", content, size),

  /** The same for GIF. */
  gif: (content: Source, size: ImageSize = {}): Shown => image("gif", "image/gif", content, size),

  /** The same for WebP. */
  webp: (content: Source, size: ImageSize = {}): Shown => image("webp", "image/webp", content, size),

  /**
   * A PDF document: a buffer, base64, a data URL, or a file. Shown by JupyterLab, if it trusts the notebook.
   *
   *     display.pdf("./paper.pdf")
   */
  pdf: (content: Source): Shown => {
    const bytes = binary("pdf", content);
    if (bytes.toString("latin1", 0, 4) !== "%PDF") {
      throw new TypeError("display.pdf: no PDF data: it does not begin with %PDF");
    }
    return shown("application/pdf", bytes.toString("base64"), `PDF document, ${counted(bytes.length)} bytes`);
  },

  /**
   * A chart by its vega-lite specification, whose `$schema` may be left out.
   *
   *     display.vegaLite({ mark: "bar", data: { values: [{ x: "a", y: 1 }] }, encoding: { x: { field: "x" }, y: { field: "y" } } })
   */
  vegaLite: (spec: object): Shown | Promise<Shown> => chart("vegaLite", spec, "vega-lite"),

  /** The same for vega. */
  vega: (spec: object): Shown | Promise<Shown> => chart("vega", spec, "vega"),
};

/** A picture of whatever format; a TypeError for what is none. */
export function anyImage(value: unknown): Shown {
  const bytes = binary("image", value);
  const type = imageType(bytes);
  if (type === null) throw new TypeError("display.image: neither PNG, JPEG, GIF, WebP nor SVG");
  return imageBundle(type, bytes);
}
