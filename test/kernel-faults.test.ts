// What the kernel does with messages that no front end should send, over real sockets.
import assert from "node:assert/strict";
import { Subscriber } from "zeromq";
import { type Client, type Message } from "./client.ts";
import { type FakeKernel, openFakeKernel } from "./fake-kernel.ts";

const types = (messages: readonly Message[]) => messages.map(({ header }) => header.msg_type);

describe("Kernel with wrong messages", () => {
  let fake: FakeKernel;
  let client: Client;

  beforeEach(async () => {
    fake = await openFakeKernel();
    client = fake.client;
  });
  afterEach(() => fake.close());

  const wrong: [string, object, RegExp][] = [
    ["execute_request", {}, /^execute_request: code must be a string, but is missing$/],
    ["execute_request", { code: 1 }, /code must be a string, not number/],
    ["execute_request", { code: "", silent: "no" }, /silent must be a boolean, not string/],
    ["execute_request", { code: "", user_expressions: [] }, /user_expressions must be an object, not an array/],
    ["execute_request", { code: "", user_expressions: { a: 1 } }, /user_expressions\[a\] must be a string/],
    ["complete_request", { code: "x", cursor_pos: "1" }, /cursor_pos must be an integer, not string/],
    ["inspect_request", { cursor_pos: 1 }, /code must be a string/],
    ["is_complete_request", { code: null }, /code must be a string/],
    ["history_request", { hist_access_type: "all" }, /must be tail, range or search, not "all"/],
    ["comm_info_request", { target_name: {} }, /target_name must be a string, not object/],
  ];
  for (const [type, content, expected] of wrong)
    it(`${type} ${JSON.stringify(content)} gets an error reply that says why`, async () => {
      const reply = await client.request("shell", type, { ...content });
      assert.equal(reply.header.msg_type, type.replace("request", "reply"));
      assert.equal(reply.content["status"], "error");
      assert.equal(reply.content["ename"], "TypeError");
      assert.match(String(reply.content["evalue"]), expected);
    });

  it("a comm message without an id is logged, and busy and idle", async () => {
    const id = client.send("shell", "comm_msg", { data: {} });
    await client.until(({ parent, content }) => parent.msg_id === id && content["execution_state"] === "idle");
    assert.match(fake.log.join("\n"), /comm_msg failed: .*comm_id must be a string, but is missing/);
  });

  it("an unknown type is logged once, and busy and idle each time", async () => {
    for (const channel of ["shell", "control", "shell"] as const) {
      const id = client.send(channel, "nonsense_request");
      await client.until(({ parent, content }) => parent.msg_id === id && content["execution_state"] === "idle");
    }
    assert.deepEqual(
      fake.log.filter((line) => line.includes("nonsense")),
      ['shell: unknown message type "nonsense_request"', 'control: unknown message type "nonsense_request"'],
    );
    assert.ok(!types(client.messages).includes("nonsense_reply"));
  });

  it("`__proto__` is no message type", async () => {
    const id = client.send("shell", "__proto__");
    await client.until(({ parent, content }) => parent.msg_id === id && content["execution_state"] === "idle");
  });

  it("unsigned, replayed and broken messages are dropped with a line each, and nothing is answered", async () => {
    const good = client.frames("execute_request", { code: "replayed" });
    const unsigned = [good[0] ?? "", Buffer.from("0".repeat(64)), ...good.slice(2)];
    for (const frames of [unsigned, good, good, good.slice(0, 4), ["nothing"], [""]])
      await client.sendRaw("shell", frames);
    await client.request("shell", "kernel_info_request");
    const executed = fake.session.calls.filter(({ args }) => args[0] === "replayed");
    assert.equal(executed.length, 1);
    assert.equal(fake.log.filter((line) => line.startsWith("message on shell dropped: ")).length, 5);
  });

  it("a wrong shutdown_request or debug_request on control gets an error reply, and the kernel lives", async () => {
    for (const [type, content] of [
      ["shutdown_request", { restart: "yes" }],
      ["debug_request", { seq: {} }],
    ] as const) {
      const reply = await client.request("control", type, content);
      assert.equal(reply.content["status"], "error", type);
    }
    assert.equal((await client.request("shell", "kernel_info_request")).content["status"], "ok");
  });

  it("a subscription to the delimiter is not welcomed, for those who read everything could not read that", async () => {
    const subscriber = new Subscriber({ linger: 0 });
    subscriber.subscribe("<IDS|MSG>", "after it");
    subscriber.connect(client.address("iopub"));
    await client.until(({ content }) => content["subscription"] === "after it");
    subscriber.close();
    assert.ok(!client.messages.some(({ content }) => content["subscription"] === "<IDS|MSG>"));
  });
});
