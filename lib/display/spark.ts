// A curve in one line of text: its shape in eight heights of block, and its numbers.

import { number } from "./bundle.ts";
import type { Point } from "./thin.ts";

const BLOCKS = "▁▂▃▄▅▆▇█";
const COLUMNS = 40;

/** The mean height in each column; a space where there is nothing. */
export function sparkline(points: readonly Point[], log = false, columns = COLUMNS): string {
  const height = (y: number): number => (log ? Math.log(y) : y);
  const drawn: [number, number][] = [];
  let [left, right, bottom, top] = [Infinity, -Infinity, Infinity, -Infinity];
  for (const [x, y] of points) {
    const at = y === null ? NaN : height(y);
    if (!Number.isFinite(at)) continue;
    drawn.push([x, at]);
    left = Math.min(left, x);
    right = Math.max(right, x);
    bottom = Math.min(bottom, at);
    top = Math.max(top, at);
  }
  if (drawn.length === 0) return "";
  const width = Math.min(columns, drawn.length);
  const cells = Array.from({ length: width }, () => ({ sum: 0, count: 0 }));
  for (const [x, y] of drawn) {
    const at = right === left ? 0 : Math.min(width - 1, Math.floor(((x - left) / (right - left)) * width));
    const cell = cells[at] as { sum: number; count: number };
    cell.sum += y;
    cell.count++;
  }
  return cells
    .map(({ sum, count }) => {
      if (count === 0) return " ";
      const share = top === bottom ? 0.5 : (sum / count - bottom) / (top - bottom);
      return BLOCKS[Math.min(7, Math.floor(share * 8))] as string;
    })
    .join("");
}

/** What is known of a curve's values besides its shape. */
export interface Span {
  readonly first: number;
  readonly last: number;
  readonly least: number;
  readonly leastAt: number;
}

/** `2.31 → 0.12, lowest 0.11 at step 187` */
export function spanText({ first, last, least, leastAt }: Span, unit: string): string {
  const lowest = least < last && least < first ? `, lowest ${number(least)} at ${unit} ${number(leastAt)}` : "";
  return `${number(first)} → ${number(last)}${lowest}`;
}
