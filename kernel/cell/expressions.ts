// Expressions and patterns of a cell: every reference, call, assignment and `typeof` of a top-level name goes through the scope and
// still means what it meant, `this`, function names and constants included; every `await` becomes a place where an
// interrupted cell stops.

import type * as acorn from "acorn";
import { NameRewriter } from "./names.ts";

export type AnyFunction =
  | acorn.FunctionDeclaration
  | acorn.AnonymousFunctionDeclaration
  | acorn.FunctionExpression
  | acorn.ArrowFunctionExpression;
export type AnyClass = acorn.ClassDeclaration | acorn.AnonymousClassDeclaration | acorn.ClassExpression;

export abstract class ExpressionRewriter extends NameRewriter {
  readonly #merged = new Set<string>();

  protected abstract functionNode(node: AnyFunction): void;
  protected abstract classNode(node: AnyClass): void;

  protected expression(
    node: acorn.Expression | acorn.Super | acorn.SpreadElement | acorn.PrivateIdentifier | null | undefined,
  ): void {
    if (!node) return;
    switch (node.type) {
      case "Identifier": {
        const reach = this.reach(node.name);
        if (reach !== "bare") this.through(node, reach.name);
        break;
      }
      case "CallExpression":
        if (!this.merge(node)) {
          this.callee(node.callee);
          for (const argument of node.arguments) this.expression(argument);
        }
        break;
      case "TaggedTemplateExpression":
        this.callee(node.tag);
        this.expression(node.quasi);
        break;
      case "NewExpression":
        this.expression(node.callee);
        for (const argument of node.arguments) this.expression(argument);
        break;
      case "MemberExpression":
        this.expression(node.object);
        if (node.computed) this.expression(node.property);
        break;
      case "AssignmentExpression":
        this.assignment(node);
        break;
      case "UpdateExpression":
        if (node.argument.type === "Identifier") this.target(node.argument, false, false);
        else this.expression(node.argument);
        break;
      case "UnaryExpression":
        this.unary(node);
        break;
      case "BinaryExpression":
      case "LogicalExpression":
        this.binary(node);
        break;
      case "ConditionalExpression":
        this.expression(node.test);
        this.expression(node.consequent);
        this.expression(node.alternate);
        break;
      case "ObjectExpression":
        this.object(node);
        break;
      case "ArrayExpression":
        for (const element of node.elements) this.expression(element);
        break;
      case "SpreadElement":
      case "YieldExpression":
        this.expression(node.argument);
        break;
      case "AwaitExpression":
        if (this.runs === "top") this.openLoops();
        this.insert(node.start, `${this.around.names.cell}.resumed(`);
        this.expression(node.argument);
        this.insert(node.end, ")");
        break;
      case "SequenceExpression":
      case "TemplateLiteral":
        for (const expression of node.expressions) this.expression(expression);
        break;
      case "FunctionExpression":
      case "ArrowFunctionExpression":
        this.functionNode(node);
        break;
      case "ClassExpression":
        this.classNode(node);
        break;
      case "ChainExpression":
      case "ParenthesizedExpression":
        this.expression(node.expression);
        break;
      case "ImportExpression":
        this.replace(node.start, node.start + "import".length, `${this.around.names.cell}.import`);
        this.expression(node.source);
        this.expression(node.options);
        break;
      case "MetaProperty":
        if (node.meta.name === "import") this.replace(node.start, node.end, `${this.around.names.cell}.meta`);
        break;
      case "Literal":
      case "ThisExpression":
      case "Super":
      case "PrivateIdentifier":
        break;
    }
  }

  /** Called through the scope a function would get it as `this`. */
  protected callee(node: acorn.Expression | acorn.Super): void {
    if (node.type === "Identifier" && node.name === "eval") this.openLoops();
    const reach = node.type === "Identifier" ? this.reach(node.name) : "bare";
    if (node.type !== "Identifier" || reach === "bare") {
      this.expression(node);
      return;
    }
    this.through(node, reach.name, "(0, ");
    // V8 reports a call of something in parentheses at what follows them; for the user it is at the name.
    const { end } = node;
    this.edits.push({ start: end, end: end + 1, text: `)${this.code.charAt(end)}`, anchor: node.start });
  }

  protected binary(node: acorn.BinaryExpression | acorn.LogicalExpression): void {
    // A sum of thousands of terms leans to the left: walked in a loop, not by recursion.
    const right: acorn.Expression[] = [];
    let left: acorn.Expression | acorn.PrivateIdentifier = node;
    while (left.type === "BinaryExpression" || left.type === "LogicalExpression") {
      right.push(left.right);
      left = left.left;
    }
    this.expression(left);
    for (const operand of right.reverse()) this.expression(operand);
  }

  protected unary(node: acorn.UnaryExpression): void {
    const reach = node.argument.type === "Identifier" ? this.reach(node.argument.name) : "bare";
    if (node.operator !== "typeof" || node.argument.type !== "Identifier" || reach === "bare") {
      this.expression(node.argument);
      return;
    }
    this.insert(node.start, `(${this.around.names.cell}.has(${JSON.stringify(reach.name)}) ? `);
    this.through(node.argument, reach.name);
    this.insert(node.end, ` : "undefined")`);
  }

  protected object(node: acorn.ObjectExpression): void {
    for (const property of node.properties) {
      if (property.type === "SpreadElement") this.expression(property);
      else if (property.shorthand && property.value.type === "Identifier") {
        const reach = this.reach(property.value.name);
        // `__proto__: x` would set the prototype, where the shorthand makes a property.
        const key = property.value.name === "__proto__" ? `["__proto__"]` : property.value.name;
        if (reach !== "bare") this.through(property.value, reach.name, `${key}: `);
      } else {
        if (property.computed) this.expression(property.key);
        this.expression(property.value);
      }
    }
  }

  protected assignment(node: acorn.AssignmentExpression): void {
    const { left, right, operator } = node;
    const reach = left.type === "Identifier" ? this.reach(left.name) : "bare";
    if (left.type !== "Identifier" || reach === "bare") {
      this.pattern(left, false);
      this.expression(right);
      return;
    }
    this.target(left, false, false);
    const named = operator === "=" || operator === "??=" || operator === "||=" || operator === "&&=";
    if (named) this.named(left, right);
    else this.expression(right);
  }

  /**
   * `(N || (N = {}))` or `(N || {})`, with which a namespace or an enum continues one of the same name: the first one of a
   * cell begins anew, whatever an earlier cell left under the name.
   */
  protected merge(call: acorn.CallExpression): boolean {
    const [argument] = call.arguments;
    if (this.runs !== "top" || call.callee.type !== "FunctionExpression") return false;
    if (argument?.type !== "LogicalExpression" || argument.left.type !== "Identifier") return false;
    const { left, right } = argument;
    const kind = this.around.declared.get(left.name);
    const reach = this.reach(left.name);
    if (reach === "bare" || kind === undefined) return false;
    this.functionNode(call.callee);
    const fresh = (kind === "enum" || kind === "namespace") && !this.#merged.has(left.name);
    this.#merged.add(left.name);
    if (fresh) this.replace(left.start, right.start, this.code.slice(left.end, right.start).includes("(") ? "(" : "");
    else this.through(left, reach.name);
    if (right.type === "AssignmentExpression") {
      this.pattern(right.left, true);
      this.expression(right.right);
    } else this.expression(right);
    return true;
  }

  // ---- what is assigned to

  /** A pattern that is assigned to, or whose names are `declared` by it. */
  protected pattern(pattern: acorn.Pattern, declared: boolean): void {
    switch (pattern.type) {
      case "Identifier":
        this.target(pattern, declared, false);
        break;
      case "MemberExpression":
        this.expression(pattern);
        break;
      case "ObjectPattern":
        for (const property of pattern.properties) {
          if (property.type === "RestElement") this.pattern(property.argument, declared);
          else if (property.shorthand) {
            const { value } = property;
            if (value.type === "AssignmentPattern" && value.left.type === "Identifier") {
              this.target(value.left, declared, true);
              this.named(value.left, value.right);
            } else if (value.type === "Identifier") this.target(value, declared, true);
          } else {
            if (property.computed) this.expression(property.key);
            this.pattern(property.value, declared);
          }
        }
        break;
      case "ArrayPattern":
        for (const element of pattern.elements) if (element !== null) this.pattern(element, declared);
        break;
      case "RestElement":
        this.pattern(pattern.argument, declared);
        break;
      case "AssignmentPattern":
        this.pattern(pattern.left, declared);
        this.named(pattern.left, pattern.right);
        break;
    }
  }

  protected target(identifier: acorn.Identifier, declared: boolean, shorthand: boolean): void {
    const reach = this.reach(identifier.name, true);
    if (reach === "bare") return;
    const key = shorthand ? `${identifier.name}: ` : "";
    if (declared) this.through(identifier, reach.name, key, "initial");
    else if (!reach.constant) this.through(identifier, reach.name, key);
    else {
      this.used.add(reach.name);
      this.constants.add(reach.name);
      const text = `${key}${this.around.names.constants}.`;
      this.insert(identifier.start, text);
    }
  }

  /** A value for `target`: an anonymous function takes the target's name, as it would if that were still a variable. */
  protected named(target: acorn.Pattern, value: acorn.Expression): void {
    const name = target.type === "Identifier" && this.reach(target.name) !== "bare" ? target.name : null;
    if (name === null || !isAnonymousFunction(value)) {
      this.expression(value);
      return;
    }
    this.insert(value.start, name === "__proto__" ? `{["__proto__"]: ` : `{${name}: `);
    this.expression(value);
    this.insert(value.end, `}.${name}`);
  }
}

export function isAnonymousFunction(node: acorn.Expression | acorn.ExportDefaultDeclaration["declaration"]): boolean {
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
