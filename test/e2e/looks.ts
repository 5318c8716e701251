// How outputs look: in JupyterLab's light and dark theme, on a wide and on a narrow screen, every text has to stand out from what
// is behind it and every output has to fit. The screenshots are for people to look at.
import assert from "node:assert/strict";
import { join } from "node:path";
import { type Locator } from "playwright-core";
import { copyFirstSteps } from "./first-steps.ts";
import { codeCells, type LabPage, type NotebookPage, SCREENSHOTS } from "./lab-page.ts";

/** What https://www.w3.org/TR/WCAG22/#contrast-minimum asks of text. */
const LEAST_CONTRAST = 4.5;
/** Of colours that an output brings along, the same in both themes: none has more than 4.35 to white and to #111. */
const LEAST_FIXED_CONTRAST = 4.3;

export function looksTests(lab: () => LabPage): void {
  describe("looks", () => {
    // Without the sidebar, which leaves nothing of a narrow screen.
    before(() => lab().command("application:toggle-left-area"));
    after(() => lab().command("application:toggle-left-area"));
    afterEach(() => plainLooks(lab()));

    it("the outputs of first-steps.ipynb are readable in both themes, wide and narrow", async () => {
      await copyFirstSteps(lab().lab.folder, "looks.ipynb");
      const notebook = await lab().open("looks.ipynb");
      await lab().command("notebook:run-all-cells");
      await notebook.ended((await notebook.cells.count()) - 1);
      const saved = codeCells(await notebook.save());
      const curve = saved.findIndex(({ outputs }) => JSON.stringify(outputs).includes("<img"));
      assert.notEqual(curve, -1);
      await look(notebook, { "first-steps": curve });
    });

    it("errors are readable in both themes, wide and narrow", async () => {
      const notebook = await lab().notebook(
        'function inner() {\n  throw new TypeError("not what was expected", { cause: new Error("the reason") });\n}',
        "inner()",
        "const x = ;",
        'console.error("a warning"); ({ list: [1, "two", null], nested: { deep: new Map([[1, 2]]) } })',
        "process.exit(1)",
      );
      for (const index of [0, 1, 2, 3, 4]) await notebook.run(index);
      await look(notebook, { errors: 0 });
    });
  });
}

/** What the tests begin with. */
export async function plainLooks(lab: LabPage): Promise<void> {
  await lab.page.setViewportSize({ width: 1400, height: 900 });
  await lab.command("apputils:change-theme", { theme: "JupyterLab Light" });
}

/** Checks all outputs in each combination, and keeps screenshots with each of these cells at the top, by their names. */
export async function look(
  notebook: NotebookPage,
  tops: Record<string, number>,
  widths = [1400, 500],
  check: () => Promise<void> = async () => {},
): Promise<void> {
  const { page, labPage, panel } = notebook;
  const outputs = panel.locator(".jp-OutputArea-output");
  for (const width of widths) {
    await page.setViewportSize({ width, height: 1000 });
    for (const theme of ["Light", "Dark"]) {
      await labPage.command("apputils:change-theme", { theme: `JupyterLab ${theme}` });
      await page.locator(`body[data-jp-theme-name="JupyterLab ${theme}"]`).waitFor({ state: "attached" });
      await page.locator("#jupyterlab-splash").waitFor({ state: "detached" });
      for (const [name, top] of Object.entries(tops)) {
        await notebook.cell(top).evaluate((cell) => (cell as unknown as Scrollable).scrollIntoView());
        await page.screenshot({ path: join(SCREENSHOTS, `${name}-${theme.toLowerCase()}-${width}.png`) });
      }
      const faint = (await contrasts(outputs)).filter(
        ({ contrast, fixed }) => contrast < (fixed ? LEAST_FIXED_CONTRAST : LEAST_CONTRAST),
      );
      assert.deepEqual(faint, [], `${theme}, ${width}`);
      await assertFitting(notebook, `${theme}, ${width}`);
      await check();
    }
  }
}

/** No output is wider than the notebook. */
export async function assertFitting({ panel }: NotebookPage, where: string): Promise<void> {
  const frame = await panel.locator(".jp-Notebook").boundingBox();
  assert.ok(frame);
  for (const output of await panel.locator(".jp-OutputArea-output").all()) {
    const box = await output.boundingBox();
    assert.ok(box && box.x + box.width <= frame.x + frame.width, `${where}: ${await output.textContent()}`);
  }
}

interface Scrollable {
  scrollIntoView(): void;
}
interface Styled {
  textContent: string;
  parentElement: Styled | null;
  querySelectorAll(selector: string): Iterable<Styled>;
  getAttribute(name: string): string | null;
}
declare function getComputedStyle(element: Styled): { color: string; backgroundColor: string };

/** The text of the outputs piece by piece, each with the contrast between its colour and what is painted below it. */
async function contrasts(outputs: Locator): Promise<{ text: string; contrast: number; fixed: boolean }[]> {
  return outputs.evaluateAll((elements) => {
    type Colour = [red: number, green: number, blue: number, alpha: number];
    const parse = (text: string): Colour => {
      const [red = 0, green = 0, blue = 0, alpha = 1] = [...text.matchAll(/[\d.]+/g)].map(Number);
      return [red, green, blue, alpha];
    };
    const over = ([r, g, b, a]: Colour, [R, G, B]: Colour): Colour => [
      a * r + (1 - a) * R,
      a * g + (1 - a) * G,
      a * b + (1 - a) * B,
      1,
    ];
    const background = (element: Styled | null): Colour =>
      element === null
        ? [255, 255, 255, 1]
        : over(parse(getComputedStyle(element).backgroundColor), background(element.parentElement));
    const luminance = (colour: Colour) => {
      const [r = 0, g = 0, b = 0] = colour.map((part) =>
        part <= 10 ? part / 3295 : ((part / 255 + 0.055) / 1.055) ** 2.4,
      );
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    return (elements as unknown as Styled[])
      .flatMap((output) => [...output.querySelectorAll("pre, pre span, th, td")])
      .map((element) => {
        const below = background(element);
        const above = over(parse(getComputedStyle(element).color), below);
        const [dark = 0, light = 0] = [luminance(below), luminance(above)].sort((one, other) => one - other);
        const fixed = /(^|;)\s*color:/.test(element.getAttribute("style") ?? "");
        return { text: element.textContent, contrast: (light + 0.05) / (dark + 0.05), fixed };
      });
  });
}
