// What nbconvert makes of the library's charts and graphs, opened where there is no network.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { type Browser, chromium as driver, type Page } from "playwright-core";
import { parseNotebook } from "../../kernel/notebook.ts";
import { chromium } from "../chromium.ts";
import { decodePng, inkIn } from "../png.ts";
import { CHART_CELLS } from "./chart-cells.ts";
import { ARGUMENTS, codeCells, isDrawn, METADATA, SCREENSHOTS } from "./lab-page.ts";
import { root } from "./lab.ts";

const PYTHON = join(root, ".venv", process.platform === "win32" ? "Scripts/python.exe" : "bin/python");
/** Characters of one display: what the charts' specification, SVG and PNG take together. */
const DISPLAY_LIMIT = 240_000;
const run = promisify(execFile);

describe("The notebook of the library's charts, run by adjoint run", function () {
  this.timeout(120_000);
  let folder: string;
  let executed: string;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "charts-"));
    executed = join(folder, "charts.ipynb");
    const cells = CHART_CELLS.map(({ id, source }) => ({ cell_type: "code", execution_count: null, id, metadata: {}, outputs: [], source })); // prettier-ignore
    const source = join(folder, "source.ipynb");
    await writeFile(source, JSON.stringify({ cells, metadata: METADATA, nbformat: 4, nbformat_minor: 5 }));
    await run(process.execPath, [join(root, "bin", "adjoint.js"), "run", source, "-o", executed]);
  });
  after(() => rm(folder, { recursive: true, force: true }));

  it("holds a PNG of each, as GitHub shows it, its text, and no more than a page can carry", async () => {
    const cells = codeCells(parseNotebook(await readFile(executed), executed));
    for (const [k, { id, seen, tells }] of CHART_CELLS.entries()) {
      const [output, ...others] = cells[k]?.outputs ?? [];
      assert.ok(output !== undefined && "data" in output, JSON.stringify(output));
      assert.deepEqual(others, [], id);
      assert.match([output.data["text/plain"]].flat().join(""), tells, id);
      assert.ok(JSON.stringify(output).length < DISPLAY_LIMIT, id);
      if (seen[0]?.startsWith("text/") === true) continue;
      const png = decodePng(Buffer.from([output.data["image/png"]].flat().join(""), "base64"));
      assert.ok(png.width > 250 && inkIn(png) > 1000, id);
    }
  });

  describe("as HTML, without a network", () => {
    let browser: Browser | undefined;
    let page: Page;

    before(async function () {
      const executablePath = chromium(this);
      if (!existsSync(PYTHON)) {
        console.log(`    no ${PYTHON}: \`npm test\` makes it`);
        return this.skip();
      }
      const env = { ...process.env, HOME: folder, JUPYTER_CONFIG_DIR: folder };
      await run(PYTHON, ["-m", "nbconvert", "--to", "html", executed], { env });
      browser = await driver.launch({ executablePath, args: ARGUMENTS });
      page = await browser.newPage({ viewport: { width: 1000, height: 1000 }, offline: true });
      await page.goto(pathToFileURL(join(folder, "charts.html")).href, { waitUntil: "load" });
      await page.screenshot({ path: join(SCREENSHOTS, "nbconvert-charts.png"), fullPage: true });
    });
    after(() => browser?.close());

    it("shows each chart and graph as a picture, and the rest", async () => {
      const cells = page.locator(".jp-CodeCell");
      assert.equal(await cells.count(), CHART_CELLS.length);
      for (const [index, { id, seen, tells }] of CHART_CELLS.entries()) {
        const output = cells.nth(index).locator(".jp-OutputArea-output").first();
        if (seen[0]?.startsWith("text/") === true) assert.match(await output.innerText(), tells, id);
        else assert.ok(await isDrawn(output.locator("img")), id);
      }
      assert.equal(await page.locator('img[src="x"]').count(), 0);
      assert.notEqual(await page.title(), "evil");
    });
  });
});
