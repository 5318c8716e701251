// `NAME?` and `NAME??` as a whole cell, or `?NAME`: a question, and no TypeScript.

const CHAIN = String.raw`[\p{ID_Start}$_][\p{ID_Continue}$]*(?:\s*\??\.\s*[\p{ID_Start}$_][\p{ID_Continue}$]*)*`;
const SUBJECT = `(${CHAIN}|!|%%?[A-Za-z_]\\w*)`;
const AFTER = new RegExp(String.raw`^\s*${SUBJECT}(\?\??)\s*;?\s*$`, "u");
const BEFORE = new RegExp(String.raw`^\s*(\?\??)\s*${SUBJECT}\s*;?\s*$`, "u");

/** What a cell asks for; undefined for a cell that is to run. `??` wants the source too. */
export function pageSubject(code: string): { name: string; detail: 0 | 1 } | undefined {
  // Nothing long is one, and most cells have no question mark at either end.
  if (code.length > 1000 || !code.includes("?")) return undefined;
  const [, name, marks] = AFTER.exec(code) ?? [];
  if (name !== undefined) return { name, detail: marks === "??" ? 1 : 0 };
  const [, before, subject] = BEFORE.exec(code) ?? [];
  return subject === undefined ? undefined : { name: subject, detail: before === "??" ? 1 : 0 };
}
