// Long Markdown, parsed in parts: micromark's edit maps take quadratic time (`EditMap.consume`), a minute for a note of 1 MB.
// A part begins where no block of CommonMark's can go on: behind a blank line, with a heading or a letter at the margin. Only
// a fence and raw HTML can be open there, and then the part grows. Definitions hold for all parts.

import type { Definition, FootnoteDefinition, Nodes, Root } from "mdast";
import { visit } from "unist-util-visit";
import { isClosed } from "./code-fence.ts";

/** Characters of a part. */
const SIZE = 30_000;
const BOUNDARY = /\n[ \t]*\r?\n(?=#{1,6}[ \t]|\p{L})/gu;
/** What goes on over blank lines. */
const OPEN_HTML = /^<(?:script|pre|style|textarea|!|\?)/i;
const LABEL = /\[((?:\\.|[^[\]\\])+)\]/gs;

interface Part {
  start: number;
  end: number;
  children: Root["children"];
  /** Keys of what it defines. */
  defined: Set<string>;
}

/** What `parse(text)` gives. */
export function parseInParts(text: string, parse: (text: string) => Root, size = SIZE): Root {
  const cuts = boundaries(text, size);
  if (cuts.length === 1) return parse(text);
  const parts: Part[] = [];
  const sources = new Map<string, string>();
  for (let start = 0, next = 0; start < text.length;) {
    let root: Root | undefined;
    let end = start;
    // Each time twice as many, so that one without an end costs no more than all of them.
    for (let count = 1; root === undefined || (end < text.length && isOpen(root, text.slice(start, end))); count *= 2) {
      end = cuts[Math.min(next + count, cuts.length) - 1] ?? text.length;
      root = parse(text.slice(start, end));
    }
    next = cuts.indexOf(end) + 1;
    const defined = new Set<string>();
    for (const { key, source } of definitionsOf(root, text.slice(start, end))) {
      defined.add(key);
      if (!sources.has(key)) sources.set(key, source);
    }
    parts.push({ start, end, children: root.children, defined });
    start = end;
  }
  const lines = { start: 0, before: 0 };
  const children = parts.flatMap((part, index): Root["children"] => {
    for (let at = text.indexOf("\n", lines.start); at >= 0 && at < part.start; at = text.indexOf("\n", lines.start)) {
      lines.start = at + 1;
      lines.before++;
    }
    const source = text.slice(part.start, part.end);
    const foreign = foreignLabels(source, part.defined, sources);
    if (foreign.length === 0) return moved(part.children, part.start, lines.before);
    // Front matter begins the first part, and only the last may be open.
    const added = foreign.join("");
    if (index === 0) {
      return parse(`${source}${added}`).children.filter((node) => (node.position?.start.offset ?? 0) < source.length);
    }
    const known = parse(added + source).children.filter((node) => (node.position?.start.offset ?? 0) >= added.length);
    return moved(known, part.start - added.length, lines.before - (added.split("\n").length - 1));
  });
  return { type: "root", children };
}

/** The longest stretch of a text that has to be parsed as one. */
export function longestPart(text: string): { start: number; length: number } {
  const ends = boundaries(text, 1);
  const parts = ends.map((end, index) => ({ start: ends[index - 1] ?? 0, length: end - (ends[index - 1] ?? 0) }));
  return parts.reduce((longest, part) => (part.length > longest.length ? part : longest));
}

/** Where parts end, the last at the end of the text. */
function boundaries(text: string, size: number): number[] {
  const cuts: number[] = [];
  let start = 0;
  for (BOUNDARY.lastIndex = size; BOUNDARY.lastIndex < text.length;) {
    const match = BOUNDARY.exec(text);
    if (match === null) break;
    cuts.push((start = match.index + match[0].length));
    BOUNDARY.lastIndex = start + size;
  }
  return [...cuts, text.length];
}

function isOpen({ children }: Root, source: string): boolean {
  const last = children.at(-1);
  if (last?.type === "html") return OPEN_HTML.test(last.value);
  if (last?.type !== "code") return false;
  const written = source.slice(last.position?.start.offset, last.position?.end.offset);
  const fence = /^(`{3,}|~{3,})/.exec(written)?.[1];
  return fence !== undefined && !isClosed(written, fence);
}

function definitionsOf(root: Root, text: string): { key: string; source: string }[] {
  const found: { key: string; source: string }[] = [];
  visit(root, ["definition", "footnoteDefinition"], (node: Nodes) => {
    const { position } = node as Definition | FootnoteDefinition;
    const [label] = /^\[(?:\\.|[^\]\\])+\]/s.exec(text.slice(position?.start.offset)) ?? [];
    // A label over several lines of a quote has the quote's signs in it; it stands for itself only.
    if (label === undefined || label.includes("\n")) return;
    found.push({ key: keyOf(label.slice(1, -1)), source: `${label}: x\n\n` });
  });
  return found;
}

/** How CommonMark compares labels. */
function keyOf(label: string): string {
  return label.replace(/\s+/g, " ").trim().toLowerCase().toUpperCase();
}

function foreignLabels(source: string, own: ReadonlySet<string>, all: ReadonlyMap<string, string>): string[] {
  if (all.size === 0) return [];
  const keys = new Set([...source.matchAll(LABEL)].map(([, label = ""]) => keyOf(label)));
  return [...keys].flatMap((key) => (own.has(key) ? [] : (all.get(key) ?? [])));
}

function moved(children: Root["children"], by: number, lines: number): Root["children"] {
  if (by === 0 && lines === 0) return children;
  for (const child of children) {
    visit(child, ({ position }: Nodes) => {
      if (position === undefined) return;
      for (const point of [position.start, position.end]) {
        point.line += lines;
        if (point.offset !== undefined) point.offset += by;
      }
    });
  }
  return children;
}
