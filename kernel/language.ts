// What TypeScript knows of a session's cells: checks a cell before it runs, takes in what it declares when it has run, completes
// and explains what is being typed. Plain calls: no sockets, no protocol, no code of the user's runs here. Whatever happens to
// the language server, each call answers: with nothing, or "unchecked", and the cell runs.

import { setMaxListeners } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { readLines } from "./cell/lines.ts";
import { cellTags } from "./cell/module-cell.ts";
import { CellSyntaxError } from "./cell/strip-types.ts";
import { assignedAt, complete, type Completions, nameWanted, type Question } from "./language/complete.ts";
import { Hints } from "./language/hints.ts";
import { importsOf } from "./language/imports.ts";
import { type Explanation, inspect } from "./language/inspect.ts";
import { OwnFiles } from "./language/own-files.ts";
import { Places } from "./language/places.ts";
import { severityOf } from "./language/policy.ts";
import { declarationsOfNames, declaredNames, readPrelude, specifierOf } from "./language/prelude.ts";
import { Program } from "./language/program.ts";
import { documents, Project } from "./language/project.ts";
import { Problems, type Sorted } from "./language/problems.ts";
import { headline, labelOf, type Problem } from "./language/report.ts";
import { Cell, type CellModule, Scope } from "./language/scope.ts";
import { type Diagnostic, LanguageServer, type Limits, uriOf } from "./language/server.ts";
import { importOf } from "./language/slots.ts";
import { asObject, type CellView } from "./language/view.ts";

export { type ErrorOutput, errorOutput, type Problem, warningText } from "./language/report.ts";
export type { Completions } from "./language/complete.ts";
export type { Explanation } from "./language/inspect.ts";

export interface LanguageOptions {
  /** The folder of the notebook. */
  folder: string;
  /** Module whose exports are in scope of every cell. */
  prelude?: string | null | undefined;
  onLog?(line: string): void;
  /** The native executable of TypeScript. Default: that of the package typescript. */
  executable?: string;
}

export type Check =
  | ({ checked: true } & Sorted)
  /** No answer came in time, or there is no language server. */
  | { checked: false; reason: string };

/** What cells see besides Node's globals. */
const TYPES = fileURLToPath(new URL("../../kernel/types", import.meta.url));
const PACKAGE = fileURLToPath(new URL("../..", import.meta.url));

/** Milliseconds that a cell waits for its check, and one that imports something new. */
const CHECK = 2000;
const CHECK_IMPORTS = 10_000;
/** Milliseconds for a question, and for all that a rerun makes necessary. */
const QUESTION = 1500;
const RERUN = 1000;
/** Milliseconds that no cell waits longer, not even for a language server that starts. */
const LONGEST_CHECK = 15_000;

const NO_ANSWER = "the language server did not answer in time";

export class Language {
  readonly #options: LanguageOptions;
  readonly #project: Project;
  readonly #server: LanguageServer;
  readonly #scope = new Scope();
  readonly #program: Program;
  readonly #places: Places;
  readonly #imported = new Set<string>();
  readonly #problems: Problems;
  /** The `Cell [n]` that did not parse last. */
  #unparsed: number | undefined;
  /** The cell that was checked last, if nothing was wrong with it. */
  #checked: { source: string; count: number } | undefined;
  /** Cells that have checked before they ran, and whether they still do: when one no longer does, its user is told. */
  readonly #sound = new Map<CellModule, boolean>();
  #question: AbortController | undefined;
  #prelude: Promise<boolean> | undefined;
  #isPreludeKnown = true;

  /** Makes the project's folder; throws where there can be none. */
  constructor(options: LanguageOptions) {
    this.#options = options;
    this.#project = new Project(options.folder, TYPES);
    this.#places = new Places(this.#project, this.#scope, options.folder);
    this.#problems = new Problems({
      folder: options.folder,
      scope: this.#scope,
      places: this.#places,
      documents: Object.values(documents.cell).map((file) => this.#project.path(file)),
      hints:
        typeof options.prelude === "string"
          ? new Hints(options.prelude, { ...options, packageFolder: PACKAGE })
          : undefined,
    });
    this.#server = new LanguageServer({
      folder: this.#project.folder,
      onStart: () => this.#project.restore(),
      ...(options.onLog !== undefined && { onLog: options.onLog }),
      ...(options.executable !== undefined && { executable: options.executable }),
    });
    const { folder, prelude } = options;
    if (prelude) {
      this.#scope.setPrelude(specifierOf(prelude, folder));
      const names = declaredNames(prelude, folder, PACKAGE);
      if (names !== undefined) this.#scope.setPreludeNames(declarationsOfNames(names));
      this.#isPreludeKnown = names !== undefined;
    }
    this.#program = new Program(this.#project, this.#server, this.#scope, new OwnFiles(folder));
  }

  /** The process number of the language server, if it runs. */
  get pid(): number | undefined {
    return this.#server.pid;
  }

  /** So many cells are kept: those that declare what later ones can use, or use themselves. */
  get moduleCount(): number {
    return this.#scope.size;
  }

  /** Resolves when what is done while nobody waits has been done. */
  async settled(): Promise<void> {
    await this.#program.settled();
  }

  /** Starts the language server and has it read the libraries, so that the first cell need not wait. */
  async warmUp(): Promise<void> {
    await this.#ready();
    await this.#diagnostics(
      this.#program.setDocument("cell", new Cell("console.log(process.pid)"), this.#view),
      QUESTION,
    );
  }

  /** The diagnostics of a cell that is to run as `Cell [count]`. Never rejects. */
  async check(source: string, count: number, signal?: AbortSignal): Promise<Check> {
    this.#checked = undefined;
    const over = new AbortController();
    const late = { checked: false as const, reason: NO_ANSWER };
    const limit = delay(LONGEST_CHECK, late, { ref: false, signal: over.signal });
    try {
      const check = await Promise.race([this.#check(source, count, signal), limit]);
      if (check.checked && check.errors.length + check.syntax.length === 0) this.#checked = { source, count };
      return check;
    } catch (error) {
      return { checked: false, reason: this.#confused(error) };
    } finally {
      over.abort();
    }
  }

  async #check(source: string, count: number, signal: AbortSignal | undefined): Promise<Check> {
    if (!(await this.#ready())) return { checked: false, reason: this.#noAnswer };
    await this.#program.told;
    const cell = this.#cell(source);
    this.#program.lookAround(source);
    // A cell that is a file sees no other.
    const isFile = cellTags(source)?.module !== undefined;
    let view = isFile ? cell.view(importOf([])) : this.#scope.view(cell);
    const path = this.#program.setDocument("cell", cell, view);
    const imports = importsOf(source).filter((specifier) => !this.#imported.has(specifier));
    const within = imports.length > 0 ? CHECK_IMPORTS : CHECK;
    let found = await this.#diagnostics(path, within, signal);
    const object = found?.some(isSyntaxError) && !isFile ? asObject(source) : undefined;
    if (object !== undefined) {
      const objectCell = new Cell(source, null, object);
      const objectView = this.#scope.view(objectCell);
      const inObject = await this.#diagnostics(
        this.#program.setDocument("cell", objectCell, objectView),
        within,
        signal,
      );
      if (inObject !== undefined && !inObject.some(isSyntaxError)) [found, view] = [inObject, objectView];
    }
    if (found === undefined) return { checked: false, reason: this.#noAnswer };
    for (const specifier of imports) this.#imported.add(specifier);
    const sorted = this.#problems.sorted(found, view, count);
    if (sorted.syntax.length > 0) this.#unparsed = count;
    else if (sorted.errors.length > 0) this.#problems.notReached(cell.declarations.names.keys(), count, false);
    return { checked: true, ...sorted };
  }

  /**
   * A cell has run, and its names are there; of one that failed those that it `reached`. Resolves to what older cells that use
   * them have against what they are now, each cell once; there is nothing to wait for when none does, or nobody is told (`tells`).
   */
  ran(source: string, count: number, reached?: ReadonlySet<string>, tells = true): Promise<Problem[]> | undefined {
    const cell = this.#cell(source);
    const tags = cellTags(source);
    if (tags !== undefined) {
      if (tags.module !== undefined && reached === undefined) this.#program.addFile(tags.module, source);
      return undefined;
    }
    const change = this.#scope.add(cell, count, reached);
    this.#program.cellRan(change);
    const { added, relinked, removed } = change;
    if (added !== undefined && this.#checked?.count === count && this.#checked.source === source)
      this.#sound.set(added, true);
    for (const module of removed) this.#sound.delete(module);
    this.#problems.declared(reached ?? cell.declarations.names.keys(), count);
    // A cell that does not parse declares nothing.
    if (reached !== undefined && count !== this.#unparsed) {
      const names = [...cell.declarations.names.keys()].filter((name) => !reached.has(name));
      this.#problems.notReached(names, count, true);
    }
    if (change.isRepeated || !tells) return undefined;
    const concerned = this.#scope.dependents(relinked).filter((module) => this.#sound.has(module));
    if (concerned.length === 0) return undefined;
    return this.#recheck(concerned).catch((error: unknown) => {
      this.#confused(error);
      return [];
    });
  }

  /** The names that the runtime's `globalThis` has beyond those of Node; nothing is known of their types. */
  setGlobals(names: Iterable<string>): void {
    this.#problems.globals = new Set(names);
  }

  /** The runtime is a new one, without any names. */
  reset(): void {
    this.#program.remove(this.#scope.clear());
    this.#sound.clear();
    this.#problems.reset();
  }

  /** A question overtakes the one before; `undefined` where no TypeScript is. Never rejects. */
  async complete(source: string, cursor: number): Promise<Completions | undefined> {
    const names = { wanted: nameWanted(source, cursor), assigned: assignedAt(source, cursor) };
    const found = await this.#ask(source, cursor, names, (question) => complete(this.#server, question));
    if (found === undefined) return undefined;
    return {
      ...found,
      items: found.items.map((item) => ({ ...item, signature: this.#places.readable(item.signature) })),
    };
  }

  /** `detail` 1 adds the source of what is explained. Never rejects. */
  async inspect(source: string, cursor: number, detail: 0 | 1): Promise<Explanation | undefined> {
    const names = { wanted: () => false, assigned: new Set<string>() };
    const found = await this.#ask(source, cursor, names, (question) =>
      inspect(this.#server, { ...question, detail, locate: (uri, place) => this.#places.location(uri, place) }),
    );
    return (
      found && { ...found, markdown: this.#places.readable(found.markdown), plain: this.#places.readable(found.plain) }
    );
  }

  async close(): Promise<void> {
    this.#question?.abort();
    this.#project.seal();
    await this.#server.close();
    // What is being written would be in the way.
    await this.#program.settled();
    this.#project.remove();
  }

  get #view(): CellView {
    return this.#scope.view(new Cell("console.log(process.pid)"));
  }

  #cell(source: string): Cell {
    const known = {
      isDeclared: (name: string) => this.#scope.kindOf(name) !== undefined,
      isGlobal: (name: string) => name in globalThis,
    };
    try {
      return new Cell(source, readLines(source, known));
    } catch (error) {
      // A magic where none can be: the runtime says so, and TypeScript that it does not parse.
      if (error instanceof CellSyntaxError) return new Cell(source);
      throw error;
    }
  }

  get #noAnswer(): string {
    return this.#server.isGone ? "the language server cannot be started" : NO_ANSWER;
  }

  /** The server is up, and has said what the prelude exports; if it has not, it is asked again with the next question. */
  #ready(): Promise<boolean> {
    if (this.#prelude !== undefined) return this.#prelude;
    const reading = this.#readPrelude().catch((error: unknown) => {
      this.#confused(error);
      return false;
    });
    this.#prelude = reading;
    void reading.then((isKnown) => {
      if (!isKnown && this.#prelude === reading) this.#prelude = undefined;
    });
    return reading;
  }

  async #readPrelude(): Promise<boolean> {
    await this.#program.told;
    await this.#server.start();
    const { prelude, folder } = this.#options;
    if (!prelude || this.#isPreludeKnown) return true;
    const document = this.#project.path(documents.typed.ts);
    const names = await readPrelude(this.#server, document, specifierOf(prelude, folder));
    if (names === undefined) return false;
    this.#scope.setPreludeNames(declarationsOfNames(names));
    this.#isPreludeKnown = true;
    this.#program.preludeRead();
    return true;
  }

  async #ask<Answer>(
    source: string,
    cursor: number,
    { wanted, assigned }: { wanted: (name: string) => boolean; assigned: ReadonlySet<string> },
    answer: (question: Question) => Promise<Answer>,
  ): Promise<Answer | undefined> {
    this.#question?.abort();
    const { signal } = (this.#question = new AbortController());
    setMaxListeners(0, signal);
    const limit = delay(QUESTION, "late", { ref: false });
    const end = performance.now() + QUESTION;
    const told = this.#ready().then(() => this.#program.told);
    if ((await Promise.race([told, limit])) === "late") return undefined;
    const cell = this.#cell(source);
    const view = this.#scope.typedView(cell, wanted, assigned);
    // The name of a magic, also one that is not whole yet.
    if (
      !view.isCode(cursor) ||
      /^[^\S\n]*%%?\w*$/m.test(source.slice(source.lastIndexOf("\n", cursor - 1) + 1, cursor))
    )
      return undefined;
    this.#program.lookAround(source);
    const path = this.#program.setDocument("typed", cell, view);
    const isLast = (name: string): boolean => !cell.declarations.names.has(name) && this.#scope.isPrelude(name);
    const limits: Limits = {
      signal,
      // One question is many requests, and all of them have this time.
      get within() {
        return end - performance.now();
      },
    };
    try {
      const declared = (): [string, string | undefined][] =>
        Array.from(this.#scope.names(), (name) => [name, this.#scope.kindOf(name)]);
      return await answer({ cell, view, path, cursor, limits, isLast, declared });
    } catch (error) {
      this.#confused(error);
      return undefined;
    }
  }

  async #diagnostics(path: string, within: number, signal?: AbortSignal): Promise<readonly Diagnostic[] | undefined> {
    const params = { textDocument: { uri: uriOf(path) } };
    const report = await this.#server.request("textDocument/diagnostic", params, { within, signal });
    return report?.kind === "full" ? report.items : undefined;
  }

  /** Its answer makes no sense: what it says next would not either. */
  #confused(error: unknown): string {
    this.#options.onLog?.(`the language server is confused: ${String(error)}`);
    this.#server.restart();
    return "the language server gave no answer that makes sense";
  }

  async #recheck(modules: readonly CellModule[]): Promise<Problem[]> {
    const end = performance.now() + RERUN;
    await this.#program.told;
    const problems: Problem[] = [];
    for (const module of modules) {
      const left = end - performance.now();
      if (left <= 0) break;
      const path = this.#project.path(module.file);
      const { view } = module;
      this.#server.setDocument(path, view.text);
      const found = await this.#diagnostics(path, left);
      this.#server.closeDocument(path);
      if (found === undefined) continue;
      const [first] = this.#problems.sorted(found, view, module.count).errors;
      if (first !== undefined && this.#sound.get(module)) problems.push(first);
      if (this.#sound.has(module)) this.#sound.set(module, first === undefined);
    }
    return problems;
  }
}

function isSyntaxError(diagnostic: Diagnostic): boolean {
  return severityOf(diagnostic) === "syntax";
}

/** One line per cell that a rerun has broken. */
export function rerunText(problems: readonly Problem[]): string {
  const lines = problems.map((problem) => `  ${labelOf(problem)}: ${headline(problem)}\n`);
  return `this changes what other cells rely on; they no longer check:\n${lines.join("")}`;
}
