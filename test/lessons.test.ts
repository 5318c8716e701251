// The lessons that come with the project: built again from their notes, they give the notebooks that are committed. Their pages are looked
// at in e2e/lessons.full.test.ts.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { LESSONS, NOTEBOOKS } from "./e2e/lessons.ts";
import { root } from "./e2e/lab.ts";

const run = promisify(execFile);

/** Bytes of a notebook that loads without a wait. */
const LARGEST = 600_000;

describe("The lessons in notebooks/", function () {
  this.timeout(180_000);
  let folder: string;
  let said: string;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "lessons-"));
    const args = [join(root, "bin", "adjoint.js"), "lesson", join(NOTEBOOKS, "notes"), "-o", folder];
    said = (await run(process.execPath, [...args, "--no-cache", "--strict"])).stderr;
  });
  after(() => rm(folder, { recursive: true, force: true }));

  it("are built with no word of complaint, and each claim and formula of theirs has a verdict", () => {
    const lines = said.split("\n").filter((line) => line !== "" && !/: cell \d+ of \d+: /.test(line));
    assert.equal(lines.length, LESSONS.length, said);
    for (const line of lines) assert.match(line, /: \d+ cells, .* s(?:; claims: \d+ hold|$)/);
  });

  for (const name of LESSONS) {
    it(`${name}: the notebook is the one that is committed, and small`, async () => {
      const committed = await readFile(join(NOTEBOOKS, name), "utf8");
      const built = await readFile(join(folder, name), "utf8");
      // Thousands of lines of pictures would follow.
      assert.ok(built === committed, `${name} shows something else now: look at it after "npm run lessons"`);
      assert.ok(committed.length < LARGEST, `${committed.length} bytes`);
    });
  }

  it("are all that is built from notes there", async () => {
    const built = [];
    for (const name of (await readdir(NOTEBOOKS)).filter((file) => file.endsWith(".ipynb"))) {
      const { metadata } = JSON.parse(await readFile(join(NOTEBOOKS, name), "utf8")) as { metadata: object };
      if ("adjoint" in metadata) built.push(name);
    }
    assert.deepEqual(built.toSorted(), LESSONS);
  });
});
