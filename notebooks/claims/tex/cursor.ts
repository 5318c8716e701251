// Where a parser is in a formula: the next token, whether it is this or that, and groups that are taken as text.

import { OutsideSubset, type Token, tokensOf } from "./tokens.ts";

export const STYLES = new Set(["mathbf", "boldsymbol", "bm", "mathit", "mathcal", "mathscr", "vec", "mathsf", "pmb"]);
export const WORDS = new Set(["text", "mathrm", "operatorname", "textrm", "textit", "texttt", "mathtt"]);

export class Cursor {
  readonly tex: string;
  readonly tokens: Token[];
  next = 0;

  constructor(tex: string) {
    this.tex = tex;
    this.tokens = tokensOf(tex);
    while (/^[.,;]$/.test(this.tokens.at(-1)?.text ?? "")) this.tokens.pop();
  }

  /** What was read since `start`. */
  written(start: number): string {
    return this.tex.slice(start, this.tokens[this.next - 1]?.end).trim();
  }

  /** A script as text: `{ij}` and `i`, and `{\text{target}}` too. */
  rawScript(): string {
    if (this.isSymbol("{")) return this.rawGroup();
    const token = this.peek();
    if (token === undefined) throw new OutsideSubset("the formula ends too early", this.tex.length);
    this.next++;
    if (token.kind === "command" && (WORDS.has(token.text) || STYLES.has(token.text))) return this.rawScript();
    return token.text;
  }

  rawGroup(): string {
    const start = this.place();
    this.expectSymbol("{");
    let depth = 1;
    let text = "";
    while (depth > 0) {
      const token = this.peek();
      if (token === undefined) throw new OutsideSubset("{ without }", start);
      this.next++;
      if (token.kind === "symbol" && token.text === "{") depth++;
      else if (token.kind === "symbol" && token.text === "}") depth--;
      else if (token.kind !== "command" || !(WORDS.has(token.text) || STYLES.has(token.text))) text += token.text;
    }
    return text;
  }

  peek(ahead = 0): Token | undefined {
    return this.tokens[this.next + ahead];
  }

  place(): number {
    return this.peek()?.start ?? this.tex.length;
  }

  isSymbol(text: string): boolean {
    return this.peek()?.kind === "symbol" && this.peek()?.text === text;
  }

  takeSymbol(text: string): boolean {
    const found = this.isSymbol(text);
    if (found) this.next++;
    return found;
  }

  expectSymbol(text: string): void {
    if (!this.takeSymbol(text)) throw this.unexpected();
  }

  isCommand(text: string): boolean {
    return this.peek()?.kind === "command" && this.peek()?.text === text;
  }

  takeCommand(text: string): boolean {
    const found = this.isCommand(text);
    if (found) this.next++;
    return found;
  }

  unexpected(): OutsideSubset {
    const token = this.peek();
    if (token === undefined) return new OutsideSubset("the formula ends too early", this.tex.length);
    return new OutsideSubset(this.tex.slice(token.start, token.end), token.start);
  }

  /** The first digit of a number; the others are left. */
  takeDigit(): string | undefined {
    const token = this.peek();
    if (token?.kind !== "number") return undefined;
    const digit = token.text.slice(0, 1);
    const rest = token.text.slice(1);
    const middle = token.start + 1;
    if (rest === "") this.next++;
    else this.tokens[this.next] = { ...token, text: rest, start: middle };
    return digit;
  }
}
