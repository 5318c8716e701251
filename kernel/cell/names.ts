// What a name in a cell means: a variable of the cell's own function, a global, or a property of the session's scope. The first of
// four layers that walk a cell's JavaScript and edit it in place (names, expressions, statements, the whole cell); it holds what
// they share: the edits, the scope at hand, and the one decision how a name is reached.

import type * as acorn from "acorn";
import type { Edit } from "../position-map.ts";
import type { Copies, LoopNames, NameUses } from "./copies.ts";
import { isDeclared, type DeclarationKind, type Scope } from "./scope-analysis.ts";

/** The names under which the generated function knows what the runtime hands it; none of them occurs in the cell. */
export interface GeneratedNames {
  scope: string;
  cell: string;
  /** Begins the names of the objects that hold the variables: `__$x.value` is the variable `x` of the cells. */
  variable: string;
  /** Stands for the scope where the cell assigns to constants: assigning to its properties throws. */
  constants: string;
  /** Called for each line that is no TypeScript; `null` in a cell that has none. */
  line: string | null;
  /** Of `using`: what holds the resources of a block. */
  resources: string;
}

export interface Surroundings {
  /** What the cell declares at its top level. */
  declared: ReadonlyMap<string, DeclarationKind>;
  /** Top-level names that the type stripper made up: they stay variables of the cell. */
  generated: ReadonlySet<string>;
  /** What the type stripper calls a decorated class -> the class's own name. */
  decorated: ReadonlyMap<string, string>;
  /** The statements that make decorated classes -> what the type stripper calls them. */
  decorations: ReadonlyMap<acorn.Node, string>;
  /** Where a `const` stands for a `using`, which Node 20 lacks -> is it an `await using`? */
  using: ReadonlyMap<number, boolean>;
  earlier: ReadonlyMap<string, DeclarationKind>;
  names: GeneratedNames;
}

/** Bare unless declared in this or an earlier cell: parameters of the generated function, and the language's own globals. */
const bareNames = new Set(
  `require __filename __dirname undefined NaN Infinity globalThis eval isFinite isNaN parseFloat parseInt decodeURI
  decodeURIComponent encodeURI encodeURIComponent AggregateError Array ArrayBuffer Atomics BigInt BigInt64Array BigUint64Array
  Boolean DataView Date Error EvalError FinalizationRegistry Float32Array Float64Array Function Int16Array Int32Array
  Int8Array Intl JSON Map Math Number Object Promise Proxy RangeError ReferenceError Reflect RegExp Set SharedArrayBuffer
  String Symbol SyntaxError TypeError URIError Uint16Array Uint32Array Uint8Array Uint8ClampedArray WeakMap WeakRef
  WeakSet`.split(/\s+/),
);
export const constantKinds: ReadonlySet<DeclarationKind> = new Set(["const", "import", "enum", "namespace"]);

/** How a name is reached: as it stands, or through the scope; `constant`: assigning to it is an error. */
export type Reach = "bare" | { constant: boolean; name: string };

export abstract class NameRewriter {
  protected readonly code: string;
  protected readonly around: Surroundings;
  protected readonly edits: Edit[] = [];
  /** Constants that the cell assigns to. */
  protected readonly constants = new Set<string>();
  /** The variables of the cells that this one uses. */
  protected readonly used = new Set<string>();
  /** Those that functions and classes use. */
  protected readonly captured: NameUses = { used: new Set(), assigned: new Set() };
  /** The loops of the cell's own function, outer ones first, and the one at hand. */
  protected readonly loops = new Map<acorn.Node, LoopNames>();
  protected loop: LoopNames | null = null;
  /** The loops that run on copies of variables, and the copies at hand. */
  protected readonly copies: ReadonlyMap<acorn.Node, Copies>;
  protected copied: ReadonlySet<string> | null = null;
  protected usesResources = false;
  /** Innermost scope of the cell; `null` at its top level. */
  protected scope: Scope | null = null;
  /** Is the code at hand run by the cell's own function, by an async function, or by neither? */
  protected runs: "top" | "async" | "sync" = "top";

  constructor(code: string, around: Surroundings, copies: ReadonlyMap<acorn.Node, Copies> = new Map()) {
    this.copies = copies;
    this.code = code;
    this.around = around;
  }

  protected insert(at: number, text: string): void {
    this.edits.push({ start: at, end: at, text, anchor: at });
  }

  protected replace(start: number, end: number, text: string): void {
    this.edits.push({ start, end, text, anchor: start });
  }

  protected reach(name: string, assigned = false): Reach {
    if (isDeclared(name, this.scope)) return "bare";
    const reach = this.#reachOutside(name);
    if (reach === "bare") return "bare";
    const users: Iterable<NameUses> = this.runs === "top" ? this.#loopsAround() : [this.captured];
    for (const { used, assigned: targets } of users) {
      used.add(reach.name);
      if (assigned) targets.add(reach.name);
    }
    // Functions in a loop go on to use the variable itself.
    return this.runs === "top" && this.copied?.has(name) === true ? "bare" : reach;
  }

  *#loopsAround(): Generator<LoopNames> {
    for (let { loop } = this; loop !== null; loop = loop.outer) yield loop;
  }

  /** The loops around this place cannot run on copies. */
  protected openLoops(): void {
    for (const loop of this.#loopsAround()) loop.isOpen = true;
  }

  #reachOutside(name: string): Reach {
    const { declared, generated, decorated, earlier } = this.around;
    const ownName = decorated.get(name);
    if (ownName !== undefined) return { constant: false, name: ownName };
    if (generated.has(name)) return "bare";
    const kind = declared.get(name) ?? earlier.get(name);
    if (kind !== undefined) return { constant: constantKinds.has(kind), name };
    if (bareNames.has(name) || name === this.around.names.line) return "bare";
    return { constant: false, name };
  }

  protected within(names: ReadonlySet<string>, walk: () => void): void {
    const outer = this.scope;
    if (names.size > 0) this.scope = { names, parent: outer };
    walk();
    this.scope = outer;
  }

  /** Where code of an interrupted cell could go on: the runtime throws here. */
  protected check(at: number): void {
    this.insert(at, `${this.around.names.cell}.resumed();`);
  }

  /** The code for a variable of the cells, or for where its declaration puts the initial value. */
  protected variable(name: string, property: "value" | "initial" = "value"): string {
    this.used.add(name);
    return `${this.around.names.variable}${name}.${property}`;
  }

  /** `name` -> `__$name.value`, with `before` in front of it. */
  protected through(identifier: acorn.Identifier, name: string, before = "", property?: "initial"): void {
    this.replace(identifier.start, identifier.end, before + this.variable(name, property));
  }
}
