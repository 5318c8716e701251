// Packages that hold types and no code: `import { Root } from "hast"`, where only @types/hast is installed. In a file the compiler drops
// such an import; a cell keeps its imports, since a later one may use what is imported. So it gets a module whose every export is
// an error once it is used as a value.

import { statSync } from "node:fs";
import { dirname, join } from "node:path";
import { manifestAt } from "./manifest.ts";
import type { Namespace } from "./packages.ts";
import { isPath, packageName } from "./resolve.ts";

/** The stand-in for what cannot be resolved from the file `from`; `undefined` where nothing has types either. */
export function typesOnly(specifier: string, from: string): Namespace | undefined {
  if (isPath(specifier) || /^[a-z][a-z+.-]*:|^#/i.test(specifier)) return undefined;
  const name = packageName(specifier);
  const declared = `@types/${name.replace(/^@([^/]+)\//, "$1__")}`;
  if (inModules(name, from, (folder) => hasTypes(folder))) return standIn(`the package '${name}' holds types only`);
  if (!inModules(name, from, isFolder) && inModules(declared, from, isFolder))
    return standIn(`of '${name}' only the types are there, in ${declared}: %npm install ${name} installs its code`);
  return undefined;
}

function standIn(message: string): Namespace {
  return new Proxy<Namespace>(Object.create(null) as Namespace, {
    has: () => true,
    get: (_, key) => {
      // Asked of whatever is awaited, or shown.
      if (typeof key === "symbol" || key === "then") return undefined;
      throw new TypeError(`'${key}' has no value: ${message}`);
    },
  });
}

/** Is there a folder of this name, that satisfies, where packages are looked for? */
function inModules(name: string, from: string, satisfies: (folder: string) => boolean): boolean {
  for (let at = dirname(from); ; at = dirname(at)) {
    if (satisfies(join(at, "node_modules", name))) return true;
    if (dirname(at) === at) return false;
  }
}

/** Whoever asks has not been able to resolve it to code. */
function hasTypes(folder: string): boolean {
  const manifest = manifestAt(folder);
  if (manifest === undefined) return false;
  return "types" in manifest || "typings" in manifest || /"types"/.test(JSON.stringify(manifest["exports"] ?? ""));
}

function isFolder(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
  } catch {
    return false; // A file stands on the way.
  }
}
