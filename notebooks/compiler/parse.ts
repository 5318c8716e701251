// Stage 1: a note's bytes → its text, its syntax tree with the place of everything, its front matter, and what was lifted out of it.
// Markdown is CommonMark with GFM (unified, remark-parse, remark-gfm) and front matter; lift.ts brings what Obsidian adds.

import type { Root } from "mdast";
import remarkFrontmatter from "remark-frontmatter";
import remarkGfm from "remark-gfm";
import remarkParse from "remark-parse";
import { unified } from "unified";
import { visit } from "unist-util-visit";
import { LineCounter, parseDocument } from "yaml";
import { isClosed } from "./code-fence.ts";
import { type Span, lift } from "./lift.ts";
import type { Report, Severity } from "./message.ts";
import { mojibake, type Repair } from "./mojibake.ts";
import { longestPart, parseInParts } from "./parts.ts";

export interface Note {
  file: string;
  /** As in the file, but for a byte order mark. */
  text: string;
  tree: Root;
  spans: Span[];
  repairs: Repair[];
  frontmatter: Record<string, unknown>;
  /** From 1. */
  lineAt(offset: number): number;
  report(severity: Severity, offset: number, text: string): void;
}

/** Bytes of a note. More, full of formulas, takes minutes and gigabytes to build, and nobody would read the lesson. */
const LARGEST = 5_000_000;
/** Characters between two places where it can be parsed in parts: a table of that size takes gigabytes. */
const LARGEST_BLOCK = 2_000_000;

const markdown = unified().use(remarkParse).use(remarkFrontmatter, ["yaml"]).use(remarkGfm);

/** `null` for a file that is no note; the report says why. */
export function parseNote(bytes: Uint8Array, file: string, report: Report): Note | null {
  const refuse = (line: number, text: string): null => {
    report({ severity: "error", file, line, text });
    return null;
  };
  if (bytes.length > LARGEST) {
    return refuse(1, `the note has ${(bytes.length / 1e6).toFixed(1)} MB, more than ${LARGEST / 1e6}: split it`);
  }
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    // The decoder throws for nothing else.
    return refuse(lineOfInvalid(bytes), "the file is not UTF-8 text: save it as UTF-8");
  }
  if (text.includes("\0"))
    return refuse(lines(text)(text.indexOf("\0")), "the file holds a NUL character and is no text");
  const block = longestPart(text);
  if (block.length > LARGEST_BLOCK) {
    const size = `${(block.length / 1e6).toFixed(1)} MB, more than ${LARGEST_BLOCK / 1e6}`;
    return refuse(
      lines(text)(block.start),
      `what begins here has ${size}, and no heading or paragraph in it: split it`,
    );
  }
  return parseText(text, file, report);
}

export function parseText(text: string, file: string, report: Report): Note {
  const lineAt = lines(text);
  const note: Note = {
    file,
    text,
    tree: { type: "root", children: [] },
    spans: [],
    repairs: [],
    frontmatter: {},
    lineAt,
    report: (severity, offset, message) => report({ severity, file, line: lineAt(offset), text: message }),
  };
  const parse = (source: string): Root => parseInParts(source, (part) => markdown.parse(part));
  const plain = parse(text);
  const lifted = lift(text, plain);
  note.tree = lifted.spans.length === 0 ? plain : parse(lifted.text);
  note.spans = lifted.spans;
  for (const { offset, severity, text: problem } of lifted.problems) note.report(severity, offset, problem);
  note.repairs = repairsOf(note);
  readFrontmatter(note);
  reportOpenFences(note);
  return note;
}

/** The line that each offset lies in, from 1. */
function lines(text: string): (offset: number) => number {
  let starts: number[] | undefined;
  return (offset) => {
    if (starts === undefined) {
      starts = [0];
      for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
    }
    let low = 0;
    let high = starts.length;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((starts[middle] ?? Infinity) <= offset) low = middle;
      else high = middle;
    }
    return low + 1;
  };
}

function lineOfInvalid(bytes: Uint8Array): number {
  let line = 1;
  let start = 0;
  const decoder = new TextDecoder("utf-8", { fatal: true });
  for (let end = bytes.indexOf(10); ; end = bytes.indexOf(10, start)) {
    try {
      decoder.decode(bytes.subarray(start, end < 0 ? bytes.length : end));
    } catch {
      return line; // This is the line that was asked for.
    }
    if (end < 0) return line;
    start = end + 1;
    line++;
  }
}

function repairsOf(note: Note): Repair[] {
  const code: [number, number][] = [];
  const found = mojibake(note.text);
  if (found.length > 0) {
    visit(note.tree, (node) => {
      if (node.type !== "code" && node.type !== "inlineCode" && node.type !== "yaml") return;
      code.push([node.position?.start.offset ?? 0, node.position?.end.offset ?? 0]);
    });
  }
  const repairs = found.filter(({ start }) => !code.some(([from, to]) => from <= start && start < to));
  for (const { start, found: sequence, text } of repairs) {
    note.report("warning", start, `${JSON.stringify(sequence)} is ${text} in the wrong encoding, and was repaired`);
  }
  return repairs;
}

function readFrontmatter(note: Note): void {
  const [first] = note.tree.children;
  if (first?.type !== "yaml") return;
  const lineCounter = new LineCounter();
  const document = parseDocument(first.value, { lineCounter, prettyErrors: false });
  for (const { message, pos } of document.errors) {
    // Its own line is that of the dashes.
    const offset = (first.position?.start.offset ?? 0) + 4 + pos[0];
    note.report("error", Math.min(offset, note.text.length), `the front matter is not YAML: ${lowerFirst(message)}`);
  }
  if (document.errors.length > 0) return;
  const value: unknown = document.toJS({ maxAliasCount: 100 });
  if (typeof value === "object" && value !== null && !Array.isArray(value)) Object.assign(note.frontmatter, value);
}

function lowerFirst(text: string): string {
  return (
    text.slice(0, 1).toLowerCase() +
    text
      .slice(1)
      .replace(/\n[^]*/, "")
      .replace(/\.$/, "")
  );
}

/** A fence without an end takes the rest of its container for code. */
function reportOpenFences(note: Note): void {
  visit(note.tree, "code", (node) => {
    const { start, end } = node.position ?? {};
    if (start?.offset === undefined || end?.offset === undefined) return;
    const source = note.text.slice(start.offset, end.offset);
    const fence = /^(`{3,}|~{3,})/.exec(source)?.[1];
    if (fence === undefined) return;
    if (!isClosed(source, fence)) note.report("error", start.offset, `the code fence ${fence} has no end`);
  });
}
