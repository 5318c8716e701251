// What nbconvert makes of the notebook of all displays, opened where there is no network: every chart, table and picture is there.
// Formulas stay TeX, since nbconvert's template loads MathJax from the web.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { type Browser, chromium as driver, type Locator, type Page } from "playwright-core";
import { type CodeCell, parseNotebook } from "../../kernel/notebook.ts";
import { chromium } from "../chromium.ts";
import { decodePng, inkIn } from "../png.ts";
import { DISPLAYS } from "./displays.ts";
import { ARGUMENTS, codeCells, isDrawn, METADATA, SCREENSHOTS } from "./lab-page.ts";
import { LIBRARY_CELLS } from "./library-cells.ts";
import { root } from "./lab.ts";

const PYTHON = join(root, ".venv", process.platform === "win32" ? "Scripts/python.exe" : "bin/python");
const run = promisify(execFile);

declare const document: { documentElement: { scrollWidth: number; clientWidth: number } };

function sourceOf(address: string | null): string {
  return Buffer.from(address?.replace(/^.*?,/, "") ?? "", "base64").toString();
}

describe("The notebook of all displays, run by adjoint run", function () {
  this.timeout(120_000);
  let folder: string;
  let executed: string;
  let cells: Map<string, CodeCell>;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "displays-"));
    executed = join(folder, "displays.ipynb");
    await run(process.execPath, [join(root, "bin", "adjoint.js"), "run", DISPLAYS, "-o", executed]);
    cells = new Map(
      codeCells(parseNotebook(await readFile(executed), executed)).map((cell) => [String(cell.id), cell]),
    );
  });
  after(() => rm(folder, { recursive: true, force: true }));

  it("holds the PNG of each chart, with its text, as GitHub shows it", () => {
    for (const id of ["line", "layers", "vega", "progress"]) {
      const output = cells.get(id)?.outputs.at(-1);
      assert.ok(output !== undefined && "data" in output, id);
      assert.ok(!("text/html" in output.data), "it would hide the chart");
      const png = decodePng(Buffer.from([output.data["image/png"]].flat().join(""), "base64"));
      assert.ok(png.width > 600 && png.height > 200, id);
      assert.ok(inkIn(png) > 2000, id);
    }
  });

  it("has no output that says that something went wrong, but the error at its end", () => {
    for (const [id, { outputs }] of cells) {
      const text = JSON.stringify(outputs);
      assert.doesNotMatch(text, /no chart|cannot be shown|vega-lite:/, id);
      assert.equal(
        outputs.some(({ output_type }) => output_type === "error"),
        id === "error",
      );
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
      await page.goto(pathToFileURL(join(folder, "displays.html")).href, { waitUntil: "load" });
      await page.screenshot({ path: join(SCREENSHOTS, "nbconvert.png"), fullPage: true });
    });
    after(() => browser?.close());

    const outputs = (): Locator => page.locator(".jp-OutputArea-output");

    it("shows each chart as SVG, with its title, axes and legend, drawn at its size", async () => {
      // nbconvert makes pictures of SVG, so that the styles and names of one do not reach another.
      const pictures = await outputs().locator('img[src^="data:image/svg+xml;base64,"]').all();
      const sources = await Promise.all(pictures.map(async (picture) => sourceOf(await picture.getAttribute("src"))));
      for (const texts of [
        ["Loss f(x, y) → 0", ">step<", ">loss<", ">momentum<"],
        ["‖∇f‖ ≫ 0 across the valley, ≈ 0 along it", ">f(x, y)<", ">plain<"],
        ["x² + 10 · y²", ">pow<"],
        ["<polyline"],
        [">step<", ">50<"],
      ]) {
        const index = sources.findIndex((source) => texts.every((text) => source.includes(text)));
        const picture = pictures[index];
        assert.ok(picture, texts[0]);
        assert.ok(await isDrawn(picture), texts[0]);
        const [, width, height] = /<svg [^>]*?\bwidth="(\d+)" height="(\d+)"/.exec(sources[index] ?? "") ?? [];
        const box = await picture.boundingBox();
        assert.deepEqual([box?.width, box?.height], [Number(width), Number(height)]);
      }
      assert.equal(sources.length, 5);
    });

    it("shows each table and picture, and the text of formulas", async () => {
      const tables = outputs().locator("table");
      assert.equal(await tables.count(), 4);
      for (const table of await tables.all()) assert.ok((await table.boundingBox())?.height);
      assert.ok(await outputs().getByText("100 of 120 rows, 5 columns").isVisible());
      const picture = await outputs().locator('img[src^="data:image/png"]').boundingBox();
      assert.deepEqual([picture?.width, picture?.height], [320, 120]);
      assert.ok(await outputs().getByText("What is momentum?").isVisible());
      assert.ok(await outputs().getByText("\\nabla f").first().isVisible());
    });

    it("is no wider than its page", async () => {
      const [width, inner] = await page.evaluate(() => {
        const { scrollWidth, clientWidth } = document.documentElement;
        return [scrollWidth, clientWidth];
      });
      assert.equal(width, inner);
    });
  });
});

describe("The notebook of the library's displays, run by adjoint run, as HTML without a network", function () {
  this.timeout(120_000);
  let folder: string;
  let browser: Browser | undefined;
  let page: Page;

  before(async function () {
    const executablePath = chromium(this);
    if (!existsSync(PYTHON)) {
      console.log(`    no ${PYTHON}: \`npm test\` makes it`);
      return this.skip();
    }
    folder = await mkdtemp(join(tmpdir(), "tables-"));
    const cells = LIBRARY_CELLS.map(({ id, source }) => ({ cell_type: "code", execution_count: null, id, metadata: {}, outputs: [], source })); // prettier-ignore
    const [source, executed] = [join(folder, "source.ipynb"), join(folder, "tables.ipynb")];
    await writeFile(source, JSON.stringify({ cells, metadata: METADATA, nbformat: 4, nbformat_minor: 5 }));
    await run(process.execPath, [join(root, "bin", "adjoint.js"), "run", source, "-o", executed]);
    const env = { ...process.env, HOME: folder, JUPYTER_CONFIG_DIR: folder };
    await run(PYTHON, ["-m", "nbconvert", "--to", "html", executed], { env });
    browser = await driver.launch({ executablePath, args: ARGUMENTS });
    page = await browser.newPage({ viewport: { width: 1000, height: 1000 }, offline: true });
    await page.goto(pathToFileURL(join(folder, "tables.html")).href, { waitUntil: "load" });
    await page.screenshot({ path: join(SCREENSHOTS, "nbconvert-tables.png"), fullPage: true });
  });
  after(async () => {
    await browser?.close();
    await rm(folder, { recursive: true, force: true });
  });

  it("shows every table, picture and text, and no name as markup", async () => {
    const cells = page.locator(".jp-CodeCell");
    assert.equal(await cells.count(), LIBRARY_CELLS.length);
    for (const [index, { id, seen }] of LIBRARY_CELLS.entries()) {
      const output = cells.nth(index).locator(".jp-OutputArea-output").first();
      const box = await output.boundingBox();
      assert.ok(box && box.height > 10, id);
      if (id === "image" || seen === "image/png") assert.ok(await isDrawn(output.locator("img")), id);
      else if (seen === "text/html" || seen === "text/markdown") assert.ok(await output.locator("table").first().isVisible(), id); // prettier-ignore
    }
    assert.ok(await page.getByText("Gradients of 4 parameters").isVisible());
    assert.equal(await page.locator('img[src="x"]').count(), 0);
    assert.notEqual(await page.title(), "evil");
  });

  it("leaves formulas of the tape readable as TeX", async () => {
    assert.ok(await page.getByText("\\bar{v}_{1}").first().isVisible());
  });
});
