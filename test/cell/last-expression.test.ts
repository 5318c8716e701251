// Where the expression stands that a cell shows.
import assert from "node:assert/strict";
import { lastExpression } from "../../kernel/cell/last-expression.ts";

describe("lastExpression", () => {
  const cases: [source: string, expression: string | null][] = [
    ["1 + 1", "1 + 1"],
    ["const a = 1;\na > 0; // so", "a > 0"],
    ["f();\n((1 as number) === 2);", "((1 as number) === 2)"],
    ["const f = (x: number) => x\n;[1].map(f)", "[1].map(f)"],
    ["({ h }, g: number) => h", "({ h }, g: number) => h"],
    ["let b: string = '(';\n(b as unknown)", "(b as unknown)"],
    ["await 1", "await 1"],
    ["const a = 1", null],
    ["if (x) { y }", null],
    ["let = (", null],
    ["", null],
  ];
  for (const [source, expression] of cases) {
    it(`of ${JSON.stringify(source)} is ${expression}`, () => {
      const range = lastExpression(source);
      assert.equal(range && source.slice(range.start, range.end), expression);
    });
  }
});
