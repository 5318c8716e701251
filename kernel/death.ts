// What a request comes to whose runtime died under it, in words for the user: how the process ended, and what is lost.

import type { RuntimeEnd } from "./runtime-process.ts";
import type { ErrorReply } from "./session.ts";

/** How a request ends whose runtime died under it. */
export class Death {
  readonly error: ErrorReply;
  constructor(error: ErrorReply) {
    this.error = error;
  }
}

export function errorOf(ename: string, evalue: string): ErrorReply {
  return { status: "error", ename, evalue, traceback: [`\u001b[1m${ename}: ${evalue}\u001b[0m`] };
}

export function describeEnd(
  { code, signal, outOfMemory, broken, atStart }: RuntimeEnd,
  heapMegabytes: number,
): ErrorReply {
  const gone = "all variables are gone; the next cell runs in a new runtime";
  if (outOfMemory) {
    const hint = "a larger heap: adjoint install --heap MB, or ADJOINT_HEAP_MB";
    return errorOf("OutOfMemory", `the heap of ${heapMegabytes} MiB is full: ${gone} (${hint})`);
  }
  if (broken) return errorOf("RuntimeDied", `the cell broke the connection between runtime and kernel: ${gone}`);
  if (atStart)
    return errorOf("RuntimeDied", "the runtime ended before it was ready; run the cell again to start another");
  if (signal === "SIGABRT") return errorOf("RuntimeDied", `the runtime aborted: ${gone}`);
  if (signal !== null) return errorOf("RuntimeDied", `the runtime was killed by ${signal}: ${gone}`);
  return errorOf("RuntimeDied", `the cell ended its process with exit code ${code}: ${gone}`);
}
