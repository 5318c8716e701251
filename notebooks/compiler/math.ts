// Formulas: numbered by their place (`$$2` is the second display, `$3` the third in a line), named by the `^label` behind them, and
// written as JupyterLab and nbconvert render them: `$…$` in a line, `$$` on lines of their own around the others.

import type { Paragraph, Parents } from "mdast";
import type { Edit } from "./edits.ts";
import { isUnfolded } from "./callouts.ts";
import type { Note } from "./parse.ts";
import { typeset } from "./page/formulas.ts";
import { endOf, isIn, type Place, prefixOf, startOf } from "./places.ts";

export interface Formula {
  place: string;
  label: string | undefined;
  tex: string;
  display: boolean;
  /** With its label. */
  start: number;
  end: number;
  line: number;
}

const LABEL = /^[ \t]*(?:\r?\n[ \t>]*)?\^([\w-]+)[ \t]*(?=\r?\n|$)/;

export function formulasOf(note: Note, places: readonly Place[]): Formula[] {
  const count = { display: 0, inline: 0 };
  const taken = new Set<string>();
  return places.flatMap(({ span }): Formula[] => {
    if (span.kind !== "math") return [];
    const { start, tex, display } = span;
    const found = display ? LABEL.exec(note.text.slice(span.end, span.end + 200)) : null;
    const label = found?.[1];
    if (label !== undefined && taken.has(label)) note.report("error", start, `two formulas are named ^${label}`);
    if (label !== undefined) taken.add(label);
    const place = display ? `$$${++count.display}` : `$${++count.inline}`;
    const end = span.end + (found?.[0].length ?? 0);
    return [{ place, label, tex, display, start, end, line: note.lineAt(start) }];
  });
}

/** Tells what KaTeX cannot set: a page shows its TeX. */
export function checkTex(note: Note, formulas: readonly Formula[]): void {
  for (const { tex, display, start } of formulas) {
    const { problem } = typeset(tex, display);
    if (problem === undefined) continue;
    const shown = tex.length > 60 ? `${tex.slice(0, 60)}…` : tex;
    note.report("warning", start, `the formula ${shown.replace(/\s+/g, " ")} cannot be set: ${problem}`);
  }
}

export function mathEdits(note: Note, places: readonly Place[], formulas: readonly Formula[]): Edit[] {
  const labelled = new Map(formulas.map((formula) => [formula.start, formula]));
  const edits: Edit[] = [];
  let before = -1;
  for (const { span, ancestors } of places) {
    if (span.kind !== "math") continue;
    const parent = ancestors.at(-1);
    const end = labelled.get(span.start)?.end ?? span.end;
    if (span.display && parent?.type === "paragraph" && !isIn(ancestors, "tableCell")) {
      const edit = displayEdit(note, { start: span.start, end, tex: span.tex }, parent, ancestors, before);
      before = edit.end;
      edits.push(edit);
    } else edits.push({ start: span.start, end, text: inline(span.tex, span.display, ancestors) });
  }
  return edits;
}

function inline(tex: string, display: boolean, ancestors: readonly Parents[]): string {
  let line = tex.replace(/\s*\n\s*/g, " ");
  // Markdown would end the cell of the table.
  if (isIn(ancestors, "tableCell")) line = line.replaceAll("\\|", "\\Vert ").replaceAll("|", "\\vert ");
  return display ? `$\\displaystyle ${line}$` : `$${line}$`;
}

/** `before` is where the edit of the formula before ends. */
function displayEdit(
  note: Note,
  formula: { start: number; end: number; tex: string },
  paragraph: Paragraph,
  ancestors: readonly Parents[],
  before: number,
): Edit {
  const { text } = note;
  const from = startOf(paragraph);
  const to = endOf(paragraph);
  const prefix = prefixOf(note, paragraph, isUnfolded(note, ancestors[1]));
  const gap = /[ \t]*(?:\r?\n[ \t>]*)*$/.exec(text.slice(Math.max(from, before), formula.start))?.[0].length ?? 0;
  const start = formula.start - gap;
  // A full stop alone on a line would look lost.
  const [, mark = ""] = /^([.,;:])(?=\s|$)/.exec(text.slice(formula.end, to)) ?? [];
  const rest = /^[ \t]*(?:\r?\n[ \t>]*)*/.exec(text.slice(formula.end + mark.length, to))?.[0].length ?? 0;
  const end = Math.min(to, formula.end + mark.length + rest);
  const lines = formula.tex.split("\n").map((line) => line.trimEnd());
  const tex = lines.filter((line) => line.trim() !== "").join(`\n${prefix}`);
  const gapBefore = start > from && start !== before ? `\n${prefix.trimEnd()}\n${prefix}` : "";
  const gapAfter = end < to ? `\n${prefix.trimEnd()}\n${prefix}` : "";
  return { start, end, text: `${gapBefore}$$\n${prefix}${tex}${mark}\n${prefix}$$${gapAfter}` };
}
