// Every table, formula and picture of the library in JupyterLab: which format is seen, that it can be read in both themes, wide and
// narrow, and the same of someone else's notebook, which is sanitised.
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Notebook } from "../../kernel/notebook.ts";
import { assertAccessible } from "./displays.ts";
import { type LabPage, type NotebookPage, SCREENSHOTS } from "./lab-page.ts";
import { LIBRARY_CELLS } from "./library-cells.ts";
import { assertFitting, look, plainLooks } from "./looks.ts";

declare const document: { title: string };

export function tablesTests(lab: () => LabPage): void {
  describe("the displays of the library", () => {
    let executed: Notebook;

    before(() => lab().command("application:toggle-left-area"));
    after(() => lab().command("application:toggle-left-area"));
    afterEach(() => plainLooks(lab()));

    it("are seen in their best format, readable in both themes, wide and narrow", async () => {
      const sources = LIBRARY_CELLS.map(({ source }) => source);
      const notebook = await lab().notebook(...sources);
      await lab().command("notebook:run-all-cells");
      await notebook.ended(LIBRARY_CELLS.length - 1);
      executed = await notebook.save();
      await assertSeen(notebook);
      await assertTypeset(notebook);
      await openDetails(notebook);
      await look(notebook, TOPS, [1400, 700], () => assertAccessible(notebook));
    });

    it("are the same when the notebook comes from someone else", async () => {
      const changed = { ...executed, metadata: { ...executed.metadata, origin: "elsewhere" } };
      await writeFile(join(lab().lab.folder, "foreign-tables.ipynb"), JSON.stringify(changed));
      const notebook = await lab().open("foreign-tables.ipynb");
      await assertSeen(notebook);
      await assertTypeset(notebook);
      await assertAccessible(notebook);
      const heat = notebook.cell(indexOf("tensor")).locator('td[style*="background"]').first();
      assert.match((await heat.getAttribute("style")) ?? "", /background-color:\s?rgba\(/);
      assert.equal(await notebook.cell(indexOf("gradients")).locator("details").count(), 4);
      await lab().page.setViewportSize({ width: 700, height: 1000 });
      await assertFitting(notebook, "untrusted");
      await notebook
        .cell(indexOf("tape"))
        .evaluate((cell) => (cell as unknown as { scrollIntoView(): void }).scrollIntoView());
      await lab().page.screenshot({ path: join(SCREENSHOTS, "tables-untrusted.png") });
    });
  });
}

function indexOf(id: string): number {
  return LIBRARY_CELLS.findIndex((cell) => cell.id === id);
}

const TOPS = Object.fromEntries(["tensor", "digits", "tape", "gradients"].map((id) => [`tables-${id}`, indexOf(id)]));

async function openDetails(notebook: NotebookPage): Promise<void> {
  for (const id of ["gradients", "compare"]) await notebook.cell(indexOf(id)).locator("summary").first().click();
}

/** Each cell shows one output, in the format that is expected; nothing of a name has become an element. */
async function assertSeen(notebook: NotebookPage): Promise<void> {
  const seen: Record<string, string[]> = {};
  for (const [index, { id }] of LIBRARY_CELLS.entries()) {
    const cell = notebook.cell(index);
    await cell.evaluate((element) => (element as unknown as { scrollIntoView(): void }).scrollIntoView());
    const outputs = cell.locator(".jp-OutputArea-output");
    await outputs.first().waitFor({ state: "attached" });
    seen[id] = await outputs.evaluateAll((elements) =>
      elements.map((element) => (element as unknown as { dataset: Record<string, string> }).dataset["mimeType"] ?? ""),
    );
    assert.doesNotMatch((await notebook.outputs(index)).join("\n"), /shown as text only/, id);
  }
  assert.deepEqual(seen, Object.fromEntries(LIBRARY_CELLS.map((cell) => [cell.id, [cell.seen]])));
  assert.notEqual(await notebook.page.evaluate(() => document.title), "evil");
  assert.equal(await notebook.cell(indexOf("evil")).locator(".jp-OutputArea-output img").count(), 0);
}

/** The formulas are typeset, and none is an error; names are not. */
async function assertTypeset(notebook: NotebookPage): Promise<void> {
  for (const [id, least] of Object.entries({ latex: 1, tape: 20, "tape-both": 15 })) {
    const cell = notebook.cell(indexOf(id));
    await cell.evaluate((element) => (element as unknown as { scrollIntoView(): void }).scrollIntoView());
    await cell.locator("mjx-container").nth(least - 1).waitFor({ state: "attached" }); // prettier-ignore
    assert.equal(await cell.locator("mjx-merror").count(), 0, id);
  }
  for (const id of ["evil", "evil-gradients"]) {
    assert.equal(await notebook.cell(indexOf(id)).locator("mjx-container").count(), 0, id);
  }
  assert.equal(await notebook.cell(indexOf("evil-tape")).locator("mjx-merror").count(), 0);
}
