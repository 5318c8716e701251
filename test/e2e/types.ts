// What TypeScript knows, where its user meets it: the list below Tab, the tooltip of Shift-Tab, the error that stands below a cell
// that did not run, and the line that turns it off.
import assert from "node:assert/strict";
import { join } from "node:path";
import { type LabPage, type NotebookPage, SCREENSHOTS } from "./lab-page.ts";
import { look, plainLooks } from "./looks.ts";

const DECLARED = `/** How a network is trained. */
interface Options {
  /** Steps of the optimiser. */
  steps: number;
  mode: "fast" | "exact";
  verbose?: boolean;
}
/**
 * Trains a network.
 * @param name what it is saved as
 * @param options how it is trained
 * @returns the loss after each step
 */
function train(name: string, options: Options): number[] {
  return Array.from({ length: options.steps }, (_, step) => 1 / (step + 1));
}
const options: Options = { steps: 3, mode: "fast" };
console.log("declared");`;

export function typesTests(lab: () => LabPage): void {
  describe("types", () => {
    // Without the sidebar, which leaves nothing of a narrow screen.
    before(() => lab().command("application:toggle-left-area"));
    after(() => lab().command("application:toggle-left-area"));
    afterEach(() => plainLooks(lab()));

    const items = () => lab().page.locator(".jp-Completer:visible .jp-Completer-item");
    const type = async (notebook: NotebookPage, index: number, text: string): Promise<void> => {
      await notebook.editor(index).click();
      await lab().page.keyboard.press("ControlOrMeta+a");
      await lab().page.keyboard.insertText(text);
    };

    it("Tab lists the members that TypeScript knows, with their kinds, in a cell that does not parse yet", async () => {
      const { page } = lab();
      const notebook = await lab().notebook(DECLARED, "");
      await notebook.run(0);
      await type(notebook, 1, "/* 😀 */ (options?.");
      await page.keyboard.press("Tab");
      await items().nth(2).waitFor();
      assert.deepEqual(await items().locator(".jp-Completer-match").allTextContents(), ["mode", "steps", "verbose"]);
      assert.deepEqual(await items().locator(".jp-Completer-typeExtended").allTextContents(), Array(3).fill("field"));
      await page.screenshot({ path: join(SCREENSHOTS, "types-members.png") });
      await items().filter({ hasText: "steps" }).click();
      await page.keyboard.insertText(" > 2) && train('a', options).length");
      await page.keyboard.press("Control+Enter");
      await notebook.ended(1);
      assert.deepEqual(await notebook.outputs(1), ["3"]);
    });

    it("Tab lists the literals of a union, functions, variables and classes as what they are", async () => {
      const { page } = lab();
      const notebook = await lab().notebook(DECLARED + " class Trainer {} const trainees = 3;", "");
      await notebook.run(0);
      await type(notebook, 1, "train");
      await page.keyboard.press("Tab");
      await items().nth(2).waitFor();
      const shown = await items().locator(".jp-Completer-match, .jp-Completer-typeExtended").allTextContents();
      assert.deepEqual(shown, ["train", "function", "trainees", "variable", "Trainer", "class"]);
      await page.screenshot({ path: join(SCREENSHOTS, "types-names.png") });
      await page.keyboard.press("Escape");
      await type(notebook, 1, "train('a', { steps: 1, mode: '");
      await page.keyboard.press("Tab");
      await items().nth(1).waitFor();
      // JupyterLab itself adds the other strings of the cell.
      const literals = await items().locator(".jp-Completer-match").allTextContents();
      assert.deepEqual(literals.slice(0, 2), ["exact", "fast"]);
      assert.ok(literals.length <= 3, String(literals));
      await page.keyboard.press("Escape");
    });

    it("Shift-Tab shows signature, documentation and where it is declared", async () => {
      const { page } = lab();
      const notebook = await lab().notebook(DECLARED, "train");
      await notebook.run(0);
      const tooltip = page.locator(".jp-Tooltip");
      await notebook.editor(1).click();
      await page.keyboard.press("End");
      await page.keyboard.press("Shift+Tab");
      await tooltip.waitFor();
      const text = await tooltip.innerText();
      assert.match(text, /function train\(name: string, options: Options\): number\[\]/);
      assert.match(text, /Trains a network\./);
      assert.match(text, /@param name — what it is saved as/);
      assert.match(text, /@returns — the loss after each step/);
      assert.match(text, /Declared in Cell \[1\], line 14/);
      assert.ok((await tooltip.locator("code").count()) > 0, "it is rendered as Markdown");
      await page.screenshot({ path: join(SCREENSHOTS, "types-tooltip-light.png") });
      await page.keyboard.press("Escape");
      await lab().command("apputils:change-theme", { theme: "JupyterLab Dark" });
      await page.locator('body[data-jp-theme-name="JupyterLab Dark"]').waitFor({ state: "attached" });
      await page.locator("#jupyterlab-splash").waitFor({ state: "detached" });
      await type(notebook, 1, 'train("a", ');
      await page.keyboard.press("Shift+Tab");
      await tooltip.waitFor();
      assert.match(await tooltip.innerText(), /Parameter options: Options — how it is trained/);
      await page.screenshot({ path: join(SCREENSHOTS, "types-tooltip-dark.png") });
      await page.keyboard.press("Escape");
    });

    it("Tab and Shift-Tab know the library that is there without an import, own names first", async () => {
      const { page } = lab();
      const notebook = await lab().notebook(
        "const layer = nn.linear(2, 3); const tension = 1; console.log('made')",
        "",
      );
      await notebook.run(0);
      await type(notebook, 1, "layer.");
      await page.keyboard.press("Tab");
      await items().nth(2).waitFor();
      const members = await items().locator(".jp-Completer-match").allTextContents();
      assert.ok(members.includes("forward") && members.includes("parameters"), String(members));
      await page.keyboard.press("Escape");
      await type(notebook, 1, "tens");
      await page.keyboard.press("Tab");
      await items().nth(2).waitFor();
      const names = await items().locator(".jp-Completer-match").allTextContents();
      assert.deepEqual(names.slice(0, 2), ["tension", "tensor"]);
      await page.screenshot({ path: join(SCREENSHOTS, "types-library-names.png") });
      await page.keyboard.press("Escape");
      const tooltip = page.locator(".jp-Tooltip");
      await type(notebook, 1, "nn.linear(2, ");
      await page.keyboard.press("Shift+Tab");
      await tooltip.waitFor();
      const text = await tooltip.innerText();
      for (const part of ["outFeatures: number", "fully connected layer", "nn.linear(2, 8)", "Declared in adjoint/nn/"])
        assert.ok(text.includes(part), `${part}: ${text}`);
      await page.screenshot({ path: join(SCREENSHOTS, "types-library-tooltip.png") });
      await page.keyboard.press("Escape");
      await type(notebook, 1, "tensor(1, { requiresGrad: true }).backward");
      await page.keyboard.press("Shift+Tab");
      await tooltip.waitFor();
      assert.match(await tooltip.innerText(), /Computes the gradient[^]*@throws[^]*loss\.backward\(\);/);
      await page.screenshot({ path: join(SCREENSHOTS, "types-library-member.png") });
      await page.keyboard.press("Escape");
    });

    it("a type error stands below its cell, readable in both themes, wide and narrow, and nothing of the cell has run", async () => {
      const notebook = await lab().notebook(
        DECLARED,
        'console.log("ran");\ntrain("net", { steps: "3", mode: "fast" });',
        'options.stepps;\nconst losses: string[] = train("net", options);',
        "/** @deprecated use train */\nfunction fit() { return 1; }\nfit();",
        'console.log("after")',
      );
      for (const index of [0, 1, 2, 3, 4]) await notebook.run(index);
      const [error = "", ...rest] = await notebook.outputs(1);
      assert.deepEqual(rest, []);
      assert.equal(
        error,
        [
          "TypeScriptError: TS2322: Type 'string' is not assignable to type 'number'.",
          "Cell [2], line 2, column 16",
          '  1 | console.log("ran");',
          '> 2 | train("net", { steps: "3", mode: "fast" });',
          "    |                ^^^^^",
          "  Cell [1], line 4, column 3: The expected type comes from property 'steps' which is declared here on type 'Options'",
        ].join("\n"),
      );
      assert.match((await notebook.outputs(2)).join("\n"), /TS2551: .*Did you mean 'steps'\?/);
      assert.match((await notebook.outputs(3)).join("\n"), /TS6387: .*deprecated/);
      assert.deepEqual(await notebook.outputs(4), ["after"]);
      await look(notebook, { "type-errors": 1 });
    });

    it("%typecheck turns errors into warnings, or off, and on again", async () => {
      const wrong = 'let n: number = "text" as any as string; n';
      const notebook = await lab().notebook(
        `%typecheck warn\n${wrong}`,
        `%typecheck off\n${wrong}`,
        `%typecheck error\n${wrong}`,
        "%typecheck",
      );
      const [warning = "", result] = await notebook.run(0);
      assert.match(warning, /^Cell \[1\], line 2, column 5: TS2322: /);
      assert.equal(result, "'text'");
      assert.deepEqual(await notebook.run(1), ["'text'"]);
      assert.match((await notebook.run(2)).join("\n"), /^TypeScriptError: TS2322: [^]*Cell \[3\], line 2, column 5/);
      assert.deepEqual(await notebook.run(3), ["types: error"]);
    });
  });
}
