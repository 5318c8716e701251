// Whatever a value is and does, it is shown, in bounded space.
import assert from "node:assert/strict";
import fc from "fast-check";
import { inspect } from "node:util";
import vm from "node:vm";
import { consoleTableBundle } from "../../kernel/display/console-table.ts";
import { bundleOf } from "../../kernel/display/mime.ts";

const NAMES = [
  "constructor",
  "then",
  "toString",
  "valueOf",
  "toJSON",
  "length",
  "size",
  "name",
  "message",
  "stack",
  "cause",
  "$schema",
  "data",
  "layout",
  "toSpec",
  "toDataURL",
  "outerHTML",
  "schema",
  "head",
  "toRecords",
  "height",
  "href",
  "__proto__",
] as const;
const SYMBOLS = [
  Symbol.toStringTag,
  Symbol.iterator,
  Symbol.toPrimitive,
  inspect.custom,
  Symbol.for("Jupyter.display"),
];

const leaf = fc.oneof(
  fc.anything({
    withBigInt: true,
    withDate: true,
    withMap: true,
    withSet: true,
    withTypedArray: true,
    withSparseArray: true,
  }),
  fc.anything({ withNullPrototype: true, withBoxedValues: true, withObjectString: true }),
  fc.uint8Array().map((bytes) => Buffer.concat([Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]), bytes])),
  fc.uint8Array().map((bytes) => Buffer.concat([Buffer.from([0xff, 0xd8, 0xff]), bytes])),
  fc.string().map((text) => Buffer.from(`<svg ${text}`)),
);

/** Throws anything, as no TypeScript may. */
const raise = vm.runInThisContext("(error) => { throw error; }") as (error: unknown) => never;

/** V8 writes a stack when it is first touched, from a name that may throw by then. */
function withStack(): Error {
  const error = new Error("e");
  assert.ok(error.stack);
  return error;
}

const thrown = fc.oneof(fc.constant(null), fc.constant(new Error("hostile")), fc.constant({ toString: null }));

/** Puts a property, a throwing getter, a throwing method or a function that returns the value, on an object of some kind. */
const hostile = fc
  .record({
    base: fc.constantFrom(
      () => ({}),
      () => [],
      () => new Map(),
      () => new Date(0),
      withStack,
      () => function named() {},
      () => Object.create(null) as object,
      () => Promise.resolve(1),
      () => new URL("http://a/"),
      () => /x/,
      () => class {},
      () => new Uint8Array(3),
    ),
    properties: fc.array(
      fc.record({
        name: fc.constantFrom<PropertyKey>(...NAMES, ...SYMBOLS),
        kind: fc.constantFrom("value", "getter", "method", "thrower"),
        value: leaf,
        error: thrown,
      }),
      { maxLength: 4 },
    ),
    wrap: fc.constantFrom("none", "array", "record", "map", "cycle", "proxy"),
  })
  .map(({ base, properties, wrap }) => {
    const object = base() as Record<PropertyKey, unknown>;
    for (const { name, kind, value, error } of properties) {
      const fail = () => raise(error);
      const content = kind === "value" ? value : kind === "method" ? () => value : fail;
      const property = kind === "getter" ? { get: fail } : { value: content, writable: true };
      // An array takes no length but a number.
      if (name !== "length" || !Array.isArray(object))
        Reflect.defineProperty(object, name, { ...property, enumerable: true, configurable: true });
    }
    switch (wrap) {
      case "array":
        return [object, object];
      case "record":
        return [{ a: 1, b: 2, c: object }];
      case "map":
        return new Map<unknown, unknown>([[object, object]]);
      case "cycle":
        return Object.defineProperty(object, "self", { value: object, enumerable: true, configurable: true });
      case "proxy":
        return new Proxy(object, {});
      default:
        return object;
    }
  });

const SEED = 20_261_124;
const LIMIT = 1_000_000;

describe("hostile values", () => {
  it("are shown, whatever they do, as a bundle that a message can carry", async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(leaf, hostile), async (value) => {
        const { data, metadata } = await bundleOf(value);
        assert.equal(typeof data["text/plain"], "string");
        assert.ok(JSON.stringify({ data, metadata }).length < LIMIT);
      }),
      { seed: SEED, numRuns: 3000 },
    );
  });

  it("are no danger to console.table, except for their own exceptions", () => {
    fc.assert(
      fc.property(leaf, (value) => {
        const shown = consoleTableBundle(value);
        if (shown !== null) assert.ok(JSON.stringify(shown).length < LIMIT);
      }),
      { seed: SEED, numRuns: 1000 },
    );
  });
});
