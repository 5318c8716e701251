// Text of any value: as Node's console has it, in readable colours, bounded, and never at the mercy of what it shows.
import assert from "node:assert/strict";
import { inspect, stripVTControlCharacters } from "node:util";
import { COLOURS, lineOf, TEXT_LIMIT, textOf } from "../../kernel/display/text.ts";

const plain = (value: unknown): string => stripVTControlCharacters(textOf(value));

/** Holes, then a value. */
function sparse(holes: number): number[] {
  const array: number[] = [];
  array[holes] = 1;
  return array;
}

describe("textOf", () => {
  it("says of every kind of value what Node's console says", () => {
    class Point {
      x = 1;
      readonly #hidden = 2;
      get sum() {
        return this.x + this.#hidden;
      }
    }
    const cyclic: Record<string, unknown> = { name: "a" };
    cyclic["self"] = cyclic;
    for (const value of [
      null,
      undefined,
      true,
      0,
      -0,
      NaN,
      1n,
      "it's",
      "",
      Symbol("s"),
      [],
      [1, [2, [3, [4, [5, [6]]]]]],
      sparse(1),
      {},
      { a: { b: { c: { d: { e: { f: 1 } } } } } },
      Object.create(null),
      new Point(),
      Point,
      () => 1,
      function named() {},
      async () => {},
      function* generator() {},
      class extends Point {},
      new Map([[{ a: 1 }, [2]]]),
      new Set(["x"]),
      new WeakMap(),
      new WeakSet(),
      new Map().entries(),
      /re/g,
      Object(1),
      Object("s"),
      Object(1n),
      Object(Symbol("x")),
      new Uint8Array([1, 2]),
      Buffer.from("hi"),
      new ArrayBuffer(2),
      new DataView(new ArrayBuffer(1)),
      Promise.resolve(1),
      cyclic,
      {
        get a() {
          return 1;
        },
        set b(_: number) {},
      },
      Object.assign([1], { extra: 1 }),
      Object.assign(() => {}, { p: 1 }),
      globalThis.Math,
      new Proxy({ a: 1 }, {}),
    ]) {
      assert.equal(plain(value), inspect(value, { depth: 4, breakLength: 100 }));
    }
  });

  it("colours objects, and leaves single numbers and strings as they are", () => {
    assert.equal(textOf(42), "42");
    assert.equal(textOf("a"), "'a'");
    assert.equal(textOf([42, "a"]), "[ \u001b[38;2;177;104;0m42\u001b[39m, \u001b[38;2;0;141;24m'a'\u001b[39m ]");
  });

  it("uses colours that can be read on white and on dark pages", () => {
    const luminance = (channels: readonly number[]): number => {
      const [r = 0, g = 0, b = 0] = channels.map((channel) => {
        const value = channel / 255;
        return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
      });
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const contrast = (one: number, other: number) => (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
    for (const channels of COLOURS.values()) {
      const colour = luminance(channels);
      assert.ok(contrast(colour, luminance([255, 255, 255])) >= 4.3, `${channels.join()} on white`);
      assert.ok(contrast(colour, luminance([0x11, 0x11, 0x11])) >= 4.3, `${channels.join()} on #111`);
    }
  });

  it("writes no colours where NO_COLOR is set", () => {
    const before = process.env["NO_COLOR"];
    process.env["NO_COLOR"] = "1";
    try {
      assert.equal(textOf([1]), "[ 1 ]");
      process.env["NO_COLOR"] = "";
      assert.notEqual(textOf([1]), "[ 1 ]");
    } finally {
      if (before === undefined) delete process.env["NO_COLOR"];
      else process.env["NO_COLOR"] = before;
    }
  });

  it("bounds large values, and counts what it leaves out", () => {
    const keys = Object.fromEntries(Array.from({ length: 50_000 }, (_, index) => [`key${index}`, index]));
    for (const [value, count] of [
      [Array<number>(1_000_000).fill(0), /999900 more items/],
      ["x".repeat(10_000_000), /9900000 more characters/],
      [new Float64Array(10_000_000), /9999900 more items/],
      [new Map(Object.entries(keys)), /49900 more items/],
      [new Set(Object.keys(keys)), /49900 more items/],
      [keys, /'…': 49,000 more properties/],
      [{ nested: keys }, /nested: \[Object\]/],
      [Object("x".repeat(1_000_000)), /900000 more characters/],
      [Object.assign(Array<number>(1_000_000).fill(1), { extra: 2 }), /999900 more items/],
    ] as const) {
      const text = plain(value);
      assert.match(text, count);
      assert.ok(text.length <= TEXT_LIMIT + 100);
    }
  });

  it("shows a long array with a hole without listing its indices", () => {
    const holes = Array<number>(2_000_000).fill(1);
    Reflect.deleteProperty(holes, 3);
    assert.match(plain(holes), /1, 1, 1, <1 empty item>, [^]*'…': 1,999,900 more items/);
  });

  it("shows what nests widely less deep", () => {
    const wide = (depth: number): unknown => (depth === 0 ? 1 : Array.from({ length: 100 }, () => wide(depth - 1)));
    const text = plain(wide(3));
    assert.match(text, /\[Array\]/);
    assert.ok(text.length < TEXT_LIMIT);
    const empties = Array.from({ length: 100 }, () => Array.from({ length: 100 }, () => Array<never[]>(100).fill([])));
    assert.match(plain(empties), /\[Array\]/);
  });

  it("shows the first levels of a very deep value", () => {
    let deep: unknown = null;
    for (let level = 0; level < 100_000; level++) deep = { next: deep };
    assert.match(plain(deep), /next: \[Object\]/);
  });

  it("keeps the class of an object with very many properties", () => {
    class Registry {}
    const registry = Object.assign(
      new Registry(),
      Object.fromEntries(Array.from({ length: 5000 }, (_, i) => [`k${i}`, i])),
    );
    assert.match(plain(registry), /^Registry \{[^]*4,000 more properties/);
  });

  it("runs no getter and no handler of a proxy", () => {
    const traps = new Proxy(
      {},
      {
        get: () => () => {
          throw new Error("a handler has run");
        },
      },
    );
    const guarded = new Proxy({ a: 1 }, traps);
    assert.equal(plain(guarded), "{ a: 1 }");
    assert.equal(
      plain({
        get bomb() {
          throw new Error("a getter has run");
        },
      }),
      "{ bomb: [Getter] }",
    );
  });

  it("survives objects that throw when they are inspected", () => {
    const throwing = () => {
      throw new Error("no");
    };
    assert.equal(textOf({ [inspect.custom]: throwing }), "[object that cannot be inspected: no]");
    assert.match(
      textOf({
        get [Symbol.toStringTag]() {
          return throwing();
        },
      }),
      /Symbol\(Symbol.toStringTag\)|cannot be inspected/,
    );
    assert.match(plain({ constructor: null, get: throwing, toString: throwing, valueOf: throwing }), /get: \[Function/);
    const error = Object.defineProperty(new Error("x"), "message", { get: throwing });
    assert.equal(
      textOf({
        [inspect.custom]: () => {
          throw error;
        },
      }),
      "[object that cannot be inspected: its inspection throws]",
    );
  });

  it("uses the objects' own inspection", () => {
    assert.equal(textOf({ [inspect.custom]: () => "own text" }), "own text");
  });

  it("cuts neither a character nor an escape sequence in two", () => {
    const text = textOf({ [inspect.custom]: () => "\u001b[32mx\u001b[39m😀".repeat(100_000) });
    assert.ok(text.length < TEXT_LIMIT + 100);
    assert.doesNotMatch(text, /[\ud800-\udbff](?![\udc00-\udfff])/);
    assert.match(text, /\u001b\[0m… [\d,]+ more characters$/);
  });
});

describe("lineOf", () => {
  it("makes one bounded line of anything", () => {
    assert.equal(lineOf("a\n  b", 100), "a b");
    assert.equal(
      lineOf({ a: [1, 2], b: new Map([[1, { c: 2 }]]) }, 100),
      "{ a: [ 1, 2 ], b: Map(1) { 1 => [Object] } }",
    );
    assert.equal(lineOf(new TypeError("no"), 100), "TypeError: no");
    assert.equal(lineOf("x".repeat(1000), 10), `${"x".repeat(10)}…`);
    assert.equal(lineOf("😀".repeat(10), 3), "😀…");
    assert.ok(
      lineOf(
        Array.from({ length: 100 }, () => ({ text: "x".repeat(1000) })),
        200,
      ).length <= 201,
    );
    assert.equal(lineOf(Object.fromEntries(Array.from({ length: 5000 }, (_, i) => [i, i])), 200), "[Object]");
  });
});
