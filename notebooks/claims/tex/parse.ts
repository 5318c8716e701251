// A subset of TeX → expressions, by recursive descent: equations, sums, products, signs, powers and scripts, primaries. Knows the notation and no
// formula: what names stand for is not known here, so `x_i` is a name with a subscript.

import { FUNCTIONS, GREEK } from "./notation.ts";
import { marksOf, scripted, type Scripts } from "./scripts.ts";
import { Cursor, STYLES, WORDS } from "./cursor.ts";
import { OutsideSubset, type Token } from "./tokens.ts";
import type { Equation, Expression, NameExpression, ProductSign } from "./tree.ts";

export { OutsideSubset } from "./tokens.ts";

/** @throws OutsideSubset with the place of what is not read. */
export function parseFormula(tex: string): Equation[] {
  return new Parser(tex).formula();
}

const EQUALS = new Set(["coloneqq", "triangleq", "equiv"]);
const ACCENTS = new Set(["hat", "bar", "tilde", "widehat", "widetilde", "overline", "dot"]);
const SAME_PRODUCT = new Set(["times", "ast"]);
/** Signs of norms, by the sign that closes them. */
const BARS: Record<string, string> = { "|": "‖", Vert: "‖", lVert: "‖", rVert: "‖", vert: "|", lvert: "|", rvert: "|" };
const ROWS = new Set(["aligned", "align", "align*", "gathered", "split", "equation", "equation*"]);
const CLOSING: Record<string, string> = { "(": ")", "[": "]", "{": "}" };

class Parser extends Cursor {
  /** Those that are open: the same sign closes them. */
  readonly #norms: string[] = [];

  formula(): Equation[] {
    const rows = this.takeCommand("begin");
    const name = rows ? this.rawGroup() : "";
    if (rows && !ROWS.has(name)) throw new OutsideSubset(`\\begin{${name}}`, 0);
    const equations: Equation[] = [];
    do {
      if (rows && this.isCommand("end")) break;
      equations.push(this.#equation());
    } while (rows && this.takeCommand("\\"));
    if (rows) {
      if (!this.takeCommand("end")) throw this.unexpected();
      this.rawGroup();
    }
    if (this.peek() !== undefined) throw this.unexpected();
    return equations;
  }

  #equation(): Equation {
    const sides = [this.#sum()];
    while (this.#takeEquals()) sides.push(this.#sum());
    return { sides };
  }

  #takeEquals(): boolean {
    if (this.isSymbol(":") && this.peek(1)?.text === "=") this.next++;
    if (this.takeSymbol("=")) return true;
    const token = this.peek();
    if (token?.kind !== "command" || !EQUALS.has(token.text)) return false;
    this.next++;
    return true;
  }

  #sum(): Expression {
    const terms: { negative: boolean; term: Expression }[] = [];
    let negative = this.#sign() ?? false;
    for (;;) {
      terms.push({ negative, term: this.#product() });
      const sign = this.#sign();
      if (sign === undefined) break;
      negative = sign;
    }
    const [first] = terms;
    return terms.length === 1 && first?.negative === false ? first.term : { kind: "sum", terms };
  }

  #sign(): boolean | undefined {
    if (this.takeSymbol("+")) return false;
    return this.takeSymbol("-") || this.takeSymbol("−") ? true : undefined;
  }

  #product(): Expression {
    let factors = [this.#factor()];
    let signs: ProductSign[] = [];
    for (;;) {
      if (this.takeSymbol("/")) {
        factors = [this.#quotient(productOf(factors, signs), this.#factor())];
        signs = [];
        continue;
      }
      const sign = this.#productSign();
      if (sign === undefined) return productOf(factors, signs);
      factors.push(this.#factor());
      signs.push(sign);
    }
  }

  /** `\partial L / \partial x` */
  #quotient(over: Expression, under: Expression): Expression {
    if (isDifferential(over) && isDifferential(under)) return derivative(over.args, under.args, this.place());
    return { kind: "quotient", over, under };
  }

  #productSign(): ProductSign | undefined {
    const token = this.peek();
    if (token === undefined) return undefined;
    if (token.text === "cdot" || token.text === "·" || token.text === "bullet") return this.#skip("dot");
    if (token.text === "odot" || token.text === "circ" || token.text === "⊙") return this.#skip("odot");
    if (SAME_PRODUCT.has(token.text) || token.text === "*" || token.text === "×") return this.#skip("");
    const starts =
      token.kind === "letter" ||
      token.kind === "number" ||
      (token.kind === "symbol" && (/[([{]/.test(token.text) || (token.text === "|" && this.#norms.at(-1) !== "|"))) ||
      (token.kind === "command" && !this.#endsProduct(token.text));
    return starts ? "" : undefined;
  }

  #endsProduct(command: string): boolean {
    const bar = BARS[command];
    if (bar !== undefined) return bar === this.#norms.at(-1) || command.startsWith("r");
    return /^(?:\\|end|\}|rangle|rbrack|rbrace)$/.test(command) || EQUALS.has(command);
  }

  #skip<T>(value: T): T {
    this.next++;
    return value;
  }

  #factor(): Expression {
    const negative = this.#sign();
    if (negative !== undefined) {
      const term = this.#factor();
      return negative ? { kind: "sum", terms: [{ negative, term }] } : term;
    }
    const start = this.place();
    const primary = this.#primary();
    const bare = this.written(start);
    const scripts = this.#scripts();
    return scripted(primary, scripts, { bare, tex: this.written(start), at: start });
  }

  #scripts(): Scripts {
    const scripts: Scripts = { sub: undefined, supers: [], primes: 0 };
    for (;;) {
      if (this.takeSymbol("'") || this.takeCommand("prime")) scripts.primes++;
      else if (this.takeSymbol("_")) scripts.sub = this.rawScript();
      else if (this.takeSymbol("^")) this.#superscript(scripts);
      else return scripts;
    }
  }

  #superscript(scripts: Scripts): void {
    const from = this.next;
    const raw = this.rawScript();
    const after = this.next;
    const marks = marksOf(raw);
    if (marks !== undefined) {
      scripts.primes += marks.primes;
      scripts.supers.push(...marks.supers);
    } else {
      this.next = from;
      const grouped = this.takeSymbol("{");
      const elementwise = grouped && (this.takeCommand("odot") || this.takeCommand("circ"));
      const exponent = grouped ? this.#sum() : this.#primary();
      if (grouped) this.expectSymbol("}");
      if (this.next !== after) throw this.unexpected();
      scripts.supers.push({ kind: "power", exponent, elementwise });
    }
  }

  #primary(): Expression {
    const token = this.peek();
    if (token === undefined) throw new OutsideSubset("the formula ends too early", this.tex.length);
    this.next++;
    if (token.kind === "number") return { kind: "number", value: Number(token.text) };
    if (token.kind === "letter") return name(token.text);
    if (token.kind === "command") return this.#command(token);
    const closing = CLOSING[token.text];
    if (closing !== undefined) return this.#group(() => this.takeSymbol(closing));
    if (token.text === "|") return this.#norm("|");
    throw new OutsideSubset(token.text, token.start);
  }

  #group(close: () => boolean): Expression {
    const items = [this.#sum()];
    while (this.takeSymbol(",")) items.push(this.#sum());
    if (!close()) throw this.unexpected();
    const [only] = items;
    return items.length === 1 && only !== undefined ? only : { kind: "list", items };
  }

  #norm(bar: string): Expression {
    this.#norms.push(bar);
    const of = this.#sum();
    this.#norms.pop();
    const token = this.peek();
    const closes = token?.kind === "command" ? BARS[token.text] : token?.text;
    if (closes !== bar) throw this.unexpected();
    this.next++;
    return { kind: "norm", of, order: bar === "|" ? "abs" : "2" };
  }

  #command(token: Token): Expression {
    const { text } = token;
    if (text === "frac" || text === "dfrac" || text === "tfrac") return this.#fraction(token);
    if (text === "sqrt") return call("sqrt", "\\sqrt", [this.#primary()]);
    if (text === "partial") return call("partial", "\\partial", [this.#factor()]);
    if (text === "nabla") return this.#nabla(token);
    if (text === "sum" || text === "prod") return this.#reduction(text);
    const bar = BARS[text];
    if (bar !== undefined && !text.startsWith("r")) return this.#norm(bar);
    if (text === "{") return this.#group(() => this.takeCommand("}"));
    if (STYLES.has(text)) return this.#styled(token);
    if (ACCENTS.has(text)) return name(`${this.rawScript()}${text.replace(/^wide/, "")}`);
    if (WORDS.has(text)) return this.#word(this.rawScript(), token);
    if (FUNCTIONS.has(text)) return this.#word(text, token);
    if (GREEK.test(text)) return name(text.replace(/^var/, ""));
    throw new OutsideSubset(`\\${text}`, token.start);
  }

  #styled(token: Token): Expression {
    if (this.isSymbol("{")) {
      const text = this.rawGroup();
      // A vector of ones, whose size nothing tells.
      if (/^\d+$/.test(text)) throw new OutsideSubset(this.written(token.start), token.start);
      return name(text);
    }
    return this.#primary();
  }

  /** A function, where its arguments follow; a name otherwise. */
  #word(word: string, token: Token): Expression {
    if (!FUNCTIONS.has(word)) return name(word);
    const tex = this.written(token.start);
    const scripts = this.#scripts();
    const opening = this.peek()?.text ?? "";
    if (opening === "(" || opening === "[") {
      this.next++;
      const inside = this.#group(() => this.takeSymbol(CLOSING[opening] ?? ")"));
      return this.#applied(word, tex, scripts, inside.kind === "list" ? inside.items : [inside], token);
    }
    // Some are names as well, such as the σ of a normal distribution.
    if (FUNCTIONS.get(word)?.isName === true)
      return scripted(name(word), scripts, { bare: tex, tex: this.written(token.start), at: token.start });
    return this.#applied(word, tex, scripts, [this.#factor()], token);
  }

  #applied(word: string, tex: string, { sub, supers, primes }: Scripts, args: Expression[], token: Token): Expression {
    const applied: Expression = { kind: "call", name: word, tex, primes, args };
    const [power, ...more] = supers;
    if (sub !== undefined || more.length > 0) throw new OutsideSubset(`a function with scripts, ${tex}`, token.start);
    if (power === undefined) return applied;
    // `\tanh^2 z` is a square, and `\tanh^{-1} z` none of the reciprocal.
    const isPower = power.kind === "power" && power.exponent.kind === "number";
    if (!isPower) throw new OutsideSubset(`a function with a superscript, ${tex}`, token.start);
    return { kind: "power", base: applied, exponent: power.exponent, elementwise: true };
  }

  #fraction(token: Token): Expression {
    const parts = [0, 1].map(() => {
      if (!this.takeSymbol("{")) return { inner: this.#digit() ?? this.#primary(), isD: false };
      const isD = this.#takeD();
      const inner = isD || !this.isSymbol("}") ? this.#sum() : undefined;
      this.expectSymbol("}");
      return { inner, isD };
    });
    const [over, under] = parts;
    if (over?.inner === undefined || under?.inner === undefined) throw new OutsideSubset("\\frac", token.start);
    if (over.isD !== under.isD) throw new OutsideSubset("a differential in a fraction", token.start);
    if (over.isD) return derivative([over.inner], [under.inner], token.start);
    if (isDifferential(over.inner) && isDifferential(under.inner))
      return derivative(over.inner.args, under.inner.args, token.start);
    return { kind: "quotient", over: over.inner, under: under.inner };
  }

  /** Without braces it is one digit: `\frac12`. */
  #digit(): Expression | undefined {
    const digit = this.takeDigit();
    return digit === undefined ? undefined : { kind: "number", value: Number(digit) };
  }

  /** `dL` in a fraction, upright or not. */
  #takeD(): boolean {
    const from = this.next;
    const upright = this.takeCommand("mathrm") && this.isSymbol("{") && this.rawGroup() === "d";
    if (!upright) {
      this.next = from;
      if (this.peek()?.text !== "d" || this.peek()?.kind !== "letter") return false;
      this.next++;
    }
    const after = this.peek();
    const isFactor =
      after?.kind === "letter" || (after?.kind === "command" && !/^(?:cdot|odot|times)$/.test(after.text));
    if (!isFactor) this.next = from;
    return isFactor;
  }

  #nabla(token: Token): Expression {
    if (!this.takeSymbol("_")) throw new OutsideSubset("\\nabla without a subscript", token.start);
    const grouped = this.takeSymbol("{");
    const to = grouped ? this.#sum() : this.#primary();
    if (grouped) this.expectSymbol("}");
    return derivative([this.#factor()], [to], token.start);
  }

  #reduction(of: "sum" | "prod"): Expression {
    let index: string | undefined;
    let limit: Expression | undefined;
    while (this.isSymbol("_") || this.isSymbol("^")) {
      const at = this.place();
      if (this.takeSymbol("_")) {
        const [, letter, first] = /^(\p{L})(?:=(\w+))?$/u.exec(this.rawScript()) ?? [];
        if (letter === undefined || (first !== undefined && first !== "1"))
          throw new OutsideSubset("a sum that does not run over one index from 1", at);
        index = letter;
      } else {
        this.next++;
        const grouped = this.takeSymbol("{");
        limit = grouped ? this.#sum() : this.#primary();
        if (grouped) this.expectSymbol("}");
      }
    }
    return { kind: "reduction", of, index, limit, body: this.#product() };
  }
}

function name(base: string): NameExpression {
  return { kind: "name", base, sub: undefined, primes: 0, tex: base };
}

function call(of: string, tex: string, args: Expression[]): Expression {
  return { kind: "call", name: of, tex, primes: 0, args };
}

function productOf(factors: Expression[], signs: ProductSign[]): Expression {
  const [only] = factors;
  return factors.length === 1 && only !== undefined ? only : { kind: "product", factors, signs };
}

function isDifferential(expression: Expression): expression is Extract<Expression, { kind: "call" }> {
  return expression.kind === "call" && expression.name === "partial";
}

function derivative([of]: Expression[], [to]: Expression[], at: number): Expression {
  if (of === undefined || to?.kind !== "name")
    throw new OutsideSubset("a derivative with respect to what is no name", at);
  return { kind: "derivative", of, to };
}
