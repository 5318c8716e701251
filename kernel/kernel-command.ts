// `adjoint kernel CONNECTION_FILE`, as Jupyter starts it. It reads its arguments with Node's own parser, because a
// kernel that loads a command-line library before it binds its sockets makes every reader wait.

import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { WRONG_USAGE } from "./exit-codes.ts";
import { type Launch, launch, launchOptions } from "./launch.ts";
import { preludeOf } from "./prelude.ts";
import { POLICIES, type TypecheckPolicy } from "./typecheck.ts";

/** Starts a kernel that runs until it is told to shut down. Wrong arguments set the exit code to 64. */
export async function kernelCommand(args: string[]): Promise<void> {
  const options = parse(args);
  if (typeof options === "string") {
    console.error(`adjoint kernel: ${options}`);
    process.exitCode = WRONG_USAGE;
    return;
  }
  // First of all: it boots on another core while this process loads.
  const launched = tryLaunch(options.settings);
  const { startKernel } = await import("./start-kernel.ts");
  await startKernel(options.connectionFile, options.settings, launched);
}

function tryLaunch(settings: Settings): Launch | undefined {
  try {
    return launch(launchOptions(settings));
  } catch {
    return undefined; // The session will try again, and its failure is told to whoever runs a cell.
  }
}

interface Settings {
  prelude?: string | null;
  heapMegabytes?: number;
  typecheck?: TypecheckPolicy;
}

function parse(args: string[]): { connectionFile: string; settings: Settings } | string {
  let parsed;
  try {
    parsed = parseArgs({
      args,
      allowPositionals: true,
      options: { prelude: { type: "string" }, heap: { type: "string" }, typecheck: { type: "string" } },
    });
  } catch (error) {
    // parseArgs throws for an unknown option or a missing value; its first sentence says which.
    return String(error instanceof Error ? error.message : error).replace(/\. .*/s, "");
  }
  const [connectionFile, ...more] = parsed.positionals;
  if (connectionFile === undefined || more.length > 0) return "expected one connection file, as Jupyter writes it";
  if (!existsSync(connectionFile)) return `no such connection file: ${resolve(connectionFile)}`;
  const settings: Settings = { prelude: preludeOf(parsed.values.prelude) };
  if (parsed.values.heap !== undefined) {
    const heap = heapMegabytes(parsed.values.heap);
    if (heap === undefined) return `--heap: not a number of MiB from 64 up: ${parsed.values.heap}`;
    settings.heapMegabytes = heap;
  }
  if (parsed.values.typecheck !== undefined) {
    const policy = typecheckPolicy(parsed.values.typecheck);
    if (policy === undefined) return `--typecheck: error, warn or off, not ${parsed.values.typecheck}`;
    settings.typecheck = policy;
  }
  return { connectionFile, settings };
}

/** The value of `--typecheck`, or `undefined` if it is none. */
export function typecheckPolicy(text: string): TypecheckPolicy | undefined {
  return POLICIES.find((policy) => policy === text);
}

/** The value of `--heap`, or `undefined` if it is none. */
export function heapMegabytes(text: string): number | undefined {
  const megabytes = Number(text);
  return Number.isInteger(megabytes) && megabytes >= 64 && megabytes <= 1_000_000 ? megabytes : undefined;
}
