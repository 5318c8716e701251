// Lines and cells of magics while they are typed: what completes and explains them.
import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { TestSession } from "../session-harness.ts";

describe("Session magics while typing", () => {
  let session: TestSession;
  before(() => {
    session = new TestSession();
  });
  after(() => session.close());
  const run = async (code: string): Promise<void> => assert.equal((await session.run(code)).traceback, "");

  const complete = async (code: string): Promise<string[]> =>
    (await session.session.complete(code, code.length)).matches;

  it("completes the names of magics", async () => {
    assert.deepEqual(await complete("let a = 1;\n  %ti"), ["%time", "%timeit"]);
    assert.deepEqual(await complete("%%ti"), ["%%time", "%%timeit"]);
    assert.ok((await complete("%")).includes("%npm"));
    const { start, end } = await session.session.complete("1\n%wh", 5);
    assert.deepEqual([start, end], [2, 5]);
  });

  it("completes files for magics and commands", async () => {
    mkdirSync(join(session.folder, "data files"), { recursive: true });
    writeFileSync(join(session.folder, "data files", "table one.csv"), "");
    writeFileSync(join(session.folder, "data.json"), "");
    await run(`%cd ${session.folder}`);
    assert.deepEqual(await complete("%load da"), ["data.json", "data\\ files/"]);
    assert.deepEqual(await complete("%cd da"), ["data\\ files/"]);
    assert.deepEqual(await complete("%%writefile data\\ files/t"), ["data\\ files/table\\ one.csv"]);
    assert.deepEqual(await complete("!cat data."), ["data.json"]);
    assert.deepEqual(await complete("const lines = !cat ./data."), ["./data.json"]);
    assert.deepEqual(await complete(`!ls ${tmpdir()}/no-such-folder/`), []);
  });

  it("completes names in what is timed, and after '!'", async () => {
    await run("const someLongName = true;");
    assert.deepEqual(await complete("%time someLong"), ["someLongName"]);
    assert.deepEqual(await complete("!someLong"), ["someLongName"]);
    assert.deepEqual(await complete("!echo ${someLong"), ["someLongName"]);
  });

  it("explains a magic, and names in what is timed", async () => {
    const inspect = async (code: string, cursor: number) =>
      String((await session.session.inspect(code, cursor, 0)).data["text/plain"]);
    assert.match(await inspect("1\n%timeit f()", 5), /^%timeit \[-n LOOPS\]/);
    assert.match(await inspect("%load file.ts", 10), /^%load FILE/);
    assert.match(await inspect("%time someLongName", 10), /^const someLongName: true/);
    assert.match(await inspect("!ls", 2), /^!COMMAND/);
  });
});
