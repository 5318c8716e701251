// The kernel over real sockets, with a session that does what each test says.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { type Output } from "../kernel/session.ts";
import { type Client, type Execution } from "./client.ts";
import { type FakeKernel, failed, openFakeKernel } from "./fake-kernel.ts";

const states = ({ outputs }: Execution) =>
  outputs.map(({ header, content }) => content["execution_state"] ?? header.msg_type);

describe("Kernel", () => {
  let fake: FakeKernel;
  let client: Client;

  beforeEach(async () => {
    fake = await openFakeKernel();
    client = fake.client;
    fake.session.scripts["fail"] = ({ options }) =>
      failed(fake.session.options.onOutput, options.origin, "TypeError", "no");
    fake.session.scripts["wait"] = ({ signal, print }) => {
      print("waiting\n");
      return new Promise((resolve) => signal.addEventListener("abort", () => resolve()));
    };
  });
  afterEach(() => fake.close());

  describe("kernel_info_request", () => {
    it("is answered on shell and on control, with the real version and no feature that is not there", async () => {
      const { version } = JSON.parse(readFileSync("package.json", "utf8")) as { version: string };
      for (const channel of ["shell", "control"] as const) {
        const { header, content } = await client.request(channel, "kernel_info_request");
        assert.equal(header.msg_type, "kernel_info_reply");
        assert.equal(content["status"], "ok");
        assert.equal(content["protocol_version"], "5.5");
        assert.equal(content["implementation"], "adjoint");
        assert.equal(content["implementation_version"], version);
        assert.deepEqual(content["supported_features"], []);
        assert.equal((content["language_info"] as { name: string }).name, "typescript");
      }
    });

    it("each subscriber is welcomed with its topic", async () => {
      const welcome = await client.until(({ header }) => header.msg_type === "iopub_welcome");
      assert.deepEqual(welcome.content, { subscription: "" });
      assert.deepEqual(welcome.parent, {});
    });
  });

  describe("execute_request", () => {
    it("is busy, execute_input, the outputs in order, idle; each under the request's header", async () => {
      const outputs: Output[] = [
        { type: "stream", name: "stdout", text: "a" },
        { type: "display_data", data: { "text/plain": "d" }, metadata: { m: 1 }, transient: { display_id: "x" } },
        { type: "update_display_data", data: { "text/plain": "e" }, metadata: {}, transient: { display_id: "x" } },
        { type: "clear_output", wait: true },
        { type: "stream", name: "stderr", text: "b" },
        { type: "execute_result", execution_count: 1, data: { "text/plain": "1" }, metadata: {} },
      ];
      fake.session.scripts["show"] = ({ show }) => outputs.forEach(show);
      const cell = await client.execute("show");
      assert.deepEqual(states(cell), ["busy", "execute_input", ...outputs.map(({ type }) => type), "idle"]);
      assert.deepEqual(cell.of("execute_input")[0]?.content, { code: "show", execution_count: 1 });
      const contents = outputs.map(({ type: _, ...content }) => content);
      assert.deepEqual(
        cell.outputs.slice(2, -1).map(({ content }) => content),
        contents,
      );
      assert.deepEqual(cell.reply.content, { status: "ok", execution_count: 1, payload: [], user_expressions: {} });
    });

    it("gives the payload, the user expressions and the options of the cell through", async () => {
      fake.session.scripts["page"] = () => ({
        status: "ok",
        payload: [{ source: "page", data: { "text/plain": "help" }, start: 0 }],
        userExpressions: { two: { status: "ok", data: { "text/plain": "2" }, metadata: {} } },
      });
      const { reply } = await client.execute("page", { userExpressions: { two: "1 + 1" }, allowStdin: true });
      assert.deepEqual(reply.content.payload, [{ source: "page", data: { "text/plain": "help" }, start: 0 }]);
      assert.deepEqual(reply.content.user_expressions?.["two"]?.["data"], { "text/plain": "2" });
      const options = fake.session.calls[0]?.args[1];
      const { origin: _, ...rest } = options as { origin: unknown };
      assert.deepEqual(rest, {
        executionCount: 1,
        silent: false,
        allowStdin: true,
        userExpressions: { two: "1 + 1" },
      });
    });

    it("counts cells, but neither silent ones nor those that store no history", async () => {
      const count = async (options: object) => (await client.execute("", options)).reply.content.execution_count;
      assert.equal(await count({}), 1);
      assert.equal(await count({ silent: true }), 1);
      assert.equal(await count({ storeHistory: false }), 1);
      assert.equal(await count({}), 2);
      const history = await client.request("shell", "history_request", { hist_access_type: "tail", n: 10 });
      assert.equal((history.content["history"] as unknown[]).length, 2);
    });

    it("silent shows neither the input nor a result", async () => {
      fake.session.scripts["show"] = ({ show, print }) => {
        print("printed");
        show({ type: "execute_result", execution_count: 1, data: { "text/plain": "1" }, metadata: {} });
      };
      assert.deepEqual(states(await client.execute("show", { silent: true })), ["busy", "stream", "idle"]);
    });

    it("an error is one message and an error reply", async () => {
      const cell = await client.execute("fail");
      assert.deepEqual(states(cell), ["busy", "execute_input", "error", "idle"]);
      assert.deepEqual(cell.of("error")[0]?.content, {
        ename: "TypeError",
        evalue: "no",
        traceback: ["TypeError: no"],
      });
      const { status, ename, evalue, traceback, execution_count } = cell.reply.content;
      assert.deepEqual(
        { status, ename, evalue, traceback, execution_count },
        {
          status: "error",
          ename: "TypeError",
          evalue: "no",
          traceback: ["TypeError: no"],
          execution_count: 1,
        },
      );
    });

    it("after an error aborts the cells that wait, and answers everything else", async () => {
      const cells = ["fail", "next", "last"].map((code) => client.submit(code));
      const info = client.request("shell", "kernel_info_request");
      const complete = client.request("shell", "complete_request", { code: "x", cursor_pos: 1 });
      const [, next, last] = await Promise.all(cells.map(({ done }) => done));
      assert.equal(next?.reply.content.status, "aborted");
      assert.equal(last?.reply.content.status, "aborted");
      assert.deepEqual(next && states(next), ["busy", "idle"]);
      assert.equal((await info).content["status"], "ok");
      assert.equal((await complete).content["status"], "ok");
      assert.equal((await client.execute("again")).reply.content.status, "ok");
      assert.deepEqual(
        fake.session.calls.filter(({ method }) => method === "execute").map(({ args }) => args[0]),
        ["fail", "again"],
      );
    });

    it("with stop_on_error false goes on after an error", async () => {
      const cells = [client.submit("fail", { stopOnError: false }), client.submit("next")];
      const [, next] = await Promise.all(cells.map(({ done }) => done));
      assert.equal(next?.reply.content.status, "ok");
    });

    it("outputs that come after the cell keep its header", async () => {
      let later: (() => void) | undefined;
      fake.session.scripts["timer"] = ({ print }) => void (later = () => print("late"));
      const cell = await client.execute("timer");
      fake.session.scripts["other"] = () => later?.();
      await client.execute("other");
      const late = await client.until(({ content }) => content["text"] === "late");
      assert.equal(late.parent.msg_id, cell.id);
    });

    it("tells the user when the session fails", async () => {
      fake.session.scripts["bug"] = () => Promise.reject(new RangeError("the session is broken"));
      const cell = await client.execute("bug");
      assert.equal(cell.reply.content.evalue, "the session is broken");
      assert.equal(cell.of("error").length, 1);
    });

    it("stays alive when the session cannot start", async () => {
      const broken = await openFakeKernel({ createSession: () => Promise.reject(new Error("no runtime")) });
      try {
        const cell = await broken.client.execute("1");
        assert.equal(cell.reply.content.evalue, "no runtime");
        assert.match(broken.log.join("\n"), /the session could not start: Error: no runtime/);
        await broken.client.shutdown();
      } finally {
        await broken.close();
      }
    });
  });

  describe("control", () => {
    it("answers while a cell is busy, and so does the heartbeat", async () => {
      const cell = client.submit("wait");
      await cell.until(({ content }) => content["text"] === "waiting\n");
      await client.request("control", "kernel_info_request");
      await client.heartbeat();
      await client.interrupt();
      await cell.done;
    });

    it("interrupt_request ends the cell with its error, aborts those that wait, and then replies", async () => {
      const running = client.submit("wait", { stopOnError: false });
      const waiting = client.submit("next");
      await running.until(({ header }) => header.msg_type === "stream");
      const reply = await client.request("control", "interrupt_request");
      assert.deepEqual(reply.content, { status: "ok" });
      const cell = await running.done;
      assert.equal(cell.reply.content.ename, "KeyboardInterrupt");
      assert.equal(cell.of("error").length, 1);
      assert.equal((await waiting.done).reply.content.status, "aborted");
      assert.equal((await client.execute("again")).reply.content.status, "ok");
    });

    it("interrupt_request with nothing running replies and aborts nothing", async () => {
      await client.interrupt();
      assert.equal((await client.execute("1")).reply.content.status, "ok");
    });

    it("debug_request is refused", async () => {
      const { header, content } = await client.request("control", "debug_request", { seq: 7, command: "initialize" });
      assert.equal(header.msg_type, "debug_reply");
      assert.equal(content["success"], false);
      assert.equal(content["request_seq"], 7);
    });

    for (const channel of ["control", "shell"] as const)
      it(`shutdown_request on ${channel} replies on both channels and ends kernel and session`, async () => {
        const reply = await client.request(channel, "shutdown_request", { restart: true });
        assert.deepEqual(reply.content, { status: "ok", restart: true });
        await client.until(({ header }) => header.msg_type === "shutdown_reply", "shutdown_reply on iopub");
        const id = reply.parent.msg_id;
        await client.until(({ parent, content }) => parent.msg_id === id && content["execution_state"] === "idle");
        await fake.kernel.closed;
        assert.equal(fake.session.closed, true);
      });

    it("shutdown_request ends the kernel while a cell is busy", async () => {
      const cell = client.submit("wait");
      await cell.until(({ header }) => header.msg_type === "stream");
      await client.shutdown();
      await fake.kernel.closed;
    });
  });

  describe("complete_request and inspect_request", () => {
    it("count cursors in code points, also after characters outside the basic plane", async () => {
      const code = '"😀😀"; con';
      fake.session.completion = {
        matches: ["console"],
        start: 8,
        end: 11,
        types: [{ text: "console", type: "variable", start: 8, end: 11 }],
      };
      const { content } = await client.request("shell", "complete_request", { code, cursor_pos: 9 });
      assert.deepEqual(fake.session.calls.at(-1), { method: "complete", args: [code, 11] });
      assert.deepEqual(content, {
        status: "ok",
        matches: ["console"],
        cursor_start: 6,
        cursor_end: 9,
        metadata: { _jupyter_types_experimental: [{ text: "console", type: "variable", start: 6, end: 9 }] },
      });
      fake.session.inspection = { found: true, data: { "text/plain": "the console" } };
      const inspected = await client.request("shell", "inspect_request", { code, cursor_pos: 9, detail_level: 1 });
      assert.deepEqual(fake.session.calls.at(-1), { method: "inspect", args: [code, 11, 1] });
      assert.deepEqual(inspected.content, {
        status: "ok",
        found: true,
        data: { "text/plain": "the console" },
        metadata: {},
      });
    });

    it("take a cursor beyond the code, or none, as its end", async () => {
      for (const cursor of [{ cursor_pos: 1000 }, {}, { cursor_pos: null }]) {
        await client.request("shell", "complete_request", { code: "a😀", ...cursor });
        assert.deepEqual(fake.session.calls.at(-1)?.args, ["a😀", 3]);
      }
    });
  });

  it("is_complete_request gives the indent", async () => {
    fake.session.completeness = { status: "incomplete", indent: "  " };
    const { content } = await client.request("shell", "is_complete_request", { code: "{" });
    assert.deepEqual(content, { status: "incomplete", indent: "  " });
  });

  it("history_request gives tail, range and search, with and without output", async () => {
    fake.session.scripts["1 + 1"] = ({ show, options }) =>
      show({
        type: "execute_result",
        execution_count: options.executionCount,
        data: { "text/plain": "2" },
        metadata: {},
      });
    for (const code of ["1 + 1", "let a", "let b"]) await client.execute(code);
    const ask = async (content: object) =>
      (await client.request("shell", "history_request", { output: false, raw: true, ...content })).content["history"];
    const tail = (await ask({ hist_access_type: "tail", n: 2 })) as [number, number, string][];
    const session = tail[0]?.[0] ?? 0;
    assert.deepEqual(tail, [
      [session, 2, "let a"],
      [session, 3, "let b"],
    ]);
    assert.deepEqual(await ask({ hist_access_type: "range", session, start: 1, stop: 2, output: true }), [
      [session, 1, ["1 + 1", "2"]],
    ]);
    assert.deepEqual(await ask({ hist_access_type: "range", session: 0, start: 3 }), [[session, 3, "let b"]]);
    assert.deepEqual(await ask({ hist_access_type: "search", pattern: "let *", n: 1 }), [[session, 3, "let b"]]);
  });

  describe("comms", () => {
    it("come with their buffers, and go with them", async () => {
      const buffers = [Buffer.from([1, 2, 255]), Buffer.alloc(100_000, 7)];
      const content = { comm_id: "c", target_name: "t", data: { x: 1 } };
      client.send("shell", "comm_open", content, { buffers, metadata: { version: "2" } });
      await client.request("shell", "kernel_info_request");
      const message = fake.session.calls.at(-1)?.args[0] as { type: string; content: object; buffers: Uint8Array[] };
      assert.equal(message.type, "comm_open");
      assert.deepEqual(message.content, content);
      assert.deepEqual(message.buffers.map(Buffer.from), buffers);
      fake.session.scripts["send"] = ({ show }) =>
        show({ type: "comm_msg", content: { comm_id: "c", data: { y: 2 } }, metadata: { m: 1 }, buffers });
      const [sent] = (await client.execute("send")).of("comm_msg");
      assert.deepEqual(sent?.content, { comm_id: "c", data: { y: 2 } });
      assert.deepEqual(sent?.metadata, { m: 1 });
      assert.deepEqual(sent?.buffers, buffers);
    });

    it("comm_info_request lists all, or those of one target", async () => {
      Object.assign(fake.session.comms, { a: { target_name: "one" }, b: { target_name: "two" } });
      const all = await client.request("shell", "comm_info_request");
      assert.deepEqual(all.content["comms"], { a: { target_name: "one" }, b: { target_name: "two" } });
      const one = await client.request("shell", "comm_info_request", { target_name: "one" });
      assert.deepEqual(one.content["comms"], { a: { target_name: "one" } });
    });
  });

  it("two front ends each get their own replies, and both see all outputs", async () => {
    const { Client } = await import("./client.ts");
    const other = await Client.attach(fake.connection);
    try {
      await other.kernelInfo();
      fake.session.scripts["hi"] = ({ print }) => print("hi");
      const [mine, theirs] = await Promise.all([client.execute("hi"), other.execute("hi")]);
      assert.equal(mine.reply.content.status, "ok");
      assert.equal(theirs.reply.content.status, "ok");
      await client.until(({ parent, content }) => parent.msg_id === theirs.id && content["text"] === "hi");
    } finally {
      await other.close();
    }
  });

  it("a million lines arrive whole and in order", async function () {
    this.timeout(60_000);
    const count = 1_000_000;
    fake.session.scripts["print"] = ({ print }) => {
      for (let index = 0; index < count; index++) print(`${index}\n`);
    };
    const cell = await client.execute("print");
    const lines = cell.text("stdout").split("\n");
    assert.equal(lines.length, count + 1);
    assert.ok(lines.slice(0, -1).every((line, index) => line === String(index)));
    assert.ok(cell.of("stream").length < 100);
  });

  it("one line of 50 MB arrives whole", async function () {
    this.timeout(60_000);
    const line = "😀x".repeat(50e6 / 3);
    fake.session.scripts["print"] = ({ print }) => print(line);
    assert.ok((await client.execute("print")).text("stdout") === line);
  });
});
