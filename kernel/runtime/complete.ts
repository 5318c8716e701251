// Completion and inspection from the values that are there at run time: members by walking a chain of names without calling any
// getter, names of the scope, keywords. (What TypeScript knows about types is not asked here.)

import { inspect as textOf, types } from "node:util";
import type { CompleteReply, InspectReply } from "../session.ts";
import { sourceOf } from "./sources.ts";
import type { Evaluator } from "./evaluate.ts";

const KEYWORDS =
  "abstract any as async await boolean break case catch class const continue debugger declare default delete do else enum export extends false finally for from function if implements import in instanceof interface keyof let namespace never new null number of private protected public readonly return satisfies static string super switch this throw true try type typeof undefined unknown using var void while yield".split(
    " ",
  );

const CHAIN = /(?:[\p{ID_Start}$_][\p{ID_Continue}$]*\s*\??\.\s*)*[\p{ID_Start}$_][\p{ID_Continue}$]*$/u;

const IDENTIFIER = /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u;

/** The value of `a.b.c` without running any of the user's code; undefined where that is not possible. */
function valueOf(chain: readonly string[], evaluator: Evaluator): { value: unknown } | undefined {
  let found: { value: unknown } | undefined;
  for (const [index, name] of chain.entries()) {
    const owner: unknown = found?.value;
    if (index > 0 && (owner === null || owner === undefined)) return undefined;
    const property = index === 0 ? evaluator.variables.describe(name) : propertyOf(Object(owner) as object, name);
    if (property === undefined) {
      if (index > 0 || !(name in globalThis)) return undefined;
      found = { value: (globalThis as Record<string, unknown>)[name] };
    } else if ("value" in property) {
      found = { value: property.value };
    } else if (index === 0 && property.enumerable === true) {
      found = bindingOf(name, evaluator);
    } else {
      return undefined;
    }
  }
  return found;
}

/** An import or a prelude name, which our own getter reads; it throws for an export that does not exist. */
function bindingOf(name: string, evaluator: Evaluator): { value: unknown } | undefined {
  try {
    return { value: evaluator.variables.scope[name] };
  } catch {
    return undefined; // There is no value to speak of.
  }
}

function propertyOf(owner: object, name: string): PropertyDescriptor | undefined {
  for (
    let object: object | null = owner;
    object !== null && !isProxy(object);
    object = Object.getPrototypeOf(object) as object | null
  ) {
    const property = Object.getOwnPropertyDescriptor(object, name);
    if (property !== undefined) return property;
  }
  return undefined;
}

/** Reading a proxy runs its handler, which may be the user's. */
function isProxy(object: object): boolean {
  return types.isProxy(object);
}

function kindOf(value: unknown): string {
  if (typeof value !== "function") return "instance";
  return /^class\b/.test(Function.prototype.toString.call(value)) ? "class" : "function";
}

/** On a line that is no TypeScript: of magics and files. */
export function complete(code: string, cursor: number, evaluator: Evaluator): CompleteReply | Promise<CompleteReply> {
  const line = lineBefore(code, cursor);
  if (line === undefined) return completeNames(code, cursor, evaluator);
  return import("./magics/complete.ts").then(
    ({ completeLine }) => completeLine(line, cursor) ?? completeNames(code, cursor, evaluator),
  );
}

/** What stands before the cursor on a line that may be no TypeScript. */
function lineBefore(code: string, cursor: number): string | undefined {
  const line = code.slice(code.lastIndexOf("\n", cursor - 1) + 1, cursor);
  return /^\s*[%!]|=\s*!/.test(line) ? line : undefined;
}

function completeNames(code: string, cursor: number, evaluator: Evaluator): CompleteReply {
  const before = code.slice(0, cursor);
  const typed = /[\p{ID_Start}$_]?[\p{ID_Continue}$]*$/u.exec(before)?.[0] ?? "";
  const start = cursor - typed.length;
  const end = cursor + (/^[\p{ID_Continue}$]*/u.exec(code.slice(cursor))?.[0].length ?? 0);
  const dot = /\??\.\s*$/.exec(code.slice(0, start));
  const typeOf = new Map<string, string>();
  const add = (name: string, type: () => string): void => {
    if (name.startsWith(typed) && !typeOf.has(name)) typeOf.set(name, type());
  };
  if (dot === null) {
    for (const name of evaluator.variables.names()) add(name, () => kindOf(valueOf([name], evaluator)?.value));
    for (const name of KEYWORDS) add(name, () => "keyword");
    for (const name of Object.getOwnPropertyNames(globalThis)) {
      add(name, () => kindOf(propertyOf(globalThis, name)?.value));
    }
  } else {
    const chain = CHAIN.exec(code.slice(0, dot.index))?.[0];
    const owner = chain === undefined ? undefined : valueOf(chain.split(/\s*\??\.\s*/), evaluator)?.value;
    let object = owner === null || owner === undefined ? null : (Object(owner) as object | null);
    for (; object !== null && !isProxy(object); object = Object.getPrototypeOf(object) as object | null) {
      const current = object;
      for (const name of Object.getOwnPropertyNames(current)) {
        if (IDENTIFIER.test(name)) add(name, () => kindOf(propertyOf(current, name)?.value));
      }
    }
  }
  const matches = [...typeOf.keys()];
  const described = [...typeOf].map(([text, type]) => ({ text, type, start, end }));
  return { matches, start, end, types: described };
}

/** The chain of names around the cursor, or the function whose call the cursor is in. */
function chainAt(code: string, cursor: number): string | undefined {
  const tail = /^[\p{ID_Continue}$]*/u.exec(code.slice(cursor))?.[0] ?? "";
  const here = CHAIN.exec(code.slice(0, cursor) + tail)?.[0];
  if (here !== undefined) return here;
  let depth = 0;
  for (let index = cursor - 1; index >= 0; index--) {
    const character = code[index];
    if (character === ")" || character === "]" || character === "}") depth++;
    else if (character === "(" && depth === 0) return CHAIN.exec(code.slice(0, index).trimEnd())?.[0];
    else if (character === "(" || character === "[" || character === "{") depth--;
  }
  return undefined;
}

/** On the name of a magic: what it does. */
export function inspect(
  code: string,
  cursor: number,
  detail: 0 | 1,
  evaluator: Evaluator,
): InspectReply | Promise<InspectReply> {
  const line = code.slice(code.lastIndexOf("\n", cursor - 1) + 1);
  const magic = /^\s*(%%?[A-Za-z_]\w*|!(?=.))/.exec(line)?.[1];
  const named = inspectName(code, cursor, detail, evaluator);
  if (magic === undefined || (magic === "!" && named.found)) return named;
  const start = cursor - (code.lastIndexOf("\n", cursor - 1) + 1);
  if (named.found && start > line.indexOf(magic) + magic.length) return named;
  return import("./magics/registry.ts").then(({ explain }) => {
    const text = explain(magic);
    return text === undefined ? named : { found: true, data: { "text/plain": text } };
  });
}

export function inspectName(code: string, cursor: number, detail: 0 | 1, evaluator: Evaluator): InspectReply {
  const chain = chainAt(code, Math.max(0, cursor));
  const found = chain === undefined ? undefined : valueOf(chain.split(/\s*\??\.\s*/), evaluator);
  if (chain === undefined || found === undefined) return { found: false, data: {} };
  const { value } = found;
  const lines = [`${chain}: ${typeName(value)}`];
  if (typeof value === "function") {
    const source = sourceOf(value as () => unknown);
    lines.push(detail === 1 ? source : signature(source));
  } else {
    lines.push(shortText(value, detail === 1 ? 4 : 1));
  }
  return { found: true, data: { "text/plain": lines.join("\n") } };
}

function shortText(value: unknown, depth: number): string {
  try {
    return textOf(value, { depth, maxArrayLength: 20, maxStringLength: 500, customInspect: false });
  } catch {
    return "a value that cannot be shown"; // A getter of `Symbol.toStringTag` may throw.
  }
}

function typeName(value: unknown): string {
  if (value === null) return "null";
  if (typeof value !== "object") return kindOf(value) === "class" ? "class" : typeof value;
  const name: unknown = propertyOf(value, "constructor")?.value;
  return typeof name === "function" ? name.name : "object";
}

/** The head of a function or class: up to its body. */
function signature(source: string): string {
  const body = /^class\b/.test(source) ? source.indexOf("{") : bodyStart(source);
  return body === -1 ? source : `${source.slice(0, body).trimEnd()} …`;
}

function bodyStart(source: string): number {
  let depth = 0;
  for (let index = 0; index < source.length; index++) {
    const character = source[index];
    if (character === "(") depth++;
    else if (character === ")") depth--;
    else if (depth === 0 && (character === "{" || source.startsWith("=>", index))) return index;
  }
  return -1;
}
