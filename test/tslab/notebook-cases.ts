// A notebook as tslab's users have it: what its README and its introduction show, one cell after the other.
import type { Case } from "./cases.ts";

export const notebookCases: Case[] = [
  {
    name: "greetings and versions",
    cells: [
      "import * as tslab from 'tslab';\n\nconsole.log('Hello, notebook!')\nconsole.log('Versions:', Object.keys(tslab.versions))",
      'import * as tslab from "tslab";\ntslab.display.html("Hello <b>notebook!</b>");',
    ],
  },
  {
    name: "a function, and a block that uses it",
    cells: [
      "/** The nth Fibonacci number, the slow way. */\nfunction slowFib(n: number): number {\n    if (n > 1) {\n        return slowFib(n - 1) + slowFib(n - 2);\n    }\n    return 1;\n}",
      "{\n    const n = 20;\n    const start = Date.now();\n    console.log(`slowFib(${n}) = ${slowFib(n)}`, Date.now() >= start);\n}",
    ],
  },
  {
    name: "an interface, a class, and a call",
    cells: [
      "interface Greets {\n    greeting(): string;\n}\n\nclass Greeter1 implements Greets {\n    private name: string;\n\n    constructor(name: string) {\n        this.name = name;\n    }\n\n    greeting(): string {\n        return `Hello, ${this.name}!`;\n    }\n}\n\nfunction greet(g: Greets) {\n    console.log(g.greeting());\n}\n\ngreet(new Greeter1('you'));",
    ],
  },
  {
    name: "waiting at the top level",
    cells: [
      "let sleep = (ms: number) => new Promise(resolve => setTimeout(resolve, ms));\nconst started = Date.now();\n// Top-level await.\nawait sleep(5);\n`Slept ${Date.now() - started >= 4}`",
      "let nap = async () => {\n    let sleep = (ms: number) => new Promise(resolve => setTimeout(resolve, ms));\n    await sleep(1);\n    return 'rested';\n}\nawait nap();",
    ],
  },
  {
    name: "a picture from a file",
    cells: [
      "import fs from \"fs\";\nfs.writeFileSync('picture.jpg', Buffer.from('ffd8ffd9', 'hex'))",
      "tslab.display.jpeg(fs.readFileSync('picture.jpg'))",
    ],
  },
  {
    name: "an animation",
    cells: [
      "{\n    let display = tslab.newDisplay();\n    for (let progress = 1; progress <= 100; progress += 33) {\n      await sleep(1);\n      display.text(`progress: ${progress}%`);\n    }\n}",
    ],
  },
  {
    name: "the language's features, in a block",
    cells: [
      "{\n    class MyObj {\n        abc: number;\n        xyz: string;\n        constructor(abc: number, xyz: string) {\n            this.abc = abc;\n            this.xyz = xyz;\n        }\n    }\n    const obj = new MyObj(123, 'hello');\n    let {abc, xyz: klm} =  obj;\n    console.log({abc, klm});\n    let [x, y, z] = [1, 2, 3];\n    console.log({x, y, z})\n    let array: number[] = [];\n    for (let e of (function*(n: number) {\n        for (let i = 0; i < n; i += 2) {\n            yield i;\n        }\n    })(10)) {\n        array.push(e * e);\n    }\n    console.log('array =', array);\n}",
      "{\n    let obj: any = {x: null};\n    console.log('obj?.x?.z ==', obj?.x?.z);\n    let x: any = null, y = 0, z = 'hello';\n    console.log('x ?? y ?? z ==', x ?? y ?? z);\n}",
    ],
  },
  {
    name: "what TypeScript's strict mode would refuse",
    cells: [
      "function untyped(a, b) { return a + b }\nuntyped(1, 2)",
      "const bag = {}; (bag as any).x = 1; bag",
      "function Old(this: any, name) { this.name = name }\nOld.prototype.hi = function () { return 'hi ' + this.name };\nnew (Old as any)('you').hi()",
    ],
  },
  {
    name: "null where the types have none",
    cells: ["let later: string = null;\nlater = 'now'; later", "class Lazy { value: number; }\nnew Lazy().value"],
    differs: "Types are strict",
  },
  {
    name: "errors on the way",
    cells: [
      "function explode() { throw new Error('boom') }",
      "explode()",
      "try { explode() } catch (e) { console.log('caught', e.message) }",
      "await sleep(1).then(() => { throw new TypeError('later boom') })",
    ],
  },
];
