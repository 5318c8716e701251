// A note, cut into what become cells: every ```ts fence at the left margin is one, and so is the text between them, from heading to heading.
// The pieces follow each other without a gap, so that together they are the note again.

import type { Code } from "mdast";
import { visit } from "unist-util-visit";
import type { Translation } from "./dialect.ts";
import { edited, firstFrom } from "./edits.ts";
import { type FenceFlags, fenceFlags } from "./fences.ts";
import type { Attachment } from "./links.ts";
import type { Formula } from "./math.ts";
import { blocksOf, type Section } from "./outline.ts";
import { isClosed } from "./code-fence.ts";
import type { Note } from "./parse.ts";
import { endOf, startOf } from "./places.ts";

export interface Fence {
  flags: FenceFlags;
  code: string;
  /** Of its first line of code. */
  line: number;
  offset: number;
}

export interface Piece {
  start: number;
  end: number;
  /** The section that it opens. */
  section: Section | undefined;
  /** Of a piece of code. */
  fence: Fence | undefined;
  /** Of a piece of text: fences in lists and quotes, which run behind it. */
  nested: Fence[];
  formulas: Formula[];
  attachments: Attachment[];
  /** The text, translated. */
  markdown: string;
}

/** Characters of a piece of text, after which a new one begins: editors become slow with larger cells. */
const LONGEST = 40_000;

export interface Pieces {
  /** Where the first piece starts; before it is front matter. */
  start: number;
  pieces: Piece[];
}

export function piecesOf(note: Note, translation: Translation): Pieces {
  const sections = new Map(translation.outline.sections.map((section) => [section.node as unknown, section]));
  const lineStart = (offset: number): number => note.text.lastIndexOf("\n", offset - 1) + 1;
  const cuts: { start: number; section?: Section | undefined; fence?: Fence | undefined; nested: Fence[] }[] = [];
  let start: number | undefined;
  let apart = true;
  for (const { node, start: from, end } of blocksOf(note.tree)) {
    if (node.type === "yaml") {
      start = nextLine(note.text, end);
      continue;
    }
    // A line across the page goes with what is above it.
    if (node.type === "thematicBreak" && cuts.length > 0 && cuts.at(-1)?.fence === undefined) continue;
    const section = sections.get(node);
    const fence = node.type === "code" ? fenceOf(note, node) : undefined;
    const cell = fence?.flags.runs === true ? fence : undefined;
    const nested = nestedFences(note, node);
    if (apart || section !== undefined || cell !== undefined)
      cuts.push({ start: lineStart(from), section, fence: cell, nested });
    else cuts.at(-1)?.nested.push(...nested);
    // Verdicts, and what fences in it show, come right behind a block.
    const claims = within(translation.formulas, from, end).some(({ display }) => display);
    const length = end - (cuts.at(-1)?.start ?? 0);
    apart = cell !== undefined || nested.length > 0 || claims || length > LONGEST;
  }
  start = cuts.length === 0 ? note.text.length : (start ?? 0);
  const pieces = cuts.map(({ start: from, section, fence, nested }, index): Piece => {
    const begin = index === 0 ? (start ?? 0) : from;
    const end = cuts[index + 1]?.start ?? note.text.length;
    const source = fence === undefined ? edited(note.text, translation.edits, begin, end) : "";
    return {
      start: begin,
      end,
      section,
      fence,
      nested,
      formulas: within(translation.formulas, begin, end),
      attachments: translation.links.attachments.filter(({ start: at }) => at >= begin && at < end),
      markdown: trimmed(source.replaceAll("\r\n", "\n")),
    };
  });
  return { start, pieces };
}

/** Those of a list in order that start in a range. */
function within<T extends { start: number }>(items: readonly T[], start: number, end: number): T[] {
  return items.slice(firstFrom(items, start), firstFrom(items, end));
}

function nextLine(text: string, offset: number): number {
  const end = text.indexOf("\n", offset);
  return end < 0 ? text.length : end + 1;
}

/** Without blank lines around it; blanks before the first word may be its meaning. */
function trimmed(markdown: string): string {
  return markdown.replace(/^(?:[ \t]*\n)+/, "").trimEnd();
}

function fenceOf(note: Note, node: Code): Fence | undefined {
  const offset = startOf(node);
  const source = note.text.slice(offset, endOf(node));
  const mark = /^(`{3,}|~{3,})/.exec(source)?.[1];
  if (mark === undefined) return undefined;
  const flags = fenceFlags([node.lang, node.meta].filter(Boolean).join(" "));
  for (const problem of flags.problems) note.report("warning", offset, problem);
  // What stands behind an open fence may be anything: it is shown.
  if (!isClosed(source, mark)) flags.runs = false;
  return { flags, code: node.value, line: note.lineAt(offset) + 1, offset };
}

function nestedFences(note: Note, block: Parameters<typeof visit>[0]): Fence[] {
  const found: Fence[] = [];
  if (block.type === "code") return found;
  visit(block, "code", (node: Code) => {
    const fence = fenceOf(note, node);
    if (fence?.flags.runs === true) found.push(fence);
  });
  return found;
}
