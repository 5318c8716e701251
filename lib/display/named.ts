// Which tensors a display is about, and under which names: a module's parameters, or tensors in objects and arrays.

import { Module } from "../nn/module.ts";
import { nameOf } from "../names.ts";
import { isTensor, type Tensor } from "../trace.ts";

/** What displays of parameters and gradients take: a module, a tensor, or objects, arrays, Maps and iterables of pairs that hold them. */
export type Named = object;

function isIterable(value: object): value is Iterable<unknown> {
  return Symbol.iterator in value;
}

/** The tensors by name: `hidden.weight`, `W1`, `layers.0`; a tensor's own name counts where it stands without one. */
export function namedTensors(call: string, source: Named): [string, Tensor][] {
  const out: [string, Tensor][] = [];
  const seen = new Set<object>();
  const collect = (value: unknown, path: string): void => {
    if (isTensor(value)) {
      out.push([path === "" || /(^|\.)\d+$/.test(path) ? (nameOf(value) ?? (path === "" ? "x" : path)) : path, value]);
      return;
    }
    if (typeof value !== "object" || value === null) return;
    // What holds itself would never end.
    if (seen.has(value)) return;
    seen.add(value);
    const at = (key: string): string => (path === "" ? key : `${path}.${key}`);
    if (value instanceof Module) for (const [name, tensor] of value.namedParameters()) collect(tensor, at(name));
    else if (isIterable(value)) {
      const list = [...value];
      const isPair = (item: unknown): item is [string, unknown] =>
        Array.isArray(item) && item.length === 2 && typeof item[0] === "string";
      if (list.length > 0 && list.every(isPair)) for (const [name, item] of list) collect(item, at(name));
      else list.forEach((item, k) => collect(item, at(String(k))));
    } else for (const [name, item] of Object.entries(value)) collect(item, at(name));
    seen.delete(value);
  };
  collect(source, "");
  if (out.length === 0) {
    throw new TypeError(`${call}: found no tensors; pass a module, or tensors by name: ${call}({ W1, b1 })`);
  }
  return out;
}
