// Every primitive as a formula: what it computes, and its local derivative, in LaTeX that MathJax and KaTeX both know and that survives a
// cell of a Markdown table (no bar, no line break). Operations on elements have a derivative; others say how a cotangent passes back through them
// (bars) and a tangent forward (dots).

import type { Params, PrimitiveName } from "../backend.ts";
import type { Node } from "../tape.ts";
import { numberLatex } from "./latex.ts";

/** What formulas are made of: the inputs and the output by name. */
interface Parts<P> {
  /** The inputs, numbers of constants included. */
  readonly x: readonly string[];
  readonly y: string;
  readonly params: P;
  readonly node: Node;
}

/** How one primitive is written. */
interface Formula<P> {
  readonly value: (parts: Parts<P>) => string;
  /** The derivative with respect to each input, element by element. */
  readonly local?: (parts: Parts<P>) => readonly string[];
  /** The cotangent of each input. */
  readonly pull?: (parts: Parts<P>) => readonly string[];
  /** The tangent of the output. */
  readonly push?: (parts: Parts<P>) => string;
}

/** `v_{1}` with a mark on its letter. */
function marked(mark: "bar" | "dot", name: string): string {
  const [, letter, index = ""] = /^([A-Za-z]|\\[A-Za-z]+)(_\{(?:\w+|\\mathrm\{[^{}]*\})\})?$/.exec(name) ?? [];
  if (letter !== undefined) return `\\${mark}{${letter}}${index}`;
  return mark === "bar" ? `\\overline{${name}}` : `\\dot{${name}}`;
}

/** The cotangent of what has this name. */
export function bar(name: string): string {
  return marked("bar", name);
}

/** The tangent of what has this name. */
export function dot(name: string): string {
  return marked("dot", name);
}

function call(name: string, ...args: readonly string[]): string {
  return `\\operatorname{${name}}(${args.join(", ")})`;
}

type Line<P> = (x: string, y: string, params: P) => string;

function unary<P>(value: Line<P>, local: Line<P>): Formula<P> {
  return {
    value: ({ x: [x = ""], y, params }) => value(x, y, params),
    local: ({ x: [x = ""], y, params }) => [local(x, y, params)],
  };
}

function binary<P>(
  value: string | ((a: string, b: string) => string),
  da: (a: string, b: string, y: string) => string,
  db: (a: string, b: string, y: string) => string,
): Formula<P> {
  return {
    value: ({ x: [a = "", b = ""] }) => (typeof value === "string" ? `${a} ${value} ${b}` : value(a, b)),
    local: ({ x: [a = "", b = ""], y }) => [da(a, b, y), db(a, b, y)],
  };
}

/** What moves elements, each with derivative one. */
function moved<P>(name: string, back: string): Formula<P> {
  return {
    value: ({ x }) => call(name, ...x),
    pull: ({ x, y }) => x.map((input) => `${bar(input)} = ${call(back, bar(y))}`),
    push: ({ x: [x = ""], y }) => `${dot(y)} = ${call(name, dot(x))}`,
  };
}

function constant<P>(name: string): Formula<P> {
  return { value: ({ x }) => call(name, ...x), local: ({ x }) => x.map(() => "0") };
}

function over(axes: readonly number[], node: Node): string {
  return axes.length === (node.inputs[0]?.shape.length ?? 0) ? "" : `_{${axes.join(",")}}`;
}

const isNumber = (node: Node): boolean => node.value.shape.length === 0;
const product = (node: Node): string => (isNumber(node) ? "\\cdot" : "\\odot");
const top = (name: string, transposed: boolean): string => (transposed ? `${name}^{\\top}` : name);
const n = (x: number): string => (x < 0 ? `(${numberLatex(x)})` : numberLatex(x));

/** scale · x + shift without what changes nothing. */
function affine(x: string, scale: number, shift: number): string {
  const [factor, size] = [Math.abs(scale), Math.abs(shift)];
  // Dividing by a number is recorded as multiplying by its inverse.
  const divided = factor < 1 && Math.abs(1 / factor - Math.round(1 / factor)) < 1e-9;
  const term =
    factor === 1 ? x : divided ? `\\frac{${x}}{${Math.round(1 / factor)}}` : `${numberLatex(factor)} \\, ${x}`;
  if (shift === 0) return scale < 0 ? `-${term}` : term;
  if (scale < 0 && shift > 0) return `${numberLatex(shift)} - ${term}`;
  return `${scale < 0 ? "-" : ""}${term} ${shift < 0 ? "-" : "+"} ${numberLatex(size)}`;
}

const square = (x: string): string => `${x}^{2}`;
const under = (a: string, b: string): string => `\\frac{${a}}{${b}}`;

export const formulas: { readonly [N in PrimitiveName]: Formula<Params[N]> } = {
  neg: unary((x) => `-${x}`, () => "-1"), // prettier-ignore
  exp: unary((x) => `e^{${x}}`, (_, y) => y), // prettier-ignore
  expm1: unary((x) => `e^{${x}} - 1`, (_, y) => `${y} + 1`), // prettier-ignore
  log: unary((x) => `\\ln ${x}`, (x) => under("1", x)), // prettier-ignore
  log1p: unary((x) => `\\ln(1 + ${x})`, (x) => under("1", `1 + ${x}`)), // prettier-ignore
  log2: unary((x) => `\\log_{2} ${x}`, (x) => under("1", `${x} \\ln 2`)), // prettier-ignore
  log10: unary((x) => `\\log_{10} ${x}`, (x) => under("1", `${x} \\ln 10`)), // prettier-ignore
  sin: unary((x) => `\\sin ${x}`, (x) => `\\cos ${x}`), // prettier-ignore
  cos: unary((x) => `\\cos ${x}`, (x) => `-\\sin ${x}`), // prettier-ignore
  tan: unary((x) => `\\tan ${x}`, (_, y) => `1 + ${square(y)}`), // prettier-ignore
  sinh: unary((x) => `\\sinh ${x}`, (x) => `\\cosh ${x}`), // prettier-ignore
  cosh: unary((x) => `\\cosh ${x}`, (x) => `\\sinh ${x}`), // prettier-ignore
  tanh: unary((x) => `\\tanh ${x}`, (_, y) => `1 - ${square(y)}`), // prettier-ignore
  asin: unary((x) => `\\arcsin ${x}`, (x) => under("1", `\\sqrt{1 - ${square(x)}}`)), // prettier-ignore
  acos: unary((x) => `\\arccos ${x}`, (x) => `-${under("1", `\\sqrt{1 - ${square(x)}}`)}`), // prettier-ignore
  atan: unary((x) => `\\arctan ${x}`, (x) => under("1", `1 + ${square(x)}`)), // prettier-ignore
  asinh: unary((x) => call("asinh", x), (x) => under("1", `\\sqrt{${square(x)} + 1}`)), // prettier-ignore
  acosh: unary((x) => call("acosh", x), (x) => under("1", `\\sqrt{${square(x)} - 1}`)), // prettier-ignore
  atanh: unary((x) => call("atanh", x), (x) => under("1", `1 - ${square(x)}`)), // prettier-ignore
  sigmoid: unary((x) => `\\sigma(${x})`, (_, y) => `${y} (1 - ${y})`), // prettier-ignore
  logSigmoid: unary((x) => `\\ln \\sigma(${x})`, (x) => `\\sigma(-${x})`), // prettier-ignore
  softplus: unary((x) => `\\ln(1 + e^{${x}})`, (x) => `\\sigma(${x})`), // prettier-ignore
  relu: unary((x) => `\\max(0, ${x})`, (x) => `[${x} \\gt 0]`), // prettier-ignore
  abs: unary((x) => `\\lvert ${x} \\rvert`, (x) => call("sign", x)), // prettier-ignore
  sqrt: unary((x) => `\\sqrt{${x}}`, (_, y) => under("1", `2 ${y}`)), // prettier-ignore
  rsqrt: unary((x) => under("1", `\\sqrt{${x}}`), (_, y) => `-${under(`${y}^{3}`, "2")}`), // prettier-ignore
  reciprocal: unary((x) => under("1", x), (_, y) => `-${square(y)}`), // prettier-ignore
  square: unary(square, (x) => `2 ${x}`),
  erf: unary((x) => call("erf", x), (x) => `\\frac{2}{\\sqrt{\\pi}} e^{-${square(x)}}`), // prettier-ignore
  lgamma: unary((x) => `\\ln \\Gamma(${x})`, (x) => `\\psi(${x})`), // prettier-ignore
  digamma: unary((x) => `\\psi(${x})`, (x) => `\\psi'(${x})`), // prettier-ignore
  polygamma: unary((x, _, { n: order }) => `\\psi^{(${order})}(${x})`, (x, _, { n: order }) => `\\psi^{(${order + 1})}(${x})`), // prettier-ignore
  powScalar: unary((x, _, { exponent: e }) => `${x}^{${numberLatex(e)}}`, (x, _, { exponent: e }) => (e === 2 ? `2 ${x}` : `${n(e)} ${x}^{${numberLatex(e - 1)}}`)), // prettier-ignore
  affine: unary((x, _, { scale, shift }) => affine(x, scale, shift), (_, __, { scale }) => numberLatex(scale)), // prettier-ignore
  clamp: unary((x, _, { min, max }) => `\\min(\\max(${x}, ${numberLatex(min)}), ${numberLatex(max)})`, (x, _, { min, max }) => `[${numberLatex(min)} \\le ${x} \\le ${numberLatex(max)}]`), // prettier-ignore
  cast: unary((x, _, { dtype }) => call(dtype, x), () => "1"), // prettier-ignore
  copy: unary((x) => x, () => "1"), // prettier-ignore
  sign: constant("sign"),
  floor: constant("floor"),
  ceil: constant("ceil"),
  round: constant("round"),
  trunc: constant("trunc"),
  logicalNot: constant("not"),
  add: binary("+", () => "1", () => "1"), // prettier-ignore
  sub: binary("-", () => "1", () => "-1"), // prettier-ignore
  mul: {
    value: ({ x: [a = "", b = ""], node }) => `${a} ${product(node)} ${b}`,
    local: ({ x: [a = "", b = ""] }) => [b, a],
  },
  div: binary(under, (_, b) => under("1", b), (_, b, y) => `-${under(y, b)}`), // prettier-ignore
  pow: binary((a, b) => `${a}^{${b}}`, (a, b) => `${b} ${a}^{${b} - 1}`, (a, _, y) => `${y} \\ln ${a}`), // prettier-ignore
  maximum: binary((a, b) => `\\max(${a}, ${b})`, (a, b) => `[${a} \\gt ${b}]`, (a, b) => `[${b} \\gt ${a}]`), // prettier-ignore
  minimum: binary((a, b) => `\\min(${a}, ${b})`, (a, b) => `[${a} \\lt ${b}]`, (a, b) => `[${b} \\lt ${a}]`), // prettier-ignore
  atan2: binary((a, b) => call("atan2", a, b), (a, b) => under(b, `${square(a)} + ${square(b)}`), (a, b) => `-${under(a, `${square(a)} + ${square(b)}`)}`), // prettier-ignore
  hypot: binary((a, b) => `\\sqrt{${square(a)} + ${square(b)}}`, (a, _, y) => under(a, y), (_, b, y) => under(b, y)), // prettier-ignore
  remainder: binary((a, b) => `${a} \\bmod ${b}`, () => "1", (a, b) => `-\\lfloor ${under(a, b)} \\rfloor`), // prettier-ignore
  sigmoidTangent: binary((t, y) => `${t} ${y} (1 - ${y})`, (_, y) => `${y} (1 - ${y})`, (t, y) => `${t} (1 - 2 ${y})`), // prettier-ignore
  tanhTangent: binary((t, y) => `${t} (1 - ${square(y)})`, (_, y) => `1 - ${square(y)}`, (t, y) => `-2 ${t} ${y}`), // prettier-ignore
  squareTangent: binary((t, x) => `2 ${t} ${x}`, (_, x) => `2 ${x}`, (t) => `2 ${t}`), // prettier-ignore
  reluTangent: binary((t, y) => `${t} [${y} \\gt 0]`, (_, y) => `[${y} \\gt 0]`, () => "0"), // prettier-ignore
  eq: constant("eq"),
  ne: constant("ne"),
  lt: constant("lt"),
  le: constant("le"),
  gt: constant("gt"),
  ge: constant("ge"),
  logicalAnd: constant("and"),
  logicalOr: constant("or"),
  where: {
    value: ({ x }) => call("where", ...x),
    local: ({ x: [c = ""] }) => ["0", `[${c}]`, `1 - [${c}]`],
  },
  sum: {
    value: ({ x: [x = ""], params: { axes }, node }) => `\\textstyle\\sum${over(axes, node)} ${x}`,
    pull: ({ x: [x = ""], y }) => [`${bar(x)} = ${bar(y)}`],
    push: ({ x: [x = ""], y, params: { axes }, node }) => `${dot(y)} = \\textstyle\\sum${over(axes, node)} ${dot(x)}`,
  },
  mean: {
    value: ({ x: [x = ""], params: { axes }, node }) => `\\operatorname{mean}${over(axes, node)}(${x})`,
    pull: ({ x: [x = ""], y, params: { axes }, node }) => {
      const count = axes.reduce((all, axis) => all * (node.inputs[0]?.shape[axis] ?? 1), 1);
      return [`${bar(x)} = ${count === 1 ? "" : `\\frac{1}{${count}} `}${bar(y)}`];
    },
    push: ({ x: [x = ""], y, params: { axes }, node }) =>
      `${dot(y)} = \\operatorname{mean}${over(axes, node)}(${dot(x)})`,
  },
  amax: extreme("max"),
  amin: extreme("min"),
  argmax: constant("argmax"),
  argmin: constant("argmin"),
  argsort: constant("argsort"),
  logsumexp: {
    value: ({ x: [x = ""], params: { axes }, node }) => `\\ln \\textstyle\\sum${over(axes, node)} e^{${x}}`,
    pull: ({ x: [x = ""], y }) => [`${bar(x)} = ${bar(y)} e^{${x} - ${y}}`],
    push: ({ x: [x = ""], y }) => `${dot(y)} = \\textstyle\\sum e^{${x} - ${y}} ${dot(x)}`,
  },
  norm: {
    value: ({ x: [x = ""] }) => `\\lVert ${x} \\rVert`,
    pull: ({ x: [x = ""], y }) => [`${bar(x)} = ${bar(y)} ${under(x, y)}`],
    push: ({ x: [x = ""], y }) => `${dot(y)} = \\textstyle\\sum ${under(x, y)} ${dot(x)}`,
  },
  softmax: {
    value: ({ x }) => call("softmax", ...x),
    pull: ({ x: [x = ""], y }) => [`${bar(x)} = ${y} \\odot (${bar(y)} - \\textstyle\\sum ${y} \\odot ${bar(y)})`],
    push: ({ x: [x = ""], y }) => `${dot(y)} = ${y} \\odot (${dot(x)} - \\textstyle\\sum ${y} \\odot ${dot(x)})`,
  },
  logSoftmax: {
    value: ({ x }) => `\\ln ${call("softmax", ...x)}`,
    pull: ({ x: [x = ""], y }) => [`${bar(x)} = ${bar(y)} - e^{${y}} \\textstyle\\sum ${bar(y)}`],
    push: ({ x: [x = ""], y }) => `${dot(y)} = ${dot(x)} - \\textstyle\\sum e^{${y}} \\odot ${dot(x)}`,
  },
  recurrence: { value: ({ x }) => call("recurrence", ...x) },
  reshape: moved("reshape", "reshape"),
  permute: {
    value: ({ x: [x = ""], node }) => (node.value.shape.length === 2 ? top(x, true) : call("permute", x)),
    pull: ({ x: [x = ""], y, node }) => [`${bar(x)} = ${node.value.shape.length === 2 ? top(bar(y), true) : call("permute", bar(y))}`], // prettier-ignore
    push: ({ x: [x = ""], y, node }) => `${dot(y)} = ${node.value.shape.length === 2 ? top(dot(x), true) : call("permute", dot(x))}`, // prettier-ignore
  },
  expand: moved("expand", "sum"),
  slice: moved("slice", "pad"),
  unfold: moved("unfold", "fold"),
  fold: moved("fold", "unfold"),
  stopGradient: constant("stopGradient"),
  pad: moved("pad", "slice"),
  cat: { value: ({ x }) => call("cat", ...x), pull: ({ x, y }) => x.map((input) => `${bar(input)} = ${call("slice", bar(y))}`) }, // prettier-ignore
  gather: { value: ({ x }) => call("gather", ...x), pull: ({ x: [x = "", index = ""], y }) => [`${bar(x)} = ${call("scatterAdd", bar(y), index)}`, ""] }, // prettier-ignore
  scatterAdd: { value: ({ x }) => call("scatterAdd", ...x), pull: ({ x: [x = "", index = "", z = ""], y }) => [`${bar(x)} = ${bar(y)}`, "", `${bar(z)} = ${call("gather", bar(y), index)}`] }, // prettier-ignore
  matmul: {
    value: ({ x: [a = "", b = ""], params: { ta, tb } }) => `${top(a, ta)} \\, ${top(b, tb)}`,
    pull: ({ x: [a = "", b = ""], y, params: { ta, tb } }) => [
      `${bar(a)} = ${ta ? `${top(b, tb)} \\, ${top(bar(y), true)}` : `${bar(y)} \\, ${top(b, !tb)}`}`,
      `${bar(b)} = ${tb ? `${top(bar(y), true)} \\, ${top(a, ta)}` : `${top(a, !ta)} \\, ${bar(y)}`}`,
    ],
    push: ({ x: [a = "", b = ""], y, params: { ta, tb } }) =>
      `${dot(y)} = ${top(dot(a), ta)} \\, ${top(b, tb)} + ${top(a, ta)} \\, ${top(dot(b), tb)}`,
  },
  linear: {
    value: ({ x: [x = "", w = "", b = ""] }) => `${x} \\, ${top(w, true)} + ${b}`,
    pull: ({ x: [x = "", w = "", b = ""], y }) => [
      `${bar(x)} = ${bar(y)} \\, ${w}`,
      `${bar(w)} = ${top(bar(y), true)} \\, ${x}`,
      `${bar(b)} = \\textstyle\\sum_{0} ${bar(y)}`,
    ],
    push: ({ x: [x = "", w = "", b = ""], y }) =>
      `${dot(y)} = ${dot(x)} \\, ${top(w, true)} + ${x} \\, ${top(dot(w), true)} + ${dot(b)}`,
  },
  inverse: {
    value: ({ x: [x = ""] }) => `${x}^{-1}`,
    pull: ({ x: [x = ""], y }) => [`${bar(x)} = -${top(y, true)} ${bar(y)} ${top(y, true)}`],
    push: ({ x: [x = ""], y }) => `${dot(y)} = -${y} ${dot(x)} ${y}`,
  },
  solve: {
    value: ({ x: [a = "", b = ""] }) => `${a}^{-1} ${b}`,
    pull: ({ x: [a = "", b = ""], y }) => [
      `${bar(a)} = -${bar(b)} ${top(y, true)}`,
      `${bar(b)} = ${a}^{-\\top} ${bar(y)}`,
    ],
    push: ({ x: [a = "", b = ""], y }) => `${dot(y)} = ${a}^{-1} (${dot(b)} - ${dot(a)} ${y})`,
  },
  det: {
    value: ({ x: [x = ""] }) => `\\det ${x}`,
    pull: ({ x: [x = ""], y }) => [`${bar(x)} = ${bar(y)} ${y} ${x}^{-\\top}`],
    push: ({ x: [x = ""], y }) => `${dot(y)} = ${y} \\operatorname{tr}(${x}^{-1} ${dot(x)})`,
  },
  cholesky: { value: ({ x }) => call("cholesky", ...x) },
};

function extreme(name: "max" | "min"): Formula<Params["amax"]> {
  return {
    value: ({ x: [x = ""], params: { axes }, node }) => `\\${name}${over(axes, node)} ${x}`,
    pull: ({ x: [x = ""], y }) => [`${bar(x)} = [${x} = ${y}] ${bar(y)}`],
    push: ({ x: [x = ""], y }) => `${dot(y)} = [${x} = ${y}] ${dot(x)}`,
  };
}

/** One operation in formulas. */
export interface Written {
  readonly value: string;
  readonly local: readonly string[] | null;
  readonly pull: readonly string[] | null;
  readonly push: string | null;
}

/** The formulas of an operation, whose inputs and output have these names in LaTeX; its own name where it is not in the table. */
export function written(node: Node, x: readonly string[], y: string, shown: string): Written {
  const name = node.primitive?.name ?? "";
  const known = Object.hasOwn(formulas, name) ? (formulas[name as PrimitiveName] as unknown as Formula<unknown>) : null;
  if (known === null) {
    return { value: call(shown.replaceAll(/[^A-Za-z0-9]/g, ""), ...x), local: null, pull: null, push: null };
  }
  const parts: Parts<unknown> = { x, y, params: node.params, node };
  return {
    value: known.value(parts),
    local: known.local?.(parts) ?? null,
    pull: known.pull?.(parts) ?? null,
    push: known.push?.(parts) ?? null,
  };
}

const SIGNS: Record<string, string> = {
  odot: "⊙", cdot: "·", sigma: "σ", psi: "ψ", Gamma: "Γ", pi: "π", sum: "Σ", infty: "∞", times: "×", gt: ">", lt: "<", le: "≤", lvert: "|", rvert: "|",
  lVert: "‖", rVert: "‖", lfloor: "⌊", rfloor: "⌋", partial: "∂", top: "T", textstyle: "", backslash: "\\", wedge: "^", sim: "~", vert: "|", ",": "",
}; // prettier-ignore

/** A formula of this file as text. */
export function plain(latex: string): string {
  let text = latex;
  for (let before = ""; before !== text;) {
    before = text;
    text = text
      .replaceAll(/\\(?:mathrm|operatorname)\{([^{}]*)\}/g, "$1")
      .replaceAll(/\\sqrt\{([^{}]*)\}/g, "√($1)")
      .replaceAll(/\\bar\{([^{}]*)\}/g, "$1\u0304")
      .replaceAll(/\\overline\{([^{}]*)\}/g, "adj($1)")
      .replaceAll(/\\dot\{([^{}]*)\}/g, (_, of: string) => (of.length === 1 ? `${of}\u0307` : `d(${of})`))
      .replaceAll(/\^\{\\top\}/g, "ᵀ")
      .replaceAll(/\^\{2\}/g, "²")
      .replaceAll(/_\{(\d+)\}/g, (_, digits: string) => [...digits].map((d) => "₀₁₂₃₄₅₆₇₈₉"[Number(d)]).join(""))
      .replaceAll(/_\{([^{}]*)\}/g, "[$1]")
      .replaceAll(/\^\{([^{}]*)\}/g, (_, power: string) => (/^[\w.]+$/.test(power) ? `^${power}` : `^(${power})`))
      .replaceAll(/\\frac\{([^{}]*)\}\{([^{}]*)\}/g, (_, a: string, b: string) => {
        const part = (of: string): string => (/[ +]/.test(of) ? `(${of})` : of);
        return `${part(a)}/${part(b)}`;
      });
  }
  return text
    .replaceAll(/\\([A-Za-z]+|,)(?:\{\})? ?/g, (whole, name: string) => {
      const sign = SIGNS[name];
      return sign === undefined ? whole.slice(1) : sign + (sign !== "" && whole.endsWith(" ") ? " " : "");
    })
    .replaceAll(/\\([{}$&#%_ ])/g, "$1")
    .replaceAll(/ {2,}/g, " ");
}
