// Pixels as a PNG (https://www.w3.org/TR/png-3), as small as it gets without a loss that anybody sees: of at most 256 colours, as charts have
// them, each pixel is one byte that names its colour. Edges that are smoothed have more; then the colours are those that stand in for all
// within a distance that no eye tells. Pictures of more than that, such as photographs, stay as they are. Node compresses, in a fifth of the
// time that WebAssembly takes.

import { crc32, deflateSync } from "node:zlib";

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const COLOURS = 256;
/** As many as four bits can tell apart: enough for text and lines in a few colours, in two thirds of the space. */
const FEW_COLOURS = 16;
/** How far, of 255, a pixel's colour may be from that which stands in for it, on the average. */
const NEAR = 3;
/** More colours than these are a photograph's. */
const MANY = 200_000;

/** The PNG of pixels of four bytes, whose colours are multiplied by their alpha; with fewer colours if it has more than `bytes`. */
export function encodePng(pixels: Uint8Array, width: number, height: number, bytes = Infinity): Buffer {
  const words = new Uint32Array(pixels.buffer, pixels.byteOffset, pixels.length / 4);
  const counts = countsOf(words);
  const palette = paletteOf(counts, COLOURS);
  if (palette === null) return encodeColours(pixels, width, height);
  const png = encodeIndexed(words, palette, width, height);
  const few = png.length > bytes ? paletteOf(counts, FEW_COLOURS) : null;
  return few === null ? png : encodeIndexed(words, few, width, height);
}

/** How often each colour occurs; null for a photograph. */
function countsOf(words: Uint32Array): Map<number, number> | null {
  const counts = new Map<number, number>();
  for (let at = 0; at < words.length;) {
    const word = words[at] as number;
    const from = at++;
    while (at < words.length && words[at] === word) at++;
    counts.set(word, (counts.get(word) ?? 0) + at - from);
    if (counts.size > MANY) return null;
  }
  return counts;
}

interface Palette {
  /** Colours as they are in the pixels. */
  readonly colours: readonly number[];
  readonly places: ReadonlyMap<number, number>;
}

function channel(word: number, k: number): number {
  return (word >>> (8 * k)) & 255;
}

interface Box {
  readonly words: readonly number[];
  /** The channel in which its colours differ most, and by how much. */
  readonly axis: number;
  readonly extent: number;
}

function boxOf(words: readonly number[]): Box {
  let axis = 0;
  let extent = -1;
  for (let k = 0; k < 4; k++) {
    let least = 255;
    let most = 0;
    for (const word of words) {
      const value = channel(word, k);
      if (value < least) least = value;
      if (value > most) most = value;
    }
    if (most - least > extent) [axis, extent] = [k, most - least];
  }
  return { words, axis, extent };
}

/**
 * Colours in so many boxes, the widest of which is halved again and again (median cut, https://doi.org/10.1145/965145.801294, by width, so that
 * also a rare colour is near the one that stands in for it). In each box the most frequent colour stands for all: grounds stay exact.
 */
function paletteOf(counts: ReadonlyMap<number, number> | null, most: number): Palette | null {
  if (counts === null) return null;
  const boxes = [boxOf([...counts.keys()])];
  while (boxes.length < most) {
    let widest = 0;
    for (let k = 1; k < boxes.length; k++) if ((boxes[k] as Box).extent > (boxes[widest] as Box).extent) widest = k;
    const { words, axis, extent } = boxes[widest] as Box;
    if (extent <= 0) break;
    const values = words.map((word) => channel(word, axis));
    const middle = values.reduce((a, b) => Math.min(a, b)) + extent / 2;
    boxes[widest] = boxOf(words.filter((_, k) => (values[k] as number) <= middle));
    boxes.push(boxOf(words.filter((_, k) => (values[k] as number) > middle)));
  }
  const places = new Map<number, number>();
  const colours = boxes.map(({ words }, place) => {
    for (const word of words) places.set(word, place);
    return words.reduce((a, b) => ((counts.get(b) ?? 0) > (counts.get(a) ?? 0) ? b : a));
  });
  let pixels = 0;
  let far = 0;
  for (const [word, count] of counts) {
    pixels += count;
    far += count * distance(word, colours[places.get(word) as number] as number);
  }
  return far <= NEAR * pixels ? { colours, places } : null;
}

/** That in the channel in which they differ most. */
function distance(a: number, b: number): number {
  let most = 0;
  for (let k = 0; k < 4; k++) most = Math.max(most, Math.abs(channel(a, k) - channel(b, k)));
  return most;
}

/** PNG's colours are not multiplied by their alpha. */
function plain(value: number, alpha: number): number {
  return alpha === 255 || alpha === 0 ? value : Math.min(255, Math.round((value * 255) / alpha));
}

function encodeIndexed(words: Uint32Array, { colours, places }: Palette, width: number, height: number): Buffer {
  // Those that are not opaque come first: the list of alphas ends with them.
  const order = colours.map((_, k) => k).sort((a, b) => channel(colours[a] as number, 3) - channel(colours[b] as number, 3)); // prettier-ignore
  const bytes = new Uint8Array(colours.length);
  order.forEach((place, k) => (bytes[place] = k));
  const perByte = colours.length <= FEW_COLOURS ? 2 : 1;
  const lines = Buffer.alloc(height * (1 + Math.ceil(width / perByte)));
  let last = -1;
  let byte = 0;
  for (let at = 0, to = -1; at < words.length; at++) {
    const column = at % width;
    if (column === 0) to++;
    const word = words[at] as number;
    if (word !== last) {
      byte = bytes[places.get(word) as number] as number;
      last = word;
    }
    if (column % perByte === 0) to++;
    // The first of two pixels is in the upper half of a byte.
    lines[to] = perByte === 1 ? byte : column % 2 === 0 ? byte << 4 : (lines[to] as number) | byte;
  }
  const alphas = order.map((place) => channel(colours[place] as number, 3));
  const palette = order.flatMap((place, k) => [0, 1, 2].map((c) => plain(channel(colours[place] as number, c), alphas[k] as number))); // prettier-ignore
  const transparent = alphas.filter((alpha) => alpha < 255);
  return file(width, height, perByte === 2 ? [4, 3] : [8, 3], lines, [
    chunk("PLTE", Buffer.from(palette)),
    ...(transparent.length > 0 ? [chunk("tRNS", Buffer.from(transparent))] : []),
  ]);
}

/** Without alpha where all is opaque. */
function encodeColours(pixels: Uint8Array, width: number, height: number): Buffer {
  let opaque = true;
  for (let at = 3; at < pixels.length && opaque; at += 4) opaque = pixels[at] === 255;
  const lines = Buffer.alloc(height * (1 + width * (opaque ? 3 : 4)));
  let to = 0;
  for (let at = 0; at < pixels.length; at += 4) {
    if (at % (4 * width) === 0) to++;
    const alpha = pixels[at + 3] ?? 0;
    for (let k = 0; k < 3; k++) lines[to++] = plain(pixels[at + k] ?? 0, alpha);
    if (!opaque) lines[to++] = alpha;
  }
  return file(width, height, [8, opaque ? 2 : 6], lines, []);
}

/** Without filters, which make charts no smaller. */
function file(
  width: number,
  height: number,
  kind: [depth: number, colours: number],
  lines: Buffer,
  chunks: readonly Buffer[],
): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set(kind, 8);
  const data = chunk("IDAT", deflateSync(lines, { level: 9, memLevel: 9 }));
  return Buffer.concat([SIGNATURE, chunk("IHDR", header), ...chunks, data, chunk("IEND", Buffer.alloc(0))]);
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const ends = Buffer.alloc(8);
  ends.writeUInt32BE(data.length, 0);
  ends.writeUInt32BE(crc32(body), 4);
  return Buffer.concat([ends.subarray(0, 4), body, ends.subarray(4)]);
}
