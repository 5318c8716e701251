// Comparisons in TeX, which are 1 or 0: in brackets, behind a bold 1 and below it, and as the conditions of cases. A bold 1 without one is a vector of ones.

import { Cursor, WORDS } from "./cursor.ts";
import { print } from "./print.ts";
import type { Comparison, ComparisonExpression, Expression } from "./tree.ts";

export const CLOSING: Record<string, string> = { "(": ")", "[": "]", "{": "}" };

export const COMPARISONS: Record<string, Comparison> = {
  ">": ">", "<": "<", "=": "=", "≥": "≥", "≤": "≤", "≠": "≠", gt: ">", lt: "<", ge: "≥", geq: "≥", geqslant: "≥", le: "≤", leq: "≤", leqslant: "≤",
  ne: "≠", neq: "≠",
}; // prettier-ignore

export abstract class ComparisonParser extends Cursor {
  abstract sum(): Expression;

  /** In brackets `z > 0` is 1 where it is so, and 0 elsewhere. */
  maybeCompared(): Expression {
    const left = this.sum();
    const { text = "" } = this.peek() ?? {};
    return text !== "=" && COMPARISONS[text] !== undefined ? this.#compared(left) : left;
  }

  #compared(left: Expression): ComparisonExpression {
    const sign = COMPARISONS[this.peek()?.text ?? ""];
    if (sign === undefined) throw this.unexpected();
    this.next++;
    return { kind: "indicator", left, sign, right: this.sum() };
  }

  /** Whether the brackets that begin here hold a comparison. */
  #comparesInside(): boolean {
    let depth = 0;
    for (let k = 0; ; k++) {
      const text = this.peek(k)?.text;
      if (text === undefined) return false;
      if (/^[([{]$/.test(text)) depth++;
      else if (/^[)\]}]$/.test(text)) depth--;
      else if (depth > 0 && COMPARISONS[text] !== undefined) return true;
      if (depth === 0) return false;
    }
  }

  /** `\mathbf{1}`, or `\mathbb{1}[z > 0]` and `\mathbf{1}_{z > 0}` */
  ones(): Expression {
    const from = this.next;
    if (this.takeSymbol("_") && !this.#comparesInside()) this.next = from;
    if (!this.#comparesInside()) return { kind: "ones", size: undefined };
    const closers = [];
    for (let token = this.peek(); token !== undefined && /^[([{]$/.test(token.text); token = this.peek()) {
      closers.unshift(CLOSING[token.text]);
      this.next++;
    }
    const compared = this.#compared(this.sum());
    for (const closer of closers) {
      if (this.peek()?.text !== closer) throw this.unexpected();
      this.next++;
    }
    return compared;
  }

  /** Rows of values and conditions; the last may hold otherwise. */
  cases(): Expression {
    const rows: { value: Expression; condition: ComparisonExpression | undefined }[] = [];
    do {
      const value = this.sum();
      this.takeSymbol(",");
      this.takeSymbol("&");
      const from = this.next;
      if (WORDS.has(this.peek()?.text ?? "")) {
        this.next++;
        this.rawScript();
      }
      const ends = this.peek()?.kind === "symbol" ? /^[.,;]$/.test(this.peek()?.text ?? "") : this.isRowEnd();
      const isOtherwise = this.next > from && ends;
      rows.push({ value, condition: isOtherwise ? undefined : this.#compared(this.sum()) });
      if (/^[.,;]$/.test(this.peek()?.text ?? "")) this.next++;
    } while (this.takeCommand("\\") && !this.isCommand("end"));
    if (!this.takeCommand("end")) throw this.unexpected();
    this.rawGroup();
    const last = rows.at(-1);
    if (last === undefined || rows.slice(0, -1).some(({ condition }) => condition === undefined))
      throw this.unexpected();
    const isComplete =
      last.condition === undefined || (rows.length === 2 && areOpposite(rows[0]?.condition, last.condition));
    const nothing: Expression = { kind: "number", value: NaN };
    return (isComplete ? rows.slice(0, -1) : rows).reduceRight<Expression>(
      (otherwise, { value, condition }) =>
        condition === undefined ? value : { kind: "cases", condition, value, otherwise },
      isComplete ? last.value : nothing,
    );
  }
}

function areOpposite(one: ComparisonExpression | undefined, other: ComparisonExpression): boolean {
  const opposite: Record<Comparison, Comparison[]> = {
    ">": ["≤", "<"], "<": ["≥", ">"], "≥": ["<", "≤"], "≤": [">", "≥"], "=": ["≠"], "≠": ["="],
  }; // prettier-ignore
  if (one === undefined || !opposite[one.sign].includes(other.sign)) return false;
  return print(one.left) === print(other.left) && print(one.right) === print(other.right);
}
