// `![[Note]]`: the Markdown of another note, or of a part of it, translated as that note's own. Nothing in it runs. A note that would embed
// itself, at whatever distance, is linked to instead.

import { readFileSync } from "node:fs";
import { basename, resolve } from "node:path";
import { translate } from "./dialect.ts";
import { edited } from "./edits.ts";
import type { Embedded, Part, Surroundings } from "./links.ts";
import type { Report } from "./message.ts";
import { blocksOf, comparable, outlineOf } from "./outline.ts";
import { type Note, parseNote } from "./parse.ts";

/** How deep notes may be embedded in each other. */
const DEEPEST = 10;

export function surroundingsOf(base: Omit<Surroundings, "embed">, file: string, report: Report): Surroundings {
  return nested(base, [resolve(file)], report);
}

function nested(base: Omit<Surroundings, "embed">, above: readonly string[], report: Report): Surroundings {
  return {
    ...base,
    embed(file, part, { note, offset }) {
      const path = [...above, file];
      if (above.includes(file) || path.length > DEEPEST) {
        const names = path.slice(above.indexOf(file)).map((name) => basename(name));
        const what = above.includes(file)
          ? `it embeds itself: ${names.join(" → ")}`
          : `more than ${DEEPEST} notes are embedded in each other`;
        note.report("link", offset, what);
        return null;
      }
      return embedded(file, part, nested(base, path, report), report);
    },
  };
}

function embedded(file: string, part: Part, surroundings: Surroundings, report: Report): Embedded | null {
  const note = parseNote(readFileSync(file), file, report);
  if (note === null) return null;
  const { edits, links } = translate(note, surroundings);
  const [start, end] = rangeOf(note, part);
  const attachments = links.attachments.filter((attachment) => attachment.start >= start && attachment.start < end);
  return { markdown: edited(note.text, edits, start, end).replaceAll("\r\n", "\n"), attachments };
}

/** A part that is not there is told where it is linked to; then all is shown. */
function rangeOf(note: Note, { heading, block }: Part): [start: number, end: number] {
  const blocks = blocksOf(note.tree).filter(({ node }) => node.type !== "yaml");
  const all: [number, number] = [blocks[0]?.start ?? 0, note.text.length];
  if (heading !== undefined && heading !== "") {
    const wanted = comparable(heading.split("#").at(-1) ?? "");
    const { sections } = outlineOf(note);
    const index = sections.findIndex(({ text }) => comparable(text) === wanted);
    const section = sections[index];
    if (section === undefined) return all;
    const next = sections.slice(index + 1).find(({ level }) => level <= section.level);
    return [section.start, next?.start ?? note.text.length];
  }
  if (block === undefined) return all;
  const at = note.text.search(new RegExp(`(?:^|[\\s>])\\^${block}[ \\t]*$`, "m"));
  const index = blocks.findIndex(({ start, end }) => start <= at + 1 && at < end);
  const found = blocks[index];
  if (at < 0 || found === undefined) return all;
  // An id alone on its lines names what stands before it.
  const alone = note.text.slice(found.start, found.end).trim() === `^${block}`;
  return [alone ? (blocks[index - 1]?.start ?? found.start) : found.start, found.end];
}
