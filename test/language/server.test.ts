import assert from "node:assert/strict";
import { chmodSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { typescriptExecutable } from "../../kernel/language/server.ts";
import { stop } from "../stopped.ts";
import { emptyNotebook, Notebook, shown } from "./notebook.ts";

const scratch = () =>
  readdirSync(tmpdir()).filter((name) => name.startsWith("adjoint-types-") && name.includes(`-${process.pid}-`));

/** A language server that answers each request with nonsense once it has been greeted. */
function confusedServer(nonsense: string): string {
  const path = join(tmpdir(), `adjoint-test-confused-${process.pid}`);
  const answers = {
    bytes: `process.stdout.write("Segmentation fault\\n".repeat(5) + "\\r\\n\\r\\n")`,
    shapes: `send({ id, result: { kind: "full", items: [{ message: 5, code: {} }, null, 7], contents: { value: 3 }, signatures: {} } })`,
    errors: `send({ id, error: { code: -32603, message: "panic: index out of range" } })`,
  };
  const script = `#!${process.execPath}
const send = (message) => {
  const text = JSON.stringify({ jsonrpc: "2.0", ...message });
  process.stdout.write("Content-Length: " + Buffer.byteLength(text) + "\\r\\n\\r\\n" + text);
};
let read = "";
process.stdin.setEncoding("latin1").on("data", (chunk) => {
  read += chunk;
  for (let at; (at = read.indexOf("\\r\\n\\r\\n")) >= 0; ) {
    const length = Number(/Content-Length: (\\d+)/.exec(read)[1]);
    if (read.length < at + 4 + length) return;
    const { id, method } = JSON.parse(read.slice(at + 4, at + 4 + length));
    read = read.slice(at + 4 + length);
    if (method === "initialize") send({ id, result: { capabilities: {} } });
    else if (id !== undefined) { ${answers[nonsense as keyof typeof answers]} }
  }
});
`;
  writeFileSync(path, script);
  chmodSync(path, 0o755);
  return path;
}

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
    await stop(notebook.language.pid);
    const unchecked = await notebook.cell("a = 'x'; let b = 1");
    assert.deepEqual([unchecked.checked, unchecked.errors], [false, []]);
    assert.deepEqual(await notebook.errors("b = 'x'"), ["2322 1:1 Type 'string' is not assignable to type 'number'."]);
    await stop(notebook.language.pid);
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

  it("asks another when one is killed while it thinks, and answers late", async () => {
    const notebook = new Notebook();
    await notebook.cell("let a = 1");
    const { pid = 0 } = notebook.language;
    await stop(pid);
    const errors = notebook.errors("a = 'x'");
    // The cell's question has been written when what was to be done before has been.
    await new Promise((resolve) => setImmediate(resolve));
    process.kill(pid, "SIGKILL");
    assert.deepEqual(await errors, ["2322 1:1 Type 'string' is not assignable to type 'number'."]);
    await notebook.close();
  });

  it("completes names of the session while it hangs, and no members", async function () {
    this.timeout(20_000);
    const notebook = new Notebook();
    await notebook.cell("const alpha = 1; function alphabet() {}");
    await stop(notebook.language.pid);
    assert.deepEqual(
      (await notebook.complete("const alpine = 2; alp|")).items.map(({ text, type }) => [text, type]),
      [
        ["alpha", "variable"],
        ["alphabet", "function"],
        ["alpine", "variable"],
      ],
    );
    assert.deepEqual((await notebook.complete("alpha.|")).items, []);
    assert.deepEqual((await notebook.complete("'alp|")).items, []);
    await notebook.close();
  });

  it("runs cells unchecked, and answers nothing, where its answers make no sense", async function () {
    this.timeout(20_000);
    for (const nonsense of ["bytes", "shapes", "errors"]) {
      const executable = confusedServer(nonsense);
      const notebook = new Notebook({ executable });
      for (let round = 0; round < 2; round++) assert.equal((await notebook.cell("const a: string = 1")).checked, false);
      assert.deepEqual((await notebook.complete("con|")).items, []);
      assert.equal(await notebook.markdown("con|"), undefined);
      await notebook.close();
      rmSync(executable);
    }
  });

  it("asks again for the prelude that it was not told of", async () => {
    const confused = confusedServer("errors");
    const executable = `${confused}-twice`;
    const count = `${executable}-count`;
    writeFileSync(
      executable,
      `#!/bin/sh\necho >> ${count}\nif [ $(wc -l < ${count}) -le 2 ]; then exec ${confused}; fi\nexec '${typescriptExecutable()}' "$@"\n`,
    );
    chmodSync(executable, 0o755);
    const notebook = new Notebook({ executable, prelude: "./prelude.mjs" });
    notebook.file("prelude.mjs", "export const twice = (x) => x * 2;");
    assert.equal((await notebook.cell("twice(1)")).checked, false);
    assert.deepEqual(await notebook.errors("twice(1)"), []);
    assert.equal((await notebook.errors("thrice(1)")).length, 1);
    await notebook.close();
    for (const path of [confused, executable, count]) rmSync(path);
  });

  it("drops a question as soon as another overtakes it, whatever the server does", async () => {
    const notebook = new Notebook();
    await notebook.cell("const alpha = 1");
    const { pid = 0 } = notebook.language;
    await stop(pid);
    const first = notebook.texts("alpha.to|");
    const second = notebook.markdown("alph|a");
    const third = notebook.texts("alpha.toFi|");
    assert.deepEqual([await first, await second], [[], undefined]);
    // Had those waited for their time to be over, so had this.
    process.kill(pid, "SIGCONT");
    assert.deepEqual(await third, ["toFixed"]);
    assert.equal(notebook.language.pid, pid);
    await notebook.close();
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
    await notebook.language.settled();
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
