// Runs the cells of one session: compiles a cell against the variables of those before, calls it, and resolves what it imports as if
// the cell were a file in the notebook's folder.

import { createRequire, isBuiltin } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import vm from "node:vm";
import { compileCell, type DeclarationKind } from "../cell.ts";
import { cellFile, registerCell } from "./errors.ts";
import { resumed } from "./execution.ts";
import { type Variable, Variables } from "./variables.ts";

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
  variable(name: string): Variable;
  has(name: string): boolean;
  readonly meta: object;
}

const CONSTANT: ReadonlySet<DeclarationKind> = new Set(["const", "import", "enum", "namespace"]);

export interface Evaluation {
  /** The value of the last expression; absent when the cell does not end in one. */
  result?: { value: unknown };
}

export class Evaluator {
  readonly variables = new Variables();
  readonly #filename: string;
  readonly #folder: string;
  readonly #require: NodeJS.Require;
  readonly #load: Load;
  readonly #meta: object;

  constructor(folder: string) {
    this.#folder = folder;
    this.#filename = join(folder, "cell.ts");
    this.#require = createRequire(this.#filename);
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
      scope: this.variables.kinds,
      isGlobal: (name) => name in globalThis,
    });
    registerCell(cell, { count, source, positions: compiled.positions });
    const script = new vm.Script(compiled.code, { filename: cellFile(cell) });
    const run = script.runInThisContext() as CellFunction;
    this.variables.retract();
    this.variables.declare(compiled.declares);
    const evaluation: Evaluation = {};
    const runtime: CellRuntime = {
      import: (specifier, options) => this.import(specifier, options),
      bind,
      result: (value) => {
        evaluation.result = { value };
      },
      resumed,
      isConstant: (name) => CONSTANT.has(this.variables.kinds.get(name) ?? "let"),
      variable: (name) => this.variables.variable(name),
      has: (name) => this.variables.has(name),
      meta: this.#meta,
    };
    try {
      await run.call(undefined, this.variables.scope, runtime, this.#require, this.#filename, this.#folder);
    } finally {
      this.variables.retract();
    }
    return evaluation;
  }
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
