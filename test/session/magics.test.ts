// Lines and cells of magics through the real runtime: what they show, what they change, and how they fail.
import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { type Cell, TestSession } from "../session-harness.ts";

describe("Session magics", () => {
  let session: TestSession;
  before(() => {
    session = new TestSession();
  });
  after(() => session.close());

  const run = async (code: string): Promise<Cell> => {
    const cell = await session.run(code);
    assert.equal(cell.traceback, "");
    return cell;
  };
  const fails = async (code: string): Promise<string> => {
    const { errors, traceback } = await session.run(code);
    assert.equal(errors.length, 1);
    return traceback;
  };
  const displayed = (cell: Cell): Record<string, unknown>[] =>
    cell.outputs.flatMap((output) => (output.type === "display_data" ? [output.data] : []));

  it("fail at their place, without a stack, and name what was meant", async () => {
    assert.equal(
      await fails("let before = 1;\n  %tiem before"),
      [
        "UsageError: unknown magic '%tiem': did you mean '%time'? %help lists all",
        "Cell [1], line 2, column 3",
        "  1 | let before = 1;",
        "> 2 |   %tiem before",
        "    |   ^",
      ].join("\n"),
    );
    assert.match(await fails("%%htlm\n<b>"), /^UsageError: unknown magic '%%htlm': did you mean '%%html'\?/);
    assert.match(await fails("%somethingElse"), /unknown magic '%somethingElse': %help lists all/);
    assert.match(await fails("%pwd"), /^UsageError: unknown magic '%pwd': '!pwd' runs a command of the shell$/m);
    assert.match(await fails("%pip install x"), /unknown magic '%pip': '%npm install PACKAGE' installs packages$/m);
    assert.match(await fails("%matplotlib inline"), /charts are shown below their cell/);
    assert.match(await fails("%html <b>"), /'%html' takes a whole cell: write '%%html' on its first line/);
    assert.match(await fails("%%who\n"), /'%%who' is no cell of its own: write '%who' on a line/);
    assert.equal((await run("before")).result, "1");
  });

  it("can be caught, and are called in loops and async functions", async () => {
    const cell = await run(`
      let message = "";
      try {
        %env NO_SUCH_VARIABLE_HERE
      } catch (error) { message = (error as Error).message; }
      const home = async (name: string) => {
        const found = %env \${name}
        return found;
      };
      process.env.A_HOUSE = "tent";
      [message, await home("A_HOUSE")]
    `);
    assert.equal(cell.result, `[ "%env: 'NO_SUCH_VARIABLE_HERE' is not set", 'tent' ]`);
  });

  describe("%time and %timeit", () => {
    const times =
      /^CPU times: user [\d.]+ (?:[nµm]s|s), sys: [\d.]+ (?:[nµm]s|s), total: [\d.]+ (?:[nµm]s|s)\nWall time: [\d.]+ (?:[nµm]s|s)\n$/;

    it("%time runs a statement in its place, declares its names and shows its value", async () => {
      const cell = await run("%time const answer: number = await Promise.resolve(\n  42,\n);\nanswer");
      assert.match(cell.text(), times);
      assert.equal(cell.result, "42");
      const expression = await run("%time answer + 1");
      assert.match(expression.text(), times);
      assert.equal(expression.result, "43");
      assert.match((await run("for (const i of [1, 2]) {\n  %time i + answer\n}")).text(), /^(?:CPU.*\nWall.*\n){2}$/);
    });

    it("%%time runs a cell, commands in it included", async () => {
      const cell = await run("%%time\nlet sum = 0;\n!echo out\nfor (const i of [1, 2]) sum += i;\nsum");
      assert.match(cell.text(), /^out\nCPU times: .*\nWall time: .*\n$/);
      assert.equal(cell.result, "3");
    });

    it("errors in what is timed have their places", async () => {
      assert.match(
        await fails('let q = 1;\n%time throw new Error("bad " + q)'),
        /^Error: bad 1\nCell \[\d+\], line 2, column 13\n/,
      );
      assert.match(
        await fails("%timeit -n 2 missingName"),
        /missingName is not defined\nCell \[\d+\], line 1, column 14\n/,
      );
    });

    it("%timeit prints mean and deviation, and gives no value", async () => {
      const cell = await run("let calls = 0;\n%timeit -n 5 -r 3 calls++;");
      assert.match(
        cell.text(),
        /^(?:The slowest run .*\n)?[\d.]+ [nµm]?s ± [\d.]+ [nµm]?s per loop \(mean ± std\. dev\. of 3 runs, 5 loops each\)\n$/,
      );
      assert.equal(cell.result, undefined);
      assert.equal((await run("calls")).result, "16");
    });

    it("%timeit chooses its loops by itself", async () => {
      const cell = await run("%timeit -r 1 Math.sqrt(2)");
      assert.match(cell.text(), /\(mean ± std\. dev\. of 1 run, 1(?:0+|,000)+ loops each\)\n$/);
    });

    it("%timeit awaits, also a promise that an expression gives", async () => {
      const waiting = "new Promise<void>((done) => setTimeout(done, 5))";
      for (const code of [`await ${waiting}`, waiting]) {
        const cell = await run(`%timeit -n 1 -r 2 ${code}`);
        assert.match(cell.text(), /^(?:The slowest run .*\n)?\d+(\.\d+)? ms ± /);
      }
    });

    it("%timeit keeps its names to itself, %%timeit runs its first line once", async () => {
      await run("%timeit -n 1 -r 1 const inner = 1; inner + 1");
      assert.match(await fails("inner"), /inner is not defined/);
      await run(
        "%%timeit -n 2 -r 1 let turns = 0, setups = (globalThis as any).setups = ((globalThis as any).setups ?? 0) + 1\nturns++",
      );
      assert.equal((await run("[turns, setups]")).result, "[ 3, 1 ]");
    });

    it("say how they are used", async () => {
      assert.match(await fails("%timeit"), /%timeit needs an expression: %timeit \[-n LOOPS\]/);
      assert.match(await fails("%timeit -n 0 1"), /unknown option '-n 0'/);
      assert.match(await fails("%timeit -x 1"), /unknown option '-x'/);
    });
  });

  describe("%who and %reset", () => {
    it("%who shows names with kind, type and value, as a table and as text", async () => {
      await run("%reset -f");
      await run(`
        import { sep as separator } from "node:path";
        const list = [1, 2, 3], nothing = null; let text = "<b>&"; var late: unknown;
        class Point { x = 1; get y() { throw new Error("a getter was called"); } } const point = new Point();
        function area(r: number) { return r * r; }
      `);
      const [bundle] = displayed(await run("%who"));
      assert.equal(
        bundle?.["text/plain"],
        [
          "name       kind      type       value",
          "---------  --------  ---------  ----------------",
          "Point      class     function   [class Point]",
          "area       function  function   [Function: area]",
          "late       var       undefined  undefined",
          "list       const     Array      [ 1, 2, 3 ]",
          "nothing    const     null       null",
          "point      const     Point      Point { x: 1 }",
          "separator  import    string     '/'",
          "text       let       string     '<b>&'",
        ].join("\n"),
      );
      assert.match(String(bundle["text/html"]), /^<table>[^]*<td[^>]*>&#39;&lt;b&gt;&amp;&#39;<\/td>[^]*<\/table>$/);
      assert.match(
        String(displayed(await run("%who class Point"))[0]?.["text/plain"]),
        /^name[^]*\nPoint .*\npoint .*$/,
      );
      assert.equal((await run("%who symbol")).text(), "no names are declared of symbol\n");
    });

    it("%reset forgets all names, and asks where it can", async () => {
      await run("let kept = 1;");
      session.answer = ({ prompt }) => (prompt.includes("forgotten") ? "n" : null);
      const refused = await session.run("%reset", { allowStdin: true });
      assert.equal(refused.text(), "nothing was forgotten\n");
      assert.equal((await run("kept")).result, "1");
      session.answer = () => "y";
      await session.run("%reset", { allowStdin: true });
      assert.match(await fails("kept"), /kept is not defined/);
      await run("!exit 3\nlet kept = 1, other = 2;");
      assert.equal((await run("_exit_code")).result, "3");
      assert.equal((await run("%reset -f")).text(), "forgot 2 names\n");
      assert.match(await fails("_exit_code"), /_exit_code is not defined/);
      assert.equal((await run("%reset -f")).text(), "there was nothing to forget\n");
      await run("!exit 4");
      assert.equal((await run("_exit_code")).result, "4");
      await run("let kept = 1;");
      assert.equal((await run("%reset\nlet after = typeof kept;\nafter")).result, "'undefined'");
      assert.equal((await run("%who\nafter")).result, "'undefined'");
    });
  });

  describe("%cd and %env", () => {
    it("%cd changes where cells and commands run, not where imports are found", async () => {
      mkdirSync(join(session.folder, "a folder"), { recursive: true });
      writeFileSync(join(session.folder, "beside.json"), '{"here": 1}');
      assert.equal((await run("%cd a folder")).text(), `${join(session.folder, "a folder")}\n`);
      assert.equal((await run("!pwd")).text(), `${join(session.folder, "a folder")}\n`);
      assert.equal((await run('import beside from "./beside.json";\nbeside.here')).result, "1");
      assert.equal((await run("%cd -")).text(), `${session.folder}\n`);
      assert.equal((await run("%cd ~")).text(), `${homedir()}\n`);
      assert.equal((await run('const target = __dirname;\n%cd "${target}"')).text(), `${session.folder}\n`);
      assert.match(
        await fails("%cd nowhere"),
        /^UsageError: %cd: cannot go to 'nowhere': there is no such file or folder\nCell/,
      );
    });

    it("%env gives and sets variables, and hides secrets in the list", async () => {
      assert.equal((await run('const value = "a b";\n%env ADJOINT_TEST=${value}')).text(), "env: ADJOINT_TEST=a b\n");
      assert.equal((await run("%env ADJOINT_TEST")).result, "'a b'");
      assert.equal((await run("!echo $ADJOINT_TEST")).text(), "a b\n");
      assert.equal(
        (await run("%env ADJOINT_LIST=x:$ADJOINT_TEST:$NO_SUCH")).text(),
        "env: ADJOINT_LIST=x:a b:$NO_SUCH\n",
      );
      await run("%env A_SECRET_TOKEN=hush");
      const listed = String((await run("%env")).result);
      assert.match(listed, /ADJOINT_TEST: 'a b'/);
      assert.match(listed, /A_SECRET_TOKEN: '<hidden>'/);
      assert.ok(!listed.includes("hush"));
      assert.match(await fails("%env =1"), /a name must come before the '='/);
    });
  });

  describe("%load and %%writefile", () => {
    it("%load replaces the cell by a file", async () => {
      writeFileSync(join(session.folder, "loaded.ts"), "const loaded = 1;\nloaded;\n");
      const { reply } = await run("%load loaded.ts");
      assert.ok(reply?.status === "ok");
      assert.deepEqual(reply.payload, [
        { source: "set_next_input", text: "const loaded = 1;\nloaded;", replace: true },
      ]);
      assert.match(await fails("%load absent.ts"), /^FileError: %load: cannot read 'absent.ts': there is no such file/);
      assert.match(await fails("%load"), /needs a file/);
    });

    it("%%writefile writes a cell as a whole, says how much and whether something was there", async () => {
      const file = join(session.folder, "written.txt");
      assert.equal(
        (await run("%%writefile written.txt\nä ${not} evaluated\n  !ls")).text(),
        "wrote 26 bytes to written.txt\n",
      );
      assert.equal(readFileSync(file, "utf8"), "ä ${not} evaluated\n  !ls\n");
      assert.equal(
        (await run("%%writefile written.txt\nnew\n")).text(),
        "wrote 4 bytes to written.txt, which was overwritten\n",
      );
      assert.equal((await run("%%writefile -a written.txt\nmore")).text(), "appended 5 bytes to written.txt\n");
      assert.equal(readFileSync(file, "utf8"), "new\nmore\n");
      assert.deepEqual(
        readdirSync(session.folder).filter((name) => name.endsWith(".tmp")),
        [],
      );
      assert.match(
        await fails("%%writefile no/such/folder.txt\nx"),
        /cannot write 'no\/such\/folder.txt': there is no such/,
      );
      assert.match(await fails("%%writefile\nx"), /needs a file/);
    });

    it("%%writefile writes a file in place where its folder takes no other", async () => {
      const name = `${"long".repeat(62)}.txt`;
      assert.equal((await run(`%%writefile ${name}\none`)).text(), `wrote 4 bytes to ${name}\n`);
      await run(`%%writefile ${name}\ntwo`);
      assert.equal(readFileSync(join(session.folder, name), "utf8"), "two\n");
      assert.match(await fails(`%%writefile ${name}${name}\nx`), /cannot write '[^]*ENAMETOOLONG/);
    });

    it("%%writefile keeps links and modes", async () => {
      const [target, link] = [join(session.folder, "target.sh"), join(session.folder, "link.sh")];
      writeFileSync(target, "old\n", { mode: 0o755 });
      symlinkSync(target, link);
      await run("%%writefile link.sh\necho new");
      assert.equal(readFileSync(target, "utf8"), "echo new\n");
      assert.equal(statSync(target).mode & 0o777, 0o755);
    });
  });

  describe("%history and %help", () => {
    it("%history prints what was run", async () => {
      const fresh = new TestSession();
      try {
        await fresh.run("let first = 1;\nfirst");
        await fresh.run("broken(");
        await fresh.run("silent", { silent: true });
        await fresh.run("%who");
        assert.equal((await fresh.run("%history")).text(), "let first = 1;\nfirst\nbroken(\n%who\n");
        assert.equal((await fresh.run("%history -n -l 2")).text(), "   4: %who\n   5: %history\n");
        assert.equal((await fresh.run("%history -n 1-2")).text(), "   1: let first = 1;\n      first\n   2: broken(\n");
        assert.equal((await fresh.run("%history -g let*=")).text(), "let first = 1;\nfirst\n");
        assert.match((await fresh.run("%history -z")).traceback, /unknown option '-z'; usage: %history \[-n\]/);
      } finally {
        await fresh.close();
      }
    });

    it("%help and %lsmagic list all of them, %help NAME one", async () => {
      for (const line of ["%help", "%lsmagic"]) {
        const [bundle] = displayed(await run(line));
        const text = String(bundle?.["text/plain"]);
        for (const usage of [
          "!COMMAND",
          "%npm install PACKAGE…",
          "%time STATEMENT",
          "%%time",
          "%%writefile [-a] FILE",
          "%%latex",
          "%help",
        ])
          assert.ok(text.includes(`\n${usage}`), usage);
        assert.match(String(bundle?.["text/html"]), /<td[^>]*>%reset \[-f\]<\/td>/);
      }
      assert.match(
        String(displayed(await run("%help timeit"))[0]?.["text/plain"]),
        /^line .*\n-+ .*\n%timeit .*\n%%timeit .*$/,
      );
      assert.match(await fails("%help tme"), /unknown magic '%tme': did you mean '%time'/);
    });

    it("%name?, ?%name and %%name? show the help of a magic, ?NAME that of a name", async () => {
      assert.match(String((await run("%time?")).page), /^%time STATEMENT\n%%time\n\nRuns a statement/);
      assert.match(String((await run("?%env")).page), /^%env \[NAME[^]*Also: %set_env$/);
      assert.match(String((await run("%%html??")).page), /^%%html\n/);
      assert.match(String((await run("!?")).page), /^!COMMAND/);
      assert.match(String((await run("%nothing?")).page), /there is no magic '%nothing'/);
      await run("const nested = { deep: { value: 12 } };");
      assert.match(String((await run("nested.deep?")).page), /^\(property\) deep: \{[^]*Value: \{ value: 12 \}$/);
      assert.match(String((await run("?nested.deep.value")).page), /12/);
      assert.match(String((await run("?? nested")).page), /deep/);
    });
  });

  it("cells of other formats show their text by its type", async () => {
    for (const [magic, type] of [
      ["html", "text/html"],
      ["markdown", "text/markdown"],
      ["svg", "image/svg+xml"],
      ["latex", "text/latex"],
      ["javascript", "application/javascript"],
      ["js", "application/javascript"],
    ] as const) {
      const cell = await run(`\n%%${magic}\n!not a command\n%nor this $\\frac12$\n`);
      assert.equal(displayed(cell)[0]?.[type], "!not a command\n%nor this $\\frac12$\n");
      assert.equal(cell.outputs.length, 1);
    }
  });

  it("%%latex puts a formula without delimiters between $$, as display.latex does", async () => {
    const [bundle] = displayed(await run("%%latex\nx^2\n"));
    assert.deepEqual(bundle, { "text/latex": "$$x^2$$", "text/plain": "x^2\n" });
  });

  it("run silently and in user expressions as elsewhere", async () => {
    const cell = await session.run("%env QUIET=1", {
      silent: true,
      userExpressions: { value: "%env QUIET", files: "const [one] = !echo a b\none", bad: "%nope" },
    });
    assert.ok(cell.reply?.status === "ok");
    const { value, files, bad } = cell.reply.userExpressions;
    assert.deepEqual(value?.status === "ok" && value.data, { "text/plain": "'1'" });
    assert.deepEqual(files?.status === "ok" && files.data, { "text/plain": "'a b'" });
    assert.equal(bad?.status === "error" && bad.ename, "UsageError");
  });
});
