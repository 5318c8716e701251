// What a cell may contain and what it shows, cell by cell through the real runtime.
import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { TestSession } from "../session-harness.ts";

describe("Session", () => {
  let session: TestSession;
  before(() => {
    session = new TestSession();
  });
  after(() => session.close());

  const result = async (code: string): Promise<unknown> => {
    const cell = await session.run(code);
    assert.equal(cell.traceback, "");
    return cell.result;
  };

  describe("cells", () => {
    it("shows the last expression beside imported and exported types, of which nothing is left", async () => {
      for (const types of ['import type { A } from "nowhere";', "export interface B {}", "export type { A, B };"])
        assert.equal((await session.run(`${types} "shown"`)).result, "'shown'", types);
    });

    it("shows the last expression, and nothing for undefined", async () => {
      assert.equal(await result("const x: number = 41;\nx + 1"), "42");
      assert.equal(await result("const y = 1;"), undefined);
      assert.equal(await result("undefined"), undefined);
      assert.equal(await result("void 0"), undefined);
      assert.equal(await result("null"), "null");
      assert.equal(await result('"text"'), "'text'");
      assert.equal(await result("// only a comment"), undefined);
      assert.equal(await result(""), undefined);
    });

    it("shows a promise as a promise, and an awaited one as its value", async () => {
      assert.match(String(await result("new Promise(() => {})")), /^Promise \{ <pending> \}\n\[await it/);
      assert.equal(await result("await Promise.resolve(7)"), "7");
    });

    it("keeps declarations of every kind for later cells", async () => {
      await session.run(`
        let a = 1; const b = 2; var c = 3;
        function d() { return 4; } class E { five = 5; } enum F { Six = 6 }
        namespace G { export const seven = 7; }
        interface H { eight: number } type I = H;
        const { j, ...k } = { j: 10, l: 12 }; const [m = 13] = [];
      `);
      assert.equal(
        await result("JSON.stringify([a, b, c, d(), new E().five, F.Six, G.seven, j, k.l, m])"),
        "'[1,2,3,4,5,6,7,10,12,13]'",
      );
      await session.run("a++; c += 10;");
      assert.equal(await result("const h: H = { eight: 8 };\n[a, c, h.eight]"), "[ 2, 13, 8 ]");
    });

    it("redeclares a name as any other kind", async () => {
      for (const declaration of ["let", "const", "var"]) {
        assert.equal(await result(`${declaration} again = "${declaration}";\nagain`), `'${declaration}'`);
      }
      assert.equal(await result("function again() { return 1; }\nagain()"), "1");
      assert.equal(await result("class again { static two = 2 }\nagain.two"), "2");
      assert.equal(await result("enum again { Three = 3 }\nagain.Three"), "3");
    });

    it("calls the newest declaration from older functions", async () => {
      await session.run("const forward = (x: number) => activation(x);\nconst activation = (x: number) => x + 1;");
      assert.equal(await result("forward(1)"), "2");
      await session.run("const activation = (x: number) => x * 10;");
      assert.equal(await result("forward(1)"), "10");
    });

    it("imports packages, ESM and CommonJS, node: modules and JSON from the notebook's folder", async () => {
      const modules = join(session.folder, "node_modules");
      for (const [name, manifest, file, source] of [
        [
          "esm-package",
          { type: "module", exports: "./index.js" },
          "index.js",
          "export default 1; export const two = 2;",
        ],
        [
          "cjs-package",
          { main: "index.cjs" },
          "index.cjs",
          "module.exports = { three: 3 }; module.exports['fo' + 'ur'] = 4;",
        ],
      ] as const) {
        mkdirSync(join(modules, name), { recursive: true });
        writeFileSync(join(modules, name, "package.json"), JSON.stringify({ name, version: "1.0.0", ...manifest }));
        writeFileSync(join(modules, name, file), source);
      }
      writeFileSync(join(session.folder, "data.json"), '{"five": 5}');
      await session.run(`
        import one, { two } from "esm-package";
        import cjs, { three, four } from "cjs-package";
        import * as path from "node:path";
        import { sep, type ParsedPath } from "path";
        import data from "./data.json";
        import again from "./data.json" with { type: "json" };
      `);
      assert.equal(
        await result("JSON.stringify([one, two, cjs.three, three, four, path.sep === sep, data.five, again.five])"),
        "'[1,2,3,3,4,true,5,5]'",
      );
      assert.equal(await result('(await import("esm-package")).two'), "2");
      assert.equal(await result('require("cjs-package").three + require("./data.json").five'), "8");
      assert.equal(await result("__dirname === process.cwd() && import.meta.dirname === __dirname"), "true");
    });

    it("says what a missing package or export is", async () => {
      const cell = await session.run('import x from "no-such-package";');
      assert.match(
        cell.traceback,
        /cannot find package 'no-such-package': %npm install no-such-package installs it in .*\nCell \[\d+\], line 1/,
      );
      const file = await session.run('\nawait import("./no-such-file.js");');
      assert.match(
        file.traceback,
        /cannot find module '.\/no-such-file.js': there is no such file[^]*Cell \[\d+\], line 2/,
      );
      await session.run('import { nothing } from "node:path";');
      assert.match((await session.run("nothing")).traceback, /the module 'node:path' has no export named 'nothing'/);
    });

    it("says where a module is imported that does not compile", async () => {
      writeFileSync(join(session.folder, "broken.mjs"), "export const = 3;");
      const cell = await session.run('// first\nimport * as broken from "./broken.mjs";');
      assert.match(
        cell.traceback,
        /^SyntaxError: .*\nbroken.mjs, line 1, column 14\n[^]*at async Cell \[\d+\], line 2, column 1$/,
      );
    });

    it("evaluates user expressions, each with its own value or error", async () => {
      const cell = await session.run("let u = 3;", { userExpressions: { good: "u * 2", bad: "nowhere.x" } });
      assert.ok(cell.reply?.status === "ok");
      const { good, bad } = cell.reply.userExpressions;
      assert.deepEqual(good, { status: "ok", data: { "text/plain": "6" }, metadata: {} });
      assert.ok(bad?.status === "error");
      assert.equal(bad.ename, "ReferenceError");
      assert.equal(bad.evalue, "nowhere is not defined");
    });

    it("answers NAME? with a page", async () => {
      const cell = await session.run("function twice(x: number) { return 2 * x; }\n");
      assert.equal(cell.reply?.status, "ok");
      assert.match(String((await session.run("twice?")).page), /^function twice\(x: number\): number\n/);
      assert.match(String((await session.run("twice??")).page), /return 2 \* x/);
      await session.run("const thrice = (x: number): number =>\n  2 * x + twice(x);");
      assert.match(
        String((await session.run("thrice??")).page),
        /^const thrice: \(x: number\) => number\n\nDeclared in Cell \[\d+\], line 1\n\nconst thrice = \(x: number\): number =>\n {2}2 \* x \+ twice\(x\);$/,
      );
    });
  });

  describe("errors", () => {
    it("point at the cell's line and column, with the source line and the user's stack only", async () => {
      const first = await session.run('function fail(x: number): never {\n  throw new RangeError("bad " + x);\n}');
      assert.equal(first.traceback, "");
      const cell = await session.run("// comment\nconst n: number = 3;\n  fail(n);");
      const lines = cell.traceback.split("\n");
      assert.equal(lines[0], "RangeError: bad 3");
      assert.match(lines[1] ?? "", /^Cell \[\d+\], line 2, column 9$/);
      assert.ok(cell.traceback.includes('> 2 |   throw new RangeError("bad " + x);\n    |         ^'));
      const stack = lines.filter((line) => line.trimStart().startsWith("at "));
      assert.match(stack[0] ?? "", /^ {4}at fail \(Cell \[\d+\], line 2, column 9\)$/);
      assert.match(stack[1] ?? "", /^ {4}at Cell \[\d+\], line 3, column 3$/);
      assert.equal(stack.length, 2);
      assert.equal(cell.errors.length, 1);
      assert.deepEqual([cell.errors[0]?.ename, cell.errors[0]?.evalue], ["RangeError", "bad 3"]);
    });

    it("speak of the user's names", async () => {
      await session.run("const notAFunction: any = {}; let empty: any;");
      assert.match((await session.run("notAFunction();")).traceback, /^TypeError: notAFunction is not a function/);
      assert.match((await session.run("notAFunction.deep.er;")).traceback, /reading 'er'/);
      assert.match((await session.run("neverDeclared + 1")).traceback, /^ReferenceError: neverDeclared is not defined/);
      assert.match((await session.run("empty.field = 1")).traceback, /setting 'field'/);
      assert.match((await session.run("notAFunction = 1")).traceback, /^TypeError: Assignment to constant variable\./);
    });

    it("of syntax say where", async () => {
      const cell = await session.run("const ok = 1;\nconst x = = 2;");
      assert.match(cell.traceback, /^SyntaxError: .*\nCell \[\d+\], line 2, column 11\n/);
      assert.ok(cell.traceback.includes("> 2 | const x = = 2;"));
    });

    it("show causes, aggregates and thrown values that are no errors", async () => {
      const cause = await session.run('throw new Error("outer", { cause: new TypeError("inner") });');
      assert.match(cause.traceback, /Error: outer[^]*caused by: TypeError: inner/);
      const several = await session.run('await Promise.any([Promise.reject(new Error("one")), Promise.reject(2)])');
      assert.match(several.traceback, /\[1 of 2\] Error: one[^]*\[2 of 2\] 2/);
      const value = await session.run("throw { code: 3 };");
      assert.deepEqual([value.errors[0]?.ename, value.errors[0]?.evalue], ["Uncaught", "{ code: 3 }"]);
    });

    it("map stacks that the user prints", async () => {
      const cell = await session.run("try {\n  null!.x;\n} catch (error) {\n  console.log((error as Error).stack);\n}");
      assert.match(cell.text(), /^TypeError: .*\n {4}at Cell \[\d+\], line 2, column \d+\n$/);
    });

    it("are named after their class", async () => {
      const cell = await session.run('class Mine extends Error {}\nthrow new Mine("mine");');
      assert.deepEqual([cell.errors[0]?.ename, cell.errors[0]?.evalue], ["Mine", "mine"]);
    });

    it("leave names that were not reached as they were, global ones too", async () => {
      await session.run('const fetch = await import("no-such-package");');
      assert.equal(await result("typeof fetch"), "'function'");
      await session.run('import { sep } from "node:path";');
      await session.run('const sep = (() => { throw new Error("stop"); })();');
      assert.equal(await result('sep === "/" || sep === "\\\\"'), "true");
      const { cell, done } = session.start("const console = await new Promise(() => {});");
      await session.session.interrupt();
      await done;
      assert.equal(cell.errors[0]?.ename, "KeyboardInterrupt");
      assert.equal((await session.run('console.log("still")')).text(), "still\n");
    });

    it("end the groups of their cell", async () => {
      await session.run('console.group("a"); throw new Error("stop");');
      assert.equal((await session.run('console.log("b")')).text(), "b\n");
    });

    it("leave what a failed cell had already set", async () => {
      await session.run('const before = 1; throw new Error("stop"); const after = 2;');
      assert.equal(await result("before"), "1");
      assert.match((await session.run("after")).traceback, /^ReferenceError: /);
    });
  });

  describe("display", () => {
    it("shows a bundle and updates it in place", async () => {
      const cell = await session.run(
        'const shown = display({ "text/html": "<b>1</b>", "text/plain": "1" }, { raw: true });\nshown.update("two");',
      );
      const [first, second] = cell.outputs;
      assert.ok(first?.type === "display_data" && second?.type === "update_display_data");
      assert.deepEqual(first.data, { "text/html": "<b>1</b>", "text/plain": "1" });
      assert.deepEqual(second.data, { "text/plain": "'two'" });
      assert.ok(first.transient.display_id !== undefined);
      assert.equal(first.transient.display_id, second.transient.display_id);
    });

    it("sends strings for all but JSON types, whatever the bundle holds", async () => {
      const bundle = `{ "text/plain": 5, "text/html": ["<b>\\n", "</b>"], "image/png": new Uint8Array([1]),
        "text/latex": undefined, "image/svg+xml": null, "application/json": { n: 5 }, "application/geo+json": [1] }`;
      const { outputs } = await session.run(`display(${bundle}, { raw: true });`);
      assert.ok(outputs[0]?.type === "display_data");
      assert.deepEqual(outputs[0].data, {
        "text/plain": "5",
        "text/html": "<b>\n</b>",
        "image/png": "AQ==",
        "application/json": { n: 5 },
        "application/geo+json": [1],
      });
    });

    it('asks objects through Symbol.for("Jupyter.display"), also asynchronously', async () => {
      const bundle = '{ "text/html": "<i>x</i>" }';
      const sync = await session.run(`({ [Symbol.for("Jupyter.display")]() { return ${bundle}; } })`);
      assert.equal(sync.bundle?.["text/html"], "<i>x</i>");
      const async = await session.run(`({ async [Symbol.for("Jupyter.display")]() { return ${bundle}; } })`);
      assert.equal(async.bundle?.["text/html"], "<i>x</i>");
    });

    it("falls back to text when an object's own display fails, and says so", async () => {
      const cell = await session.run('({ a: 1, [Symbol.for("Jupyter.display")]() { throw new Error("broken"); } })');
      assert.match(String(cell.result), /a: 1[^]*its Jupyter.display method failed: Error: broken/);
      assert.match(
        String(
          (await session.run("({ get x() { throw 1; }, [Symbol.for('nodejs.util.inspect.custom')]() { throw 2; } })"))
            .result,
        ),
        /cannot be inspected/,
      );
    });

    it("does not show the handle of a display that is the last expression", async () => {
      const cell = await session.run("display(1)");
      assert.deepEqual(
        cell.outputs.map(({ type }) => type),
        ["display_data"],
      );
    });

    it("clears the output", async () => {
      const cell = await session.run("clearOutput({ wait: true });");
      assert.deepEqual(cell.outputs, [{ type: "clear_output", wait: true }]);
    });
  });

  describe("completion and inspection", () => {
    it("completes names of earlier cells, members and keywords", async () => {
      await session.run("const longVariableName = { firstMember: 1, second: { third: 2 } };");
      const names = await session.session.complete("1 + longVar", 11);
      assert.deepEqual(names.matches, ["longVariableName"]);
      assert.deepEqual([names.start, names.end], [4, 11]);
      assert.deepEqual((await session.session.complete("longVariableName.fir", 20)).matches, ["firstMember"]);
      assert.deepEqual((await session.session.complete("longVariableName.second?.th", 27)).matches, ["third"]);
      assert.ok((await session.session.complete("inst", 4)).matches.includes("instanceof"));
    });

    it("calls no getter while completing or inspecting", async () => {
      await session.run("let touched = false; const trap = { get value() { touched = true; return {}; } };");
      await session.session.complete("trap.value.", 11);
      await session.session.inspect("trap.value", 10, 0);
      assert.equal(await result("touched"), "false");
    });

    it("inspects values and functions, also inside a call", async () => {
      const { found, data } = await session.session.inspect("longVariableName", 4, 0);
      assert.ok(found);
      assert.match(String(data["text/plain"]), /firstMember: 1/);
      await session.run("function scale(x: number, by = 2) { return x * by; }");
      assert.match(
        String((await session.session.inspect("scale(1, ", 9, 0)).data["text/plain"]),
        /scale\(x: number, by\?: number\): number/,
      );
      assert.equal((await session.session.inspect("nothingHere", 3, 0)).found, false);
    });

    it("tells complete, incomplete and invalid code apart", async () => {
      assert.deepEqual(await session.session.isComplete("let a = 1"), { status: "complete" });
      assert.deepEqual(await session.session.isComplete("function f() {"), { status: "incomplete", indent: "  " });
      assert.deepEqual(await session.session.isComplete("let = = 1"), { status: "invalid" });
      assert.deepEqual(await session.session.isComplete("a.b??"), { status: "complete" });
    });
  });
});
