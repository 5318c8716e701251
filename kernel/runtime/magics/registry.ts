// The one table of magics. What is in it runs, is listed by `%help`, completed after `%`, explained by `%name?` and Shift-Tab, and
// suggested for a name that is none. Loaded when a cell first has such a line.

import { distance } from "../../distance.ts";
import { environmentMagics } from "./environment.ts";
import { fileMagics } from "./files.ts";
import { insteadOf } from "./foreign.ts";
import { historyMagics } from "./history.ts";
import { type Call, type Magic, usageError } from "./magic.ts";
import { markupMagics } from "./markup.ts";
import { nameMagics } from "./names.ts";
import { npmMagics } from "./npm.ts";
import { shellMagics } from "./shell.ts";
import { showTable } from "./table.ts";
import { timingMagics } from "./timing.ts";

export { LineError } from "./magic.ts";
export type { Call, MagicSession } from "./magic.ts";

function help({ text }: Call): void {
  const rows = magics
    .flatMap((magic) => usages(magic).map((usage) => [usage, magic.help] as const))
    .filter(([usage]) => text === "" || bareName(usage.split(" ", 1)[0] ?? "") === bareName(text));
  if (rows.length === 0) throw unknown(text.startsWith("%") ? text : `%${text}`);
  showTable(["line", "what it does"], rows);
}

/** The kernel obeys it before the cell is checked (typecheck.ts); what comes here stands somewhere else. */
function misplaced(): never {
  throw usageError("%typecheck counts for the cell that it is at the top of: put it before the code");
}

export const magics: readonly Magic[] = [
  ...shellMagics,
  ...npmMagics,
  ...timingMagics,
  ...nameMagics,
  ...environmentMagics,
  ...fileMagics,
  ...historyMagics,
  ...markupMagics,
  {
    names: ["typecheck"],
    usage: "[error|warn|off]",
    help: "Says what a type error does, from this cell on: stop the cell, be told on stderr, or nothing.",
    line: misplaced,
  },
  {
    names: ["help", "lsmagic"],
    usage: "[NAME]",
    help: "Lists the lines and cells that are no TypeScript, or explains one.",
    line: help,
  },
];

/** A name as it is typed: `!`, `%time`, `%%time`. */
function formsOf(name: string, { line, cell }: Magic): string[] {
  if (name === "!") return ["!"];
  return [...(line ? [`%${name}`] : []), ...(cell ? [`%%${name}`] : [])];
}

function usages(magic: Magic): string[] {
  const after = (form: string) => (form.startsWith("%%") ? (magic.cellUsage ?? magic.usage) : magic.usage);
  return formsOf(magic.names[0], magic).map((form) =>
    form === "!" ? `!${magic.usage}` : `${form} ${after(form)}`.trim(),
  );
}

function allForms(): string[] {
  return magics.flatMap((magic) => magic.names.flatMap((name) => formsOf(name, magic)));
}

function bareName(typed: string): string {
  return typed.replace(/^%+/, "");
}

export function findMagic(typed: string): Magic | undefined {
  return magics.find(({ names }) => names.includes(bareName(typed)));
}

/** What `typed` may become: `%ti` is `%time` or `%timeit`. */
export function completions(typed: string): string[] {
  return allForms().filter((form) => form.startsWith(typed));
}

/** Usage and help of a magic, as a page. */
export function explain(typed: string): string | undefined {
  const magic = findMagic(typed);
  if (magic === undefined) return undefined;
  const [, ...others] = magic.names;
  const also = others.length === 0 ? [] : [`Also: ${others.map((name) => `%${name}`).join(", ")}`];
  return [...usages(magic), "", magic.help, ...also].join("\n");
}

/** Runs a line, or a cell, as it was typed. Throws a LineError for what is none. */
export function runMagic(call: Call): unknown {
  const magic = findMagic(call.typed);
  const isCell = call.typed.startsWith("%%");
  const run = isCell ? magic?.cell : magic?.line;
  if (run !== undefined) return run(call);
  if (magic?.line !== undefined)
    throw usageError(`'${call.typed}' is no cell of its own: write '${call.typed.slice(1)}' on a line`);
  if (magic?.cell !== undefined)
    throw usageError(`'${call.typed}' takes a whole cell: write '%${call.typed}' on its first line`);
  throw unknown(call.typed);
}

function unknown(typed: string): Error {
  const instead = insteadOf(bareName(typed));
  if (instead !== undefined) return usageError(`unknown magic '${typed}': ${instead}`);
  const nearest = nearestTo(typed);
  const hint = nearest === undefined ? "" : ` did you mean '${nearest}'?`;
  return usageError(`unknown magic '${typed}':${hint} %help lists all`);
}

/** The most letters by which a name may differ, if that is not more than a third of it. */
const FARTHEST = 2;

function nearestTo(typed: string): string | undefined {
  const name = bareName(typed);
  const limit = Math.min(FARTHEST, Math.ceil(name.length / 3));
  const isCell = typed.startsWith("%%");
  const near = allForms()
    .map((form) => ({ form, far: distance(name, bareName(form)), other: form.startsWith("%%") !== isCell }))
    .filter(({ form, far }) => far <= limit && form !== "!")
    .sort((a, b) => a.far - b.far || Number(a.other) - Number(b.other));
  return near[0]?.form;
}
