// What a cell declares at its top level, types included, found in its tokens: a cell that is being typed has names too. Statements
// are told apart as automatic semicolons do it; initialisers and type annotations are stepped over. The runtime's own analysis
// (cell/scope-analysis.ts) sees JavaScript only; a test holds the two together.

import type { Token } from "./tokens.ts";

export type Kind =
  "let" | "const" | "var" | "function" | "class" | "import" | "enum" | "namespace" | "interface" | "type";

export interface Declaration {
  kind: Kind;
  /** Whether the name stands for a value, for a type (or namespace), or for both. */
  value: boolean;
  type: boolean;
  /** Where the name is written. */
  start: number;
}

export interface Declarations {
  names: Map<string, Declaration>;
  /** What the cell itself exports, by the exported name. */
  exported: Set<string>;
  /** `declare global`, `declare module "…"`: it changes types that it does not export. */
  augments: boolean;
}

const valueOnly = new Set<Kind>(["let", "const", "var", "function"]);
const typeOnly = new Set<Kind>(["interface", "type"]);
const modifiers = new Set(["export", "default", "declare", "async", "abstract"]);
const word = /^[\p{ID_Start}$_]/u;

/** After these a statement cannot end, before those it goes on. */
const opens = /^(?:[([{,.:?=+\-*/%&|^<>!~]|=>|\?\.|\.\.\.|[=!]==?|[+\-*/%&|^<]=|\*\*=?|&&=?|\|\|=?|\?\?=?)$/;
const operators = new Set(
  "typeof new delete await yield in of instanceof extends keyof as satisfies is infer".split(" "),
);
const goesOn =
  /^(?:[)\]},.:?=+\-*/%&|^<>([;]|=>|\?\.|[=!]==?|[+\-*/%&|^<]=|\*\*=?|&&=?|\|\|=?|\?\?=?|in|instanceof|extends)$/;

export function declarationsOf(tokens: readonly Token[]): Declarations {
  return new Scan(tokens).run();
}

class Scan {
  readonly #tokens: readonly Token[];
  readonly #found: Declarations = { names: new Map(), exported: new Set(), augments: false };

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  run(): Declarations {
    /** For each open bracket: is it a block of statements that is no function's? */
    const brackets: boolean[] = [];
    let functions = 0;
    for (let index = 0; index < this.#tokens.length; index++) {
      const text = this.#text(index);
      if (brackets.length === 0 && this.#startsStatement(index)) {
        const end = this.#statement(index);
        // What was read as a whole is balanced; a body is walked, for what `var` it may hold.
        if (end > index) {
          index = end - 1;
          continue;
        }
      } else if (text === "var" && functions === 0) {
        this.#variables(index + 1, "var", false);
      }
      if (this.#opens(index)) {
        const block = text === "{" ? this.#isBlock(index) : text === "(" && this.#text(index - 1) === "for";
        brackets.push(block);
        if (!block) functions++;
      }
      if (this.#closes(index) && brackets.length > 0) if (!brackets.pop()) functions--;
    }
    return this.#found;
  }

  #text(index: number): string {
    return this.#tokens[index]?.text ?? "";
  }

  #isWord(index: number): boolean {
    return this.#tokens[index]?.kind === "word" && word.test(this.#text(index));
  }

  #opens(index: number): boolean {
    const { kind, text } = this.#tokens[index] ?? { kind: "punctuation", text: "" };
    return kind === "literal" ? text.endsWith("${") : text === "(" || text === "[" || text === "{";
  }

  #closes(index: number): boolean {
    const { kind, text } = this.#tokens[index] ?? { kind: "punctuation", text: "" };
    return kind === "literal" ? text.startsWith("}") : text === ")" || text === "]" || text === "}";
  }

  /** The index behind the bracket that closes the one at `index`. */
  #skipBrackets(index: number): number {
    let depth = 0;
    for (let at = index; at < this.#tokens.length; at++) {
      // A template's `} … ${` closes one and opens the next.
      if (this.#closes(at)) depth--;
      if (this.#opens(at)) depth++;
      if (depth <= 0) return at + 1;
    }
    return this.#tokens.length;
  }

  /** Whether a semicolon would be put in before the token. */
  #endsBefore(index: number): boolean {
    const token = this.#tokens[index];
    if (token === undefined) return true;
    if (!token.first) return false;
    const before = this.#tokens[index - 1];
    if (before === undefined) return true;
    if (before.kind === "literal" ? before.text.endsWith("${") : opens.test(before.text) || operators.has(before.text))
      return false;
    return token.kind === "literal" ? !/^[`}]/.test(token.text) : !goesOn.test(token.text);
  }

  #startsStatement(index: number): boolean {
    const token = this.#tokens[index];
    if (token?.kind !== "word") return false;
    const before = this.#tokens[index - 1];
    if (before === undefined || (before.kind === "punctuation" && /^[;}]$/.test(before.text))) return true;
    return this.#endsBefore(index);
  }

  #isBlock(index: number): boolean {
    const before = this.#text(index - 1);
    if (/^(?:else|try|catch|finally|do|\{|\}|;|)$/.test(before)) return true;
    if (before !== ")") return this.#endsBefore(index);
    let depth = 0;
    for (let at = index - 1; at >= 0; at--) {
      if (this.#closes(at)) depth++;
      if (this.#opens(at)) depth--;
      if (depth === 0) return /^(?:if|for|while|switch|catch|with|await)$/.test(this.#text(at - 1));
    }
    return false;
  }

  #declare(index: number, kind: Kind, exported: boolean): void {
    const token = this.#tokens[index];
    if (token === undefined || !this.#isWord(index)) return;
    const { names } = this.#found;
    const before = names.get(token.text);
    names.set(token.text, {
      kind: before?.value ? before.kind : kind,
      value: !typeOnly.has(kind) || (before?.value ?? false),
      type: !valueOnly.has(kind) || (before?.type ?? false),
      start: before?.start ?? token.start,
    });
    if (exported) this.#found.exported.add(token.text);
  }

  /** Reads the statement that begins here as far as it declares; the index from which to go on. */
  #statement(start: number): number {
    let index = this.#skipDecorators(start);
    let exported = false;
    let isDefault = false;
    for (; modifiers.has(this.#text(index)); index++) {
      exported ||= this.#text(index) === "export";
      isDefault ||= this.#text(index) === "default";
      if (this.#text(index) === "export" && this.#text(index + 1) === "{") return this.#exports(index + 1);
    }
    exported &&= !isDefault;
    index = this.#skipDecorators(index);
    const next = this.#text(index + 1);
    switch (this.#text(index)) {
      case "const":
        if (next === "enum") {
          this.#declare(index + 2, "enum", exported);
          return index + 3;
        }
        return this.#variables(index + 1, "const", exported);
      case "let":
        return this.#isWord(index + 1) || next === "{" || next === "["
          ? this.#variables(index + 1, "let", exported)
          : start;
      case "var":
        return this.#variables(index + 1, "var", exported);
      case "await":
        return next === "using" && this.#isUsing(index + 1) ? this.#variables(index + 2, "const", exported) : start;
      case "using":
        return this.#isUsing(index) ? this.#variables(index + 1, "const", exported) : start;
      case "function":
        this.#declare(index + (next === "*" ? 2 : 1), "function", exported);
        return index + 2;
      case "class":
        if (!/^(?:extends|implements|\{)$/.test(next)) this.#declare(index + 1, "class", exported);
        return index + 2;
      case "enum":
        return this.#named(index, "enum", exported, start);
      case "interface":
        return this.#named(index, "interface", exported, start);
      case "type":
        if (!this.#isWord(index + 1) || !/^[=<]$/.test(this.#text(index + 2))) return start;
        this.#declare(index + 1, "type", exported);
        return this.#skipType(index + 2);
      case "module":
        if (this.#tokens[index + 1]?.kind === "literal" && index > start) this.#found.augments = true;
        return this.#named(index, "namespace", exported, start);
      case "namespace":
        return this.#named(index, "namespace", exported, start);
      case "global":
        if (next === "{" && index > start) this.#found.augments = true;
        return start;
      case "import":
        return this.#imports(index, exported);
      default:
        return start;
    }
  }

  /** Words that are keywords only before a name on the same line. */
  #named(index: number, kind: Kind, exported: boolean, start: number): number {
    if (!this.#isWord(index + 1) || this.#tokens[index + 1]?.first || operators.has(this.#text(index + 1)))
      return start;
    this.#declare(index + 1, kind, exported);
    return index + 2;
  }

  #isUsing(index: number): boolean {
    const name = this.#tokens[index + 1];
    return this.#isWord(index + 1) && !name?.first && !operators.has(name?.text ?? "") && this.#text(index + 2) === "=";
  }

  #skipDecorators(index: number): number {
    while (this.#text(index).startsWith("@")) {
      index++;
      while (this.#text(index) === ".") index += 2;
      if (this.#text(index) === "(") index = this.#skipBrackets(index);
    }
    return index;
  }

  /** `a = 1, { b, c: [d] }: T = e` */
  #variables(start: number, kind: Kind, exported: boolean): number {
    let index = start;
    for (;;) {
      const names: number[] = [];
      index = this.#binding(index, names);
      if (names.length === 0 && index === start) return start;
      // No declaration is followed by another word, but words in the text of JSX are.
      if (!/^(?:[=:!,;)}]|in|of)$/.test(this.#text(index)) && !this.#endsBefore(index)) return start;
      for (const name of names) this.#declare(name, kind, exported);
      if (this.#text(index) === "!") index++;
      if (this.#text(index) === ":") index = this.#skipType(index + 1);
      if (this.#text(index) === "=") index = this.#skipExpression(index + 1);
      if (this.#text(index) !== ",") return index;
      index++;
    }
  }

  /** Collects the indices of the names that a pattern binds; returns the index behind it. */
  #binding(index: number, names: number[]): number {
    const text = this.#text(index);
    if (text === "...") return this.#binding(index + 1, names);
    if (text !== "{" && text !== "[") {
      if (!this.#isWord(index)) return index;
      names.push(index);
      return index + 1;
    }
    const end = this.#skipBrackets(index);
    const last = this.#closes(end - 1) ? end - 1 : end;
    let at = index + 1;
    while (at < last) {
      const before = at;
      if (this.#text(at) === ",") at++;
      else if (text === "{" && this.#text(at) !== "...") {
        const key = at;
        at = this.#text(at) === "[" ? this.#skipBrackets(at) : at + 1;
        if (this.#text(at) === ":") at = this.#binding(at + 1, names);
        else if (this.#isWord(key)) names.push(key);
      } else {
        at = this.#binding(at, names);
      }
      if (this.#text(at) === "=") at = this.#skipExpression(at + 1);
      if (at === before) at++;
    }
    return end;
  }

  /** Behind the expression: at `,`, `;`, a closing bracket, or where the next statement begins. */
  #skipExpression(start: number): number {
    let index = start;
    while (index < this.#tokens.length) {
      const text = this.#text(index);
      if (this.#tokens[index]?.kind === "punctuation" && /^[,;)\]}]$/.test(text)) return index;
      if (index > start && this.#endsBefore(index)) return index;
      if (this.#opens(index)) index = this.#skipBrackets(index);
      else if (text === "<") index = this.#skipTypeArguments(index);
      else index++;
    }
    return index;
  }

  /** Behind `<…>` when it can only be type arguments or type parameters; else behind the operator `<`. */
  #skipTypeArguments(index: number): number {
    const before = this.#tokens[index - 1];
    const generic = before?.kind !== "punctuation" || /^[=(,:?]$|^=>$/.test(before.text);
    const end = generic ? this.#angleEnd(index) : null;
    if (end === null) return index + 1;
    // As TypeScript decides it: what follows type arguments cannot begin an operand.
    const after = this.#tokens[end];
    if (after === undefined || after.first || /^[()[\]{},;.:?=`]|^=>|^\?\.|^&&|^\|\||^[&|]$|^extends$/.test(after.text))
      return end;
    return before?.kind === "punctuation" ? end : index + 1;
  }

  #angleEnd(index: number): number | null {
    let depth = 0;
    for (let at = index; at < this.#tokens.length;) {
      const text = this.#text(at);
      if (text === "<") depth++;
      if (text === ">") depth--;
      if (depth === 0) return at + 1;
      if (/^(?:[;)\]}+\-/%^~]|&&|\|\||\?\?|[=!]==?|\+\+|--)$/.test(text)) return null;
      at = this.#opens(at) ? this.#skipBrackets(at) : at + 1;
    }
    return null;
  }

  /** Behind a type annotation: at `=`, `,`, `;`, a closing bracket, or where the next statement begins. */
  #skipType(start: number): number {
    let index = start;
    let isAlias = this.#text(start) === "=" || this.#text(start) === "<";
    while (index < this.#tokens.length) {
      const text = this.#text(index);
      if (this.#tokens[index]?.kind === "punctuation") {
        if (/^[,;)\]}]$/.test(text)) return index;
        if (text === "=") {
          if (!isAlias) return index;
          isAlias = false;
        }
      }
      if (index > start && this.#endsBefore(index)) return index;
      if (this.#opens(index)) index = this.#skipBrackets(index);
      else if (text === "<") index = this.#angleEnd(index) ?? index + 1;
      else index++;
    }
    return index;
  }

  /** `{ a, b as c, type D }` of an export. */
  #exports(index: number): number {
    const end = this.#skipBrackets(index);
    for (let at = index + 1; at < end; at++)
      if (/^[,}]$/.test(this.#text(at))) this.#found.exported.add(this.#text(at - 1));
    return end;
  }

  #imports(index: number, exported: boolean): number {
    let at = index + 1;
    if (/^[(.]$/.test(this.#text(at))) return index;
    for (const modifier of ["type", "defer"])
      if (this.#text(at) === modifier && /^[\p{ID_Start}$_{*]/u.test(this.#text(at + 1)))
        if (this.#text(at + 1) !== "from" || this.#text(at + 2) === "from") at++;
    if (this.#isWord(at)) {
      this.#declare(at, "import", exported);
      at++;
      // `import a = require("b")`, `import a = b.c`
      if (this.#text(at) === "=") return this.#skipExpression(at + 1);
      if (this.#text(at) === ",") at++;
    }
    if (this.#text(at) === "*" && this.#text(at + 1) === "as") {
      this.#declare(at + 2, "import", exported);
      at += 3;
    } else if (this.#text(at) === "{") {
      const end = this.#skipBrackets(at);
      for (let name = at + 1; name < end; name++)
        if (/^[,}]$/.test(this.#text(name))) this.#declare(name - 1, "import", exported);
      at = end;
    }
    if (this.#text(at) === "from") at++;
    return this.#tokens[at]?.kind === "literal" ? at + 1 : at;
  }
}
