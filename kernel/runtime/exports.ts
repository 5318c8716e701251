// `exports` as cells see it: their variables as one object, as it is for users of tslab, which makes CommonJS of cells. Reading a name that
// nobody has declared gives undefined, setting one declares it.

import { inspect } from "node:util";
import { Scanner } from "../cell/scanner.ts";
import type { Variables } from "./variables.ts";

export function exportsOf(variables: Variables): object {
  const declared = (name: string | symbol): name is string =>
    typeof name === "string" && variables.variable(name).isDeclared;
  const hold = (name: string | symbol, value: unknown): boolean => {
    // What compilers mark a converted module with is no variable.
    if (typeof name === "string" && name !== "__esModule") variables.variable(name).hold(value);
    return typeof name === "string";
  };
  // Node inspects what is behind a proxy, not the proxy.
  const behind = { [inspect.custom]: () => Object.fromEntries(values(variables)) };
  const exports: object = new Proxy(behind, {
    get: (_, name): unknown => (declared(name) ? variables.variable(name).value : Reflect.get(Object.prototype, name)),
    set: (_, name, value) => hold(name, value),
    // Whatever its attributes, a variable can be set and declared again.
    defineProperty: (_, name, { get, value }) =>
      hold(name, get === undefined ? value : Reflect.apply(get, exports, [])),
    has: (_, name) => declared(name) || name in Object.prototype,
    ownKeys: () => variables.declared(),
    getOwnPropertyDescriptor: (_, name) =>
      declared(name) ? Object.getOwnPropertyDescriptor(variables.scope, name) : undefined,
    deleteProperty: (_, name) => declared(name) && variables.delete(name),
  });
  return exports;
}

function* values(variables: Variables): Generator<[name: string, value: unknown]> {
  for (const name of variables.declared()) {
    try {
      yield [name, variables.variable(name).value];
    } catch {
      // A type that was imported, or a declaration that has not run: there is no value.
    }
  }
}

/**
 * Can the cell look at variables by `exports`, or by `module.exports`? In text or a comment, and as a member of anything else, it is but a
 * word.
 */
export function usesExports(source: string): boolean {
  if (!/\bexports\b/.test(source)) return false;
  if (/\b(?:module|main)\s*(?:\?\.|\.|\[)\s*["'`]?exports\b|\beval\b/.test(source)) return true;
  let uses = false;
  new Scanner(source, 0, { onName: (name) => (uses ||= name === "exports") }).scan();
  return uses;
}
