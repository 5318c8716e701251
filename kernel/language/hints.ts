// What the author of a prelude knows to say to its users' errors: how a name of another library is spelled here, what stands in the place
// of an operator. The prelude's package exports it as `./hints.json`, a list of {message, before?, hint}; a prelude that is a file has it
// beside itself (`prelude.mjs`, `prelude.hints.json`). The first whose expressions fit is told.

import { readFileSync } from "node:fs";
import { besidePrelude, isAbsence } from "./prelude.ts";
import type { Problem } from "./report.ts";

interface Hint {
  /** What TypeScript says; `$1` in the hint is its first group. */
  message: RegExp;
  /** What stands in the cell before the place. */
  before: RegExp | undefined;
  hint: string;
}

/** What stands before what is wrong. */
const OVERLOADS = /^No overload matches this call\.\n\s+The last overload gave the following error\.\n\s+/;

/** So much of what stands before is looked at. */
const BEFORE = 100;

export class Hints {
  readonly #file: () => string;
  readonly #onLog: ((line: string) => void) | undefined;
  #hints: readonly Hint[] | undefined;

  /** `packageFolder`: the package whose name needs no installation. Nothing is read before the first problem. */
  constructor(
    prelude: string,
    { folder, packageFolder, onLog }: { folder: string; packageFolder: string; onLog?: (line: string) => void },
  ) {
    this.#file = () => besidePrelude("hints.json", prelude, folder, packageFolder);
    this.#onLog = onLog;
  }

  hint(problem: Problem): string | undefined {
    const { source, start } = problem;
    this.#hints ??= this.#read();
    const message = problem.message.replace(OVERLOADS, "");
    const text = source.slice(Math.max(0, start - BEFORE), start);
    for (const { message: pattern, before, hint } of this.#hints) {
      const found = pattern.exec(message);
      if (found === null || before?.test(text) === false) continue;
      return hint.replace(/\$(\d)/g, (_, group: string) => found[Number(group)] ?? "");
    }
    return undefined;
  }

  #read(): readonly Hint[] {
    try {
      const list: unknown = JSON.parse(readFileSync(this.#file(), "utf8"));
      return (list as { message: string; before?: string; hint: string }[]).map(({ message, before, hint }) => ({
        message: new RegExp(message),
        before: before === undefined ? undefined : new RegExp(before),
        hint: String(hint),
      }));
    } catch (error) {
      // Most preludes have none, and none is worth a cell: TypeScript has said what is wrong.
      if (!isAbsence(error)) this.#onLog?.(`the prelude's hints cannot be read: ${String(error)}`);
      return [];
    }
  }
}
