// Parameters for a notebook, as papermill gives them: a new cell, tagged `injected-parameters`, right after the one tagged
// `parameters`, so that the notebook's own values stay readable as defaults and the given ones win.
// Papermill: https://papermill.readthedocs.io/en/latest/usage-parameterize.html

import { derivedId, type CodeCell, type Notebook } from "./notebook.ts";

/** Name → TypeScript source of the value. */
export type Parameters = Map<string, string>;

const integer = /^[+-]?\d+(?:_\d+)*$/;
const decimal = /^[+-]?(?:\d+(?:_\d+)*\.?(?:\d+(?:_\d+)*)?|\.\d+(?:_\d+)*)(?:e[+-]?\d+(?:_\d+)*)?$/i;
const notFinite = /^([+-]?)(nan|inf|infinity)$/i;

/** What module code may not declare. */
const reserved = new Set(
  (
    "arguments await break case catch class const continue debugger default delete do else enum eval export extends false " +
    "finally for function if implements import in instanceof interface let new null package private protected public return " +
    "static super switch this throw true try typeof var void while with yield"
  ).split(" "),
);

/** Reads `name=value`; throws an Error whose message says what is wrong with it. */
export function parseParameter(text: string): { name: string; value: string } {
  const equals = text.indexOf("=");
  if (equals < 1) throw new Error(`expected NAME=VALUE, got ${JSON.stringify(text)}`);
  const name = text.slice(0, equals);
  if (!isVariableName(name)) throw new Error(`${JSON.stringify(name)} cannot be the name of a variable`);
  return { name, value: literal(text.slice(equals + 1)) };
}

/** The types that papermill's `-p` tells apart, in either language's spelling; everything else is a string. */
function literal(text: string): string {
  if (text === "true" || text === "True") return "true";
  if (text === "false" || text === "False") return "false";
  if (text === "null" || text === "None") return "null";
  const bare = text.trim();
  if (integer.test(bare) || decimal.test(bare)) return String(Number(bare.replaceAll("_", "")));
  const [, sign, word] = notFinite.exec(bare) ?? [];
  if (word !== undefined) return word.toLowerCase() === "nan" ? "NaN" : `${sign === "-" ? "-" : ""}Infinity`;
  return JSON.stringify(text);
}

function isVariableName(name: string): boolean {
  return /^[\p{ID_Start}$_][\p{ID_Continue}$\u200c\u200d]*$/u.test(name) && !reserved.has(name);
}

/** Puts the cell in place; answers whether the notebook has a cell tagged `parameters`, or had an injected one. */
export function injectParameters(notebook: Notebook, parameters: Parameters): boolean {
  const { cells } = notebook;
  const former = cells.findIndex((cell) => isTagged(cell, "injected-parameters"));
  const defaults = cells.findIndex((cell) => isTagged(cell, "parameters"));
  const id = cells[former]?.id ?? derivedId("injected-parameters", new Set(cells.map((cell) => cell.id)));
  const declarations = [...parameters].map(([name, value]) => `let ${name} = ${value};`);
  const injected: CodeCell = {
    cell_type: "code",
    id,
    metadata: { tags: ["injected-parameters"] },
    source: ["// Parameters", ...declarations].join("\n"),
    execution_count: null,
    outputs: [],
  };
  if (former >= 0) cells.splice(former, 1, injected);
  else cells.splice(defaults + 1, 0, injected);
  return former >= 0 || defaults >= 0;
}

export function isTagged(cell: { metadata: { tags?: unknown } }, tag: string): boolean {
  return Array.isArray(cell.metadata.tags) && cell.metadata.tags.includes(tag);
}
