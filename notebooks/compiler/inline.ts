// What Obsidian sees in plain text: ==highlights==, #tags, ` ^block-ids`, ^[footnotes in a line]; and dollars that are none of a
// formula's, which JupyterLab would take for one's.

import type { Parents } from "mdast";
import type { Edit } from "./edits.ts";
import type { Note } from "./parse.ts";
import { endOf, gapsOf, type PlacedText, startOf } from "./places.ts";
import { TAGS_LINE } from "./outline.ts";

export interface InlineFindings {
  edits: Edit[];
  tags: Set<string>;
  blocks: Set<string>;
}

const TAG = /(?<=^|[\s(])#([\p{L}\p{N}_/-]*[\p{L}_/-][\p{L}\p{N}_/-]*)/gu;
const BLOCK_ID = /(?:^|[ \t]|(?<=\n[ \t>]*))\^([A-Za-z0-9-]+)[ \t]*$/;

export function inlineFindings(note: Note, texts: readonly PlacedText[]): InlineFindings {
  const found: InlineFindings = { edits: [], tags: new Set(), blocks: new Set() };
  /** Where a highlight was opened, by what it stands in. */
  const open = new Map<Parents, number>();
  for (const text of texts) {
    const parent = text.ancestors.at(-1);
    // `<https://…>`, whose text is an address.
    if (parent?.type === "link" && note.text[startOf(parent)] !== "[") continue;
    for (const gap of gapsOf(note, text.start, text.end)) {
      for (const { index, 1: tag = "" } of gap.source.matchAll(TAG)) if (index >= 0) found.tags.add(tag);
      found.edits.push(...dollarEdits(gap), ...inlineFootnotes(gap));
      if (parent !== undefined) highlight(gap, parent, open, found.edits);
    }
    blockId(note, text, found);
  }
  for (const text of texts) tagsLine(note, text, found);
  return found;
}

interface Gap {
  start: number;
  source: string;
}

function* unescaped(source: string, what: RegExp): Generator<RegExpExecArray> {
  for (const match of source.matchAll(new RegExp(`\\\\[^]|(?:${what.source})`, "g"))) {
    if (!match[0].startsWith("\\")) yield match;
  }
}

function dollarEdits({ start, source }: Gap): Edit[] {
  return [...unescaped(source, /\$/)].map(({ index }) => ({ start: start + index, end: start + index, text: "\\" }));
}

function inlineFootnotes({ start, source }: Gap): Edit[] {
  return [...unescaped(source, /\^\[([^\]\n]+)\]/)].map(({ index, 0: all, 1: text }) => ({
    start: start + index,
    end: start + index + all.length,
    text: ` <small>(${text})</small>`,
  }));
}

function highlight({ start, source }: Gap, parent: Parents, open: Map<Parents, number>, edits: Edit[]): void {
  for (const { index } of unescaped(source, /(?<!=)==(?!=)/)) {
    const at = start + index;
    const opened = open.get(parent);
    if (opened !== undefined && !/\s/.test(source[index - 1] ?? "x")) {
      edits.push({ start: opened, end: opened + 2, text: "<mark>" }, { start: at, end: at + 2, text: "</mark>" });
      open.delete(parent);
    } else if (!/\s/.test(source[index + 2] ?? "x")) open.set(parent, at);
  }
}

function blockId(note: Note, { node, ancestors, start, end }: PlacedText, found: InlineFindings): void {
  const parent = ancestors.at(-1);
  if (parent === undefined || parent.children.at(-1) !== node || endOf(parent) !== end) return;
  if (parent.type !== "paragraph" && parent.type !== "heading") return;
  const source = note.text.slice(start, end);
  const match = BLOCK_ID.exec(source);
  if (match?.[1] === undefined) return;
  found.blocks.add(match[1]);
  found.edits.push({ start: start + match.index, end, text: `<a id="^${match[1]}"></a>` });
}

/** `Tags- [[A]], #b`: a line of its own, often written as a heading. */
function tagsLine(note: Note, { ancestors, start }: PlacedText, found: InlineFindings): void {
  const block = ancestors[1];
  if (ancestors.length !== 2 || block === undefined || block.position?.start.offset === undefined) return;
  if (block.type !== "heading" && block.type !== "paragraph") return;
  const from = block.position.start.offset;
  const source = note.text.slice(from, endOf(block));
  const match = TAGS_LINE.exec(source);
  // Once for each line: at its first text.
  if (match === null || start > from + match[0].length || block.children.some((child) => endOf(child) <= start)) return;
  found.edits.push({ start: from, end: from + match[0].length, text: "**Tags:** " });
  for (const part of source.slice(match[0].length).split("\n", 1)[0]?.split(",") ?? []) {
    const tag = part.replace(/^\s*(?:\[\[)?#?([^\]|]*)[^]*$/, "$1").trim();
    if (tag !== "") found.tags.add(tag);
  }
}

export function isTagsLine(note: Note, ancestors: readonly Parents[]): boolean {
  const block = ancestors[1];
  if (block === undefined || (block.type !== "heading" && block.type !== "paragraph")) return false;
  const start = block.position?.start.offset ?? 0;
  return TAGS_LINE.test(note.text.slice(start, endOf(block)));
}
