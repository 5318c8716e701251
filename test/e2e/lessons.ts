// The lessons that come with the project, each run whole in JupyterLab by a fresh kernel.
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { writeFile } from "node:fs/promises";
import { formatNotebook, readNotebook } from "../../kernel/notebook.ts";
import { outputsOf } from "./first-steps.ts";
import { root } from "./lab.ts";
import { codeCells, type LabPage } from "./lab-page.ts";
import { look, plainLooks } from "./looks.ts";

export const NOTEBOOKS = join(root, "notebooks");
/** Their notebooks, in order. */
export const LESSONS = readdirSync(join(NOTEBOOKS, "notes"))
  .filter((name) => name.endsWith(".md"))
  .map((name) => name.replace(/\.md$/, ".ipynb"))
  .toSorted();

export function lessonsTests(lab: () => LabPage, names: readonly string[] = LESSONS): void {
  describe("lessons", () => {
    before(() => lab().command("application:toggle-left-area"));
    after(() => lab().command("application:toggle-left-area"));
    afterEach(() => plainLooks(lab()));

    for (const name of names) {
      it(`${name} runs whole, shows what is committed, and is readable in both themes, wide and narrow`, async () => {
        const committed = await readNotebook(join(NOTEBOOKS, name));
        const expected = outputsOf(committed);
        for (const cell of codeCells(committed)) Object.assign(cell, { outputs: [], execution_count: null });
        await writeFile(join(lab().lab.folder, name), formatNotebook(committed));
        const notebook = await lab().open(name);
        // It ends when all cells have; those whose code is hidden show no number.
        await lab().command("notebook:run-all-cells");
        await notebook.idle();
        assert.deepEqual(outputsOf(await notebook.save()), expected);
        const charts = codeCells(await notebook.file()).findIndex(({ outputs }) =>
          outputs.some((output) => "data" in output && "image/svg+xml" in output.data),
        );
        await look(notebook, { [`lesson-${name.replace(/\.ipynb$/, "")}`]: Math.max(charts, 0) });
      });
    }
  });
}
