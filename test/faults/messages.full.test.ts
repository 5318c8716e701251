// 100,000 messages that no front end should send, at a real kernel process. After each batch the kernel must answer on every
// channel; at the end the variables are there, and memory, descriptors and log have kept within bounds. A batch that fails is
// shrunk, each try at a kernel of its own, to the fewest and simplest messages that do it.
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { XSubscriber } from "zeromq";
import { type Hostile, hostile, HostileSender } from "./hostile-messages.ts";
import { hasProc, ObservedKernel, random, until } from "../observed-kernel.ts";

const seed = Number(process.env["FAULT_SEED"] ?? 20_261_103);
const total = 100_000;
/** The most messages between two checks; on average it is half of that. */
const batch = 2000;
const batches = 110;

/** Between batches: how long an answer may take. A kernel that has failed once is given less. */
const patience = 30_000;
const impatience = 3000;
/** After so long no smaller example is looked for. */
const enough = 240_000;

/** What the kernel may write about one message, and how much larger it may grow, in MB. */
const longestLine = 1000;
const growth = 200;

describe("A kernel under hostile messages", function () {
  this.timeout(600_000);
  let folder: string;
  let target: Target | undefined;

  before(async function () {
    if (!hasProc) this.skip();
    folder = await mkdtemp(join(tmpdir(), "faults-"));
  });
  after(async () => {
    await target?.close();
    if (folder) await rm(folder, { recursive: true, force: true });
  });

  it(`answers after ${total} of them, with its variables, in bounded memory`, async () => {
    target = await Target.start(folder);
    let wait = patience;
    const property = fc.asyncProperty(
      fc.noBias(fc.array(hostile, { minLength: 1, maxLength: batch, size: "max" })),
      async (messages) => {
        target ??= await Target.start(folder);
        try {
          await target.attack(messages);
          await target.check(wait);
        } catch (error) {
          wait = impatience;
          const broken = target;
          target = undefined;
          await broken.close();
          throw error;
        }
      },
    );
    // Some first, so that the bounds are of a kernel that has everything loaded.
    await fc.assert(property, { seed, numRuns: 10, interruptAfterTimeLimit: enough });
    const memory = target.kernel.memory();
    const descriptors = target.kernel.descriptors();
    await fc.assert(property, {
      seed: seed + 1,
      numRuns: batches,
      interruptAfterTimeLimit: enough,
    });

    const { kernel, sender } = target;
    const { client } = kernel;
    console.log(
      `      ${sender.sent} sent, ${sender.signed} past the signature; kernel ${memory.toFixed(0)} MB -> ${kernel.memory().toFixed(0)} MB, ` +
        `descriptors ${descriptors} -> ${kernel.descriptors()}`,
    );
    assert.ok(sender.sent >= total, `only ${sender.sent} messages were sent`);
    assert.ok(sender.signed >= sender.sent / 2, `only ${sender.signed} of ${sender.sent} were signed`);
    const cell = await client.execute(
      "// @ts-nocheck: names that only the run time knows\nconsole.log(mine.join() + kept + String(({}).polluted))",
      { timeout: patience },
    );
    assert.equal(cell.reply.content.status, "ok", JSON.stringify(cell.reply.content));
    assert.equal(cell.text("stdout"), "1,2,342undefined\n");
    assert.ok(kernel.memory() - memory < growth, `the kernel has grown from ${memory} to ${kernel.memory()} MB`);
    assert.ok(kernel.descriptors() - descriptors < 10, `descriptors: ${descriptors}, then ${kernel.descriptors()}`);
    const lines = client.stderr.split("\n").slice(0, -1);
    assert.ok(lines.length <= sender.sent, `${lines.length} lines of log for ${sender.sent} messages`);
    const odd = lines.filter((line) => !line.startsWith("adjoint: ") || line.length > longestLine);
    assert.deepEqual(odd.slice(0, 3), [], `${odd.length} lines of the log are too long, or belong to no message`);
    // What the kernel itself says of the signatures.
    const refused = lines.filter((line) => / dropped: (no delimiter|truncated|wrong signature|replayed)/.test(line));
    assert.ok(refused.length <= sender.sent - sender.signed, `${refused.length} refused; ${sender.signed} were signed`);
    await client.shutdown();
    assert.deepEqual(await client.exited, { code: 0, signal: null });
    assert.deepEqual(await kernel.survivors(2000), []);
    await target.close();
    target = undefined;
  });

  it("answers after rubbish below the level of messages: broken greetings, HTTP, frames of impossible sizes", async () => {
    const kernel = await ObservedKernel.start();
    try {
      const { client } = kernel;
      const { shell_port, control_port, stdin_port, iopub_port, hb_port } = client.connection;
      const ports = [shell_port, control_port, stdin_port, iopub_port, hb_port];
      const next = random(seed);
      const descriptors = kernel.descriptors();
      for (let round = 0; round < 100; round++) {
        const sockets = ports.flatMap((port) => openers(next).map((bytes) => rawConnection(port, bytes)));
        await Promise.all(sockets);
        await client.heartbeat();
        for (const channel of ["shell", "control"] as const) await client.request(channel, "kernel_info_request");
      }
      await until(() => (kernel.descriptors() <= descriptors + 5 ? true : undefined), 10_000);
      assert.ok(kernel.descriptors() <= descriptors + 5, `descriptors: ${descriptors}, then ${kernel.descriptors()}`);
      assert.equal((await client.execute("6 * 7")).reply.content.status, "ok");
    } finally {
      await kernel.close();
    }
  });
});

/** A kernel that holds two variables, and the sockets to attack it. */
class Target {
  readonly kernel: ObservedKernel;
  readonly sender: HostileSender;
  readonly #iopub: XSubscriber;

  static async start(folder: string): Promise<Target> {
    // A small heap, so that what is counted is what the kernel keeps, and not what V8 has not collected yet.
    const NODE_OPTIONS = "--max-old-space-size=192 --max-semi-space-size=4";
    const kernel = await ObservedKernel.start({ ADJOINT_HISTORY: join(folder, "history.jsonl"), NODE_OPTIONS });
    await kernel.client.execute("globalThis.kept = 42; let mine = [1, 2, 3]");
    return new Target(kernel);
  }

  private constructor(kernel: ObservedKernel) {
    this.kernel = kernel;
    this.sender = new HostileSender(kernel.client.connection.key);
    this.#iopub = new XSubscriber({ linger: 0, sendHighWaterMark: 0 });
    this.#iopub.connect(kernel.client.address("iopub"));
    // What its chance subscriptions bring must not pile up in the kernel.
    void this.#drain();
  }

  async attack(messages: readonly Hostile[]): Promise<void> {
    for (const message of messages) {
      const frames = this.sender.frames(message);
      if (message.target === "iopub") {
        const [first = new Uint8Array(), ...others] = frames;
        // A subscription, its end, or what is neither.
        await this.#iopub.send([Buffer.concat([Buffer.from([this.sender.sent % 3]), first]), ...others]);
      } else {
        await this.kernel.client.sendRaw(message.target, frames);
      }
    }
  }

  /** The kernel answers on every channel, and has answered all before. */
  async check(wait: number): Promise<void> {
    const { client } = this.kernel;
    await client.heartbeat(wait);
    await client.request("control", "kernel_info_request", {}, { timeout: wait });
    const { parent } = await client.request("shell", "kernel_info_request", {}, { timeout: wait });
    const last = ({ parent: { msg_id }, content }: { parent: { msg_id?: string }; content: Record<string, unknown> }) =>
      msg_id === parent.msg_id && content["execution_state"] === "idle";
    await client.until(last, "idle status after the batch", wait);
    assert.equal(client.process?.exit, undefined);
    client.forget();
  }

  async #drain(): Promise<void> {
    for await (const _frames of this.#iopub);
  }

  async close(): Promise<void> {
    this.#iopub.close();
    await this.kernel.close();
  }
}

/** The greeting of ZMTP 3.0 with the NULL mechanism, and the READY command of a Dealer. */
const greeting = Buffer.concat([
  Buffer.from([0xff, 0, 0, 0, 0, 0, 0, 0, 1, 0x7f, 3, 0]),
  Buffer.from("NULL".padEnd(20, "\0")),
  Buffer.alloc(32),
]);
const property = (name: string, value: string) => {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(value.length);
  return Buffer.concat([Buffer.from([name.length]), Buffer.from(name), length, Buffer.from(value)]);
};
const readyBody = Buffer.concat([Buffer.from([5]), Buffer.from("READY"), property("Socket-Type", "DEALER")]);
const ready = Buffer.concat([Buffer.from([4, readyBody.length]), readyBody]);

function openers(next: () => number): Buffer[] {
  const rubbish = (length: number) => Buffer.from(Array.from({ length }, () => Math.floor(next() * 256)));
  const huge = Buffer.from([2, 0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]);
  return [
    Buffer.from("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"),
    rubbish(Math.floor(next() * 500)),
    greeting.subarray(0, Math.floor(next() * greeting.length)),
    Buffer.concat([greeting, rubbish(100)]),
    Buffer.concat([greeting, ready, huge, rubbish(100)]),
    Buffer.concat([greeting, ready, rubbish(200)]),
  ];
}

/** Connects, says it, and hangs up; settles when the connection is gone. */
function rawConnection(port: number, bytes: Buffer): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.on("error", () => {}); // the kernel hangs up on rubbish, which is its right
    socket.on("close", () => resolve());
    socket.setTimeout(1000, () => socket.destroy());
    socket.resume();
    socket.end(bytes);
  });
}
