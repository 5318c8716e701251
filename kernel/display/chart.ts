// Specifications of charts, which front ends draw: vega and vega-lite, known by their `$schema`, and plotly, by its shape.

import { asJson, type Shown } from "./bundle.ts";
import { textOf } from "./text.ts";

const VEGA_SCHEMA = /^https?:\/\/vega\.github\.io\/schema\/(vega|vega-lite)\/v\d/;

function typeOf(spec: object): string | null {
  const { $schema, data, layout } = spec as { $schema?: unknown; data?: unknown; layout?: unknown };
  if (typeof $schema === "string") {
    const [, kind] = VEGA_SCHEMA.exec($schema) ?? [];
    return kind === undefined ? null : `application/vnd.${kind.replace("-", "")}.v5+json`;
  }
  const isPlotly = Array.isArray(data) && typeof layout === "object" && layout !== null && !Array.isArray(layout);
  return isPlotly ? "application/vnd.plotly.v1+json" : null;
}

/** Whether an object is the specification of a chart; reads nothing but `$schema`, `data` and `layout`. */
export function isChartSpec(value: object): boolean {
  return typeOf(value) !== null;
}

/** The chart of a specification. */
export function chartBundle(spec: object): Shown | Promise<Shown> {
  const type = typeOf(spec) ?? "application/json";
  return { data: { [type]: asJson(type, spec), "text/plain": textOf(spec) }, metadata: {} };
}
