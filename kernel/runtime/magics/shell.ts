// Commands of the system: `!command`, `%%bash`, `%%sh`. Each runs in a process group of its own, which an interrupt ends as a whole;
// its output goes to the cell as it comes, and all of it is there before the next line runs.

import { type ChildProcess, spawn, type SpawnOptions } from "node:child_process";
import { constants } from "node:os";
import { StringDecoder } from "node:string_decoder";
import { outputRead } from "../children.ts";
import { currentExecution } from "../execution.ts";
import { nativeTimers } from "../timers.ts";
import { type Call, LineError, type Magic, reasonOf, usageError } from "./magic.ts";

/** Milliseconds that a command has to end after it was interrupted. */
const LONGEST_END = 1000;

/** The largest script that is passed as an argument. */
const LONGEST_ARGUMENT = 100_000;

export interface Ended {
  /** The exit code; minus the number of the signal that ended it. */
  code: number;
  /** What it wrote to standard output, where that is a pipe. */
  output: string;
}

export interface CommandOptions extends Pick<SpawnOptions, "cwd" | "env" | "shell"> {
  /** Takes the standard output instead of the cell. */
  onOutput?(text: string): void;
  /** The same for the standard error. */
  onError?(text: string): void;
  /** The standard input; default: nothing. */
  input?: string;
}

/** Runs a command to its end. Rejects when it cannot be started. */
export async function runCommand(file: string, args: string[], options: CommandOptions): Promise<number> {
  const { onOutput, onError, input, ...spawning } = options;
  const child = spawn(file, args, {
    ...spawning,
    stdio: [input === undefined ? "ignore" : "pipe", onOutput ? "pipe" : "inherit", onError ? "pipe" : "inherit"],
    detached: process.platform !== "win32",
    windowsHide: true,
  });
  const { activities } = currentExecution();
  const activity = { cancel: () => endGroup(child) };
  activities.add(activity);
  read(child.stdout, onOutput);
  read(child.stderr, onError);
  // A command that does not read it to the end closes it.
  child.stdin?.on("error", () => {});
  child.stdin?.end(input);
  try {
    const code = await new Promise<number>((resolve, reject) => {
      child.once("error", reject);
      child.once("exit", (exitCode, signal) => resolve(exitCode ?? -constants.signals[signal ?? "SIGKILL"]));
    });
    await outputRead(child);
    return code;
  } finally {
    activities.delete(activity);
  }
}

function read(stream: NodeJS.ReadableStream | null, onText: ((text: string) => void) | undefined): void {
  if (stream === null || onText === undefined) return;
  const decoder = new StringDecoder("utf8");
  stream.on("data", (chunk: Buffer) => onText(decoder.write(chunk)));
}

/** Ends a command with all that it has started: as Ctrl-C would, and soon after without asking. */
function endGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  const signal = (name: NodeJS.Signals): void => {
    try {
      if (process.platform === "win32") spawn("taskkill", ["/pid", String(pid), "/T", "/F"], { stdio: "ignore" });
      else process.kill(-pid, name);
    } catch {
      // It has ended by itself.
    }
  };
  signal("SIGINT");
  nativeTimers.setTimeout(() => signal("SIGKILL"), LONGEST_END).unref();
}

/** Runs a line in the user's shell, in `process.cwd()`; a value is wanted: the lines of its output. */
async function shellLine({ text, assigned, session }: Call): Promise<string[] | undefined> {
  if (text.trim() === "") throw usageError("'!' needs a command");
  let output = "";
  const take = assigned ? { onOutput: (more: string) => void (output += more) } : {};
  const code = await started(runCommand(text, [], { shell: true, ...take }), "the shell");
  session.provide("_exit_code", code);
  if (!assigned) return undefined;
  const lines = output.split(/\r?\n/);
  if (lines.at(-1) === "") lines.pop();
  return lines;
}

/** A script that fails fails its cell. */
const script =
  (shell: string) =>
  async ({ typed, text, body, session }: Call): Promise<void> => {
    const given = body.length <= LONGEST_ARGUMENT ? ["-c", body, shell] : ["-s", "--"];
    const args = [...given, ...text.split(/\s+/).filter((word) => word !== "")];
    const options = body.length <= LONGEST_ARGUMENT ? {} : { input: body };
    const code = await started(runCommand(shell, args, options), `'${shell}'`);
    session.provide("_exit_code", code);
    if (code === 0) return;
    const ending = code > 0 ? `exit code ${code}` : `signal ${signalName(-code)}`;
    throw new LineError("CommandError", `${typed}: the script ended with ${ending}`);
  };

function signalName(number: number): string {
  return Object.entries(constants.signals).find(([, value]) => value === number)?.[0] ?? String(number);
}

async function started<T>(command: Promise<T>, what: string): Promise<T> {
  try {
    return await command;
  } catch (error) {
    throw new LineError("CommandError", `${what} cannot be started: ${reasonOf(error)}`);
  }
}

export const shellMagics: readonly Magic[] = [
  {
    names: ["!"],
    usage: "COMMAND",
    help: "Runs a command of the system's shell; its exit code is _exit_code, and NAME = !COMMAND gives the lines of its output.",
    line: shellLine,
  },
  {
    names: ["bash"],
    usage: "[ARGUMENT…]",
    help: "Runs the cell as a script of bash; the cell fails when the script does.",
    cell: script("bash"),
  },
  {
    names: ["sh"],
    usage: "[ARGUMENT…]",
    help: "Runs the cell as a script of sh; the cell fails when the script does.",
    cell: script("sh"),
  },
];
