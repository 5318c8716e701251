// Where a session's outputs end up in a notebook: the rules that JupyterLab and nbclient follow when they fill a cell. A cell
// is the origin of its outputs, so one that arrives late, from a timer, still finds its own cell.
// Carriage returns and escape sequences are kept: whoever shows the file acts on them.
// Rules: https://jupyter-client.readthedocs.io/en/stable/messaging.html#display-data and nbclient's `process_message`.

import { joined, type CodeCell, type DisplayOutput } from "./notebook.ts";
import type { Output } from "./session.ts";

export class NotebookOutputs {
  /** Cells told to clear before their next output. */
  readonly #clearNext = new Set<CodeCell>();
  /** Every display that carries an id, in whichever cell. */
  readonly #displays = new Map<string, DisplayOutput[]>();
  #closed = false;

  add(output: Output, cell: CodeCell): void {
    if (this.#closed) return;
    switch (output.type) {
      case "clear_output":
        if (output.wait) this.#clearNext.add(cell);
        else this.#clear(cell);
        return;
      case "update_display_data":
        this.#update(output);
        return;
      case "stream": {
        this.#clearIfTold(cell);
        const last = cell.outputs.at(-1);
        if (last?.output_type === "stream" && last.name === output.name)
          last.text = `${joined(last.text)}${output.text}`;
        else cell.outputs.push({ output_type: "stream", name: output.name, text: output.text });
        return;
      }
      case "display_data": {
        this.#clearIfTold(cell);
        // An id that is shown again changes what it showed before, too.
        this.#update(output);
        const display: DisplayOutput = { output_type: "display_data", data: output.data, metadata: output.metadata };
        const id = output.transient.display_id;
        if (id !== undefined) this.#displays.set(id, [...(this.#displays.get(id) ?? []), display]);
        cell.outputs.push(display);
        return;
      }
      case "execute_result": {
        this.#clearIfTold(cell);
        const { execution_count, data, metadata } = output;
        cell.outputs.push({ output_type: "execute_result", execution_count, data, metadata });
        return;
      }
      case "error": {
        this.#clearIfTold(cell);
        const { ename, evalue, traceback } = output;
        cell.outputs.push({ output_type: "error", ename, evalue, traceback });
        return;
      }
      case "comm_open":
      case "comm_msg":
      case "comm_close":
        // Nobody is at the other end of a comm in a run.
        return;
    }
  }

  /** The run is over: what still arrives belongs to no file. */
  close(): void {
    this.#closed = true;
  }

  #clearIfTold(cell: CodeCell): void {
    if (this.#clearNext.has(cell)) this.#clear(cell);
  }

  #clear(cell: CodeCell): void {
    this.#clearNext.delete(cell);
    cell.outputs = [];
  }

  #update({ data, metadata, transient }: Extract<Output, { type: "display_data" | "update_display_data" }>): void {
    if (transient.display_id === undefined) return;
    for (const display of this.#displays.get(transient.display_id) ?? []) {
      display.data = data;
      display.metadata = metadata;
    }
  }
}
