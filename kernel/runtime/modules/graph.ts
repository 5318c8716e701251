// The user's ES modules: one unit for each file, linked and evaluated by V8 with everything that makes modules modules (cycles, live
// bindings, top-level await). Units are loaded in the order in which ES modules are evaluated, group by group, where a group is one
// unit or the units of a cycle; what they import of packages is loaded in its turn. A unit lives until its file, or one that it
// depends on, has changed; a unit that was cut off by an interrupt, or has failed, is made anew when it is imported again.

import { dirname } from "node:path";
import vm from "node:vm";
import { COMMONJS_NAMES, type CompiledModule, importPlace, syntaxErrorOf } from "../../cell/local-module.ts";
import { currentExecution, type Execution } from "../execution.ts";
import { registerScript, syntaxErrorAt } from "../sources.ts";
import { type CommonJs, type ImportFrom, urlOf } from "./commonjs.ts";
import type { Files, SourceFile } from "./files.ts";
import type { Namespace } from "./packages.ts";
import { missingFile, type Resolver, type Target } from "./resolve.ts";
import { type Copies, exportsOfValue } from "./synthetic.ts";

type Outside = Exclude<Target, { kind: "local" }>;

/** What the graph needs of the rest of the loader. */
export interface GraphSurroundings {
  files: Files;
  resolver: Resolver;
  commonjs: CommonJs;
  copies: Copies;
  /** The module for what is not a file of the user's. */
  outside(target: Outside): Promise<vm.Module>;
  import: ImportFrom;
  resolve(specifier: string, from: string): string;
}

class Unit {
  /** By specifier, in order. */
  readonly imports = new Map<string, { unit: Unit } | { target: Outside }>();
  group: Group | undefined;
  /** Absent for CommonJS and JSON until their exports are known. */
  module: vm.Module | undefined;
  readonly execution: Execution = currentExecution();

  readonly file: SourceFile;
  readonly compiled: CompiledModule | null;

  constructor(file: SourceFile, compiled: CompiledModule | null) {
    this.file = file;
    this.compiled = compiled;
  }

  get done(): boolean {
    return this.group?.state === "done";
  }

  *units(): Generator<Unit> {
    for (const imported of this.imports.values()) if ("unit" in imported) yield imported.unit;
  }
}

/** Units that import each other, the one that is imported from outside first. */
class Group {
  state: "waiting" | "entered" | "running" | "done" | "failed" = "waiting";
  ready: Promise<void> | undefined;
  readonly units: Unit[];
  constructor(units: Unit[]) {
    this.units = units;
  }
}

export class Graph {
  readonly #around: GraphSurroundings;
  readonly #units = new Map<string, Unit>();
  readonly #unitOf = new WeakMap<vm.Module, Unit>();
  readonly #paths = new WeakMap<Namespace, string>();
  readonly #outside = new Map<string, vm.Module>();
  readonly #started = new Set<string>();
  /** Files that cannot be read or do not compile as they are now, although an earlier state of theirs is loaded. */
  #broken = new Map<string, Error>();

  constructor(around: GraphSurroundings) {
    this.#around = around;
  }

  /** The file that a namespace is that of. */
  pathOf(namespace: Namespace): string | undefined {
    return this.#paths.get(namespace);
  }

  /** The namespace of a loaded file; only of one with imports and exports of its own, if so asked. */
  namespaceOf(path: string, onlyModules = false): Namespace | undefined {
    const unit = this.#units.get(path);
    if (unit?.done !== true || (onlyModules && !(unit.module instanceof vm.SourceTextModule))) return undefined;
    return unit.module?.namespace as Namespace | undefined;
  }

  /** Whether a namespace is that of the file as it is loaded now. */
  isCurrent(path: string, namespace: Namespace): boolean {
    return this.#units.get(path)?.module?.namespace === namespace;
  }

  /** Why a file, or one that it depends on, does not compile as it is on disk. */
  brokenBelow(path: string): Error | undefined {
    const root = this.#broken.size === 0 ? undefined : this.#units.get(path);
    const seen = new Set(root === undefined ? [] : [root]);
    for (const unit of seen) {
      if (this.#broken.has(unit.file.path)) return this.#broken.get(unit.file.path);
      for (const imported of unit.units()) seen.add(imported);
    }
    return undefined;
  }

  /** Loads a file with all that it imports. Throws what its code throws, or a syntax error with its place in the file. */
  async load(path: string): Promise<Namespace> {
    this.update();
    const fresh: Unit[] = [];
    const root = this.#unitFor(path, fresh);
    const broken = this.brokenBelow(path);
    if (broken !== undefined) {
      for (const unit of fresh) this.#units.delete(unit.file.path);
      throw broken;
    }
    for (const step of order(root)) {
      if (step instanceof Group) await (step.ready ??= this.#run(step));
      else this.#outside.set(keyOf(step), await this.#around.outside(step));
    }
    const namespace = root.module?.namespace as Namespace;
    this.#paths.set(namespace, path);
    return namespace;
  }

  /** The unit of a file, with units for all that it imports; nothing is evaluated. */
  #unitFor(path: string, fresh: Unit[]): Unit {
    const existing = this.#units.get(path);
    if (existing !== undefined) return existing;
    try {
      const unit = this.#create(path);
      this.#units.set(path, unit);
      fresh.push(unit);
      this.#followImports(unit, fresh);
      return unit;
    } catch (error) {
      if (fresh[0]?.file.path === path) for (const unit of fresh) this.#units.delete(unit.file.path);
      throw error;
    }
  }

  #create(path: string): Unit {
    const { files } = this.#around;
    const file = files.current(path);
    if (file === undefined) throw missingFile(files.labelOf(path));
    if (path.endsWith(".json")) return new Unit(file, null);
    const compiled = files.compile(file);
    const unit = new Unit(file, compiled);
    if (compiled.format === "commonjs") return unit;
    // Required before, as CommonJS: there is one state of it.
    if (this.#around.commonjs.isConverted(path)) return new Unit(file, null);
    const script = this.#started.has(path) ? `${urlOf(path)}?version=${file.version}` : urlOf(path);
    this.#started.add(path);
    registerScript(script, file, compiled.positions);
    unit.module = this.#moduleOf(file, compiled, script);
    this.#unitOf.set(unit.module, unit);
    return unit;
  }

  #moduleOf(file: SourceFile, compiled: CompiledModule, script: string): vm.SourceTextModule {
    try {
      return new vm.SourceTextModule(compiled.code, {
        identifier: script,
        initializeImportMeta: (meta) => this.#fillMeta(meta, file.path),
        importModuleDynamically: (specifier, _, attributes) => this.#around.import(specifier, file.path, attributes),
      });
    } catch (error) {
      const placed = error instanceof SyntaxError ? syntaxErrorOf(compiled) : null;
      throw placed === null ? error : syntaxErrorAt(file, placed);
    }
  }

  #followImports(unit: Unit, fresh: Unit[]): void {
    if (!(unit.module instanceof vm.SourceTextModule)) return;
    for (const specifier of specifiersOf(unit.module)) {
      try {
        const target = this.#around.resolver.resolve(specifier, unit.file.path, "import");
        unit.imports.set(specifier, target.kind === "local" ? { unit: this.#unitFor(target.path, fresh) } : { target });
      } catch (error) {
        throw importedBy(error, unit, specifier);
      }
    }
  }

  #fillMeta(meta: object, path: string): void {
    const { commonjs, resolve } = this.#around;
    Object.assign(meta, {
      url: urlOf(path),
      filename: path,
      dirname: dirname(path),
      resolve: (specifier: string) => resolve(specifier, path),
    });
    const names = () => ({
      require: commonjs.requireOf(commonjs.moduleAt(path)),
      __filename: path,
      __dirname: dirname(path),
    });
    Object.defineProperty(meta, COMMONJS_NAMES, { get: names });
  }

  async #run(group: Group): Promise<void> {
    group.state = "running";
    const [first] = group.units;
    try {
      if (first?.module instanceof vm.SourceTextModule) {
        await first.module.link((specifier, importer) => this.#linked(specifier, importer));
        group.state = "entered";
        const evaluated = first.module.evaluate();
        group.state = "running";
        await evaluated;
      } else if (first !== undefined) {
        group.state = "entered";
        const { names, get } = this.#exportsOf(first);
        group.state = "running";
        first.module = await this.#around.copies.make(urlOf(first.file.path), names, get);
      }
      group.state = "done";
    } catch (error) {
      group.state = "failed";
      for (const unit of group.units) this.#remove(unit);
      throw error instanceof SyntaxError ? this.#placedLinkError(error, group) : error;
    }
  }

  #linked(specifier: string, importer: vm.Module): vm.Module {
    const imported = this.#unitOf.get(importer)?.imports.get(specifier);
    const module =
      imported === undefined
        ? undefined
        : "unit" in imported
          ? imported.unit.module
          : this.#outside.get(keyOf(imported.target));
    if (module === undefined) throw new Error(`'${specifier}' was not loaded before ${importer.identifier}`);
    return module;
  }

  #exportsOf({ file, compiled }: Unit): { names: string[]; get: (name: string) => unknown } {
    const { commonjs, files } = this.#around;
    const json = file.path.endsWith(".json");
    const value = json ? files.parseJson(file) : commonjs.load(file.path, undefined);
    return exportsOfValue(value, !json && (compiled?.converted ?? true));
  }

  /** `import { a } from "./b"` where there is no `a`: V8 does not say where that stands. */
  #placedLinkError(error: SyntaxError, group: Group): SyntaxError {
    const [, specifier] = /^The requested module '(.*?)'/.exec(error.message) ?? [];
    const [, name] = /export named '(.*)'$/.exec(error.message) ?? [];
    if (specifier === undefined) return error;
    for (const { file, compiled, imports } of group.units) {
      const place = compiled !== null && imports.has(specifier) ? importPlace(compiled, specifier, name) : null;
      if (place === null) continue;
      const hint = /\.[cm]?tsx?$/.test(file.path) ? ": a type is imported with `import type`" : "";
      const message = name === undefined ? error.message : `'${specifier}' has no export named '${name}'${hint}`;
      return syntaxErrorAt(file, { message, ...place });
    }
    return error;
  }

  /** Removes what has changed on disk, with all that depends on it, and what was cut off; tells which files that were. */
  update(): { changed: SourceFile[]; dropped: Set<string> } {
    const { files, commonjs } = this.#around;
    const changed: SourceFile[] = [];
    const dropped = new Set<string>();
    this.#broken = new Map();
    const loaded = new Set([...Array.from(this.#units.values(), ({ file }) => file), ...commonjs.files()]);
    const folders = new Set(Array.from(loaded, ({ path }) => dirname(path)));
    const mayResolveAnew = [...folders].filter((folder) => files.hasOtherEntries(folder)).length > 0;
    for (const file of loaded) {
      const unit = this.#units.get(file.path);
      try {
        const current = files.current(file.path);
        if (current === file) {
          if (unit !== undefined && (this.#isCutOff(unit) || (mayResolveAnew && this.#resolvesAnew(unit))))
            dropped.add(file.path);
          continue;
        }
        if (current !== undefined) {
          if (file.path.endsWith(".json")) files.parseJson(current);
          else files.compile(current);
        }
        changed.push(file);
        dropped.add(file.path);
      } catch (error) {
        // The earlier state stays; who imports the file now is told.
        this.#broken.set(file.path, error as Error);
      }
    }
    if (dropped.size > 0) this.#drop(dropped);
    return { changed, dropped };
  }

  /** It waits for what an interrupt has stopped. */
  #isCutOff({ done, execution }: Unit): boolean {
    return !done && execution.interrupted;
  }

  /** Call after a termination, from the event loop: V8 never settles what was evaluating. */
  reset(): void {
    for (const unit of this.#units.values()) if (unit.group?.state === "entered") this.#remove(unit);
  }

  /** Another file has come that an import without its extension means now. */
  #resolvesAnew({ imports, file }: Unit): boolean {
    for (const [specifier, imported] of imports) {
      if (!("unit" in imported) || imported.unit.file.path.endsWith(specifier.replace(/^[./]+/, "/"))) continue;
      try {
        const target = this.#around.resolver.resolve(specifier, file.path, "import");
        if (target.kind !== "local" || target.path !== imported.unit.file.path) return true;
      } catch {
        return true; // It is gone; importing it anew says so.
      }
    }
    return false;
  }

  #drop(dropped: Set<string>): void {
    const importers = new Map<string, string[]>();
    const note = (from: string, to: string): void => {
      const known = importers.get(to);
      if (known === undefined) importers.set(to, [from]);
      else known.push(from);
    };
    for (const unit of this.#units.values()) for (const { file } of unit.units()) note(unit.file.path, file.path);
    for (const [from, all] of this.#around.commonjs.edges) for (const to of all) note(from, to);
    // A set that grows while it is walked is walked to its end.
    for (const path of dropped) for (const importer of importers.get(path) ?? []) dropped.add(importer);
    for (const path of dropped) {
      const module = this.#units.get(path)?.module;
      if (module !== undefined) this.#around.copies.drop(module);
      this.#units.delete(path);
      this.#around.commonjs.forget(path);
    }
  }

  /** A unit that failed takes those along that wait for it. */
  #remove(unit: Unit): void {
    if (this.#units.get(unit.file.path) === unit) this.#drop(new Set([unit.file.path]));
  }
}

/** What is to be done before and for a unit, in the order in which modules are evaluated (Tarjan's algorithm). */
function order(root: Unit): (Group | Outside)[] {
  const steps: (Group | Outside)[] = [];
  const index = new Map<Unit, number>();
  const low = new Map<Unit, number>();
  const stack: Unit[] = [];
  const visit = (unit: Unit): void => {
    const own = index.size;
    index.set(unit, own);
    low.set(unit, own);
    stack.push(unit);
    for (const imported of unit.imports.values()) {
      if ("target" in imported) steps.push(imported.target);
      else if (!imported.unit.done) {
        const { unit: next } = imported;
        if (!index.has(next)) visit(next);
        if (stack.includes(next)) low.set(unit, Math.min(low.get(unit) ?? 0, low.get(next) ?? 0));
      }
    }
    if (low.get(unit) !== own) return;
    const units = stack.splice(stack.indexOf(unit));
    const group = unit.group ?? new Group(units);
    for (const member of units) member.group = group;
    steps.push(group);
  };
  if (!root.done) visit(root);
  return steps;
}

function specifiersOf(module: vm.SourceTextModule): readonly string[] {
  // The newer name; the older one is deprecated in Node 24.
  const { moduleRequests } = module as { moduleRequests?: readonly { specifier: string }[] };
  return moduleRequests?.map(({ specifier }) => specifier) ?? module.dependencySpecifiers;
}

function keyOf(target: Outside): string {
  return target.kind === "provided" ? `provided:${target.name}` : `${target.request} ${target.from}`;
}

/** A failure to load what a file imports: says where it does. */
function importedBy(error: unknown, { file, compiled }: Unit, specifier: string): unknown {
  const place = compiled === null ? null : importPlace(compiled, specifier);
  if (!(error instanceof Error) || place === null) return error;
  const stack =
    /^ {4}at /m.test(error.stack ?? "") && error instanceof SyntaxError ? error.stack : `Error: ${error.message}`;
  const frame = `    at ${file.label}:${place.line}:${place.column}`;
  const lines = "placed" in error ? error.stack : stack;
  Object.defineProperty(error, "placed", { value: true, configurable: true });
  return Object.defineProperty(error, "stack", { value: `${lines}\n${frame}`, configurable: true, writable: true });
}
