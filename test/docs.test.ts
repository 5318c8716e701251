// The documents speak the truth: every cell in README.md and docs/ is run, one after the other as a reader would, with its types
// checked and the library preloaded. A comment before a cell says that it fails, and how, or that the test does not run it.

import assert from "node:assert/strict";
import { copyFileSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { DEFAULT_PRELUDE } from "../kernel/session.ts";
import { root } from "./adjoint.ts";
import { TestSession } from "./session-harness.ts";

interface Written {
  line: number;
  code: string;
  /** The words in the comment: what the error says, or why it is not run. */
  fails: string | undefined;
  left: boolean;
}

const FENCE =
  /(?:<!-- (?:this cell fails: "(?<fails>[^"]+)"|(?<left>not run: [^>]*?)) -->\s*)?^```ts\n(?<code>[^]*?)^```$/gm;

function cellsOf(text: string): Written[] {
  return [...text.matchAll(FENCE)].map(({ groups = {}, index }) => ({
    line: text.slice(0, index).split("\n").length,
    code: groups["code"] ?? "",
    fails: groups["fails"],
    left: groups["left"] !== undefined,
  }));
}

const documents = ["README.md", ...readdirSync(join(root, "docs")).map((name) => join("docs", name))]
  .filter((name) => name.endsWith(".md"))
  .map((name) => ({ name, cells: cellsOf(readFileSync(join(root, name), "utf8")) }))
  .filter(({ cells }) => cells.length > 0);

describe("The documents", function () {
  this.timeout(120_000);

  for (const { name, cells } of documents) {
    it(`${name} shows cells that run`, async () => {
      const session = new TestSession({ prelude: DEFAULT_PRELUDE, typecheck: "error" });
      try {
        copyFileSync(join(root, "notebooks", "first-steps.ipynb"), join(session.folder, "first-steps.ipynb"));
        for (const { line, code, fails, left } of cells) {
          if (left) continue;
          const cell = await session.run(code);
          const place = `${name}, line ${line}:\n${code}\n${cell.traceback}`;
          if (fails === undefined) assert.equal(cell.reply?.status, "ok", place);
          else assert.ok(cell.traceback.includes(fails), place);
        }
      } finally {
        await session.close();
      }
    });
  }
});
