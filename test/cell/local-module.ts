// Run by local-module.test.ts.
import assert from "node:assert/strict";
import fc from "fast-check";
import { CellSyntaxError } from "../../kernel/cell.ts";
import { compileModule, importPlace, type ModuleOptions } from "../../kernel/cell/local-module.ts";
import { locate } from "../../kernel/position-map.ts";

const compile = (text: string, path: string, options: Partial<ModuleOptions> = {}) =>
  compileModule(text, { path, type: undefined, ...options });

for (const [path, text, format, type] of [
  ["a.ts", "export const a: number = 1;", "module"],
  ["a.ts", "await 1;", "module"],
  ["a.ts", "const a = `\nexport const x`; module.exports = a;", "commonjs"],
  ["a.ts", "interface Only {}", "commonjs"],
  ["a.ts", "export interface Only {}", "module"],
  ["a.ts", "// nothing", "module", "module"],
  ["a.mts", "module;", "module"],
  ["a.cts", "export const a: number = 1;", "commonjs"],
  ["a.js", "#!/usr/bin/env node\nmodule.exports = 1", "commonjs"],
  ["a.js", "\uFEFFimport 'x';", "module"],
  ["a.js", "import.meta.url", "module", "commonjs"],
  ["a.cjs", "return 5;", "commonjs"],
] as const) {
  assert.equal(compile(text, path, { type }).format, format, `${path}: ${text}`);
}

// Types alone import nothing.
assert.doesNotMatch(compile('import { type A } from "gone"; export { type B } from "gone";', "a.ts").code, /gone/);
assert.match(compile('import {} from "there";', "a.ts").code, /there/);

for (const [path, text, message, line, column] of [
  ["a.cjs", "\n export {}", /^it is CommonJS by its name or package.json/, 2, 2],
  ["a.js", "if (x) { import y from 'z' }", /may only appear at the top level/, 1, 10],
  ["a.mjs", "let a;\nlet a;", /'a' has already been declared/, 2, 5],
  ["a.ts", "const x: = 1;", /./, 1, 10],
] as const) {
  assert.throws(
    () => compile(text, path),
    (error: CellSyntaxError) =>
      error instanceof CellSyntaxError && message.test(error.message) && error.line === line && error.column === column,
    text,
  );
}
for (const [text, message, line] of [
  ["export const a = 1;\nexport const b = await 1;", /awaits at its top level/, 2],
  ["export const a = 1;\nfor await (const b of []);", /awaits at its top level/, 2],
  ["export const a = 1;\n\nexport const meta = import.meta;", /import.meta as a whole/, 3],
] as const) {
  assert.throws(
    () => compile(text, "a.ts", { asCommonJs: true }),
    (error: CellSyntaxError) => message.test(error.message) && error.line === line,
  );
}

const wanted = compile(
  'import type { T } from "./x";\nimport a, { b as c } from "./x";\nexport { d } from "./x"; a; c;',
  "a.ts",
);
assert.deepEqual(importPlace(wanted, "./x", "b"), { line: 2, column: 13 });
assert.deepEqual(importPlace(wanted, "./x", "d"), { line: 3, column: 10 });
assert.deepEqual(importPlace(wanted, "./x"), { line: 2, column: 1 });
assert.equal(importPlace(wanted, "./y"), null);

// Wherever a marker stands among emoji, tabs, CRLF, types and enums, the place of the compiled marker is that of the written one.
const piece = fc.constantFrom(
  '"😀é";',
  "\t",
  "\r\n",
  "\n",
  "let a1: Map<string, number[]> | undefined;",
  "enum E1 { A, B = 3 }",
  "interface I1 { x: number }",
  "/* 𝒳 */ ",
  "const f1 = <T,>(x: T): T => x as T;",
  "`a\n${1}\t😀`;",
  "console.log(__filename, require);",
);
const kind = fc.constantFrom<[string, boolean]>(["a.ts", false], ["a.mts", false], ["a.ts", true], ["a.cts", false]);
fc.assert(
  fc.property(
    fc.array(piece, { maxLength: 12 }),
    fc.array(piece, { maxLength: 4 }),
    kind,
    (before, after, [path, asCommonJs]) => {
      const unique = [...before, "marker();", ...after].map((text, index) =>
        text.replaceAll(/\b([a-zE-I])1\b/g, `$1$1${index}`),
      );
      const source = `${unique.join(" ")}\nexport {};`;
      const { code, positions } = compile(source, path, { asCommonJs });
      const at = code.indexOf("marker()");
      const lines = code.slice(0, at).split(/\r\n|[\n\r\u2028\u2029]/);
      assert.deepEqual(
        positions.original(lines.length, (lines.at(-1) ?? "").length + 1),
        locate(source, source.indexOf("marker()")),
        code,
      );
    },
  ),
  { seed: 5, numRuns: 300 },
);
