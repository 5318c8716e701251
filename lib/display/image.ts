// Tensors as pictures: one element is one pixel, enlarged without smoothing; what has more pixels than a page is averaged first.

import { elementReader } from "../elements.ts";
import { isFloat } from "../dtype.ts";
import { nameOf } from "../names.ts";
import { show, sizeOf } from "../shape.ts";
import { concrete, type Tensor } from "../trace.ts";
import { bundle, type Bundle, CHARACTERS, clip, DISPLAY, Display, escapeAttribute, number } from "./bundle.ts";
import { base64, encodePng, type Picture } from "./png.ts";
import { type Statistics, statistics } from "./statistics.ts";

/** How a tensor becomes a picture. */
export interface ImageOptions {
  /** The number that is black; 0 for numbers within 0 to 1 or (whole ones) 0 to 255, else the smallest. */
  readonly min?: number;
  /** The number that is white. */
  readonly max?: number;
  /** Blue above zero and orange below, instead of shades of grey; for one channel. */
  readonly signed?: boolean;
  /** How many points wide and high a pixel is; as many as make the picture about 256 points. */
  readonly scale?: number;
  /** Pictures in a row, when the tensor holds several; 8. */
  readonly columns?: number;
}

const POINTS = 256;
const GRID_POINTS = 400;
const LARGEST = 512;
const LARGEST_SCALED = 2048;
/** More would not fit into a display with its text, as base64. */
const FILE_BYTES = 140_000;
const PICTURES = 32;
/** Elements among which the largest is looked for. */
const SEARCHED = 1_000_000;

/** Where the channels of one picture lie. */
interface Layout {
  readonly count: number;
  readonly height: number;
  readonly width: number;
  readonly channels: 1 | 3;
  /** The number of an element in its tensor. */
  at(picture: number, y: number, x: number, channel: number): number;
}

function layoutOf({ shape }: Tensor): Layout {
  const isChannels = (n: number | undefined): n is 1 | 3 => n === 1 || n === 3;
  const [n, a, b, c] = shape.length === 4 ? shape : [1, ...shape];
  if (shape.length >= 2 && shape.length <= 4 && n !== undefined && a !== undefined && b !== undefined) {
    if (c === undefined) return { count: 1, height: a, width: b, channels: 1, at: (_, y, x) => y * b + x };
    if (isChannels(c)) {
      return { count: n, height: a, width: b, channels: c, at: (k, y, x, ch) => ((k * a + y) * b + x) * c + ch };
    }
    if (isChannels(a)) {
      return { count: n, height: b, width: c, channels: a, at: (k, y, x, ch) => ((k * a + ch) * b + y) * c + x };
    }
  }
  throw new RangeError(
    `image: expected [h, w], [h, w, 3], [3, h, w], or several as [n, 1, h, w] or [n, h, w, 3], not ${show(shape)}`,
  );
}

function rangeOf(x: Tensor, stats: Statistics, options: ImageOptions): { min: number; max: number } {
  let [min, max] = [Number.isNaN(stats.min) ? 0 : stats.min, Number.isNaN(stats.max) ? 1 : stats.max];
  if (options.signed === true) {
    const most = Math.max(Math.abs(min), Math.abs(max));
    [min, max] = [-most, most];
  } else if (min >= 0 && max <= 1) [min, max] = [0, 1];
  else if (!isFloat(x.dtype) && min >= 0 && max <= 255) [min, max] = [0, 255];
  const range = { min: options.min ?? min, max: options.max ?? max };
  if (!(range.min <= range.max))
    throw new RangeError(`image: min must not be above max: ${range.min} and ${range.max}`);
  return range;
}

/** The pictures in a grid, the average of `shrink` × `shrink` elements in each pixel. */
function draw(
  x: Tensor,
  layout: Layout,
  columns: number,
  shrink: number,
  range: { min: number; max: number },
  signed: boolean,
): Picture {
  const { channels } = layout;
  const count = Math.min(layout.count, PICTURES);
  const read = elementReader(concrete("image", x));
  const [w, h] = [Math.ceil(layout.width / shrink), Math.ceil(layout.height / shrink)];
  const gap = count > 1 ? 1 : 0;
  const across = Math.min(columns, count);
  const width = across * (w + gap) - gap;
  const height = Math.ceil(count / across) * (h + gap) - gap;
  const colours = signed && channels === 1 ? 3 : channels;
  const pixels = new Uint8Array(width * height * colours).fill(gap === 1 ? 128 : 0);
  // Of a very large one, some 16 of the elements of a pixel.
  const every = Math.max(1, Math.floor(shrink / 4));
  const share = (value: number): number => Math.min(1, Math.max(0, (value - range.min) / (range.max - range.min || 1)));
  for (let k = 0; k < count; k++)
    for (let y = 0; y < h; y++)
      for (let c = 0; c < w; c++) {
        const at = ((Math.floor(k / across) * (h + gap) + y) * width + (k % across) * (w + gap) + c) * colours;
        for (let channel = 0; channel < channels; channel++) {
          let [sum, n] = [0, 0];
          for (let dy = y * shrink; dy < Math.min(layout.height, (y + 1) * shrink); dy += every)
            for (let dx = c * shrink; dx < Math.min(layout.width, (c + 1) * shrink); dx += every) {
              sum += read(layout.at(k, dy, dx, channel));
              n++;
            }
          const part = share(sum / n);
          if (colours === channels) pixels[at + channel] = Math.round(255 * part);
          else pixels.set(diverging(2 * part - 1), at);
        }
      }
  return { width, height, channels: colours, pixels };
}

/** White at 0, blue at 1, orange at -1. */
function diverging(share: number): [number, number, number] {
  const [red, green, blue] = share > 0 ? [29, 78, 216] : [194, 65, 12];
  const towards = (full: number): number => Math.round(255 + (full - 255) * Math.abs(share));
  return [towards(red), towards(green), towards(blue)];
}

/** As large as fits. */
function fileOf(x: Tensor, layout: Layout, range: { min: number; max: number }, options: ImageOptions): Uint8Array {
  const { columns = 8, signed = false } = options;
  if (options.scale !== undefined && !(Number.isInteger(options.scale) && options.scale >= 1)) {
    throw new RangeError(`image: scale is a whole number from 1, not ${options.scale}`);
  }
  if (!(Number.isInteger(columns) && columns >= 1)) {
    throw new RangeError(`image: columns is a whole number from 1, not ${columns}`);
  }
  const across = Math.min(columns, layout.count);
  const side = Math.max(layout.width * across, layout.height * Math.ceil(Math.min(layout.count, PICTURES) / across));
  for (let shrink = Math.max(1, Math.ceil(side / LARGEST)); ; shrink *= 2) {
    const picture = draw(x, layout, columns, shrink, range, signed);
    const larger = Math.max(picture.width, picture.height);
    const scale = Math.min(
      options.scale ?? Math.floor((layout.count > 1 ? GRID_POINTS : POINTS) / larger),
      Math.floor(LARGEST_SCALED / larger),
    );
    const file = encodePng(picture, Math.max(1, scale));
    if (file.length <= FILE_BYTES || shrink > side) return file;
  }
}

/** How bright it is on the whole, and where it is brightest, of one picture with one channel. */
function told(x: Tensor, { mean, max }: Statistics): string {
  const average = Number.isFinite(mean) ? `; on average ${number(mean, 3)}` : "";
  if (x.shape.length !== 2 || sizeOf(x.shape) > SEARCHED || !Number.isFinite(max)) return average;
  const read = elementReader(concrete("image", x));
  const [rows = 0, columns = 0] = x.shape;
  for (let k = 0; k < rows * columns; k++)
    if (read(k) === max) return `${average}, largest in row ${Math.floor(k / columns)}, column ${k % columns}`;
  return average;
}

/** A picture of a tensor. */
export class TensorImage extends Display {
  /** What the picture shows, in words: its text for who does not see it. */
  readonly alt: string;
  /** The picture as a PNG file. */
  readonly png: Uint8Array;

  /** @internal */
  constructor(x: Tensor, options: ImageOptions) {
    super();
    const layout = layoutOf(x);
    const stats = statistics(x);
    const range = rangeOf(x, stats, options);
    // Drawn at once, since numbers may change in place.
    this.png = fileOf(x, layout, range, options);
    const name = nameOf(x);
    const shown = layout.count > PICTURES ? `, the first ${PICTURES} pictures` : "";
    const colours = options.signed === true ? "from orange to blue" : "from black to white";
    const what = name === undefined ? "" : `${clip(name)}, `;
    this.alt = `${what}${x.dtype} ${show(x.shape)}${shown}, ${number(range.min)} to ${number(range.max)} ${colours}${told(x, stats)}`;
  }

  /** The picture as the address of an `img`. */
  get address(): string {
    return `data:image/png;base64,${base64(this.png)}`;
  }

  override toString(): string {
    return `[image: ${this.alt}]`;
  }

  /** As PNG, and as HTML, for no front end gives a PNG alternative text; a large one as PNG alone. */
  override [DISPLAY](): Bundle {
    return bundle(
      () => this.toString(),
      () => {
        const png = base64(this.png);
        const html = `<img src="${this.address}" alt="${escapeAttribute(this.alt)}">`;
        const both = 2 * html.length < CHARACTERS;
        return { ...(both ? { "text/html": html } : {}), "image/png": png };
      },
    );
  }
}
