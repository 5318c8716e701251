// Where output goes: in order, whole, and to the cell that caused it, whenever it comes.
import assert from "node:assert/strict";
import { TestSession } from "../session-harness.ts";

describe("Session output", () => {
  let session: TestSession;
  before(() => {
    session = new TestSession();
  });
  after(() => session.close());

  it("keeps stdout, stderr and displays in order", async () => {
    const cell = await session.run('console.log(1); console.error(2); display(3); process.stdout.write("4"); 5');
    assert.deepEqual(
      cell.outputs.map((output) => (output.type === "stream" ? `${output.name} ${output.text}` : output.type)),
      ["stdout 1\n", "stderr 2\n", "display_data", "stdout 4", "execute_result"],
    );
  });

  it("leaves carriage returns and colours as they are", async () => {
    const cell = await session.run(String.raw`process.stdout.write("10 %\r20 %\r\u001b[31mred\u001b[0m\n")`);
    assert.equal(cell.text(), "10 %\r20 %\r\u001b[31mred\u001b[0m\n");
  });

  it("loses none of 20,000 lines, nor of a line of 5 MB", async () => {
    const lines = await session.run("for (let line = 0; line < 20_000; line++) console.log(line);");
    assert.equal(lines.text(), Array.from({ length: 20_000 }, (_, line) => `${line}\n`).join(""));
    const long = await session.run('console.log("é".repeat(5_000_000));');
    assert.equal(long.text().length, 5_000_001);
  });

  it("joins the bytes of a character that comes in pieces, and replaces rubbish", async () => {
    const cell = await session.run(`
      process.stdout.write(Buffer.from([0xe2, 0x82])); process.stdout.write(Buffer.from([0xac, 0x0a]));
      process.stdout.write(Buffer.from([0xff, 0x41, 0x0a]));
    `);
    assert.equal(cell.text(), "€\n\ufffdA\n");
  });

  it("captures the raw descriptors before the cell ends", async () => {
    const cell = await session.run(
      'require("fs").writeSync(1, "raw out\\n"); require("fs").writeSync(2, "raw error\\n");',
    );
    assert.equal(cell.text(), "raw out\n");
    assert.equal(cell.text("stderr"), "raw error\n");
  });

  it("puts the output of a synchronous child in its place", async () => {
    const cell = await session.run(`
      const { execSync } = require("child_process");
      console.log("before"); execSync("echo child; echo error > /dev/stderr", { stdio: "inherit" }); console.log("after");
    `);
    assert.equal(cell.text(), "before\nchild\nafter\n");
    assert.equal(cell.text("stderr"), "error\n");
  });

  it("sends a timer's output to the cell that set it, while and after another runs", async () => {
    const first = await session.run('setTimeout(() => console.log("from the first"), 30);');
    const second = await session.run('console.log("second"); await new Promise((done) => setTimeout(done, 60));');
    assert.equal(first.text(), "from the first\n");
    assert.equal(second.text(), "second\n");
    const third = await session.run('setTimeout(() => console.log("late"), 10);');
    await third.until((cell) => cell.text() === "late\n");
  });

  it("sends the output of promises, callbacks, streams and emitters to their cells", async () => {
    const first = await session.run(`
      const { EventEmitter } = require("events"); const { readFile } = require("fs");
      let release: () => void; const gate = new Promise<void>((done) => { release = done; });
      void gate.then(() => console.log("promise"));
      (async () => { await gate; console.log("async"); })();
      readFile(process.execPath, () => gate.then(() => console.log("callback")));
      const emitter = new EventEmitter().on("go", () => console.log("emitted"));
    `);
    const second = await session.run('emitter.emit("go"); release!();');
    await first.until((cell) => ["promise\n", "async\n", "callback\n"].every((line) => cell.text().includes(line)));
    // A listener runs for whoever emits.
    assert.equal(second.text(), "emitted\n");
  });

  it("sends a child's output to the cell that spawned it, inherited or piped", async () => {
    const first = await session.run(`
      const { spawn } = require("child_process");
      const child = spawn("sh", ["-c", "read line; echo inherited; echo oops > /dev/stderr"], { stdio: ["pipe", "inherit", "inherit"] });
      const piped = spawn("cat"); piped.stdout.on("data", (data: Buffer) => console.log("piped", String(data).trim()));
    `);
    const second = await session.run('child.stdin.end("go\\n"); piped.stdin.end("text\\n"); console.log("second");');
    await first.until((cell) => cell.text().includes("inherited\n") && cell.text().includes("piped text\n"));
    await first.until((cell) => cell.text("stderr").includes("oops\n"));
    assert.equal(second.text(), "second\n");
  });

  it("sends a worker thread's output to the cell that made it", async () => {
    const first = await session.run(`
      const { Worker } = require("worker_threads");
      const worker = new Worker('require("worker_threads").parentPort.once("message", () => console.log("worker"))', { eval: true });
    `);
    const second = await session.run('worker.postMessage("go"); console.log("second");');
    await first.until((cell) => cell.text() === "worker\n");
    assert.equal(second.text(), "second\n");
  });

  it("shows an unhandled rejection in its cell, and goes on", async () => {
    const first = await session.run('setTimeout(() => { void Promise.reject(new TypeError("nobody cares")); }, 5);');
    const second = await session.run("await new Promise((done) => setTimeout(done, 30)); 1");
    assert.equal(first.errors[0]?.ename, "TypeError");
    assert.match(first.traceback, /^TypeError: nobody cares\nCell \[\d+\], line 1/);
    assert.deepEqual(second.errors, []);
    assert.equal(second.result, "1");
  });

  it("shows a rejection that the cell leaves unhandled before it ends", async () => {
    const cell = await session.run('Promise.reject(new Error("lost")); "fine"');
    assert.deepEqual(cell.outputs.map(({ type }) => type).sort(), ["error", "execute_result"]);
  });

  it("shows exceptions of timers and callbacks in their cell, and goes on", async () => {
    for (const code of [
      'setTimeout(() => { throw new Error("thrown") });',
      'setImmediate(() => { throw new Error("thrown") });',
      'process.nextTick(() => { throw new Error("thrown") });',
      'queueMicrotask(() => { throw new Error("thrown") });',
      'require("fs").readFile(process.execPath, () => { throw new Error("thrown") });',
    ]) {
      const cell = await session.run(code);
      await cell.until(({ errors }) => errors.length > 0);
      assert.match(cell.traceback, /^Error: thrown\nCell \[\d+\], line 1/);
    }
    assert.equal((await session.run("1")).result, "1");
  });
});

describe("Session input", () => {
  let session: TestSession;
  before(() => {
    session = new TestSession();
  });
  after(() => session.close());

  it("blocks in prompt, confirm and alert, and awaits input", async () => {
    const asked: string[] = [];
    const answers = ["Ada", "y", "", "secret", ""];
    session.answer = ({ prompt, password }) => {
      asked.push(`${prompt}${password ? "(password)" : ""}`);
      return answers.shift() ?? null;
    };
    const cell = await session.run(
      '[prompt("name?"), confirm("sure?"), alert("note"), await input("word", { password: true }), prompt("again?", "default")]',
      { allowStdin: true },
    );
    assert.equal(cell.result, "[ 'Ada', true, undefined, 'secret', 'default' ]");
    assert.deepEqual(asked, ["name?", "sure? [y/N]", "note [Enter]", "word(password)", "again? [default]"]);
  });

  it("answers as a browser without dialogs would when nobody can be asked", async () => {
    const cell = await session.run('[prompt("a"), confirm("b"), alert("c"), await input("d")]');
    assert.equal(cell.result, "[ null, false, undefined, null ]");
  });
});

describe("Session comms", () => {
  let session: TestSession;
  before(() => {
    session = new TestSession();
  });
  after(() => session.close());

  const message = (
    type: "comm_open" | "comm_msg" | "comm_close",
    id: string,
    data = {},
    buffers: Uint8Array[] = [],
  ) => ({
    type,
    content: { comm_id: id, target_name: "echo", data },
    metadata: {},
    buffers,
  });

  it("hands messages with buffers to a registered target, and back", async () => {
    const cell = await session.run(`
      Jupyter.comms.register("echo", (comm, { data }) => {
        console.log("opened", data);
        comm.onMessage = ({ data, buffers }) => comm.send({ got: data }, buffers.map((buffer) => Buffer.from(buffer).reverse()));
        comm.onClose = () => console.log("closed");
      });
    `);
    assert.equal(cell.traceback, "");
    await session.session.comm(message("comm_open", "c1", { a: 1 }), cell);
    assert.deepEqual(session.session.commInfo(), { c1: { target_name: "echo" } });
    assert.deepEqual(session.session.commInfo("other"), {});
    await session.session.comm(message("comm_msg", "c1", { b: 2 }, [Uint8Array.of(1, 2, 3), Uint8Array.of()]), cell);
    const sent = cell.outputs.find((output) => output.type === "comm_msg");
    assert.ok(sent?.type === "comm_msg");
    assert.deepEqual(sent.content, { comm_id: "c1", data: { got: { b: 2 } } });
    assert.deepEqual(
      sent.buffers.map((buffer) => [...buffer]),
      [[3, 2, 1], []],
    );
    await session.session.comm(message("comm_close", "c1"), cell);
    assert.deepEqual(session.session.commInfo(), {});
    assert.equal(cell.text(), "opened { a: 1 }\nclosed\n");
  });

  it("closes a comm whose target nobody has registered", async () => {
    const cell = await session.run("1");
    await session.session.comm(
      { ...message("comm_open", "c2"), content: { comm_id: "c2", target_name: "nobody", data: {} } },
      cell,
    );
    assert.ok(cell.outputs.some((output) => output.type === "comm_close" && output.content.comm_id === "c2"));
    assert.deepEqual(session.session.commInfo(), {});
  });

  it("opens comms from a cell", async () => {
    const cell = await session.run(
      'const mine = Jupyter.comms.open("widget", { start: 1 }, [new Uint8Array([9])]); mine.id',
    );
    const opened = cell.outputs.find((output) => output.type === "comm_open");
    assert.ok(opened?.type === "comm_open");
    assert.equal(opened.content.target_name, "widget");
    assert.deepEqual([...(opened.buffers[0] ?? [])], [9]);
    assert.deepEqual(Object.values(session.session.commInfo("widget")), [{ target_name: "widget" }]);
  });

  it("shows what a handler throws", async () => {
    const cell = await session.run('Jupyter.comms.register("echo", () => { throw new Error("in the handler"); });');
    await session.session.comm(message("comm_open", "c3"), cell);
    assert.equal(cell.errors[0]?.evalue, "in the handler");
    assert.equal(session.session.commInfo()["c3"], undefined);
  });
});
