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

interface Copy {
  names: readonly string[];
  get: (name: string) => unknown;
}

/** The modules whose exports are copies; what they are copies of may change, so they are made anew before each cell. */
export class Copies {
  readonly #copies = new Map<vm.Module, Copy>();

  get isEmpty(): boolean {
    return this.#copies.size === 0;
  }

  async make(identifier: string, names: readonly string[], get: Copy["get"]): Promise<vm.Module> {
    const fill = (): void => {
      for (const name of names) module.setExport(name, readOr(undefined, get, name));
    };
    const module = new vm.SyntheticModule([...names], fill, { identifier });
    await module.link(() => Promise.reject(new Error("it imports nothing")));
    await module.evaluate();
    // What Node itself exports does not change.
    if (!identifier.startsWith("node:")) this.#copies.set(module, { names, get });
    return module;
  }

  refresh(): void {
    for (const [module, { names, get }] of this.#copies) {
      const namespace = module.namespace as Namespace;
      for (const name of names) {
        const value = readOr(namespace[name], get, name);
        if (!Object.is(namespace[name], value)) (module as vm.SyntheticModule).setExport(name, value);
      }
    }
  }

  drop(module: vm.Module): void {
    this.#copies.delete(module);
  }
}

/** A getter of the user's that throws has no value, as for Node: the other names do. */
function readOr(otherwise: unknown, get: Copy["get"], name: string): unknown {
  try {
    return get(name);
  } catch {
    return otherwise; // Whoever reads it where it was defined gets the error.
  }
}
