// The command `adjoint lesson` as a process, with the real session: files, exit codes, the cache, and notes that are broken.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { type CodeCell, type Notebook, parseNotebook } from "../../kernel/notebook.ts";
import { vaultOf } from "./lessons.ts";

const root = fileURLToPath(new URL("../../..", import.meta.url));

describe("adjoint lesson", function () {
  this.timeout(120_000);
  let vault: ReturnType<typeof vaultOf>;
  afterEach(() => vault.remove());

  async function run(...args: string[]) {
    const env = { ...process.env, ADJOINT_CACHE: join(vault.folder, ".cache"), NO_COLOR: "1" };
    const child = spawn(process.execPath, [join(root, "bin", "adjoint.js"), ...args], { cwd: vault.folder, env });
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (chunk: string) => (stdout += chunk));
    child.stderr.setEncoding("utf8").on("data", (chunk: string) => (stderr += chunk));
    const [code] = (await once(child, "close")) as [number | null];
    return { code, stdout, stderr };
  }

  const lesson = (...args: string[]) => run("lesson", ...args);
  const notebook = (name: string): Notebook => parseNotebook(readFileSync(join(vault.folder, name)), name);
  const code = (name: string): CodeCell[] => notebook(name).cells.filter((cell) => cell.cell_type === "code");

  it("makes a notebook with outputs and a page, and leaves the note alone", async () => {
    const note = '# T\n\n```ts\nconst a: number = 20;\na + 1\n```\n\n```ts check="a is 20"\na === 20\n```\n';
    vault = vaultOf({ "note.md": note });
    const { code: exit, stderr } = await lesson("note.md");
    assert.match(
      stderr,
      /^note\.md: cell 1 of 2: .+ s\nnote\.md: cell 2 of 2: .+ s\nnote\.md: 2 cells, .+ s; claims: 1 holds\n$/,
    );
    assert.equal(exit, 0);
    assert.deepEqual(
      code("note.ipynb").map(({ outputs, execution_count: count }) => [count, outputs.length]),
      [
        [1, 1],
        [2, 1],
      ],
    );
    assert.match(readFileSync(join(vault.folder, "note.html"), "utf8"), /<pre class="result" tabindex="0">21<\/pre>/);
    assert.equal(readFileSync(join(vault.folder, "note.md"), "utf8"), note);
    assert.deepEqual(readdirSync(vault.folder).toSorted(), [".cache", "note.html", "note.ipynb", "note.md"]);
  });

  it("runs a note again only when code before its end has changed", async () => {
    vault = vaultOf({ "note.md": "a\n\n```ts\nimport { b } from './b';\nb\n```\n", "b.ts": "export const b = 1;\n" });
    const result = async (): Promise<string> =>
      /note\.md: (1 cell[^\d]*), /.exec((await lesson("note.md", "--to", "ipynb")).stderr)?.[1] ?? "";
    assert.equal(await result(), "1 cell");
    writeFileSync(
      join(vault.folder, "note.md"),
      readFileSync(join(vault.folder, "note.md"), "utf8").replace("a\n", "other text\n"),
    );
    assert.equal(await result(), "1 cell, all from the cache");
    assert.equal(code("note.ipynb")[0]?.outputs.length, 1);
    assert.match((await lesson("note.md", "--no-cache", "--to", "ipynb")).stderr, /note\.md: 1 cell, [\d.]+ s/);
    writeFileSync(join(vault.folder, "b.ts"), "export const b = 2;\n");
    assert.equal(await result(), "1 cell");
    assert.deepEqual(
      code("note.ipynb")[0]?.outputs.map((output) => "data" in output && output.data["text/plain"]),
      [["2"]],
    );
  });

  it("says by its exit code what is wrong, the gravest first, and builds the other notes", async () => {
    vault = vaultOf({
      "fails.md": "x\n\n```ts\n1;\n\nnull.a;\n```\n\n```ts\n2\n```\n",
      "refuted.md": '```ts check="one is two"\n(1 as number) === 2\n```\n',
      "expected.md":
        '```ts check="one is two" expect=refuted\n(1 as number) === 2\n```\n\n```ts expect=error\nthrow 1;\n```\n',
      "link.md": "[[nowhere]]\n",
    });
    const first = await lesson("fails.md", "refuted.md", "link.md", "--to", "ipynb");
    assert.match(first.stderr, /^fails\.md:6: the cell failed: TypeScriptError: /m);
    assert.match(first.stderr, /^fails\.md:10: warning: the cell after it was not run$/m);
    assert.match(first.stderr, /^refuted\.md:1: "one is two": refuted \(value\): computed$/m);
    assert.match(first.stderr, /^link\.md:1: there is no note or file nowhere$/m);
    assert.equal(first.code, 1);
    assert.ok(["fails", "refuted", "link"].every((name) => existsSync(join(vault.folder, `${name}.ipynb`))));
    assert.equal((await lesson("refuted.md", "link.md", "--to", "ipynb")).code, 2);
    assert.equal((await lesson("link.md", "--to", "ipynb")).code, 3);
    assert.equal((await lesson("expected.md", "--to", "ipynb")).code, 0);
    assert.equal((await lesson("refuted.md", "--no-execute", "--to", "ipynb")).code, 0);
  });

  it("a Ctrl-C stops the cell, writes what there is, and exits with 130", async () => {
    vault = vaultOf({ "note.md": "```ts\nconsole.log('first');\n```\n\n```ts\nwhile (true) {}\n```\n" });
    const args = [join(root, "bin", "adjoint.js"), "lesson", "note.md", "--no-cache", "--to", "ipynb"];
    const child = spawn(process.execPath, args, { cwd: vault.folder, stdio: ["ignore", "ignore", "pipe"] });
    let stderr = "";
    child.stderr.setEncoding("utf8").on("data", (chunk: string) => (stderr += chunk));
    while (!/cell 1 of 2/.test(stderr)) await once(child.stderr, "data");
    child.kill("SIGINT");
    const [exit] = (await once(child, "close")) as [number];
    assert.equal(exit, 130, stderr);
    assert.deepEqual(
      code("note.ipynb").map(({ outputs }) => outputs.map(({ output_type: type }) => type)),
      [["stream"], ["error"]],
    );
  });

  const wrong: [args: string[], message: RegExp][] = [
    [[], /missing required argument 'path'/],
    [["none.md"], /adjoint: none\.md: no such file or folder/],
    [["note.txt"], /adjoint: note\.txt: a note is a file NAME\.md/],
    [["note.md", "--to", "pdf"], /It takes ipynb, html, md, not pdf/],
    [["note.md", "--timeout", "soon"], /It must be seconds/],
    [["a/note.md", "note.md", "-o", "out"], /would both be written to/],
  ];
  it("exits with 64 when it is called wrongly", async () => {
    vault = vaultOf({ "note.md": "a", "note.txt": "a", "a/note.md": "a" });
    for (const [args, message] of wrong) {
      const { code: exit, stderr } = await lesson(...args);
      assert.match(stderr, message);
      assert.equal(exit, 64, args.join(" "));
    }
  });

  it("stops a cell that never ends, and tells broken notes with file and line", async () => {
    vault = vaultOf({
      "a.md": "# a\n\n```ts\nwhile (true) {}\n```\n",
      "bytes.md": Buffer.from([0x61, 0x0a, 0xff, 0x0a]),
      "fence.md": "a\n\n$$ x\n\n```ts\n1\n",
      "good.md": "b\n\n$\\frac{1}$\n",
      "block.md": `a\n\n${"word ".repeat(410_000)}`,
      "large.md": "word ".repeat(2_000_000),
    });
    const { code: exit, stderr } = await lesson(".", "--timeout", "1", "-o", "out");
    for (const line of [
      "a.md:4: the cell took longer than 1 s and was stopped",
      "bytes.md:2: the file is not UTF-8 text: save it as UTF-8",
      "fence.md:3: the formula $$ has no end",
      "fence.md:5: the code fence ``` has no end",
      "good.md:3: warning: the formula \\frac{1} cannot be set: Unexpected end of input in a macro argument, expected '}' at end of input",
      "block.md:3: what begins here has 2.0 MB, more than 2, and no heading or paragraph in it: split it",
      "large.md:1: the note has 10.0 MB, more than 5: split it",
    ]) {
      assert.ok(stderr.split("\n").includes(line), `${line} in\n${stderr}`);
    }
    assert.equal(exit, 1);
    assert.deepEqual(readdirSync(join(vault.folder, "out")).toSorted(), [
      "a.html",
      "a.ipynb",
      "fence.html",
      "fence.ipynb",
      "good.html",
      "good.ipynb",
    ]);
    assert.match(
      notebook("out/fence.ipynb")
        .cells.map(({ source }) => source)
        .join("\n"),
      /\\\$\\\$ x[^]*```ts\n1/,
    );
  });

  it("overwrites no notebook that it did not make, and none that was edited since", async () => {
    vault = vaultOf({
      "note.md": "a\n",
      "own.md": "a\n",
      "own.ipynb": '{"nbformat":4,"nbformat_minor":5,"metadata":{},"cells":[]}',
    });
    const own = await lesson("own.md", "--to", "ipynb");
    assert.match(own.stderr, /own\.ipynb was not built from a note, and stays as it is/);
    assert.equal(own.code, 1);
    await lesson("note.md", "--to", "ipynb");
    assert.equal((await lesson("note.md", "--to", "ipynb")).code, 0);
    const edited = readFileSync(join(vault.folder, "note.ipynb"), "utf8").replace('"a"', '"b"');
    writeFileSync(join(vault.folder, "note.ipynb"), edited);
    assert.match(
      (await lesson("note.md", "--to", "ipynb")).stderr,
      /note\.ipynb was edited after it was built, and stays as it is/,
    );
    assert.equal(readFileSync(join(vault.folder, "note.ipynb"), "utf8"), edited);
    const back = await run("note", "note.ipynb");
    assert.deepEqual([back.stdout, back.code], ["b\n", 0]);
    // Once the note says it, the notebook may be built again.
    assert.equal((await run("note", "note.ipynb", "-o", "note.md")).code, 0);
    assert.equal((await lesson("note.md", "--to", "ipynb")).code, 0);
    assert.notEqual(readFileSync(join(vault.folder, "note.ipynb"), "utf8"), edited);
  });
});

describe("the note of a real vault", function () {
  this.timeout(120_000);
  /** Somebody's study note, which lies beside the repository where it is there at all. */
  const folder = process.env["ADJOINT_NOTES"] ?? join(dirname(root), "shared", "notes");
  const file = existsSync(folder) ? readdirSync(folder).find((name) => name.endsWith(".md")) : undefined;

  /** Its formulas read as they are written, a dot as a product of matrices. */
  const companion = `# 4. Example: Reverse Accumulation in a Neural Network

\`\`\`ts
import { problem } from "adjoint/claims";
const slope = (z: any) => z.sigmoid().mul(z.sigmoid().neg().add(1));
problem({
  sizes: { n: 3, h: 4, m: 2 },
  inputs: ({ n, h, m }) => ({ x: [n, 1], W_1: [h, n], b_1: [h, 1], W_2: [m, h], b_2: [m, 1], target: [m, 1] }),
  compute({ x, W_1, b_1, W_2, b_2, target }) {
    const z = W_1.matmul(x).add(b_1);
    const h = z.sigmoid();
    const y = W_2.matmul(h).add(b_2);
    return { z, h, y, L: y.sub(target).square().mean() };
  },
});
\`\`\`

\`\`\`ts check="$$2" expect=refuted
({ h }, g) => g.y.matmul(h)
\`\`\`

\`\`\`ts check="$$3"
(_, g) => g.y
\`\`\`

\`\`\`ts check="$$4" expect=refuted
({ W_2 }, g) => g.y.matmul(W_2)
\`\`\`

\`\`\`ts check="$$5" expect=refuted
({ x, z }, g) => g.h.matmul(slope(z)).matmul(x)
\`\`\`

\`\`\`ts check="$$6" expect=refuted
({ z }, g) => g.h.matmul(slope(z))
\`\`\`
`;

  it("compiles as it is, and its companion gives every formula its verdict", async function () {
    if (file === undefined) return this.skip();
    const text = readFileSync(join(folder, file));
    const vault = vaultOf({ "note.md": text, "note.lesson.md": companion });
    try {
      const args = [join(root, "bin", "adjoint.js"), "lesson", "note.md"];
      const child = spawn(process.execPath, args, {
        cwd: vault.folder,
        env: { ...process.env, ADJOINT_CACHE: join(vault.folder, "cache") },
      });
      let stderr = "";
      child.stderr.setEncoding("utf8").on("data", (chunk: string) => (stderr += chunk));
      const [exit] = (await once(child, "close")) as [number];
      assert.match(stderr, /is 😊 in the wrong encoding/);
      assert.match(stderr, /note\.md: 7 cells, .*; claims: 1 holds, 4 refuted \(shape\), 1 not checkable$/m);
      assert.equal(exit, 0, stderr);
      const { cells } = parseNotebook(readFileSync(join(vault.folder, "note.ipynb")), "note.ipynb");
      const page = readFileSync(join(vault.folder, "note.html"), "utf8");
      const shape = "✗ refuted (shape), as expected";
      assert.deepEqual(
        [...page.matchAll(/class="formula-display"[^]*?class="verdict[^>]*>([^<]*)</g)].map(([, verdict]) => verdict),
        ["? not checkable", shape, "✓ holds", shape, shape, shape],
      );
      const all = cells
        .filter(({ cell_type: type }) => type === "markdown")
        .map(({ source }) => source)
        .join("\n");
      assert.equal(cells.filter(({ source }) => source.startsWith("# ")).length, 1);
      assert.doesNotMatch(all, /\\\(|ðŸ/);
      assert.match(all, /^\| \*\*Aspect\*\*/m);
      assert.equal(all.match(/(?<![$\\])\$(?!\$)/g)?.length, 2 * 19, "19 formulas in lines");
      assert.equal(all.match(/^ *\$\$$/gm)?.length, 2 * 6, "6 formulas on lines of their own");
      assert.doesNotMatch(page, /tex-error"/);
      assert.equal(page.match(/<span class="formula-display" /g)?.length, 6);
    } finally {
      vault.remove();
    }
  });
});
