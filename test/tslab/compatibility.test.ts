// tslab's notebooks run here: the same cells in both kernels, and what a reader sees of each. Where that differs, it is meant to, and
// docs/differences.md says why.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { adjoint, root } from "../adjoint.ts";
import { Client } from "../client.ts";
import { type Case, fillFolder } from "./cases.ts";
import { commonJsCases } from "./commonjs-cases.ts";
import { displayCases } from "./display-cases.ts";
import { languageCases } from "./language-cases.ts";
import { moduleCases } from "./module-cases.ts";
import { notebookCases } from "./notebook-cases.ts";
import { outputCases } from "./output-cases.ts";
import { inAdjoint, inTslab, REFUSED, type Seen, startTslab } from "./reader.ts";
import { completeTslab } from "./tslab.ts";

const groups: Record<string, readonly Case[]> = {
  language: languageCases,
  "CommonJS and packages": commonJsCases,
  "local files and module cells": moduleCases,
  "the module tslab": displayCases,
  output: outputCases,
  "a notebook": notebookCases,
};

/** What tslab refuses to compile, for its syntax or its types, may fail here in any words. */
function seenAlike(theirs: Seen, ours: Seen): boolean {
  if (theirs.error !== REFUSED) return isDeepStrictEqual(theirs, ours);
  return ours.error !== undefined && isDeepStrictEqual(theirs.shown, ours.shown);
}

describe("What runs in tslab runs here, seen alike", function () {
  this.timeout(60_000);
  const folders: string[] = [];
  let theirs: Client;
  let ours: Client;

  const folder = (): string => {
    const made = mkdtempSync(join(tmpdir(), "adjoint-tslab-"));
    folders.push(made);
    fillFolder(made);
    return made;
  };

  before(async function () {
    ours = await Client.start({ ...adjoint, cwd: folder() });
    try {
      theirs = await startTslab({ ...completeTslab, cwd: folder() });
    } catch (error) {
      if (process.env["CI"]) throw error;
      console.log(`    tslab does not start on this system, so nothing is compared with it: ${String(error)}`);
      this.skip();
    }
  });
  after(async () => {
    await Promise.all([theirs?.close(), ours?.close()]);
    for (const made of folders) rmSync(made, { recursive: true, force: true });
  });

  for (const [group, cases] of Object.entries(groups))
    describe(group, () => {
      for (const { name, cells, differs } of cases)
        it(name, async () => {
          let same = true;
          for (const cell of cells) {
            const [there, here] = [await inTslab(theirs, cell), await inAdjoint(ours, cell)];
            if (seenAlike(there, here)) continue;
            same = false;
            if (differs === undefined) assert.deepEqual(here, there, cell);
          }
          assert.ok(differs === undefined || !same, `no longer differs: ${String(differs)}`);
        });
    });
});

describe("docs/differences.md", () => {
  const [, section = ""] = readFileSync(join(root, "docs", "differences.md"), "utf8").split(/^## tslab$/m);
  const reasons = [...(section.split(/^## /m)[0] ?? "").matchAll(/^- \*\*(.+?)\*\*/gm)].map(([, words]) => words);

  it("gives the reason of every difference from tslab that is known, and no other", () => {
    const known = Object.values(groups).flatMap((cases) => cases.map(({ differs }) => differs));
    assert.deepEqual([...new Set(known.filter((words) => words !== undefined))].sort(), [...reasons].sort());
  });
});

describe("tslab as a dependency", () => {
  it("leaves `tsc` to TypeScript 7", () => {
    const tsc = join(root, "node_modules", ".bin", process.platform === "win32" ? "tsc.cmd" : "tsc");
    const version = execFileSync(tsc, ["--version"], { encoding: "utf8", shell: process.platform === "win32" });
    assert.match(version, /^Version 7\./);
  });
});
