// Notebooks as files: what is read, what is refused and how, the bytes that are written (Python's nbformat is the judge), and
// that no moment leaves half a file.
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { chmod, lstat, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { languageInfo } from "../kernel/language-info.ts";
import {
  checkWritable,
  formatNotebook,
  lines,
  parseNotebook,
  readNotebook,
  writeNotebook,
} from "../kernel/notebook.ts";
import { injectParameters, parseParameter } from "../kernel/parameters.ts";

const python = process.platform === "win32" ? join(".venv", "Scripts", "python.exe") : join(".venv", "bin", "python");

function parse(json: unknown) {
  return parseNotebook(Buffer.from(JSON.stringify(json)), "lesson.ipynb");
}

function code(source: string, rest: Record<string, unknown> = {}) {
  return { cell_type: "code", metadata: {}, source, execution_count: null, outputs: [], ...rest };
}

function notebook(...cells: unknown[]) {
  return { nbformat: 4, nbformat_minor: 5, metadata: {}, cells };
}

describe("readNotebook", () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "notebook-"));
  });
  after(() => rm(folder, { recursive: true }));

  const refused: { what: string; content: string | Uint8Array; message: RegExp }[] = [
    { what: "an empty file", content: " \n", message: /^\S+: not a notebook: the file is empty$/ },
    { what: "unreadable JSON", content: "{cells", message: /^\S+: not valid JSON: .+$/ },
    {
      what: "bytes that are no text",
      content: Uint8Array.of(0xff, 0xfe, 0),
      message: /^\S+: not a notebook: .*UTF-8 text$/,
    },
    { what: "other JSON", content: "[1, 2]", message: /^\S+: not a notebook: the JSON has no "nbformat" number$/ },
    { what: "no cells", content: '{"nbformat": 4}', message: /^\S+: not a notebook: it has no list "cells"$/ },
    {
      what: "nbformat 3",
      content: '{"nbformat": 3, "worksheets": []}',
      message: /^\S+: nbformat 3 is too old, nbformat 4 is needed: convert it with "jupyter nbconvert [^\n]+"$/,
    },
    {
      what: "nbformat 5",
      content: '{"nbformat": 5, "cells": []}',
      message: /^\S+: nbformat 5 is not known, nbformat 4 is needed$/,
    },
    {
      what: "a cell of an unknown type",
      content: JSON.stringify(notebook(code("1"), { cell_type: "heading", source: "" })),
      message: /^\S+: not a notebook: cell 2 has cell_type "heading", not "code", "markdown" or "raw"$/,
    },
    {
      what: "a cell without source",
      content: JSON.stringify(notebook(code("1"), { cell_type: "raw" })),
      message: /^\S+: not a notebook: cell 2 has no text in "source"$/,
    },
  ];
  for (const { what, content, message } of refused) {
    it(`says in one sentence why it refuses ${what}`, async () => {
      const path = join(folder, "refused.ipynb");
      await writeFile(path, content);
      await assert.rejects(readNotebook(path), { message });
    });
  }

  it("says that a file is missing, or is a folder", async () => {
    await assert.rejects(readNotebook(join(folder, "none.ipynb")), { message: /none\.ipynb: no such file or folder$/ });
    await assert.rejects(readNotebook(folder), { message: /: it is a folder$/ });
  });

  it("joins sources that are lists of lines and accepts a byte order mark", () => {
    const bytes = Buffer.from(`\ufeff${JSON.stringify(notebook({ ...code(""), source: ["a\n", "b"] }))}`);
    assert.equal(parseNotebook(bytes, "lesson.ipynb").cells[0]?.source, "a\nb");
  });

  it("keeps valid ids and derives the missing, invalid and repeated ones from index and source", () => {
    const cells = [code("1", { id: "kept" }), code("2"), code("3", { id: "not valid!" }), code("4", { id: "kept" })];
    const ids = parse(notebook(...cells)).cells.map((cell) => cell.id);
    assert.equal(ids[0], "kept");
    assert.equal(new Set(ids).size, 4);
    for (const id of ids) assert.match(id, /^[\w-]{1,64}$/);
    assert.deepEqual(
      parse(notebook(...cells)).cells.map((cell) => cell.id),
      ids,
    );
  });

  it("raises nbformat 4.2 to 4.5", () => {
    assert.equal(parse({ ...notebook(), nbformat_minor: 2 }).nbformat_minor, 5);
  });
});

describe("formatNotebook", () => {
  it("writes sorted keys, an indentation of one space, lists of lines, non-ASCII as it is and a final newline", () => {
    const text = formatNotebook(parse(notebook(code("let π = 3;\nπ", { id: "a", metadata: { "2": 1e-7, "10": [] } }))));
    assert.equal(
      text,
      `{
 "cells": [
  {
   "cell_type": "code",
   "execution_count": null,
   "id": "a",
   "metadata": {
    "10": [],
    "2": 1e-07
   },
   "outputs": [],
   "source": [
    "let π = 3;\\n",
    "π"
   ]
  }
 ],
 "metadata": {},
 "nbformat": 4,
 "nbformat_minor": 5
}
`,
    );
  });

  it("splits text as Python's splitlines does, at the rarer separators too", () => {
    assert.deepEqual(lines("a\rb\r\nc\vd\fe\x1cf\x85g\u2028h\n\ni"), [
      "a\r",
      "b\r\n",
      "c\v",
      "d\f",
      "e\x1c",
      "f\x85",
      "g\u2028",
      "h\n",
      "\n",
      "i",
    ]);
    assert.deepEqual(lines(""), []);
  });

  it("lines joined are the text", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom("a", "\n", "\r", "\u2028", "😀") }), (text) => {
        assert.equal(lines(text).join(""), text);
      }),
      { seed: 1 },
    );
  });

  it("gives the bytes that Python's nbformat gives, which finds them valid", function () {
    this.timeout(30_000);
    if (!existsSync(python)) {
      console.log(`      no ${python}: \`npm test\` makes it`);
      return this.skip();
    }
    const metadata = {
      tags: ["a"],
      "11": -0.5,
      "2": [1e-9, 12345678.9, 1e21, {}],
      ü: null,
      "a\u007f": "\u0000\u001f\u2028\ud83d\ude00",
    };
    const bundle = {
      "text/html": "<b>\n</b>",
      "image/svg+xml": "<svg>\n</svg>",
      "image/png": "aGk=\n",
      "application/json": { b: 1, a: ["x\ny"] },
    };
    const outputs = [
      { output_type: "stream", name: "stdout", text: "a\r\nb\x85c\n" },
      { output_type: "display_data", data: bundle, metadata: {} },
      { output_type: "execute_result", execution_count: 1, data: { "text/plain": "1\n2" }, metadata: { b: 1, a: 2 } },
      { output_type: "error", ename: "Error", evalue: "x\ny", traceback: ["\x1b[31mError\x1b[39m: x\ny"] },
    ];
    const text = formatNotebook(
      parse(
        notebook(
          code("1 +\n1\n", { metadata, outputs, execution_count: 1 }),
          {
            cell_type: "markdown",
            metadata: {},
            source: "# A\n$x$",
            attachments: { "a.png": { "image/png": "aGk=" } },
          },
          { cell_type: "raw", metadata: { format: "text/latex" }, source: "\\LaTeX" },
        ),
      ),
    );
    const script = `
import sys, nbformat
text = sys.stdin.buffer.read().decode("utf-8")
nb = nbformat.reads(text, as_version=nbformat.NO_CONVERT)
nbformat.validate(nb)
sys.stdout.buffer.write((nbformat.writes(nb) + "\\n").encode("utf-8"))`;
    assert.equal(execFileSync(python, ["-c", script], { input: text, encoding: "utf8" }), text);
  });

  it("writes what it reads", () => {
    const text = formatNotebook(parse(notebook(code("a\nb"), { cell_type: "markdown", metadata: {}, source: "x\ny" })));
    assert.equal(formatNotebook(parseNotebook(Buffer.from(text), "lesson.ipynb")), text);
  });
});

describe("writeNotebook", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "notebook-"));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it("keeps the permissions of the file and a link as a link, and leaves no other file", async function () {
    if (process.platform === "win32") return this.skip();
    const path = join(folder, "lesson.ipynb");
    const link = join(folder, "link.ipynb");
    await writeFile(path, "old");
    await chmod(path, 0o640);
    await symlink("lesson.ipynb", link);
    await writeNotebook(link, parse(notebook(code("1"))));
    assert.equal((await stat(path)).mode & 0o777, 0o640);
    assert.ok((await lstat(link)).isSymbolicLink());
    assert.equal((await readNotebook(path)).cells[0]?.source, "1");
    assert.deepEqual((await readdir(folder)).sort(), ["lesson.ipynb", "link.ipynb"]);
  });

  it("writes to a pipe or a device, and leaves it one", async function () {
    if (process.platform === "win32") return this.skip();
    const pipe = join(folder, "pipe");
    execFileSync("mkfifo", [pipe]);
    const text = readFile(pipe, "utf8");
    await checkWritable(pipe);
    await writeNotebook(pipe, parse(notebook(code("1"))));
    assert.equal(await text, formatNotebook(parse(notebook(code("1")))));
    assert.ok((await stat(pipe)).isFIFO());
    assert.deepEqual(await readdir(folder), ["pipe"]);
  });

  it("fails with one sentence and leaves no other file", async () => {
    await assert.rejects(writeNotebook(join(folder, "none", "a.ipynb"), parse(notebook())), {
      message: /a\.ipynb: cannot be written: no such file or folder$/,
    });
    await mkdir(join(folder, "a.ipynb"));
    await assert.rejects(writeNotebook(join(folder, "a.ipynb"), parse(notebook())), {
      message: /a\.ipynb: cannot be written: /,
    });
    assert.deepEqual(await readdir(folder), ["a.ipynb"]);
  });

  it("leaves a whole notebook when the process is killed while it writes", async function () {
    this.timeout(60_000);
    const path = join(folder, "lesson.ipynb");
    const whole = ["a", "b"].map((letter) => formatNotebook(parse(notebook(code(letter.repeat(2_000_000))))));
    const module = new URL("../kernel/notebook.js", import.meta.url).href;
    const script = `
      import { parseNotebook, writeNotebook } from ${JSON.stringify(module)};
      const [a, b] = ${JSON.stringify(["a", "b"])}.map((letter) => ({ cell_type: "code", source: letter.repeat(2_000_000), metadata: {}, outputs: [] }))
        .map((cell) => parseNotebook(Buffer.from(JSON.stringify({ nbformat: 4, metadata: {}, cells: [cell] })), ""));
      for (let turn = 0; ; turn++) {
        await writeNotebook(${JSON.stringify(path)}, turn % 2 ? a : b);
        process.stdout.write(".");
      }`;
    for (const writes of [1, 2, 3, 5, 2, 1]) {
      const child = spawn(process.execPath, ["--input-type=module", "-e", script], {
        stdio: ["ignore", "pipe", "inherit"],
      });
      const exit = once(child, "exit");
      let seen = 0;
      for await (const chunk of child.stdout as AsyncIterable<Buffer>) {
        seen += chunk.length;
        if (seen >= writes) child.kill("SIGKILL");
      }
      await exit;
      assert.ok(whole.includes(await readFile(path, "utf8")));
    }
  });
});

describe("parseParameter", () => {
  const values: [given: string, source: string][] = [
    ["5", "5"],
    ["-007", "-7"],
    ["1_000", "1000"],
    ["0.5", "0.5"],
    [".5", "0.5"],
    ["1.", "1"],
    ["1e-3", "0.001"],
    ["nan", "NaN"],
    ["-inf", "-Infinity"],
    ["true", "true"],
    ["False", "false"],
    ["null", "null"],
    ["None", "null"],
    ["adam", '"adam"'],
    ["", '""'],
    ["1.2.3", '"1.2.3"'],
    ["0x10", '"0x10"'],
    ["a=b", '"a=b"'],
    ['say "hi"\n', '"say \\"hi\\"\\n"'],
    ['"; process.exit()', '"\\"; process.exit()"'],
  ];
  for (const [given, source] of values) {
    it(`reads ${JSON.stringify(given)} as ${source}`, () => {
      assert.deepEqual(parseParameter(`x=${given}`), { name: "x", value: source });
    });
  }

  for (const text of ["x", "=1", "", "a-b=1", "1a=1", "class=1", "await=1", "x;y=1"]) {
    it(`refuses ${JSON.stringify(text)}`, () => {
      assert.throws(() => parseParameter(text), {
        message: /^expected NAME=VALUE, got |cannot be the name of a variable$/,
      });
    });
  }
});

describe("injectParameters", () => {
  const parameters = new Map([
    ["lr", "0.5"],
    ["name", '"a"'],
  ]);
  const source = '// Parameters\nlet lr = 0.5;\nlet name = "a";';

  it("puts the cell right after the one tagged parameters", () => {
    const target = parse(
      notebook(code("1"), code("let lr = 0.1", { metadata: { tags: ["x", "parameters"] } }), code("lr")),
    );
    assert.equal(injectParameters(target, parameters), true);
    assert.deepEqual(
      target.cells.map((cell) => cell.source),
      ["1", "let lr = 0.1", source, "lr"],
    );
    assert.deepEqual(target.cells[2]?.metadata, { tags: ["injected-parameters"] });
  });

  it("replaces the cell of an earlier run and keeps its id", () => {
    const target = parse(notebook(code("lr", { metadata: { tags: ["parameters"] } }), code("lr")));
    injectParameters(target, new Map([["lr", "9"]]));
    const id = target.cells[1]?.id;
    injectParameters(target, parameters);
    assert.deepEqual(
      target.cells.map((cell) => cell.source),
      ["lr", source, "lr"],
    );
    assert.equal(target.cells[1]?.id, id);
  });

  it("puts the cell at the top of a notebook without the tag and says so", () => {
    const target = parse(notebook(code("1")));
    assert.equal(injectParameters(target, parameters), false);
    assert.deepEqual(
      target.cells.map((cell) => cell.source),
      [source, "1"],
    );
  });
});

describe("languageInfo", () => {
  it("names the version of TypeScript that the project is checked with", async () => {
    const file = await readFile(new URL("../../package.json", import.meta.url), "utf8");
    const { dependencies, devDependencies } = JSON.parse(file) as Record<string, Record<string, string>>;
    assert.equal(languageInfo.version, dependencies?.["typescript"] ?? devDependencies?.["typescript"]);
  });
});
