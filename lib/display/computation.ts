// A computation as boxes and the values that flow between them, said in words short enough to stand on an edge: read from the tape at once,
// so that what is changed or freed later makes no difference.

import { nameOf } from "../names.ts";
import type { Module } from "../nn/module.ts";
import { adjointsOf, type Recording } from "../inspect/recording.ts";
import { flatValues } from "../create.ts";
import { sizeOf } from "../shape.ts";
import { type Node, shownName } from "../tape.ts";
import { concrete, type Tensor } from "../trace.ts";
import { clip, countOf, number } from "./bundle.ts";
import { type Named, namedTensors } from "./named.ts";
import { statistics } from "./statistics.ts";

export type BoxKind = "parameter" | "input" | "constant" | "operation" | "output";

/** A leaf, an operation, or the end. */
export interface Box {
  readonly kind: BoxKind;
  readonly name: string;
  /** The names of the modules around it, the outermost first. */
  readonly path: readonly string[];
  /** Its shape, and its value where that is short. */
  readonly value: string;
  /** What of the derivative of the output arrives here; empty for none. */
  readonly adjoint: string;
  /** What is said of parameters and constants that only this operation uses, where they have no boxes of their own. */
  readonly leaves?: readonly string[];
}

/** A value on its way from one box to another. */
export interface Flow {
  readonly from: number;
  readonly to: number;
  readonly value: string;
  /** What flows back along here. */
  readonly adjoint: string;
}

export interface Computation {
  readonly boxes: readonly Box[];
  readonly flows: readonly Flow[];
  readonly notes: readonly string[];
}

/** As many boxes as a reader finds their way through. */
const MOST = 200;
/** Elements of a vector or of a matrix of one row that are shown one by one; where there are many nodes, only single numbers. */
const SHORT = 4;
const MANY = 30;

function elements(x: Tensor, most: number): string | null {
  const rank = x.shape.length;
  if (sizeOf(x.shape) > most || rank > 2 || (rank === 2 && x.shape[0] !== 1)) return null;
  const texts = Array.from(flatValues(concrete("graph", x)), (element) => number(element, 3));
  return rank === 0 ? (texts[0] ?? "") : `${"[".repeat(rank)}${texts.join(", ")}${"]".repeat(rank)}`;
}

function valueText(x: Tensor, most: number): string {
  return elements(x, most) ?? (x.shape.length === 0 ? "" : x.shape.join("×"));
}

function adjointText(ct: Tensor | null, most: number): string {
  if (ct === null) return "";
  return `∂ ${elements(ct, most) ?? `‖${number(statistics(ct).norm, 3)}‖`}`;
}

/** The names of tensors, and of the modules that hold them. */
class Names {
  readonly #names = new Map<Tensor, string>();
  readonly #inputs = new Set<Tensor>();

  constructor(named: Named | null, inputs: readonly (readonly [string, Tensor])[]) {
    if (named !== null) for (const [name, x] of namedTensors("graph", named)) this.#names.set(x, name);
    for (const [name, x] of inputs) {
      this.#inputs.add(x);
      this.#names.set(x, name);
    }
  }

  of(x: Tensor): string | null {
    const name = this.#names.get(x) ?? nameOf(x);
    return name === undefined ? null : clip(name, 60);
  }

  isInput(x: Tensor): boolean {
    return this.#inputs.has(x);
  }
}

/** `hidden.weight` is in `hidden`; other names, such as `f(x).y`, are whole. */
function segments(name: string): string[] {
  return /^[\w$]+(\.[\w$]+)+$/.test(name) ? name.split(".") : [name];
}

/** For each node the modules that it belongs to: those whose parameters it uses, unless it is known better. */
function pathsOf(
  nodes: readonly Node[],
  names: Names,
  known: ReadonlyMap<Node, readonly string[]>,
): Map<Node, readonly string[]> {
  const paths = new Map<Node, readonly string[]>();
  /** Computed from one module's parameters alone, such as their transpose. */
  const own = new Set<Node>();
  for (const node of nodes) {
    const given = known.get(node);
    if (node.primitive === null) {
      paths.set(node, segments(names.of(node.value) ?? "").slice(0, -1));
      if ((paths.get(node) as readonly string[]).length > 0) own.add(node);
      continue;
    }
    const parents = node.parents.filter((parent) => parent !== null);
    const from = parents.filter((parent) => own.has(parent)).map((parent) => paths.get(parent) as readonly string[]);
    const common = from.length === 0 ? [] : from.reduce(commonPath);
    const others = node.inputs.filter((x, k) => (node.parents[k] ?? null) === null && sizeOf(x.shape) > 1);
    if (from.length > 0 && from.length === parents.length && others.length === 0 && common.length > 0) own.add(node);
    paths.set(node, given ?? common);
  }
  return paths;
}

function commonPath(a: readonly string[], b: readonly string[]): readonly string[] {
  const differs = a.findIndex((name, k) => name !== b[k]);
  return differs < 0 ? a : a.slice(0, differs);
}

/** What {@link readComputation} may know besides the tape. */
export interface Known {
  readonly named: Named | null;
  readonly inputs: readonly (readonly [string, Tensor])[];
  readonly paths: ReadonlyMap<Node, readonly string[]>;
}

/** The boxes and flows of a recorded computation. */
export function readComputation(recording: Recording, { named, inputs, paths: known }: Known): Computation {
  const names = new Names(named, inputs);
  const adjoints = adjointsOf(recording);
  const cut = Math.max(0, recording.nodes.length - MOST);
  const nodes = recording.nodes.slice(cut);
  const paths = pathsOf(recording.nodes, names, known);
  const most = nodes.length > MANY ? 1 : SHORT;
  const told = (x: Tensor): string => valueText(x, most);
  const flowing = (ct: Tensor | null | undefined): string => adjointText(ct ?? null, most);
  const boxes: Box[] = [];
  const flows: Flow[] = [];
  const places = new Map<Node | Tensor, number>();
  const add = (key: Node | Tensor | null, box: Box): number => {
    if (key !== null) places.set(key, boxes.length);
    boxes.push(box);
    return boxes.length - 1;
  };
  const constant = (x: Tensor): number => {
    const place = places.get(x);
    if (place !== undefined) return place;
    const name = names.of(x);
    const single = sizeOf(x.shape) === 1;
    return add(x, {
      kind: "constant",
      name: name ?? (single ? "" : "constant"),
      path: [],
      value: told(x),
      adjoint: "",
    });
  };
  for (const node of nodes) {
    const { incoming = null } = adjoints.get(node) ?? {};
    const path = paths.get(node) ?? [];
    if (node.primitive === null) {
      const kind = names.isInput(node.value) ? "input" : "parameter";
      const name = segments(names.of(node.value) ?? kind).at(-1) ?? kind;
      add(node, { kind, name, path, value: told(node.value), adjoint: flowing(incoming) });
      continue;
    }
    const own = names.of(node.value);
    const operation = clip(shownName(node), 40);
    const to = add(node, {
      kind: "operation",
      name: own === null ? operation : `${clip(own, 40)} = ${operation}`,
      path,
      value: told(node.value),
      adjoint: flowing(incoming),
    });
    node.inputs.forEach((x, k) => {
      const parent = node.parents[k] ?? null;
      const from = parent === null ? constant(x) : places.get(parent);
      if (from === undefined) return;
      flows.push({ from, to, value: told(x), adjoint: flowing(adjoints.get(node)?.outgoing[k]) });
    });
  }
  const { root } = recording;
  const end = told(root.value);
  const to = add(null, { kind: "output", name: "output", path: [], value: end, adjoint: "" });
  flows.push({
    from: places.get(root) as number,
    to,
    value: end,
    adjoint: flowing(adjoints.get(root)?.incoming),
  });
  const notes = [
    ...(cut > 0 ? [`the last ${MOST} of ${countOf(recording.nodes.length, "node")}`] : []),
    ...(sizeOf(root.value.shape) > 1
      ? ["∂ is the derivative of the sum of the output"]
      : ["∂ is the derivative of the output"]),
    ...(flows.some(({ adjoint }) => adjoint.includes("‖")) ? ["‖ ‖ is the norm of a larger one"] : []),
  ];
  return { boxes, flows, notes };
}

/** Boxes beyond which those of leaves that one operation uses are folded into that. */
const ROOMY = 40;

/** The same for a picture that is to stay small: of many boxes, the leaves that only one operation uses stand as lines in its box. */
export function folded(whole: Computation): Computation {
  const { boxes, flows, notes } = whole;
  if (boxes.length <= ROOMY) return whole;
  const uses = boxes.map(() => [] as number[]);
  for (const { from, to } of flows) uses[from]?.push(to);
  const into = (k: number): number | null => {
    const { kind } = boxes[k] as Box;
    const [user, ...others] = uses[k] as number[];
    const isLeaf = kind === "parameter" || kind === "constant";
    return isLeaf && user !== undefined && others.length === 0 && boxes[user]?.kind === "operation" ? user : null;
  };
  const users = boxes.map((_, k) => into(k));
  const kept = boxes.flatMap((_, k) => (users[k] === null ? [k] : []));
  if (kept.length === boxes.length) return whole;
  const places = new Map(kept.map((k, place) => [k, place]));
  const leaves = new Map<number, string[]>();
  users.forEach((user, k) => {
    const { kind, name, value, adjoint } = boxes[k] as Box;
    const said = [name === "" ? kind : name, value, adjoint].filter((text) => text !== "").join(" ");
    if (user !== null) leaves.set(user, [...(leaves.get(user) ?? []), said]);
  });
  return {
    boxes: kept.map((k) => ({ ...(boxes[k] as Box), leaves: leaves.get(k) ?? [] })),
    flows: flows.flatMap(({ from, to, ...said }) => {
      const [start, end] = [places.get(from), places.get(to)];
      return start === undefined || end === undefined ? [] : [{ from: start, to: end, ...said }];
    }),
    notes: [...notes, "below an operation stand the parameters and constants that only it uses"],
  };
}

/** Runs `f` while each forward of `model` and of the modules in it tells where it is, and what it gave when it is left. */
export function inModules<R>(
  model: Module,
  enter: (path: readonly string[]) => (output?: unknown) => void,
  f: () => R,
): R {
  const undo: (() => void)[] = [];
  const wrap = (module: Module, path: readonly string[]): void => {
    const { forward } = module as unknown as { forward(this: Module, ...inputs: unknown[]): unknown };
    const had = Object.getOwnPropertyDescriptor(module, "forward");
    const told = function (this: Module, ...inputs: unknown[]): unknown {
      const leave = enter(path);
      let output: unknown;
      try {
        output = Reflect.apply(forward, this, inputs);
        return output;
      } finally {
        leave(output);
      }
    };
    Object.defineProperty(module, "forward", { value: told, configurable: true, writable: true });
    undo.push(() => {
      if (had === undefined) Reflect.deleteProperty(module, "forward");
      else Object.defineProperty(module, "forward", had);
    });
    for (const [name, child] of module.namedChildren()) wrap(child, [...path, ...name.split(".")]);
  };
  try {
    wrap(model, []);
    return f();
  } finally {
    for (const restore of undo.reverse()) restore();
  }
}
