// Where a piece of text stands: between which nodes, and what has to begin a further line there for it to be in the same list or quote.

import type { Node, Parents, Root, Text } from "mdast";
import { visitParents } from "unist-util-visit-parents";
import { firstFrom } from "./edits.ts";
import type { Span } from "./lift.ts";
import type { Note } from "./parse.ts";

export interface Place {
  span: Span;
  /** From the root down. */
  ancestors: Parents[];
}

export function startOf(node: Node): number {
  return node.position?.start.offset ?? 0;
}

export function endOf(node: Node): number {
  return node.position?.end.offset ?? 0;
}

export interface PlacedText {
  node: Text;
  ancestors: Parents[];
  start: number;
  end: number;
}

export function textsOf(tree: Root): PlacedText[] {
  const texts: PlacedText[] = [];
  visitParents(tree, "text", (node, ancestors) => {
    texts.push({ node, ancestors: [...ancestors], start: startOf(node), end: endOf(node) });
  });
  return texts;
}

/** What was lifted, where it is text; in a title, say, it stays what it is. */
export function placesOf(note: Note, texts: readonly PlacedText[]): Place[] {
  return texts.flatMap(({ start, end, ancestors }) => {
    const places: Place[] = [];
    for (let index = firstFrom(note.spans, start); index < note.spans.length; index++) {
      const span = note.spans[index];
      if (span === undefined || span.start >= end) break;
      places.push({ span, ancestors });
    }
    return places;
  });
}

/** The parts of a text's source that hold nothing lifted. */
export function gapsOf(note: Note, start: number, end: number): { start: number; end: number; source: string }[] {
  const gaps: { start: number; end: number; source: string }[] = [];
  let at = start;
  const add = (to: number): void => {
    if (to > at) gaps.push({ start: at, end: to, source: note.text.slice(at, to) });
  };
  for (let index = firstFrom(note.spans, start); index < note.spans.length; index++) {
    const span = note.spans[index];
    if (span === undefined || span.start >= end) break;
    add(span.start);
    at = span.end;
  }
  add(end);
  return gaps;
}

/** What a line of a block has to begin with; `unquoted` where the outermost quote becomes something else. */
export function prefixOf(note: Note, block: Node, unquoted = false): string {
  const start = startOf(block);
  const line = note.text.slice(note.text.lastIndexOf("\n", start - 1) + 1, start);
  // The box of a task belongs to its first line.
  const prefix = line.replace(/\[[ xX]\][ \t]$/, "").replace(/[^>\t]/g, " ");
  return unquoted ? prefix.replace(/^ {0,3}> ?/, "") : prefix;
}

export function isIn(ancestors: readonly Parents[], ...types: Parents["type"][]): boolean {
  return ancestors.some(({ type }) => types.includes(type));
}
