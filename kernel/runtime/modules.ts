// What cells and local files import and require. The user's own files go to a loader of the kernel's (modules/graph.ts, modules/commonjs.ts),
// which can load them again when they have changed; packages go to Node's (modules/packages.ts). Before each cell, changed files that
// cells have imported are loaded again with all that depends on them, and the names that were imported from them mean the new state.

import { realpathSync } from "node:fs";
import { isBuiltin } from "node:module";
import { dirname, join, resolve as resolvePath } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type vm from "node:vm";
import { CommonJs, type ImportFrom, urlOf } from "./modules/commonjs.ts";
import { Files } from "./modules/files.ts";
import { Graph } from "./modules/graph.ts";
import { exportsOfPackage, hasLazyParts, lazyNamespace } from "./modules/interop.ts";
import { ADJOINT, kernelManifest } from "./modules/manifest.ts";
import { type Namespace, Packages } from "./modules/packages.ts";
import { isPath, packageName, Resolver, type Target } from "./modules/resolve.ts";
import { Copies, exportsOfValue } from "./modules/synthetic.ts";
import { typesOnly } from "./modules/types-only.ts";

export type { Namespace } from "./modules/packages.ts";

/** What names of cells are bound to: the newest state of a file's namespace, or what was imported once and for all. */
export interface Imported {
  namespace: Namespace;
}

/** A file whose exports cells have bound. */
interface Binding extends Imported {
  path: string;
  /** The files' generation at which it could not be loaded again. */
  failedAt: number;
  /** For want of a file. */
  missing: boolean;
}

/** What became of changed files that cells use. */
export interface Reloads {
  changed: string[];
  reloaded: string[];
  failed: { label: string; error: unknown }[];
}

export class Modules {
  /** The file that cells are, as far as imports go. */
  readonly filename: string;
  /** The cells' `module`: what they require are its children. */
  readonly main: NodeJS.Module;
  readonly require: NodeJS.Require;
  readonly meta: object;
  readonly #files: Files;
  readonly #resolver: Resolver;
  readonly #packages = new Packages();
  readonly #commonjs: CommonJs;
  readonly #graph: Graph;
  readonly #provided = new Map<string, () => unknown>();
  readonly #bindings = new Map<string, Binding>();
  readonly #copies = new Copies();
  /** The modules for what is not a file of the user's. */
  readonly #others = new Map<string, vm.Module>();
  #ready: Promise<void> | undefined;

  constructor(folder: string) {
    this.filename = join(folder, "cell.ts");
    this.#files = new Files(folder);
    this.#resolver = new Resolver(folder, this.#files, (name) => this.#provided.has(name));
    const importFrom: ImportFrom = (specifier, from, attributes) =>
      this.import(specifier, { with: attributes as ImportAttributes }, from) as Promise<unknown> as Promise<vm.Module>;
    this.#commonjs = new CommonJs(this.#files, this.#resolver, this.#packages, {
      provided: (name) => this.#provided.get(name)?.(),
      namespaceOf: (path) => this.#graph.namespaceOf(path, true),
      update: () => void this.#graph.update(),
      import: importFrom,
    });
    this.#graph = new Graph({
      files: this.#files,
      resolver: this.#resolver,
      commonjs: this.#commonjs,
      copies: this.#copies,
      outside: (target) => this.#outside(target),
      import: importFrom,
      resolve: (specifier, from) => this.#resolve(specifier, from),
    });
    this.main = this.#commonjs.moduleAt(this.filename);
    process.mainModule = this.main;
    process.argv.splice(1, process.argv.length, this.filename);
    this.require = this.#commonjs.requireOf(this.main);
    this.meta = {
      url: urlOf(this.filename),
      filename: this.filename,
      dirname: folder,
      resolve: (specifier: string) => this.#resolve(specifier, this.filename),
    };
  }

  /** Call before `import.meta.resolve` may be called. */
  ready(): Promise<void> {
    return (this.#ready ??= this.#packages.resolver().then((resolve) => {
      this.#resolver.nodeResolve = resolve;
    }));
  }

  /** Imports as the file `from` would, a cell when absent. */
  async import(specifier: string, options?: ImportCallOptions, from = this.filename): Promise<Namespace> {
    await this.ready();
    let target: Target;
    try {
      target = this.#resolver.resolve(String(specifier), from, "import");
    } catch (error) {
      const types = from === this.filename ? typesOnly(String(specifier), from) : undefined;
      if (types === undefined) throw error;
      return types;
    }
    if (target.kind === "local") {
      checkAttributes(specifier, target.path, options);
      return await this.#graph.load(target.path);
    }
    if (target.kind === "provided") return (await this.#outside(target)).namespace as Namespace;
    const attributes = hasAttributes(options) ? options : undefined;
    const namespace = await this.#packages.import(target.request, target.from, attributes);
    const exports = this.#commonJsExports(namespace, target.request);
    if (exports === undefined) return namespace;
    if (hasLazyParts(namespace, exports)) return lazyNamespace(namespace, exports);
    return (await this.#outside(target)).namespace as Namespace;
  }

  /** A module of Node's own loader, without the rules for the user's files; TypeScript, which that does not load, by those. */
  importForKernel(specifier: string): Promise<Namespace> {
    if (isPath(specifier) && /\.[cm]?tsx?$/.test(specifier)) return this.import(specifier);
    const path =
      isPath(specifier) && !specifier.startsWith("file:") ? resolvePath(dirname(this.filename), specifier) : null;
    const from = packageName(specifier) === ADJOINT ? kernelManifest() : this.filename;
    return this.#packages.import(path === null ? specifier : pathToFileURL(path).href, from);
  }

  /** What names of a cell that stand for exports of the namespace are to read. */
  bind(namespace: Namespace): Imported {
    const path = this.#graph.pathOf(namespace);
    if (path === undefined) return { namespace };
    const known = this.#bindings.get(path);
    const binding = known ?? { namespace, path, failedAt: -1, missing: false };
    Object.assign(binding, { namespace, failedAt: -1, missing: false });
    this.#bindings.set(path, binding);
    return binding;
  }

  /** Whether something is there that `refresh` could find changed. */
  get mayChange(): boolean {
    return this.#bindings.size > 0 || !this.#copies.isEmpty;
  }

  /**
   * Loads changed files that cells have imported again, with all that depends on them. What fails stays as it was, and is told once;
   * `importing` are the specifiers of the coming cell, whose imports will fail by themselves.
   */
  async refresh(importing: readonly string[]): Promise<Reloads> {
    const reloads: Reloads = { changed: [], reloaded: [], failed: [] };
    this.#copies.refresh();
    if (this.#bindings.size === 0) return reloads;
    const { changed } = this.#graph.update();
    if ([...this.#bindings.values()].some(({ failedAt }) => failedAt >= 0)) this.#files.look();
    const { generation } = this.#files;
    for (const binding of this.#bindings.values()) {
      const { path, namespace, failedAt } = binding;
      // A file that was missing may have come unseen; to look for it again does no harm.
      if (failedAt === generation && !binding.missing) continue;
      const broken = this.#graph.brokenBelow(path);
      if (broken === undefined && this.#graph.isCurrent(path, namespace)) continue;
      // Also when an interrupt ends this: else the next cell would hang on it again.
      binding.failedAt = generation;
      try {
        if (broken !== undefined) throw broken;
        binding.namespace = await this.#graph.load(path);
        Object.assign(binding, { failedAt: -1, missing: false });
        reloads.reloaded.push(this.#files.labelOf(path));
      } catch (error) {
        binding.missing = error instanceof Error && "code" in error && error.code === "ERR_MODULE_NOT_FOUND";
        if (failedAt === generation) continue;
        if (importing.some((specifier) => this.#means(specifier, path))) continue;
        reloads.failed.push({ label: this.#files.labelOf(path), error });
      }
    }
    reloads.changed.push(...changed.map(({ label }) => label));
    return reloads;
  }

  /** Modules whose loading was cut off by a termination are not loaded. Call from the event loop. */
  reset(): void {
    this.#commonjs.reset();
    this.#graph.reset();
    this.#packages.reset();
  }

  /**
   * Puts a module where a file could be: `path` with its extension, from the notebook's folder. Defined again with another text, it counts
   * as changed. Stacks and errors call it `label`. Throws when a real file is there.
   */
  defineModule(path: string, source: string, label?: string): void {
    this.#files.define(resolvePath(dirname(this.filename), path), source, label);
  }

  /** Makes `name` importable everywhere in cells and local files, before any package of that name. */
  provideModule(name: string, exports: object | (() => object)): void {
    let made: object | undefined;
    const make = typeof exports === "function" ? (exports as () => object) : () => exports;
    this.#provided.set(name, () => (made ??= make()));
  }

  /** Packages that are loaded and have been replaced by another version on disk: to use that, the kernel must be restarted. */
  replacedPackages(): { name: string; loaded: string; installed: string }[] {
    return this.#packages.changed();
  }

  #means(specifier: string, path: string): boolean {
    try {
      const target = this.#resolver.resolve(specifier, this.filename, "import");
      return target.kind === "local" && target.path === path;
    } catch {
      return false; // The import itself will say so.
    }
  }

  async #outside(target: Exclude<Target, { kind: "local" }>): Promise<vm.Module> {
    const key = target.kind === "provided" ? `provided:${target.name}` : `${target.request} ${target.from}`;
    const known = this.#others.get(key);
    if (known !== undefined) return known;
    const { names, get } = target.kind === "provided" ? this.#exportsOf(target.name) : await this.#exportsAt(target);
    const module = await this.#copies.make(key, names, get);
    this.#others.set(key, module);
    return module;
  }

  #exportsOf(provided: string): ReturnType<typeof exportsOfValue> {
    return exportsOfValue(this.#provided.get(provided)?.(), false);
  }

  async #exportsAt({ request, from }: Extract<Target, { kind: "node" }>): Promise<ReturnType<typeof exportsOfValue>> {
    const namespace = await this.#packages.import(request, from);
    const exports = this.#commonJsExports(namespace, request);
    if (exports !== undefined) return exportsOfPackage(namespace, exports);
    return { names: Object.keys(namespace), get: (name) => namespace[name] };
  }

  /** What a CommonJS package exports, if the namespace is of one and it has properties. */
  #commonJsExports(namespace: Namespace, request: string): Namespace | undefined {
    const exports = namespace["default"];
    if (exports === null || !["object", "function"].includes(typeof exports)) return undefined;
    if (!request.startsWith("file:") || !URL.canParse(request)) return undefined;
    const { cache } = this.#commonjs;
    const path = fileURLToPath(request);
    // Node keeps a module under its own path, whatever links lead there.
    const module = cache[path] ?? cache[realPath(path)];
    return module?.exports === exports ? (exports as Namespace) : undefined;
  }

  #resolve(specifier: string, from: string): string {
    if (isPath(specifier)) {
      try {
        const target = this.#resolver.resolve(specifier, from, "import");
        if (target.kind === "local") return urlOf(target.path);
      } catch {
        // Node's `import.meta.resolve` does not look whether there is such a file.
      }
      return new URL(specifier, urlOf(from)).href;
    }
    if (isBuiltin(specifier)) return specifier.startsWith("node:") ? specifier : `node:${specifier}`;
    const target = this.#resolver.resolve(specifier, from, "import");
    if (target.kind === "local") return urlOf(target.path);
    return target.kind === "provided" ? target.name : target.request;
  }
}

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path; // Gone since it was loaded.
  }
}

function hasAttributes(options: ImportCallOptions | undefined): boolean {
  return Object.keys(options?.with ?? {}).length > 0;
}

function checkAttributes(specifier: string, path: string, options: ImportCallOptions | undefined): void {
  for (const [key, value] of Object.entries(options?.with ?? {})) {
    if (key === "type" && value === "json" && path.endsWith(".json")) continue;
    throw new TypeError(
      `cannot import '${specifier}' with { ${key}: ${JSON.stringify(value)} }: only JSON files, with { type: "json" }`,
    );
  }
}
