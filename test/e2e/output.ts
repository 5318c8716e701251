// Output in quantity and output that comes late: nothing is lost under the server's default limits, and all of it stands below
// the cell that made it.
import assert from "node:assert/strict";
import { codeCells, type LabPage } from "./lab-page.ts";

export function outputTests(lab: () => LabPage): void {
  describe("output", () => {
    it("20,000 lines arrive whole", async () => {
      const notebook = await lab().notebook("for (let i = 0; i < 20_000; i++) console.log(`line ${i}`)");
      await notebook.run(0);
      const expected = Array.from({ length: 20_000 }, (_, i) => `line ${i}\n`).join("");
      const [cell] = codeCells(await notebook.save());
      assert.deepEqual(
        cell?.outputs.map((output) => ("text" in output ? [output.name, [output.text].flat().join("")] : output)),
        [["stdout", expected]],
      );
    });

    it("5,000 displays arrive whole", async () => {
      const notebook = await lab().notebook("for (let i = 0; i < 5_000; i++) display(i)");
      await notebook.run(0);
      const [cell] = codeCells(await notebook.save());
      assert.deepEqual(
        cell?.outputs.map((output) => ("data" in output ? [output.data["text/plain"]].flat().join("") : output)),
        Array.from({ length: 5_000 }, (_, i) => String(i)),
      );
    });

    it("what a timer prints goes to the cell that set it, also after another has run", async () => {
      const notebook = await lab().notebook(
        `let go = false;
         const timer = setInterval(() => { if (go) { clearInterval(timer); console.log("late"); } }, 5);`,
        'go = true; "second"',
      );
      assert.deepEqual(await notebook.run(0), []);
      assert.deepEqual(await notebook.run(1), ["'second'"]);
      await notebook.shows(0, /^late\n*$/);
      assert.deepEqual(await notebook.outputs(1), ["'second'"]);
    });

    it("an unhandled rejection is shown in its cell and kills nothing", async () => {
      const notebook = await lab().notebook(
        `const kept = 1; let fail = () => {};
         const failure = new Promise((_, reject) => { fail = () => reject(new Error("nobody waits")); });
         "first"`,
        'fail(); "second"',
        "kept",
      );
      await notebook.run(0);
      await notebook.run(1);
      const error = await notebook.shows(0, "nobody waits");
      assert.match((await error.textContent()) ?? "", /Error: nobody waits\nCell \[1\], line 2/);
      assert.deepEqual(await notebook.outputs(1), ["'second'"]);
      assert.deepEqual(await notebook.run(2), ["1"]);
    });

    it("a display is updated in place, and colours of the terminal are colours", async () => {
      const notebook = await lab().notebook(
        'const bar = display("0 %"); bar.update("100 %"); console.log("\\x1b[31mred\\x1b[39m"); console.log("1\\r2")',
      );
      assert.deepEqual(await notebook.run(0), ["'100 %'", "red\n2"]);
      assert.equal(await notebook.cell(0).locator(".ansi-red-fg").innerText(), "red");
    });
  });
}
