// Where the boxes and flows of a computation stand in its picture: written in Graphviz's language (https://graphviz.org/doc/info/lang.html),
// laid out from left to right by Graphviz itself, compiled to WebAssembly and loaded with the first graph.

import type { Box, BoxKind, Computation, Flow } from "./computation.ts";

/** Boxes beyond which what a leaf says is not said again on its edge. */
const CROWDED = 30;
/** Text is laid out as this large, and drawn smaller: the fonts of those who draw it differ in width. */
const LAID_OUT = 12;
/** Graphviz's points in an inch. */
const INCH = 72;

export function isCrowded(boxes: readonly Box[]): boolean {
  return boxes.length > CROWDED;
}

const LOOK: Record<BoxKind, string> = {
  parameter: "shape=box peripheries=2",
  input: "shape=box",
  constant: "shape=plaintext margin=0.02 height=0.2 width=0.2",
  operation: 'shape=box margin="0.12,0.05" height=0.3',
  output: "shape=box",
};

/** A label: in Graphviz's strings a backslash begins an escape, an ampersand an entity. */
function quoted(text: string): string {
  return `"${text.replaceAll("&", "&amp;").replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n")}"`;
}

function labelOf({ kind, name, value, adjoint, leaves = [] }: Box, crowded: boolean): string[] {
  if (kind === "operation") return [name, ...leaves];
  if (kind === "constant") return name === "" ? [value] : [name, value];
  const said = kind === "output" || name === kind ? name : `${name} (${kind})`;
  const lines = crowded ? [said, `${value}  ${adjoint}`.trim()] : [said, value, adjoint];
  return lines.filter((line) => line !== "");
}

function linesOf({ value, adjoint }: Flow): string[] {
  return [value, adjoint].filter((line) => line !== "");
}

/** Not where the box of a leaf says it all, for there is no other edge from it. */
function labelled({ from }: Flow, boxes: readonly Box[], flows: readonly Flow[]): boolean {
  const isLeaf = (boxes[from] as Box).kind !== "operation";
  return !(isCrowded(boxes) && isLeaf && flows.filter((flow) => flow.from === from).length === 1);
}

function edge(flow: Flow, k: number, boxes: readonly Box[], flows: readonly Flow[]): string {
  const { from, to } = flow;
  const [source, target] = [boxes[from] as Box, boxes[to] as Box];
  const lines = labelled(flow, boxes, flows) ? linesOf(flow) : [];
  // What runs through the operations is drawn straight; before a module there is room for its parameters.
  const main = source.kind === "operation";
  const enters = main && target.path.join(".") !== source.path.join(".") && target.path.length > 0;
  const attributes = [
    `id="e${k}"`,
    ...(main ? ["weight=20"] : []),
    ...(enters ? ["minlen=2"] : []),
    ...(lines.length > 0 ? [`label=${quoted(lines.join("\n"))}`] : []),
  ];
  return `n${from} -> n${to} [${attributes.join(" ")}]`;
}

interface Group {
  readonly members: number[];
  readonly groups: Map<string, Group>;
}

function grouped(boxes: readonly Box[]): Group {
  const whole: Group = { members: [], groups: new Map() };
  boxes.forEach(({ path }, k) => {
    let group = whole;
    for (const name of path) {
      let inner = group.groups.get(name);
      if (inner === undefined) group.groups.set(name, (inner = { members: [], groups: new Map() }));
      group = inner;
    }
    group.members.push(k);
  });
  return whole;
}

/** The graph in Graphviz's language. */
export function dotOf({ boxes, flows }: Computation): string {
  const text = `fontname="Helvetica" fontsize=${LAID_OUT}`;
  const crowded = isCrowded(boxes);
  let clusters = 0;
  const write = ({ members, groups }: Group): string[] => [
    ...members.map((k) => {
      const box = boxes[k] as Box;
      return `n${k} [${LOOK[box.kind]} label=${quoted(labelOf(box, crowded).join("\n"))}]`;
    }),
    ...[...groups].flatMap(([name, inner]) => [
      `subgraph cluster_${clusters++} { label=${quoted(name)} labeljust=l id=${quoted(encodeURIComponent(name))}`,
      ...write(inner),
      "}",
    ]),
  ];
  return [
    `digraph {`,
    `rankdir=LR ranksep=0.25 nodesep=0.18 pad=0.05 ${text}`,
    `node [${text} margin="0.1,0.05" height=0.3]`,
    `edge [${text} arrowsize=0.6]`,
    ...write(grouped(boxes)),
    ...flows.map((flow, k) => edge(flow, k, boxes, flows)),
    "}",
  ].join("\n");
}

/** A rectangle in Graphviz's points, with y downwards. */
export interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

type Place = readonly [x: number, y: number];

/** Where everything is. */
export interface Layout {
  readonly width: number;
  readonly height: number;
  /** By the place of their box. */
  readonly boxes: readonly (Rectangle & { readonly lines: readonly string[] })[];
  readonly flows: readonly {
    /** Bézier curves (https://graphviz.org/docs/attr-types/splineType/), and where the arrow ends. */
    readonly curve: readonly Place[];
    readonly end: Place;
    /** The middle of its label. */
    readonly label: Place | null;
    readonly lines: readonly string[];
  }[];
  readonly modules: readonly (Rectangle & { readonly name: string })[];
}

interface Drawn {
  readonly bb: string;
  readonly objects?: readonly { name: string; bb?: string; label?: string; pos?: string; width?: string; height?: string; id?: string }[];
  readonly edges?: readonly { id: string; pos: string; lp?: string }[];
} // prettier-ignore

/** What Graphviz says in its JSON (https://graphviz.org/docs/outputs/json/). */
function layoutOf(json: string, { boxes, flows }: Computation): Layout {
  const drawn = JSON.parse(json) as Drawn;
  const numbers = (text: string): number[] => text.split(/[\s,]+/).map(Number);
  const [, , width = 0, height = 0] = numbers(drawn.bb);
  const place = (text: string): Place => {
    const [x = 0, y = 0] = numbers(text);
    return [x, height - y];
  };
  const found = new Map((drawn.objects ?? []).map((object) => [object.name, object]));
  const edges = new Map((drawn.edges ?? []).map((edge) => [edge.id, edge]));
  const crowded = isCrowded(boxes);
  return {
    width,
    height,
    boxes: boxes.map((box, k) => {
      const { pos = "", width: w, height: h } = found.get(`n${k}`) ?? {};
      const [x, y] = place(pos);
      const size = { width: Number(w) * INCH, height: Number(h) * INCH };
      return { x: x - size.width / 2, y: y - size.height / 2, ...size, lines: labelOf(box, crowded) };
    }),
    flows: flows.map((flow, k) => {
      const { pos = "", lp } = edges.get(`e${k}`) ?? {};
      const [end = "", ...curve] = pos.replace(/^e,/, "").split(" ");
      const lines = labelled(flow, boxes, flows) ? linesOf(flow) : [];
      return { curve: curve.map(place), end: place(end), label: lp === undefined ? null : place(lp), lines };
    }),
    modules: [...found.values()].flatMap(({ bb, id = "" }) => {
      if (bb === undefined) return [];
      const [x = 0, bottom = 0, right = 0, top = 0] = numbers(bb);
      return [{ name: decodeURIComponent(id), x, y: height - top, width: right - x, height: top - bottom }];
    }),
  };
}

/** Lays a computation out; rejects where Graphviz cannot be loaded, as in a browser that does not find it. */
export async function layout(computation: Computation): Promise<Layout> {
  const { Graphviz } = await import("@hpcc-js/wasm-graphviz");
  const graphviz = await Graphviz.load();
  return layoutOf(graphviz.layout(dotOf(computation), "json"), computation);
}
