// Cells that define a module instead of running, as in tslab: one that begins with `/** @module NAME */` is kept as the file NAME.ts
// beside the notebook would be, and runs when it is imported. Only comments in front of the first word of code count.
// https://github.com/yunabe/tslab/blob/master/src/metadata.ts

export interface CellTags {
  /** The file that the cell stands for, such as "mylib.ts". */
  module?: string;
  /** What a cell that runs calls itself, where that is no name of a module: `a/b`, or nothing. */
  ignored?: string;
  /** Meant for a browser: there is none in which it could run. */
  browser?: true;
}

const LEADING = /\s+|\/\/[^\n]*|\/\*[^]*?\*\//y;

/** What the documentation comments say with which a cell begins; undefined when nothing of what it is. */
export function cellTags(source: string): CellTags | undefined {
  if (!/@(?:module|browser)\b/.test(source)) return undefined;
  const tags = new Map<string, string>();
  LEADING.lastIndex = 0;
  for (let match = LEADING.exec(source); match !== null; match = LEADING.exec(source))
    if (/^\/\*\*[^/]/.test(match[0])) for (const [name, text] of documentationTags(match[0])) tags.set(name, text);
  const name = tags.get("module");
  if (name === undefined && !tags.has("browser")) return undefined;
  return {
    ...(name !== undefined &&
      (/^\w+$/.test(name) ? { module: `${name}.${tags.has("jsx") ? "tsx" : "ts"}` } : { ignored: name })),
    ...(tags.has("browser") && { browser: true }),
  };
}

/** A tag begins a line, or follows another one that has no text. */
function documentationTags(comment: string): [name: string, text: string][] {
  const text = comment.slice(3, -2).replace(/^[ \t]*\*/gm, "");
  const tags: [string, string][] = [];
  for (const part of text.split(/^\s*@/m).slice(1))
    for (const [, name = "", rest = ""] of `@${part}`.matchAll(/@(\w+)\s*((?!@)[^]*)?/gy))
      tags.push([name, rest.trim()]);
  return tags;
}
