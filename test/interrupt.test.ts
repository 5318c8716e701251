// Whatever a cell does, an interrupt ends it and keeps its variables: every kind of work, by message and by signal, on a real
// kernel. Each cell says `started` when it has come to the point where it would never end.
import assert from "node:assert/strict";
import { adjoint } from "./adjoint.ts";
import { Client, type Message } from "./client.ts";

const wasmLoop = `new Uint8Array([0,97,115,109,1,0,0,0,1,4,1,96,0,0,3,2,1,0,7,5,1,1,108,0,0,10,9,1,7,0,3,64,12,0,11,11])`;

const work: Record<string, string> = {
  "a synchronous loop": `console.log("started"); while (true) counter++;`,
  "a loop after an await": `await null; console.log("started"); while (true) counter++;`,
  "a pending promise": `console.log("started"); await new Promise(() => {});`,
  "a loop in a timer callback": `setTimeout(() => { console.log("started"); while (true) counter++; }); await new Promise(() => {});`,
  "a loop in a repeated timer": `setInterval(() => { console.log("started"); while (true) counter++; }, 1); await new Promise(() => {});`,
  "a loop in setImmediate": `setImmediate(() => { console.log("started"); while (true) counter++; }); await new Promise(() => {});`,
  "a loop in process.nextTick": `process.nextTick(() => { console.log("started"); while (true) counter++; }); await new Promise(() => {});`,
  "a loop in a microtask": `queueMicrotask(() => { console.log("started"); while (true) counter++; }); await new Promise(() => {});`,
  "a loop in an I/O callback": `require("fs").readFile(process.execPath, () => { console.log("started"); while (true) counter++; }); await new Promise(() => {});`,
  "a loop in a stream's listener": `require("child_process").spawn("echo", ["x"]).stdout.on("data", () => { console.log("started"); while (true) counter++; }); await new Promise(() => {});`,
  "a loop of awaits": `console.log("started"); while (true) { await new Promise((done) => setTimeout(done, 1)); counter++; }`,
  "a loop of awaits that catches all": `console.log("started"); while (true) { try { await new Promise((done) => setTimeout(done, 1)); counter++; } catch { counter++; } finally { counter++; } }`,
  "a loop of awaits on settled promises": `console.log("started"); while (true) { await null; counter++; }`,
  "an async function of an earlier cell": `console.log("started"); await forever();`,
  "a for await loop": `console.log("started"); for await (const value of numbers()) counter = value;`,
  "a pending prompt": `console.log("started"); prompt("name?");`,
  "a pending input": `console.log("started"); await input("name?");`,
  execSync: `console.log("started"); require("child_process").execSync("sleep 100");`,
  "execSync after an await": `await null; console.log("started"); require("child_process").execSync("sleep 100");`,
  "execSync with children": `console.log("started"); require("child_process").execSync("sleep 100; sleep 100", { stdio: "inherit" });`,
  "an awaited child process": `console.log("started"); await new Promise((done) => require("child_process").spawn("sleep", ["100"]).on("exit", done));`,
  "a WebAssembly loop": `const loop = new WebAssembly.Instance(new WebAssembly.Module(${wasmLoop})).exports.l as () => void; console.log("started"); loop();`,
  "a regular expression that backtracks": `console.log("started"); /^(a+)+$/.test("a".repeat(60) + "b");`,
  "a recursion that catches the overflow of its stack": `console.log("started"); (function again() { try { again(); } catch { again(); } })();`,
  "Atomics.wait": `console.log("started"); Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);`,
  "a worker thread": `new (require("worker_threads").Worker)("while (true);", { eval: true }).on("online", () => console.log("started")); await new Promise(() => {});`,
  "a loop that prints": `console.log("started"); while (true) console.log("line");`,
  "a getter of the last value": `console.log("started"); ({ [Symbol.for("Jupyter.display")]() { while (true) counter++; } })`,
};

const started = (message: Message): boolean =>
  message.header.msg_type === "stream" && String(message.content["text"]).includes("started");

for (const mode of ["message", "signal"] as const) {
  describe(`Interrupt by ${mode}`, () => {
    let client: Client;

    before(async () => {
      client = await Client.start(adjoint);
      client.onInput(() => null);
      await client.execute(`
        let counter = 0;
        const kept = { value: 42 };
        async function forever() { while (true) { await new Promise((done) => setTimeout(done, 1)); counter++; } }
        async function* numbers() { for (let n = 0; ; n++) { await new Promise((done) => setTimeout(done, 1)); yield n; } }
      `);
    });
    after(() => client.close());

    for (const [name, code] of Object.entries(work)) {
      it(`ends ${name}, keeps the variables and aborts what is queued`, async () => {
        const cell = client.submit(code, { allowStdin: true });
        const queued = client.submit("counter = -1");
        await cell.until(started, "the cell's start");
        await client.interrupt(mode);
        const { reply, outputs } = await cell.done;
        assert.equal(reply.content.status, "error");
        assert.equal(reply.content.ename, "KeyboardInterrupt");
        const errors = outputs.filter(({ header }) => header.msg_type === "error");
        assert.deepEqual(
          errors.map(({ content }) => content["ename"]),
          ["KeyboardInterrupt"],
        );
        assert.equal((await queued.done).reply.content.status, "aborted");

        const next = await client.execute("[kept.value, counter >= 0]");
        assert.equal(next.reply.content.status, "ok");
        assert.deepEqual(next.of("execute_result")[0]?.content["data"], { "text/plain": "[ 42, true ]" });
        // Nothing of the interrupted cell runs any more: twenty of its rounds would have passed.
        const quiet = await client.execute(
          "{ const before = counter; await new Promise((done) => setTimeout(done, 20)); console.log(counter - before); }",
        );
        assert.equal(quiet.text("stdout"), "0\n");
        const end = client.messages.indexOf(outputs.at(-1) as Message);
        assert.deepEqual(
          client.messages
            .slice(end + 1)
            .filter(({ channel, parent }) => channel === "iopub" && parent.msg_id === cell.id),
          [],
        );
      });
    }

    it("does nothing when nothing runs", async () => {
      await client.interrupt(mode);
      await client.signalsHandled();
      const { reply } = await client.execute("kept.value");
      assert.equal(reply.content.status, "ok", JSON.stringify(reply.content));
    });

    it("of many in a row ends one cell, and spares the next", async () => {
      const cell = client.submit('console.log("started"); while (true);');
      await cell.until(started);
      await Promise.all(Array.from({ length: 5 }, () => client.interrupt(mode)));
      assert.equal((await cell.done).reply.content.ename, "KeyboardInterrupt");
      await client.signalsHandled();
      const next = await client.execute("for (const end = Date.now() + 1500; Date.now() < end; ); kept.value");
      assert.equal(next.reply.content.status, "ok");
    });

    it("stops the timer of a cell that has ended and now loops", async () => {
      const cell = await client.execute(`setTimeout(() => { console.log("started"); while (true); }, 1)`);
      const ofCell = (message: Message) => message.channel === "iopub" && message.parent.msg_id === cell.id;
      await client.until((message) => ofCell(message) && started(message), "the timer's start");
      await client.interrupt(mode);
      await client.until((message) => ofCell(message) && message.header.msg_type === "error", "the timer's end");
      assert.equal((await client.execute("kept.value")).reply.content.status, "ok");
    });

    it("answers heartbeat and control while a cell is busy", async () => {
      const cell = client.submit(`console.log("started"); while (true);`);
      await cell.until(started);
      await client.heartbeat();
      const info = await client.request("control", "kernel_info_request");
      assert.equal(info.content["status"], "ok");
      await client.interrupt(mode);
      assert.equal((await cell.done).reply.content.ename, "KeyboardInterrupt");
    });

    it("says where the cell was", async () => {
      const cell = client.submit(`function spin() {\n  console.log("started");\n  for (;;) counter++;\n}\nspin();`);
      await cell.until(started);
      await client.interrupt(mode);
      const { traceback = [] } = (await cell.done).reply.content;
      assert.match(traceback.join("\n"), /Cell \[\d+\], line 3, column \d+/);
      assert.match(traceback.join("\n"), /at spin \(Cell \[\d+\], line 3/);
    });
  });
}
