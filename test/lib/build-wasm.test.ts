// The checked-in kernels are those of the sources beside them.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { SOURCE } from "../../lib/backend/wasm/binary.ts";

const root = new URL("../../../", import.meta.url);

interface Build {
  sourceHash(): string;
  compiler(): { version: string } | undefined;
  compile(compiler: { version: string }): string;
}

describe("lib/backend/wasm/binary.ts", () => {
  it("was made from the kernels as they are now", async () => {
    const { sourceHash } = (await import(new URL("scripts/build-wasm.mjs", root).href)) as Build;
    assert.equal(SOURCE, sourceHash(), "run npm run build:wasm");
  });

  it("is what this compiler makes of them, if it is the one that made it", async function () {
    this.timeout(60_000);
    const { compile, compiler } = (await import(new URL("scripts/build-wasm.mjs", root).href)) as Build;
    const checkedIn = readFileSync(fileURLToPath(new URL("lib/backend/wasm/binary.ts", root)), "utf8");
    const found = compiler();
    if (found === undefined || !checkedIn.includes(found.version)) this.skip();
    assert.ok(compile(found) === checkedIn, "run npm run build:wasm");
  });
});
