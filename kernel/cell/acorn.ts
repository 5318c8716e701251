// The parser of JavaScript, loaded when first used: it costs 6 ms. It takes sums of thousands of terms, which acorn parses by one
// recursion per operator.

import { createRequire } from "node:module";
import type * as acorn from "acorn";

const require = createRequire(import.meta.url);
let loaded: typeof acorn.Parser | undefined;

/** What is overridden of the parser's methods, which plugins may do; its types leave them out. */
interface OperatorParser {
  parseExprOp(left: acorn.Expression, ...rest: readonly unknown[]): acorn.Expression;
  buildBinary(...parts: readonly unknown[]): acorn.Expression;
}

export function parser(): typeof acorn.Parser {
  if (loaded === undefined) {
    const { Parser } = require("acorn") as typeof acorn;
    loaded = Parser.extend(
      (Base) => operatorsInLoops(Base as unknown as new () => OperatorParser) as unknown as typeof Base,
    );
  }
  return loaded;
}

/**
 * `parseExprOp(left)` takes one operator and its right side, and calls itself with both as the new `left`; that call returns at
 * once here, and a loop goes on.
 */
function operatorsInLoops(Base: new () => OperatorParser): new () => OperatorParser {
  return class extends Base {
    #built: acorn.Expression | undefined;

    override buildBinary(...parts: readonly unknown[]): acorn.Expression {
      const node = super.buildBinary(...parts);
      // A power is an operand.
      this.#built = node.type === "BinaryExpression" && node.operator === "**" ? undefined : node;
      return node;
    }

    override parseExprOp(left: acorn.Expression, ...rest: readonly unknown[]): acorn.Expression {
      if (left === this.#built) return left;
      for (let from = left; ;) {
        const whole = super.parseExprOp(from, ...rest);
        this.#built = undefined;
        if (whole === from) return whole;
        from = whole;
      }
    }
  };
}
