// The cell compiler: TypeScript in, out comes a script whose value is an async function that runs the cell. The top-level names
// of all cells are properties of one scope object, looked up when used, so the newest declaration wins everywhere at once.
// strip-types.ts makes JavaScript of the cell, rewrite.ts edits it in place, position-map.ts leads back. Pure: nothing runs here.

import { createRequire } from "node:module";
import type * as acorn from "acorn";
import { applyEdits, PositionMap, StrippedPositions, type Edit } from "./position-map.ts";
import { rewrite, type GeneratedNames, type Rewritten } from "./rewrite.ts";
import { hoistedNames, lexicalNames, type DeclarationKind } from "./scope-analysis.ts";
import { CellSyntaxError, stripTypes, type Stripped } from "./strip-types.ts";

export { CellSyntaxError } from "./strip-types.ts";
export type { DeclarationKind } from "./scope-analysis.ts";
export type { Position, PositionMap } from "./position-map.ts";

export interface CellOptions {
  /** Name of the script, as stacks show it. */
  file: string;
  /** The newest value declarations of earlier cells, and the prelude's names. */
  scope: ReadonlyMap<string, DeclarationKind>;
  /** Does `globalThis` have this name now? */
  isGlobal(name: string): boolean;
}

export interface CompiledCell {
  /**
   * A script whose value is `async function (scope, cell, require, __filename, __dirname)`. Of `cell` it uses
   * `import(specifier, attributes)`, `bind(scope, local, namespace, exportedName, specifier)`, `result(value)`,
   * `resumed(value?)` and `meta`.
   */
  code: string;
  /** What the cell declares at its top level. */
  declares: Map<string, DeclarationKind>;
  positions: PositionMap;
}

const require = createRequire(import.meta.url);
let loaded: typeof acorn | undefined;
/** Loaded when first used: it costs 6 ms. */
function parser(): typeof acorn {
  return (loaded ??= require("acorn") as typeof acorn);
}

/** Loads the compilers and compiles a first cell, so that the user's first one is fast. */
export function warmUp(): void {
  compileCell("const warm: number = await 1; warm", { file: "warm-up", scope: new Map(), isGlobal: () => false });
}

/** Throws `CellSyntaxError`. */
export function compileCell(source: string, options: CellOptions): CompiledCell {
  try {
    return compile(source, options);
  } catch (error) {
    // The parser and the walk recurse: what is too deep for them is the user's to simplify, not a crash.
    if (error instanceof RangeError) throw new CellSyntaxError("nested too deeply", 1, 1);
    throw error;
  }
}

function compile(source: string, options: CellOptions): CompiledCell {
  const cell = blankPrologue(source);
  const { stripped, program } = parse(cell);
  const top = analyse(program, cell);
  const names = generatedNames(stripped.code);
  const rewritten = rewrite(program, stripped.code, {
    declared: top.declares,
    generated: top.generated,
    decorated: top.decorated,
    earlier: options.scope,
    isGlobal: options.isGlobal,
    names,
  });
  const edits = [...header(rewritten, top, names), ...rewritten.edits];
  const { length } = stripped.code;
  edits.push({ start: length, end: length, text: "\n})", anchor: null });
  const edited = applyEdits(stripped.code, edits);
  const positions = new PositionMap(source, new StrippedPositions(cell, stripped.code, stripped.map), edited);
  return { code: edited.code, declares: top.declares, positions };
}

/** A byte order mark and a `#!` line are no code; blanked in place, so that all offsets stay. */
function blankPrologue(source: string): string {
  return source.replace(/^\uFEFF/, " ").replace(/^( ?)#!/, "$1//");
}

function parse(cell: string): { stripped: Stripped; program: acorn.Program } {
  const stripped = stripTypes(cell);
  try {
    return { stripped, program: parseScript(stripped.code) };
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    // Decorators of parameters exist only in TypeScript's older dialect.
    if (/character '@'/.test(error.message) && cell.includes("@")) {
      const legacy = stripTypes(cell, { legacyDecorators: true });
      return { stripped: legacy, program: parseScript(legacy.code) };
    }
    throw located(error, cell, stripped);
  }
}

function parseScript(code: string): acorn.Program {
  return parser().parse(code, {
    ecmaVersion: "latest",
    sourceType: "module",
    allowAwaitOutsideFunction: true,
    allowHashBang: true,
    checkPrivateFields: true,
  });
}

/** The parser's error (`… (2:5)`) with its place in the cell. */
function located(error: SyntaxError, cell: string, stripped: Stripped): CellSyntaxError {
  const at = "pos" in error && typeof error.pos === "number" ? error.pos : 0;
  const positions = new StrippedPositions(cell, stripped.code, stripped.map);
  const { line, column } = positions.position(at) ?? { line: 1, column: 1 };
  return new CellSyntaxError(error.message.replace(/ \(\d+:\d+\)$/, ""), line, column);
}

interface TopLevel {
  declares: Map<string, DeclarationKind>;
  /** Variables of `var`, which exist from the start. */
  hoisted: Set<string>;
  /** Names that the type stripper made up. */
  generated: Set<string>;
  /** What it calls a decorated class -> the class's own name. */
  decorated: Map<string, string>;
}

function analyse(program: acorn.Program, cell: string): TopLevel {
  const declares = new Map<string, DeclarationKind>();
  const hoisted = new Set<string>();
  const generated = new Set<string>();
  const decorated = new Map<string, string>();
  const declare = (name: string, kind: DeclarationKind): void => {
    if (name.startsWith("_") && !mentions(cell, name)) generated.add(name);
    else declares.set(name, kind);
  };
  hoistedNames(program.body, (name, kind) => {
    declare(name, kind);
    if (declares.has(name)) hoisted.add(name);
  });
  lexicalNames(program.body, declare);
  if (/\b(?:enum|namespace|module)\b/.test(cell))
    for (const [name, kind] of declares) {
      if (kind !== "var") continue;
      const keyword = new RegExp(String.raw`\b(enum|namespace|module)\s+${escaped(name)}(?![\w$])`).exec(cell)?.[1];
      if (keyword !== undefined) declares.set(name, keyword === "enum" ? "enum" : "namespace");
    }
  for (const name of hoisted) if (declares.get(name) !== "var") hoisted.delete(name);
  if (generated.size > 0)
    for (const statement of program.body) {
      const declaration = statement.type === "ExportNamedDeclaration" ? statement.declaration : statement;
      if (declaration?.type !== "ClassDeclaration") continue;
      const replacement = decoratedAs(declaration);
      if (replacement !== null && generated.has(replacement)) decorated.set(replacement, declaration.id.name);
    }
  return { declares, hoisted, generated, decorated };
}

/** swc's standard decorators: `static { ({ c: [_A, …] } = apply(…)) }` begins a class whose decorated form is `_A`. */
function decoratedAs(declaration: acorn.ClassDeclaration): string | null {
  const [first] = declaration.body.body;
  const statement = first?.type === "StaticBlock" ? first.body[0] : undefined;
  const expression = statement?.type === "ExpressionStatement" ? statement.expression : undefined;
  if (expression?.type !== "AssignmentExpression" || expression.left.type !== "ObjectPattern") return null;
  for (const property of expression.left.properties) {
    if (property.type !== "Property" || property.key.type !== "Identifier" || property.key.name !== "c") continue;
    const element = property.value.type === "ArrayPattern" ? property.value.elements[0] : null;
    if (element?.type === "Identifier") return element.name;
  }
  return null;
}

function escaped(name: string): string {
  return name.replaceAll("$", String.raw`\$`);
}

/** Does the name occur in the cell as a word of its own? */
function mentions(cell: string, name: string): boolean {
  return cell.includes(name) && new RegExp(String.raw`(?<![\w$])${escaped(name)}(?![\w$])`).test(cell);
}

function generatedNames(code: string): GeneratedNames {
  const unused = (name: string): string => {
    while (code.includes(name)) name += "_";
    return name;
  };
  return { scope: unused("__scope"), cell: unused("__cell"), constant: unused("__constant") };
}

/** The first line: everything that comes before the cell's own code. */
function header({ imports, functions, assignsConstant }: Rewritten, top: TopLevel, names: GeneratedNames): Edit[] {
  const { scope, cell, constant } = names;
  const edits: Edit[] = [];
  const add = (text: string, anchor: number | null = null): void => {
    edits.push({ start: 0, end: 0, text, anchor });
  };
  add(`(async function (${scope}, ${cell}, require, __filename, __dirname) { "use strict"; `);
  if (assignsConstant) add(`const ${constant} = 0; `);
  imports.forEach(({ specifier, attributes, bindings, start }, index) => {
    const namespace = `${cell}_import${index}`;
    add(`const ${namespace} = ${cell}.resumed(await ${cell}.import(${specifier}, ${attributes})); `, start);
    for (const { local, exported } of bindings) {
      // The JSX runtime, imported by the type stripper: no name of the cell's.
      if (top.generated.has(local)) add(`const ${local} = ${namespace}[${JSON.stringify(exported)}]; `);
      else add(`${cell}.bind(${scope}, ${JSON.stringify(local)}, ${namespace}, ${JSON.stringify(exported)}, ${specifier}); `, start);
    }
  });
  for (const name of functions) add(`${scope}.${name} = ${name}; `);
  // Like a script's: what an earlier cell left under the name stays until the declaration is executed.
  for (const name of top.hoisted)
    add(`if (!({}).hasOwnProperty.call(${scope}, ${JSON.stringify(name)})) ${scope}.${name} = void 0; `);
  add("\n");
  return edits;
}

export function isComplete(
  source: string,
): { status: "complete" | "invalid" } | { status: "incomplete"; indent: string } {
  try {
    const cell = blankPrologue(source);
    parse(cell);
    return { status: "complete" };
  } catch (error) {
    if (!(error instanceof CellSyntaxError)) {
      // Too deep for the parser: sent as it is, and then said so.
      if (error instanceof RangeError) return { status: "complete" };
      throw error;
    }
    return error.atEnd ? { status: "incomplete", indent: nextIndent(source) } : { status: "invalid" };
  }
}

/** The last line's own indent, two spaces more after what opens a block. */
function nextIndent(source: string): string {
  const line = source.trimEnd().split(/\r?\n/).at(-1) ?? "";
  const indent = /^[ \t]*/.exec(line)?.[0] ?? "";
  const code = line.replace(/\/\/.*$/, "").trimEnd();
  return /[([{]$|=>$/.test(code) ? indent + "  " : indent;
}
