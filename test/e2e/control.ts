// Stopping, restarting, dying and asking: what the buttons do and what the user is told.
import assert from "node:assert/strict";
import type { LabPage } from "./lab-page.ts";

export function controlTests(lab: () => LabPage): void {
  describe("stop, restart, exit and input", () => {
    it("the stop button ends an endless loop, and the variables are kept", async () => {
      const notebook = await lab().notebook(
        "let steps = 0; const name = 'kept'",
        'console.log("begun"); while (true) steps++;',
        "[name, steps > 0]",
      );
      await notebook.run(0);
      await notebook.start(1);
      await notebook.shows(1, "begun");
      assert.equal(await notebook.prompt(1), "[*]:");
      await notebook.button("interrupt").click();
      await notebook.ended(1);
      const outputs = await notebook.outputs(1);
      assert.equal(outputs[0], "begun");
      assert.match(outputs[1] ?? "", /^KeyboardInterrupt: .*\nCell \[2\], line 1/);
      assert.deepEqual(await notebook.run(2), ["[ 'kept', true ]"]);
    });

    it("the stop button ends a cell that waits, and what it waited for does not run on", async () => {
      const notebook = await lab().notebook(
        'let turns = 0; console.log("begun"); while (true) { await new Promise((resolve) => setTimeout(resolve, 1)); turns++; }',
        "const seen = turns; await new Promise((resolve) => setTimeout(resolve, 50)); turns - seen",
      );
      await notebook.start(0);
      await notebook.shows(0, "begun");
      await notebook.button("interrupt").click();
      await notebook.ended(0);
      assert.match((await notebook.outputs(0))[1] ?? "", /^KeyboardInterrupt: /);
      assert.deepEqual(await notebook.run(1), ["0"]);
    });

    it("the restart button asks, then forgets the variables and counts from 1", async () => {
      const notebook = await lab().notebook("let remembered = 1; remembered", "typeof remembered");
      assert.deepEqual(await notebook.run(0), ["1"]);
      assert.deepEqual(await notebook.run(1), ["'number'"]);
      await notebook.button("restart").click();
      await lab().page.locator(".jp-Dialog button.jp-mod-accept").click();
      await lab().front(notebook.name);
      // The cell before it has run again when this one can show a new number.
      assert.deepEqual(await notebook.run(1), ["'undefined'"]);
      assert.equal(await notebook.prompt(1), "[1]:");
    });

    it("process.exit in a cell is told there, the next cell works, and no dialog speaks of a dead kernel", async () => {
      const notebook = await lab().notebook("let lost = 1", "process.exit(1)", "typeof lost");
      await notebook.run(0);
      const [told = ""] = await notebook.run(1);
      assert.match(told, /exit code 1/);
      assert.match(told, /variables are gone/);
      assert.deepEqual(await notebook.run(2), ["'undefined'"]);
      await notebook.idle();
      assert.equal(await lab().page.locator(".jp-Dialog").count(), 0);
    });

    it("prompt asks in the cell and returns the answer", async () => {
      const notebook = await lab().notebook('`hello ${prompt("name?")}`');
      await notebook.start(0);
      const box = notebook.cell(0).locator("input.jp-Stdin-input");
      await box.waitFor();
      assert.notEqual(await box.getAttribute("type"), "password");
      await box.pressSequentially("Ada");
      await box.press("Enter");
      await notebook.ended(0);
      const [echo = "", ...rest] = await notebook.outputs(0);
      assert.match(echo, /^name\? +Ada$/);
      assert.deepEqual(rest, ["'hello Ada'"]);
    });

    it("input with password asks without showing the answer", async () => {
      const notebook = await lab().notebook('(await input("token: ", { password: true }))?.length');
      await notebook.start(0);
      const box = notebook.cell(0).locator("input.jp-Stdin-input");
      await box.waitFor();
      assert.equal(await box.getAttribute("type"), "password");
      await box.pressSequentially("secret");
      await box.press("Enter");
      await notebook.ended(0);
      const [echo = "", ...rest] = await notebook.outputs(0);
      assert.match(echo, /^token: +·+$/);
      assert.deepEqual(rest, ["6"]);
      assert.doesNotMatch(JSON.stringify(await notebook.save()), /secret/);
    });

    it("the stop button ends an open question, and an answer that comes too late disturbs nothing", async () => {
      const notebook = await lab().notebook('prompt("name?")', '"next"');
      await notebook.start(0);
      const box = notebook.cell(0).locator("input.jp-Stdin-input");
      await box.waitFor();
      await notebook.button("interrupt").click();
      await notebook.ended(0);
      assert.match((await notebook.outputs(0)).join("\n"), /KeyboardInterrupt: /);
      // JupyterLab leaves the box there, with every kernel.
      await box.pressSequentially("late");
      await box.press("Enter");
      assert.deepEqual(await notebook.run(1), ["'next'"]);
    });
  });
}
