// Names that users give to tensors, for displays and formulas. They are kept beside the tensors, which stay as small as they are.

import type { Tensor } from "./trace.ts";

const names = new WeakMap<Tensor, string>();

/** Names `x`, and the values for which it stands in transformations. */
export function setName(x: Tensor, name: string): void {
  names.set(x, name);
  for (let { tracer } = x; tracer !== null; { tracer } = tracer.value) {
    if (tracer.value === x) break;
    names.set(tracer.value, name);
  }
}

/** The name of `x`, if it was given one. */
export function nameOf(x: Tensor): string | undefined {
  return names.get(x);
}
