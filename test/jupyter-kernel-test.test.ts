// The suite that Jupyter's developers wrote for kernels, on the installed kernel: `test/jupyter_kernel_suite.py`, run with the
// project's Python against a kernelspec in a folder of its own.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

const python = process.platform === "win32" ? join(".venv", "Scripts", "python.exe") : join(".venv", "bin", "python");

function run(command: string, args: string[], env: NodeJS.ProcessEnv = {}): Promise<{ code: unknown; output: string }> {
  return new Promise((resolve) => {
    execFile(command, args, { env: { ...process.env, ...env } }, (error, stdout, stderr) =>
      resolve({ code: error ? (error.code ?? error.signal) : 0, output: stdout + stderr }),
    );
  });
}

describe("jupyter_kernel_test", function () {
  this.timeout(180_000);
  let folder: string;

  before(async function () {
    if (!existsSync(python)) {
      console.log(`    no ${python}: \`npm test\` makes it`);
      this.skip();
    }
    folder = await mkdtemp(join(tmpdir(), "kernel-suite-"));
    const { code, output } = await run(process.execPath, ["bin/adjoint.js", "install", "--prefix", folder]);
    assert.equal(code, 0, output);
  });
  after(() => (folder === undefined ? undefined : rm(folder, { recursive: true, force: true })));

  it("passes whole, with nothing skipped", async () => {
    const env = { JUPYTER_PATH: join(folder, "share", "jupyter"), ADJOINT_HISTORY: join(folder, "history.jsonl") };
    const { code, output } = await run(python, ["test/jupyter_kernel_suite.py"], env);
    assert.equal(code, 0, output);
    assert.match(output, /^OK$/m, output); // "OK (skipped=1)" if one was
    assert.ok(Number(/^Ran (\d+) tests/m.exec(output)?.[1]) >= 14, output);
  });
});
