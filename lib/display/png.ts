// Pictures as PNG (https://www.w3.org/TR/png-3/), in plain TypeScript, so that they need neither a canvas nor Node. Compression is deflate's
// fixed code (RFC 1951) with matches at two distances only, the pixel before and the row above: pictures of tensors are enlarged pixel by
// pixel, so that is where they repeat.

/** Eight bits for each of one (grey) or three (red, green, blue) channels, row by row. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 3;
  readonly pixels: Uint8Array;
}

class Bits {
  bytes = new Uint8Array(1 << 12);
  length = 0;
  #held = 0;
  #count = 0;

  byte(value: number): void {
    if (this.length === this.bytes.length) {
      const larger = new Uint8Array(2 * this.length);
      larger.set(this.bytes);
      this.bytes = larger;
    }
    this.bytes[this.length++] = value;
  }

  /** The lowest bit first. */
  put(value: number, count: number): void {
    this.#held |= value << this.#count;
    this.#count += count;
    while (this.#count >= 8) {
      this.byte(this.#held & 255);
      this.#held >>>= 8;
      this.#count -= 8;
    }
  }

  /** A Huffman code: the highest bit first. */
  code(value: number, count: number): void {
    let turned = 0;
    for (let k = 0; k < count; k++) turned |= ((value >> k) & 1) << (count - 1 - k);
    this.put(turned, count);
  }

  flush(): void {
    if (this.#count > 0) this.put(0, 8 - this.#count);
  }
}

/** A literal byte, the end (256) or a length (from 257) in the fixed code of RFC 1951, 3.2.6. */
function symbol(bits: Bits, value: number): void {
  if (value < 144) bits.code(0x30 + value, 8);
  else if (value < 256) bits.code(0x190 + value - 144, 9);
  else if (value < 280) bits.code(value - 256, 7);
  else bits.code(0xc0 + value - 280, 8);
}

/** The code of a length or distance, and the extra bits: RFC 1951, 3.2.5, whose tables double their steps every `per` codes. */
function ranged(value: number, smallest: number, per: 2 | 4): [code: number, extra: number, bits: number] {
  let base = smallest;
  let bits = 0;
  for (let code = 0; ; code++) {
    bits = code < 2 * per ? 0 : Math.floor(code / per) - 1;
    if (value < base + (1 << bits)) return [code, value - base, bits];
    base += 1 << bits;
  }
}

const LONGEST = 258;

function match(bits: Bits, length: number, distance: number): void {
  const [code, extra, count] = length === LONGEST ? [28, 0, 0] : ranged(length, 3, 4);
  symbol(bits, 257 + code);
  bits.put(extra, count);
  const [place, rest, more] = ranged(distance, 1, 2);
  bits.code(place, 5);
  bits.put(rest, more);
}

function matching(data: Uint8Array, at: number, distance: number): number {
  if (distance > at || distance > 32768) return 0;
  let length = 0;
  while (length < LONGEST && at + length < data.length && data[at + length] === data[at + length - distance]) length++;
  return length;
}

/** The data in zlib's format (RFC 1950). */
export function deflate(data: Uint8Array, distances: readonly number[]): Uint8Array {
  const bits = new Bits();
  bits.byte(0x78);
  bits.byte(0x01);
  bits.put(1, 1);
  bits.put(1, 2);
  for (let at = 0; at < data.length;) {
    let [best, distance] = [0, 0];
    for (const d of distances) {
      const length = matching(data, at, d);
      if (length > best) [best, distance] = [length, d];
    }
    if (best >= 3) {
      match(bits, best, distance);
      at += best;
    } else symbol(bits, data[at++] as number);
  }
  symbol(bits, 256);
  bits.flush();
  let [a, b] = [1, 0];
  for (const byte of data) {
    a = (a + byte) % 65521;
    b = (b + a) % 65521;
  }
  for (const byte of [b >> 8, b & 255, a >> 8, a & 255]) bits.byte(byte);
  return bits.bytes.slice(0, bits.length);
}

function crc(data: Uint8Array): number {
  let sum = -1;
  for (const byte of data) {
    sum ^= byte;
    for (let k = 0; k < 8; k++) sum = (sum >>> 1) ^ (sum & 1 ? 0xedb88320 : 0);
  }
  return ~sum >>> 0;
}

function chunk(type: string, data: Uint8Array): Uint8Array {
  const out = new Uint8Array(data.length + 12);
  const view = new DataView(out.buffer);
  view.setUint32(0, data.length);
  for (let k = 0; k < 4; k++) out[4 + k] = type.charCodeAt(k);
  out.set(data, 8);
  view.setUint32(data.length + 8, crc(out.subarray(4, data.length + 8)));
  return out;
}

/** The picture as a PNG file, every pixel enlarged to `scale` × `scale`. */
export function encodePng({ width, height, channels, pixels }: Picture, scale = 1): Uint8Array {
  const stride = width * scale * channels + 1;
  const rows = new Uint8Array(stride * height * scale);
  for (let y = 0; y < height; y++) {
    const start = y * scale * stride;
    let at = start + 1;
    for (let x = 0; x < width; x++)
      for (let copy = 0; copy < scale; copy++)
        for (let c = 0; c < channels; c++) rows[at++] = pixels[(y * width + x) * channels + c] as number;
    for (let copy = 1; copy < scale; copy++) rows.copyWithin(start + copy * stride, start, start + stride);
  }
  const header = new Uint8Array(13);
  const view = new DataView(header.buffer);
  view.setUint32(0, width * scale);
  view.setUint32(4, height * scale);
  header.set([8, channels === 1 ? 0 : 2, 0, 0, 0], 8);
  const parts = [
    Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a),
    chunk("IHDR", header),
    chunk("IDAT", deflate(rows, [stride, channels])),
    chunk("IEND", new Uint8Array(0)),
  ];
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

const DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** Bytes as text, for messages and addresses. */
export function base64(data: Uint8Array): string {
  const parts: string[] = [];
  for (let k = 0; k < data.length; k += 3) {
    const [a = 0, b = 0, c = 0] = data.subarray(k, k + 3);
    const word = (a << 16) | (b << 8) | c;
    const left = data.length - k;
    parts.push(
      DIGITS.charAt(word >> 18) +
        DIGITS.charAt((word >> 12) & 63) +
        (left > 1 ? DIGITS.charAt((word >> 6) & 63) : "=") +
        (left > 2 ? DIGITS.charAt(word & 63) : "="),
    );
  }
  return parts.join("");
}
