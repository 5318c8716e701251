// What users of tslab are used to when they press Tab: each behaviour of its specification of completion, in words of ours. What
// differs is meant to (docs/differences.md).
import assert from "node:assert/strict";
import { emptyNotebook } from "./notebook.ts";

describe("completion as in tslab", () => {
  const notebook = emptyNotebook();
  const value = 'let v = { abc: "hello", xyz: 10 }; ';
  const typed = "let v: { alpha: string; beta: number } = ";

  /** What is replaced, and by what. */
  const of = async (marked: string, most = 1000): Promise<[replaced: string, ...texts: string[]]> => {
    const { start, end, items } = await notebook().complete(marked);
    return [marked.replace("|", "").slice(start, end), ...items.slice(0, most).map(({ text }) => text)];
  };

  it("gives the members of an object, narrowed by what stands before the cursor, replacing what stands around it", async () => {
    assert.deepEqual(await of(`${value}v.|`), ["", "abc", "xyz"]);
    assert.deepEqual(await of(`${value}v.ab|`), ["ab", "abc"]);
    assert.deepEqual(await of(`${value}v.a|b`), ["ab", "abc"]);
    assert.deepEqual(await of(`${value}v.qwerty|`), ["qwerty"]);
  });

  it("narrows by what stands before the cursor alone, where tslab looks at the whole word", async () => {
    assert.deepEqual(await of(`${value}v.|ab`), ["ab", "abc", "xyz"]);
    assert.deepEqual(await of("set|I", 2), ["setI", "setImmediate", "setInterval"]);
    assert.ok((await of("|setT")).includes("setTimeout"));
  });

  it("gives no members of any", async () => {
    assert.deepEqual(await of("let x: any = 10; x.|"), [""]);
    assert.deepEqual(await of("let x: any = 10; x.abc|"), ["abc"]);
  });

  it("gives the keys that an object still lacks", async () => {
    assert.deepEqual(await of(`${typed}{|};`), ["", "alpha", "beta"]);
    assert.deepEqual(await of(`${typed}{ alpha: "hello", |}`), ["", "beta"]);
    assert.deepEqual(await of(`${typed}{ al| }`), ["al", "alpha"]);
    assert.deepEqual(await of(`${typed}{ a|l }`), ["al", "alpha"]);
    assert.deepEqual(await of(`${typed}{ |al }`), ["al", "alpha", "beta"]);
  });

  it("gives what a module exports", async () => {
    const [, ...names] = await of('import * as vm from "vm"; vm.|');
    for (const name of ["compileFunction", "createContext", "isContext", "runInContext", "Script"])
      assert.ok(names.includes(name), name);
  });

  it("puts the same case first, then another case, then parts", async () => {
    const many = 'let v = { bxy: true, axy: "hello", cxy: 3.4, dXY: false, xyz: 10, XYZ: 30 }; ';
    assert.deepEqual(await of(`${many}v.XY|`), ["XY", "XYZ", "xyz", "axy", "bxy", "cxy", "dXY"]);
  });

  it("gives globals, and the names of cells before them", async () => {
    const globals = await of("|");
    for (const name of ["__dirname", "__filename", "AbortController", "Buffer"])
      assert.ok(globals.includes(name), name);
    await notebook().cell("let oldval: number = 1;");
    const names = (await of("let newval = 10; |")).slice(1, 3);
    assert.deepEqual(names.sort(), ["newval", "oldval"]);
    assert.deepEqual(await of("setT|"), ["setT", "setTimeout"]);
  });

  it("gives the literals of a union first", async () => {
    await notebook().cell('type version = "cupcake" | "donut" | "eclair" | "froyo";');
    assert.deepEqual(await of("let v: version = |", 4), ["", '"cupcake"', '"donut"', '"eclair"', '"froyo"']);
  });

  it("gives parameters before globals", async () => {
    const [, ...names] = await of("function fn(abc: number, xyz: string) { | }", 4);
    assert.deepEqual(names.sort(), ["abc", "arguments", "fn", "xyz"]);
  });

  it("gives nothing in strings and comments", async () => {
    for (const marked of ['let v = "|"', 'let v = "|', '/* | */"', "let v = '|", "let v = `|", 'let v = "\\"|'])
      assert.deepEqual(await of(marked), [""], marked);
  });

  it("gives the tags of a documentation comment, and its parameters", async () => {
    const documented = "function f(xyz: number, abc: string): void {}";
    assert.ok((await of(`/** |*/ ${documented}`)).includes("@param"));
    assert.deepEqual((await of(`/** @par| */ ${documented}`)).slice(0, 2), ["par", "param"]);
    assert.deepEqual((await of(`/** @param | */ ${documented}`)).slice(1).sort(), ["abc", "xyz"]);
  });
});
