// The folder that the language server sees as a project: real files below the system's temporary folder, so that the notebook's
// may be read-only. `rootDirs` lays it over the notebook's folder, so "./x.ts" resolves there; each `node_modules` that a file in
// that folder would find is linked on a level of its own. It is gone with its kernel; what a killed one left, the next removes.

import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { hostname, tmpdir } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import { pathMappings } from "../tsconfig-paths.ts";
import { EMPTY, OURS } from "./slots.ts";

const require = createRequire(import.meta.url);

/** Process numbers mean something on one machine, or in one container, only. */
const PREFIX = `adjoint-types-${createHash("sha256").update(hostname()).digest("hex").slice(0, 8)}-`;

/** The documents: what is to run, and what is being typed. They are roots of the program, everything else is imported. */
export const documents = {
  cell: { ts: "adjoint-cell.ts", tsx: "adjoint-cell.tsx" },
  typed: { ts: "adjoint-typed.ts", tsx: "adjoint-typed.tsx" },
};
const DOCUMENTS = Object.values(documents).flatMap((names) => Object.values(names));

export class Project {
  readonly #notebook: string;
  readonly #types: string;
  #root = "";
  #isSealed = false;
  /** Where the cells are. */
  #folder = "";
  readonly #files = new Map<string, string>();
  readonly #onExit = (): void => this.remove();

  /** `types`: the folder of the ambient declarations. */
  constructor(notebookFolder: string, types: string) {
    this.#notebook = resolve(notebookFolder);
    this.#types = types;
    removeStale();
    this.#create();
    process.once("exit", this.#onExit);
  }

  get folder(): string {
    return this.#folder;
  }

  /** The folder of the kernel's own library. */
  get library(): string {
    return join(this.#types, "..", "..", "dist", "lib");
  }

  path(file: string): string {
    return join(this.#folder, file);
  }

  has(file: string): boolean {
    return this.#files.has(file);
  }

  /** A file that is there before anybody reads the project. */
  place(file: string, text: string): void {
    this.#files.set(file, text);
    writeFileSync(this.path(file), text);
  }

  /** Never rejects: where nothing can be written, cells are checked without the file. */
  async write(file: string, text: string): Promise<void> {
    this.#files.set(file, text);
    if (this.#isSealed) return;
    try {
      await writeFile(this.path(file), text);
    } catch {
      // The folder is gone, or there is no room. A language server that is started anew gets the file then.
    }
  }

  /** The folder's own settings are others now. */
  settingsChanged(): void {
    writeFileSync(this.path(TSCONFIG), JSON.stringify(this.#tsconfig(), null, 2));
  }

  /** Whatever tidies temporary folders may have tidied this one. */
  restore(): void {
    if (this.#root === "" || [TSCONFIG, ...this.#files.keys()].every((file) => existsSync(this.path(file)))) return;
    mkdirSync(this.#root, { recursive: true });
    this.#fill();
  }

  /** Nothing is written any more. */
  seal(): void {
    this.#isSealed = true;
  }

  remove(): void {
    this.seal();
    process.off("exit", this.#onExit);
    if (this.#root !== "") rmSync(this.#root, { recursive: true, force: true });
    this.#root = "";
  }

  #create(): void {
    this.#root = mkdtempSync(join(tmpdir(), `${PREFIX}${process.pid}-`));
    this.#fill();
  }

  #fill(): void {
    const levels = nodeModules(this.#notebook);
    this.#folder = this.#root;
    link(dirname(dirname(require.resolve("@types/node/package.json"))), join(this.#root, "node_modules", "@types"));
    for (const [level, target] of levels.entries()) {
      this.#folder = join(this.#folder, String(level));
      link(target, join(this.#folder, "node_modules"));
    }
    this.settingsChanged();
    writeFileSync(this.path(NODE), '/// <reference types="node" />\n');
    for (const file of DOCUMENTS) writeFileSync(this.path(file), EMPTY);
    for (const [file, text] of this.#files) writeFileSync(this.path(file), text);
  }

  #tsconfig(): object {
    const ambient = readdirSync(this.#types).filter((file) => file.endsWith(".d.ts"));
    const own = join(this.#notebook, TSCONFIG);
    const given = existsSync(own) ? readFileSync(own, "utf8") : undefined;
    return {
      ...(given !== undefined && { extends: own }),
      compilerOptions: {
        ...(given === undefined && { strict: true, jsx: "react", allowJs: true }),
        // What the folder does not say; what it extends may.
        ...(!/"(?:lib|extends)"\s*:/.test(given ?? "") && { lib: libraries() }),
        ...necessary,
        rootDirs: [this.#folder, this.#notebook],
        // As at run time: `adjoint` is the kernel's own, other names are the folder's, if it says so, or where Node looks.
        paths: { ...pathMappings(this.#notebook), ...ownPaths(join(this.#types, "..", "..")) },
      },
      files: [...ambient.map((file) => join(this.#types, file)), NODE, ...DOCUMENTS],
      include: [],
      references: [],
    };
  }
}

/** The declarations of what the kernel's own package exports. */
function ownPaths(packageFolder: string): Record<string, string[]> {
  const manifest: unknown = JSON.parse(readFileSync(join(packageFolder, "package.json"), "utf8"));
  const { name, exports } = manifest as { name: string; exports: Record<string, string | { types?: string }> };
  return Object.fromEntries(
    Object.entries(exports).flatMap(([key, target]) =>
      typeof target === "object" && target.types !== undefined
        ? [[key.replace(".", name), [join(packageFolder, target.types)]]]
        : [],
    ),
  );
}

export const TSCONFIG = "tsconfig.json";
const NODE = `${OURS}node.d.ts`;

/** What cells need whatever the folder says: they are modules of their own kind, and nothing is emitted. */
const necessary = {
  target: "esnext",
  module: "preserve",
  moduleResolution: "bundler",
  moduleDetection: "force",
  customConditions: ["node"],
  noEmit: true,
  allowImportingTsExtensions: true,
  resolveJsonModule: true,
  skipLibCheck: true,
  // A cell's names are used by the cells to come, and its imports and exports are the kernel's matter.
  noUnusedLocals: false,
  noUnusedParameters: false,
  isolatedModules: false,
  verbatimModuleSyntax: false,
  erasableSyntaxOnly: false,
  // Where the folder's own sources and output are: cells lie elsewhere, and TypeScript would say so of each in every answer.
  rootDir: null,
  outDir: null,
  declarationDir: null,
  tsBuildInfoFile: null,
  composite: false,
  incremental: false,
  declaration: false,
  declarationMap: false,
  emitDeclarationOnly: false,
  isolatedDeclarations: false,
};

/** What this Node has of the standard library. */
function libraries(major = Number(process.versions.node.split(".", 1)[0])): string[] {
  if (major >= 24) return ["es2025", "esnext"];
  if (major >= 22)
    return ["es2024", "esnext.array", "esnext.iterator", "esnext.collection", "esnext.disposable", "decorators"];
  return ["es2023", "esnext.disposable", "decorators"];
}

/** The folders that a bare import in the notebook's folder is looked for in, outermost first; its own always, for it may come. */
function nodeModules(folder: string): string[] {
  const parent = dirname(folder);
  const outer: string[] = [];
  for (let at = parent; ; at = dirname(at)) {
    const candidate = join(at, "node_modules");
    if (existsSync(candidate)) outer.unshift(candidate);
    if (dirname(at) === at) break;
  }
  return [...outer, join(folder, "node_modules")];
}

function link(target: string, path: string): void {
  mkdirSync(dirname(path), { recursive: true });
  // A link of this kind needs no rights on Windows; elsewhere its kind means nothing.
  if (!isThere(path)) symlinkSync(target, path, "junction");
}

/** Also a link to what does not exist (yet). */
function isThere(path: string): boolean {
  return readdirSync(dirname(path)).includes(basename(path));
}

function removeStale(): void {
  let names: string[];
  try {
    names = readdirSync(tmpdir());
  } catch {
    return; // A temporary folder that may be written to but not listed.
  }
  for (const name of names) {
    const pid = name.startsWith(PREFIX) ? Number(name.slice(PREFIX.length).split("-", 1)[0]) : NaN;
    if (!Number.isInteger(pid) || isAlive(pid)) continue;
    try {
      rmSync(join(tmpdir(), name), { recursive: true, force: true });
    } catch {
      // Another user's.
    }
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it lives, under another user.
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
