// `display`, `clearOutput` and the global `Jupyter`: what cells call to show more than their last value.

import { randomUUID } from "node:crypto";
import { rawBundle, type Shown } from "../display/bundle.ts";
import { bundleOf, DISPLAY } from "../display/mime.ts";
import { commRegistry } from "./comms.ts";
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

/** What `display` returns: shows another value in its place. */
export class DisplayHandle {
  /** The `display_id` of the protocol. */
  readonly id: string;

  constructor(id: string) {
    this.id = id;
  }

  /** Shows `value` wherever this display is shown, in any cell. */
  update(value: unknown, options: Pick<DisplayOptions, "raw"> = {}): void {
    display(value, { ...options, display_id: this.id, update: true });
  }
}

function send(shown: Shown, type: "display_data" | "update_display_data", id: string, execution: Execution): void {
  show({ type, data: shown.data, metadata: shown.metadata, transient: { display_id: id } }, execution);
}

/**
 * Shows a value below the cell, and returns a handle whose `update` shows another in its place. An object with a method named
 * `Symbol.for("Jupyter.display")` is shown by the bundle that it returns, or promises; any other value as text. Throws a
 * TypeError when `raw` is set and the value is no bundle, or for a second value.
 *
 *     const progress = display("0 %");
 *     progress.update("50 %");
 *     display({ "text/html": "<b>bold</b>" }, { raw: true });
 */
function display(value: unknown, options: DisplayOptions = {}): DisplayHandle {
  if (typeof options !== "object" || options === null) {
    throw new TypeError("display: the second argument is for options; call it once for each value");
  }
  const handle = new DisplayHandle(options.display_id ?? randomUUID());
  const type = options.update === true ? "update_display_data" : "display_data";
  const execution = currentExecution();
  const shown = options.raw === true ? rawBundle(value) : bundleOf(value);
  if (shown instanceof Promise) void shown.then((bundle) => send(bundle, type, handle.id, execution));
  else send(shown, type, handle.id, execution);
  return handle;
}

/**
 * Clears what the cell has shown so far; with `wait` only when its next output comes, so that nothing flickers.
 *
 *     for (let step = 0; step < 10; step++) { clearOutput({ wait: true }); console.log(step); }
 */
function clearOutput({ wait = false }: { wait?: boolean } = {}): void {
  show({ type: "clear_output", wait });
}

/** Defines `display`, `clearOutput`, and `Jupyter`, which has both, the comms, and the symbol of `Jupyter.display` as `$display`. */
export function defineDisplay(): void {
  const Jupyter = { display, clearOutput, comms: commRegistry, $display: DISPLAY };
  for (const [name, value] of Object.entries({ display, clearOutput, Jupyter })) {
    Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
  }
}
