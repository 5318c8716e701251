// `NAME.lesson.md` beside a note that has no code: it repeats headings of the note, and what it has below each comes at the end of
// that section. A heading that occurs twice in the note is told apart by those above it, if the companion repeats these too.

import type { Note } from "./parse.ts";
import type { Piece } from "./pieces.ts";
import { nearest } from "./message.ts";
import { comparable, type Outline, type Section } from "./outline.ts";

/** The pieces of a companion, by the section of the note that they belong to; under `undefined` what comes before all. */
export type Additions = Map<Section | undefined, Piece[]>;

export function additionsOf(
  companion: Note,
  pieces: readonly Piece[],
  headings: Outline,
  note: Note,
  outline: Outline,
): Additions {
  const additions: Additions = new Map();
  let section: Section | undefined;
  let known = true;
  const path: Section[] = [];
  const nextLine = (offset: number): number => companion.text.indexOf("\n", offset) + 1 || companion.text.length;
  for (const piece of pieces) {
    if (piece.section !== undefined) {
      while ((path.at(-1)?.level ?? 0) >= piece.section.level) path.pop();
      path.push(piece.section);
      const found = sectionFor(companion, path, note, outline);
      known = found !== null;
      section = found ?? undefined;
    }
    const content = piece.section === undefined ? piece : withoutHeading(piece, nextLine);
    // What stands under a heading that does not exist has nowhere to go, and the message says so.
    if (known && content !== null) additions.set(section, [...(additions.get(section) ?? []), content]);
  }
  if (headings.sections.length === 0 && pieces.length > 0) {
    companion.report("warning", 0, "it has no headings: what it holds comes before the note");
  }
  return additions;
}

function sectionFor(companion: Note, path: readonly Section[], note: Note, outline: Outline): Section | null {
  const wanted = path.at(-1);
  if (wanted === undefined) return null;
  const name = comparable(wanted.text);
  const fitting = outline.sections.filter(({ text }) => comparable(text) === name);
  if (fitting.length === 0) {
    const suggestion = nearest(
      wanted.text,
      outline.sections.map(({ text }) => text),
    );
    const hint = suggestion === undefined ? "" : `; did you mean ${JSON.stringify(suggestion)}?`;
    companion.report("error", wanted.start, `the note has no heading ${JSON.stringify(wanted.text)}${hint}`);
    return null;
  }
  const [only, ...others] =
    fitting.length === 1 ? fitting : fitting.filter((section) => isBelow(section, path.slice(0, -1), outline));
  if (only !== undefined && others.length === 0) return only;
  const lines = fitting.map(({ start }) => note.lineAt(start)).join(" and ");
  companion.report(
    "error",
    wanted.start,
    `the heading ${JSON.stringify(wanted.text)} is ambiguous: the note has it in lines ${lines}; repeat the heading above it too`,
  );
  return null;
}

/** Whether the headings above a section have these names, the nearest last. */
function isBelow(section: Section, names: readonly Section[], { sections }: Outline): boolean {
  if (names.length === 0) return false;
  const above: string[] = [];
  let depth = section.depth;
  for (const other of sections.slice(0, sections.indexOf(section)).toReversed()) {
    if (other.depth >= depth) continue;
    depth = other.depth;
    above.push(comparable(other.text));
  }
  const wanted = names.map(({ text }) => comparable(text));
  return wanted.every((name) => above.includes(name));
}

/** What a piece holds below its heading. */
function withoutHeading(piece: Piece, below: (offset: number) => number): Piece | null {
  const markdown = piece.markdown.slice(piece.markdown.indexOf("\n") + 1).trim();
  if (!piece.markdown.includes("\n") || markdown === "") return null;
  const start = piece.section === undefined ? piece.start : below(piece.section.end);
  return { ...piece, start, section: undefined, markdown };
}
