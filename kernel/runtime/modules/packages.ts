// Node's own loader, for packages and everything else that is not the user's: asked on behalf of a file, so that it resolves as that file
// would. Adds what Node leaves out of its errors, remembers which packages were loaded, and sees to it that a package that imports
// `adjoint` gets the kernel's copy too.

import { readFileSync } from "node:fs";
import * as nodeModule from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import vm from "node:vm";
import { syntaxErrorIn } from "../../cell/local-module.ts";
import { type Execution, currentExecution } from "../execution.ts";
import { nativeTimers } from "../timers.ts";
import { syntaxErrorAt } from "../sources.ts";
import { forgetUnfinished } from "./load-cache.ts";
import { ADJOINT, kernelManifest, manifestAt } from "./manifest.ts";
import { type NodeResolve, packageName } from "./resolve.ts";

export type Namespace = Record<string, unknown>;
type Load = (specifier: string, options?: ImportCallOptions) => Promise<Namespace>;

/** Node 22.15 and later can redirect imports in the thread itself. */
const { registerHooks } = nodeModule as unknown as {
  registerHooks?: (hooks: {
    resolve(
      specifier: string,
      context: { parentURL?: string | undefined },
      next: (specifier: string, context: { parentURL?: string | undefined }) => unknown,
    ): unknown;
  }) => void;
};

/** How many files or packages a search in packages looks at before it gives up. */
const SEARCH_LIMIT = 500;

/** How long a module that an interrupt may have cut off is given to load after all. */
const CUT_OFF_MILLISECONDS = 2000;

export class Packages {
  readonly #loads = new Map<string, Load>();
  /** Folders of packages that were loaded -> the version that was. */
  readonly #loaded = new Map<string, unknown>();
  /** What is being imported, and for whom. */
  readonly #pending = new Map<string, Set<Execution>>();
  readonly #checked = new Set<string>();
  #redirected = false;

  /** Node's `import.meta.resolve`, which only a module of Node's own loader has. */
  async resolver(): Promise<NodeResolve> {
    const source = "data:text/javascript,export default import.meta.resolve";
    const { default: resolve } = await this.#loadFor(kernelManifest())(source);
    return resolve as NodeResolve;
  }

  /** The namespace of a module that is not the user's. */
  async import(request: string, from: string, options?: ImportCallOptions): Promise<Namespace> {
    this.redirectAdjoint(request);
    const json = options === undefined && /^file:.*\.json$/i.test(request);
    const cutOff = [...(this.#pending.get(request) ?? [])].some((execution) => execution.interrupted);
    const loading = this.#loadFor(from)(request, json ? { with: { type: "json" } } : options);
    const forget = this.#notePending(request, loading);
    try {
      const namespace = await (cutOff ? Promise.race([loading, giveUp(request)]) : loading);
      this.noteLoaded(request);
      return namespace;
    } catch (error) {
      throw withPlace(error, request);
    } finally {
      if (!cutOff) forget();
    }
  }

  /** Call after an interrupt: what it has cut off is loaded anew. */
  reset(): void {
    const executions = [...this.#pending.values()].flatMap((waiting) => [...waiting]);
    if (!executions.some(({ interrupted }) => interrupted)) return;
    for (const url of forgetUnfinished()) this.#pending.delete(url);
  }

  /** Folders of packages that were loaded and have another version now: only a new runtime loads that. */
  changed(): { name: string; loaded: string; installed: string }[] {
    return [...this.#loaded].flatMap(([folder, version]) => {
      const { name, version: installed } = manifestAt(folder) ?? {};
      if (installed === undefined || installed === version) return [];
      return [{ name: String(name), loaded: String(version), installed: String(installed) }];
    });
  }

  /** Notes the package that a required file or imported URL belongs to. */
  noteLoaded(request: string): void {
    const folder = packageFolder(request);
    if (folder !== undefined && !this.#loaded.has(folder)) this.#loaded.set(folder, manifestAt(folder)?.["version"]);
  }

  #notePending(request: string, loading: Promise<unknown>): () => void {
    const executions = this.#pending.get(request) ?? new Set();
    const execution = currentExecution();
    this.#pending.set(request, executions.add(execution));
    const forget = (): void => {
      executions.delete(execution);
      if (executions.size === 0) this.#pending.delete(request);
    };
    loading.then(
      () => forget(),
      () => forget(),
    );
    return forget;
  }

  #loadFor(from: string): Load {
    let load = this.#loads.get(from);
    if (load === undefined) {
      load = new vm.Script("(specifier, options) => import(specifier, options)", {
        filename: from,
        importModuleDynamically: vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
      }).runInThisContext() as Load;
      this.#loads.set(from, load);
    }
    return load;
  }

  /** Call with the URL or path of a package's file before it is loaded. */
  redirectAdjoint(request: string): void {
    if (this.#redirected || request.startsWith("node:")) return;
    const kernel = pathToFileURL(kernelManifest()).href;
    if (registerHooks !== undefined) {
      this.#redirected = true;
      redirectRequire();
      registerHooks({
        resolve: (specifier, context, next) =>
          next(specifier, packageName(specifier) === ADJOINT ? { ...context, parentURL: kernel } : context),
      });
      return;
    }
    // On Node 20 these hooks cost a thread: only for a package that has `adjoint` among its dependencies.
    const folder = packageFolder(request);
    if (folder === undefined || !this.#dependsOnAdjoint(folder)) return;
    this.#redirected = true;
    redirectRequire();
    const hook = `export async function resolve(specifier, context, next) {
      const ours = specifier === ${JSON.stringify(ADJOINT)} || specifier.startsWith(${JSON.stringify(`${ADJOINT}/`)});
      return next(specifier, ours ? { ...context, parentURL: ${JSON.stringify(kernel)} } : context);
    }`;
    nodeModule.register(`data:text/javascript,${encodeURIComponent(hook)}`);
  }

  #dependsOnAdjoint(folder: string): boolean {
    if (this.#checked.has(folder) || this.#checked.size > SEARCH_LIMIT) return false;
    this.#checked.add(folder);
    const manifest = manifestAt(folder) ?? {};
    const names = ["dependencies", "peerDependencies", "optionalDependencies"].flatMap((field) =>
      Object.keys(Object(manifest[field]) as object),
    );
    if (names.includes(ADJOINT)) return true;
    return names.some((name) => {
      for (let at = folder; dirname(at) !== at; at = dirname(at)) {
        const dependency = join(at, "node_modules", name);
        if (manifestAt(dependency) !== undefined) return this.#dependsOnAdjoint(dependency);
      }
      return false;
    });
  }
}

/** `require("adjoint")` in packages: hooks cannot give it another importer. */
function redirectRequire(): void {
  interface Resolving {
    _resolveFilename(request: string, parent: unknown, ...rest: unknown[]): string;
  }
  const resolving = nodeModule.Module as unknown as Resolving;
  const original = resolving._resolveFilename;
  const kernel = Object.assign(new nodeModule.Module(kernelManifest()), { filename: kernelManifest() });
  resolving._resolveFilename = (request, parent, ...rest) =>
    Reflect.apply(original, nodeModule.Module, [request, packageName(request) === ADJOINT ? kernel : parent, ...rest]);
}

/** The folder of the package that a URL or path points into. */
function packageFolder(request: string): string | undefined {
  const path = request.startsWith("file:") ? fileURLToPath(request) : request;
  return /^.*[/\\]node_modules[/\\](?:@[^/\\]+[/\\])?[^/\\]+/.exec(path)?.[0];
}

function giveUp(request: string): Promise<never> {
  const name = packageFolder(request)?.replace(/^.*node_modules[/\\]/, "") ?? request;
  return new Promise((_, reject) => {
    const message = `'${name}' was interrupted while it loaded, and Node does not load it again: restart the kernel`;
    nativeTimers.setTimeout(() => reject(new Error(message)), CUT_OFF_MILLISECONDS);
  });
}

/** Says what Node does not: where a syntax error is. */
export function withPlace(error: unknown, request: string): unknown {
  if (error instanceof SyntaxError) {
    // Of CommonJS Node tells file and line above the message.
    const [, path, line] = /^((?:file:)?\/?[^\n]+):(\d+)\n[^]*\n\S*SyntaxError: /.exec(error.stack ?? "") ?? [];
    if (path !== undefined) {
      const column = caretColumn(error.stack ?? "");
      return syntaxErrorAt(sourceOf(path), { message: error.message, line: Number(line), column });
    }
    if (/compileSourceTextModule/.test(error.stack ?? "")) return brokenModule(request) ?? error;
  }
  return error;
}

function sourceOf(path: string): { path: string; label: string; text: string } {
  let text = "";
  try {
    text = readFileSync(path, "utf8");
  } catch {
    // Gone since; then there is a place without its line.
  }
  return { path, label: path, text };
}

function caretColumn(stack: string): number {
  const caret = /^( *)\^/m.exec(stack);
  return (caret?.[1]?.length ?? 0) + 1;
}

/** The first file of a package's module graph that does not parse: only looked for after Node has failed on it. */
function brokenModule(request: string): SyntaxError | undefined {
  if (!request.startsWith("file:")) return undefined;
  const paths = new Set([fileURLToPath(request)]);
  for (const path of paths) {
    if (paths.size > SEARCH_LIMIT) return undefined;
    const source = sourceOf(path);
    const error = syntaxErrorIn(source.text);
    if (error !== null) return syntaxErrorAt(source, error);
    for (const [, specifier] of source.text.matchAll(/(?:from|import)\s*["'](\.{1,2}\/[^"']+)["']/g)) {
      if (specifier !== undefined) paths.add(join(dirname(path), specifier));
    }
  }
  return undefined;
}
