// From TypeScript's diagnostics to what the reader of a notebook is told: in words about the notebook, without what only this way of
// checking brings about, with what would help here, and sorted by what it means for the cell.

import { createRequire } from "node:module";
import { join } from "node:path";
import { locate } from "../position-map.ts";
import { isOfCaught } from "./caught.ts";
import type { Hints } from "./hints.ts";
import { installHint, missingModule, missingPackage, installsPackages, quoted } from "./imports.ts";
import { nameHint } from "./nearest.ts";
import type { Places } from "./places.ts";
import {
  DECORATOR_CALL,
  isOfOlderState,
  isOtherDialect,
  isOfShapes,
  isShapeChange,
  messageOf,
  type Severity,
  severityOf,
  shapeError,
  UNKNOWN_NAME,
} from "./policy.ts";
import type { Location, Problem } from "./report.ts";
import type { Scope } from "./scope.ts";
import { type Diagnostic, uriOf } from "./server.ts";
import { tokensOf } from "./tokens.ts";
import type { CellView, Place } from "./view.ts";

export interface Sorted {
  errors: Problem[];
  warnings: Problem[];
  /** Why the cell does not parse; the compiler says it better, where it agrees. */
  syntax: Problem[];
}

export interface Surroundings {
  /** The folder of the notebook. */
  folder: string;
  scope: Scope;
  places: Places;
  /** The documents that hold the cell which is to run. */
  documents: readonly string[];
  /** What the author of the prelude has to say. */
  hints: Hints | undefined;
}

export class Problems {
  readonly #around: Surroundings;
  readonly #documents: ReadonlySet<string>;
  /** What the runtime's `globalThis` has beyond what Node has. */
  globals: ReadonlySet<string> = new Set();
  /** What a cell declares that was not run, or failed before -> the n of `Cell [n]`, and whether it began to run. */
  readonly #unreached = new Map<string, { count: number; began: boolean }>();
  /** Variables that hold tensors of other shapes than they were declared with -> the n of the `Cell [n]` that did it. */
  readonly #reshaped = new Map<string, number>();

  constructor(around: Surroundings) {
    this.#around = around;
    this.#documents = new Set(around.documents.map(uriOf));
  }

  /** The cell declares these names, and they have got no value. */
  notReached(names: Iterable<string>, count: number, began: boolean): void {
    for (const name of names) this.#unreached.set(name, { count, began });
  }

  /** The cell has declared these names anew. */
  declared(names: Iterable<string>, count: number): void {
    for (const name of names) {
      this.#unreached.delete(name);
      if (this.#reshaped.get(name) !== count) this.#reshaped.delete(name);
    }
  }

  reset(): void {
    this.#unreached.clear();
    this.#reshaped.clear();
  }

  sorted(found: readonly Diagnostic[], view: CellView, count: number): Sorted {
    const { source } = view;
    const sorted: Sorted = { errors: [], warnings: [], syntax: [] };
    const installs = installsPackages(source);
    const otherDialect = found.some(isOtherDialect);
    for (const diagnostic of found) {
      if (otherDialect && DECORATOR_CALL.has(Number(diagnostic.code))) continue;
      const severity = severityOf(diagnostic);
      if (severity === "ignored") continue;
      // What is missing at the end of the cell is missed behind it.
      const problem = this.#problem(diagnostic, view, count, severity === "syntax" ? source.length : null);
      if (problem === undefined || this.#isThereAfterAll(problem) || (installs && missingPackage(problem))) continue;
      if (severity === "error" && isOfCaught(problem)) continue;
      sorted[
        ({ error: "errors", warning: "warnings", syntax: "syntax" } as const)[this.#severity(problem, severity)]
      ].push(problem);
    }
    for (const problem of sorted.warnings) {
      const name = isShapeChange(problem) ? variableOf(problem) : undefined;
      if (name !== undefined) this.#reshaped.set(name, count);
    }
    return {
      errors: sorted.errors.filter(
        (problem) => !saysSameOfThis(problem, sorted.errors) && !this.#followsShapeChange(problem),
      ),
      warnings: eachHintOnce(sorted.warnings),
      syntax: sorted.syntax,
    };
  }

  /** To TypeScript the variable has the shape that it was declared with: what fits is the library's to say, when it runs. */
  #followsShapeChange({ message, source }: Problem): boolean {
    return (
      this.#reshaped.size > 0 &&
      (shapeError.test(message) || isOfShapes(message)) &&
      tokensOf(source).some(({ kind, text }) => kind === "word" && this.#reshaped.has(text))
    );
  }

  #severity(problem: Problem, severity: Exclude<Severity, "ignored">): Exclude<Severity, "ignored"> {
    if (severity !== "error") return severity;
    return isShapeChange(problem) || isOfOlderState(problem) ? "warning" : "error";
  }

  /** `outside`: where it is said to be, if it is in no cell. */
  #problem(diagnostic: Diagnostic, view: CellView, count: number, outside: number | null): Problem | undefined {
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
        return place === undefined ? [] : [{ ...place, message: this.#around.places.readable(message) }];
      }),
    };
    const hint = this.#hint(problem);
    return hint === undefined ? problem : { ...problem, hint };
  }

  #hint(problem: Problem): string | undefined {
    return (
      shapeHint(problem) ??
      olderStateHint(problem) ??
      this.#unreachedHint(problem) ??
      this.#around.hints?.hint(problem) ??
      installHint(problem, this.#around.folder) ??
      nameHint(problem, this.#around.scope.names())
    );
  }

  #unreachedHint({ code, message, source, start }: Problem): string | undefined {
    const unknown = UNKNOWN_NAME.has(code);
    // Or else what has a member that the prelude's value of that name lacks.
    const name = unknown
      ? (quoted(message) ?? "")
      : (/([\p{ID_Continue}$]+)\??\.$/u.exec(source.slice(0, start))?.[1] ?? "");
    if (unknown && OF_PAGES.has(name)) return "cells run in Node, which has no page; display.html shows HTML";
    const where = this.#unreached.get(name);
    if (where === undefined || !(unknown || this.#around.scope.isPrelude(name))) return undefined;
    const reason = where.began ? "has not run that far" : "was not run";
    return `Cell [${where.count}] declares ${unknown ? "it" : `a '${name}' of its own`}, but ${reason}`;
  }

  /** What comes from another cell is imported, which is not what its user wrote. */
  #plain(diagnostic: Diagnostic, name: string): { code: number; message: string } {
    const code = Number(diagnostic.code);
    if (code === 2632 && this.#around.scope.kindOf(name) === "const")
      return { code: 2588, message: `Cannot assign to '${name}' because it is a constant.` };
    // No option of a compiler brings a page into Node.
    const message = messageOf(diagnostic).replace(/ Do you need to change your target library\?.*'dom'\.$/, "");
    return { code, message: this.#around.places.readable(message) };
  }

  /** This Node has globals that its types lack, and finds modules that TypeScript does not: by conditions of their own. */
  #isThereAfterAll({ code, message, source, start }: Problem): boolean {
    if (UNKNOWN_NAME.has(code)) {
      const name = quoted(message) ?? "";
      return (
        name in globalThis ||
        this.globals.has(name) ||
        definesGlobal(source, name) ||
        // Asks whether there is such a name.
        /\btypeof\s+$/.test(source.slice(Math.max(0, start - 100), start))
      );
    }
    const specifier = missingModule({ code, message });
    if (specifier === undefined) return false;
    try {
      createRequire(join(this.#around.folder, "cell.ts")).resolve(specifier);
      return true;
    } catch {
      return false; // Node finds it neither.
    }
  }

  #relatedLocation(uri: string, place: Place, view: CellView, count: number): Location | undefined {
    if (!this.#documents.has(uri)) return this.#around.places.location(uri, place);
    const offset = view.offset(place);
    return offset === null ? undefined : { where: `Cell [${count}]`, ...locate(view.source, offset) };
  }
}

const OF_PAGES = new Set(["document", "window", "localStorage", "sessionStorage"]);

/** `globalThis.name = 1` */
function definesGlobal(source: string, name: string): boolean {
  return Array.from(source.matchAll(/\bglobal(?:This)?\.([\p{ID_Continue}$]+)\s*=(?!=)/gu)).some(
    ([, defined]) => defined === name,
  );
}

const WRONG_THIS = 2684;
const MAY_BE_NOTHING = new Set([2531, 2532, 2533, 18046, 18047, 18048, 18049]);

/** Of a method that declares its `this`, TypeScript says twice that the object may be null. */
function saysSameOfThis({ code, start }: Problem, all: readonly Problem[]): boolean {
  return code === WRONG_THIS && all.some((other) => other.start === start && MAY_BE_NOTHING.has(other.code));
}

/** What happens in each line of a cell is said of the first. */
function eachHintOnce(warnings: readonly Problem[]): Problem[] {
  const hints = warnings.map(({ hint }) => hint);
  return warnings.filter(({ hint }, index) => hint === undefined || hints.indexOf(hint) === index);
}

/** What helps when an assignment fails by shape alone. */
function shapeHint(problem: Problem): string | undefined {
  if (!isShapeChange(problem)) return undefined;
  const name = variableOf(problem);
  const how = name === undefined ? "as Tensor" : `let ${name}: Tensor = …`;
  return `only the shape differs: declare it with any shape, ${how}`;
}

/** The variable that is assigned to, if it is one. */
function variableOf({ source, start, end }: Problem): string | undefined {
  const name = /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.exec(source.slice(start, end))?.[0];
  return name === "return" ? undefined : name;
}

function olderStateHint(problem: Problem): string | undefined {
  const name = isOfOlderState(problem);
  return name === undefined ? undefined : `${name} was declared anew; when they run, all cells mean the newest`;
}
