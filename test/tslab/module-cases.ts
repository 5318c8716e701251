// Files beside the notebook, and cells that are kept as such files.
import type { Case } from "./cases.ts";

export const moduleCases: Case[] = [
  { name: "local files that import each other", cells: ["import { cVal } from './local/deep/c'; cVal"] },
  {
    name: "a local file, evaluated once",
    cells: [
      "import { uid } from './local/once'; const uid1 = uid;",
      "import { uid } from './local/once'; uid === uid1",
    ],
  },
  {
    name: "a local file that is an index",
    cells: ["import Thing1, { aVal as aVal1, renamed } from './local'; [new Thing1().n, aVal1, renamed]"],
    differs: "More is found",
  },
  {
    name: "a local file with a type error",
    cells: ["import { wrong } from './local/wrong'; wrong"],
    differs: "A local file with type errors",
  },
  {
    name: "types of a local file",
    cells: [
      "import { Point, Id, origin } from './local/types'; let at1: Point = origin; let id1: Id = 'i'; [at1, id1]",
    ],
  },
  {
    name: "what a local file finds of CommonJS",
    cells: ["import { seen, os as os2 } from './local/commonjs'; [seen, typeof os2.cpus]"],
  },
  {
    name: "a local JavaScript file",
    cells: ["import { fromJs } from './local/script'; fromJs", "require('./local/script').fromJs"],
  },
  { name: "a local file that throws", cells: ["import './local/throws'"] },
  { name: "a local file that shows something", cells: ["import { hello as hello2 } from './local/shows'; hello2()"] },
  { name: "a local file that is not there", cells: ["import { nothing } from './local/nothing'"] },
  {
    name: "a module cell, imported and run again",
    cells: [
      "/** @module mylib */\nexport const word = 'AAA';",
      "import * as mylib from './mylib'; mylib.word + 'BBB'",
      "/**\n * Some words.\n * @module mylib\n */\nexport let word = 'XXX'; export function shout() { return word + '!' }\nexport default 'def'; console.log('runs')",
      "import * as mylib from './mylib'; mylib.word + 'BBB'",
      "import def1, { shout } from './mylib'; [def1, shout()]",
      "import './mylib'",
      "const m1 = await import('./mylib'); m1.word",
      "require('./mylib').word",
      "import { word as word2 } from './mylib.js'; word2",
    ],
  },
  {
    name: "a module cell that imports another",
    cells: [
      "/** @module first */ export const one1 = 1",
      "/** @module second */ import { one1 } from './first'; export const two1 = one1 + 1;",
      "import { two1 } from './second'; two1",
    ],
  },
  {
    name: "a module cell that changes below another one",
    cells: [
      "/** @module below */ export const level = 'old'",
      "/** @module above */ import { level } from './below'; export const seen1 = level",
      "import { seen1 } from './above'; seen1",
      "/** @module below */ export const level = 'new'",
      "import { level } from './below'; level",
      "import { seen1 } from './above'; seen1",
    ],
    differs: "A module that imports a changed module",
  },
  {
    name: "a module cell that imports packages and tslab",
    cells: [
      "/** @module uses */ import fs from 'fs'; import * as path from 'path'; import * as tslab from 'tslab';\nexport const found = [typeof fs.readFileSync, typeof path.join, typeof require, typeof __dirname];\nexport const hi = () => tslab.display.html('hi')",
      "import { found, hi } from './uses'; found",
      "hi()",
    ],
  },
  {
    name: "a module cell that throws",
    cells: ["/** @module thrower */ throw new Error('in module')", "import './thrower'"],
  },
  {
    name: "a module cell does not see the variables of cells",
    cells: [
      "let outside = 5",
      "/** @module inside */ export const got = typeof globalThis['outside' as keyof typeof globalThis]",
      "import { got } from './inside'; got",
    ],
  },
  {
    name: "a module cell with an error of syntax",
    cells: ["/** @module broken */ export const = 3"],
    differs: "A module cell that does not compile",
  },
  { name: "a broken module imported", cells: ["import { x1 } from './broken'"] },
  {
    name: "comments that make no module",
    cells: [
      "/* @module plain */ let p1 = 1; p1",
      "// @module line\nlet p2 = 1; p2",
      "let p6 = 1; /** @module later */ p6",
      "/** a @module in words */ let p7 = 1; p7",
      "/** documentation */ let p8 = 1; p8",
      "/** @node */ 5",
    ],
  },
  {
    name: "names that no module can have",
    cells: ["/** @module not a name */ let p3 = 1; p3", "/** @module name\n * and words */ let p5 = 1; p5"],
    differs: "A module cell whose name cannot be one",
  },
  {
    name: "where the comment of a module may stand",
    cells: [
      "// first\n/** @module third */ export const s3 = 3",
      "import { s3 } from './third'; s3",
      "/** @module\n * fourth */ export const s4 = 4",
      "import { s4 } from './fourth'; s4",
      "/** @node @module fifth */ export const s5 = 5",
      "import { s5 } from './fifth'; s5",
    ],
  },
  { name: "a module cell with JSX", cells: ["/** @jsx @module jsxmod */ let React: any; let element = <div></div>;"] },
  {
    name: "a module cell with JSX, imported",
    cells: [
      "/** @jsx @module jsxmod2 */ const React: any = { createElement: (name: string) => name }; export const element = <div></div>",
      "import { element } from './jsxmod2'; element",
    ],
    differs: "A module cell with JSX",
  },
  { name: "a module cell for the browser, imported", cells: ["import { d1 } from './brow'"] },
  { name: "a cell for the browser", cells: ["/** @browser */ document.title"], differs: "Cells for the browser" },
];
