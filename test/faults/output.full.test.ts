// More output than anything but a test makes, and output that is no text: all of it arrives, in order and unchanged, also at a
// subscriber that does not read for a while, and the kernel's memory comes back.
import assert from "node:assert/strict";
import { Subscriber } from "zeromq";
import { type Execution, type Message } from "../client.ts";
import { decode } from "../wire.ts";
import { hasProc, ObservedKernel } from "../observed-kernel.ts";

const million = 1_000_000;
/** A line of a hundred characters that tells its number. */
const line = (number: number) => `${String(number).padEnd(99, ".")}\n`;
const printMillion = `for (let i = 0; i < ${million}; i++) console.log(String(i).padEnd(99, "."))`;
/** How much the kernel may grow when the same happens again, in MB. */
const growth = 60;

/** Every line once and in order, without a string of a hundred million characters. */
class LineCheck {
  lines = 0;
  #rest = "";

  add(text: string): void {
    const whole = this.#rest + text;
    let at = 0;
    for (; at + 100 <= whole.length; at += 100) {
      const found = whole.slice(at, at + 100);
      if (found !== line(this.lines)) throw new Error(`line ${this.lines} is ${JSON.stringify(found)}`);
      this.lines++;
    }
    this.#rest = whole.slice(at);
  }
}

const ordered = ({ outputs }: Execution) =>
  outputs.flatMap(({ header, content }) =>
    header.msg_type === "stream" ? [[String(content["name"]), String(content["text"])] as const] : [],
  );

describe("Much output, and odd output", function () {
  this.timeout(180_000);
  let kernel: ObservedKernel;

  before(async function () {
    if (!hasProc) this.skip();
    kernel = await ObservedKernel.start();
  });
  after(() => kernel?.close());
  afterEach(() => kernel.client.forget());

  it("a million lines arrive in order, at a reader and at one that had stalled, and their memory serves again", async () => {
    const { client } = kernel;
    await client.execute("0");
    const memory = [kernel.memory()];
    for (let round = 0; round < 2; round++) {
      const stalled = new Subscriber({ linger: 0, receiveHighWaterMark: 1 });
      stalled.subscribe("");
      stalled.connect(client.address("iopub"));
      // Its welcome shows that it is subscribed; from here on it does not read.
      await stalled.receive();

      const cell = client.submit(printMillion, { timeout: 120_000 });
      const reader = new LineCheck();
      for (const [name, text] of ordered(await cell.done)) {
        assert.equal(name, "stdout");
        reader.add(text);
      }
      assert.equal(reader.lines, million);
      memory.push(kernel.memory());
      client.forget();

      const late = new LineCheck();
      for await (const frames of stalled) {
        const { header, parent, content }: Message = decode(client.connection.key, "iopub", frames);
        if (parent.msg_id !== cell.id) continue;
        if (header.msg_type === "stream") late.add(String(content["text"]));
        if (content["execution_state"] === "idle") break;
      }
      stalled.close();
      assert.equal(late.lines, million);
    }
    await client.execute("0");
    memory.push(kernel.memory());
    console.log(`      kernel, MB at first, twice while one stalled, at last: ${memory.map(Math.round).join(", ")}`);
    const [first = NaN, once = NaN, twice = NaN] = memory;
    // What one stalled reader makes it keep is a hundred MB of text; a second one must not come on top of that.
    assert.ok(once - first < 300, `${first} MB, then ${once} MB`);
    assert.ok(twice - once < growth, `${once} MB, then ${twice} MB`);
  });

  it("one line of 50 MB arrives whole", async () => {
    const result = await kernel.client.execute('console.log("é".repeat(25_000_000)); "end"', { timeout: 120_000 });
    const text = result.text("stdout");
    assert.equal(text.length, 25_000_001);
    assert.ok(text === `${"é".repeat(25_000_000)}\n`);
    assert.equal(result.of("execute_result").length, 1);
  });

  it("a result and a display of 20 MB arrive whole", async () => {
    const result = await kernel.client.execute(
      'const much = "x".repeat(2e7); display({ "text/plain": much }, { raw: true }); much.length',
      { timeout: 120_000 },
    );
    assert.equal(result.reply.content.status, "ok");
    const sizes = result.of("display_data").map(({ content }) => JSON.stringify(content["data"]).length);
    assert.ok(sizes.length === 1 && (sizes[0] ?? 0) >= 2e7, String(sizes));
  });

  for (const [how, write] of [
    ["through process.stdout", "process.stdout.write(rubbish.subarray(at, at + 777))"],
    ["to descriptor 1", '(await import("node:fs")).writeSync(1, rubbish.subarray(at, at + 777))'],
  ] as const)
    it(`binary rubbish ${how} arrives as text, what is no UTF-8 replaced`, async () => {
      const result = await kernel.client.execute(`
        const rubbish = Buffer.alloc(1_000_000);
        for (let at = 0, x = 1; at < rubbish.length; at++) rubbish[at] = (x = (x * 48271) % 2147483647) & 255;
        for (let at = 0; at < rubbish.length; at += 777) ${write};`);
      const rubbish = Buffer.alloc(1_000_000);
      for (let at = 0, x = 1; at < rubbish.length; at++) rubbish[at] = (x = (x * 48271) % 2147483647) & 255;
      assert.ok(result.text("stdout") === rubbish.toString());
    });

  it("carriage returns, escape sequences and odd characters arrive as they were written", async () => {
    const odd =
      "0 %\r50 %\r\u001b[32m100 %\u001b[0m\r\n\b\u0007\u0000\u2028😀\ufeff\u001b]8;;x\u0007\u001b_x\u001b\\ \u001b[2K\u001b[1A";
    const pieces = [...odd].map((character) => `process.stdout.write(${JSON.stringify(character)});`);
    const result = await kernel.client.execute(`${pieces.join("")} process.stderr.write(${JSON.stringify(odd)})`);
    assert.equal(result.text("stdout"), odd);
    assert.equal(result.text("stderr"), odd);
  });

  it("a hundred thousand lines that alternate between stdout and stderr stay in turn", async () => {
    const result = await kernel.client.execute(
      "for (let i = 0; i < 100_000; i++) (i % 2 ? console.error : console.log)(i)",
      { timeout: 120_000 },
    );
    let next = 0;
    for (const [name, text] of ordered(result))
      for (const number of text.trimEnd().split("\n")) {
        assert.equal(`${name} ${number}`, `${next % 2 ? "stderr" : "stdout"} ${next}`);
        next++;
      }
    assert.equal(next, 100_000);
  });

  it("data nested as deep as can be sent neither stops the cell nor the kernel", async () => {
    for (let depth = 1000; depth < 12_000; depth += 500) {
      const result = await kernel.client.execute(`
        let nested: unknown = 1;
        for (let i = 0; i < ${depth}; i++) nested = [nested];
        display({ "application/json": nested, "text/plain": "nested" }, { raw: true });
        console.log("on")`);
      assert.ok(["ok", "error"].includes(result.reply.content.status), String(depth));
      if (result.reply.content.status === "ok") assert.equal(result.text("stdout"), "on\n");
    }
    assert.equal((await kernel.client.execute("6 * 7")).reply.content.status, "ok");
  });
});
