// A value as Jupyter shows it: the object's own representation where it has one (`Symbol.for("Jupyter.display")`, the convention
// of the Deno kernel), a chart where it specifies one, else text. Whatever a user's object does while it is asked, the cell goes on.

import { encodeBundle, isBundle, type Shown } from "./bundle.ts";
import { chartBundle, isChartSpec } from "./chart.ts";
import { textOf } from "./text.ts";

export const DISPLAY = Symbol.for("Jupyter.display");

function asText(value: unknown, note?: string): Shown {
  const text = textOf(value);
  return { data: { "text/plain": note === undefined ? text : `${text}\n[${note}]` }, metadata: {} };
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : textOf(error);
}

/** By the object's own method. */
function ownBundle(value: object, method: (...args: never[]) => unknown): Shown | Promise<Shown> {
  const checked = (bundle: unknown): Shown => {
    if (!isBundle(bundle))
      return asText(value, "its Jupyter.display method did not return an object keyed by MIME type");
    const data = encodeBundle(bundle);
    return { data: "text/plain" in data ? data : { ...data, "text/plain": textOf(value) }, metadata: {} };
  };
  const failed = (error: unknown): Shown => asText(value, `its Jupyter.display method failed: ${reasonOf(error)}`);
  try {
    const bundle: unknown = Reflect.apply(method, value, []);
    return bundle instanceof Promise ? bundle.then(checked).catch(failed) : checked(bundle);
  } catch (error) {
    return failed(error);
  }
}

/** Shows any value; a promise only where the value takes time to show itself. Never throws or rejects. */
export function bundleOf(value: unknown): Shown | Promise<Shown> {
  if ((typeof value !== "object" && typeof value !== "function") || value === null) return asText(value);
  try {
    const method = (value as Record<symbol, unknown>)[DISPLAY];
    if (typeof method === "function") return ownBundle(value, method as (...args: never[]) => unknown);
    if (isChartSpec(value)) {
      const chart = chartBundle(value);
      return chart instanceof Promise ? chart.catch((error: unknown) => asText(value, reasonOf(error))) : chart;
    }
    return asText(value);
  } catch (error) {
    return asText(value, `it cannot be shown otherwise: ${reasonOf(error)}`);
  }
}
