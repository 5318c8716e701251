import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { CellSyntaxError, compileCell } from "../../kernel/cell.ts";

function failure(source: string): CellSyntaxError {
  try {
    compileCell(source, { file: "x", scope: new Map(), isGlobal: () => false });
  } catch (error) {
    assert.ok(error instanceof CellSyntaxError, `not a syntax error of the cell: ${String(error)}`);
    assert.ok(error instanceof SyntaxError);
    return error;
  }
  return assert.fail(`compiled: ${source}`);
}

describe("a syntax error", () => {
  const errors: [source: string, line: number, column: number, message: RegExp][] = [
    ["let x = = 1", 1, 9, /^Expression expected$/],
    ["let s = '😀';\r\n\tlet x = = 1", 2, 10, /^Expression expected$/],
    ["\tlet s = '日本 é';\tlet x = = 1", 1, 26, /^Expression expected$/],
    ["let 😀 = 1", 1, 5, /^Unexpected character '😀'$/],
    ["return 1", 1, 1, /^'return' outside of a function$/],
    ["let a = 1;\nlet a = 2", 2, 5, /^Identifier 'a' has already been declared$/],
    ["type T = 1\nlet a: T = 1; {\n const b = 2; let b }", 3, 19, /^Identifier 'b' has already been declared$/],
    ["const x", 1, 7, /^'const' declarations must be initialized$/],
    ["function f() { break }", 1, 16, /break/i],
    ["a b", 1, 1, /^Expected ';', '}' or end of input$/],
    ["x = {", 1, 6, /^Unexpected end of input$/],
    ["foo(", 1, 5, /^Expression expected$/],
    ["class A { foo() {", 1, 18, /^Expected '}', got end of input$/],
    ["// é\nlet x = 'abc\n | 1 | ^ bar'", 2, 9, /^Unterminated string constant$/],
    ["class A { m() { this.#p } }", 1, 22, /#p/],
    ["switch (1) {\n  case 1: using a = null }", 2, 3, /^'using' needs a block of its own in a 'case'$/],
    ["const e = <p>\n {a b}</p>", 2, 5, /./],
  ];
  for (const [source, line, column, message] of errors)
    it(`of ${JSON.stringify(source)} has a place and one line of text`, () => {
      const error = failure(source);
      assert.match(error.message, message);
      assert.doesNotMatch(error.message, /[\n\u001b]/);
      assert.deepEqual([error.line, error.column], [line, column]);
      assert.equal(error.name, "SyntaxError");
    });

  it("is what deep nesting ends in, not the death of the process", () => {
    const nest: Record<string, (n: number) => string> = {
      parentheses: (n) => "(".repeat(n) + "1" + ")".repeat(n),
      unclosed: (n) => "[".repeat(n),
      blocks: (n) => "{".repeat(n) + "}".repeat(n),
      negations: (n) => "!".repeat(n) + "1",
      conditionals: (n) => "a?b:".repeat(n) + "c",
      sums: (n) => "a+".repeat(n) + "a",
      calls: (n) => "a" + ".b()".repeat(n),
      templates: (n) => "`${".repeat(n) + "1" + "}`".repeat(n),
      types: (n) => "let x: " + "A<".repeat(n) + "B" + ">".repeat(n),
      ifs: (n) => "if (a)\n".repeat(n) + "b",
      elses: (n) => "if (a) b; else ".repeat(n) + "c",
      arrows: (n) => "a => ".repeat(n) + "1",
    };
    // In a process of its own, which may die.
    const code = `
      import { compileCell } from ${JSON.stringify(new URL("../../kernel/cell.js", import.meta.url).href)};
      const nest = { ${Object.entries(nest)
        .map(([name, build]) => `${name}: ${String(build)}`)
        .join(", ")} };
      for (const [name, build] of Object.entries(nest)) for (const n of [2500, 10_000, 100_000])
        try { compileCell(build(n), { file: "x", scope: new Map(), isGlobal: () => true }); console.log(name, n, "compiled"); }
        catch (error) { console.log(name, n, error.message); }`;
    const { status, stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", code], {
      encoding: "utf8",
    });
    assert.equal(status, 0, stdout + stderr);
    const lines = stdout.trim().split("\n");
    assert.equal(lines.length, Object.keys(nest).length * 3);
    for (const line of lines) assert.match(line, /nested too deeply$| 2500 compiled$/);
  });

  it("is not what long but flat code ends in", () => {
    const flat = [
      "1 + ".repeat(5500) + "1",
      "for (let i = 0; i < n; i++) t = " + "a * b + ".repeat(2700) + "t",
      "x = [" + "1, ".repeat(20_000) + "]",
      "a();\n".repeat(5000),
      "a()\n".repeat(5000),
      "x = '" + "(".repeat(5000) + "'",
      "x = `" + "{ ' \n".repeat(5000) + "`",
    ];
    flat.push(
      "const o = {\n" + "  k: { v: f(a => b) },\n".repeat(3000) + "}",
      "if (a) {\n  b\n}" + " else if (c) {\n  d\n}".repeat(300),
    );
    flat.push(
      "t = a ? (b) : c // (\n".repeat(3000),
      "let f = (x: number) => x\nlet g = f\n".repeat(1).concat("f = (y) => y\n".repeat(3000)),
    );
    for (const source of flat) compileCell(source, { file: "x", scope: new Map(), isGlobal: () => true });
  });
});
