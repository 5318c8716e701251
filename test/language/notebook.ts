// A notebook for the checker alone: cells are checked and, where nothing stops them, taken in as if they had run.

import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type Completions, Language, type LanguageOptions, type Problem } from "../../kernel/language.ts";

export interface CheckedCell {
  count: number;
  errors: Problem[];
  warnings: Problem[];
  /** Of older cells, because of this one. */
  rerun: Problem[];
  parses: boolean;
  checked: boolean;
}

export class Notebook {
  readonly folder = realpathSync(mkdtempSync(join(tmpdir(), "adjoint-test-")));
  readonly log: string[] = [];
  readonly language: Language;
  #count = 0;

  constructor(options: Partial<LanguageOptions> = {}) {
    this.language = new Language({ folder: this.folder, onLog: (line) => this.log.push(line), ...options });
  }

  /** As after a crash. */
  reset(): void {
    this.#count = 0;
    this.language.reset();
  }

  /** A file beside the notebook. */
  file(path: string, text: string): string {
    const whole = join(this.folder, path);
    mkdirSync(dirname(whole), { recursive: true });
    writeFileSync(whole, text);
    return whole;
  }

  /** Checks a cell, and runs it if nothing stops it; `reached`: it fails, with these names in place. */
  async cell(source: string, reached?: readonly string[]): Promise<CheckedCell> {
    const count = ++this.#count;
    const check = await this.language.check(source, count);
    const { errors, warnings, syntax } = check.checked ? check : { errors: [], warnings: [], syntax: [] };
    const parses = syntax.length === 0;
    const cell: CheckedCell = { count, errors, warnings, parses, rerun: [], checked: check.checked };
    if (errors.length > 0 || !parses) return cell;
    return { ...cell, rerun: (await this.language.ran(source, count, reached && new Set(reached))) ?? [] };
  }

  /** `2345 line:column message` of each error of the last of these cells; all before it must check. */
  async errors(...sources: readonly string[]): Promise<string[]> {
    let last: CheckedCell | undefined;
    for (const source of sources) {
      if (last !== undefined && last.errors.length > 0)
        throw new Error(`${last.count}: ${shown(last.errors).join("; ")}`);
      last = await this.cell(source);
    }
    return shown(last?.errors ?? []);
  }

  /** Completes at the mark `|`. */
  async complete(marked: string): Promise<Completions> {
    const [source, cursor] = unmarked(marked);
    const nothing = { items: [], start: cursor, end: cursor, isMember: false, isScope: false, inText: false };
    return (await this.language.complete(source, cursor)) ?? nothing;
  }

  async texts(marked: string): Promise<string[]> {
    return (await this.complete(marked)).items.map(({ text }) => text);
  }

  /** What is explained at the mark `|`. */
  async markdown(marked: string, detail: 0 | 1 = 0): Promise<string | undefined> {
    return (await this.language.inspect(...unmarked(marked), detail))?.markdown;
  }

  async close(): Promise<void> {
    await this.language.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

export function shown(problems: readonly Problem[]): string[] {
  return problems.map(({ code, line, column, message }) => `${code} ${line}:${column} ${message}`);
}

function unmarked(marked: string): [source: string, cursor: number] {
  const cursor = marked.indexOf("|");
  return [marked.slice(0, cursor) + marked.slice(cursor + 1), cursor];
}

/** One notebook for all tests of a `describe`, empty before each. */
export function emptyNotebook(options: Partial<LanguageOptions> = {}): () => Notebook {
  let notebook: Notebook;
  before(() => {
    notebook = new Notebook(options);
  });
  beforeEach(() => notebook.reset());
  after(() => notebook.close());
  return () => notebook;
}
