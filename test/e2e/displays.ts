// The notebook of all displays, as it is seen when it has been run, and when it comes from someone else and is not trusted: which
// of its formats each output shows, in both themes, wide and narrow, and whether those who do not see it can read it.
import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import type { CodeCell, Notebook } from "../../kernel/notebook.ts";
import { root } from "./lab.ts";
import { codeCells, type LabPage, type NotebookPage, SCREENSHOTS } from "./lab-page.ts";
import { assertFitting, look, plainLooks } from "./looks.ts";

const NAME = "displays.ipynb";
export const DISPLAYS = join(root, "notebooks", NAME);
/** JupyterLab shows errors as it shows standard error. */
const ERROR = "application/vnd.jupyter.stderr";
/** JupyterLab's own drawing of a chart. */
const CHART = "chart";

/** The format in which each output of a cell is seen, by the cell's id. */
const SEEN: Record<string, string[]> = {
  values: ["text/plain"],
  tables: ["text/html"],
  "console-table": ["text/html", "text/html"],
  markdown: ["text/markdown"],
  latex: ["text/latex"],
  html: ["text/html"],
  svg: ["image/svg+xml"],
  png: ["image/png"],
  line: [CHART],
  layers: [CHART],
  vega: [CHART],
  progress: ["text/plain", CHART],
  own: ["text/latex"],
  console: ["application/vnd.jupyter.stdout", "text/markdown", "application/vnd.jupyter.stderr"],
  error: [ERROR],
};
/** What JupyterLab does not show of someone else's. */
const UNTRUSTED: Record<string, string[]> = { ...SEEN, svg: ["text/plain"] };

export function displaysTests(lab: () => LabPage): void {
  describe(NAME, () => {
    let executed: Notebook;

    before(() => lab().command("application:toggle-left-area"));
    after(() => lab().command("application:toggle-left-area"));
    afterEach(() => plainLooks(lab()));

    it("shows each output in its best format, readable in both themes, wide and narrow", async () => {
      await writeFile(join(lab().lab.folder, NAME), await readFile(DISPLAYS));
      const notebook = await lab().open(NAME);
      await lab().command("notebook:run-all-cells");
      await notebook.ended((await notebook.cells.count()) - 1);
      executed = await notebook.save();
      await assertSeen(notebook, executed, SEEN);
      await look(notebook, tops(executed));
      await assertAccessible(notebook);
    });

    it("from someone else still shows its charts, tables and pictures", async () => {
      // The signature, by which a Jupyter server trusts what it has executed itself, is one of the content.
      const changed = { ...executed, metadata: { ...executed.metadata, origin: "elsewhere" } };
      await writeFile(join(lab().lab.folder, "foreign.ipynb"), JSON.stringify(changed));
      const notebook = await lab().open("foreign.ipynb");
      await assertSeen(notebook, executed, UNTRUSTED);
      await lab().page.setViewportSize({ width: 500, height: 1000 });
      await assertFitting(notebook, "untrusted");
      await lab().page.screenshot({ path: join(SCREENSHOTS, "displays-untrusted.png") });
    });
  });
}

/** Every output of these cells shows the format that is expected, and charts are drawn. */
async function assertSeen(notebook: NotebookPage, content: Notebook, expected: typeof SEEN): Promise<void> {
  const cells = codeCells(content);
  const seen: typeof SEEN = {};
  for (const [index, cell] of cells.entries()) {
    await notebook.cell(index).evaluate((element) => (element as unknown as Scrollable).scrollIntoView());
    const outputs = notebook.cell(index).locator(".jp-OutputArea-output");
    await outputs
      .nth(idOf(cell).length > 0 ? (expected[idOf(cell)]?.length ?? 1) - 1 : 0)
      .waitFor({ state: "attached" });
    seen[idOf(cell)] = await outputs.evaluateAll((elements) =>
      elements.map((element) => {
        const { className, dataset } = element as unknown as Described;
        return className.includes("jp-RenderedVegaCommon5") ? "chart" : (dataset["mimeType"] ?? "");
      }),
    );
    for (const chart of await notebook.cell(index).locator(".jp-RenderedVegaCommon5").all()) {
      const box = await chart.locator("canvas, svg.marks").first().boundingBox();
      assert.ok(box && box.width > 200 && box.height > 100, `the chart of ${idOf(cell)} is drawn`);
    }
  }
  assert.deepEqual(seen, expected);
}

function idOf(cell: CodeCell): string {
  return String(cell.id);
}

interface Scrollable {
  scrollIntoView(): void;
}
interface Described {
  className: string;
  dataset: Record<string, string>;
}

/** The cells that stand at the top of a screenshot. */
function tops(content: Notebook): Record<string, number> {
  const ids = codeCells(content).map(idOf);
  return Object.fromEntries(
    ["values", "markdown", "line", "layers", "progress"].map((id) => [`displays-${id}`, ids.indexOf(id)]),
  );
}

const AXE = createRequire(import.meta.url).resolve("axe-core/axe.min.js");
interface Axe {
  run(context: object, options: object): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }>;
}
declare const axe: Axe;

/** https://github.com/dequelabs/axe-core on what the kernel has made; what JupyterLab puts around it is not ours. */
export async function assertAccessible({ page }: NotebookPage): Promise<void> {
  await page.addScriptTag({ path: AXE });
  const violations = await page.evaluate(async () => {
    const off = { enabled: false };
    const { violations } = await axe.run(
      // JupyterLab gives no picture of its own alternative text; those in HTML have theirs.
      { include: [[".jp-RenderedHTML"], [".jp-RenderedText"], [".jp-RenderedMarkdown"]] },
      // How JupyterLab lets outputs scroll is not ours.
      { resultTypes: ["violations"], rules: { "scrollable-region-focusable": off } },
    );
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 200)).join(" | ")}`);
  });
  assert.deepEqual(violations, []);
}
