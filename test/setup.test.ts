// What `npm start` and `npm test` say when something is missing: one sentence, and exit code 1. The Pythons are scripts
// that answer as the real ones would.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const SETUP = pathToFileURL(fileURLToPath(new URL("../../scripts/setup.mjs", import.meta.url))).href;

describe("setup", function () {
  let path: string;

  before(function () {
    if (process.platform === "win32") this.skip();
  });
  beforeEach(() => {
    path = mkdtempSync(join(tmpdir(), "adjoint-setup-"));
  });
  afterEach(() => rmSync(path, { recursive: true, force: true }));

  function python(name: string, version: number[], complete: boolean): void {
    const answer = JSON.stringify([version, `/somewhere/${name}`, complete]);
    writeFileSync(join(path, name), `#!/bin/sh\necho '${answer}'\n`);
    chmodSync(join(path, name), 0o755);
  }

  function findPython(env: Record<string, string> = {}): { status: number | null; stdout: string; stderr: string } {
    const program = `import { findPython, guarded } from "${SETUP}"; await guarded(() => (console.log(findPython()), 0));`;
    return spawnSync(process.execPath, ["--input-type=module", "-e", program], {
      encoding: "utf8",
      env: { PATH: path, ...env },
    });
  }

  function fails(sentence: RegExp, env?: Record<string, string>): void {
    const { status, stdout, stderr } = findPython(env);
    assert.equal(status, 1);
    assert.equal(stdout, "");
    assert.match(stderr, sentence);
    assert.equal(stderr.trimEnd().split("\n").length, 1);
  }

  it("takes the first Python that JupyterLab accepts and that can make environments", () => {
    python("python3", [3, 9, 1], true);
    python("python", [3, 12, 0], false);
    python("python3.11", [3, 11, 2], true);
    python("python3.10", [3, 10, 2], true);
    const { status, stdout } = findPython();
    assert.deepEqual([status, stdout], [0, "/somewhere/python3.11\n"]);
  });

  it("takes the Python that ADJOINT_PYTHON names and no other", () => {
    python("python3", [3, 13, 1], true);
    python("mine", [3, 10, 1], true);
    assert.equal(findPython({ ADJOINT_PYTHON: join(path, "mine") }).stdout, "/somewhere/mine\n");
    fails(/^\/not\/there is no Python that runs: install Python 3\.10 or newer/, { ADJOINT_PYTHON: "/not/there" });
  });

  it("without Python says what to install and what works without", () => {
    fails(/^Python was not found: install Python 3\.10 or newer .* and try again; notebooks also run without Python: /);
  });

  it("with an old Python says which it is and what is needed", () => {
    python("python3", [3, 8, 10], true);
    fails(/^Python 3\.8\.10 \(\/somewhere\/python3\) is too old for JupyterLab: install Python 3\.10 or newer/);
  });

  it("with a Python that lacks venv says what to install", () => {
    python("python3", [3, 11, 2], false);
    fails(
      /^Python 3\.11\.2 \(\/somewhere\/python3\) lacks its module venv: (run sudo apt-get install python3\.11-venv|install)/,
    );
  });
});
