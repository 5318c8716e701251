// Which cells are kept as modules: the rules are tslab's.
import assert from "node:assert/strict";
import { cellTags } from "../../kernel/cell/module-cell.ts";

describe("Cells that are modules", () => {
  const modules: [source: string, file: string][] = [
    ["/** @module mylib */\nexport const a = 1;", "mylib.ts"],
    ["/** @module mylib */ export const a = 1;", "mylib.ts"],
    ["/**\n * What it is for.\n *\n * @module with_words\n */\nexport {};", "with_words.ts"],
    ["/**\r\n * @module windows\r\n */\r\nexport {};", "windows.ts"],
    ["/** @module\n * below */", "below.ts"],
    ["// first\n\n/* then */ /** @module third */ export {};", "third.ts"],
    ["/** words */ /** @module second */", "second.ts"],
    ["/** @module one */ /** @module two */", "two.ts"],
    ["/** @jsx @module elements */ <div/>", "elements.tsx"],
    ["/** @node @module plain */", "plain.ts"],
  ];
  for (const [source, module] of modules)
    it(`${JSON.stringify(source)} is ${module}`, () => assert.deepEqual(cellTags(source), { module }));

  const others = [
    "let a = 1; /** @module late */",
    "/* @module noDocumentation */ 1",
    "// @module line\n1",
    "/** of a @module in words */ 1",
    "/** @modules mylib */ 1",
    "'/** @module text */'",
    "/** @param a */ 1",
    "",
  ];
  for (const source of others) it(`${JSON.stringify(source)} is none`, () => assert.equal(cellTags(source), undefined));

  const ignored: [source: string, name: string][] = [
    ["/** @module two words */ 1", "two words"],
    ["/** @module da-sh */ 1", "da-sh"],
    ["/** @module a/b */ 1", "a/b"],
    ["/** @module name\n * and more words */ 1", "name\n and more words"],
    ["/** @module */ 1", ""],
  ];
  for (const [source, name] of ignored)
    it(`${JSON.stringify(source)} is none, but calls itself one`, () =>
      assert.deepEqual(cellTags(source), { ignored: name }));

  it("those for a browser are told apart", () => {
    assert.deepEqual(cellTags("/** @browser */ document.title"), { browser: true });
    assert.deepEqual(cellTags("/** @browser @module page */"), { browser: true, module: "page.ts" });
  });
});
