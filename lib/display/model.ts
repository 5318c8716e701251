// A model as a table: its modules one below the other, the shapes of their parameters, and what these need. The module's own file draws
// it with this, so only its type is known here.

import { BYTES } from "../dtype.ts";
import type { Module } from "../nn/module.ts";
import { show, sizeOf } from "../shape.ts";
import type { Tensor } from "../trace.ts";
import { bundle, type Bundle, bytes, clip, countOf, counted } from "./bundle.ts";
import { type Cell, type Table, tableHtml, tableText } from "./table.ts";

const ROWS = 200;

const sizeIn = (tensors: readonly Tensor[]): number => tensors.reduce((sum, x) => sum + sizeOf(x.shape), 0);
const bytesIn = (tensors: readonly Tensor[]): number => tensors.reduce((sum, x) => sum + sizeOf(x.shape) * BYTES[x.dtype], 0); // prettier-ignore

/**
 * The modules inside, with the shapes, number and bytes of their parameters; what is shared counts once. `outputs` are what they give, in
 * words, by the names of the modules, where that is known.
 */
export function summaryTable(model: Module, outputs?: ReadonlyMap<string, string>): Table {
  const rows: (Cell | string)[][] = [];
  const seen = new Set<Tensor>();
  let modules = 0;
  const visit = (module: Module, name: string, path: string, depth: number): void => {
    modules++;
    const children = module.namedChildren();
    const inside = new Set(children.flatMap(([, child]) => child.parameters()));
    const own = module.namedParameters().filter(([, x]) => !inside.has(x));
    const fresh = own.flatMap(([, x]) => (seen.has(x) ? [] : [x]));
    for (const x of fresh) seen.add(x);
    const kind = `${module.constructor.name}${module.extra()}`;
    const shapes = own.map(([parameter, x]) => `${parameter} ${show(x.shape)}${x.requiresGrad ? "" : " (frozen)"}`);
    rows.push([
      // No-break spaces, so that HTML keeps the depth.
      `${"\u00a0".repeat(2 * depth)}${name === "" ? "" : `${clip(name)}: `}${clip(kind)}`,
      ...(outputs === undefined ? [] : [clip(outputs.get(path) ?? "not called", 400)]),
      shapes.length === 0 ? "" : clip(shapes.join(", "), 400),
      own.length === 0 ? "" : counted(sizeIn(fresh)),
      own.length === 0 ? "" : bytes(bytesIn(fresh)),
    ]);
    for (const [childName, child] of children) {
      visit(child, childName, path === "" ? childName : `${path}.${childName}`, depth + 1);
    }
  };
  visit(model, "", "", 0);
  const all = model.parameters();
  const trained = sizeIn(all.filter((x) => x.requiresGrad));
  const frozen = sizeIn(all) - trained;
  const total = [counted(sizeIn(all)), bytes(bytesIn(all))].map((text): Cell => ({ text, bold: true }));
  return {
    caption: `${clip(model.constructor.name)}: ${countOf(modules - 1, "module")}, ${countOf(sizeIn(all), "parameter")}${frozen > 0 ? `, ${counted(frozen)} of them frozen` : ""}, ${model.training ? "training" : "evaluating"}`,
    columns: [
      { title: "module", heads: true },
      ...(outputs === undefined ? [] : [{ title: "output" }]),
      { title: "shapes" },
      { title: "parameters", side: "right" },
      { title: "bytes", side: "right" },
    ],
    rows: [
      ...rows.slice(0, ROWS),
      [{ text: "total", bold: true }, ...(outputs === undefined ? [] : [""]), "", ...total],
    ],
    notes: rows.length > ROWS ? [`the first ${ROWS} of ${counted(rows.length)} modules`] : [],
  };
}

/** How a notebook shows a model. */
export function moduleBundle(model: Module): Bundle {
  const table = (): Table => summaryTable(model);
  return bundle(
    () => tableText(table()),
    () => ({ "text/html": tableHtml(table()) }),
  );
}
