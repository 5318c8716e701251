// The examples in docstrings that state their result: each is run.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { runInNewContext } from "node:vm";
import * as lib from "../../lib/index.ts";
import { isTensor } from "../../lib/trace.ts";

const SOURCES = fileURLToPath(new URL("../../../lib/", import.meta.url));

/** ` * call(…) // result`, unless the call uses names that only a reader understands. */
function examples(text: string): [code: string, result: string][] {
  return [...text.matchAll(/^ \* (\w.*?\)(?:\.\w+)*) \/\/ (.+)$/gm)]
    .map(([, code = "", result = ""]): [string, string] => [code, result.replace(/, (log 24|π²\/6)$/, "")])
    .filter(([code, result]) => !/^const|=>|\b[xaqw]\b/.test(code) && !result.endsWith("say"));
}

function flat(value: unknown): number[] {
  return Array.isArray(value) ? value.flatMap(flat) : [Number(value)];
}

function check(found: unknown, result: string): void {
  const shape = /^(?:shape |Tensor<)(\[.*?\])/.exec(result)?.[1];
  if (!isTensor(found)) {
    if (!Array.isArray(found)) assert.equal(String(found), result);
    return;
  }
  if (shape !== undefined) {
    assert.deepEqual([...found.shape], JSON.parse(shape));
    return;
  }
  const actual = flat(found.toArray());
  const expected = flat(JSON.parse(result));
  assert.equal(actual.length, expected.length);
  actual.forEach((x, k) => {
    const y = expected[k] as number;
    assert.ok(Math.abs(x - y) <= 6e-5 * Math.max(1, Math.abs(y)), `${x}, expected ${y}`);
  });
}

describe("examples in docstrings", () => {
  const files = readdirSync(SOURCES, { recursive: true, encoding: "utf8" });
  for (const file of files.filter((name) => name.endsWith(".ts"))) {
    const found = examples(readFileSync(join(SOURCES, file), "utf8"));
    if (found.length === 0) continue;
    it(`of ${file} give what they say`, () => {
      for (const [code, result] of found) {
        const value: unknown = runInNewContext(code, { ...lib, Float32Array, Float64Array, Int32Array });
        try {
          check(value, result);
        } catch (error) {
          throw new Error(`${code}: ${(error as Error).message}`, { cause: error });
        }
      }
    });
  }
});
