// Where a JSON file is wrong: compared with V8, where V8 tells.
import assert from "node:assert/strict";
import fc from "fast-check";
import { CellSyntaxError } from "../kernel/cell.ts";
import { offsetOf } from "../kernel/position-map.ts";
import { parseJson } from "../kernel/runtime/modules/json.ts";

describe("parseJson", () => {
  it("reads what JSON.parse reads, and finds errors where V8 says that they are", () => {
    let compared = 0;
    const mutation = fc.record({
      at: fc.nat(),
      drop: fc.nat(2),
      add: fc.constantFrom("", "}", "]", ",", ":", '"', "x", "1", "{", "\n"),
    });
    fc.assert(
      fc.property(fc.json({ maxDepth: 3 }), mutation, (json, { at, drop, add }) => {
        const index = at % (json.length + 1);
        const text = json.slice(0, index) + add + json.slice(index + drop);
        let expected: unknown;
        let message = "";
        try {
          expected = JSON.parse(text);
        } catch (error) {
          message = (error as Error).message;
        }
        if (message === "") {
          assert.deepEqual(parseJson(text), expected);
          return;
        }
        assert.throws(
          () => parseJson(text),
          (error) => {
            assert.ok(error instanceof CellSyntaxError);
            const place = / at position (\d+)/.exec(message)?.[1];
            // Of strings and numbers V8 says where in them it stopped.
            if (place === undefined || /string|number|escape|control/i.test(message)) return true;
            compared++;
            assert.equal(offsetOf(text, error), Number(place), `${text}: ${message}`);
            return true;
          },
        );
      }),
      { seed: 3, numRuns: 3000 },
    );
    assert.ok(compared > 100);
  });
});
