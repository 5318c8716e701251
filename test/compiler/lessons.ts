// For tests of the compiler: vaults in temporary folders, and notes as the cells that they become.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Cell, Notebook } from "../../kernel/notebook.ts";
import { notebookOf } from "../../notebooks/compiler/cells.ts";
import { additionsOf } from "../../notebooks/compiler/companion.ts";
import { translate, type Translation } from "../../notebooks/compiler/dialect.ts";
import { surroundingsOf } from "../../notebooks/compiler/embed.ts";
import { formatMessage, type Message } from "../../notebooks/compiler/message.ts";
import { type Note, parseText } from "../../notebooks/compiler/parse.ts";
import { piecesOf } from "../../notebooks/compiler/pieces.ts";
import { Vault } from "../../notebooks/compiler/vault.ts";

/** A folder with these files; `.md` names have no extension where they have none. */
export function vaultOf(files: Record<string, string | Uint8Array>): { folder: string; remove(): void } {
  const folder = mkdtempSync(join(tmpdir(), "vault-"));
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

export interface Compiled {
  notebook: Notebook;
  cells: Cell[];
  /** One string for each cell: its source; code behind `ts>`. */
  sources: string[];
  messages: string[];
  translation: Translation;
}

/** The notebook of a note `note.md`, not executed; messages without the folder. */
export function compiled(
  text: string,
  { folder = join(tmpdir(), "no-such-vault"), companion }: { folder?: string; companion?: string } = {},
): Compiled {
  const messages: Message[] = [];
  const report = (message: Message): void => void messages.push(message);
  const vault = new Vault(folder);
  const read = (name: string, content: string): { note: Note; translation: Translation } => {
    const note = parseText(content, join(folder, name), report);
    return {
      note,
      translation: translate(note, surroundingsOf({ vault, outputOf: () => undefined }, note.file, report)),
    };
  };
  const { note, translation } = read("note.md", text);
  const pieces = piecesOf(note, translation);
  let added: Parameters<typeof notebookOf>[0]["companion"];
  if (companion !== undefined) {
    const other = read("note.lesson.md", companion);
    const { pieces: parts } = piecesOf(other.note, other.translation);
    added = {
      ...other,
      additions: additionsOf(other.note, parts, other.translation.outline, note, translation.outline),
    };
  }
  const notebook = notebookOf({ note, translation, pieces, companion: added });
  return {
    notebook,
    cells: notebook.cells,
    sources: notebook.cells.map(({ cell_type: type, source }) => (type === "code" ? `ts> ${source}` : source)),
    messages: messages.map((message) => formatMessage(message).replaceAll(`${folder}/`, "")),
    translation,
  };
}
