// The types of a session's cells: a policy, and the checker behind it, which is loaded and started when it is first needed or when
// nobody waits. Says before a cell runs whether it may, takes in what it has declared, and answers questions. A checker that
// fails costs a line on stderr, never a cell.

import { cellTags } from "./cell/module-cell.ts";
import type { Completions, ErrorOutput, Explanation, Language, Problem } from "./language.ts";

/** What an error of types does: stop the cell, be told on stderr, or nothing. */
export type TypecheckPolicy = "error" | "warn" | "off";
export const POLICIES: readonly TypecheckPolicy[] = ["error", "warn", "off"];

export interface TypecheckOptions {
  folder: string;
  prelude?: string | null | undefined;
  policy: TypecheckPolicy;
  onLog(line: string): void;
}

export interface Verdict {
  /** What is to run: the cell without the lines that are for us. */
  code: string;
  /** What is to be said instead, should the compiler have nothing against the cell. */
  refusal?: ErrorOutput;
  /** What is to be said on stderr before, likewise. */
  caution?: string;
  /** For stderr, and for stdout. */
  notes: string;
  answer: string;
}

/** What is known when a cell has run, beyond its text. */
export interface Outcome {
  /** Those of the cell's names that are in place, if not all are: it failed, or forgot them. */
  reached?: readonly string[] | undefined;
  /** All names that `globalThis` has by now beyond those of Node, if they are others than before. */
  globals?: readonly string[] | undefined;
  /** The cell has made the runtime forget what others have declared. */
  forgot?: boolean | undefined;
}

interface Ran {
  code: string;
  count: number;
  reached: ReadonlySet<string> | undefined;
}

/** `%typecheck`, `%typecheck off` */
const LINE = /^[ \t]*%typecheck(?:[ \t]+(\S+))?[ \t]*;?[ \t]*$/m;

/** Nothing but comments and spaces may come before such a line. */
const LEADING = /^(?:\s|\/\/[^\n]*|%[^\n]*)*$/;

export class Typecheck {
  readonly #options: TypecheckOptions;
  #policy: TypecheckPolicy;
  #language: Promise<Language | undefined> | undefined;
  #warm: Promise<void> | undefined;
  /** Cells that ran before there was anybody to take them in. */
  #earlier: Ran[] = [];
  #globals: readonly string[] = [];
  #loaded: { language: Language; module: typeof import("./language.ts") } | undefined;
  #saidUnchecked = false;
  #closed = false;

  constructor(options: TypecheckOptions) {
    this.#options = options;
    this.#policy = options.policy;
  }

  /** Starts the checker if cells will wait for it, once; resolves when it is up. */
  async warmUp(): Promise<void> {
    if (this.#policy === "off") return;
    this.#warm ??= this.#load().then((language) => language?.warmUp());
    await this.#warm;
  }

  /** May the cell run? Never rejects; nobody waits any more when `signal` aborts. */
  async before(source: string, count: number, signal: AbortSignal): Promise<Verdict> {
    const { code, answer } = this.#obey(source);
    const verdict = { code, answer, notes: "" };
    // What is meant for a browser does not run.
    if (this.#policy === "off" || (code.includes("@browser") && cellTags(code)?.browser)) return verdict;
    const language = await this.#load();
    if (language === undefined || this.#loaded === undefined)
      return { ...verdict, notes: this.#unchecked("the type checker cannot be loaded") };
    const check = await language.check(code, count, signal);
    if (signal.aborted) return verdict;
    if (!check.checked) return { ...verdict, notes: this.#unchecked(check.reason) };
    this.#saidUnchecked = false;
    const { errorOutput, warningText } = this.#loaded.module;
    // Lines that are for us stand in the user's own text.
    const own = (problem: Problem): Problem => (problem.source === code ? { ...problem, source } : problem);
    // The compiler says better why a cell does not parse; but some of what TypeScript refuses it does not see.
    const { errors, warnings, syntax } = check;
    const stopping = (syntax.length > 0 ? syntax : errors).map(own);
    const told = syntax.length > 0 ? [] : warnings.map(own);
    if (this.#policy === "warn") return { ...verdict, caution: warningText([...stopping, ...told]) };
    const notes = warningText(told);
    return stopping.length === 0 ? { ...verdict, notes } : { ...verdict, notes, refusal: errorOutput(stopping) };
  }

  /** The cell has run, or has failed. What it resolves to is for stderr. */
  ran(code: string, count: number, { reached, globals, forgot }: Outcome): Promise<string> | undefined {
    if (forgot) this.#forget();
    if (globals !== undefined) {
      this.#globals = globals;
      this.#loaded?.language.setGlobals(globals);
    }
    const names = reached === undefined ? undefined : new Set(reached);
    if (this.#loaded === undefined) {
      this.#earlier.push({ code, count, reached: names });
      return undefined;
    }
    const { language, module } = this.#loaded;
    const problems = language.ran(code, count, names, this.#policy !== "off");
    const { rerunText } = module;
    return problems?.then((found) => (found.length === 0 ? "" : rerunText(found)));
  }

  /** The runtime has lost all names. */
  reset(): void {
    this.#globals = [];
    this.#loaded?.language.setGlobals([]);
    this.#forget();
  }

  #forget(): void {
    this.#earlier = [];
    this.#loaded?.language.reset();
  }

  async complete(code: string, cursor: number): Promise<Completions | undefined> {
    return (await this.#load())?.complete(code, cursor);
  }

  async inspect(code: string, cursor: number, detail: 0 | 1): Promise<Explanation | undefined> {
    return (await this.#load())?.inspect(code, cursor, detail);
  }

  async close(): Promise<void> {
    this.#closed = true;
    await (await this.#language)?.close();
  }

  #load(): Promise<Language | undefined> {
    this.#language ??= this.#closed ? Promise.resolve(undefined) : this.#open();
    return this.#language;
  }

  async #open(): Promise<Language | undefined> {
    try {
      const module = await import("./language.ts");
      const { folder, prelude, onLog } = this.#options;
      const language = new module.Language({ folder, prelude, onLog });
      this.#loaded = { language, module };
      language.setGlobals(this.#globals);
      for (const { code, count, reached } of this.#earlier) void language.ran(code, count, reached);
      this.#earlier = [];
      return language;
    } catch (error) {
      // No temporary folder to write to, or a broken installation: cells run all the same.
      this.#options.onLog(`cells are not checked: ${String(error)}`);
      return undefined;
    }
  }

  /** Takes the lines out that set the policy, leaving all places as they are. */
  #obey(source: string): { code: string; answer: string } {
    let code = source;
    let answer = "";
    for (
      let match = LINE.exec(code);
      match !== null && LEADING.test(code.slice(0, match.index));
      match = LINE.exec(code)
    ) {
      const [line, wanted] = match;
      code = code.slice(0, match.index) + " ".repeat(line.length) + code.slice(match.index + line.length);
      const policy = POLICIES.find((known) => known === wanted);
      if (policy !== undefined) this.#policy = policy;
      else if (wanted === undefined) answer += `types: ${this.#policy}\n`;
      else answer += `%typecheck takes ${POLICIES.join(", ")}, not ${wanted}; it is ${this.#policy}\n`;
    }
    return { code, answer };
  }

  /** One line, not one for each cell of a notebook. */
  #unchecked(reason: string): string {
    if (this.#saidUnchecked) return "";
    this.#saidUnchecked = true;
    return `types were not checked: ${reason}\n`;
  }
}
