// Which names a piece of JavaScript declares, and where: what `var`, `let`, functions, classes and parameters bring into
// a scope. Names are collected when a scope is entered, so that a reference can be resolved the moment it is met, whether
// its declaration comes before or after it. Patterns and statements are looked at, expressions never.

import type * as acorn from "acorn";

export type DeclarationKind = "let" | "const" | "var" | "function" | "class" | "import" | "enum" | "namespace";

/** A scope inside of a cell: its names are ordinary JavaScript variables, whatever the cell's scope holds. */
export interface Scope {
  readonly names: ReadonlySet<string>;
  readonly parent: Scope | null;
}

export function isDeclared(name: string, scope: Scope | null): boolean {
  for (let inner = scope; inner !== null; inner = inner.parent) if (inner.names.has(name)) return true;
  return false;
}

export type Declare = (name: string, kind: DeclarationKind) => void;

/** Calls back with each name that a pattern binds. */
export function namesOfPattern(pattern: acorn.Pattern, visit: (name: string) => void): void {
  switch (pattern.type) {
    case "Identifier":
      visit(pattern.name);
      break;
    case "ObjectPattern":
      for (const property of pattern.properties)
        namesOfPattern(property.type === "RestElement" ? property.argument : property.value, visit);
      break;
    case "ArrayPattern":
      for (const element of pattern.elements) if (element !== null) namesOfPattern(element, visit);
      break;
    case "RestElement":
      namesOfPattern(pattern.argument, visit);
      break;
    case "AssignmentPattern":
      namesOfPattern(pattern.left, visit);
      break;
    case "MemberExpression":
      break;
  }
}

/** The variables of a declaration as `kind`: `using` counts as `const`, which is what it is for whoever assigns. */
export function namesOfDeclaration(declaration: acorn.VariableDeclaration, declare: Declare): void {
  const kind = declaration.kind === "let" || declaration.kind === "var" ? declaration.kind : "const";
  for (const declarator of declaration.declarations) namesOfPattern(declarator.id, (name) => declare(name, kind));
}

type TopLevel = acorn.Statement | acorn.ModuleDeclaration;

/** What the statements declare in their own block: `let`, `const`, classes, functions, imports; exported or not. */
export function lexicalNames(statements: readonly TopLevel[], declare: Declare): void {
  for (const statement of statements) lexicalNamesOf(statement, declare);
}

function lexicalNamesOf(statement: TopLevel, declare: Declare): void {
  switch (statement.type) {
    case "VariableDeclaration":
      if (statement.kind !== "var") namesOfDeclaration(statement, declare);
      break;
    case "FunctionDeclaration":
      declare(statement.id.name, "function");
      break;
    case "ClassDeclaration":
      declare(statement.id.name, "class");
      break;
    case "LabeledStatement":
      lexicalNamesOf(statement.body, declare);
      break;
    case "ImportDeclaration":
      for (const specifier of statement.specifiers) declare(specifier.local.name, "import");
      break;
    case "ExportNamedDeclaration":
      if (statement.declaration) lexicalNamesOf(statement.declaration, declare);
      break;
    case "ExportDefaultDeclaration": {
      const { declaration } = statement;
      if (declaration.type === "FunctionDeclaration" && declaration.id) declare(declaration.id.name, "function");
      if (declaration.type === "ClassDeclaration" && declaration.id) declare(declaration.id.name, "class");
      break;
    }
    default:
      break;
  }
}

/** What `var` declares anywhere in the statements, nested blocks included, functions not. */
export function hoistedNames(statements: readonly (TopLevel | null | undefined)[], declare: Declare): void {
  for (const statement of statements) if (statement) hoistedNamesOf(statement, declare);
}

function hoistedNamesOf(statement: TopLevel, declare: Declare): void {
  switch (statement.type) {
    case "VariableDeclaration":
      if (statement.kind === "var") namesOfDeclaration(statement, declare);
      break;
    case "ExportNamedDeclaration":
      if (statement.declaration) hoistedNamesOf(statement.declaration, declare);
      break;
    case "BlockStatement":
      hoistedNames(statement.body, declare);
      break;
    case "IfStatement":
      hoistedNames([statement.consequent, statement.alternate], declare);
      break;
    case "ForStatement":
      if (statement.init?.type === "VariableDeclaration") hoistedNamesOf(statement.init, declare);
      hoistedNamesOf(statement.body, declare);
      break;
    case "ForInStatement":
    case "ForOfStatement":
      if (statement.left.type === "VariableDeclaration") hoistedNamesOf(statement.left, declare);
      hoistedNamesOf(statement.body, declare);
      break;
    case "WhileStatement":
    case "DoWhileStatement":
    case "LabeledStatement":
      hoistedNamesOf(statement.body, declare);
      break;
    case "TryStatement":
      hoistedNames([statement.block, statement.handler?.body, statement.finalizer], declare);
      break;
    case "SwitchStatement":
      for (const clause of statement.cases) hoistedNames(clause.consequent, declare);
      break;
    default:
      break;
  }
}
