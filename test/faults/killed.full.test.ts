// The runtime process killed a hundred times, at seeded random moments of all that it can be busy with. Each time whoever waits for
// it must be told, the next cell must work, and the kernel must keep nothing of the dead: no process, descriptor or memory.
import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import { type Client, type Execution } from "../client.ts";
import { hasProc, kill, ObservedKernel, random, until } from "../observed-kernel.ts";

const seed = Number(process.env["FAULT_SEED"] ?? 20_261_104);
const kills = 100;
/** So many before the kernel is measured, and how much larger it may be after the rest, in MB and descriptors. */
const warmUp = 15;
const growth = { memory: 100, descriptors: 3 };

interface Moment {
  kernel: ObservedKernel;
  client: Client;
  /** Kills the runtime of the moment, after a random part of so many milliseconds. */
  strike(within: number): Promise<void>;
}

/** A cell whose runtime was killed: the reply and the one error on iopub say so. */
function assertDied({ reply, of }: Execution): void {
  assert.equal(reply.content.status, "error");
  assert.equal(reply.content.ename, "RuntimeDied");
  assert.match(reply.content.evalue ?? "", /killed by SIGKILL: all variables are gone|ended before it was ready/);
  const errors = of("error").map(({ content }) => content["evalue"]);
  assert.deepEqual(errors, [reply.content.evalue]);
}

/** A cell that may have ended before the runtime did. */
function assertDiedOrDone(execution: Execution): void {
  if (execution.reply.content.status !== "ok") assertDied(execution);
}

const moments: Record<string, (moment: Moment) => Promise<void>> = {
  async idle({ strike }) {
    await strike(50);
  },

  async "while starting"({ kernel, strike }) {
    await strike(0);
    const next = await until(() => kernel.runtime(), 5000);
    if (next !== undefined) await strike(200);
  },

  async "while starting, with a cell that waits"({ client, strike }) {
    await strike(0);
    const cell = client.submit("1", { stopOnError: false });
    await strike(200);
    assertDiedOrDone(await cell.done);
  },

  async "in mid-output"({ client, strike }) {
    const cell = client.submit("for (let i = 0; ; i++) console.log(i)");
    await cell.until(({ header }) => header.msg_type === "stream");
    await strike(100);
    const end = await cell.done;
    assertDied(end);
    const lines = end.text("stdout").split("\n");
    lines.pop(); // the killed process may have written a part of its last line
    assert.ok(lines.length > 0);
    assert.ok(
      lines.every((line, index) => line === String(index)),
      "a line of output is missing or out of order",
    );
  },

  async "in mid-completion"({ client, strike }) {
    const replies = Array.from({ length: 30 }, () =>
      client.request("shell", "complete_request", { code: "globalThis.", cursor_pos: 11 }),
    );
    await strike(20);
    for (const { content } of await Promise.all(replies)) assert.equal(content["status"], "ok");
  },

  async "in a busy loop"({ client, strike }) {
    const cell = client.submit('console.log("on"); while (true) {}');
    await cell.until(({ header }) => header.msg_type === "stream");
    await strike(50);
    assertDied(await cell.done);
  },

  async "during an await, with children"({ client, strike }) {
    const cell = client.submit(`
      const { spawn } = await import("node:child_process");
      spawn("sleep", ["1000"], { detached: true, stdio: "ignore" }).unref();
      spawn("sleep", ["1000"]);
      console.log("on");
      await new Promise(() => {});`);
    await cell.until(({ header }) => header.msg_type === "stream");
    await strike(50);
    assertDied(await cell.done);
  },

  async "while it asks"({ client, strike }) {
    const from = client.messages.length;
    const cell = client.submit('prompt("name?")', { allowStdin: true });
    const question = await client.wait(({ channel }) => channel === "stdin", "input_request", { from });
    await strike(50);
    assertDied(await cell.done);
    client.send("stdin", "input_reply", { value: "too late" }, { parent: question.header });
  },

  async "when a cell is just sent"({ client, strike }) {
    const cell = client.submit("1 + 1");
    await strike(20);
    assertDiedOrDone(await cell.done);
  },
};

describe("A runtime killed at random moments", function () {
  this.timeout(300_000);

  it(`${kills} times leaves a kernel that works and has kept nothing`, async function () {
    if (!hasProc) this.skip();
    const next = random(seed);
    const kernel = await ObservedKernel.start();
    try {
      const { client } = kernel;
      let struck = 0;
      const strike = async (within: number) => {
        const delayed = next() * within;
        if (within > 0) await delay(delayed);
        const runtime = kernel.runtime();
        if (runtime === undefined) return;
        kill(runtime);
        struck++;
      };
      let before = { memory: 0, descriptors: 0 };
      const names = Object.keys(moments);
      for (let turn = 0; struck < kills; turn++) {
        const name = names[turn < names.length ? turn : Math.floor(next() * names.length)] ?? "";
        try {
          await moments[name]?.({ kernel, client, strike });
          await works(client);
        } catch (error) {
          throw new Error(`killed ${name} (turn ${turn}, seed ${seed}): ${String(error)}`, { cause: error });
        }
        if (turn === warmUp) before = await measure(kernel);
        client.forget();
      }
      const after = await measure(kernel);
      console.log(`      kernel: ${JSON.stringify(before)} -> ${JSON.stringify(after)}`);
      assert.ok(after.memory - before.memory < growth.memory, JSON.stringify({ before, after }));
      assert.ok(after.descriptors - before.descriptors <= growth.descriptors, JSON.stringify({ before, after }));
      const processes = await until(() => (kernel.runtimes().length === 1 ? kernel.runtimes() : undefined), 2000);
      assert.deepEqual(processes, [kernel.runtime()], "more than one runtime is left");
      await client.shutdown();
      assert.deepEqual(await kernel.survivors(2000), []);
    } finally {
      await kernel.close();
    }
  });
});

describe("A kernel that is killed or told to stop while it starts", function () {
  this.timeout(120_000);

  it("leaves no process, whatever the moment", async function () {
    if (!hasProc) this.skip();
    const next = random(seed);
    for (let turn = 0; turn < 40; turn++) {
      const kernel = await ObservedKernel.start({}, { ready: false });
      try {
        await delay(next() * 400);
        const signal = turn % 2 === 0 ? "SIGKILL" : "SIGTERM";
        process.kill(kernel.client.pid, signal);
        await kernel.client.exited;
        assert.deepEqual(await kernel.survivors(2000), [], `${signal} in turn ${turn}, seed ${seed}`);
      } finally {
        await kernel.close();
      }
    }
  });
});

/** The next cell runs in a new runtime; one that was sent to the dead before the kernel knew is told so. */
async function works(client: Client): Promise<void> {
  const first = await client.execute("6 * 7", { stopOnError: false });
  if (first.reply.content.status === "ok") return;
  assertDied(first);
  const second = await client.execute("6 * 7");
  assert.equal(second.reply.content.status, "ok", JSON.stringify(second.reply.content));
  assert.deepEqual(second.of("execute_result")[0]?.content["data"], { "text/plain": "42" });
}

async function measure(kernel: ObservedKernel): Promise<{ memory: number; descriptors: number }> {
  await kernel.client.execute("0"); // the runtime is up, with all its descriptors
  return { memory: Math.round(kernel.memory()), descriptors: kernel.descriptors() };
}
