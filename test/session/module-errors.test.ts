// Errors in the user's own files and in packages: the stack is that of the sources, the innermost place is shown, and so is where the
// cell imports it. Interrupts while modules load.
import assert from "node:assert/strict";
import { ModuleSession } from "./module-session.ts";

describe("Errors in modules", () => {
  let session: ModuleSession;
  before(() => {
    session = new ModuleSession();
  });
  after(() => session.close());

  it("are shown with line, column and excerpt of the file, the stack mapped to files and cells", async () => {
    session.write({
      "lib/math.ts": `interface Unused {
  a: number;
}
enum Kind { A, B }
export function root(x: number): number {
\tconst emoji = "😀"; if (x < 0) throw new RangeError("negative: " + x as string);
  return Math.sqrt(x);
}`,
      "use.ts":
        'import { root } from "./lib/math";\r\n\r\nexport const twice = (x: number) => [x].map((y) => root(y));',
    });
    await session.succeed('import { twice } from "./use";\ntwice(4);');
    const cell = await session.run("// comment\n  twice(-1);");
    const lines = cell.traceback.split("\n");
    assert.equal(lines[0], "RangeError: negative: -1");
    assert.equal(lines[1], "lib/math.ts, line 6, column 39");
    assert.ok(cell.traceback.includes('> 6 | \tconst emoji = "😀"; if (x < 0) throw new RangeError('));
    const frames = lines.filter((line) => line.startsWith("    at "));
    assert.deepEqual(
      frames.map((frame) => frame.replace(/Cell \[\d+\]/, "Cell [n]")),
      [
        "    at root (lib/math.ts:6:39)",
        "    at use.ts:3:52",
        "    at Array.map (<anonymous>)",
        "    at twice (use.ts:3:41)",
        "    at Cell [n], line 2, column 3",
      ],
    );
  });

  it("that come while a file is evaluated say where it is imported", async () => {
    session.write({
      "throws.ts": "const ok: number = 1;\n  throw new TypeError(`no ${ok}`);",
      "between.ts": '// first\nimport "./throws";',
      "cjs.cjs": "\nnull.x;",
    });
    const cell = await session.run('\nimport "./between";');
    assert.match(
      cell.traceback,
      /^TypeError: no 1\nthrows.ts, line 2, column 9\n[^]*> 2 \| {3}throw new [^]* {4}at Object.<anonymous> \(throws.ts:2:9\)\n {4}at async Cell \[\d+\], line 2, column 1$/,
    );
    assert.match(
      (await session.run('require("./cjs");')).traceback,
      /^TypeError: .*\ncjs.cjs, line 2, column 6\n[^]*\(cjs.cjs:2:6\)\n {4}at Cell \[\d+\], line 1, column 1$/,
    );
    assert.match(
      (await session.run('import "./cjs.cjs";')).traceback,
      /\ncjs.cjs, line 2, column 6\n[^]*at async Cell/,
    );
  });

  it("of syntax say file, line, column, who imports it, and where the cell does", async () => {
    session.write({
      "bad.ts": 'const text = "é";\nexport const x: = 1;',
      "importer.ts": '\n\nexport { x } from "./bad";',
      "bad.js": "export const y = 1;\nexport const x = ;",
      "bad.cjs": "const x = 1;\nconst x = 2;",
      "bad.json": '{\n  "a": 1,\n  "b": }',
      "early.ts": "export class A { #x = 1; test() { return 1; } }\nexport const later = (a: A) => a.#y;",
    });
    const typed = await session.run('import { x } from "./importer";');
    assert.match(
      typed.traceback,
      /^SyntaxError: .*\nbad.ts, line 2, column 17\n[^]*> 2 \| export const x: = 1;\n[^]* {4}at bad.ts:2:17\n {4}at importer.ts:3:1\n {4}at async Cell \[\d+\], line 1, column 1$/,
    );
    assert.equal(typed.errors[0]?.ename, "SyntaxError");
    for (const [file, place] of [
      ["bad.js", "line 2, column 18"],
      ["bad.cjs", "line 2, column 7"],
      ["bad.json", "line 3, column 8"],
      ["early.ts", "line 2, column 34"],
    ]) {
      const cell = await session.run(`await import("./${file}");`);
      assert.ok(cell.traceback.includes(`\n${file}, ${place}\n`), cell.traceback);
      assert.ok((await session.run(`require("./${file}");`)).traceback.includes(`\n${file}, ${place}\n`));
    }
  });

  it("of imports say which name or file is missing, and where it is imported", async () => {
    session.write({
      "has.ts": "export const a = 1; export type T = number;",
      "wants.ts": 'import { a } from "./has";\nimport { a as one,\n  b } from "./has";\nexport const x = [a, one, b];',
      "lost.ts": 'export const l = 1;\nimport { z } from "./nowhere";\nz;',
      "unknown.ts": 'import x from "not-installed";\nx;',
      "reexports.ts": 'export { T } from "./has";',
    });
    assert.match(
      (await session.run('import "./wants";')).traceback,
      /^SyntaxError: '.\/has' has no export named 'b'.*\nwants.ts, line 3, column 3\n[^]*at async Cell/,
    );
    assert.match(
      (await session.run('import "./reexports";')).traceback,
      /^SyntaxError: '.\/has' has no export named 'T': a type is imported with `import type`\nreexports.ts, line 1, column 10/,
    );
    assert.match(
      (await session.run('import "./lost";')).traceback,
      /^Error: cannot find module '.\/nowhere': there is no such file, seen from .*\nlost.ts, line 2, column 1\n[^]*at async Cell/,
    );
    assert.match(
      (await session.run('import "./unknown";')).traceback,
      /^Error: cannot find package 'not-installed': %npm install not-installed installs it in .*\nunknown.ts, line 1, column 1\n/,
    );
    assert.match(
      (await session.run('import "npm:left-pad@1.3.0";')).traceback,
      /write 'left-pad', and install it with %npm install left-pad/,
    );
  });

  it("in an older state of a file say so instead of showing a wrong line", async () => {
    session.write({ "older.ts": 'export function f() {\n  throw new Error("old");\n}' });
    await session.succeed('const { f } = await import("./older");');
    session.write({ "older.ts": "export const f = 1;\n// another line" });
    await session.succeed('await import("./older");');
    const cell = await session.run("f();");
    assert.match(cell.traceback, /at f \(older.ts \(before it changed\):2:9\)/);
    assert.match(cell.traceback, /^Error: old\nCell \[\d+\], line 1, column 1\n/);
  });

  it("of packages' syntax say where", async () => {
    session.write({
      "node_modules/broken-esm/package.json": '{ "name": "broken-esm", "type": "module", "exports": "./index.js" }',
      "node_modules/broken-esm/index.js": 'import "./inner.js";',
      "node_modules/broken-esm/inner.js": "export const a = 1;\nexport const b = ;",
      "node_modules/broken-cjs/package.json": '{ "name": "broken-cjs" }',
      "node_modules/broken-cjs/index.js": "exports.a = 1;\nconst = 3;",
    });
    for (const [name, file, place] of [
      ["broken-esm", "broken-esm/inner.js", "line 2, column 18"],
      ["broken-cjs", "broken-cjs/index.js", "line 2, column 7"],
    ]) {
      const cell = await session.run(`import "${name}";`);
      assert.ok(cell.traceback.includes(`node_modules/${file}, ${place}\n`), cell.traceback);
      assert.match(cell.traceback, /at async Cell \[\d+\], line 1, column 1$/);
    }
    assert.ok(
      (await session.run('require("broken-cjs");')).traceback.includes("broken-cjs/index.js, line 2, column 7"),
    );
  });

  describe("and interrupts", () => {
    it("while a file is evaluated leave it, and all others, to be imported again", async () => {
      session.write({
        "done.ts": "export const loads = ((globalThis as any).doneLoads = ((globalThis as any).doneLoads ?? 0) + 1);",
        "endless.ts":
          'import "./done"; console.log("in"); while ((globalThis as any).stay ?? true); export const out = 1;',
        "outer.ts": 'export { out } from "./endless"; import { loads } from "./done"; export { loads };',
      });
      const { cell, done } = session.start('import { out, loads } from "./outer";');
      await cell.until(() => cell.text() === "in\n");
      await session.session.interrupt();
      await done;
      assert.equal(cell.errors[0]?.ename, "KeyboardInterrupt");
      assert.match(cell.traceback, /endless.ts, line 1, column \d+/);
      await session.succeed("(globalThis as any).stay = false;");
      assert.equal(await session.result('import { out, loads } from "./outer";\n[out, loads]'), "[ 1, 1 ]");
    });

    it("while a file awaits, or is required, too", async () => {
      session.write({
        "waits.ts":
          'console.log("in"); if ((globalThis as any).wait ?? true) await new Promise(() => {}); export const w = 1;',
        "loop.cjs": 'console.log("in"); while (globalThis.loop ?? true); exports.l = 1;',
        "around.ts": 'export { w } from "./waits"; export { l } from "./loop.cjs";',
      });
      for (const code of ['import "./around";', 'require("./loop.cjs")', 'import "./loop.cjs";']) {
        const { cell, done } = session.start(code);
        await cell.until(() => cell.text() === "in\n");
        await session.session.interrupt();
        await done;
        assert.equal(cell.errors[0]?.ename, "KeyboardInterrupt");
      }
      await session.succeed("(globalThis as any).wait = (globalThis as any).loop = false;");
      assert.equal(
        await session.result('import { w, l } from "./around";\n[w, l, require("./loop.cjs").l]'),
        "[ 1, 1, 1 ]",
      );
    });

    it("of a package that loads leave it to be imported again, or say that it cannot be", async () => {
      session.write({
        "node_modules/slow/package.json":
          '{ "name": "slow", "type": "module", "exports": { ".": "./index.js", "./waits": "./waits.js" } }',
        "node_modules/slow/index.js": 'export * from "./inner.js";',
        "node_modules/slow/inner.js": 'console.log("in"); while (globalThis.slow ?? true); export const s = 1;',
        "node_modules/slow/waits.js": 'console.log("in"); await new Promise(() => {});',
      });
      for (const name of ["slow", "slow/waits"]) {
        const { cell, done } = session.start(`import "${name}";`);
        await cell.until(() => cell.text() === "in\n");
        await session.session.interrupt();
        await done;
      }
      await session.succeed("(globalThis as any).slow = false;");
      assert.equal(await session.result('import { s } from "slow";\ns'), "1");
      assert.match(
        (await session.run('import "slow/waits";')).traceback,
        /^Error: 'slow' was interrupted while it loaded, and Node does not load it again: restart the kernel\n/,
      );
    });

    it("while a changed file is loaded again leave it as it was, once", async () => {
      session.write({ "again.ts": "export const again = 1;" });
      await session.succeed('import { again } from "./again";');
      session.write({ "again.ts": 'console.log("in"); while (true);\nexport const again = 2;' });
      const { cell, done } = session.start("again");
      await cell.until(() => cell.text() === "in\n");
      await session.session.interrupt();
      await done;
      assert.equal(cell.errors[0]?.ename, "KeyboardInterrupt");
      assert.equal(await session.result("again"), "1");
      session.write({ "again.ts": "export const again = 3;" });
      assert.equal(await session.result("again"), "3");
    });

    it("in a function of a file stop it, and name the file", async () => {
      session.write({
        "work.ts":
          'let n: number = 0;\nexport function work() {\n  console.log("in");\n  while (true) n++;\n}\nexport { n };',
      });
      const { cell, done } = session.start('import { work, n } from "./work";\nwork();');
      await cell.until(() => cell.text() === "in\n");
      await session.session.interrupt();
      await done;
      assert.match(
        cell.traceback,
        /^KeyboardInterrupt: .*\nwork.ts, line [34], column \d+\n[^]*at work \(work.ts:[34]:\d+\)\n[^]*at Cell/,
      );
      assert.equal(await session.result("n > 0"), "true");
    });
  });

  it("in timers and promises of a file appear below the cell that started them", async () => {
    session.write({
      "later.ts":
        'export const later = () => setTimeout(() => {\n  throw new Error("later");\n}, 1);\nconsole.log("loaded");',
    });
    const cell = await session.run('import { later } from "./later"; later();');
    assert.equal(cell.text(), "loaded\n");
    await session.run("1");
    await cell.until(() => cell.errors.length === 1);
    assert.match(cell.traceback, /^Error: later\nlater.ts, line 2, column 9\n/);
  });
});
