// The command `adjoint` as a process: what it prints, where, and with which exit code.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

async function adjoint(args: string[], options: { env?: NodeJS.ProcessEnv; cwd?: string } = {}): Promise<Ended> {
  const child = spawn(process.execPath, [join(ROOT, "bin", "adjoint.js"), ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    ...options,
  });
  const ended: Ended = { code: null, stdout: "", stderr: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => (ended.stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (ended.stderr += text));
  [ended.code] = (await once(child, "close")) as [number | null];
  return ended;
}

describe("adjoint", () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "adjoint-cli-"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it("--version prints the version of package.json", async () => {
    const { version } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as { version: string };
    assert.deepEqual(await adjoint(["--version"]), { code: 0, stdout: `${version}\n`, stderr: "" });
  });

  it("--help names every command", async () => {
    const { code, stdout } = await adjoint(["--help"]);
    assert.equal(code, 0);
    for (const command of ["install", "uninstall", "lab", "kernel", "run"])
      assert.match(stdout, new RegExp(`  ${command}\\b`));
  });

  const wrong: [string, string[]][] = [
    ["no command", []],
    ["an unknown command", ["instal"]],
    ["an unknown option", ["install", "--nonsense"]],
    ["two locations", ["install", "--user", "--prefix", "x"]],
    ["a name with a slash", ["install", "--name", "a/b"]],
    ["a name of dots", ["install", "--name", ".."]],
    ["a heap that is no number", ["install", "--heap", "much"]],
    ["a policy for types that there is not", ["install", "--typecheck", "maybe"]],
    ["a kernel without a connection file", ["kernel"]],
    ["a kernel with a connection file that is not there", ["kernel", "nowhere.json"]],
    ["a kernel with an unknown option", ["kernel", "x", "--nonsense"]],
  ];
  for (const [name, args] of wrong) {
    it(`wrong usage exits with 64 and says why, without a stack trace: ${name}`, async () => {
      const { code, stdout, stderr } = await adjoint(args, { cwd: folder });
      assert.equal(code, 64);
      assert.equal(stdout, "");
      assert.notEqual(stderr, "");
      assert.doesNotMatch(stderr, /^\s+at /m);
    });
  }

  it("install says what it wrote, uninstall what it removed", async () => {
    const kernel = join(folder, "share", "jupyter", "kernels", "adjoint");
    const installed = await adjoint(["install", "--prefix", folder]);
    assert.equal(installed.code, 0, installed.stderr);
    for (const file of ["kernel.json", "logo-32x32.png", "logo-64x64.png", "logo-svg.svg"]) {
      assert.ok(installed.stdout.includes(`  ${join(kernel, file)}\n`), installed.stdout);
    }
    const removed = await adjoint(["uninstall", "--prefix", folder]);
    assert.equal(removed.code, 0, removed.stderr);
    assert.ok(removed.stdout.endsWith(`  ${kernel}\n`), removed.stdout);
    const again = await adjoint(["uninstall", "--prefix", folder]);
    assert.equal(again.code, 1);
    assert.equal(again.stderr, `adjoint: no kernel is installed in ${kernel}\n`);
  });

  it("install makes the path of a prelude absolute, and keeps the name of a package", async () => {
    writeFileSync(join(folder, "prelude.mjs"), "");
    const argv = async (prelude: string) => {
      await adjoint(["install", "--prefix", ".", "--prelude", prelude], { cwd: folder });
      const spec = readFileSync(join(folder, "share/jupyter/kernels/adjoint/kernel.json"), "utf8");
      return (JSON.parse(spec) as { argv: string[] }).argv.at(-1) ?? "";
    };
    assert.match(await argv("./prelude.mjs"), /^(\/|[A-Z]:).*prelude\.mjs$/);
    assert.match(await argv("prelude.mjs"), /^(\/|[A-Z]:).*prelude\.mjs$/);
    assert.equal(await argv("some-package"), "some-package");
    assert.equal(await argv("none"), "none");
  });

  it("install into a place where a file is in the way is one sentence", async () => {
    writeFileSync(join(folder, "share"), "");
    const { code, stderr } = await adjoint(["install", "--prefix", folder]);
    assert.equal(code, 1);
    assert.match(stderr, /^adjoint: a file is in the way of the folder .*\n$/);
  });

  it("install into a place where no folder can be made is one sentence", async function () {
    if (!existsSync("/proc/self")) this.skip();
    const { code, stderr } = await adjoint(["install", "--prefix", "/proc/nowhere"]);
    assert.equal(code, 1);
    assert.match(
      stderr,
      /^adjoint: \/proc\/nowhere\/share\/jupyter\/kernels\/adjoint cannot be made: choose another --prefix\n$/,
    );
  });

  it("install with a prelude that is not there says so", async () => {
    const { code, stderr } = await adjoint(["install", "--prefix", folder, "--prelude", "./nowhere.mjs"], {
      cwd: folder,
    });
    assert.equal(code, 64);
    assert.match(stderr, /There is no file .*nowhere\.mjs/);
    assert.ok(!existsSync(join(folder, "share")));
  });

  it("lab with a taken port says so at once, before JupyterLab is started", async () => {
    const server = createServer().listen(0, "localhost");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const { code, stderr } = await adjoint(["lab", "--no-browser", "--port", String(port)]);
    server.close();
    assert.equal(code, 1);
    assert.match(
      stderr,
      new RegExp(`^port ${port} is taken: choose another one, as in --port \\d+, or leave --port away.*\\n$`),
    );
  });

  it("lab with a port that is none says so", async () => {
    const { code, stderr } = await adjoint(["lab", "--port=80800"]);
    assert.equal(code, 1);
    assert.match(stderr, /^not a port: 80800: .*\n$/);
  });

  it("without its compiled files it says how to build them", async () => {
    const bin = join(folder, "bin");
    mkdirSync(bin);
    writeFileSync(join(bin, "adjoint.cjs"), readFileSync(join(ROOT, "bin", "adjoint.js")));
    const child = spawn(process.execPath, [join(bin, "adjoint.cjs"), "--version"], {
      stdio: ["ignore", "ignore", "pipe"],
    });
    let stderr = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
    const [code] = (await once(child, "close")) as [number | null];
    assert.equal(code, 1);
    assert.match(stderr, /^adjoint: not built yet: run npm start, or npm run build/);
  });
});
