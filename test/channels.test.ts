import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Dealer, Request, type Socket, Subscriber, curveKeyPair } from "zeromq";
import { Channels, type Frames } from "../kernel/channels.ts";
import { type ChannelName, type Connection, address, parseConnection } from "../kernel/connection.ts";
import { newConnection } from "./fake-kernel.ts";

interface Opened {
  channels: Channels;
  connection: Connection;
  received: Promise<[string, string[]]>;
  log: string[];
  /** A socket connected as a front end would connect it. */
  connect<S extends Dealer | Request | Subscriber>(channel: ChannelName, socket: S): S;
}

const transports = [
  { name: "tcp", options: { transport: "tcp" as const } },
  { name: "tcp with curve", options: { transport: "tcp" as const, curve: true } },
  ...(process.platform === "win32" ? [] : [{ name: "ipc", options: { transport: "ipc" as const } }]),
];

for (const { name, options } of transports) {
  describe(`Channels over ${name}`, () => {
    let folder: string;
    let opened: Opened;
    const sockets: Socket[] = [];

    beforeEach(async () => {
      folder = await mkdtemp(join(tmpdir(), "channels-"));
      const connection = parseConnection(JSON.stringify(await newConnection(folder, options)));
      const log: string[] = [];
      let onMessage: (channel: string, frames: Uint8Array[]) => void = () => {};
      const received = new Promise<[string, string[]]>((resolve) => {
        onMessage = (channel, frames) => resolve([channel, frames.map((frame) => Buffer.from(frame).toString())]);
      });
      const channels = await Channels.open(connection, (line) => void log.push(line));
      channels.listen({ onMessage, onSubscribe: (topic) => void channels.send("iopub", [topic, "welcome"]) });
      const client = curveKeyPair();
      const connect: Opened["connect"] = (channel, socket) => {
        if (connection.curve) {
          socket.curvePublicKey = client.publicKey;
          socket.curveSecretKey = client.secretKey;
          socket.curveServerKey = connection.curve.publicKey;
        }
        socket.connect(address(connection, channel));
        sockets.push(socket);
        return socket;
      };
      opened = { channels, connection, received, log, connect };
    });

    afterEach(async () => {
      for (const socket of sockets.splice(0)) socket.close();
      await opened.channels.close();
      await rm(folder, { recursive: true, force: true });
    });

    for (const channel of ["shell", "control", "stdin"] as const)
      it(`${channel} hands over what a dealer sends, and send reaches it`, async () => {
        const dealer = opened.connect(channel, new Dealer({ routingId: "me", linger: 0 }));
        await dealer.send(["hello", "you"]);
        assert.deepEqual(await opened.received, [channel, ["me", "hello", "you"]]);
        assert.equal(await opened.channels.send(channel, ["me", "and", "you"]), true);
        assert.deepEqual((await dealer.receive()).map(String), ["and", "you"]);
      });

    it("every subscription is told, with its topic, also the second of the same", async () => {
      for (const topic of ["", "stream", "stream"]) {
        const subscriber = opened.connect("iopub", new Subscriber({ linger: 0 }));
        subscriber.subscribe(topic);
        assert.deepEqual((await subscriber.receive()).map(String), [topic, "welcome"]);
      }
    });

    it("the heartbeat echoes while this thread is busy", async () => {
      const request = opened.connect("hb", new Request({ linger: 0 }));
      await request.send("first");
      assert.equal(String(await request.receive()), "first");
      await request.send("second");
      // `readable` asks the socket directly: this thread never comes to handle an event before the echo is there.
      for (const end = performance.now() + 10_000; !request.readable && performance.now() < end;);
      assert.equal(request.readable, true);
      assert.equal(String(await request.receive()), "second");
    });

    it("send to a peer that is not there is false, and no news", async () => {
      assert.equal(await opened.channels.send("shell", ["nobody", "hello"]), false);
      assert.deepEqual(opened.log, []);
    });

    it("a subscriber that does not read loses nothing of 20,000 messages sent in one tick", async () => {
      const subscriber = opened.connect("iopub", new Subscriber({ linger: 0, receiveHighWaterMark: 10 }));
      subscriber.subscribe();
      await subscriber.receive();
      const frames = (index: number): Frames => [String(index), "x".repeat(100)];
      const sent = Array.from({ length: 20_000 }, (_, index) => opened.channels.send("iopub", frames(index)));
      assert.ok((await Promise.all(sent)).every(Boolean));
      for (let index = 0; index < sent.length; index++)
        assert.equal(String((await subscriber.receive())[0]), String(index));
    });

    it("a dealer that comes back with the same identity is answered", async () => {
      const first = opened.connect("shell", new Dealer({ routingId: "me", linger: 0 }));
      await first.send("one");
      await opened.received;
      const second = opened.connect("shell", new Dealer({ routingId: "me", linger: 0 }));
      await second.send("two");
      // The identity passes to the second once its connection is made; until then the first is answered.
      const answered = second.receive().then(() => "second");
      let round = "";
      while (round !== "second") {
        await opened.channels.send("shell", ["me", "hello"]);
        round = await Promise.race([answered, first.receive().then(() => "first")]);
      }
    });
  });
}

describe("Channels with curve", () => {
  it("does not hear a client without the kernel's key", async () => {
    const folder = await mkdtemp(join(tmpdir(), "channels-"));
    const connection = parseConnection(JSON.stringify(await newConnection(folder, { curve: true })));
    const received: string[] = [];
    const channels = await Channels.open(connection, () => {});
    channels.listen({
      onMessage: (_, frames) => void received.push(String(frames.at(-1))),
      onSubscribe: () => {},
    });
    const wrong = curveKeyPair();
    const plain = new Dealer({ linger: 0 });
    const foreign = new Dealer({
      linger: 0,
      curvePublicKey: wrong.publicKey,
      curveSecretKey: wrong.secretKey,
      curveServerKey: wrong.publicKey,
    });
    try {
      const rejected = [plain, foreign].map(async (dealer) => {
        const events: string[] = [];
        const failure = new Promise<void>((resolve) => {
          for (const event of ["handshake:error:protocol", "handshake:error:other", "disconnect"] as const)
            dealer.events.on(event, () => {
              events.push(event);
              resolve();
            });
        });
        dealer.connect(address(connection, "shell"));
        await dealer.send("let me in");
        await failure;
      });
      await Promise.all(rejected);
      assert.deepEqual(received, []);
    } finally {
      plain.close();
      foreign.close();
      await channels.close();
      await rm(folder, { recursive: true, force: true });
    }
  });
});

describe("Channels.open", () => {
  it("names the address that is taken", async () => {
    const folder = await mkdtemp(join(tmpdir(), "channels-"));
    const connection = parseConnection(JSON.stringify(await newConnection(folder)));
    const first = await Channels.open(connection, () => {});
    try {
      await assert.rejects(
        Channels.open(connection, () => {}),
        /cannot bind \w+ to tcp:\/\/127\.0\.0\.1:\d+: Address/,
      );
    } finally {
      await first.close();
      await rm(folder, { recursive: true, force: true });
    }
  });
});

describe("parseConnection", () => {
  const file = {
    transport: "tcp",
    ip: "127.0.0.1",
    shell_port: 1,
    iopub_port: 2,
    stdin_port: 3,
    control_port: 4,
    hb_port: 5,
  };
  const z85 = curveKeyPair().publicKey;
  const refused: [string, object, RegExp][] = [
    ["a missing port", { ...file, hb_port: undefined }, /hb_port must be a port number, but is missing/],
    ["a port that is text", { ...file, shell_port: "1" }, /shell_port must be a port number, not string/],
    ["an unknown transport", { ...file, transport: "udp" }, /unknown transport "udp"; expected tcp or ipc/],
    ["one CURVE key without the other", { ...file, curve_publickey: z85 }, /curve_secretkey must be a string/],
    ["a CURVE key that is none", { ...file, curve_publickey: z85, curve_secretkey: "x" }, /curve_secretkey must be 40/],
  ];
  for (const [name, content, expected] of refused)
    it(`refuses ${name}`, () => assert.throws(() => parseConnection(JSON.stringify(content)), expected));

  it("refuses what is not JSON", () => assert.throws(() => parseConnection("{"), /connection file: malformed JSON/));

  it("knows the addresses of tcp, IPv6 and ipc", () => {
    const at = (fields: object) => address(parseConnection(JSON.stringify({ ...file, ...fields })), "iopub");
    assert.equal(at({}), "tcp://127.0.0.1:2");
    assert.equal(at({ ip: "::1" }), "tcp://[::1]:2");
    assert.equal(at({ transport: "ipc", ip: "/tmp/kernel" }), "ipc:///tmp/kernel-2");
  });
});
