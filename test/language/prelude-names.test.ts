// What the package says that its library exports is what TypeScript says.
import assert from "node:assert/strict";
import { askNames, declaredNames } from "../../kernel/language/prelude.ts";
import { root } from "../adjoint.ts";

describe("the names of the prelude", () => {
  it("are known without asking, and are those that the language server knows", async () => {
    const declared = declaredNames("adjoint", root, root);
    assert.deepEqual(declared, await askNames("adjoint", root));
    assert.ok(declared?.values.includes("tensor") && declared.types.includes("Tensor"));
  });

  it("are asked for where a prelude does not say them", () => {
    assert.equal(declaredNames("node:path", root, root), undefined);
    assert.equal(declaredNames("./missing.mjs", root, root), undefined);
  });
});
