import assert from "node:assert/strict";
import { errorOutput, type Problem, warningText } from "../../kernel/language.ts";
import { severityOf } from "../../kernel/language/policy.ts";
import { fold } from "../../kernel/language/report.ts";
import { emptyNotebook, Notebook, shown } from "./notebook.ts";

const plain = (lines: readonly string[]) => lines.join("\n").replace(/\u001b\[\d+m/g, "");

/** The library's tensors, as far as their types matter here. */
const TENSOR = `
  interface ShapeError<Message extends string> { readonly [shape]: Message } declare const shape: unique symbol;
  type Row<S> = S extends readonly [any, infer N] ? N : never; type Column<S> = S extends readonly [infer N, any] ? N : never;
  declare class Tensor<S extends readonly number[] = readonly number[]> {
    readonly shape: S; relu(): Tensor<S>; sum(): Tensor<[]>;
    matmul<T extends readonly [number, number]>(y: Row<S> extends Column<T> ? Tensor<T> : Tensor<T> & ShapeError<"matmul: inner dimensions differ: [4, 2] and [3, 5]">): Tensor<[Column<S> & number, Row<T> & number]>;
  }
  declare function zeros<const S extends readonly number[]>(...shape: S): Tensor<S>;`;

describe("the types' errors", () => {
  const notebook = emptyNotebook();
  const traceback = async (source: string): Promise<string> =>
    plain(errorOutput((await notebook().cell(source)).errors).traceback);

  it("show code, message, place, the line and the span", async () => {
    assert.equal(
      await traceback("const total = 1;\n\tconst wrong: string = total;\nwrong"),
      [
        "TypeScriptError: TS2322: Type 'number' is not assignable to type 'string'.",
        "Cell [1], line 2, column 8",
        "  1 | const total = 1;",
        "> 2 | \tconst wrong: string = total;",
        "    | \t      ^^^^^",
        "  3 | wrong",
      ].join("\n"),
    );
  });

  it("show each of several, and how many there are", async () => {
    const { errors } = await notebook().cell("let a: string = 1; let b: number = ''; unknownName");
    const { ename, evalue, traceback } = errorOutput(errors);
    assert.equal(ename, "TypeScriptError");
    assert.equal(evalue, "TS2322: Type 'number' is not assignable to type 'string'. (and 2 more)");
    assert.equal(
      plain(traceback)
        .split("\n")
        .filter((line) => /^(?:TypeScriptError: )?TS\d+: /.test(line)).length,
      3,
    );
    assert.match(plain(traceback), /\n3 type errors; nothing of the cell was run$/);
  });

  it("show what is wrong in many places once, and where else it is", async () => {
    const { errors } = await notebook().cell("nn.a; nn.b(\nnn.c, nn.d);\nnn.e;\nnn.f; other;\nother");
    const text = plain(errorOutput(errors).traceback);
    assert.equal(
      text,
      [
        "TypeScriptError: TS2304: Cannot find name 'nn'.",
        "Cell [1], line 1, column 1",
        "> 1 | nn.a; nn.b(",
        "    | ^^",
        "  2 | nn.c, nn.d);",
        "and at 5 more places: lines 1, 2, 2, 3, 4",
        "",
        "TS2304: Cannot find name 'other'.",
        "Cell [1], line 4, column 7",
        "  3 | nn.e;",
        "> 4 | nn.f; other;",
        "    |       ^^^^^",
        "  5 | other",
        "and at 1 more place: line 5",
        "",
        "8 type errors; nothing of the cell was run",
      ].join("\n"),
    );
    assert.equal(
      warningText(errors),
      "Cell [1], line 1, column 1: TS2304: Cannot find name 'nn'.\nand at 5 more places: lines 1, 2, 2, 3, 4\n" +
        "Cell [1], line 4, column 7: TS2304: Cannot find name 'other'.\nand at 1 more place: line 5\n",
    );
  });

  it("show ten of very many, and how many more there are", async () => {
    const names = Array.from({ length: 22 }, (_, index) => `missing${index};`);
    const { errors } = await notebook().cell(names.join("\n"));
    const text = plain(errorOutput(errors).traceback);
    assert.equal(text.match(/Cannot find name/g)?.length, 10);
    assert.match(text, /\nand 12 more, from line 11 on\n22 type errors; nothing of the cell was run$/);
    assert.match(warningText(errors), /'missing9'\.\nand 12 more, from line 11 on\n$/);
    const { errors: one } = await notebook().cell("again;\n".repeat(30));
    assert.match(plain(errorOutput(one).traceback), /\nand at 29 more places: lines 2, 3, [\d, ]+, 21, …\n/);
  });

  it("say what TypeScript suggests, and point at what else matters, also in other cells", async () => {
    assert.match(
      await traceback("const myOption = 1; myOptoin"),
      /TS2552: Cannot find name 'myOptoin'. Did you mean 'myOption'\?/,
    );
    assert.match(
      await traceback("[1].maap(String)"),
      /TS2551: Property 'maap' does not exist on type 'number\[\]'. Did you mean 'map'\?/,
    );
    await notebook().cell("interface Point { x: number; y: number }");
    assert.match(
      await traceback("const p: Point = { x: 1 }"),
      /\n {2}Cell \[3\], line 1, column 30: 'y' is declared here\.$/,
    );
  });

  it("mark code points, tabs and lines of any end where they are", async () => {
    const [problem] = (await notebook().cell("const 𝛼 = '😀';\r\n\t/* 😀 */ 𝛼.foo")).errors;
    assert.deepEqual([problem?.line, problem?.column], [2, 14]);
    assert.match(plain(errorOutput([problem as Problem]).traceback), /\n {4}\| \t {10,11}\^\^\^$/);
  });

  it("mark what is wide with wide marks, and of a long line show the part that is marked", async () => {
    const [wide] = (await notebook().cell("const 日本 = '👍🏽é'; 日本.foo")).errors;
    assert.match(
      plain(errorOutput([wide as Problem]).traceback),
      /\n> 1 \| const 日本 = '👍🏽é'; 日本\.foo\n {4}\| {26}\^\^\^$/,
    );
    const long = `const s = "${"0123456789".repeat(30)}"; s.foo`;
    const shownLong = plain(errorOutput((await notebook().cell(long)).errors).traceback)
      .split("\n")
      .slice(-2);
    const at = shownLong[1]?.indexOf("^^^") ?? -1;
    assert.equal(shownLong[0]?.slice(at), "foo");
    assert.ok((shownLong[0]?.length ?? 0) < 220 && shownLong[0]?.startsWith("> 1 | …"));
  });

  it("of long types keep the outline", async () => {
    const long = `{ ${Array.from({ length: 30 }, (_, index) => `property${index}: { inner: number[] }`).join("; ")} }`;
    assert.equal(fold(`Type '${long}' is bad`), `Type '${fold(`'${long}'`).slice(1, -1)}' is bad`);
    assert.ok(fold(`Type '${long}' is bad`).length < 150);
    assert.equal(fold("Type '{ a: 1; }' is short"), "Type '{ a: 1; }' is short");
    const between = `Type 'string[]' ${"is something else ".repeat(10)}than 'number'`;
    assert.equal(fold(between), between);
    assert.equal(fold(`'Map<string, { ${"a: number; ".repeat(20)}}>'`), "'Map<string, {…}>'");
    assert.equal(
      fold(`'(callback: (${"value: number, ".repeat(20)}) => void) => Promise<void>'`),
      "'(callback: (…) => void) => Promise<void>'",
    );
  });

  it("name types of other cells by their cells", async () => {
    await notebook().cell("class A { #secret = 1 }\nlet a = new A()");
    await notebook().cell("class A { #secret = 2 }");
    const { errors, warnings } = await notebook().cell("a = new A()");
    assert.deepEqual(errors, []);
    const text = warningText(warnings);
    assert.match(
      text,
      /Type 'Cell \[2\]\.A' is not assignable to type 'Cell \[1\]\.A'[^]*\nA was declared anew; when they run, all cells mean the newest\n/,
    );
    assert.doesNotMatch(text, /adjoint-types/);
  });

  it("say which cell declares a name that has no value, since that failed or was stopped", async () => {
    await notebook().cell("const stopped: string = 1");
    await notebook().cell("const reached = 1; throw new Error(); const missed = 2", ["reached"]);
    assert.match(
      await traceback("stopped"),
      /^TypeScriptError: TS2304: Cannot find name 'stopped'\.\nCell \[1\] declares it, but was not run\n/,
    );
    assert.match(await traceback("missed"), /\nCell \[2\] declares it, but has not run that far\n/);
    await notebook().cell("const stopped = 1");
    assert.deepEqual((await notebook().cell("stopped + reached")).errors, []);
  });

  it("say of a page's names that there is no page, and no more", async () => {
    assert.match(
      await traceback("document.title"),
      /^TypeScriptError: TS2584: Cannot find name 'document'\.\ncells run in Node, which has no page; display\.html shows HTML\nCell/,
    );
  });

  it("say once that an object may be null, also of a method that declares its this", async () => {
    await notebook().cell("declare class T { mean(this: T): number } declare const grad: T | null;");
    assert.deepEqual(shown((await notebook().cell("grad.mean()")).errors), ["18047 1:1 'grad' is possibly 'null'."]);
  });

  it("of what is caught are none, unless it was declared unknown", async () => {
    const { errors, warnings } = await notebook().cell(
      "try { JSON.parse('{') } catch (e) {\n  console.log(e.message);\n  const text: string = e;\n  throw new Error(e);\n}\ntry {} catch ({ message }) { message.length }",
    );
    assert.deepEqual([shown(errors), warnings], [[], []]);
    assert.match((await notebook().markdown("try {} catch (err|) {}")) ?? "", /err: unknown/);
    for (const strict of [
      "try {} catch (e: unknown) { e.message }",
      "try {} catch (e) { const other = JSON as unknown; other.x }",
      "try {} catch (e) {} const e = JSON as unknown; e.x",
    ])
      assert.deepEqual(
        (await notebook().cell(strict)).errors.map(({ code }) => code),
        [18046],
        strict,
      );
  });

  it("say the library's own message first when shapes do not fit", async () => {
    await notebook().cell(TENSOR);
    const { evalue } = errorOutput((await notebook().cell("zeros(4, 2).matmul(zeros(3, 5))")).errors);
    assert.equal(evalue, "TS2345: matmul: inner dimensions differ: [4, 2] and [3, 5]");
    assert.deepEqual(
      await notebook().errors("const y = zeros(4, 2).matmul(zeros(2, 5)); y.shape satisfies [4, 5]"),
      [],
    );
  });

  it("of assignments that fail by shape alone warn, and say what helps", async () => {
    await notebook().cell(TENSOR);
    const { errors, warnings } = await notebook().cell("let h = zeros(4, 2); h = zeros(3, 5)");
    assert.deepEqual(shown(errors), []);
    assert.match(
      warningText(warnings),
      /^Cell \[2\], line 1, column 22: TS2322: Type 'Tensor<readonly \[3, 5\]>' is not assignable to type 'Tensor<readonly \[4, 2\]>'\.\n[^]*let h: Tensor = …\n$/,
    );
    assert.equal((await notebook().cell("let k: Tensor<[1]> = zeros(1); k = 'text'")).errors.length, 1);
    const member = await notebook().cell("const o = { h: zeros(1) }; o.h = zeros(2)");
    assert.match(warningText(member.warnings), /\nonly the shape differs: declare it with any shape, as Tensor\n$/);
  });

  it("believe no shape of a variable that holds another, in this cell and in later ones, until it is declared anew", async () => {
    await notebook().cell(TENSOR);
    const { errors, warnings } = await notebook().cell(
      "let h = zeros(4, 2);\nh = h.matmul(zeros(2, 5));\nh = h.matmul(zeros(3, 5));",
    );
    assert.deepEqual([shown(errors), warnings.length], [[], 1]);
    assert.deepEqual((await notebook().cell("h.matmul(zeros(3, 5))")).errors, []);
    assert.equal((await notebook().cell("zeros(4, 2).matmul(zeros(3, 5))")).errors.length, 1);
    await notebook().cell("let h = zeros(4, 2)");
    assert.equal((await notebook().cell("h.matmul(zeros(3, 5))")).errors.length, 1);
  });
});

describe("the policy of types", () => {
  const notebook = emptyNotebook();

  it("no any that nobody wrote stops a cell", async () => {
    const exploratory = `
      const double = (x) => x * 2; function f(a, { b, c }, ...rest) { return a }
      let later; later = 1; const list = []; list.push(1); const o = {}; o["k" + 1]; const key: string = "a"; ({ a: 1 })[key];
      function Old() { this.x = 1 } const old = new Old();
      class C { p; m(x) { return this.p } } for (const k in { a: 1 }) ({ a: 1 })[k];
      try { f(1, { b: 1, c: 2 }) } catch (e) { e.message }
      const rec = { f() { return rec.f() } }; enum E { A } const e = E["B" as string]`;
    assert.deepEqual(await notebook().errors(exploratory), []);
    assert.deepEqual(await notebook().errors("double(2); f(1, { b: 1, c: 2 }); later.toFixed(); list.map(String)"), []);
  });

  it("is strict about everything else", async () => {
    assert.equal((await notebook().errors("let s: string = null")).length, 1);
    assert.equal((await notebook().errors("function f(x?: number) { return x + 1 }")).length, 1);
  });

  it("warns of deprecated names and of unused @ts-expect-error", async () => {
    const { errors, warnings } = await notebook().cell(
      "// @ts-expect-error\nconst fine = 1;\n/** @deprecated */ const old = 1; old",
    );
    assert.deepEqual(shown(errors), []);
    assert.deepEqual(warnings.map(({ code }) => code).sort(), [2578, 6385]);
  });

  it("@ts-nocheck, @ts-ignore and @ts-expect-error count in their cell", async () => {
    assert.deepEqual(await notebook().errors("// @ts-nocheck\nconst a: string = 1"), []);
    assert.deepEqual(
      await notebook().errors("// @ts-ignore\nconst b: string = 1\n// @ts-expect-error\nconst c: string = 1"),
      [],
    );
    assert.equal((await notebook().errors("const d: string = 1")).length, 1);
    assert.deepEqual(await notebook().errors("// @ts-nocheck\nexport const x: string = 1", "x.trim()"), []);
  });

  it("leaves what does not parse to the compiler", async () => {
    for (const source of ["const = 1", "let a = {", "foo(", "class {", "if (", "`open", "return 1; }"]) {
      assert.equal((await notebook().cell(source)).parses, false, source);
    }
    assert.equal(
      (await notebook().cell("await 1; using a = null; @((t: any, c: any) => t) class D {}; import.meta.url")).parses,
      true,
    );
  });

  it("knows every global of this Node", async () => {
    const names = Object.getOwnPropertyNames(globalThis).filter((name) => /^[A-Za-z_]\w*$/.test(name));
    assert.deepEqual(await notebook().errors(names.map((name) => `typeof ${name};`).join("\n")), []);
    assert.deepEqual(
      await notebook().errors(
        "display(1); clearOutput(); Jupyter.comms; prompt('a'); confirm(); alert(); await input('x'); require('node:os'); __dirname; __filename",
      ),
      [],
    );
  });

  it("takes JSX for JSX and casts for casts", async () => {
    const react = "const React = { createElement: (...parts: any[]) => parts };\nconst x = <number>(1 as any);";
    assert.deepEqual(await notebook().errors(react, "const page = <div className='a'>{x.toFixed()}</div>", "page"), []);
  });

  it("takes decorators for those of the dialect that the cell is compiled in", async () => {
    const legacy =
      "function mark(target: any, key: string, index: number) {} function bound(target: any, key: string, descriptor: PropertyDescriptor) {} function field(target: any, key: string) {}";
    assert.deepEqual(
      await notebook().errors(
        legacy,
        "class A { @bound m(@mark a: number) { return a } }",
        "class B { @bound m() {} }",
        "class C { @field x = 1 }",
      ),
      [],
    );
    const standard = "function logged(value: any, context: ClassMethodDecoratorContext) {}";
    assert.deepEqual(await notebook().errors(standard, "class D { @logged m() {} }"), []);
    assert.equal((await notebook().errors("class E { @logged x = 1 }"))[0]?.slice(0, 4), "1240");
  });

  it("takes the function that makes elements from a comment, wherever it stands", async () => {
    const h = "const h = (...parts: any[]) => parts;\n/** @jsx h */\nconst page = <b>text</b>; page";
    assert.deepEqual(await notebook().errors(h), []);
  });

  it("gives the output of a command as lines, and what magics give as any", async () => {
    assert.deepEqual(
      await notebook().errors("const files = !ls\n%time const n = 1\nconst other: string[] = !ls -a\nfiles[0]"),
      [],
    );
    assert.deepEqual(await notebook().errors("files.trim()"), [
      "2339 1:7 Property 'trim' does not exist on type 'string[]'.",
    ]);
  });

  it("lets a cell import what it installs, and no file that is not there", async () => {
    const [install, again] = [
      "%npm install not-there-yet\nimport { mean } from 'not-there-yet'; mean([1]);",
      "!npm i not-there-yet\nimport x from 'not-there-yet/deep'; x",
    ];
    assert.deepEqual(await notebook().errors(install, again), []);
    assert.equal(
      (await notebook().errors("%npm install not-there-yet\nimport a from './nowhere'"))[0]?.slice(0, 4),
      "2307",
    );
    assert.equal((await notebook().errors("import a from 'not-there-yet'"))[0]?.slice(0, 4), "2307");
  });

  it("reads lines that are no TypeScript as what they are", async () => {
    const lines =
      "const dir = '.';\nconst files = !ls ${dir}\n%time const n = 1\nn.toFixed(); files.length;\n!echo {n}";
    assert.deepEqual(await notebook().errors(lines), []);
    assert.deepEqual(await notebook().errors("!ls\nn.trim()"), [
      "2339 2:3 Property 'trim' does not exist on type '1'.",
    ]);
    assert.deepEqual(await notebook().errors("!ls ${n.trim()}"), [
      "2339 1:9 Property 'trim' does not exist on type '1'.",
    ]);
    assert.deepEqual(await notebook().errors("%%html\n<b>let x: number = 'a'</b>"), []);
  });

  it("tells errors from hints by their numbers", () => {
    const range = { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } };
    const of = (code: number, severity: 1 | 4 = 1) => severityOf({ code, severity, message: "", range });
    assert.deepEqual(
      [2345, 7006, 7027, 2578, 1005, 1192, 1308].map((code) => of(code)),
      ["error", "ignored", "error", "warning", "syntax", "error", "syntax"],
    );
    assert.deepEqual(
      [6133, 6385, 6387, 80007].map((code) => of(code, 4)),
      ["ignored", "warning", "warning", "ignored"],
    );
  });
});

describe("many cells", () => {
  it("keep neither time nor files: what is declared anew is forgotten", async () => {
    const notebook = new Notebook();
    for (let round = 0; round < 60; round++) await notebook.cell(`let x = ${round}; const y${round % 3} = x`);
    assert.deepEqual(await notebook.errors("x.toFixed(); y0.toFixed(); y2.toFixed()"), []);
    assert.ok(notebook.language.moduleCount <= 5, String(notebook.language.moduleCount));
    await notebook.close();
  });
});
