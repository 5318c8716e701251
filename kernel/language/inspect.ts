// Explanation of what is at the cursor, in Markdown: its type, the parameter that is being written, its documentation, where it is
// declared; with detail 1 also the source. A name of another cell is an import here, which its user never wrote: that is
// taken out, and what documents it is asked for where it is declared.

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Question } from "./complete.ts";
import type { Location } from "./report.ts";
import {
  type Hover,
  type LanguageServer,
  type Limits,
  type LocationLink,
  type SignatureHelp,
  uriOf,
} from "./server.ts";
import { type Token, tokensOf } from "./tokens.ts";
import type { Place } from "./view.ts";

export interface Explanation {
  markdown: string;
  plain: string;
  /** TypeScript knows nothing of it: a value says more. */
  isAny: boolean;
}

export interface Inspection extends Question {
  detail: 0 | 1;
  /** A place as the user knows it; with the text of its cell if it is in one. */
  locate(uri: string, place: Place): (Location & { source?: string; offset?: number; path?: string }) | undefined;
}

const LONGEST_SOURCE = 200;

export async function inspect(server: LanguageServer, inspection: Inspection): Promise<Explanation | undefined> {
  const { cell, view, path, cursor, limits } = inspection;
  const { source } = cell;
  const textDocument = { uri: uriOf(path) };
  // One after the other: of requests at the same time each is given a checker of its own, which begins with nothing.
  const known = await declaredAt(server, inspection, wordAt(source, cursor));
  // Nobody has answered, and whoever is asked next would wait as long.
  if (known === undefined) return undefined;
  const call = mayCall(source, cursor)
    ? await server.request("textDocument/signatureHelp", { textDocument, position: view.place(cursor) }, limits)
    : undefined;
  const isCall = known.text === undefined && call?.signatures.length;
  const callee = isCall ? calleeAt(source, cursor) : undefined;
  const called = callee === undefined ? undefined : await declaredAt(server, inspection, callee);
  const parts = [
    isCall ? signatureOf(call, documentationOf(called?.text ?? "").trim()) : known.text,
    known.text !== undefined && call ? parameterOf(call) : undefined,
  ].filter((part) => part !== undefined && part !== "");
  if (parts.length === 0) return undefined;
  const target = isCall ? called?.target : known.target;
  const declared = target === undefined ? undefined : declarationOf(target, inspection);
  const markdown = [...parts, ...(declared ?? [])].join("\n\n");
  return { markdown, plain: plainText(markdown), isAny: /^```typescript\n[^\n]*: any\n/.test(markdown) };
}

/** What stands at an offset: its type and documentation, and where it is declared; `undefined`: nobody has answered. */
async function declaredAt(
  server: LanguageServer,
  { view, path, limits }: Inspection,
  offset: number,
): Promise<{ text: string | undefined; target: LocationLink | undefined } | undefined> {
  const at = { textDocument: { uri: uriOf(path) }, position: view.place(offset) };
  const hover = await server.request("textDocument/hover", at, limits);
  if (hover === undefined) return undefined;
  const [target] = links(await server.request("textDocument/definition", at, limits));
  const origin =
    target === undefined || isDocumented(textOf(hover)) ? undefined : await hoverAt(server, target, limits);
  return { text: better(textOf(hover), textOf(origin)), target };
}

/** The name that is called with the arguments around the cursor. */
function calleeAt(source: string, cursor: number): number | undefined {
  const tokens = tokensOf(source.slice(0, cursor));
  let depth = 0;
  for (let index = tokens.length - 1; index > 0; index--) {
    const { kind, text } = tokens[index] as Token;
    if (kind === "literal" ? text.startsWith("}") : /^[)\]}]$/.test(text)) depth++;
    if (kind === "literal" ? !text.endsWith("${") : !/^[([{]$/.test(text)) continue;
    if (depth-- > 0) continue;
    depth = 0;
    const before = tokens[index - 1];
    if (text === "(" && before?.kind === "word") return before.start;
  }
  return undefined;
}

/** The end of a word belongs to it. */
function wordAt(source: string, cursor: number): number {
  const inWord = /[\p{ID_Continue}$]/u;
  return !inWord.test(source[cursor] ?? "") && inWord.test(source[cursor - 1] ?? "") ? cursor - 1 : cursor;
}

function links(answer: unknown): LocationLink[] {
  const all = (Array.isArray(answer) ? answer : answer ? [answer] : []) as (
    LocationLink | { uri: string; range: LocationLink["targetRange"] }
  )[];
  return all.map((found) =>
    "targetUri" in found
      ? found
      : { targetUri: found.uri, targetRange: found.range, targetSelectionRange: found.range },
  );
}

async function hoverAt(
  server: LanguageServer,
  { targetUri, targetSelectionRange }: LocationLink,
  limits: Limits,
): Promise<Hover | undefined> {
  const position = targetSelectionRange.start;
  return (
    (await server.request("textDocument/hover", { textDocument: { uri: targetUri }, position }, limits)) ?? undefined
  );
}

function textOf(hover: Hover | null | undefined): string | undefined {
  const contents = hover?.contents;
  if (contents === undefined || typeof contents === "string" || Array.isArray(contents)) return undefined;
  const text = contents.value
    .replace(/^\(alias\) /gm, "")
    .replace(/\nimport [^\n]+(?=\n```)/, "")
    .trim();
  // A name that nobody declares is `any` too, and nothing to explain.
  return text === "" || text === "```typescript\nany\n```" ? undefined : text;
}

function documentationOf(text: string): string {
  return /^```typescript\n[^]*?\n```([^]*)$/.exec(text)?.[1] ?? "";
}

function isDocumented(here: string | undefined): boolean {
  return here === undefined || documentationOf(here).trim() !== "";
}

/** The type at the cursor, which may be narrowed or inferred, with the documentation of the declaration. */
function better(here: string | undefined, origin: string | undefined): string | undefined {
  if (here === undefined || origin === undefined || isDocumented(here)) return here;
  return here.slice(0, here.length - documentationOf(here).length) + documentationOf(origin);
}

/** Whether something before the cursor may be called, or a tag: nothing else has parameters to be named. */
function mayCall(source: string, cursor: number): boolean {
  return /[(`<]/.test(source.slice(0, cursor));
}

function activeSignature(call: SignatureHelp): SignatureHelp["signatures"][number] | undefined {
  return call.signatures[call.activeSignature ?? 0] ?? call.signatures[0];
}

/** `documentation`: of the function, with its example and what it returns, which are left out where it is called. */
function signatureOf(call: SignatureHelp, documentation: string): string | undefined {
  const signature = activeSignature(call);
  if (signature === undefined) return undefined;
  const more = call.signatures.length - 1;
  return [
    `\`\`\`typescript\n${signature.label}\n\`\`\``,
    parameterOf(call),
    documentation === "" ? markdownOf(signature.documentation) : documentation,
    more > 0 ? `*and ${more} other signature${more > 1 ? "s" : ""}*` : "",
  ]
    .filter((part) => part !== undefined && part !== "")
    .join("\n\n");
}

function parameterOf(call: SignatureHelp): string | undefined {
  const signature = activeSignature(call);
  const parameter = signature?.parameters?.[signature.activeParameter ?? call.activeParameter ?? 0];
  if (signature === undefined || parameter === undefined) return undefined;
  const { label } = parameter;
  const text = typeof label === "string" ? label : signature.label.slice(...label);
  const documentation = markdownOf(parameter.documentation);
  return `**Parameter** \`${text}\`${documentation === "" ? "" : ` — ${documentation}`}`;
}

function markdownOf(content: string | { value: string } | undefined): string {
  return typeof content === "string" ? content : (content?.value ?? "");
}

function declarationOf({ targetUri, targetRange }: LocationLink, { locate, detail }: Inspection): string[] {
  const start = locate(targetUri, targetRange.start);
  if (start === undefined) return [];
  const { where, line, path } = start;
  const link = path === undefined ? `${where}, line ${line}` : `[${where}:${line}](${targetUri}#L${line})`;
  const source = detail === 0 ? undefined : sourceOf(start, locate(targetUri, targetRange.end), targetUri, targetRange);
  return [`*Declared in ${link}*`, ...(source === undefined ? [] : [`\`\`\`typescript\n${source}\n\`\`\``])];
}

function sourceOf(
  start: { source?: string; offset?: number },
  end: { offset?: number } | undefined,
  uri: string,
  range: LocationLink["targetRange"],
): string | undefined {
  if (start.source !== undefined) return start.source.slice(start.offset, end?.offset);
  try {
    const lines = readFileSync(fileURLToPath(uri), "utf8")
      .split(/\r?\n/)
      .slice(range.start.line, range.end.line + 1);
    return lines.slice(0, LONGEST_SOURCE).join("\n");
  } catch {
    return undefined; // It has gone, or is the server's own.
  }
}

/** Markdown without its marks, for who cannot render it. */
function plainText(markdown: string): string {
  return markdown
    .replace(/^```\w+\n/gm, "")
    .replace(/^```$/gm, "")
    .replace(/\[([^\]]*)\]\([^)]*\)/g, "$1")
    .replace(/(\*{1,2})([^*\n]+)\1/g, "$2")
    .replace(/\n{3,}/g, "\n\n")
    .trim();
}
