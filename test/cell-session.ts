// The smallest runtime that can run compiled cells: the kernel's variables, imports from a table, and an interrupt that is a flag. For
// tests of the compiler alone.

import vm from "node:vm";
import { compileCell, type CompiledCell } from "../kernel/cell.ts";
import { Variables } from "../kernel/runtime/variables.ts";

type Namespace = Record<string, unknown>;

export class Interrupted extends Error {}

export class CellSession {
  readonly variables = new Variables();
  readonly kinds = this.variables.kinds;
  readonly scope = this.variables.scope;
  readonly modules: Record<string, Namespace> = {};
  readonly imported: { specifier: string; options: unknown }[] = [];
  /** The cells, by the name of their script. */
  readonly compiled = new Map<string, CompiledCell>();
  interrupted = false;
  /** Do loops run on copies of variables? */
  fastLoops = true;

  constructor(names: Namespace = {}) {
    for (const [name, value] of Object.entries(names)) {
      this.variables.declare(new Map([[name, "const"]]));
      this.variables.variable(name).initial = value;
    }
  }

  compile(source: string): { file: string; cell: CompiledCell } {
    const file = `cell-${this.compiled.size + 1}`;
    const cell = compileCell(source, {
      file,
      scope: this.kinds,
      isGlobal: (name) => name in globalThis,
      ...(this.fastLoops ? { captured: this.variables.captured } : {}),
    });
    this.variables.capture(cell.captured);
    this.compiled.set(file, cell);
    return { file, cell };
  }

  /** The cell's result. */
  async run(source: string): Promise<unknown> {
    const { file, cell } = this.compile(source);
    this.variables.declare(cell.declares);
    const run = new vm.Script(cell.code, { filename: file }).runInThisContext() as (
      ...parameters: unknown[]
    ) => Promise<void>;
    let result: unknown;
    const runtime = {
      meta: { url: "file:///folder/cell.ts" },
      variable: (name: string) => this.variables.variable(name),
      copies: () => {},
      has: (name: string) => this.variables.has(name),
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
}

/** Runs cells in one session; the result of the last one. */
export async function runCells(...sources: string[]): Promise<unknown> {
  const session = new CellSession();
  let result: unknown;
  for (const source of sources) result = await session.run(source);
  return result;
}
