// A lesson's page: safe, whole in one file, with verdicts beside the formulas; looked at in a browser without a network.
import assert from "node:assert/strict";
import { pathToFileURL } from "node:url";
import { join } from "node:path";
import { writeFileSync } from "node:fs";
import fc from "fast-check";
import { type Browser, chromium as playwright } from "playwright-core";
import type { SavedOutput } from "../../kernel/notebook.ts";
import { findingsOf } from "../../notebooks/compiler/findings.ts";
import { pageHtml } from "../../notebooks/compiler/page/page.ts";
import { clean } from "../../notebooks/compiler/page/outputs.ts";
import { terminal } from "../../notebooks/compiler/page/code.ts";
import { violations } from "../axe.ts";
import { chromium } from "../chromium.ts";
import { compiled, vaultOf } from "./lessons.ts";

function page(note: string, outputs: SavedOutput[] = []): string {
  const { notebook, translation } = compiled(note);
  const [cell] = notebook.cells.filter(
    ({ cell_type: type, source }) => type === "code" && !source.includes("checkFormulas"),
  );
  if (cell?.cell_type === "code") Object.assign(cell, { outputs, execution_count: 1 });
  return pageHtml({
    title: "A page",
    notebook,
    findings: findingsOf(notebook, translation.formulas),
    notebookName: "note.ipynb",
    notebookHref: "note.ipynb",
    linkTo: (href) => href.replace(/\.ipynb/, ".html"),
  });
}

const main = (html: string): string => /<main[^>]*>\n([^]*)<\/main>/.exec(html)?.[1] ?? "";
const display = (data: Record<string, unknown>): SavedOutput => ({ output_type: "display_data", data, metadata: {} });

describe("a lesson's page", () => {
  it("sets formulas with MathML, the verdict beside each display", () => {
    const html = main(page("Let $x$ be\n\n$$y = x^2$$ ^square\n"));
    assert.equal(html.match(/<math /g)?.length, 3, "two in the text, one in the summary");
    assert.match(
      html,
      /<span id="\^square"><\/span> <span class="verdict open" title="no code is bound to it">○ not checked<\/span>/,
    );
    assert.match(html, /<summary>Claims: 1 not checked<\/summary>/);
    assert.doesNotMatch(html, /the formula above/);
  });

  it("has the fonts of its formulas inside, and no others", () => {
    const families = (html: string): string[] => [
      ...new Set([...html.matchAll(/font-family:KaTeX_(\w+);[^}]*base64,d09GMg/g)].map(([, name = ""]) => name)),
    ];
    assert.deepEqual(families(page("no formula\n")), []);
    assert.ok(families(page("$x$\n")).includes("Math"));
    assert.ok(!families(page("$x$\n")).includes("Fraktur"));
    assert.ok(families(page("$\\mathfrak{x}$\n")).includes("Fraktur"));
    assert.doesNotMatch(page("$x$\n"), /url\((?!data:)/);
  });

  it("cleans raw HTML, and lets no script of a note run", () => {
    const html = main(
      page(
        '<script>alert(1)</script>\n\n<b onclick="x()">b</b> <a href="javascript:x()">a</a> <iframe src="https://a.b"></iframe>\n\n<details><summary>s</summary>\n\n==m==\n\n</details>\n',
      ),
    );
    assert.doesNotMatch(html, /alert|onclick|javascript:|iframe/);
    assert.match(html, /<details><summary>s<\/summary>\s*<p><mark>m<\/mark><\/p>\s*<\/details>/);
  });

  it("loads no picture: those of the note are in it, others are links", () => {
    const html = main(page("![one](https://a.b/c.png) <img src='d.png' alt='two'>\n"));
    assert.doesNotMatch(html, /<img/);
    assert.match(html, /<a href="https:\/\/a\.b\/c\.png">one<\/a> <a href="d\.png">two<\/a>/);
  });

  it("has headings that can be linked to, and a table of contents of them", () => {
    const html = page("## A *b* $c$\n\nx\n\n## A *b* $c$\n\ny\n");
    assert.match(html, /<h2 id="A-b-\$c\$">/);
    assert.match(html, /<h2 id="A-b-\$c\$-1">/);
    assert.match(html, /<li class="d2"><a href="#A-b-%24c%24">A b c<\/a><\/li>/);
  });

  it("shows of a cell's output the format that JupyterLab would show", () => {
    const shown = (data: Record<string, unknown>): string =>
      main(page("```ts\n1\n```\n", [display(data)])).replace(/[^]*class="outputs">/, "");
    assert.match(
      shown({ "text/html": "<i>h</i><script>1</script>", "image/png": "AA", "text/plain": "p" }),
      /^<div class="html"><i>h<\/i><\/div>/,
    );
    assert.match(
      shown({ "text/markdown": "**m** $x$", "text/plain": "p" }),
      /^<div class="markdown"><p><strong>m<\/strong>/,
    );
    assert.match(
      shown({ "image/svg+xml": "<svg/>", "text/plain": "p" }),
      /^<img src="data:image\/svg\+xml;base64,PHN2Zy8\+" alt="p">/,
    );
    assert.match(shown({ "text/plain": "<p>" }), /^<pre class="result" tabindex="0">&lt;p&gt;<\/pre>/);
    assert.match(
      shown({ "application/vnd.vegalite.v5+json": { a: "</script>" }, "image/png": "AA", "text/plain": "c" }),
      /^<figure class="chart" data-chart="0"><img src="data:image\/png;base64,AA" alt="c">/,
    );
  });

  it("has vega only where there is a chart", () => {
    const chart = display({ "application/vnd.vegalite.v5+json": { mark: "point" }, "text/plain": "c" });
    assert.ok(page("```ts\n1\n```\n", [chart, chart]).length > 700_000);
    assert.ok(page("```ts\n1\n```\n").length < 60_000);
  });

  it("shows ticked boxes as signs, and empty sections folded", () => {
    const html = main(page("## e\n\n## f\n\n- [x] a\n- [ ] b\n"));
    assert.match(html, /<li>☑ a<\/li>\s*<li>☐ b<\/li>/);
    assert.match(html, /<details class="empty"><summary>e<\/summary><h2 id="e">e<\/h2>/);
  });
});

describe("a page of any text", () => {
  it("has no script of the note's, and nothing that was put in its place while it was read", () => {
    const parts = ["$", "$$", "\\(", "\\)", "[[a]]", "%%", "```", "```ts\n", "\n", "\n\n", "> ", "> [!n]- t\n", "- ", "==", "# ", "[^1]", "[^1]: x\n", "|a|\n|-|\n|", " ^a", "<b onclick='x'>", "<script>", "</script>", "<!--", "-->", "`", "[x](javascript:y)", "<img src=x onerror=y>", "𔗃"]; // prettier-ignore
    const text = fc.array(fc.constantFrom(...parts), { maxLength: 30 }).map((list) => list.join(""));
    fc.assert(
      fc.property(text, (note) => {
        const html = page(note);
        assert.doesNotMatch(html, /[\ufdd0\ufdd1]/);
        const tags = [...main(html).matchAll(/<[a-z][^>]*>/g)].map(([tag]) =>
          tag.replace(/="[^"]*"/g, (value) => (value.startsWith('="javascript:') ? value : "")),
        );
        assert.deepEqual(
          tags.filter((tag) => /<script|\son\w+|javascript:/.test(tag)),
          [],
        );
      }),
      { seed: 9, numRuns: 100 },
    );
  });
});

describe("HTML of outputs", () => {
  it("keeps what tables need, and nothing that loads or runs", () => {
    const table =
      '<table class="t" tabindex="0"><caption>c</caption><tbody><tr><th scope="row" style="text-align:right">1</th></tr></tbody></table>';
    assert.equal(clean(table), table);
    assert.equal(clean(table.replace(' tabindex="0"', "")), table, "the keyboard scrolls wide ones");
    assert.equal(clean('<img src="https://a.b/c.png" alt="x" onerror="y()">'), "<span>x</span>");
    assert.equal(
      clean('<p style="background:url(https://a.b);color:red">a</p><style>b</style><svg></svg>'),
      '<p style="color:red">a</p>',
    );
  });

  it("terminal(text) colours, and shows what came last in a line", () => {
    assert.equal(
      terminal("10 %\r100 %\n\x1b[1m\x1b[31mr<\x1b[0m"),
      '100 %\n<span class="ansi-bold ansi-red">r&lt;</span>',
    );
  });
});

describe("a lesson's page in a browser", function () {
  this.timeout(60_000);
  let browser: Browser;
  let vault: ReturnType<typeof vaultOf>;
  before(async function () {
    browser = await playwright.launch({ executablePath: chromium(this), args: ["--no-sandbox"] });
    vault = vaultOf({});
  });
  after(async () => {
    await browser?.close();
    vault?.remove();
  });

  const note =
    "> [!tip]- Fold\n> $$a$$\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n## Code ==x==\n\n```ts\nconst a = 1; // comment\n```\n\n```python\ndef f(): return 'x'\n```\n\n- [ ] b\n\n$$\\mathbb{R} \\subset \\mathbb{C}$$\n";
  const chart = display({
    "application/vnd.vegalite.v5+json": {
      $schema: "https://vega.github.io/schema/vega-lite/v5.json",
      data: { values: [{ a: 1 }, { a: 2 }] },
      mark: "point",
      encoding: { x: { field: "a", type: "quantitative" } },
    },
    "text/plain": "two points",
  });
  const failed: SavedOutput = {
    output_type: "error",
    ename: "Error",
    evalue: "e",
    traceback: ["\x1b[31mError: e\x1b[39m"],
  };

  for (const colorScheme of ["light", "dark"] as const) {
    it(`asks the network for nothing, draws its chart, fits a phone and passes axe, ${colorScheme}`, async () => {
      const file = join(vault.folder, "page.html");
      writeFileSync(file, page(note, [chart, failed]));
      const context = await browser.newContext({ colorScheme, viewport: { width: 390, height: 800 } });
      const tab = await context.newPage();
      const requests: string[] = [];
      const complaints: string[] = [];
      tab.on("request", (request) => requests.push(request.url()));
      tab.on("console", (message) => complaints.push(message.text()));
      tab.on("pageerror", (error) => complaints.push(error.message));
      const url = pathToFileURL(file).href;
      await tab.goto(url);
      await tab.locator("figure.chart").scrollIntoViewIfNeeded();
      await tab.locator("figure.chart svg").waitFor();
      assert.deepEqual(
        requests.filter((request) => request !== url && !request.startsWith("data:")),
        [],
      );
      assert.deepEqual(complaints, []);
      assert.equal(await tab.evaluate("document.documentElement.scrollWidth <= innerWidth"), true);
      assert.deepEqual(await violations(tab), []);
      // The chart names no ground: it is written on the page's in the page's colour, also after that has changed.
      const colours = `(() => {
        const figure = document.querySelector("figure.chart");
        const label = figure.querySelector(".role-axis-label text");
        return [getComputedStyle(figure).backgroundColor, getComputedStyle(label).fill === getComputedStyle(document.body).color];
      })()`;
      assert.deepEqual(await tab.evaluate(colours), ["rgba(0, 0, 0, 0)", true]);
      await tab.locator("button.theme").click();
      assert.deepEqual(await tab.evaluate(colours), ["rgba(0, 0, 0, 0)", true]);
      await context.close();
    });
  }
});
