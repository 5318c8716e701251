// Reads a PNG as https://www.w3.org/TR/png-3 defines it, to check what was drawn: 8 bits a channel, grey, RGB or RGBA, or a
// palette of 8 or 4 bits, not interlaced.
import assert from "node:assert/strict";
import { crc32, inflateSync } from "node:zlib";

export interface Picture {
  width: number;
  height: number;
  /** Red, green and blue of each pixel. */
  pixels: Uint8Array;
}

/** Throws for a file that is damaged. */
export function decodePng(file: Buffer): Picture {
  assert.equal(file.subarray(0, 8).toString("latin1"), "\u0089PNG\r\n\u001a\n");
  const chunks = new Map<string, Buffer[]>();
  for (let at = 8; at < file.length;) {
    const length = file.readUInt32BE(at);
    const type = file.toString("latin1", at + 4, at + 8);
    const end = at + 8 + length;
    assert.equal(file.readUInt32BE(end), crc32(file.subarray(at + 4, end)), `checksum of ${type}`);
    chunks.set(type, [...(chunks.get(type) ?? []), file.subarray(at + 8, end)]);
    at = end + 4;
  }
  assert.ok(chunks.has("IEND"));
  const header = chunks.get("IHDR")?.[0];
  assert.ok(header);
  const [width, height] = [header.readUInt32BE(0), header.readUInt32BE(4)];
  const channels: number | undefined = { 0: 1, 2: 3, 3: 1, 6: 4 }[header[9] ?? 0];
  const palette = header[9] === 3 ? chunks.get("PLTE")?.[0] : undefined;
  const depth = header[8] ?? 0;
  assert.ok(channels && header[12] === 0 && (depth === 8 || (depth === 4 && palette !== undefined)));
  const lines = inflateSync(Buffer.concat(chunks.get("IDAT") ?? []));
  const length = 1 + Math.ceil((width * channels * depth) / 8);
  assert.equal(lines.length, height * length);
  const pixels = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++) {
    const start: number = y * length;
    assert.equal(lines[start], 0, "lines without filters are all that is read here");
    for (let x = 0; x < width; x++) {
      const first = start + 1 + ((x * channels * depth) >> 3);
      const value: number = depth === 8 ? (lines[first] ?? 0) : ((lines[first] ?? 0) >> (x % 2 === 0 ? 4 : 0)) & 15;
      const grey = [value, value, value];
      const colour: ArrayLike<number> =
        palette?.subarray(3 * value, 3 * value + 3) ?? (channels === 1 ? grey : lines.subarray(first, first + 3));
      assert.equal(colour.length, 3, "a colour of the palette");
      pixels.set(colour, (y * width + x) * 3);
    }
  }
  return { width, height, pixels };
}

/** How many pixels are dark. */
export function inkIn({ pixels }: Picture): number {
  let ink = 0;
  for (let at = 0; at < pixels.length; at += 3) {
    if ((pixels[at] ?? 0) + (pixels[at + 1] ?? 0) + (pixels[at + 2] ?? 0) < 3 * 100) ink++;
  }
  return ink;
}
