// Starts the process in which cells run. It needs little, so that a kernel can start it before it loads the rest of itself: the
// second Node boots while the first opens its sockets. The runtime gets three named pipes, made and opened by the shell that
// becomes the runtime, and two sockets by which it is told what to do.

import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import type { Duplex, Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { closeWriters, type Fifo, fifoPaths, openFifos, removeFifos } from "./fifos.ts";
import { MARK_VARIABLE } from "./process-tree.ts";
import { CONTROL_FD, OUTPUT_FD, REQUEST_FD } from "./runtime/messages.ts";

export interface LaunchOptions {
  /** The folder that cells run in. */
  folder: string;
  /** Largest JavaScript heap. */
  heapMegabytes: number;
}

const DEFAULT_HEAP_MEGABYTES = 2048;

/** The least heap in which the runtime itself comes up. */
const SMALLEST_HEAP_MEGABYTES = 64;

/** The settings of a launch with what they default to. Throws a RangeError for a heap that is none. */
export function launchOptions(given: { folder?: string; heapMegabytes?: number }): LaunchOptions {
  const heapMegabytes = given.heapMegabytes ?? Number(process.env["ADJOINT_HEAP_MB"] ?? DEFAULT_HEAP_MEGABYTES);
  if (!Number.isInteger(heapMegabytes) || heapMegabytes < SMALLEST_HEAP_MEGABYTES) {
    throw new RangeError(
      `the heap must be a whole number of MiB, ${SMALLEST_HEAP_MEGABYTES} or more: ${heapMegabytes}`,
    );
  }
  return { folder: resolve(given.folder ?? process.cwd()), heapMegabytes };
}

/** A pipe; its descriptor, where it can also be read without waiting. */
export interface Source {
  stream: Readable;
  descriptor: number | undefined;
}

export interface Launch {
  child: ChildProcess;
  /** In the environment of the runtime and of all that it starts. */
  mark: string;
  requests: Duplex;
  control: Duplex;
  /** Calls back when the runtime's end of either socket has gone while its process lives. */
  onDisconnect(callback: () => void): void;
  /** The runtime's pipes once they can be read; rejects when the process ends before that. */
  open(): Promise<{ frames: Source; stdout: Source; stderr: Source }>;
  /** The runtime is up, or has ended: what was needed to connect to it goes. */
  connected(): void;
}

const main = fileURLToPath(new URL("./runtime/main.js", import.meta.url));

/** Opened for reading and writing, a FIFO does not wait for its other end. */
const CONNECT = `mkfifo -m 600 "$1" "$2" "$3" && exec ${OUTPUT_FD}<>"$1" 1<>"$2" 2<>"$3" && shift 3 && exec "$@"`;

/** Milliseconds by which the news of an exit may come after the end of its sockets. */
const EXIT_NEWS = 500;

/** The same after the end of the interrupt thread, which goes first: Node waits for all that V8 still compiles, 0.2 s where nothing else runs. */
const THREAD_NEWS = 5000;

let launches = 0;

export function launch({ folder, heapMegabytes }: LaunchOptions): Launch {
  const mark = `${process.pid}-${Date.now()}-${++launches}`;
  const node = [
    process.execPath,
    `--max-old-space-size=${heapMegabytes}`,
    "--no-force-async-hooks-checks",
    "--disable-warning=ExperimentalWarning",
    // For runtime/modules.ts.
    "--experimental-vm-modules",
    "--experimental-import-meta-resolve",
    // For runtime/async-hooks.ts.
    "--expose-internals",
    "--disable-warning=internal/test/binding",
    main,
  ];
  const windows = process.platform === "win32";
  const places = windows ? undefined : fifoPaths(3);
  const options = {
    cwd: folder,
    env: { ...process.env, [MARK_VARIABLE]: mark },
    // A group of its own: a Ctrl-C in the terminal is for the kernel, which decides what it means for a cell and its children.
    detached: !windows,
    windowsHide: true,
  };
  const stdio: ("ignore" | "inherit" | "pipe")[] = places
    ? ["ignore", "ignore", "inherit", "pipe", "ignore", "pipe"]
    : ["ignore", "pipe", "pipe", "pipe", "pipe", "pipe"];
  const [command = "", ...args] = places ? ["/bin/sh", "-c", CONNECT, "adjoint", ...places.paths, ...node] : node;
  const child = spawn(command, args, { ...options, stdio });
  const descriptors = child.stdio as unknown as readonly (Duplex | null | undefined)[];
  let ended = false;
  for (const event of ["exit", "error"]) child.once(event, () => (ended = true));
  let fifos: Fifo[] | undefined;

  async function open(): ReturnType<Launch["open"]> {
    if (places === undefined) {
      const stream = (fd: number): Source => ({ stream: descriptors[fd] as Readable, descriptor: undefined });
      return { frames: stream(OUTPUT_FD), stdout: stream(1), stderr: stream(2) };
    }
    while (!places.paths.every((path) => existsSync(path))) {
      if (ended) throw new Error(`its pipes in ${places.folder} could not be made`);
      await sleep(1);
    }
    const [frames, stdout, stderr] = (fifos = openFifos(places.paths));
    if (!frames || !stdout || !stderr) throw new Error("three pipes were wanted");
    return { frames, stdout, stderr };
  }

  const requests = duplexOf(descriptors[REQUEST_FD]);
  const control = duplexOf(descriptors[CONTROL_FD]);
  return {
    child,
    mark,
    requests,
    control,
    onDisconnect(callback) {
      const check = () => !ended && callback();
      // When the process ends, so do its sockets, a moment before its exit is known.
      // One that is written to after it has gone fails instead of ending.
      for (const event of ["end", "close"]) {
        requests.resume().once(event, () => setTimeout(check, EXIT_NEWS).unref());
        control.resume().once(event, () => setTimeout(check, THREAD_NEWS).unref());
      }
    },
    open,
    connected() {
      if (fifos !== undefined) closeWriters(fifos);
      fifos = undefined;
      if (places !== undefined) removeFifos(places.folder);
    },
  };
}

function duplexOf(stream: Duplex | null | undefined): Duplex {
  if (!stream) throw new Error("a piped descriptor is a stream");
  // EPIPE and ECONNRESET when the runtime dies: its exit says so.
  stream.on("error", () => {});
  return stream;
}
