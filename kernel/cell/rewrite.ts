// A whole cell, rewritten in one walk that only inserts and replaces text, so that what the user wrote keeps its order and its places:
// imports are collected, exports ignored, and the last expression becomes the result. The generated function around it
// is put together in kernel/cell.ts.

import type * as acorn from "acorn";
import { type Captured, type Copies, copiesOf, type LoopNames } from "./copies.ts";
import { isAnonymousFunction } from "./expressions.ts";
import type { GeneratedNames, Surroundings } from "./names.ts";
import type { Edit } from "../position-map.ts";
import { StatementRewriter, type TopStatement } from "./statements.ts";

export interface ImportRequest {
  /** Literal of the module's name. */
  specifier: string;
  /** The second argument of the import with its comma, or nothing. */
  options: string;
  bindings: { local: string; exported: string }[];
  start: number;
  index: number;
  /** Its code stands where the statement was, not before the cell's. */
  inPlace: boolean;
}

export interface Rewritten {
  edits: Edit[];
  imports: ImportRequest[];
  /** Top-level functions, in order. */
  functions: string[];
  /** The variables of the cells that this one uses. */
  used: ReadonlySet<string>;
  /** Constants that the cell assigns to. */
  constants: ReadonlySet<string>;
  captured: Captured;
  loops: ReadonlyMap<acorn.Node, LoopNames>;
  usesResources: boolean;
  /** Does the cell itself hold resources? `true`: some are disposed asynchronously. */
  holds: boolean | null;
}

/** Without knowing what is `captured` in earlier cells no loop runs on copies. */
export function rewrite(
  program: acorn.Program,
  code: string,
  surroundings: Surroundings,
  captured: Captured | undefined,
): Rewritten {
  const rewriter = new CellRewriter(code, surroundings);
  rewriter.program(program);
  const first = rewriter.finish();
  if (captured === undefined || first.loops.size === 0) return first;
  const copies = copiesOf(program, first.loops, [captured, first.captured], surroundings);
  if (copies.size === 0) return first;
  const again = new CellRewriter(code, surroundings, copies);
  again.program(program);
  return again.finish();
}

class CellRewriter extends StatementRewriter {
  readonly #imports: ImportRequest[] = [];
  readonly #functions: string[] = [];
  /** From here on imports are executed in place: a line above may be what installs the package. */
  readonly #firstLine: number;
  #holds: boolean | null = null;

  constructor(code: string, around: Surroundings, copies?: ReadonlyMap<acorn.Node, Copies>) {
    super(code, around, copies);
    const { line } = around.names;
    const first = line === null ? -1 : code.indexOf(`${line}(`);
    this.#firstLine = first < 0 ? code.length : first;
  }

  finish(): Rewritten {
    // Stable: edits of one place stay in the order of the walk, which is the order of the text.
    this.edits.sort((a, b) => a.start - b.start);
    return {
      edits: this.edits,
      imports: this.#imports,
      functions: this.#functions,
      used: this.used,
      constants: this.constants,
      captured: this.captured,
      loops: this.loops,
      usesResources: this.usesResources || this.#holds !== null,
      holds: this.#holds,
    };
  }

  program(program: acorn.Program): void {
    const result = this.resultOf(program.body);
    this.#holds = this.resourcesOf(program.body);
    for (const statement of program.body) {
      if (statement === result && statement.type === "ExpressionStatement") this.result(statement);
      else this.topStatement(statement, statement === result);
    }
  }

  /** The statement whose value the cell shows: the last one if it is an expression, else an `export default`. */
  protected resultOf(body: readonly TopStatement[]): TopStatement | undefined {
    const last = body.findLast((statement) => !this.isEmpty(statement));
    if (last?.type === "ExpressionStatement" && !this.around.decorations.has(last) && !this.#decorates(last))
      return last;
    return body.find(
      (statement) => statement.type === "ExportDefaultDeclaration" || defaultSpecifier(statement) !== undefined,
    );
  }

  /** What swc puts behind a class that is decorated in the older dialect: `_ts_decorate(…)`, `A = _ts_decorate(…)`. */
  #decorates({ expression }: acorn.ExpressionStatement): boolean {
    const { generated } = this.around;
    const call = expression.type === "AssignmentExpression" ? expression.right : expression;
    if (call.type !== "CallExpression" || call.callee.type !== "Identifier") return false;
    return call.callee.name.startsWith("_ts_") && generated.has(call.callee.name);
  }

  /** Nothing, or `export {}`, which swc adds for types, or the variable of a namespace, which swc declares at the very end, or the end of what is timed. */
  protected isEmpty(statement: TopStatement): boolean {
    if (statement.type === "EmptyStatement" || isEmptyExport(statement)) return true;
    const { line } = this.around.names;
    if (line !== null && this.code.startsWith(`await ${line}.end(`, statement.start)) return true;
    const declaration = statement.type === "ExportNamedDeclaration" ? statement.declaration : statement;
    if (declaration?.type !== "VariableDeclaration" || declaration.kind !== "var") return false;
    return declaration.declarations.every(
      ({ id, init }) => !init && id.type === "Identifier" && this.around.declared.get(id.name) === "namespace",
    );
  }

  protected result(statement: acorn.ExpressionStatement): void {
    const { start, end } = statement;
    const stop = this.code[end - 1] === ";" ? end - 1 : end;
    const several = statement.expression.type === "SequenceExpression";
    this.insert(start, `${this.around.names.cell}.result(${several ? "(" : ""}`);
    this.expression(statement.expression);
    this.insert(stop, several ? "))" : ")");
  }

  protected topStatement(statement: TopStatement, isResult: boolean): void {
    switch (statement.type) {
      case "ImportDeclaration":
        this.import(statement);
        break;
      case "ExportAllDeclaration":
        this.requestModule(statement.source, statement.attributes, statement, []);
        break;
      case "ExportNamedDeclaration":
        if (statement.source) this.requestModule(statement.source, statement.attributes, statement, []);
        else if (statement.declaration) {
          this.replace(statement.start, statement.declaration.start, "");
          this.topStatement(statement.declaration, false);
        } else this.#exportNames(statement, isResult);
        break;
      case "ExportDefaultDeclaration":
        this.exportDefault(statement, isResult);
        break;
      case "FunctionDeclaration":
        // What the type stripper's own functions call is not what cells may declare under the same names.
        if (this.around.generated.has(statement.id.name) && /^_(?:apply_decs|ts)_/.test(statement.id.name)) break;
        if (!this.around.generated.has(statement.id.name)) this.#hoist(statement.id.name);
        this.functionNode(statement);
        break;
      case "ExpressionStatement":
        this.decorating(statement, () => this.statement(statement));
        this.decorate(statement);
        break;
      default:
        this.statement(statement);
    }
  }

  #hoist(name: string): void {
    this.used.add(name);
    this.#functions.push(name);
  }

  #exportNames(statement: acorn.ExportNamedDeclaration, isResult: boolean): void {
    const local = isResult ? defaultSpecifier(statement)?.local : undefined;
    if (local?.type !== "Identifier") {
      this.replace(statement.start, statement.end, "");
      return;
    }
    this.replace(statement.start, local.start, `${this.around.names.cell}.result(`);
    this.expression(local);
    this.replace(local.end, statement.end, ");");
  }

  protected import(statement: acorn.ImportDeclaration): void {
    const bindings = statement.specifiers.map((specifier) => ({
      local: specifier.local.name,
      exported:
        specifier.type === "ImportNamespaceSpecifier"
          ? "*"
          : specifier.type === "ImportDefaultSpecifier"
            ? "default"
            : exportedName(specifier.imported),
    }));
    this.requestModule(statement.source, statement.attributes, statement, bindings);
  }

  /** The module is imported before the cell's code, and in the place of the statement only behind a line that is no TypeScript. */
  protected requestModule(
    source: acorn.Literal,
    attributes: acorn.ImportAttribute[],
    { start, end }: acorn.Node,
    bindings: ImportRequest["bindings"],
  ): void {
    const pairs = attributes.map(
      ({ key, value }) => `${JSON.stringify(exportedName(key))}: ${JSON.stringify(value.value)}`,
    );
    const request: ImportRequest = {
      specifier: JSON.stringify(source.value),
      options: pairs.length === 0 ? "" : `, { with: { ${pairs.join(", ")} } }`,
      bindings,
      start,
      index: this.#imports.length,
      inPlace: start > this.#firstLine,
    };
    this.#imports.push(request);
    if (request.inPlace)
      for (const { text, anchor } of importCode(request, this.around.names, this.around.generated))
        this.edits.push({ start, end: start, text, anchor });
    this.replace(start, end, "");
  }

  protected exportDefault(statement: acorn.ExportDefaultDeclaration, isResult: boolean): void {
    const { declaration } = statement;
    const { names } = this.around;
    if (declaration.type === "FunctionDeclaration" || declaration.type === "ClassDeclaration") {
      if (declaration.id !== null) {
        this.replace(statement.start, declaration.start, "");
        this.topStatement(declaration, false);
        if (isResult) this.insert(statement.end, `;${names.cell}.result(${this.variable(declaration.id.name)});`);
        return;
      }
    }
    // What is exported may stand in parentheses, which the node leaves out.
    const stop = this.code[statement.end - 1] === ";" ? statement.end - 1 : statement.end;
    this.replace(
      statement.start,
      statement.start + "export default".length,
      isResult ? `${names.cell}.result((` : "((",
    );
    const anonymous = isAnonymousFunction(declaration);
    if (anonymous) this.insert(declaration.start, "{ default: ");
    if (declaration.type === "FunctionDeclaration") this.functionNode(declaration);
    else if (declaration.type === "ClassDeclaration") this.classNode(declaration);
    else this.expression(declaration);
    if (anonymous) this.insert(declaration.end, " }.default");
    this.insert(stop, "));");
  }
}

function exportedName(node: acorn.Identifier | acorn.Literal): string {
  return node.type === "Identifier" ? node.name : String(node.value);
}

/** Of `export { x as default }`. */
function isEmptyExport(statement: TopStatement): boolean {
  if (statement.type !== "ExportNamedDeclaration" || statement.declaration || statement.source) return false;
  return statement.specifiers.length === 0;
}

function defaultSpecifier(statement: TopStatement): acorn.ExportSpecifier | undefined {
  if (statement.type !== "ExportNamedDeclaration" || statement.source) return undefined;
  return statement.specifiers.find(({ exported }) => exportedName(exported) === "default");
}

/** The code of an import: the module, then each of its names. */
export function importCode(
  { specifier, options, bindings, start, index }: ImportRequest,
  { scope, cell }: GeneratedNames,
  generated: ReadonlySet<string>,
): { text: string; anchor: number | null }[] {
  const namespace = `${cell}_import${index}`;
  const load = `const ${namespace} = ${cell}.resumed(await ${cell}.import(${specifier}${options})); `;
  return [
    { text: load, anchor: start },
    ...bindings.map(({ local, exported }) => {
      const name = JSON.stringify(exported);
      // The JSX runtime, imported by the type stripper: no name of the cell's.
      if (generated.has(local)) return { text: `const ${local} = ${namespace}[${name}]; `, anchor: null };
      const text = `${cell}.bind(${scope}, ${JSON.stringify(local)}, ${namespace}, ${name}, ${specifier}); `;
      return { text, anchor: start };
    }),
  ];
}
