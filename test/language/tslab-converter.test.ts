// What users of tslab rely on of its type checker: each behaviour of its specification of conversion that has to do with types, in words
// of ours. How redeclaring goes in every combination of kinds is in scope.test.ts. What differs is meant to (docs/differences.md).
import assert from "node:assert/strict";
import { emptyNotebook } from "./notebook.ts";

describe("types as in tslab", () => {
  const notebook = emptyNotebook();
  const errors = (...sources: string[]): Promise<string[]> => notebook().errors(...sources);
  const fine = async (...sources: string[]): Promise<void> => assert.deepEqual(await errors(...sources), []);
  /** The declared type of an expression after these cells. */
  const typeOf = async (expression: string): Promise<string | undefined> => {
    const source = `const asked = ${expression}`;
    const found = await notebook().language.inspect(source, 8, 0);
    return /^const asked: ([^]*?)(?:\n\n|$)/.exec(found?.plain ?? "")?.[1];
  };

  it("variables keep their inferred types", async () => {
    await fine(
      "let x = 123;\nconst y = 'foo';\nvar z = true;\nx *= 2;\nlet obj = { a: 10, b: 'hello' };\nlet { a, b: c } = obj;\nlet [d, e] = [123, 'hello'];",
      "[x, y, z, obj, a, c, d, e]",
    );
    const types = { x: "number", y: '"foo"', z: "boolean", a: "number", c: "string" };
    for (const [name, type] of Object.entries(types)) assert.equal(await typeOf(name), type, name);
    assert.match((await typeOf("obj")) ?? "", /^\{\s+a: number;\s+b: string;\s+\}$/);
  });

  it("functions, generators and async functions keep theirs", async () => {
    await fine(
      "function sum(x: number, y: number): number { return x + y }\nfunction* xrange(n: number): IterableIterator<number> { for (let i = 0; i < n; i++) yield i }\nasync function sleep(ms: number) { return new Promise<void>((resolve) => { setTimeout(resolve, ms) }) }",
    );
    assert.equal(await typeOf("sum(1, 2)"), "number");
    assert.equal(await typeOf("xrange(1)"), "IterableIterator<number>");
    assert.equal(await typeOf("sleep(1)"), "Promise<void>");
    assert.equal(await typeOf("await sleep(1)"), "void");
  });

  it("optional chaining, a counter that a function changes, classes that implement, generics, enums", async () => {
    await fine(
      "let obj: any = null; let a = obj?.a?.b; let b = a ?? obj;",
      "let counter = 0; function increment() { counter++ }",
      "interface Shape { color: string } interface Square extends Shape { sideLength: number }\nclass SquareImpl implements Square { color: string; sideLength: number; constructor(color: string, sideLength: number) { this.color = color; this.sideLength = sideLength } }",
      "type mytype = number | string; function identity<T>(arg: T): T { return arg }",
      "enum Direction { Up = 1, Down, Left, Right }",
      "increment(); const s: Square = new SquareImpl('red', 1); const t: mytype = identity(counter); Direction.Up satisfies Direction",
    );
  });

  it("imports of every form keep their types, indirect ones too", async () => {
    await fine(
      "import * as os from 'os'; const os2 = os; import { CpuInfo, UserInfo } from 'os'; let info: CpuInfo;",
      "import os3 from 'os'; let info3: os3.CpuInfo; import * as pathlib from 'path';",
      "import { userInfo } from 'os'; let user = userInfo();",
      "const { userInfo: later } = await import('os'); let user2 = later();",
      "os2.cpus(); pathlib.join('a'); user.username.trim(); user2.username.trim();",
    );
    assert.match((await typeOf("user")) ?? "", /UserInfo<string>$/);
  });

  it("a type error, names of the browser, a variable declared twice and a wrong implementation are told with their numbers", async () => {
    assert.deepEqual(await errors("let x: string = 10;"), [
      "2322 1:5 Type 'number' is not assignable to type 'string'.",
    ]);
    assert.match((await errors("let div = document.createElement('div');"))[0] ?? "", /^2584 1:11 .*'document'/);
    assert.deepEqual(await errors("let y = 3; let y = 4;"), [
      "2451 1:5 Cannot redeclare block-scoped variable 'y'.",
      "2451 1:16 Cannot redeclare block-scoped variable 'y'.",
    ]);
    const [wrong = "", ...rest] = await errors(
      "interface Shape {\n  color: string;\n}\n\nclass ShapeImpl implements Shape {}",
    );
    assert.match(
      wrong,
      /^2420 5:7 Class 'ShapeImpl' incorrectly implements interface 'Shape'\.\n +Property 'color' is missing/,
    );
    assert.deepEqual(rest, []);
  });

  it("a cell that does not parse, or awaits where it cannot, is left to the compiler", async () => {
    assert.equal((await notebook().cell("let x + 10;")).parses, false);
    for (const source of [
      "let f = function() { return await g() }",
      "let f = () => { return await g() }",
      "let f = () => await g()",
      "function f() { return await g() }",
      "class C { f() { return await g() } }",
    ])
      assert.equal((await notebook().cell(`async function g() { return 1 }\n${source}`)).parses, false, source);
  });

  it("names of the language may be declared, and mean the cell's own from then on", async () => {
    await fine(
      "async function fn() { return 0 }\nclass Promise {}",
      "fn().then((n) => n.toFixed()); const p: Promise = new Promise();",
    );
    notebook().reset();
    await fine("let require = 123;", "require.toFixed()");
    notebook().reset();
    await fine("let process = 10;", "process.toFixed()");
    notebook().reset();
    await fine(
      "interface Map { mymethod(): number }\nfunction createMap(): Map { return { mymethod: () => 1 } }",
      "let n = createMap();",
      "n.mymethod().toFixed()",
    );
  });

  it("values and types of earlier cells are used, assigned and computed with", async () => {
    await fine("let x = 123;", "let y = x * x;", "x = x * y;");
    await fine(
      "import * as crypto from 'crypto'; import { createHash } from 'crypto'; class Greeter { greeting = '' } enum Color { Red, Green, Blue }",
      "crypto.createHash('sha256').update('a'); createHash('sha256'); let g = new Greeter(); g = { greeting: 'message' }; let z = Color.Red;",
    );
    assert.deepEqual(await errors("const c = 1;", "c = c * c;"), [
      "2588 1:1 Cannot assign to 'c' because it is a constant.",
    ]);
  });

  it("of one declaration some names may be declared anew, and the others stay", async () => {
    await fine(
      "let x: number = 1, y: string = ''; let z: boolean = true; const a: number = 1;",
      "let x = true; let z = 'z';",
      "x satisfies boolean; y.trim(); z.trim(); a.toFixed();",
    );
  });

  it("a class, an enum or an import that becomes a value or a type does so for the cells to come", async () => {
    await fine("class A {} class B {}", "let A = 10;", "A.toFixed(); new B();");
    await fine("enum E { K = 1 } enum F { L = 2 }", "let E = 10;", "E.toFixed(); F.L;");
    assert.equal((await errors("class G {}", "let G = 10;", "new G()"))[0]?.slice(0, 4), "2351");
    await fine("enum H { K = 1 }", "interface H { x: number }", "const h: H = { x: 1 };");
    await fine(
      "import { CpuInfo, UserInfo } from 'os';",
      "interface CpuInfo { x: number }",
      "const i: CpuInfo = { x: 1 }; let u: UserInfo<string>;",
    );
    await fine("import { cpus } from 'os';", "type cpus = number;", "const n: cpus = cpus().length;");
    await fine(
      "import { NetworkInterfaceInfo } from 'os';",
      "let NetworkInterfaceInfo = 10;",
      "NetworkInterfaceInfo.toFixed(); let j: NetworkInterfaceInfo;",
    );
    await fine("import * as os from 'os';", "type os = string;", "const o: os = os.arch();");
    await fine("import * as os from 'os';", "let os = 10;", "os.toFixed()");
  });

  it("keeps the value of a class whose name becomes a type, which in tslab is any from then on", async () => {
    await fine("class A { static made = 1; own = '' }", "interface A { x: number }", "const a: A = { x: 1 };");
    assert.equal((await errors("new A().nothing"))[0]?.slice(0, 4), "2339");
    await fine("new A().own.trim(); A.made.toFixed();");
  });

  it("a module cell is checked, and what imports it sees its newest types", async () => {
    assert.deepEqual(await errors('/** @module mylib */\nexport const abc: number = "ABC";'), [
      "2322 2:14 Type 'string' is not assignable to type 'number'.",
    ]);
    await fine('/** @module mylib */\nexport const abc = "ABC";', 'import { abc } from "./mylib"; abc.trim();');
    await fine("/** @module mylib */\nexport const abc = 1234;", 'import { abc } from "./mylib"; abc.toFixed();');
    await fine('/** @module mylib */\nconst hidden = "ABC"; export {}');
    assert.deepEqual(await errors("hidden"), ["2304 1:1 Cannot find name 'hidden'."]);
  });

  it("local files have their types, through files that they import and after they have changed", async () => {
    notebook().file("pkg/a.ts", 'export const aVal: string = "AAA";');
    notebook().file("pkg/c.ts", 'import { aVal } from "./a";\nexport const cVal = aVal + "CCC";');
    await fine('import { cVal } from "./pkg/c"; cVal.trim();');
    notebook().file("pkg/a.ts", "export const aVal: number = 1.5;");
    await fine('import { aVal } from "./pkg/a"; aVal.toFixed();');
  });

  it("a local file's own type errors stop no cell that imports it, as they do in tslab", async () => {
    notebook().file("wrong.ts", 'export const wrong: number = "AAA";');
    await fine('import { wrong } from "./wrong"; wrong.toFixed();');
  });

  it("the same cell is right or wrong by what the cells before it declare", async () => {
    await fine("let x: number = 1;", "x++");
    await notebook().cell('let x: string = "";');
    assert.deepEqual(await errors("x++"), [
      "2356 1:1 An arithmetic operand must be of type 'any', 'number', 'bigint' or an enum type.",
    ]);
  });

  it("an object's constructor is a function, and what looks like an object may be a block", async () => {
    await fine("let x = {}; let b = x.constructor === Object", "{x: 10}", "'x'", "'x'");
  });

  it("the module tslab has its types", async () => {
    await fine('import * as tslab from "tslab"; let d: tslab.Display = tslab.newDisplay();', "d.html('a')");
    assert.equal((await errors("d.html(1)"))[0]?.slice(0, 4), "2345");
  });

  it("is strict where tslab is not: a property that nobody sets, and null for an object", async () => {
    assert.equal((await errors("class Greeter { greeting: string }"))[0]?.slice(0, 4), "2564");
    assert.equal((await errors("let s: string = null"))[0]?.slice(0, 4), "2322");
  });
});
