// The top-level names of all cells. Each is an object of its own, which every function that uses the name shares: so it is looked up
// when it is used, and as fast as a captured variable. (As properties of one object, which V8 turns into a hash table,
// they cost 20 ns at each use.) A variable that has no value of its own asks its binding, behind the accessor of its class: it
// is not reached yet, or imported, or of the prelude, or global, or unknown.

import type { Captured, DeclarationKind } from "../cell.ts";

/** What a variable without a value is. */
interface Binding {
  /** Of no cell; of a declaration that has not run; of an import. */
  readonly state: "free" | "unreached" | "import";
  get(): unknown;
  set(value: unknown): void;
}

export class Variable {
  readonly name: string;
  binding: Binding;
  /** Has the newest declaration run? */
  isReached = false;
  declare value: unknown;

  constructor(name: string, binding: Binding) {
    this.name = name;
    this.binding = binding;
  }

  get hasValue(): boolean {
    return Object.hasOwn(this, "value");
  }

  /** Does a cell declare it? */
  get isDeclared(): boolean {
    return this.hasValue || this.binding.state !== "free";
  }

  /** What a declaration sets. */
  set initial(value: unknown) {
    this.hold(value);
  }

  hold(value: unknown): void {
    this.isReached = true;
    Object.defineProperty(this, "value", { value, writable: true, enumerable: true, configurable: true });
  }

  bind(binding: Binding): void {
    // V8 takes back the property that was added last: all variables have one of two shapes.
    Reflect.deleteProperty(this, "value");
    this.isReached = true;
    this.binding = binding;
  }
}

Object.defineProperty(Variable.prototype, "value", {
  get(this: Variable): unknown {
    return this.binding.get();
  },
  set(this: Variable, value: unknown) {
    this.binding.set(value);
  },
});

// V8 notes what a property has held: after numbers only, integers would be read as doubles, and a loop over them take half as
// long again; and code that was compiled before the first object came would be thrown away.
for (const value of [0.5, {}]) new Variable("", { state: "free", get: () => undefined, set: () => {} }).hold(value);

/** What a name was before a declaration that has not run: without a value, or with one that it keeps. */
interface Before {
  binding: Binding | null;
  kind: DeclarationKind | undefined;
}

export class Variables {
  /** The newest declarations of the cells, and the prelude's names. */
  readonly kinds = new Map<string, DeclarationKind>();
  /** What functions use, and what modules may change: the prelude's names. */
  readonly captured = { used: new Set<string>(), assigned: new Set<string>() };
  /** The variables as properties of one object, imports with getters. */
  readonly scope: Record<string, unknown>;
  readonly #all = new Map<string, Variable>();
  readonly #prelude = new Map<string, () => unknown>();
  /** Those of the latter that are not the prelude's own. */
  readonly #provided = new Set<string>();
  /** The names that the latest cell declares, other than with `var`. */
  readonly #latest = new Map<string, Before>();
  /** All names that the latest cell declares. */
  #declaredLast: readonly string[] = [];

  constructor() {
    const named = <T>(name: string | symbol, then: (variable: Variable) => T): T | undefined =>
      typeof name === "string" ? then(this.variable(name)) : undefined;
    this.scope = new Proxy(Object.create(null) as Record<string, unknown>, {
      get: (_, name) => named(name, (variable) => variable.value),
      set: (_, name, value) => named(name, (variable) => ((variable.value = value), true)) ?? false,
      has: (_, name) => typeof name === "string" && this.has(name),
      ownKeys: () => this.declared(),
      getOwnPropertyDescriptor: (_, name) => named(name, descriptor),
      defineProperty: (_, name, { value, get, set }) =>
        named(name, (variable) => {
          if (get === undefined) variable.hold(value);
          else variable.bind({ state: "import", get: get as () => unknown, set: set ?? constant });
          return true;
        }) ?? false,
      deleteProperty: (_, name) => typeof name === "string" && this.delete(name),
    });
  }

  variable(name: string): Variable {
    let variable = this.#all.get(name);
    if (variable === undefined) this.#all.set(name, (variable = new Variable(name, this.#free(name))));
    return variable;
  }

  /** Puts a module's exports in scope of every cell, below the cells' own names. */
  addPrelude(namespace: Readonly<Record<string, unknown>>): void {
    for (const name of Object.keys(namespace)) {
      if (name === "default") continue;
      this.#prelude.set(name, () => namespace[name]);
      this.kinds.set(name, "let");
      this.captured.assigned.add(name);
    }
  }

  /** Puts a value below the cells' own names. */
  provide(name: string, value: unknown): void {
    this.#prelude.set(name, () => value);
    this.#provided.add(name);
    if (!this.kinds.has(name)) this.kinds.set(name, "let");
    this.captured.assigned.add(name);
  }

  /** Adds what the functions of a cell use. */
  capture({ used, assigned }: Captured): void {
    for (const name of used) this.captured.used.add(name);
    for (const name of assigned) this.captured.assigned.add(name);
  }

  /** Is there something to be read under this name, in a cell, in the prelude or global? */
  has(name: string): boolean {
    return this.#all.get(name)?.isDeclared === true || this.#prelude.has(name) || name in globalThis;
  }

  /** What cells declare. */
  declared(): string[] {
    return [...this.#all.values()].filter((variable) => variable.isDeclared).map(({ name }) => name);
  }

  /** What cells have declared and reached, with its value; undefined for an import that its module lacks. */
  reached(): { name: string; kind: DeclarationKind; value: unknown }[] {
    return Object.keys(this.scope).map((name) => ({
      name,
      kind: this.kinds.get(name) ?? "let",
      value: this.#peek(name),
    }));
  }

  #peek(name: string): unknown {
    try {
      return this.variable(name).value;
    } catch {
      return undefined; // It may be a type: an error when it is used.
    }
  }

  /** Forgets what cells have declared, and what was provided. */
  reset(): void {
    for (const name of this.#provided) {
      this.#prelude.delete(name);
      this.delete(name);
    }
    this.#provided.clear();
    for (const name of this.declared()) this.delete(name);
  }

  /** What cells can use: their own names, then the prelude's. */
  names(): string[] {
    return [...Object.keys(this.scope), ...this.#prelude.keys()];
  }

  /** Of a name in a cell or in the prelude; a getter is ours. */
  describe(name: string): PropertyDescriptor | undefined {
    const variable = this.#all.get(name);
    const get = this.#prelude.get(name);
    if (variable?.isDeclared === true) return descriptor(variable);
    return get && { get, enumerable: true, configurable: true };
  }

  /** Makes each name assignable; a new one cannot be read before its declaration has run. */
  declare(names: ReadonlyMap<string, DeclarationKind>): void {
    this.#declaredLast = [...names.keys()];
    for (const [name, kind] of names) {
      const variable = this.variable(name);
      const earlier = this.kinds.get(name);
      this.kinds.set(name, kind);
      if (kind === "var") {
        if (!variable.hasValue) variable.hold(undefined);
        continue;
      }
      variable.isReached = false;
      this.#latest.set(name, { binding: variable.hasValue ? null : variable.binding, kind: earlier });
      if (variable.hasValue) continue;
      const early = (): never => {
        throw new ReferenceError(`Cannot access '${name}' before initialization`);
      };
      variable.binding = { state: "unreached", get: early, set: early };
    }
  }

  /** The names of the latest cell that it has given a value. */
  reachedByLatest(): string[] {
    return this.#declaredLast.filter((name) => this.variable(name).isReached);
  }

  /** Names that a cell has declared but not reached are what they were before: for a cell that failed or was interrupted. */
  retract(): void {
    for (const [name, { binding, kind }] of this.#latest) {
      const variable = this.variable(name);
      if (variable.isReached) continue;
      if (binding !== null) variable.binding = binding;
      this.#setKind(name, kind);
    }
    this.#latest.clear();
  }

  /** Forgets a declaration; what it has shadowed is there again. */
  delete(name: string): boolean {
    this.variable(name).bind(this.#free(name));
    this.#setKind(name, this.#prelude.has(name) ? "let" : undefined);
    return true;
  }

  #setKind(name: string, kind: DeclarationKind | undefined): void {
    if (kind === undefined) this.kinds.delete(name);
    else this.kinds.set(name, kind);
  }

  #free(name: string): Binding {
    const globals = globalThis as Record<string, unknown>;
    const known = (): void => {
      if (!(name in globals)) throw notDefined(name);
    };
    return {
      state: "free",
      get: () => {
        const get = this.#prelude.get(name);
        if (get !== undefined) return get();
        known();
        return globals[name];
      },
      set: (value) => {
        if (this.#prelude.has(name)) constant();
        known();
        globals[name] = value;
      },
    };
  }
}

/** Where a name that nobody has defined is most often met, and what helps there. */
const hints: Record<string, string> = {
  Deno: ": this is Node; what Deno.jupyter offers is in the global Jupyter",
  React: ': JSX needs it (import React from "react"), or a function that the cell names, as in /** @jsx h */',
};

function notDefined(name: string): ReferenceError {
  const hint = Object.hasOwn(hints, name) ? hints[name] : "";
  return new ReferenceError(`${name} is not defined${hint}`);
}

function constant(): never {
  throw new TypeError("Assignment to constant variable.");
}

function descriptor(variable: Variable): PropertyDescriptor | undefined {
  if (variable.hasValue) return Object.getOwnPropertyDescriptor(variable, "value");
  const { state, get, set } = variable.binding;
  return state === "free" ? undefined : { get, set, enumerable: state === "import", configurable: true };
}
