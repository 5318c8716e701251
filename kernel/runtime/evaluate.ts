// Runs the cells of one session: keeps the scope in which their names live, compiles a cell against it, calls it, and resolves what
// it imports as if the cell were a file in the notebook's folder.

import { createRequire, isBuiltin } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import vm from "node:vm";
import { compileCell, type DeclarationKind } from "../cell.ts";
import { cellFile, registerCell } from "./errors.ts";
import { resumed } from "./execution.ts";

type Namespace = Record<string, unknown>;
type Load = (specifier: string, options?: ImportCallOptions) => Promise<Namespace>;
type CellFunction = (
  scope: object,
  cell: CellRuntime,
  require: NodeJS.Require,
  filename: string,
  dirname: string,
) => Promise<void>;

/** What a rewritten cell calls. */
interface CellRuntime {
  import(specifier: string, options?: ImportCallOptions): Promise<Namespace>;
  bind(scope: object, local: string, namespace: Namespace, exported: string, specifier: string): void;
  result(value: unknown): void;
  resumed<T>(value: T): T;
  /** Whether the newest declaration of a name forbids to assign to it. */
  isConstant(name: string): boolean;
  readonly meta: object;
}

const CONSTANT: ReadonlySet<DeclarationKind> = new Set(["const", "import", "enum", "namespace"]);

interface Unreached {
  getter: () => never;
  before: PropertyDescriptor | undefined;
  kind: DeclarationKind | undefined;
}

export interface Evaluation {
  /** The value of the last expression; absent when the cell does not end in one. */
  result?: { value: unknown };
}

export class Evaluator {
  /** Where the cells' names live; below it the prelude's, below that the global ones. */
  readonly scope: Record<string, unknown>;
  readonly #prelude: object;
  readonly #kinds = new Map<string, DeclarationKind>();
  /** The names of the latest cell that have no value yet, and what they were. */
  readonly #unreached = new Map<string, Unreached>();
  readonly #filename: string;
  readonly #folder: string;
  readonly #require: NodeJS.Require;
  readonly #load: Load;
  readonly #meta: object;

  constructor(folder: string) {
    this.#folder = folder;
    this.#filename = join(folder, "cell.ts");
    this.#require = createRequire(this.#filename);
    this.#prelude = Object.create(unknownNames) as object;
    this.scope = Object.create(this.#prelude) as Record<string, unknown>;
    this.#load = new vm.Script("(specifier, options) => import(specifier, options)", {
      filename: this.#filename,
      importModuleDynamically: vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
    }).runInThisContext() as Load;
    const require = this.#require;
    this.#meta = {
      url: pathToFileURL(this.#filename).href,
      filename: this.#filename,
      dirname: folder,
      resolve: (specifier: string) => {
        if (isBuiltin(specifier)) return specifier.startsWith("node:") ? specifier : `node:${specifier}`;
        return URL.canParse(specifier) ? specifier : pathToFileURL(require.resolve(specifier)).href;
      },
    };
  }

  /** The CommonJS modules that cells have loaded. */
  get moduleCache(): NodeJS.Dict<NodeJS.Module> {
    return this.#require.cache;
  }

  /** Puts a module's exports in scope of every cell, below the cells' own names. */
  addPrelude(namespace: Namespace): void {
    for (const name of Object.keys(namespace)) {
      if (name === "default") continue;
      Object.defineProperty(this.#prelude, name, { get: () => namespace[name], enumerable: true, configurable: true });
      this.#kinds.set(name, "let");
    }
  }

  /** The names that cells can use, newest declarations last: their own, then the prelude's. */
  names(): string[] {
    return [...Object.keys(this.scope), ...Object.keys(this.#prelude)];
  }

  async import(specifier: string, options?: ImportCallOptions): Promise<Namespace> {
    const json = /\.json$/i.test(specifier) && options === undefined;
    try {
      return await this.#load(specifier, json ? { with: { type: "json" } } : options);
    } catch (error) {
      throw isMissing(error, this.#filename) ? missingModule(specifier, this.#folder) : placed(error, specifier);
    }
  }

  /**
   * Compiles and runs a cell. Throws `CellSyntaxError` for what does not compile, and whatever the cell throws. A name
   * that a failed cell declares but never reached keeps its earlier value.
   */
  async evaluate(source: string, cell: number, count: number): Promise<Evaluation> {
    const compiled = compileCell(source, {
      file: cellFile(cell),
      scope: this.#kinds,
      isGlobal: (name) => name in globalThis,
    });
    registerCell(cell, { count, source, positions: compiled.positions });
    const script = new vm.Script(compiled.code, { filename: cellFile(cell) });
    const run = script.runInThisContext() as CellFunction;
    this.retract();
    this.#declare(compiled.declares);
    const evaluation: Evaluation = {};
    const runtime: CellRuntime = {
      import: (specifier, options) => this.import(specifier, options),
      bind,
      result: (value) => {
        evaluation.result = { value };
      },
      resumed,
      isConstant: (name) => CONSTANT.has(this.#kinds.get(name) ?? "let"),
      meta: this.#meta,
    };
    try {
      await run.call(undefined, this.scope, runtime, this.#require, this.#filename, this.#folder);
    } finally {
      this.retract();
    }
    return evaluation;
  }

  /** Names that a cell has declared but not reached are what they were before: for a cell that failed or was interrupted. */
  retract(): void {
    for (const [name, { getter, before, kind }] of this.#unreached) {
      if (Object.getOwnPropertyDescriptor(this.scope, name)?.get !== getter) continue;
      if (before === undefined) Reflect.deleteProperty(this.scope, name);
      else Object.defineProperty(this.scope, name, before);
      if (kind === undefined) this.#kinds.delete(name);
      else this.#kinds.set(name, kind);
    }
    this.#unreached.clear();
  }

  /** Makes each name assignable; a new one cannot be read before its declaration has run. */
  #declare(names: ReadonlyMap<string, DeclarationKind>): void {
    const { scope } = this;
    for (const [name, kind] of names) {
      const before = Object.getOwnPropertyDescriptor(scope, name);
      const earlier = this.#kinds.get(name);
      this.#kinds.set(name, kind);
      if (before !== undefined && "value" in before) continue;
      if (kind === "var") {
        defineValue(scope, name, undefined);
        continue;
      }
      const getter = (): never => {
        throw new ReferenceError(`Cannot access '${name}' before initialization`);
      };
      this.#unreached.set(name, { getter, before, kind: earlier });
      Object.defineProperty(scope, name, {
        get: getter,
        set: (value: unknown) => {
          defineValue(scope, name, value);
        },
        enumerable: false,
        configurable: true,
      });
    }
  }
}

function defineValue(scope: object, name: string, value: unknown): void {
  Object.defineProperty(scope, name, { value, writable: true, enumerable: true, configurable: true });
}

/** Whether it was this import that found nothing, and not one inside the imported module. */
function isMissing(error: unknown, importer: string): boolean {
  if (!(error instanceof Error) || !("code" in error)) return false;
  return error.code === "ERR_MODULE_NOT_FOUND" && error.message.endsWith(`imported from ${importer}`);
}

/** A module that does not even compile fails without a place: says which it was, and where it is imported. */
function placed(error: unknown, specifier: string): unknown {
  if (!(error instanceof Error) || /adjoint-cell|Cell \[/.test(error.stack ?? "")) return error;
  const [, ...importers] = (new Error().stack ?? "").split("\n");
  const stack = [error.stack, `    at module '${specifier}'`, ...importers].join("\n");
  return Object.defineProperty(error, "stack", { value: stack, configurable: true, writable: true });
}

/** Node's own message names a file that does not exist: the cell. */
function missingModule(specifier: string, folder: string): Error {
  const isPath = /^(\.{0,2}\/|file:)/.test(specifier);
  const hint = isPath ? `there is no such file, seen from ${folder}` : `npm install ${specifier}, in ${folder}`;
  return Object.assign(new Error(`cannot find ${isPath ? "module" : "package"} '${specifier}': ${hint}`), {
    code: "ERR_MODULE_NOT_FOUND",
  });
}

/** The last link of the scope's prototype chain: global names, and an error for all others. */
const unknownNames: object = new Proxy(Object.create(null) as object, {
  has: (_, name) => name in globalThis,
  get(_, name) {
    if (name in globalThis || typeof name === "symbol") return Reflect.get(globalThis, name) as unknown;
    throw new ReferenceError(`${name} is not defined`);
  },
  set(_, name, value) {
    if (name in globalThis) return Reflect.set(globalThis, name, value);
    throw new ReferenceError(`${String(name)} is not defined`);
  },
});

/** Binds an imported name, live; an export that the module lacks is an error when it is used, since it may be a type. */
function bind(scope: object, local: string, namespace: Namespace, exported: string, specifier: string): void {
  const commonJs = namespace["default"] as Namespace | undefined;
  const get = (): unknown => {
    if (exported === "*") return namespace;
    if (exported in namespace) return namespace[exported];
    if (commonJs !== undefined && commonJs !== null && exported in Object(commonJs)) return commonJs[exported];
    throw new SyntaxError(`the module '${specifier}' has no export named '${exported}'`);
  };
  // For functions compiled while the name was a variable.
  const set = (): void => {
    throw new TypeError("Assignment to constant variable.");
  };
  Object.defineProperty(scope, local, { get, set, enumerable: true, configurable: true });
}
