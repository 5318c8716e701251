// A table in two formats from one description: HTML that reads well without any style, since untrusted notebooks lose most of it, and text
// with aligned columns. Colours come from the page; a cell may have a translucent background, under which the text of both themes is read.

import { clip, escapeHtml } from "./bundle.ts";

/** What stands in a cell. */
export interface Cell {
  readonly text: string;
  /** HTML in place of the text, escaped already. */
  readonly html?: string;
  /** A background: rgba with little opacity. */
  readonly background?: string;
  readonly bold?: boolean;
}

export interface Column {
  readonly title: string;
  /** HTML in place of the title, escaped already. */
  readonly html?: string;
  /** Numbers belong to the right, so that their digits stand below each other; "left" unless given. */
  readonly side?: "left" | "right";
  /** Whether its cells name their rows. */
  readonly heads?: boolean;
}

export interface Table {
  readonly caption: string;
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly (Cell | string)[])[];
  /** Lines below the table. */
  readonly notes?: readonly string[];
}

function cellOf(cell: Cell | string): Cell {
  return typeof cell === "string" ? { text: cell } : cell;
}

function styleOf(side: string, { background, bold }: Partial<Cell>): string {
  const parts = [`text-align: ${side}`];
  if (background !== undefined) parts.push(`background-color: ${background}`);
  if (bold === true) parts.push("font-weight: bold");
  return ` style="${parts.join("; ")}"`;
}

/** The table as HTML: caption, header scopes, no script. A column without a title has no header, which would confuse screen readers. */
export function tableHtml({ caption, columns, rows, notes = [] }: Table): string {
  const head = columns.map(({ title, html, side = "left" }) =>
    title === "" ? "<td></td>" : `<th scope="col"${styleOf(side, {})}>${html ?? escapeHtml(title)}</th>`,
  );
  const body = rows.map((row) => {
    const cells = row.map((given, k) => {
      const cell = cellOf(given);
      const { side = "left", heads = false } = columns[k] ?? {};
      const inner = cell.html ?? escapeHtml(cell.text);
      return heads && cell.text !== ""
        ? `<th scope="row"${styleOf(side, cell)}>${inner}</th>`
        : `<td${styleOf(side, cell)}>${inner}</td>`;
    });
    return `<tr>${cells.join("")}</tr>`;
  });
  const below = notes.map((note) => `<p>${escapeHtml(note)}</p>`).join("");
  return (
    `<table><caption style="text-align: left">${escapeHtml(caption)}</caption>` +
    `<thead><tr>${head.join("")}</tr></thead><tbody>\n${body.join("\n")}\n</tbody></table>${below}`
  );
}

/** The table as text. */
export function tableText({ caption, columns, rows, notes = [] }: Table): string {
  const lines = [columns.map(({ title }) => title), ...rows.map((row) => row.map((cell) => clip(cellOf(cell).text)))];
  const widths = columns.map((_, k) => Math.max(...lines.map((line) => [...(line[k] ?? "")].length)));
  const laidOut = lines.map((line) =>
    columns
      .map(({ side }, k) => {
        const text = line[k] ?? "";
        const gap = " ".repeat(Math.max(0, (widths[k] as number) - [...text].length));
        return side === "right" ? gap + text : text + gap;
      })
      .join("  ")
      .trimEnd(),
  );
  return [caption, ...laidOut, ...notes].join("\n");
}
