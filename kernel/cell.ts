// The cell compiler: TypeScript in, out comes a script whose value is an async function that runs the cell. Each top-level name
// is a variable that all cells share, looked up when used, so the newest declaration wins everywhere at once.
// strip-types.ts makes JavaScript of the cell, rewrite.ts edits it in place, position-map.ts leads back. Pure: nothing runs here.

import type * as acorn from "acorn";
import { applyEdits, PositionMap, StrippedPositions, type Edit } from "./position-map.ts";
import type { Captured } from "./cell/copies.ts";
import { inCell, readLines, type Line } from "./cell/lines.ts";
import type { DecoratorSurroundings } from "./cell/decorators.ts";
import type { GeneratedNames } from "./cell/names.ts";
import { asObjectLiteral, blankPrologue, parse, reported } from "./cell/parse.ts";
import { importCode, rewrite, type Rewritten } from "./cell/rewrite.ts";
import { disposeCode, holdCode } from "./cell/statements.ts";
import { hoistedNames, lexicalNames, type DeclarationKind } from "./cell/scope-analysis.ts";
import { CellSyntaxError } from "./cell/strip-types.ts";
import { resourcesCode } from "./cell/using.ts";

export { isComplete } from "./cell/completeness.ts";
export { CellSyntaxError } from "./cell/strip-types.ts";
export type { Captured } from "./cell/copies.ts";
export type { Line } from "./cell/lines.ts";
export type { DeclarationKind } from "./cell/scope-analysis.ts";
export type { Position, PositionMap } from "./position-map.ts";

export interface CellOptions {
  /** Name of the script, as stacks show it. */
  file: string;
  /** The newest value declarations of earlier cells, and the prelude's names. */
  scope: ReadonlyMap<string, DeclarationKind>;
  /** Does `globalThis` have this name now? */
  isGlobal(name: string): boolean;
  /** What `captured` of all earlier cells says, and the prelude's names as assigned to; without it loops are not made faster. */
  captured?: Captured;
  /** Where to look for decorators that the cell does not declare. */
  decorators?: DecoratorSurroundings;
}

export interface CompiledCell {
  /**
   * A script whose value is `async function (scope, cell, require, __filename, __dirname)`. Of `cell` it uses
   * `import(specifier, options)` like the dynamic one, `bind(scope, local, namespace, exportedName, specifier)`, `result(value)`,
   * `resumed(value?)`, `copies(code)`, `meta`, `line(index, values?, code?)` and `line.end(index)` for its `lines`, `variable(name)`, an object whose `value` is the variable and whose `initial` is set by its declaration, `has(name)` for `typeof`, and
   * `isConstant(name)`. When the function is called, each name that the cell declares must be assignable, and a new `var`
   * undefined; reading and setting what nobody declared should throw.
   */
  code: string;
  /** What the cell declares at its top level. */
  declares: Map<string, DeclarationKind>;
  /** Variables of any cell that the cell's functions and classes use. */
  captured: Captured;
  /** The specifiers of its `import` and `export from` declarations. */
  imports: string[];
  positions: PositionMap;
  /** Its lines that are no TypeScript. */
  lines: readonly Line[];
}

/** Loads the compilers and compiles a first cell, so that the user's first one is fast. */
export function warmUp(): void {
  compileCell("const warm: number = await 1; warm", { file: "warm-up", scope: new Map(), isGlobal: () => false });
}

/** Throws `CellSyntaxError`. */
export function compileCell(source: string, options: CellOptions): CompiledCell {
  const { scope, isGlobal } = options;
  const read = readLines(source, { isDeclared: (name) => scope.has(name), isGlobal });
  try {
    const literal = read === null ? asObjectLiteral(source, options.decorators) : null;
    if (literal !== null) {
      const compiled = compile(literal.code, options, null);
      return { ...compiled, positions: compiled.positions.of(source, literal) };
    }
    if (read === null) return compile(source, options, null);
    const compiled = compile(read.edited.code, options, read.call);
    return { ...compiled, lines: read.lines, positions: compiled.positions.of(source, read.edited) };
  } catch (error) {
    // The parser and the walk recurse: what is too deep for them is the user's to simplify, not a crash.
    if (error instanceof RangeError) throw new CellSyntaxError("nested too deeply", { line: 1, column: 1 });
    throw read !== null && error instanceof CellSyntaxError ? inCell(error, source, read) : error;
  }
}

/** `line`: the function that stands for what is no TypeScript. */
function compile(source: string, options: CellOptions, line: string | null): CompiledCell {
  const { stripped, program, using } = parse(blankPrologue(source), options.decorators);
  const top = analyse(program, stripped.cell);
  const names = { ...generatedNames(stripped.code), line };
  const rewritten = reported(source, stripped, () =>
    rewrite(
      program,
      stripped.code,
      {
        declared: top.declares,
        generated: top.generated,
        decorated: top.decorated,
        decorations: top.decorations,
        using,
        earlier: options.scope,
        names,
      },
      options.captured,
    ),
  );
  const edits = [
    ...header(rewritten, top, names),
    ...rewritten.edits,
    ...footer(rewritten, names, stripped.code.length),
  ];
  const edited = applyEdits(stripped.code, edits);
  const positions = new PositionMap(source, new StrippedPositions(stripped), edited);
  const imports = rewritten.imports.map(({ specifier }) => JSON.parse(specifier) as string);
  return { code: edited.code, declares: top.declares, captured: rewritten.captured, imports, positions, lines: [] };
}

interface TopLevel {
  declares: Map<string, DeclarationKind>;
  /** Names that the type stripper made up. */
  generated: Set<string>;
  /** What it calls a decorated class -> the class's own name. */
  decorated: Map<string, string>;
  /** The statements that make the decorated classes -> what the type stripper calls them. */
  decorations: Map<acorn.Node, string>;
}

function analyse(program: acorn.Program, cell: string): TopLevel {
  const declares = new Map<string, DeclarationKind>();
  const generated = new Set<string>();
  const decorated = new Map<string, string>();
  const declare = (name: string, kind: DeclarationKind): void => {
    if (name.startsWith("_") && !mentions(cell, name)) generated.add(name);
    else declares.set(name, kind);
  };
  hoistedNames(program.body, declare);
  lexicalNames(program.body, declare);
  if (/\b(?:enum|namespace|module)\b/.test(cell))
    for (const [name, kind] of declares) {
      if (kind !== "var") continue;
      const keyword = new RegExp(String.raw`\b(enum|namespace|module)\s+${escaped(name)}(?![\w$])`).exec(cell)?.[1];
      if (keyword !== undefined) declares.set(name, keyword === "enum" ? "enum" : "namespace");
    }
  const decorations = new Map<acorn.Node, string>();
  if (generated.size > 0)
    for (const statement of program.body) {
      const node = decoratedClass(statement);
      const replacement = node && decoratedAs(node);
      if (!node?.id || !replacement || !generated.has(replacement)) continue;
      declares.set(node.id.name, "class");
      decorated.set(replacement, node.id.name);
      decorations.set(
        statement.type === "ExportNamedDeclaration" ? (statement.declaration ?? statement) : statement,
        replacement,
      );
    }
  return { declares, generated, decorated, decorations };
}

/** `class A { … }`, or as swc writes it when it has static fields: `new class extends _identity { static [class A { … }]; … }()`. */
function decoratedClass(statement: acorn.Statement | acorn.ModuleDeclaration): acorn.Class | null {
  const declaration = statement.type === "ExportNamedDeclaration" ? statement.declaration : statement;
  if (declaration?.type === "ClassDeclaration") return declaration;
  if (declaration?.type !== "ExpressionStatement" || declaration.expression.type !== "NewExpression") return null;
  const { callee } = declaration.expression;
  if (callee.type !== "ClassExpression" || callee.superClass?.type !== "Identifier") return null;
  for (const member of callee.body.body)
    if (member.type === "PropertyDefinition" && member.computed && member.key.type === "ClassExpression")
      return member.key;
  return null;
}

/** swc's standard decorators: `static { ({ c: [_A, …] } = apply(…)) }` begins a class whose decorated form is `_A`. */
function decoratedAs(declaration: acorn.Class): string | null {
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

function generatedNames(code: string): Omit<GeneratedNames, "line"> {
  const unused = (name: string): string => {
    while (code.includes(name)) name = `_${name}`;
    return name;
  };
  return {
    scope: unused("__scope"),
    cell: unused("__cell"),
    variable: unused("__$"),
    constants: unused("__constants"),
    resources: unused("__resources"),
  };
}

/** The first line: everything that comes before the cell's own code. */
function header(
  { imports, functions, used, constants, usesResources, holds }: Rewritten,
  top: TopLevel,
  names: GeneratedNames,
): Edit[] {
  const { scope, cell, variable } = names;
  const edits: Edit[] = [];
  const add = (text: string, anchor: number | null = null): void => {
    edits.push({ start: 0, end: 0, text, anchor });
  };
  add(`(async function (${scope}, ${cell}, require, __filename, __dirname) { "use strict"; `);
  if (used.size > 0)
    add(`const ${Array.from(used, (name) => `${variable}${name} = ${cell}.variable("${name}")`).join(", ")}; `);
  if (constants.size > 0) add(constantsCode(constants, names));
  if (usesResources) add(resourcesCode(`${names.resources}_open`));
  if (names.line !== null) add(`const ${names.line} = ${cell}.line; `);
  for (const request of imports.filter(({ inPlace }) => !inPlace))
    for (const { text, anchor } of importCode(request, names, top.generated)) add(text, anchor);
  if (holds !== null) add(holdCode(names));
  for (const name of functions) add(`${variable}${name}.initial = ${name}; `);
  add("\n");
  return edits;
}

/**
 * Stands for the variables where the cell assigns to constants; V8 throws what it throws for any `const`. What is a constant for this
 * cell may be declared anew as a variable by the time that a function of this cell assigns to it.
 */
function constantsCode(constants: ReadonlySet<string>, { cell, variable, constants: object }: GeneratedNames): string {
  const accessors = Array.from(constants, (name) => {
    const value = `${variable}${name}.value`;
    const assign = `if (${cell}.isConstant(${JSON.stringify(name)})) constant = value; else ${value} = value;`;
    return `get ${name}() { return ${value}; }, set ${name}(value) { ${value}; ${assign} }`;
  });
  return `const ${object} = (() => { const constant = 0; return { ${accessors.join(", ")} }; })(); `;
}

function footer({ holds }: Rewritten, names: GeneratedNames, at: number): Edit[] {
  const text = holds === null ? "" : disposeCode(names, holds, true);
  return [{ start: at, end: at, text: `\n${text}})`, anchor: null }];
}
