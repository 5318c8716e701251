// A tolerant reader of TypeScript's tokens, for questions that come before there is a syntax tree: does a line begin a statement, or
// stand in a string, a template, a comment, in brackets, or go on with the line before? It takes the text of JSX for code, and a
// slash after a brace for a regular expression.

/** What stands before: nothing that goes on, something that has a value and may, something that must. */
export type Before = "start" | "value" | "operator";

interface Bracket {
  opens: "(" | "[" | "{" | "${";
  /** Parentheses after `if`, `for`, `while`, `with`: a statement follows. */
  head: boolean;
  /** Between `case` and its colon. */
  inCase: boolean;
}

const token =
  /(?<blank>[^\S\n]+|\/\/[^\n]*|\/\*[^]*?(?:\*\/|$))|(?<line>\n)|(?<word>#?[\p{ID_Start}$_][\p{ID_Continue}$\u200c\u200d]*)|(?<number>\.?\d[\p{ID_Continue}.]*)|(?<string>"(?:[^"\\\n]|\\[^])*"?|'(?:[^'\\\n]|\\[^])*'?)|=>|\+\+|--|[^]/uy;
const regularExpression = /\/(?![*/])(?:[^\\/[\n]|\\[^\n]|\[(?:[^\]\\\n]|\\[^\n])*\])+\/[\p{ID_Continue}$]*/uy;
const templateText = /(?:[^`\\$]|\\[^]|\$(?!\{))*(?:`|\$\{|$)/y;
const propertyColon = /\s*:/y;
/** A slash after these begins a regular expression. */
const wantValue = /^(?:return|typeof|case|in|of|await|yield|delete|void|instanceof|new|throw)$/;

export interface ScanEvents {
  /** A line, or the text, begins here, in no bracket but braces; returns where to go on, if not here. */
  onLine?(at: number, before: Before): number | undefined;
  /** A name: no member, no key of an object. */
  onName?(name: string, at: number): void;
}

export class Scanner {
  readonly text: string;
  at: number;
  before: Before = "start";
  readonly #events: ScanEvents;
  readonly #brackets: Bracket[] = [];
  #top: Bracket = { opens: "{", head: false, inCase: false };
  #word = "";
  #afterDot = false;
  #inTemplate = false;

  constructor(text: string, at = 0, events: ScanEvents = {}) {
    this.text = text;
    this.at = at;
    this.#events = events;
  }

  /** The text ends within that of a template. */
  get inTemplate(): boolean {
    return this.#inTemplate;
  }

  /** How many brackets are open. */
  get depth(): number {
    return this.#brackets.length;
  }

  /** Reads to the end of the text, or until `stop` says so after a token. */
  scan(end = this.text.length, stop?: (text: string) => boolean): void {
    if (this.at === 0) this.#line();
    while (this.at < end) {
      const text = this.next();
      if (stop?.(text) === true) return;
    }
  }

  /** Reads one token. */
  next(): string {
    if (this.#text(templateEnd(this.#top, this.text, this.at))) return "`";
    if (this.text[this.at] === "/" && (this.before !== "value" || wantValue.test(this.#word))) {
      const expression = matchAt(regularExpression, this.text, this.at);
      if (expression !== undefined) return this.#take(expression, "value");
    }
    token.lastIndex = this.at;
    const match = token.exec(this.text);
    const text = match?.[0] ?? "";
    const { blank, line, word, number, string } = match?.groups ?? {};
    this.at += text.length;
    if (blank !== undefined) return text;
    if (line !== undefined) {
      this.#line();
      return text;
    }
    if (word !== undefined) this.#name(word);
    else if (number !== undefined || string !== undefined) this.#set("value");
    else this.#mark(text);
    return text;
  }

  #line(): void {
    const { at } = this;
    if (this.#top.opens !== "{") return;
    this.at = this.#events.onLine?.(at, this.before) ?? at;
    if (this.at !== at) this.#set("start");
  }

  #take(text: string, before: Before): string {
    this.at += text.length;
    this.#set(before);
    return text;
  }

  #set(before: Before, word = ""): void {
    this.before = before;
    this.#word = word;
    this.#afterDot = false;
  }

  #name(word: string): void {
    const member = this.#afterDot;
    const start = this.at - word.length;
    const key =
      this.before !== "value" &&
      this.#brackets.length > 0 &&
      this.#top.opens === "{" &&
      matchAt(propertyColon, this.text, this.at) !== undefined;
    if (!member && !key) this.#events.onName?.(word, start);
    if (!member && (word === "case" || word === "default")) this.#top.inCase = true;
    this.#set(!member && /^(?:else|do|try|finally)$/.test(word) ? "start" : "value", member ? "" : word);
  }

  #mark(text: string): void {
    switch (text) {
      case "(":
      case "[":
      case "{":
        this.#open(text, text === "(" && /^(?:if|for|while|with)$/.test(this.#word));
        break;
      case ")":
      case "]":
      case "}":
        this.#close(text);
        break;
      case "`":
        this.#text(this.at);
        break;
      case ";":
        this.#top.inCase = false;
        this.#set("start");
        break;
      case ":":
        this.#set(this.#top.inCase ? "start" : "operator");
        this.#top.inCase = false;
        break;
      case ">":
        // The end of a type more often than a comparison that goes on in the next line.
        this.#set("value");
        break;
      case "!":
      case "++":
      case "--":
        // After a value they belong to it.
        this.#set(this.before === "value" ? "value" : "operator");
        break;
      default:
        this.#set("operator");
        this.#afterDot = text === ".";
    }
  }

  #open(opens: Bracket["opens"], head = false): void {
    this.#brackets.push(this.#top);
    this.#top = { opens, head, inCase: false };
    this.#set(opens === "{" ? "start" : "operator");
  }

  #close(text: string): void {
    const closed = this.#top;
    this.#top = this.#brackets.pop() ?? closed;
    this.#set(text === "}" || (text === ")" && closed.head) ? "start" : "value");
  }

  /** The text of a template from `from` on, up to its end or the next expression in it. */
  #text(from: number | undefined): boolean {
    if (from === undefined) return false;
    if (this.#top.opens === "${") this.#close("}");
    const text = matchAt(templateText, this.text, from) ?? "";
    this.at = from + text.length;
    this.#inTemplate = !/(?:`|\$\{)$/.test(text);
    if (text.endsWith("${")) this.#open("${");
    else this.#set("value");
    return true;
  }
}

/** Where a template goes on whose expression ends here. */
function templateEnd(top: Bracket, text: string, at: number): number | undefined {
  return top.opens === "${" && text[at] === "}" ? at + 1 : undefined;
}

function matchAt(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0];
}

/** The offset of the `}` that closes what is open before `from`, or -1 when there is none before `end`. */
export function closingBrace(text: string, from: number, end: number): number {
  const scanner = new Scanner(text, from);
  while (scanner.at < end) {
    const { depth, at } = scanner;
    if (depth === 0 && text[at] === "}") return at;
    scanner.next();
  }
  return -1;
}
