// The notebooks that come with the project, run from the first cell to the last: by `adjoint run`, and by Jupyter's own
// nbconvert with the kernel as Jupyter starts it. Both must write the same bytes.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify, stripVTControlCharacters } from "node:util";
import { type CodeCell, formatNotebook, parseNotebook, type SavedOutput } from "../kernel/notebook.ts";

const python = process.platform === "win32" ? join(".venv", "Scripts", "python.exe") : join(".venv", "bin", "python");
const bin = fileURLToPath(new URL("../../bin/adjoint.js", import.meta.url));
const provided = (name: string) => fileURLToPath(new URL(`../../notebooks/${name}`, import.meta.url));
const firstSteps = provided("first-steps.ipynb");
const sigmoidMlp = provided("sigmoid-mlp.ipynb");

const run = (file: string, args: string[], options = {}) =>
  promisify(execFile)(file, args, { maxBuffer: 16_000_000, ...options });
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

/** What a cell with this id has shown. */
function shownBy(file: Uint8Array, id: string): string {
  const cell = parseNotebook(file, "notebook").cells.find((cell) => cell.id === id);
  assert.ok(cell?.cell_type === "code", `there is a cell ${id}`);
  assert.equal(cell.outputs.length, 1);
  const [output] = cell.outputs;
  assert.ok(output !== undefined && "data" in output, `cell ${id} shows something`);
  return [output.data["text/plain"]].flat().join("");
}

describe("notebooks/sigmoid-mlp.ipynb", function () {
  this.timeout(60_000);

  it("runs to its last cell and gives the outputs that are committed, in less than a megabyte", async () => {
    const { stdout } = await adjoint("run", sigmoidMlp, "-o", "-");
    const committed = await readFile(sigmoidMlp);
    assert.equal(stdout, committed.toString());
    assert.ok(committed.length < 1_000_000);
  });

  it("shows what its text says", async () => {
    const file = await readFile(sigmoidMlp);
    const cells = parseNotebook(file, sigmoidMlp).cells.filter((cell) => cell.cell_type === "code");
    for (const { id, outputs } of cells) {
      for (const output of outputs) assert.ok("data" in output, `cell ${String(id)} prints nothing and does not fail`);
    }
    assert.match(shownBy(file, "compare"), /^Gradients by byHand, backward: all agree\n/);
    assert.match(shownBy(file, "numeric"), /^Gradients by byHand, backward, numeric: all agree\n/);
    assert.match(shownBy(file, "mistake"), /^Gradients by mistaken, numeric: 2 of 4 parameters differ\n/);
    assert.match(shownBy(file, "batch-check"), /^Gradients by byHand, backward, numeric: all agree\n/);
    // The tangent of the loss is the first number of the gradient by hand.
    const bias = /g_\{b_1\} = \\begin\{bmatrix\} (-?[\d.]+) &/.exec(shownBy(file, "layer1"))?.[1];
    assert.ok(bias !== undefined && shownBy(file, "both").includes(`L̇ = ${bias} `));
    const right = Number(/(\d+) of 50 right/.exec(shownBy(file, "confusion"))?.[1]);
    assert.ok(right >= 45 && shownBy(file, "boundary").includes(`${right} of 50 points`));
    const starts = stripVTControlCharacters(shownBy(file, "luck")).split("neurons: ").slice(1);
    const percents = starts.map((of) => [...of.matchAll(/(\d+) %/g)].map((match) => Number(match[1])));
    assert.deepEqual(percents.map(({ length }) => length), [5, 5, 5, 5]); // prettier-ignore
    const [one = [], two = [], three = [], eight = []] = percents;
    assert.ok(Math.max(...one) < 70 && Math.min(...three, ...eight) > 90);
    assert.ok(Math.min(...two) < 70 && Math.max(...two) > 90);
    assert.match(shownBy(file, "deep"), /\n0\.weight +\[8, 2\] +vanishes /);
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

    const ours = join(folder, "ours.ipynb");
    await adjoint("run", mixed, "--allow-errors", "-o", ours);
    // What these give by `adjoint run` is committed.
    const notebooks = [mixed, firstSteps, sigmoidMlp];
    const options = ["--execute", "--allow-errors", "--ExecutePreprocessor.record_timing=False"];
    const args = ["-m", "nbconvert", "--to", "notebook", ...options, "--output-dir", join(folder, "nbconvert")];
    const env = { ...process.env, NO_COLOR: "", JUPYTER_PATH: join(folder, "share", "jupyter") };
    await run(python, [...args, ...notebooks], { env });
    for (const path of notebooks) {
      const theirs = mergeStreams(await readFile(join(folder, "nbconvert", basename(path))));
      assert.equal(theirs, await readFile(path === mixed ? ours : path, "utf8"));
    }
  });
});
