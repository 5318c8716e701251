// axe-core in a page that is open: what it finds wrong for those who do not see, or use no mouse.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Page } from "playwright-core";

/** What each violation is called, with the first element that has it. */
export async function violations(page: Page): Promise<string[]> {
  // A page's own policy may let no other script in: axe comes by the debugger.
  const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
  const session = await page.context().newCDPSession(page);
  await session.send("Runtime.evaluate", { expression: axe });
  const { result } = await session.send("Runtime.evaluate", {
    expression:
      "axe.run().then(({ violations }) => JSON.stringify(violations.map(({ id, nodes }) => id + ' ' + nodes[0].html)))",
    awaitPromise: true,
  });
  return JSON.parse(String(result.value)) as string[];
}
