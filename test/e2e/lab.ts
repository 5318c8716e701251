// A real JupyterLab with this kernel in it, for the tests in a browser: its own port, home, settings and root folder, so that
// nothing of the machine's is read or changed. The kernel is installed as a user installs it, and the server's limits are its
// defaults. `adjoint lab` and `npm start` raise those; what works here works there.
import assert from "node:assert/strict";
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

export const root = fileURLToPath(new URL("../../..", import.meta.url));
const WINDOWS = process.platform === "win32";
const BIN = join(root, ".venv", WINDOWS ? "Scripts" : "bin");
const JUPYTER_LAB = join(BIN, WINDOWS ? "jupyter-lab.exe" : "jupyter-lab");

/** Without the question whether to fetch news, which would lie over the page, and without the network that it needs. */
const SETTINGS = {
  "apputils-extension/notification": { fetchNews: "false", checkForUpdates: false, doNotDisturbMode: true },
  // Enter runs a line of a code console if it is complete.
  "console-extension/tracker": { interactionMode: "terminal" },
};

/** What takes the server seconds and has nothing to do with kernels: looking for language servers and for new extensions. */
const WITHOUT = ["--LanguageServerManager.autodetect=False", "--LabApp.extension_manager=readonly"];
const PAGE_CONFIG = { buildCheck: false, buildAvailable: false };

/** Settings of the user's that would lead the server elsewhere. */
const FOREIGN = /^(JUPYTER|JPY_|IPYTHON|PYTHON|XDG_|VIRTUAL_ENV|CONDA_|ADJOINT_|NODE_OPTIONS|MOCHA)/;

export interface LabOptions {
  /** Environment of the server, and so of its kernels. */
  env?: Record<string, string>;
  /** Puts into the folder what shall be there from the beginning. */
  prepare?(folder: string): Promise<void>;
}

export class Lab {
  /** Where JupyterLab answers, with a slash at the end. */
  readonly url: string;
  readonly token: string;
  /** The folder that it shows. */
  readonly folder: string;
  /** The last lines that the server and its kernels have written. */
  readonly log: string[];
  readonly #home: string;
  readonly #process: ChildProcess;

  /** For a `before` hook: skips its suite where the project's Python environment has not been made. */
  static async start(context: Mocha.Context, options: LabOptions = {}): Promise<Lab> {
    if (!existsSync(JUPYTER_LAB)) {
      console.log(`    no ${JUPYTER_LAB}: \`npm test\` makes it`);
      return context.skip();
    }
    const home = await mkdtemp(join(tmpdir(), "lab-"));
    try {
      return await Lab.#startIn(home, options);
    } catch (error) {
      await rm(home, { recursive: true, force: true });
      throw error;
    }
  }

  static async #startIn(home: string, { env = {}, prepare }: LabOptions): Promise<Lab> {
    const place = (name: string) => join(home, name);
    const folder = place("notebooks");
    await mkdir(folder);
    await prepare?.(folder);
    const write = async (name: string, content: object) => {
      await mkdir(dirname(place(name)), { recursive: true });
      await writeFile(place(name), JSON.stringify(content));
    };
    await write(join("config", "labconfig", "page_config.json"), PAGE_CONFIG);
    for (const [id, settings] of Object.entries(SETTINGS)) {
      await write(join("settings", "@jupyterlab", `${id}.jupyterlab-settings`), settings);
    }
    const adjoint = join(root, "bin", "adjoint.js");
    await promisify(execFile)(process.execPath, [adjoint, "install", "--prefix", place("prefix")]);
    const own = Object.fromEntries(Object.entries(process.env).filter(([name]) => !FOREIGN.test(name)));
    const token = randomUUID();
    const child = spawn(
      JUPYTER_LAB,
      [
        "--no-browser",
        "--ServerApp.port=0",
        "--ServerApp.ip=127.0.0.1",
        `--ServerApp.root_dir=${folder}`,
        "--LabApp.expose_app_in_browser=True",
        ...WITHOUT,
        ...(process.getuid?.() === 0 ? ["--allow-root"] : []),
      ],
      {
        cwd: home,
        stdio: ["ignore", "ignore", "pipe"],
        env: {
          ...own,
          HOME: home,
          USERPROFILE: home,
          APPDATA: home,
          JUPYTER_CONFIG_DIR: place("config"),
          JUPYTER_DATA_DIR: place("data"),
          JUPYTER_RUNTIME_DIR: place("runtime"),
          JUPYTER_PATH: place(join("prefix", "share", "jupyter")),
          JUPYTERLAB_SETTINGS_DIR: place("settings"),
          JUPYTERLAB_WORKSPACES_DIR: place("workspaces"),
          JUPYTER_TOKEN: token,
          ADJOINT_HISTORY: "off",
          ...env,
        },
      },
    );
    // Should this process end without its hooks.
    process.once("exit", () => child.kill());
    const log: string[] = [];
    const url = await addressOf(child, log);
    return new Lab(url, token, folder, log, home, child);
  }

  private constructor(url: string, token: string, folder: string, log: string[], home: string, child: ChildProcess) {
    this.url = url;
    this.token = token;
    this.folder = folder;
    this.log = log;
    this.#home = home;
    this.#process = child;
  }

  /** The states of the kernels that the server runs. */
  async kernels(): Promise<{ id: string; execution_state: string }[]> {
    const response = await fetch(`${this.url}api/kernels?token=${this.token}`);
    assert.equal(response.status, 200);
    return (await response.json()) as { id: string; execution_state: string }[];
  }

  /** Ends the server, which ends its kernels, and removes its folders. */
  async close(): Promise<void> {
    if (this.#process.exitCode === null && this.#process.signalCode === null) {
      const ended = new Promise((resolve) => this.#process.once("exit", resolve));
      this.#process.kill("SIGTERM");
      await ended;
    }
    await rm(this.#home, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** Waits until the server has told its address. Its log is kept for the message of a failure. */
function addressOf(child: ChildProcess, log: string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const fail = (why: string) => reject(new Error(`jupyter lab ${why}\n${log.join("\n")}`));
    child.once("error", (error) => fail(`did not start: ${error.message}`));
    child.once("exit", (code, signal) => fail(`ended with ${signal ?? `exit code ${code}`}`));
    assert.ok(child.stderr);
    createInterface({ input: child.stderr }).on("line", (line) => {
      log.push(line);
      if (log.length > 200) log.shift();
      const address = /(http:\/\/\S+?\/)lab\?token=/.exec(line)?.[1];
      if (address !== undefined) resolve(address);
    });
  });
}
