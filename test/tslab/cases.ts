// Sequences of cells that are run in tslab and here, and the folder in which they run.
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

export interface Case {
  name: string;
  /** One session runs all cases: each declares names of its own. */
  cells: string[];
  /** What is seen differs, for the reason that docs/differences.md gives under these words. */
  differs?: string;
}

const files: Record<string, string> = {
  "data.json": '{ "a": [1, 2] }',
  "node_modules/plainpkg/index.js": "module.exports = { one: 1, two() { return 2 } };",
  "node_modules/plainpkg/index.d.ts": "export declare const one: number; export declare function two(): number;",
  "node_modules/callpkg/index.js": 'module.exports = function call() { return "called" }; module.exports.extra = 5;',
  "node_modules/callpkg/index.d.ts":
    "declare function call(): string; declare namespace call { const extra: number } export = call;",
  "node_modules/interop/index.js":
    'Object.defineProperty(exports, "__esModule", { value: true }); exports.default = "the default"; exports.named = "named";',
  "node_modules/interop/index.d.ts":
    "declare const text: string; export default text; export declare const named: string;",
  "local/a.ts": 'export const aVal: string = "AAA";',
  "local/deep/c.ts": 'import { aVal } from "../a";\nexport const cVal = "CCC" + aVal;',
  "local/once.ts": "export const uid = Math.random();",
  "local/commonjs.ts":
    "export const seen = [typeof require, typeof __dirname, typeof __filename];\nexport const os = require('os');",
  "local/types.ts":
    "export interface Point { x: number }\nexport type Id = string;\nexport const origin: Point = { x: 0 };",
  "local/index.ts":
    "export * from './a';\nexport { cVal as renamed } from './deep/c';\nexport default class Thing { n = 1 }",
  "local/shows.ts": 'import * as tslab from "tslab";\nexport const hello = () => tslab.display.html("<b>hello</b>");',
  "local/throws.ts": 'export {};\nthrow new Error("in a local file");',
  "local/wrong.ts": 'export const wrong: number = "a text" as string;',
  "local/script.js": "exports.fromJs = 1;",
};

/** Files that are there before the kernel starts: tslab does not find all that comes later. */
export function fillFolder(folder: string): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
}
