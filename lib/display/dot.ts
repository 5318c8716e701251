// A computation as a picture: written in Graphviz's language (https://graphviz.org/doc/info/lang.html), laid out from left to right by
// Graphviz itself, compiled to WebAssembly and loaded with the first graph.

import type { Box, BoxKind, Computation, Flow } from "./computation.ts";
import { COLOURS, GREY } from "./theme.ts";

/** Boxes beyond which what a leaf says is not said again on its edge. */
const CROWDED = 30;
/** Text is laid out as this large, and drawn smaller: the fonts of those who draw it differ in width. */
const LAID_OUT = 12;
const DRAWN = 10.5;
/** Pixels for each of Graphviz's points. */
const PIXELS = 1.1;

const [PARAMETER = GREY, ADJOINT = GREY] = COLOURS;

const LOOK: Record<BoxKind, string> = {
  parameter: `shape=box peripheries=2 penwidth=1.2 color="${PARAMETER}" fontcolor="${PARAMETER}"`,
  input: "shape=box style=bold",
  constant: "shape=plaintext margin=0.02 height=0.2 width=0.2",
  operation: 'shape=box style=rounded margin="0.12,0.05" height=0.3',
  output: "shape=box style=bold",
};

/** A label: in Graphviz's strings a backslash begins an escape, an ampersand an entity. */
function quoted(text: string): string {
  return `"${text.replaceAll("&", "&amp;").replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n")}"`;
}

function labelOf({ kind, name, value, adjoint }: Box, crowded: boolean): string {
  if (kind === "operation") return name;
  if (kind === "constant") return name === "" ? value : `${name}\n${value}`;
  const said = kind === "output" || name === kind ? name : `${name} (${kind})`;
  const lines = crowded ? [said, `${value}  ${adjoint}`.trim()] : [said, value, adjoint];
  return lines.filter((line) => line !== "").join("\n");
}

/** Without a label where the box of a leaf says it all, for there is no other edge from it. */
function edge({ from, to, value, adjoint }: Flow, boxes: readonly Box[], labelled: boolean): string {
  const [source, target] = [boxes[from] as Box, boxes[to] as Box];
  const lines = labelled ? [value, adjoint].filter((line) => line !== "") : [];
  // What runs through the operations is drawn straight; before a module there is room for its parameters.
  const main = source.kind === "operation";
  const enters = main && target.path.join(".") !== source.path.join(".") && target.path.length > 0;
  const attributes = [
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
  const text = `fontname="Helvetica" fontsize=${LAID_OUT} fontcolor="${GREY}" color="${GREY}"`;
  const crowded = boxes.length > CROWDED;
  const isLeaf = ({ from }: Flow): boolean =>
    (boxes[from] as Box).kind !== "operation" && flows.filter((flow) => flow.from === from).length === 1;
  let clusters = 0;
  const write = ({ members, groups }: Group): string[] => [
    ...members.map((k) => {
      const box = boxes[k] as Box;
      return `n${k} [${LOOK[box.kind]} label=${quoted(labelOf(box, crowded))}]`;
    }),
    ...[...groups].flatMap(([name, inner]) => [
      `subgraph cluster_${clusters++} { label=${quoted(name)} labeljust=l style="rounded,dashed" color="${GREY}"`,
      ...write(inner),
      "}",
    ]),
  ];
  return [
    `digraph {`,
    `rankdir=LR bgcolor=transparent ranksep=0.25 nodesep=0.18 pad=0.05 ${text}`,
    `node [${text} margin="0.1,0.05" height=0.3]`,
    `edge [${text} arrowsize=0.6 fontcolor="${ADJOINT}"]`,
    ...write(grouped(boxes)),
    ...flows.map((flow) => edge(flow, boxes, !(crowded && isLeaf(flow)))),
    "}",
  ].join("\n");
}

const ENTITIES: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

function escapeXml(text: string): string {
  return text.replaceAll(/[&<>"]/g, (character) => ENTITIES[character] as string);
}

/** Graphviz's SVG as one among others on a page, with what it says in words. */
function finished(svg: string, title: string, crowded: boolean): string {
  const [, width = "", height = ""] = /<svg width="([\d.]+)pt" height="([\d.]+)pt"/.exec(svg) ?? [];
  const pixels = (points: string): number => Math.ceil(Number(points) * PIXELS);
  const size = `width="${pixels(width)}" height="${pixels(height)}"`;
  // What most texts have in common is said once.
  const common = `fill="${GREY}" text-anchor="middle" font-family="Helvetica,Arial,sans-serif" font-size="${DRAWN}"`;
  return svg
    .slice(svg.indexOf("<svg"))
    .replaceAll(/<!--.*?-->\n?/gs, "")
    .replaceAll(/<title>[^<]*<\/title>\n?/g, "")
    .replaceAll(/ (?:id|class|xml:space)="[^"]*"/g, "")
    .replaceAll(`fill="${GREY}">`, ">")
    .replaceAll(/(<text[^>]*?) text-anchor="middle"/g, "$1")
    .replaceAll(/(<text[^>]*?) font-family="[^"]*" font-size="[^"]*"/g, "$1")
    .replaceAll(/<[^>]*>/g, (tag) => tag.replaceAll(crowded ? /(\d)\.\d+/g : /(\d\.\d)\d+/g, "$1"))
    .replaceAll(/<g>\n?|<\/g>\n(?=.*<\/g>)/gs, "")
    .replace(/<svg width="[\d.]+pt" height="[\d.]+pt"/, `<svg role="img" ${size} ${common}`)
    .replace(/(<svg[^>]*>)/, (root) => `${root}<title>${escapeXml(title)}</title>`)
    .trim();
}

/** The SVG of a computation; rejects where Graphviz cannot be loaded, as in a browser that does not find it. */
export async function draw(computation: Computation, title: string): Promise<string> {
  const { Graphviz } = await import("@hpcc-js/wasm-graphviz");
  const graphviz = await Graphviz.load();
  return finished(graphviz.dot(dotOf(computation)), title, computation.boxes.length > CROWDED);
}
