// Which of its two dialects a cell's decorators are of: the standard's, which are called with a value and a context, or TypeScript's older
// one, which tslab and many packages use, with a target, a key and a descriptor. The call says nothing about it, but the
// declaration does: by its types, its number of parameters, or, where there are no types, by what it calls them.

import type * as ast from "@swc/core";
import { swc } from "./swc.ts";

export interface DecoratorSurroundings {
  /** The source of the cell that declares a name, when it is not the one at hand. */
  sourceOf?(name: string): string | undefined;
  /** What holds for decorators whose declaration is not to be seen: those of packages. */
  legacyByDefault?(): boolean;
}

/** A decorator in use: the name at the root of its expression, and whether it is what a call returns. */
interface Use {
  name: string;
  called: boolean;
}

interface Signature {
  params: readonly ast.Pattern[];
  body?: ast.BlockStatement | ast.Expression | undefined;
  returnType: string | undefined;
}

type Node = Record<string, unknown> & { type?: string };

/** Does a source that decorates classes do so in the older dialect? One standard decorator, and it does not. */
export function usesLegacyDecorators(source: string, around: DecoratorSurroundings = {}): boolean {
  const program = parse(source);
  if (program === null) return false;
  const dialects = usesIn(program).map(({ name, called }) => {
    const declared = signatureOf(program, name) ?? signatureIn(around.sourceOf?.(name), name);
    return declared === undefined ? undefined : isLegacy(declared, called);
  });
  if (dialects.includes(false)) return false;
  return dialects.includes(true) || around.legacyByDefault?.() === true;
}

function parse(source: string): ast.Module | null {
  for (const tsx of [false, true]) {
    try {
      return swc().parseSync(source, { syntax: "typescript", tsx, decorators: true, target: "es2022" });
    } catch {
      // Read the other way; what cannot be read at all was never compiled.
    }
  }
  return null;
}

function* nodesOf(value: unknown): Generator<Node> {
  if (Array.isArray(value)) for (const item of value) yield* nodesOf(item);
  else if (typeof value === "object" && value !== null) {
    yield value as Node;
    for (const child of Object.values(value)) yield* nodesOf(child);
  }
}

function usesIn(program: ast.Module): Use[] {
  const uses: Use[] = [];
  for (const node of nodesOf(program)) {
    if (node.type !== "Decorator") continue;
    let at = node["expression"] as Node;
    const called = at.type === "CallExpression";
    while (at.type === "CallExpression" || at.type === "MemberExpression")
      at = (at.type === "CallExpression" ? at["callee"] : at["object"]) as Node;
    if (at.type === "Identifier") uses.push({ name: String(at["value"]), called });
  }
  return uses;
}

function signatureIn(source: string | undefined, name: string): Signature | undefined {
  const program = source === undefined ? null : parse(source);
  return program === null ? undefined : signatureOf(program, name);
}

/** Of the function of that name, wherever in the source it is declared. */
function signatureOf(program: ast.Module, name: string): Signature | undefined {
  for (const node of nodesOf(program)) {
    const named = (node["identifier"] ?? node["id"]) as Node | undefined;
    if (named?.["value"] !== name) continue;
    if (node.type === "FunctionDeclaration") return signature(node);
    if (node.type === "VariableDeclarator") {
      const type = typeName(named["typeAnnotation"]);
      const declared = isFunction(node["init"]) ? signature(node["init"]) : undefined;
      if (declared !== undefined) return declared;
      return type === undefined ? undefined : { params: [], returnType: undefined, body: undefined };
    }
  }
  return undefined;
}

function isFunction(value: unknown): value is Node {
  return ["ArrowFunctionExpression", "FunctionExpression"].includes((value as Node | null)?.type ?? "");
}

function signature(node: Node): Signature {
  const params = (node["params"] as Node[]).map((param) => (param.type === "Parameter" ? param["pat"] : param));
  return {
    params: params as ast.Pattern[],
    body: (node["body"] ?? undefined) as ast.BlockStatement | ast.Expression | undefined,
    returnType: typeName(node["returnType"]),
  };
}

/** Undefined: it fits both. */
function isLegacy(declared: Signature, called: boolean): boolean | undefined {
  if (!called) return isLegacySignature(declared.params);
  if (/^(?:Class|Method|Property|Parameter)Decorator$/.test(declared.returnType ?? "")) return true;
  const returned = returnedFunctions(declared.body).map(({ params }) => isLegacySignature(params));
  return returned.includes(false) ? false : returned.includes(true) ? true : undefined;
}

function returnedFunctions(body: Signature["body"]): Signature[] {
  if (isFunction(body)) return [signature(body)];
  const functions: Signature[] = [];
  for (const node of nodesOf(body)) {
    const value = node.type === "ReturnStatement" ? node["argument"] : undefined;
    if (isFunction(value)) functions.push(signature(value));
    const name = (value as Node | undefined)?.["value"];
    if ((value as Node | undefined)?.type === "Identifier" && typeof name === "string")
      for (const inner of nodesOf(body))
        if (inner.type === "FunctionDeclaration" && (inner["identifier"] as Node)["value"] === name)
          functions.push(signature(inner));
  }
  return functions;
}

const KEY_TYPES = new Set(["string", "symbol", "PropertyKey"]);
const KEY_NAMES = /^_?(?:key|property|prop|member|method|field)(?:Key|Name)?$|^name$/;

function isLegacySignature(params: readonly ast.Pattern[]): boolean | undefined {
  const types = params.map((param) => typeName((param as unknown as Node)["typeAnnotation"]) ?? "");
  if (types.some((type) => /Decorator(?:\w*)Context$/.test(type))) return false;
  if (params.length > 2 || types.some((type) => /^(?:Typed)?PropertyDescriptor$/.test(type))) return true;
  const [, key] = params;
  if (key === undefined) return undefined;
  if (key.type === "ObjectPattern") return false;
  const type = types[1] ?? "";
  if (type !== "") return type.split(" | ").every((part) => KEY_TYPES.has(part)) || undefined;
  return key.type === "Identifier" ? KEY_NAMES.test(key.value) : undefined;
}

/** `string | symbol`, the name of a type without its arguments; undefined where there is none. */
function typeName(annotation: unknown): string | undefined {
  const type = ((annotation as Node | null | undefined)?.["typeAnnotation"] ?? undefined) as Node | undefined;
  switch (type?.type) {
    case "TsKeywordType":
      return String(type["kind"]);
    case "TsTypeReference":
      return String((type["typeName"] as Node)["value"]);
    case "TsUnionType":
      return (type["types"] as Node[]).map((part) => typeName({ typeAnnotation: part }) ?? "").join(" | ");
    default:
      return undefined;
  }
}
