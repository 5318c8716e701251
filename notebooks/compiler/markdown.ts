// A notebook as plain Markdown, with what its cells have shown: for GitHub, and for everything else that reads no notebooks.

import { type Cell, joined, type Notebook, type SavedOutput } from "../../kernel/notebook.ts";
import { stripVTControlCharacters } from "node:util";

export interface MarkdownText {
  text: string;
  /** Pictures, by their path beside the text. */
  files: Map<string, Uint8Array>;
}

const PICTURES: [type: string, extension: string][] = [
  ["image/png", "png"],
  ["image/jpeg", "jpg"],
  ["image/gif", "gif"],
  ["image/svg+xml", "svg"],
];

export function markdownOf(notebook: Notebook, folder: string): MarkdownText {
  const files = new Map<string, Uint8Array>();
  const keep = (extension: string, bytes: Uint8Array): string => {
    const name = `${folder}/${files.size + 1}.${extension}`;
    files.set(name, bytes);
    return encodeURI(name);
  };
  const parts = notebook.cells.flatMap((cell) =>
    cell.cell_type === "code" ? codeParts(cell, keep) : [textOf(cell, keep)],
  );
  return { text: `${parts.filter((part) => part.trim() !== "").join("\n\n")}\n`, files };
}

type Keep = (extension: string, bytes: Uint8Array) => string;

function textOf(cell: Cell, keep: Keep): string {
  const { attachments = {} } = cell as { attachments?: Record<string, Record<string, string>> };
  return cell.source.replace(/attachment:([\w.-]+)/g, (all, name: string) => {
    const [type, base64] = Object.entries(attachments[name] ?? {})[0] ?? [];
    const extension = PICTURES.find(([known]) => known === type)?.[1];
    return base64 === undefined || extension === undefined ? all : keep(extension, Buffer.from(base64, "base64"));
  });
}

function codeParts(cell: Extract<Cell, { cell_type: "code" }>, keep: Keep): string[] {
  const { source_hidden: hidden } = (cell.metadata["jupyter"] ?? {}) as { source_hidden?: unknown };
  const code = hidden === true ? [] : [fenced(cell.source, "ts")];
  return [...code, ...cell.outputs.map((output) => outputText(output, keep))];
}

function outputText(output: SavedOutput, keep: Keep): string {
  if (output.output_type === "stream") return fenced(joined(output.text) ?? "", "text");
  if (output.output_type === "error") return fenced(output.traceback.join("\n"), "text");
  const { data } = output;
  const markdown = joined(data["text/markdown"]);
  if (markdown !== undefined) return markdown;
  for (const [type, extension] of PICTURES) {
    const picture = joined(data[type]);
    if (picture === undefined) continue;
    const bytes = Buffer.from(picture, extension === "svg" ? "utf8" : "base64");
    return `![${(joined(data["text/plain"]) ?? "picture").split("\n", 1)[0]?.replace(/[[\]]/g, "")}](${keep(extension, bytes)})`;
  }
  return fenced(joined(data["text/plain"]) ?? "", "text");
}

function fenced(text: string, info: string): string {
  const plain = stripVTControlCharacters(text).trimEnd();
  if (plain === "") return "";
  const longest = Math.max(2, ...[...plain.matchAll(/`+/g)].map(([marks]) => marks.length));
  const fence = "`".repeat(longest + 1);
  return `${fence}${info}\n${plain}\n${fence}`;
}
