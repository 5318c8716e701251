import assert from "node:assert/strict";
import { chmodSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { emptyNotebook, Notebook, shown } from "./notebook.ts";

const scratch = () =>
  readdirSync(tmpdir()).filter((name) => name.startsWith("adjoint-types-") && name.includes(`-${process.pid}-`));

describe("a checker whose language server fails", () => {
  it("checks on with the session's cells after it was killed", async () => {
    const notebook = new Notebook();
    await notebook.cell("let a = 1; type T = string");
    for (let round = 0; round < 3; round++) {
      process.kill(notebook.language.pid ?? 0, "SIGKILL");
      assert.deepEqual(await notebook.errors("a = 'x'; let t: T = 1"), [
        "2322 1:1 Type 'string' is not assignable to type 'number'.",
        "2322 1:14 Type 'number' is not assignable to type 'string'.",
      ]);
      assert.deepEqual((await notebook.texts("a.toFi|")).slice(0, 1), ["toFixed"]);
    }
    await notebook.close();
  });

  it("answers without types while it hangs, and is replaced when the next cell comes", async function () {
    this.timeout(20_000);
    const notebook = new Notebook();
    await notebook.cell("let a = 1");
    process.kill(notebook.language.pid ?? 0, "SIGSTOP");
    const unchecked = await notebook.cell("a = 'x'; let b = 1");
    assert.deepEqual([unchecked.checked, unchecked.errors], [false, []]);
    assert.deepEqual(await notebook.errors("b = 'x'"), ["2322 1:1 Type 'string' is not assignable to type 'number'."]);
    process.kill(notebook.language.pid ?? 0, "SIGSTOP");
    assert.deepEqual((await notebook.complete("a.toFi|")).items, []);
    assert.deepEqual(await notebook.errors("b = 'x'"), ["2322 1:1 Type 'string' is not assignable to type 'number'."]);
    await notebook.close();
  });

  it("runs cells unchecked where there is no executable, or none that speaks", async function () {
    this.timeout(20_000);
    const mute = join(tmpdir(), `adjoint-test-mute-${process.pid}`);
    writeFileSync(mute, "#!/bin/sh\nexit 1\n");
    chmodSync(mute, 0o755);
    const deaf = join(tmpdir(), `adjoint-test-deaf-${process.pid}`);
    writeFileSync(deaf, "#!/bin/sh\nexec sleep 1000\n");
    chmodSync(deaf, 0o755);
    const silent = new Notebook({ executable: deaf });
    assert.deepEqual((await silent.complete("con|")).items, []);
    await silent.close();
    rmSync(deaf);
    for (const executable of ["/nowhere/tsc", mute]) {
      const notebook = new Notebook({ executable });
      for (let round = 0; round < 4; round++) assert.equal((await notebook.cell("const a: string = 1")).checked, false);
      assert.deepEqual((await notebook.complete("con|")).items, []);
      assert.equal(await notebook.markdown("con|"), undefined);
      await notebook.close();
    }
    rmSync(mute);
  });

  it("a question overtakes the one before it", async () => {
    const notebook = new Notebook();
    await notebook.cell("const alpha = 1");
    const questions = ["al|", "alp|", "alpha.to|"].map((marked) => notebook.texts(marked));
    const answers = await Promise.all(questions);
    assert.ok(answers.at(-1)?.includes("toFixed"));
    assert.deepEqual(await notebook.texts("alph|"), ["alpha"]);
    await notebook.close();
  });
});

describe("the folder of the checker", () => {
  it("is gone when the session is closed, and after a kernel that was killed", async () => {
    const before = scratch();
    const notebook = new Notebook();
    const [own] = scratch().filter((name) => !before.includes(name));
    assert.ok(own !== undefined);
    // A process number beyond any that there is.
    const stale = join(tmpdir(), own.replace(`-${process.pid}-`, "-4194999-"));
    mkdirSync(stale);
    const next = new Notebook();
    assert.ok(!existsSync(stale));
    assert.ok(existsSync(join(tmpdir(), own)));
    await notebook.close();
    await next.close();
    assert.deepEqual(scratch(), before);
  });

  it("is made again when something has tidied it away", async () => {
    const before = scratch();
    const notebook = new Notebook();
    await notebook.cell("let a = 1");
    for (const name of scratch()) if (!before.includes(name)) rmSync(join(tmpdir(), name), { recursive: true });
    process.kill(notebook.language.pid ?? 0, "SIGKILL");
    assert.deepEqual(await notebook.errors("a = 'x'"), ["2322 1:1 Type 'string' is not assignable to type 'number'."]);
    await notebook.close();
  });
});

describe("the notebook's folder", () => {
  const notebook = emptyNotebook();

  it("gives cells its own files, new and changed ones, and what those import", async () => {
    assert.match((await notebook().errors("import { own } from './own.ts'")).join(), /^2307 1:21 Cannot find module/);
    notebook().file(
      "own.ts",
      "import { deep } from './deep/deeper'; export const own = deep; export type Own = typeof deep",
    );
    notebook().file("deep/deeper.ts", "export const deep = 1");
    assert.deepEqual(
      await notebook().errors("import { own, type Own } from './own.ts'; const o: Own = own; own.toFixed()"),
      [],
    );
    notebook().file("deep/deeper.ts", "export const deep = 'text'");
    assert.deepEqual(await notebook().errors("own.trim()"), []);
    notebook().file("data.json", '{ "n": 1 }');
    notebook().file("plain.js", "export const twice = (x) => x * 2");
    assert.deepEqual(
      await notebook().errors(
        "import data from './data.json'; import { twice } from './plain.js'; data.n.toFixed(); twice(1).toFixed()",
      ),
      [],
    );
  });

  it("gives cells its packages, also one that is installed meanwhile, with types or without", async () => {
    const { errors } = await notebook().cell("import { value } from 'some-package'");
    assert.deepEqual(shown(errors), [
      "2307 1:23 Cannot find module 'some-package' or its corresponding type declarations.",
    ]);
    assert.match(errors[0]?.hint ?? "", /^%npm install some-package installs it in /);
    notebook().file(
      "node_modules/some-package/package.json",
      '{ "name": "some-package", "types": "i.d.ts", "main": "i.js" }',
    );
    notebook().file("node_modules/some-package/i.d.ts", "export const value: number");
    notebook().file("node_modules/untyped/package.json", '{ "name": "untyped", "main": "i.js" }');
    notebook().file("node_modules/untyped/i.js", "exports.anything = 1");
    assert.deepEqual(await notebook().errors("import { value } from 'some-package'; value.toFixed()"), []);
    assert.deepEqual(await notebook().errors("import { anything } from 'untyped'; anything.whatever"), []);
    assert.deepEqual(await notebook().errors("value.trim()"), [
      "2339 1:7 Property 'trim' does not exist on type 'number'.",
    ]);
  });

  it("has the cells that are files of their own", async () => {
    assert.deepEqual(
      await notebook().errors("/** @module mine */\nexport const mine = 1; export type Mine = typeof mine"),
      [],
    );
    assert.deepEqual(
      await notebook().errors("import { mine, type Mine } from './mine'; const m: Mine = mine; m.toFixed()"),
      [],
    );
    assert.deepEqual(await notebook().errors("/** @module mine */\nexport const mine = 'text'"), []);
    assert.deepEqual(await notebook().errors("import { mine } from './mine'; mine.trim()"), []);
    assert.equal((await notebook().errors("/** @module other */\nmine")).length, 1);
  });

  it("may have files of any name", async () => {
    notebook().file("cell.ts", "export const own = 1");
    assert.deepEqual(await notebook().errors("import { own } from './cell.ts'; own.toFixed()"), []);
  });

  it("may be read-only", async () => {
    const readOnly = new Notebook();
    readOnly.file("own.ts", "export const own = 1");
    chmodSync(readOnly.folder, 0o555);
    assert.deepEqual(await readOnly.errors("import { own } from './own'; own.toFixed()"), []);
    chmodSync(readOnly.folder, 0o755);
    await readOnly.close();
  });

  it("may have a tsconfig.json, which counts, also when it comes or changes", async () => {
    const configured = new Notebook();
    assert.equal((await configured.errors("let a: string = null")).length, 1);
    configured.file(
      "tsconfig.json",
      '{ /* loose */ "compilerOptions": { "strict": false, "noUnusedLocals": true, "module": "commonjs", "outDir": "out", "composite": true }, "include": ["src"] }',
    );
    assert.deepEqual(await configured.errors("let a: string = null; await 1; import.meta.url"), []);
    configured.file("tsconfig.json", '{ "compilerOptions": { "strict": true } }');
    assert.equal((await configured.errors("let b: string = null")).length, 1);
    await configured.close();
  });

  it("may name a prelude, whose exports are in scope until a cell declares them", async () => {
    const folder = new Notebook();
    folder.file(
      "prelude.mjs",
      "/** Doubles. */\nexport function twice(x) { return x * 2 }\nexport class Tensor { shape = [1] }",
    );
    const withPrelude = new Notebook({ prelude: join(folder.folder, "prelude.mjs") });
    assert.deepEqual(
      await withPrelude.errors("twice(1).toFixed(); const t: Tensor = new Tensor(); t.shape.length"),
      [],
    );
    assert.deepEqual(await withPrelude.errors("twice(1).trim()"), [
      "2339 1:10 Property 'trim' does not exist on type 'number'.",
    ]);
    assert.deepEqual(await withPrelude.errors("const twice = 'mine'", "twice.trim()"), []);
    withPrelude.reset();
    assert.deepEqual(await withPrelude.errors("twice(1).toFixed()"), []);
    await withPrelude.close();
    await folder.close();
  });
});
