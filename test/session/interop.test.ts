// CommonJS packages as cells and local files import them: what their authors wrote, whichever compiler or bundler made them.
import assert from "node:assert/strict";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { TestSession } from "../session-harness.ts";

const packages: Record<string, string> = {
  // Node's search for names finds `one` only.
  plain: "module.exports = { one: 1, two() { return 2 } };",
  callable: "module.exports = function call() { return 'called' }; module.exports.extra = 5;",
  compiled:
    "Object.defineProperty(exports, '__esModule', { value: true }); exports.default = 'the default'; exports.named = 'named';",
  bundled: `const all = {}; const parts = { a: () => 'part a', b: () => { throw new Error('b cannot be loaded') } };
    for (const name in parts) Object.defineProperty(all, name, { get: parts[name], enumerable: true }); module.exports = all;`,
  counting: "exports.count = 0; exports.increment = () => { exports.count++ };",
  text: "module.exports = 'a text';",
  withDefault: "module.exports = { default: 'a property', other: 1 };",
};

describe("CommonJS packages", () => {
  let session: TestSession;
  before(() => {
    session = new TestSession();
    const write = (path: string, content: string): void => {
      mkdirSync(dirname(join(session.folder, path)), { recursive: true });
      writeFileSync(join(session.folder, path), content);
    };
    for (const [name, code] of Object.entries(packages)) write(`node_modules/${name}/index.js`, code);
    write("elsewhere/linked/index.js", "const all = { version: 3 }; module.exports = all;");
    symlinkSync(
      join(session.folder, "elsewhere", "linked"),
      join(session.folder, "node_modules", "linked"),
      "junction",
    );
    write(
      "local.ts",
      "import text, { named } from 'compiled'; import { two } from 'plain'; export const seen = [text, named, two()];",
    );
  });
  after(() => session.close());

  const results: [about: string, cell: string, result: string][] = [
    [
      "have all their names in a namespace",
      "import * as plain from 'plain'; [plain.one, plain.two(), plain.default.one]",
      "[ 1, 2, 1 ]",
    ],
    ["have all their names when imported at run time", "(await import('plain')).two()", "2"],
    [
      "give what they export whole as the default",
      "import call, { extra } from 'callable'; [call(), extra, call.extra]",
      "[ 'called', 5, 5 ]",
    ],
    [
      "compiled from ES modules give the default that was written",
      "import text, { named } from 'compiled'; import * as all from 'compiled'; [text, named, all.default]",
      "[ 'the default', 'named', 'the default' ]",
    ],
    ["are seen the same by local files", "import { seen } from './local'; seen", "[ 'the default', 'named', 2 ]"],
    [
      "load their parts only when these are used",
      "import * as bundled from 'bundled'; [bundled.a, Object.keys(bundled)]",
      "[ 'part a', [ 'a', 'b', 'default' ] ]",
    ],
    ["are found through links", "import * as linked from 'linked'; linked.version", "3"],
    ["may export a text", "import text2 from 'text'; text2", "'a text'"],
    [
      "may have a property named default that is no default",
      "import own, { other } from 'withDefault'; [own.default, other]",
      "[ 'a property', 1 ]",
    ],
  ];
  for (const [about, code, result] of results)
    it(about, async () => {
      const cell = await session.run(code);
      assert.deepEqual(cell.errors, []);
      assert.equal(cell.result, result);
    });

  it("say so when a part cannot be loaded, where it is used", async () => {
    const cell = await session.run("bundled.b");
    assert.match(cell.traceback, /^Error: b cannot be loaded/);
  });

  it("are live for later cells", async () => {
    await session.run("import { count, increment } from 'counting'; increment();");
    assert.equal((await session.run("count")).result, "1");
  });
});
