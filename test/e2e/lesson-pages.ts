// A lesson's page as its readers meet it, in a browser: it asks for nothing, fits and can be read, on a desk and on a phone.
import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { basename, join } from "node:path";
import { pathToFileURL } from "node:url";
import { type Browser, chromium as driver } from "playwright-core";
import { violations } from "../axe.ts";
import { chromium } from "../chromium.ts";
import { ARGUMENTS, SCREENSHOTS } from "./lab-page.ts";

/** For the pages of these lessons in the folder, which is known when the tests run. */
export function lessonPagesTests(folder: () => string, names: readonly string[]): void {
  describe("as pages", () => {
    let browser: Browser | undefined;
    before(async function () {
      browser = await driver.launch({ executablePath: chromium(this), args: ARGUMENTS });
      await mkdir(SCREENSHOTS, { recursive: true });
    });
    after(() => browser?.close());

    for (const name of names) {
      for (const [colorScheme, width] of [
        ["light", 1200],
        ["dark", 390],
      ] as const) {
        it(`${name}: asks the network for nothing, fits and passes axe, ${colorScheme} and ${width} wide`, async () => {
          const stem = basename(name, ".ipynb");
          const url = pathToFileURL(join(folder(), `${stem}.html`)).href;
          const page = await (browser as Browser).newPage({ colorScheme, viewport: { width, height: 1000 } });
          const complaints: string[] = [];
          page.on("request", (request) => {
            if (request.url() !== url && !request.url().startsWith("data:")) complaints.push(request.url());
          });
          page.on("console", (message) => complaints.push(message.text()));
          page.on("pageerror", (error) => complaints.push(error.message));
          await page.goto(url);
          const charts = page.locator("figure.chart");
          for (let k = 0; k < (await charts.count()); k++) {
            await charts.nth(k).scrollIntoViewIfNeeded();
            await charts.nth(k).locator("svg").first().waitFor();
          }
          const path = join(SCREENSHOTS, `lesson-${stem}-${colorScheme}-${width}.png`);
          await page.screenshot({ path, fullPage: true });
          assert.deepEqual(complaints, []);
          assert.equal(await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), true);
          assert.deepEqual(await violations(page), []);
          await page.close();
        });
      }
    }
  });
}
