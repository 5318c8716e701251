import assert from "node:assert/strict";
import { TestSession } from "../session-harness.ts";

describe("A session that checks types", () => {
  let session: TestSession;
  beforeEach(() => {
    session = new TestSession({ typecheck: "error" });
  });
  afterEach(() => session.close());

  it("stops a cell with a type error before it runs, and says where and why", async () => {
    await session.run("function area(width: number) { return width ** 2 }");
    const cell = await session.run('console.log("ran");\narea("3")');
    assert.equal(cell.text(), "");
    assert.equal(cell.reply?.status, "error");
    assert.equal(
      cell.traceback,
      [
        "TypeScriptError: TS2345: Argument of type 'string' is not assignable to parameter of type 'number'.",
        "Cell [2], line 2, column 6",
        '  1 | console.log("ran");',
        '> 2 | area("3")',
        "    |      ^^^",
      ].join("\n"),
    );
    assert.equal(cell.errors[0]?.ename, "TypeScriptError");
    assert.equal((await session.run("area(3)")).result, "9");
  });

  it("leaves syntax errors to the compiler", async () => {
    const cell = await session.run("const = 5");
    assert.equal(cell.errors[0]?.ename, "SyntaxError");
  });

  it("knows what a cell that failed or was interrupted has given values, and no more", async () => {
    await session.run("let kept = 'old'");
    await session.run(
      "const first = 1; function f() { return 2 }\nif (first) throw new Error('x')\nlet kept = 5; let second = 3",
    );
    assert.equal((await session.run("kept.toUpperCase() + first + f()")).result, "'OLD12'");
    assert.match((await session.run("second")).traceback, /TS2304: Cannot find name 'second'/);
    const { cell, done } = session.start("let losses: number[] = []; console.log('on');\nwhile (true) losses.push(1)");
    await cell.until(() => cell.text() !== "");
    await session.session.interrupt();
    await done;
    assert.equal((await session.run("losses.length > 0")).result, "true");
    await session.run("syntax error here(");
    assert.equal((await session.run("kept.length")).result, "3");
  });

  it("starts anew with the runtime", async () => {
    await session.run("let a = 1; type T = number");
    await session.run("process.exit(1)");
    assert.match((await session.run("a")).traceback, /TS2304: Cannot find name 'a'/);
  });

  it("warns of what is deprecated, and goes on", async () => {
    const cell = await session.run("/** @deprecated use more */\nfunction less() { return 1 }\nless()");
    assert.equal(cell.result, "1");
    assert.match(cell.text("stderr"), /^Cell \[1\], line 3, column 1: TS6387: The signature .* is deprecated\.\n/);
  });

  it("follows %typecheck: error, warn, off, and says which it is", async () => {
    assert.equal((await session.run("%typecheck")).text(), "types: error\n");
    const warned = await session.run("%typecheck warn\nlet x: number = 'text' as any as string; x");
    assert.equal(warned.result, "'text'");
    assert.match(
      warned.text("stderr"),
      /^Cell \[2\], line 2, column 5: TS2322: Type 'string' is not assignable to type 'number'\.\n/,
    );
    const off = await session.run("// quiet\n%typecheck off\nlet y: number = 'text' as any as string; y");
    assert.deepEqual([off.result, off.text("stderr")], ["'text'", ""]);
    const strict = await session.run("%typecheck error\nlet z: number = 'text'");
    assert.match(strict.traceback, /Cell \[4\], line 2, column 5/);
    assert.match((await session.run("1 + 1\n%typecheck off")).traceback, /put it before the code\n/);
    assert.deepEqual((await session.session.complete("%typec", 6)).matches, ["%typecheck"]);
    assert.deepEqual((await session.session.complete("%typecheck o", 12)).matches, ["off"]);
    assert.match((await session.run("%typecheck maybe")).text(), /takes error, warn, off, not maybe; it is error/);
  });

  it("shows the user's own lines around an error, %typecheck among them, of types and of values", async () => {
    const excerpt = ["  1 | %typecheck error", "> 2 | nowhere()", "    | ^^^^^^^"].join("\n");
    assert.ok((await session.run("%typecheck error\nnowhere()")).traceback.includes(excerpt));
    const thrown = await session.run("%typecheck error\nthrow new Error('x')");
    assert.match(thrown.traceback, /1 \| %typecheck error\n> 2 \| throw/);
    assert.equal(
      (await session.run("%history")).text(),
      "%typecheck error\nnowhere()\n%typecheck error\nthrow new Error('x')\n",
    );
  });

  it("knows the names that code puts on the global object, until they are gone", async () => {
    assert.equal((await session.run("globalThis.shared = 5; shared + 1")).result, "6");
    assert.equal((await session.run("shared * 2")).result, "10");
    await session.run("new Function('globalThis.made = { at: \"run time\" }')()");
    assert.equal((await session.run("made.at.length")).result, "8");
    await session.run("globalThis.late = 1; throw new Error('too late')");
    assert.equal((await session.run("delete (globalThis as any).made; late")).result, "1");
    assert.match((await session.run("made")).traceback, /^TypeScriptError: TS2304: Cannot find name 'made'/);
    await session.run("process.exit(1)");
    assert.match((await session.run("shared")).traceback, /^TypeScriptError: TS2304/);
  });

  it("forgets types when %reset forgets values, whether it asks or not", async () => {
    await session.run("const old = 1; interface Old { a: 1 }");
    session.answer = () => "n";
    await session.run("%reset", { allowStdin: true });
    assert.equal((await session.run("old")).result, "1");
    session.answer = () => "y";
    await session.run("const early = 1\n%reset\nconst late = 2", { allowStdin: true });
    assert.match((await session.run("old")).traceback, /TS2304: Cannot find name 'old'/);
    assert.match((await session.run("early")).traceback, /TS2304: Cannot find name 'early'/);
    assert.match((await session.run("const o: Old = { a: 1 }")).traceback, /TS2304: Cannot find name 'Old'/);
    assert.equal((await session.run("late")).result, "2");
    await session.run("%reset -f");
    assert.match((await session.run("late")).traceback, /TS2304: Cannot find name 'late'/);
  });

  it("stops a cell whose syntax TypeScript alone refuses, and lets the compiler speak where it refuses it too", async () => {
    for (const [source, code] of [
      ["declare let z = 1;", 1039],
      ["({ get a() { return 1 }, get a() { return 2 } })", 1118],
      ["({ readonly a: 1 })", 1042],
      ["function f<>() {}", 1098],
      ["new Map<>()", 1099],
      ["interface I extends {}", 1097],
      ["let v: { [k: string] }", 1021],
      ["let v: unique string", 1005],
      ["try {} catch (e: string) {}", 1196],
      ["if (1) { declare const x: 1 }", 1184],
      ["declare namespace N { const x: 1; [] }", 1036],
    ] as const) {
      const { traceback, errors } = await session.run(`console.log("ran");\n${source}`);
      assert.match(traceback, new RegExp(`^TypeScriptError: TS${code}: [^]*\nCell \\[\\d+\\], line 2, column`), source);
      assert.equal(errors.length, 1);
    }
    assert.match((await session.run("let s = `open")).traceback, /^SyntaxError: Unterminated template\n/);
  });

  it("warns of syntax that TypeScript alone refuses where types only warn, and not beside an error of the compiler", async () => {
    const warned = await session.run("%typecheck warn\n({ readonly a: 1 }).a");
    assert.equal(warned.result, "1");
    assert.match(
      warned.text("stderr"),
      /^Cell \[1\], line 2, column 4: TS1042: 'readonly' modifier cannot be used here\.\n$/,
    );
    const refused = await session.run("let s: string = 1; let t = `open");
    assert.deepEqual([refused.errors[0]?.ename, refused.text("stderr")], ["SyntaxError", ""]);
    const kept = await session.run("/** @module kept */\nexport const kept: string = 1");
    assert.match(kept.text("stderr"), /^Cell \[3\], line 2, column 14: TS2322: /);
    assert.equal((await session.run("import { kept } from './kept'; kept")).result, "1");
  });

  it("checks braces that are the whole cell as the object that they are", async () => {
    assert.equal((await session.run("{ a: 1, b: 'x' }")).result, "{ a: 1, b: 'x' }");
    assert.match(
      (await session.run("// note\n{ a: 1, b: nowhere }")).traceback,
      /^TypeScriptError: TS2304: Cannot find name 'nowhere'.\nCell \[2\], line 2, column 12\n/,
    );
  });

  it("tells once which older cells a rerun has broken", async () => {
    await session.run("function sigmoid(x: number) { return x }");
    await session.run("const forward = (x: number) => sigmoid(x)");
    const rerun = await session.run("function sigmoid(x: string) { return x.trim() }\n'ok'");
    assert.equal(rerun.result, "'ok'");
    assert.match(
      rerun.text("stderr"),
      /^this changes what other cells rely on; they no longer check:\n {2}Cell \[2\], line 1, column 40: TS2345: /,
    );
  });

  it("completes and explains by types and by values", async () => {
    await session.run(
      "const options: { depth: number; wide?: string } = { depth: 3 }; const anything: any = { secret: 1 }",
    );
    const { matches, types } = await session.session.complete("options.", 8);
    assert.deepEqual(matches, ["depth", "wide"]);
    assert.deepEqual(types[0], {
      text: "depth",
      type: "field",
      start: 8,
      end: 8,
      signature: "(property) depth: number",
    });
    assert.deepEqual((await session.session.complete("anything.sec", 12)).matches, ["secret"]);
    assert.deepEqual((await session.session.complete("'opt", 4)).matches, []);
    const { data } = await session.session.inspect("options", 3, 0);
    assert.match(
      String(data["text/markdown"]),
      /^```typescript\nconst options: \{[^]*\*Declared in Cell \[1\], line 1\*[^]*\*\*Value\*\*\n\n```javascript\n\{ depth: 3 \}\n```$/,
    );
    assert.match(String(data["text/plain"]), /Value: \{ depth: 3 \}$/);
  });

  it("adds values to names of the scope, not where none can be, and no help of magics", async () => {
    await session.run("!ls\nconst options: { depth: number } = { depth: 3 }");
    const complete = async (code: string) => (await session.session.complete(code, code.length)).matches;
    await session.run("Object.assign(globalThis, { onlyAtRunTime: 1 })");
    assert.deepEqual(await complete("onlyAtRun"), ["onlyAtRunTime"]);
    assert.equal((await session.run("_exit_code.toFixed()")).result, "'0'");
    assert.deepEqual(await complete("const o: typeof options = { "), ["depth"]);
    assert.ok(!(await complete("import { ")).includes("options"));
    assert.deepEqual(await complete('const u: "up" | "down" = "'), ["down", "up"]);
    const { data } = await session.session.inspect("%time options", 8, 0);
    assert.match(String(data["text/plain"]), /^const options[^]*Value: \{ depth: 3 \}$/);
    assert.doesNotMatch(
      String((await session.session.inspect("%time Math.max(1)", 12, 0)).data["text/plain"]),
      /Value/,
    );
  });

  it("knows all that display and Jupyter have", async () => {
    const listed = await session.run("JSON.stringify([Object.keys(display), Object.keys(Jupyter)])");
    const [formats, members] = JSON.parse(String(listed.result).slice(1, -1)) as [string[], string[]];
    assert.ok(formats.includes("vegaLite") && members.includes("broadcast"));
    const uses = [...formats.map((name) => `display.${name};`), ...members.map((name) => `Jupyter.${name};`)];
    assert.deepEqual((await session.run(uses.join("\n"))).errors, []);
    const handle = await session.run(
      'display.html("<b>1</b>").update("<b>2</b>"); display(1).clear(); display("a").update("b")',
    );
    assert.deepEqual(handle.errors, []);
    assert.match((await session.run("display.html(1)")).traceback, /TS2345/);
  });

  it("answers completion from types while a cell runs", async () => {
    const { cell, done } = session.start("const early = 1; console.log('on'); await new Promise(() => {})");
    await cell.until(() => cell.text() !== "");
    assert.ok((await session.session.complete("Math.ma", 7)).matches.includes("max"));
    await session.session.interrupt();
    await done;
  });

  it("an interrupt ends a cell that waits for its check", async () => {
    const { done } = session.start("const a = 1; a");
    await session.session.interrupt();
    assert.equal((await done).errors[0]?.ename, "KeyboardInterrupt");
    assert.equal((await session.run("1 + 1")).result, "2");
  });

  it("knows the kernel's own library, and stops a mismatch of shapes in the library's words", async () => {
    const product = await session.run(
      'import { tensor } from "adjoint";\nconst x = tensor([[1, 2]]);\nx.matmul(tensor([[3], [4]])).item()',
    );
    assert.equal(product.result, "11");
    const { traceback } = await session.run("x.matmul(tensor([[1, 2, 3]]))");
    assert.match(traceback, /^TypeScriptError: TS2345: matmul: inner dimensions differ: \[1, 2\] and \[1, 3\]\n/);
  });

  it("silent cells are not stopped", async () => {
    const cell = await session.run("const n: number = 'a'", { silent: true });
    assert.equal(cell.reply?.status, "ok");
  });
});
