// Is there more of a cell to come, and how far is its next line indented? Front ends that run a cell at Enter ask. The parser answers:
// what fails only because the text ends is incomplete, what fails before is invalid. Nothing runs here.

import { linesComplete, readLines, type Known } from "./lines.ts";
import { asObjectLiteral, blankPrologue, parse } from "./parse.ts";
import { Scanner } from "./scanner.ts";
import { CellSyntaxError } from "./strip-types.ts";

export type Completeness = { status: "complete" | "invalid" } | { status: "incomplete"; indent: string };

export function isComplete(
  source: string,
  known: Known = { isDeclared: () => false, isGlobal: () => false },
): Completeness {
  const complete = linesComplete(source);
  if (complete === true) return { status: "complete" };
  const incomplete = { status: "incomplete", indent: nextIndent(source) } as const;
  if (complete === false) return incomplete;
  try {
    const lines = readLines(source, known);
    if (lines !== null && endOf(lines.unended) === "incomplete") return incomplete;
    if (lines !== null || asObjectLiteral(source) === null) parse(blankPrologue(lines?.edited.code ?? source));
    return LACKS_BODY.test(source) || isOpenGeneric(source) ? incomplete : { status: "complete" };
  } catch (error) {
    if (!(error instanceof CellSyntaxError)) {
      // Too deep for the parser: sent as it is, and then said so.
      if (error instanceof RangeError) return { status: "complete" };
      throw error;
    }
    const isLiteral = /^\s*\{/.test(source) && endOf(`(${source}`) === "incomplete";
    return error.atEnd || isLiteral || isOpenGeneric(source) || mayGoOn(source) ? incomplete : { status: "invalid" };
  }
}

/** swc tries several readings of what may be an arrow function, a cast or an overload, and complains of the last one where the first has not ended. */
function mayGoOn(source: string): boolean {
  const { open } = read(source);
  const closers = closersOf(open);
  const rests = [`\n0${closers}`];
  if (closers !== "") rests.push("\n0", `\n${closers}`);
  if (/\)\s*(?::[^{};]*)?$/.test(source)) rests.push("\n{");
  if (/\)\s*:\s*$/.test(source)) rests.push(`\nx => 0${closers}`);
  if (open.some(({ before }) => /\bfor\s*(?:await\s*)?$/.test(before))) rests.push(`\nof 0${closers}`);
  return rests.some((rest) => endOf(source + rest) !== "invalid");
}

/** Of a generic arrow function swc misses the end of its body; of a plain one it does not. */
function isOpenGeneric(source: string): boolean {
  const plain = source.replace(/<[^<>(){}]*>(?=\s*\()/g, "");
  if (plain === source || source.includes("</")) return false;
  const end = endOf(plain);
  return end === "incomplete" || (end === "invalid" && mayGoOn(plain));
}

function closersOf(open: readonly Open[]): string {
  return open
    .map(({ bracket }) => CLOSERS[bracket])
    .reverse()
    .join("");
}

const CLOSERS = { "(": ")", "[": "]", "{": "}", "${": "}`" };

/** `function f()`, to the parser an overload, which another line must follow all the same. */
const LACKS_BODY =
  /(?:^|[\n;}])[^\S\n]*(?:export\s+(?:default\s+)?)?(?:async\s+)?function\b\s*\*?\s*[\p{ID_Continue}$]+\s*(?:<[^{};]*>\s*)?\([^{};]*$/u;

/** What the parser says of code without lines of ours. */
function endOf(code: string): Completeness["status"] {
  try {
    parse(blankPrologue(code));
    return "complete";
  } catch (error) {
    return error instanceof CellSyntaxError && error.atEnd ? "incomplete" : "invalid";
  }
}

/** A statement follows, on the next line as well as on this one. */
const BODY_FOLLOWS = /=>$|(?:^|[^.\p{ID_Continue}$])(?:else|do)$|(?:^|[\s{;])(?:case\b.*|default\s*):$/u;
const HEAD = /(?:^|[^.\p{ID_Continue}$])(?:if|for(?:\s+await)?|while|with)\s*$/u;

interface Open {
  bracket: keyof typeof CLOSERS;
  at: number;
  before: string;
}

interface Reading {
  /** The brackets that are open at the end. */
  open: Open[];
  /** The end of the last token. */
  end: number;
  /** The last token closes what `if`, `for`, `while` or `with` has opened. */
  afterHead: boolean;
  /** The bracket that begins a line and closes, the last of them, and where what it closes was opened. */
  outdent: { at: number; opener: number };
  inTemplate: boolean;
}

function read(source: string): Reading {
  const scanner = new Scanner(source);
  const reading: Reading = { open: [], end: 0, afterHead: false, outdent: { at: -1, opener: -1 }, inTemplate: false };
  const { open } = reading;
  while (scanner.at < source.length) {
    const { at, depth } = scanner;
    const text = scanner.next();
    if (text.trim() === "" || /^\/[/*]/.test(text)) continue;
    const closed = scanner.depth < depth ? open[scanner.depth] : undefined;
    if (closed !== undefined && /(?:^|\n)[^\S\n]*$/.test(source.slice(0, at)))
      reading.outdent = { at, opener: closed.at };
    open.length = Math.min(open.length, scanner.depth);
    if (open.length < scanner.depth)
      open.push({ bracket: isBracket(text) ? text : "${", at, before: source.slice(0, at) });
    reading.afterHead = text === ")" && HEAD.test(closed?.before ?? "");
    reading.end = scanner.at;
  }
  reading.inTemplate = scanner.inTemplate;
  return reading;
}

function isBracket(text: string): text is "(" | "[" | "{" {
  return /^[([{]$/.test(text);
}

/**
 * The indent of the last line, one step more inside of what that has opened or where the body of a statement follows. Inside a template
 * none, for there it would be part of the text.
 */
function nextIndent(source: string): string {
  const code = source.trimEnd();
  const { open, end, afterHead, outdent, inTemplate } = read(code);
  if (inTemplate) return "";
  const start = code.lastIndexOf("\n") + 1;
  const line = outdent.at >= start ? code.lastIndexOf("\n", outdent.opener) + 1 : start;
  const indent = /^[ \t]*/.exec(code.slice(line))?.[0] ?? "";
  const opens = (open.at(-1)?.at ?? -1) >= start;
  const follows = end > start && (afterHead || BODY_FOLLOWS.test(code.slice(start, end)));
  return opens || follows ? indent + (indent.endsWith("\t") ? "\t" : "  ") : indent;
}
