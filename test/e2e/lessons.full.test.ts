// Every lesson, from a fresh kernel: in JupyterLab, and by nbconvert, which both have to show what is committed; and as a page.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { readNotebook } from "../../kernel/notebook.ts";
import { outputsOf } from "./first-steps.ts";
import { lessonPagesTests } from "./lesson-pages.ts";
import { LabPage, TEST_TIMEOUT } from "./lab-page.ts";
import { root } from "./lab.ts";
import { LESSONS, lessonsTests, NOTEBOOKS } from "./lessons.ts";

const PYTHON = join(root, ".venv", process.platform === "win32" ? "Scripts/python.exe" : "bin/python");
const run = promisify(execFile);

describe("Every lesson in JupyterLab in Chromium", function () {
  this.timeout(TEST_TIMEOUT);
  let started: LabPage | undefined;
  const lab = (): LabPage => {
    assert.ok(started);
    return started;
  };
  before(async function () {
    started = await LabPage.start(this);
  });
  afterEach(async function () {
    if (this.currentTest?.state === "failed") await started?.leaveEvidence(this.currentTest.title);
    await started?.closeNotebooks();
  });
  after(() => started?.close());

  lessonsTests(lab);
});

describe("Every lesson in nbconvert", function () {
  this.timeout(TEST_TIMEOUT);
  let folder: string;
  before(async function () {
    if (!existsSync(PYTHON)) {
      console.log(`    no ${PYTHON}: \`npm test\` makes it`);
      return this.skip();
    }
    folder = await mkdtemp(join(tmpdir(), "lessons-"));
    await run(process.execPath, [join(root, "bin", "adjoint.js"), "install", "--prefix", folder]);
  });
  after(async () => {
    if (folder !== undefined) await rm(folder, { recursive: true });
  });

  for (const name of LESSONS) {
    it(`${name} runs whole and shows what is committed`, async () => {
      const env = { ...process.env, NO_COLOR: "", JUPYTER_PATH: join(folder, "share", "jupyter") };
      const args = ["-m", "nbconvert", "--to", "notebook", "--execute", "--output-dir", folder];
      await run(PYTHON, [...args, join(NOTEBOOKS, name)], { env });
      const [ours, theirs] = [await readNotebook(join(NOTEBOOKS, name)), await readNotebook(join(folder, name))];
      assert.deepEqual(outputsOf(theirs), outputsOf(ours));
    });
  }
});

describe("Every lesson", function () {
  this.timeout(TEST_TIMEOUT);
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "lessons-"));
    const args = [join(root, "bin", "adjoint.js"), "lesson", join(NOTEBOOKS, "notes"), "-o", folder];
    await run(process.execPath, [...args, "--to", "html", "--no-cache"]);
  });
  after(() => rm(folder, { recursive: true, force: true }));

  lessonPagesTests(() => folder, LESSONS);
});
