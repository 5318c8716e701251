// JSON-RPC over streams: whole and in pieces, answers and errors, questions of the other end, and what is no message.
import assert from "node:assert/strict";
import { PassThrough } from "node:stream";
import fc from "fast-check";
import { Connection } from "../../kernel/language/json-rpc.ts";

function framed(message: object): Buffer {
  const body = JSON.stringify({ jsonrpc: "2.0", ...message });
  return Buffer.from(`Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
}

function connected() {
  const [input, output] = [new PassThrough(), new PassThrough()];
  const state = { broken: 0, asked: [] as unknown[] };
  const connection = new Connection(input, output, {
    onRequest: (method, params) => (state.asked.push([method, params]), { answer: method }),
    onBroken: () => state.broken++,
  });
  const written = (): unknown[] =>
    (output.read() as Buffer | null)
      ?.toString()
      .split(/Content-Length: \d+\r\n\r\n/)
      .slice(1)
      .map((body) => JSON.parse(body) as unknown) ?? [];
  return { connection, input, output, state, written };
}

describe("a connection of JSON-RPC", () => {
  it("reads messages wherever the stream is cut", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.string({ unit: "grapheme" }), { minLength: 1, maxLength: 5 }),
        fc.array(fc.nat(60), { maxLength: 20 }),
        async (texts, sizes) => {
          const { connection, input, state } = connected();
          const answers = texts.map((text) => connection.request("echo", { text }));
          const bytes = Buffer.concat(texts.map((result, index) => framed({ id: index + 1, result })));
          let at = 0;
          for (const size of sizes) input.write(bytes.subarray(at, (at += size)));
          if (at < bytes.length) input.write(bytes.subarray(at));
          assert.deepEqual(await Promise.all(answers), texts);
          assert.equal(state.broken, 0);
        },
      ),
      { seed: 7, numRuns: 100 },
    );
  });

  it("frames what it writes by its bytes, not its characters", () => {
    const { connection, output } = connected();
    connection.notify("note", { text: "∂é" });
    const [header = "", body = ""] = String(output.read()).split("\r\n\r\n");
    assert.equal(header, `Content-Length: ${Buffer.byteLength(body)}`);
    assert.deepEqual(JSON.parse(body), { jsonrpc: "2.0", method: "note", params: { text: "∂é" } });
  });

  it("rejects what is answered with an error, and answers what is asked", async () => {
    const { connection, input, state, written } = connected();
    const asked = connection.request("fails", {});
    input.write(framed({ id: 1, error: { code: -32603, message: "out of ideas" } }));
    await assert.rejects(asked, /out of ideas \(-32603\)/);
    written();
    input.write(framed({ id: "s1", method: "configuration", params: { items: [] } }));
    input.write(framed({ method: "progress", params: {} }));
    await new Promise(setImmediate);
    assert.deepEqual(state.asked, [["configuration", { items: [] }]]);
    assert.deepEqual(written(), [{ jsonrpc: "2.0", id: "s1", result: { answer: "configuration" } }]);
  });

  it("tells the other end what nobody waits for any more, and not what has been answered", async () => {
    const { connection, input, written } = connected();
    const [one, two] = [new AbortController(), new AbortController()];
    const first = connection.request("slow", {}, one.signal);
    void connection.request("slower", {}, two.signal).catch(() => {});
    input.write(framed({ id: 1, result: "done" }));
    assert.equal(await first, "done");
    written();
    one.abort();
    two.abort();
    assert.deepEqual(written(), [{ jsonrpc: "2.0", method: "$/cancelRequest", params: { id: 2 } }]);
  });

  for (const [what, bytes] of Object.entries({
    "a header without a length": "Content-Type: text\r\n\r\n{}",
    "a body that is no JSON": "Content-Length: 3\r\n\r\n{,}",
    "no header at all": "x".repeat(2000),
  }))
    it(`is broken by ${what}, once, and what was asked is rejected`, async () => {
      const { connection, input, state } = connected();
      const asked = connection.request("anything", {});
      input.write(bytes);
      input.write(bytes);
      await assert.rejects(asked, /closed/);
      assert.equal(state.broken, 1);
    });
});
