// package.json files: what they say, and where the kernel's own is.

import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The name of the kernel's own package, which always means its own copy. */
export const ADJOINT = "adjoint";

export type Manifest = Record<string, unknown>;

/** What a folder's package.json says; `undefined` when there is none that can be read. */
export function manifestAt(folder: string): Manifest | undefined {
  try {
    const value: unknown = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
    return typeof value === "object" && value !== null ? (value as Manifest) : undefined;
  } catch {
    return undefined; // There is none, or it is broken: Node says so when it is asked for a package there.
  }
}

let found: string | undefined;

/** The path of the kernel's package.json. */
export function kernelManifest(): string {
  for (let at = dirname(fileURLToPath(import.meta.url)); found === undefined; at = dirname(at)) {
    if (manifestAt(at)?.["name"] === ADJOINT || dirname(at) === at) found = join(at, "package.json");
  }
  return found;
}

/** Says what a package exports, after Node has said what it does not; other errors stay as they are. */
export function withExports(error: unknown): unknown {
  if (!(error instanceof Error) || !("code" in error) || error.code !== "ERR_PACKAGE_PATH_NOT_EXPORTED") return error;
  const manifest = / in (.*?package\.json)/.exec(error.message)?.[1];
  const { name, exports } = (manifest === undefined ? undefined : manifestAt(dirname(manifest))) ?? {};
  const keys = typeof exports === "object" && exports !== null ? Object.keys(exports) : [];
  const subpaths = keys.filter((key) => key.startsWith("."));
  const named = (subpaths.length === 0 ? ["."] : subpaths).map((key) => `'${String(name)}${key.slice(1)}'`);
  const wanted = /subpath '\.(.*?)'/.exec(error.message)?.[1] ?? "";
  const shown = named.length > 20 ? [...named.slice(0, 20), `and ${named.length - 20} more`] : named;
  const message = `package '${String(name)}' has no export '${String(name)}${wanted}': it has ${shown.join(", ")}`;
  return Object.assign(new Error(message), { code: error.code });
}
