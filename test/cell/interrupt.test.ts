import assert from "node:assert/strict";
import { CellSession, Interrupted, runCells } from "../cell-session.ts";

describe("an interrupted cell", () => {
  /** Runs until `stop()` is called in the cell, and says what was pushed to `log` after. */
  async function afterStop(source: string): Promise<unknown[]> {
    const log: unknown[] = [];
    const cells: CellSession = new CellSession({ log, stop: () => (cells.interrupted = true) });
    cells.modules["module"] = {};
    await assert.rejects(cells.run(source), Interrupted);
    return log;
  }

  const sources: Record<string, string> = {
    "an await": "stop(); await 1; log.push('went on')",
    "an await in a function": "async function f() { stop(); await 1; log.push('went on') } await f()",
    "an await in a loop": "while (true) { await 1; log.length < 3 ? 0 : 0; stop() }",
    "a catch clause": "try { stop(); await 1 } catch { log.push('caught') }",
    "a catch clause that destructures":
      "try { stop(); await 1 } catch ({ message = log.push('read') }) { log.push('caught') }",
    "a finally clause": "try { stop(); await 1 } finally { log.push('finally') }",
    "the clauses of an async function":
      "await (async () => { try { stop(); await 1 } catch { log.push(1) } finally { log.push(2) } })()",
    "a for await":
      "async function* g() { yield 1; stop(); yield 2; log.push('generated') } for await (const v of g()) if (v === 2) log.push(v)",
    "a resource": "{ await using r = { async [Symbol.asyncDispose]() { log.push('disposed') } }; stop(); await 1 }",
    "an import": "const f = () => { stop(); return 'module' }; await import(f()); log.push('went on')",
  };
  for (const [where, source] of Object.entries(sources))
    it(`does not go on at ${where}`, async () => {
      assert.deepEqual(await afterStop(source), []);
    });

  it("runs the handlers of synchronous functions, which termination has unwound before", async () => {
    assert.deepEqual(
      await runCells("const f = () => { try { throw 1 } catch (e) { return e } finally { 2 } }; f()"),
      1,
    );
  });
});
