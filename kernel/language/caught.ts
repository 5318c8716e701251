// What `catch (e)` binds: `unknown` to a strict checker, whereas notebooks and older code read `e.message` as if it had been declared
// any. Nobody wrote that type: like an implicit any, it stops no cell.

import type { Problem } from "./report.ts";
import { type Token, tokensOf } from "./tokens.ts";

/** Is all that is wrong that a value was caught, of which nobody said what it is? */
export function isOfCaught({ message, source, start, end }: Problem): boolean {
  if (!/\bcatch\b/.test(source) || !/[Tt]ype 'unknown'/.test(message)) return false;
  const stop = Math.max(end, source.indexOf("\n", start) < 0 ? source.length : source.indexOf("\n", start));
  const words = tokensOf(source.slice(start, stop)).map(({ text }) => text);
  for (const { name, from, to } of caught(source)) if (from <= start && start < to && words.includes(name)) return true;
  return false;
}

/** The names that are caught without a type, each with where it is in scope. */
function* caught(source: string): Generator<{ name: string; from: number; to: number }> {
  const tokens = tokensOf(source);
  for (const [index, { text }] of tokens.entries()) {
    if (text !== "catch" || tokens[index + 1]?.text !== "(") continue;
    const close = closing(tokens, index + 1);
    const end = closing(tokens, close + 1);
    if (tokens.slice(index + 2, close).some((token) => token.text === ":" && tokens[index + 2]?.text !== "{")) continue;
    const [from, to] = [tokens[index + 1]?.start ?? 0, (tokens[end]?.start ?? source.length) + 1];
    for (const { kind, text: name } of tokens.slice(index + 2, close)) if (kind === "word") yield { name, from, to };
  }
}

/** The index of the bracket that closes the one at `index`. */
function closing(tokens: readonly Token[], index: number): number {
  let depth = 0;
  for (let at = index; at < tokens.length; at++) {
    const { kind, text } = tokens[at] ?? { kind: "word", text: "" };
    if (kind === "literal" ? text.startsWith("}") : /^[)\]}]$/.test(text)) depth--;
    if (kind === "literal" ? text.endsWith("${") : /^[([{]$/.test(text)) depth++;
    if (depth <= 0) return at;
  }
  return tokens.length;
}
