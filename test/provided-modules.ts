// Run by provided-modules.test.ts in a process with the options of a runtime: modules that cells define, and those that the kernel
// provides.
import assert from "node:assert/strict";
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { mapStacks } from "../kernel/runtime/errors.ts";
import { Modules } from "../kernel/runtime/modules.ts";

const folder = realpathSync(mkdtempSync(join(tmpdir(), "adjoint-provided-")));
try {
  mapStacks();
  const modules = new Modules(folder);

  modules.defineModule("virtual.ts", "export const v: number = 1;");
  writeFileSync(join(folder, "user.ts"), 'export { v } from "./virtual";');
  const user = modules.bind(await modules.import("./user"));
  assert.equal(user.namespace["v"], 1);
  assert.equal((modules.require("./virtual") as { v: number }).v, 1);
  modules.defineModule(
    "virtual.ts",
    "export const v: number = 2;\nexport const fail = () => { throw new Error('in it'); };",
    "Cell [7]",
  );
  assert.deepEqual(await modules.refresh([]), { changed: ["virtual.ts"], reloaded: ["user.ts"], failed: [] });
  assert.equal(user.namespace["v"], 2);
  const { fail } = await modules.import("./virtual");
  assert.throws(fail as () => void, (error: Error) => error.stack?.includes("at fail (Cell [7], line 2, column 35)"));
  writeFileSync(join(folder, "real.ts"), "");
  assert.throws(() => modules.defineModule("real.ts", ""), /real.ts is a file beside the notebook/);

  let made = 0;
  const state = { answer: 42, default: "whole" };
  modules.provideModule("given", () => (made++, state));
  writeFileSync(join(folder, "local.ts"), 'import whole, { answer } from "given"; export { whole, answer };');
  const local = await modules.import("./local");
  assert.deepEqual([local["whole"], local["answer"]], [state, 42]);
  assert.equal((await modules.import("given"))["answer"], 42);
  assert.equal(modules.require("given"), state);
  assert.equal(made, 1);
  state.answer = 43;
  await modules.refresh([]);
  assert.equal((await modules.import("given"))["answer"], 43);
  assert.equal(local["answer"], 43);

  assert.deepEqual(modules.replacedPackages(), []);
} finally {
  rmSync(folder, { recursive: true });
}
