// Interrupts of loops that run on copies of the cells' variables: termination skips what would write the copies back.
import assert from "node:assert/strict";
import { TestSession } from "../session-harness.ts";

describe("An interrupted loop", () => {
  let session: TestSession;
  before(async () => {
    session = new TestSession();
    await session.run("let earlier = 0; const double = (x: number) => x + x; function nothing() {}");
  });
  after(() => session.close());

  /** Interrupts a cell when it has said so, and evaluates an expression after. */
  async function interrupted(code: string, expression: string): Promise<unknown> {
    const { cell, done } = session.start(code);
    await cell.until(() => cell.text().includes("started"));
    await session.session.interrupt();
    await done;
    assert.equal(cell.errors[0]?.ename, "KeyboardInterrupt");
    return (await session.run(expression)).result;
  }

  it("keeps the values it has reached", async () => {
    const code =
      "let n = 0, twice = 0; const log = () => console.log('started'); while (true) { if (n === 100_000) log(); n++; twice += 2; earlier = n }";
    assert.equal(await interrupted(code, "n > 100_000 && Math.abs(2 * n - twice) <= 2 && n - earlier <= 1"), "true");
  });

  it("keeps the step that it was in, also when it is in a function or a module", async () => {
    const code = `let step = 0; const seen = new Int32Array(1);
      for (;;) { step++; seen[0] = step; [3, 1, 2].sort((a, b) => double(a) - double(b)); if (step === 1000) console.log("started") }`;
    assert.equal(await interrupted(code, "step >= 1000 && step - seen[0]! <= 1"), "true");
  });

  it("keeps its values when it waits for a child, in WebAssembly, in a regular expression, in Atomics.wait", async () => {
    const wasm =
      "new Uint8Array([0,97,115,109,1,0,0,0,1,4,1,96,0,0,3,2,1,0,7,5,1,1,108,0,0,10,9,1,7,0,3,64,12,0,11,11])";
    const waits = {
      child: "require('child_process').execSync('sleep 100')",
      wasm: `(new WebAssembly.Instance(new WebAssembly.Module(${wasm})).exports.l as () => void)()`,
      expression: "/^(a+)+$/.test('a'.repeat(60) + 'b')",
      atomics: "Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)",
    };
    for (const [name, wait] of Object.entries(waits)) {
      const code = `let ${name} = 0; for (;;) { ${name}++; if (${name} === 5) { console.log("started"); ${wait} } }`;
      assert.equal(await interrupted(code, name), "5", name);
    }
  });

  it("is interrupted also where its stack is full, and shows what is there", async () => {
    const code = `let deep = 1; for (;;) { deep++; console.log("started"); (function again() { try { again() } catch { again() } })() }`;
    assert.match(String(await interrupted(code, "deep")), /^[12]$/);
  });

  it("leaves the cells after it alone, and can be run again", async () => {
    for (let round = 1; round <= 3; round++) {
      const code = `let again = 0; for (;;) { again++; nothing(); if (again === 10) console.log("started") }`;
      assert.equal(await interrupted(code, "again >= 10"), "true");
      assert.equal((await session.run("let fine = 0; for (const x of [1, 2, 3]) { fine += x } fine")).result, "6");
    }
  });
});
