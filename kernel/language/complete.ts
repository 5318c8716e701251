// Completion: TypeScript's list for the place of the cursor, narrowed to what fits what is typed and sorted as TypeScript sorts, exact
// beginnings first. One range is replaced, whatever is chosen, as the protocol of Jupyter has it.

import { TSCONFIG } from "./project.ts";
import type { Cell } from "./scope.ts";
import { type CompletionItem, type LanguageServer, type Limits, uriOf } from "./server.ts";
import { OURS, PRIVATE } from "./slots.ts";
import { tokensOf } from "./tokens.ts";
import type { CellView } from "./view.ts";

export interface Completion {
  text: string;
  /** What it is: `function`, `method`, `class`, `keyword`, … */
  type: string;
  /** Its declaration in one line, for the first ones. */
  signature: string;
}

export interface Completions {
  items: Completion[];
  /** Offsets of what is replaced. */
  start: number;
  end: number;
  /** What was asked for is a member: names of the scope are none. */
  isMember: boolean;
  /** Names of the scope are what can be here: no key of an object, no name that an import may have. */
  isScope: boolean;
  /** The cursor is in a comment, a string, a template's text or a regular expression. */
  inText: boolean;
}

export interface Question {
  cell: Cell;
  view: CellView;
  path: string;
  cursor: number;
  limits: Limits;
  /** Names that come after all others that fit as well: the prelude's. */
  isLast(this: void, name: string): boolean;
  /** The names that cells have declared, with the kinds of the values. */
  declared(this: void): Iterable<[name: string, kind: string | undefined]>;
}

const MOST = 1000;
/** So many are described further, each of which costs as much as the list: about as many as a reader sees at once. */
const DESCRIBED = 12;

/** The protocol's numbers. */
const kinds =
  "text method function constructor field variable class interface module property unit value enum keyword snippet color file reference folder enumMember constant struct event operator typeParameter".split(
    " ",
  );

export async function complete(server: LanguageServer, question: Question): Promise<Completions> {
  const { cell, view, path, cursor, limits, isLast } = question;
  const { source } = cell;
  const textDocument = { uri: uriOf(path) };
  const position = view.place(cursor);
  const answer = await server.request("textDocument/completion", { textDocument, position }, limits);
  const found = (Array.isArray(answer) ? answer : answer?.items) ?? [];
  const range = replaced(source, cursor, view, found);
  const typed = source.slice(range.start, cursor);
  const isMember = MEMBER.test(source.slice(0, range.start));
  const inText = isInText(source, cursor);
  // What nobody answers in time is answered by the names alone.
  const all = answer === undefined && !isMember && !inText ? namesOf(question) : found;
  const items = ranked(
    all.filter((item) => fitsRange(item, range.start, view) && !isOurs(item) && !item.label.startsWith(PRIVATE)),
    typed,
    isMember ? isOfFunctions(all) : isLast,
  );
  // One after the other: of requests at the same time each is given a checker of its own, which begins with nothing.
  const described: CompletionItem[] = [];
  for (const item of items.slice(0, DESCRIBED)) described.push(await resolved(server, item, limits));
  return {
    items: items.map((item, index) => completionOf(described[index] ?? item)),
    start: range.start,
    end: range.end,
    isMember,
    // What nobody has answered may be anything.
    isScope: answer === undefined || all.some(({ label }) => label === "globalThis"),
    inText,
  };
}

const MEMBER = /(?:\?\.|(?<!\.)\.)\s*$/;

function typedBefore(source: string, cursor: number): string {
  return /[#\p{ID_Continue}$]*$/u.exec(source.slice(0, cursor))?.[0] ?? "";
}

/** Which names of other cells may complete what is typed: they cost time, and there may be many. */
export function nameWanted(source: string, cursor: number): (name: string) => boolean {
  const typed = typedBefore(source, cursor);
  if (MEMBER.test(source.slice(0, cursor - typed.length))) return () => false;
  return (name) => fit(name, typed) !== undefined;
}

const ASSIGNED = /(?<![\p{ID_Continue}$.])([\p{ID_Start}$_][\p{ID_Continue}$]*)\s*=\s*(?:["'`][^"'`\n]*)?$/u;

/** The variable that gets what is being typed: it must be one that can be assigned to, for its type to say what fits. */
export function assignedAt(source: string, cursor: number): ReadonlySet<string> {
  const [, name] = ASSIGNED.exec(source.slice(0, cursor)) ?? [];
  return new Set(name === undefined ? [] : [name]);
}

function isInText(source: string, cursor: number): boolean {
  let end = 0;
  for (const { kind, start, text } of tokensOf(source)) {
    if (start >= cursor) break;
    end = start + text.length;
    if (kind === "literal" && (cursor < end || !isClosed(text))) return true;
  }
  return /\/\/[^\n\r]*$|\/\*(?:(?!\*\/)[^])*$/.test(source.slice(Math.min(end, cursor), cursor));
}

/** Of a template: the piece up to the next `${`. */
function isClosed(literal: string): boolean {
  const quote = literal[0] ?? "";
  if (/[\d.]/.test(quote)) return true;
  if (quote === "/") return /\/[\p{ID_Continue}$]*$/u.test(literal);
  const inside = literal.slice(1).replace(/\\[^]/g, "");
  return quote === "`" || quote === "}" ? /(?:`|\$\{)$/.test(inside) : inside.endsWith(quote);
}

/** The word around the cursor, or what TypeScript says is replaced: in a string that is all of it. */
function replaced(
  source: string,
  cursor: number,
  view: CellView,
  items: readonly CompletionItem[],
): { start: number; end: number } {
  const word = typedBefore(source, cursor);
  const rest = /^[\p{ID_Continue}$]*/u.exec(source.slice(cursor))?.[0] ?? "";
  const usual = { start: cursor - word.length, end: cursor + rest.length };
  const edit = items[0]?.textEdit;
  if (edit === undefined || !items.every((item) => item.textEdit !== undefined)) return usual;
  const given = "range" in edit ? edit.range : edit.replace;
  const start = view.offset(given.start);
  const end = view.offset(given.end);
  return start === null || end === null || start > cursor || end < cursor ? usual : { start, end };
}

/** `o.` that becomes `o["a b"]` replaces the dot too. */
function fitsRange({ textEdit }: CompletionItem, start: number, view: CellView): boolean {
  if (textEdit === undefined) return true;
  const from = view.offset(("range" in textEdit ? textEdit.range : textEdit.replace).start);
  return from === null || from === start;
}

/** Files that only we know, where paths are completed, and the names that lines are called by. */
function isOurs({ kind, label, detail = label }: CompletionItem): boolean {
  if (/^__(?:adjoint_)?line_*$/.test(label)) return true;
  if (kind !== 17 && kind !== 19) return false;
  return detail.startsWith(OURS) || detail === TSCONFIG || label === "node_modules";
}

/** How well a name fits what is typed: its beginning, in another case, a part of it, the beginnings of its words; `undefined`: not at all. */
export function fit(name: string, typed: string): number | undefined {
  if (name.startsWith(typed)) return 0;
  const lower = name.toLowerCase();
  const wanted = typed.toLowerCase();
  if (lower.startsWith(wanted)) return 1;
  // One letter is part of almost everything.
  if (wanted.length < 2) return undefined;
  if (lower.includes(wanted)) return 2;
  const words = name.split(/(?=[\p{Lu}_$-])/u).map((word) => word.replace(/^[_$-]/, "").toLowerCase());
  return fitsWords(words, wanted) ? 3 : undefined;
}

/** `cQS`, `couStr` for `CountQueuingStrategy` */
function fitsWords([word, ...rest]: readonly string[], wanted: string): boolean {
  if (wanted === "") return true;
  if (word === undefined) return false;
  for (let length = 0; length <= word.length && word.startsWith(wanted.slice(0, length)); length++)
    if (fitsWords(rest, wanted.slice(length))) return true;
  return false;
}

/** What every function has, where it is beside what one has of its own: `display.html` before `display.apply`. */
const OF_FUNCTIONS = new Set("apply arguments bind call caller length name prototype toString".split(" "));

function isOfFunctions(items: readonly CompletionItem[]): (name: string) => boolean {
  const labels = new Set(items.map(({ label }) => label));
  const isFunction = labels.has("apply") && labels.has("bind") && labels.has("call");
  return (name) => isFunction && OF_FUNCTIONS.has(name);
}

function ranked(items: readonly CompletionItem[], typed: string, isLast: (name: string) => boolean): CompletionItem[] {
  const fitting = new Map<string, { item: CompletionItem; rank: number; last: number; order: string }>();
  for (const item of items) {
    const rank = fit(item.label, typed);
    if (rank !== undefined && !fitting.has(item.label))
      fitting.set(item.label, { item, rank, last: Number(isLast(item.label)), order: item.sortText ?? item.label });
  }
  const compare = new Intl.Collator("en").compare;
  return [...fitting.values()]
    .sort(
      (a, b) => a.rank - b.rank || a.last - b.last || order(a.order, b.order) || compare(a.item.label, b.item.label),
    )
    .slice(0, MOST)
    .map(({ item }) => item);
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

async function resolved(server: LanguageServer, item: CompletionItem, limits: Limits): Promise<CompletionItem> {
  if (item.kind === 14 || item.data === undefined) return item; // A keyword.
  return (await server.request("completionItem/resolve", item, limits)) ?? item;
}

function namesOf({ cell, declared }: Question): CompletionItem[] {
  const own = Array.from(cell.declarations.names, ([name, { kind }]): [string, string] => [name, kind]);
  return [...declared(), ...own].map(([label, kind = "type"]) => ({ label, kind: NUMBERS.get(kind) ?? VARIABLE }));
}

/** The protocol's numbers of what cells declare. */
const VARIABLE = 6;
const NUMBERS = new Map<string, NonNullable<CompletionItem["kind"]>>([
  ["function", 3],
  ["class", 7],
  ["interface", 8],
  ["type", 8],
  ["namespace", 9],
  ["enum", 13],
]);

function completionOf({ label, kind, detail, insertText, textEdit, labelDetails }: CompletionItem): Completion {
  const declared = oneLine(detail ?? "");
  const [word = ""] = /^(?:function|class|const|let|var|enum|interface|namespace|type)\b/.exec(declared) ?? [];
  const usual = kinds[(kind ?? 1) - 1] ?? "text";
  const isNamed = /^(?:function|class|enum|interface|namespace)$/.test(word);
  const type = usual !== "variable" ? usual : isNamed ? word : isFunction(detail ?? "") ? "function" : usual;
  return { text: textEdit?.newText ?? insertText ?? label, type, signature: declared || (labelDetails?.detail ?? "") };
}

/** `const f: <T>(x: T) => T`, but neither `const o: (() => void) | undefined` nor `const l: (string | number)[]`. */
function isFunction(detail: string): boolean {
  const type = /^(?:\(alias\) )?(?:const|let|var) [^:]+: ([(<][^]*)/.exec(detail)?.[1] ?? "";
  let depth = 0;
  for (let at = 0; at < type.length; at++) {
    const character = type[at] ?? "";
    if (type.startsWith("=>", at)) at++;
    else if ("([{<".includes(character)) depth++;
    else if (")]}>".includes(character)) depth--;
    else continue;
    // The list of type parameters is followed by that of parameters.
    if (depth === 0 && character !== ">") return character === ")" && /^\s*=>/.test(type.slice(at + 1));
  }
  return false;
}

const LONGEST_SIGNATURE = 200;

function oneLine(detail: string): string {
  const [declared = ""] = detail.replace(/^\(alias\) /, "").split("\nimport ", 1);
  const line = declared.replace(/\s+/g, " ");
  return line.length <= LONGEST_SIGNATURE ? line : `${line.slice(0, LONGEST_SIGNATURE - 1)}…`;
}
