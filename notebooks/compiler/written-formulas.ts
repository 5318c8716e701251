// Which formulas of a note are checked as they are written: all on lines of their own, and of those within lines what claims a gradient or defines a
// name that the others need. A note without code is checked, too, if it defines what the gradients are of.

import { parseFormula } from "../claims/tex/parse.ts";
import { OutsideSubset } from "../claims/tex/tokens.ts";
import { type Expression, fullName, keyOf, partsOf } from "../claims/tex/tree.ts";
import type { Formula } from "./math.ts";

interface Read {
  formula: Formula;
  /** Of the name on the left, and of it without its subscript. */
  defines: string[];
  /** Of all names that it needs. */
  names: Set<string>;
  isGradient: boolean;
}

export class WrittenFormulas {
  /** To be checked if something runs. */
  readonly checked: ReadonlySet<Formula>;
  /** They are worth a run of their own. */
  readonly stand: boolean;
  /** Keys of the names in them. */
  readonly names: ReadonlySet<string>;

  /** `isBound` tells formulas that have code. */
  constructor(formulas: readonly Formula[], isBound: (formula: Formula) => boolean) {
    const read = formulas.flatMap((formula) => readFormula(formula));
    const needed = new Set<string>();
    const checked = new Set<Formula>(formulas.filter((formula) => formula.display && !isBound(formula)));
    const waiting = read.filter(({ formula, isGradient }) => !isBound(formula) && (formula.display || isGradient));
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      checked.add(next.formula);
      for (const name of next.names) {
        if (needed.has(name)) continue;
        needed.add(name);
        waiting.push(
          ...read.filter(
            ({ formula, defines }) => defines.includes(name) && !checked.has(formula) && !isBound(formula),
          ),
        );
      }
    }
    this.checked = checked;
    this.names = needed;
    this.stand = read.some(
      ({ isGradient, names }) => isGradient && read.some(({ defines }) => defines.some((name) => names.has(name))),
    );
  }
}

function readFormula(formula: Formula): Read[] {
  try {
    return parseFormula(formula.tex).flatMap(({ sides }): Read[] => {
      const [left, ...rights] = sides;
      if (left === undefined || rights.length === 0) return [];
      const isGradient = left.kind === "derivative";
      const defines = left.kind === "name" ? keysOf(left) : [];
      return [{ formula, defines, names: new Set((isGradient ? sides : rights).flatMap(keysOf)), isGradient }];
    });
  } catch (error) {
    if (error instanceof OutsideSubset) return []; // Its verdict says so, if it has one.
    throw error;
  }
}

function keysOf(expression: Expression): string[] {
  return partsOf(expression).flatMap((part) => (part.kind === "name" ? [keyOf(fullName(part)), keyOf(part.base)] : []));
}
