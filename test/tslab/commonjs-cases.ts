// tslab makes CommonJS of a cell: what of that its users can see.
import type { Case } from "./cases.ts";

export const commonJsCases: Case[] = [
  {
    name: "import of a namespace",
    cells: [
      "import * as crypto1 from 'crypto';\ncrypto1.createHash('sha256').update('x').digest('hex')",
      "typeof crypto1.createHash",
    ],
  },
  {
    name: "import of a default",
    cells: ["import crypto2 from 'crypto';\ntypeof crypto2.createHash", "typeof crypto2.randomBytes"],
  },
  {
    name: "import by name",
    cells: ["import { join, sep as separator } from 'path';\njoin('a', 'b')", "join('c', separator)"],
  },
  {
    name: "import of the same name again",
    cells: ["import { join as again } from 'path'", "import { join as again } from 'path'; again('a', 'b')"],
  },
  {
    name: "import of types",
    cells: [
      "import type { Stats } from 'fs'; import { CpuInfo } from 'os';\nlet info1: CpuInfo | undefined, stats1: Stats | undefined; typeof info1",
    ],
  },
  { name: "import in mid-cell", cells: ["console.log('first');\nimport { basename } from 'path';\nbasename('/a/b')"] },
  {
    name: "dynamic import",
    cells: ["const { hostname } = await import('os'); typeof hostname", "(await import('path')).join('a', 'b')"],
  },
  { name: "import for its side effect only", cells: ["import 'os'"] },
  {
    name: "require",
    cells: ["const fs1 = require('fs'); typeof fs1.readFileSync", "require.resolve('fs')", "typeof require.cache"],
  },
  { name: "import of JSON", cells: ["import data1 from './data.json'; data1.a", "require('./data.json').a"] },
  {
    name: "a CommonJS package: default, namespace, names",
    cells: [
      "import * as plain1 from 'plainpkg'; [plain1.one, plain1.two()]",
      "import { one, two } from 'plainpkg'; [one, two()]",
      "import call1 from 'callpkg'; [call1(), call1.extra]",
      "const call2 = require('callpkg'); [call2(), call2.extra]",
      "import { extra } from 'callpkg'; extra",
      "import text1, { named } from 'interop'; [text1, named]",
      "import * as interop1 from 'interop'; [interop1.default, interop1.named]",
    ],
  },
  {
    name: "exports, the variables as an object",
    cells: [
      "let e1 = 3; exports.e1",
      "exports.e2 = 5; exports.e2",
      "exports.e1 = 7; e1",
      "typeof exports",
      "'e1' in exports",
    ],
  },
  {
    name: "exports, with defineProperty",
    cells: [
      `Object.defineProperty(exports, "prop1", { value: "p0" });
       let prop2 = exports.prop1;
       Object.defineProperty(exports, "prop1", { value: "p1" });
       [prop2, exports.prop1]`,
    ],
  },
  { name: "module", cells: ["typeof module"], differs: "`module`, `__dirname` and `__filename`" },
  { name: "__dirname and __filename", cells: ["typeof __dirname"], differs: "`module`, `__dirname` and `__filename`" },
  {
    name: "this at the top level is the global object",
    cells: ["this === globalThis", "(() => this === globalThis)()", "await null; this === globalThis"],
  },
  {
    name: "this of a function that is just called",
    cells: ["(function () { return this === globalThis })()"],
    differs: "Cells are strict",
  },
  {
    name: "writing to what is frozen",
    cells: ["const frozen: any = Object.freeze({ a: 1 }); frozen.a = 2; frozen.a"],
    differs: "Cells are strict",
  },
  {
    name: "arguments that follow the parameters",
    cells: ["(function (a: any) { arguments[0] = 9; return a })(1)"],
    differs: "Cells are strict",
  },
  { name: "eval, new Function", cells: ["eval('var hidden = 5; hidden + 1')", "new Function('a', 'return a + 1')(1)"] },
  {
    name: "what sloppy code may and TypeScript may not",
    cells: ["var octal = 010", "let deleted = 1; delete deleted", "with (Math) { max(1, 2) }", "undeclared1 = 4"],
  },
  { name: "a global made by hand", cells: ["(globalThis as any).made = 4", "(globalThis as any).made"] },
  { name: "export", cells: ["export const exported = 5"], differs: "More syntax runs" },
  {
    name: "export of a default",
    cells: ["export default function named1() { return 1 }", "named1()"],
    differs: "A result of `export default`",
  },
  {
    name: "import of a CommonJS module by =",
    cells: ["import fs4 = require('fs'); typeof fs4"],
    differs: "More syntax runs",
  },
];
