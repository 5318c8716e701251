import assert from "node:assert/strict";
import fc from "fast-check";
import { type Dropped, type Message, Wire } from "../kernel/message.ts";
import { decode, encode, newHeader, sign } from "./wire.ts";

const key = "a secret";
const json = (value: unknown) => Buffer.from(JSON.stringify(value));
const delimiter = Buffer.from("<IDS|MSG>");

/** Signed frames with the four parts as given. */
function signed(parts: Uint8Array[], identities: Uint8Array[] = [Buffer.from("peer")]): Uint8Array[] {
  return [...identities, delimiter, Buffer.from(sign(key, parts)), ...parts];
}

function header(fields: object = {}): Buffer {
  return json({ ...newHeader("execute_request", "session"), ...fields });
}

function reason(read: Message | Dropped): string {
  if (!("dropped" in read)) assert.fail(`read as ${read.type}`);
  return read.dropped;
}

function message(read: Message | Dropped): Message {
  if ("dropped" in read) assert.fail(read.dropped);
  return read;
}

describe("Wire.read", () => {
  it("reads identities, header, parent, metadata, content and buffers", () => {
    const sent = newHeader("comm_msg", "session");
    const buffers = [Buffer.from([0, 255]), Buffer.from("<IDS|MSG>")];
    const frames = encode(key, sent, { code: "1 😀" }, { metadata: { a: 1 }, parent: { msg_id: "before" }, buffers });
    const read = message(new Wire(key).read([Buffer.from("one"), Buffer.from("two"), ...frames]));
    assert.deepEqual(read.identities.map(String), ["one", "two"]);
    assert.equal(read.id, sent.msg_id);
    assert.equal(read.type, "comm_msg");
    assert.equal(read.parentId, "before");
    assert.deepEqual(read.content, { code: "1 😀" });
    assert.deepEqual(read.metadata, { a: 1 });
    assert.deepEqual(read.buffers, buffers);
  });

  it("drops a wrong signature, also one of another length or none", () => {
    const wire = new Wire(key);
    const parts = [header(), json({}), json({}), json({})];
    for (const signature of ["", "00", sign("another", parts), `${sign(key, parts)}0`])
      assert.match(reason(wire.read([delimiter, Buffer.from(signature), ...parts])), /wrong signature/);
  });

  it("takes any signature with an empty key", () => {
    const frames = [delimiter, Buffer.from("whatever"), header(), json({}), json({}), json({})];
    message(new Wire("").read(frames));
    message(new Wire("").read(frames));
  });

  it("drops a message that comes twice", () => {
    const wire = new Wire(key);
    const frames = signed([header(), json({}), json({}), json({})]);
    message(wire.read(frames));
    assert.match(reason(wire.read(frames)), /replayed/);
  });

  it("verifies with another digest when the scheme says so", () => {
    const writer = new Wire(key, "hmac-sha512");
    const { frames } = writer.write("status", {});
    const bytes = frames.map((frame) => Buffer.from(frame));
    assert.equal(bytes[1]?.length, 128);
    message(new Wire(key, "hmac-sha512").read(bytes));
    assert.match(reason(new Wire(key).read(bytes)), /wrong signature/);
  });

  it("refuses a scheme that node:crypto does not know", () => {
    assert.throws(() => new Wire(key, "hmac-rot13"), /unknown signature scheme: "hmac-rot13"/);
    assert.throws(() => new Wire(key, "sha256"), /unknown signature scheme/);
  });

  const broken: [string, Uint8Array[], RegExp][] = [
    ["no frames", [], /no delimiter/],
    ["no delimiter", [Buffer.from("peer"), header(), json({})], /no delimiter/],
    ["too few frames", signed([header(), json({}), json({})]), /truncated: 4 frames/],
    ["malformed JSON", signed([header(), json({}), json({}), Buffer.from("{")]), /content: malformed JSON/],
    ["text that is not UTF-8", signed([header(), json({}), json({}), Buffer.from([0x22, 0xff, 0x22])]), /not UTF-8/],
    [
      "content that is an array",
      signed([header(), json({}), json({}), json([])]),
      /content: must be an object, not an array/,
    ],
    [
      "metadata that is null",
      signed([header(), json({}), json(null), json({})]),
      /metadata: must be an object, not null/,
    ],
    [
      "a parent that is a string",
      signed([header(), json("x"), json({}), json({})]),
      /parent_header: must be an object/,
    ],
    [
      "a header without msg_id",
      signed([header({ msg_id: undefined }), json({}), json({}), json({})]),
      /msg_id .*missing/,
    ],
    [
      "a msg_type that is a number",
      signed([header({ msg_type: 1 }), json({}), json({}), json({})]),
      /msg_type .*not number/,
    ],
    [
      "a session that is an object",
      signed([header({ session: {} }), json({}), json({}), json({})]),
      /session .*not object/,
    ],
    ["a parent's msg_id that is null", signed([header(), json({ msg_id: null }), json({}), json({})]), /not null/],
    ["a header of a megabyte", signed([header({ x: "x".repeat(1e6) }), json({}), json({}), json({})]), /too long/],
  ];
  for (const [name, frames, expected] of broken)
    it(`drops ${name} and says so`, () => assert.match(reason(new Wire(key).read(frames)), expected));

  it("never throws, whatever the frames", () => {
    const wire = new Wire(key);
    const part = fc.oneof(
      fc.uint8Array(),
      fc.json().map((text) => Buffer.from(text)),
      fc.constant(delimiter),
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 8 }), fc.boolean(), (parts, good) => {
        const read = wire.read(good ? signed(parts.slice(0, 4)) : parts);
        assert.ok("dropped" in read ? read.dropped.length > 0 : typeof read.id === "string");
      }),
      { seed: 1, numRuns: 2000 },
    );
  });
});

describe("Wire.write", () => {
  it("signs what the other side verifies, with the request's header as parent", () => {
    const wire = new Wire(key);
    const sent = newHeader("execute_request", "session");
    const request = message(wire.read([Buffer.from("peer"), ...encode(key, sent, {})]));
    const frames = wire.reply(request, "execute_reply", { status: "ok" }).map((frame) => Buffer.from(frame));
    const reply = decode(key, "shell", frames);
    assert.deepEqual(reply.prefix.map(String), ["peer"]);
    assert.deepEqual(reply.parent, sent);
    assert.deepEqual(reply.content, { status: "ok" });
    assert.equal(reply.header.session, wire.session);
    assert.equal(reply.header.version, "5.5");
  });

  it("never repeats a msg_id", () => {
    const wire = new Wire(key);
    const ids = Array.from({ length: 1000 }, () => wire.write("status", {}).id);
    assert.equal(new Set([...ids, new Wire(key).write("status", {}).id]).size, 1001);
  });

  it("replaces half a surrogate pair, which no front end can encode, and nothing else", () => {
    const text = 'a\ud800b \\ud800 \\\\ud83d "\udc00" 😀 \\';
    const { frames } = new Wire(key).write("stream", { text });
    const sent = JSON.parse(String(frames.at(-1))) as { text: string };
    assert.equal(sent.text, 'a\ufffdb \\ud800 \\\\ud83d "\ufffd" 😀 \\');
  });

  it("writes what read reads", () => {
    const wire = new Wire(key);
    fc.assert(
      fc.property(fc.object(), fc.array(fc.uint8Array()), (content, buffers) => {
        const { frames, id } = wire.write("comm_msg", content, { buffers });
        const read = message(wire.read(frames.map((frame) => Buffer.from(frame))));
        assert.equal(read.id, id);
        assert.equal(JSON.stringify(read.content), JSON.stringify(content).replace(/\\ud[89a-f]../g, "\ufffd"));
        assert.deepEqual(read.buffers.map(Buffer.from), buffers.map(Buffer.from));
      }),
      { seed: 2, numRuns: 300 },
    );
  });
});
