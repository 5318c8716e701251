// A notebook → the Markdown of a note. A cell that nobody changed gives back the text it was made of, to the byte; one that was changed gives
// what it says now, with its heading's level and its fence's flags as the note had them; cells of other notebooks give plain Markdown.

import { type Cell, type CodeCell, type Notebook } from "../../kernel/notebook.ts";
import { hashOf, type Mark, markOf, plainText } from "./cells.ts";

export interface NoteText {
  text: string;
  /** What was changed in cells that come from the companion file. */
  companion: { file: string; changes: Change[] };
  /** What could not go into the note: one sentence each. */
  problems: string[];
}

/** Of the text of a cell in the companion file. */
export interface Change {
  /** The cell's number. */
  cell: number;
  line: number;
  from: string;
  to: string;
}

export function noteOf(notebook: Notebook): NoteText {
  const { head = "", companion } = (notebook.metadata["adjoint"] ?? {}) as { head?: string; companion?: string };
  const problems: string[] = [];
  const changes: Change[] = [];
  /** The cell of the companion file that was last seen. */
  let last: Change | undefined;
  const change = (next: Change): void => {
    last = next;
    if (!changes.includes(next) && next.from !== next.to) changes.push(next);
  };
  const parts = notebook.cells.map((cell, index) => {
    const mark = markOf(cell);
    const number = index + 1;
    if (mark === undefined) {
      if (companion === undefined || cell.cell_type !== "code") return withoutMark(cell);
      // Code in the note itself would take the place of the companion's.
      if (last === undefined) problems.push(`cell ${number} is new, and its code belongs into ${companion}`);
      else change(Object.assign(last, { cell: number, to: apart([last.to, withoutMark(cell)]) }));
      return "";
    }
    const isSame = mark.hash === hashOf(cell.source);
    const { from, line } = mark;
    if (from !== undefined) {
      change({ cell: number, line, from, to: isSame ? from : changed(cell, { ...mark, note: from }) });
      return "";
    }
    if (isSame) return mark.note ?? plainText(cell.cell_type, cell.source);
    if (mark.file !== undefined || (mark.note === "" && cell.cell_type === "code")) {
      const where = `${mark.file === undefined ? "" : `${mark.file}, `}line ${line}`;
      problems.push(`cell ${number} was changed, and is made of what stands within a text, ${where}: change it there`);
      return "";
    }
    return changed(cell, mark);
  });
  const text = head + apart(parts);
  // The last cell of a notebook has no blank line after it.
  const end = notebook.cells.at(-1);
  const isOriginal = end !== undefined && markOf(end)?.hash === hashOf(end.source);
  return {
    text: isOriginal || text === "" ? text : `${text.trimEnd()}\n`,
    companion: { file: companion ?? "", changes },
    problems,
  };
}

/** The companion file with the changes in it, and those for which it has no place any more. */
export function withChanges(companion: string, changes: readonly Change[]): { text: string; lost: Change[] } {
  const lost: Change[] = [];
  let text = companion;
  // From the end, so that lines before stay where they are.
  for (const change of changes.toReversed()) {
    const places = [...occurrences(text, change.from)];
    const lineOf = (at: number): number => text.slice(0, at).split("\n").length;
    const [at] = places.toSorted((a, b) => Math.abs(lineOf(a) - change.line) - Math.abs(lineOf(b) - change.line));
    if (at === undefined) lost.unshift(change);
    else text = text.slice(0, at) + change.to + text.slice(at + change.from.length);
  }
  return { text, lost };
}

function* occurrences(text: string, part: string): Generator<number> {
  for (let at = text.indexOf(part); at >= 0; at = text.indexOf(part, at + 1)) yield at;
}

/** Joins texts, with a blank line where a changed one would run into the next. */
function apart(parts: readonly string[]): string {
  return parts.reduce((text, part) => {
    if (text === "" || part === "" || text.endsWith("\n\n") || /^\r?\n/.test(part)) return text + part;
    return /\n[ \t>]*\r?\n?[ \t]*$/.test(text) ? text + part : `${text.trimEnd()}\n\n${part}`;
  }, "");
}

function withoutMark(cell: Cell): string {
  if (cell.cell_type === "code") return fenced(cell.source, `ts${flagsOf(cell)}`);
  return cell.cell_type === "raw" ? fenced(cell.source, "text") : plainText("markdown", cell.source);
}

function fenced(code: string, info: string): string {
  const longest = Math.max(2, ...[...code.matchAll(/^[ \t]*(`+)/gm)].map(([, marks = ""]) => marks.length));
  const fence = "`".repeat(longest + 1);
  return `${fence}${info}\n${code}\n${fence}\n\n`;
}

function flagsOf({ metadata }: CodeCell): string {
  const { source_hidden: code, outputs_hidden: output } = (metadata["jupyter"] ?? {}) as Record<string, unknown>;
  const hidden = [code === true && "code", output === true && "output"].filter(Boolean).join(",");
  const fails = metadata.tags?.includes("raises-exception") === true;
  return `${hidden === "" ? "" : ` hide=${hidden}`}${fails ? " expect=error" : ""}`;
}

function changed(cell: Cell, mark: Mark): string {
  const former = mark.note ?? plainText(cell.cell_type, cell.source);
  if (cell.cell_type !== "code") {
    const level = /^#{1,6}(?=[ \t])/.exec(former)?.[0];
    const source = level === undefined ? cell.source : cell.source.replace(/^#{1,6}(?=[ \t])/, level);
    const before = /^(?:[ \t]*\r?\n)*/.exec(former)?.[0] ?? "";
    return `${before}${source.trimEnd()}${/\s*$/.exec(former)?.[0] || "\n\n"}`;
  }
  const [, info = "ts"] = /^[ \t]*(?:`{3,}|~{3,})[ \t]*([^\n\r]*)/.exec(former) ?? [];
  return fenced(withoutClaim(cell.source, mark), info === "" ? "ts" : info);
}

/** The fence's own code: the compiler has put its last expression into a call. */
function withoutClaim(source: string, { claims }: Mark): string {
  const [, name, code = ""] =
    /^(?:\/\/[^\n]*\n)?import \{ (claim|checkFormula) \} from "adjoint\/claims";\n([^]*)$/.exec(source) ?? [];
  if (name === undefined || claims === undefined) return source;
  const start = code.lastIndexOf(`${name}(`);
  const call =
    /^(?:claim\("(?:[^"\\]|\\.)*"|checkFormula\(\{(?:`[^`]*`|"(?:[^"\\]|\\.)*"|[^`"}])*\}), ([^]*)\)(;?\s*)$/.exec(
      code.slice(start),
    );
  if (start < 0 || call === null) return source;
  return code.slice(0, start) + (call[1] ?? "").replace(/, \{ expect: "refuted" \}$/, "");
}
