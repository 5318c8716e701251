// The notebook that everyone opens first, from the file browser to the saved file, and how it looks.
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { formatNotebook, type Notebook, readNotebook } from "../../kernel/notebook.ts";
import { root } from "./lab.ts";
import { codeCells, isDrawn, type LabPage, type NotebookPage } from "./lab-page.ts";

const NAME = "first-steps.ipynb";

const SOURCE = join(root, "notebooks", NAME);

/** The project's notebook in that folder, without its outputs, so that those seen are those computed. */
export async function copyFirstSteps(folder: string, name = NAME): Promise<void> {
  const notebook = await readNotebook(SOURCE);
  for (const cell of codeCells(notebook)) Object.assign(cell, { outputs: [], execution_count: null });
  await writeFile(join(folder, name), formatNotebook(notebook));
}

export function firstStepsTests(lab: () => LabPage): void {
  describe(NAME, () => {
    let committed: Notebook;

    before(async () => {
      committed = await readNotebook(SOURCE);
    });

    it("opens from the file browser, runs whole, and shows and saves the outputs that are committed", async () => {
      const { page } = lab();
      await page.locator(".jp-DirListing-item").filter({ hasText: NAME }).dblclick();
      const notebook = await lab().front(NAME);
      await page.locator(".lm-MenuBar-item").filter({ hasText: /^Run$/ }).click();
      await page
        .locator(".lm-Menu-item")
        .filter({ hasText: /^Run All Cells$/ })
        .click();
      await allEnded(notebook, committed);
      await notebook.idle();
      assert.equal(await notebook.panel.locator('[data-mime-type*="error"], [data-mime-type*="stderr"]').count(), 0);
      await assertShown(notebook, committed);

      const saved = await notebook.save();
      assert.deepEqual(outputsOf(saved), outputsOf(committed));
      await notebook.close();

      // Nothing is run now: what is seen comes from the file.
      await page.locator(".jp-DirListing-item").filter({ hasText: NAME }).dblclick();
      await assertShown(await lab().front(NAME), committed);
    });

    it("runs whole by keyboard alone", async () => {
      const { page } = lab();
      await copyFirstSteps(lab().lab.folder, "by-keyboard.ipynb");
      const notebook = await lab().open("by-keyboard.ipynb");
      await page.keyboard.press("Escape");
      await page.keyboard.press("Control+a");
      await page.keyboard.press("Control+Enter");
      await allEnded(notebook, committed);
      await notebook.idle();
      // A new cell at the end: select the last, insert below, edit, run.
      await page.keyboard.press("Control+End");
      await page.keyboard.press("b");
      await page.keyboard.press("Enter");
      await page.keyboard.type("network.length");
      await page.keyboard.press("Control+Enter");
      const added = codeCells(committed).length;
      await notebook.ended(added);
      assert.deepEqual(await notebook.outputs(added), ["2"]);
      const saved = await notebook.save(() => page.keyboard.press("Control+s"));
      assert.equal(codeCells(saved).at(-1)?.source, "network.length");
    });
  });
}

/** Waits for the last cell, and checks that every cell has its number. */
async function allEnded(notebook: NotebookPage, committed: Notebook): Promise<void> {
  const numbers = codeCells(committed).map((_, index) => `[${index + 1}]:`);
  await notebook.ended(numbers.length - 1);
  assert.deepEqual(await notebook.panel.locator(".jp-CodeCell .jp-InputPrompt").allTextContents(), numbers);
}

/** The outputs on the page are those of the file: text as text, tables as tables, curves as images that have been drawn. */
async function assertShown(notebook: NotebookPage, committed: Notebook): Promise<void> {
  for (const [index, cell] of codeCells(committed).entries()) {
    const shown = notebook.output(index);
    if (cell.outputs.length > 0) await shown.nth(cell.outputs.length - 1).waitFor({ state: "attached" });
    assert.equal(await shown.count(), cell.outputs.length);
    for (const [at, output] of cell.outputs.entries()) {
      const html = "data" in output ? text(output.data["text/html"]) : "";
      if (html.startsWith("<img")) {
        const image = shown.nth(at).locator("img");
        await image.scrollIntoViewIfNeeded();
        assert.ok(await isDrawn(image));
      } else if (html !== "") {
        const cells = await shown.nth(at).locator("th, td").allTextContents();
        assert.deepEqual(
          cells,
          [...html.matchAll(/<t[hd]>(.*?)<\/t[hd]>/g)].map((match) => match[1]),
        );
      } else {
        const expected = "text" in output ? text(output.text) : "data" in output ? text(output.data["text/plain"]) : "";
        assert.equal((await shown.nth(at).textContent())?.trimEnd(), stripVTControlCharacters(expected).trimEnd());
      }
    }
  }
}

function text(value: unknown): string {
  return Array.isArray(value) ? value.join("") : typeof value === "string" ? value : "";
}

/** Text in one piece, whichever way it was split into lines. */
export function outputsOf(notebook: Notebook): unknown {
  const joined = JSON.stringify(
    codeCells(notebook).map(({ outputs }) => outputs),
    (_, value: unknown) =>
      Array.isArray(value) && value.length > 0 && value.every((item) => typeof item === "string")
        ? value.join("")
        : value,
  );
  return JSON.parse(joined);
}
