// `display`, its formats, `clearOutput` and `console.table`: what cells call to show more than their last value, and the handles by
// which they change it afterwards.

import { randomUUID } from "node:crypto";
import { types } from "node:util";
import { rawBundle, type Shown } from "../display/bundle.ts";
import { consoleTableBundle } from "../display/console-table.ts";
import { FORMATS } from "../display/formats.ts";
import { bundleOf } from "../display/mime.ts";
import { lineOf } from "../display/text.ts";
import { currentExecution, type Execution } from "./execution.ts";
import { show } from "./output.ts";

export interface DisplayOptions {
  /** `value` is itself a bundle keyed by MIME type. */
  raw?: boolean;
  /** Replace the earlier displays of this `display_id` instead of showing another. */
  update?: boolean;
  /** The name under which the display can be updated, also from other cells. Default: a new one. */
  display_id?: string;
}

type Bundled = Shown | Promise<Shown>;
type DisplayType = "display_data" | "update_display_data";

/** A display without content. */
const EMPTY: Shown = { data: {}, metadata: {} };

/** What `display` and its formats return: shows something else in its place, in whichever cell that is. */
export class DisplayHandle<Content extends unknown[] = [value: unknown, options?: Pick<DisplayOptions, "raw">]> {
  /** The `display_id` of the protocol. */
  readonly id: string;
  readonly #bundle: (...content: Content) => Bundled;
  /** Set while something is not shown yet, which whatever comes after it has to await. */
  #pending: Promise<void> | undefined;

  constructor(id: string, bundle: (...content: Content) => Bundled) {
    this.id = id;
    this.#bundle = bundle;
  }

  /** @internal Asks nothing of the value: it may be a proxy, whose handler throws. */
  static isOne(value: unknown): boolean {
    return typeof value === "object" && value !== null && #bundle in value;
  }

  /**
   * Shows other content of the same format wherever this display is shown. Throws what the format's function throws for it.
   *
   *     const bar = display.html("<progress value=0>");
   *     bar.update("<progress value=0.5>");
   */
  update(...content: Content): void {
    this.show("update_display_data", content);
  }

  /** Leaves the display empty, until the next `update`. */
  clear(): void {
    this.#present(EMPTY, "update_display_data");
  }

  /** @internal */
  show(type: DisplayType, content: Content): void {
    this.#present(this.#bundle(...content), type);
  }

  #present(bundle: Bundled, type: DisplayType): void {
    const execution = currentExecution();
    if (!(bundle instanceof Promise) && this.#pending === undefined) {
      send(bundle, type, this.id, execution);
      return;
    }
    const before = this.#pending;
    const ready = Promise.resolve(bundle).catch(failure);
    const shown: Promise<void> = Promise.all([ready, before]).then(([content]) => {
      if (this.#pending === shown) {
        this.#pending = undefined;
        Reflect.deleteProperty(this, "then");
      }
      forget(execution, shown);
      send(content, type, this.id, execution);
    });
    this.#pending = shown;
    awaited(execution).add(shown);
    // `await display(value)` gives the handle, which is no promise any more by then.
    const then = (resolve: (handle: unknown) => void): void => {
      void shown.then(() => resolve(this));
    };
    // oxlint-disable-next-line unicorn/no-thenable -- it is to be awaited
    Object.defineProperty(this, "then", { value: then, configurable: true });
  }
}

function failure(error: unknown): Shown {
  const reason = error instanceof Error ? `${error.name}: ${error.message}` : lineOf(error, 1000);
  return { data: { "text/plain": `[it cannot be shown: ${reason}]` }, metadata: {} };
}

/** The displays of each cell that are not shown yet. */
const unshown = new WeakMap<Execution, Set<Promise<void>>>();

function awaited(execution: Execution): Set<Promise<void>> {
  const displays = unshown.get(execution) ?? new Set();
  unshown.set(execution, displays);
  return displays;
}

function forget(execution: Execution, shown: Promise<void>): void {
  if (awaited(execution).delete(shown) && awaited(execution).size === 0) unshown.delete(execution);
}

/** Whether displays of the cell take time to be shown, and the promise that they are. */
export function displaysPending(execution: Execution): Promise<unknown> | undefined {
  const displays = unshown.get(execution);
  return displays && Promise.all(displays).then(() => displaysPending(execution));
}

function send({ data, metadata }: Shown, type: DisplayType, id: string, execution: Execution): void {
  show({ type, data, metadata, transient: { display_id: id } }, execution);
}

function displayed<Content extends unknown[]>(
  bundle: (...content: Content) => Bundled,
  content: Content,
  id: string = randomUUID(),
  type: DisplayType = "display_data",
): DisplayHandle<Content> {
  const handle = new DisplayHandle(id, bundle);
  handle.show(type, content);
  return handle;
}

function valueBundle(value: unknown, options: Pick<DisplayOptions, "raw"> = {}): Bundled {
  return options.raw === true ? rawBundle(value) : bundleOf(value);
}

const OPTIONS: ReadonlySet<PropertyKey> = new Set(["raw", "update", "display_id"] satisfies (keyof DisplayOptions)[]);

/** Whether the last argument says how to show the others: an object of options alone, or nothing. */
function isOptions(value: unknown): value is DisplayOptions | undefined {
  if (value === undefined) return true;
  if (typeof value !== "object" || value === null || types.isProxy(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return (prototype === null || isPlain(prototype)) && Reflect.ownKeys(value).every((key) => OPTIONS.has(key));
}

/** The prototype of plain objects, of any context. */
function isPlain(prototype: unknown): boolean {
  return Object.getPrototypeOf(prototype) === null;
}

/**
 * Shows a value below the cell, and returns a handle whose `update` shows another in its place, and whose `clear` empties it. An
 * object with a method named `Symbol.for("Jupyter.display")` is shown by the bundle that it returns, or promises; any other value
 * as a picture, a table, a chart or text, whatever it is. `display.html` and the others show content of one format. Several values
 * are shown one below the other, and the handle is that of the last. Throws a TypeError when `raw` is set and the value is no bundle.
 *
 *     const progress = display("0 %");
 *     progress.update("50 %");
 *     display(model, gradients(model));
 *     display({ "text/html": "<b>bold</b>" }, { raw: true });
 */
export function showValue(value: unknown, options?: DisplayOptions): DisplayHandle;
export function showValue(...values: unknown[]): DisplayHandle;
export function showValue(...given: unknown[]): DisplayHandle {
  const last = given.at(-1);
  const told = given.length > 1 && isOptions(last);
  const { update = false, display_id: id, raw = false } = (told ? last : undefined) ?? {};
  if (id !== undefined && typeof id !== "string") {
    throw new TypeError(`display: display_id must be a string, not ${lineOf(id, 100)}`);
  }
  const type = update ? "update_display_data" : "display_data";
  const show = (value: unknown): DisplayHandle =>
    displayed<Parameters<typeof valueBundle>>(valueBundle, [value, { raw }], id, type);
  const values = told ? given.slice(0, -1) : given;
  for (const value of values.slice(0, -1)) show(value);
  return show(values.at(-1));
}

type Formats = {
  [Name in keyof typeof FORMATS]: (
    ...content: Parameters<(typeof FORMATS)[Name]>
  ) => DisplayHandle<Parameters<(typeof FORMATS)[Name]>>;
};

const formats = Object.fromEntries(
  Object.entries(FORMATS).map(([name, format]) => {
    const bundle = format as (...content: unknown[]) => Bundled;
    const shown = (...content: unknown[]): DisplayHandle<unknown[]> => displayed(bundle, content);
    return [name, Object.defineProperty(shown, "name", { value: name })];
  }),
) as unknown as Formats;

/**
 * Shows content in several formats at once, of which the front end takes the one that it likes best.
 *
 *     display.bundle({ "text/html": "<b>2</b>", "text/plain": "2" });
 */
function bundle(content: unknown, metadata: Record<string, unknown> = {}): DisplayHandle<Parameters<typeof rawBundle>> {
  return displayed<Parameters<typeof rawBundle>>(rawBundle, [content, metadata]);
}

/**
 * Shows an array, a Map or an object as a table of up to 1,000 rows, with the given columns or with all; as `console.table` does.
 * Throws a TypeError for what is no object, or for columns that are no array.
 *
 *     display.table([{ name: "Ada", born: 1815 }], ["name"]);
 */
function table(data: unknown, columns?: readonly string[]): DisplayHandle<Parameters<typeof tableBundle>> {
  return displayed<Parameters<typeof tableBundle>>(tableBundle, [data, columns]);
}

function tableBundle(data: unknown, columns?: readonly string[]): Shown {
  const shown = consoleTableBundle(data, columns);
  if (shown === null)
    throw new TypeError(`display.table: takes an array, a Map or an object, not ${lineOf(data, 100)}`);
  return shown;
}

export const display = Object.assign(showValue, formats, { bundle, table });
Object.defineProperty(display, "name", { value: "display" });

/**
 * Clears what the cell has shown so far; with `wait` only when its next output comes, so that nothing flickers.
 *
 *     for (let step = 0; step < 10; step++) { clearOutput({ wait: true }); console.log(step); }
 */
export function clearOutput({ wait = false }: { wait?: boolean } = {}): void {
  show({ type: "clear_output", wait: Boolean(wait) });
}

/** `console.table` as a table, in order with the rest of the output. */
export function showTable(data: unknown, columns?: readonly string[]): void {
  const shown = consoleTableBundle(data, columns);
  if (shown === null) console.log(data);
  else show({ type: "display_data", data: shown.data, metadata: shown.metadata, transient: {} });
}
