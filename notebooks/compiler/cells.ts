// Stage 2: pieces of a note → the cells of a notebook. Each cell remembers the text it was made of, and its line, in
// `metadata.adjoint`; its id comes from its section and its place there, so that an edit elsewhere leaves it the same.

import { createHash } from "node:crypto";
import { basename } from "node:path";
import { languageInfo, notebookKernelspec } from "../../kernel/language-info.ts";
import { type Cell, type CodeCell, derivedId, type Notebook } from "../../kernel/notebook.ts";
import { ClaimWriter } from "./claim-cells.ts";
import type { Additions } from "./companion.ts";
import type { Translation } from "./dialect.ts";
import type { Fence, Piece, Pieces } from "./pieces.ts";
import type { Note } from "./parse.ts";

/** What a cell remembers. */
export interface Mark {
  /** Of the note: that of the cell's first line. */
  line: number;
  /** The file, where it is not the note. */
  file?: string;
  /** That file's text. */
  from?: string;
  /** The note's text, where the cell's source and a blank line do not say it. */
  note?: string;
  /** Of the source as it was built. */
  hash: string;
  /** Formulas whose verdicts the cell shows, or the statement that it checks. */
  claims?: string[];
  expect?: "error" | "refuted";
}

export function markOf(cell: Cell): Mark | undefined {
  return cell.metadata["adjoint"] as Mark | undefined;
}

export function hashOf(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 12);
}

export interface Assembly {
  note: Note;
  translation: Translation;
  pieces: Pieces;
  companion: { note: Note; additions: Additions; translation: Translation } | undefined;
}

export function notebookOf(assembly: Assembly): Notebook {
  return new Assembler(assembly).notebook();
}

class Assembler {
  readonly #assembly: Assembly;
  readonly #cells: Cell[] = [];
  readonly #ids = new Set<string>();
  readonly #counts = new Map<string, number>();
  readonly #claims: ClaimWriter;
  readonly #runs: boolean;
  #section = "";

  constructor(assembly: Assembly) {
    this.#assembly = assembly;
    const { note, translation, pieces, companion } = assembly;
    const added = [...(companion?.additions.values() ?? [])].flat();
    const fences = (list: readonly Piece[]): Fence[] =>
      list.flatMap(({ fence, nested }) => (fence === undefined ? nested : [fence]));
    const own = fences(pieces.pieces).map((fence) => ({ fence, note }));
    const others = companion === undefined ? [] : fences(added).map((fence) => ({ fence, note: companion.note }));
    this.#claims = new ClaimWriter(translation.formulas, [...own, ...others]);
    this.#runs = own.length + others.length > 0 || this.#claims.stand;
  }

  notebook(): Notebook {
    const { note, translation, pieces, companion } = this.#assembly;
    const { title } = translation.outline;
    if (title !== undefined) this.#text(`# ${title}`, { line: 1, note: "" });
    this.#add(companion?.additions.get(undefined));
    let open: Piece["section"];
    for (const piece of pieces.pieces) {
      if (piece.section !== undefined) {
        this.#add(open === undefined ? undefined : companion?.additions.get(open));
        open = piece.section;
        this.#section = piece.section.text;
      }
      this.#piece(piece, note);
    }
    this.#add(open === undefined ? undefined : companion?.additions.get(open));
    const head = note.text.slice(0, pieces.start);
    const adjoint = {
      note: basename(note.file),
      ...(head !== "" && { head }),
      ...(companion !== undefined && { companion: basename(companion.note.file) }),
      ...(translation.tags.length > 0 && { tags: translation.tags }),
      sources: hashOf(this.#cells.map(({ source }) => source).join("\0")),
    };
    const metadata = { adjoint, kernelspec: { ...notebookKernelspec }, language_info: { ...languageInfo } };
    return { nbformat: 4, nbformat_minor: 5, metadata, cells: this.#cells };
  }

  #add(pieces: readonly Piece[] | undefined): void {
    const companion = this.#assembly.companion?.note;
    if (companion !== undefined) for (const piece of pieces ?? []) this.#piece(piece, companion);
  }

  #piece(piece: Piece, note: Note): void {
    const text = note.text.slice(piece.start, piece.end);
    const own = note === this.#assembly.note;
    const file = own ? {} : { file: basename(note.file) };
    const from = own ? {} : { from: text };
    const line = note.lineAt(piece.start);
    if (piece.fence !== undefined) {
      this.#code(piece.fence, { note: own ? text : "", ...file, ...from }, note);
      return;
    }
    if (piece.markdown !== "" || this.#cells.length === 0) {
      const cell = this.#text(piece.markdown + (own ? this.#unchecked(piece) : ""), {
        line,
        note: own ? text : "",
        ...file,
        ...from,
      });
      if (piece.section?.empty === true) cell.metadata["jp-MarkdownHeadingCollapsed"] = true;
      if (piece.attachments.length > 0) {
        const attachments = piece.attachments.map(({ name, type, base64 }) => [name, { [type]: base64 }]);
        Object.assign(cell, { attachments: Object.fromEntries(attachments) as object });
      }
    } else if (own) appendNote(this.#cells.at(-1), text);
    for (const fence of piece.nested) {
      this.#code(fence, { note: "", ...file }, note);
      // It is shown where it stands.
      hide(this.#cells.at(-1), "code");
    }
    const written = piece.formulas.filter((formula) => this.#claims.isChecked(formula));
    if (own && this.#runs && written.length > 0) {
      const source = this.#claims.formulaCell(written);
      const cell = this.#cell("code", source, { line, note: "", claims: written.map(({ place }) => place) });
      hide(cell, "code");
    }
  }

  /** Where nothing runs, nothing will say it. */
  #unchecked({ formulas }: Piece): string {
    const count = this.#runs ? 0 : formulas.filter(({ display }) => display).length;
    if (count === 0) return "";
    return `\n\n<small>○ not checked: ${count === 1 ? "the formula" : `the ${count} formulas`} above</small>`;
  }

  #code(fence: Fence, mark: Pick<Mark, "note" | "file" | "from">, note: Note): void {
    const { flags } = fence;
    const written = this.#claims.write(fence, note);
    const cell = this.#cell("code", written.source, {
      line: fence.line - written.added,
      ...mark,
      ...(written.claims.length > 0 && { claims: written.claims }),
      ...(flags.expectsError && { expect: "error" as const }),
      ...(flags.expectsRefuted && { expect: "refuted" as const }),
    });
    for (const what of ["code", "output"] as const) if (flags.hide.has(what)) hide(cell, what);
    if (flags.expectsError) cell.metadata.tags = [...(cell.metadata.tags ?? []), "raises-exception"];
  }

  #text(source: string, mark: Omit<Mark, "hash">): Cell {
    return this.#cell("markdown", source, mark);
  }

  #cell(type: "code" | "markdown", source: string, { note = "", ...mark }: Omit<Mark, "hash">): Cell {
    const seed = `${this.#section}\0${type}`;
    const count = (this.#counts.get(seed) ?? 0) + 1;
    this.#counts.set(seed, count);
    const adjoint: Mark = { ...mark, ...(note !== plainText(type, source) && { note }), hash: hashOf(source) };
    const base = { id: derivedId(`${seed}\0${count}`, this.#ids), metadata: { adjoint }, source };
    const cell: Cell =
      type === "markdown"
        ? { cell_type: "markdown", ...base }
        : { cell_type: "code", ...base, execution_count: null, outputs: [] };
    this.#cells.push(cell);
    return cell;
  }
}

/** What a note says where a cell of it needs no more. */
export function plainText(type: Cell["cell_type"], source: string): string {
  return type === "code" ? `\`\`\`ts\n${source}\n\`\`\`\n\n` : `${source}\n\n`;
}

/** What becomes of no cell, such as a comment, goes with the one before it. */
function appendNote(cell: Cell | undefined, text: string): void {
  const mark = cell === undefined ? undefined : markOf(cell);
  if (cell !== undefined && mark !== undefined)
    mark.note = (mark.note ?? plainText(cell.cell_type, cell.source)) + text;
}

/** As JupyterLab hides it, and as Jupyter Book does. */
function hide(cell: Cell | undefined, what: "code" | "output"): void {
  if (cell === undefined) return;
  const field = what === "code" ? "source_hidden" : "outputs_hidden";
  cell.metadata["jupyter"] = { ...(cell.metadata["jupyter"] as object | undefined), [field]: true };
  cell.metadata.tags = [...(cell.metadata.tags ?? []), what === "code" ? "hide-input" : "hide-output"];
}

export function codeCells(notebook: Notebook): CodeCell[] {
  return notebook.cells.filter((cell) => cell.cell_type === "code");
}
