// Displays that change in their place, in a real runtime process: they follow a loop that never waits, and end whole, however it ends.
import assert from "node:assert/strict";
import type { Output } from "../../kernel/session.ts";
import { rowsOf } from "../lib/display/expected-chart.ts";
import { type Cell, TestSession } from "../session-harness.ts";

const CHART = "application/vnd.vegalite.v5+json";

type Display = Extract<Output, { type: "display_data" | "update_display_data" }>;

function displays({ outputs }: Cell): Display[] {
  return outputs.flatMap((output) =>
    output.type === "display_data" || output.type === "update_display_data" ? [output] : [],
  );
}

function values(display: Display | undefined): unknown[] {
  return display === undefined ? [] : rowsOf(display.data[CHART]).map(({ value }) => value);
}

/** The last state is whole: with pictures for those who do not draw, in the place of the first. */
function assertWhole(cell: Cell): Display {
  const shown = displays(cell);
  const [first, last] = [shown[0], shown.at(-1)];
  assert.ok(first !== undefined && last !== undefined);
  assert.equal(first.type, "display_data");
  assert.ok(shown.slice(1).every(({ type }) => type === "update_display_data"));
  assert.equal(new Set(shown.map(({ transient }) => transient.display_id)).size, 1);
  assert.deepEqual(Object.keys(first.data).sort(), [CHART, "text/plain"]);
  assert.deepEqual(Object.keys(last.data).sort(), [CHART, "image/png", "image/svg+xml", "text/plain"]);
  return last;
}

describe("A live loss curve in a session", function () {
  this.timeout(60_000);
  let session: TestSession;
  before(async () => {
    session = new TestSession();
    await session.run('import { lossCurve } from "adjoint"; let curve = lossCurve([], { live: true });');
  });
  after(() => session.close());

  it("follows a loop that never waits, and ends with its last value", async () => {
    const cell = await session.run(`
      const end = performance.now() + 700;
      let step = 0;
      while (performance.now() < end) curve.push(1 / ++step);
      console.log(step);`);
    const steps = Number(cell.text());
    const last = assertWhole(cell);
    // Five times a second at most, and the first and the last.
    assert.ok(
      displays(cell).length >= 2 && displays(cell).length <= 700 / 200 + 2,
      `${displays(cell).length} displays`,
    );
    assert.equal(values(last).at(-1), Number((1 / steps).toPrecision(6)));
    assert.match(String(last.data["text/plain"]), /^loss by step\nloss  ▁*/);
  });

  it("goes on in its place from another cell, which fails", async () => {
    const cell = await session.run("curve.push(42); curve.push(43); throw new Error('no')");
    const last = displays(cell).at(-1);
    assert.equal(last?.type, "update_display_data");
    assert.ok("image/png" in (last?.data ?? {}));
    assert.equal(values(last).at(-1), 43);
    assert.deepEqual(cell.outputs.map(({ type }) => type).at(-1), "error");
  });

  it("shows the last state when it is interrupted", async () => {
    const { cell, done } = session.start(`
      curve = lossCurve([], { live: true });
      for (let step = 1; step <= 500; step++) curve.push(step);
      console.log("all");
      for (;;);`);
    await cell.until(() => cell.text() !== "");
    await session.session.interrupt();
    assert.equal((await done).reply?.status, "error");
    assert.equal(values(assertWhole(cell)).at(-1), 500);
  });

  it("follows a loop that waits, and one in the background of a cell that has ended", async () => {
    const waiting = await session.run(`
      curve = lossCurve([], { live: true });
      for (let step = 1; step < 5; step++) { curve.push(step); await new Promise((go) => setTimeout(go, 1)); }`);
    assert.deepEqual(values(assertWhole(waiting)), [1, 2, 3, 4]);
    const later = await session.run(`
      curve = lossCurve([], { live: true });
      setTimeout(() => { curve.push(7); curve.push(8); }, 1);`);
    await later.until((cell) => "image/png" in (displays(cell).at(-1)?.data ?? {}));
    assert.deepEqual(values(assertWhole(later)), [7, 8]);
  });
});
