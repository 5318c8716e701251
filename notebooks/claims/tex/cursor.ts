// Where a parser is in a formula: the next token, whether it is this or that, and groups that are taken as text.

import { OutsideSubset, type Token, tokensOf } from "./tokens.ts";

export const STYLES = new Set(["mathbf", "boldsymbol", "bm", "mathit", "mathcal", "mathscr", "vec", "mathsf", "pmb"]);
export const WORDS = new Set(["text", "mathrm", "operatorname", "textrm", "textit", "texttt", "mathtt"]);

const CONJUNCTIONS =
  /^(?:and|with|where|so|so that|then|thus|hence|therefore|or|which gives|und|mit|wobei|also|et|où)[,:]?$/i;

export class Cursor {
  readonly tex: string;
  readonly tokens: Token[];
  next = 0;

  constructor(tex: string) {
    this.tex = tex;
    this.tokens = withoutSpace(withoutColumns(tokensOf(tex)));
    while (/^[.,;]$/.test(this.tokens.at(-1)?.text ?? "")) this.tokens.pop();
  }

  /** At the end of a row, or of all. */
  isRowEnd(): boolean {
    return this.peek() === undefined || this.isCommand("\\") || this.isCommand("end");
  }

  /** `\text{and}` between equations. */
  isConjunction(): boolean {
    const from = this.next;
    const token = this.peek();
    if (token?.kind !== "command" || !WORDS.has(token.text) || this.peek(1)?.text !== "{") return false;
    this.next++;
    const isOne = CONJUNCTIONS.test(this.rawScript());
    this.next = from;
    return isOne;
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

/**
 * Signs of columns: those of cases stay, which they take apart. In other rows every second divides two equations, as in `a &= b & c &= d`, like a wide
 * space.
 */
function withoutColumns(tokens: readonly Token[]): Token[] {
  const open: boolean[] = [];
  let columns = 0;
  return tokens.flatMap((token, k): Token[] => {
    const { kind, text } = token;
    if (kind === "command" && text === "begin") {
      const name = tokens.slice(k + 2, k + 7).map((other) => other.text);
      open.push(name.join("") === "cases");
    }
    if (kind === "command" && text === "end") open.pop();
    if (kind === "command" && text === "\\") columns = 0;
    if (kind !== "symbol" || text !== "&" || open.at(-1) === true) return [token];
    return ++columns % 2 === 0 ? [{ ...token, kind: "command", text: "quad" }] : [];
  });
}

/** A wide space divides equations, unless it stands at a sign. */
function withoutSpace(tokens: readonly Token[]): Token[] {
  const isWide = (token: Token | undefined): boolean => token?.kind === "command" && /^q?quad$/.test(token.text);
  const isSign = (token: Token | undefined): boolean =>
    token === undefined ||
    /^(?:[-=+−·⊙&,;(){}[\]]|cdot|odot|times|\\|begin|end|equiv|coloneqq|triangleq)$/.test(token.text);
  return tokens.filter((token, k) => {
    if (!isWide(token)) return true;
    const next = tokens.slice(k + 1).find((other) => !isWide(other));
    const before = tokens.slice(0, k).findLast((other) => !isWide(other));
    // An equation's number in brackets, or whatever else follows, stands apart; what goes on with a sign does not.
    return (
      !(isSign(next) && next?.text !== "(" && next?.text !== "[" && next?.text !== "{") &&
      !(isSign(before) && !/^[)}\]]$/.test(before?.text ?? ""))
    );
  });
}
