// A file of the user's -> JavaScript that Node 20 runs, as an ES module or as CommonJS: TypeScript and JSX go through the type stripper,
// plain JavaScript stays as it is. Which of the two a file is, its name says, or the package.json above it, or, as Node decides
// for files that nothing is said about, its syntax.

import { extname } from "node:path";
import vm from "node:vm";
import type * as acorn from "acorn";
import { applyEdits, locate, PositionMap, sameOffsets, StrippedPositions, type Origins } from "../position-map.ts";
import { parser } from "./acorn.ts";
import type { DecoratorSurroundings } from "./decorators.ts";
import { hoistedNames, lexicalNames } from "./scope-analysis.ts";
import { CellSyntaxError, stripTypes, type StripOptions } from "./strip-types.ts";

export type ModuleFormat = "module" | "commonjs";

export interface CompiledModule {
  format: ModuleFormat;
  /** A module; or the body of a function of `COMMONJS_PARAMETERS`. */
  code: string;
  /** CommonJS that was made of an ES module. */
  converted: boolean;
  positions: PositionMap;
}

export interface ModuleOptions {
  /** The file's name; only what follows its last dot counts. */
  path: string;
  /** What the nearest package.json says. */
  type: ModuleFormat | undefined;
  /** CommonJS is wanted, also of a file of ES module syntax. */
  asCommonJs?: boolean;
  /** Where to look for decorators that the file does not declare. */
  decorators?: DecoratorSurroundings;
}

export const COMMONJS_PARAMETERS = ["exports", "require", "module", "__filename", "__dirname"];

/** The property of `import.meta` that holds `require`, `__filename` and `__dirname` for a TypeScript module that uses them. */
export const COMMONJS_NAMES = Symbol.for("adjoint.commonjs");

const TYPESCRIPT = /\.[cm]?tsx?$/;

/** Throws `CellSyntaxError` with the place in the file. */
export function compileModule(text: string, options: ModuleOptions): CompiledModule {
  try {
    return compile(text, options);
  } catch (error) {
    if (error instanceof RangeError) throw new CellSyntaxError("nested too deeply", { line: 1, column: 1 });
    throw error;
  }
}

function compile(text: string, options: ModuleOptions): CompiledModule {
  const { path, type, asCommonJs = false, decorators = {} } = options;
  const source = text.replace(/^\uFEFF/, " ").replace(/^( ?)#!/, "$1//");
  const extension = extname(path).toLowerCase();
  const typed = TYPESCRIPT.test(extension);
  const named = extension.startsWith(".m") ? "module" : extension.startsWith(".c") ? "commonjs" : undefined;
  const strip: StripOptions | null =
    typed || extension === ".jsx" ? { jsx: extension.endsWith("x"), dropUnusedImports: typed, decorators } : null;
  const plain = strip === null ? unstripped(source) : stripped(source, strip);
  // TypeScript for a CommonJS package is mostly written with `import`; so only JavaScript is taken at its word.
  const said = named === "commonjs" && typed ? undefined : (named ?? (type === "module" ? type : undefined));
  const format = said ?? (parsesAsCommonJs(plain.code) ? "commonjs" : "module");
  if (format === "commonjs") {
    const script = strip === null ? plain : strippedScript(source, strip, plain);
    checkCommonJs(script, source);
    return finished(format, text, script, []);
  }
  if (asCommonJs || named === "commonjs") {
    const converted = stripped(source, { jsx: typed ? extension.endsWith("x") : true, ...strip, target: "commonjs" });
    if (!parsesAsCommonJs(converted.code)) throw onlyImportable(converted.code, plain, source);
    return { ...finished("commonjs", text, converted, []), converted: true };
  }
  // What was stripped has been parsed.
  if (strip === null) parse(plain, source);
  return finished(format, text, plain, typed ? commonJsNames(plain, source) : []);
}

interface Readable {
  code: string;
  origins: Origins;
}

function unstripped(source: string): Readable {
  return { code: source, origins: sameOffsets };
}

function stripped(source: string, options: StripOptions): Readable {
  const standard = stripTypes(source, options);
  // Decorators of parameters exist only in TypeScript's older dialect; swc leaves them in its output.
  const result =
    /@/.test(source) && !parses(standard.code) ? stripTypes(source, { ...options, legacyDecorators: true }) : standard;
  return { code: result.code, origins: new StrippedPositions(result) };
}

/** As what is no module: `this` means something there. But `export =` is known in modules only. */
function strippedScript(source: string, options: StripOptions, asModule: Readable): Readable {
  try {
    return stripped(source, { ...options, target: "script" });
  } catch (error) {
    if (error instanceof CellSyntaxError) return asModule;
    throw error;
  }
}

function finished(format: ModuleFormat, text: string, { code, origins }: Readable, names: string[]): CompiledModule {
  const declaration = `const { ${names.join(", ")} } = import.meta[Symbol.for(${JSON.stringify(COMMONJS_NAMES.description)})]; `;
  const edits = names.length === 0 ? [] : [{ start: 0, end: 0, text: declaration, anchor: null }];
  const edited = applyEdits(code, edits);
  return { format, code: edited.code, converted: false, positions: new PositionMap(text, origins, edited) };
}

/** Those of CommonJS's names that a module uses and does not declare: in TypeScript both go together. */
function commonJsNames(readable: Readable, source: string): string[] {
  const used = ["require", "__filename", "__dirname"].filter((name) =>
    new RegExp(String.raw`(?<![\w$.])${name}\b`).test(readable.code),
  );
  if (used.length === 0) return used;
  const declared = new Set<string>();
  const { body } = parse(readable, source);
  hoistedNames(body, (name) => declared.add(name));
  lexicalNames(body, (name) => declared.add(name));
  return used.filter((name) => !declared.has(name));
}

function parsesAsCommonJs(code: string): boolean {
  try {
    vm.compileFunction(code, COMMONJS_PARAMETERS);
    return true;
  } catch {
    // Asked only whether it parses; the caller finds out why not.
    return false;
  }
}

function parses(code: string): boolean {
  return parsesAsCommonJs(code) || parsesAsModule(code);
}

/** Not by V8: Node frees no module that it has ever made (nodejs/node#59118). */
function parsesAsModule(code: string): boolean {
  try {
    parse(unstripped(code), code);
    return true;
  } catch (error) {
    if (error instanceof CellSyntaxError) return false; // As above.
    throw error;
  }
}

function checkCommonJs(readable: Readable, source: string): void {
  if (parsesAsCommonJs(readable.code)) return;
  const hint = parsesAsModule(readable.code) ? "it is CommonJS by its name or package.json: " : "";
  try {
    parse(readable, source, "script");
  } catch (error) {
    if (error instanceof CellSyntaxError) throw new CellSyntaxError(`${hint}${error.message}`, error);
    throw error;
  }
  throw new CellSyntaxError("not valid as CommonJS", { line: 1, column: 1 });
}

/** Throws `CellSyntaxError`; what the parser accepts, V8 does too. */
export function parse(
  { code, origins }: Readable,
  source: string,
  sourceType: "module" | "script" = "module",
): acorn.Program {
  try {
    return parser().parse(code, {
      ecmaVersion: "latest",
      sourceType,
      allowReturnOutsideFunction: sourceType === "script",
      allowHashBang: true,
      checkPrivateFields: true,
    });
  } catch (error) {
    if (!(error instanceof SyntaxError) || !("pos" in error) || typeof error.pos !== "number") throw error;
    const message = error.message
      .replace(/ \(\d+:\d+\)$/, "")
      .replace(/^Unexpected token$/, unexpected(code, error.pos));
    throw new CellSyntaxError(message, locate(source, origins.offsetInCell(error.pos) ?? 0));
  }
}

function unexpected(code: string, at: number): string {
  const [token] = /^(?:[\p{ID_Continue}$]+|[^\s\p{ID_Continue}])/u.exec(code.slice(at)) ?? [];
  return token === undefined ? "Unexpected end of input" : `Unexpected token '${token}'`;
}

/** Why an ES module cannot be made CommonJS. */
function onlyImportable(converted: string, readable: Readable, source: string): CellSyntaxError {
  const meta = source.indexOf("import.meta");
  if (/\bimport\.meta\b/.test(converted) && meta >= 0) {
    const place = locate(source, meta);
    return new CellSyntaxError("import.meta as a whole is there for modules only: `import` it instead", place);
  }
  const statement = parse(readable, source).body.find(({ start, end }) => awaits(readable.code.slice(start, end)));
  const place = locate(source, readable.origins.offsetInCell(statement?.start ?? 0) ?? 0);
  return new CellSyntaxError("it awaits at its top level: `import` it instead", place);
}

function awaits(statement: string): boolean {
  return /\bawait\b/.test(statement) && !parsesAsCommonJs(statement.replace(/^export\s+(?:default\s+)?/, ""));
}

/** The syntax error of a module that V8 refuses without a place; `null` when none is found. */
export function syntaxErrorIn(text: string): CellSyntaxError | null {
  try {
    parse(unstripped(text), text);
    return null;
  } catch (error) {
    if (error instanceof CellSyntaxError) return error;
    throw error;
  }
}

/** The same of a compiled file. */
export function syntaxErrorOf({ code, positions }: CompiledModule): CellSyntaxError | null {
  const error = syntaxErrorIn(code);
  const place = error === null ? null : positions.original(error.line, error.column);
  return error === null ? null : new CellSyntaxError(error.message, place ?? { line: 1, column: 1 });
}

/** Where a module imports `name` from `specifier`; the start of that import when no such name is there. */
export function importPlace(
  { code, positions }: CompiledModule,
  specifier: string,
  name?: string,
): { line: number; column: number } | null {
  let found: number | undefined;
  for (const statement of parse(unstripped(code), code).body) {
    if (!("source" in statement) || statement.source?.value !== specifier) continue;
    found ??= statement.start;
    if (name === undefined || !("specifiers" in statement)) continue;
    for (const part of statement.specifiers) {
      const wanted =
        part.type === "ImportSpecifier" ? part.imported : part.type === "ExportSpecifier" ? part.local : undefined;
      const text = wanted === undefined ? "default" : wanted.type === "Identifier" ? wanted.name : wanted.value;
      if (text === name && part.type !== "ImportNamespaceSpecifier") return positions.originalOf(part.start);
    }
  }
  return found === undefined ? null : positions.originalOf(found);
}
