// What a magic is, and what one is given when a cell calls it. A magic prints and shows as a cell does; a value that it returns is
// the value of its line. It fails with a LineError, which is shown at the place of the line.

import type { DeclarationKind } from "../../cell.ts";
import type { Payload } from "../../session.ts";

/** What magics may know and do of the session whose cell calls them. */
export interface MagicSession {
  /** The notebook's; imports resolve here, wherever `process.cwd()` is. */
  readonly folder: string;
  /** The cells that were run, oldest first, the running one included. */
  readonly inputs: readonly { count: number; source: string }[];
  /** Goes to the front end with the reply. */
  readonly payload: Payload[];
  /** What cells have declared and what has been reached of it; getters of imports are called, no other. */
  declarations(): { name: string; kind: DeclarationKind; value: unknown }[];
  /** Forgets all that cells have declared. */
  reset(): void;
  /** Sets a name below the cells' own ones, as the prelude's are. */
  provide(name: string, value: unknown): void;
}

export interface Call {
  /** As it was typed: `!`, `%time`, `%%html`. */
  typed: string;
  /** What follows the name. */
  text: string;
  /** What follows the first line of a `%%` cell. */
  body: string;
  /** The value is assigned. */
  assigned: boolean;
  /** The TypeScript to be called, for a magic that calls some. */
  code: (() => unknown) | undefined;
  /** Calls back when the TypeScript beside the magic has run. */
  atEnd(callback: () => void): void;
  session: MagicSession;
}

export type Run = (call: Call) => unknown;

export interface Magic {
  /** The first is its name, the others are said for it too. */
  names: readonly [string, ...string[]];
  /** What follows the name: `[-n LOOPS] EXPRESSION`. */
  usage: string;
  /** What follows it on the first line of a cell, where that is something else. */
  cellUsage?: string;
  /** One sentence. */
  help: string;
  /** Runs it on a line, `%name`. */
  line?: Run;
  /** Runs it for a cell, `%%name`. */
  cell?: Run;
}

/** A line that fails by its own fault: shown with its place and without a stack. */
export class LineError extends Error {
  constructor(name: string, message: string) {
    super(message);
    Object.defineProperty(this, "name", { value: name, configurable: true, writable: true });
  }
}

export function usageError(message: string): LineError {
  return new LineError("UsageError", message);
}

/** Words as a shell would part them: quotes join, a backslash before a blank or a quote too. */
export function words(text: string): string[] {
  const pieces = text.match(/(?:"[^"]*"|'[^']*'|\\[\s"'\\]|\S)+/g) ?? [];
  return pieces.map((piece) =>
    piece.replace(/"([^"]*)"|'([^']*)'|\\([\s"'\\])/g, (_, double?: string, single?: string, escaped?: string) =>
      [double, single, escaped].join(""),
    ),
  );
}

/** The one file or folder that a magic is given; it may hold blanks, also without quotes. */
export function onePath(text: string): string {
  const quoted = /^(["'])(.*)\1$/.exec(text.trim());
  return quoted?.[2] ?? text.trim().replace(/\\ /g, " ");
}

/** What went wrong with a file, in the system's words. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = "code" in error ? String(error.code) : "";
  switch (code) {
    case "ENOENT":
      return "there is no such file or folder";
    case "EACCES":
    case "EPERM":
      return "permission denied";
    case "EISDIR":
      return "it is a folder";
    case "ENOTDIR":
      return "it is no folder";
    default:
      return error.message;
  }
}
