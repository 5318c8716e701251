// A site of lessons as its readers use it, in a browser and by keyboard: found, read, printed, opened as a notebook, and seen to change
// while somebody writes.
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type Browser, chromium as driver, type Page } from "playwright-core";
import { readNotebook } from "../../kernel/notebook.ts";
import { violations } from "../axe.ts";
import { chromium } from "../chromium.ts";
import { vaultOf } from "../compiler/lessons.ts";
import { ARGUMENTS, TEST_TIMEOUT } from "./lab-page.ts";
import { root } from "./lab.ts";

const notes = {
  "Chain rule.md":
    "---\ntags: [rules]\n---\n# Chain rule\n\nDerivatives multiply.\n\n> [!tip]- Why\n> Because speeds do.\n\nSee [[Sigmoid]].\n",
  "Sigmoid.md": "# Sigmoid\n\n```ts\nconst half = 1 / (1 + Math.exp(0));\nhalf\n```\n\nBack to the [[Chain rule]].\n",
  "Loss.md": "#rules\n\nIts square is small.\n",
};

describe("A site of lessons in Chromium", function () {
  this.timeout(TEST_TIMEOUT);
  let vault: ReturnType<typeof vaultOf>;
  let browser: Browser;
  let page: Page;
  const children = new Set<ChildProcess>();

  const lesson = (...args: string[]) => {
    const child = spawn(process.execPath, [join(root, "bin", "adjoint.js"), "lesson", ...args], {
      cwd: vault.folder,
      stdio: ["ignore", "ignore", "pipe"],
    });
    children.add(child);
    let stderr = "";
    child.stderr.setEncoding("utf8").on("data", (chunk: string) => (stderr += chunk));
    return { child, text: () => stderr };
  };
  const address = (...path: string[]): string => pathToFileURL(join(vault.folder, ...path)).href;

  before(async function () {
    const executablePath = chromium(this);
    vault = vaultOf(notes);
    const { child, text } = lesson(".", "-o", "site", "--site");
    const [code] = (await once(child, "close")) as [number];
    assert.equal(code, 0, text());
    browser = await driver.launch({ executablePath, args: ARGUMENTS });
  });
  beforeEach(async () => {
    page = await browser.newPage();
  });
  afterEach(() => page.close());
  after(async () => {
    for (const child of children) child.kill("SIGKILL");
    await browser?.close();
    vault?.remove();
  });

  /** Tab, until what is sought has the focus. */
  async function tabTo(selector: string): Promise<void> {
    for (let presses = 0; presses < 30; presses++) {
      await page.keyboard.press("Tab");
      if ((await page.evaluate(`document.activeElement.matches(${JSON.stringify(selector)})`)) === true) return;
    }
    assert.fail(`Tab does not reach ${selector}`);
  }

  it("is searched and read without a mouse, and says how much was found", async () => {
    await page.goto(address("site", "index.html"));
    assert.deepEqual(await violations(page), []);
    await tabTo("input[type=search]");
    await page.keyboard.type("math.EXP half");
    assert.equal(await page.getByRole("status").innerText(), "1 of 3 lessons");
    assert.deepEqual(await page.locator("li[data-lesson]:visible > a:first-child").allInnerTexts(), ["Sigmoid"]);
    await tabTo("li[data-lesson] > a");
    await Promise.all([page.waitForURL(/Sigmoid\.html$/), page.keyboard.press("Enter")]);
    await page.getByRole("main").getByText("0.5").waitFor();
    await tabTo("main p a");
    await Promise.all([page.waitForURL(/Chain%20rule\.html$/), page.keyboard.press("Enter")]);
    await tabTo("footer a[href*='tag']");
    await Promise.all([page.waitForURL(/index\.html#tag:rules$/), page.keyboard.press("Enter")]);
    assert.equal(await page.getByRole("status").innerText(), "2 of 3 lessons");
  });

  it("is printed with what was folded, and is folded again afterwards", async () => {
    await page.goto(address("site", "Chain rule.html"));
    const why = page.getByText("Because speeds do.");
    assert.equal(await why.isVisible(), false);
    await page.evaluate("dispatchEvent(new Event('beforeprint'))");
    await page.emulateMedia({ media: "print", colorScheme: "dark" });
    assert.equal(await why.isVisible(), true);
    assert.equal(await page.locator("nav.contents").isVisible(), false);
    assert.equal(await page.evaluate("getComputedStyle(document.body).backgroundColor"), "rgb(255, 255, 255)");
    await page.evaluate("dispatchEvent(new Event('afterprint'))");
    assert.equal(await why.isVisible(), false);
  });

  it("--watch shows a change of prose and of code in the page that is open, which gives its notebook", async () => {
    const { child, text } = lesson("Sigmoid.md", "-o", "watched", "--watch");
    let url: RegExpExecArray | null = null;
    while ((url = /watching; (http:\/\/127\.0\.0\.1:\d+\/\S+)/.exec(text())) === null)
      await once(child.stderr as NodeJS.EventEmitter, "data");
    await page.goto(String(url[1]));
    const file = join(vault.folder, "Sigmoid.md");
    const changed = notes["Sigmoid.md"].replace("Back to", "Return to");
    // The watcher is ready when it sees a save: repeated, for there is no other sign of it.
    const saving = setInterval(() => void writeFile(file, changed), 500);
    await page.getByRole("main").getByText("Return to").waitFor();
    clearInterval(saving);
    await writeFile(file, changed.replace("Math.exp(0)", "Math.exp(0) * 3"));
    await page.getByRole("main").getByText("0.25").waitFor();
    // Over http; of a page that is opened as a file, browsers show the notebook's text instead.
    const link = page.getByRole("link", { name: "Open as notebook" });
    const [download] = await Promise.all([page.waitForEvent("download"), link.click()]);
    const notebook = await readNotebook(await download.path());
    assert.deepEqual(notebook.cells, (await readNotebook(join(vault.folder, "watched", "Sigmoid.ipynb"))).cells);
    assert.match(JSON.stringify(notebook.cells), /"0\.25"/);
    child.kill("SIGINT");
    const [code] = (await once(child, "close")) as [number];
    assert.equal(code, 0, text());
  });
});
