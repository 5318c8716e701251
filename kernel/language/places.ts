// Places and types as the user knows them: files of the project are cells, others have a path from the notebook's folder or the name
// of their package.

import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { locate } from "../position-map.ts";
import type { Project } from "./project.ts";
import type { Location } from "./report.ts";
import type { Scope } from "./scope.ts";
import { OURS } from "./slots.ts";
import type { Place } from "./view.ts";

/** Of the imports that bring names of other cells in (scope.ts). */
const OUR_NAMES = /\b__adjoint_cell\d+\./g;

export class Places {
  readonly #project: Project;
  readonly #scope: Scope;
  readonly #notebook: string;

  constructor(project: Project, scope: Scope, notebook: string) {
    this.#project = project;
    this.#scope = scope;
    this.#notebook = notebook;
  }

  /** Types of other modules are written with the paths of our files. */
  readable(text: string): string {
    return text.replace(OUR_NAMES, "").replace(/import\("([^"]+)"\)(\.?)/g, (_, path: string, dot: string) => {
      const inProject = relative(this.#project.folder, path);
      const module = this.#scope.moduleOf(`${inProject}.ts`) ?? this.#scope.moduleOf(`${inProject}.tsx`);
      if (module !== undefined) return `Cell [${module.count}]${dot}`;
      if (inProject.startsWith(OURS)) return "";
      const shown = this.#shown(path);
      return `import(${JSON.stringify(relative(this.#notebook, path) === shown ? `./${shown}` : shown)})${dot}`;
    });
  }

  /** A place in a file as the user knows it; undefined for one in what we have made up. */
  location(uri: string, place: Place): (Location & { source?: string; offset?: number; path?: string }) | undefined {
    if (!uri.startsWith("file:")) return undefined;
    const path = fileURLToPath(uri);
    const inProject = relative(this.#project.folder, path);
    const module = this.#scope.moduleOf(inProject);
    if (module !== undefined) {
      const offset = module.view.offset(place);
      const { source } = module.cell;
      return offset === null
        ? undefined
        : { where: `Cell [${module.count}]`, ...locate(source, offset), source, offset };
    }
    if (!inProject.startsWith("..") && !inProject.includes("node_modules")) return undefined;
    return { where: this.#shown(path), line: place.line + 1, column: place.character + 1, path };
  }

  #shown(path: string): string {
    const { library } = this.#project;
    const inLibrary = relative(library, path);
    if (!inLibrary.startsWith("..")) return join("adjoint", inLibrary);
    const fromNotebook = relative(this.#notebook, path);
    if (!fromNotebook.startsWith("..")) return fromNotebook;
    // What TypeScript brings along is known by its names.
    return path.replace(/^.*[\\/]node_modules[\\/](?:@typescript[\\/][^\\/]+[\\/]lib[\\/])?/, "");
  }
}
