// What users of tslab are used to when they press Shift-Tab: each behaviour of its specification of inspection, in words of ours.
import assert from "node:assert/strict";
import { emptyNotebook } from "./notebook.ts";

describe("explanation as in tslab", () => {
  const notebook = emptyNotebook();
  const plain = async (marked: string): Promise<string | undefined> => {
    const cursor = marked.indexOf("|");
    const found = await notebook().language.inspect(marked.replace("|", ""), cursor, 0);
    return found?.plain.replace(/\n*Declared in [^\n]+$/, "");
  };

  it("knows nothing of nothing", async () => {
    assert.equal(await plain("|"), undefined);
  });

  it("gives the type of a variable with its documentation", async () => {
    assert.equal(
      await plain("/** xyz is a great variable */\nlet x|yz = 10;"),
      "let xyz: number\n\nxyz is a great variable",
    );
    assert.equal(
      await plain("/** klm is a great boolean */\nvar k|lm = true;"),
      "var klm: boolean\n\nklm is a great boolean",
    );
    assert.equal(
      await plain("/** abc is a great string */\nconst a|bc = 'hello';"),
      'const abc: "hello"\n\nabc is a great string',
    );
  });

  it("gives a method of the library with its documentation and parameters", async () => {
    const lines = (await plain('let s = "abc"; s.ind|exOf("b");'))?.split(/\n+/) ?? [];
    assert.equal(lines[0], "(method) String.indexOf(searchString: string, position?: number): number");
    assert.match(lines[1] ?? "", /^Returns the position of the first occurrence of a substring/);
    assert.match(lines[2] ?? "", /^@param `?searchString`? — The substring to search for in the string/);
    assert.match(lines[3] ?? "", /^@param `?position`? — The index at which to begin searching/);
  });

  it("gives a constructor, and inside its call how many others it has", async () => {
    assert.equal(await plain("let m = new M|ap();"), "var Map: new () => Map<any, any>");
    assert.equal(await plain("let m = new Map(|);"), "Map(): Map<any, any>\n\nand 3 other signatures");
  });

  it("gives a declared type, an interface and a member of an enum", async () => {
    assert.equal(await plain("let m|: Map<string, number>;"), "let m: Map<string, number>");
    assert.match((await plain("let m: M|ap<string, number>;")) ?? "", /^interface Map<K, V>/);
    assert.equal(await plain("enum myenum { key1, key2 } myenum.ke|y1;"), "(enum member) myenum.key1 = 0");
  });
});
