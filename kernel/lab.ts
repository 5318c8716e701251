// Starts JupyterLab and stays until it ends: finds it, lets through more output than its server does by default (and
// tells the kernel so), prints the address instead of the server's log, and turns the failures that people meet into
// one sentence. Ctrl-C ends the server and its kernels without a question.

import { type ChildProcess, spawn } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { createServer } from "node:net";
import { delimiter, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { FAILED } from "./exit-codes.ts";
import { DEFAULT_NAME } from "./kernelspec.ts";

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

/** Runs JupyterLab with the user's arguments; `folder` is the project's notebooks for `npm start`. Resolves to its exit code. */
export async function runLab(args: string[], folder?: string): Promise<number> {
  const port = portOf(args);
  const complaint = port === undefined ? undefined : await complaintAbout(port);
  if (complaint !== undefined) {
    console.error(complaint);
    return FAILED;
  }
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
    // A kernel that outlives the server holds the log open; the exit alone must do then.
    child.once("exit", (status) => setTimeout(done, 500, status ?? FAILED));
  });
  const stopped = stop();
  if (stopped) return 0;
  if (address === undefined && code !== 0) console.error(explain(log, args));
  return code;
}

function defaults(args: string[], folder: string | undefined): string[] {
  const { messages, bytes } = LIMITS;
  const connection = "--ZMQChannelsWebsocketConnection";
  const added = [`${connection}.iopub_msg_rate_limit=${messages}`, `${connection}.iopub_data_rate_limit=${bytes}`];
  // JupyterLab refuses an option that is given twice.
  const given = (name: RegExp) => args.some((arg) => name.test(arg));
  if (folder !== undefined) {
    if (!given(/^--(notebook-dir|(ServerApp|LabApp)\.(root_dir|notebook_dir))\b/))
      added.push(`--ServerApp.root_dir=${folder}`);
    if (!given(/default_kernel_name/)) added.push(`--MultiKernelManager.default_kernel_name=${DEFAULT_NAME}`);
  }
  // A port that the user asked for and cannot have is an error, not a reason to take another one.
  if (portOf(args) !== undefined) added.push("--ServerApp.port_retries=0");
  if (process.getuid?.() === 0) added.push("--allow-root");
  return added;
}

/** The port that the arguments ask for, as it is written there. */
function portOf(args: string[]): string | undefined {
  const text = args.join("\n");
  return /^--(?:ServerApp\.)?port(?:=|\n)(.*)$/m.exec(text)?.[1];
}

/** Asked before the server is started, which would take seconds to find out. */
async function complaintAbout(port: string): Promise<string | undefined> {
  const number = /^\d+$/.test(port) ? Number(port) : NaN;
  if (!(number <= 65_535)) return `not a port: ${port}: choose one from 1024 to 65535, as in --port 9999`;
  const code = await new Promise<string | undefined>((done) => {
    const probe = createServer();
    probe.once("error", (error: NodeJS.ErrnoException) => done(error.code));
    probe.listen({ port: number, host: "localhost", exclusive: true }, () => probe.close(() => done(undefined)));
  });
  if (code === "EACCES")
    return `port ${port} is for the system's administrator: choose one from 1024 up, as in --port 9999`;
  if (code === "EADDRINUSE") {
    const next = number < 65_535 ? number + 1 : 8888;
    return `port ${port} is taken: choose another one, as in --port ${next}, or leave --port away and a free one is used`;
  }
  return undefined;
}

/** Once the address is shown: warnings, errors, and what the kernels say. The server's own lines start `[L date`. */
function isWorthShowing(line: string): boolean {
  const banner = /^\s*(\[[ID] |\[C [^\]]*\]\s*$|To access the |Or copy and paste|file:\/\/|https?:\/\/)/;
  return line.trim() !== "" && !banner.test(line) && !/No web browser found|received signal/.test(line);
}

function explain(log: string[], args: string[]): string {
  const text = log.map((line) => line.slice(0, 300)).join("\n");
  if (/no available port could be found/.test(text)) return "no free port was found: choose one with --port";
  const port = /port (\d+) is not available/.exec(text)?.[1];
  if (port !== undefined) return `port ${port} is taken: choose another one with --port`;
  return `JupyterLab did not start (jupyter lab ${args.join(" ")}): the end of its log is\n\n${text}`;
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
