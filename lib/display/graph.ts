// The graph of a computation, as a picture from left to right and as a table in text: what was computed from what, with values on the way
// there and adjoints on the way back.

import { Module } from "../nn/module.ts";
import { recordingOf } from "../inspect/recording.ts";
import { watching } from "../inspect/watch.ts";
import { isFloat } from "../dtype.ts";
import { enableGrad, type Node } from "../tape.ts";
import { isTensor, type Tensor } from "../trace.ts";
import { type Bundle, CHARACTERS, clip, countOf, DISPLAY, type Displayed } from "./bundle.ts";
import { argumentNames } from "./arguments.ts";
import { type Box, type Computation, folded, inModules, readComputation } from "./computation.ts";
import { layout } from "./dot.ts";
import { drawGraph } from "./graph-picture.ts";
import type { Named } from "./named.ts";
import { tableText } from "./table.ts";

/** A computation that shows itself. */
export class ComputationGraph implements Displayed {
  readonly #computation: Computation | null;
  readonly #failure: string;

  /** @internal */
  constructor(read: () => Computation) {
    let failure = "";
    let computation: Computation | null = null;
    try {
      computation = read();
    } catch (error) {
      // What cannot be drawn is said in its place; the cell goes on.
      failure = clip(error instanceof Error ? error.message : String(error), 300).replace(/^graph: /, "");
    }
    this.#computation = computation;
    this.#failure = failure;
  }

  /** What it shows, in a table. */
  toString(): string {
    if (this.#computation === null) return `[no graph: ${this.#failure}]`;
    const { boxes, flows, notes } = this.#computation;
    const label = (k: number): string => {
      const { kind, name, value } = boxes[k] as Box;
      return kind === "operation" ? `#${k}` : kind === "constant" && name === "" ? value : name;
    };
    return tableText({
      caption: this.#title(),
      columns: [
        { title: "", side: "right" },
        { title: "computes" },
        { title: "from" },
        { title: "in" },
        { title: "value" },
        { title: "adjoint" },
      ],
      rows: boxes.flatMap((box, k) => {
        if (box.kind === "constant" || box.kind === "output") return [];
        const from = flows.filter(({ to }) => to === k).map(({ from }) => label(from));
        const computes = box.kind === "operation" ? box.name : `${box.name} (${box.kind})`;
        return [[`#${k}`, computes, from.join(", "), box.path.join("."), box.value, box.adjoint]];
      }),
      notes,
    });
  }

  #title(): string {
    const { boxes } = this.#computation as Computation;
    const count = (kind: Box["kind"]): number => boxes.filter((box) => box.kind === kind).length;
    const end = boxes.at(-1)?.value ?? "";
    const leaves = [countOf(count("parameter"), "parameter"), countOf(count("input"), "input")];
    return `graph of ${countOf(count("operation"), "operation")} from ${leaves.join(" and ")}; output ${end}`;
  }

  async [DISPLAY](): Promise<Bundle> {
    const text = this.toString();
    if (this.#computation === null) return { "text/plain": text };
    try {
      const { boxes } = this.#computation;
      const drawn = folded(this.#computation);
      const names = boxes.filter(({ kind }) => kind === "operation").map(({ name }) => name);
      const order = names.slice(0, 30).join(", ") + (names.length > 30 ? ", …" : "");
      const title = `${this.#title()}: ${order}. ${drawn.notes.join("; ")}`;
      const svg = drawGraph(drawn, await layout(drawn), title);
      if (svg.length + text.length > CHARACTERS) throw new RangeError(`its SVG has ${Math.ceil(svg.length / 1000)} kB`);
      return { "image/svg+xml": svg, "text/plain": text };
    } catch (error) {
      // As above.
      const reason = clip(error instanceof Error ? error.message : String(error), 300);
      return { "text/plain": `${text}\n[shown as text only: ${reason}]` };
    }
  }
}

/** The tensors that `f` is given as leaves of the tape, beside the parameters that it uses. */
function leavesOf(inputs: readonly unknown[]): unknown[] {
  return inputs.map((x) => (isTensor(x) && isFloat(x.dtype) && !x.requiresGrad ? x.detach().requiresGrad_() : x));
}

/** What `f` computes, on the tape of `backward()`, where the parameters are that it uses. */
function called(f: Module | ((...inputs: never[]) => unknown), given: readonly unknown[]): () => Computation {
  const inputs = leavesOf(given);
  const paths = new Map<Node, readonly string[]>();
  let path: readonly string[] = [];
  const enter = (inner: readonly string[]): (() => void) => {
    const outer = path;
    path = inner;
    return () => {
      path = outer;
    };
  };
  const recorded = (node: object): void => {
    if (path.length > 0) paths.set(node as Node, path);
  };
  const isModule = f instanceof Module;
  const names = argumentNames(isModule ? f.forward : f, inputs.length);
  const y = enableGrad((): unknown =>
    isModule
      ? inModules(f, enter, () =>
          watching({ evaluated() {}, recorded }, (): unknown => Reflect.apply(f.forward, f, inputs)),
        )
      : Reflect.apply(f, undefined, inputs),
  );
  if (!isTensor(y)) throw new TypeError("graph: the function must return one tensor, computed from its arguments");
  const named = inputs.flatMap((x, k): [string, Tensor][] => (isTensor(x) ? [[names[k] as string, x]] : []));
  return () => readComputation(recordingOf("graph", y), { named: isModule ? f : null, inputs: named, paths });
}

/**
 * The graph of a tensor's computation, or of what a function or a module does with its inputs: operations from left to right, parameters
 * with a double border, on each edge the value that goes along it and, after ∂, the adjoint that comes back: numbers where they are few,
 * else the shape and the norm. Modules are boxes. `named` gives names to the tensors that a tensor was computed from, and modules around
 * those that use their parameters. Adjoints are computed for the picture alone: no `.grad` and no hook sees them.
 *
 * @example
 * graph(loss, model); // before loss.backward(), or right after it
 * graph((x: Tensor, w: Tensor) => x.mul(w).tanh(), tensor(2), tensor(0.5));
 * graph(model, x);
 */
export function graph(y: Tensor, named?: Named): ComputationGraph;
export function graph<A extends readonly unknown[]>(f: (...inputs: A) => unknown, ...inputs: A): ComputationGraph;
export function graph(model: Module, ...inputs: readonly unknown[]): ComputationGraph;
export function graph(
  source: Tensor | Module | ((...inputs: never[]) => unknown),
  ...rest: readonly unknown[]
): ComputationGraph {
  if (isTensor(source)) {
    const [named] = rest;
    if (named !== undefined && (typeof named !== "object" || named === null)) {
      throw new TypeError("graph: after a tensor comes a module, or tensors by name: graph(loss, { W1, b1 })");
    }
    return new ComputationGraph(() =>
      readComputation(recordingOf("graph", source), {
        named: named ?? null,
        inputs: [],
        paths: new Map(),
      }),
    );
  }
  if (typeof source !== "function" && !(source instanceof Module)) {
    throw new TypeError("graph: takes a tensor, or a function or a module and its inputs");
  }
  return new ComputationGraph(called(source, rest));
}
