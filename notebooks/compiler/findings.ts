// Stage 4: the verdicts that a notebook's cells have shown, as data. What should have shown one and did not, because nothing ran or
// its cell failed, is not checked.

import type { Notebook } from "../../kernel/notebook.ts";
import { type Finding, VERDICTS_TYPE } from "../claims/verdict.ts";
import { codeCells, markOf } from "./cells.ts";
import type { Formula } from "./math.ts";

export interface PlacedFinding extends Finding {
  /** In the note, or in the file that it names. */
  line: number;
  file?: string;
  /** The cell that showed it. */
  cell?: string;
}

export function findingsOf(notebook: Notebook, formulas: readonly Formula[]): PlacedFinding[] {
  const findings: PlacedFinding[] = [];
  const byPlace = new Map(formulas.map((formula) => [formula.place, formula]));
  for (const cell of codeCells(notebook)) {
    const mark = markOf(cell);
    if (mark?.claims === undefined) continue;
    const shown = cell.outputs.flatMap((output) => {
      const data = "data" in output ? output.data[VERDICTS_TYPE] : undefined;
      return Array.isArray(data) ? (data as Finding[]) : [];
    });
    const file = mark.file === undefined ? {} : { file: mark.file };
    for (const claim of mark.claims) {
      const formula = byPlace.get(claim);
      const found = shown.find((finding) => (finding.place ?? finding.claim) === claim);
      // A statement's cell begins with two lines of its own, the fence with one.
      const where = formula === undefined ? { line: mark.line + 1, ...file } : { line: formula.line };
      const unchecked: Finding = {
        claim: formula?.tex ?? claim,
        ...(formula !== undefined && { place: formula.place }),
        verdict: "not checked",
        detail: cell.execution_count === null ? "its cell was not run" : "its cell gave no verdict",
        warnings: [],
      };
      findings.push({ ...(found ?? unchecked), ...where, cell: cell.id });
    }
  }
  const found = new Set(findings.map(({ place }) => place));
  for (const { place, label, tex, line, display } of formulas) {
    if (!display || found.has(place)) continue;
    const name = label === undefined ? {} : { label };
    const detail = "no code is bound to it";
    findings.push({ claim: tex, place, ...name, verdict: "not checked", detail, warnings: [], line });
  }
  return findings;
}

/** A claim that fails the build: refuted, or not refuted though it was said to be. */
export function isBad({ verdict, expected }: Finding): boolean {
  return expected === undefined ? verdict.startsWith("refuted") : !verdict.startsWith(expected);
}

/** `3 hold, 1 refuted (shape)` */
export function summaryOf(findings: readonly Finding[]): string {
  const counts = new Map<string, number>();
  for (const { verdict, defines } of findings) {
    const kind = defines === undefined || verdict !== "holds" ? verdict : "definition";
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  const plural: Record<string, string> = { holds: "hold", definition: "definitions" };
  const order = ["holds", "definition", "refuted (value)", "refuted (shape)", "not checkable", "not checked"];
  return order
    .flatMap((verdict) => {
      const count = counts.get(verdict);
      if (count === undefined) return [];
      return [`${count} ${count > 1 ? (plural[verdict] ?? verdict) : verdict}`];
    })
    .join(", ");
}
