// Progress bars in a real runtime process: one line that follows the loop, however the loop ends.
import assert from "node:assert/strict";
import { type Cell, TestSession } from "../session-harness.ts";

/** What the display showed at each time, by format. */
function lines({ outputs }: Cell, format = "text/plain"): string[] {
  return outputs.flatMap((output) =>
    output.type === "display_data" || output.type === "update_display_data" ? [String(output.data[format])] : [],
  );
}

/** The one place in which all of it was shown. */
function assertOneOutput({ outputs }: Cell): void {
  const shown = outputs.filter(({ type }) => type === "display_data");
  assert.equal(shown.length, 1);
  const ids = outputs.flatMap((output) => ("transient" in output ? [output.transient.display_id] : []));
  assert.equal(new Set(ids).size, 1);
}

/** Times and rates differ from run to run. */
function timeless(line: string | undefined): string {
  return (line ?? "")
    .replaceAll(/ · [\d.e,]+\/s/g, "")
    .replaceAll(/ · [\d.]+ m?s( left)?/g, "")
    .trim();
}

describe("progress in a session", function () {
  this.timeout(60_000);
  let session: TestSession;
  before(async () => {
    session = new TestSession();
    await session.run(`
      import { progress, range, tensor } from "adjoint";
      /** Until a time that the bar's clock sees. */
      const wait = (ms: number) => { const end = Date.now() + ms; while (Date.now() < end); };`);
  });
  after(() => session.close());

  it("shows bar, rate, time left and the latest values, and leaves one line", async () => {
    const cell = await session.run(`
      const losses: number[] = [];
      let sum = 0;
      const bar = progress(range(4), { losses, sum: () => sum }, { title: "train" });
      for (const step of bar) { wait(110); losses.push(1 / (step + 1)); sum += step; bar.set({ grad: tensor(step) }); }
      [sum, losses.length].join()`);
    assert.equal(cell.result, "'6,4'");
    assertOneOutput(cell);
    const shown = lines(cell);
    assert.equal(timeless(shown[0]), `train ▕${" ".repeat(20)}▏ 0 % · 0 of 4 · losses – · sum 0`);
    assert.equal(timeless(shown.at(-1)), `train ▕${"█".repeat(20)}▏ 4 of 4 · losses 0.25 · sum 6 · grad 3`);
    assert.match(shown.at(-2) ?? "", /▏ (25|50|75) % · [123] of 4 · [\d.]+\/s · [\d.]+ s left · losses /);
    assert.match(shown.at(-1) ?? "", / · [\d.]+\/s · [\d.]+ s · losses /);
  });

  it("is HTML where that is shown, with what users say escaped", async () => {
    const cell = await session.run(
      `for (const _ of progress([1, 2], { "<i>": '<img src=x onerror="alert(1)">' }, { title: "<b>a</b>" }));`,
    );
    assert.equal(
      timeless(lines(cell, "text/html").at(-1)),
      '<div><label>&lt;b&gt;a&lt;/b&gt; <progress max="1" value="1"></progress></label> ' +
        "2 of 2 · &lt;i&gt; &lt;img src=x onerror=&quot;alert(1)&quot;&gt;</div>",
    );
  });

  it("within another is a line below it as long as it runs", async () => {
    const cell = await session.run(`
      for (const epoch of progress(range(2), {}, { title: "epochs" })) {
        for (const batch of progress(range(3), { epoch: () => epoch })) wait(150);
      }`);
    assertOneOutput(cell);
    const shown = lines(cell).map((text) => text.split("\n").map(timeless));
    assert.ok(shown.some(([, inner]) => inner !== undefined && /of 3 · epoch [01]$/.test(inner)));
    assert.deepEqual(shown.at(-1), [`epochs ▕${"█".repeat(20)}▏ 2 of 2`]);
  });

  it("says where it was stopped: by break, an exception, an interrupt", async () => {
    const stopped = `▕██${" ".repeat(18)}▏ 10 % · stopped at 1 of 10`;
    const left = await session.run("for (const k of progress(range(10))) if (k === 1) break;");
    assert.equal(timeless(lines(left).at(-1)), stopped);
    const failed = await session.run('for (const k of progress(range(10))) if (k === 1) throw new Error("no");');
    assert.equal(timeless(lines(failed).at(-1)), stopped);
    const { cell, done } = session.start(
      'for (const k of progress(range(10))) for (const i of progress(range(1e9))) if (k === 1) { console.log("go"); for (;;); } else break;',
    );
    await cell.until(() => cell.text() !== "");
    await session.session.interrupt();
    assert.equal((await done).reply?.status, "error");
    assert.equal(timeless(lines(cell).at(-1)), stopped);
    assertOneOutput(cell);
    // What was cut off is not around the next one.
    const next = await session.run("for (const _ of progress(range(1)));");
    assert.equal(timeless(lines(next).at(-1)), `▕${"█".repeat(20)}▏ 1 of 1`);
  });

  it("counts iterables without a length, a total that is told, and what comes asynchronously", async () => {
    const counted = await session.run("for (const _ of progress(new Set([1, 2, 3]).values()));");
    assert.equal(timeless(lines(counted).at(-1)), "3");
    const cell = await session.run(`
      async function* items() { for (const k of [1, 2, 3]) { await null; yield k; } }
      let sum = 0;
      for await (const k of progress(items(), { sum: () => sum }, { total: 4 })) sum += k;`);
    assert.equal(timeless(lines(cell).at(-1)), `▕${"█".repeat(15).padEnd(20)}▏ 3 of 4 · sum 6`);
  });

  it("shows why a value cannot be shown, and goes on", async () => {
    const cell = await session.run('for (const _ of progress([1], { loss: () => { throw new Error("not yet"); } }));');
    assert.equal(timeless(lines(cell).at(-1)), `▕${"█".repeat(20)}▏ 1 of 1 · loss [not yet]`);
    assert.equal(cell.reply?.status, "ok");
  });
});
