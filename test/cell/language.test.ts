// What TypeScript allows and a notebook could get wrong: each row is the cells of a session and the result of the last.
import assert from "node:assert/strict";
import { isComplete } from "../../kernel/cell.ts";
import { runCells } from "../cell-session.ts";

const rows: [name: string, cells: string[], result: unknown][] = [
  ["const enums last", ["const enum E { A = 1, B }", "E.B"], 2],
  ["enums map both ways", ["enum E { A, B = 'b'.length }", "E[0] + E.B"], "A1"],
  ["enums go on in their cell", ["enum E { A } enum E { B = 1 }", "E.A + E.B"], 1],
  [
    "a class and a namespace merge",
    ["class C { m() { return C.x } } namespace C { export const x = 3 }", "new C().m()"],
    3,
  ],
  ["a function and a namespace merge", ["function f() { return f.x } namespace f { export const x = 3 }", "f()"], 3],
  ["an enum and a namespace merge", ["enum E { A = 2 } namespace E { export const d = () => E.A * 2 }", "E.d()"], 4],
  ["namespaces nest", ["namespace A.B { export let v = 1; export function inc() { v++ } }", "A.B.inc(); A.B.v"], 2],
  [
    "namespace variables are live",
    ["namespace A { export let v = 1; export const get = () => v }", "A.v = 5; A.get()"],
    5,
  ],
  ["exported aliases of namespaces", ["namespace N { export const q = 4 } export import q = N.q", "q"], 4],
  [
    "classes extended across cells keep their parent",
    [
      "class A { a() { return 1 } }",
      "class B extends A { b() { return super.a() + 1 } }",
      "class A { a() { return 10 } }",
      "new B().b()",
    ],
    2,
  ],
  [
    "a class knows itself after its name is another's",
    ["class A { static make() { return new A() } }", "const Old = A", "class A { x = 1 }", "Old.make() instanceof Old"],
    true,
  ],
  [
    "a decorated class can be extended",
    [
      "const dec = (C: any) => class extends C { e = 1 } as any; @dec class A { b = 2 }",
      "class B extends A { o = 3 } const b: any = new B(); [b.b, b.e, b.o].join()",
    ],
    "2,1,3",
  ],
  [
    "a decorated default export",
    ["const dec = () => {}; @(dec as any) export default class A { v = 1 }", "new A().v"],
    1,
  ],
  ["decorated class expressions", ["const dec = () => class { z = 9 } as any; const K = @dec class {}; new K().z"], 9],
  [
    "private names, static blocks, accessors",
    [
      "class A { #x = 1; static has(o: object) { return #x in o } static v: number; static { this.v = 3 } accessor n = 1 }",
      "const a = new A(); a.n++; [A.has(a), A.v, a.n].join()",
    ],
    "true,3,2",
  ],
  [
    "fields named like keywords",
    ["class A { get = 1; set = 2; static = 3; async = 4 }", "const a = new A(); a.get + a.set + a.static + a.async"],
    10,
  ],
  [
    "generators",
    ["function* g(n: number): Generator<number> { for (let i = 0; i < n; i++) yield i }", "[...g(3)].join()"],
    "0,1,2",
  ],
  [
    "for await into variables",
    [
      "let p: any, q: any; for await ([p, { q }] of [[1, { q: 2 }]]); for await (var v of [Promise.resolve(7)]);",
      "[p, q, v].join()",
    ],
    "1,2,7",
  ],
  [
    "labels",
    [
      "outer: for (var i = 0; i < 3; i++) { for (const j of [1, 2, 3]) { if (j === 2) continue outer; if (i === 2) break outer } }\ni",
    ],
    2,
  ],
  ["labelled blocks", ["let r = 0; a: { r = 1; if (r) break a; r = 2 } r"], 1],
  [
    "a switch declares in itself, and var outside",
    ["switch (1 as number) { case 1: let x = 5; var y = x + 1; break; default: }\ny"],
    6,
  ],
  [
    "awaits in templates, keys, heritage, conditions",
    [
      "const o = { [await Promise.resolve('z')]: `${await 1}` }; class A extends (await Promise.resolve(Object)) { [await 'm']() { return 1 } }; o.z + (new A() as any).m()",
    ],
    "11",
  ],
  [
    "names that are contextual keywords",
    [
      "let type = 1, of = 2, async = 3, get = 4, from = 5, as = 6, namespace = 7, declare = 8, module = 9, abstract = 10, satisfies = 11, accessor = 12",
      "[type, of, async, get, from, as, namespace, declare, module, abstract, satisfies, accessor].join()",
    ],
    "1,2,3,4,5,6,7,8,9,10,11,12",
  ],
  [
    "names that objects have",
    [
      "let __proto__ = 1, constructor = 2, toString = 3, hasOwnProperty = 4, value = 5, then = 6",
      "[__proto__, constructor, toString, hasOwnProperty, value, then].join()",
    ],
    "1,2,3,4,5,6",
  ],
  [
    "__proto__ as a shorthand is a property",
    ["let __proto__: any = { inherited: 1 }", "Object.keys({ __proto__ }).join()"],
    "__proto__",
  ],
  [
    "names in other scripts and escapes",
    ["const größe = 3, 変数 = 2; let \\u0061bc = 1", "größe + 変数 + abc + \\u{61}bc"],
    7,
  ],
  [
    "globals shadowed for functions of earlier cells",
    ["const f = () => typeof structuredClone", "const structuredClone = 5", "f()"],
    "number",
  ],
  ["the parameters of modules may be shadowed", ["let require = 5", "require"], 5],
  ["arguments belong to functions", ["(function () { return arguments.length })(...([1, 2] as []))"], 2],
  [
    "patterns as targets",
    ["const o: any = {}; let i = 0", "[o.x, o['y' + i++], ...o.rest] = [1, 2, 3, 4]; JSON.stringify(o)"],
    '{"x":1,"y0":2,"rest":[3,4]}',
  ],
  [
    "names of functions in patterns and chains",
    ["const { f = () => {} } = {} as any; let a: any, b: any; a = b = () => {}; f.name + a.name"],
    "fb",
  ],
  [
    "closures of a for loop have a variable each, of var one",
    [
      "const fs: any[] = []; for (let i = 0; i < 2; i++) fs.push(() => i); for (var j = 0; j < 2; j++) fs.push(() => j); fs.map((f) => f()).join()",
    ],
    "0,1,2,2",
  ],
  [
    "closures made in a loop see what comes later",
    ["let k = 1; const fs: any[] = []; for (const x of [1]) fs.push(() => k * x)", "k = 7", "fs[0]()"],
    7,
  ],
  [
    "a type may have the name of a value",
    ["let x = 1", "interface x { a: 1 } type y = x; declare const z: number", "[x, typeof z].join()"],
    "1,undefined",
  ],
  [
    "instantiation expressions, const type parameters, variance",
    [
      "const make = Array<string>; class Box<in out T> { constructor(readonly v: T) {} } function id<const T>(x: T) { return x }",
      "new make().length + new Box(3).v + id(1)",
    ],
    4,
  ],
  [
    "braces that are the whole cell are an object",
    ["{a: 1, 'b-c': 2 as number, ...{ d: 3 }}"],
    { a: 1, "b-c": 2, d: 3 },
  ],
  [
    "an object after comments, with an await",
    ["// an object\n/* so */ {\n  a: await Promise.resolve(1),\n}\n// end"],
    { a: 1 },
  ],
  ["a shorthand object", ["const a = 1", "{ a }"], { a: 1 }],
  ["no braces but an object's", ["let z = 0", "{ z = 5 }", "z"], 5],
  ["a block that ends with a semicolon", ["let z = 0", "{ a: z = 6 };", "z"], 6],
];

describe("the language in cells", () => {
  for (const [name, cells, result] of rows)
    it(name, async () => {
      const shown = await runCells(...cells);
      assert.deepEqual(shown, result);
    });

  const errors: [name: string, source: string, error: { name: string; message: RegExp }][] = [
    ["arguments outside of functions", "arguments", { name: "ReferenceError", message: /^arguments is not defined$/ }],
    ["arguments in an arrow function", "(() => arguments)()", { name: "ReferenceError", message: /^arguments is not/ }],
    ["reading too early", "x; let x = 1", { name: "ReferenceError", message: /^Cannot access 'x' before/ }],
    ["assigning too early", "x = 2; let x = 1", { name: "ReferenceError", message: /^Cannot access 'x' before/ }],
    ["typeof too early", "typeof x; let x = 1", { name: "ReferenceError", message: /^Cannot access 'x' before/ }],
    [
      "a function that is called too early",
      "f(); let x = 1; function f() { return x }",
      { name: "ReferenceError", message: /^Cannot/ },
    ],
    ["a class that extends itself", "class A extends A {}", { name: "ReferenceError", message: /^Cannot access 'A'/ }],
    ["assigning to what nobody declared", "nobody = 1", { name: "ReferenceError", message: /^nobody is not defined$/ }],
    [
      "JSX without its function",
      "const e = <p>hi</p>",
      { name: "ReferenceError", message: /^React is not defined: JSX needs it.*@jsx/ },
    ],
    ["an octal number", "010", { name: "SyntaxError", message: /octal/i }],
    ["with", "with ({ a: 1 }) { a }", { name: "SyntaxError", message: /with/ }],
    ["deleting a name", "let x = 1; delete x", { name: "SyntaxError", message: /delet/i }],
    ["new.target outside of functions", "new.target", { name: "SyntaxError", message: /new\.target/ }],
    ["an await in a parameter", "async function f(x = await 1) {}", { name: "SyntaxError", message: /await/i }],
    [
      "two functions of one name",
      "function a() {} function a() {}",
      { name: "SyntaxError", message: /'a' has already been declared/ },
    ],
  ];
  for (const [name, source, error] of errors)
    it(`${name} is an error, as in a module`, async () => {
      await assert.rejects(runCells(source), error);
    });

  const using = "using x = { [Symbol.dispose]() {}, kind: 'using' } as any";
  for (const declaration of [
    "let x: any = { kind: 'other' }",
    "const x: any = { kind: 'other' }",
    "var x: any = { kind: 'other' }",
    "function x() {} x.kind = 'other'",
    "class x { static kind = 'other' }",
    "enum x { kind = 'other' }",
    "namespace x { export const kind = 'other' }",
    "type x = 1; interface y { x: 1 } globalThis; x.kind = 'other'",
  ])
    it(`using declares anew, and gives way to: ${declaration}`, async () => {
      assert.equal(await runCells("let x: any = {}", declaration, using, "x.kind"), "using");
      assert.equal(await runCells(using, declaration, "x.kind"), "other");
    });

  it("an object that has not ended is not complete", () => {
    assert.deepEqual(isComplete("{a: 1, b: 2}"), { status: "complete" });
    assert.deepEqual(isComplete("{\n  a: 1,\n  b:"), { status: "incomplete", indent: "  " });
    assert.deepEqual(isComplete("{a b}"), { status: "invalid" });
  });
});
