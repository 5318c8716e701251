// A small table of text, as HTML that reads well unstyled and as aligned lines.

import { escapeHtml } from "../../display/table.ts";
import { show } from "../output.ts";

export function showTable(head: readonly string[], rows: readonly (readonly string[])[]): void {
  const widths = head.map((title, column) =>
    Math.max(...[head, ...rows].map((row) => [...(row[column] ?? "")].length)),
  );
  const padded = (row: readonly string[]): string =>
    row
      .map((cell, column) => cell + " ".repeat((widths[column] ?? 0) - [...cell].length))
      .join("  ")
      .trimEnd();
  const text = [padded(head), padded(widths.map((width) => "-".repeat(width))), ...rows.map(padded)].join("\n");
  const th = head.map((title) => `<th scope="col" style="text-align: left">${escapeHtml(title)}</th>`).join("");
  const tr = rows
    .map((row) => `<tr>${row.map((cell) => `<td style="text-align: left">${escapeHtml(cell)}</td>`).join("")}</tr>`)
    .join("\n");
  const html = `<table>\n<thead><tr>${th}</tr></thead>\n<tbody>\n${tr}\n</tbody>\n</table>`;
  show({ type: "display_data", data: { "text/html": html, "text/plain": text }, metadata: {}, transient: {} });
}
