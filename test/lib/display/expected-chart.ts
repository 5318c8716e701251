// Charts compared with checked-in files, test/data/display/NAME.json and .txt. `ADJOINT_REWRITE=1 npx mocha …` writes them anew; look at the
// difference before you commit it.
import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { CHARACTERS, DISPLAY } from "../../../lib/display/bundle.ts";
import { VEGA_LITE } from "../../../lib/display/theme.ts";

const FOLDER = fileURLToPath(new URL("../../../../test/data/display/", import.meta.url));

export type Rows = Record<string, string | number | null>[];

/** The bundle of a value by its own method. */
export function bundleOf(value: object): Record<string, unknown> {
  const method: unknown = Reflect.get(value, DISPLAY);
  assert.ok(typeof method === "function", "it shows itself");
  return Reflect.apply(method, value, []) as Record<string, unknown>;
}

/** Compares a chart's specification and text with their files; gives the specification back. */
export function assertExpectedChart(name: string, value: object): Record<string, unknown> {
  const bundle = bundleOf(value);
  assert.deepEqual(Object.keys(bundle), [VEGA_LITE, "text/plain"]);
  assert.ok(JSON.stringify(bundle).length < CHARACTERS);
  const spec = bundle[VEGA_LITE] as Record<string, unknown>;
  const files = { json: `${JSON.stringify(spec, null, 1)}\n`, txt: `${String(bundle["text/plain"])}\n` };
  for (const [ending, content] of Object.entries(files)) {
    const file = `${FOLDER}${name}.${ending}`;
    if (process.env["ADJOINT_REWRITE"] !== undefined) {
      mkdirSync(FOLDER, { recursive: true });
      writeFileSync(file, content);
    }
    assert.equal(content, readFileSync(file, "utf8"), file);
  }
  return spec;
}

/** The rows of a chart's data, or of one of its layers. */
export function rowsOf(spec: unknown): Rows {
  return (spec as { data: { values: Rows } }).data.values;
}
