// Notebooks for tests: made from a few sources, and read back.
import assert from "node:assert/strict";
import { type Notebook, parseNotebook, type SavedOutput } from "../kernel/notebook.ts";

/** Code cells with these sources; an object gives further fields, or another type. */
export function notebookOf(...cells: (string | Record<string, unknown>)[]): Notebook {
  const full = cells.map((cell) => ({
    cell_type: "code",
    metadata: {},
    outputs: [],
    execution_count: null,
    ...(typeof cell === "string" ? { source: cell } : cell),
  }));
  return parseNotebook(
    Buffer.from(JSON.stringify({ nbformat: 4, nbformat_minor: 5, metadata: {}, cells: full })),
    "a.ipynb",
  );
}

export function outputsOf(notebook: Notebook, index: number): SavedOutput[] {
  const cell = notebook.cells[index];
  assert.ok(cell?.cell_type === "code");
  return cell.outputs;
}
