// `NAME?` and `NAME??` as a whole cell, or `?NAME`: answered with a page about what the name holds, about its source, or about a magic.

import type { MimeBundle } from "../session.ts";
import { inspectName } from "./complete.ts";
import type { Evaluator } from "./evaluate.ts";

const CHAIN = String.raw`[\p{ID_Start}$_][\p{ID_Continue}$]*(?:\s*\??\.\s*[\p{ID_Start}$_][\p{ID_Continue}$]*)*`;
const SUBJECT = `(${CHAIN}|!|%%?[A-Za-z_]\\w*)`;
const AFTER = new RegExp(String.raw`^\s*${SUBJECT}(\?\??)\s*;?\s*$`, "u");
const BEFORE = new RegExp(String.raw`^\s*(\?\??)\s*${SUBJECT}\s*;?\s*$`, "u");

function subjectOf(code: string): { name: string; detail: 0 | 1 } | undefined {
  // Nothing long is one, and most cells have no question mark at either end.
  if (code.length > 1000 || !code.includes("?")) return undefined;
  const [, name, marks] = AFTER.exec(code) ?? [];
  if (name !== undefined) return { name, detail: marks === "??" ? 1 : 0 };
  const [, before, subject] = BEFORE.exec(code) ?? [];
  return subject === undefined ? undefined : { name: subject, detail: before === "??" ? 1 : 0 };
}

export function isPageRequest(code: string): boolean {
  return subjectOf(code) !== undefined;
}

/** The page that a cell asks for; undefined for a cell that asks for none. */
export function pageRequest(code: string, evaluator: Evaluator): MimeBundle | Promise<MimeBundle> | undefined {
  const subject = subjectOf(code);
  if (subject === undefined) return undefined;
  const { name, detail } = subject;
  if (/^[!%]/.test(name)) return magicPage(name);
  const { found, data } = inspectName(name, name.length, detail, evaluator);
  return found ? data : { "text/plain": `${name} is not defined` };
}

async function magicPage(typed: string): Promise<MimeBundle> {
  const { explain } = await import("./magics/registry.ts");
  return { "text/plain": explain(typed) ?? `there is no magic '${typed}'; %help lists all` };
}
