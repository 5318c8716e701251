// Puts a kernel together from a connection file: session, history, pace, signals.

import { readFileSync } from "node:fs";
import { type Connection, parseConnection } from "./connection.ts";
import { History, historyFile } from "./history.ts";
import { Kernel, type Origin } from "./kernel.ts";
import type { Launch } from "./launch.ts";
import { log as onLog, watchProcess } from "./process.ts";
import type { TypecheckPolicy } from "./typecheck.ts";

/** Runs the kernel of a connection file; resolves when it has shut down. One that cannot start says why, with exit code 1. */
export async function startKernel(
  connectionFile: string,
  options: { prelude?: string | null; heapMegabytes?: number; typecheck?: TypecheckPolicy } = {},
  launched?: Launch,
): Promise<void> {
  try {
    const kernel = new Kernel(read(connectionFile), {
      createSession: async (sessionOptions) =>
        (await import("./session.ts")).createSession<Origin>({ ...sessionOptions, ...options }, launched),
      history: new History(historyFile(), { onLog }),
      // jupyter_server sets the name for the kernels it starts; other front ends have no limits to keep.
      pace: process.env["JPY_SESSION_NAME"] !== undefined && process.env["ADJOINT_OUTPUT_PACE"] !== "off",
      onLog,
    });
    const release = watchProcess({ interrupt: () => kernel.interrupt(), shutdown: () => kernel.close(), log: onLog });
    await kernel.open();
    await kernel.closed;
    release();
  } catch (error) {
    // The file is wrong or a port is taken: whoever started us reads it in our log.
    onLog(error instanceof Error ? error.message : String(error));
    if (launched) abandon(launched);
    process.exitCode = 1;
  }
}

function read(connectionFile: string): Connection {
  const text = readFileSync(connectionFile, "utf8");
  try {
    return parseConnection(text);
  } catch (error) {
    throw new Error(`${connectionFile}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}

/** Ends a runtime that no session has taken, with the shell's command that may still be making its pipes, which go with it. */
function abandon({ child, connected }: Launch): void {
  if (child.exitCode !== null || child.signalCode !== null) {
    connected();
    return;
  }
  child.once("exit", connected);
  if (child.pid === undefined || process.platform === "win32") child.kill("SIGKILL");
  else process.kill(-child.pid, "SIGKILL");
}
