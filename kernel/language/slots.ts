// Where the modules of cells are. TypeScript finds all files of its program anew when one comes, goes or imports something else, which
// costs ten times what a change of one file's text does. So the program holds empty modules ahead of the cells, the slots, and one
// module, the index, that imports them all. Cells and documents import the index alone, whatever they take from it.

/** Begins the names of files; no file of the user's has one, whose folder is overlaid. */
export const OURS = "adjoint-";

export type Extension = "ts" | "tsx";

export interface Slot {
  extension: Extension;
  file: string;
  /** What the index calls the module. */
  namespace: string;
}

/** Begins the names that only we write. */
export const PRIVATE = "__adjoint_";
const NAMESPACE = `${PRIVATE}cell`;
export const PRELUDE = `${NAMESPACE}0`;

export const INDEX = `${OURS}cells.ts`;
const SPECIFIER = JSON.stringify(`./${INDEX}`);

/** What every module begins with: the list of its imports is then always the same. */
export function importOf(namespaces: Iterable<string>): string {
  return `import { ${[...namespaces].join(", ")} } from ${SPECIFIER}; `;
}

export const EMPTY = `${importOf([])}\nexport {};\n`;

/** So many are there from the start, and so few are left when as many again are made. */
const FIRST = { ts: 16, tsx: 2 };
const LOW = { ts: 4, tsx: 1 };

export class Slots {
  readonly #all: Slot[] = [];
  readonly #free: Record<Extension, Slot[]> = { ts: [], tsx: [] };
  /** They are not in the index that was asked for last. */
  #made: Slot[] = [];

  take(extension: Extension): Slot {
    return this.#free[extension].pop() ?? this.#make(extension);
  }

  free(slot: Slot): void {
    this.#free[slot.extension].push(slot);
  }

  /** Makes more where few are left; those that have been made since the last call. */
  grow(): Slot[] {
    for (const extension of ["ts", "tsx"] as const) {
      const free = this.#free[extension];
      if (free.length > LOW[extension]) continue;
      const used = this.#all.filter((slot) => slot.extension === extension).length;
      const more = Array.from({ length: Math.max(FIRST[extension], used) }, () => this.#make(extension));
      free.unshift(...more.reverse());
    }
    const made = this.#made;
    this.#made = [];
    return made;
  }

  /** `prelude`: where its names come from. */
  index(prelude: string | undefined): string {
    return [
      ...(prelude === undefined ? [] : [[PRELUDE, prelude]]),
      ...this.#all.map(({ namespace, file }) => [namespace, `./${file}`]),
    ]
      .map(([namespace, specifier]) => `export * as ${namespace} from ${JSON.stringify(specifier)};\n`)
      .join("");
  }

  #make(extension: Extension): Slot {
    const id = this.#all.length + 1;
    const slot: Slot = { extension, file: `${OURS}cell-${id}.${extension}`, namespace: `${NAMESPACE}${id}` };
    this.#all.push(slot);
    this.#made.push(slot);
    return slot;
  }
}
