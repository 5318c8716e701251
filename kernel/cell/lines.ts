// Lines of a cell that are no TypeScript: `!command`, `%magic`, and whole cells that begin with `%%magic`. Each is replaced by a call
// before the cell is compiled (`await __line(0)`), the expressions in it stay where they are, and a table of edits leads
// back. Only what TypeScript cannot mean is taken: `a\n% b`, `!flag && run()` and `!!x` stay what they are. Pure.

import { applyEdits, locate, offsetOf, originOf, type Edit, type EditedCode } from "../position-map.ts";
import { closingBrace, Scanner, type Before } from "./scanner.ts";
import { CellSyntaxError } from "./strip-types.ts";

/** A line as the runtime gets it. */
export interface Line {
  /** `!`, or the name of the magic. */
  name: string;
  /** A `%%` cell. */
  isCell: boolean;
  /** What follows the name, in the pieces between which the values of its `${expressions}` stand. */
  text: string[];
  /** What follows the first line of a `%%` cell. */
  body: string;
  /** Right of a `=`: the value is wanted. */
  assigned: boolean;
}

export interface ReadLines {
  /** The cell with calls in the place of its lines. */
  edited: EditedCode;
  lines: Line[];
  /** The function that is called: a name that the cell does not have. */
  call: string;
  /** The same without the end of what is timed at the end of the cell: is there more to come? */
  unended: string;
}

export interface Known {
  /** Has an earlier cell, or the prelude, declared this name? */
  isDeclared(name: string): boolean;
  isGlobal(name: string): boolean;
}

/** Magics whose text is TypeScript: its names are the cell's own, its errors have their places. */
const timed = new Set(["time", "timeit"]);

const mayHaveLines = /^[^\S\n]*[%!]|=[^\S\n]*[%!](?!=)/m;
const cellHead = /^\uFEFF?\s*%%([A-Za-z_]\w*)?/;

/** `null` for a cell that is TypeScript throughout. Throws `CellSyntaxError` for a `%%` that is not at its beginning. */
export function readLines(source: string, known: Known): ReadLines | null {
  if (!mayHaveLines.test(source)) return null;
  const reader = new LineReader(source, known);
  reader.read();
  return reader.lines.length === 0 ? null : reader.result();
}

/** Is there more to come, as far as the lines say? `null`: they do not. */
export function linesComplete(source: string): boolean | null {
  // As in IPython: a blank line ends what begins with `%%`.
  if (cellHead.test(source)) return /\n[^\S\n]*\n$|\n[^\S\n]+$/.test(source);
  return /\\\s*$/.test(source) ? false : null;
}

/** The error of a replaced cell as one of the cell. */
export function inCell(error: CellSyntaxError, source: string, { edited }: ReadLines): CellSyntaxError {
  const offset = offsetOf(edited.code, error);
  // What is timed ends too early: its own fault, not that of the code that follows it.
  let before = offset;
  while (before > 0 && !originOf(edited, before).copied) before--;
  const last = originOf(edited, before);
  if (before < offset && edited.code[before + 1] === "\n" && last.copied && last.origin !== null)
    return new CellSyntaxError(error.message, locate(source, last.origin + 1), error.atEnd);
  const { origin, copied } = originOf(edited, offset);
  const message = copied
    ? error.message
    : /await isn't allowed/.test(error.message)
      ? "a line that begins with '!' or '%' needs an async function around it, or none"
      : "a line that begins with '!' or '%' cannot stand here";
  return new CellSyntaxError(message, locate(source, origin ?? source.length), error.atEnd);
}

/** TypeScript that a magic times. */
interface Timed {
  /** In how many brackets it stands. */
  depth: number;
  end(at: number): void;
}

function ends({ depth }: Timed, now: number, before: Before): boolean {
  return now < depth || (now === depth && before !== "operator");
}

const name = String.raw`[\p{ID_Start}$_][\p{ID_Continue}$]*`;
/** `-n 10 -r3 -q` */
const timeitOptions = /(?:[^\S\n]+-(?:[nr][^\S\n]*\d+|[a-z])(?!\S))*[^\S\n]*/y;
const lineStart = /[^\S\n]*(?=[%!])/y;
const assignment = new RegExp(
  String.raw`[^\S\n]*(?:export\s+)?(?:(?:const|let|var)\s+)?(?:${name}(?:\.${name}|\[[^\[\]\n]*\])*|[{[][^=\n]*[}\]])(?:\s*:[^=\n]*)?[^\S\n]*=[^\S\n]*(?=[%!](?!=))`,
  "uy",
);

class LineReader {
  readonly lines: Line[] = [];
  readonly #source: string;
  readonly #known: Known;
  readonly #edits: Edit[] = [];
  readonly #names = new Set<string>();
  readonly #timed: Timed[] = [];
  readonly #call: string;
  #unended = Infinity;
  #scanner: Scanner;

  constructor(source: string, known: Known) {
    this.#source = source;
    this.#known = known;
    let call = "__line";
    while (source.includes(call)) call += "_";
    this.#call = call;
    this.#scanner = new Scanner(source);
  }

  result(): ReadLines {
    const edited = applyEdits(this.#source, inOrder(this.#edits));
    const unended = applyEdits(this.#source, inOrder(this.#edits.slice(0, this.#unended))).code;
    return { edited, lines: this.lines, call: this.#call, unended };
  }

  read(): void {
    const head = cellHead.exec(this.#source);
    const [prefix = "", magic = ""] = head ?? [];
    if (head !== null && !timed.has(magic)) {
      this.#textCell(magic, prefix.length);
      return;
    }
    // The names first: whether `!ls` is a command depends on what stands below it too.
    new Scanner(this.#source, 0, {
      onLine: (at) => {
        const marker = markerOf(this.#source, at);
        return marker === undefined ? undefined : lineEnd(this.#source, marker);
      },
      onName: (found) => this.#names.add(found),
    }).scan();
    this.#scanner = new Scanner(this.#source, 0, { onLine: (at, before) => this.#line(at, before) });
    this.#scanner.scan();
    this.#unended = this.#edits.length;
    for (let open = this.#timed.pop(); open; open = this.#timed.pop()) open.end(this.#source.length);
  }

  isKnown(word: string): boolean {
    return this.isOwn(word) || this.#known.isGlobal(word);
  }

  /** Of this cell or an earlier one, not of JavaScript. */
  isOwn(word: string): boolean {
    return this.#names.has(word) || this.#known.isDeclared(word);
  }

  /** At the beginning of a line; returns where TypeScript goes on if it is one of ours. */
  #line(at: number, before: Before): number | undefined {
    const { depth } = this.#scanner;
    for (let open = this.#timed.at(-1); open && ends(open, depth, before); open = this.#timed.at(-1)) {
      this.#timed.pop();
      open.end(at - 1);
    }
    return this.#found(at, before);
  }

  #found(at: number, before: Before): number | undefined {
    if (before === "operator") return undefined;
    const source = this.#source;
    const marker = markerOf(source, at);
    if (marker === undefined) return undefined;
    const assigned = !/^\s*$/.test(source.slice(at, marker));
    const rest = source.slice(marker + 1, lineEnd(source, marker));
    if (source[marker] === "!") {
      if (!isCommand(rest, (word) => this.isKnown(word))) return undefined;
      return this.#text("!", marker, marker + 1, assigned);
    }
    const [magic = "", percent = "", word = ""] = /^(%?)([A-Za-z_]\w*)/.exec(rest) ?? [];
    if (word === "") return undefined;
    if (percent !== "") {
      if (source.slice(0, at).trim() === "") {
        return this.#code(word, marker, marker + 1 + magic.length, assigned);
      }
      throw new CellSyntaxError(`'%%${word}' must be on the first line of its cell`, locate(source, marker));
    }
    if (before === "value" && !assigned && this.isKnown(word) && mayGoOn.test(rest.slice(word.length)))
      return undefined;
    const after = marker + 1 + magic.length;
    return timed.has(word) ? this.#code(word, marker, after, assigned) : this.#text(word, marker, after, assigned);
  }

  /** A line of text: a command, or what a magic reads by itself. */
  #text(word: string, marker: number, from: number, assigned: boolean): number {
    const end = lineEnd(this.#source, marker);
    const { text, values } = this.#pieces(from, end);
    const index = this.lines.push({ name: word, isCell: false, text, body: "", assigned }) - 1;
    this.#replaceByCall(index, marker, end, values);
    return end;
  }

  #textCell(magic: string, from: number): void {
    const source = this.#source;
    const end = lineEnd(source, from);
    const { text, values } = this.#pieces(from, end);
    const body = source.slice(end + 1);
    this.lines.push({ name: magic, isCell: true, text, body, assigned: false });
    this.#replaceByCall(0, source.search(/%/), source.length, values);
  }

  #replaceByCall(index: number, from: number, end: number, values: readonly [number, number][]): void {
    let at = from;
    let opens = `await ${this.#call}(${index}, [(`;
    for (const [start, stop] of values) {
      this.#edits.push({ start: at, end: start, text: opens, anchor: from });
      at = stop;
      opens = "), (";
    }
    const text = values.length === 0 ? `await ${this.#call}(${index});` : ")]);";
    this.#edits.push({ start: at, end, text, anchor: from });
  }

  /** `%time CODE` and the like: a call before and one after, or a function around it. */
  #code(word: string, marker: number, after: number, assigned: boolean): number {
    const source = this.#source;
    if (assigned) throw new CellSyntaxError(`'%${word}' has no value to assign`, locate(source, marker));
    const isCell = source[marker + 1] === "%";
    timeitOptions.lastIndex = after;
    const options = word === "timeit" ? timeitOptions.exec(source)?.[0] : undefined;
    const from = after + (options ?? /^[^\S\n]*/.exec(source.slice(after))?.[0] ?? "").length;
    const index = this.lines.push({ name: word, isCell, text: [options?.trim() ?? ""], body: "", assigned: false }) - 1;
    const call = `await ${this.#call}`;
    const edit = (start: number, end: number, text: string): void => {
      this.#edits.push({ start, end, text, anchor: marker });
    };
    // What a whole cell times ends with the cell, in no line before. What stands beside `%%timeit` is run once, before.
    const depth = isCell ? -1 : this.#scanner.depth;
    const begin = isCell && word === "timeit" ? (source + "\n").indexOf("\n", from) : from;
    if (word === "time") edit(marker, from, `${call}(${index});`);
    else edit(marker, from, "");
    const end = (to: number): void => {
      const code = source.slice(begin, to).trim() !== "";
      if (word === "time") {
        if (code) edit(to, to, `\n;${call}.end(${index});`);
        return;
      }
      if (!code) return edit(begin, begin, `\n;${call}(${index});`);
      const around = functionAround(source, begin, to, this.lines.length > index + 1);
      edit(begin, begin, `${isCell ? "\n;" : ""}${call}(${index}, [], ${around.opens}`);
      edit(around.stop, to, `\n${around.closes});`);
    };
    this.#timed.push({ depth, end });
    // `%time !command`
    return source.startsWith("!", from) ? (this.#found(from, "start") ?? from) : from;
  }

  /** Text, and the places of the expressions in it: `${…}` that TypeScript can evaluate, `{name}` of the user's own. */
  #pieces(from: number, end: number): { text: string[]; values: [number, number][] } {
    const source = this.#source;
    const text: string[] = [];
    const values: [number, number][] = [];
    let start = from;
    let unclosed = 0;
    for (let at = from; at < end; at++) {
      if (source[at] === "\\") at += source.startsWith("${", at + 1) ? 3 : 2;
      const dollar = source.startsWith("${", at);
      if (!dollar && source[at] !== "{") continue;
      const inner = at + (dollar ? 2 : 1);
      if (unclosed === MOST_UNCLOSED) break;
      const close = closingBrace(source, inner, end);
      if (close < 0) unclosed++;
      if (close < 0 || !this.#isExpression(source.slice(inner, close), dollar)) continue;
      text.push(joined(source.slice(start, at)));
      values.push([inner, close]);
      start = close + 1;
      at = close;
    }
    text.push(joined(source.slice(start, end)));
    text[0] = text[0]?.trimStart() ?? "";
    text.push(text.pop()?.trimEnd() ?? "");
    return { text, values };
  }

  #isExpression(text: string, dollar: boolean): boolean {
    const word = new RegExp(`^\\s*(${name})`, "u").exec(text)?.[1];
    if (!dollar) return word !== undefined && word === text.trim() && this.isOwn(word);
    // `${HOME}`, `${x:-1}`, `${1}`, `${#list[@]}` are the shell's.
    if (word === undefined) return /[^\s\d@*?$#!-]/.test(text) && !/^\s*#/.test(text);
    return this.isKnown(word) || expressionWord.test(word);
  }
}

/** After so many braces that nothing closes, a line holds no more expressions: each is looked for up to the line's end. */
const MOST_UNCLOSED = 20;

interface Around {
  opens: string;
  closes: string;
  /** Where the code ends that is wanted. */
  stop: number;
}

/** What timeit calls in its loop. An expression gives its value, which is what may be waited for. */
function functionAround(source: string, from: number, to: number, hasLines: boolean): Around {
  let waits = hasLines;
  let first = "";
  let start = from;
  let semicolon: number | undefined;
  let several = false;
  const scanner = new Scanner(source, from, { onName: (word) => (waits ||= word === "await") });
  while (scanner.at < to) {
    const { depth, at } = scanner;
    const text = scanner.next();
    if (text.trim() === "" || /^\/[/*]/.test(text)) continue;
    if (first === "") [first, start] = [text, at];
    several ||= semicolon !== undefined;
    if (depth === 0 && text === ";") semicolon = at;
  }
  const head = `${waits ? "async " : ""}() => `;
  if (several || hasLines || first === "" || first === "{" || statementStart.test(source.slice(start, to)))
    return { opens: `${head}{`, closes: "}", stop: to };
  return { opens: `${head}(`, closes: ")", stop: semicolon ?? to };
}

const statementStart =
  /^(?:(?:const|let|var|for|while|if|do|try|switch|class|function|return|throw|using|enum|debugger|break|continue)\b|(?:type|interface|namespace|abstract|declare|await\s+using)\s+[\p{ID_Start}$_])/u;
const expressionWord = /^(?:await|typeof|new|void|function|class|this|super|import|async|delete|true|false|null)$/;
/** After a name: TypeScript goes on with an operator, or ends. */
const mayGoOn = /^\s*(?:$|[;)\]},.([?:&|^*/%+<>=!~-]|\/\/|(?:in|instanceof|as|satisfies)\b)/;

function inOrder(edits: readonly Edit[]): Edit[] {
  return edits.toSorted((a, b) => a.start - b.start);
}

/** The offset of the `!` or `%` of a line that may be one of ours. */
function markerOf(source: string, at: number): number | undefined {
  for (const pattern of [lineStart, assignment]) {
    pattern.lastIndex = at;
    const head = pattern.exec(source)?.[0];
    if (head !== undefined) return at + head.length;
  }
  return undefined;
}

/** Where a line ends that goes on after a backslash at its end. */
function lineEnd(source: string, from: number): number {
  for (let at = from; ;) {
    const end = source.indexOf("\n", at);
    if (end < 0) return source.length;
    if (!/\\\r?$/.test(source.slice(from, end))) return end;
    at = end + 1;
  }
}

/** Lines that a backslash continues, as one. */
function joined(text: string): string {
  return text.replace(/[^\S\n]*\\\r?\n[^\S\n]*/g, " ").replace(/\r$/, "");
}

/** Is `!rest` a command? TypeScript's `!` has an operand: a name that is known, a literal, brackets. */
function isCommand(rest: string, isKnown: (word: string) => boolean): boolean {
  const text = rest.replace(/^[^\S\n]+/, "");
  const word = new RegExp(`^${name}`, "u").exec(text)?.[0];
  if (text.startsWith("${") || /^\{[^{}]*\}(?:\s|$)/.test(text)) return true;
  if (word !== undefined) {
    const after = text.slice(word.length);
    if (expressionWord.test(word)) return word === "import" && !/^\s*[(.]/.test(after);
    if (isKnown(word))
      return /^\s+(?:["'\w$~@#]|\.\.?\/)/.test(after) && !/^\s+(?:in|instanceof|as|satisfies)\b/.test(after);
    return !after.startsWith("(");
  }
  // A path, a file in quotes with an argument after it, and `[ -f file ]`; else brackets, a literal or an operator.
  return (
    /^(?:\.{1,2}|~)[/\\]/.test(text) ||
    /^\/[\w.+-]+(?:\/[\w.+-]+)*(?:\s|$)/.test(text) ||
    /^("[^"]*"|'[^']*')\s+["'\w$~./-]/.test(text) ||
    /^\[\s+(?:-\w\s|["'$])/.test(text)
  );
}
