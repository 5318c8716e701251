// Fences with `check="…"` → code that calls `adjoint/claims`, so that a notebook shows the same verdict wherever it runs: the fence's last
// expression becomes the evidence for a statement, or the right-hand side of a formula. Formulas that no fence names get a cell that
// tries them as they are written.

import { lastExpression } from "../../kernel/cell/last-expression.ts";
import { declarationsOf } from "../../kernel/language/declarations.ts";
import { tokensOf } from "../../kernel/language/tokens.ts";
import { keyOf } from "../claims/tex/tree.ts";
import { nearest } from "./message.ts";
import type { Formula } from "./math.ts";
import type { Note } from "./parse.ts";
import type { Fence } from "./pieces.ts";
import { WrittenFormulas } from "./written-formulas.ts";

/** `^name`, `$$2`, `$3` */
const FORMULA = /^(?:\^[\w-]+|\$\$?\d+)$/;

export class ClaimWriter {
  readonly #formulas: readonly Formula[];
  readonly #bound = new Map<Fence, Formula>();
  readonly #written: WrittenFormulas;
  /** Values of the cells that were written so far. */
  readonly #declared = new Set<string>();

  constructor(formulas: readonly Formula[], fences: readonly { fence: Fence; note: Note }[]) {
    this.#formulas = formulas;
    for (const { fence, note } of fences) {
      const { check } = fence.flags;
      if (check === undefined || !FORMULA.test(check)) continue;
      const formula = formulas.find(({ place, label }) => check === place || check === `^${label}`);
      if (formula === undefined) note.report("error", fence.offset, this.#unknown(check));
      else if ([...this.#bound.values()].includes(formula)) {
        note.report("error", fence.offset, `the formula ${check} is checked by another fence already`);
      } else this.#bound.set(fence, formula);
    }
    const withCode = new Set([...this.#bound].flatMap(([{ code }, formula]) => (code.trim() === "" ? [] : [formula])));
    this.#written = new WrittenFormulas(formulas, (formula) => withCode.has(formula));
  }

  /** Whether the formulas alone are worth a run. */
  get stand(): boolean {
    return this.#written.stand;
  }

  /** Whether a formula is checked as it is written, where it stands. */
  isChecked(formula: Formula): boolean {
    return this.#written.checked.has(formula) && ![...this.#bound.values()].includes(formula);
  }

  /** A cell for formulas as they are written. */
  formulaCell(formulas: readonly Formula[], expect = ""): string {
    const lines = formulas.map((formula) => `  ${formulaObject(formula, expect)},`);
    const names = [...this.#declared].filter((name) => this.#written.names.has(keyOf(name)));
    const cells = names.length === 0 ? "" : `, { ${names.join(", ")} }`;
    return [writtenComment(formulas), WRITTEN_IMPORT, "checkFormulas([", ...lines, `]${cells});`].join("\n");
  }

  /** The cell of a fence, the lines that come before its code, and what it is about. */
  write(fence: Fence, note: Note): { source: string; added: number; claims: string[] } {
    const written = this.#cell(fence, note);
    if (!fence.flags.expectsError) this.#declare(fence.code);
    return written;
  }

  #declare(code: string): void {
    for (const [name, { kind }] of declarationsOf(tokensOf(code)).names) {
      if (["let", "const", "var", "function"].includes(kind)) this.#declared.add(name);
      else this.#declared.delete(name);
    }
  }

  #cell(fence: Fence, note: Note): { source: string; added: number; claims: string[] } {
    const { code, flags, offset } = fence;
    const plain = { source: code, added: 0, claims: [] };
    if (flags.check === undefined) return plain;
    const formula = this.#bound.get(fence);
    if (formula === undefined && FORMULA.test(flags.check)) return plain;
    const claims = [formula?.place ?? flags.check];
    const expect = flags.expectsRefuted ? 'expect: "refuted"' : "";
    if (formula !== undefined && code.trim() === "") {
      return { source: this.formulaCell([formula], expect), added: 0, claims };
    }
    const range = lastExpression(code);
    if (range === null) {
      note.report("error", offset, "a fence with check ends with an expression: the evidence, or the right-hand side");
      return plain;
    }
    const expression = code.slice(range.start, range.end);
    const call =
      formula === undefined
        ? `claim(${JSON.stringify(flags.check)}, ${expression}${expect === "" ? "" : `, { ${expect} }`})`
        : `checkFormula(${formulaObject(formula, expect)}, ${expression})`;
    const name = formula === undefined ? "claim" : "checkFormula";
    // JupyterLab shows the first line of a cell whose code is hidden.
    const comment = `// Claim: ${formula === undefined ? flags.check : formulaName(formula)}`;
    const source = `${comment}\nimport { ${name} } from "adjoint/claims";\n${code.slice(0, range.start)}${call};`;
    return { source, added: 2, claims };
  }

  #unknown(check: string): string {
    const names = this.#formulas.flatMap(({ place, label }) => (label === undefined ? [place] : [`^${label}`, place]));
    const suggestion = nearest(check, names);
    if (names.length === 0) return `there is no formula ${check}: the note has none`;
    return `there is no formula ${check}${suggestion === undefined ? "" : `; did you mean ${suggestion}?`}`;
  }
}

const WRITTEN_IMPORT = 'import { checkFormulas } from "adjoint/claims";';

/** Whether the cell checks formulas as they are written. */
export function isFormulaCell(source: string): boolean {
  return source.replace(/^\/\/[^\n]*\n/, "").startsWith(WRITTEN_IMPORT);
}

function formulaName({ place, label }: Formula): string {
  return `formula ${label === undefined ? place : `^${label}`}`;
}

function writtenComment(formulas: readonly Formula[]): string {
  const [first] = formulas;
  const names = formulas.map(({ place, label }) => (label === undefined ? place : `^${label}`));
  if (formulas.length === 1 && first !== undefined) return `// Claim: ${formulaName(first)}, as it is written`;
  return `// Claims: formulas ${names.slice(0, -1).join(", ")} and ${names.at(-1)}, as they are written`;
}

function formulaObject({ place, label, tex }: Formula, expect: string): string {
  const raw = /`|\$\{|\\$/.test(tex) ? JSON.stringify(tex) : `String.raw\`${tex}\``;
  const fields = [`place: ${JSON.stringify(place)}`, label && `label: ${JSON.stringify(label)}`, `tex: ${raw}`, expect];
  return `{ ${fields.filter(Boolean).join(", ")} }`;
}
