// Is there more to come? A table of what is typed, line by line, and of what front ends are told; and TypeScript's own parser beside ours.
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { isComplete } from "../../kernel/cell.ts";

const complete = [
  "",
  " \n",
  "1",
  "// c",
  "/* c */",
  "/** doc */\n",
  "let a = 1",
  "let a: number",
  "x;",
  "x++",
  "x\n\n",
  "x // {",
  "'// {'",
  "`//`",
  "`a ${b}`",
  "/[/(]/.test(x)",
  "if (x) { y }",
  "if (x) y",
  "do { } while (x)",
  "try { } catch { }",
  "await\nx",
  "x\n  .foo()",
  "x as string",
  "import 'x'",
  "import('x')",
  "export const x = 1",
  "declare function f(): void",
  "@dec class A {}",
  "!ls",
  "%time x",
  "%%html\n<b>\n\n",
  "let x = <any>y",
  "const e = <p>a</p>",
  "const f = <T,>(x: T) => x",
  "#! /bin/x",
  "{ a: 1, b: 2 }",
];

const invalid = [
  "}",
  ")",
  "foo(]",
  "foo)",
  "a b",
  "let 1",
  "const x = ;",
  "if x",
  "if () {",
  "else",
  "case 1:",
  "class {",
  "...",
  "let a; let a",
  "return 1",
  "break",
  // A line end ends both.
  "'abc",
  '"abc',
  "/abc",
  "const x",
  "(%time x)",
  "foo(a b",
  "{a b}",
];

/** With the indent of the next line. */
const incomplete: [source: string, indent: string][] = [
  // Brackets.
  ["let x = foo(", "  "],
  ["let x = foo(1,", "  "],
  ["let x = foo(1,\n\n", "  "],
  ["foo(\n  1,", "  "],
  ["foo(\n  [1,\n", "    "],
  ["fn(x,\n   y", "   "],
  ["[", "  "],
  ["[...", "  "],
  ["{ a: 1,", "  "],
  ["x = {\n  a: 1,", "  "],
  ["import {", "  "],
  ["const { a", "  "],
  ["let x: {", "  "],
  ["let x: Array<", ""],
  ["f(/\\(/", "  "],
  ["await\nx; const q = (", "  "],
  ["function f() {", "  "],
  ["function f() {\n  return (", "    "],
  ["if (x) {\n  if (y) {\n    foo(1)\n  }", "  "],
  ["function f() {\n  if (x) {\n    }", "  "],
  ["x = [\n  {\n    a: 1\n      },", "  "],
  ["if (x) {\n  if (y) {\n    } else {", "    "],
  ["class A {\r\n  m() {\r\n    return 1;\r\n  }", "  "],
  ["class A { foo() {\r\n  a(", "    "],
  ["\tfor (;;) { // 😀 {", "\t\t"],
  ["while (true) {\n\tlet x = 10;", "\t"],
  // Templates: an indent would be part of their text.
  ["`abc", ""],
  ["  x = `abc\n    def", ""],
  ["`a${b}", ""],
  ["`a${", "  "],
  ["`a${f(", "  "],
  // Comments.
  ["/* abc {", ""],
  ["x /* {", ""],
  ["/**\n * doc", " "],
  // A body follows.
  ["const f = () =>", "  "],
  ["const f = <T,>(x: T): Promise<T> =>", "  "],
  ["const f = async <T,>(x: T) => {", "  "],
  ["if (x)", "  "],
  ["if (", "  "],
  ["f(() => {\n  if (", "    "],
  ["if (x) y; else", "  "],
  ["for (const a of b)", "  "],
  ["for (const [k, v]", "  "],
  ["while (x)", "  "],
  ["do", "  "],
  ["do { }", ""],
  ["do { } while", ""],
  ["switch (x) {\n  case 1:", "    "],
  ["try {}", ""],
  ["try {} catch (e)", ""],
  ["function f()", ""],
  ["export async function f<T>(x: T): Promise<void>", ""],
  ["class A", ""],
  ["class A extends", ""],
  ["class A {\n  constructor(public x = 1)", "  "],
  ["enum E", ""],
  ["interface A", ""],
  // Operators, and what an operand follows.
  ["a +", ""],
  ["a &&", ""],
  ["x =", ""],
  ["foo.", ""],
  ["foo?.", ""],
  ["x ? y", ""],
  ["x ? y :", ""],
  ["!", ""],
  ["x as", ""],
  ["typeof", ""],
  ["foo(await", "  "],
  ["throw", ""],
  ["new", ""],
  ["type A =", ""],
  ["type A = 'a' |", ""],
  ["export default", ""],
  ["export", ""],
  ["import a from", ""],
  ["@dec", ""],
  ["@dec()\n", ""],
  // What looks like elements.
  ["<div>", ""],
  ["<div a={", "  "],
  // Lines that are no TypeScript.
  ["%time x +", ""],
  ["%time f(", "  "],
  ["!ls \\", ""],
  ["%%html\n  <b>", "  "],
];

describe("isComplete", () => {
  for (const source of complete)
    it(`says complete of ${JSON.stringify(source)}`, () =>
      assert.deepEqual(isComplete(source), { status: "complete" }));
  for (const source of invalid)
    it(`says invalid of ${JSON.stringify(source)}`, () => assert.deepEqual(isComplete(source), { status: "invalid" }));
  for (const [source, indent] of incomplete)
    it(`says incomplete of ${JSON.stringify(source)}`, () =>
      assert.deepEqual(isComplete(source), { status: "incomplete", indent }));
});

/** The part of TypeScript's API that is used here; the one that tslab brings along. */
interface Parser {
  createSourceFile(name: string, text: string, target: number): { parseDiagnostics: { start: number; code: number }[] };
}

const UNENDED = new Set([1010 /* comment */, 1160 /* template */]);

describe("TypeScript's parser", () => {
  // A package of tslab's, which ours does not list.
  const load = createRequire(createRequire(import.meta.url).resolve("tslab/package.json"));
  const parser = load("@tslab/typescript-for-tslab") as Parser;
  const theirs = (code: string): string => {
    const [first] = parser.createSourceFile("cell.ts", code, 99).parseDiagnostics;
    if (first === undefined) return "complete";
    return first.start >= code.trimEnd().length || UNENDED.has(first.code) ? "incomplete" : "invalid";
  };

  const cells = [
    "const total = [1, 2, 3].reduce((a, b) => a + b, 0);\ntotal",
    "class Shape<K extends string> implements A, B {\n  private readonly name: string;\n  get area(): number { return 1; }\n  async *walk() { yield* [1]; }\n}",
    "for (const [k, { v }] of Object.entries(data)) {\n  if (k === `a` && v > 3) continue; else console.log(k, v);\n}",
    "const load = async <T,>(url: T, { retries = 3 }: Options<T> = {}): Promise<Response> => {\n  try { return await f(url); } catch (e) { if (!retries) throw e; } finally { done(); }\n}",
    "switch (x) { case 1: case 2: f(); break; default: g() }\ndo { n++ } while (n < 10)",
    "let f = async (x: T): T => ({ ...(await x), [k]: (y as Z)! });",
    "label: for (let i = 0, n = 10; i < n; i += 1) { if (i) continue label }\n/* really */",
    "const s = `x${a ? `y${f(1)}` : [1, 2]}z`; x?.y?.[0]!(1).z",
  ];
  /** Ends of tokens, but for those behind which ours knows better: a declaration that lacks its value, the head of an arrow function. */
  const lacksValue = /(?:^|[;{\n]\s*)(?:export )?(?:const|let)(?:\s+(?:[\w$]+|[[{][^;=]*))?\s*$/;
  for (const cell of cells)
    it(`agrees at each place in ${JSON.stringify(cell.slice(0, 40))}…`, () => {
      for (const { index } of cell.matchAll(/(?<=[\w)\]}>;`])(?!\w)(?<!=>)|(?<=[({[,+*/&|?:=])(?![=>&|+*/?.:])/g)) {
        const code = cell.slice(0, index);
        if (lacksValue.test(code) || /[<,]$|\)\s*:[^{}=]*$|async <(?!.*=>)/.test(code)) continue;
        assert.equal(isComplete(code).status, theirs(code), code);
      }
    });
});
