import assert from "node:assert/strict";
import fc from "fast-check";
import { compileCell } from "../kernel/cell.ts";
import { applyEdits, locate, type Position } from "../kernel/position-map.ts";
import { CellSession } from "./cell-session.ts";

const seed = 20261124;

/** Text that stands between tokens, and values that change length or line count on the way through the type stripper. */
const space = fc.constantFrom(" ", "\t", "  ", "\n", "\r\n", "/* 😀 */", "/* é\n\t*/ ", "// 👩‍👩‍👧\n", "// c\r\n", "\t\t");
const filler = fc.constantFrom(
  "'😀'",
  '"日本語\\t"',
  "`multi\n😀 ${1 + 1}\r\nline`",
  "`\u2028`",
  "/[😀]/u.source",
  "(1 as unknown as string)",
  "<number>(<unknown>2)",
  "({ é: 1, '😀': [2] })",
  "((x: number): number => x * 2)(3)",
  "undefined!",
);

/** Code around a marker: each calls `mark(n)` exactly once, wherever that stands. */
const around = fc.constantFrom<(mark: string, s: string, f: string, n: number) => string>(
  (mark, s, f) => `const {a${s},b = ${f}}${s}: any = {};${s}${mark};`,
  (mark, s, f) => `[${f},${s}${mark}];`,
  (mark, s, f) => `(function${s}inner<T>(x?: T) {${s}return${s.includes("\n") ? " " : s}${mark} })(${f});`,
  (mark, s, f) => `await${s}(async () => { await ${f};${s}${mark} })();`,
  (mark, s, f) => `class${s}K<T> { static p: unknown = ${f};${s}static q =${s}${mark} }`,
  (mark, s, f, n) => `enum E${n}${s}{ A${s}, B = 5 }${s}${mark};`,
  (mark, s, f) => `for (const v of [${f}])${s}{${s}let w: unknown = v;${s}${mark} }`,
  (mark, s, f) => `label:${s}for (v1 = 0;${s}v1 < 1; v1++)${s}{ v2 = [${f}, v1];${s}${mark} }`,
  (mark, s, f) => `v1 = 0; do${s}${mark}; while (v1++, v2 =${s}${f}, v1 < 1)`,
  (mark, s, f) => `for (v1${s}of [${f}]) (() =>${s}[v2, ${mark}])();`,
  (mark, s, f) => `try {${s}throw [${f}] } catch ({ length = 1 }: any) {${s}${mark} }`,
  (mark, s, f) => `({${s}a: ${f},${s}b:${s}${mark} });`,
  (mark, s, f) => `let v${s}:${s}number | string =${s}String(${f}),${s}w = ${mark};`,
  (mark, s, f) => `\`\${${f}}${s}\${${mark}}\`;`,
  (mark, s, f) => `{ using r = ({ [Symbol.dispose]() {} });${s}${f};${s}${mark} }`,
  (mark, s, f, n) => `namespace N${n}${s}{ export const v: unknown = ${f};${s}${mark} }`,
  (mark, s, f) => `type T<A> = A extends string${s}? 1 : 2;${s}if (!0)${s}${mark}; else ${f}`,
  (mark, s, f) => `new (class { constructor(private readonly p = ${f}) {${s}${mark} } })();`,
  (mark, s, f) => `v1 = typeof${s}v1,${s}f1(${f}),${s}${mark};`,
);
const piece = fc.tuple(around, space, filler);
const cell = fc.array(piece, { minLength: 1, maxLength: 8 }).map((pieces) => {
  const blocks = pieces.map(([build, s, f], index) => {
    const code = build(`mark(${index})`, s, f, index);
    // Names may be declared by several pieces, so each has a block of its own, which namespaces and enums cannot have.
    return /^(?:namespace|enum)/.test(code) ? code : `{ ${code} }`;
  });
  return blocks.join(pieces.some(([, s]) => s.includes("\r")) ? "\r\n" : "\n");
});

function offsetOf(source: string, { line, column }: Position): number {
  const lines = source.split(/(?<=\n)/);
  return lines.slice(0, line - 1).reduce((sum, text) => sum + text.length, 0) + column - 1;
}

describe("positions", () => {
  it("of calls lead back to where they stand in random cells with emoji, tabs and CRLF", async () => {
    await fc.assert(
      fc.asyncProperty(cell, async (source) => {
        const seen: [number, string][] = [];
        const mark = (index: number): void => {
          seen.push([index, new Error().stack?.split("\n")[2] ?? ""]);
        };
        const cells = new CellSession({ mark, f1: () => 1 });
        await cells.run("let v1: any, v2: any");
        await cells.run(source);
        const positions = cells.compiled.get("cell-2")?.positions;
        assert.equal(seen.length, source.match(/mark\(/g)?.length);
        for (const [index, frame] of seen) {
          const at = /cell-2:(\d+):(\d+)/.exec(frame);
          const position = positions?.original(Number(at?.[1]), Number(at?.[2]));
          assert.ok(position, `no position for ${frame} of mark(${index})`);
          const expected = source.indexOf(`mark(${index})`);
          assert.equal(
            offsetOf(source, position),
            expected,
            `mark(${index}) mapped to ${JSON.stringify(source.slice(offsetOf(source, position)).slice(0, 20))}`,
          );
          assert.deepEqual(position, positions?.location(expected));
        }
      }),
      { seed, numRuns: 150 },
    );
  });

  it("of every word that both texts have lead to that word", () => {
    fc.assert(
      fc.property(cell, (source) => {
        const { code, positions } = compileCell(source, {
          file: "x",
          scope: new Map([
            ["v1", "let"],
            ["v2", "let"],
          ]),
          isGlobal: () => false,
          captured: { used: new Set(), assigned: new Set() },
        });
        for (const match of code.matchAll(/\bmark\.value\)/g)) {
          const { line, column } = engineLocation(code, match.index);
          const position = positions.original(line, column);
          assert.ok(position);
          assert.ok(source.startsWith("mark", offsetOf(source, position)));
        }
      }),
      { seed, numRuns: 150 },
    );
  });

  it("of what an error names are exact", async () => {
    const cells = new CellSession();
    const at = async (source: string): Promise<Position | null | undefined> => {
      const error: unknown = await cells.run(source).then(
        () => assert.fail("the cell must fail"),
        (reason: unknown) => reason,
      );
      const [file, cell] = [...cells.compiled].at(-1) ?? ["", undefined];
      for (const [, line, column] of String((error as Error).stack).matchAll(
        new RegExp(`${file}:(\\d+):(\\d+)`, "g"),
      )) {
        const position = cell?.positions.original(Number(line), Number(column));
        if (position) return position;
      }
      return null;
    };
    assert.deepEqual(await at("let a = 1;\n\n\tthrow new Error('😀')"), { line: 3, column: 8 });
    assert.deepEqual(await at("const s: string = '😀'; missing"), { line: 1, column: 25 });
    assert.deepEqual(await at("'😀'; const o: any = null;\r\n  o.x"), { line: 2, column: 5 });
    assert.deepEqual(await at("interface I { a: 1 }\nlet f: any = 5\nf(1)"), { line: 3, column: 1 });
    assert.deepEqual(await at("const c = 1;\n c = 2"), { line: 2, column: 4 });
    assert.deepEqual(await at("import { a } from\n'nowhere'"), { line: 1, column: 1 });
    assert.deepEqual(await at("let i: any = 0, f: any;\n\tfor (; i < 3; i++) { '😀'; f(i) }"), { line: 2, column: 29 });
    assert.deepEqual(await at("let j = 0;\nwhile (j++ < 3) c = 3"), { line: 2, column: 19 });
    assert.deepEqual(await at("/** @jsx g */\nconst g: any = null, e = (\n\t<b>\n</b>\n)"), { line: 3, column: 3 });
    assert.deepEqual(await at("1;\nawait Promise.reject(new Error('x'))"), { line: 2, column: 22 });
    assert.deepEqual(await at("\uFEFF#! x\nnope()"), { line: 2, column: 1 });
  });

  it("lead from a function's text back to what was written", () => {
    for (const written of [
      "() => name",
      "async () => { await name }",
      "async (x: number) => await other(x)",
      "function (): void { name += '😀' }",
      "class { m = name }",
    ]) {
      const source = `let name = 1, other = 2;\nconst f = ${written};\nf`;
      const { code, positions } = compileCell(source, { file: "x", scope: new Map(), isGlobal: () => false });
      const from = code.indexOf("{f: ") + "{f: ".length;
      assert.equal(positions.sourceOf(code.slice(from, code.indexOf("}.f", from))), written);
    }
  });

  it("of generated code are none", () => {
    const { code, positions } = compileCell("@((c: any) => c) class A {}", {
      file: "x",
      scope: new Map(),
      isGlobal: () => true,
    });
    assert.equal(positions.original(1, 1), null);
    const helper = engineLocation(code, code.indexOf("function _apply_decs"));
    assert.equal(positions.original(helper.line, helper.column), null);
    const last = engineLocation(code, code.length - 1);
    assert.equal(positions.original(last.line, last.column), null);
    assert.equal(positions.original(10_000, 1), null);
    assert.equal(positions.original(0, 0), null);
  });

  it("of offsets count UTF-16 units, and both kinds of line ends", () => {
    assert.deepEqual(locate("a\r\n😀b\nc", 5), { line: 2, column: 3 });
    assert.deepEqual(locate("a\n", 2), { line: 2, column: 1 });
  });
});

describe("applyEdits", () => {
  it("replaces and inserts in order, edits of one place one after the other", () => {
    const edits = [
      { start: 0, end: 0, text: "(", anchor: 0 },
      { start: 1, end: 1, text: "<", anchor: 1 },
      { start: 1, end: 3, text: "X", anchor: null },
      { start: 4, end: 4, text: ")", anchor: 4 },
    ];
    assert.equal(applyEdits("abcd", edits).code, "(a<Xd)");
  });
});

/** As V8 counts: the Unicode separators end lines too. */
function engineLocation(code: string, offset: number): Position {
  const lines = code.slice(0, offset).split(/\r\n|[\n\r\u2028\u2029]/);
  return { line: lines.length, column: (lines.at(-1)?.length ?? 0) + 1 };
}
