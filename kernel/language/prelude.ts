// What the prelude exports. Its package may say so itself, in `./names.json` ({values, types}; a prelude that is a file has it beside itself,
// `prelude.names.json`), so that the first cell waits for no question; otherwise the language server is asked: values are what
// completes after `prelude.` in an expression, types what completes there in a type. So a prelude may be JavaScript, declared or not,
// or TypeScript.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { isAbsolute, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { documents, Project } from "./project.ts";
import type { Source } from "./scope.ts";
import { LanguageServer, uriOf } from "./server.ts";

const LIMITS = { within: 5000 };

/** The names of values and of types; many are both. */
export interface PreludeNames {
  values: readonly string[];
  types: readonly string[];
}

/** `undefined` where no answer comes. */
export async function readPrelude(
  server: LanguageServer,
  document: string,
  specifier: string,
): Promise<PreludeNames | undefined> {
  const names = async (line: string): Promise<string[] | undefined> => {
    server.setDocument(document, `import * as prelude from ${JSON.stringify(specifier)};\n${line}\n`);
    const position = { line: 1, character: line.length };
    const answer = await server.request(
      "textDocument/completion",
      { textDocument: { uri: uriOf(document) }, position },
      LIMITS,
    );
    if (answer === undefined) return undefined;
    // `null`: it exports none of the kind.
    const labels = (Array.isArray(answer) ? answer : (answer?.items ?? [])).map(({ label }) => label);
    return [...new Set(labels)].filter((name) => name !== "default" && /^[\p{ID_Start}$_]/u.test(name));
  };
  const values = await names("prelude.");
  const types = await names("type prelude_type = prelude.");
  return values === undefined || types === undefined ? undefined : { values, types };
}

/** Asks a language server of its own; for whoever makes a `names.json`. */
export async function askNames(prelude: string, packageFolder: string): Promise<PreludeNames> {
  const project = new Project(packageFolder, join(packageFolder, "kernel", "types"));
  const server = new LanguageServer({ folder: project.folder });
  try {
    const names = await readPrelude(server, project.path(documents.typed.ts), specifierOf(prelude, packageFolder));
    if (names === undefined) throw new Error(`the language server does not say what ${prelude} exports`);
    return { values: names.values.toSorted(), types: names.types.toSorted() };
  } finally {
    await server.close();
    project.remove();
  }
}

/** What the prelude itself says that it exports, if it does. */
export function declaredNames(prelude: string, folder: string, packageFolder: string): PreludeNames | undefined {
  try {
    const { values, types } = JSON.parse(
      readFileSync(besidePrelude("names.json", prelude, folder, packageFolder), "utf8"),
    ) as Partial<PreludeNames>;
    return Array.isArray(values) && Array.isArray(types) ? { values, types } : undefined;
  } catch {
    return undefined; // Most preludes do not, and the language server knows as well, a little later.
  }
}

export function declarationsOfNames({ values, types }: PreludeNames): Source["names"] {
  const kind = "const" as const;
  const [isValue, isType] = [new Set(values), new Set(types)];
  return new Map(
    [...new Set([...values, ...types])].map((name) => [
      name,
      { kind, value: isValue.has(name), type: isType.has(name) },
    ]),
  );
}

/** Where cells of the folder import it from. */
export function specifierOf(prelude: string, folder: string): string {
  if (prelude.startsWith("file:")) return fileURLToPath(prelude);
  return /^\.{1,2}[\\/]/.test(prelude) && !isAbsolute(prelude) ? resolve(folder, prelude) : prelude;
}

/**
 * A file that a prelude's package exports as `./NAME`, and a prelude that is a file has beside itself (`prelude.mjs`, `prelude.NAME`).
 * `packageFolder`: the package whose name needs no installation. Throws what `isAbsence` knows where there is none.
 */
export function besidePrelude(name: string, prelude: string, folder: string, packageFolder: string): string {
  const path = prelude.startsWith("file:") ? fileURLToPath(prelude) : prelude;
  if (isAbsolute(path) || /^\.{1,2}[\\/]/.test(path))
    return `${resolve(folder, path).replace(/\.[cm]?[jt]sx?$/, "")}.${name}`;
  const manifest: unknown = JSON.parse(readFileSync(join(packageFolder, "package.json"), "utf8"));
  const own = manifest as { name: string; exports: Record<string, unknown> };
  const exported = own.name === path ? own.exports[`./${name}`] : undefined;
  return typeof exported === "string"
    ? join(packageFolder, exported)
    : createRequire(join(folder, "cell.ts")).resolve(`${path}/${name}`);
}

/** Has the file not been found, rather than not been understood? */
export function isAbsence(error: unknown): boolean {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  return /^(?:ENOENT|MODULE_NOT_FOUND|ERR_PACKAGE_PATH_NOT_EXPORTED)$/.test(code);
}
