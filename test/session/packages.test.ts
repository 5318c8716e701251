// Imports of packages: of the notebook's folder, of the kernel, installed while the session runs; and `adjoint`, which is always the
// kernel's own.
import assert from "node:assert/strict";
import { cpSync, mkdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { ModuleSession } from "./module-session.ts";

const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..", "..");

describe("Packages", () => {
  let session: ModuleSession;
  beforeEach(() => {
    session = new ModuleSession();
  });
  afterEach(() => session.close());

  it("that hold types only are imported, and are an error where they are used as values", async () => {
    session.write({
      "node_modules/@types/hast/package.json": '{ "name": "@types/hast", "types": "index.d.ts" }',
      "node_modules/@types/hast/index.d.ts": "export interface Root { a: 1 } export declare const made: number;",
      "node_modules/type-fest/package.json": '{ "name": "type-fest", "exports": { ".": { "types": "./index.d.ts" } } }',
      "node_modules/type-fest/index.d.ts": "export type Json = string | number;",
    });
    await session.succeed(
      'import { Root, made } from "hast"; import { Json } from "type-fest"; import * as All from "hast";',
    );
    await session.succeed("const root: Root = { a: 1 }; const json: Json = root.a;");
    const { traceback } = await session.run("made + 1");
    assert.match(
      traceback,
      /^TypeError: 'made' has no value: of 'hast' only the types are there, in @types\/hast: %npm install hast installs its code\nCell/,
    );
    assert.match((await session.run('import { nothing } from "hasty"')).traceback, /cannot find package 'hasty'/);
    session.write({
      "node_modules/hast/package.json": '{ "name": "hast", "main": "i.js" }',
      "node_modules/hast/i.js": "exports.made = 41;",
    });
    assert.equal(await session.result('import { made } from "hast"; made + 1'), "42");
  });

  it("of each kind are imported from cells and from local files, live, with all names of CommonJS", async () => {
    session.write({
      "node_modules/esm/package.json":
        '{ "name": "esm", "type": "module", "exports": { ".": "./i.js", "./data.json": "./data.json" } }',
      "node_modules/esm/i.js": "export let n = 0; export const up = () => ++n; export default 'esm';",
      "node_modules/esm/data.json": '{ "d": 4 }',
      "node_modules/cjs/package.json": '{ "name": "cjs", "main": "./main" }',
      "node_modules/cjs/main.js": "const all = { three: 3 }; all['fo' + 'ur'] = 4; module.exports = all;",
      "node_modules/@scope/both/package.json":
        '{ "name": "@scope/both", "exports": { "./x": { "import": "./x.mjs", "require": "./x.cjs" } } }',
      "node_modules/@scope/both/x.mjs": "export const kind = 'import';",
      "node_modules/@scope/both/x.cjs": "exports.kind = 'require';",
      "local.ts": `import name, { n, up } from "esm"; import cjs, { three, four } from "cjs"; import { kind } from "@scope/both/x";
        import { d } from "esm/data.json"; import { sep } from "node:path"; import * as os from "os";
        export const all = () => [name, n, cjs.four, three, four, kind, d, sep === "/" || sep === "\\\\", typeof os.EOL];
        export { up };`,
    });
    await session.succeed(`
      import name, { n, up } from "esm"; import { three, four } from "cjs"; import { kind } from "@scope/both/x"; import data from "esm/data.json";
      import { all } from "./local"; up();
    `);
    assert.equal(
      await session.result('JSON.stringify([name, n, three, four, kind, require("@scope/both/x").kind, data.d])'),
      `'["esm",1,3,4,"import","require",4]'`,
    );
    assert.equal(await session.result("JSON.stringify(all())"), `'["esm",1,4,3,4,"import",4,true,"string"]'`);
  });

  it("are found by their own name, by #imports, through links, also as TypeScript", async () => {
    session.write({
      "package.json":
        '{ "name": "self", "type": "module", "exports": { "./part": "./part.ts" }, "imports": { "#inner": "./src/inner.ts" } }',
      "part.ts": "export const part: number = 1;",
      "src/inner.ts": "export const inner: number = 2;",
      "linked/package.json": '{ "name": "linked", "exports": "./index.ts" }',
      "linked/index.ts": "export enum Linked { Value = 3 }",
    });
    mkdirSync(join(session.folder, "node_modules"));
    symlinkSync(join(session.folder, "linked"), join(session.folder, "node_modules", "linked"));
    await session.succeed(
      'import { part } from "self/part"; import { inner } from "#inner"; import { Linked } from "linked";',
    );
    assert.equal(await session.result("[part, inner, Linked.Value]"), "[ 1, 2, 3 ]");
    assert.equal(await session.result('require("linked").Linked.Value'), "3");
    session.write({ "linked/index.ts": "export enum Linked { Value = 30 }" });
    assert.equal(await session.result("Linked.Value"), "30");
  });

  it("installed after an import of them has failed are there at once, in every way", async () => {
    for (const code of [
      'import x from "later-esm";',
      'require("later-esm");',
      'import.meta.resolve("later-esm");',
      'import "./uses-it";',
    ]) {
      session.write({ "uses-it.ts": 'import x from "later-esm"; export default x;' });
      assert.match((await session.run(code)).traceback, /^Error: cannot find package 'later-esm'/);
      assert.match((await session.run('require("acorn-copy")')).traceback, /^Error: cannot find package 'acorn-copy'/);
    }
    session.write({
      "node_modules/later-esm/package.json": '{ "name": "later-esm", "type": "module", "exports": "./lib/index.js" }',
      "node_modules/later-esm/lib/index.js": "export default import.meta.url.split('/').at(-3);",
    });
    cpSync(join(root, "node_modules", "acorn"), join(session.folder, "node_modules", "acorn-copy"), {
      recursive: true,
    });
    await session.succeed(
      'import x from "later-esm"; import user from "./uses-it"; import * as acorn from "acorn-copy";',
    );
    assert.equal(
      await session.result('[x, user, typeof acorn.parse, typeof require("acorn-copy").parse].join()'),
      "'later-esm,later-esm,function,function'",
    );
  });

  it("replaced by another version after they were loaded stay as they were until a restart", async () => {
    session.write({
      "node_modules/pkg/package.json": '{ "name": "pkg", "version": "1.0.0", "exports": "./index.mjs" }',
      "node_modules/pkg/index.mjs": "export const v = 1;",
    });
    await session.succeed('import { v } from "pkg";');
    session.write({
      "node_modules/pkg/package.json": '{ "name": "pkg", "version": "2.0.0", "exports": "./index.mjs" }',
      "node_modules/pkg/index.mjs": "export const v = 2;",
    });
    assert.equal(await session.result('(await import("pkg")).v'), "1");
  });

  it("of the kernel are found last", async () => {
    assert.equal(await session.result('typeof (await import("acorn")).parse'), "'function'");
    assert.equal(await session.result('typeof require("acorn").parse'), "'function'");
    session.write({
      "node_modules/commander/package.json": '{ "name": "commander", "exports": "./index.js" }',
      "node_modules/commander/index.js": "exports.mine = true;",
    });
    assert.equal(await session.result('(await import("commander")).mine'), "true");
  });

  it("say what they export when something else is imported", async () => {
    session.write({
      "node_modules/pkg/package.json": '{ "name": "pkg", "exports": { "./a": "./a.js", "./b/*": "./b/*.js" } }',
    });
    assert.match(
      (await session.run('import "pkg";')).traceback,
      /^Error: package 'pkg' has no export 'pkg': it has 'pkg\/a', 'pkg\/b\/\*'\nCell/,
    );
    assert.match(
      (await session.run('require("pkg/c");')).traceback,
      /^Error: package 'pkg' has no export 'pkg\/c': it has/,
    );
  });

  describe("named adjoint", () => {
    const version = (JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { version: string }).version;

    beforeEach(() => {
      session.write({
        "node_modules/adjoint/package.json": '{ "name": "adjoint", "version": "0.0.0-other", "exports": "./index.js" }',
        "node_modules/adjoint/index.js": "exports.wrong = true;",
      });
    });

    it("are the kernel's own copy, from cells and local files", async () => {
      session.write({
        "local.ts": 'import { version } from "adjoint/package.json" with { type: "json" }; export { version };',
        "local.cjs": 'exports.version = require("adjoint/package.json").version;',
      });
      await session.succeed(`
        import { version as cell } from "adjoint/package.json";
        import { version as esm } from "./local"; import { version as cjs } from "./local.cjs";
      `);
      assert.equal(
        await session.result('[cell, esm, cjs, require("adjoint/package.json").version].join()'),
        `'${[version, version, version, version].join(",")}'`,
      );
      assert.match(
        (await session.run('import "adjoint/nothing";')).traceback,
        /package 'adjoint' has no export 'adjoint\/nothing': it has .*'adjoint\/package.json'/,
      );
    });

    it("are the kernel's own copy from packages too", async () => {
      session.write({
        "node_modules/wants/package.json":
          '{ "name": "wants", "peerDependencies": { "adjoint": "*" }, "exports": { "import": "./i.mjs", "require": "./r.cjs" } }',
        "node_modules/wants/i.mjs":
          'import { readFileSync } from "node:fs";\nexport const { version } = JSON.parse(readFileSync(new URL(import.meta.resolve("adjoint/package.json"))));',
        "node_modules/wants/r.cjs": 'exports.version = require("adjoint/package.json").version;',
        "node_modules/outer/package.json":
          '{ "name": "outer", "dependencies": { "wants": "*" }, "exports": "./i.mjs" }',
        "node_modules/outer/i.mjs": 'export * from "wants";',
      });
      assert.equal(await session.result('(await import("outer")).version'), `'${version}'`);
      assert.equal(await session.result('require("wants").version'), `'${version}'`);
      rmSync(join(session.folder, "node_modules", "adjoint"), { recursive: true });
      await session.run("process.exit()");
      assert.equal(await session.result('require("wants").version'), `'${version}'`);
      assert.equal(await session.result('(await import("outer")).version'), `'${version}'`);
    });
  });
});
