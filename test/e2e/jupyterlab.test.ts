// The whole of it as its users meet it: JupyterLab in a browser, on a server with default settings, with this kernel. One
// server, one browser and one page serve all; each test opens a notebook of its own. The tests are in the files beside this
// one, by what they are about; how everything looks, and much output, is in jupyterlab.full.test.ts, which takes
// longer.
import assert from "node:assert/strict";
import { controlTests } from "./control.ts";
import { copyFirstSteps, firstStepsTests } from "./first-steps.ts";
import { LabPage, TEST_TIMEOUT } from "./lab-page.ts";
import { typesTests } from "./types.ts";
import { typingTests } from "./typing.ts";

describe("JupyterLab in Chromium", function () {
  this.timeout(TEST_TIMEOUT);
  let started: LabPage | undefined;
  const lab = (): LabPage => {
    assert.ok(started);
    return started;
  };

  before(async function () {
    started = await LabPage.start(this, { prepare: (folder) => copyFirstSteps(folder) });
  });
  afterEach(async function () {
    if (this.currentTest?.state === "failed") await started?.leaveEvidence(this.currentTest.title);
    await started?.closeNotebooks();
  });
  after(() => started?.close());

  firstStepsTests(lab);
  typingTests(lab);
  controlTests(lab);
  typesTests(lab);

  // In a suite, so that it comes after the others.
  describe("the page", () => {
    it("has shown no error of its scripts in all of this", () => {
      assert.deepEqual(lab().errors, []);
    });
  });
});
