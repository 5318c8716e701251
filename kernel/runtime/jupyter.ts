// The global `Jupyter`: comms, and what users of the Deno kernel know as `Deno.jupyter`.

import { rawBundle, type Shown } from "../display/bundle.ts";
import { anyImage, FORMATS } from "../display/formats.ts";
import { bundleOf, DISPLAY } from "../display/mime.ts";
import { lineOf } from "../display/text.ts";
import type { MimeBundle, Output } from "../session.ts";
import { commRegistry } from "./comms.ts";
import { clearOutput, display, showTable } from "./display.ts";
import { currentExecution } from "./execution.ts";
import { show } from "./output.ts";

/** Something that is shown by this bundle, as a result or by `display`. */
interface Displayable {
  [DISPLAY](): MimeBundle;
}

function displayable(data: MimeBundle): Displayable {
  return { [DISPLAY]: () => data };
}

type Tag = (strings: TemplateStringsArray, ...values: unknown[]) => Displayable;

/** A template tag that makes something to show in this format; `undefined` and `null` become nothing. */
function tagFor(name: string, format: (content: string) => Shown): Tag {
  return (strings, ...values) => {
    if (!Array.isArray(strings)) {
      throw new TypeError(`Jupyter.${name}: a template tag, as in Jupyter.${name}\`…\`; for a string there is display`);
    }
    const parts = strings.map((string, index) => (index === 0 ? "" : String(values[index - 1] ?? "")) + string);
    return displayable(format(parts.join("")).data);
  };
}

/**
 * Something that shows a picture: of a buffer, of base64, or of a file, named by its path. Throws a TypeError for what is none.
 *
 *     Jupyter.image("./plot.png")
 */
function image(source: unknown): Displayable {
  return displayable(anyImage(source).data);
}

/** The bundle by which `display` would show the value. */
async function format(value: unknown): Promise<MimeBundle> {
  const { data } = await bundleOf(value);
  return data;
}

interface Broadcast {
  metadata?: Record<string, unknown>;
  buffers?: Uint8Array[];
}

const BROADCAST = "display_data, update_display_data, clear_output, stream, comm_open, comm_msg and comm_close";

function output(type: string, content: Record<string, unknown>, { metadata = {}, buffers = [] }: Broadcast): Output {
  switch (type) {
    case "display_data":
    case "update_display_data": {
      const { data, metadata: own, transient } = content as { data?: unknown; metadata?: object; transient?: object };
      const shown = rawBundle(data, { ...metadata, ...own });
      return { type, ...shown, transient: { ...transient } };
    }
    case "clear_output":
      return { type, wait: content["wait"] === true };
    case "stream":
      return { type, name: content["name"] === "stderr" ? "stderr" : "stdout", text: String(content["text"]) };
    case "comm_open":
    case "comm_msg":
    case "comm_close": {
      const { comm_id: id, data = {}, ...rest } = content;
      if (typeof id !== "string") throw new TypeError(`Jupyter.broadcast: ${type} needs a comm_id, a string`);
      return { type, content: { ...rest, comm_id: id, data: data as Record<string, unknown> }, metadata, buffers };
    }
    default:
      throw new TypeError(`Jupyter.broadcast: sends ${BROADCAST}, not ${lineOf(type, 100)}`);
  }
}

/**
 * Sends a message of this cell to all front ends, with the content that the protocol gives it: `display_data`,
 * `update_display_data`, `clear_output`, `stream`, and those of comms. Rejects with a TypeError for any other.
 *
 *     await Jupyter.broadcast("display_data", { data: { "text/html": "<b>1</b>" }, metadata: {}, transient: {} });
 */
async function broadcast(type: string, content: Record<string, unknown>, extra: Broadcast = {}): Promise<void> {
  show(output(type, content, extra));
}

/**
 * Calls the function once when the running cell ends: when it is done, has failed or was interrupted, and before it is answered. What is
 * shown and updated then belongs to the cell. False, and nothing is called, where no cell runs any more. For displays that do not show
 * all of what they are told at once. Throws a TypeError for what is no function.
 *
 *     Jupyter.whenCellEnds(() => bar.update("done"));
 */
function whenCellEnds(callback: () => void): boolean {
  if (typeof callback !== "function") {
    throw new TypeError(`Jupyter.whenCellEnds: takes a function, not ${lineOf(callback, 100)}`);
  }
  const execution = currentExecution();
  if (execution.ended || execution.interrupted) return false;
  execution.endings.add(callback);
  return true;
}

/** The global of that name. */
export const Jupyter = {
  display,
  clearOutput,
  comms: commRegistry,
  $display: DISPLAY,
  html: tagFor("html", FORMATS.html),
  md: tagFor("md", FORMATS.markdown),
  svg: tagFor("svg", FORMATS.svg),
  image,
  format,
  broadcast,
  whenCellEnds,
};

/** Lets `console.table` show tables; defines `display`, `clearOutput` and `Jupyter`, which has both, the comms, and the symbol of `Jupyter.display` as `$display`. */
export function defineJupyter(): void {
  for (const [name, value] of Object.entries({ display, clearOutput, Jupyter })) {
    Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
  }
  console.table = showTable;
}
