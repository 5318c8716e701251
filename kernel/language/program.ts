// The files of TypeScript's program, and how it is told of their changes: one at a time where a text alone is another, for then it keeps
// all else; at once where files come or import something new, for then it finds all files anew. What is told while nobody waits,
// it takes in at once, so that the next question need not wait for it.

import { importsOf } from "./imports.ts";
import type { OwnFiles } from "./own-files.ts";
import { documents, type Project, TSCONFIG } from "./project.ts";
import { Cell, type CellModule, type Scope, type ScopeChange } from "./scope.ts";
import { type FileChange, type LanguageServer, uriOf } from "./server.ts";
import { isLong, settledTypes } from "./settle.ts";
import { EMPTY, INDEX } from "./slots.ts";
import type { CellView } from "./view.ts";

/** So many changes are told one by one; more take longer than to find all files anew. */
const FEW = 4;

/** Milliseconds that a large package may take to be read. */
const LIMITS = { within: 10_000 };

export class Program {
  readonly #project: Project;
  readonly #server: LanguageServer;
  readonly #scope: Scope;
  readonly #ownFiles: OwnFiles;
  /** What the files and documents that have any import, besides the index. */
  readonly #imports = new Map<string, string>();
  /** What is to be written and told, in its order. */
  #told = Promise.resolve();
  #settling = Promise.resolve();

  constructor(project: Project, server: LanguageServer, scope: Scope, ownFiles: OwnFiles) {
    this.#project = project;
    this.#server = server;
    this.#scope = scope;
    this.#ownFiles = ownFiles;
    // The server that starts next finds them.
    for (const { file } of scope.grow()) project.place(file, EMPTY);
    project.place(INDEX, scope.index);
  }

  /** Resolves when the language server has been told of everything; before, no question is to be asked. */
  get told(): Promise<void> {
    return this.#told;
  }

  /** Resolves when all types are written down that are to be. */
  async settled(): Promise<void> {
    await this.#settling;
    await this.#told;
  }

  /** The document has the text of the view from now on; its path. */
  setDocument(name: keyof typeof documents, cell: Cell, view: CellView): string {
    const path = this.#project.path(documents[name][cell.extension]);
    this.#server.setDocument(path, view.text);
    this.#importsAnew(path, cell.source);
    return path;
  }

  /** The names of the prelude are known, which were asked for in the document of what is being typed. */
  preludeRead(): void {
    this.#empty(this.#project.path(documents.typed.ts));
  }

  /** A cell has run. */
  cellRan({ added, relinked, loosened }: ScopeChange): void {
    const modules = [...(added === undefined ? [] : [added]), ...relinked, ...loosened];
    const importing = modules.filter(({ file, cell }) => this.#importsAnew(file, cell.source));
    const emptied = this.#emptyDocuments();
    if (this.#grow() || emptied || importing.length > 0 || modules.length > FEW) {
      for (const module of modules) this.#write(module.file, module.view.text, "changed");
      this.#takeIn();
    } else {
      for (const module of modules) {
        this.#write(module.file, module.view.text, "changed");
        this.#takeIn();
      }
    }
    const long = modules.filter(isLong);
    if (long.length > 0) this.#settling = this.#settling.then(() => this.#settle(long));
  }

  /** Their names are gone, and what they changed globally. */
  remove(modules: readonly CellModule[]): void {
    for (const { file } of modules) {
      this.#importsAnew(file, "");
      this.#write(file, EMPTY, "changed");
    }
  }

  /** A cell that is a file beside the notebook (cell/module-cell.ts). */
  addFile(name: string, source: string): void {
    this.#write(name, source, this.#project.has(name) ? "changed" : "created");
  }

  /** What has changed beside the notebook, of what the cell and those before it import. */
  lookAround(source: string): void {
    this.#ownFiles.follow(source);
    const { files, settings } = this.#ownFiles.changes();
    if (settings) this.#project.settingsChanged();
    this.#server.filesChanged([
      ...files,
      ...(settings ? [{ path: this.#project.path(TSCONFIG), change: "changed" as const }] : []),
    ]);
  }

  async #settle(modules: readonly CellModule[]): Promise<void> {
    await this.#told;
    for (const module of modules) {
      const { file, view } = module;
      const isTaken = (name: string): boolean => this.#scope.isTaken(name);
      const types = await settledTypes(this.#server, this.#project.path(file), module, isTaken);
      // Meanwhile it may have been linked anew, or be gone.
      if (types.size === 0 || this.#scope.moduleOf(file) !== module || module.view.text !== view.text) continue;
      for (const [name, type] of types) module.settled.set(name, type);
      this.#write(file, module.view.text, "changed");
      this.#takeIn();
    }
  }

  /** Makes room for cells to come, if there is little. */
  #grow(): boolean {
    const slots = this.#scope.grow();
    if (slots.length === 0) return false;
    for (const { file } of slots) this.#write(file, EMPTY, "created");
    this.#write(INDEX, this.#scope.index, "changed");
    return true;
  }

  /** Nobody waits for a disk but who asks the next question. */
  #write(file: string, text: string, change: FileChange): void {
    this.#told = this.#told.then(async () => {
      await this.#project.write(file, text);
      this.#server.filesChanged([{ path: this.#project.path(file), change }]);
    });
  }

  /** Whether other modules are imported than before. */
  #importsAnew(file: string, source: string): boolean {
    const before = this.#imports.get(file);
    const now = importsOf(source).join("\n") || undefined;
    if (now === before) return false;
    if (now === undefined) this.#imports.delete(file);
    else this.#imports.set(file, now);
    return true;
  }

  /** Those that import something, since the next cell will import something else, or nothing. */
  #emptyDocuments(): boolean {
    const importing = Object.values(documents)
      .flatMap((files) => Object.values(files).map((file) => this.#project.path(file)))
      .filter((path) => this.#imports.delete(path));
    for (const path of importing) this.#empty(path);
    return importing.length > 0;
  }

  #empty(path: string): void {
    this.#server.setDocument(path, this.#scope.view(new Cell("")).text);
  }

  /** Any question that is answered without checking types. */
  #takeIn(): void {
    const textDocument = { uri: uriOf(this.#project.path(documents.cell.ts)) };
    this.#told = this.#told.then(() => {
      void this.#server.request("textDocument/foldingRange", { textDocument }, LIMITS);
    });
  }
}
