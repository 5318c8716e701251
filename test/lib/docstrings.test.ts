// What users read on Shift-Tab: every public function and class, and every method of a tensor, says what it is; the former with an example.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import * as lib from "../../lib/index.ts";

const SOURCES = fileURLToPath(new URL("../../../lib/", import.meta.url));

const sources = readdirSync(SOURCES, { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".ts"))
  .map((file) => ({ file, text: readFileSync(join(SOURCES, file), "utf8") }));

/** What stands above the declarations of a name in these files. */
function docstrings(name: string, belongs: (file: string) => boolean): string[] {
  const declaration = new RegExp(
    String.raw`(/\*\*(?:(?!\*/)[^])*\*/)?\s*(?://[^\n]*\n)?export (?:abstract )?(?:(?:async )?function\*?|const|class) ${name}\b`,
  );
  return sources.flatMap(({ file, text }) => {
    const found = belongs(file) ? declaration.exec(text) : null;
    return found === null ? [] : [found[1] ?? ""];
  });
}

/** Folders whose exports are not under the names of `index.ts`. */
const inside = /^(?:nn|optim|data|backend|primitives|methods)[/\\]/;

const groups: Record<string, { names: object; belongs: (file: string) => boolean }> = {
  "": { names: lib, belongs: (file) => !inside.test(file) },
  "nn.": { names: lib.nn, belongs: (file) => /^nn[/\\]|^ops[/\\]loss/.test(file) },
  "nn.init.": { names: lib.nn.init, belongs: (file) => /^nn[/\\]init/.test(file) },
  "optim.": { names: lib.optim, belongs: (file) => /^optim[/\\]/.test(file) },
  "data.": { names: lib.data, belongs: (file) => /^data[/\\]/.test(file) },
  "autograd.": { names: lib.autograd, belongs: (file) => file.startsWith("autograd") },
};

describe("docstrings", () => {
  for (const [prefix, { names, belongs }] of Object.entries(groups)) {
    const functions = Object.entries(names).filter(([, value]) => typeof value === "function");
    it(`of ${prefix}* say what each is, with an example`, () => {
      const wrong = functions.flatMap(([name]) => {
        const texts = docstrings(name, belongs);
        if (texts.length === 0) return [`${prefix}${name}: not found`];
        return texts.some((text) => text.includes("@example")) ? [] : [`${prefix}${name}: ${texts.join() || "none"}`];
      });
      assert.deepEqual(wrong, []);
      assert.ok(functions.length > 0);
    });
  }

  it("of a tensor's methods say what each is", () => {
    const methods = sources.filter(({ file }) => /^methods[/\\]/.test(file));
    const wrong = methods.flatMap(({ file, text }) =>
      [...text.matchAll(/(\*\/\n)?^ {2}(\w+)(?:<[^(]*>)?\(this: /gm)]
        .filter(([, documented, name = ""]) => documented === undefined && !/^set|^get/.test(name))
        .map(([, , name]) => `${file}: ${String(name)}`),
    );
    assert.deepEqual(wrong, []);
  });
});
