// Charts in a real runtime process: in order with what is printed, updated while a loop runs, and cut off by an interrupt.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Cell } from "../session-harness.ts";
import { TestSession } from "../session-harness.ts";

const LINE = `const line = (values: unknown[], rest = {}) => ({
  $schema: "https://vega.github.io/schema/vega-lite/v5.json",
  data: { values }, mark: "line",
  encoding: { x: { field: "x", type: "quantitative" }, y: { field: "y", type: "quantitative" } },
  ...rest,
});`;

/** What a cell has shown, in short. */
function shapes({ outputs }: Cell): string[] {
  return outputs.map((output) => {
    if (output.type === "stream") return output.text.trim();
    if (!("data" in output)) return output.type;
    return `${output.type} ${"image/png" in output.data ? "chart" : JSON.stringify(output.data["text/plain"])}`;
  });
}

describe("A session that shows charts", function () {
  this.timeout(60_000);
  let session: TestSession;

  before(async () => {
    session = new TestSession();
    await session.run(LINE);
  });
  after(() => session.close());

  it("shows one as result and by display, in order with what is printed, though nothing is awaited", async () => {
    const cell = await session.run('display(line([{ x: 1, y: 2 }])); console.log("after"); line([{ x: 1, y: 2 }])');
    assert.deepEqual(shapes(cell), ["display_data chart", "after", "execute_result chart"]);
  });

  it("updates one in its place from a loop that never waits", async () => {
    const cell = await session.run(`
      const rows = [];
      const chart = display.vegaLite({ mark: "line", data: { values: rows } , encoding: { y: { field: "y", type: "quantitative" } } });
      for (let x = 0; x < 3; x++) {
        rows.push({ x, y: x * x });
        chart.update(line(rows));
      }
      console.log("end");`);
    const update = "update_display_data chart";
    assert.deepEqual(shapes(cell), ["display_data chart", update, update, update, "end"]);
  });

  it("says what is wrong with a specification, and goes on", async () => {
    const cell = await session.run('display.vegaLite({ marks: "bar" }); "next"');
    assert.match(shapes(cell)[0] ?? "", /no chart: Invalid specification/);
    assert.equal(cell.result, "'next'");
  });

  it("reads data beside the notebook, and writes vega's warnings to standard error", async () => {
    writeFileSync(join(session.folder, "curve.csv"), "x,y\n1,2\n2,3\n");
    const cell = await session.run('line([], { data: { url: "curve.csv" }, encoding: { colour: { field: "x" } } })');
    const spec = cell.bundle?.["application/vnd.vegalite.v5+json"] as { data: object };
    assert.deepEqual(spec.data, { values: "x,y\n1,2\n2,3\n", format: { type: "csv" } });
    assert.match(cell.text("stderr"), /^vega-lite: colour-encoding is dropped/);
  });

  it("leaves out a link that would run code, and says so once", async () => {
    const url = "javascript:alert(1)";
    const cell = await session.run(`line([{ x: 1, y: 2 }], { mark: "bar", encoding: { href: { value: "${url}" } } })`);
    assert.deepEqual(shapes(cell), [`vega-lite: '${url}' is left out: it is no address`, "execute_result chart"]);
    const svg = String(cell.bundle?.["image/svg+xml"]);
    assert.match(svg, /<a><path/);
    assert.doesNotMatch(svg, /javascript/);
  });

  it("stops drawing at an interrupt, and draws the next chart", async () => {
    const { cell, done } = session.start(`
      console.log("begun");
      for (;;) line([{ x: 1, y: 2 }]), display(line(Array.from({ length: 2000 }, (_, x) => ({ x, y: x % 7 }))));`);
    await cell.until(() => shapes(cell).length > 1);
    await session.session.interrupt();
    const { reply } = await done;
    assert.ok(reply?.status === "error" && reply.ename === "KeyboardInterrupt");
    assert.deepEqual(shapes(await session.run("line([{ x: 1, y: 2 }])")), ["execute_result chart"]);
  });

  it("draws in spite of what users define globally", async () => {
    const cell = await session.run(`
      Object.assign(globalThis, { document: {}, window: {}, d3: 1, vega: 2, Image: 3, fetch: 4, define: { amd: true } });
      const { vegaEmbed } = globalThis as any;
      line([{ x: 1, y: 2 }])`);
    assert.deepEqual(shapes(cell), ["execute_result chart"]);
    assert.equal((await session.run("[typeof vegaEmbed, vega]")).result, "[ 'undefined', 2 ]");
  });
});
