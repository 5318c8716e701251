// The lesson of the library in JupyterLab: run from a fresh kernel it shows and saves what is committed, every formula is typeset, every chart
// is drawn, and all of it can be read in both themes, wide and narrow.
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { formatNotebook, type Notebook, readNotebook } from "../../kernel/notebook.ts";
import { assertAccessible } from "./displays.ts";
import { outputsOf } from "./first-steps.ts";
import { root } from "./lab.ts";
import { codeCells, isDrawn, type LabPage, type NotebookPage } from "./lab-page.ts";
import { look, plainLooks } from "./looks.ts";

const NAME = "sigmoid-mlp.ipynb";
/** The cells that stand at the top of a screenshot. */
const TOPS = ["z1", "graph", "backward", "train", "hidden"];

export function sigmoidMlpTests(lab: () => LabPage): void {
  describe(NAME, () => {
    let committed: Notebook;

    before(async () => {
      committed = await readNotebook(join(root, "notebooks", NAME));
      await lab().command("application:toggle-left-area");
    });
    after(() => lab().command("application:toggle-left-area"));
    afterEach(() => plainLooks(lab()));

    it("runs whole in a fresh kernel, saves what is committed, and is readable in both themes, wide and narrow", async () => {
      const cells = codeCells(committed);
      const fresh = structuredClone(committed);
      for (const cell of codeCells(fresh)) Object.assign(cell, { outputs: [], execution_count: null });
      await writeFile(join(lab().lab.folder, NAME), formatNotebook(fresh));
      const notebook = await lab().open(NAME);
      await lab().command("notebook:run-all-cells");
      await notebook.ended(cells.length - 1);
      await notebook.idle();
      assert.deepEqual(outputsOf(await notebook.save()), outputsOf(committed));

      await assertShown(notebook, committed);
      await notebook.cell(indexOf(committed, "backward")).locator("summary").first().click();
      const tops = Object.fromEntries(TOPS.map((id) => [`sigmoid-mlp-${id}`, indexOf(committed, id)]));
      await look(notebook, tops, [1400], () => assertAccessible(notebook));
      await look(notebook, tops, [700]);
    });
  });
}

function indexOf(notebook: Notebook, id: string): number {
  const index = codeCells(notebook).findIndex((cell) => cell.id === id);
  assert.notEqual(index, -1, id);
  return index;
}

interface Scrollable {
  scrollIntoView(): void;
}

/** Formulas are typeset, in the text and in outputs, charts and graphs drawn, tables tables; no TeX is left, and nothing went wrong. */
async function assertShown(notebook: NotebookPage, committed: Notebook): Promise<void> {
  const { panel } = notebook;
  for (const [at, cell] of committed.cells.entries()) {
    const shown = panel.locator(".jp-Cell").nth(at);
    await shown.evaluate((element) => (element as unknown as Scrollable).scrollIntoView());
    const id = String(cell.id);
    if (cell.cell_type === "markdown") {
      const text = shown.locator(".jp-MarkdownOutput");
      if (/\$/.test([cell.source].flat().join(""))) await text.locator("mjx-container").first().waitFor();
      assert.equal(await text.locator("mjx-merror").count(), 0, id);
      assert.doesNotMatch(await text.innerText(), /\$|\\[a-z]+/, id);
      continue;
    }
    if (cell.cell_type !== "code") continue;
    for (const [k, output] of cell.outputs.entries()) {
      assert.ok("data" in output, id);
      const place = shown.locator(".jp-OutputArea-output").nth(k);
      await place.waitFor({ state: "attached" });
      if ("application/vnd.vegalite.v5+json" in output.data) {
        const box = await place.locator("canvas, svg.marks").first().boundingBox();
        assert.ok(box && box.width > 100 && box.height > 100, id);
      } else if ("image/svg+xml" in output.data) {
        assert.ok(await isDrawn(place.locator("img")), id);
      } else if ("text/latex" in output.data || "text/markdown" in output.data) {
        await place.locator("mjx-container").first().waitFor();
        assert.equal(await place.locator("mjx-merror").count(), 0, id);
        assert.doesNotMatch(await place.innerText(), /\$|\\[a-z]+/, id);
      } else if ("text/html" in output.data) {
        assert.ok((await place.locator("td").count()) > 0, id);
      }
    }
  }
}
