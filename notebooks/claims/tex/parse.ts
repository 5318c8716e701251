// A formula → its equations: one, or several in the rows of an `aligned`, behind each other with a comma, a wide space, an arrow or an "and" between
// them. A row that begins with its sign goes on with the row above. Remarks and numbers of equations are no part of them.

import { EQUALS, ExpressionParser, SEPARATORS } from "./expression.ts";
import { WORDS } from "./cursor.ts";
import { OutsideSubset } from "./tokens.ts";
import type { Equation, Expression } from "./tree.ts";

export { OutsideSubset } from "./tokens.ts";

/** @throws OutsideSubset with the place of what is not read. */
export function parseFormula(tex: string): Equation[] {
  return new Parser(tex).formula();
}

const ROWS = new Set(
  "aligned align align* aligned* gathered gather gather* split equation equation* alignat".split(" "),
);

class Parser extends ExpressionParser {
  formula(): Equation[] {
    const rows = this.isCommand("begin") && this.#takeRows();
    const equations: Equation[] = [];
    do {
      if (rows && this.isCommand("end")) break;
      this.#row(equations);
    } while (rows && this.takeCommand("\\"));
    if (rows) {
      if (!this.takeCommand("end")) throw this.unexpected();
      this.rawGroup();
      while (this.#takeSeparator());
      this.#takeRemark();
    }
    if (this.peek() !== undefined) throw this.unexpected();
    return equations;
  }

  /** An environment may also begin a side, such as that of cases. */
  #takeRows(): boolean {
    const from = this.next;
    this.next++;
    if (ROWS.has(this.rawGroup())) return true;
    this.next = from;
    return false;
  }

  #row(equations: Equation[]): void {
    const above = equations.at(-1);
    if (above !== undefined && this.#takeEquals()) this.#sides(above.sides);
    else {
      while (this.#takeSeparator());
      equations.push({ sides: this.#sides([]) });
    }
    for (;;) {
      const from = this.next;
      while (this.#takeSeparator());
      if (this.#takeRemark() || this.isRowEnd()) return;
      if (this.next === from) throw this.unexpected();
      equations.push({ sides: this.#sides([]) });
    }
  }

  #sides(sides: Expression[]): Expression[] {
    do sides.push(this.sum());
    while (this.#takeEquals());
    return sides;
  }

  #takeEquals(): boolean {
    if (this.isSymbol(":") && this.peek(1)?.text === "=") this.next++;
    if (this.takeSymbol("=")) return true;
    const token = this.peek();
    if (token?.kind !== "command" || !EQUALS.has(token.text)) return false;
    this.next++;
    return true;
  }

  #takeSeparator(): boolean {
    if (this.takeSymbol(",") || this.takeSymbol(";")) return true;
    const token = this.peek();
    if (token?.kind !== "command") return false;
    if (this.isConjunction()) {
      this.next++;
      this.rawScript();
      return true;
    }
    if (SEPARATORS.has(token.text)) this.next++;
    return SEPARATORS.has(token.text);
  }

  /** `\quad (3)` and `\quad \text{by the chain rule}`, at the end. */
  #takeRemark(): boolean {
    const from = this.next;
    if (WORDS.has(this.peek()?.text ?? "") && this.peek()?.kind === "command") {
      const place = this.place();
      this.next++;
      this.rawScript();
      if (this.isRowEnd()) return true;
      if (this.isSymbol("=") || this.isSymbol("_") || this.isSymbol("(") || this.isSymbol("^")) this.next = from;
      else throw new OutsideSubset(`a side condition, ${this.written(place)}`, place);
      return false;
    }
    if (!this.takeSymbol("(")) return false;
    while (
      /^(?:number|letter)$/.test(this.peek()?.kind ?? "") ||
      /^(?:[.*]|ast|star|dagger)$/.test(this.peek()?.text ?? "")
    )
      this.next++;
    if (this.takeSymbol(")") && this.isRowEnd()) return true;
    this.next = from;
    return false;
  }
}
