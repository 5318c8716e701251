// Questions of a cell to the user, over real sockets.
import assert from "node:assert/strict";
import { type Client, type Message } from "./client.ts";
import { type FakeKernel, openFakeKernel } from "./fake-kernel.ts";

describe("Stdin", () => {
  let fake: FakeKernel;
  let client: Client;

  beforeEach(async () => {
    fake = await openFakeKernel();
    client = fake.client;
    fake.session.scripts["ask"] = async ({ ask, print }) => print(String(await ask("name? ", true)));
  });
  afterEach(() => fake.close());

  it("asks the front end that runs the cell, and takes its answer", async () => {
    client.onInput(({ content, parent }) => {
      assert.deepEqual(content, { prompt: "name? ", password: true });
      assert.equal(parent.msg_type, "execute_request");
      return "Ada";
    });
    assert.equal((await client.execute("ask", { allowStdin: true })).text("stdout"), "Ada");
  });

  it("takes an answer without a parent, as jupyter_client sends it", async () => {
    const cell = client.submit("ask", { allowStdin: true });
    await client.wait(({ header }) => header.msg_type === "input_request", "input_request");
    client.send("stdin", "input_reply", { value: "Ada" });
    assert.equal((await cell.done).text("stdout"), "Ada");
  });

  it("drops an answer to a question that an interrupt has withdrawn", async () => {
    const first = client.submit("ask", { allowStdin: true });
    const { header: stale } = await client.wait(({ header }) => header.msg_type === "input_request", "input_request");
    await client.interrupt();
    assert.equal((await first.done).reply.content.ename, "KeyboardInterrupt");
    const from = client.messages.length;
    const second = client.submit("ask", { allowStdin: true });
    const isRequest = ({ header }: Message) => header.msg_type === "input_request";
    const { header: fresh } = await client.wait(isRequest, "the second input_request", { from });
    client.send("stdin", "input_reply", { value: "late" }, { parent: stale });
    client.send("stdin", "input_reply", { value: "in time" }, { parent: fresh });
    assert.equal((await second.done).text("stdout"), "in time");
    assert.match(fake.log.join("\n"), /input_reply to no open input_request dropped/);
  });

  it("has no answer when the front end has no stdin", async () => {
    const gone = { headerFrame: Buffer.from("{}"), identities: [Buffer.from("gone")], silent: false };
    const { onInput } = fake.session.options;
    assert.equal(await onInput({ prompt: "", password: false }, gone, new AbortController().signal), null);
  });
});
