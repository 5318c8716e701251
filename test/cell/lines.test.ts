// Which lines of a cell are no TypeScript, what becomes of them, and that all places in the rest stay right.
import assert from "node:assert/strict";
import fc from "fast-check";
import { type CellSyntaxError, compileCell, isComplete, type DeclarationKind } from "../../kernel/cell.ts";
import { readLines } from "../../kernel/cell/lines.ts";

const declared = new Map<string, DeclarationKind>([
  ["flag", "let"],
  ["a", "let"],
  ["b", "let"],
  ["run", "function"],
  ["time", "let"],
]);
const known = {
  isDeclared: (name: string): boolean => declared.has(name),
  isGlobal: (name: string): boolean => name in globalThis,
};
const compile = (source: string) =>
  compileCell(source, { file: "cell", scope: declared, isGlobal: (name) => name in globalThis });
const texts = (source: string): string[] =>
  (readLines(source, known)?.lines ?? []).map(({ name, isCell, text }) =>
    [isCell ? `%%${name}` : name, text.join("…")].join(" ").trim(),
  );

/** Line and column of a number that occurs once. */
function placeOf(text: string, marker: number): { line: number; column: number } {
  const before = text.slice(0, text.indexOf(String(marker))).split(/\r\n|\n/);
  return { line: before.length, column: (before.at(-1) ?? "").length + 1 };
}

describe("Lines of a cell", () => {
  const typescript = [
    "a\n% b",
    "a\n%b",
    "a\n  %b;",
    "a\n%b * 2",
    "const f = (c: number) =>\n  a\n  %c",
    "a +\n%b",
    "!flag",
    "! flag",
    "!flag && run()",
    "!flag\n  && run()",
    "!(a)",
    "!(ls -la)",
    "!!a",
    "!!ls",
    "!await run()",
    "!new Date()",
    "!function () {}()",
    "!typeof a",
    "!this",
    "!/re/.test('x')",
    "![]",
    "!'text'",
    "!`text`",
    "!-1",
    "!.5",
    "!undefinedFunction(1)",
    "!process.env.HOME",
    "!console",
    "a\n!= b",
    "a\n!== b",
    "const ls = 1;\n!ls -la",
    "!ls -la;\nvar ls = 1, la = 2;",
    "import { ls } from 'x';\n!ls",
    "function f(ls: boolean) {\n  !ls\n}",
    "const f = (ls) => {\n  !ls && run();\n};",
    "const { ls } = a;\n!ls",
    "const x = !flag",
    "const x = !a.b",
    "a %= b",
    "const text = `\n!ls -la\n%who\n`;",
    "const text = `${[\n1\n]}\n!ls -la\n`;",
    "/*\n!ls -la\n%who\n*/",
    "// a comment \\\n// %who",
    "run(\n!ls\n)",
    "[\n!ls,\n]",
    "const x =\n!ls",
    "flag &&\n!ls",
    "flag ?\n!ls :\n!ls",
    "'a\\\n%who'",
    "class A { x = 1\n  y!: number }",
    "let z\n!: number",
    "for (;;\n!ls) {}",
  ];
  for (const source of typescript)
    it(`leaves TypeScript as it is: ${JSON.stringify(source)}`, () => assert.deepEqual(texts(source), []));

  const lines: [source: string, ...texts: string[]][] = [
    ["!ls -la", "! ls -la"],
    ["  !ls", "! ls"],
    ["! ls", "! ls"],
    ["!make && echo ok", "! make && echo ok"],
    ["!./script.sh a", "! ./script.sh a"],
    ["!../x/script.sh", "! ../x/script.sh"],
    ["!~/bin/tool", "! ~/bin/tool"],
    ["!/usr/bin/env node", "! /usr/bin/env node"],
    ["![ -f x ] && echo there", "! [ -f x ] && echo there"],
    ['!"a tool" -v', '! "a tool" -v'],
    ["!FOO=1 tool", "! FOO=1 tool"],
    ["!for i in 1 2; do echo $i; done", "! for i in 1 2; do echo $i; done"],
    ["!echo don't `stop`", "! echo don't `stop`"],
    ["!fetch https://example.org", "! fetch https://example.org"],
    ["!import screen.png", "! import screen.png"],
    ["!run 'a b'", "! run 'a b'"],
    ['!git commit -m "a ${b} c"', '! git commit -m "a … c"'],
    ["!echo ${HOME} ${x:-1} ${1} ${#list[@]} $b", "! echo ${HOME} ${x:-1} ${1} ${#list[@]} $b"],
    ["!echo {b} {c} '{print}'", "! echo … {c} '{print}'"],
    [String.raw`!echo \${b} \{b}`, String.raw`! echo \${b} \{b}`],
    ["!echo ${`a${b}c}`} ${ {x: 1}.x }", "! echo … …"],
    ["!echo ${[1, 2].map((n) => { return n; })}!", "! echo …!"],
    ["!echo a \\\n  b", "! echo a b"],
    ["!echo a \\\r\n  b\r\n1", "! echo a b"],
    ["%who", "who"],
    ["a\n%who", "who"],
    ["const x = 1\n%who", "who"],
    ["run()\n%who\n(a)", "who"],
    ["a\n%time run()", "time"],
    ["if (flag)\n  !ls\nelse\n  !ls -la", "! ls", "! ls -la"],
    ["for (const i of a) {\n  !echo ${i}\n}", "! echo …"],
    ["switch (a) {\n  case 1:\n    !ls\n  default:\n    !pwd\n}", "! ls", "! pwd"],
    ["let m: Map<string, number>\n!ls", "! ls"],
    ["const f = async (): Promise<void> => {\n  !ls\n}", "! ls"],
    ["`${a}`\n!ls", "! ls"],
    ["/* ls */ // ls\n'ls'\n!ls", "! ls"],
    ["const o = { ls: a.ls }\n!ls", "! ls"],
    ["a!\n!ls", "! ls"],
    ["a++\n!ls", "! ls"],
    ["/`/.test('x')\n!ls", "! ls"],
    ["const files = !ls *.ts", "! ls *.ts"],
    ["files = !ls", "! ls"],
    ["a.b = !ls", "! ls"],
    ["a[0] = !ls", "! ls"],
    ["a.b[i + 1].c = !ls", "! ls"],
    ["export const files: string[] = !ls", "! ls"],
    ["const [first, ...rest] = !ls", "! ls"],
    ["const home = %env HOME\nhome", "env HOME"],
    ["%env NAME=${b}", "env NAME=…"],
    ["%time !ls", "time", "! ls"],
    ["%timeit -n 10 -r3 -q run(a);", "timeit -n 10 -r3 -q"],
    ["%tiem run()", "tiem run()"],
    ["%%html\n!ls\n%who", "%%html"],
    ["\n\n%%writefile ${b}.txt\ntext", "%%writefile ….txt"],
    ["%%", "%%"],
    ["%%time\nlet x = 1\n!ls\nx", "%%time", "! ls"],
    ["%%timeit let x = 1\nx + 1", "%%timeit"],
  ];
  for (const [source, ...expected] of lines)
    it(`takes what TypeScript cannot mean: ${JSON.stringify(source)}`, () => {
      assert.deepEqual(texts(source), expected);
      if (!source.startsWith("%%html")) compile(source);
    });

  it("refuses a '%%' that is not at the beginning, at its place", () => {
    assert.throws(
      () => compile("let x = 1;\n  %%html\n<b>"),
      (error: CellSyntaxError) =>
        error.line === 2 && error.column === 3 && /'%%html' must be on the first/.test(error.message),
    );
  });

  it("says of TypeScript that is timed what is wrong with it, at its end where it ends too early", () => {
    for (const [source, line, column] of [
      ["%time 1 +", 1, 10],
      ["%timeit f(", 1, 11],
      ["%%time\n1 +", 2, 4],
      ["%time f(1 +\n  )", 2, 3],
    ] as const)
      assert.throws(
        () => compile(source),
        (error: CellSyntaxError) => {
          assert.doesNotMatch(error.message, /begins with/);
          assert.deepEqual([error.line, error.column], [line, column]);
          return true;
        },
        source,
      );
  });

  it("refuses a line in a function that cannot wait, and in a class, at its place", () => {
    for (const [source, message] of [
      ["function f() {\n  !ls\n}", /needs an async function around it/],
      ["class A {\n  !ls\n}", /cannot stand here/],
      ["const o = {\n  %who\n}", /cannot stand here/],
    ] as const)
      assert.throws(
        () => compile(source),
        (error: CellSyntaxError) => error.line === 2 && message.test(error.message),
        source,
      );
  });

  it("places syntax errors behind and between lines, and in what is timed", () => {
    for (const [source, line, column] of [
      ["!echo ${b} 😀 \\\n  more\n\tlet x y", 3, 8],
      ["%time const = 1", 1, 13],
      ["%timeit -n 3 run(1 2)", 1, 20],
      ["%%timeit\n!ls\n  run(1 2)", 3, 9],
      ["const x = !ls ${b} ${b b}\n", 1, 24],
    ] as const)
      assert.throws(
        () => compile(source),
        (error: CellSyntaxError) => {
          assert.deepEqual([error.line, error.column], [line, column], source);
          return true;
        },
      );
  });

  it("executes imports behind a line in their place, those before it first", () => {
    const { code } = compile(
      'import one from "one";\nrun();\n%npm install two\nimport two, { three as four } from "two";\ntwo;',
    );
    const order = ['import("one")', "run.value)", "__line(0)", 'import("two")', '"three"'].map((piece) =>
      code.indexOf(piece),
    );
    assert.ok(
      order.every((at, index) => at > (order[index - 1] ?? -1)),
      code,
    );
  });

  // Each `7` becomes a number that occurs once, and is looked for in what was compiled.
  const part = fc.constantFrom(
    "var é = 7;",
    "x = `a\n  ${b + 7}\n!ls`;",
    "\trun(flag,\n\t\t7);",
    "// a comment 'with quotes 😀",
    "if (flag) { run(7); }",
    "type T = Map<string, number>;",
    "",
  );
  const magic = fc.constantFrom(
    "!echo a",
    "  !echo ${b} ${`}`} é😀 ${b * 7}",
    "!echo a ${7 + b} \\\n  b",
    "%who",
    "%env X={b}",
    "files = !ls -la ${7 - b}",
    "if (flag) {\n\t!ls ${'😀' + 7}\n}",
    "%time await run(7)",
    "%time for (const i of a) {\n  run(7);\n}",
    "%timeit -n 2 run(7); // comment",
  );
  const end = fc.constantFrom("\n", "\r\n");
  const head = fc.constantFrom("", "%%time\n", "%%timeit x = 7\n");

  it("keeps the places of the code around lines and in them", () => {
    fc.assert(
      fc.property(head, fc.array(fc.oneof(part, magic), { minLength: 1 }), end, (first, parts, newline) => {
        let number = 70_000;
        const source = (first + parts.join("\n")).replaceAll("7", () => String(number++)).replaceAll("\n", newline);
        const { code, positions } = compile(source);
        for (let marker = 70_000; marker < number; marker++) {
          const [wanted, found] = [placeOf(source, marker), placeOf(code, marker)];
          assert.deepEqual(positions.original(found.line, found.column), wanted, `${marker} in ${source}`);
        }
      }),
      { numRuns: 200, seed: 1 },
    );
  });

  it("leaves a cell without lines alone", () => {
    fc.assert(
      fc.property(fc.array(part), end, (parts, newline) => {
        const source = parts.join("\n").replaceAll("\n", newline);
        assert.equal(readLines(source, known), null);
        assert.deepEqual(compile(source).lines, []);
      }),
      { numRuns: 100, seed: 2 },
    );
  });

  const completeness: [source: string, status: string][] = [
    ["!ls", "complete"],
    ["!ls \\", "incomplete"],
    ["%time run()", "complete"],
    ["%time run(", "incomplete"],
    ["for (const i of a) {\n  !echo ${i}", "incomplete"],
    ["for (const i of a) {\n  !echo ${i}\n}", "complete"],
    ["!flag &&", "incomplete"],
    ["%%html", "incomplete"],
    ["%%html\n<b>", "incomplete"],
    ["%%html\n<b>\n", "incomplete"],
    ["%%html\n<b>\n\n", "complete"],
    ["%%html\n<b>\n  ", "complete"],
    ["%%time\nrun(\n\n", "complete"],
  ];
  for (const [source, status] of completeness)
    it(`says ${status} of ${JSON.stringify(source)}`, () => assert.equal(isComplete(source, known).status, status));
});
