// What helps while typing: highlighting, completion, tooltips, and a console that knows when a line is complete.
import assert from "node:assert/strict";
import { type Page } from "playwright-core";
import { isDrawn, KERNEL, type LabPage } from "./lab-page.ts";

export function typingTests(lab: () => LabPage): void {
  describe("typing", () => {
    it("the launcher shows the kernel with its logo, and opens a notebook that runs what is typed", async () => {
      const { page } = lab();
      await lab().command("launcher:create");
      const card = page.locator(`.jp-LauncherCard[data-category="Notebook"][title="${KERNEL}"]`).last();
      const logo = card.locator("img");
      await logo.waitFor();
      assert.match((await logo.getAttribute("src")) ?? "", /kernelspecs\/adjoint\/logo-/);
      assert.ok(await isDrawn(logo));
      await card.click();
      const notebook = await lab().front("Untitled.ipynb");
      assert.equal(await notebook.panel.locator(".jp-KernelName").innerText(), KERNEL);
      await notebook.editor(0).click();
      await page.keyboard.type("const half: number = 1 / 2;");
      await page.keyboard.press("Enter");
      await page.keyboard.type("half satisfies number");
      await page.keyboard.press("Shift+Enter");
      await notebook.ended(0);
      assert.deepEqual(await notebook.outputs(0), ["0.5"]);
    });

    it("cells are highlighted as TypeScript", async () => {
      const notebook = await lab().notebook("interface Point { x: number }\nconst origin: Point = { x: 0 };");
      const editor = notebook.editor(0);
      await notebook.cell(0).locator('.cm-content[data-language="typescript"]').waitFor();
      const token = async (text: string) => {
        const span = editor
          .locator("span")
          .filter({ hasText: new RegExp(`^${text}$`) })
          .first();
        await span.waitFor();
        return span.getAttribute("class");
      };
      // `interface` is a keyword in TypeScript alone.
      assert.equal(await token("interface"), await token("const"));
      assert.notEqual(await token("interface"), await token("origin"));
    });

    it("Tab completes variables and members of what earlier cells have made", async () => {
      const { page } = lab();
      const notebook = await lab().notebook("const accuracies = [0.5, 0.75]; const accuracyGoal = 0.9;", "");
      await notebook.run(0);
      await notebook.editor(1).click();
      await page.keyboard.type("accur");
      await page.keyboard.press("Tab");
      const items = page.locator(".jp-Completer:visible .jp-Completer-item");
      await items.filter({ hasText: "accuracyGoal" }).waitFor();
      await items.filter({ hasText: "accuracies" }).click();
      await page.keyboard.type(".fla");
      await page.keyboard.press("Tab");
      await items.filter({ hasText: "flatMap" }).click();
      await page.keyboard.type("((a) => [a])");
      await page.keyboard.press("Shift+Enter");
      await notebook.ended(1);
      assert.deepEqual(await notebook.outputs(1), ["[ 0.5, 0.75 ]"]);
    });

    it("Shift-Tab tells what a variable holds", async () => {
      const { page } = lab();
      const notebook = await lab().notebook("const accuracies = [0.5, 0.75];", "accuracies");
      await notebook.run(0);
      await notebook.editor(1).click();
      await page.keyboard.press("End");
      await page.keyboard.press("Shift+Tab");
      const tooltip = page.locator(".jp-Tooltip");
      await tooltip.waitFor();
      assert.match(await tooltip.innerText(), /0\.5, 0\.75/);
      await page.keyboard.press("Escape");
    });

    it("Enter in a code console continues what is incomplete and runs what is complete", async () => {
      const { page } = lab();
      await lab().command("console:create", { kernelPreference: { name: "adjoint" } });
      const console = page.locator(".jp-ConsolePanel:not(.lm-mod-hidden)");
      const editor = console.locator(".jp-CodeConsole-promptCell .cm-content");
      await lab().ready();
      await waitForIsComplete(page);
      await editor.click();
      await page.keyboard.insertText("function twice(n: number) {");
      await page.keyboard.press("Enter");
      await editor.locator(".cm-line").nth(1).waitFor();
      await page.keyboard.insertText("return 2 * n; }");
      await page.keyboard.press("Enter");
      const cells = console.locator(".jp-CodeConsole-content .jp-CodeCell");
      await cells.nth(0).locator(".jp-InputPrompt").filter({ hasText: "[1]:" }).waitFor();
      await page.keyboard.insertText("twice(21)");
      await page.keyboard.press("Enter");
      await cells
        .nth(1)
        .locator(".jp-OutputArea-output")
        .filter({ hasText: /^42\s*$/ })
        .waitFor();
    });
  });
}

/** JupyterLab asks the kernel for 250 ms whether a line is complete and then runs it unasked. A busy machine may need longer. */
async function waitForIsComplete(page: Page): Promise<void> {
  await page.evaluate(() => {
    const { setTimeout } = globalThis;
    const patient = (callback: () => void, delay?: number) => setTimeout(callback, delay === 250 ? 25_000 : delay);
    Object.assign(globalThis, { setTimeout: patient });
  });
}
