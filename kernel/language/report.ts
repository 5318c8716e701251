// A problem that TypeScript has with a cell as the reader of a notebook wants to see it: code and message, the place, the line with
// the span marked, what else it points to. Long types are folded: their outline is kept, their inside is not.

import { isShapeChange, shapeError } from "./policy.ts";

export interface Location {
  /** `Cell [3]`, or the path of a file. */
  where: string;
  /** From 1. */
  line: number;
  /** From 1, in UTF-16 units. */
  column: number;
}

export interface Problem extends Location {
  /** As in TS2345. */
  code: number;
  message: string;
  /** The text that is marked, and the source that it is in; the mark ends with its line. */
  start: number;
  end: number;
  source: string;
  related: (Location & { message: string })[];
  hint?: string;
}

export interface ErrorOutput {
  ename: string;
  evalue: string;
  traceback: string[];
}

const LONGEST_MESSAGE = 12;
const MOST_PROBLEMS = 10;

// Bold without red: on the dark error background of JupyterLab bold red cannot be read.
const bold = (text: string): string => `\u001b[1m${text}\u001b[0m`;
const dim = (text: string): string => `\u001b[2m${text}\u001b[22m`;

export function errorOutput(problems: readonly Problem[]): ErrorOutput {
  const ename = "TypeScriptError";
  const [first] = problems;
  const more = problems.length > 1 ? ` (and ${problems.length - 1} more)` : "";
  const evalue = first === undefined ? "" : `${headline(first)}${more}`;
  const traceback = problems.slice(0, MOST_PROBLEMS).flatMap((problem, index) => {
    const [head = "", ...rest] = textOf(problem);
    return [
      bold(index === 0 ? `${ename}: ${head}` : head),
      ...rest,
      ...placeOf(problem),
      ...(index + 1 < problems.length ? [""] : []),
    ];
  });
  if (problems.length > 1) traceback.push(dim(`${problems.length} type errors; nothing of the cell was run`));
  return { ename, evalue, traceback };
}

/** For stderr. */
export function warningText(problem: Problem): string {
  const [head = "", ...rest] = textOf(problem);
  return [`${labelOf(problem)}: ${head}`, ...rest].join("\n") + "\n";
}

/** `Cell [3], line 2, column 5` */
export function labelOf({ where, line, column }: Location): string {
  return `${where}, line ${line}, column ${column}`;
}

export function headline(problem: Problem): string {
  return textOf(problem)[0] ?? "";
}

/** What it says, and what would help. */
function textOf(problem: Problem): string[] {
  const { code, message, hint } = problem;
  const shape = shapeError.exec(message)?.[1];
  const lines = shape === undefined ? fold(message).split("\n") : [unescaped(shape)];
  // The hint says what the lines below would.
  if (isShapeChange(problem)) lines.splice(1);
  const shown = lines.length > LONGEST_MESSAGE ? [...lines.slice(0, LONGEST_MESSAGE), "  …"] : lines;
  const [head = "", ...rest] = shown;
  return [`TS${code}: ${head}`, ...rest, ...(hint === undefined ? [] : [hint])];
}

function unescaped(text: string): string {
  return text.replace(/\\(.)/g, "$1");
}

function placeOf(problem: Problem): string[] {
  // Where the library declares the type that carries its message is not where anything is wrong.
  const related = problem.related.filter(
    (one) => !(shapeError.test(problem.message) && /^'\[\w+\]' /.test(one.message)),
  );
  return [
    labelOf(problem),
    ...excerpt(problem),
    ...related.slice(0, 5).map((one) => dim(`  ${labelOf(one)}: ${fold(one.message)}`)),
  ];
}

const WIDEST = 200;
/** So much of a long line stands before what is marked. */
const LEAD = 100;

/** The line with its neighbours, the span marked below it. */
function excerpt({ source, start, end, line, column }: Problem): string[] {
  const lines = source.split(/\r\n?|\n/);
  const text = lines[line - 1];
  if (text === undefined) return [];
  const width = String(Math.min(line + 1, lines.length)).length;
  const numbered = (number: number, content: string): string => `${String(number).padStart(width)} | ${content}`;
  const neighbour = (number: number): string[] => {
    const content = lines[number - 1];
    return content === undefined ? [] : [dim(`  ${numbered(number, content.slice(0, WIDEST))}`)];
  };
  const marked = text.slice(column - 1, column - 1 + Math.max(1, end - start)) || " ";
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

const NO_WIDTH = /[\p{Mn}\p{Me}\p{Cf}]/gu;
/** Emoji and the scripts of East Asia, which fixed fonts draw over two columns. */
const WIDE =
  /\p{Emoji_Presentation}|[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/gu;

/** As much room as the text takes. Tabs stay tabs, so that what follows stands below its characters at any tab width. */
function blank(text: string): string {
  return text.replace(NO_WIDTH, "").replace(WIDE, "  ").replace(/[^\t]/gu, " ");
}

const LONGEST_TYPE = 120;

/** Shortens each quoted type that is long: what is nested deepest goes first. What stands between two quoted types is left alone. */
export function fold(message: string): string {
  return message.replace(/(?<![^\s(])'([^'\n]{121,})'/g, (_, type: string) => `'${foldType(type)}'`);
}

function foldType(type: string): string {
  for (let depth = 3; depth >= 1; depth--) {
    const folded = closeBelow(type, depth);
    if (folded.length <= LONGEST_TYPE) return folded;
  }
  const outline = closeBelow(type, 1);
  return outline.length <= LONGEST_TYPE ? outline : `${outline.slice(0, LONGEST_TYPE - 30)} … ${outline.slice(-27)}`;
}

/** Replaces the inside of all brackets that are open deeper than `depth`. */
function closeBelow(type: string, depth: number): string {
  let open = 0;
  let result = "";
  for (let at = 0; at < type.length; at++) {
    const character = type[at] ?? "";
    const closes = /[)\]}]/.test(character) || (character === ">" && type[at - 1] !== "=");
    if (closes && open-- === depth + 1) result += "…";
    if (open <= depth) result += character;
    if (/[([{<]/.test(character)) open++;
  }
  return result;
}
