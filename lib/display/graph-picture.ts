// The picture of a computation that is laid out: boxes, flows with what goes along them, modules around them. What is wider than a page is
// broken into rows, which are read like lines of text: what leaves a row on the right comes back in the next one on the left, at the same
// height. What looks alike is one path, so that 200 boxes take little space.

import type { Box, BoxKind, Computation } from "./computation.ts";
import { isCrowded, type Layout, type Rectangle } from "./dot.ts";
import { COLOURS, GREY } from "./theme.ts";

/** Pixels for each of Graphviz's points. */
const PIXELS = 1.1;
/** Pixels of a row: beyond, JupyterLab scrolls, and GitHub makes text too small to read. */
const ROW = 980;
/** Of what is continued, on both sides of a break; between two rows; around all. */
const OVERHANG = 10;
const BETWEEN = 28;
const MARGIN = 5;
const FONT = 11.5;
const LINE = 14;
/** From the middle of a line of text to its foot, and the width of a letter, which is seldom more. */
const FOOT = 4;
const LETTER = 6.8;
const BORDER = 4;
const CORNER = 5;
const ARROW = 2.2;

const [PARAMETER = GREY, ADJOINT = GREY] = COLOURS;

const ENTITIES: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

function escapeXml(text: string): string {
  return text.replaceAll(/[&<>"]/g, (character) => ENTITIES[character] as string);
}

/** The layout in whole pixels, if there is much of it: what is said often looks the same then wherever it stands, and takes less space. */
function inPixels({ width, height, boxes, flows, modules }: Layout, crowded: boolean): Layout {
  const scale = (x: number): number => (crowded ? Math.round(x * PIXELS) : x * PIXELS);
  const point = ([x, y]: readonly [number, number]): readonly [number, number] => [scale(x), scale(y)];
  const rectangle = <T extends Rectangle>(of: T): T => ({ ...of, x: scale(of.x), y: scale(of.y), width: scale(of.width), height: scale(of.height) }); // prettier-ignore
  return {
    width: scale(width),
    height: scale(height),
    boxes: boxes.map(rectangle),
    modules: modules.map(rectangle),
    flows: flows.map(({ curve, end, label, lines }) => ({ curve: curve.map(point), end: point(end), label: label === null ? null : point(label), lines })), // prettier-ignore
  };
}

/** A stretch of x, and what of y is to be seen there. */
interface Row {
  readonly from: number;
  readonly to: number;
  readonly top: number;
  readonly bottom: number;
}

function outer(kind: BoxKind, { x, y, width, height }: Rectangle): Rectangle {
  const border = kind === "parameter" ? BORDER : 0;
  return { x: x - border, y: y - border, width: width + 2 * border, height: height + 2 * border };
}

/** All that must not be cut: boxes and labels. */
function wholes({ boxes, flows }: Layout, kinds: readonly Box[]): Rectangle[] {
  return [
    ...boxes.map((box, k) => outer((kinds[k] as Box).kind, box)),
    ...flows.flatMap(({ label, lines }): Rectangle[] => {
      if (label === null || lines.length === 0) return [];
      const width = Math.max(...lines.map(({ length }) => length)) * LETTER;
      const height = lines.length * LINE;
      return [{ x: label[0] - width / 2, y: label[1] - height / 2, width, height }];
    }),
  ];
}

/** Where rows begin: after as much as there is room for, between boxes and labels. */
function breaks(width: number, whole: readonly Rectangle[]): number[] {
  const sorted = [...whole].sort((a, b) => a.x - b.x);
  const gaps: number[] = [];
  let right = -Infinity;
  for (const { x, width: own } of sorted) {
    if (x > right + 2 && right > 0) gaps.push((right + x) / 2);
    right = Math.max(right, x + own);
  }
  const starts = [0];
  for (let from = 0; width - from > ROW;) {
    const start = from;
    const next = gaps.findLast((x) => x > start && x - start <= ROW) ?? gaps.find((x) => x > start);
    if (next === undefined) break;
    starts.push(next);
    from = next;
  }
  return starts;
}

function rowsOf(layout: Layout, kinds: readonly Box[]): Row[] {
  const whole = wholes(layout, kinds);
  const starts = breaks(layout.width, whole);
  return starts.map((from, k) => {
    const to = starts[k + 1] ?? layout.width;
    const ys = [
      ...whole.filter(({ x, width }) => x + width / 2 >= from && x + width / 2 < to).flatMap(({ y, height }) => [y, y + height]),
      ...layout.modules.filter(({ x, width }) => x >= from && x + width <= to).flatMap(({ y, height }) => [y, y + height]),
      ...layout.flows.flatMap(({ curve }) => heightsWithin(curve, from, to)),
    ]; // prettier-ignore
    // Room for the names of modules that begin, or end, in another row.
    const open = starts.length > 1 ? layout.modules.filter((module) => isOpen(module, { from, to })).length : 0;
    const least = ys.reduce((a, b) => Math.min(a, b), Infinity) - open * LINE;
    const most = ys.reduce((a, b) => Math.max(a, b), -Infinity);
    return Number.isFinite(least)
      ? { from, to, top: least, bottom: most }
      : { from, to, top: 0, bottom: layout.height };
  });
}

function isOpen({ x, width }: Rectangle, { from, to }: { from: number; to: number }): boolean {
  return x < to && x + width > from && (x < from || x + width > to);
}

/** Where a curve is between two places; what controls it lies around it. */
function heightsWithin(curve: readonly (readonly [number, number])[], from: number, to: number): number[] {
  const ys: number[] = [];
  for (let k = 0; k + 3 < curve.length; k += 3) {
    const piece = curve.slice(k, k + 4);
    const xs = piece.map(([x]) => x);
    if (Math.max(...xs) >= from && Math.min(...xs) <= to) {
      for (let t = 0; t <= 8; t++) {
        const [x, y] = bezier(piece, t / 8);
        if (x >= from && x <= to) ys.push(y);
      }
    }
  }
  return ys;
}

function bezier(points: readonly (readonly [number, number])[], t: number): [number, number] {
  const weights = [(1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t ** 3];
  const sum = (axis: 0 | 1): number => points.reduce((total, point, k) => total + (weights[k] as number) * point[axis], 0); // prettier-ignore
  return [sum(0), sum(1)];
}

/** Writes the pieces of one row. */
class Pen {
  readonly #digits: number;

  constructor(crowded: boolean) {
    this.#digits = crowded ? 0 : 1;
  }

  /** Numbers one after the other. */
  at(...values: number[]): string {
    return values.map((value) => String(Number(value.toFixed(this.#digits)))).join(" ");
  }

  rectangle({ x, y, width, height }: Rectangle): string {
    return `M${this.at(x, y)}h${this.at(width)}v${this.at(height)}h${this.at(-width)}z`;
  }

  rounded({ x, y, width, height }: Rectangle): string {
    const [across, down] = [width - 2 * CORNER, height - 2 * CORNER];
    const corner = (dx: number, dy: number, ex: number, ey: number): string => `q${dx} ${dy} ${ex} ${ey}`;
    return [
      `M${this.at(x + CORNER, y)}h${this.at(across)}${corner(CORNER, 0, CORNER, CORNER)}`,
      `v${this.at(down)}${corner(0, CORNER, -CORNER, CORNER)}`,
      `h${this.at(-across)}${corner(-CORNER, 0, -CORNER, -CORNER)}`,
      `v${this.at(-down)}${corner(0, -CORNER, CORNER, -CORNER)}z`,
    ].join("");
  }

  curve(points: readonly (readonly [number, number])[]): string {
    const [[x, y] = [0, 0], ...rest] = points;
    if (rest.every(([, other]) => Math.abs(other - y) < 0.5)) {
      return `M${this.at(x, y)}H${this.at(rest.at(-1)?.[0] ?? x)}`;
    }
    return `M${this.at(x, y)}C${rest.map(([a, b]) => this.at(a, b)).join(" ")}`;
  }

  arrow([x, y]: readonly [number, number], [toX, toY]: readonly [number, number]): string {
    const length = Math.hypot(toX - x, toY - y) || 1;
    const [dx, dy] = [((toX - x) / length) * ARROW, ((toY - y) / length) * ARROW];
    const point = (a: number, b: number): string => `${Number(a.toFixed(1))} ${Number(b.toFixed(1))}`;
    return `M${point(x - dy, y + dx)}L${point(toX, toY)} ${point(x + dy, y - dx)}z`;
  }

  lines(lines: readonly string[], x: number, y: number): string {
    return lines
      .map(
        (line, k) =>
          `<text x="${this.at(x)}" y="${this.at(y + (k - (lines.length - 1) / 2) * LINE + FOOT)}">${escapeXml(line)}</text>`,
      ) // prettier-ignore
      .join("");
  }
}

function path(pieces: readonly string[], attributes: string): string {
  return pieces.length === 0 ? "" : `<path ${attributes} d="${pieces.join("")}"/>\n`;
}

function texts(pieces: readonly string[], attributes: string): string {
  return pieces.length === 0 ? "" : `<g ${attributes}>${pieces.join("")}</g>\n`;
}

function drawRow(row: Row, layout: Layout, kinds: readonly Box[], pen: Pen): string {
  const reach = { from: row.from - OVERHANG, to: row.to + OVERHANG };
  const isHere = (x: number): boolean => x >= row.from && x < row.to;
  const boxes = layout.boxes.map((box, k) => ({ ...box, kind: (kinds[k] as Box).kind })).filter(({ x, width }) => isHere(x + width / 2)); // prettier-ignore
  const of = (...kinds: readonly BoxKind[]): typeof boxes => boxes.filter(({ kind }) => kinds.includes(kind));
  const flows = layout.flows.filter(({ curve, end }) => {
    const xs = [...curve.map(([x]) => x), end[0]];
    return Math.min(...xs) < reach.to && Math.max(...xs) > reach.from;
  });
  const modules = layout.modules.filter(({ x, width }) => x < row.to && x + width > row.from);
  let open = 0;
  const names = modules.map((module) => {
    const [x, y] = isOpen(module, row) ? [Math.max(module.x, row.from) + 6, row.top + ++open * LINE - 9] : [module.x + 6, module.y + 10]; // prettier-ignore
    return pen.lines([module.name], x, Math.max(y, module.y + 8));
  });
  const say = (of: readonly (typeof boxes)[number][]): string[] =>
    of.map(({ x, y, width, height, lines }) => pen.lines(lines, x + width / 2, y + height / 2));
  // The operation, then its parameters.
  const parts = of("operation").map(({ x, y, width, height, lines: [name = "", ...leaves] }) => {
    const [across, middle] = [x + width / 2, y + height / 2];
    const half = LINE / 2;
    return {
      name: pen.lines([name], across, middle - half * leaves.length),
      leaves: pen.lines(leaves, across, middle + half),
    };
  });
  const frames = of("parameter").flatMap((box) => [pen.rectangle(box), pen.rectangle(outer("parameter", box))]);
  return [
    ...modules.map((module) => path([pen.rounded(module)], `stroke="${GREY}" stroke-dasharray="5 2"`)),
    texts(names, `fill="${GREY}" text-anchor="start"`),
    path(flows.map(({ curve }) => pen.curve(curve)), `stroke="${GREY}"`),
    path(flows.map(({ curve, end }) => pen.arrow(curve.at(-1) ?? end, end)), `fill="${GREY}"`),
    path(frames, `stroke="${PARAMETER}"`),
    path(of("operation").map((box) => pen.rounded(box)), `stroke="${GREY}"`),
    path(of("input", "output").map((box) => pen.rectangle(box)), `stroke="${GREY}" stroke-width="2"`),
    texts([...say(of("parameter")), ...parts.flatMap(({ leaves }) => (leaves === "" ? [] : [leaves]))], `fill="${PARAMETER}"`),
    texts([...parts.map(({ name }) => name), ...say(of("constant", "input", "output"))], `fill="${GREY}"`),
    texts(flows.flatMap(({ label, lines }) => (label !== null && isHere(label[0]) ? [pen.lines(lines, ...label)] : [])), `fill="${ADJOINT}"`),
  ].join(""); // prettier-ignore
}

/** The SVG of a computation; `title` says it in words. */
export function drawGraph({ boxes }: Computation, points: Layout, title: string): string {
  const layout = inPixels(points, isCrowded(boxes));
  const rows = rowsOf(layout, boxes);
  const pen = new Pen(isCrowded(boxes));
  const folded = rows.length > 1;
  const width = Math.max(...rows.map(({ from, to }) => to - from)) + 2 * (folded ? OVERHANG : MARGIN);
  const side = folded ? OVERHANG : MARGIN;
  let y = 0;
  const drawn = rows.map((row) => {
    const size = { width: row.to - row.from + 2 * side, height: row.bottom - row.top + 2 * MARGIN };
    const box = pen.at(row.from - side, row.top - MARGIN, size.width, size.height);
    // What is beyond the frame of an inner <svg> is not drawn.
    const svg = `<svg y="${pen.at(y)}" width="${pen.at(size.width)}" height="${pen.at(size.height)}" viewBox="${box}">\n${drawRow(row, layout, boxes, pen)}</svg>`; // prettier-ignore
    y += size.height + BETWEEN;
    return svg;
  });
  const height = y - BETWEEN;
  const said = folded ? `${title}. In ${rows.length} rows, to be read like lines of text` : title;
  const common = `fill="none" text-anchor="middle" font-family="Helvetica,Arial,sans-serif" font-size="${FONT}"`;
  const size = [Math.ceil(width), Math.ceil(height)] as const;
  const root = `<svg role="img" width="${size[0]}" height="${size[1]}" viewBox="0 0 ${size.join(" ")}"`;
  return `${root} ${common} xmlns="http://www.w3.org/2000/svg"><title>${escapeXml(said)}</title>\n${drawn.join("\n")}</svg>`;
}
