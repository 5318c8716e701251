// Where kernels are installed, compared with what Jupyter itself answers in the same environment, and what is written there.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { isAbsolute, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { installKernelspec, kernelsFolder, kernelspec, uninstallKernelspec } from "../kernel/kernelspec.ts";

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const WINDOWS = process.platform === "win32";
const JUPYTER = join(ROOT, ".venv", WINDOWS ? "Scripts/jupyter.exe" : "bin/jupyter");

const NAMES = [
  "HOME",
  "APPDATA",
  "LOCALAPPDATA",
  "XDG_DATA_HOME",
  "JUPYTER_DATA_DIR",
  "JUPYTER_PLATFORM_DIRS",
  "JUPYTER_CONFIG_DIR",
  "JUPYTER_PATH",
];

/** This process's environment with only these of the variables that Jupyter looks at. */
function environment(variables: Record<string, string>): NodeJS.ProcessEnv {
  const rest = Object.entries(process.env).filter(([name]) => WINDOWS || !NAMES.includes(name));
  return { ...Object.fromEntries(rest), JUPYTER_PREFER_ENV_PATH: "0", ...variables };
}

interface SpecList {
  kernelspecs: Record<string, { resource_dir: string; spec: { argv: string[]; interrupt_mode: string } }>;
}

describe("kernelspec", () => {
  let folder: string;

  beforeEach(() => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), "adjoint-kernelspec-")));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const cases: [string, (folder: string) => Record<string, string>][] = [
    ["a home folder", (home) => ({ HOME: home })],
    ["XDG_DATA_HOME", (home) => ({ HOME: home, XDG_DATA_HOME: join(home, "xdg") })],
    ["JUPYTER_DATA_DIR", (home) => ({ HOME: home, JUPYTER_DATA_DIR: join(home, "data") })],
    ["JUPYTER_PLATFORM_DIRS", (home) => ({ HOME: home, JUPYTER_PLATFORM_DIRS: "1" })],
    ["JUPYTER_PLATFORM_DIRS that says no", (home) => ({ HOME: home, JUPYTER_PLATFORM_DIRS: "False" })],
    [
      "JUPYTER_PLATFORM_DIRS and XDG_DATA_HOME",
      (home) => ({ HOME: home, JUPYTER_PLATFORM_DIRS: "1", XDG_DATA_HOME: join(home, "xdg") }),
    ],
    [
      "JUPYTER_PLATFORM_DIRS and a relative XDG_DATA_HOME",
      (home) => ({ HOME: home, JUPYTER_PLATFORM_DIRS: "yes", XDG_DATA_HOME: "xdg" }),
    ],
    [
      "JUPYTER_DATA_DIR before JUPYTER_PLATFORM_DIRS",
      (home) => ({ HOME: home, JUPYTER_PLATFORM_DIRS: "1", JUPYTER_DATA_DIR: join(home, "data") }),
    ],
  ];
  for (const [name, variables] of cases) {
    it(`kernelsFolder finds the user's folder as Jupyter does, with ${name}`, async () => {
      const env = environment(variables(folder));
      const { stdout } = await run(JUPYTER, ["--paths", "--json"], { env });
      const { data } = JSON.parse(stdout) as { data: string[] };
      assert.equal(kernelsFolder({ of: "user" }, env), join(data[0] ?? "", "kernels"));
    });
  }

  it("kernelsFolder resolves a home folder that is a link, as Jupyter does", async function () {
    if (WINDOWS) this.skip();
    const { symlinkSync } = await import("node:fs");
    mkdirSync(join(folder, "real"));
    symlinkSync(join(folder, "real"), join(folder, "link"));
    const env = environment({ HOME: join(folder, "link") });
    const { stdout } = await run(JUPYTER, ["--paths", "--json"], { env });
    const { data } = JSON.parse(stdout) as { data: string[] };
    assert.equal(kernelsFolder({ of: "user" }, env), join(data[0] ?? "", "kernels"));
  });

  const elsewhere: [NodeJS.Platform, Record<string, string>, string][] = [
    ["darwin", { HOME: "/Users/ada" }, "/Users/ada/Library/Jupyter/kernels"],
    [
      "darwin",
      { HOME: "/Users/ada", JUPYTER_PLATFORM_DIRS: "1" },
      "/Users/ada/Library/Application Support/Jupyter/kernels",
    ],
    [
      "win32",
      { USERPROFILE: "C:\\Users\\ada", APPDATA: "C:\\Users\\ada\\AppData\\Roaming" },
      "C:\\Users\\ada\\AppData\\Roaming\\jupyter\\kernels",
    ],
    ["win32", { USERPROFILE: "C:\\Users\\ada" }, "C:\\Users\\ada\\.jupyter\\data\\kernels"],
    [
      "win32",
      { USERPROFILE: "C:\\Users\\ada", LOCALAPPDATA: "D:\\local", JUPYTER_PLATFORM_DIRS: "1" },
      "D:\\local\\Jupyter\\kernels",
    ],
    ["linux", { HOME: "/home/ada", XDG_DATA_HOME: "/data" }, "/data/jupyter/kernels"],
  ];
  for (const [platform, variables, expected] of elsewhere) {
    it(`kernelsFolder on ${platform} is ${expected}`, function () {
      if (WINDOWS && platform !== "win32") this.skip();
      assert.equal(kernelsFolder({ of: "user" }, variables, platform), expected);
    });
  }

  it("kernelsFolder of the environment is that of VIRTUAL_ENV, else of CONDA_PREFIX, else an error", () => {
    const below = (prefix: string) => join(prefix, "share", "jupyter", "kernels");
    assert.equal(kernelsFolder({ of: "environment" }, { VIRTUAL_ENV: "/v", CONDA_PREFIX: "/c" }, "linux"), below("/v"));
    assert.equal(kernelsFolder({ of: "environment" }, { CONDA_PREFIX: "/c" }, "linux"), below("/c"));
    assert.throws(() => kernelsFolder({ of: "environment" }, {}, "linux"), /no Python environment is active/);
  });

  it("kernelspec has absolute paths to programs that exist, and asks for interrupts by message", () => {
    const spec = kernelspec({
      name: "adjoint",
      displayName: "x",
      prelude: null,
      heapMegabytes: 512,
      typecheck: "warn",
    });
    const argv = spec["argv"] as string[];
    assert.deepEqual(argv.slice(2), [
      "kernel",
      "{connection_file}",
      "--prelude",
      "none",
      "--heap",
      "512",
      "--typecheck",
      "warn",
    ]);
    for (const path of argv.slice(0, 2)) assert.ok(isAbsolute(path) && existsSync(path), path);
    assert.equal(spec["interrupt_mode"], "message");
    assert.equal(spec["language"], "typescript");
  });

  it("installKernelspec writes what jupyter kernelspec list shows, and uninstallKernelspec takes it away", async () => {
    const env = environment({ HOME: folder, JUPYTER_PATH: join(folder, "share", "jupyter") });
    const list = async () => {
      const { stdout } = await run(JUPYTER, ["kernelspec", "list", "--json"], { env });
      return (JSON.parse(stdout) as SpecList).kernelspecs;
    };
    const location = { of: "prefix", folder } as const;
    const written = installKernelspec(location, { name: "Adjoint-Test", displayName: "Test" });
    const there = (await list())["adjoint-test"];
    assert.equal(there?.resource_dir, join(folder, "share", "jupyter", "kernels", "adjoint-test"));
    assert.equal(there.spec.interrupt_mode, "message");
    assert.deepEqual(
      written.sort(),
      readdirSync(there.resource_dir)
        .map((file) => join(there.resource_dir, file))
        .sort(),
    );
    assert.deepEqual(uninstallKernelspec(location, "adjoint-test").sort(), [there.resource_dir, ...written].sort());
    assert.equal((await list())["adjoint-test"], undefined);
  });

  it("installKernelspec replaces a kernel of ours and leaves no temporary file", () => {
    const location = { of: "prefix", folder } as const;
    const first = installKernelspec(location, { name: "adjoint", displayName: "One" });
    const second = installKernelspec(location, { name: "adjoint", displayName: "Two" });
    assert.deepEqual(first, second);
    assert.equal(readdirSync(join(folder, "share/jupyter/kernels/adjoint")).length, second.length);
    assert.match(readFileSync(second.at(-1) ?? "", "utf8"), /"display_name": "Two"/);
  });

  it("installKernelspec and uninstallKernelspec leave another program's kernel alone", () => {
    const location = { of: "prefix", folder } as const;
    const other = join(folder, "share/jupyter/kernels/python3");
    mkdirSync(other, { recursive: true });
    writeFileSync(join(other, "kernel.json"), '{"argv": ["python"]}');
    const settings = { name: "python3", displayName: "x" };
    assert.throws(() => installKernelspec(location, settings), /another program's kernel: choose another name/);
    assert.throws(() => uninstallKernelspec(location, "python3"), /another program's kernel: not removed/);
    assert.deepEqual(readdirSync(other), ["kernel.json"]);
  });

  it("uninstallKernelspec leaves files that it did not write", () => {
    const location = { of: "prefix", folder } as const;
    installKernelspec(location, { name: "adjoint", displayName: "x" });
    const note = join(folder, "share/jupyter/kernels/adjoint/note.txt");
    writeFileSync(note, "mine");
    uninstallKernelspec(location, "adjoint");
    assert.deepEqual(readdirSync(join(folder, "share/jupyter/kernels/adjoint")), ["note.txt"]);
  });
});
