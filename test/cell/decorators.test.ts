// Which dialect the decorators of a cell are of, as their declarations tell; and that both do what they do in TypeScript.
import assert from "node:assert/strict";
import { usesLegacyDecorators } from "../../kernel/cell/decorators.ts";
import { CellSession, runCells } from "../cell-session.ts";

describe("Decorators", () => {
  const use = "class A { @dec method() {} }";
  const legacy = [
    "function dec(target: any, key: string, descriptor: PropertyDescriptor) {}",
    "function dec(target: Object, key: string | symbol) {}",
    "function dec(target: any, propertyKey: PropertyKey) {}",
    "function dec(target, key, descriptor) {}",
    "function dec(target, propertyKey) {}",
    "function dec<T>(target: object, name, d: TypedPropertyDescriptor<T>) {}",
    "const dec = (target: any, key: symbol): void => {};",
    "const dec = function (target: any, key: string) {};",
  ];
  const standard = [
    "function dec(value: Function, context: ClassMethodDecoratorContext) {}",
    "function dec<This, Args extends any[]>(value: (this: This, ...args: Args) => void, context: ClassMethodDecoratorContext<This>) {}",
    "function dec(value, { kind, name }) {}",
    "function dec(value, context) {}",
    "function dec(value) {}",
    "const dec = (value: any, context: DecoratorContext) => {};",
    "",
  ];
  for (const declaration of legacy)
    it(`${declaration} is of TypeScript's older ones`, () => assert.ok(usesLegacyDecorators(`${declaration}\n${use}`)));
  for (const declaration of standard)
    it(`${declaration || "an unknown one"} is of the standard's`, () =>
      assert.ok(!usesLegacyDecorators(`${declaration}\n${use}`)));

  it("that calls return are known by what these return", () => {
    const called = "class A { @dec('x') method() {} }";
    const factories: [declaration: string, legacy: boolean][] = [
      ["const dec = (label: string) => (target: any, key: string) => {};", true],
      ["function dec(label: string): MethodDecorator { return null!; }", true],
      ["function dec(l: string) { return function (target: any, key: string, d: PropertyDescriptor) {} }", true],
      ["function dec(l: string) { function inner(target: any, key: string) {} return inner; }", true],
      ["const dec = (label: string) => (value: any, context: ClassMethodDecoratorContext) => {};", false],
      ["function dec(a: any, key: string, c: any) { return (value: any, context: any) => {} }", false],
    ];
    for (const [declaration, expected] of factories)
      assert.equal(usesLegacyDecorators(`${declaration}\n${called}`), expected, declaration);
  });

  it("may be declared by another cell; for others the user's tsconfig.json decides", () => {
    const sourceOf = (name: string) => (name === "dec" ? "function dec(target: any, key: string) {}" : undefined);
    assert.ok(usesLegacyDecorators(use, { sourceOf }));
    assert.ok(!usesLegacyDecorators("import { dec } from 'package'; class A { @dec x = 1 }"));
    assert.ok(usesLegacyDecorators("class A { @lib.dec x = 1 }", { legacyByDefault: () => true }));
    const mine = "function dec(value: any, context: ClassFieldDecoratorContext) {}";
    assert.ok(!usesLegacyDecorators(`${mine}\nclass A { @dec x = 1 }`, { legacyByDefault: () => true }));
  });

  it("of TypeScript's older dialect get target, key and descriptor", async () => {
    const [log, value] = (await runCells(
      "const log: unknown[] = [];",
      `function note(target: any, key: string, d?: PropertyDescriptor) { log.push([target === A.prototype, key, typeof d]); }
       function shout(target: any, key: string, d: PropertyDescriptor) { const f = d.value; d.value = function () { return f.call(this) + "!" } }
       class A { @note field = 1; @shout @note hello() { return "hi" + this.field } static note() {} }`,
      "[log, new A().hello()]",
    )) as [unknown, unknown];
    assert.deepEqual(log, [
      [true, "field", "undefined"],
      [true, "hello", "object"],
    ]);
    assert.equal(value, "hi1!");
  });

  it("of the class may seal it, and later cells may use a class that is decorated", async () => {
    const cells = [
      "function sealed(constructor: Function) { Object.seal(constructor); Object.seal(constructor.prototype) }",
      "@sealed class Greeter { greet() { return 'hi' } }",
      "[Object.isSealed(Greeter), new Greeter().greet()]",
    ];
    assert.deepEqual(await runCells(...cells), [true, "hi"]);
  });

  it("work when a cell has declared what the compiled code calls", async () => {
    const cells = [
      "class Map {} ; class Symbol {}; const Object = 1;",
      "const seen: string[] = []; function dec(value: any, context: any) { seen.push(context.kind) }",
      "@dec class A { @dec m() {} }; [seen, new Map().constructor.name]",
    ];
    assert.deepEqual(await runCells(...cells), [["method", "class"], "Map"]);
  });

  it("of both dialects in one cell are taken for the standard's", () => {
    const session = new CellSession();
    const both = `function old(target: any, key: string) {} function now(value: any, context: ClassMethodDecoratorContext) {}
      class A { @old @now m() {} }`;
    assert.ok(!usesLegacyDecorators(both));
    assert.doesNotThrow(() => session.compile(both));
  });
});
