// A notebook → the Markdown of a note. A cell that nobody changed gives back the text it was made of, to the byte; one that was changed gives
// what it says now, with its heading's level and its fence's flags as the note had them; cells of other notebooks give plain Markdown.

import { type Cell, type CodeCell, type Notebook } from "../../kernel/notebook.ts";
import { hashOf, type Mark, markOf, plainText } from "./cells.ts";

export interface NoteText {
  text: string;
  /** What could not go into the note: one sentence each. */
  problems: string[];
}

export function noteOf(notebook: Notebook): NoteText {
  const { head = "" } = (notebook.metadata["adjoint"] ?? {}) as { head?: string };
  const problems: string[] = [];
  const parts = notebook.cells.map((cell, index) => {
    const mark = markOf(cell);
    if (mark === undefined) return withoutMark(cell);
    if (mark.hash === hashOf(cell.source)) return mark.note ?? plainText(cell.cell_type, cell.source);
    if (mark.file !== undefined) {
      problems.push(`cell ${index + 1} was changed, and belongs into ${mark.file}, line ${mark.line}`);
      return "";
    }
    if (mark.note === "" && mark.claims !== undefined) return "";
    return changed(cell, mark);
  });
  const text = head + apart(parts);
  // The last cell of a notebook has no blank line after it.
  const last = notebook.cells.at(-1);
  const isOriginal = last !== undefined && markOf(last)?.hash === hashOf(last.source);
  return { text: isOriginal || text === "" ? text : `${text.trimEnd()}\n`, problems };
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
    return `${source.trimEnd()}${/\s*$/.exec(former)?.[0] || "\n\n"}`;
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
