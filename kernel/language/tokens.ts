// A tolerant scan of a cell into words and punctuation: comments, strings and regular expressions are stepped over, templates are entered,
// and nothing is an error, for a cell that is being typed hardly ever parses. What it cannot tell (a regular expression after `)`
// or `}`) it guesses; a wrong guess ends with the line.

export interface Token {
  kind: "word" | "punctuation" | "literal";
  text: string;
  start: number;
  /** The first of its line. */
  first: boolean;
}

/** `>>` stays apart, since it may close two lists of type arguments. */
const pattern =
  /(?<space>\s+)|(?<comment>\/\/[^\n\r]*|\/\*[^]*?(?:\*\/|$))|(?<word>[#@]?[\p{ID_Start}$_][\p{ID_Continue}$\u200c\u200d]*)|(?<number>\.?\d(?:[eE][+-]|[\w.])*)|(?<string>"(?:[^"\\\n\r]|\\[^])*(?:"|$|(?=[\n\r]))|'(?:[^'\\\n\r]|\\[^])*(?:'|$|(?=[\n\r])))|(?<punctuation>\.\.\.|=>|\?\.(?!\d)|\?\?=?|[=!]==?|[+\-*/%&|^<]=|\*\*=?|&&=?|\|\|=?|\+\+|--|[^])/uy;

const regularExpression = /\/(?![*/])(?:[^\\/[\n\r]|\\[^\n\r]|\[(?:[^\]\\\n\r]|\\[^\n\r])*\])+\/[\p{ID_Continue}$]*/uy;

/** After these words an operand comes, so a slash begins a regular expression. */
const beforeOperand = new Set(
  "return typeof case do else in of instanceof new void delete throw await yield default extends".split(" "),
);

export function tokensOf(source: string): Token[] {
  const tokens: Token[] = [];
  /** How many braces are open inside of each `${`. */
  const templates: number[] = [];
  let at = source.startsWith("#!") ? lineEnd(source, 0) : 0;
  let first = true;
  const push = (kind: Token["kind"], text: string): void => {
    tokens.push({ kind, text, start: at, first });
    first = false;
  };
  while (at < source.length) {
    const character = source[at];
    const depth = templates.length - 1;
    if (character === "`" || (character === "}" && templates[depth] === 0)) {
      const end = templateEnd(source, at + 1);
      if (character === "}") templates.pop();
      push("literal", source.slice(at, end));
      if (source.startsWith("${", end - 2)) templates.push(0);
      at = end;
      continue;
    }
    if (character === "/" && operandExpected(tokens)) {
      regularExpression.lastIndex = at;
      const found = regularExpression.exec(source)?.[0];
      if (found !== undefined) {
        push("literal", found);
        at += found.length;
        continue;
      }
    }
    pattern.lastIndex = at;
    const match = pattern.exec(source);
    if (match === null) break;
    const [text] = match;
    const { space, comment, word, punctuation } = match.groups ?? {};
    if (space !== undefined || comment !== undefined) first ||= /[\n\r\u2028\u2029]/.test(text);
    else push(word !== undefined ? "word" : punctuation !== undefined ? "punctuation" : "literal", text);
    if (depth >= 0 && punctuation === "{") templates[depth] = (templates[depth] ?? 0) + 1;
    if (depth >= 0 && punctuation === "}") templates[depth] = (templates[depth] ?? 0) - 1;
    at += text.length;
  }
  return tokens;
}

function lineEnd(source: string, from: number): number {
  const end = source.indexOf("\n", from);
  return end < 0 ? source.length : end;
}

/** Behind the closing backtick, or behind the next `${`. */
function templateEnd(source: string, from: number): number {
  for (let at = from; at < source.length; at++) {
    if (source[at] === "\\") at++;
    else if (source[at] === "`") return at + 1;
    else if (source.startsWith("${", at)) return at + 2;
  }
  return source.length;
}

function operandExpected(tokens: readonly Token[]): boolean {
  const last = tokens.at(-1);
  if (last === undefined) return true;
  if (last.kind === "literal") return last.text.endsWith("${");
  if (last.kind === "word") return beforeOperand.has(last.text);
  return last.text !== ")" && last.text !== "]" && !(last.text === "}" && !last.first);
}

/** The names that a cell may refer to: every word that is not a member, each once. */
export function wordsOf(tokens: readonly Token[]): Set<string> {
  const words = new Set<string>();
  for (const [index, { kind, text }] of tokens.entries()) {
    if (kind !== "word") continue;
    const before = tokens[index - 1]?.text;
    if (before === "." || before === "?.") continue;
    words.add(text.startsWith("@") ? text.slice(1) : text);
  }
  return words;
}

/** What stands behind a word, or behind the pattern that it is in, if that is assigned to. */
const assigns = /^(?:=|[+\-*/%&|^]=|\*\*=|&&=|\|\|=|\?\?=|\+\+|--|!|as|satisfies|of|in)$/;

/** The names that a cell may assign to: rather one too many, for it is not looked into what a bracket closes. */
export function assignedWords(tokens: readonly Token[]): Set<string> {
  const text = (index: number): string => tokens[index]?.text ?? "";
  /** Shifts come in pieces. */
  const isAssigned = (index: number): boolean =>
    assigns.test(text(index + 1)) || (/^[<>]$/.test(text(index + 1)) && /^(?:[<>]|<?=)$/.test(text(index + 2)));
  const inPatterns = tokens.some(({ text: bracket }, index) => /^[)\]}]$/.test(bracket) && isAssigned(index));
  const words = new Set<string>();
  for (const [index, { kind, text: name }] of tokens.entries()) {
    if (kind !== "word") continue;
    if (isAssigned(index) || /^(?:\+\+|--)$/.test(text(index - 1)) || (inPatterns && /^[,)\]}]$/.test(text(index + 1))))
      words.add(name);
  }
  return words;
}
