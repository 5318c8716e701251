// Lifts out of a note, before Markdown is parsed, what Markdown would take apart: formulas in all four delimiters, `[[links]]`, and
// `%%comments%%`. Each leaves as many placeholder characters as it had, so every offset of the tree is one of the note. What is code,
// raw HTML or an address is left alone: a first parse tells where that is.

import type { Root } from "mdast";
import { visit } from "unist-util-visit";
import { firstFrom } from "./edits.ts";

export type Span =
  | { kind: "math"; start: number; end: number; tex: string; display: boolean }
  | { kind: "comment"; start: number; end: number }
  | LinkSpan;

/** `![[target#heading|alias]]` */
export interface LinkSpan {
  kind: "link";
  start: number;
  end: number;
  embed: boolean;
  target: string;
  heading?: string;
  block?: string;
  alias?: string;
}

export interface Lifted {
  /** As long as the note. */
  text: string;
  /** In order. */
  spans: Span[];
  problems: { offset: number; severity: "error" | "warning"; text: string }[];
}

/** Characters that Unicode keeps out of texts. Markdown takes them for letters. */
const FIRST = "\ufdd0";
const REST = "\ufdd1";

const START = /\\[^]|%%|!?\[\[|\$\$?/g;
/** TeX has no blank lines, so a formula without an end costs no more than its paragraph. */
const BLANK_LINE = /\n[ \t>]*\r?\n/;
/** Characters of a formula, that what is none be given up soon. */
const LONGEST = 20_000;
const LINK = /^(!?)\[\[([^[\]\n#|^]*)(?:#\^([\w-]+)|#([^[\]\n|]*)|\^([\w-]+))?(?:\\?\|([^[\]\n]*))?\]\]/;

/** `tree` is that of the note as it stands. `only: "math"` is for what has been translated: there every pair of dollars is a formula's. */
export function lift(note: string, tree: Root, options: { only?: "math" } = {}): Lifted {
  const opaque = opaqueRanges(tree);
  const lifted: Lifted = { text: note, spans: [], problems: [] };
  let next = 0;
  START.lastIndex = 0;
  for (let match = START.exec(note); match !== null; match = START.exec(note)) {
    while ((opaque[next]?.end ?? Infinity) <= match.index) next++;
    const range = opaque[next];
    if (range !== undefined && range.start <= match.index) {
      START.lastIndex = range.end;
      continue;
    }
    if (options.only === "math" && !match[0].startsWith("$")) continue;
    const span = spanAt(note, match.index, match[0], opaque, lifted.problems, options.only === "math");
    if (span === null) continue;
    lifted.spans.push(span);
    START.lastIndex = span.end;
  }
  if (lifted.spans.length > 0) lifted.text = withPlaceholders(note, lifted.spans);
  return lifted;
}

function withPlaceholders(note: string, spans: readonly Span[]): string {
  const parts: string[] = [];
  let at = 0;
  for (const { start, end } of spans) {
    parts.push(note.slice(at, start), FIRST, REST.repeat(end - start - 1));
    at = end;
  }
  parts.push(note.slice(at));
  return parts.join("");
}

interface Range {
  start: number;
  end: number;
}

/** Outermost ranges of what is no text, in order. */
function opaqueRanges(tree: Root): Range[] {
  const ranges: Range[] = [];
  visit(tree, (node) => {
    const start = node.position?.start.offset ?? 0;
    const end = node.position?.end.offset ?? 0;
    if (["code", "inlineCode", "html", "yaml", "definition", "image"].includes(node.type)) ranges.push({ start, end });
    if (node.type !== "link") return;
    const last = node.children.at(-1);
    const isBare = last?.position?.end.offset === end || last?.position?.end.offset === end - 1;
    ranges.push({ start: isBare ? start : (last?.position?.end.offset ?? start), end });
  });
  return ranges.sort((a, b) => a.start - b.start);
}

function spanAt(
  note: string,
  start: number,
  opening: string,
  opaque: readonly Range[],
  problems: Lifted["problems"],
  isTranslated: boolean,
): Span | null {
  if (opening.startsWith("\\")) {
    if (opening === "\\(") return escaped(note, start, "\\)", problems);
    return opening === "\\[" ? escaped(note, start, "\\]", problems) : null;
  }
  if (opening === "%%") {
    const close = outside(note, "%%", start + 2, opaque);
    if (close >= 0) return { kind: "comment", start, end: close + 2 };
    problems.push({ offset: start, severity: "error", text: "the comment %% has no end" });
    return null;
  }
  if (opening.endsWith("[[")) return linkAt(note, start);
  return opening === "$$" ? displayAt(note, start, problems) : inlineAt(note, start, isTranslated);
}

function outside(note: string, text: string, from: number, opaque: readonly Range[]): number {
  let at = note.indexOf(text, from);
  while (at >= 0) {
    // The last that starts there or before: they are outermost ones.
    const range = opaque[firstFrom(opaque, at + 1) - 1];
    if (range === undefined || range.end <= at) return at;
    at = note.indexOf(text, range.end);
  }
  return -1;
}

function linkAt(note: string, start: number): Span | null {
  const match = LINK.exec(note.slice(start, start + 1000));
  if (match === null) return null;
  const [all, embed, target = "", hashBlock, heading, caretBlock, alias] = match;
  const block = hashBlock ?? caretBlock;
  return {
    kind: "link",
    start,
    end: start + all.length,
    embed: embed !== "",
    target: target.trim().replace(/\\$/, ""),
    ...(heading !== undefined && { heading: heading.trim().replace(/\\$/, "") }),
    ...(block !== undefined && { block }),
    ...(alias !== undefined && { alias: alias.trim() }),
  };
}

/** `$x$`: as Pandoc and Obsidian read it, so that `$5 and $6` is none. */
function inlineAt(note: string, start: number, isTranslated: boolean): Span | null {
  if (/\s/.test(note[start + 1] ?? " ")) return null;
  const text = note.slice(start, start + LONGEST);
  const paragraph = text.slice(0, BLANK_LINE.exec(text)?.index);
  for (let at = 1; at < paragraph.length; at++) {
    if (text[at] === "\\") at++;
    else if (text[at] === "$") {
      if (/\s/.test(text[at - 1] ?? " ") || (!isTranslated && /\d/.test(text[at + 1] ?? ""))) return null;
      return math(note, start, start + at + 1, 1, false);
    }
  }
  return null;
}

function displayAt(note: string, start: number, problems: Lifted["problems"]): Span | null {
  const text = note.slice(start, start + LONGEST);
  let close = text.indexOf("$$", 2);
  while (close >= 0 && isEscaped(text, close)) close = text.indexOf("$$", close + 1);
  const inner = close < 0 ? "" : text.slice(2, close);
  // A block whose delimiters stand alone on their lines may hold blank ones, as in Obsidian, but no heading and no fence.
  const alone =
    /^[ \t]*\r?\n/.test(inner) && /\n[ \t>]*$/.test(inner) && !/\n[ \t>]*(?:#{1,6}[ \t]|```|~~~)/.test(inner);
  if (inner.trim() !== "" && (alone || !BLANK_LINE.test(inner))) return math(note, start, start + close + 2, 2, true);
  if (close !== 2) problems.push({ offset: start, severity: "error", text: "the formula $$ has no end" });
  return null;
}

function isEscaped(note: string, at: number): boolean {
  return (/\\*$/.exec(note.slice(Math.max(0, at - 20), at))?.[0].length ?? 0) % 2 === 1;
}

/** `\(x\)` and `\[x\]`, which are parentheses and brackets in Markdown: a formula only where both are there. */
function escaped(note: string, start: number, closing: string, problems: Lifted["problems"]): Span | null {
  const display = closing === "\\]";
  const text = note.slice(start, start + LONGEST);
  let close = text.indexOf(closing, 2);
  while (close >= 0 && isEscaped(text, close)) close = text.indexOf(closing, close + 2);
  const inner = close < 0 ? "" : text.slice(2, close);
  if (close < 0 || BLANK_LINE.test(inner) || inner.trim() === "") {
    const alone =
      /(?:^|\n)[ \t>]*$/.test(note.slice(Math.max(0, start - 100), start)) &&
      /^\\\[[ \t]*\r?\n/.test(note.slice(start, start + 100));
    if (!display || alone) {
      const severity = alone ? "error" : "warning";
      const what = display ? "the formula \\[ has no end" : "\\( has no \\) in its paragraph, and is a parenthesis";
      problems.push({ offset: start, severity, text: what });
    }
    return null;
  }
  // `\[1\]` is how Markdown writes [1].
  if (display && !/[\\^_=+<>{}]|\n/.test(inner)) return null;
  return math(note, start, start + close + 2, 2, display);
}

function math(note: string, start: number, end: number, delimiter: number, display: boolean): Span {
  // The lines of a quote go on with its sign.
  const tex = note.slice(start + delimiter, end - delimiter).replace(/(\n)[ \t]*(?:>[ \t]?)+/g, "$1");
  return { kind: "math", start, end, tex: tex.replaceAll("\r", "").trim(), display };
}
