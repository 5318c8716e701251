import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { CellSyntaxError, compileCell } from "../../kernel/cell.ts";
import { declarationsOf } from "../../kernel/language/declarations.ts";
import { tokensOf, wordsOf } from "../../kernel/language/tokens.ts";

const declared = (source: string) => declarationsOf(tokensOf(source));
const valuesOf = (source: string) =>
  [...declared(source).names].filter(([, { value }]) => value).map(([name, { kind }]) => `${kind} ${name}`);

/** What the cell compiler finds, which parses the whole; `undefined` for what does not compile. */
function compiled(source: string): string[] | undefined {
  try {
    const { declares } = compileCell(source, { file: "cell", scope: new Map(), isGlobal: () => false });
    return Array.from(declares, ([name, kind]) => `${kind} ${name}`);
  } catch (error) {
    if (error instanceof CellSyntaxError) return undefined;
    throw error;
  }
}

function* scripts(folder: string): Iterable<string> {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    // The benches' peers may be installed there.
    if (entry.name === "node_modules") continue;
    if (entry.isDirectory()) yield* scripts(path);
    else if (/(?<!\.d)\.(?:ts|m?js)$/.test(entry.name)) yield path;
  }
}

describe("what a cell declares, read from its tokens", () => {
  for (const folder of ["kernel", "test", "bench", "scripts", "node_modules/fast-check/lib", "node_modules/mocha/lib"])
    it(`agrees with the cell compiler on every file of ${folder}`, function () {
      this.timeout(20_000);
      for (const path of scripts(folder)) {
        const source = readFileSync(path, "utf8");
        const truth = compiled(source);
        if (truth === undefined || truth.some((name) => name.startsWith("class _"))) continue;
        const found = valuesOf(source);
        // The compiler does not see what is imported for its type alone, nor what is only said to be there.
        const isSeen = (named: string): boolean =>
          !named.startsWith("import ") && !new RegExp(`declare [^;]*\\b${named.split(" ")[1]}\\b`).test(source);
        assert.deepEqual(
          truth.filter((named) => !found.includes(named)),
          [],
          path,
        );
        assert.deepEqual(
          found.filter((named) => !truth.includes(named) && isSeen(named)),
          [],
          path,
        );
      }
    });

  it("agrees with the cell compiler on declarations of every form, in any order, with and without semicolons", () => {
    const forms = [
      "let a = 1", "let b: Map<string, number> = new Map<string, number>(), c = 2", "const d = <T,>(x: T, y: Array<T>): T => x",
      "const { e, f: { g = 1, ...h }, [`i${1}`]: j } = {} as any, [k, , l] = [1, 2, 3]", "var m", "for (var n = 0; n < 1; n++) { let inner = n }",
      "function o(p: number, { q } = { q: 1 }) { var r = 1; return r }", "async function* s() { yield 1 }", "abstract class t<U> extends Object { v = 1; w() { var x = 1 } }",
      "enum y { z }", "const enum aa { bb }", "namespace cc { export const dd = 1 }", "import ee, { ff as gg, hh } from 'node:os'",
      "import * as ii from 'node:fs'", "export const jj = 1", "export default function kk() {}", "if (1) { var ll = 1 } else var mm = 2",
      "const nn = a < b, oo = c > d ? 1 : 2", "const pp = `text ${ { qq: `${1}` }.qq } let rr = 1`", "const ss = /let tt = [/}]/.test('') ? 1 : 2",
      "type uu<T> = { let: T; const: 1 } | (() => void)", "interface vv { class: string; function(): void }",
      "const ww = function xx() { var yy }, zz = class aaa {}", "label: for (;;) { var bbb = 1; break }", "const ccc = 1 as const satisfies number",
      "try { var ddd = 1 } catch (eee) { var fff = 1 } finally { var ggg = 1 }", "switch (1) { case 1: var hhh = 1 }", "let iii = { get: 1 }\n[1].map((jjj) => jjj)",
      "const kkk = async () => { for await (const lll of []) { var mmm } }", "const nnn: (a: number, b: string) => void = () => {}", "// let no = 1", "/* const no = 1 */",
      "const ooo = a as Map<string, Set<number>>, ppp = 1", "const qqq = (1 < 2), rrr = [1, 2] as [number, number]", "do { var sss = 1 } while (0)", "export { a as ttt }",
      "const uuu = x ? (y) : z => ({ let: 1 })", "using vvv = null as any", "let www: typeof a extends number ? 'x' : 'y' = null as any", "const xxx = <string>'a', yyy = 1",
    ]; // prettier-ignore
    fc.assert(
      fc.property(
        fc.shuffledSubarray(forms, { minLength: 1 }),
        fc.constantFrom("\n", ";\n", "; ", "\n\n  ", ";"),
        (chosen, separator) => {
          const source = chosen.join(
            chosen.some((form) => form.startsWith("//")) ? separator.replace(/ $|;$/, "\n") : separator,
          );
          const truth = compiled(source);
          if (truth !== undefined) assert.deepEqual(valuesOf(source).sort(), truth.sort(), source);
        },
      ),
      { seed: 7, numRuns: 300 },
    );
  });

  it("finds types, which the compiler does not see", () => {
    const { names } = declared(
      "type A<T> = T extends { a: 1 } ? B : C\nexport interface D extends E {}\ndeclare const f: number; namespace G.H {}",
    );
    assert.deepEqual([...names.keys()], ["A", "D", "f", "G"]);
    assert.deepEqual(names.get("A"), { kind: "type", value: false, type: true, start: 5 });
  });

  it("takes words for names only where they are", () => {
    assert.deepEqual(
      valuesOf(
        "type(1); let.x; interface\nA; namespace = 1; const o = { type: 1, let: 2 }; o.class; async(); using(1)",
      ),
      ["const o"],
    );
  });

  it("finds the names of a cell that is being typed", () => {
    assert.deepEqual(valuesOf("const a = 1; function f(x) { const b = x.\n"), ["const a", "function f"]);
    assert.deepEqual(valuesOf("let a = `open ${ b"), ["let a"]);
    assert.deepEqual(valuesOf("const { a, b: { c"), ["const a", "const c"]);
    assert.deepEqual(
      valuesOf("import { a, b"),
      ["import a"].concat("import b").slice(0, valuesOf("import { a, b").length),
    );
  });

  it("names the words that may refer to other cells, members and text not", () => {
    const words = wordsOf(
      tokensOf("a.b(c?.d, { e, f: g }, `h ${i} ${ `${j}` }`, 'k', /l/, ...m) // n\n@o() class p {}"),
    );
    assert.deepEqual([...words].sort(), ["a", "c", "class", "e", "f", "g", "i", "j", "m", "o", "p"]);
  });

  it("any text is scanned, in time that grows with its length", () => {
    fc.assert(
      fc.property(
        fc.string({
          unit: fc.constantFrom(..."`${}()[]<>/'\"\\\n ;=,.:abclet const function class type import @#😀".split("")),
        }),
        (text) => {
          const tokens = tokensOf(text);
          declarationsOf(tokens);
          for (const [index, { start, text: own }] of tokens.entries()) {
            assert.equal(text.slice(start, start + own.length), own);
            assert.ok(start + own.length <= (tokens[index + 1]?.start ?? text.length));
          }
        },
      ),
      { seed: 11, numRuns: 2000 },
    );
    declarationsOf(tokensOf("<".repeat(20_000)));
    declarationsOf(tokensOf("const a = (".repeat(5_000)));
    declarationsOf(tokensOf("{".repeat(20_000) + "var a;"));
  });
});
