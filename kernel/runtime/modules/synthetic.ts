// Modules that are made of values: of what CommonJS, JSON, a package or the kernel exports, so that local files can be linked with them.

import vm from "node:vm";
import type { Namespace } from "./packages.ts";

/** What an `import` sees of a value that was exported whole. */
export function exportsOfValue(
  value: unknown,
  converted: boolean,
): { names: string[]; get: (name: string) => unknown } {
  const object: Namespace =
    typeof value === "object" || typeof value === "function" ? ((value ?? {}) as Namespace) : {};
  const keys = Array.isArray(value) ? [] : Object.keys(object).filter((name) => name !== "default");
  const asDefault = converted ? () => object["default"] : () => value;
  return { names: ["default", ...keys], get: (name) => (name === "default" ? asDefault() : object[name]) };
}

/** A module with the given exports. */
export async function synthetic(
  identifier: string,
  names: readonly string[],
  get: (name: string) => unknown,
): Promise<vm.SyntheticModule> {
  const module = new vm.SyntheticModule(
    [...names],
    () => {
      for (const name of names) module.setExport(name, get(name));
    },
    { identifier },
  );
  await module.link(() => Promise.reject(new Error("it imports nothing")));
  await module.evaluate();
  return module;
}
