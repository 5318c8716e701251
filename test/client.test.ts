// The client against a kernel that others wrote: ipykernel, from the Python environment that the project sets up.
import assert from "node:assert/strict";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { type AddressInfo, type Socket, createServer } from "node:net";
import { join } from "node:path";
import { Publisher } from "zeromq";
import { Client, type Connection, type Message, type StartOptions } from "./client.ts";
import { encode, newHeader } from "./wire.ts";

const python = process.platform === "win32" ? join(".venv", "Scripts", "python.exe") : join(".venv", "bin", "python");
const ipykernel = { argv: [python, "-m", "ipykernel_launcher", "-f", "{connection_file}"] };

const isStream = ({ header }: Message) => header.msg_type === "stream";
const transports: { name: string; options: StartOptions }[] = [
  { name: "tcp", options: { transport: "tcp" } },
  { name: "tcp with curve", options: { transport: "tcp", curve: true } },
  ...(process.platform === "win32" ? [] : [{ name: "ipc", options: { transport: "ipc" as const } }]),
];

describe("Client with a kernel process", function () {
  this.timeout(60_000);
  before(function () {
    if (existsSync(python)) return;
    console.log(`    no ${python}: \`npm test\` makes it`);
    this.skip();
  });

  for (const { name, options } of transports) {
    describe(`over ${name}`, () => {
      let client: Client;
      before(async () => {
        client = await Client.start(ipykernel, options);
      });
      after(() => client.close());

      it("execute returns the reply and all iopub messages of the cell in order", async () => {
        const cell = await client.execute("print('one')\nprint('two')\n1 + 1");
        assert.equal(cell.reply.content.status, "ok");
        const types = cell.outputs.map(({ header }) => header.msg_type).filter((type) => type !== "stream");
        assert.deepEqual(types, ["status", "execute_input", "execute_result", "status"]);
        assert.equal(cell.text("stdout"), "one\ntwo\n");
        assert.deepEqual(cell.of("execute_result")[0]?.content["data"], { "text/plain": "2" });
      });

      it("request waits for its own reply among many under way", async () => {
        const codes = Array.from({ length: 100 }, (_, index) => `print(${index})`);
        const cells = await Promise.all(codes.map((code) => client.execute(code)));
        assert.deepEqual(
          cells.map((cell) => cell.text("stdout").trim()),
          codes.map((_, index) => String(index)),
        );
      });

      it("onInput answers input_request", async () => {
        client.onInput(({ content }) => `${String(content["prompt"])} yes`);
        const cell = await client.execute("print(input('sure?'))", { allowStdin: true });
        assert.equal(cell.text("stdout").trim(), "sure? yes");
      });

      for (const mode of ["message", "signal"] as const)
        it(`interrupt by ${mode} ends a busy cell while the heartbeat echoes`, async () => {
          const cell = client.submit("print('busy', flush=True)\nimport time\nwhile True: time.sleep(0.01)");
          await cell.until(isStream);
          await client.heartbeat();
          await client.interrupt(mode);
          assert.equal((await cell.done).reply.content.ename, "KeyboardInterrupt");
        });

      it("iopub yields every message from the first", async () => {
        const seen: Message[] = [];
        for await (const message of client.iopub) {
          seen.push(message);
          if (seen.length === 10) break;
        }
        assert.deepEqual(seen, client.messages.filter(({ channel }) => channel === "iopub").slice(0, 10));
      });

      it("attach shares the kernel with a second client", async () => {
        const second = await Client.attach(client.connection);
        await second.kernelInfo();
        const cell = await second.execute("6 * 7");
        await client.until(({ parent, content }) => parent.msg_id === cell.id && content["execution_state"] === "idle");
        await second.close();
      });

      it("frames without a valid signature get no reply and leave the kernel answering", async () => {
        const frames = client.frames("kernel_info_request", {}, { header: { msg_id: "forged" } });
        frames[1] = Buffer.from("0".repeat(64));
        await client.sendRaw("shell", frames);
        await client.request("shell", "kernel_info_request");
        assert.ok(client.messages.every(({ parent }) => parent.msg_id !== "forged"));
      });

      it("a wait that fails tells what arrived instead", async () => {
        const second = await Client.attach(client.connection);
        await second.kernelInfo();
        const never = ({ header }: Message) => header.msg_type === "pigs_fly";
        await assert.rejects(second.until(never, "pigs_fly on iopub", 1), /no pigs_fly on iopub: not within 1 ms/);
        const wait = second.until(never, "pigs_fly on iopub");
        const told = assert.rejects(wait, /the client is closed\narrived instead:\n(.|\n)*execute_result.*77/);
        await second.execute("7 * 11");
        await second.close();
        await told;
      });

      it("shutdown waits for the end of the process, and close removes its files", async () => {
        await client.shutdown();
        assert.deepEqual(await client.exited, { code: 0, signal: null });
        await client.close();
        assert.equal(existsSync(client.process?.connectionFile ?? ""), false);
      });
    });
  }

  it("close kills the processes that the kernel has started in its group", async () => {
    const client = await Client.start(ipykernel);
    const server = createServer();
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const child = `import socket; socket.create_connection(("127.0.0.1", ${port})).recv(1)`;
    const connected = once(server, "connection") as Promise<[Socket]>;
    await client.execute(`import subprocess, sys\nsubprocess.Popen([sys.executable, "-c", ${JSON.stringify(child)}])`);
    const [socket] = await connected;
    socket.on("error", () => {}); // a reset instead of an end is as good
    const disconnected = once(socket.resume(), "close");
    await client.close();
    await disconnected;
    server.close();
    await assert.rejects(client.request("shell", "kernel_info_request"), /the client is closed/);
  });
});

describe("Client without a kernel", () => {
  it("start fails with the exit and the stderr of a process that ends at once", async () => {
    const argv = [process.execPath, "-e", "console.error('no luck'); process.exit(3)"];
    await assert.rejects(Client.start({ argv }), /the kernel process has ended(.|\n)*code 3(.|\n)*no luck/);
  });

  it("start fails with the reason when the executable does not exist", async () => {
    await assert.rejects(Client.start({ argv: ["no-such-kernel"] }), /cannot start no-such-kernel: .*ENOENT/);
  });

  it("a message with a wrong signature fails every wait", async () => {
    const publisher = new Publisher({ linger: 0 });
    await publisher.bind("tcp://127.0.0.1:*");
    const port = Number(publisher.lastEndpoint?.split(":").at(-1));
    const connection: Connection = {
      transport: "tcp",
      ip: "127.0.0.1",
      shell_port: port,
      control_port: port,
      stdin_port: port,
      hb_port: port,
      iopub_port: port,
      key: "the real key",
      signature_scheme: "hmac-sha256",
    };
    const client = await Client.attach(connection);
    const wait = client
      .until(() => true, "message")
      .then(
        () => "arrived",
        (error: unknown) => String(error),
      );
    const settled = wait.then(() => true);
    // A publisher drops what nobody has subscribed to yet, so it sends until the client has heard it.
    for (let done = false; !done;) {
      const frames = encode("another key", newHeader("status", "session"), { execution_state: "idle" });
      await publisher.send(["topic", ...frames]);
      done = await Promise.race([settled, new Promise<boolean>((resolve) => setImmediate(resolve, false))]);
    }
    assert.match(await wait, /receiving failed: iopub: wrong signature/);
    await assert.rejects(client.heartbeat(100), /no heartbeat/);
    await client.close();
    publisher.close();
  });
});
