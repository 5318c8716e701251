// The kernel as a process among others: what signals mean to it, whether the process that started it still lives, and that
// no error of ours ends it. Without this a kernel outlives a server that was killed, and keeps its runtime with it.

export interface ProcessEvents {
  /** SIGINT. */
  interrupt(): Promise<void>;
  /** SIGTERM, SIGHUP, or the parent has gone. */
  shutdown(): Promise<void>;
  log(line: string): void;
}

const parentInterval = 1000;
/** What one message may put into the log, whoever has written the text that it quotes. */
const maxLines = 30;
const maxLine = 500;

/** Writes to stderr, each line under our name. */
export function log(text: string): void {
  const lines = text.split("\n").slice(0, maxLines);
  const shown = lines.map((line) => `adjoint: ${line.slice(0, maxLine).replace(/[\0-\x1f\x7f-\x9f]/g, "\ufffd")}\n`);
  process.stderr.write(shown.join(""));
}

/** Begins to watch; the result ends it. */
export function watchProcess({ interrupt, shutdown, log }: ProcessEvents): () => void {
  const failed = (error: unknown) =>
    log(`error in the kernel: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  const onInterrupt = () => void interrupt().catch(failed);
  const onShutdown = () => void shutdown().catch(failed);
  process.on("SIGINT", onInterrupt);
  process.on("SIGTERM", onShutdown);
  process.on("SIGHUP", onShutdown);
  process.on("uncaughtException", failed);
  process.on("unhandledRejection", failed);
  // Whoever read our log may be gone before us; an error for that would be logged, and fail again without end.
  process.stderr.on("error", () => {});

  const parent = process.ppid;
  // jupyter_client sets it for kernels that shall not outlive it. The parent may be a launcher in between: its end counts.
  const timer = process.env["JPY_PARENT_PID"] ? setInterval(watchParent, parentInterval).unref() : undefined;
  function watchParent(): void {
    if (process.ppid === parent && isAlive(parent)) return;
    clearInterval(timer);
    log(`the process that started this kernel (${parent}) has gone; shutting down`);
    onShutdown();
  }

  return () => {
    clearInterval(timer);
    process.off("SIGINT", onInterrupt);
    process.off("SIGTERM", onShutdown);
    process.off("SIGHUP", onShutdown);
  };
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it lives, under another user.
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
