// Statements of a cell: declarations at its top level become assignments to the scope, executed where they stand; `catch`, `finally`
// and `for await` check for an interrupt before the user's code runs on; functions, classes and blocks open scopes of
// their own, in which names stay what they are.

import type * as acorn from "acorn";
import { ExpressionRewriter, type AnyClass, type AnyFunction } from "./expressions.ts";
import type { GeneratedNames } from "./names.ts";
import type { Edit } from "../position-map.ts";
import { hoistedNames, lexicalNames, namesOfDeclaration, namesOfPattern } from "./scope-analysis.ts";

export type TopStatement = acorn.Statement | acorn.ModuleDeclaration;

export abstract class StatementRewriter extends ExpressionRewriter {
  protected statements(statements: readonly acorn.Statement[]): void {
    for (const statement of statements) this.statement(statement);
  }

  protected statement(statement: TopStatement | null | undefined): void {
    if (!statement) return;
    if (this.runs === "top" && isLoop(statement)) this.topLoop(statement);
    else this.statementItself(statement);
  }

  /** A loop of the cell's own function, with its labels. */
  protected topLoop(loop: TopStatement): void {
    const { loop: outer, copied } = this;
    this.loop = { outer, used: new Set(), assigned: new Set(), isOpen: false };
    this.loops.set(loop, this.loop);
    const copies = this.copies.get(loop);
    if (copies !== undefined) {
      for (const name of copies.names) this.used.add(name);
      this.insert(loop.start, copies.before);
      this.copied = copies.names;
    }
    this.statementItself(loop);
    if (copies !== undefined) this.edits.push({ start: loop.end, end: loop.end, text: copies.after, anchor: null });
    this.loop = outer;
    this.copied = copied;
  }

  protected statementItself(statement: TopStatement): void {
    switch (statement.type) {
      case "ExpressionStatement":
        this.expression(statement.expression);
        break;
      case "VariableDeclaration":
        this.variables(statement, "statement");
        break;
      case "FunctionDeclaration":
        this.functionNode(statement);
        break;
      case "ClassDeclaration":
        this.classDeclaration(statement);
        break;
      case "BlockStatement":
        this.block(statement);
        break;
      case "IfStatement":
        this.expression(statement.test);
        this.statement(statement.consequent);
        this.statement(statement.alternate);
        break;
      case "ForStatement": {
        const held = this.resourcesOf([statement.init]);
        if (held !== null) this.holdResources(statement.start);
        this.within(blockNames(statement.init), () => {
          if (statement.init?.type === "VariableDeclaration") this.variables(statement.init, "head");
          else this.expression(statement.init);
          this.expression(statement.test);
          this.expression(statement.update);
          this.statement(statement.body);
        });
        if (held !== null) this.disposeResources(statement.end, held);
        break;
      }
      case "ForInStatement":
      case "ForOfStatement":
        this.within(blockNames(statement.left), () => {
          const held = this.resourcesOf([statement.left]);
          if (held !== null) this.eachResource(statement, held);
          else if (statement.left.type === "VariableDeclaration") this.variables(statement.left, "each");
          else this.pattern(statement.left, false);
          if (held === null) this.expression(statement.right);
          if (statement.type === "ForOfStatement" && statement.await) {
            if (this.runs === "top") this.openLoops();
            this.checkedBody(statement.body);
          } else this.statement(statement.body);
          if (held !== null) this.disposeResources(statement.body.end, held);
        });
        break;
      case "WhileStatement":
        this.expression(statement.test);
        this.statement(statement.body);
        break;
      case "DoWhileStatement":
        this.statement(statement.body);
        this.expression(statement.test);
        break;
      case "ReturnStatement":
      case "ThrowStatement":
        this.expression(statement.argument);
        break;
      case "SwitchStatement": {
        this.expression(statement.discriminant);
        const names = new Set<string>();
        for (const clause of statement.cases) {
          lexicalNames(clause.consequent, (name) => names.add(name));
          if (this.resourcesOf(clause.consequent) !== null)
            throw Object.assign(new SyntaxError("'using' needs a block of its own in a 'case'"), { pos: clause.start });
        }
        this.within(names, () => {
          for (const clause of statement.cases) {
            this.expression(clause.test);
            this.statements(clause.consequent);
          }
        });
        break;
      }
      case "TryStatement":
        this.block(statement.block);
        if (statement.handler) this.catch(statement.handler);
        if (statement.finalizer) {
          if (this.runs !== "sync") this.check(statement.finalizer.start + 1);
          this.block(statement.finalizer);
        }
        break;
      case "LabeledStatement":
        this.statementItself(statement.body);
        break;
      default:
        break;
    }
  }

  protected block(block: acorn.BlockStatement): void {
    const names = new Set<string>();
    lexicalNames(block.body, (name) => names.add(name));
    this.within(names, () => this.holding(block.body, block.start + 1, block.end - 1));
  }

  // ---- using

  /** Does one of these nodes declare with `using`? `true` for `await using`, `null` for none. */
  protected resourcesOf(nodes: readonly (acorn.Node | null | undefined)[]): boolean | null {
    let held: boolean | null = null;
    if (this.around.using.size > 0)
      for (const node of nodes) {
        const isAsync = node ? this.around.using.get(node.start) : undefined;
        if (isAsync !== undefined && node?.type === "VariableDeclaration") held = held === true || isAsync;
      }
    return held;
  }

  /** The statements between two offsets, their resources disposed at the end. */
  protected holding(statements: readonly acorn.Statement[], start: number, end: number): void {
    const held = this.resourcesOf(statements);
    if (held !== null) this.holdResources(start);
    this.statements(statements);
    if (held !== null) this.disposeResources(end, held);
  }

  protected holdResources(at: number): void {
    this.usesResources = true;
    this.insert(at, holdCode(this.around.names));
  }

  protected disposeResources(at: number, isAsync: boolean): void {
    if (isAsync && this.runs === "top") this.openLoops();
    this.insert(at, disposeCode(this.around.names, isAsync, this.runs !== "sync"));
  }

  /** `for (using x of xs)`: each round holds one resource. */
  protected eachResource(statement: acorn.ForInStatement | acorn.ForOfStatement, isAsync: boolean): void {
    const { resources } = this.around.names;
    const id = statement.left.type === "VariableDeclaration" ? statement.left.declarations[0]?.id : undefined;
    if (id === undefined) return;
    this.usesResources = true;
    this.replace(id.start, id.end, `${resources}_each`);
    this.expression(statement.right);
    const name = this.code.slice(id.start, id.end);
    this.insert(
      statement.body.start,
      `${holdCode(this.around.names)}const ${name} = ${resources}.use(${resources}_each, ${isAsync});`,
    );
  }

  protected checkedBody(body: acorn.Statement): void {
    if (body.type === "BlockStatement") {
      this.check(body.start + 1);
      this.statement(body);
    } else {
      this.insert(body.start, `{${this.around.names.cell}.resumed();`);
      this.statement(body);
      this.insert(body.end, "}");
    }
  }

  protected catch(handler: acorn.CatchClause): void {
    const names = new Set<string>();
    const { param, body } = handler;
    if (param) namesOfPattern(param, (name) => names.add(name));
    this.within(names, () => {
      const checked = this.runs !== "sync";
      if (param && checked && param.type !== "Identifier") {
        // The pattern would run the user's code (getters, defaults) before the check: taken apart after it instead.
        const error = `${this.around.names.cell}_error`;
        const at = body.start + 1;
        this.insert(param.start, error);
        const before = this.edits.length;
        this.pattern(param, true);
        const moved = this.edits.splice(before).filter((edit) => edit.start < body.start);
        const text = spliced(this.code, param.start, param.end, moved);
        this.replace(param.start, param.end, "");
        this.insert(at, `${this.around.names.cell}.resumed();let ${text} = ${error};`);
      } else {
        if (param) this.pattern(param, true);
        if (checked) this.check(body.start + 1);
      }
      this.block(body);
    });
  }

  // ---- declarations

  /** Does this declaration bring its names to the top level of the cell? */
  protected isTopLevel(declaration: acorn.VariableDeclaration): boolean {
    const isTop = declaration.kind === "var" ? this.runs === "top" : this.scope === null;
    if (!isTop) return false;
    let generated = false;
    namesOfDeclaration(declaration, (name) => (generated ||= this.around.generated.has(name)));
    return !generated;
  }

  protected variables(declaration: acorn.VariableDeclaration, place: "statement" | "head" | "each"): void {
    const { declarations, kind, start } = declaration;
    const first = declarations[0];
    if (first === undefined) return;
    const top = this.isTopLevel(declaration);
    const using = this.around.using.get(start);
    if (top) this.replace(start, first.id.start, "");
    for (const { id, init, start: from, end } of declarations) {
      if (using !== undefined) {
        this.pattern(id, true);
        // After the ` = ` that swc prints: the value may stand in parentheses, which its node leaves out.
        this.insert(id.end + " = ".length, `${this.around.names.resources}.use(`);
        this.expression(init);
        this.insert(end, `, ${using})`);
        continue;
      }
      if (!top) {
        // Of a scope of its own, or at the top level and made up by the type stripper: a variable either way.
        this.within(this.scope === null ? this.around.generated : new Set(), () => this.pattern(id, true));
        this.expression(init);
        continue;
      }
      if (!init && place !== "each" && kind === "var") {
        this.replace(from, end, "void 0");
        continue;
      }
      const object = id.type === "ObjectPattern" && place !== "each";
      if (object) this.insert(from, "(");
      this.pattern(id, true);
      if (init) this.named(id, init);
      else if (place !== "each") this.insert(end, " = void 0");
      if (object) this.insert(end, ")");
    }
  }

  protected classDeclaration(statement: acorn.ClassDeclaration): void {
    const { name } = statement.id;
    if (this.scope !== null || this.runs !== "top" || this.around.generated.has(name)) {
      this.classNode(statement);
      return;
    }
    this.insert(statement.start, `${this.variable(name, "initial")} = `);
    this.decorating(statement, () => this.classNode(statement));
    this.insert(statement.end, ";");
    this.decorate(statement);
  }

  /** Inside of the statement that makes a decorated class, swc's name for it is a variable and not yet the class's own. */
  protected decorating(statement: acorn.Node, walk: () => void): void {
    const replacement = this.around.decorations.get(statement);
    this.within(new Set(replacement === undefined ? [] : [replacement]), walk);
  }

  /** After that statement, the class's name is the decorated class. */
  protected decorate(statement: acorn.Node): void {
    const replacement = this.around.decorations.get(statement);
    const name = replacement === undefined ? undefined : this.around.decorated.get(replacement);
    if (name !== undefined) this.insert(statement.end, ` ${this.variable(name, "initial")} = ${replacement};`);
  }

  // ---- functions and classes

  protected functionNode(node: AnyFunction): void {
    const outerFunction = this.runs;
    const outerScope = this.scope;
    const names = new Set<string>();
    if (node.type === "FunctionExpression" && node.id)
      this.scope = { names: new Set([node.id.name]), parent: outerScope };
    for (const param of node.params) namesOfPattern(param, (name) => names.add(name));
    if (node.type !== "ArrowFunctionExpression") names.add("arguments");
    if (node.body.type === "BlockStatement") {
      hoistedNames(node.body.body, (name) => names.add(name));
      lexicalNames(node.body.body, (name) => names.add(name));
    }
    this.scope = { names, parent: this.scope };
    this.runs = node.async ? "async" : "sync";
    for (const param of node.params) this.pattern(param, true);
    if (node.body.type === "BlockStatement") this.holding(node.body.body, node.body.start + 1, node.body.end - 1);
    else this.expression(node.body);
    this.runs = outerFunction;
    this.scope = outerScope;
  }

  protected classNode(node: AnyClass): void {
    const names = new Set<string>();
    if (node.id) names.add(node.id.name);
    this.within(names, () => {
      this.expression(node.superClass);
      for (const member of node.body.body) {
        if (member.type === "StaticBlock") {
          this.classCode(member);
          continue;
        }
        if (member.computed && member.key.type !== "PrivateIdentifier") this.expression(member.key);
        if (member.type === "MethodDefinition") this.functionNode(member.value);
        else if (member.value) this.fieldValue(member.value);
      }
    });
  }

  protected classCode(member: acorn.StaticBlock): void {
    const { body: statements } = member;
    const names = new Set<string>();
    hoistedNames(statements, (name) => names.add(name));
    lexicalNames(statements, (name) => names.add(name));
    const outer = this.runs;
    this.runs = "sync";
    const start = this.code.indexOf("{", member.start) + 1;
    this.within(names, () => this.holding(statements, start, member.end - 1));
    this.runs = outer;
  }

  protected fieldValue(value: acorn.Expression): void {
    const outer = this.runs;
    this.runs = "sync";
    this.expression(value);
    this.runs = outer;
  }
}

function isLoop(statement: TopStatement): boolean {
  while (statement.type === "LabeledStatement") statement = statement.body;
  return /^(?:For|ForIn|ForOf|While|DoWhile)Statement$/.test(statement.type);
}

/** The names that a `for` head or an initialiser brings into the loop's own scope. */
function blockNames(head: acorn.Node | null | undefined): Set<string> {
  const names = new Set<string>();
  const declaration = head as acorn.VariableDeclaration | null | undefined;
  if (declaration?.type === "VariableDeclaration" && declaration.kind !== "var")
    namesOfDeclaration(declaration, (name) => names.add(name));
  return names;
}

/** A piece of code with edits applied to it. */
function spliced(code: string, start: number, end: number, edits: readonly Edit[]): string {
  let text = "";
  let from = start;
  for (const edit of edits) {
    text += code.slice(from, edit.start) + edit.text;
    from = Math.max(from, edit.end);
  }
  return text + code.slice(from, end);
}

/** Around the statements that share resources. */
export function holdCode({ resources }: GeneratedNames): string {
  return `{const ${resources} = ${resources}_open();try{`;
}

export function disposeCode({ resources, cell }: GeneratedNames, isAsync: boolean, checked: boolean): string {
  const check = checked ? `${cell}.resumed();` : "";
  const dispose = isAsync ? `${cell}.resumed(await ${resources}.disposeAsync());` : `${resources}.dispose();`;
  return `}catch(${resources}_error){${check}${resources}.fail(${resources}_error);}finally{${check}${dispose}}}`;
}
