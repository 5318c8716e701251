// A model as a table with the shape that each module gives for certain inputs, after the model of torchinfo
// (https://github.com/TylerYep/torchinfo): found by trying, in evaluation and without a tape, so that nothing of the model changes.

import { Module } from "../nn/module.ts";
import { show } from "../shape.ts";
import { noGrad } from "../tape.ts";
import { isTensor } from "../trace.ts";
import { bundle, type Bundle, DISPLAY, Display } from "./bundle.ts";
import { inModules } from "./computation.ts";
import { summaryTable } from "./model.ts";
import { type Table, tableHtml, tableText } from "./table.ts";

/** Results within results that are looked into. */
const DEPTH = 3;

/** The shapes of a tensor, or of several in arrays and objects. */
function shapesOf(output: unknown, depth = 0): string {
  if (isTensor(output)) return show(output.shape);
  if (typeof output !== "object" || output === null || depth === DEPTH) return "–";
  return Object.values(output)
    .map((part) => shapesOf(part, depth + 1))
    .join(", ");
}

/** A table of modules and what they give. */
export class ModelSummary extends Display {
  readonly #table: Table;

  /** @internal */
  constructor(table: Table) {
    super();
    this.#table = table;
  }

  override toString(): string {
    return tableText(this.#table);
  }

  override [DISPLAY](): Bundle {
    return bundle(
      () => this.toString(),
      () => ({ "text/html": tableHtml(this.#table) }),
    );
  }
}

/**
 * The table that a model shows of itself, with the shape of what each module in it gives for these inputs, the last time it is called. The model
 * is run once, in evaluation: no gradients, no dropout, no statistics.
 *
 * @throws TypeError for what is no module, and whatever its `forward` throws for inputs that do not fit.
 * @example
 * summary(nn.sequential(nn.linear(2, 8), nn.sigmoid()), zeros([4, 2]));
 */
export function summary<A extends readonly unknown[]>(
  model: Module & { forward(...inputs: A): unknown },
  ...inputs: A
): ModelSummary {
  if (!(model instanceof Module)) throw new TypeError("summary: takes a module and its inputs: summary(model, x)");
  const outputs = new Map<string, string>();
  const enter = (path: readonly string[]) => (output?: unknown) => {
    if (output !== undefined) outputs.set(path.join("."), shapesOf(output));
  };
  const modes = [...model.modules()].map((module): [Module, boolean] => [module, module.training]);
  try {
    model.eval();
    noGrad(() => inModules(model, enter, () => Reflect.apply(model.forward, model, inputs)));
  } finally {
    for (const [module, training] of modes) module.training = training;
  }
  return new ModelSummary(summaryTable(model, outputs));
}
