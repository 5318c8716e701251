// What cells print, and how they fail.
import type { Case } from "./cases.ts";

export const outputCases: Case[] = [
  {
    name: "console",
    cells: [
      "console.log('a', 1, { b: [2] }); console.info('i'); console.debug('d')",
      "console.error('e'); console.warn('w')",
      "console.log('%s is %d', 'a', 5)",
      "console.dir({ a: 1 })",
    ],
  },
  { name: "process.stdout", cells: ["process.stdout.write('no newline'); 5", "process.stdout.write('x\\n')"] },
  {
    name: "strings as results",
    cells: ["'a string'", "'two\\nlines'", "`it's`", "'\\u001b[1mbold\\u001b[0m'", "'tab\\there'"],
  },
  { name: "a table", cells: ["console.table([{ a: 1 }])"], differs: "Tables are tables" },
  {
    name: "output of timers",
    cells: ["setTimeout(() => console.log('late'), 10); await new Promise((r) => setTimeout(r, 50))"],
  },
  {
    name: "output of an earlier cell's function",
    cells: ["const say = (what: string) => console.log(what)", "say('hello')"],
  },
  { name: "an error that is thrown", cells: ["throw new Error('my error');", "1 + 1"] },
  {
    name: "errors of other classes",
    cells: [
      "throw new TypeError('wrong type')",
      "(null as any).x",
      "throw new RangeError('too far')",
      "JSON.parse('{')",
      "class OwnError extends Error { name = 'OwnError' }\nthrow new OwnError('mine')",
    ],
  },
  { name: "a string that is thrown", cells: ["throw 'just text'", "await Promise.reject('Good Bye Promise')"] },
  {
    name: "a rejected promise that is awaited",
    cells: [
      "await Promise.reject(new Error('rejected'))",
      "async function fails() { throw 'Good Bye async' }\nawait fails();",
    ],
  },
  { name: "output before an error", cells: ["console.log('printed'); throw new Error('then')"] },
  { name: "variables set before an error", cells: ["let set1 = 1; set1 = 2; throw new Error('stop')"] },
  { name: "variables of a cell that failed", cells: ["set1"], differs: "Variables of a cell that failed" },
  { name: "errors of syntax", cells: ["let x + y;", "let s: = 3", "function (", "'open"] },
  { name: "a variable declared twice in a cell", cells: ["let twice1 = 1; let twice1 = 2"] },
  { name: "a name that nobody has declared", cells: ["nobody1", "nobody1()"] },
  { name: "a constant of an earlier cell assigned", cells: ["const fixed = 1", "fixed = 2", "fixed"] },
  { name: "await in a function that is not async", cells: ["function f9() { return await Promise.resolve(1) }"] },
  { name: "a type error", cells: ["let wrong1: string = 10"] },
  {
    name: "bug 32: the constructor of an object literal",
    cells: ["({}).constructor === Object", "[] instanceof Array"],
  },
  { name: "bug 42: new Object()", cells: ["let person: any = new Object(); person['name'] = 'yunabe'; person"] },
];
