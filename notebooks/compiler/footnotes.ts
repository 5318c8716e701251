// Footnotes, which JupyterLab's Markdown does not know: a raised number that leads to its text, which stays where it is.

import type { FootnoteDefinition } from "mdast";
import { visit } from "unist-util-visit";
import type { Edit } from "./edits.ts";
import type { Note } from "./parse.ts";
import { endOf, startOf } from "./places.ts";

export function footnoteEdits(note: Note): Edit[] {
  const edits: Edit[] = [];
  /** In the order in which the text refers to them. */
  const numbers = new Map<string, number>();
  const numberOf = (identifier: string): number => {
    const number = numbers.get(identifier) ?? numbers.size + 1;
    numbers.set(identifier, number);
    return number;
  };
  const seen = new Set<number>();
  visit(note.tree, "footnoteReference", (node) => {
    const number = numberOf(node.identifier);
    // The way back leads to the first.
    const id = seen.has(number) ? "" : ` id="fnref-${number}"`;
    seen.add(number);
    edits.push({
      start: startOf(node),
      end: endOf(node),
      text: `<sup${id}><a href="#fn-${number}">${number}</a></sup>`,
    });
  });
  let before: FootnoteDefinition | undefined;
  visit(note.tree, "footnoteDefinition", (node) => {
    edits.push(...definitionEdits(note, node, numberOf(node.identifier), before));
    before = node;
  });
  return edits;
}

function definitionEdits(
  note: Note,
  node: FootnoteDefinition,
  number: number,
  before: FootnoteDefinition | undefined,
): Edit[] {
  const start = startOf(node);
  const end = endOf(node);
  const source = note.text.slice(start, end);
  const marker = /^\[\^(?:[^\]\\]|\\.)*\]:[ \t]*/.exec(source)?.[0].length ?? 0;
  // Two in two lines would be one paragraph.
  const apart = before !== undefined && !/\n[ \t>]*\r?\n/.test(note.text.slice(endOf(before), start)) ? "\n" : "";
  const edits = [{ start, end: start + marker, text: `${apart}<a id="fn-${number}"></a><sup>${number}</sup> ` }];
  // What stands four blanks in would be code.
  for (const { index, 0: blanks } of source.matchAll(/(?<=\n)(?: {1,4}|\t)/g)) {
    edits.push({ start: start + index, end: start + index + blanks.length, text: "" });
  }
  edits.push({ start: end, end, text: ` <a href="#fnref-${number}">↩</a>` });
  return edits;
}
