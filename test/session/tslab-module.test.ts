// The module "tslab" and module cells in this kernel alone: what they give, where they reach, how they fail.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { root } from "../adjoint.ts";
import { type Cell, TestSession } from "../session-harness.ts";

function write(folder: string, files: Record<string, string>): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
}

const shown = (cell: Cell): unknown[] =>
  cell.outputs.flatMap((output) =>
    output.type === "display_data" || output.type === "update_display_data" ? [[output.type, output.data]] : [],
  );

describe('The module "tslab"', () => {
  let session: TestSession;
  before(() => {
    session = new TestSession();
    write(session.folder, {
      "node_modules/tslab/index.js": "exports.display = 'the installed one'",
      "node_modules/tslab/package.json": '{ "name": "tslab", "version": "1.0.0" }',
      "local.ts": "import { display } from 'tslab';\nexport const hello = () => display.html('<b>hello</b>');",
      "common.cjs": "exports.hello = () => require('tslab').display.text('from CommonJS');",
    });
  });
  after(() => session.close());

  it("is the same however it is imported, also where tslab is installed", async () => {
    const cell = await session.run(
      `import * as all from "tslab"; import own, { display, newDisplay as make, versions } from "tslab"; import type { Display } from "tslab";
       const one: Display = display;
       [all.display === display, own.display === display, require("tslab").display === one, (await import("tslab")).newDisplay === make,
        Object.keys(require("tslab")), versions.tslab, versions.node === process.version, /^7\\./.test(versions.typescript)]`,
    );
    assert.deepEqual(cell.errors, []);
    assert.equal(
      String(cell.result).replace(/\s+/g, " "),
      "[ true, true, true, true, [ 'versions', 'newDisplay', 'display' ], '1.0.22', true, true ]",
    );
  });

  it("is there for the user's own files", async () => {
    const cell = await session.run(
      "import { hello } from './local'; import common from './common.cjs'; hello(); common.hello()",
    );
    assert.deepEqual(shown(cell), [
      ["display_data", { "text/html": "<b>hello</b>" }],
      ["display_data", { "text/plain": "from CommonJS" }],
    ]);
  });

  it("shows each format as its MIME type, bytes as base64", async () => {
    const bytes = "new Uint8Array([1, 2, 3])";
    const cell = await session.run(
      `const { javascript, html, markdown, latex, svg, png, jpeg, gif, pdf, text, raw } = all.display;
       javascript("1"); html("2"); markdown("3"); latex("4"); svg("<svg/>"); text("6");
       png(${bytes}); jpeg(Buffer.from(${bytes})); gif(new Uint8Array(${bytes}.buffer, 1)); pdf(${bytes});
       raw("text/csv", "a,b"); raw("application/x-bytes", ${bytes}); raw("application/json", { a: 1 } as any); raw("image/png", "AQID");`,
    );
    assert.deepEqual(cell.errors, []);
    assert.deepEqual(
      shown(cell).map((item) => (item as unknown[])[1]),
      [
        { "text/javascript": "1" },
        { "text/html": "2" },
        { "text/markdown": "3" },
        { "text/latex": "4" },
        { "image/svg+xml": "<svg/>" },
        { "text/plain": "6" },
        { "image/png": "AQID" },
        { "image/jpeg": "AQID" },
        { "image/gif": "AgM=" },
        { "application/pdf": "AQID" },
        { "text/csv": "a,b" },
        { "application/x-bytes": "AQID" },
        { "application/json": { a: 1 } },
        { "image/png": "AQID" },
      ],
    );
  });

  it("newDisplay() shows once and then replaces, also from another cell", async () => {
    const first = await session.run("let d = all.newDisplay(); d.text('1'); d.markdown('*2*')");
    const next = await session.run("d.html('3')");
    assert.deepEqual(shown(first), [
      ["display_data", { "text/plain": "1" }],
      ["update_display_data", { "text/markdown": "*2*" }],
    ]);
    assert.deepEqual(shown(next), [["update_display_data", { "text/html": "3" }]]);
    const ids = [...first.outputs, ...next.outputs].map(
      (output) => "transient" in output && output.transient["display_id"],
    );
    assert.equal(new Set(ids).size, 1);
  });

  it("says what is wrong with the type of raw", async () => {
    const cell = await session.run("(all.display as any).raw(5, 'x')");
    assert.equal(cell.errors[0]?.evalue, "display.raw: the first argument must be a MIME type, not number");
  });

  it("has the types that it declares", function () {
    this.timeout(60_000);
    const folder = mkdtempSync(join(tmpdir(), "adjoint-types-"));
    const compile = (code: string): string => {
      write(folder, {
        "user.ts": code,
        "tsconfig.json": JSON.stringify({
          compilerOptions: { strict: true, noEmit: true, module: "preserve", types: [], lib: ["es2023"] },
          files: ["user.ts", join(root, "kernel", "types", "tslab.d.ts")],
        }),
      });
      try {
        const tsc = join(root, "node_modules", "typescript", "bin", "tsc");
        return execFileSync(process.execPath, [tsc, "-p", folder], { encoding: "utf8" });
      } catch (error) {
        return (error as { stdout: string }).stdout;
      }
    };
    const real = join(root, "node_modules", "tslab", "dist", "public.js");
    const uses = `import tslab, { display, newDisplay, versions, type Display } from "tslab"; import * as all from "tslab";
      import type * as real from ${JSON.stringify(real)};
      const forth: Pick<typeof all, keyof typeof real> = null! as typeof real;
      const back: typeof real = all; const one: Display = newDisplay(); const text: string = versions.typescript;
      display.png(new Uint8Array()); tslab.display.raw("text/csv", "a"); export { forth, back, one, text };`;
    try {
      assert.equal(compile(uses), "");
      assert.match(compile("import { display } from 'tslab'; display.html(5);"), /TS2345/);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe("A cell with /** @module NAME */", () => {
  let session: TestSession;
  beforeEach(() => (session = new TestSession()));
  afterEach(() => session.close());

  const run = async (...cells: string[]): Promise<Cell> => {
    let last: Cell | undefined;
    for (const cell of cells) {
      last = await session.run(cell);
      assert.deepEqual(last.errors, [], cell);
    }
    assert.ok(last);
    return last;
  };

  it("is a module for later cells, and shows nothing itself", async () => {
    const cell = await session.run(
      "/** @module mylib */\nexport const word = 'AAA'; export default 5; console.log('runs');",
    );
    assert.deepEqual([cell.outputs, cell.reply?.status], [[], "ok"]);
    const importing = await run("import five, * as mylib from './mylib'; [five, mylib.word, require('./mylib').word]");
    assert.deepEqual([importing.text(), importing.result], ["runs\n", "[ 5, 'AAA', 'AAA' ]"]);
  });

  it("runs once, and again only when its cell has been run with another text", async () => {
    const module = (text: string) => `/** @module once */ console.log('${text}'); export const text = '${text}';`;
    assert.equal((await run(module("first"), "import { text } from './once'; text")).text(), "first\n");
    assert.equal((await run("import { text } from './once'; text")).text(), "");
    const changed = await run(module("second"), "text");
    assert.deepEqual([changed.text(), changed.result, changed.text("stderr")], ["second\n", "'second'", ""]);
  });

  it("imports other modules, packages and tslab, and is loaded again with them", async () => {
    await run(
      "/** @module below */ export const level = 'old';",
      "/** @module above */ import { level } from './below'; import { sep } from 'path'; import * as tslab from 'tslab';\nexport const seen = () => { tslab.display.text(sep); return level }",
    );
    assert.equal((await run("import { seen } from './above'; seen()")).result, "'old'");
    assert.equal((await run("/** @module below */ export const level = 'new';", "seen()")).result, "'new'");
  });

  it("may import in a cycle", async () => {
    const cell = await run(
      "/** @module even */ import { odd } from './odd'; export const even = (n: number): boolean => n === 0 || odd(n - 1);",
      "/** @module odd */ import { even } from './even'; export const odd = (n: number): boolean => n > 0 && even(n - 1);",
      "import { even } from './even'; [even(4), even(3)]",
    );
    assert.equal(cell.result, "[ true, false ]");
  });

  it("sees files beside the notebook, which see it", async () => {
    write(session.folder, {
      "file.ts": "export const fromFile = 'file';",
      "sees.ts": "import { fromCell } from './cellmod'; export const both = fromCell + '!';",
    });
    await run(
      "/** @module cellmod */ import { fromFile } from './file'; export const fromCell = 'cell and ' + fromFile;",
    );
    assert.equal((await run("import { both } from './sees'; both")).result, "'cell and file!'");
  });

  it("does not see the variables of cells, nor declares any", async () => {
    await run(
      "let outside = 5;",
      "/** @module inside */ let hidden = 1; export const type = typeof globalThis['outside' as never];",
    );
    assert.equal(
      (await run("import { type } from './inside'; [type, typeof hidden]")).result,
      "[ 'undefined', 'undefined' ]",
    );
  });

  it("fails when it does not compile, with its place, and the module stays what it was", async () => {
    await run("/** @module kept */ export const value = 1;", "import { value } from './kept'; value");
    const cell = await session.run("/** @module kept */\nexport const value = ;");
    assert.match(cell.traceback, /^SyntaxError: .*\nCell \[3\], line 2, column 22\n/);
    assert.equal((await run("import { value } from './kept'; value")).result, "1");
  });

  it("that throws does so where it is imported, with its own line", async () => {
    await run("/** @module thrower */\nthrow new Error('in module');");
    const cell = await session.run("import './thrower'");
    assert.match(cell.traceback, /^Error: in module\nCell \[1\], line 2, column 7\n/);
  });

  it("must not have the name of a file", async () => {
    write(session.folder, { "taken.ts": "export {};" });
    const cell = await session.run("/** @module taken */ export const a = 1;");
    assert.match(cell.errors[0]?.evalue ?? "", /^taken\.ts is a file beside the notebook/);
  });

  it("for a browser is not run, and says so", async () => {
    const cell = await session.run("/** @browser */ document.title");
    assert.deepEqual([cell.reply?.status, cell.result], ["ok", undefined]);
    assert.match(cell.text("stderr"), /^not run: .*@browser/);
  });
});
