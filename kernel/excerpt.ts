// The lines around a place in a source, numbered, with marks below what is meant: the one form in which all errors show where they
// are, be it TypeScript, the compiler or an exception that says so. The marks are as wide as what they stand below.

import { editorLineEnd, type Position } from "./position-map.ts";

// Bold without red: on the dark error background of JupyterLab bold red cannot be read.
export const bold = (text: string): string => `\u001b[1m${text}\u001b[0m`;
export const dim = (text: string): string => `\u001b[2m${text}\u001b[22m`;

/** The most that is shown of a line, in UTF-16 units. */
const WIDEST = 200;
/** So much of a long line stands before what is marked. */
const LEAD = 100;

/** The line with its neighbours; `length`: so many UTF-16 units of it are marked, one at least. No line, nothing to show. */
export function excerpt(source: string, { line, column }: Position, length = 1): string[] {
  const lines = source.split(editorLineEnd);
  const text = lines[line - 1];
  if (text === undefined) return [];
  const width = String(Math.min(line + 1, lines.length)).length;
  const numbered = (number: number, content: string): string => `${String(number).padStart(width)} | ${content}`;
  const neighbour = (number: number): string[] => {
    const content = lines[number - 1];
    return content === undefined ? [] : [dim(`  ${numbered(number, content.slice(0, WIDEST))}`)];
  };
  const stop = column - 1 + Math.max(1, length);
  // What takes two units is marked as a whole.
  const marked = text.slice(column - 1, /[\ud800-\udbff]/.test(text[stop - 1] ?? "") ? stop + 1 : stop) || " ";
  // Of a long line the part that is marked.
  const shift = column + LEAD / 2 > WIDEST ? column - 1 - LEAD : 0;
  const from = /[\udc00-\udfff]/.test(text[shift] ?? "") ? shift + 1 : shift;
  const cut = from > 0 ? "…" : "";
  return [
    ...(line > 1 ? neighbour(line - 1) : []),
    `${bold(">")} ${numbered(line, cut + text.slice(from, from + WIDEST))}`,
    `  ${" ".repeat(width)} | ${blank(cut + text.slice(from, column - 1))}${bold(blank(marked.slice(0, WIDEST)).replace(/[^]/g, "^"))}`,
    ...neighbour(line + 1),
  ];
}

const NO_WIDTH = /^[\p{Mn}\p{Me}\p{Cf}]+$/u;
/** Emoji and the scripts of East Asia, which fixed fonts draw over two columns. */
const WIDE =
  /\p{Emoji_Presentation}|[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/u;

/** As much room as the text takes. Tabs stay tabs, so that what follows stands below its characters at any tab width. */
function blank(text: string): string {
  // What is drawn as one counts as one: a letter with its accents, a hand with the colour of its skin.
  return Array.from(new Intl.Segmenter("en").segment(text), ({ segment }) => {
    if (segment === "\t") return segment;
    return WIDE.test(segment) ? "  " : NO_WIDTH.test(segment) ? "" : " ";
  }).join("");
}
