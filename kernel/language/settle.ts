// Types that are written down once they are known. What a cell infers from the one before, which infers it from the one before that,
// TypeScript infers anew for each check, and a chain costs it more than its length. So where a chain has become long, the types of a
// module's variables, and of what its functions return, are put into its text, as its user might have: `let loss: number = …`.
// Only those are that read the same everywhere, so not one that has a name of its own.

import type { CellModule } from "./scope.ts";
import { type LanguageServer, uriOf } from "./server.ts";
import { type Token, tokensOf } from "./tokens.ts";

/** A chain of so many cells is long. */
const LONG = 16;

const LIMITS = { within: 1500 };

/** Is it time to write types down? One in so many modules is enough, and what cannot be written is not tried each time. */
export function isLong({ chain }: CellModule): boolean {
  return chain % LONG === 0;
}

interface Blank {
  name: string;
  kind: "variable" | "constant" | "function";
  /** Offsets into the cell: of the name, and behind which a type can be written. */
  start: number;
  at: number;
}

/** Asks for the types that are not written in the module at `path`; those that can be. `isTaken`: the name is no longer the language's. */
export async function settledTypes(
  server: LanguageServer,
  path: string,
  module: CellModule,
  isTaken: (name: string) => boolean,
): Promise<Map<string, { at: number; text: string }>> {
  const found = new Map<string, { at: number; text: string }>();
  const textDocument = { uri: uriOf(path) };
  const { view } = module;
  for (const { name, kind, start, at } of blanksOf(module)) {
    const hover = await server.request("textDocument/hover", { textDocument, position: view.place(start) }, LIMITS);
    const contents = hover?.contents;
    if (contents === undefined || typeof contents === "string" || Array.isArray(contents)) continue;
    const type = typeIn(contents.value, name, kind, isTaken);
    if (type !== undefined) found.set(name, { at, text: `: ${type}` });
  }
  return found;
}

/** `let x =`, `function f(…) {`: simple ones alone, for in a pattern what looks like a variable may be a key. */
export function blanksOf({ cell, names }: CellModule): Blank[] {
  // What stands where lines of commands stood is not known by its offset.
  if (cell.code !== cell.source) return [];
  const tokens = tokensOf(cell.code);
  const blanks: Blank[] = [];
  for (const [index, { text: name, start }] of tokens.entries()) {
    if (names.get(name)?.start !== start) continue;
    const before = tokens[index - 1]?.text ?? "";
    const after = tokens[index + 1]?.text;
    if (/^(?:let|var|const)$/.test(before) && after === "=") {
      blanks.push({ name, kind: before === "const" ? "constant" : "variable", start, at: start + name.length });
    } else if (before === "function" && after === "(") {
      const end = closing(tokens, index + 1);
      const bracket = tokens[end];
      if (bracket !== undefined && tokens[end + 1]?.text === "{")
        blanks.push({ name, kind: "function", start, at: bracket.start + 1 });
    }
  }
  return blanks;
}

/** The index of the bracket that closes the one at `index`. */
function closing(tokens: readonly Token[], index: number): number {
  let depth = 0;
  for (let at = index; at < tokens.length; at++) {
    const { kind, text } = tokens[at] as Token;
    if (kind === "literal" ? text.endsWith("${") : /^[([{]$/.test(text)) depth++;
    // A template's `} … ${` closes one and opens the next.
    if (kind === "literal" ? text.startsWith("}") : /^[)\]}]$/.test(text)) depth--;
    if (depth === 0) return at;
  }
  return tokens.length;
}

const language = new Set(
  "number string boolean bigint symbol undefined null void any unknown object readonly true false".split(" "),
);
/** Of the standard library, and of no other that is known. */
const library = new Set(
  "Promise Date ArrayBuffer ArrayBufferLike Uint8Array Int32Array Float32Array Float64Array".split(" "),
);

/** The type in what the language server says of a name, unless it could mean something else elsewhere, or is not whole. */
export function typeIn(
  hover: string,
  name: string,
  kind: Blank["kind"],
  isTaken: (name: string) => boolean,
): string | undefined {
  const shown = /^```typescript\n([^]*?)\n```/.exec(hover)?.[1] ?? "";
  if (shown.includes("/*")) return undefined;
  const tokens = tokensOf(shown);
  if (tokens[1]?.text !== name) return undefined;
  const colon = kind === "function" ? (tokens[2]?.text === "(" ? closing(tokens, 2) + 1 : -1) : 2;
  const type = tokens.slice(colon + 1);
  if (tokens[colon]?.text !== ":" || type.length === 0) return undefined;
  // A constant's literal is one type where it is declared and another where it is copied to a variable.
  const isFresh = kind === "constant";
  const reads = type.every(({ kind: of, text }, index) => {
    const next = type[index + 1]?.text;
    const isKey = next === ":" || (next === "?" && type[index + 2]?.text === ":");
    if (of === "word") {
      if (isKey) return true;
      if (library.has(text)) return !isTaken(text);
      return language.has(text) && !(isFresh && (text === "true" || text === "false"));
    }
    if (of === "literal") return !text.startsWith("`") && (isKey || !isFresh);
    return /^(?:[:;,?{}[\]()|&<>]|=>)$/.test(text);
  });
  return reads ? shown.slice((type[0] as Token).start) : undefined;
}
