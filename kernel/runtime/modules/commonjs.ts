// `require` as cells and local files have it: Node's modules, cache and tree, with the user's files found and compiled as the rest of the
// loader does it. A file of ES module syntax is compiled to CommonJS, unless it has been imported already: then both have one state.
// Notes who has required what, since Node's `children` name only who came first.

import * as nodeModule from "node:module";
import { dirname } from "node:path";
import { pathToFileURL } from "node:url";
import vm from "node:vm";
import { COMMONJS_PARAMETERS } from "../../cell/local-module.ts";
import { registerScript } from "../sources.ts";
import type { Files, SourceFile } from "./files.ts";
import { type Namespace, type Packages, withPlace } from "./packages.ts";
import { missingFile, type Resolver } from "./resolve.ts";

interface NodeModules {
  new (id: string, parent?: NodeJS.Module): NodeJS.Module;
  _cache: NodeJS.Dict<NodeJS.Module>;
  _extensions: NodeJS.RequireExtensions;
  _nodeModulePaths(folder: string): string[];
}

/** Node's class of modules, with the parts that its types leave out. */
const Modules = nodeModule.Module as unknown as NodeModules;

/** What `require` needs of the rest of the loader. */
export interface Loaded {
  provided(name: string): unknown;
  /** The namespace of an ES module that has been imported. */
  namespaceOf(path: string): Namespace | undefined;
  /** Drops what has changed on disk. */
  update(): void;
  import: ImportFrom;
}

/** What a dynamic `import()` of a file gets. Node takes a namespace for it, too; its types do not say so. */
export type ImportFrom = (specifier: string, from: string, attributes: Attributes) => Promise<vm.Module>;
export type Attributes = Readonly<Record<string, string | undefined>>;

interface Loading {
  file: SourceFile;
  module: NodeJS.Module;
  /** It was compiled from an ES module, so its `default` is what an `import` of the default gets. */
  converted: boolean;
}

export class CommonJs {
  readonly #files: Files;
  readonly #resolver: Resolver;
  readonly #packages: Packages;
  readonly #loaded: Loaded;
  readonly #modules = new Map<string, Loading>();
  /** Who has required what. */
  readonly edges = new Map<string, Set<string>>();
  /** Modules whose code is on the stack. */
  #depth = 0;

  constructor(files: Files, resolver: Resolver, packages: Packages, loaded: Loaded) {
    this.#files = files;
    this.#packages = packages;
    this.#resolver = resolver;
    this.#loaded = loaded;
  }

  get cache(): NodeJS.Dict<NodeJS.Module> {
    return Modules._cache;
  }

  /** The local files that are loaded, each in the state that was. */
  *files(): Generator<SourceFile> {
    for (const [path, { file, module }] of this.#modules) if (Modules._cache[path] === module) yield file;
  }

  isConverted(path: string): boolean {
    return this.#modules.get(path)?.converted === true;
  }

  /** A module that is not loaded from anywhere, to require from: that of the cells, or of an ES module that uses `require`. */
  moduleAt(path: string): NodeJS.Module {
    const module = new Modules(path);
    module.filename = path;
    module.paths = Modules._nodeModulePaths(dirname(path));
    return module;
  }

  requireOf(module: NodeJS.Module): NodeJS.Require {
    const resolve = (id: string, options?: { paths?: string[] | undefined }): string => {
      checkId(id);
      if (options?.paths !== undefined)
        return nodeModule.createRequire(module.filename).resolve(id, { paths: options.paths });
      const target = this.#resolver.resolve(id, module.filename, "require");
      if (target.kind === "local") return target.path;
      if (target.kind === "provided") return target.name;
      return nodeModule.createRequire(target.from).resolve(target.request);
    };
    const paths = (id: string): string[] | null => nodeModule.createRequire(module.filename).resolve.paths(id);
    return Object.assign((id: string): unknown => this.#require(id, module), {
      resolve: Object.assign(resolve, { paths }),
      cache: Modules._cache,
      extensions: Modules._extensions,
      main: process.mainModule,
    });
  }

  #require(id: string, parent: NodeJS.Module): unknown {
    checkId(id);
    // Only what the user's code asks for while it runs; a module that is loading belongs to the state of those that load it.
    if (this.#depth === 0) this.#loaded.update();
    const target = this.#resolver.resolve(id, parent.filename, "require");
    if (target.kind === "provided") return this.#loaded.provided(target.name);
    if (target.kind === "local") return this.load(target.path, parent);
    const { path, from, request } = target;
    if (path !== undefined) this.#packages.redirectAdjoint(path);
    try {
      const exports: unknown =
        from === parent.filename ? parent.require(request) : nodeModule.createRequire(from)(request);
      if (path !== undefined) this.#packages.noteLoaded(path);
      return exports;
    } catch (error) {
      throw withPlace(error, request);
    }
  }

  /** The exports of a local file. */
  load(path: string, parent: NodeJS.Module | undefined): unknown {
    if (parent !== undefined) this.#noteEdge(parent.filename, path);
    const cached = Modules._cache[path];
    if (cached !== undefined) {
      if (parent !== undefined && !parent.children.includes(cached)) parent.children.push(cached);
      return cached.exports;
    }
    const file = this.#files.current(path);
    if (file === undefined) throw missingFile(this.#files.labelOf(path));
    const namespace = this.#loaded.namespaceOf(path);
    if (namespace !== undefined) return asExports(namespace);
    const module = new Modules(path, parent);
    module.filename = path;
    module.paths = Modules._nodeModulePaths(dirname(path));
    const loading = { file, module, converted: false };
    this.#modules.set(path, loading);
    this.edges.delete(path);
    Modules._cache[path] = module;
    this.#depth++;
    try {
      if (path.endsWith(".json")) module.exports = this.#files.parseJson(file);
      else this.#run(loading);
      module.loaded = true;
    } finally {
      this.#depth--;
      if (!module.loaded) this.forget(path);
    }
    return module.exports;
  }

  #run(loading: Loading): void {
    const { file, module } = loading;
    const compiled = this.#files.compile(file, "commonjs");
    loading.converted = compiled.converted;
    const script = this.#ran.has(file.path) ? `${file.path}?version=${file.version}` : file.path;
    this.#ran.add(file.path);
    registerScript(script, file, compiled.positions);
    const body = vm.compileFunction(compiled.code, COMMONJS_PARAMETERS, {
      filename: script,
      importModuleDynamically: (specifier, _, attributes) => this.#loaded.import(specifier, file.path, attributes),
    });
    const require = this.requireOf(module);
    Reflect.apply(body, module.exports, [module.exports, require, module, file.path, dirname(file.path)]);
  }

  readonly #ran = new Set<string>();

  /** After a termination: the code that would have counted down is gone. */
  reset(): void {
    this.#depth = 0;
    for (const [path, module] of Object.entries(Modules._cache)) {
      if (module !== undefined && !module.loaded) this.forget(path);
    }
  }

  forget(path: string): void {
    const module = Modules._cache[path];
    Reflect.deleteProperty(Modules._cache, path);
    this.#modules.delete(path);
    this.edges.delete(path);
    if (module === undefined) return;
    for (const other of Object.values(Modules._cache)) {
      const at = other?.children.indexOf(module) ?? -1;
      if (at >= 0) other?.children.splice(at, 1);
    }
  }

  #noteEdge(from: string, to: string): void {
    const edges = this.edges.get(from) ?? new Set();
    this.edges.set(from, edges.add(to));
  }
}

function checkId(id: unknown): asserts id is string {
  if (typeof id !== "string" || id === "") {
    throw new TypeError(`require: the module's name must be a non-empty string, not ${id === "" ? "''" : typeof id}`);
  }
}

/** The namespace of an ES module as compiled CommonJS expects it. */
function asExports(namespace: Namespace): object {
  const exports = Object.defineProperty({}, "__esModule", { value: true });
  for (const name of Object.keys(namespace)) {
    Object.defineProperty(exports, name, { get: () => namespace[name], enumerable: true });
  }
  return exports;
}

/** `import.meta.url` of a file. */
export function urlOf(path: string): string {
  return pathToFileURL(path).href;
}
