// `display`, `clearOutput` and the global `Jupyter`: what cells call to show more than their last value.

import { randomUUID } from "node:crypto";
import { bundleOf, rawBundle, type Shown } from "../display/mime.ts";
import { commRegistry } from "./comms.ts";
import { currentExecution, type Execution } from "./execution.ts";
import { show } from "./output.ts";

interface DisplayOptions {
  /** `value` is itself a bundle keyed by MIME type. */
  raw?: boolean;
  /** Replace the earlier display of the same id. */
  update?: boolean;
  display_id?: string;
}

/** A display that can be shown anew in place. */
class DisplayHandle {
  readonly id: string;

  constructor(id: string) {
    this.id = id;
  }

  update(value: unknown, options: Pick<DisplayOptions, "raw"> = {}): void {
    display(value, { ...options, display_id: this.id, update: true });
  }
}

function send(shown: Shown, type: "display_data" | "update_display_data", id: string, execution: Execution): void {
  show({ type, data: shown.data, metadata: shown.metadata, transient: { display_id: id } }, execution);
}

/**
 * Shows a value below the cell, and returns a handle whose `update` shows another in its place.
 *
 *     const progress = display("0 %");
 *     progress.update("50 %");
 *     display({ "text/html": "<b>bold</b>" }, { raw: true });
 */
function display(value: unknown, options: DisplayOptions = {}): DisplayHandle {
  const handle = new DisplayHandle(options.display_id ?? randomUUID());
  const type = options.update === true ? "update_display_data" : "display_data";
  const execution = currentExecution();
  const shown = options.raw === true ? rawBundle(value) : bundleOf(value);
  if (shown instanceof Promise) void shown.then((bundle) => send(bundle, type, handle.id, execution));
  else send(shown, type, handle.id, execution);
  return handle;
}

/** Clears the cell's output, with `wait` only when the next output comes. */
function clearOutput({ wait = false }: { wait?: boolean } = {}): void {
  show({ type: "clear_output", wait });
}

export function defineDisplay(): void {
  const Jupyter = { display, clearOutput, comms: commRegistry, $display: Symbol.for("Jupyter.display") };
  for (const [name, value] of Object.entries({ display, clearOutput, Jupyter })) {
    Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
  }
}
