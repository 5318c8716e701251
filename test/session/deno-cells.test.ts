// What the tests of Deno's kernel, and of the session under it, ask of cells (its formatter's are in display.test.ts); in Deno's words
// where Node has them. What is not so here is in docs/differences.md.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { TestSession } from "../session-harness.ts";

describe("Cells as Deno's users write them", () => {
  let session: TestSession;
  before(() => (session = new TestSession()));
  after(() => session.close());

  const results: [cells: string[], result: string | undefined][] = [
    [["(\n1 + 2\n)"], "3"],
    [["`\nfoo\n`"], String.raw`'\nfoo\n'`],
    [["'{'"], "'{'"],
    [["/\\(/"], String.raw`/\(/`],
    [["[1, 2, 3].\nmap(x => x * 2)"], "[ 2, 4, 6 ]"],
    [["(await Promise.resolve([4, 5, 6])).\nmap(x => x + 1)"], "[ 5, 6, 7 ]"],
    [["null"], "null"],
    [["{};"], undefined],
    [["{   foo: 'bar'   }"], "{ foo: 'bar' }"],
    [["await new Promise((r) => setTimeout(r, 0, 'done'))"], "'done'"],
    [["let foo = 0;", "foo", "let foo = 1;", "foo"], "1"],
    [
      ["function add(a: number, b: number) { return a + b }", "const result: number = add(1, 2) as number;", "result"],
      "3",
    ],
    [["namespace Test { export enum Values { A, B, C } }", "Test.Values.C"], "2"],
    [["interface MyInterface { prop: string }", "type MyAlias = string;", "'still here'"], "'still here'"],
    [
      [
        "function dec(target: any) { target.prototype.test = () => 2 }",
        "@dec class Decorated {}",
        "new Decorated().test()",
      ],
      "2",
    ],
    [["const test = 5 + 1; export default test;"], "6"],
    [["export class Exported {}", "Exported"], "[class Exported]"],
    [["const cast = <string>('hello' as unknown);", "cast"], "'hello'"],
    [["globalThis.fortyTwo = 40 + 2;", "fortyTwo"], "42"],
    [["import path from 'node:path';", "path.basename('/a/b')"], "'b'"],
    [["const clear = 1234 + 2000;", "clear;"], "3234"],
  ];
  for (const [cells, result] of results)
    it(`${JSON.stringify(cells.at(-1))} shows ${result ?? "nothing"}`, async () => {
      let last;
      for (const cell of cells) {
        last = await session.run(cell);
        assert.deepEqual(last.errors, [], cell);
      }
      assert.equal(last?.result, result);
    });

  const errors: [code: string, error: RegExp][] = [
    ...[")", "]", "}"].map((brace): [string, RegExp] => [brace, /^SyntaxError: /]),
    ["'", /^SyntaxError: Unterminated string constant/],
    ["[{'a'}];", /^SyntaxError: /],
    ["syntax error", /^SyntaxError: /],
    ["const swapped = (i, 2 * i) => console.log(i);", /^SyntaxError: /],
    ["eval('{')", /^SyntaxError: Unexpected end of input/],
    ["not_a_variable", /^ReferenceError: not_a_variable is not defined/],
    ["const element = <div />;", /^ReferenceError: React is not defined/],
    ["console()", /^TypeError: console is not a function/],
    [
      "const a1: any = Object.preventExtensions({}); a1.c = 1;",
      /^TypeError: Cannot add property c, object is not extensible/,
    ],
    ["throw undefined;", /^Uncaught undefined/],
    ["throw 'hello';", /^Uncaught 'hello'/],
    ["await Promise.any([])", /^AggregateError: All promises were rejected/],
  ];
  for (const [code, error] of errors)
    it(`${JSON.stringify(code)} fails, and cells go on`, async () => {
      const cell = await session.run(code);
      assert.match(cell.traceback, error);
      assert.equal((await session.run("7 * 6")).result, "42");
    });

  it("report what nobody catches: a rejection at the end of the cell, a timer when it fires", async () => {
    const rejected = await session.run("Promise.reject();");
    assert.match(String(rejected.result), /^Promise \{ <rejected> undefined \}/);
    assert.match(rejected.traceback, /^Uncaught undefined/);
    const timer = await session.run("setTimeout(() => { throw new Error('boom') }, 5); undefined");
    await timer.until((cell) => cell.errors.length > 0);
    assert.match(timer.traceback, /^Error: boom/);
  });

  it("import a file beside the notebook, and JSON", async () => {
    writeFileSync(join(session.folder, "data.ts"), "export function getData() { return 42; }\n");
    writeFileSync(join(session.folder, "data.json"), '{ "hello": "world" }');
    const file = await session.run("import { getData } from './data.ts';\nconsole.log(getData());");
    assert.equal(file.text(), "42\n");
    const json = await session.run("import data from './data.json' with { type: 'json' }; data.hello");
    assert.equal(json.result, "'world'");
  });

  it("keep a server that a cell has started", async () => {
    await session.run(
      `import { createServer } from "node:http"; import type { AddressInfo } from "node:net";
       const server = createServer((_, response) => response.end(JSON.stringify({ hello: "world" })));
       await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));`,
    );
    const fetched = await session.run(
      "await (await fetch('http://127.0.0.1:' + (server.address() as AddressInfo).port)).json()",
    );
    assert.equal(fetched.result, "{ hello: 'world' }");
    await session.run("server.close(); server.closeAllConnections();");
  });

  it("show 64 MiB of bytes in brief", async () => {
    const { result } = await session.run("new Uint8Array(64 * 1024 * 1024)");
    assert.match(String(result), /^Uint8Array\(67108864\)/);
    assert.ok(String(result).length < 10_000);
  });

  it("go on when every object has been given a property", async () => {
    const cell = await session.run("(Object.prototype as any).extra = function () {}; [1, new Map([['a', 1]]).size]");
    assert.equal(cell.result, "[ 1, 1 ]");
    assert.equal((await session.run("delete (Object.prototype as any).extra; 'restored'")).result, "'restored'");
  });
});
