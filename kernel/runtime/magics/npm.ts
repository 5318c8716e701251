// `%npm`: the npm that belongs to this Node, in the notebook's folder. What it installs stays there, whatever package.json or
// workspace lies above: `--prefix` keeps npm from looking. Imports below the line find it.

import { randomUUID } from "node:crypto";
import { existsSync, readFileSync, realpathSync, unlinkSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join, resolve } from "node:path";
import { currentExecution } from "../execution.ts";
import { print, show } from "../output.ts";
import { type Call, LineError, type Magic, reasonOf, usageError, words } from "./magic.ts";
import { runCommand } from "./shell.ts";

const INSTALL = new Set(["install", "i", "in", "ins", "inst", "insta", "instal", "add"]);
/** These end with another exit code than 0 to answer. */
const ANSWERS = new Set(["ls", "list", "la", "ll", "outdated", "audit", "diff"]);

/** What the notebook's folder gets that has no package.json. */
const MANIFEST = '{\n  "private": true\n}\n';

/** The script of npm that came with this Node; else the first one that `PATH` knows. */
function npmScript(): string {
  const installed = (bin: string): string[] => [
    join(bin, "..", "lib", "node_modules", "npm", "bin", "npm-cli.js"),
    join(bin, "node_modules", "npm", "bin", "npm-cli.js"),
  ];
  const linked = (process.env["PATH"] ?? "").split(delimiter).map((folder) => join(folder, "npm"));
  const candidates = [
    ...installed(dirname(process.execPath)),
    ...installed(dirname(realpathSync(process.execPath))),
    ...linked.filter((path) => existsSync(path)).map((path) => realpathSync(path)),
  ];
  const found = candidates.find((path) => path.endsWith("npm-cli.js") && existsSync(path));
  if (found === undefined) throw new LineError("NpmError", `there is no npm beside ${process.execPath}, nor in PATH`);
  return found;
}

/** Not what `npm start` says of the package that it starts. */
function environment(): NodeJS.ProcessEnv {
  const own =
    /^npm_(?:package_|lifecycle_|command$|config_(?:local_prefix|prefix|global|workspaces?|include_workspace_root)$)/i;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !own.test(name)));
}

interface Manifest {
  [field: string]: unknown;
  version?: unknown;
}

function readManifest(path: string): Manifest {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as Manifest;
  } catch {
    return {}; // There is none, or npm will say what is wrong with it.
  }
}

/** Name and range of all that a package.json asks for. */
function dependencies(folder: string): Map<string, string> {
  const manifest = readManifest(join(folder, "package.json"));
  const groups = ["peerDependencies", "optionalDependencies", "devDependencies", "dependencies"];
  return new Map(groups.flatMap((group) => Object.entries((manifest[group] ?? {}) as Record<string, string>)));
}

/** The names of what was asked for, as npm has put them down. */
function namesOf(given: readonly string[], folder: string, before: ReadonlyMap<string, string>): string[] {
  const after = dependencies(folder);
  const names = new Set([...after].filter(([name, range]) => before.get(name) !== range).map(([name]) => name));
  for (const argument of given) {
    const name = /^(?:@[^/@]+\/)?[^@/\\]+/.exec(argument)?.[0] ?? "";
    if (existsSync(join(folder, "node_modules", name, "package.json"))) names.add(name);
    for (const [dependency, range] of after)
      if (range.startsWith("file:") && resolve(folder, range.slice(5)) === resolve(folder, argument))
        names.add(dependency);
  }
  return given.length === 0 ? [...after.keys()] : [...names];
}

function versionOf(name: string, folder: string): string | undefined {
  const { version } = readManifest(join(folder, "node_modules", name, "package.json"));
  return version === undefined ? undefined : String(version);
}

const LONGEST_LIST = 20;

function installed(names: readonly string[], folder: string): string {
  const modules = join(folder, "node_modules");
  const all = names.map((name) => `${name}@${versionOf(name, folder) ?? "?"}`);
  const listed = all.slice(0, LONGEST_LIST).join(", ");
  const more = all.length > LONGEST_LIST ? ` and ${all.length - LONGEST_LIST} more` : "";
  return all.length === 0 ? `nothing to install in ${modules}\n` : `installed ${listed}${more} in ${modules}\n`;
}

/** Milliseconds between two updates of what is being fetched. */
const PROGRESS_PACE = 250;

/** Shows what npm fetches, in one line that changes. */
class Progress {
  readonly #id = randomUUID();
  #fetched = 0;
  #shown = 0;

  fetched(url: string): void {
    this.#fetched++;
    const now = performance.now();
    if (this.#fetched > 1 && now - this.#shown < PROGRESS_PACE) return;
    this.#shown = now;
    this.#show(`npm: ${this.#fetched} fetched, ${decodeURIComponent(url.split("/").at(-1) ?? url)}`);
  }

  end(): void {
    if (this.#fetched > 0) this.#show(`npm: ${this.#fetched} fetched`);
  }

  #first = true;
  #show(text: string): void {
    const type = this.#first ? "display_data" : "update_display_data";
    this.#first = false;
    show({ type, data: { "text/plain": text }, metadata: {}, transient: { display_id: this.#id } });
  }
}

/** Reads what npm says line by line: fetches become progress, errors the error, the rest is printed. */
class Report {
  readonly errors: string[] = [];
  readonly #progress = new Progress();
  #rest = "";

  readonly onError = (text: string): void => {
    const lines = (this.#rest + text).split("\n");
    this.#rest = lines.pop() ?? "";
    for (const line of lines) this.#line(line);
  };

  end(): void {
    if (this.#rest !== "") this.#line(this.#rest);
    this.#rest = "";
    this.#progress.end();
  }

  #line(line: string): void {
    const [, level, message = ""] = /^npm (ERR!|error|http)\s?(.*)$/.exec(line) ?? [];
    const url = level === "http" ? /^(?:fetch )?(?:GET|POST) \d+ (\S+)/.exec(message)?.[1] : undefined;
    if (url !== undefined) this.#progress.fetched(url);
    else if (level === "error" || level === "ERR!") this.errors.push(message);
    else if (level === undefined) print("stderr", `${line}\n`);
  }

  /** npm's own words, without where it keeps its log. */
  get message(): string {
    return this.errors
      .filter((line) => line.trim() !== "" && !/complete log of this run|^\s+\S+-debug-\d+\.log$/.test(line))
      .join("\n");
  }
}

async function npm({ text, typed, session }: Call): Promise<void> {
  const args = words(text);
  const command = args.find((argument) => !argument.startsWith("-")) ?? "";
  const { folder } = session;
  const isInstall = INSTALL.has(command);
  const elsewhere = args.some((argument) => /^(?:-g|--global|--prefix(?:=.*)?|--location=global)$/.test(argument));
  const options = elsewhere ? [] : ["--prefix", folder];
  if (isInstall) options.push("--no-fund", "--no-audit", "--loglevel=http");
  options.push("--no-update-notifier");
  const manifest = join(folder, "package.json");
  const isNew = isInstall && !elsewhere && !existsSync(manifest);
  const script = npmScript();
  if (isNew) {
    try {
      writeFileSync(manifest, MANIFEST, { flag: "wx" });
    } catch (error) {
      throw new LineError("NpmError", `${typed}: cannot write '${manifest}': ${reasonOf(error)}`);
    }
  }
  const before = dependencies(folder);
  const versions = new Map([...before.keys()].map((name) => [name, versionOf(name, folder)]));
  const report = new Report();
  let code = -1;
  try {
    const take = { onOutput: printLines, onError: report.onError };
    // Options of ours first, so that the user's own win.
    const all = [script, ...options, ...args];
    code = await runCommand(process.execPath, all, { cwd: folder, env: environment(), ...take });
  } finally {
    report.end();
    if (isNew && code !== 0 && readManifestText(manifest) === MANIFEST) unlinkSync(manifest);
  }
  session.provide("_exit_code", code);
  if (currentExecution().interrupted) return;
  if (code !== 0 && (!ANSWERS.has(command) || report.errors.length > 0)) {
    throw new LineError("NpmError", report.message || `npm ${command} ended with exit code ${code}`);
  }
  if (isInstall && !elsewhere) {
    const given = args.filter((argument) => argument !== command && !argument.startsWith("-"));
    const names = namesOf(given, folder, before);
    print("stdout", installed(names, folder));
    // Node keeps what it has imported for as long as the process lives.
    const changed = names.filter((name) => ![undefined, versionOf(name, folder)].includes(versions.get(name)));
    const was = changed.map((name) => `${name}@${versions.get(name)}`).join(", ");
    if (was !== "")
      print("stderr", `if ${was} was imported in this session, restart the kernel to get the new version\n`);
  }
}

function readManifestText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return ""; // It is gone already.
  }
}

/** Without the blank lines that npm puts around what it says. */
function printLines(text: string): void {
  print("stdout", text.replace(/^\n+/, "").replace(/\n{2,}/g, "\n"));
}

async function run(call: Call): Promise<void> {
  if (call.text === "") throw usageError("%npm needs a command: %npm install PACKAGE…");
  await npm(call);
}

export const npmMagics: readonly Magic[] = [
  {
    names: ["npm"],
    usage: "install PACKAGE…",
    help: "Installs packages beside the notebook, for the imports below; other commands of npm run in the same folder.",
    line: run,
  },
];
