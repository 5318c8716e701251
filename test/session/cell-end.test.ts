// What is to be called when a cell ends: how it ends makes no difference, and what it shows belongs to the cell.
import assert from "node:assert/strict";
import { type Cell, TestSession } from "../session-harness.ts";

/** A cell whose display says how far it came only when it ends. */
function counting(body: string): string {
  return `{
    let count = 0;
    const shown = display("begun");
    Jupyter.whenCellEnds(() => shown.update("ended at " + count));
    ${body}
  }`;
}

function texts({ outputs }: Cell): string[] {
  return outputs.map((output) => ("data" in output ? String(output.data["text/plain"]) : output.type));
}

describe("Jupyter.whenCellEnds", () => {
  let session: TestSession;
  before(() => {
    session = new TestSession();
  });
  after(() => session.close());

  it("calls back when the cell is done, before it is answered", async () => {
    const cell = await session.run(counting("for (; count < 3; count++);"));
    assert.deepEqual(texts(cell), ["'begun'", "'ended at 3'"]);
    const late = await session.run(counting("await new Promise((resolve) => setTimeout(resolve, 1)); count = 1;"));
    assert.deepEqual(texts(late), ["'begun'", "'ended at 1'"]);
  });

  it("calls back when the cell has failed", async () => {
    const cell = await session.run(counting('count = 2; throw new Error("no");'));
    assert.deepEqual(texts(cell), ["'begun'", "'ended at 2'", "error"]);
  });

  it("calls back when the cell was interrupted, in a loop or while it waits", async () => {
    for (const body of [
      'count = 4; console.log("go"); for (;;);',
      'count = 4; console.log("go"); await new Promise(() => {});',
    ]) {
      const { cell, done } = session.start(counting(body));
      await cell.until(() => cell.text() !== "");
      await session.session.interrupt();
      await done;
      assert.deepEqual(texts(cell), ["'begun'", "stream", "'ended at 4'", "error"]);
    }
  });

  it("reports what the function throws, and calls the next", async () => {
    const cell = await session.run(`
      Jupyter.whenCellEnds(() => { throw new Error("broken"); });
      Jupyter.whenCellEnds(() => display("next"));`);
    assert.deepEqual(texts(cell), ["error", "'next'", "true"]);
    assert.equal(cell.reply?.status, "ok");
  });

  it("can be interrupted in a function that does not end", async () => {
    const { cell, done } = session.start('Jupyter.whenCellEnds(() => { console.log("go"); for (;;); });');
    await cell.until(() => cell.text() !== "");
    await session.session.interrupt();
    assert.equal((await done).reply?.status, "error");
    assert.equal((await session.run("1 + 1")).result, "2");
  });

  it("says that it calls nothing when the cell has ended already", async () => {
    const cell = await session.run(
      "let answer: boolean; setTimeout(() => { answer = Jupyter.whenCellEnds(() => {}); console.log(answer); }, 20); 0",
    );
    await cell.until(() => cell.text() !== "");
    assert.equal(cell.text(), "false\n");
  });

  it("takes a function", async () => {
    const cell = await session.run("Jupyter.whenCellEnds(3 as never)");
    assert.match(cell.traceback, /TypeError: Jupyter\.whenCellEnds: takes a function, not 3/);
  });
});
