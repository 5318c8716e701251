// What the prelude exports, asked of the language server itself: values are what completes after `prelude.` in an expression, types
// what completes there in a type. So a prelude may be JavaScript, declared or not, or TypeScript.

import { isAbsolute, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { Source } from "./scope.ts";
import { type LanguageServer, uriOf } from "./server.ts";

const LIMITS = { within: 5000 };

export async function readPrelude(
  server: LanguageServer,
  document: string,
  prelude: string,
  folder: string,
): Promise<{ names: Source["names"]; specifier: string } | undefined> {
  const specifier = specifierOf(prelude, folder);
  const names = async (line: string): Promise<Set<string> | undefined> => {
    server.setDocument(document, `import * as prelude from ${JSON.stringify(specifier)};\n${line}\n`);
    const position = { line: 1, character: line.length };
    const answer = await server.request(
      "textDocument/completion",
      { textDocument: { uri: uriOf(document) }, position },
      LIMITS,
    );
    if (answer === undefined) return undefined;
    // `null`: it exports none of the kind.
    return new Set((Array.isArray(answer) ? answer : (answer?.items ?? [])).map(({ label }) => label));
  };
  const values = await names("prelude.");
  const types = await names("type prelude_type = prelude.");
  if (values === undefined || types === undefined) return undefined;
  const all = [...new Set([...values, ...types])].filter(
    (name) => name !== "default" && /^[\p{ID_Start}$_]/u.test(name),
  );
  const kind = "const" as const;
  return {
    specifier,
    names: new Map(all.map((name) => [name, { kind, value: values.has(name), type: types.has(name) }])),
  };
}

function specifierOf(prelude: string, folder: string): string {
  if (prelude.startsWith("file:")) return fileURLToPath(prelude);
  return /^\.{1,2}[\\/]/.test(prelude) && !isAbsolute(prelude) ? resolve(folder, prelude) : prelude;
}
