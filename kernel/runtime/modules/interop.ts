// What an import sees of a CommonJS package. Node sees only those names that the package's text shows, and where it was compiled from an
// ES module takes all of its exports for the default. TypeScript (`esModuleInterop`), bundlers, and so cells see what the author wrote.

import type { Namespace } from "./packages.ts";

interface Exports {
  names: string[];
  get: (name: string) => unknown;
}

function isAccessor(exports: Namespace, name: string): boolean {
  return Object.getOwnPropertyDescriptor(exports, name)?.get !== undefined;
}

/** All names at once, for a module that is linked with the package. */
export function exportsOfPackage(namespace: Namespace, exports: Namespace): Exports {
  const converted = exports["__esModule"] === true && "default" in exports;
  const names = new Set([...Object.keys(namespace), ...Object.keys(exports), "default"]);
  const get = (name: string): unknown => {
    if (name === "default") return converted ? exports["default"] : exports;
    if (!Object.hasOwn(exports, name)) return namespace[name];
    try {
      return exports[name];
    } catch {
      return undefined; // A part of the package that cannot be loaded and that nobody may have asked for; Node does the same.
    }
  };
  return { names: [...names], get };
}

/** Has the package parts that it loads, or makes, only when they are used, and that Node does not know of? */
export function hasLazyParts(namespace: Namespace, exports: Namespace): boolean {
  return Object.keys(exports).some((name) => !(name in namespace) && isAccessor(exports, name));
}

/** The names of such a package, each read when it is used. */
export function lazyNamespace(namespace: Namespace, exports: Namespace): Namespace {
  const { names, get } = exportsOfPackage(namespace, exports);
  const lazy = Object.create(null) as Namespace;
  for (const name of names.sort()) {
    const read = name === "default" || !Object.hasOwn(exports, name) ? () => get(name) : () => exports[name];
    Object.defineProperty(lazy, name, { get: read, enumerable: true });
  }
  return Object.freeze(lazy);
}
