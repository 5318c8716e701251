// How far a loop is: one line that follows it, with the rate, the time that is left and the latest values, after the model of tqdm
// (https://tqdm.github.io). A bar within another is a line below it as long as it runs; when all is done one line stays.

import { flatValues } from "../create.ts";
import { sizeOf } from "../shape.ts";
import { concrete, isTensor } from "../trace.ts";
import { type Bundle, bundle, clip, counted, DISPLAY, type Displayed, escapeHtml, number } from "./bundle.ts";
import { LiveDisplay } from "./live.ts";

/** A value to show: a number, a tensor, text; of a list the last element; of a function what it returns. */
export type Shown = unknown;
/** Values by their names. */
export type Values = Readonly<Record<string, Shown>>;

/** How {@link progress} counts. */
export interface ProgressOptions {
  /** What the loop does. */
  readonly title?: string;
  /** How many items there are, where the iterable does not say. */
  readonly total?: number;
}

const EIGHTHS = " ▏▎▍▌▋▊▉";
const COLUMNS = 20;

function valueText(value: Shown): string {
  if (typeof value === "function") {
    try {
      return valueText(Reflect.apply(value, undefined, []));
    } catch (error) {
      // The loop is not the place for it to fail.
      return `[${clip(error instanceof Error ? error.message : String(error), 60)}]`;
    }
  }
  if (typeof value === "number") return number(value);
  if (isTensor(value)) {
    if (sizeOf(value.shape) !== 1) return `[${value.shape.join(", ")}]`;
    return number(flatValues(concrete("progress", value))[0] as number);
  }
  if (Array.isArray(value) || (ArrayBuffer.isView(value) && "length" in value)) {
    const list = value as ArrayLike<unknown>;
    return list.length === 0 ? "–" : valueText(list[list.length - 1]);
  }
  return clip(String(value), 60);
}

/** `20 ms`, `0.8 s`, `2 min 5 s`, `3 h 2 min` */
export function duration(milliseconds: number): string {
  if (milliseconds < 100) return `${Math.round(milliseconds)} ms`;
  const seconds = milliseconds / 1000;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  const hours = Math.floor(whole / 3600);
  return hours < 100 ? `${hours} h ${Math.floor((whole % 3600) / 60)} min` : `${counted(Math.round(hours / 24))} days`;
}

/** One loop. */
class Line {
  readonly #title: string;
  readonly total: number | null;
  readonly values: Record<string, Shown>;
  done = 0;
  state: "runs" | "done" | "stopped" = "runs";
  readonly #begun = Date.now();
  #ended = 0;

  constructor(title: string, total: number | null, values: Record<string, Shown>) {
    this.#title = title;
    this.total = total;
    this.values = values;
  }

  end(state: "done" | "stopped"): void {
    if (this.state !== "runs") return;
    this.state = state;
    this.#ended = Date.now();
  }

  /** The part that is done, where the whole is known. */
  get share(): number | null {
    return this.total === null || this.total === 0 ? null : Math.min(1, this.done / this.total);
  }

  get title(): string {
    return this.#title;
  }

  /** What stands beside the bar. */
  said(): string {
    const { done, total, share, state } = this;
    const time = (state === "runs" ? Date.now() : this.#ended) - this.#begun;
    const of = total === null ? "" : ` of ${counted(total)}`;
    const parts = [`${state === "stopped" ? "stopped at " : ""}${counted(done)}${of}`];
    if (share !== null && state !== "done") parts.unshift(`${Math.floor(share * 100)} %`);
    if (done > 0 && time >= 100) parts.push(`${number((done * 1000) / time, 3)}/s`);
    if (state !== "runs") parts.push(duration(time));
    else if (total !== null && done > 0 && time >= 100) parts.push(`${duration((time * (total - done)) / done)} left`);
    for (const [name, value] of Object.entries(this.values)) parts.push(`${clip(name, 40)} ${valueText(value)}`);
    return parts.join(" · ");
  }

  bar(): string {
    if (this.share === null) return "";
    const eighths = Math.floor(this.share * COLUMNS * 8);
    const partial = eighths % 8 === 0 ? "" : (EIGHTHS[eighths % 8] as string);
    return `▕${("█".repeat(Math.floor(eighths / 8)) + partial).padEnd(COLUMNS)}▏ `;
  }

  text(said: string): string {
    return `${this.#title === "" ? "" : `${this.#title} `}${this.bar()}${said}`;
  }

  html(said: string): string {
    const { share } = this;
    const title = this.#title === "" ? "progress" : this.#title;
    const bar = share === null ? "" : ` <progress max="1" value="${Number(share.toFixed(4))}"></progress>`;
    return `<div><label>${escapeHtml(title)}${bar}</label> ${escapeHtml(said)}</div>`;
  }
}

/** The lines of loops within each other, in one output. */
class Bars implements Displayed {
  readonly lines: Line[] = [];
  readonly live = new LiveDisplay(
    this,
    () => this[DISPLAY](),
    () => this.#close(),
  );

  /** The cell has ended: what still runs was cut off. */
  #close(): void {
    this.lines.length = Math.min(1, this.lines.length);
    this.lines[0]?.end("stopped");
    if (running === this) running = null;
  }

  end(line: Line, state: "done" | "stopped"): void {
    line.end(state);
    const at = this.lines.indexOf(line);
    // With it those within it whose loops were left by an exception.
    if (at > 0) this.lines.length = at;
    if (at === 0) {
      this.lines.length = 1;
      if (running === this) running = null;
    }
    if (at === 0) this.live.finish();
    else this.live.touch();
  }

  [DISPLAY](): Bundle {
    const said = this.lines.map((line) => line.said());
    return bundle(
      () => this.lines.map((line, k) => "  ".repeat(k) + line.text(said[k] as string)).join("\n"),
      () => ({ "text/html": this.lines.map((line, k) => line.html(said[k] as string)).join("\n") }),
    );
  }
}

/** The loops that run now; none after an interrupt, for the cell's end closes them. */
let running: Bars | null = null;

/** A loop that shows how far it is. */
export class Progress<T> {
  readonly #items: Iterable<T> | AsyncIterable<T>;
  readonly #title: string;
  readonly #total: number | null;
  readonly #values: Record<string, Shown>;
  #bars: Bars | null = null;

  /** @internal */
  constructor(items: Iterable<T> | AsyncIterable<T>, values: Values, { title = "", total }: ProgressOptions) {
    const { length, size } = items as { length?: unknown; size?: unknown };
    const known = [total, length, size].find((count) => typeof count === "number" && Number.isFinite(count));
    this.#items = items;
    this.#title = clip(title);
    this.#total = typeof known === "number" ? known : null;
    this.#values = { ...values };
  }

  /**
   * Shows these values, beside those there are or in their place.
   *
   * @example
   * const bar = progress(range(1000));
   * for (const step of bar) bar.set({ loss: trainStep(step) });
   */
  set(values: Values): void {
    Object.assign(this.#values, values);
    this.#bars?.live.touch();
  }

  #begin(): { bars: Bars; line: Line } {
    running ??= new Bars();
    const line = new Line(this.#title, this.#total, this.#values);
    running.lines.push(line);
    this.#bars = running;
    running.live.touch();
    return { bars: running, line };
  }

  *[Symbol.iterator](): Generator<T> {
    if (!(Symbol.iterator in this.#items))
      throw new TypeError("progress: these items come asynchronously; use for await");
    const { bars, line } = this.#begin();
    let state: "done" | "stopped" = "stopped";
    try {
      for (const item of this.#items) {
        yield item;
        line.done++;
        bars.live.touch();
      }
      state = "done";
    } finally {
      bars.end(line, state);
    }
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T> {
    const { bars, line } = this.#begin();
    let state: "done" | "stopped" = "stopped";
    try {
      for await (const item of this.#items) {
        yield item;
        line.done++;
        bars.live.touch();
      }
      state = "done";
    } finally {
      bars.end(line, state);
    }
  }
}

/**
 * Loops over items and shows how far it is: a bar, the rate, the time that is left, and the latest `values`. A value may be a number or text,
 * a list that grows (its last element is shown), a tensor, or a function, which is called when the line is drawn; or give it by `set` in
 * the loop. A loop within another has a line below it while it runs. Iterables without a known length have no bar, unless `total` says
 * it; those that come asynchronously want `for await`. Where there is no notebook nothing is shown.
 *
 * @throws TypeError for what cannot be looped over.
 * @example
 * const losses: number[] = [];
 * for (const step of progress(range(1000), { loss: losses })) losses.push(trainStep());
 * for (const batch of progress(loader, { loss: () => loss.item() }, { title: "epoch 1" })) loss = trainStep(batch);
 */
export function progress<T>(items: Iterable<T>, values?: Values, options?: ProgressOptions): Progress<T> & Iterable<T>;
export function progress<T>(
  items: AsyncIterable<T>,
  values?: Values,
  options?: ProgressOptions,
): Progress<T> & AsyncIterable<T>;
export function progress<T>(
  items: Iterable<T> | AsyncIterable<T>,
  values: Values = {},
  options: ProgressOptions = {},
): Progress<T> {
  const boxed = Object(items) as object;
  if (!(Symbol.iterator in boxed || Symbol.asyncIterator in boxed)) {
    const what = typeof items === "number" ? `a number; range(${String(items)}) counts` : typeof items;
    throw new TypeError(`progress: takes something to loop over, such as range(1000), not ${what}`);
  }
  return new Progress(items, values, options);
}
