// Bytes that are a picture, known by how they begin: PNG, JPEG, GIF, WebP, SVG. The size goes along where the format tells it at
// a known place.

import type { Shown } from "./bundle.ts";
import { escapeHtml } from "./table.ts";
import { counted } from "./text.ts";

export type ImageType = "image/png" | "image/jpeg" | "image/gif" | "image/webp" | "image/svg+xml";

export const IMAGE_NAMES: Record<ImageType, string> = {
  "image/png": "PNG",
  "image/jpeg": "JPEG",
  "image/gif": "GIF",
  "image/webp": "WebP",
  "image/svg+xml": "SVG",
};

interface Size {
  width: number;
  height: number;
}

/** The bytes of a buffer, without a copy; null for what holds none. */
export function bytesOf(value: unknown): Buffer | null {
  if (ArrayBuffer.isView(value)) return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  if (value instanceof ArrayBuffer || value instanceof SharedArrayBuffer) return Buffer.from(value);
  return null;
}

const PNG_SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
/** How far into a file its first element is looked for. */
const SVG_PROLOGUE = 4096;

/** The type of the picture that the bytes are, or null. */
export function imageType(bytes: Buffer): ImageType | null {
  if (bytes.length < 4) return null;
  switch (bytes[0]) {
    case 0x89:
      return bytes.subarray(0, 8).equals(PNG_SIGNATURE) ? "image/png" : null;
    case 0xff:
      return bytes[1] === 0xd8 && bytes[2] === 0xff ? "image/jpeg" : null;
    case 0x47: {
      const start = bytes.toString("latin1", 0, 6);
      return start === "GIF87a" || start === "GIF89a" ? "image/gif" : null;
    }
    case 0x52:
      return bytes.toString("latin1", 0, 4) === "RIFF" && bytes.toString("latin1", 8, 12) === "WEBP"
        ? "image/webp"
        : null;
    default:
      return isSvg(bytes.toString("utf8", 0, SVG_PROLOGUE)) ? "image/svg+xml" : null;
  }
}

/** Whether text begins with an element `svg`; a declaration, comments and a doctype may come before. */
export function isSvg(text: string): boolean {
  const start = text.slice(0, SVG_PROLOGUE).replace(/^\ufeff/, "");
  let offset = 0;
  while (offset >= 0) {
    const [space = ""] = /^\s*/.exec(start.slice(offset)) ?? [];
    offset += space.length;
    if (start.startsWith("<!--", offset)) offset = after(start, "-->", offset);
    else if (start.startsWith("<?", offset)) offset = after(start, "?>", offset);
    else if (start.startsWith("<!DOCTYPE svg", offset)) offset = after(start, ">", offset);
    else return /^<svg[\s>/]/.test(start.slice(offset, offset + 5));
  }
  return false;
}

function after(text: string, end: string, from: number): number {
  const found = text.indexOf(end, from);
  return found < 0 ? -1 : found + end.length;
}

function sizeOf(type: ImageType, bytes: Buffer): Size | null {
  if (type === "image/png" && bytes.length >= 24) {
    return { width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) };
  }
  if (type === "image/gif" && bytes.length >= 10) {
    return { width: bytes.readUInt16LE(6), height: bytes.readUInt16LE(8) };
  }
  return type === "image/jpeg" ? jpegSize(bytes) : null;
}

/** From the frame header, behind segments that each tell their length. */
function jpegSize(bytes: Buffer): Size | null {
  let offset = 2;
  while (offset + 9 <= bytes.length && bytes[offset] === 0xff) {
    const marker = bytes.readUInt8(offset + 1);
    const isFrame = marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
    if (isFrame) return { width: bytes.readUInt16BE(offset + 7), height: bytes.readUInt16BE(offset + 5) };
    offset += 2 + bytes.readUInt16BE(offset + 2);
  }
  return null;
}

/** nbconvert shows these in HTML only, and front ends that show both prefer the HTML. */
const IN_HTML: ReadonlySet<ImageType> = new Set(["image/gif", "image/webp"]);
const IN_HTML_BYTES = 1_000_000;

/** The picture, and what it is as text. */
export function imageBundle(type: ImageType, bytes: Buffer, size: Partial<Size> = {}): Shown {
  const own = sizeOf(type, bytes);
  const dimensions = own === null ? "" : `, ${own.width} × ${own.height}`;
  const text = `${IMAGE_NAMES[type]} image${dimensions}, ${counted(bytes.length)} bytes`;
  const encoded = type === "image/svg+xml" ? bytes.toString("utf8").replace(/^\ufeff/, "") : bytes.toString("base64");
  const html = IN_HTML.has(type) && bytes.length <= IN_HTML_BYTES;
  const shownSize = Object.keys(size).length > 0 ? size : own;
  return {
    data: {
      [type]: encoded,
      ...(html ? { "text/html": `<img src="data:${type};base64,${encoded}" alt="${text}"${attributes(size)}>` } : {}),
      "text/plain": text,
    },
    metadata: shownSize === null ? {} : { [type]: shownSize },
  };
}

function attributes(size: Partial<Size>): string {
  return Object.entries(size)
    .map(([name, value]) => ` ${name}="${escapeHtml(String(value))}"`)
    .join("");
}

/** The picture that a value is: a buffer that begins like one, or null. */
export function imageOf(value: unknown): Shown | null {
  const isBytes = value instanceof Uint8Array || value instanceof Uint8ClampedArray || value instanceof ArrayBuffer;
  const bytes = isBytes ? bytesOf(value) : null;
  const type = bytes === null ? null : imageType(bytes);
  return bytes === null || type === null ? null : imageBundle(type, bytes);
}
