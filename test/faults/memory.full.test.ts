// Cells that fill the heap: the error must name it, and the next cell must work. And many small cells in one session: what the
// kernel and the runtime remember of each must not add up.
import assert from "node:assert/strict";
import { hasProc, ObservedKernel } from "../observed-kernel.ts";

/** Ways to fill a heap: at once or bit by bit, in the cell or after it has ended an await. */
const hogs: Record<string, string> = {
  "small objects": "const kept = []; for (let i = 0; ; i++) kept.push({ i, text: String(i) })",
  "large arrays": "const kept = []; for (;;) kept.push(new Array(100_000).fill(kept.length + 0.5))",
  "a string doubled":
    "let text = 'x'; const kept = []; for (;;) kept.push((text + kept.length).repeat(10_000).split(''))",
  "promises, after an await":
    "await null; const kept = []; for (;;) { kept.push(Promise.resolve({}).then(() => kept)); await null }",
};

describe("A cell that fills the heap", function () {
  this.timeout(120_000);

  before(function () {
    if (!hasProc) this.skip();
  });

  it("ends as OutOfMemory, whatever it fills it with, and the next cell works", async () => {
    const kernel = await ObservedKernel.start({ ADJOINT_HEAP_MB: "128" });
    try {
      const { client } = kernel;
      for (const [what, code] of Object.entries(hogs)) {
        const { reply, of, text } = await client.execute(`console.log("before"); ${code}`, { timeout: 60_000 });
        assert.equal(reply.content.ename, "OutOfMemory", `${what}: ${JSON.stringify(reply.content)}`);
        assert.match(reply.content.evalue ?? "", /the heap of 128 MiB is full: all variables are gone/);
        assert.equal(of("error").length, 1, what);
        assert.equal(text("stdout"), "before\n", what);
        assert.equal(text("stderr"), "", what);
        assert.equal((await client.execute("6 * 7")).reply.content.status, "ok", what);
      }
      assert.deepEqual(kernel.runtimes(), [kernel.runtime()]);
    } finally {
      await kernel.close();
    }
  });

  it("of the default size does so too", async () => {
    const kernel = await ObservedKernel.start();
    try {
      const { client } = kernel;
      const begun = performance.now();
      const { reply } = await client.execute(hogs["small objects"] ?? "", { timeout: 100_000 });
      console.log(`      2048 MiB full after ${((performance.now() - begun) / 1000).toFixed(1)} s`);
      assert.equal(reply.content.ename, "OutOfMemory", JSON.stringify(reply.content));
      assert.match(reply.content.evalue ?? "", /the heap of 2048 MiB is full/);
      assert.equal((await client.execute("6 * 7")).reply.content.status, "ok");
    } finally {
      await kernel.close();
    }
  });
});

describe("A session of 2,000 cells", function () {
  this.timeout(120_000);

  it("keeps kernel and runtime from growing", async function () {
    if (!hasProc) this.skip();
    const kernel = await ObservedKernel.start();
    try {
      const { client } = kernel;
      const latencies: number[] = [];
      const memory = () => ({
        kernel: Math.round(kernel.memory()),
        runtime: Math.round(kernel.memory(kernel.runtime())),
      });
      let first = memory();
      for (let cell = 0; cell < 2000; cell++) {
        const begun = performance.now();
        const { reply, text } = await client.execute(
          `let x${cell % 50} = ${cell}; console.log(x${cell % 50}); x${cell % 50} + 1`,
        );
        latencies.push(performance.now() - begun);
        assert.equal(reply.content.status, "ok");
        assert.equal(text("stdout"), `${cell}\n`);
        client.forget();
        if (cell === 300) first = memory();
      }
      const last = memory();
      const median = (values: number[]) => values.sort((a, b) => a - b)[values.length >> 1]?.toFixed(2);
      console.log(
        `      median ms: ${median(latencies.slice(100, 400))} -> ${median(latencies.slice(-300))}; ` +
          `MB: ${JSON.stringify(first)} -> ${JSON.stringify(last)}`,
      );
      assert.ok(last.kernel - first.kernel < 60, JSON.stringify({ first, last }));
      assert.ok(last.runtime - first.runtime < 100, JSON.stringify({ first, last }));
    } finally {
      await kernel.close();
    }
  });
});
