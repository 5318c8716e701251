// How it looks to its users: what cells show in JupyterLab, in both themes, wide and narrow, and how much of it. Set up as jupyterlab.test.ts is.
import assert from "node:assert/strict";
import { chartsTests } from "./charts.ts";
import { displaysTests } from "./displays.ts";
import { LabPage, TEST_TIMEOUT } from "./lab-page.ts";
import { looksTests } from "./looks.ts";
import { outputTests } from "./output.ts";
import { sigmoidMlpTests } from "./sigmoid-mlp.ts";
import { tablesTests } from "./tables.ts";

describe("What cells show, in JupyterLab in Chromium", function () {
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

  sigmoidMlpTests(lab);
  looksTests(lab);
  displaysTests(lab);
  tablesTests(lab);
  chartsTests(lab);
  outputTests(lab);

  // In a suite, so that it comes after the others.
  describe("the page", () => {
    it("has shown no error of its scripts in all of this", () => {
      assert.deepEqual(lab().errors, []);
    });
  });
});
