// Which cell declares what, as the checker sees it: every name with its newest declaration, values and types apart. Each cell that
// has run is a module; a later one imports what it uses. When a name is declared anew, the modules that use it are linked to the
// newest declaration, unless that depends on them: `x = f(y); y = g(x)` has a past, so what modules take from each other stays acyclic.

import type { ReadLines } from "../cell/lines.ts";
import { applyEdits, type EditedCode, insertInto } from "../position-map.ts";
import { type Declaration, type Declarations, declarationsOf, type Kind } from "./declarations.ts";
import { typedRequires } from "./requires.ts";
import { type Extension, importOf, PRELUDE, type Slot, Slots } from "./slots.ts";
import { assignedWords, tokensOf, wordsOf } from "./tokens.ts";
import { CellView, isJsx } from "./view.ts";

/** What can be taken from one place: a cell that has run, or the prelude. */
export interface Source {
  /** What the index (slots.ts) calls it. */
  namespace: string;
  names: ReadonlyMap<string, Pick<Declaration, "kind" | "value" | "type">>;
}

interface Link {
  value: Source | undefined;
  type: Source | undefined;
}

/** A cell taken apart: what it declares and which names it mentions. */
export class Cell {
  readonly source: string;
  readonly declarations: Declarations;
  readonly words: Set<string>;
  /** Those that it may assign to. */
  readonly assigned: Set<string>;
  readonly extension: Extension;
  readonly #body: EditedCode | undefined;
  readonly #call: string;

  /** `lines`: the cell with calls of a function in the place of lines that are no TypeScript; `body`: as it is read, if otherwise. */
  constructor(source: string, lines?: ReadLines | null, body = lines?.edited) {
    this.source = source;
    this.#call = lines ? callOf(lines) : "";
    const code = body?.code ?? source;
    const tokens = tokensOf(code);
    const requires = source.includes("require") ? typedRequires(tokens) : undefined;
    this.#body = requires?.size ? insertInto(body ?? applyEdits(source, []), requires) : body;
    this.declarations = declarationsOf(tokens);
    this.extension = isJsx(code) ? "tsx" : "ts";
    this.words = wordsOf(tokens);
    this.assigned = assignedWords(tokens);
    if (this.extension === "tsx") for (const name of factoriesOf(code)) this.words.add(name);
  }

  /** As it is read: with calls of a function in the place of what is no TypeScript. */
  get code(): string {
    return this.#body?.code ?? this.source;
  }

  /** `inserted`: text by offsets into the code. */
  view(header: string, footer = "", inserted?: ReadonlyMap<number, string>): CellView {
    const read = this.#body ?? applyEdits(this.source, []);
    const body = inserted === undefined ? read : insertInto(read, inserted);
    return new CellView(this.source, { header: this.#call + header, footer, body });
  }
}

/** Only of the output of a command is it known what it is. */
function callOf({ call, lines }: ReadLines): string {
  const outputs = [...lines.entries()].filter(([, { name, assigned }]) => name === "!" && assigned);
  const indices = outputs.map(([index]) => index).join(" | ");
  const output = indices && `((index: ${indices}, values?: readonly unknown[]) => Promise<string[]>) & `;
  return `declare const ${call}: ${output}typeof __adjoint_line; `;
}

/** What elements are made by: `React.createElement`, unless a comment says otherwise. */
function factoriesOf(code: string): string[] {
  return [
    "React",
    ...Array.from(code.matchAll(/@jsx(?:Frag)?\s+([\p{ID_Start}$_][\p{ID_Continue}$]*)/gu), ([, name = ""]) => name),
  ];
}

/** A cell that has run. */
export class CellModule implements Source {
  readonly cell: Cell;
  /** The n of `Cell [n]`. */
  readonly count: number;
  readonly slot: Slot;
  /** What later cells can use of it. */
  readonly names: ReadonlyMap<string, Declaration>;
  readonly links: Map<string, Link>;
  /** Types that are written into its text (settle.ts), by name, and where. */
  readonly settled = new Map<string, { at: number; text: string }>();
  /** So many modules in a row are read for the values that it declares. */
  readonly chain: number;

  constructor(
    cell: Cell,
    count: number,
    slot: Slot,
    names: ReadonlyMap<string, Declaration>,
    links: ReadonlyMap<string, Link>,
  ) {
    this.cell = cell;
    this.count = count;
    this.slot = slot;
    this.names = names;
    this.links = new Map(links);
    let chain = 0;
    for (const [name, { value }] of links)
      if (value instanceof CellModule && !value.settled.has(name)) chain = Math.max(chain, value.chain);
    this.chain = chain + 1;
  }

  get file(): string {
    return this.slot.file;
  }

  get namespace(): string {
    return this.slot.namespace;
  }

  get view(): CellView {
    const settled = new Map(Array.from(this.settled.values(), ({ at, text }) => [at, text]));
    return this.cell.view(headerOf(this.links, this.cell.assigned), this.#footer(), settled);
  }

  dependsOn(other: Source, seen = new Set<Source>()): boolean {
    if (this === other) return true;
    if (seen.has(this)) return false;
    seen.add(this);
    for (const source of this.sources()) if (source instanceof CellModule && source.dependsOn(other, seen)) return true;
    return false;
  }

  *sources(): Iterable<Source> {
    for (const { value, type } of this.links.values()) {
      if (value !== undefined) yield value;
      if (type !== undefined && type !== value) yield type;
    }
  }

  #footer(): string {
    const { exported } = this.cell.declarations;
    const names = [...this.names.keys()].filter((name) => !exported.has(name));
    return `export { ${names.join(", ")} };`;
  }
}

/** The change of a scope by a cell that has run: modules to write, to write anew, to remove. */
export interface ScopeChange {
  added: CellModule | undefined;
  relinked: CellModule[];
  /** Others whose written types may be others now, and are written no more. */
  loosened: CellModule[];
  removed: CellModule[];
  /** It was run before as it is, and uses what it used: nobody gets another type from it. */
  isRepeated: boolean;
}

export class Scope {
  readonly #values = new Map<string, Source>();
  readonly #types = new Map<string, Source>();
  readonly #modules = new Set<CellModule>();
  #prelude: Source | undefined;
  #preludeSpecifier: string | undefined;
  readonly #slots = new Slots();

  get size(): number {
    return this.#modules.size;
  }

  /** `specifier`: where the prelude is imported from; of its names none is known yet. */
  setPrelude(specifier: string): void {
    this.#preludeSpecifier = specifier;
  }

  setPreludeNames(names: Source["names"]): void {
    this.#prelude = { namespace: PRELUDE, names };
  }

  /** The module that brings all others together (slots.ts). */
  get index(): string {
    return this.#slots.index(this.#preludeSpecifier);
  }

  /** Makes room for cells to come; the files that are new, and with them the index. */
  grow(): Slot[] {
    return this.#slots.grow();
  }

  /** The names that cells can use. */
  names(): Set<string> {
    return new Set([...this.#values.keys(), ...this.#types.keys(), ...(this.#prelude?.names.keys() ?? [])]);
  }

  /** Is it the prelude's, and no cell's? */
  isPrelude(name: string): boolean {
    return !this.#values.has(name) && !this.#types.has(name) && this.#prelude?.names.has(name) === true;
  }

  /** Is it no longer what the language means by it? */
  isTaken(name: string): boolean {
    for (const module of this.#modules) if (module.names.has(name)) return true;
    return this.#prelude?.names.has(name) ?? false;
  }

  /** What kind of value the name stands for. */
  kindOf(name: string): Kind | undefined {
    return (this.#values.get(name) ?? this.#prelude)?.names.get(name)?.kind;
  }

  moduleOf(file: string): CellModule | undefined {
    for (const module of this.#modules) if (module.file === file) return module;
    return undefined;
  }

  /** What a cell that is to run would be checked as. */
  view(cell: Cell): CellView {
    return cell.view(headerOf(this.#linksOf(cell), cell.assigned));
  }

  /** A cell that is being typed, with the names that it has and those that `wanted` may complete; only those `assigned` can be assigned to. */
  typedView(cell: Cell, wanted: (name: string) => boolean, assigned: ReadonlySet<string>): CellView {
    const links = this.#linksOf(cell);
    for (const name of this.names()) {
      const link = links.has(name) || !wanted(name) ? undefined : this.#linkOf(name, cell);
      if (link !== undefined) links.set(name, link);
    }
    return cell.view(headerOf(links, assigned));
  }

  /**
   * A cell has run. `reached`: of a cell that failed, the names that have a value all the same; its types, which only the
   * checker knows, are left out.
   */
  add(cell: Cell, count: number, reached?: ReadonlySet<string>): ScopeChange {
    const { names, augments } = cell.declarations;
    const kept = new Map(
      [...names].filter(([name, { value }]) => reached === undefined || (value && reached.has(name))),
    );
    if (kept.size === 0 && !(augments && reached === undefined))
      return { added: undefined, relinked: [], loosened: [], removed: [], isRepeated: false };
    const added = new CellModule(cell, count, this.#slots.take(cell.extension), kept, this.#linksOf(cell));
    const isRepeated = this.#repeats(added);
    this.#modules.add(added);
    for (const [name, { value, type }] of kept) {
      if (value) this.#values.set(name, added);
      if (type) this.#types.set(name, added);
    }
    const relinked = [...this.#modules].filter((module) => module !== added && this.#relink(module, added));
    return { added, relinked, loosened: this.#loosen(relinked), removed: this.#collect(), isRepeated };
  }

  /** The runtime has lost everything. */
  clear(): CellModule[] {
    const removed = [...this.#modules];
    this.#modules.clear();
    this.#values.clear();
    this.#types.clear();
    for (const { slot } of removed) this.#slots.free(slot);
    return removed;
  }

  /** These modules, and those that use them, or use what does. */
  dependents(of: readonly CellModule[]): CellModule[] {
    const known = new Map<Source, boolean>(of.map((module) => [module, true]));
    const depends = (source: Source): boolean => {
      const before = known.get(source);
      if (before !== undefined || !(source instanceof CellModule)) return before ?? false;
      known.set(source, false);
      const found = [...source.sources()].some(depends);
      known.set(source, found);
      return found;
    };
    return of.length === 0
      ? []
      : [...of, ...[...this.#modules].filter((module) => !of.includes(module) && depends(module))];
  }

  #linksOf(cell: Cell): Map<string, Link> {
    const links = new Map<string, Link>();
    for (const name of cell.words) {
      const link = this.#linkOf(name, cell);
      if (link !== undefined) links.set(name, link);
    }
    return links;
  }

  #linkOf(name: string, cell: Cell): Link | undefined {
    const own = cell.declarations.names.get(name);
    const prelude = this.#prelude?.names.get(name);
    const value = own?.value ? undefined : (this.#values.get(name) ?? (prelude?.value ? this.#prelude : undefined));
    const type = own?.type ? undefined : (this.#types.get(name) ?? (prelude?.type ? this.#prelude : undefined));
    return value === undefined && type === undefined ? undefined : { value, type };
  }

  #repeats(added: CellModule): boolean {
    const owners = new Set<Source | undefined>();
    for (const [name, { value, type }] of added.names) {
      if (value) owners.add(this.#values.get(name));
      if (type) owners.add(this.#types.get(name));
    }
    const [before] = owners;
    if (owners.size !== 1 || !(before instanceof CellModule) || before.cell.source !== added.cell.source) return false;
    // A file beside the notebook may be another by now.
    if (/["']\.{1,2}\//.test(added.cell.source) || before.names.size !== added.names.size) return false;
    const isSame = ([name, { value, type }]: [string, Link]): boolean => {
      const other = before.links.get(name);
      return other !== undefined && other.value === value && other.type === type;
    };
    return before.links.size === added.links.size && [...added.links].every(isSame);
  }

  #relink(module: CellModule, added: CellModule): boolean {
    let changed = false;
    for (const name of added.names.keys()) {
      if (!module.cell.words.has(name)) continue;
      const link = this.#linkOf(name, module.cell);
      const before = module.links.get(name);
      if (link === undefined || (link.value === before?.value && link.type === before?.type)) continue;
      if (added.dependsOn(module)) return changed;
      module.links.set(name, link);
      changed = true;
    }
    return changed;
  }

  #loosen(relinked: readonly CellModule[]): CellModule[] {
    const loosened = [...this.#modules].filter(
      (module) => module.settled.size > 0 && relinked.some((source) => module.dependsOn(source)),
    );
    for (const module of loosened) module.settled.clear();
    return loosened.filter((module) => !relinked.includes(module));
  }

  /** Forgets the modules whose every name has been declared anew and which nobody uses. */
  #collect(): CellModule[] {
    const live = new Set<Source>();
    const keep = (source: Source): void => {
      if (live.has(source)) return;
      live.add(source);
      if (source instanceof CellModule) for (const used of source.sources()) keep(used);
    };
    for (const source of [...this.#values.values(), ...this.#types.values()]) keep(source);
    for (const module of this.#modules) if (module.cell.declarations.augments) keep(module);
    const removed = [...this.#modules].filter((module) => !live.has(module));
    for (const module of removed) {
      this.#modules.delete(module);
      this.#slots.free(module.slot);
    }
    return removed;
  }
}

interface Found {
  name: string;
  source: Source;
  /** As what it is declared; imported otherwise. */
  declared: "let" | "const" | undefined;
}

/**
 * How each linked name is brought in. An import cannot be assigned to, so what is assigned to is declared: as such it takes
 * TypeScript longer. Where value and type come from two places, the value is declared too; an import of the same name is then
 * read for its type alone (and the conflict that TypeScript sees stands in the header, which nobody reads).
 */
function sourcesOf(links: ReadonlyMap<string, Link>, assigned: ReadonlySet<string>): Found[] {
  const found: Found[] = [];
  for (const [name, { value, type }] of links) {
    const kind = value?.names.get(name)?.kind;
    const isVariable = assigned.has(name) && (kind === "let" || kind === "var");
    const apart = value !== undefined && type !== undefined && value !== type;
    const declared = isVariable ? "let" : apart ? "const" : undefined;
    if (value !== undefined) found.push({ name, source: value, declared });
    if (type !== undefined && (type !== value || isVariable)) found.push({ name, source: type, declared: undefined });
  }
  return found;
}

/** The line that brings in what a cell uses. */
function headerOf(links: ReadonlyMap<string, Link>, assigned: ReadonlySet<string>): string {
  const found = sourcesOf(links, assigned);
  const declarations = found.map(({ name, source: { namespace }, declared }) =>
    declared === undefined
      ? `import ${name} = ${namespace}.${name}; `
      : `declare ${declared} ${name}: typeof ${namespace}.${name}; `,
  );
  // Behind `import a = b.c;` TypeScript completes no statement: another one parts them.
  return [importOf(new Set(found.map(({ source }) => source.namespace))), ...declarations, "void 0; "].join("");
}
