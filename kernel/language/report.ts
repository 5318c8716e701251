// A problem that TypeScript has with a cell as the reader of a notebook wants to see it: code and message, the place, the line with
// the span marked, what else it points to. Long types are folded: their outline is kept, their inside is not.

import { bold, dim, excerpt } from "../excerpt.ts";
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

export function errorOutput(problems: readonly Problem[]): ErrorOutput {
  const ename = "TypeScriptError";
  const [first] = problems;
  const more = problems.length > 1 ? ` (and ${problems.length - 1} more)` : "";
  const evalue = first === undefined ? "" : `${headline(first)}${more}`;
  const traceback = told(problems).flatMap(([problem, ...others], index) => {
    const [head = "", ...rest] = textOf(problem);
    return [
      ...(index > 0 ? [""] : []),
      bold(index === 0 ? `${ename}: ${head}` : head),
      ...rest,
      ...placeOf(problem),
      ...elsewhere(others).map(dim),
    ];
  });
  if (problems.length > 1)
    traceback.push(
      "",
      ...untold(problems).map(dim),
      dim(`${problems.length} type errors; nothing of the cell was run`),
    );
  return { ename, evalue, traceback };
}

/** For stderr. */
export function warningText(problems: readonly Problem[]): string {
  const texts = told(problems).map(([problem, ...others]) => {
    const [head = "", ...rest] = textOf(problem);
    return [`${labelOf(problem)}: ${head}`, ...rest, ...elsewhere(others)];
  });
  return [...texts.flat(), ...untold(problems)].map((line) => `${line}\n`).join("");
}

type Alike = [first: Problem, ...others: Problem[]];

/** Those that say the same, each time together. */
function alike(problems: readonly Problem[]): Alike[] {
  const groups = new Map<string, Alike>();
  for (const problem of problems) {
    const key = [problem.where, ...textOf(problem)].join("\n");
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [problem]);
    else group.push(problem);
  }
  return [...groups.values()];
}

function told(problems: readonly Problem[]): Alike[] {
  return alike(problems).slice(0, MOST_PROBLEMS);
}

/** That there are more than are told. */
function untold(problems: readonly Problem[]): string[] {
  const rest = alike(problems).slice(MOST_PROBLEMS).flat();
  return rest.length === 0
    ? []
    : [`and ${rest.length} more, from line ${Math.min(...rest.map(({ line }) => line))} on`];
}

const MOST_PLACES = 20;

/** Where else it is the same. */
function elsewhere(others: readonly Problem[]): string[] {
  if (others.length === 0) return [];
  const lines = others.slice(0, MOST_PLACES).map(({ line }) => String(line));
  if (others.length > MOST_PLACES) lines.push("…");
  const [places, where] = others.length === 1 ? ["place", "line"] : ["places", "lines"];
  return [`and at ${others.length} more ${places}: ${where} ${lines.join(", ")}`];
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
    ...excerpt(problem.source, problem, problem.end - problem.start),
    ...related.slice(0, 5).map((one) => dim(`  ${labelOf(one)}: ${fold(one.message)}`)),
  ];
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
