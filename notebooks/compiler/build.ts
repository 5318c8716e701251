// A build: the notes of a command line, one after the other, with the files that their lessons have in common. It can be done again for those
// whose sources have changed.

import { existsSync } from "node:fs";
import { basename, dirname, resolve } from "node:path";
import { FAILED, OK } from "../../kernel/exit-codes.ts";
import type { OpenSession } from "../../kernel/run.ts";
import { OutputCache } from "./cache.ts";
import { compile, type CompileOptions, type Lesson } from "./compile.ts";
import { isBad, summaryOf } from "./findings.ts";
import { Kernels } from "./kernels.ts";
import { COMPANION, type Input, inputsOf } from "./inputs.ts";
import { formatMessage, type Message } from "./message.ts";
import { type WrittenPages, writeSite } from "./site.ts";
import type { Format } from "./write.ts";

const REFUTED = 2;
const BROKEN_LINK = 3;

export interface BuildOptions {
  output?: string;
  to: ReadonlySet<Format>;
  execute: boolean;
  cache: boolean;
  site?: boolean;
  strict?: boolean;
  timeout: number;
  watch?: boolean;
}

export class Build {
  readonly #paths: readonly string[];
  readonly #options: BuildOptions;
  readonly #compile: CompileOptions;
  readonly #kernels: Kernels;
  readonly #pages: WrittenPages = new WeakMap();
  #inputs: Input[];
  readonly #lessons = new Map<string, Lesson>();
  readonly #messages = new Map<string, Message[]>();
  /** The note that is being built. */
  #current = "";

  /** Throws a UsageError for paths that cannot be meant. */
  constructor(
    paths: readonly string[],
    options: BuildOptions,
    session: Pick<CompileOptions, "progress" | "interrupt" | "giveUp" | "onRunning"> & { openSession: OpenSession },
  ) {
    this.#paths = paths;
    this.#options = options;
    this.#inputs = inputsOf(paths, options.output);
    const { timeout } = options;
    const { openSession, ...running } = session;
    const { progress } = running;
    this.#kernels = new Kernels(openSession, { watches: options.watch === true });
    const cache = options.cache ? new OutputCache() : undefined;
    this.#compile = {
      formats: options.to,
      isSite: options.site === true,
      run: options.execute ? { kernels: this.#kernels, timeout, cache } : undefined,
      outputOf: (note) => this.#inputs.find(({ file }) => resolve(file) === note)?.stem ?? builtBefore(note),
      isLesson: (stem) => this.#inputs.some((input) => input.stem === stem) || existsSync(`${stem}.html`),
      ...running,
      report: (message) => {
        this.#messages.set(this.#current, [...(this.#messages.get(this.#current) ?? []), message]);
        progress.print(formatMessage(message));
      },
    };
  }

  get inputs(): readonly Input[] {
    return this.#inputs;
  }

  /** Builds all notes, or those that a change of `files` concerns. */
  async run(files?: ReadonlySet<string>): Promise<void> {
    if (files !== undefined) {
      this.#inputs = inputsOf(this.#paths, this.#options.output);
      for (const { vault } of this.#inputs) vault.forget();
      const there = new Set(this.#inputs.map(({ file }) => file));
      for (const file of [...this.#lessons.keys(), ...this.#messages.keys()]) {
        if (there.has(file)) continue;
        this.#lessons.delete(file);
        this.#messages.delete(file);
      }
    }
    const concerned = this.#inputs.filter((input) => files === undefined || this.#concerns(input, files));
    for (const [index, input] of concerned.entries()) {
      if (this.#compile.interrupt.aborted) break;
      await this.#one(input, concerned[index + 1]);
    }
    if (this.#options.site === true && this.#options.to.has("html") && this.#lessons.size > 0) {
      const folder = this.siteFolder();
      const hasNotebooks = this.#options.to.has("ipynb");
      await writeSite(
        [...this.#lessons.values()],
        { folder, title: basename(folder), hasNotebooks },
        this.#compile,
        this.#pages,
      );
    }
  }

  /** The build is over: kernels that wait for the next one start, or end. */
  rest(): Promise<void> {
    return this.#kernels.rest();
  }

  close(): Promise<void> {
    return this.#kernels.close();
  }

  async #one(input: Input, next: Input | undefined): Promise<void> {
    const start = performance.now();
    this.#current = input.file;
    this.#messages.delete(input.file);
    const lesson = await compile(input, this.#compile, next && resolve(dirname(next.file)));
    if (lesson === undefined) {
      this.#lessons.delete(input.file);
      return;
    }
    this.#lessons.set(input.file, lesson);
    this.#compile.progress.print(`${input.file}: ${resultOf(lesson, (performance.now() - start) / 1000)}`);
  }

  /** A note's own file or companion; what it embeds or links to; and any file that is no note, for cells may import it. */
  #concerns({ file }: Input, changed: ReadonlySet<string>): boolean {
    const note = resolve(file);
    if (changed.has(note) || changed.has(note.replace(/\.md$/, COMPANION))) return true;
    const lesson = this.#lessons.get(file);
    if (lesson === undefined || lesson.targets.some((target) => changed.has(target))) return true;
    // What it looked for may be there now.
    if (lesson.messages.some(({ severity }) => severity === "link")) return true;
    return [...changed].some((path) => !path.endsWith(".md"));
  }

  /** The folder that all lessons lie in. */
  siteFolder(): string {
    const folders = this.#inputs.map(({ stem }) => dirname(stem));
    let common = folders[0] ?? ".";
    while (
      !folders.every(
        (folder) => folder === common || folder.startsWith(`${common}/`) || folder.startsWith(`${common}\\`),
      )
    ) {
      common = dirname(common);
    }
    return common;
  }

  exitCode(): number {
    const lessons = [...this.#lessons.values()];
    const messages = [...this.#messages.values()].flat();
    const strict = this.#options.strict === true;
    const isBroken = ({ severity }: Message): boolean => severity === "error" || (strict && severity === "warning");
    if (lessons.some(({ executed }) => executed?.failed === true) || messages.some(isBroken)) return FAILED;
    const findings = lessons.flatMap((lesson) => (lesson.executed === undefined ? [] : lesson.findings));
    const isUnproven = ({ verdict }: { verdict: string }): boolean => strict && verdict.startsWith("not check");
    if (findings.some((finding) => isBad(finding) || isUnproven(finding))) return REFUTED;
    return messages.some(({ severity }) => severity === "link") ? BROKEN_LINK : OK;
  }
}

/** The lesson that an earlier build has left beside a note. */
function builtBefore(note: string): string | undefined {
  const stem = note.replace(/\.md$/, "");
  return existsSync(`${stem}.ipynb`) ? stem : undefined;
}

function resultOf({ executed, findings }: Lesson, seconds: number): string {
  const time = `${seconds.toFixed(seconds < 10 ? 2 : 1)} s`;
  const cells = (count: number): string => `${count} ${count === 1 ? "cell" : "cells"}`;
  const ran =
    executed === undefined
      ? "not executed"
      : executed.cached === 0
        ? cells(executed.ran)
        : executed.ran === 0
          ? `${cells(executed.cached)}, all from the cache`
          : `${executed.ran} of ${cells(executed.ran + executed.cached)}`;
  const claims = findings.length === 0 ? "" : `; claims: ${summaryOf(findings)}`;
  return `${ran}, ${time}${claims}`;
}
