// The steps that `npm start` and `npm test` share: npm packages, build, Python environment, kernel. Each runs only if its
// inputs have changed since it last succeeded, so the second time needs a second and no network. Plain JavaScript without
// dependencies, since it runs before `npm install`, in a syntax that old versions of Node can read, to tell their users.

import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));

const WINDOWS = process.platform === "win32";
const VENV = join(ROOT, ".venv");
const VENV_PYTHON = join(VENV, WINDOWS ? "Scripts" : "bin", WINDOWS ? "python.exe" : "python");
const OLDEST_NODE = [20, 19];
const OLDEST_PYTHON = [3, 10];
const SOURCES = ["kernel", "lib", "notebooks", "test", "bench"];

/** Something the user can put right; its message is one sentence that says how. */
export class SetupError extends Error {
  /** @param {string} message @param {string} [details] output of the tool that failed, where the sentence alone is too little */
  constructor(message, details) {
    super(message);
    this.details = details || "";
  }
}

/** Runs `main` and turns a SetupError into its sentence and exit code 1. */
export async function guarded(main) {
  try {
    process.exitCode = await main();
  } catch (error) {
    // Anything else is a defect of ours and deserves its stack trace.
    if (!(error instanceof SetupError)) throw error;
    if (error.details) console.error(error.details);
    console.error(error.message);
    process.exitCode = 1;
  }
}

/** Everything, or what needs no Python. */
export async function setUp({ withPython = true } = {}) {
  checkNode();
  // Beside the others, which need no Python and are done also where there is none.
  const environment = withPython && !environmentIsFresh() ? begun(makeEnvironment()) : undefined;
  await step("npm packages", packagesAreThere, installPackages);
  await step("build", buildIsFresh, build);
  if (!withPython) return;
  await step(
    "Python packages",
    () => environment === undefined,
    () => environment,
  );
  await step("kernel", kernelIsRegistered, registerKernel);
}

/** Work whose failure is told where it is awaited. */
function begun(work) {
  work.catch(() => {});
  return work;
}

async function step(name, isDone, work) {
  process.stdout.write(`${name.padEnd(16)}`);
  const start = Date.now();
  let result = "ready";
  try {
    if (!isDone()) result = await work();
  } catch (error) {
    process.stdout.write("failed\n");
    throw error;
  }
  process.stdout.write(`${result} (${((Date.now() - start) / 1000).toFixed(1)} s)\n`);
}

function checkNode() {
  const [major, minor] = process.versions.node.split(".").map(Number);
  if (major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1])) return;
  throw new SetupError(
    `Node ${process.versions.node} is too old: install Node ${OLDEST_NODE.join(".")} or newer from https://nodejs.org and try again`,
  );
}

// npm packages: npm keeps a list of what it has installed, so that is compared with what is wanted.

function packagesAreThere() {
  const installed = readJson(join(ROOT, "node_modules", ".package-lock.json"));
  if (!installed) return false;
  const wanted = readJson(join(ROOT, "package-lock.json"));
  return Object.keys(wanted.packages).every((path) => {
    const there = installed.packages[path];
    if (path === "") return true;
    // Optional packages are for other platforms where they are missing.
    return there ? there.integrity === wanted.packages[path].integrity : Boolean(wanted.packages[path].optional);
  });
}

async function installPackages() {
  // No install scripts: the native packages bring their binaries along, and npm holds the scripts back with a warning.
  const args = ["ci", "--ignore-scripts", "--include=dev", "--no-audit", "--no-fund", "--loglevel=error"];
  // By default npm waits more than a minute before it says that there is no network.
  args.push("--fetch-retry-mintimeout=1000", "--fetch-retry-maxtimeout=5000");
  const npm = process.env.npm_execpath || "";
  const { code, output } = /npm-cli\.[cm]?js$/.test(npm)
    ? await run(process.execPath, [npm, ...args])
    : await run("npm", args, { shell: WINDOWS });
  if (code === 0) return "installed";
  if (isNetworkFailure(output)) throw new SetupError(noNetwork("npm"));
  throw new SetupError("npm ci failed: its output is above", output);
}

// Build.

function buildInputs() {
  const files = SOURCES.flatMap((folder) => filesBelow(folder, /\.ts$/)).sort();
  return hash(
    ["tsconfig.json", "package-lock.json", join("scripts", "build.mjs"), ...files].map((file) => [
      file,
      readText(join(ROOT, file)),
    ]),
  );
}

function buildIsFresh() {
  return stampOf("build") === buildInputs() && existsSync(join(ROOT, "dist", "bundle", "cli.js"));
}

async function build() {
  const inputs = buildInputs();
  removeStaleOutput();
  const { code, output } = await run(process.execPath, [join(ROOT, "scripts", "build.mjs")]);
  if (code !== 0) throw new SetupError("the sources do not compile: the compiler's messages are above", output);
  stamp("build", inputs);
  return "compiled";
}

/** Compiled files whose source is gone would still be imported, and their tests run. */
function removeStaleOutput() {
  for (const folder of SOURCES) {
    for (const file of filesBelow(join("dist", folder), /\.js(\.map)?$/)) {
      const source = file.slice("dist/".length).replace(/\.js(\.map)?$/, ".ts");
      if (!existsSync(join(ROOT, source))) rmSync(join(ROOT, file));
    }
  }
}

// The Python environment. Its folder cannot be moved, hence the path among its inputs.

function environmentInputs() {
  return hash([ROOT, readText(join(ROOT, "requirements.txt"))]);
}

function environmentIsFresh() {
  return existsSync(VENV_PYTHON) && stampOf("python") === environmentInputs();
}

async function makeEnvironment() {
  const inputs = environmentInputs();
  const python = findPython();
  const made = await run(python, ["-m", "venv", "--clear", VENV]);
  if (made.code !== 0) throw new SetupError(`${python} -m venv failed: its output is above`, made.output);
  const args = [
    "-m",
    "pip",
    "install",
    "--quiet",
    "--no-input",
    "--disable-pip-version-check",
    "-r",
    "requirements.txt",
  ];
  const { code, output } = await run(VENV_PYTHON, args, { env: { ...process.env, PIP_USER: "0" } });
  if (code !== 0) {
    if (isNetworkFailure(output)) throw new SetupError(noNetwork("pip"));
    throw new SetupError("pip install -r requirements.txt failed: its output is above", output);
  }
  // JupyterLab runs CommonJS scripts of its own from there, which must not take this project's package.json as theirs.
  writeFileSync(join(VENV, "package.json"), "{}\n");
  stamp("python", inputs);
  return "installed in .venv";
}

/** The first Python that JupyterLab accepts and that can make environments. */
export function findPython() {
  const named = process.env.ADJOINT_PYTHON;
  const newest = [14, 13, 12, 11, 10].map((minor) => [`python3.${minor}`]);
  const candidates = named ? [[named]] : [["python3"], ["python"], ...newest, ...(WINDOWS ? [["py", "-3"]] : [])];
  const question = [
    "import json, sys",
    "try:",
    "  import ensurepip, venv",
    "  complete = True",
    "except ImportError:",
    "  complete = False",
    "print(json.dumps([list(sys.version_info[:3]), sys.executable, complete]))",
  ].join("\n");
  let incomplete, old;
  for (const [command, ...args] of candidates) {
    const { status, stdout } = spawnSync(command, [...args, "-c", question], { encoding: "utf8", cwd: ROOT });
    if (status !== 0) continue;
    const [version, executable, complete] = JSON.parse(stdout);
    const found = { version: version.join("."), minor: version[1], executable };
    if (version[0] !== OLDEST_PYTHON[0] || version[1] < OLDEST_PYTHON[1]) old = old || found;
    else if (complete) return executable;
    else incomplete = incomplete || found;
  }
  const oldest = OLDEST_PYTHON.join(".");
  const without = "notebooks also run without Python: node bin/adjoint.js run NOTEBOOK.ipynb";
  if (incomplete) {
    const remedy = existsSync("/etc/debian_version")
      ? `run sudo apt-get install python3.${incomplete.minor}-venv`
      : "install your system's package for it, or Python from https://www.python.org/downloads/";
    throw new SetupError(
      `Python ${incomplete.version} (${incomplete.executable}) lacks its module venv: ${remedy} and try again; ${without}`,
    );
  }
  if (old) {
    throw new SetupError(
      `Python ${old.version} (${old.executable}) is too old for JupyterLab: install Python ${oldest} or newer and try again; ${without}`,
    );
  }
  throw new SetupError(
    `${named ? `${named} is no Python that runs` : "Python was not found"}: install Python ${oldest} or newer (https://www.python.org/downloads/) and try again; ${without}`,
  );
}

// The kernel.

function kernelInputs() {
  const compiled = readText(join(ROOT, "dist", "kernel", "kernelspec.js"));
  return hash([ROOT, process.execPath, compiled, readText(join(ROOT, "package.json")), environmentInputs()]);
}

function kernelIsRegistered() {
  return (
    existsSync(join(VENV, "share", "jupyter", "kernels", "adjoint", "kernel.json")) &&
    stampOf("kernel") === kernelInputs()
  );
}

async function registerKernel() {
  const { code, output } = await run(process.execPath, [join(ROOT, "bin", "adjoint.js"), "install", "--prefix", VENV]);
  if (code !== 0) throw new SetupError("adjoint install failed: its output is above", output);
  stamp("kernel", kernelInputs());
  return "registered in .venv";
}

// Shared by the steps.

/** Runs a program in the project's folder and resolves to its exit code and all that it printed. */
export function run(command, args, options = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: ROOT, stdio: ["ignore", "pipe", "pipe"], ...options });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      if (stream) stream.setEncoding("utf8").on("data", (text) => (output += text));
    }
    child.once("error", (error) => resolve({ code: 1, output: `${output}${basename(command)}: ${error.message}` }));
    child.once("close", (code, signal) => resolve({ code: code === null ? 1 : code, signal, output }));
  });
}

function isNetworkFailure(output) {
  return /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|ERR_SOCKET_TIMEOUT|Failed to establish a new connection|Temporary failure in name resolution|Could not fetch URL|ConnectTimeout|Read timed out|Connection (refused|broken|aborted|reset)|NameResolutionError|NewConnectionError/i.test(
    output,
  );
}

function noNetwork(tool) {
  return `${tool} cannot reach its package registry: check the network connection (or the proxy settings) and try again; it is needed only this once`;
}

function filesBelow(folder, pattern) {
  if (!existsSync(join(ROOT, folder))) return [];
  return readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder.replace(/\\/g, "/")}/${entry.name}`;
    if (entry.isDirectory()) return entry.name === "node_modules" ? [] : filesBelow(path, pattern);
    return pattern.test(entry.name) ? [path] : [];
  });
}

function readText(file) {
  return readFileSync(file, "utf8");
}

function readJson(file) {
  return existsSync(file) ? JSON.parse(readText(file)) : undefined;
}

function hash(value) {
  return createHash("sha256").update(JSON.stringify(value)).digest("hex");
}

/** A stamp lives and dies with what it vouches for. */
function stampFile(name) {
  return join(ROOT, name === "build" ? "dist" : ".venv", `.stamp-${name}`);
}

function stampOf(name) {
  return existsSync(stampFile(name)) ? readText(stampFile(name)) : undefined;
}

function stamp(name, inputs) {
  mkdirSync(dirname(stampFile(name)), { recursive: true });
  writeFileSync(stampFile(name), inputs);
}
