// The outbox with a clock that the test moves; what arrives over sockets is in kernel.test.ts.
import assert from "node:assert/strict";
import fc from "fast-check";
import { type Clock, Outbox } from "../kernel/iopub.ts";
import { Wire } from "../kernel/message.ts";
import { OpenPace, ServerPace } from "../kernel/pace.ts";

class TestClock implements Clock {
  time = 0;
  #timers: { due: number; callback: () => void }[] = [];

  now(): number {
    return this.time;
  }

  after(milliseconds: number, callback: () => void): () => void {
    const timer = { due: this.time + milliseconds, callback };
    this.#timers.push(timer);
    return () => void (this.#timers = this.#timers.filter((other) => other !== timer));
  }

  /** Lets time pass and calls back what is due, in order. */
  advance(milliseconds: number): void {
    const end = this.time + milliseconds;
    for (;;) {
      const [next] = this.#timers.filter(({ due }) => due <= end).sort((a, b) => a.due - b.due);
      if (!next) break;
      this.#timers = this.#timers.filter((timer) => timer !== next);
      this.time = Math.max(this.time, next.due);
      next.callback();
    }
    this.time = end;
  }

  get pending(): number {
    return this.#timers.length;
  }
}

interface Sent {
  type: string;
  content: Record<string, unknown>;
  parent: unknown;
  time: number;
  bytes: number;
}

class Setup {
  readonly clock = new TestClock();
  readonly sent: Sent[] = [];
  full = 0;
  drained = 0;
  readonly outbox: Outbox;

  constructor(pace = false) {
    this.outbox = new Outbox({
      wire: new Wire(""),
      pace: pace ? new ServerPace() : new OpenPace(),
      clock: this.clock,
      send: (frames) => {
        const [header, parent, , content] = frames.slice(3).map((frame) => JSON.parse(String(frame)) as unknown);
        const bytes = frames.reduce((sum, frame) => sum + Buffer.byteLength(frame), 0);
        const { msg_type: type } = header as { msg_type: string };
        this.sent.push({ type, content: content as Sent["content"], parent, time: this.clock.time, bytes });
      },
      onFull: () => void this.full++,
      onDrained: () => void this.drained++,
    });
  }

  get text(): string {
    return this.sent.map(({ content }) => content["text"] ?? "").join("");
  }

  get types(): string[] {
    return this.sent.map(({ type }) => type);
  }
}

const parent = (id: string) => ({ headerFrame: Buffer.from(JSON.stringify({ msg_id: id })) });
const idle = { execution_state: "idle" };

describe("Outbox", () => {
  it("sends the first text of a burst after some milliseconds, the rest each tenth of a second", () => {
    const { outbox, clock, sent } = new Setup();
    const cell = parent("a");
    for (let time = 0; time < 1000; time++) {
      outbox.text(cell, "stdout", `${time}\n`);
      clock.advance(1);
    }
    assert.ok(sent[0] && sent[0].time <= 10);
    assert.ok(sent.length >= 9 && sent.length <= 12, `${sent.length} messages`);
    for (const [index, { time }] of sent.entries()) if (index > 0) assert.ok(time - (sent[index - 1]?.time ?? 0) >= 99);
  });

  it("keeps one order: text leaves before what follows, whoever's it is", () => {
    const { outbox, sent } = new Setup();
    const [a, b] = [parent("a"), parent("b")];
    outbox.text(a, "stdout", "1");
    outbox.text(a, "stderr", "2");
    outbox.text(b, "stdout", "3");
    outbox.text(a, "stdout", "4");
    outbox.publish(b, "clear_output", { wait: false });
    assert.deepEqual(
      sent.map(({ type, content, parent: of }) => [type, content["text"], (of as { msg_id: string }).msg_id]),
      [
        ["stream", "1", "a"],
        ["stream", "2", "a"],
        ["stream", "3", "b"],
        ["stream", "4", "a"],
        ["clear_output", undefined, "b"],
      ],
    );
  });

  it("joins neighbouring texts of one stream, and leaves carriage returns and ANSI as they are", () => {
    const { outbox, clock, sent } = new Setup();
    const cell = parent("a");
    const texts = ["10 %\r", "\u001b[31m20 %\u001b[0m\r", "\n"];
    for (const text of texts) outbox.text(cell, "stdout", text);
    clock.advance(10);
    assert.deepEqual(
      sent.map(({ content }) => content),
      [{ name: "stdout", text: texts.join("") }],
    );
  });

  it("leaves no timer behind when something else has sent the text", () => {
    const { outbox, clock } = new Setup();
    outbox.text(parent("a"), "stdout", "x");
    outbox.publish(parent("a"), "status", idle);
    assert.equal(clock.pending, 0);
  });

  it("of updates of one display that follow each other sends the last", () => {
    const { outbox, clock, sent } = new Setup();
    const cell = parent("a");
    for (const value of [1, 2, 3]) outbox.update(cell, "x", { value });
    outbox.update(cell, "y", { value: 4 });
    outbox.update(cell, "x", { value: 5 });
    outbox.text(cell, "stdout", "between");
    outbox.update(cell, "x", { value: 6 });
    clock.advance(10);
    assert.deepEqual(
      sent.map(({ content }) => content["value"] ?? content["text"]),
      [3, 4, 5, "between", 6],
    );
  });

  it("cuts a long text into messages of a MiB, never inside a character", () => {
    const { outbox, sent } = new Setup();
    const text = `x${"😀".repeat(3 * 1024 * 1024)}`;
    outbox.text(parent("a"), "stdout", text);
    assert.ok(sent.length > 6);
    const texts = sent.map(({ content }) => String(content["text"]));
    assert.ok(texts.every((piece) => piece.length <= 1024 * 1024));
    assert.ok(texts.join("") === text);
  });

  it("publishAhead overtakes what waits", () => {
    const { outbox, clock, sent } = new Setup();
    outbox.text(parent("a"), "stdout", "x");
    outbox.publishAhead(parent("b"), "status", idle);
    clock.advance(10);
    assert.deepEqual(
      sent.map(({ type }) => type),
      ["status", "stream"],
    );
  });

  it("whatever is shown arrives once and in order", async () => {
    const action = fc.record({
      kind: fc.constantFrom("text", "error text", "publish", "wait", "flush"),
      cell: fc.nat(2),
      size: fc.nat(300_000),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(action, { maxLength: 30 }), fc.boolean(), async (actions, pace) => {
        const setup = new Setup(pace);
        const cells = [parent("0"), parent("1"), parent("2")];
        const expected: string[] = [];
        const flushes: Promise<void>[] = [];
        for (const [index, { kind, cell, size }] of actions.entries()) {
          const text = `${index}:${"x".repeat(size)};`;
          if (kind === "wait") setup.clock.advance(size / 1000);
          else if (kind === "flush") flushes.push(setup.outbox.flush());
          else {
            expected.push(text);
            if (kind === "publish") setup.outbox.publish(cells[cell], "display_data", { text });
            else setup.outbox.text(cells[cell], kind === "text" ? "stdout" : "stderr", text);
          }
        }
        setup.clock.advance(60_000);
        await Promise.all(flushes);
        assert.ok(setup.text === expected.join(""));
        assert.equal(setup.full, setup.drained);
      }),
      { seed: 4, numRuns: 100 },
    );
  });
});

describe("Outbox.flush", () => {
  it("resolves at once when nothing has to wait", async () => {
    const { outbox, sent } = new Setup();
    outbox.text(parent("a"), "stdout", "x");
    await outbox.flush();
    assert.equal(sent.length, 1);
  });

  it("waits for what the pace holds back, not for what comes later", async () => {
    const { outbox, clock } = new Setup(true);
    const cell = parent("a");
    outbox.text(cell, "stdout", "x".repeat(4e6));
    let flushed = false;
    const flush = outbox.flush().then(() => (flushed = true));
    const lateText = () => {
      outbox.text(cell, "stdout", "y".repeat(1e6));
      clock.after(100, lateText);
    };
    lateText();
    clock.advance(1000);
    await Promise.resolve();
    assert.equal(flushed, false);
    clock.advance(8000);
    await flush;
  });
});

describe("Outbox with a pace", () => {
  /** What jupyter_server would drop: its own arithmetic, `_limit_rate` in connection/channels.py. */
  function dropped(sent: Sent[], stall = { from: 0, to: 0 }): number {
    let window: { until: number; bytes: number }[] = [];
    let count = 0;
    for (const { type, content, bytes, time: left } of sent) {
      const time = left >= stall.from && left < stall.to ? stall.to : left;
      if (type === "status" && content["execution_state"] === "idle") window = [];
      if (["status", "comm_open", "execute_input"].includes(type)) continue;
      window = window.filter(({ until }) => time < until);
      window.push({ until: time + 3000, bytes: type === "stream" ? bytes : 0 });
      const rate = window.reduce((sum, one) => sum + one.bytes, 0) / 3;
      if (window.length / 3 > 1000 || rate > 1e6) {
        count++;
        window.pop();
      }
    }
    return count;
  }

  it("stays below the limit of data of a jupyter_server, and loses nothing", () => {
    const setup = new Setup(true);
    const text = "x".repeat(10e6);
    setup.outbox.text(parent("a"), "stdout", text);
    setup.clock.advance(9000);
    assert.ok(setup.text.length < 10e6);
    setup.clock.advance(25_000);
    assert.ok(setup.text === text);
    assert.equal(dropped(setup.sent), 0);
  });

  it("stays below the limit of messages, and loses none", () => {
    const setup = new Setup(true);
    for (let index = 0; index < 10_000; index++) setup.outbox.publish(parent("a"), "display_data", { index });
    setup.clock.advance(30_000);
    assert.deepEqual(
      setup.sent.map(({ content }) => content["index"]),
      Array.from({ length: 10_000 }, (_, index) => index),
    );
    assert.equal(dropped(setup.sent), 0);
  });

  it("stays below the limits of a server that stalls for two seconds", () => {
    const setup = new Setup(true);
    setup.outbox.text(parent("a"), "stdout", "x".repeat(5e6));
    for (let index = 0; index < 5000; index++) setup.outbox.publish(parent("a"), "display_data", { index });
    setup.clock.advance(40_000);
    assert.equal(setup.sent.length, 5039);
    for (const from of [0, 1000, 5000, 10_500, 15_000]) assert.equal(dropped(setup.sent, { from, to: from + 2000 }), 0);
  });

  it("counts anew after idle, as the server does", () => {
    const setup = new Setup(true);
    for (let cell = 0; cell < 10; cell++) {
      setup.outbox.text(parent(`${cell}`), "stdout", "x".repeat(9e5));
      setup.outbox.publish(parent(`${cell}`), "status", idle);
    }
    assert.equal(setup.sent.at(-1)?.time, 0);
    assert.equal(setup.types.filter((type) => type === "status").length, 10);
    assert.equal(dropped(setup.sent), 0);
  });

  it("asks the session to pause when too much waits, and to go on when it has left", () => {
    const setup = new Setup(true);
    const chunk = "x".repeat(1024 * 1024);
    for (let index = 0; index < 40; index++) setup.outbox.text(parent("a"), "stdout", chunk);
    assert.equal(setup.full, 1);
    assert.equal(setup.drained, 0);
    setup.clock.advance(120_000);
    assert.equal(setup.drained, 1);
    assert.equal(setup.text.length, 40 * chunk.length);
  });

  it("discard drops an interrupted cell's text beyond a MiB, also what still comes, and says how much", () => {
    const setup = new Setup(true);
    const [cell, other] = [parent("a"), parent("b")];
    for (let index = 0; index < 40; index++) setup.outbox.text(cell, "stdout", "x".repeat(1e6));
    setup.outbox.text(other, "stdout", "other");
    setup.outbox.discard(cell);
    assert.equal(setup.drained, 1);
    setup.outbox.text(cell, "stdout", "y".repeat(2e6));
    setup.outbox.publish(cell, "error", { ename: "KeyboardInterrupt" });
    setup.outbox.tellDiscarded(cell);
    setup.outbox.publish(cell, "status", idle);
    setup.clock.advance(10_000);
    assert.ok(setup.text.length < 5e6);
    assert.match(setup.text, /other\[the interrupt dropped 3\d\.\d MB of waiting output\]\n$/);
    assert.ok(setup.sent.every(({ content }) => content["text"] !== ""));
    assert.equal(setup.types.at(-1), "status");
  });

  it("discard of a cell with little waiting drops nothing and says nothing", () => {
    const setup = new Setup(true);
    setup.outbox.text(parent("a"), "stdout", "x");
    const cell = parent("b");
    setup.outbox.text(cell, "stdout", "y");
    setup.outbox.discard(cell);
    setup.outbox.tellDiscarded(cell);
    setup.clock.advance(10);
    assert.equal(setup.text, "xy");
  });
});

describe("ServerPace.delay", () => {
  it("does not hold back for ever what is larger than the limit by itself", () => {
    const pace = new ServerPace();
    assert.equal(pace.delay("stream", 1e9, 0), 0);
    pace.sent("stream", 1e9, 0);
    assert.equal(pace.delay("stream", 0, 1000), (1e9 - 1e6) / 400 - 1000);
    assert.equal(pace.delay("status", 1, 1000), 0);
    assert.equal(pace.delay("stream", 1e6, 3_000_000), 0);
  });
});

describe("OpenPace.delay", () => {
  it("lets a large output through at once, and slows down one without end", () => {
    const { outbox, clock, sent } = new Setup();
    const chunk = "x".repeat(1e6);
    for (let index = 0; index < 60; index++) outbox.text(parent("a"), "stdout", chunk);
    assert.equal(sent.length, 60);
    for (let index = 0; index < 100; index++) outbox.text(parent("a"), "stdout", chunk);
    const atOnce = sent.length;
    assert.ok(atOnce < 75, `${atOnce} messages`);
    clock.advance(1000);
    assert.ok(sent.length > atOnce + 30 && sent.length < atOnce + 50, `${sent.length} messages`);
    clock.advance(2000);
    assert.equal(
      sent.reduce((sum, { content }) => sum + String(content["text"]).length, 0),
      160e6,
    );
  });
});
