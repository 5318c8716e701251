// Expressions → TeX that the parser reads back, for corrections; and → a line of plain text, for messages.

import type { Comparison, ComparisonExpression, Expression } from "./tree.ts";

export type Style = "tex" | "plain";

/** How tightly something holds together. */
const SUM = 0;
const PRODUCT = 1;
const FACTOR = 2;
const PRIMARY = 3;

const LETTERS: Record<string, string> = {
  alpha: "α", beta: "β", gamma: "γ", delta: "δ", epsilon: "ε", varepsilon: "ε", zeta: "ζ", eta: "η", theta: "θ", kappa: "κ", lambda: "λ", mu: "μ", nu: "ν",
  xi: "ξ", pi: "π", rho: "ρ", sigma: "σ", tau: "τ", phi: "φ", varphi: "φ", chi: "χ", psi: "ψ", omega: "ω", Gamma: "Γ", Delta: "Δ", Theta: "Θ",
  Lambda: "Λ", Sigma: "Σ", Phi: "Φ", Psi: "Ψ", Omega: "Ω", ell: "ℓ", partial: "∂",
}; // prettier-ignore
/** Of the letter before them. */
const MARKS: Record<string, string> = {
  hat: "\u0302",
  widehat: "\u0302",
  bar: "\u0304",
  overline: "\u0304",
  tilde: "\u0303",
  widetilde: "\u0303",
  dot: "\u0307",
};

export function print(expression: Expression, style: Style = "tex"): string {
  return printed(expression, style, SUM);
}

function printed(expression: Expression, style: Style, around: number): string {
  const [text, level] = parts(expression, style);
  if (level >= around) return text;
  return style === "tex" ? `\\left( ${text} \\right)` : `(${text})`;
}

function parts(expression: Expression, style: Style): [text: string, level: number] {
  const tex = style === "tex";
  const at = (part: Expression, level: number): string => printed(part, style, level);
  switch (expression.kind) {
    case "number":
      return [String(expression.value), PRIMARY];
    case "name":
      return [tex ? texName(expression) : plain(expression.tex), PRIMARY];
    case "sum":
      return [
        expression.terms
          .map(
            ({ negative, term }, k) =>
              `${negative ? (k === 0 ? "-" : " - ") : k === 0 ? "" : " + "}${at(term, PRODUCT)}`,
          )
          .join(""),
        SUM,
      ];
    case "product":
      return [product(expression, style), PRODUCT];
    case "quotient":
      if (tex) return [`\\frac{${at(expression.over, SUM)}}{${at(expression.under, SUM)}}`, FACTOR];
      return [`${at(expression.over, FACTOR)}/${at(expression.under, PRIMARY)}`, PRODUCT];
    case "power": {
      const sign = expression.elementwise && expression.base.kind !== "call" ? (tex ? "\\odot " : "⊙") : "";
      const exponent = at(expression.exponent, SUM);
      return [`${raised(at(expression.base, PRIMARY), tex)}^${tex ? `{${sign}${exponent}}` : sign + exponent}`, FACTOR];
    }
    case "transpose":
      return [`${raised(at(expression.of, PRIMARY), tex)}${tex ? "^\\top" : "ᵀ"}`, FACTOR];
    case "call": {
      const name = tex ? expression.tex : plain(expression.tex);
      const inside = expression.args.map((arg) => at(arg, SUM)).join(", ");
      if (expression.name === "inner") return [tex ? `\\langle ${inside} \\rangle` : `⟨${inside}⟩`, PRIMARY];
      if (tex && expression.name === "sqrt") return [`\\sqrt{${inside}}`, PRIMARY];
      return [`${name}${"'".repeat(expression.primes)}(${inside})`, PRIMARY];
    }
    case "list":
      return [`(${expression.items.map((item) => at(item, SUM)).join(", ")})`, PRIMARY];
    case "element": {
      const indices = expression.indices.join("");
      return [`${at(expression.of, PRIMARY)}_${tex ? `{${indices}}` : indices}`, PRIMARY];
    }
    case "reduction": {
      const { index, limit } = expression;
      const from = index === undefined ? "" : `_{${index}${limit === undefined ? "" : "=1"}}`;
      const to = limit === undefined ? "" : `^{${at(limit, SUM)}}`;
      const sign = tex ? `\\${expression.of}` : expression.of === "sum" ? "Σ" : "Π";
      return [`${sign}${from}${to} ${at(expression.body, PRODUCT)}`, PRODUCT];
    }
    case "norm": {
      const bar = expression.order === "abs" ? "|" : tex ? "\\|" : "‖";
      const order =
        expression.order === "abs" ? "" : `_${expression.order === "inf" ? (tex ? "\\infty" : "∞") : expression.order}`;
      return [`${bar}${at(expression.of, SUM)}${bar}${order}`, PRIMARY];
    }
    case "ones": {
      const size = expression.size === undefined ? "" : `_${tex ? `{${expression.size}}` : expression.size}`;
      return [`${tex ? "\\mathbf{1}" : "𝟏"}${size}`, PRIMARY];
    }
    case "indicator":
      return [`${tex ? "\\mathbb{1}" : "𝟙"}[${comparison(expression, style)}]`, PRIMARY];
    case "cases": {
      const { condition, value, otherwise } = expression;
      const [first, second] = [at(value, SUM), at(otherwise, SUM)];
      const when = comparison(condition, style);
      if (!tex) return [`{${first} if ${when}, else ${second}}`, PRIMARY];
      return [`\\begin{cases} ${first} & ${when} \\\\ ${second} & \\text{otherwise} \\end{cases}`, PRIMARY];
    }
    case "derivative":
      if (tex)
        return [`\\frac{\\partial ${at(expression.of, FACTOR)}}{\\partial ${at(expression.to, FACTOR)}}`, FACTOR];
      return [`∂${at(expression.of, FACTOR)}/∂${at(expression.to, FACTOR)}`, FACTOR];
  }
}

const SIGNS: Record<Comparison, string> = { ">": ">", "<": "<", "=": "=", "≥": "\\ge", "≤": "\\le", "≠": "\\ne" };

function comparison({ left, sign, right }: ComparisonExpression, style: Style): string {
  const [a, b] = [print(left, style), print(right, style)];
  return `${a} ${style === "tex" ? SIGNS[sign] : sign} ${b}`;
}

function product({ factors, signs }: Extract<Expression, { kind: "product" }>, style: Style): string {
  const texts = factors.map((factor) => printed(factor, style, factor.kind === "product" ? FACTOR : PRODUCT + 0.5));
  const between = {
    "": " ",
    dot: style === "tex" ? " \\cdot " : " · ",
    odot: style === "tex" ? " \\odot " : " ⊙ ",
  };
  // Two numbers side by side would be one.
  const cross = style === "tex" ? " \\times " : " × ";
  return texts.reduce((text, next, k) => {
    const sign = between[signs[k - 1] ?? ""];
    const before = factors[k - 1];
    const isApplied = before?.kind === "name" && before.opens === true && sign === " ";
    if (isApplied && (style === "plain" || factors[k]?.kind === "name"))
      return next.startsWith("(") ? `${text}${next}` : `${text}(${next})`;
    return `${text}${sign === " " && /^\d/.test(next) ? cross : sign}${next}`;
  });
}

function texName({ tex, primes, base }: Extract<Expression, { kind: "name" }>): string {
  const bare = /^[A-Za-z]{2,}$/.test(tex) && tex === base ? `\\text{${tex}}` : tex;
  return primes > 0 && !bare.includes("'") ? `${bare}${"'".repeat(primes)}` : bare;
}

function plain(tex: string): string {
  const letters = tex.replace(/\\([a-z]+)/gi, (all, name: string) =>
    MARKS[name] !== undefined
      ? all
      : (LETTERS[name] ?? (/^(?:text|math\w+|operatorname|boldsymbol|bm|vec|left|right)$/.test(name) ? "" : name)),
  );
  const marked = letters.replace(
    /\\([a-z]+)\s*\{?\s*(.)\s*\}?/giu,
    (_, name: string, letter: string) => letter + (MARKS[name] ?? ""),
  );
  return marked.replace(/[{}\\\s]/g, "");
}

/** TeX takes no second superscript. */
function raised(text: string, tex: boolean): string {
  return tex && /^[^({|]*\^/.test(text) ? `{${text}}` : text;
}
