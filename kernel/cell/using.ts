// `using` and `await using`, which Node 20 lacks. swc would lower them, but it renames and hoists what stands beside them, and at
// the top of a cell those are the cell's names. So each `using` is read as a `const` of the same length, remembered by
// its place, and the statements around it get a `try` and `finally` (statements.ts) that call the code at the end of this file.

import { StrippedPositions, type Stripped } from "../position-map.ts";

export interface ReadAsConst {
  cell: string;
  /** Offsets in the cell -> is it an `await using`? */
  keywords: Map<number, boolean>;
}

const lowered = /[\p{ID_Start}$_][\p{ID_Continue}$\u200c\u200d]* = _ts_add_disposable_resource\(/gu;
const keyword = /(\bawait\s+)?\busing\s+$/;

/** `null` for a cell without `using`; swc's own lowering tells which `using` is a declaration and which is a name. */
export function readUsingAsConst(stripped: Stripped): ReadAsConst | null {
  const { cell } = stripped;
  if (!cell.includes("using") || !stripped.code.includes("_ts_add_disposable_resource(")) return null;
  const positions = new StrippedPositions(stripped);
  const keywords = new Map<number, boolean>();
  let result = cell;
  for (const { index } of stripped.code.matchAll(lowered)) {
    const name = positions.offsetInCell(index);
    const match = name === null ? null : keyword.exec(cell.slice(0, name));
    // The second variable of one declaration has a comma before it.
    if (match === null) continue;
    keywords.set(match.index, match[1] !== undefined);
    const length = match[0].trimEnd().length;
    result = result.slice(0, match.index) + "const".padEnd(length) + result.slice(match.index + length);
  }
  return keywords.size === 0 ? null : { cell: result, keywords };
}

/** The places of the `const`s in the stripped code. */
export function constantsForUsing(keywords: ReadonlyMap<number, boolean>, stripped: Stripped): Map<number, boolean> {
  const places = new Map<number, boolean>();
  if (keywords.size === 0) return places;
  const positions = new StrippedPositions(stripped);
  for (const { index } of stripped.code.matchAll(/\bconst\b/g)) {
    const original = positions.offsetInCell(index);
    const isAsync = original === null ? undefined : keywords.get(original);
    if (isAsync !== undefined) places.set(index, isAsync);
  }
  return places;
}

/** A declaration of the function `name`, which makes what holds the resources of one block. */
export function resourcesCode(name: string): string {
  return `function ${name}() { ${resourcesBody.replace(/\s+/g, " ")} } `;
}

// https://tc39.es/proposal-explicit-resource-management/: disposed last to first; an error on the way suppresses the one before.
const resourcesBody = `
  const stack = [];
  let failed = false, error;
  const fail = (next) => {
    if (failed && typeof SuppressedError === "function") next = new SuppressedError(next, error);
    else if (failed)
      next = Object.assign(new Error("An error was suppressed during disposal."), { name: "SuppressedError", error: next, suppressed: error });
    failed = true;
    error = next;
  };
  return {
    fail,
    use(value, isAsync) {
      if (value === null || value === undefined) {
        if (isAsync) stack.push({ isAsync });
        return value;
      }
      if (Object(value) !== value) throw new TypeError("a resource must be an object, null or undefined");
      const method = (isAsync ? value[Symbol.asyncDispose] : undefined) ?? value[Symbol.dispose];
      if (typeof method !== "function")
        throw new TypeError(isAsync ? "a resource needs a method [Symbol.asyncDispose] or [Symbol.dispose]" : "a resource needs a method [Symbol.dispose]");
      stack.push({ value, method, isAsync });
      return value;
    },
    dispose() {
      for (let resource = stack.pop(); resource; resource = stack.pop())
        try { resource.method.call(resource.value); } catch (next) { fail(next); }
      if (failed) throw error;
    },
    async disposeAsync() {
      for (let resource = stack.pop(); resource; resource = stack.pop())
        try {
          const returned = resource.method?.call(resource.value);
          if (resource.isAsync) await returned;
        } catch (next) { fail(next); }
      if (failed) throw error;
    },
  };
`;
