// The notebooks that come with the project, run from the first cell to the last: by `adjoint run`, and by Jupyter's own
// nbconvert with the kernel as Jupyter starts it. Both must write the same bytes.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { type CodeCell, formatNotebook, parseNotebook, type SavedOutput } from "../kernel/notebook.ts";

const python = process.platform === "win32" ? join(".venv", "Scripts", "python.exe") : join(".venv", "bin", "python");
const bin = fileURLToPath(new URL("../../bin/adjoint.js", import.meta.url));
const firstSteps = fileURLToPath(new URL("../../notebooks/first-steps.ipynb", import.meta.url));

const run = promisify(execFile);
const adjoint = (...args: string[]) => run(process.execPath, [bin, ...args]);

describe("notebooks/first-steps.ipynb", function () {
  this.timeout(60_000);
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "notebooks-"));
  });
  after(() => rm(folder, { recursive: true }));

  it("runs to its last cell and gives the outputs that are committed", async () => {
    const out = join(folder, "out.ipynb");
    await adjoint("run", firstSteps, "-o", out);
    assert.equal(await readFile(out, "utf8"), await readFile(firstSteps, "utf8"));
  });

  it("computes: other parameters give other numbers, and the gradients agree still", async () => {
    const out = join(folder, "other.ipynb");
    await adjoint("run", firstSteps, "-o", out, "--param", "hidden=5", "--param", "seed=3", "--param", "epochs=1000");
    const cells = parseNotebook(await readFile(out), out).cells.filter(
      (cell): cell is CodeCell => cell.cell_type === "code",
    );
    const printed = (id: string) => {
      const output = cells.find((cell) => cell.id === id)?.outputs[0];
      assert.ok(output?.output_type === "stream", `cell ${id} prints`);
      return [output.text].flat().join("");
    };
    assert.ok(Number(/difference: (\S+)/.exec(printed("check"))?.[1]) < 1e-6);
    assert.ok(Number(/difference: (\S+)/.exec(printed("redeclare"))?.[1]) > 0.4);
    const losses = [...printed("train").matchAll(/loss (\S+)/g)].map((match) => Number(match[1]));
    assert.equal(losses.length, 3);
    assert.ok((losses[2] ?? 1) < (losses[0] ?? 0) / 2);
    assert.doesNotMatch(await readFile(firstSteps, "utf8"), new RegExp(`loss ${losses[0]}\\b`));
  });
});

/** One cell for each way in which a front end may treat outputs. */
const sources = [
  'console.log("one"); console.error("two"); console.log("three");\nconsole.log("four")',
  'process.stdout.write("10 %\\r50 %\\r"); process.stdout.write("100 %\\nünïcode 😀\\u2028\\x1b[31mred\\x1b[39m\\n")',
  '({ [Symbol.for("Jupyter.display")]: () => ({ "text/html": "<b>\\nbold</b>", "application/json": { b: [1.5, 1e-7], a: {} }, "text/plain": "b" }) })',
  'const shown = display("first", { display_id: "x" });\n[1, 2]',
  'shown.update("second"); display("third", { display_id: "x" }); undefined',
  'console.log("gone"); clearOutput(); console.log("stays")',
  'console.log("gone"); clearOutput({ wait: true }); console.log("stays too"); await new Promise((done) => setTimeout(done, 20)); "end"',
  "   \n",
  "function f() {\n  null.x;\n}\nf()",
  "let = 1 +",
  'throw new RangeError("with\\ntwo lines", { cause: [1] })',
  "setTimeout(() => console.log('later'), 10); await new Promise((done) => setTimeout(done, 50)); var last = 1",
];

/** nbconvert leaves a stream in the pieces that it came in, which depend on the clock; JupyterLab and `adjoint run` join them. */
function mergeStreams(file: Uint8Array): string {
  const notebook = parseNotebook(file, "nbconvert");
  for (const cell of notebook.cells) {
    if (cell.cell_type !== "code") continue;
    const merged: SavedOutput[] = [];
    for (const output of cell.outputs) {
      const last = merged.at(-1);
      if (output.output_type !== "stream") merged.push(output);
      else if (last?.output_type === "stream" && last.name === output.name) last.text += [output.text].flat().join("");
      else merged.push({ ...output, text: [output.text].flat().join("") });
    }
    cell.outputs = merged;
  }
  return formatNotebook(notebook);
}

describe("nbconvert --execute and adjoint run", function () {
  this.timeout(120_000);
  let folder: string;
  before(async function () {
    if (!existsSync(python)) {
      console.log(`    no ${python}: \`npm test\` makes it`);
      return this.skip();
    }
    folder = await mkdtemp(join(tmpdir(), "notebooks-"));
    await adjoint("install", "--prefix", folder);
  });
  after(async () => {
    if (folder !== undefined) await rm(folder, { recursive: true });
  });

  it("write the same bytes", async () => {
    const cells = sources.map((source, index) => ({
      cell_type: "code",
      id: `c${index}`,
      metadata: {},
      source,
      outputs: [],
    }));
    const text = { cell_type: "markdown", id: "text", metadata: {}, source: "# Title\n\n$x$" };
    const json = {
      nbformat: 4,
      nbformat_minor: 5,
      metadata: { kernelspec: { name: "adjoint", display_name: "TypeScript (Adjoint)", language: "typescript" } },
      cells: [text, ...cells],
    };
    const mixed = join(folder, "mixed.ipynb");
    await writeFile(mixed, formatNotebook(parseNotebook(Buffer.from(JSON.stringify(json)), mixed)));

    await adjoint("run", mixed, firstSteps, "--allow-errors", "-o", join(folder, "run"));
    const options = ["--execute", "--allow-errors", "--ExecutePreprocessor.record_timing=False"];
    const args = ["-m", "nbconvert", "--to", "notebook", ...options, "--output-dir", join(folder, "nbconvert")];
    const env = { ...process.env, NO_COLOR: "", JUPYTER_PATH: join(folder, "share", "jupyter") };
    await run(python, [...args, mixed, firstSteps], { env });
    for (const name of ["mixed.ipynb", "first-steps.ipynb"]) {
      const ours = await readFile(join(folder, "run", name), "utf8");
      const theirs = mergeStreams(await readFile(join(folder, "nbconvert", name)));
      assert.equal(ours, theirs);
    }
  });
});
