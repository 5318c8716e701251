// The command `adjoint run` as a process, with the real session: arguments, files, exit codes, signals.
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { watch } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Notebook, parseNotebook } from "../kernel/notebook.ts";
import { notebookOf, outputsOf } from "./small-notebook.ts";

const bin = fileURLToPath(new URL("../../bin/adjoint.js", import.meta.url));

describe("adjoint run", function () {
  this.timeout(60_000);
  let folder: string;
  const children = new Set<ChildProcess>();
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "run-"));
  });
  afterEach(async () => {
    for (const child of children) child.kill("SIGKILL");
    children.clear();
    await rm(folder, { recursive: true });
  });

  function start(...args: string[]) {
    const child = spawn(process.execPath, [bin, "run", ...args], {
      cwd: folder,
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
    });
    children.add(child);
    const text = { stdout: "", stderr: "" };
    child.stdout.setEncoding("utf8").on("data", (chunk: string) => (text.stdout += chunk));
    child.stderr.setEncoding("utf8").on("data", (chunk: string) => (text.stderr += chunk));
    const ended = once(child, "close").then(([code]) => {
      children.delete(child);
      return { code: code as number | null, ...text };
    });
    return { child, ended };
  }

  const run = (...args: string[]) => start(...args).ended;

  it("--typecheck says what an error of types does", async () => {
    await writeFile(
      join(folder, "typed.ipynb"),
      JSON.stringify(notebookOf("const n: number = 'text' as any as string; n")),
    );
    const stopped = await run("typed.ipynb");
    assert.equal(stopped.code, 1);
    assert.match(stopped.stderr, /TypeScriptError: TS2322/);
    assert.equal((await run("typed.ipynb", "--typecheck", "off")).code, 0);
    const warned = await run("typed.ipynb", "--typecheck", "warn", "-o", "-");
    assert.equal(warned.code, 0);
    assert.match(warned.stdout, /Cell \[1\], line 1, column 7: TS2322/);
    const wrong = await run("typed.ipynb", "--typecheck", "maybe");
    assert.equal(wrong.code, 64);
    assert.match(wrong.stderr, /Allowed choices are error, warn, off/);
  });

  async function save(name: string, ...cells: Parameters<typeof notebookOf>) {
    const { cells: _, ...rest } = notebookOf();
    const text = JSON.stringify({ ...rest, cells: notebookOf(...cells).cells });
    await writeFile(join(folder, name), text);
    return text;
  }

  async function load(name: string): Promise<Notebook> {
    return parseNotebook(await readFile(join(folder, name)), name);
  }

  const text = (notebook: Notebook, index: number) =>
    outputsOf(notebook, index)
      .map((output) => (output.output_type === "stream" ? [output.text].flat().join("") : output.output_type))
      .join("|");

  describe("called wrongly", () => {
    const wrong: { args: string[]; message: RegExp }[] = [
      { args: [], message: /missing required argument/ },
      { args: ["a.ipynb", "--nope"], message: /unknown option '--nope'/ },
      { args: ["a.ipynb", "--param", "lr"], message: /expected NAME=VALUE, got "lr"/ },
      { args: ["a.ipynb", "--param", "a-b=1"], message: /"a-b" cannot be the name of a variable/ },
      { args: ["a.ipynb", "--timeout", "soon"], message: /expected seconds/ },
      { args: ["a.ipynb", "--inplace", "-o", "b.ipynb"], message: /cannot be used with option/ },
      { args: ["a.ipynb", "b.ipynb", "-o", "-"], message: /-o - takes one notebook/ },
      { args: ["a.ipynb", "b.ipynb", "-o", "a.ipynb"], message: /several notebooks need a folder/ },
      { args: ["a.ipynb", "./a.ipynb", "-o", "out"], message: /two of the notebooks would be written to/ },
    ];
    for (const { args, message } of wrong) {
      it(`exits with 64 for ${args.join(" ") || "no argument"}`, async () => {
        await save("a.ipynb");
        const { code, stderr } = await run(...args);
        assert.match(stderr, message);
        assert.equal(code, 64);
      });
    }
  });

  const unusable: { name: string; content?: string; message: RegExp }[] = [
    { name: "none.ipynb", message: /^none\.ipynb: no such file or folder$/ },
    { name: "bad.ipynb", content: "{", message: /^bad\.ipynb: not valid JSON: [^\n]+$/ },
    { name: "list.ipynb", content: "[]", message: /^list\.ipynb: not a notebook: [^\n]+$/ },
    { name: "old.ipynb", content: '{"nbformat": 3}', message: /^old\.ipynb: nbformat 3 is too old, [^\n]+$/ },
    {
      name: "python.ipynb",
      content: '{"nbformat": 4, "cells": [], "metadata": {"language_info": {"name": "python"}}}',
      message: /^python\.ipynb: the notebook is in python; this kernel runs TypeScript and JavaScript$/,
    },
  ];
  for (const { name, content, message } of unusable) {
    it(`exits with 1 and one sentence for ${name}, and runs nothing`, async () => {
      if (content !== undefined) await writeFile(join(folder, name), content);
      const before = await save("good.ipynb", "1");
      const { code, stderr, stdout } = await run("good.ipynb", name, "--inplace");
      assert.match(stderr.trim(), message);
      assert.equal(stdout, "");
      assert.equal(code, 1);
      assert.equal(await readFile(join(folder, "good.ipynb"), "utf8"), before);
    });
  }

  it("exits with 1 before it runs anything when the output cannot be written", async () => {
    await save("a.ipynb", "1");
    const { code, stderr } = await run("a.ipynb", "-o", "none/a.ipynb");
    assert.match(stderr, /^none\/a\.ipynb: cannot be written: no such file or folder$/m);
    assert.equal(code, 1);
  });

  it("writes nothing without -o or --inplace, and says how long it took", async () => {
    const before = await save("a.ipynb", "1 + 1", "2");
    const { code, stderr, stdout } = await run("a.ipynb");
    assert.match(stderr, /^a\.ipynb: cell 1 of 2: .+ s\na\.ipynb: cell 2 of 2: .+ s\na\.ipynb: 2 cells in .+ s\n$/);
    assert.equal(stdout, "");
    assert.equal(code, 0);
    assert.equal(await readFile(join(folder, "a.ipynb"), "utf8"), before);
  });

  it("writes the same file on every run", async () => {
    await save("a.ipynb", "console.log(1)", { cell_type: "markdown", source: "text" }, "[1, 2]");
    assert.equal((await run("a.ipynb", "-o", "b.ipynb")).code, 0);
    assert.equal((await run("a.ipynb", "--inplace")).code, 0);
    const once = await readFile(join(folder, "a.ipynb"), "utf8");
    assert.equal((await run("a.ipynb", "--inplace")).code, 0);
    assert.equal(await readFile(join(folder, "a.ipynb"), "utf8"), once);
    assert.equal(await readFile(join(folder, "b.ipynb"), "utf8"), once);
    assert.equal(text(await load("a.ipynb"), 0), "1\n");
  });

  it("writes to standard output with -o -", async () => {
    await save("a.ipynb", "console.log(1)");
    const { stdout, code } = await run("a.ipynb", "-o", "-");
    assert.equal(text(parseNotebook(Buffer.from(stdout), "stdout"), 0), "1\n");
    assert.equal(code, 0);
  });

  it("runs each of several notebooks in its own folder and session, and writes them to one folder", async () => {
    await mkdir(join(folder, "sub"));
    const cell =
      'import { basename } from "node:path"; console.log(basename(process.cwd()), typeof leak); var leak: number | undefined = 1;';
    await save("a.ipynb", cell);
    await save(join("sub", "b.ipynb"), cell);
    assert.equal((await run("a.ipynb", join("sub", "b.ipynb"), "-o", "out")).code, 0);
    assert.match(text(await load(join("out", "a.ipynb")), 0), /^run-\S+ undefined\n$/);
    assert.equal(text(await load(join("out", "b.ipynb")), 0), "sub undefined\n");
    assert.ok((await stat(join(folder, "out"))).isDirectory());
  });

  it("shows a failing cell with its line and traceback, writes what ran, runs the next notebook and exits with 1", async () => {
    await save("a.ipynb", "console.log(1)", 'const x = 1;\nthrow new RangeError("too far");', "console.log(3)");
    await save("b.ipynb", "console.log(4)");
    const { code, stderr } = await run("a.ipynb", "b.ipynb", "--inplace");
    assert.match(stderr, /^a\.ipynb: cell 2 of 3 failed$/m);
    assert.match(stderr, /^> 2 \| throw new RangeError\("too far"\);$/m);
    assert.match(stderr, /^RangeError: too far$/m);
    assert.match(stderr, /^a\.ipynb: ended by an error in cell 2 of 3 after .+ s, written to a\.ipynb$/m);
    assert.equal(code, 1);
    const notebook = await load("a.ipynb");
    assert.deepEqual(
      [0, 1, 2].map((index) => text(notebook, index)),
      ["1\n", "error", ""],
    );
    assert.equal(text(await load("b.ipynb"), 0), "4\n");
  });

  it("shows errors that nothing caught, in the last cell too, and exits with 1 unless they are allowed", async () => {
    await save("a.ipynb", "1 + 1", 'Promise.reject(new Error("unseen")); 5');
    const { code, stderr } = await run("a.ipynb", "--inplace");
    assert.equal(code, 1);
    assert.match(stderr, /a\.ipynb: cell 2 of 2 left an error that nothing caught\n.*Error: unseen/s);
    assert.match(stderr, /a\.ipynb: 2 cells in/);
    assert.equal(text(await load("a.ipynb"), 1), "execute_result|error");
    assert.equal((await run("a.ipynb", "--allow-errors")).code, 0);
  });

  it("goes on with --allow-errors and exits with 0", async () => {
    await save("a.ipynb", "null.x", "console.log(2)");
    const { code, stderr } = await run("a.ipynb", "--allow-errors", "--inplace");
    assert.match(stderr, /^a\.ipynb: cell 1 of 2 failed, as allowed$/m);
    assert.equal(code, 0);
    assert.equal(text(await load("a.ipynb"), 1), "2\n");
  });

  it("interrupts a cell that takes longer than --timeout, and exits with 1", async () => {
    await save("a.ipynb", "console.log(1); while (true) {}", "console.log(2)");
    const { code, stderr } = await run("a.ipynb", "--timeout", "0.5", "--inplace");
    assert.match(stderr, /^a\.ipynb: cell 1 of 2 took longer than 0\.5 s$/m);
    assert.equal(code, 1);
    const notebook = await load("a.ipynb");
    assert.deepEqual(
      [0, 1].map((index) => text(notebook, index)),
      ["1\n|error", ""],
    );
    assert.match(JSON.stringify(outputsOf(notebook, 0)), /KeyboardInterrupt/);
  });

  it("on Ctrl-C interrupts the cell, writes what there is and exits with 130", async function () {
    if (process.platform === "win32") return this.skip();
    const cell =
      'import { writeFileSync } from "node:fs"; console.log("started"); writeFileSync("marks/started", ""); while (true) {}';
    await mkdir(join(folder, "marks"));
    await save("a.ipynb", cell, "console.log(2)");
    const watcher = watch(join(folder, "marks"));
    const { child, ended } = start("a.ipynb", "--inplace");
    await once(watcher, "change");
    watcher.close();
    // A terminal sends the signal to the whole group, so that the runtime gets it, too.
    process.kill(-(child.pid ?? 0), "SIGINT");
    assert.equal((await ended).code, 130);
    const notebook = await load("a.ipynb");
    assert.deepEqual(
      [0, 1].map((index) => text(notebook, index)),
      ["started\n|error", ""],
    );
  });

  it("--param wins over the cell tagged parameters and keeps its type", async () => {
    const defaults = { source: 'const lr: number = 0.1;\nlet name = "x";', metadata: { tags: ["parameters"] } };
    await save("a.ipynb", defaults, "console.log(lr * 2, name, deep)");
    const { code } = await run(
      "a.ipynb",
      "--inplace",
      "--param",
      "lr=0.5",
      "--param",
      "name=true story",
      "--param",
      "deep=null",
    );
    assert.equal(code, 0);
    const notebook = await load("a.ipynb");
    assert.equal(notebook.cells[1]?.source, '// Parameters\nlet lr = 0.5;\nlet name = "true story";\nlet deep = null;');
    assert.equal(text(notebook, 2), "1 true story null\n");
  });

  it("does not wait for input", async () => {
    await save("a.ipynb", 'console.log(prompt("name?"), await input("name?"))');
    const { code } = await run("a.ipynb", "--inplace");
    assert.equal(code, 0);
  });

  it("survives the death of the runtime in a cell and reports it", async () => {
    await save("a.ipynb", "process.exit(3)", "console.log(2)");
    const { code } = await run("a.ipynb", "--inplace", "--allow-errors");
    assert.equal(code, 0);
    const notebook = await load("a.ipynb");
    assert.deepEqual(
      [0, 1].map((index) => text(notebook, index)),
      ["error", "2\n"],
    );
  });
});
