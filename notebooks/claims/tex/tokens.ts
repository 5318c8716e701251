// TeX → tokens with their places. What only spaces or sizes a formula is dropped; what a command means is the parser's business.

export interface Token {
  kind: "command" | "letter" | "number" | "symbol";
  /** Without the backslash of a command made of letters. */
  text: string;
  start: number;
  end: number;
}

/** A formula, or a part of it, that is not read: `at` is an offset in its TeX. */
export class OutsideSubset extends Error {
  readonly at: number;

  constructor(what: string, at: number) {
    super(what);
    this.at = at;
  }
}

const SPACING = new Set(
  "thinspace enspace displaystyle textstyle limits nolimits nonumber notag left right middle big Big bigg Bigg bigl bigr Bigl Bigr biggl biggr Biggl Biggr".split(
    " ",
  ),
);
const SPACES = new Set([",", ";", ":", "!", " ", ">", "\n"]);
const TOKEN =
  /\\(?:tag\*?|label|hspace|vspace)\s*\{[^{}]*\}|\\([A-Za-z]+)|\\([^])|(\d+(?:\.\d+)?|\.\d+)|(\p{L})|%[^\n]*|([^])/gu;

/** @throws OutsideSubset for a backslash at the end. */
export function tokensOf(tex: string): Token[] {
  const tokens: Token[] = [];
  for (const match of tex.matchAll(TOKEN)) {
    const [all, word, escaped, number, letter, symbol] = match;
    const place = { start: match.index, end: match.index + all.length };
    if (word !== undefined) {
      if (!SPACING.has(word)) tokens.push({ kind: "command", text: word, ...place });
    } else if (escaped !== undefined) {
      if (!SPACES.has(escaped)) tokens.push({ kind: "command", text: escaped, ...place });
    } else if (number !== undefined) tokens.push({ kind: "number", text: number, ...place });
    else if (letter !== undefined) tokens.push({ kind: "letter", text: letter, ...place });
    else if (symbol === "\\") throw new OutsideSubset("a backslash at the end", place.start);
    else if (symbol !== undefined && !/[\s~]/.test(symbol)) tokens.push({ kind: "symbol", text: symbol, ...place });
  }
  return tokens;
}
