// Obsidian's Markdown → what JupyterLab, nbconvert and GitHub render: all the changes to a note's text, each made where it stands. Whatever
// is CommonMark or GFM already is left as it is written.

import { type Edit, settled } from "./edits.ts";
import { calloutEdits } from "./callouts.ts";
import { fenceEdits } from "./fences.ts";
import { footnoteEdits } from "./footnotes.ts";
import { inlineFindings } from "./inline.ts";
import { type Links, LinkWriter, type Surroundings } from "./links.ts";
import { type Formula, formulasOf, mathEdits } from "./math.ts";
import { headingEdits, type Outline, outlineOf } from "./outline.ts";
import type { Note } from "./parse.ts";
import { placesOf, textsOf } from "./places.ts";

export interface Translation {
  outline: Outline;
  /** In order; none lies in another. */
  edits: Edit[];
  formulas: Formula[];
  tags: string[];
  links: Links;
}

export function translate(note: Note, surroundings: Surroundings): Translation {
  const texts = textsOf(note.tree);
  const places = placesOf(note, texts);
  const outline = outlineOf(note);
  const formulas = formulasOf(note, places);
  const links = new LinkWriter(note, surroundings).write(places);
  const { edits, tags } = inlineFindings(note, texts);
  const comments = note.spans
    .filter(({ kind }) => kind === "comment")
    .map(({ start, end }) => ({ start, end, text: "" }));
  const all = [
    ...mathEdits(note, places, formulas),
    ...links.edits,
    ...comments,
    ...headingEdits(note, outline),
    ...calloutEdits(note, note.tree),
    ...footnoteEdits(note),
    ...fenceEdits(note),
    ...edits,
    ...note.repairs,
  ];
  return { outline, edits: settled(all), formulas, tags: [...new Set([...frontmatterTags(note), ...tags])], links };
}

function frontmatterTags({ frontmatter }: Note): string[] {
  const given = frontmatter["tags"] ?? frontmatter["tag"];
  const list: unknown[] = Array.isArray(given) ? given : typeof given === "string" ? given.split(/[,\s]+/) : [];
  return list.map((tag) => String(tag).replace(/^#/, "")).filter((tag) => tag !== "");
}
