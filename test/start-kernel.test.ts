// The kernel as a process: how it starts, what signals and a dead parent do to it, and that it ends by itself with everything
// said.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Subscriber } from "zeromq";
import { Client, type Message, type StartOptions } from "./client.ts";
import { newConnection } from "./fake-kernel.ts";

const command = [process.execPath, "bin/adjoint.js", "kernel", "{connection_file}"];
const start = (env: Record<string, string> = {}, options: StartOptions = {}) =>
  Client.start({ argv: command, env: { ADJOINT_HISTORY: "off", ...env } }, options);

describe("startKernel", function () {
  this.timeout(60_000);

  for (const [name, options] of [
    ["tcp", {}],
    ["CURVE", { curve: true }],
    ...(process.platform === "win32" ? [] : [["ipc", { transport: "ipc" }] as const]),
  ] as const)
    it(`over ${name} runs a cell, and after shutdown_request ends with code 0 and all messages sent`, async () => {
      const client = await start({}, options);
      try {
        assert.equal((await client.execute("console.log(6 * 7)")).text("stdout"), "42\n");
        const reply = await client.shutdown();
        const mine = ({ parent }: Message) => parent.msg_id === reply.parent.msg_id;
        await client.until((message) => mine(message) && message.header.msg_type === "shutdown_reply");
        await client.until((message) => mine(message) && message.content["execution_state"] === "idle");
        assert.deepEqual(await client.exited, { code: 0, signal: null });
        assert.equal(client.stderr, "");
      } finally {
        await client.close();
      }
    });

  it("ends by itself although a subscriber does not read, with more waiting for it than its connection takes", async () => {
    const client = await start();
    const stalled = new Subscriber({ linger: 0, receiveHighWaterMark: 1 });
    try {
      stalled.subscribe();
      stalled.connect(client.address("iopub"));
      await client.until(({ header }) => header.msg_type === "iopub_welcome");
      const cell = await client.execute('for (let i = 0; i < 200; i++) console.log("x".repeat(1e5))');
      assert.equal(cell.text("stdout").length, 200 * (1e5 + 1));
      await client.shutdown();
      assert.deepEqual(await client.exited, { code: 0, signal: null });
    } finally {
      stalled.close();
      await client.close();
    }
  });

  if (process.platform !== "win32") {
    for (const signal of ["SIGTERM", "SIGHUP"] as const)
      it(`${signal} is a shutdown`, async () => {
        const client = await start();
        try {
          process.kill(client.pid, signal);
          assert.deepEqual(await client.exited, { code: 0, signal: null });
        } finally {
          await client.close();
        }
      });

    it("SIGINT ends the running cell as KeyboardInterrupt, and nothing when nothing runs", async () => {
      const client = await start();
      try {
        const cell = client.submit('console.log("on"); while (true) {}');
        await cell.until(({ header }) => header.msg_type === "stream");
        await client.interrupt("signal");
        assert.equal((await cell.done).reply.content.ename, "KeyboardInterrupt");
        await client.interrupt("signal");
        await client.signalsHandled();
        assert.equal((await client.execute("1 + 1")).reply.content.status, "ok");
        await client.shutdown();
      } finally {
        await client.close();
      }
    });

    it("shuts down when the process that started it has gone", async () => {
      const folder = await mkdtemp(join(tmpdir(), "start-kernel-"));
      const connection = await newConnection(folder);
      const file = join(folder, "connection.json");
      await writeFile(file, JSON.stringify(connection));
      // The launcher also reads the kernel's log, so that the kernel loses its stderr with it.
      const launcher = `
        const { spawn } = require("node:child_process");
        const argv = ${JSON.stringify(command.slice(1, -1))};
        const env = { ...process.env, JPY_PARENT_PID: String(process.pid), ADJOINT_HISTORY: "off" };
        const kernel = spawn(process.execPath, [...argv, ${JSON.stringify(file)}], { env, stdio: ["ignore", "ignore", "pipe"] });
        kernel.stderr.pipe(process.stderr);
        setInterval(() => {}, 1000);`;
      const parent = spawn(process.execPath, ["-e", launcher], { stdio: "ignore" });
      const client = await Client.attach(connection);
      try {
        await client.kernelInfo();
        const { content } = await client.request("shell", "execute_request", { code: "process.ppid" });
        assert.equal(content["status"], "ok");
        const result = await client.until(({ header }) => header.msg_type === "execute_result");
        const pid = Number((result.content["data"] as Record<string, string>)["text/plain"]);
        parent.kill("SIGKILL");
        await once(parent, "exit");
        while (await runs(pid)) await new Promise((resolve) => setTimeout(resolve, 50));
      } finally {
        await client.close();
        parent.kill("SIGKILL");
        await rm(folder, { recursive: true, force: true });
      }
    });
  }

  it("says in one line what is wrong with a connection file, and leaves nothing in the temporary folder", async () => {
    const folder = await mkdtemp(join(tmpdir(), "start-kernel-"));
    try {
      const file = join(folder, "connection.json");
      await writeFile(file, '{"transport": "udp"}');
      const kernel = spawn(process.execPath, ["bin/adjoint.js", "kernel", file], {
        env: { ...process.env, TMPDIR: folder },
        stdio: ["ignore", "ignore", "pipe"],
      });
      let stderr = "";
      kernel.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
      const [code] = (await once(kernel, "close")) as [number];
      assert.equal(code, 1);
      assert.equal(stderr, `adjoint: ${file}: connection file: unknown transport "udp"; expected tcp or ipc\n`);
      assert.deepEqual(await readdir(folder), ["connection.json"]);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});

/** Not so for a zombie either, which a container without an init process keeps. */
async function runs(pid: number): Promise<boolean> {
  const ps = spawn("ps", ["-o", "stat=", "-p", String(pid)], { stdio: ["ignore", "pipe", "inherit"] });
  let state = "";
  ps.stdout.setEncoding("utf8").on("data", (text: string) => (state += text));
  await once(ps, "close");
  return state.trim() !== "" && !state.startsWith("Z");
}
