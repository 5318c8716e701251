import assert from "node:assert/strict";
import { fit } from "../../kernel/language/complete.ts";
import { emptyNotebook } from "./notebook.ts";

describe("completion by types", () => {
  const notebook = emptyNotebook();
  const first = async (marked: string, count = 3): Promise<string[]> =>
    (await notebook().texts(marked)).slice(0, count);

  beforeEach(async () => {
    await notebook().cell("interface Options { depth: number; wide?: boolean; mode: 'fast' | 'slow' }");
    await notebook().cell(
      "/** Runs. */ function run(options: Options, when = 1) { return options }\nlet runner = run; const options: Options = { depth: 1, mode: 'fast' };",
    );
  });

  it("gives members with kind and signature, in a cell that does not parse yet", async () => {
    for (const marked of [
      "options.|",
      "options?.|",
      "if (options.|",
      "run({ a: options.|",
      "`text ${options.|",
      "for (const a of [options.|",
      "async () => { await options.|",
      "function f() {\n  options.|",
      "const x = [1, options.|\nconst y = 2",
    ])
      assert.deepEqual(await first(marked), ["depth", "mode", "wide"], marked);
    const { items } = await notebook().complete("options.de|");
    assert.deepEqual(items[0], { text: "depth", type: "field", signature: "(property) Options.depth: number" });
  });

  it("gives names of the cells, of Node, and keywords in place", async () => {
    assert.deepEqual(await first("ru|", 2), ["run", "runner"]);
    assert.deepEqual(await first("const a = optio|", 1), ["options"]);
    assert.ok((await notebook().texts("str|")).includes("structuredClone"));
    assert.deepEqual(await first("functio|", 1), ["function"]);
    assert.ok((await notebook().texts("let o: Opt|")).includes("Options"));
    assert.ok(!(await notebook().texts("1 + Optio|")).includes("Options"));
    const { items } = await notebook().complete("run|");
    assert.deepEqual(
      items.slice(0, 2).map(({ text, type }) => [text, type]),
      [
        ["run", "function"],
        ["runner", "function"],
      ],
    );
  });

  it("takes variables that hold functions for functions", async () => {
    await notebook().cell(
      `const made1 = () => 1; const made2 = <T>(x: T, then: (y: T) => void) => then(x); const made3 = async () => (x: number) => x;
       const made4 = [() => 1, "a"]; const made5: (() => number) | undefined = made1; const made6 = made1(); class Made7 {}; const made8 = { made1 };`,
    );
    const { items } = await notebook().complete("const made9 = (x: 1) => x; made|");
    const types = Object.fromEntries(items.map(({ text, type }) => [text, type]));
    for (const name of ["made1", "made2", "made3", "made9"]) assert.equal(types[name], "function", name);
    for (const name of ["made4", "made5", "made6", "made8"]) assert.equal(types[name], "variable", name);
  });

  it("gives literals of unions, keys of objects, paths and packages", async () => {
    assert.deepEqual(await first("run({ depth: 1, mode: '|' })"), ["fast", "slow"]);
    assert.deepEqual(await first("const o: Options = { |"), ["depth", "mode", "wide"]);
    assert.deepEqual(await first("run({ depth: 1, m|"), ["mode"]);
    notebook().file("helper.ts", "export const helped = 1, other = 2");
    notebook().file("node_modules/some-package/package.json", '{ "name": "some-package" }');
    assert.deepEqual(await notebook().texts("import { a } from './|'"), ["helper.ts"]);
    assert.ok((await notebook().texts("import { a } from 'some-|'")).includes("some-package"));
    assert.ok((await notebook().texts("import { a } from 'node:f|'")).includes("node:fs"));
    assert.deepEqual(await first("import { | } from './helper.ts'", 2), ["helped", "other"]);
  });

  it("gives what fits a variable of another cell that is assigned to", async () => {
    await notebook().cell("let mode: 'fast' | 'slow' = 'fast'; let depth = 1;");
    for (const marked of ["mode = '|", 'mode = "|"', "if (depth) mode = '|'", "const o = { a: mode = '|"])
      assert.deepEqual(await notebook().texts(marked), ["fast", "slow"], marked);
    assert.deepEqual(await first("mode = |", 2), ['"fast"', '"slow"']);
    assert.deepEqual(await notebook().texts("depth = '|'"), []);
  });

  it("gives what a function has of its own before what every function has", async () => {
    const own = await first("display.|", 5);
    assert.deepEqual(
      own.filter((name) => /^(?:apply|bind|call|length|name)$/.test(name)),
      [],
    );
    assert.ok((await notebook().texts("display.|")).includes("apply"));
    await notebook().cell("class Counter { static zero = 0; static all() {} }");
    assert.deepEqual(await first("Counter.|", 2), ["all", "zero"]);
  });

  it("gives what a module has that is required", async () => {
    await notebook().cell("const fs = require('fs'), { join } = require('node:path')");
    assert.deepEqual(await first("fs.readFileS|", 1), ["readFileSync"]);
    assert.deepEqual(await first("require('os').cpu|", 1), ["cpus"]);
    assert.match((await notebook().markdown("jo|in")) ?? "", /join: \(\.\.\.paths: string\[\]\) => string/);
    assert.deepEqual(await notebook().errors("fs.readFileSnyc('x')"), [
      `2551 1:4 Property 'readFileSnyc' does not exist on type 'typeof import("fs")'. Did you mean 'readFileSync'?`,
    ]);
    assert.deepEqual(
      await notebook().errors(
        "const name = 'fs' + '', any = require(name); any.whatever; try { require('not-there').x } catch {} require.resolve('fs'); ((require) => require('x'))(String)",
      ),
      [],
    );
  });

  it("gives what a module has that is required in a cell with lines that are no TypeScript", async () => {
    await notebook().cell("!ls\nconst os = require('os');\n%time const path = require('node:path')\nconst files = !ls");
    assert.deepEqual(await first("os.cpu|", 1), ["cpus"]);
    assert.deepEqual(await first("!ls\nrequire('fs').readFileS|", 1), ["readFileSync"]);
    assert.deepEqual(await notebook().errors("!ls\npath.joyn('a');\nrequire('os').cpuz()"), [
      "2339 2:6 Property 'joyn' does not exist on type 'PlatformPath'.",
      `2339 3:15 Property 'cpuz' does not exist on type 'typeof import("os")'.`,
    ]);
  });

  it("gives each name once, the newest, and none that is gone", async () => {
    await notebook().cell("const options = 'text'");
    const names = await notebook().texts("opti|");
    assert.deepEqual(
      names.filter((name) => name === "options"),
      ["options"],
    );
    assert.ok((await notebook().texts("options.toUp|")).includes("toUpperCase"));
    assert.ok((await notebook().texts("const options = [1]; options.ma|")).includes("map"));
    notebook().reset();
    assert.ok(!(await notebook().texts("runn|")).includes("runner"));
  });

  it("replaces the word around the cursor, emoji before it or not", async () => {
    const of = async (marked: string) => {
      const { start, end, items } = await notebook().complete(marked);
      const source = marked.replace("|", "");
      return [source.slice(start, end), items[0]?.text];
    };
    assert.deepEqual(await of("const s = '😀😀'; options.de|pth + 1"), ["depth", "depth"]);
    assert.deepEqual(await of("/* 𝛼 */ opt|"), ["opt", "options"]);
    assert.deepEqual(await of("run({ depth: 1, mode: 'fa|' })"), ["fa", "fast"]);
    assert.deepEqual(await of("options.|"), ["", "depth"]);
    assert.deepEqual(await of("\r\n\toptions.mo|\r\n"), ["mo", "mode"]);
  });

  it("after top-level await gives what the promise holds", async () => {
    assert.ok((await notebook().texts("const text = await Promise.resolve('a');\ntext.tri|")).includes("trim"));
    assert.ok((await notebook().texts("(await import('node:os')).cp|")).includes("cpus"));
  });

  it("says where names of the scope can be, which values of the session may add to", async () => {
    const isScope = async (marked: string) => (await notebook().complete(marked)).isScope;
    for (const marked of ["op|", "const a = |", "run(|"]) assert.equal(await isScope(marked), true, marked);
    for (const marked of ["import { | } from 'node:fs'", "run({ |", "options.|", "class A { | }"])
      assert.equal(await isScope(marked), false, marked);
  });

  it("knows no name of ours", async () => {
    const names = await notebook().texts("!ls\n|");
    assert.deepEqual(
      names.filter((name) => /^__(?!dirname|filename)|^adjoint/.test(name)),
      [],
    );
  });

  it("gives nothing in comments and text", async () => {
    for (const marked of ["// opti|", "/* opti|", "'opti|'", "`opti|`"])
      assert.deepEqual(await notebook().texts(marked), [], marked);
  });

  it("puts exact beginnings first, then other case, parts and initials", () => {
    assert.deepEqual(
      ["map", "Map", "flatMap", "toMapAll"].map((name) => fit(name, "map")),
      [0, 1, 2, 2],
    );
    assert.equal(fit("CountQueuingStrategy", "cQS"), 3);
    assert.equal(fit("getElementById", "geBI"), 3);
    assert.equal(fit("decodeURI", "cou"), undefined);
    assert.equal(fit("x".repeat(5000), "y"), undefined);
  });
});

describe("explanation by types", () => {
  const notebook = emptyNotebook();

  beforeEach(async () => {
    await notebook().cell(
      "/**\n * Scales a number.\n * @param x what is scaled\n * @param by how much\n * @returns the product\n * @example\n * scale(2, 3) // 6\n */\nfunction scale(x: number, by = 2) {\n  return x * by;\n}",
    );
    await notebook().cell("/** How fast. */\nlet rate = 1;\nconst inferred = { rate, list: [1] };");
  });

  it("gives signature, documentation and place, of a name of another cell", async () => {
    assert.equal(
      await notebook().markdown("sca|le(1)"),
      [
        "```typescript\nfunction scale(x: number, by?: number): number\n```\nScales a number.",
        "*@param* `x` — what is scaled",
        "*@param* `by` — how much",
        "*@returns* — the product",
        "*@example*\n```tsx\nscale(2, 3) // 6\n```",
        "*Declared in Cell [1], line 9*",
      ].join("\n\n"),
    );
    assert.match(
      (await notebook().markdown("rate|")) ?? "",
      /^```typescript\nlet rate: number\n```\nHow fast\.\n\n\*Declared in Cell \[2\], line 2\*$/,
    );
  });

  it("inside a call names the parameter that is being written", async () => {
    const inside = (await notebook().markdown("scale(1, |")) ?? "";
    assert.match(inside, /scale\(x: number, by\?: number\): number/);
    assert.match(inside, /\*\*Parameter\*\* `by\?: number` — how much/);
    assert.match((await notebook().markdown("scale(|)")) ?? "", /\*\*Parameter\*\* `x: number` — what is scaled/);
  });

  it("inside a call has all of the function's documentation, and where it is declared", async () => {
    await notebook().cell(
      "/**\n * Halves.\n * @param x what is halved\n * @returns a half of it\n * @example\n * half(2) // 1\n */\nfunction half(x: number, o?: object) { return x / 2 }",
    );
    for (const marked of ["half(|", "half(1, |)", "half(1, { a: [|", "scale(1); half( |"])
      assert.match(
        (await notebook().markdown(marked)) ?? "",
        /^```typescript\nhalf\(x: number, o\?: object\): number\n```\n\n\*\*Parameter\*\* [^]*Halves\.[^]*@returns\* — a half of it[^]*half\(2\) \/\/ 1[^]*\*Declared in Cell \[\d+\], line 8\*$/,
        marked,
      );
  });

  it("adds the source at level 1", async () => {
    assert.match(
      (await notebook().markdown("scale|", 1)) ?? "",
      /```typescript\nfunction scale\(x: number, by = 2\) \{\n {2}return x \* by;\n\}\n```$/,
    );
  });

  it("shows inferred and narrowed types, members, types and keywords' names", async () => {
    assert.match(
      (await notebook().markdown("inferred|")) ?? "",
      /const inferred: \{\n\s+rate: number;\n\s+list: number\[\];\n\}/,
    );
    assert.match((await notebook().markdown("inferred.list.ma|p")) ?? "", /Array<number>\.map[^]*@param/);
    assert.match(
      (await notebook().markdown("let v = Math.random() ? ('a' as string) : 1; if (typeof v === 'string') v|")) ?? "",
      /let v: string\b/,
    );
    assert.match((await notebook().markdown("type A = { a: 1 }; let x: A|")) ?? "", /type A = \{/);
  });

  it("links the declarations of packages and of the user's files", async () => {
    notebook().file("own.ts", "/** Mine. */\nexport const own = 1");
    const text = (await notebook().markdown("import { own } from './own.ts'; ow|n")) ?? "";
    assert.match(
      text,
      /^```typescript\nconst own: 1\n```\nMine\.\n\n\*Declared in \[own\.ts:2\]\(file:\/\/.*own\.ts#L2\)\*$/,
    );
    assert.match((await notebook().markdown("Math.ma|x(1)")) ?? "", /lib\.es5\.d\.ts:\d+\]\(file:/);
  });

  it("knows nothing of what nobody declares, of text and of nothing", async () => {
    for (const marked of ["nobody|", "|", "'text|'", "// scale|", "  |  "])
      assert.equal(await notebook().markdown(marked), undefined, marked);
  });
});
