// Runs the cells of one session: compiles a cell against the variables of those before, calls it, and resolves what it imports as if
// the cell were a file in the notebook's folder.

import { dirname } from "node:path";
import vm from "node:vm";
import { compileCell, type DeclarationKind } from "../cell.ts";
import { compileModule } from "../cell/local-module.ts";
import { type CellTags, cellTags } from "../cell/module-cell.ts";
import type { Payload } from "../session.ts";
import { GlobalNames } from "./global-names.ts";
import type { NameChanges, Refusal, Reservations } from "./messages.ts";
import { hasPlace, isInstance, summary } from "./errors.ts";
import { resumed } from "./execution.ts";
import { exportsOf, usesExports } from "./exports.ts";
import { copies } from "./interrupt.ts";
import { lineFunction, type LineFunction } from "./lines.ts";
import type { MagicSession } from "./magics/magic.ts";
import { type Imported, Modules, type Namespace, type Reloads } from "./modules.ts";
import { cellFile, cellName, registerCell } from "./sources.ts";
import { asksForLegacyDecorators } from "./tsconfig.ts";
import { createTslabModule } from "./tslab.ts";
import { type Variable, Variables } from "./variables.ts";

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
  /** What would write the copies back on which a loop begins to run; nothing when it has ended. */
  copies(code: string): void;
  readonly meta: object;
  /** Runs a line that is no TypeScript, in cells that have some. */
  readonly line?: LineFunction;
}

const CONSTANT: ReadonlySet<DeclarationKind> = new Set(["const", "import", "enum", "namespace"]);

/** Thrown for a cell that is not to run, although it compiles. */
export class Refused extends Error {
  readonly refusal: Refusal;
  constructor(refusal: Refusal) {
    super(refusal.evalue);
    this.refusal = refusal;
  }
}

export interface Evaluation {
  /** The value of the last expression; absent when the cell does not end in one. */
  result?: { value: unknown };
  /** What its lines have for the front end. */
  payload: Payload[];
}

export class Evaluator {
  readonly variables = new Variables();
  readonly modules: Modules;
  /** What was executed, oldest first. */
  readonly inputs: { count: number; source: string }[] = [];
  #scripts = 0;
  /** Which names have a meaning for a cell. */
  readonly known = {
    isDeclared: (name: string): boolean => this.variables.kinds.has(name),
    isGlobal: (name: string): boolean => name in globalThis,
  };

  #usesExports = false;
  /** The source of the cell that was the last to declare a name. */
  readonly #declaredIn = new Map<string, string>();
  readonly #decorators = {
    sourceOf: (name: string): string | undefined => this.#declaredIn.get(name),
    legacyByDefault: (): boolean => asksForLegacyDecorators(dirname(this.modules.filename)),
  };
  /** The latest cell whose names have been declared. */
  #declaring: number | null | undefined;
  readonly #globals = new GlobalNames();
  #forgot = false;

  constructor(folder: string) {
    this.modules = new Modules(folder);
    this.modules.provideModule("tslab", createTslabModule);
    const { main } = this.modules;
    main.exports = exportsOf(this.variables);
    this.variables.addPrelude({ module: main, exports: main.exports as unknown });
  }

  async import(specifier: string, options?: ImportCallOptions): Promise<Namespace> {
    try {
      return await this.modules.import(specifier, options);
    } catch (error) {
      throw placed(error, specifier);
    }
  }

  /** What the cell `count` has made of names, as it has now ended; `failed`: not all that it declares has a value. */
  nameChanges(count: number, failed: boolean): NameChanges {
    const globals = this.#globals.changed();
    const forgot = this.#forgot;
    this.#forgot = false;
    const reached = this.#declaring === count ? this.variables.reachedByLatest() : [];
    return {
      ...(globals !== undefined && { globals }),
      ...(forgot && { forgot }),
      ...((failed || forgot) && { reached }),
    };
  }

  /**
   * Compiles and runs a cell. Throws `CellSyntaxError` for what does not compile, `Refused` for what compiles and is refused, and
   * whatever the cell throws. A name that a failed cell declares but never reached keeps its earlier value. `count`: the n of
   * `Cell [n]`, or `null` for code that has no number.
   */
  async evaluate(
    source: string,
    count: number | null,
    { shown = source, ...reservations }: { shown?: string } & Reservations = {},
  ): Promise<Evaluation> {
    const name = cellName(count);
    this.variables.retract();
    const tags = cellTags(source);
    if (tags !== undefined && this.#keep(source, tags, name, reservations)) return { payload: [] };
    this.#usesExports ||= usesExports(source);
    const script = ++this.#scripts;
    const compiled = compileCell(source, {
      file: cellFile(script),
      scope: this.variables.kinds,
      isGlobal: this.known.isGlobal,
      // Through `exports` any code may look at a variable, at any time.
      ...(!this.#usesExports && { captured: this.variables.captured }),
      decorators: this.#decorators,
    });
    heed(reservations);
    for (const declared of compiled.declares.keys()) this.#declaredIn.set(declared, source);
    registerCell(script, { name, source: shown, positions: compiled.positions });
    const run = new vm.Script(compiled.code, { filename: cellFile(script) }).runInThisContext() as CellFunction;
    this.variables.capture(compiled.captured);
    const { modules } = this;
    if (compiled.code.includes(".meta")) await modules.ready();
    if (modules.mayChange) tell(resumed(await modules.refresh(compiled.imports)));
    this.variables.declare(compiled.declares);
    this.#declaring = count;
    const evaluation: Evaluation = { payload: [] };
    const { lines, declares } = compiled;
    const runtime: CellRuntime = {
      import: (specifier, options) => this.import(specifier, options),
      bind: (scope, local, namespace, exported, specifier) =>
        bind(scope, local, modules.bind(namespace), exported, specifier),
      result: (value) => {
        evaluation.result = { value };
      },
      resumed,
      isConstant: (name) => CONSTANT.has(this.variables.kinds.get(name) ?? "let"),
      variable: (name) => this.variables.variable(name),
      has: (name) => this.variables.has(name),
      copies,
      meta: modules.meta,
      ...(lines.length > 0 && { line: lineFunction(lines, this.#magicSession(evaluation.payload, declares)) }),
    };
    try {
      const { require, filename } = modules;
      await run.call(globalThis, this.variables.scope, runtime, require, filename, dirname(filename));
    } finally {
      this.variables.retract();
    }
    return evaluation;
  }

  #magicSession(payload: Payload[], declares: ReadonlyMap<string, DeclarationKind>): MagicSession {
    const { variables } = this;
    return {
      folder: dirname(this.modules.filename),
      inputs: this.inputs,
      payload,
      declarations: () => variables.reached(),
      reset: () => {
        this.#forgot = true;
        variables.reset();
        // The rest of the cell still declares them.
        variables.declare(declares);
      },
      provide: (name, value) => variables.provide(name, value),
    };
  }

  /** A cell that is a module, for others to import; false for one that is to run. Throws `CellSyntaxError`; the module then is what it was. */
  #keep(source: string, { module, browser, ignored }: CellTags, name: string, reservations: Reservations): boolean {
    if (browser) {
      process.stderr.write("not run: cells marked @browser are for a browser, and this kernel runs cells in Node\n");
    } else if (module !== undefined) {
      compileModule(source, { path: module, type: undefined });
      heed(reservations);
      this.modules.defineModule(module, source, name);
    } else {
      const [tag = ""] = `@module ${ignored ?? ""}`.trim().split("\n", 1);
      process.stderr.write(
        `run, not kept as a module: a name of letters, digits and _, and nothing else, must follow in '${tag}'\n`,
      );
      return false;
    }
    return true;
  }
}

/** What the types have against a cell that compiles. */
function heed({ refusal, caution }: Reservations): void {
  if (refusal !== undefined) throw new Refused(refusal);
  if (caution) process.stderr.write(caution);
}

/** What is imported fails without a word of who imports it: says where the cell does, and which module failed when not even that is told. */
function placed(error: unknown, specifier: string): unknown {
  if (!isInstance(error, Error) || /Cell \[\d+\], line/.test(error.stack ?? "")) return error;
  const [, ...importers] = (new Error().stack ?? "").split("\n");
  const module = error instanceof SyntaxError && !hasPlace(error.stack ?? "") ? [`    at module '${specifier}'`] : [];
  const stack = [error.stack, ...module, ...importers].join("\n");
  return Object.defineProperty(error, "stack", { value: stack, configurable: true, writable: true });
}

/** On stderr, in one line each: what was loaded again, and what could not be. Whoever ran a module's cell knows that it changed. */
function tell({ changed, reloaded, failed }: Reloads): void {
  if (reloaded.length > 0 && !changed.every((label) => /^Cell \[\d+\]$/.test(label))) {
    const others = changed.filter((label) => !reloaded.includes(label));
    const why = others.length === 0 ? "" : `: ${others.join(", ")} changed`;
    process.stderr.write(`reloaded ${reloaded.join(", ")}${why}\n`);
  }
  for (const { label, error } of failed) process.stderr.write(`kept ${label} as it was: ${summary(error)}\n`);
}

/** Binds an imported name, live; an export that the module lacks is an error when it is used, since it may be a type. */
function bind(scope: object, local: string, imported: Imported, exported: string, specifier: string): void {
  const get = (): unknown => {
    const { namespace } = imported;
    if (exported === "*") return namespace;
    if (exported in namespace) return namespace[exported];
    const commonJs = namespace["default"] as Namespace | null | undefined;
    if (commonJs !== undefined && commonJs !== null && exported in Object(commonJs)) return commonJs[exported];
    throw new SyntaxError(`the module '${specifier}' has no export named '${exported}'`);
  };
  // For functions compiled while the name was a variable.
  const set = (): void => {
    throw new TypeError("Assignment to constant variable.");
  };
  Object.defineProperty(scope, local, { get, set, enumerable: true, configurable: true });
}
