// The parser's loop over operators against acorn's own recursion.
import assert from "node:assert/strict";
import * as acorn from "acorn";
import fc from "fast-check";
import { parser } from "../../kernel/cell/acorn.ts";

const options = { ecmaVersion: "latest", sourceType: "module" } as const;

function tree(parse: () => acorn.Program): string {
  try {
    return JSON.stringify(parse(), (_, value: unknown) => (typeof value === "bigint" ? String(value) : value));
  } catch (error) {
    return String(error);
  }
}

describe("The parser", () => {
  it("makes the trees, and the errors, of acorn", () => {
    const operators = ["+", "-", "*", "**", "<", "in", "==", "&", "^", "|", "&&", "||", "??", ",", "=", "? b :"];
    const { expression } = fc.letrec<{ expression: string }>((tie) => ({
      expression: fc.oneof(
        { maxDepth: 5 },
        fc.constantFrom("a", "1", "-b", "typeof c", "f()", "#p"),
        tie("expression").map((inner) => `(${inner})`),
        tie("expression").map((inner) => `(x) => ${inner}`),
        tie("expression").map((inner) => `[${inner}]`),
        fc
          .tuple(tie("expression"), fc.constantFrom(...operators), tie("expression"))
          .map(([left, operator, right]) => `${left} ${operator} ${right}`),
      ),
    }));
    fc.assert(
      fc.property(expression, fc.constantFrom("", "for (let i = "), (source, before) => {
        const code = before === "" ? source : `${before}${source}; ; ) {}`;
        assert.equal(
          tree(() => parser().parse(code, options)),
          tree(() => acorn.parse(code, options)),
          code,
        );
      }),
      { seed: 3, numRuns: 3000 },
    );
  });

  it("takes a sum of as many terms as the type stripper does", () => {
    const [statement] = parser().parse(Array(6000).fill("a").join(" + "), options).body;
    assert.ok(statement?.type === "ExpressionStatement" && statement.expression.type === "BinaryExpression");
  });
});
