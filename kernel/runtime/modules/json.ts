// JSON files. V8 does not say of every error where it is: then the text is read once more, token by token, up to what may not be there.

import { CellSyntaxError } from "../../cell.ts";
import { locate } from "../../position-map.ts";

/** The value of a JSON text. Throws `CellSyntaxError`. */
export function parseJson(source: string): unknown {
  const text = source.replace(/^\uFEFF/, " ");
  try {
    return JSON.parse(text);
  } catch (error) {
    // V8 quotes the text in its message, and tells the place in some of them.
    const message = (error as SyntaxError).message.replace(/,? (?:in JSON at position|"|\.\.\.)[^]*$/, " in JSON");
    throw new CellSyntaxError(message, locate(text, errorAt(text)));
  }
}

/** A string, a value of another kind, or a mark. */
const TOKEN =
  /(?:("(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*")|(-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)|([[\]{},:]))/y;

/** The offset at which a text stops being JSON. */
function errorAt(text: string): number {
  const space = /[\t\n\r ]*/y;
  /** What may come next: a value, the key of an object, what follows a value; `first` allows the end of what has just begun. */
  let next: "value" | "key" | "colon" | "more" = "value";
  let first = false;
  const open: string[] = [];
  for (let at = 0; ;) {
    space.lastIndex = at;
    const start = at + (space.exec(text)?.[0].length ?? 0);
    TOKEN.lastIndex = start;
    const [all, string, literal, mark] = TOKEN.exec(text) ?? [];
    if (all === undefined) return start;
    const closes = mark !== undefined && mark === (open.at(-1) === "[" ? "]" : "}") && open.length > 0;
    if (closes && (next === "more" || first)) {
      open.pop();
      next = "more";
    } else if (next === "more" && mark === "," && open.length > 0) next = open.at(-1) === "[" ? "value" : "key";
    else if (next === "colon" && mark === ":") next = "value";
    else if (next === "key" && string !== undefined) next = "colon";
    else if (next === "value" && (string ?? literal) !== undefined) next = "more";
    else if (next === "value" && (mark === "[" || mark === "{")) {
      open.push(mark);
      next = mark === "[" ? "value" : "key";
    } else return start;
    first = mark === "[" || mark === "{";
    at = start + all.length;
  }
}
