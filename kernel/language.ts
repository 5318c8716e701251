// What TypeScript knows of a session's cells: checks a cell before it runs, takes in what it declares when it has run, completes
// and explains what is being typed. Plain calls: no sockets, no protocol, no code of the user's runs here. Whatever happens to
// the language server, each call answers: with nothing, or "unchecked", and the cell runs.

import { setMaxListeners } from "node:events";
import { createRequire } from "node:module";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { readLines } from "./cell/lines.ts";
import { cellTags } from "./cell/module-cell.ts";
import { CellSyntaxError } from "./cell/strip-types.ts";
import { locate } from "./position-map.ts";
import { complete, type Completions, nameWanted, type Question } from "./language/complete.ts";
import { importsOf, installHint, installsPackages, missingModule, missingPackage, quoted } from "./language/imports.ts";
import { type Explanation, inspect } from "./language/inspect.ts";
import { OwnFiles } from "./language/own-files.ts";
import { Places } from "./language/places.ts";
import { DECORATOR_CALL, isOtherDialect, messageOf, severityOf, UNKNOWN_NAME } from "./language/policy.ts";
import { readPrelude } from "./language/prelude.ts";
import { Program } from "./language/program.ts";
import { documents, Project } from "./language/project.ts";
import { headline, labelOf, type Location, type Problem, shapeHint } from "./language/report.ts";
import { Cell, type CellModule, Scope } from "./language/scope.ts";
import { type Diagnostic, LanguageServer, uriOf } from "./language/server.ts";
import { importOf } from "./language/slots.ts";
import { asObject, type CellView, type Place } from "./language/view.ts";

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
  | {
      checked: true;
      errors: Problem[];
      warnings: Problem[];
      /** Why the cell does not parse; the compiler says it better, where it agrees. */
      syntax: Problem[];
    }
  /** No answer came in time, or there is no language server. */
  | { checked: false; reason: string };

/** What cells see besides Node's globals. */
const TYPES = fileURLToPath(new URL("../../kernel/types", import.meta.url));

/** Milliseconds that a cell waits for its check, and one that imports something new. */
const CHECK = 2000;
const CHECK_IMPORTS = 10_000;
/** Milliseconds for a question, and for all that a rerun makes necessary. */
const QUESTION = 1500;
const RERUN = 1000;

export class Language {
  readonly #options: LanguageOptions;
  readonly #project: Project;
  readonly #server: LanguageServer;
  readonly #scope = new Scope();
  readonly #program: Program;
  readonly #places: Places;
  readonly #imported = new Set<string>();
  #globals: ReadonlySet<string> = new Set();
  /** Cells whose user has been told that they do not check any more. */
  readonly #told = new Set<CellModule>();
  #question: AbortController | undefined;
  #prelude: Promise<void> | undefined;

  /** Makes the project's folder; throws where there can be none. */
  constructor(options: LanguageOptions) {
    this.#options = options;
    this.#project = new Project(options.folder, TYPES);
    this.#places = new Places(this.#project, this.#scope, options.folder);
    this.#server = new LanguageServer({
      folder: this.#project.folder,
      onStart: () => this.#project.restore(),
      ...(options.onLog !== undefined && { onLog: options.onLog }),
      ...(options.executable !== undefined && { executable: options.executable }),
    });
    this.#program = new Program(this.#project, this.#server, this.#scope, new OwnFiles(options.folder));
  }

  /** The process number of the language server, if it runs. */
  get pid(): number | undefined {
    return this.#server.pid;
  }

  /** So many cells are kept: those that declare what later ones can use, or use themselves. */
  get moduleCount(): number {
    return this.#scope.size;
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
    await this.#ready();
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
    if (found === undefined) {
      const reason = this.#server.isGone
        ? "the language server cannot be started"
        : "the language server did not answer in time";
      return { checked: false, reason };
    }
    for (const specifier of imports) this.#imported.add(specifier);
    const errors: Problem[] = [];
    const warnings: Problem[] = [];
    const syntax: Problem[] = [];
    const installs = installsPackages(source);
    const otherDialect = found.some(isOtherDialect);
    for (const diagnostic of found) {
      if (otherDialect && DECORATOR_CALL.has(Number(diagnostic.code))) continue;
      const severity = severityOf(diagnostic);
      if (severity === "ignored") continue;
      // What is missing at the end of the cell is missed behind it.
      const last = severity === "syntax" ? source.length : null;
      const problem = this.#problem(diagnostic, view, count, last);
      if (problem === undefined || this.#isThereAfterAll(problem) || (installs && missingPackage(problem))) continue;
      ({ error: errors, warning: warnings, syntax })[severity].push(problem);
    }
    return { checked: true, errors, warnings, syntax };
  }

  /**
   * A cell has run, and its names are there; of one that failed those that it `reached`. Resolves to what older cells that use
   * them have against what they are now, each cell once; there is nothing to wait for when none does.
   */
  ran(source: string, count: number, reached?: ReadonlySet<string>): Promise<Problem[]> | undefined {
    const cell = this.#cell(source);
    const tags = cellTags(source);
    if (tags !== undefined) {
      if (tags.module !== undefined && reached === undefined) this.#program.addFile(tags.module, source);
      return undefined;
    }
    const change = this.#scope.add(cell, count, reached);
    this.#program.cellRan(change);
    const { relinked } = change;
    return relinked.length === 0 ? undefined : this.#recheck(relinked);
  }

  /** The names that the runtime's `globalThis` has beyond those of Node; nothing is known of their types. */
  setGlobals(names: Iterable<string>): void {
    this.#globals = new Set(names);
  }

  /** The runtime is a new one, without any names. */
  reset(): void {
    this.#program.remove(this.#scope.clear());
    this.#told.clear();
  }

  /** A question overtakes the one before; `undefined` where no TypeScript is. Never rejects. */
  async complete(source: string, cursor: number): Promise<Completions | undefined> {
    const found = await this.#ask(source, cursor, nameWanted(source, cursor), (question) =>
      complete(this.#server, question),
    );
    if (found === undefined) return undefined;
    return {
      ...found,
      items: found.items.map((item) => ({ ...item, signature: this.#places.readable(item.signature) })),
    };
  }

  /** `detail` 1 adds the source of what is explained. Never rejects. */
  async inspect(source: string, cursor: number, detail: 0 | 1): Promise<Explanation | undefined> {
    const none = (): boolean => false;
    const found = await this.#ask(source, cursor, none, (question) =>
      inspect(this.#server, { ...question, detail, locate: (uri, place) => this.#places.location(uri, place) }),
    );
    return (
      found && { ...found, markdown: this.#places.readable(found.markdown), plain: this.#places.readable(found.plain) }
    );
  }

  async close(): Promise<void> {
    this.#question?.abort();
    await this.#server.close();
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

  /** The server is up, and has said what the prelude exports. */
  #ready(): Promise<void> {
    this.#prelude ??= this.#readPrelude();
    return this.#prelude;
  }

  async #readPrelude(): Promise<void> {
    await this.#server.start();
    const { prelude } = this.#options;
    if (!prelude) return;
    const document = this.#project.path(documents.typed.ts);
    const found = await readPrelude(this.#server, document, prelude, this.#options.folder);
    if (found === undefined) return;
    this.#scope.setPrelude(found.names, found.specifier);
    this.#program.preludeAdded();
  }

  async #ask<Answer>(
    source: string,
    cursor: number,
    wanted: (name: string) => boolean,
    answer: (question: Question) => Promise<Answer>,
  ): Promise<Answer | undefined> {
    this.#question?.abort();
    const { signal } = (this.#question = new AbortController());
    setMaxListeners(0, signal); // One question is many requests.
    const limit = delay(QUESTION, "late", { ref: false });
    if ((await Promise.race([this.#ready(), limit])) === "late") return undefined;
    const cell = this.#cell(source);
    const view = this.#scope.typedView(cell, wanted);
    // The name of a magic, also one that is not whole yet.
    if (
      !view.isCode(cursor) ||
      /^[^\S\n]*%%?\w*$/m.test(source.slice(source.lastIndexOf("\n", cursor - 1) + 1, cursor))
    )
      return undefined;
    this.#program.lookAround(source);
    const path = this.#program.setDocument("typed", cell, view);
    const isLast = (name: string): boolean => !cell.declarations.names.has(name) && this.#scope.isPrelude(name);
    return answer({ cell, view, path, cursor, limits: { within: QUESTION, signal }, isLast });
  }

  async #diagnostics(path: string, within: number, signal?: AbortSignal): Promise<readonly Diagnostic[] | undefined> {
    const params = { textDocument: { uri: uriOf(path) } };
    const report = await this.#server.request("textDocument/diagnostic", params, { within, signal });
    return report?.kind === "full" ? report.items : undefined;
  }

  async #recheck(modules: readonly CellModule[]): Promise<Problem[]> {
    const end = performance.now() + RERUN;
    const problems: Problem[] = [];
    for (const module of modules) {
      const left = end - performance.now();
      if (left <= 0) break;
      const path = this.#project.path(module.file);
      const { view } = module;
      this.#server.setDocument(path, view.text);
      const found = await this.#diagnostics(path, left);
      this.#server.closeDocument(path);
      const [first] = (found ?? [])
        .filter((diagnostic) => severityOf(diagnostic) === "error")
        .map((diagnostic) => this.#problem(diagnostic, view, module.count))
        .filter((problem) => problem !== undefined && !this.#isThereAfterAll(problem));
      if (first === undefined) this.#told.delete(module);
      else if (!this.#told.has(module)) {
        this.#told.add(module);
        problems.push(first);
      }
    }
    return problems;
  }

  /** `outside`: where it is said to be, if it is in no cell. */
  #problem(diagnostic: Diagnostic, view: CellView, count: number, outside: number | null = null): Problem | undefined {
    const start = view.offset(diagnostic.range.start) ?? outside;
    if (start === null) return undefined;
    const { source } = view;
    const end = view.offset(diagnostic.range.end) ?? source.length;
    const problem: Problem = {
      where: `Cell [${count}]`,
      ...locate(source, start),
      ...this.#plain(diagnostic, source.slice(start, end)),
      start,
      end,
      source,
      related: (diagnostic.relatedInformation ?? []).flatMap(({ message, location: { uri, range } }) => {
        const place = this.#relatedLocation(uri, range.start, view, count);
        return place === undefined ? [] : [{ ...place, message: this.#places.readable(message) }];
      }),
    };
    const hint = shapeHint(problem) ?? installHint(problem, this.#options.folder);
    return hint === undefined ? problem : { ...problem, hint };
  }

  /** What comes from another cell is imported, which is not what its user wrote. */
  #plain(diagnostic: Diagnostic, name: string): { code: number; message: string } {
    const code = Number(diagnostic.code);
    if (code === 2632 && this.#scope.kindOf(name) === "const")
      return { code: 2588, message: `Cannot assign to '${name}' because it is a constant.` };
    return { code, message: this.#places.readable(messageOf(diagnostic)) };
  }

  /** This Node has globals that its types lack, and finds modules that TypeScript does not: by conditions of their own. */
  #isThereAfterAll({ code, message, source, start }: Problem): boolean {
    // `typeof` asks whether there is such a name.
    if (UNKNOWN_NAME.has(code)) {
      const name = quoted(message) ?? "";
      return (
        name in globalThis ||
        this.#globals.has(name) ||
        definesGlobal(source, name) ||
        /\btypeof\s+$/.test(source.slice(Math.max(0, start - 100), start))
      );
    }
    const specifier = missingModule({ code, message });
    if (specifier === undefined) return false;
    try {
      createRequire(join(this.#options.folder, "cell.ts")).resolve(specifier);
      return true;
    } catch {
      return false; // Node finds it neither.
    }
  }

  #relatedLocation(uri: string, place: Place, view: CellView, count: number): Location | undefined {
    const current = Object.values(documents.cell).some((file) => uri === uriOf(this.#project.path(file)));
    if (!current) return this.#places.location(uri, place);
    const offset = view.offset(place);
    return offset === null ? undefined : { where: `Cell [${count}]`, ...locate(view.source, offset) };
  }
}

function isSyntaxError(diagnostic: Diagnostic): boolean {
  return severityOf(diagnostic) === "syntax";
}

/** `globalThis.name = 1` */
function definesGlobal(source: string, name: string): boolean {
  return Array.from(source.matchAll(/\bglobal(?:This)?\.([\p{ID_Continue}$]+)\s*=(?!=)/gu)).some(
    ([, defined]) => defined === name,
  );
}

/** One line per cell that a rerun has broken. */
export function rerunText(problems: readonly Problem[]): string {
  const lines = problems.map((problem) => `  ${labelOf(problem)}: ${headline(problem)}\n`);
  return `this changes what other cells rely on; they no longer check:\n${lines.join("")}`;
}
