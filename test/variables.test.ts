import assert from "node:assert/strict";
import { setFlagsFromString } from "node:v8";
import vm from "node:vm";
import { Variables } from "../kernel/runtime/variables.ts";

describe("the variables of the cells", () => {
  it("are global, of the prelude or unknown until a cell declares them", () => {
    const variables = new Variables();
    const unknown = variables.variable("unknown");
    assert.throws(() => unknown.value, { name: "ReferenceError", message: "unknown is not defined" });
    assert.throws(() => (unknown.value = 1), { name: "ReferenceError", message: "unknown is not defined" });
    assert.equal(variables.variable("Math").value, Math);
    const prelude = { tensor: 1 };
    variables.addPrelude(prelude);
    const tensor = variables.variable("tensor");
    prelude.tensor = 2;
    assert.equal(tensor.value, 2);
    assert.throws(() => (tensor.value = 3), TypeError);
    assert.deepEqual(
      ["unknown", "Math", "tensor"].map((name) => variables.has(name)),
      [false, true, true],
    );
    assert.deepEqual(variables.names(), ["tensor"]);
    variables.declare(new Map([["tensor", "const"]]));
    tensor.initial = 4;
    assert.equal(variables.scope["tensor"], 4);
    variables.delete("tensor");
    assert.equal(tensor.value, 2);
    assert.equal(variables.kinds.get("tensor"), "let");
  });

  it("cannot be read before their declaration has run, and are what they were if it never does", () => {
    const variables = new Variables();
    variables.declare(new Map([["a", "let"]]));
    const a = variables.variable("a");
    assert.throws(() => a.value, { name: "ReferenceError", message: "Cannot access 'a' before initialization" });
    assert.deepEqual(variables.names(), []);
    variables.retract();
    assert.throws(() => a.value, { message: "a is not defined" });
    variables.declare(new Map([["a", "let"]]));
    assert.throws(() => (a.value = 1), { message: "Cannot access 'a' before initialization" });
    a.initial = 1;
    variables.retract();
    variables.declare(new Map([["a", "const"]]));
    assert.equal(a.value, 1);
    variables.retract();
    assert.equal(a.value, 1);
  });

  it("keep one shape while they have a value, whatever they were before: reading them stays fast", () => {
    setFlagsFromString("--allow-natives-syntax");
    const script = "(a, b) => %HaveSameMap(a, b) && %HasFastProperties(a)";
    const sameShape = new vm.Script(script).runInThisContext() as (a: object, b: object) => boolean;
    const variables = new Variables();
    const kinds = new Map<string, "let" | "var">([
      ["unreached", "let"],
      ["hoisted", "var"],
    ]);
    variables.declare(kinds);
    variables.variable("unreached").initial = 1;
    for (const name of ["imported", "forgotten"]) {
      Object.defineProperty(variables.scope, name, { get: () => 1, configurable: true });
      if (name === "forgotten") variables.delete(name);
      variables.declare(new Map([[name, "let"]]));
      variables.variable(name).initial = "x";
    }
    const hoisted = variables.variable("hoisted");
    for (const name of ["unreached", "imported", "forgotten"])
      assert.ok(sameShape(variables.variable(name), hoisted), name);
  });
});
