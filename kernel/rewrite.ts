// The heart of the cell compiler: one walk over a cell's JavaScript that turns its top-level names into properties of the
// session's scope, so that they outlive the cell and resolve when used, and its awaits into places where an interrupted
// cell stops. It only ever inserts and replaces text, so what the user wrote keeps its order and its places.
// What a name means is looked up in scope-analysis.ts; the finished function is put together in cell.ts.

import type * as acorn from "acorn";
import type { Edit } from "./position-map.ts";
import {
  hoistedNames,
  isDeclared,
  lexicalNames,
  namesOfDeclaration,
  namesOfPattern,
  type DeclarationKind,
  type Scope,
} from "./scope-analysis.ts";

type AnyFunction =
  | acorn.FunctionDeclaration
  | acorn.AnonymousFunctionDeclaration
  | acorn.FunctionExpression
  | acorn.ArrowFunctionExpression;
type AnyClass = acorn.ClassDeclaration | acorn.AnonymousClassDeclaration | acorn.ClassExpression;
type TopStatement = acorn.Statement | acorn.ModuleDeclaration;

/** The names under which the generated function knows what the runtime hands it; none of them occurs in the cell. */
export interface GeneratedNames {
  scope: string;
  cell: string;
  /** A constant, assigned to wherever the cell assigns to a constant: V8 then throws what it would throw there. */
  constant: string;
}

export interface Surroundings {
  /** What the cell declares, its kind included. */
  declared: ReadonlyMap<string, DeclarationKind>;
  /** Top-level names that the type stripper made up: they stay variables of the cell. */
  generated: ReadonlySet<string>;
  /** Names that swc gave a decorated class -> the class's own name. */
  decorated: ReadonlyMap<string, string>;
  earlier: ReadonlyMap<string, DeclarationKind>;
  isGlobal(name: string): boolean;
  names: GeneratedNames;
}

export interface ImportRequest {
  /** Literal of the module's name, as written. */
  specifier: string;
  /** Object literal, or `undefined`. */
  attributes: string;
  bindings: { local: string; exported: string }[];
  start: number;
}

export interface Rewritten {
  edits: Edit[];
  imports: ImportRequest[];
  /** Top-level functions, in order. */
  functions: string[];
  assignsConstant: boolean;
}

/** Always bare: parameters of the generated function, and names that are no references. */
const bareNames = new Set(["require", "__filename", "__dirname", "undefined", "NaN", "Infinity", "arguments"]);
const constantKinds = new Set<DeclarationKind>(["const", "import", "enum", "namespace"]);

/** How a name is reached: as it stands, or through the scope; `constant`: assigning to it is an error. */
type Reach = "bare" | { constant: boolean; known: boolean; name: string };

export function rewrite(program: acorn.Program, code: string, surroundings: Surroundings): Rewritten {
  const rewriter = new Rewriter(code, surroundings);
  rewriter.program(program);
  return rewriter.finish();
}

class Rewriter {
  readonly #code: string;
  readonly #around: Surroundings;
  readonly #edits: Edit[] = [];
  readonly #imports: ImportRequest[] = [];
  readonly #functions: string[] = [];
  readonly #merged = new Set<string>();
  #assignsConstant = false;
  /** Innermost scope of the cell; `null` at its top level. */
  #scope: Scope | null = null;
  /** Is the code at hand run by the cell's own function, by an async function, or neither? */
  #function: "top" | "async" | "sync" = "top";

  constructor(code: string, around: Surroundings) {
    this.#code = code;
    this.#around = around;
  }

  finish(): Rewritten {
    // Stable: edits of one place stay in the order of the walk, which is the order of the text.
    this.#edits.sort((a, b) => a.start - b.start);
    return { edits: this.#edits, imports: this.#imports, functions: this.#functions, assignsConstant: this.#assignsConstant };
  }

  #insert(at: number, text: string): void {
    this.#edits.push({ start: at, end: at, text, anchor: at });
  }

  #replace(start: number, end: number, text: string): void {
    this.#edits.push({ start, end, text, anchor: start });
  }

  #reach(name: string): Reach {
    if (isDeclared(name, this.#scope)) return "bare";
    const { declared, generated, decorated, earlier } = this.#around;
    const ownName = decorated.get(name);
    if (ownName !== undefined) return { constant: false, known: true, name: ownName };
    if (generated.has(name)) return "bare";
    const kind = declared.get(name) ?? earlier.get(name);
    if (kind !== undefined) return { constant: constantKinds.has(kind), known: true, name };
    if (bareNames.has(name) || this.#around.isGlobal(name)) return "bare";
    return { constant: false, known: false, name };
  }

  // ---- program

  program(program: acorn.Program): void {
    const result = this.#resultOf(program.body);
    for (const statement of program.body) {
      if (statement === result && statement.type === "ExpressionStatement") this.#result(statement);
      else this.#topStatement(statement, statement === result);
    }
  }

  /** The statement whose value the cell shows: the last one if it is an expression, else an `export default`. */
  #resultOf(body: readonly TopStatement[]): TopStatement | undefined {
    const last = body.findLast((statement) => !this.#isEmpty(statement));
    if (last?.type === "ExpressionStatement") return last;
    return body.find((statement) => statement.type === "ExportDefaultDeclaration");
  }

  /** Nothing, or the variable of a namespace, which swc declares at the very end. */
  #isEmpty(statement: TopStatement): boolean {
    if (statement.type === "EmptyStatement") return true;
    const declaration = statement.type === "ExportNamedDeclaration" ? statement.declaration : statement;
    if (declaration?.type !== "VariableDeclaration" || declaration.kind !== "var") return false;
    return declaration.declarations.every(
      ({ id, init }) => !init && id.type === "Identifier" && this.#around.declared.get(id.name) === "namespace",
    );
  }

  #result(statement: acorn.ExpressionStatement): void {
    const { start, end } = statement;
    const stop = this.#code[end - 1] === ";" ? end - 1 : end;
    const several = statement.expression.type === "SequenceExpression";
    this.#insert(start, `${this.#around.names.cell}.result(${several ? "(" : ""}`);
    this.#expression(statement.expression);
    this.#insert(stop, several ? "))" : ")");
  }

  #topStatement(statement: TopStatement, isResult: boolean): void {
    switch (statement.type) {
      case "ImportDeclaration":
        this.#import(statement);
        break;
      case "ExportAllDeclaration":
        this.#requestModule(statement.source, statement.attributes, statement.start, []);
        this.#replace(statement.start, statement.end, "");
        break;
      case "ExportNamedDeclaration":
        if (statement.source) this.#requestModule(statement.source, statement.attributes, statement.start, []);
        if (statement.declaration) {
          this.#replace(statement.start, statement.declaration.start, "");
          this.#topStatement(statement.declaration, false);
        } else this.#replace(statement.start, statement.end, "");
        break;
      case "ExportDefaultDeclaration":
        this.#exportDefault(statement, isResult);
        break;
      case "FunctionDeclaration":
        if (!this.#around.generated.has(statement.id.name)) this.#functions.push(statement.id.name);
        this.#functionNode(statement);
        break;
      default:
        this.#statement(statement);
    }
  }

  #import(statement: acorn.ImportDeclaration): void {
    const bindings = statement.specifiers.map((specifier) => ({
      local: specifier.local.name,
      exported:
        specifier.type === "ImportNamespaceSpecifier"
          ? "*"
          : specifier.type === "ImportDefaultSpecifier"
            ? "default"
            : exportedName(specifier.imported),
    }));
    this.#requestModule(statement.source, statement.attributes, statement.start, bindings);
    this.#replace(statement.start, statement.end, "");
  }

  #requestModule(
    source: acorn.Literal,
    attributes: acorn.ImportAttribute[],
    start: number,
    bindings: ImportRequest["bindings"],
  ): void {
    const pairs = attributes.map(({ key, value }) => `${JSON.stringify(exportedName(key))}: ${JSON.stringify(value.value)}`);
    this.#imports.push({
      specifier: JSON.stringify(source.value),
      attributes: pairs.length === 0 ? "undefined" : `{ ${pairs.join(", ")} }`,
      bindings,
      start,
    });
  }

  #exportDefault(statement: acorn.ExportDefaultDeclaration, isResult: boolean): void {
    const { declaration } = statement;
    const { names } = this.#around;
    if (declaration.type === "FunctionDeclaration" || declaration.type === "ClassDeclaration") {
      if (declaration.id !== null) {
        this.#replace(statement.start, declaration.start, "");
        this.#topStatement(declaration, false);
        if (isResult) this.#insert(statement.end, `;${names.cell}.result(${names.scope}.${declaration.id.name});`);
        return;
      }
    }
    // What is exported may stand in parentheses, which the node leaves out.
    const stop = this.#code[statement.end - 1] === ";" ? statement.end - 1 : statement.end;
    this.#replace(statement.start, statement.start + "export default".length, isResult ? `${names.cell}.result((` : "((");
    const anonymous = isAnonymousFunction(declaration);
    if (anonymous) this.#insert(declaration.start, "{ default: ");
    if (declaration.type === "FunctionDeclaration") this.#functionNode(declaration);
    else if (declaration.type === "ClassDeclaration") this.#classNode(declaration);
    else this.#expression(declaration);
    if (anonymous) this.#insert(declaration.end, " }.default");
    this.#insert(stop, "));");
  }

  // ---- statements

  #statements(statements: readonly acorn.Statement[]): void {
    for (const statement of statements) this.#statement(statement);
  }

  #statement(statement: TopStatement | null | undefined): void {
    if (!statement) return;
    switch (statement.type) {
      case "ExpressionStatement":
        this.#expression(statement.expression);
        break;
      case "VariableDeclaration":
        this.#variables(statement, "statement");
        break;
      case "FunctionDeclaration":
        this.#functionNode(statement);
        break;
      case "ClassDeclaration":
        this.#classDeclaration(statement);
        break;
      case "BlockStatement":
        this.#block(statement);
        break;
      case "IfStatement":
        this.#expression(statement.test);
        this.#statement(statement.consequent);
        this.#statement(statement.alternate);
        break;
      case "ForStatement":
        this.#within(blockNames(statement.init), () => {
          if (statement.init?.type === "VariableDeclaration") this.#variables(statement.init, "head");
          else this.#expression(statement.init);
          this.#expression(statement.test);
          this.#expression(statement.update);
          this.#statement(statement.body);
        });
        break;
      case "ForInStatement":
      case "ForOfStatement":
        this.#within(blockNames(statement.left), () => {
          if (statement.left.type === "VariableDeclaration") this.#variables(statement.left, "each");
          else this.#pattern(statement.left, false);
          this.#expression(statement.right);
          if (statement.type === "ForOfStatement" && statement.await) this.#checkedBody(statement.body);
          else this.#statement(statement.body);
        });
        break;
      case "WhileStatement":
        this.#expression(statement.test);
        this.#statement(statement.body);
        break;
      case "DoWhileStatement":
        this.#statement(statement.body);
        this.#expression(statement.test);
        break;
      case "ReturnStatement":
      case "ThrowStatement":
        this.#expression(statement.argument);
        break;
      case "SwitchStatement": {
        this.#expression(statement.discriminant);
        const names = new Set<string>();
        for (const clause of statement.cases) lexicalNames(clause.consequent, (name) => names.add(name));
        this.#within(names, () => {
          for (const clause of statement.cases) {
            this.#expression(clause.test);
            this.#statements(clause.consequent);
          }
        });
        break;
      }
      case "TryStatement":
        this.#block(statement.block);
        if (statement.handler) this.#catch(statement.handler);
        if (statement.finalizer) {
          if (this.#function !== "sync") this.#check(statement.finalizer.start + 1);
          this.#block(statement.finalizer);
        }
        break;
      case "LabeledStatement":
        this.#statement(statement.body);
        break;
      default:
        break;
    }
  }

  #within(names: Set<string>, walk: () => void): void {
    const outer = this.#scope;
    if (names.size > 0) this.#scope = { names, parent: outer };
    walk();
    this.#scope = outer;
  }

  #block(block: acorn.BlockStatement): void {
    const names = new Set<string>();
    lexicalNames(block.body, (name) => names.add(name));
    this.#within(names, () => this.#statements(block.body));
  }

  /** Where code of an interrupted cell could go on: the runtime throws here. */
  #check(at: number): void {
    this.#insert(at, `${this.#around.names.cell}.resumed();`);
  }

  #checkedBody(body: acorn.Statement): void {
    if (body.type === "BlockStatement") {
      this.#check(body.start + 1);
      this.#statement(body);
    } else {
      this.#insert(body.start, `{${this.#around.names.cell}.resumed();`);
      this.#statement(body);
      this.#insert(body.end, "}");
    }
  }

  #catch(handler: acorn.CatchClause): void {
    const names = new Set<string>();
    const { param, body } = handler;
    if (param) namesOfPattern(param, (name) => names.add(name));
    this.#within(names, () => {
      const checked = this.#function !== "sync";
      if (param && checked && param.type !== "Identifier") {
        // The pattern would run the user's code (getters, defaults) before the check: taken apart after it instead.
        const error = `${this.#around.names.constant}_error`;
        const at = body.start + 1;
        this.#insert(param.start, error);
        const before = this.#edits.length;
        this.#pattern(param, true);
        const moved = this.#edits.splice(before).filter((edit) => edit.start < body.start);
        const text = spliced(this.#code, param.start, param.end, moved);
        this.#replace(param.start, param.end, "");
        this.#insert(at, `${this.#around.names.cell}.resumed();let ${text} = ${error};`);
      } else {
        if (param) this.#pattern(param, true);
        if (checked) this.#check(body.start + 1);
      }
      this.#block(body);
    });
  }

  // ---- declarations

  /** Does this declaration bring its names to the top level of the cell? */
  #isTopLevel(declaration: acorn.VariableDeclaration): boolean {
    const isTop = declaration.kind === "var" ? this.#function === "top" : this.#scope === null;
    if (!isTop) return false;
    let generated = false;
    namesOfDeclaration(declaration, (name) => (generated ||= this.#around.generated.has(name)));
    return !generated;
  }

  #variables(declaration: acorn.VariableDeclaration, place: "statement" | "head" | "each"): void {
    const { declarations, kind, start } = declaration;
    const first = declarations[0];
    if (first === undefined) return;
    const top = this.#isTopLevel(declaration);
    if (top) this.#replace(start, first.id.start, "");
    for (const { id, init, start: from, end } of declarations) {
      if (!top) {
        this.#pattern(id, true);
        this.#expression(init);
        continue;
      }
      if (!init && place !== "each" && kind === "var") {
        this.#replace(from, end, "void 0");
        continue;
      }
      const object = id.type === "ObjectPattern" && place !== "each";
      if (object) this.#insert(from, "(");
      this.#pattern(id, true);
      if (init) this.#named(id, init);
      else if (place !== "each") this.#insert(end, " = void 0");
      if (object) this.#insert(end, ")");
    }
  }

  #classDeclaration(statement: acorn.ClassDeclaration): void {
    const { scope } = this.#around.names;
    const { name } = statement.id;
    if (this.#scope !== null || this.#function !== "top" || this.#around.generated.has(name)) {
      this.#classNode(statement);
      return;
    }
    this.#insert(statement.start, `${scope}.${name} = `);
    this.#classNode(statement);
    let after = ";";
    for (const [replacement, own] of this.#around.decorated) if (own === name) after = `; ${scope}.${name} = ${replacement};`;
    this.#insert(statement.end, after);
  }

  /** A pattern that is assigned to, or whose names are `declared` by it. */
  #pattern(pattern: acorn.Pattern, declared: boolean): void {
    switch (pattern.type) {
      case "Identifier":
        this.#target(pattern, declared, false);
        break;
      case "MemberExpression":
        this.#expression(pattern);
        break;
      case "ObjectPattern":
        for (const property of pattern.properties) {
          if (property.type === "RestElement") this.#pattern(property.argument, declared);
          else if (property.shorthand) {
            const { value } = property;
            if (value.type === "AssignmentPattern" && value.left.type === "Identifier") {
              this.#target(value.left, declared, true);
              this.#named(value.left, value.right);
            } else if (value.type === "Identifier") this.#target(value, declared, true);
          } else {
            if (property.computed) this.#expression(property.key);
            this.#pattern(property.value, declared);
          }
        }
        break;
      case "ArrayPattern":
        for (const element of pattern.elements) if (element !== null) this.#pattern(element, declared);
        break;
      case "RestElement":
        this.#pattern(pattern.argument, declared);
        break;
      case "AssignmentPattern":
        this.#pattern(pattern.left, declared);
        this.#named(pattern.left, pattern.right);
        break;
    }
  }

  #target(identifier: acorn.Identifier, declared: boolean, shorthand: boolean): void {
    const reach = this.#reach(identifier.name);
    if (reach === "bare") return;
    const key = shorthand ? `${identifier.name}: ` : "";
    if (reach.constant && !declared) {
      this.#assignsConstant = true;
      this.#replace(identifier.start, identifier.end, key + this.#around.names.constant);
    } else this.#through(identifier, reach.name, key);
  }

  /** `name` -> `__scope.name`, with `before` in front of it. */
  #through(identifier: acorn.Identifier, name: string, before = "", after = ""): void {
    const { scope } = this.#around.names;
    if (name === identifier.name && this.#code.startsWith(name, identifier.start)) this.#insert(identifier.start, `${before}${scope}.`);
    else this.#replace(identifier.start, identifier.end, `${before}${scope}.${name}`);
    if (after !== "") this.#insert(identifier.end, after);
  }

  /** A value for `target`: an anonymous function takes the target's name, as it would if that were still a variable. */
  #named(target: acorn.Pattern, value: acorn.Expression): void {
    const name = target.type === "Identifier" && this.#reach(target.name) !== "bare" ? target.name : null;
    if (name === null || !isAnonymousFunction(value)) {
      this.#expression(value);
      return;
    }
    this.#insert(value.start, name === "__proto__" ? `{["__proto__"]: ` : `{${name}: `);
    this.#expression(value);
    this.#insert(value.end, `}.${name}`);
  }

  // ---- functions and classes

  #functionNode(node: AnyFunction): void {
    const outerFunction = this.#function;
    const outerScope = this.#scope;
    const names = new Set<string>();
    if (node.type === "FunctionExpression" && node.id) this.#scope = { names: new Set([node.id.name]), parent: outerScope };
    for (const param of node.params) namesOfPattern(param, (name) => names.add(name));
    if (node.type !== "ArrowFunctionExpression") names.add("arguments");
    if (node.body.type === "BlockStatement") {
      hoistedNames(node.body.body, (name) => names.add(name));
      lexicalNames(node.body.body, (name) => names.add(name));
    }
    this.#scope = { names, parent: this.#scope };
    this.#function = node.async ? "async" : "sync";
    for (const param of node.params) this.#pattern(param, true);
    if (node.body.type === "BlockStatement") this.#statements(node.body.body);
    else this.#expression(node.body);
    this.#function = outerFunction;
    this.#scope = outerScope;
  }

  #classNode(node: AnyClass): void {
    const names = new Set<string>();
    if (node.id) {
      names.add(node.id.name);
      for (const [replacement, own] of this.#around.decorated) if (own === node.id.name) names.add(replacement);
    }
    this.#within(names, () => {
      this.#expression(node.superClass);
      for (const member of node.body.body) {
        if (member.type === "StaticBlock") {
          this.#classCode(member.body);
          continue;
        }
        if (member.computed && member.key.type !== "PrivateIdentifier") this.#expression(member.key);
        if (member.type === "MethodDefinition") this.#functionNode(member.value);
        else if (member.value) this.#fieldValue(member.value);
      }
    });
  }

  #classCode(statements: acorn.Statement[]): void {
    const names = new Set<string>();
    hoistedNames(statements, (name) => names.add(name));
    lexicalNames(statements, (name) => names.add(name));
    const outer = this.#function;
    this.#function = "sync";
    this.#within(names, () => this.#statements(statements));
    this.#function = outer;
  }

  #fieldValue(value: acorn.Expression): void {
    const outer = this.#function;
    this.#function = "sync";
    this.#expression(value);
    this.#function = outer;
  }

  // ---- expressions

  #expression(node: acorn.Expression | acorn.Super | acorn.SpreadElement | acorn.PrivateIdentifier | null | undefined): void {
    if (!node) return;
    switch (node.type) {
      case "Identifier": {
        const reach = this.#reach(node.name);
        if (reach !== "bare") this.#through(node, reach.name);
        break;
      }
      case "CallExpression":
        if (!this.#merge(node)) {
          this.#callee(node.callee);
          for (const argument of node.arguments) this.#expression(argument);
        }
        break;
      case "TaggedTemplateExpression":
        this.#callee(node.tag);
        this.#expression(node.quasi);
        break;
      case "NewExpression":
        this.#expression(node.callee);
        for (const argument of node.arguments) this.#expression(argument);
        break;
      case "MemberExpression":
        this.#expression(node.object);
        if (node.computed) this.#expression(node.property);
        break;
      case "AssignmentExpression":
        this.#assignment(node);
        break;
      case "UpdateExpression":
        if (node.argument.type === "Identifier") this.#target(node.argument, false, false);
        else this.#expression(node.argument);
        break;
      case "UnaryExpression":
        this.#unary(node);
        break;
      case "BinaryExpression":
      case "LogicalExpression":
        this.#binary(node);
        break;
      case "ConditionalExpression":
        this.#expression(node.test);
        this.#expression(node.consequent);
        this.#expression(node.alternate);
        break;
      case "ObjectExpression":
        this.#object(node);
        break;
      case "ArrayExpression":
        for (const element of node.elements) this.#expression(element);
        break;
      case "SpreadElement":
      case "YieldExpression":
        this.#expression(node.argument);
        break;
      case "AwaitExpression":
        this.#insert(node.start, `${this.#around.names.cell}.resumed(`);
        this.#expression(node.argument);
        this.#insert(node.end, ")");
        break;
      case "SequenceExpression":
      case "TemplateLiteral":
        for (const expression of node.expressions) this.#expression(expression);
        break;
      case "FunctionExpression":
      case "ArrowFunctionExpression":
        this.#functionNode(node);
        break;
      case "ClassExpression":
        this.#classNode(node);
        break;
      case "ChainExpression":
      case "ParenthesizedExpression":
        this.#expression(node.expression);
        break;
      case "ImportExpression":
        this.#replace(node.start, node.start + "import".length, `${this.#around.names.cell}.import`);
        this.#expression(node.source);
        this.#expression(node.options);
        break;
      case "MetaProperty":
        if (node.meta.name === "import") this.#replace(node.start, node.end, `${this.#around.names.cell}.meta`);
        break;
      case "Literal":
      case "ThisExpression":
      case "Super":
      case "PrivateIdentifier":
        break;
    }
  }

  /** Called through the scope a function would get it as `this`. */
  #callee(node: acorn.Expression | acorn.Super): void {
    const reach = node.type === "Identifier" ? this.#reach(node.name) : "bare";
    if (node.type === "Identifier" && reach !== "bare") this.#through(node, reach.name, "(0, ", ")");
    else this.#expression(node);
  }

  #binary(node: acorn.BinaryExpression | acorn.LogicalExpression): void {
    // A sum of thousands of terms leans to the left: walked in a loop, not by recursion.
    const right: acorn.Expression[] = [];
    let left: acorn.Expression | acorn.PrivateIdentifier = node;
    while (left.type === "BinaryExpression" || left.type === "LogicalExpression") {
      right.push(left.right);
      left = left.left;
    }
    this.#expression(left);
    for (const operand of right.reverse()) this.#expression(operand);
  }

  #unary(node: acorn.UnaryExpression): void {
    const reach = node.argument.type === "Identifier" ? this.#reach(node.argument.name) : "bare";
    if (node.operator !== "typeof" || node.argument.type !== "Identifier" || reach === "bare") {
      this.#expression(node.argument);
      return;
    }
    this.#insert(node.start, `(${JSON.stringify(reach.name)} in ${this.#around.names.scope} ? `);
    this.#through(node.argument, reach.name);
    this.#insert(node.end, ` : "undefined")`);
  }

  #object(node: acorn.ObjectExpression): void {
    for (const property of node.properties) {
      if (property.type === "SpreadElement") this.#expression(property);
      else if (property.shorthand && property.value.type === "Identifier") {
        const reach = this.#reach(property.value.name);
        if (reach !== "bare") this.#through(property.value, reach.name, `${property.value.name}: `);
      } else {
        if (property.computed) this.#expression(property.key);
        this.#expression(property.value);
      }
    }
  }

  #assignment(node: acorn.AssignmentExpression): void {
    const { left, right, operator } = node;
    const reach = left.type === "Identifier" ? this.#reach(left.name) : "bare";
    if (left.type !== "Identifier" || reach === "bare") {
      this.#pattern(left, false);
      this.#expression(right);
      return;
    }
    const logical = operator === "??=" || operator === "||=" || operator === "&&=";
    if (logical && reach.constant) {
      // Throws only when it comes to assigning.
      const { constant } = this.#around.names;
      this.#assignsConstant = true;
      this.#insert(node.start, "(");
      this.#through(left, reach.name);
      const at = this.#code.indexOf(operator, left.end);
      this.#replace(at, at + operator.length, `${operator.slice(0, -1)} (${constant} = `);
      this.#expression(right);
      this.#insert(node.end, "))");
      return;
    }
    // A name that nobody has declared: assigning must not declare it, so it is read first and that throws.
    const unknown = operator === "=" && !reach.known;
    if (unknown) this.#insert(node.start, `(${this.#around.names.scope}.${reach.name}, `);
    this.#target(left, false, false);
    if (operator === "=" || logical) this.#named(left, right);
    else this.#expression(right);
    if (unknown) this.#insert(node.end, ")");
  }

  /**
   * `(N || (N = {}))` or `(N || {})`, with which a namespace or an enum continues one of the same name: the first one of a
   * cell begins anew, whatever an earlier cell left under the name.
   */
  #merge(call: acorn.CallExpression): boolean {
    const [argument] = call.arguments;
    if (this.#function !== "top" || call.callee.type !== "FunctionExpression") return false;
    if (argument?.type !== "LogicalExpression" || argument.left.type !== "Identifier") return false;
    const { left, right } = argument;
    const kind = this.#around.declared.get(left.name);
    const reach = this.#reach(left.name);
    if (reach === "bare" || kind === undefined) return false;
    this.#functionNode(call.callee);
    const fresh = (kind === "enum" || kind === "namespace") && !this.#merged.has(left.name);
    this.#merged.add(left.name);
    if (fresh) this.#replace(left.start, right.start, this.#code.slice(left.end, right.start).includes("(") ? "(" : "");
    else this.#through(left, reach.name);
    if (right.type === "AssignmentExpression") {
      this.#pattern(right.left, true);
      this.#expression(right.right);
    } else this.#expression(right);
    return true;
  }
}

function exportedName(node: acorn.Identifier | acorn.Literal): string {
  return node.type === "Identifier" ? node.name : String(node.value);
}

function isAnonymousFunction(node: acorn.Expression | acorn.ExportDefaultDeclaration["declaration"]): boolean {
  switch (node.type) {
    case "ArrowFunctionExpression":
      return true;
    case "FunctionExpression":
    case "FunctionDeclaration":
    case "ClassExpression":
    case "ClassDeclaration":
      return !node.id;
    default:
      return false;
  }
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
