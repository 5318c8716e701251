// What a cell may declare and compute, and how cells see each other.
import type { Case } from "./cases.ts";

export const languageCases: Case[] = [
  { name: "a result after declarations", cells: ["let r1 = 10; r1 + 4;"] },
  {
    name: "variables of earlier cells, read and assigned",
    cells: [
      "let v1 = 3, v2 = 4;",
      "let v3 = v1 * v2; v3 -= 2;",
      "v2 = v1 * v3;",
      "v1 = Math.max(v3, v2)",
      "[v1, v2, v3]",
    ],
  },
  {
    name: "a function that calls itself",
    cells: ["function fib(n: number): number { return n > 1 ? fib(n - 1) + fib(n - 2) : 1 }\nfib(20)", "fib(10)"],
  },
  { name: "Node's globals", cells: ["[typeof process.version, typeof Buffer, typeof setTimeout, typeof globalThis]"] },
  { name: "a constant declared again", cells: ["const c1 = 3", "const c1 = 4", "c1"] },
  {
    name: "a variable declared as another kind",
    cells: ["let k1 = 1", "function k1() { return 2 }", "k1()", "class k1 {}", "k1"],
  },
  {
    name: "a class and its objects",
    cells: [
      `class Person {
         constructor(private name: string, readonly age: number) {}
         toString(): string { return \`\${this.name}, \${this.age}\` }
       }
       new Person("Ada", 36).toString()`,
      "new Person('Bob', 1).age",
    ],
  },
  {
    name: "a class that extends one of another cell",
    cells: [
      "class Base { hello() { return 'base' } }",
      "class Derived extends Base { hello() { return super.hello() + '+' } }",
      "new Derived().hello()",
    ],
  },
  {
    name: "an abstract class",
    cells: [
      "abstract class Shape { abstract area(): number }",
      "class Square extends Shape { area() { return 4 } }\nnew Square().area()",
    ],
  },
  {
    name: "private and static members",
    cells: [
      "class Counter { static made = 0; #n = ++Counter.made; get n() { return this.#n } }",
      "new Counter(); new Counter().n",
    ],
  },
  {
    name: "an enum, and its name for something else",
    cells: [
      "enum Direction { Up = 1, Down, Left }",
      "[Direction.Down, Direction[2]]",
      "Direction",
      "let Direction = null;",
      "typeof Direction",
    ],
  },
  {
    name: "an enum of strings, a constant enum",
    cells: ["enum Colour { Red = 'r' }\nconst enum Size { Big = 9 }\n[Colour.Red, Size.Big]"],
  },
  {
    name: "a namespace",
    cells: [
      "namespace Geometry { export const tau = 6; export function twice(n: number) { return 2 * n } }",
      "Geometry.twice(Geometry.tau)",
    ],
  },
  {
    name: "interfaces, merged",
    cells: [
      "interface Thing { a: number }\ninterface Thing { b: string }\nlet thing: Thing = { a: 1, b: 'x' }",
      "thing",
    ],
  },
  {
    name: "types and generics",
    cells: ["type Id = number | string;", "function identity<T>(x: T): T { return x }\nidentity<Id>('a')"],
  },
  {
    name: "a type whose name becomes a variable",
    cells: ["interface itype { x: number }", "class itype { y = 's' }", "new itype().y"],
  },
  {
    name: "an imported name that becomes a variable",
    cells: ["import { cpus } from 'os';", "typeof cpus", "let cpus = 10", "cpus"],
  },
  {
    name: "a namespace import that becomes a variable",
    cells: ["import * as os1 from 'os';", "typeof os1.cpus", "let os1 = 10;", "os1"],
  },
  { name: "a global name declared", cells: ["let Intl = 3; Intl", "Intl"] },
  {
    name: "destructuring",
    cells: [
      "let [d1, d2] = [123, 'hello'];\nlet { d3, x: d4, ...d5 } = { d3: 1, x: 2, y: 3, z: 4 };",
      "[d1, d2, d3, d4, d5]",
    ],
  },
  { name: "optional chaining and ??", cells: ["let o1: any = null;\nlet o2 = o1?.a?.b;\no2 ?? 'default'"] },
  {
    name: "a function that changes a variable",
    cells: ["let counter = 0;\nfunction increment() { counter++ }", "increment(); increment();", "counter"],
  },
  {
    name: "a variable that another cell sets, in a function",
    cells: ["let counter1 = 0;\nfunction increment1() { return ++counter1 }", "counter1 = 10; increment1()"],
    differs: "Functions see what other cells assign",
  },
  {
    name: "a function redefined, seen by an older one",
    cells: ["function inner() { return 1 }", "let outer = () => inner()", "outer()"],
  },
  {
    name: "a function redefined, called by an older one of another cell",
    cells: [
      "function part() { return 'old' }",
      "function whole() { return part() }",
      "function part() { return 'new' }",
      "whole()",
    ],
  },
  {
    name: "generators",
    cells: ["function* range(n: number) { for (let i = 0; i < n; i++) yield i }", "[...range(4)]"],
  },
  { name: "a promise awaited", cells: ["await new Promise(resolve => { resolve('Hello Promise') });"] },
  {
    name: "an async function awaited",
    cells: [
      "async function hello1(m: string) { return 'Hello ' + m }\nawait hello1('async')",
      "let message = await hello1('again');",
      "message",
    ],
  },
  {
    name: "await in a loop",
    cells: ["let sum1 = 0; for (const p of [1, 2]) { sum1 += await Promise.resolve(p) }\nsum1"],
  },
  { name: "a promise that is not awaited", cells: ["Promise.resolve(4)"] },
  { name: "a pending promise", cells: ["new Promise(() => {})"], differs: "A pending promise" },
  {
    name: "for await at the top level",
    cells: ["for await (const x of (async function* () { yield 1 })()) console.log(x)"],
    differs: "More syntax runs",
  },
  {
    name: "a block, a label, a loop",
    cells: [
      "{ const n = 1; console.log(n) }",
      "{x: 10};",
      "top: for (let i = 0; ; i++) { if (i > 2) break top; console.log(i) }",
    ],
  },
  { name: "braces alone", cells: ["{x: 10}"], differs: "An object alone" },
  {
    name: "a variable declared in a loop or a block",
    cells: ["for (var w1 = 0; w1 < 3; w1++) {}", "w1"],
    differs: "`var` in a block or a loop",
  },
  { name: "hoisting inside a cell", cells: ["const early = later1(); function later1() { return 'hoisted' }\nearly"] },
  {
    name: "closures",
    cells: ["const adders = [1, 2].map((n) => (m: number) => n + m)", "adders.map((add) => add(10))"],
  },
  { name: "templates, symbols, big numbers", cells: ["`a${1 + 1}b`", "Symbol('s')", "10n ** 20n", "-0", "NaN"] },
  {
    name: "records and maps",
    cells: ["[{ a: 1, b: 2 }, { a: 3, b: 4 }]", "new Map([[1, { a: 2 }]])"],
    differs: "Tables are tables",
  },
  {
    name: "collections",
    cells: ["new Map([['a', 1]]).size", "new Set([1, 'x'])", "[1, , 3]", "({ a: { b: [1, 2] } })"],
  },
  { name: "a cell of comments", cells: ["// nothing", "/* nothing */", ""] },
  { name: "a documented declaration", cells: ["/** How many. */\nlet many = 1;\nmany"] },
  { name: "a leading blank line", cells: ["\n\nlet s1 = 1;\ns1"] },
  { name: "an empty result", cells: ["undefined", "void 0", "function nothing1() {}\nnothing1()"] },
  { name: "null as the result", cells: ["null"], differs: "A result of `null`" },
  { name: "the name of an anonymous function", cells: ["() => 1"], differs: "The name of an anonymous function" },
  { name: "a deep object", cells: ["({ a: { b: { c: { d: { e: 1 } } } } })"], differs: "Results are shown deeper" },
  {
    name: "legacy decorators of classes and methods",
    cells: [
      `function sealed(constructor: Function) { Object.seal(constructor); Object.seal(constructor.prototype) }
       @sealed class Greeter { greet() { return 'hi' } }
       [Object.isSealed(Greeter), new Greeter().greet()]`,
      `function twice(target: any, key: string, descriptor: PropertyDescriptor) {
         const original = descriptor.value;
         descriptor.value = function (...args: any[]) { return [original.apply(this, args), original.apply(this, args)] };
       }
       class Speaker { @twice speak() { return 'a' } }
       new Speaker().speak()`,
    ],
  },
  {
    name: "legacy decorators of properties and accessors, and factories",
    cells: [
      `const fields: string[] = [];
       function field(target: any, key: string) { fields.push(key) }
       function enumerable(value: boolean) { return (target: any, key: string, d: PropertyDescriptor) => { d.enumerable = value } }
       class Row { @field id = 1; @field name = 'n'; @enumerable(true) get both() { return this.id + this.name } }
       [fields, new Row().both, Object.keys(Row.prototype)]`,
    ],
  },
  {
    name: "legacy decorators of another cell",
    cells: [
      `const calls: string[] = [];
       const logged = (label: string): MethodDecorator => (target, key, descriptor: any) => {
         const original = descriptor.value;
         descriptor.value = function (...args: any[]) { calls.push(label + String(key)); return original.apply(this, args) };
       }`,
      "class Tool { @logged('>') use(n: number) { return n + 1 } }\n[new Tool().use(1), calls]",
    ],
  },
  {
    name: "legacy decorators of parameters",
    cells: [
      `const marked: any[] = [];
     function mark(target: any, key: string, index: number) { marked.push([key, index]) }
     class Service { call(@mark a: number, @mark b: number) { return a + b } }
     [marked, new Service().call(1, 2)]`,
    ],
  },
];
