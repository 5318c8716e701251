// `%npm` in a notebook's folder that lies in somebody's project, from folders and from a registry of the test's own: no network.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { type Cell, TestSession } from "../session-harness.ts";

/** A package in a folder. */
function makePackage(parent: string, name: string, version: string): string {
  const folder = join(parent, name);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), JSON.stringify({ name, version, type: "module", exports: "./index.js" }));
  writeFileSync(join(folder, "index.js"), `export const version = ${JSON.stringify(version)};\n`);
  return folder;
}

describe("Session %npm", function () {
  this.timeout(60_000);
  let root: string;
  let folder: string;
  let session: TestSession;
  let registry: Server;
  let url: string;
  /** Requests for a package that never comes. */
  const pending: ServerResponse[] = [];
  const project = { name: "project", private: true, workspaces: ["notes"], dependencies: {} };

  before(async () => {
    root = realpathSync(mkdtempSync(join(tmpdir(), "adjoint-npm-")));
    folder = join(root, "notes");
    mkdirSync(join(root, "node_modules"));
    mkdirSync(folder);
    writeFileSync(join(root, "package.json"), JSON.stringify(project));
    const packed = join(root, "packed");
    mkdirSync(packed);
    const published = makePackage(packed, "published", "2.1.0");
    execFileSync("npm", ["pack", "--silent", "--pack-destination", packed, published], { cwd: packed });
    registry = createServer((request, response) => {
      const path = request.url ?? "";
      if (path.endsWith(".tgz")) response.end(readFileSync(join(packed, basename(path))));
      else if (path === "/published") {
        const dist = { tarball: `${url}published-2.1.0.tgz` };
        response.end(
          JSON.stringify({
            name: "published",
            "dist-tags": { latest: "2.1.0" },
            versions: { "2.1.0": { name: "published", version: "2.1.0", dist } },
          }),
        );
      } else if (path === "/never") {
        pending.push(response);
        registry.emit("pending", response);
      } else response.writeHead(404, { "content-type": "application/json" }).end('{"error": "not found"}');
    });
    await once(registry.listen(0, "127.0.0.1"), "listening");
    url = `http://127.0.0.1:${(registry.address() as AddressInfo).port}/`;
    session = new TestSession({ folder });
    const env = [`npm_config_registry=${url}`, `npm_config_cache=${join(root, "cache")}`, "npm_config_fetch_retries=0"];
    await session.run(env.map((setting) => `%env ${setting}`).join("\n"));
  });
  after(async () => {
    for (const response of pending) response.destroy();
    registry.close();
    await session.close();
    rmSync(root, { recursive: true, force: true });
  });

  const run = async (code: string): Promise<Cell> => {
    const cell = await session.run(code);
    assert.equal(cell.traceback, "");
    return cell;
  };

  it("leaves nothing behind where it fails, and shows npm's own words", async () => {
    const cell = await session.run("%npm install no-such-package\nconsole.log('not reached')");
    assert.match(cell.traceback, /^NpmError: code E404\n404 Not Found - GET http:.*no-such-package/);
    assert.match(cell.traceback, /\nCell \[\d+\], line 1, column 1\n> 1 \| %npm install no-such-package\n/);
    assert.ok(!/^\s+at /m.test(cell.traceback));
    assert.ok(!cell.traceback.includes("complete log"));
    assert.equal(cell.text(), "");
    assert.ok(!existsSync(join(folder, "package.json")));
  });

  it("is interrupted, and the session goes on", async () => {
    const { cell, done } = session.start("%npm install never\nconsole.log('not reached')");
    const [response] = (await once(registry, "pending")) as [ServerResponse];
    const closed = once(response, "close");
    await session.session.interrupt();
    const { errors } = await done;
    assert.deepEqual(
      errors.map(({ ename }) => ename),
      ["KeyboardInterrupt"],
    );
    await closed;
    assert.equal(cell.text(), "");
    assert.equal((await run("1 + 1")).result, "2");
  });

  it("installs beside the notebook what the next line imports, and says where and what", async () => {
    const before = readFileSync(join(root, "package.json"), "utf8");
    assert.match((await session.run('import "local-package";')).traceback, /cannot find package 'local-package'/);
    makePackage(folder, "local-package", "1.0.3");
    const cell = await run('%npm install ./local-package\nimport { version } from "local-package";\nversion');
    assert.equal(cell.result, "'1.0.3'");
    assert.match(cell.text(), /\ninstalled local-package@1\.0\.3 in .*notes\/node_modules\n$/);
    assert.equal(readFileSync(join(root, "package.json"), "utf8"), before);
    assert.ok(!existsSync(join(root, "package-lock.json")));
    assert.deepEqual(JSON.parse(readFileSync(join(folder, "package.json"), "utf8")), {
      private: true,
      dependencies: { "local-package": "file:local-package" },
    });
  });

  it("shows what it fetches in one line, and its version at the end", async () => {
    const cell = await run('%npm install published@^2\nimport { version as published } from "published";\npublished');
    assert.equal(cell.result, "'2.1.0'");
    assert.match(cell.text(), /\ninstalled published@2\.1\.0 in .*notes\/node_modules\n$/);
    const progress = cell.outputs.flatMap((output) => ("transient" in output ? [output] : []));
    assert.equal(progress[0]?.type, "display_data");
    assert.ok(progress.slice(1).every(({ type }) => type === "update_display_data"));
    assert.equal(new Set(progress.map(({ transient }) => transient.display_id)).size, 1);
    assert.equal(progress.at(-1)?.data["text/plain"], "npm: 2 fetched");
    assert.equal(cell.text("stderr"), "");
  });

  it("says the version of what is there already, and of all without a name", async () => {
    assert.match((await run("%npm install local-package")).text(), /\ninstalled local-package@1\.0\.3 in /);
    assert.match((await run("%npm i")).text(), /\ninstalled local-package@1\.0\.3, published@2\.1\.0 in /);
  });

  it("says that another version is seen after a restart", async () => {
    makePackage(folder, "newer", "2.0.0");
    makePackage(join(folder, "newer"), "local-package", "3.0.0");
    const cell = await run("%npm install ./newer/local-package");
    assert.match(cell.text(), /\ninstalled local-package@3\.0\.0 in /);
    assert.match(cell.text("stderr"), /^if local-package@1\.0\.3 was imported in this session, restart the kernel/);
  });

  it("works in the notebook's folder wherever the cell is, and passes other commands on", async () => {
    await run(`%cd ${root}`);
    assert.match((await run("%npm ls")).text(), /notes\n├── local-package@3\.0\.0 -> .*\n└── published@2\.1\.0\n/);
    await run("%npm uninstall local-package");
    assert.ok(!existsSync(join(folder, "node_modules", "local-package")));
    assert.equal((await run("%npm ls local-package\n_exit_code")).result, "1");
    assert.match((await session.run("%npm")).traceback, /^UsageError: %npm needs a command/);
    const unknown = await session.run("%npm nonsense");
    assert.match(unknown.text() + unknown.text("stderr"), /Unknown command: "nonsense"/);
    assert.match(unknown.traceback, /^NpmError: npm nonsense ended with exit code 1\n/);
  });
});
