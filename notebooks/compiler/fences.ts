// What stands after the three backticks: the language, and what is to become of the code. ```ts runs; every other language, and
// `ts .noeval`, is shown. Flags are words or name=value, with quotes where the value has blanks; braces around them mean nothing.

import { visit } from "unist-util-visit";
import type { Edit } from "./edits.ts";
import { nearest } from "./message.ts";
import type { Note } from "./parse.ts";
import { startOf } from "./places.ts";

export interface FenceFlags {
  /** It is a cell. */
  runs: boolean;
  language: string;
  hide: Set<"code" | "output">;
  /** A cell that has to fail. */
  expectsError: boolean;
  /** A claim that has to be refuted. */
  expectsRefuted: boolean;
  /** A statement of the text; or `^label`, `$$2` or `$3`, which name a formula. */
  check: string | undefined;
  /** What was not understood. */
  problems: string[];
}

const RUNS = new Set(["ts", "tsx", "typescript"]);
const NAMES = ["hide", "expect", "check", ".noeval"];
const WORD = /([\w.-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|([^\s"'{}]+))|([^\s{}]+)/g;

export function fenceFlags(info: string): FenceFlags {
  const [, language = "", rest = ""] = /^\s*\{?\s*([^\s{}]*)([^]*)$/.exec(info) ?? [];
  const flags: FenceFlags = {
    runs: RUNS.has(language.toLowerCase()),
    language: language.toLowerCase(),
    hide: new Set(),
    expectsError: false,
    expectsRefuted: false,
    check: undefined,
    problems: [],
  };
  // The words after other languages are other programs' business.
  if (!flags.runs) return flags;
  for (const [, name, double, single, bare, word] of rest.matchAll(WORD)) {
    const value = (double ?? single)?.replace(/\\(.)/g, "$1") ?? bare ?? "";
    take(flags, name, value, word ?? "");
  }
  if (flags.check === undefined && flags.expectsRefuted)
    flags.problems.push('expect=refuted is for a claim: add check="…"');
  return flags;
}

function take(flags: FenceFlags, name: string | undefined, value: string, word: string): void {
  switch (name) {
    case "hide":
      for (const part of value.split(/[\s,]+/)) {
        if (part === "code" || part === "output") flags.hide.add(part);
        else flags.problems.push(`hide takes code or output, not ${part}`);
      }
      return;
    case "expect":
      if (value === "error") flags.expectsError = true;
      else if (/^refuted( \((value|shape)\))?$/.test(value)) flags.expectsRefuted = true;
      else flags.problems.push(`expect takes error or refuted, not ${value}`);
      return;
    case "check":
      if (value.trim() === "")
        flags.problems.push("check needs the statement that is checked, or the name of a formula");
      else flags.check = value.trim();
      return;
    case undefined:
      if (word === ".noeval") flags.runs = false;
      else flags.problems.push(unknown(word));
      return;
    default:
      flags.problems.push(unknown(name));
  }
}

function unknown(flag: string): string {
  const suggestion = nearest(flag, NAMES);
  return `a fence has no flag ${flag}${suggestion === undefined ? "" : `; did you mean ${suggestion}?`}`;
}

/** Flags are for the compiler: behind a language, highlighters know nothing. */
export function fenceEdits(note: Note): Edit[] {
  const edits: Edit[] = [];
  visit(note.tree, "code", ({ lang, meta, position }) => {
    if (!RUNS.has(lang?.toLowerCase() ?? "") || !meta || position === undefined) return;
    const start = startOf({ type: "code", position });
    const line = note.text.slice(start, note.text.indexOf("\n", start));
    const [opening = ""] = /^(?:`+|~+)[ \t]*\S+/.exec(line) ?? [];
    edits.push({ start: start + opening.length, end: start + line.trimEnd().length, text: "" });
  });
  return edits;
}
