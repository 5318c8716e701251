// What an import or `require` means, seen from a cell or a local file: a file of the user's, found as TypeScript users write it; a module
// that the kernel provides; or something for Node's own loader, which gets all packages. Node is asked about a package only where a
// folder of its name exists: it remembers what it did not find, and a package may be installed any time.

import { realpathSync, statSync } from "node:fs";
import { createRequire, isBuiltin } from "node:module";
import { basename, dirname, extname, isAbsolute, join, resolve, sep } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { FolderPaths } from "../../tsconfig-paths.ts";
import type { Files } from "./files.ts";
import { ADJOINT, kernelManifest, manifestAt, withExports } from "./manifest.ts";

export type Target =
  | { kind: "local"; path: string }
  | { kind: "provided"; name: string }
  /** `request` for Node's loader, as if it stood in the file `from`; `path`, if it is a file. */
  | { kind: "node"; request: string; from: string; path?: string | undefined };

export type How = "import" | "require";

/** Node's `import.meta.resolve` with the importing URL as its second argument. */
export type NodeResolve = (specifier: string, parent: string) => string;

const TYPESCRIPT_FIRST = [".ts", ".tsx", ".mts", ".cts", ".js", ".jsx", ".mjs", ".cjs", ".json", ".d.ts"];
const JAVASCRIPT_FIRST = [".js", ".jsx", ".mjs", ".cjs", ".json", ".ts", ".tsx", ".mts", ".cts", ".d.ts"];
/** What a compiled file was called before. */
const COMPILED_FROM: Record<string, string[]> = {
  ".js": [".ts", ".tsx", ".jsx"],
  ".jsx": [".tsx"],
  ".mjs": [".mts"],
  ".cjs": [".cts"],
};
const TYPESCRIPT = /\.[cm]?tsx?$/;
const SCRIPT = /^\.(?:[cm]?[jt]sx?|json)$/;
/** Those that only Node can load. */
const BINARY = /\.(?:node|wasm)$/;

export class Resolver {
  readonly #folder: string;
  readonly #files: Files;
  readonly #paths: FolderPaths;
  readonly #provides: (name: string) => boolean;
  /** Set before anything is imported; see packages.ts. */
  nodeResolve: NodeResolve | undefined;

  constructor(folder: string, files: Files, provides: (name: string) => boolean) {
    this.#folder = folder;
    this.#files = files;
    this.#paths = new FolderPaths(folder);
    this.#provides = provides;
  }

  /** Throws with code ERR_MODULE_NOT_FOUND, or what Node says about a package that has no such export. */
  resolve(specifier: string, from: string, how: How): Target {
    if (this.#provides(specifier)) return { kind: "provided", name: specifier };
    if (isBuiltin(specifier)) return { kind: "node", request: specifier, from };
    if (isPath(specifier)) {
      const path = this.#file(specifier, from);
      if (path === undefined) throw missingFile(specifier, dirname(from) === this.#folder ? this.#folder : from);
      return this.#targetOf(path, from, how);
    }
    const own = this.#mapped(specifier, from);
    if (own !== undefined) return this.#targetOf(own, from, how);
    const scheme = /^([a-z][a-z+.-]+):/i.exec(specifier)?.[1];
    if (scheme === "jsr") throw notFound(`cannot import '${specifier}': packages come from npm here`);
    if (scheme === "npm") {
      const name = packageName(specifier.slice(scheme.length + 1).replace(/(?<=.)@[^/]*/, ""));
      throw notFound(`cannot import '${specifier}': write '${name}', and install it with %npm install ${name}`);
    }
    if (scheme !== undefined) return { kind: "node", request: specifier, from };
    const base = specifier.startsWith("#") ? from : this.#base(packageName(specifier), from, how);
    if (base === undefined) throw missingPackage(packageName(specifier), this.#folder);
    // A package that is linked here, or `#name` of the package.json, may mean TypeScript sources; those Node does not load.
    const found = this.#found(specifier, base, how);
    if (found !== undefined && TYPESCRIPT.test(found) && !isForNode(found)) return { kind: "local", path: found };
    const request = how === "import" && found !== undefined ? pathToFileURL(found).href : specifier;
    return { kind: "node", request, from: base, path: found };
  }

  /** The file behind a name of a package; `undefined` where Node is to say what is wrong. */
  #found(specifier: string, base: string, how: How): string | undefined {
    try {
      if (how === "require") return createRequire(base).resolve(specifier);
      const url = this.nodeResolve?.(specifier, pathToFileURL(base).href);
      return url?.startsWith("file:") ? fileURLToPath(url) : undefined;
    } catch (error) {
      throw withExports(error);
    }
  }

  /** What the `paths` of the notebook's tsconfig.json make of it, for the user's files; a package is left alone by what is not there. */
  #mapped(specifier: string, from: string): string | undefined {
    if (packageName(specifier) === ADJOINT || isForNode(from)) return undefined;
    for (const candidate of this.#paths.candidates(specifier)) {
      const path = this.#file(candidate, from);
      if (path !== undefined) return path;
    }
    return undefined;
  }

  #targetOf(path: string, from: string, how: How): Target {
    const extension = extname(path);
    if (
      how === "import" &&
      extension !== "" &&
      !SCRIPT.test(extension) &&
      !BINARY.test(extension) &&
      !isForNode(path)
    ) {
      const text = `cannot import '${basename(path)}': ${extension} is no script and no JSON; readFileSync of node:fs reads it`;
      throw Object.assign(new TypeError(text), { code: "ERR_UNKNOWN_FILE_EXTENSION" });
    }
    if (!isForNode(path) && !BINARY.test(path)) return { kind: "local", path };
    return { kind: "node", request: how === "import" ? pathToFileURL(path).href : path, from, path };
  }

  #file(specifier: string, from: string): string | undefined {
    const plain = specifier.startsWith("file:") ? fileURLToPath(specifier) : specifier.replace(/[?#].*$/, "");
    const scripts = /\.[cm]?jsx?$/.test(from) ? JAVASCRIPT_FIRST : TYPESCRIPT_FIRST;
    for (const text of new Set([specifier, plain, decoded(plain)])) {
      const path = resolve(dirname(from), text);
      const found =
        this.#exact(path, /[/\\]$|(?:^|[/\\])\.\.?$/.test(text) ? [] : scripts) ?? this.#index(path, scripts);
      if (found !== undefined) return this.#files.isVirtual(found) ? found : realpathSync.native(found);
    }
    return undefined;
  }

  #exact(path: string, extensions: readonly string[]): string | undefined {
    if (this.#files.exists(path)) return path;
    const extension = extname(path);
    const stem = path.slice(0, path.length - extension.length);
    const sources = extensions.length === 0 ? [] : (COMPILED_FROM[extension] ?? []).map((source) => stem + source);
    return [...sources, ...extensions.map((added) => path + added)].find((candidate) => this.#files.exists(candidate));
  }

  /** Of a folder: what its package.json names, or its index. */
  #index(folder: string, extensions: readonly string[]): string | undefined {
    if (!isFolder(folder)) return undefined;
    const main = manifestAt(folder)?.["main"];
    const named = typeof main === "string" ? this.#exact(join(folder, main), extensions) : undefined;
    return (
      named ?? extensions.map((extension) => join(folder, `index${extension}`)).find((path) => this.#files.exists(path))
    );
  }

  /** A file from which Node finds the package: beside the importing file or above it, else with the kernel. */
  #base(name: string, from: string, how: How): string | undefined {
    if (name === ADJOINT) return kernelManifest();
    const own = scopeOf(dirname(from));
    if (own !== undefined && manifestAt(own)?.["name"] === name) return from;
    return (
      folderWith(name, dirname(from)) ?? this.#global(name, from, how) ?? folderWith(name, dirname(kernelManifest()))
    );
  }

  /** NODE_PATH, of which only `require` knows. */
  #global(name: string, from: string, how: How): string | undefined {
    const paths = how === "require" ? (createRequire(from).resolve.paths(name) ?? []) : [];
    return paths.some((path) => basename(path) !== "node_modules" && isFolder(join(path, name))) ? from : undefined;
  }
}

/** A file beside the folder `node_modules` that holds the package, in a folder or one above it. */
function folderWith(name: string, folder: string): string | undefined {
  for (let at = folder; ; at = dirname(at)) {
    if (basename(at) !== "node_modules" && isFolder(join(at, "node_modules", name))) return join(at, "package.json");
    if (dirname(at) === at) return undefined;
  }
}

/** The folder of the package.json that counts for a folder. */
function scopeOf(folder: string): string | undefined {
  for (let at = folder; ; at = dirname(at)) {
    if (manifestAt(at) !== undefined) return at;
    if (dirname(at) === at || basename(at) === "node_modules") return undefined;
  }
}

function isFolder(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
  } catch {
    return false; // A file stands on the way.
  }
}

export function isPath(specifier: string): boolean {
  return /^\.{1,2}(?:[/\\]|$)/.test(specifier) || isAbsolute(specifier) || specifier.startsWith("file:");
}

/** `@scope/name` of `@scope/name/part`. */
export function packageName(specifier: string): string {
  const [first = "", second] = specifier.split("/");
  return first.startsWith("@") && second !== undefined ? `${first}/${second}` : first;
}

/** Packages, and the compiled kernel and library themselves. */
function isForNode(path: string): boolean {
  return path.includes(`${sep}node_modules${sep}`) || path.startsWith(join(dirname(kernelManifest()), "dist") + sep);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // A `%` that is part of the name.
  }
}

function notFound(message: string): Error {
  // Not shown below the stack: the message says it.
  return Object.defineProperty(new Error(message), "code", { value: "ERR_MODULE_NOT_FOUND", configurable: true });
}

export function missingFile(path: string, from?: string): Error {
  return notFound(
    `cannot find module '${path}': there is no such file${from === undefined ? "" : `, seen from ${from}`}`,
  );
}

export function missingPackage(name: string, folder: string): Error {
  return notFound(`cannot find package '${name}': %npm install ${name} installs it in ${folder}`);
}
