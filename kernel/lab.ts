// Starts JupyterLab and stays until it ends: finds it, lets through more output than its server does by default (and
// tells the kernel so), prints the address instead of the server's log, and turns the failures that people meet into
// one sentence. Ctrl-C ends the server and its kernels without a question.

import { type ChildProcess, spawn } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { FAILED } from "./exit-codes.ts";

const WINDOWS = process.platform === "win32";
const PROJECT = fileURLToPath(new URL("../..", import.meta.url));

/** Per second. The defaults, 1,000 messages and 1 MB, lose output of loops that print; a browser copes with this much. */
const LIMITS = { messages: 100_000, bytes: 100_000_000 };

const LINES_OF_LOG = 40;

/** The program `jupyter-lab` in the project's own environment or else on the PATH; `undefined` if there is none. */
export function findLab(): string | undefined {
  const program = WINDOWS ? "jupyter-lab.exe" : "jupyter-lab";
  const own = join(PROJECT, ".venv", WINDOWS ? "Scripts" : "bin");
  return [own, ...(process.env["PATH"] ?? "").split(delimiter)]
    .filter((folder) => folder !== "")
    .map((folder) => join(folder, program))
    .find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    // Not there or not ours to run: either way the search goes on.
    return false;
  }
}

/** Runs JupyterLab with the user's arguments, in `folder` unless they name another one; resolves to its exit code. */
export async function runLab(args: string[], folder?: string): Promise<number> {
  const program = findLab();
  if (program === undefined) {
    console.error("JupyterLab was not found: run npm start in the project's folder, or pip install jupyterlab");
    return FAILED;
  }
  const child = spawn(program, [...defaults(args, folder), ...args], {
    stdio: ["ignore", "inherit", "pipe"],
    env: { ...process.env, ADJOINT_OUTPUT_PACE: "off" },
    // A group of its own: Ctrl-C in the terminal reaches this process alone, which then ends the server in order.
    detached: !WINDOWS,
  });
  const stop = endOnSignals(child);
  const log: string[] = [];
  let address: string | undefined;
  const lines = createInterface({ input: child.stderr });
  lines.on("line", (line) => {
    log.push(line);
    if (log.length > LINES_OF_LOG) log.shift();
    const found = /https?:\/\/\S+?\/(?:lab|tree)\S*/.exec(line)?.[0];
    if (address === undefined && found !== undefined) {
      address = found;
      console.log(
        `\nJupyterLab is ready. Open this address:\n\n    ${address}\n\nCtrl-C ends JupyterLab and its kernels.`,
      );
    } else if (address !== undefined && isWorthShowing(line)) {
      console.error(line);
    }
  });
  const code = await new Promise<number>((done) => {
    child.once("error", (error) => {
      log.push(`${program}: ${error.message}`);
      done(FAILED);
    });
    child.once("close", (status) => done(status ?? FAILED));
  });
  const stopped = stop();
  if (stopped) return 0;
  if (address === undefined && code !== 0) console.error(explain(log, args));
  return code;
}

function defaults(args: string[], folder: string | undefined): string[] {
  const added = [
    `--ZMQChannelsWebsocketConnection.iopub_msg_rate_limit=${LIMITS.messages}`,
    `--ZMQChannelsWebsocketConnection.iopub_data_rate_limit=${LIMITS.bytes}`,
  ];
  const given = (...names: string[]) =>
    args.some((arg) => names.some((name) => arg === name || arg.startsWith(`${name}=`)));
  if (folder !== undefined && !given("--notebook-dir", "--ServerApp.root_dir")) {
    added.push(`--ServerApp.root_dir=${folder}`);
  }
  // A port that the user asked for and cannot have is an error, not a reason to take another one.
  if (given("--port", "--ServerApp.port")) added.push("--ServerApp.port_retries=0");
  if (process.getuid?.() === 0) added.push("--allow-root");
  return added;
}

/** Once the address is shown: warnings, errors, and what the kernels say. The server's own lines start `[L date`. */
function isWorthShowing(line: string): boolean {
  if (/^\s*(\[[ID] |To access the |Or copy and paste|file:\/\/|https?:\/\/)/.test(line)) return false;
  return line.trim() !== "" && !/No web browser found/.test(line);
}

function explain(log: string[], args: string[]): string {
  const text = log.join("\n");
  const port = /port (\d+) is not available/.exec(text)?.[1];
  if (port !== undefined) {
    const next = Number(port) < 65_535 ? Number(port) + 1 : 8888;
    return /Permission to listen/.test(text)
      ? `port ${port} may not be used by you: choose one from 1024 up, as in --port ${next > 1024 ? next : 8888}`
      : `port ${port} is taken: choose another one, as in --port ${next}, or leave --port away and the next free one is used`;
  }
  if (/no available port could be found/.test(text)) return "no free port was found: choose one with --port";
  return `JupyterLab did not start (jupyter lab ${args.join(" ")}). The end of its log:\n\n${text}`;
}

/** Passes on the signals that ask this process to end; the second time without mercy. The result undoes it and says whether one came. */
function endOnSignals(child: ChildProcess): () => boolean {
  const signals: NodeJS.Signals[] = WINDOWS ? ["SIGINT", "SIGBREAK"] : ["SIGINT", "SIGTERM", "SIGHUP"];
  let count = 0;
  const end = () => {
    count++;
    const { pid } = child;
    if (pid === undefined) return;
    // On Windows the console has sent Ctrl-C to the server already.
    if (count === 1 && !WINDOWS) child.kill("SIGTERM");
    else if (count > 1) killGroup(pid);
  };
  for (const signal of signals) process.on(signal, end);
  return () => {
    for (const signal of signals) process.off(signal, end);
    return count > 0;
  };
}

function killGroup(pid: number): void {
  try {
    process.kill(WINDOWS ? pid : -pid, "SIGKILL");
  } catch {
    // It has ended by itself.
  }
}
