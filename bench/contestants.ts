// The kernels that the benchmark compares: how each is had, started and spoken to. tslab is there for the tests; Deno lives in
// bench/peers, a package of its own, so that nobody pays for it who does not run the benchmark; ipykernel in the project's .venv.
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Spec } from "../test/client.ts";
import { tslab, tslabFolder } from "../test/tslab/tslab.ts";

const run = promisify(execFile);

/** The cells of the benchmark in one language. */
export interface Dialect {
  /** The nth small cell: a variable made from that of the cell before, and its value (n + 1) as the result. */
  small(n: number): string;
  /** The nth cell with types to check: a function of its own and that of the cell before, and n + 1 as the result. */
  typed?(n: number): string;
  /** A cell that only its types forbid. */
  wrong?: string;
  /** Defines `point` with the attributes `alpha` and `beta`. */
  point: string;
  lines(count: number): string;
  loop: string;
  exit: string;
}

export interface Contestant {
  name: string;
  dialect: Dialect;
  /** Installs what is missing, and tells the version and how to start it; throws a sentence if it cannot be had. */
  prepare(report: (progress: string) => void): Promise<{ version: string; spec: Spec }>;
}

const typescript: Dialect = {
  small: (n) => (n === 0 ? "let a0 = 1; a0" : `let a${n} = a${n - 1} + 1; a${n}`),
  typed: (n) =>
    `interface Box${n} { value: number; label: string }
function box${n}(value: number): Box${n} { return { value, label: String(value) } }
${n === 0 ? "box0(1).value" : `[box${n - 1}(${n})].map((box) => box${n}(box.value + 1).value)[0]`}`,
  wrong: 'let wrong: number = "text"; wrong',
  point: "const point = { alpha: 1, beta: 2 }",
  lines: (count) => `for (let i = 0; i < ${count}; i++) console.log("line " + i)`,
  loop: "while (true) {}",
  exit: "process.exit(1)",
};

const python: Dialect = {
  small: (n) => (n === 0 ? "a0 = 1\na0" : `a${n} = a${n - 1} + 1\na${n}`),
  point: "from types import SimpleNamespace\npoint = SimpleNamespace(alpha=1, beta=2)",
  lines: (count) => `for i in range(${count}): print("line " + str(i))`,
  loop: "while True: pass",
  exit: "import os\nos._exit(1)",
};

interface Manifest {
  version: string;
  dependencies: Record<string, string>;
}

async function manifest(folder: string): Promise<Manifest> {
  return JSON.parse(await readFile(join(folder, "package.json"), "utf8")) as Manifest;
}

/** What a process that failed wrote to stderr, in one line. */
function reason(error: unknown): string {
  const { stderr = "", message } = error as Error & { stderr?: string };
  return (stderr.trim() || message)
    .split(/\s*\n\s*/)
    .slice(0, 4)
    .join("; ");
}

/** The folder of a peer from npm and its version; all peers are installed when this one is not as pinned. */
export async function npmPeer(peers: string, name: string, report: (progress: string) => void) {
  const folder = join(peers, "node_modules", name);
  const wanted = (await manifest(peers)).dependencies[name];
  const installed = existsSync(folder) ? (await manifest(folder)).version : undefined;
  if (installed !== wanted) {
    report(`installing ${name} ${wanted} into ${peers}`);
    const npm = process.env["npm_execpath"]; // set when npm runs us; on Windows plain npm needs a shell
    const [command, args]: [string, string[]] = npm ? [process.execPath, [npm]] : ["npm", []];
    try {
      await run(command, [...args, "ci", "--ignore-scripts", "--no-audit", "--no-fund"], { cwd: peers, shell: !npm });
    } catch (error) {
      throw new Error(`npm ci in ${peers} failed: ${reason(error)}`, { cause: error });
    }
  }
  return { folder, version: (await manifest(folder)).version };
}

/** `scratch` is a folder for what the kernels keep, so that the reader's own histories stay as they are. */
export function contestants(project: string, scratch: string, pythonPath?: string): Contestant[] {
  const peers = join(project, "bench", "peers");
  return [
    {
      name: "adjoint",
      dialect: typescript,
      async prepare() {
        const { version } = await manifest(project);
        const spec = node(join(project, "bin", "adjoint.js"), "kernel", "{connection_file}");
        return { version, spec: { ...spec, env: { ADJOINT_HISTORY: join(scratch, "history.jsonl") } } };
      },
    },
    {
      name: "tslab",
      dialect: typescript,
      async prepare() {
        return { version: (await manifest(tslabFolder)).version, spec: tslab };
      },
    },
    {
      name: "deno",
      dialect: typescript,
      async prepare(report) {
        const { version } = await npmPeer(peers, "deno", report);
        // The binary itself, not the Node wrapper of the package: that is what `deno jupyter --install` writes down.
        const folder = join(peers, "node_modules", "@deno");
        const binary = (await readdir(folder))
          .map((platform) => join(folder, platform, process.platform === "win32" ? "deno.exe" : "deno"))
          .find((path) => existsSync(path));
        if (binary === undefined)
          throw new Error(`no deno binary for ${process.platform} ${process.arch} in ${folder}`);
        const argv = [binary, "jupyter", "--kernel", "--conn", "{connection_file}"];
        return { version, spec: { argv, env: { DENO_NO_UPDATE_CHECK: "1" } } };
      },
    },
    {
      name: "ipykernel",
      dialect: python,
      async prepare(report) {
        const inVenv = process.platform === "win32" ? ["Scripts", "python.exe"] : ["bin", "python"];
        const command = pythonPath ?? join(project, ".venv", ...inVenv);
        if (!existsSync(command)) throw new Error(`no ${command}: npm test makes it, or name one with --python`);
        const requirements = join(project, "bench", "requirements.txt");
        const wanted = /ipykernel==(\S+)/.exec(await readFile(requirements, "utf8"))?.[1] ?? "";
        const ask = ["-c", "import ipykernel; print(ipykernel.__version__)"];
        const installed = await run(command, ask).then(
          ({ stdout }) => stdout.trim(),
          () => undefined, // not installed
        );
        if (installed !== wanted) {
          report(`installing ipykernel ${wanted}`);
          try {
            await run(command, ["-m", "pip", "install", "--quiet", "-r", requirements]);
          } catch (error) {
            throw new Error(`pip install -r ${requirements} failed: ${reason(error)}`, { cause: error });
          }
        }
        const argv = [command, "-m", "ipykernel_launcher", "-f", "{connection_file}"];
        return { version: wanted, spec: { argv, env: { IPYTHONDIR: join(scratch, "ipython") } } };
      },
    },
  ];
}

function node(...args: string[]): Spec {
  return { argv: [process.execPath, ...args] };
}
