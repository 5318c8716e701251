// The death of the runtime, as a user brings it about: the cell that ran says what happened, those that wait are told, the next one
// works. And the end of the kernel, however it comes: nothing that a cell has started outlives it.
import assert from "node:assert/strict";
import { type Client, type Execution } from "./client.ts";
import { hasProc, isAlive, kill, ObservedKernel, until } from "./observed-kernel.ts";

const gone = "all variables are gone; the next cell runs in a new runtime";

/** Starts children of every kind and prints the pids of those that live on: a plain one, a detached one, one of a dead parent. */
const family = `
  const { spawn, execFileSync } = await import("node:child_process");
  const plain = spawn("sleep", ["1000"]);
  const detached = spawn("sleep", ["1000"], { detached: true, stdio: "ignore" });
  detached.unref();
  const script = 'setsid sh -c "sleep 1000 >/dev/null 2>&1 & echo \\\\$!" & wait';
  const orphan = execFileSync("sh", ["-c", script], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
  console.log([plain.pid, detached.pid, orphan.trim()].join(" "));`;

async function startFamily(client: Client): Promise<number[]> {
  const cell = await client.execute(family);
  const pids = cell.text("stdout").trim().split(" ").map(Number);
  assert.equal(pids.length, 3, JSON.stringify(cell.reply.content));
  for (const pid of pids) assert.ok(isAlive(pid), `process ${pid} does not live: ${cell.text("stdout")}`);
  return pids;
}

/** Those still alive two seconds later, if any are. */
async function survivors(pids: readonly number[]): Promise<number[]> {
  await until(() => (pids.some(isAlive) ? undefined : true), 2000);
  return pids.filter(isAlive);
}

function assertDied({ reply, of }: Execution, evalue: string): void {
  assert.equal(reply.content.status, "error");
  assert.equal(reply.content.ename, "RuntimeDied");
  assert.equal(reply.content.evalue, evalue);
  const errors = of("error").map(({ content }) => [content["ename"], content["evalue"]]);
  assert.deepEqual(errors, [["RuntimeDied", evalue]]);
}

describe("The death of the runtime", function () {
  this.timeout(60_000);
  let kernel: ObservedKernel;
  let client: Client;

  before(async function () {
    if (!hasProc) this.skip();
    kernel = await ObservedKernel.start();
    client = kernel.client;
  });
  after(() => kernel?.close());

  const deaths: [name: string, code: string, evalue: string][] = [
    ["process.exit(3)", "process.exit(3)", `the cell ended its process with exit code 3: ${gone}`],
    [
      "process.exit() after an await",
      "await null; process.exit()",
      `the cell ended its process with exit code 0: ${gone}`,
    ],
    [
      "process.exit in a timer",
      "setTimeout(() => process.exit(4), 5); await new Promise(() => {})",
      `the cell ended its process with exit code 4: ${gone}`,
    ],
    ["process.abort()", "process.abort()", `the runtime aborted: ${gone}`],
    ["SIGKILL", 'process.kill(process.pid, "SIGKILL"); while (true) {}', `the runtime was killed by SIGKILL: ${gone}`],
    ["SIGSEGV", 'process.kill(process.pid, "SIGSEGV"); while (true) {}', `the runtime was killed by SIGSEGV: ${gone}`],
  ];
  for (const [name, code, evalue] of deaths)
    it(`${name} ends the cell with an error that says so, and the next cell works without the variables`, async () => {
      await client.execute("var before = 1");
      const dead = await client.execute(`console.log("said"); ${code}`);
      assert.equal(dead.text("stdout"), "said\n");
      assert.equal(dead.text("stderr"), "");
      assertDied(dead, evalue);
      const next = await client.execute("console.log(typeof before)");
      assert.equal(next.text("stdout"), "undefined\n");
    });

  it("in mid-output loses no line that was printed before", async () => {
    const dead = await client.execute("for (let i = 0; i < 20_000; i++) console.log(i); process.exit(1)");
    assertDied(dead, `the cell ended its process with exit code 1: ${gone}`);
    assert.equal(dead.text("stdout"), Array.from({ length: 20_000 }, (_, index) => `${index}\n`).join(""));
  });

  it("aborts the cells that wait, but not after a cell without stop_on_error", async () => {
    const first = client.submit("process.exit(1)");
    const second = client.submit("console.log(2)");
    assert.equal((await first.done).reply.content.status, "error");
    assert.equal((await second.done).reply.content.status, "aborted");
    const third = client.submit("process.exit(1)", { stopOnError: false });
    const fourth = client.submit("console.log(4)");
    assert.equal((await third.done).reply.content.status, "error");
    assert.equal((await fourth.done).text("stdout"), "4\n");
  });

  it("ends the comms, also when a comm's handler brings it about; a message to one of them does no harm", async () => {
    const comms = async () => (await client.request("shell", "comm_info_request")).content["comms"];
    for (const end of ["cell", "handler"]) {
      const register = 'Jupyter.comms.register("deadly", (comm) => { comm.onMessage = () => process.exit(1) })';
      assert.equal((await client.execute(register)).reply.content.status, "ok");
      client.send("shell", "comm_open", { comm_id: end, target_name: "deadly", data: {} });
      assert.deepEqual(await comms(), { [end]: { target_name: "deadly" } });
      if (end === "cell") await client.execute("process.exit(1)");
      else client.send("shell", "comm_msg", { comm_id: end, data: {} });
      assert.deepEqual(await comms(), {});
      client.send("shell", "comm_msg", { comm_id: end, data: {} });
      assert.equal((await client.execute("6 * 7")).reply.content.status, "ok");
    }
  });

  it("is told at once although a process that nobody can find, its environment cleared, holds the output open", async () => {
    const daemon = await client.execute(`
      const script = "env -i setsid sleep 1000 & echo $!";
      require("node:child_process").execFileSync("sh", ["-c", script], { stdio: ["ignore", 1, 2] });`);
    const pid = Number(daemon.text("stdout"));
    assert.ok(isAlive(pid), JSON.stringify(daemon.reply.content));
    try {
      assertDied(await client.execute("process.exit(1)"), `the cell ended its process with exit code 1: ${gone}`);
    } finally {
      kill(pid);
    }
  });

  it("takes every process along that cells have started", async () => {
    const pids = await startFamily(client);
    const runtime = kernel.runtime();
    await client.execute("process.exit(1)");
    assert.deepEqual(await survivors(pids), []);
    await client.execute("0");
    const now = kernel.runtime();
    assert.notEqual(now, runtime);
    assert.deepEqual(kernel.runtimes(), [now]);
  });
});

describe("The end of the kernel", function () {
  this.timeout(60_000);

  const ends: Record<string, (client: Client) => Promise<unknown>> = {
    shutdown_request: (client) => client.shutdown(),
    "shutdown_request while a cell is busy": async (client) => {
      const cell = client.submit('console.log("on"); while (true) {}');
      await cell.until(({ header }) => header.msg_type === "stream");
      await client.shutdown();
    },
    SIGTERM: (client) => {
      process.kill(client.pid, "SIGTERM");
      return client.exited;
    },
    "SIGKILL to the kernel process": (client) => {
      kill(client.pid);
      return client.exited;
    },
    "SIGKILL to the kernel process while a cell is busy": async (client) => {
      const cell = client.submit('console.log("on"); while (true) {}');
      await cell.until(({ header }) => header.msg_type === "stream");
      kill(client.pid);
      await client.exited;
    },
  };
  for (const [name, end] of Object.entries(ends))
    it(`by ${name} takes every process along that cells have started`, async function () {
      if (!hasProc) this.skip();
      const kernel = await ObservedKernel.start();
      try {
        const pids = await startFamily(kernel.client);
        await end(kernel.client);
        assert.deepEqual(await survivors(pids), []);
        assert.deepEqual(await kernel.survivors(2000), []);
      } finally {
        await kernel.close();
      }
    });
});
