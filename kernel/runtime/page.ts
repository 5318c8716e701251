// A cell that asks (page-request.ts) is answered with a page about what the name holds, about its source, or about a magic.

import { pageSubject } from "../page-request.ts";
import type { MimeBundle } from "../session.ts";
import { inspectName } from "./complete.ts";
import type { Evaluator } from "./evaluate.ts";

export function isPageRequest(code: string): boolean {
  return pageSubject(code) !== undefined;
}

/** The page that a cell asks for; undefined for a cell that asks for none. */
export function pageRequest(code: string, evaluator: Evaluator): MimeBundle | Promise<MimeBundle> | undefined {
  const subject = pageSubject(code);
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
