// Pipes with a name for a moment. Node connects a child process by sockets, and a socket cannot be opened by name: `> /dev/stderr`
// fails in such a child. A FIFO can, so whatever ends up as somebody's standard output is one.

import { closeSync, constants, mkdtempSync, openSync, rmSync } from "node:fs";
import { Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface Fifo {
  readonly stream: Socket;
  /** The stream's own; reading from it does not wait. */
  readonly descriptor: number;
  /** Keeps the stream from ending before the other process has the pipe; closed here once it has. */
  readonly writer: number;
}

/** A folder that only this user can read, with the paths at which FIFOs are to be made. */
export function fifoPaths(count: number): { folder: string; paths: string[] } {
  const folder = mkdtempSync(join(tmpdir(), "adjoint-"));
  return { folder, paths: Array.from({ length: count }, (_, index) => join(folder, String(index))) };
}

/** Opens both ends of FIFOs that exist. */
export function openFifos(paths: readonly string[]): Fifo[] {
  return paths.map((path) => {
    const descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const stream = new Socket({ fd: descriptor, readable: true, writable: false });
    return { stream, descriptor, writer: openSync(path, constants.O_WRONLY) };
  });
}

export function closeWriters(fifos: readonly Fifo[]): void {
  for (const { writer } of fifos) closeSync(writer);
}

export function removeFifos(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
}
