// Obsidian's callouts: `> [!note]+ Title`. One that folds becomes `<details>` around Markdown, which JupyterLab, GitHub and a page fold
// as well; any other stays a quote whose first line is its title.

import type { Blockquote, Nodes, Root } from "mdast";
import { visitParents } from "unist-util-visit-parents";
import type { Edit } from "./edits.ts";
import type { Note } from "./parse.ts";
import { endOf, prefixOf, startOf } from "./places.ts";

interface Callout {
  type: string;
  fold: "" | "+" | "-";
  title: string;
  /** Where its first line ends. */
  firstLine: number;
}

const OPENING = /^>[ \t]?[ \t]*\[!([\w-]+)\]([+-]?)[ \t]*([^\r\n]*)/;

function calloutOf(note: Note, node: Blockquote): Callout | null {
  const start = startOf(node);
  const match = OPENING.exec(note.text.slice(start, endOf(node)));
  if (match === null) return null;
  const [line, type = "", fold = "", title = ""] = match;
  return {
    type: type.toLowerCase(),
    fold: fold as Callout["fold"],
    title: title.trim() || type.slice(0, 1).toUpperCase() + type.slice(1).toLowerCase().replaceAll("-", " "),
    firstLine: start + line.length,
  };
}

/** Whether a block of the root is a callout whose quote signs go. */
export function isUnfolded(note: Note, block: Nodes | undefined): boolean {
  return block?.type === "blockquote" && (calloutOf(note, block)?.fold ?? "") !== "";
}

export function calloutEdits(note: Note, tree: Root): Edit[] {
  const edits: Edit[] = [];
  visitParents(tree, "blockquote", (node, ancestors) => {
    const callout = calloutOf(note, node);
    if (callout === null) return;
    if (callout.fold !== "" && ancestors.length === 1) edits.push(...foldingEdits(note, node, callout));
    else edits.push(...quoteEdits(note, node, callout));
  });
  return edits;
}

function quoteEdits(note: Note, node: Blockquote, { type, title, firstLine }: Callout): Edit[] {
  const marker = startOf(node) + (/^>[ \t]*/.exec(note.text.slice(startOf(node), firstLine))?.[0].length ?? 1);
  const titleStart = firstLine - note.text.slice(marker, firstLine).replace(/^\[![\w-]+\][+-]?[ \t]*/, "").length;
  const edits = [{ start: marker, end: titleStart, text: `<b class="callout callout-${type}">` }];
  // The title is left in place, for it may hold a link or a formula.
  const body = note.text.slice(firstLine, endOf(node)).trim() !== "";
  const prefix = prefixOf(note, node);
  const close = `${titleStart === firstLine ? title : ""}</b>${body ? `\n${prefix}>` : ""}`;
  edits.push({ start: firstLine, end: firstLine, text: close });
  return edits;
}

function foldingEdits(note: Note, node: Blockquote, { type, fold, title, firstLine }: Callout): Edit[] {
  const start = startOf(node);
  const end = endOf(node);
  const open = fold === "+" ? " open" : "";
  const edits = [
    {
      start,
      end: firstLine,
      text: `<details class="callout callout-${type}"${open}>\n<summary>${summaryOf(title)}</summary>\n`,
    },
  ];
  for (const { index, 0: sign } of note.text.slice(firstLine, end).matchAll(/(?<=\n)[ \t]{0,3}>[ \t]?/g)) {
    edits.push({ start: firstLine + index, end: firstLine + index + sign.length, text: "" });
  }
  edits.push({ start: end, end, text: "\n\n</details>" });
  return edits;
}

/** Between HTML's tags, no front end reads Markdown. */
function summaryOf(title: string): string {
  return escapeHtml(title).replace(
    /(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)/g,
    (_, _marks, code: string) => `<code>${code}</code>`,
  );
}

export function escapeHtml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}
