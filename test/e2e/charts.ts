// Every chart and graph of the library, and progress, in JupyterLab: which format is seen after the run, in both themes, wide and narrow, and
// of someone else's notebook, where an SVG is not shown, but its PNG.
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Notebook } from "../../kernel/notebook.ts";
import { CHART_CELLS } from "./chart-cells.ts";
import { assertAccessible } from "./displays.ts";
import { codeCells, isDrawn, type LabPage, type NotebookPage, SCREENSHOTS } from "./lab-page.ts";
import { assertFitting, look, plainLooks } from "./looks.ts";

declare const document: { title: string };

export function chartsTests(lab: () => LabPage): void {
  describe("the charts of the library", () => {
    let executed: Notebook;

    before(() => lab().command("application:toggle-left-area"));
    after(() => lab().command("application:toggle-left-area"));
    afterEach(() => plainLooks(lab()));

    it("are drawn, readable in both themes, wide and narrow", async () => {
      const notebook = await lab().notebook(...CHART_CELLS.map(({ source }) => source));
      await lab().command("notebook:run-all-cells");
      await notebook.ended(CHART_CELLS.length - 1);
      executed = await notebook.save();
      await assertSeen(notebook, (format) => format);
      await look(notebook, TOPS, [1400, 700], () => assertAccessible(notebook));
    });

    it("are saved with their pictures, in one output each, the live one with its last state", () => {
      const cells = codeCells(executed);
      for (const [k, { id, seen, tells }] of CHART_CELLS.entries()) {
        const outputs = cells[k]?.outputs ?? [];
        assert.equal(outputs.length, seen.length, id);
        const [output] = outputs;
        assert.ok(output !== undefined && "data" in output, id);
        assert.match([output.data["text/plain"]].flat().join(""), tells, id);
        const pictures = ["image/svg+xml", "image/png"].filter((type) => type in output.data).length;
        assert.equal(pictures, seen[0]?.startsWith("text/") === true ? 0 : 2, id);
      }
      assert.match(JSON.stringify(cells[0]?.outputs), /\(200 points\)/);
    });

    it("of someone else's notebook are drawn as well", async () => {
      const changed = { ...executed, metadata: { ...executed.metadata, origin: "elsewhere" } };
      await writeFile(join(lab().lab.folder, "foreign-charts.ipynb"), JSON.stringify(changed));
      const notebook = await lab().open("foreign-charts.ipynb");
      await assertSeen(notebook, (format) => (format === "image/svg+xml" ? "image/png" : format));
      await assertAccessible(notebook);
      await lab().page.setViewportSize({ width: 700, height: 1000 });
      await assertFitting(notebook, "untrusted");
      await top(notebook, indexOf("graph"));
      await lab().page.screenshot({ path: join(SCREENSHOTS, "charts-untrusted.png") });
    });
  });
}

function indexOf(id: string): number {
  return CHART_CELLS.findIndex((cell) => cell.id === id);
}

const TOPS = Object.fromEntries(
  ["live", "runs", "norms", "boundary", "confusion", "graph", "progress"].map((id) => [`charts-${id}`, indexOf(id)]),
);

async function top(notebook: NotebookPage, index: number): Promise<void> {
  await notebook.cell(index).evaluate((element) => (element as unknown as { scrollIntoView(): void }).scrollIntoView());
}

/** Each cell shows what is expected, and that is drawn; nothing of a name has become an element. */
async function assertSeen(notebook: NotebookPage, as: (format: string) => string): Promise<void> {
  for (const [index, { id, seen }] of CHART_CELLS.entries()) {
    await top(notebook, index);
    const outputs = notebook.cell(index).locator(".jp-OutputArea-output");
    await outputs.first().waitFor({ state: "attached" });
    const formats = await outputs.evaluateAll((elements) =>
      elements.map((element) => {
        const { className, dataset } = element as unknown as { className: string; dataset: Record<string, string> };
        return className.includes("jp-RenderedVegaCommon5") ? "chart" : (dataset["mimeType"] ?? "");
      }),
    );
    assert.deepEqual(formats, seen.map(as), id);
    if (seen[0] === "chart") {
      const box = await outputs.first().locator("canvas, svg.marks").first().boundingBox();
      assert.ok(box && box.width > 100 && box.height > 100, id);
    } else if (seen[0] === "image/svg+xml") {
      assert.ok(await isDrawn(outputs.first().locator("img")), id);
    }
  }
  assert.notEqual(await notebook.page.evaluate(() => document.title), "evil");
}
