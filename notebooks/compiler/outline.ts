// The headings of a note, and the levels that they get: one H1, no level left out. A note that does not begin with its only H1 has its
// front matter's title, or its file's name, for one. A heading that is Obsidian's line of tags is no heading.

import type { Heading, PhrasingContent, Root, Text } from "mdast";
import { basename } from "node:path";
import { type Edit, firstFrom } from "./edits.ts";
import type { Note } from "./parse.ts";

export interface Section {
  node: Heading;
  start: number;
  end: number;
  /** As written, and as renumbered. */
  level: number;
  depth: number;
  text: string;
  /** Nothing stands below it, not even a section. */
  empty: boolean;
}

export interface Outline {
  /** Of the H1 that has to be added; `undefined` where there is one. */
  title: string | undefined;
  sections: Section[];
}

export const TAGS_LINE = /^(?:#{1,6}[ \t]+)?(?:\*\*)?Tags[ \t]*[-:–][ \t]*(?:\*\*)?[ \t]*/i;

export function outlineOf(note: Note): Outline {
  const sections: Section[] = [];
  const { children } = note.tree;
  for (const [index, node] of children.entries()) {
    if (node.type !== "heading") continue;
    const start = node.position?.start.offset ?? 0;
    const end = node.position?.end.offset ?? 0;
    if (TAGS_LINE.test(note.text.slice(start, end))) continue;
    const next = children[index + 1];
    const empty = next === undefined || (next.type === "heading" && next.depth <= node.depth);
    sections.push({ node, start, end, level: node.depth, depth: 1, text: headingText(note, node), empty });
  }
  const [first] = sections;
  const hasTitle = first?.level === 1 && sections.filter(({ level }) => level === 1).length === 1;
  const above: number[] = [];
  for (const section of sections.slice(hasTitle ? 1 : 0)) {
    while ((above.at(-1) ?? 0) >= section.level) above.pop();
    above.push(section.level);
    section.depth = Math.min(6, above.length + 1);
  }
  if (hasTitle) return { title: undefined, sections };
  const given = note.frontmatter["title"];
  return { title: typeof given === "string" && given.trim() !== "" ? given : basename(note.file, ".md"), sections };
}

/** What a heading says, without its markup. */
export function headingText(note: Note, node: Heading): string {
  let text = "";
  const add = (nodes: readonly PhrasingContent[]): void => {
    for (const child of nodes) {
      if ("children" in child) add(child.children);
      else if (child.type === "text") text += withSpans(note, child);
      else if ("value" in child && child.type !== "html") text += child.value;
    }
  };
  add(node.children);
  return text
    .replace(/\s+\^[\w-]+$/, "")
    .replaceAll("==", "")
    .trim();
}

function withSpans(note: Note, node: Text): string {
  const start = node.position?.start.offset ?? 0;
  const end = node.position?.end.offset ?? 0;
  const spans = note.spans.slice(firstFrom(note.spans, start), firstFrom(note.spans, end));
  let next = 0;
  return node.value.replace(/\ufdd0\ufdd1*/g, () => {
    const span = spans[next++];
    if (span?.kind === "math") return `$${span.tex}$`;
    return span?.kind === "link" ? (span.alias ?? (span.target || span.heading || "")) : "";
  });
}

/** JupyterLab's name for a heading, which its links and ours use. */
export function anchorOf(heading: string): string {
  return heading.replaceAll(" ", "-");
}

/** How Obsidian compares the heading that a link names. */
export function comparable(heading: string): string {
  return heading
    .replace(/[#|^:%[\]*_`$\\]/g, " ")
    .replace(/[\s-]+/g, " ")
    .trim()
    .toLowerCase();
}

export function headingEdits(note: Note, { sections }: Outline): Edit[] {
  return sections.flatMap(({ start, end, level, depth }): Edit[] => {
    const source = note.text.slice(start, end);
    const marks = /^#{1,6}(?=[ \t\r\n]|$)/.exec(source);
    if (marks !== null) return level === depth ? [] : [{ start, end: start + level, text: "#".repeat(depth) }];
    // One that is underlined may have several lines.
    const underline = source.search(/\r?\n[ \t]*(?:=+|-+)[ \t]*$/);
    const breaks = [...source.slice(0, underline).matchAll(/[ \t]*\r?\n[ \t]*/g)].map(({ index, 0: text }) => ({
      start: start + index,
      end: start + index + text.length,
      text: " ",
    }));
    return [
      { start, end: start, text: `${"#".repeat(depth)} ` },
      ...breaks,
      { start: start + underline, end, text: "" },
    ];
  });
}

/** Blocks of the root, with their offsets. */
export function blocksOf(tree: Root): { node: Root["children"][number]; start: number; end: number }[] {
  return tree.children.map((node) => ({
    node,
    start: node.position?.start.offset ?? 0,
    end: node.position?.end.offset ?? 0,
  }));
}
