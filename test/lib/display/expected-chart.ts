// Charts compared with checked-in files, test/data/display/NAME.json and .txt. `ADJOINT_REWRITE=1 npx mocha …` writes them anew; look at the
// difference before you commit it.
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { CHARACTERS, DISPLAY } from "../../../lib/display/bundle.ts";
import { VEGA_LITE } from "../../../lib/display/theme.ts";

const FOLDER = fileURLToPath(new URL("../../../../test/data/display/", import.meta.url));

const { read } = createRequire(import.meta.url)("vega") as { read(text: string, format: unknown): unknown };

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

/** The rows of a chart's data, or of one of its layers: records, or CSV as vega reads it, with the names that numbers stand for. */
export function rowsOf(spec: unknown): Rows {
  const { data, transform = [] } = spec as {
    data: { values: Rows | string; format?: { type: string; parse: object } };
    transform?: { calculate: string; as: string }[];
  };
  if (typeof data.values !== "string") return data.values;
  const rows = read(data.values, data.format) as Rows;
  return rows.map((row) => {
    const whole = { ...row };
    for (const { calculate, as } of transform) {
      const [, names = "[]", field = ""] = /^(.*)\[datum\.(\w+)\]$/.exec(calculate) ?? [];
      whole[as] = (JSON.parse(names) as string[])[whole[field] as number] ?? null;
      Reflect.deleteProperty(whole, field);
    }
    return whole;
  });
}
