// The smallest runtime that can run compiled cells: a scope like the kernel's (unknown names throw, declared ones exist before
// they are initialised), imports from a table, and an interrupt that is a flag. For tests of the compiler alone.

import vm from "node:vm";
import { compileCell, type CompiledCell, type DeclarationKind } from "../kernel/cell.ts";

type Namespace = Record<string, unknown>;

const unknownNames: object = new Proxy(Object.create(null) as object, {
  has: (_, name) => name in globalThis,
  get(_, name) {
    if (name in globalThis || typeof name === "symbol") return Reflect.get(globalThis, name) as unknown;
    throw new ReferenceError(`${name} is not defined`);
  },
  set(_, name) {
    throw new ReferenceError(`${String(name)} is not defined`);
  },
});

function defineValue(scope: object, name: string, value: unknown): void {
  Object.defineProperty(scope, name, { value, writable: true, enumerable: true, configurable: true });
}

export class Interrupted extends Error {}

export class CellSession {
  readonly kinds = new Map<string, DeclarationKind>();
  readonly scope = Object.create(unknownNames) as Namespace;
  readonly modules: Record<string, Namespace> = {};
  readonly imported: { specifier: string; options: unknown }[] = [];
  /** The cells, by the name of their script. */
  readonly compiled = new Map<string, CompiledCell>();
  interrupted = false;

  constructor(names: Namespace = {}) {
    for (const [name, value] of Object.entries(names)) {
      this.kinds.set(name, "const");
      defineValue(this.scope, name, value);
    }
  }

  compile(source: string): { file: string; cell: CompiledCell } {
    const file = `cell-${this.compiled.size + 1}`;
    const cell = compileCell(source, { file, scope: this.kinds, isGlobal: (name) => name in globalThis });
    this.compiled.set(file, cell);
    return { file, cell };
  }

  /** The cell's result. */
  async run(source: string): Promise<unknown> {
    const { file, cell } = this.compile(source);
    for (const [name, kind] of cell.declares) this.#declare(name, kind);
    const run = new vm.Script(cell.code, { filename: file }).runInThisContext() as (
      ...parameters: unknown[]
    ) => Promise<void>;
    let result: unknown;
    const runtime = {
      meta: { url: "file:///folder/cell.ts" },
      isConstant: (name: string) => ["const", "import", "enum", "namespace"].includes(this.kinds.get(name) ?? ""),
      result: (value: unknown) => {
        result = value;
      },
      resumed: <T>(value: T): T => {
        if (this.interrupted) throw new Interrupted("interrupted");
        return value;
      },
      import: async (specifier: string, options: unknown): Promise<Namespace> => {
        this.imported.push({ specifier, options });
        const module = this.modules[specifier];
        if (module === undefined) throw new Error(`no module ${specifier}`);
        return Promise.resolve(module);
      },
      bind: (scope: Namespace, local: string, namespace: Namespace, exported: string, specifier: string): void => {
        const get = (): unknown => {
          if (exported === "*") return namespace;
          if (exported in namespace) return namespace[exported];
          throw new SyntaxError(`the module '${specifier}' has no export named '${exported}'`);
        };
        Object.defineProperty(scope, local, { get, enumerable: true, configurable: true });
      },
    };
    await run.call(undefined, this.scope, runtime, "the require", "/folder/cell.ts", "/folder");
    return result;
  }

  #declare(name: string, kind: DeclarationKind): void {
    this.kinds.set(name, kind);
    const existing = Object.getOwnPropertyDescriptor(this.scope, name);
    if (existing !== undefined && "value" in existing) return;
    if (kind === "var") {
      defineValue(this.scope, name, undefined);
      return;
    }
    Object.defineProperty(this.scope, name, {
      get: () => {
        throw new ReferenceError(`Cannot access '${name}' before initialization`);
      },
      set: (value: unknown) => {
        defineValue(this.scope, name, value);
      },
      enumerable: false,
      configurable: true,
    });
  }
}

/** Runs cells in one session; the result of the last one. */
export async function runCells(...sources: string[]): Promise<unknown> {
  const session = new CellSession();
  let result: unknown;
  for (const source of sources) result = await session.run(source);
  return result;
}
