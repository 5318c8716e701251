// `require("fs")` with the type of its module, which TypeScript finds in JavaScript only: the call gets a type argument, which `require`
// of cells takes (kernel/types/cells.d.ts). Nothing that the user wrote changes its place.

import type { Token } from "./tokens.ts";

/** What is put in, by offsets into the code; nothing if `require` is a name of the cell's own. */
export function typedRequires(tokens: readonly Token[]): Map<number, string> {
  const inserted = new Map<number, string>();
  for (const [index, { kind, text, start }] of tokens.entries()) {
    if (kind !== "word" || text !== "require" || /^\??\.$/.test(tokens[index - 1]?.text ?? "")) continue;
    // `import fs = require("fs")` has them.
    if (tokens[index - 1]?.text === "=" && /^(?:import|type)$/.test(tokens[index - 3]?.text ?? "")) continue;
    const [opens, specifier, closes] = tokens.slice(index + 1, index + 4);
    if (!/^(?:[(.;<]|\?\.)$/.test(opens?.text ?? ";")) return new Map();
    if (opens?.text !== "(" || closes?.text !== ")" || !/^(["'])[^\n]*\1$/.test(specifier?.text ?? "")) continue;
    inserted.set(start + text.length, `<typeof import(${specifier?.text})>`);
  }
  return inserted;
}
