// Imports: the user's own files, loaded again when they change, and packages, through real runtime processes.
import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type Cell, TestSession } from "../session-harness.ts";

describe("Modules of the user's own", () => {
  let session: TestSession;
  beforeEach(() => {
    session = new TestSession();
  });
  afterEach(() => session.close());

  const write = (files: Record<string, string>): void => {
    for (const [name, text] of Object.entries(files)) {
      const path = join(session.folder, name);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, text);
    }
  };
  const run = async (code: string): Promise<Cell> => {
    const cell = await session.run(code);
    assert.equal(cell.traceback, "");
    return cell;
  };
  const result = async (code: string): Promise<unknown> => (await run(code)).result;

  describe("are imported", () => {
    it("as TypeScript users write it: .ts, .tsx, .mts, .cts, .js, .json, without extension, folders", async () => {
      write({
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
      await run(`
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
        await result("JSON.stringify([one, a, b, c, forty, d, e, f.f, computed1, g, data, h, inner, i, space, all.h])"),
        `'[1,1,"b",3,40,4,5,6,true,7,{"h":8,"default":80},8,9,1,10,8]'`,
      );
      assert.equal(await result('(await import("./a.ts")).a + (await import("./a.js")).default'), "2");
    });
  });

  describe("are loaded again", () => {
    it("before the next cell, with all that depends on them, and say so", async () => {
      write({
        "low.ts": "export const value = 1;",
        "other.ts": "export const state = { count: 0 };",
        "high.ts":
          'import { value } from "./low"; import { state } from "./other"; export const twice = () => 2 * value; state.count++;',
      });
      await run('import { twice } from "./high.ts"; import * as other from "./other.ts"; const first = twice;');
      assert.equal(await result("[twice(), other.state.count]"), "[ 2, 1 ]");
      write({ "low.ts": "export const value = 10;" });
      const cell = await run("[twice(), first(), other.state.count]");
      assert.equal(cell.result, "[ 20, 2, 2 ]");
      assert.equal(cell.text("stderr"), "reloaded high.ts: low.ts changed\n");
      assert.equal((await run("twice()")).text("stderr"), "");
    });

    it("but for those that do not compile: their earlier state stays", async () => {
      write({ "low.ts": "export let n = 0; export const up = () => ++n;", "high.ts": 'export * from "./low.ts";' });
      await run('import { up } from "./high.ts"; up();');
      write({ "low.ts": "export let n = 0;\nexport const up = = 1;" });
      const broken = await run("up()");
      assert.equal(broken.result, "2");
      assert.match(broken.text("stderr"), /^kept high.ts as it was: SyntaxError: .* \(low.ts, line 2, column 19\)\n$/);
      assert.equal((await run("up()")).text("stderr"), "");
      const again = await session.run('// a comment\nimport { up } from "./high.ts";');
      assert.match(again.traceback, /^SyntaxError: .*\nlow.ts, line 2, column 19\n/);
      assert.match(again.traceback, /> 2 \| export const up = = 1;/);
      assert.match(again.traceback, /at async Cell \[\d+\], line 2, column 1$/);
      assert.equal(again.text("stderr"), "");
      assert.equal(await result("up()"), "4");
    });
  });
});
