// A subset of TeX → expressions, by recursive descent: sums, products, signs, powers and scripts, primaries. Knows the notation and no formula:
// what names stand for is not known here, so `x_i` is a name with a subscript, and `f(x)` a product until somebody says that f is a function.

import { CLOSING, ComparisonParser, COMPARISONS } from "./comparison.ts";
import { STYLES, WORDS } from "./cursor.ts";
import { derivative, differentialOf, isDifferential, isOperator } from "./derivative.ts";
import { FUNCTIONS, GREEK } from "./notation.ts";
import { marksOf, scripted, type Scripts } from "./scripts.ts";
import { OutsideSubset, type Token } from "./tokens.ts";
import type { Expression, NameExpression, ProductSign } from "./tree.ts";

const ACCENTS = new Set(["hat", "bar", "tilde", "widehat", "widetilde", "overline", "dot"]);
const SAME_PRODUCT = new Set(["times", "ast"]);
/** Signs of norms, by the sign that closes them. */
const BARS: Record<string, string> = { "|": "‖", Vert: "‖", lVert: "‖", rVert: "‖", vert: "|", lvert: "|", rvert: "|" };
/** Commands that begin no factor. */
export const EQUALS: ReadonlySet<string> = new Set(["coloneqq", "triangleq", "equiv"]);
export const SEPARATORS: ReadonlySet<string> = new Set(
  "quad qquad implies impliedby iff Rightarrow Longrightarrow Leftrightarrow Longleftrightarrow therefore because".split(
    " ",
  ),
);
export class ExpressionParser extends ComparisonParser {
  /** Those that are open: the same sign closes them. */
  readonly #norms: string[] = [];

  sum(): Expression {
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
    const [of, to] = [differentialOf(over), differentialOf(under)];
    if (of !== undefined && to !== undefined) return derivative(of, to, this.place());
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
    if (COMPARISONS[command] !== undefined || SEPARATORS.has(command) || this.isConjunction()) return true;
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
    const grouped = CLOSING[this.peek()?.text ?? ""] !== undefined;
    const primary = this.#primary();
    const bare = grouped && primary.kind === "name" ? primary.tex : this.written(start);
    const scripts = this.#scripts();
    const isBare = scripts.sub === undefined && scripts.supers.length === 0 && scripts.primes === 0;
    if (grouped && isBare) return primary;
    const result = scripted(primary, scripts, { bare, tex: this.written(start), at: start });
    return result.kind === "name" && this.isSymbol("(") ? { ...result, opens: true } : result;
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
      const exponent = grouped ? this.sum() : this.#primary();
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
    if (token.kind === "letter") return this.#letter(token);
    if (token.kind === "command") return this.#command(token);
    const closing = CLOSING[token.text];
    if (closing !== undefined) return this.#group(() => this.takeSymbol(closing));
    if (token.text === "|") return this.#norm("|");
    throw new OutsideSubset(token.text, token.start);
  }

  /** A small change is one name, if there is no space in it: `dW`. */
  #letter(token: Token): Expression {
    const next = this.peek();
    const isName = next?.kind === "letter" || (next?.kind === "command" && GREEK.test(next.text));
    if (token.text !== "d" || !isName || next.start !== token.end) return name(token.text);
    this.next++;
    return name(`d${next.text.replace(/^var/, "")}`);
  }

  #group(close: () => boolean): Expression {
    const items = [this.maybeCompared()];
    while (this.takeSymbol(",")) items.push(this.sum());
    if (!close()) throw this.unexpected();
    const [only] = items;
    return items.length === 1 && only !== undefined ? only : { kind: "list", items };
  }

  #inner(): Expression {
    const inside = this.#group(() => this.takeCommand("rangle"));
    if (inside.kind !== "list" || inside.items.length !== 2) throw this.unexpected();
    return call("inner", "\\langle", inside.items);
  }

  #norm(bar: string): Expression {
    this.#norms.push(bar);
    const of = this.sum();
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
    if (text === "partial") return call("partial", "\\partial", this.isSymbol("}") ? [] : [this.#factor()]);
    if (text === "nabla") return this.#nabla(token);
    if (text === "sum" || text === "prod") return this.#reduction(text);
    const bar = BARS[text];
    if (bar !== undefined && !text.startsWith("r")) return this.#norm(bar);
    if (text === "langle") return this.#inner();
    if (text === "begin" && this.rawGroup() === "cases") return this.cases();
    if (text === "begin") throw new OutsideSubset(this.written(token.start), token.start);
    if (text === "boxed") return this.#primary();
    if (text === "mathbb") {
      if (/^[1I]$/.test(this.rawScript())) return this.ones();
      throw new OutsideSubset(this.written(token.start), token.start);
    }
    if (text === "{") return this.#group(() => this.takeCommand("}"));
    if (STYLES.has(text)) return this.#styled(token);
    if (ACCENTS.has(text)) return name(`${this.rawScript()}${text.replace(/^wide/, "")}`);
    if (WORDS.has(text)) return this.#word(this.rawScript(), token);
    if (FUNCTIONS.has(text)) return this.#word(text, token);
    if (GREEK.test(text)) return name(text.replace(/^var/, ""));
    throw new OutsideSubset(`\\${text}`, token.start);
  }

  #styled(token: Token): Expression {
    const isGroup = this.isSymbol("{");
    if (!isGroup && this.peek()?.kind !== "number") return this.#primary();
    const text = isGroup ? this.rawGroup() : this.takeDigit();
    if (text === "1") return this.ones();
    if (text === undefined || /^\d+$/.test(text)) throw new OutsideSubset(this.written(token.start), token.start);
    return name(text);
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
      const inner = isD || !this.isSymbol("}") ? this.sum() : undefined;
      this.expectSymbol("}");
      return { inner, isD };
    });
    const [over, under] = parts;
    if (over?.inner === undefined || under?.inner === undefined) throw new OutsideSubset("\\frac", token.start);
    if (isOperator(over.inner, under.isD || isDifferential(under.inner))) {
      const to = under.isD ? under.inner : differentialOf(under.inner);
      return derivative(this.#product(), to, token.start);
    }
    if (over.isD !== under.isD) throw new OutsideSubset("a differential in a fraction", token.start);
    if (over.isD) return derivative(over.inner, under.inner, token.start);
    const of = differentialOf(over.inner);
    const to = differentialOf(under.inner);
    if (of !== undefined && to !== undefined) return derivative(of, to, token.start);
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
    if (!this.takeSymbol("_")) return this.#nablaOfArgument(token);
    const grouped = this.takeSymbol("{");
    const to = grouped ? this.sum() : this.#factor();
    if (grouped) this.expectSymbol("}");
    const of = this.#factor();
    const isApplied = of.kind === "name" && of.opens === true;
    return derivative(isApplied ? productOf([of, this.#factor()], [""]) : of, to, token.start);
  }

  /** `\nabla L(w)` is with respect to w. */
  #nablaOfArgument(token: Token): Expression {
    const of = this.#factor();
    const argument = of.kind === "name" && of.opens === true ? this.#factor() : undefined;
    if (argument?.kind !== "name") throw new OutsideSubset("\\nabla without a subscript", token.start);
    return derivative(productOf([of, argument], [""]), argument, token.start);
  }

  #reduction(of: "sum" | "prod"): Expression {
    let index: string | undefined;
    let more: string | undefined;
    let limit: Expression | undefined;
    while (this.isSymbol("_") || this.isSymbol("^")) {
      const at = this.place();
      if (this.takeSymbol("_")) {
        const [, letter, second, first] = /^(\p{L})(?:,?(\p{L})|=(\w+))?$/u.exec(this.rawScript()) ?? [];
        if (letter === undefined || (first !== undefined && first !== "1"))
          throw new OutsideSubset("a sum that does not run over one index from 1", at);
        index = letter;
        more = second;
      } else {
        this.next++;
        const grouped = this.takeSymbol("{");
        limit = grouped ? this.sum() : this.#primary();
        if (grouped) this.expectSymbol("}");
      }
    }
    const body = this.#product();
    // `\sum_{ij}` runs over both.
    if (more === undefined) return { kind: "reduction", of, index, limit, body };
    return { kind: "reduction", of, index, limit, body: { kind: "reduction", of, index: more, limit, body } };
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
