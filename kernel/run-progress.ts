// What a run tells its user: on a terminal one line with a bar, redrawn in place; elsewhere a line per cell. And how a failed
// cell is shown: number, source with the failing line marked, traceback. It knows no session.

import { stripVTControlCharacters } from "node:util";
import type { ErrorReply } from "./session.ts";

/** The part of `process.stderr` that is used here. */
export interface Terminal {
  isTTY?: boolean;
  columns?: number;
  write(text: string): unknown;
}

const barWidth = 20;

export class RunProgress {
  readonly #out: Terminal;
  readonly #redraws: boolean;
  readonly #colours: boolean;
  #name = "";
  #total = 0;
  #cell = 0;
  #cellStart = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(out: Terminal, environment: NodeJS.ProcessEnv = process.env) {
    this.#out = out;
    this.#redraws = out.isTTY === true && environment["TERM"] !== "dumb";
    this.#colours = this.#redraws && !environment["NO_COLOR"];
  }

  begin(name: string, total: number): void {
    this.#name = name;
    this.#total = total;
    this.#cell = 0;
    if (this.#redraws) this.#timer = setInterval(() => this.#draw(), 100);
  }

  cellStarted(cell: number): void {
    this.#cell = cell;
    this.#cellStart = performance.now();
    this.#draw();
  }

  cellEnded(status: "ok" | "failed"): void {
    if (this.#redraws) return;
    const time = formatSeconds((performance.now() - this.#cellStart) / 1000);
    this.#out.write(
      `${this.#name}: cell ${this.#cell} of ${this.#total}${status === "ok" ? "" : " failed"}: ${time}\n`,
    );
  }

  end(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    if (this.#redraws) this.#out.write("\r\x1b[K");
  }

  /** Text that stays on the screen, above the bar. */
  print(text: string): void {
    if (this.#redraws) this.#out.write("\r\x1b[K");
    this.#out.write(`${this.#colours ? text : stripVTControlCharacters(text)}\n`);
    if (this.#timer !== undefined) this.#draw();
  }

  #draw(): void {
    if (!this.#redraws || this.#cell === 0) return;
    // The running cell is not done yet.
    const full = Math.floor((barWidth * (this.#cell - 1)) / this.#total);
    const bar = "█".repeat(full) + "░".repeat(barWidth - full);
    const time = formatSeconds((performance.now() - this.#cellStart) / 1000, 1);
    const line = `${this.#name} ${bar} cell ${this.#cell} of ${this.#total} · ${time}`;
    // A line that wraps could not be redrawn.
    this.#out.write(`\r\x1b[K${line.slice(0, (this.#out.columns ?? 80) - 1)}`);
  }
}

export function formatSeconds(seconds: number, digits = 2): string {
  if (seconds < 10) return `${seconds.toFixed(digits)} s`;
  if (seconds < 59.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, "0")} s`;
}

/** Lines shown on either side of the failing one. */
const context = 8;

/** `cell` is the number that the traceback calls `Cell [n]`. */
export function formatFailure(cell: number, source: string, error: ErrorReply): string {
  const traceback = error.traceback.length > 0 ? error.traceback.join("\n") : `${error.ename}: ${error.evalue}`;
  const failing = failingLine(cell, traceback);
  const lines = source.split("\n");
  const first = failing === undefined ? 1 : Math.max(1, failing - context);
  const last = Math.min(lines.length, failing === undefined ? 2 * context : failing + context);
  const width = String(last).length;
  const shown = lines.slice(first - 1, last).map((line, index) => {
    const number = first + index;
    const text = `${number === failing ? ">" : " "} ${String(number).padStart(width)} | ${line}`.trimEnd();
    return number === failing ? `\x1b[1m${text}\x1b[22m` : text;
  });
  if (first > 1) shown.unshift(`  ${" ".repeat(width)} | …`);
  if (last < lines.length) shown.push(`  ${" ".repeat(width)} | …`);
  return `${shown.join("\n")}\n\n${traceback}`;
}

/** The line of this cell that the traceback names first, if it is one of the cell's. */
function failingLine(cell: number, traceback: string): number | undefined {
  const match = new RegExp(`Cell \\[${cell}\\](?::|,? line )(\\d+)`).exec(stripVTControlCharacters(traceback));
  return match === null ? undefined : Number(match[1]);
}
