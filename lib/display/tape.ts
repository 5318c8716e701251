// The tape, step by step: what each operation computed, its local derivative, and what flows through it, back from the result (adjoints) or
// forward from an input (tangents). A table in Markdown with formulas: the one format whose formulas JupyterLab, VS Code, GitHub and
// nbconvert all typeset, trusted or not. Its cells are written when it is made, since numbers change in place.

import { onesLike, tensor, type Options } from "../create.ts";
import { elementReader } from "../elements.ts";
import {
  adjointsOf,
  elementDerivative,
  type Recording,
  record,
  recordingOf,
  tangentsOf,
} from "../inspect/recording.ts";
import { nameOf } from "../names.ts";
import { sameShape, show, sizeOf } from "../shape.ts";
import { type Node, shownName } from "../tape.ts";
import { concrete, isTensor, type Tensor } from "../trace.ts";
import { bundle, type Bundle, CHARACTERS, clip, countOf, counted, DISPLAY, Display, escapeLatex, escapeMarkdown, number } from "./bundle.ts"; // prettier-ignore
import { callOf } from "./arguments.ts";
import { bar, dot, plain, type Written, written } from "./formulas.ts";
import { numberLatex } from "./latex.ts";
import { type Named, namedTensors } from "./named.ts";
import { statistics } from "./statistics.ts";
import { tableText } from "./table.ts";

/** How {@link tape} goes. */
export interface TapeOptions {
  /** "reverse" from the result back (the default), "forward" with tangents, or "both" side by side in the order of evaluation. */
  readonly mode?: "reverse" | "forward" | "both";
  /** Tangents of inputs by name, for forward accumulation; ones for the first input unless given, zero for all others. */
  readonly direction?: Readonly<Record<string, Tensor | number>>;
}

/** One operation, or an input, on the tape. */
export interface TapeRow {
  /** The name of its value. */
  readonly name: string;
  /** The operation; "input" for a leaf. */
  readonly op: string;
  /** The names of what it was computed from. */
  readonly inputs: readonly string[];
  readonly value: Tensor;
  /** The derivative with respect to each input, element by element; null where it is not one, and of more than 100,000 elements. */
  readonly locals: readonly (Tensor | null)[];
  /** The adjoint that comes in from above, ∂ result / ∂ value; null in forward mode and where nothing flows. */
  readonly adjoint: Tensor | null;
  /** What it adds to the adjoint of each input. */
  readonly outgoing: readonly (Tensor | null)[];
  /** The tangent; null in reverse mode and where it is zero. */
  readonly tangent: Tensor | null;
}

const ROWS = 200;
const KEPT = 1000;
const NUMBERS = 4;
/** Local derivatives of more are neither computed nor kept. */
const ELEMENTS = 100_000;

/** A few numbers as they are, many as their shape and norm. */
function shortly(x: Tensor): string {
  const size = sizeOf(x.shape);
  if (size > NUMBERS || size === 0) return `${show(x.shape)} ‖·‖ = ${number(statistics(x).norm)}`;
  const read = elementReader(concrete("tape", x));
  const write = (axis: number, start: number): string => {
    const n = x.shape[axis];
    if (n === undefined) return number(read(start));
    const step = sizeOf(x.shape.slice(axis + 1));
    return `[${Array.from({ length: n }, (_, k) => write(axis + 1, start + k * step)).join(", ")}]`;
  };
  return write(0, 0);
}

/** A name as a formula: `W1` is a letter with an index, `hidden.weight` the W of hidden. */
function nameLatex(name: string): string {
  const [, owner = "", kind] = /^(.+)\.(weight|bias)$/.exec(name) ?? [];
  if (kind !== undefined) {
    return `${kind === "weight" ? "W" : "b"}_{${/^\d{1,6}$/.test(owner) ? owner : escapeLatex(clip(owner, 40))}}`;
  }
  const [, letter, index] = /^([A-Za-z])_?(\d+)?$/.exec(name) ?? [];
  if (letter === undefined) return escapeLatex(clip(name, 40));
  return index === undefined ? letter : `${letter}_{${index}}`;
}

/** A piece of a cell: a formula, or numbers. */
type Piece = { readonly math: string } | string;
type Content = readonly (readonly Piece[])[];

function markdown(content: Content): string {
  return content
    .map((line) => line.map((piece) => (typeof piece === "string" ? piece : `$${piece.math}$`)).join(""))
    .join("<br>");
}

function text(content: Content): string {
  return content
    .map((line) => line.map((piece) => (typeof piece === "string" ? piece : plain(piece.math))).join(""))
    .join("; ");
}

/** Gives every node, and every constant, a name that nothing else has. */
class Names {
  readonly #given = new Map<Tensor, string>();
  readonly #byNode = new Map<Node, string>();
  readonly #constants = new Map<Tensor, string>();
  readonly #taken = new Set<string>();

  constructor({ nodes, root }: Recording, given: readonly (readonly [string, Tensor])[], leaves: readonly Node[]) {
    for (const [name, x] of given) this.#given.set(x, name);
    const own = (node: Node): string | undefined => this.#given.get(node.value) ?? nameOf(node.value);
    const isFree = (name: string): boolean => !this.#taken.has(name);
    leaves.forEach((leaf, k) => this.#take(leaf, given[k]?.[0] ?? own(leaf) ?? `x${leaves.length > 1 ? k + 1 : ""}`));
    for (const node of nodes) {
      const name = own(node);
      if (name !== undefined && !this.#byNode.has(node)) this.#take(node, name);
    }
    let inputs = 0;
    let steps = 0;
    for (const node of nodes) {
      if (this.#byNode.has(node)) continue;
      if (node === root && isFree("L") && sizeOf(node.value.shape) === 1) this.#take(node, "L");
      else if (node.primitive === null) this.#take(node, `x${++inputs}`);
      else this.#take(node, `v${++steps}`);
    }
  }

  #take(node: Node, wanted: string): void {
    let name = wanted;
    for (let k = 2; this.#taken.has(name); k++) name = `${wanted}'${k === 2 ? "" : k}`;
    this.#taken.add(name);
    this.#byNode.set(node, name);
  }

  of(node: Node): string {
    return this.#byNode.get(node) ?? "?";
  }

  /** The name of an input of a node. */
  input(node: Node, k: number): string {
    const parent = node.parents[k];
    if (parent !== null && parent !== undefined) return this.of(parent);
    const x = node.inputs[k] as Tensor;
    if (x.shape.length === 0) return number(concrete("tape", x).storage.data[concrete("tape", x).offset] as number);
    let name = this.#constants.get(x);
    if (name === undefined) {
      const wanted = this.#given.get(x) ?? nameOf(x) ?? `c${this.#constants.size + 1}`;
      name = wanted;
      for (let at = 2; this.#taken.has(name); at++) name = `${wanted}'${at === 2 ? "" : at}`;
      this.#taken.add(name);
      this.#constants.set(x, name);
    }
    return name;
  }

  /** The input as a formula. */
  latex(node: Node, k: number): string {
    const isConstant = (node.parents[k] ?? null) === null;
    const x = node.inputs[k] as Tensor;
    if (!isConstant || x.shape.length > 0) return nameLatex(this.input(node, k));
    const value = concrete("tape", x).storage.data[concrete("tape", x).offset] as number;
    return value < 0 ? `(${numberLatex(value)})` : numberLatex(value);
  }

  /** "c1: f32 [4, 2]" of what is no input. */
  get constants(): string[] {
    return [...this.#constants].map(([x, name]) => `${clip(name)}: ${x.dtype} ${show(x.shape)}`);
  }
}

interface Line {
  readonly row: TapeRow;
  readonly cells: Readonly<Record<"operation" | "value" | "local" | "into" | "out" | "tangents" | "tangent", Content>>;
}

function lineOf(
  node: Node,
  names: Names,
  adjoint: ReturnType<typeof adjointsOf> | null,
  tangents: ReturnType<typeof tangentsOf> | null,
): Line {
  const name = names.of(node);
  const y = nameLatex(name);
  const isLeaf = node.primitive === null;
  const inputs = node.inputs.map((_, k) => names.input(node, k));
  const latex = node.inputs.map((_, k) => names.latex(node, k));
  const op = isLeaf ? "input" : shownName(node);
  const formula: Written | null = isLeaf ? null : written(node, latex, y, op);
  const { incoming = null, outgoing = [] } = adjoint?.get(node) ?? {};
  const tangent = tangents?.get(node) ?? null;
  const flows = (k: number): boolean => (node.parents[k] ?? null) !== null;
  const small = sizeOf(node.value.shape) <= ELEMENTS;
  const locals = node.inputs.map((_, k) => {
    const isElementwise = formula !== null && formula.local !== null;
    return small && isElementwise && flows(k) ? elementDerivative(node, k) : null;
  });
  const local = node.inputs.flatMap((_, k): Content => {
    if (!flows(k)) return [];
    if (formula?.local) {
      const derivative = `\\frac{\\partial ${y}}{\\partial ${latex[k]}} = ${formula.local[k]}`;
      const x = locals[k] ?? null;
      const isNumber = /^-?[\d.]+$/.test(formula.local[k] ?? "");
      return [[{ math: derivative }, ...(x === null || isNumber ? [] : [` = ${shortly(x)}`])]];
    }
    const pulled = adjoint === null ? "" : (formula?.pull?.[k] ?? "");
    return pulled === "" ? [] : [[{ math: pulled }]];
  });
  const pushed: Content =
    formula?.local === null && tangents !== null && formula.push !== null ? [[{ math: formula.push }]] : [];
  const parentTangents = node.parents.flatMap((parent, k): Content => {
    const t = parent === null ? null : (tangents?.get(parent) ?? null);
    return parent === null ? [] : [[{ math: dot(latex[k] ?? "") }, ` = ${t === null ? "0" : shortly(t)}`]];
  });
  return {
    row: { name, op, inputs, value: node.value, locals, adjoint: incoming, outgoing, tangent },
    cells: {
      operation: [[{ math: formula === null ? y : `${y} = ${formula.value}` }]],
      value: [[shortly(node.value)]],
      local: [...local, ...pushed],
      into: [[{ math: bar(y) }, ` = ${incoming === null ? "0" : shortly(incoming)}`]],
      out: outgoing.flatMap((ct, k): Content =>
        ct === null ? [] : [[{ math: bar(latex[k] ?? "") }, ` += ${shortly(ct)}`]],
      ),
      tangents: parentTangents,
      tangent: [[{ math: dot(y) }, ` = ${tangent === null ? "0" : shortly(tangent)}`]],
    },
  };
}

type CellName = keyof Line["cells"];
type Heads = readonly (readonly [cell: CellName, title: string])[];
const SHOWN: Readonly<Record<NonNullable<TapeOptions["mode"]>, Heads>> = {
  reverse: [["operation", "operation"], ["value", "value"], ["into", "adjoint in"], ["local", "local derivative"], ["out", "adjoints out"]],
  forward: [["operation", "operation"], ["value", "value"], ["tangents", "tangents in"], ["local", "local derivative"], ["tangent", "tangent out"]],
  both: [["operation", "operation"], ["value", "value"], ["local", "local derivative"], ["tangent", "tangent"], ["into", "adjoint"]],
}; // prettier-ignore

/** The steps of a computation; `rows` holds the numbers of the first 1,000. */
export class TapeTable extends Display {
  readonly rows: readonly TapeRow[];
  readonly #caption: string;
  readonly #heads: readonly string[];
  readonly #cells: readonly (readonly Content[])[];
  readonly #notes: readonly string[];

  /** @internal */
  constructor(
    caption: string,
    mode: NonNullable<TapeOptions["mode"]>,
    lines: readonly Line[],
    steps: number,
    notes: readonly string[],
  ) {
    super();
    this.rows = lines.map(({ row }) => row);
    this.#caption = caption;
    this.#heads = ["step", ...SHOWN[mode].map(([, title]) => title)];
    this.#cells = lines.slice(0, ROWS).map(({ cells }) => SHOWN[mode].map(([cell]) => cells[cell]));
    this.#notes = steps > ROWS ? [...notes, `the first ${ROWS} of ${countOf(steps, "step")}`] : notes;
  }

  override toString(): string {
    return tableText({
      caption: this.#caption,
      columns: this.#heads.map((title) => ({ title })),
      rows: this.#cells.map((row, k) => [String(k + 1), ...row.map(text)]),
      notes: this.#notes,
    });
  }

  #markdown(): string {
    const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
    const rows: string[] = [];
    let left = 0.5 * CHARACTERS;
    for (const [k, row] of this.#cells.entries()) {
      const next = line([String(k + 1), ...row.map(markdown)]);
      left -= next.length;
      if (left < 0) break;
      rows.push(next);
    }
    const cut =
      rows.length < this.#cells.length ? [`the first ${counted(rows.length)} steps; the rest is left out`] : [];
    return [
      `**${escapeMarkdown(this.#caption)}**`,
      [line(this.#heads), line(this.#heads.map(() => ":--")), ...rows].join("\n"),
      ...[...this.#notes, ...cut].map(escapeMarkdown),
    ].join("\n\n");
  }

  override [DISPLAY](): Bundle {
    return bundle(
      () => this.toString(),
      () => ({ "text/markdown": this.#markdown() }),
    );
  }
}

/** The tangents with which forward accumulation begins, by leaf. */
function directionsOf(recording: Recording, names: Names, direction: TapeOptions["direction"]): Map<Node, Tensor> {
  const leaves = recording.nodes.filter(({ primitive }) => primitive === null);
  if (direction === undefined) {
    const [first] = leaves;
    return new Map(first === undefined ? [] : [[first, onesLike(first.value)]]);
  }
  const byName = new Map(leaves.map((leaf) => [names.of(leaf), leaf]));
  return new Map(
    Object.entries(direction).map(([name, given]) => {
      const leaf = byName.get(name);
      if (leaf === undefined) {
        throw new RangeError(`tape: there is no input ${clip(name)} to move; there are ${[...byName.keys()].map((known) => clip(known)).join(", ")}`); // prettier-ignore
      }
      const options: Options = { dtype: leaf.value.dtype };
      const t = isTensor(given) ? given.to(leaf.value.dtype) : onesLike(leaf.value).mul(tensor(given, options));
      if (!sameShape(t.shape, leaf.value.shape)) {
        throw new RangeError(`tape: the direction of ${clip(name)} has shape ${show(t.shape)}, its value ${show(leaf.value.shape)}`); // prettier-ignore
      }
      return [leaf, t];
    }),
  );
}

/**
 * The recorded operations of a computation, one a row: formula, value, local derivative, and the adjoints that come in and go out, in the order
 * of the backward pass. With `mode: "forward"` the tangents in the order of evaluation, with "both" tangents and adjoints side by
 * side. Of a tensor that was computed from tensors with requiresGrad, before its `backward()` or right after it; or of a function, at inputs by
 * name, or one after the other.
 *
 * Tensors are called as `names` says (a module, or tensors by name), as they were `named`, or x₁, v₁, ….
 *
 * @throws TypeError when nothing was recorded; Error when the graph was freed; RangeError for a direction of another shape.
 * @example
 * tape(loss, { W1, b1 });
 * tape((x, w) => x.mul(w).sigmoid(), tensor(2), tensor(0.5));
 * tape((x, w) => x.mul(w).sigmoid(), { x: tensor(2), w: tensor(0.5) }, { mode: "both", direction: { w: 1 } });
 */
export function tape(result: Tensor, names?: Named, options?: TapeOptions): TapeTable;
export function tape(f: (...inputs: Tensor[]) => unknown, at: Named, options?: TapeOptions): TapeTable;
// Functions of tensors of certain shapes.
export function tape(f: (...inputs: never[]) => unknown, at: Named, options?: TapeOptions): TapeTable;
export function tape(f: (...inputs: Tensor[]) => unknown, ...at: readonly (Tensor | TapeOptions)[]): TapeTable;
export function tape(f: (...inputs: never[]) => unknown, ...at: readonly (Tensor | TapeOptions)[]): TapeTable;
export function tape(target: Tensor | ((...inputs: never[]) => unknown), ...rest: readonly unknown[]): TapeTable {
  if (!isTensor(target) && typeof target !== "function") {
    throw new TypeError(
      `tape: expected a tensor that was computed, or a function and its inputs, not ${typeof target}`,
    );
  }
  const called = isTensor(target) ? null : callOf("tape", target, rest);
  const { mode = "reverse", direction } = ((called === null ? rest[1] : called.options) ?? {}) as TapeOptions;
  if (!Object.hasOwn(SHOWN, mode)) {
    throw new RangeError(`tape: mode is "reverse", "forward" or "both", not ${JSON.stringify(mode)}`);
  }
  const [named] = rest;
  const given = called?.inputs ?? (named === undefined ? [] : namedTensors("tape", named as Named));
  const recorded =
    called === null
      ? { ...recordingOf("tape", target as Tensor), leaves: [] }
      : record("tape", called.f, given.map(([, x]) => x)); // prettier-ignore
  const names = new Names(recorded, given, recorded.leaves);
  const tangents = mode === "reverse" ? null : tangentsOf(recorded, directionsOf(recorded, names, direction));
  const adjoints = mode === "forward" ? null : adjointsOf(recorded);
  const order = mode === "reverse" ? [...recorded.nodes].reverse() : recorded.nodes;
  const result = names.of(recorded.root);
  const leaves = recorded.nodes.filter(({ primitive }) => primitive === null).map((leaf) => clip(names.of(leaf), 30));
  const inputs = `${leaves.slice(0, 8).join(", ")}${leaves.length > 8 ? ", …" : ""}`;
  const moving = tangents === null ? "" : recorded.nodes.filter((node) => node.primitive === null && (tangents.get(node) ?? null) !== null).map((leaf) => clip(names.of(leaf), 30)).join(", "); // prettier-ignore
  const captions = {
    reverse: `Reverse accumulation: from ${result} back to ${inputs}`,
    forward: `Forward accumulation: from ${moving} to ${result}`,
    both: `Forward accumulation from ${moving}, and reverse accumulation from ${result}`,
  };
  const lines = order.slice(0, KEPT).map((node) => lineOf(node, names, adjoints, tangents));
  const notes = names.constants.length > 0 ? [`Constants: ${names.constants.slice(0, 20).join("; ")}`] : [];
  return new TapeTable(captions[mode], mode, lines, order.length, notes);
}
