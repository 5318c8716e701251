// The user's own files: imported and required as TypeScript users write it, and loaded again when they change. Through real runtime
// processes.
import assert from "node:assert/strict";
import { renameSync, rmSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { ModuleSession } from "./module-session.ts";

describe("Files of the user's", () => {
  let session: ModuleSession;
  beforeEach(() => {
    session = new ModuleSession();
  });
  afterEach(() => session.close());

  describe("are imported", () => {
    it("as TypeScript users write it: .ts, .tsx, .mts, .cts, .js, .json, without extension, folders", async () => {
      session.write({
        "a.ts": "export const a: number = 1; export default a; export interface Type {}",
        "b.tsx": "const React = { createElement: (tag: string) => tag };\nexport const b = <b />;",
        "c.mts": "export const c = <number>3;",
        "d.cts": "export const d = 4; export default 40;",
        "e.js": "export const e = 5;",
        "f.js": "module.exports = { f: 6, ['computed' + 1]: true };",
        "g.cjs": "exports.g = 7;",
        "h.json": '{ "h": 8, "default": 80 }',
        "dir/index.ts": 'export * from "./inner.js"; export { a as i } from "../a";',
        "dir/inner.ts": "export const inner = 9;",
        "with space.ts": "export const space = 10;",
      });
      await session.succeed(`
        import one, { a, type Type } from "./a";
        import { b } from "./b.tsx";
        import { c } from "./c.mjs";
        import forty, { d } from "./d.cjs";
        import { e } from "./e.js";
        import f, { computed1 } from "./f";
        import { g } from "./g.cjs";
        import data, { h } from "./h.json";
        import { inner, i } from "./dir";
        import { space } from ${JSON.stringify(`file://${session.folder}/with%20space.ts`)};
        import * as all from "./h.json" with { type: "json" };
      `);
      assert.equal(
        await session.result(
          "JSON.stringify([one, a, b, c, forty, d, e, f.f, computed1, g, data, h, inner, i, space, all.h])",
        ),
        `'[1,1,"b",3,40,4,5,6,true,7,{"h":8,"default":80},8,9,1,10,8]'`,
      );
      assert.equal(await session.result('(await import("./a.ts")).a + (await import("./a.js")).default'), "2");
      assert.equal(await session.result('(await import("./a.ts")) === (await import("./a"))'), "true");
    });

    it("with all that TypeScript adds: enums, namespaces, decorators, using, unused types, import = and export =", async () => {
      session.write({
        "types.ts": "export interface Shape { n: number }\nexport type Id = string;",
        "all.ts": `import { Shape, Id } from "./types";
          import equals = require("./equals");
          const log: string[] = [];
          const traced = (method: Function, context: ClassMethodDecoratorContext) => { log.push(String(context.name)); };
          export enum Color { Red = 1, Green }
          export namespace Space { export const inside = 3; }
          export class Thing implements Shape { n = 4; @traced method(): Id { return "id"; } }
          export function used() { using thing = { [Symbol.dispose]: () => { log.push("disposed"); } }; }
          export { log, equals };`,
        "equals.ts": "const value: number = 5;\nexport = { value };",
        "legacy.ts": `const seen: number[] = [];
          const parameter = (target: object, key: string | undefined, index: number) => { seen.push(index); };
          export class Legacy { constructor(a: string, @parameter b: number) {} }
          export { seen };`,
      });
      await session.succeed('import { Color, Space, Thing, used, log, equals } from "./all";\nused(); new Thing();');
      assert.equal(
        await session.result("JSON.stringify([Color.Green, Space.inside, log, equals])"),
        `'[2,3,["method","disposed"],{"value":5}]'`,
      );
      assert.equal(await session.result('(await import("./legacy.ts")).seen'), "[ 1 ]");
    });

    it("with TypeScript's older decorators where the tsconfig.json above asks for them, as cells beside them", async () => {
      session.write({
        "tsconfig.json": `{ // paths as editors write them
          "compilerOptions": { "paths": { "@/*": ["./src/*"] }, "experimentalDecorators": true },
          "include": ["src/**/*.ts"] }`,
        "dec.ts":
          "export const seen: number[] = []; export const dec = (...given: unknown[]): any => void seen.push(given.length);",
        "use.ts": 'import { dec } from "./dec"; class A { @dec m() {} }',
      });
      await session.succeed('import { dec, seen } from "./dec"; import "./use"; class B { @dec m() {} }');
      assert.equal(await session.result("seen"), "[ 3, 3 ]");
    });

    it("with the JSX runtime that their pragma names, or the classic one", async () => {
      session.write({
        "node_modules/mini/package.json": '{ "name": "mini", "exports": { "./jsx-runtime": "./jsx.mjs" } }',
        "node_modules/mini/jsx.mjs": "export const jsx = (type, props) => ['auto', type, props.children];",
        "auto.tsx": "/** @jsxImportSource mini */\nexport const element = <i>text</i>;",
        "classic.tsx": "/** @jsx h */\nconst h = (...all: unknown[]) => all;\nexport const element = <i>text</i>;",
      });
      await session.succeed('import * as auto from "./auto"; import * as classic from "./classic";');
      assert.equal(await session.result("auto.element"), "[ 'auto', 'i', 'text' ]");
      assert.equal(await session.result("classic.element"), "[ 'i', null, 'text' ]");
    });

    it("with live bindings, in cycles, and with awaits at their top level", async () => {
      session.write({
        "count.ts": "export let count = 0; export const up = () => { count++; };",
        "even.ts": 'import { odd } from "./odd"; export const even = (n: number): boolean => n === 0 || odd(n - 1);',
        "odd.ts": 'import { even } from "./even"; export const odd = (n: number): boolean => n !== 0 && even(n - 1);',
        "late.ts":
          'import { setTimeout as sleep } from "node:timers/promises";\nawait sleep(1);\nexport const late = await import("./count");',
      });
      await session.succeed('import { count, up } from "./count"; import { even } from "./even"; up();');
      await session.succeed('import { late } from "./late"; up();');
      assert.equal(await session.result("[count, late.count, even(10), even(7)]"), "[ 2, 2, true, false ]");
    });

    it("in the order of ES modules, once each, packages and CommonJS in their turn", async () => {
      const note = (name: string): string => `(globalThis.order ??= []).push("${name}");`;
      session.write({
        "node_modules/pkg/package.json": '{ "name": "pkg", "type": "module", "exports": "./index.js" }',
        "node_modules/pkg/index.js": note("pkg"),
        "first.ts": note("first").replace("globalThis", "(globalThis as any)"),
        "second.cjs": note("second"),
        "third.mjs": `import "./first.ts"; ${note("third")}`,
        "root.mjs": `import "./first.ts"; import "pkg"; import "./second.cjs"; import "./third.mjs"; ${note("root")}`,
      });
      await session.succeed('import "./root.mjs"; import "./first"; import "pkg";');
      assert.equal(await session.result("order.join()"), "'first,pkg,second,third,root'");
    });

    it("for a later cell, for their side effects, and type-only not at all", async () => {
      session.write({
        "side.ts": "(globalThis as any).effects = ((globalThis as any).effects ?? 0) + 1; export const x = 1;",
      });
      await session.succeed('import type { x as T } from "./side";');
      assert.equal(await session.result("typeof effects"), "'undefined'");
      await session.succeed('import "./side";\nimport { x } from "./side.ts";');
      assert.equal(await session.result("[effects, x]"), "[ 1, 1 ]");
    });

    it("and know where they are", async () => {
      session.write({
        "sub/where.ts": `export const { url, filename, dirname } = import.meta;
          export const next = import.meta.resolve("./next"), pkg = import.meta.resolve("pkg"), fs = import.meta.resolve("fs");
          export const old = [__filename, __dirname, typeof require, require("./next").n];`,
        "sub/next.ts": "export const n = 5;",
        "node_modules/pkg/package.json": '{ "name": "pkg", "exports": { "import": "./i.mjs", "require": "./r.cjs" } }',
        "node_modules/pkg/i.mjs": "",
      });
      await session.succeed('import * as where from "./sub/where";');
      const folder = `file://${session.folder}`;
      assert.equal(await session.result("where.url"), `'${folder}/sub/where.ts'`);
      assert.equal(
        await session.result("[where.next, where.pkg, where.fs].join()"),
        `'${folder}/sub/next.ts,${folder}/node_modules/pkg/i.mjs,node:fs'`,
      );
      assert.equal(
        await session.result(
          "JSON.stringify([where.filename === where.old[0], where.dirname === where.old[1], ...where.old.slice(2)])",
        ),
        `'[true,true,"function",5]'`,
      );
    });

    it("of a folder that package.json calls a module or CommonJS", async () => {
      session.write({
        "esm/package.json": '{ "type": "module" }',
        "esm/plain.js": "globalThis.strict = this === undefined;",
        "cjs/package.json": '{ "type": "commonjs" }',
        "cjs/plain.js": "exports.here = this === exports;",
        "cjs/typed.ts": "export const typed = 1;",
        "cjs/wrong.js": "export const x = 1;",
      });
      await session.succeed(
        'import "./esm/plain.js"; import { here } from "./cjs/plain.js"; import { typed } from "./cjs/typed";',
      );
      assert.equal(await session.result("[strict, here, typed]"), "[ true, true, 1 ]");
    });

    it("by types alone as nothing, and no other files than scripts and JSON", async () => {
      session.write({ "only.d.ts": "export interface Only { x: number }", "text.txt": "text" });
      await session.succeed('import { Only } from "./only";\nconst only: Only = { x: 1 };');
      assert.match(
        (await session.run('import text from "./text.txt";')).traceback,
        /^TypeError: cannot import 'text.txt': .txt is no script and no JSON; readFileSync of node:fs reads it\nCell/,
      );
    });

    it("with attributes that fit, and no others", async () => {
      session.write({ "x.ts": "export const x = 1;" });
      const cell = await session.run('import { x } from "./x" with { type: "json" };');
      assert.match(cell.traceback, /^TypeError: cannot import '.\/x' with \{ type: "json" \}/);
    });
  });

  describe("are required", () => {
    it("with the same rules, also of ES module syntax, with one state for import and require", async () => {
      session.write({
        "esm.ts":
          'import fs, { existsSync } from "node:fs"; export let n = 1; export default fs.existsSync === existsSync; export const up = () => ++n;',
        "cjs.cts": 'import { n } from "./esm"; const x: number = n; exports.x = x;',
        "data.json": '{ "five": 5 }',
        "dir/index.ts": "export const inner = import.meta.dirname === __dirname;",
      });
      assert.equal(
        await session.result(
          'JSON.stringify([require("./esm").default, require("./cjs").x, require("./data").five, require("./dir").inner])',
        ),
        "'[true,1,5,true]'",
      );
      await session.succeed('import { up, n } from "./esm"; up();');
      assert.equal(await session.result('[n, require("./esm.ts").n]'), "[ 2, 2 ]");
      session.write({ "other.ts": "export let m = 1; export const up = () => ++m; export default 7;" });
      await session.succeed('import { up } from "./other"; up();');
      assert.equal(await session.result('[require("./other").m, require("./other").default]'), "[ 2, 7 ]");
    });

    it("again when they or what they require have changed, cycles included", async () => {
      session.write({
        "leaf.ts": "export const leaf = 1;",
        "a.cjs": 'exports.name = "a"; exports.b = require("./b.cjs"); exports.leaf = require("./leaf").leaf;',
        "b.cjs": 'exports.a = require("./a.cjs"); exports.loads = globalThis.loads = (globalThis.loads ?? 0) + 1;',
        "apart.cjs": "exports.state = { n: 0 };",
      });
      await session.succeed('const { state } = require("./apart.cjs"); state.n++;');
      assert.equal(
        await session.result('const a = require("./a.cjs"); [a.leaf, a.b.loads, a.b.a === a]'),
        "[ 1, 1, true ]",
      );
      assert.equal(await session.result('require("./a.cjs") === a && module.children.length'), "2");
      session.write({ "leaf.ts": "export const leaf = 20;" });
      assert.equal(
        await session.result('const c = require("./a.cjs"); [c.leaf, c.b.loads, c.b.a === c]'),
        "[ 20, 2, true ]",
      );
      assert.equal(await session.result('require("./apart.cjs").state === state'), "true");
      assert.equal(
        await session.result(
          'const key = require.resolve("./a"); [key in require.cache, delete require.cache[key], require("./a").b.loads]',
        ),
        "[ true, true, 2 ]",
      );
    });

    it("though a getter among the exports throws, at once or later", async () => {
      session.write({
        "lazy.cjs": `let reads = 0;
          Object.defineProperty(exports, "late", { enumerable: true, get() { if (++reads > 1) throw new Error("late"); return reads; } });
          Object.defineProperty(exports, "never", { enumerable: true, get() { throw new Error("never"); } });
          exports.fine = 1;`,
      });
      await session.succeed('import { fine, late, never } from "./lazy.cjs";');
      assert.equal(await session.result("[fine, late, never]"), "[ 1, 1, undefined ]");
      assert.match((await session.run('require("./lazy.cjs").never')).traceback, /^Error: never\nlazy.cjs, line 3/);
    });

    it("with require.main, require.resolve and process.argv as in a file beside the notebook", async () => {
      session.write({
        "main.cjs": "module.exports = [require.main === module, require.main.filename, module.parent.filename];",
      });
      const file = join(session.folder, "cell.ts");
      assert.equal(
        await session.result('JSON.stringify(require("./main"))'),
        `'${JSON.stringify([false, file, file])}'`,
      );
      assert.equal(await session.result("require.main === module && process.argv.length"), "2");
      assert.equal(
        await session.result("process.argv[1] === __filename && process.argv[0] === process.execPath"),
        "true",
      );
      assert.equal(
        await session.result('[require.resolve("./main"), require.resolve("fs")].join()'),
        `'${session.folder}/main.cjs,fs'`,
      );
      assert.match((await session.run('require("./nothing")')).traceback, /^Error: cannot find module '.\/nothing'/);
      assert.match(
        (await session.run("require('')")).traceback,
        /^TypeError: require: the module's name must be a non-empty/,
      );
    });
  });

  describe("are loaded again", () => {
    it("before the next cell, with all that depends on them, and say so", async () => {
      session.write({
        "low.ts": "export const value = 1;",
        "other.ts": "export const state = { count: 0 };",
        "high.ts":
          'import { value } from "./low"; import { state } from "./other"; export const twice = () => 2 * value; state.count++;',
      });
      await session.succeed(
        'import { twice } from "./high.ts"; import * as other from "./other.ts"; const first = twice;',
      );
      assert.equal(await session.result("[twice(), other.state.count]"), "[ 2, 1 ]");
      session.write({ "low.ts": "export const value = 10;" });
      const cell = await session.succeed("[twice(), first(), other.state.count]");
      assert.equal(cell.result, "[ 20, 2, 2 ]");
      assert.equal(cell.text("stderr"), "reloaded high.ts: low.ts changed\n");
      assert.equal((await session.succeed("twice()")).text("stderr"), "");
    });

    it("not when they were saved without a change, and at once in the cell that writes them", async () => {
      session.write({ "state.ts": "export const state = { n: 0 };", "cfg.json": '{ "v": 1 }' });
      await session.succeed('import { state } from "./state"; import { v } from "./cfg.json"; state.n++;');
      session.write({ "state.ts": "export const state = { n: 0 };" });
      assert.equal(await session.result("[state.n, v]"), "[ 1, 1 ]");
      const cell = await session.succeed(
        `require("fs").writeFileSync("cfg.json", '{ "v": 2 }');\n[(await import("./cfg.json")).v, require("./cfg.json").v]`,
      );
      assert.equal(cell.result, "[ 2, 2 ]");
      assert.equal(await session.result("v"), "2");
    });

    it("in cycles, and through CommonJS in between", async () => {
      session.write({
        "a.ts": 'import { b } from "./b"; export const a = 1; export const sum = () => a + b();',
        "b.ts": 'import { a } from "./a"; import { c } from "./c.cjs"; export const b = () => a + c;',
        "c.cjs": 'exports.c = require("./d").d;',
        "d.ts": "export const d = 100;",
      });
      await session.succeed('import { sum } from "./a";');
      assert.equal(await session.result("sum()"), "102");
      session.write({ "d.ts": "export const d = 200;" });
      assert.equal(await session.result("sum()"), "202");
      session.write({ "b.ts": 'import { a } from "./a"; import { c } from "./c.cjs"; export const b = () => a * c;' });
      assert.equal(await session.result("sum()"), "201");
    });

    it("but for those that do not compile: their earlier state stays", async () => {
      session.write({
        "low.ts": "export let n = 0; export const up = () => ++n;",
        "high.ts": 'export * from "./low.ts";',
      });
      await session.succeed('import { up } from "./high.ts"; up();');
      session.write({ "low.ts": "export let n = 0;\nexport const up = = 1;" });
      const broken = await session.succeed("up()");
      assert.equal(broken.result, "2");
      assert.match(broken.text("stderr"), /^kept high.ts as it was: SyntaxError: .* \(low.ts, line 2, column 19\)\n$/);
      assert.equal((await session.succeed("up()")).text("stderr"), "");
      const again = await session.run('// a comment\nimport { up } from "./high.ts";');
      assert.match(again.traceback, /^SyntaxError: .*\nlow.ts, line 2, column 19\n/);
      assert.match(again.traceback, /> 2 \| export const up = = 1;/);
      assert.match(again.traceback, /at async Cell \[\d+\], line 2, column 1$/);
      assert.equal(await session.result("up()"), "4");
      session.write({ "low.ts": "export let n = 100; export const up = () => ++n;" });
      assert.equal(await session.result("up()"), "101");
    });

    it("but for those that throw or are gone, until they are as they should be", async () => {
      session.write({ "x.ts": "export const x = 1;" });
      await session.succeed('import { x } from "./x";');
      session.write({ "x.ts": '\nthrow new RangeError("no");' });
      const cell = await session.succeed("x");
      assert.equal(cell.result, "1");
      assert.equal(cell.text("stderr"), "kept x.ts as it was: RangeError: no (x.ts, line 2, column 7)\n");
      assert.equal((await session.succeed("x")).text("stderr"), "");
      session.write({ "x.ts": "export const x = 2;" });
      assert.equal(await session.result("x"), "2");
      renameSync(join(session.folder, "x.ts"), join(session.folder, "y.ts"));
      const gone = await session.succeed("x");
      assert.equal(gone.result, "2");
      assert.match(
        gone.text("stderr"),
        /^kept x.ts as it was: Error: cannot find module 'x.ts': there is no such file\n$/,
      );
      assert.match((await session.run('import { x } from "./x";')).traceback, /cannot find module '.\/x'/);
    });

    it("but for those that cannot be read: other cells run on, and whoever imports them is told", async () => {
      session.write({ "a.ts": "export const a = 1;" });
      await session.succeed('import { a } from "./a.ts";');
      truncateSync(join(session.folder, "a.ts"), 2 ** 32);
      const cell = await session.succeed("a");
      assert.match(cell.text("stderr"), /^kept a.ts as it was: Error: cannot read 'a.ts': 4294967296 bytes are more /);
      assert.equal((await session.succeed("a")).text("stderr"), "");
      assert.match((await session.run('import { a } from "./a.ts";')).traceback, /^Error: cannot read 'a.ts'/);
      session.write({ "a.ts": "export const a = 2;" });
      assert.equal(await session.result("a"), "2");
    });

    it("when another file has come that the import means now", async () => {
      session.write({ "both.js": "export const from = 'js';", "use.ts": 'export { from } from "./both";' });
      await session.succeed('import { from } from "./use";');
      session.write({ "both.ts": "export const from = 'ts';" });
      assert.equal(await session.result("from"), "'ts'");
      rmSync(join(session.folder, "both.ts"));
      assert.equal(await session.result("from"), "'js'");
    });
  });
});
