// `require("fs")` with the type of its module, which TypeScript finds in JavaScript only: the call gets a type argument, which `require`
// of cells takes (kernel/types/cells.d.ts). Nothing that the user wrote changes its place.

import { applyEdits, type Edit, type EditedCode } from "../position-map.ts";
import type { Token } from "./tokens.ts";

/** `undefined`: there is no such call, or `require` is a name of the cell's own. */
export function typedRequires(source: string, tokens: readonly Token[]): EditedCode | undefined {
  const edits: Edit[] = [];
  for (const [index, { kind, text, start }] of tokens.entries()) {
    if (kind !== "word" || text !== "require" || /^\??\.$/.test(tokens[index - 1]?.text ?? "")) continue;
    // `import fs = require("fs")` has them.
    if (tokens[index - 1]?.text === "=" && /^(?:import|type)$/.test(tokens[index - 3]?.text ?? "")) continue;
    const [opens, specifier, closes] = tokens.slice(index + 1, index + 4);
    if (!/^(?:[(.;<]|\?\.)$/.test(opens?.text ?? ";")) return undefined;
    if (opens?.text !== "(" || closes?.text !== ")" || !/^(["'])[^\n]*\1$/.test(specifier?.text ?? "")) continue;
    const at = start + text.length;
    edits.push({ start: at, end: at, text: `<typeof import(${specifier?.text})>`, anchor: null });
  }
  return edits.length === 0 ? undefined : applyEdits(source, edits);
}
