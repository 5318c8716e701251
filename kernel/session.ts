// A notebook session as plain calls: execute, complete, inspect, interrupt. It knows neither sockets nor Jupyter's message
// headers; whoever calls passes an `origin` (for the kernel: the parent header) and gets it back with every output, also with
// the outputs that a timer or a promise makes long after its cell has finished.

import type { TypecheckPolicy } from "./typecheck.ts";

export { DEFAULT_PRELUDE } from "./prelude.ts";
export { createSession } from "./runtime-session.ts";
export type { TypecheckPolicy } from "./typecheck.ts";

/** A value in several formats, keyed by MIME type; `application/json` and `+json` types hold objects, the rest strings (binary as base64). */
export type MimeBundle = Record<string, unknown>;

export interface CommMessage {
  type: "comm_open" | "comm_msg" | "comm_close";
  content: { comm_id: string; target_name?: string; data: Record<string, unknown> };
  metadata: Record<string, unknown>;
  buffers: Uint8Array[];
}

/** What a cell shows, in order. The fields are those of the Jupyter message of the same name. */
export type Output =
  | { type: "stream"; name: "stdout" | "stderr"; text: string }
  | {
      type: "display_data" | "update_display_data";
      data: MimeBundle;
      metadata: Record<string, unknown>;
      transient: { display_id?: string };
    }
  | { type: "execute_result"; execution_count: number; data: MimeBundle; metadata: Record<string, unknown> }
  | { type: "clear_output"; wait: boolean }
  | { type: "error"; ename: string; evalue: string; traceback: string[] }
  | CommMessage;

export interface InputRequest {
  prompt: string;
  password: boolean;
}

export interface SessionOptions<Origin> {
  /** Every output, in order, with the origin of the cell (or comm message) that caused it. */
  onOutput(output: Output, origin: Origin): void;
  /** Asks the user for a line; called only for cells executed with `allowStdin`. `null`: the user cancelled. The signal aborts when the cell was interrupted or died. */
  onInput(request: InputRequest, origin: Origin, signal: AbortSignal): Promise<string | null>;
  /** One line for the log: a runtime that died between cells, a restarted runtime. */
  onLog?(line: string): void;
  /** The folder that cells run in: imports and relative paths resolve there. Default: the process's. */
  folder?: string;
  /** Largest JavaScript heap of the runtime in MiB. Default: 2048, or `ADJOINT_HEAP_MB`. */
  heapMegabytes?: number;
  /** Module whose exports are in scope of every cell, shadowable; `null`, the default: none. */
  prelude?: string | null;
  /** What an error of types does: stop the cell before it runs (the default), be told on stderr, or nothing. */
  typecheck?: TypecheckPolicy;
}

export interface ExecuteOptions<Origin> {
  origin: Origin;
  /** The number shown in `Cell [n]`, in the result and in errors. */
  executionCount: number;
  /** Evaluate without showing the last value. Default: false. */
  silent?: boolean;
  /** May this cell ask for input? Default: false. */
  allowStdin?: boolean;
  /** Expressions evaluated after the cell, by name. */
  userExpressions?: Record<string, string>;
}

export interface ErrorReply {
  status: "error";
  ename: string;
  evalue: string;
  traceback: string[];
}

export type UserExpression = { status: "ok"; data: MimeBundle; metadata: Record<string, unknown> } | ErrorReply;

/** `error` outputs are also sent through `onOutput`: the reply repeats them, nobody else must. */
export type ExecuteReply =
  { status: "ok"; payload: Payload[]; userExpressions: Record<string, UserExpression> } | ErrorReply;

/** What a front end does with a reply: shows a page, or puts a text into the cell, or into a new one below it. */
export type Payload =
  { source: "page"; data: MimeBundle; start: 0 } | { source: "set_next_input"; text: string; replace: boolean };

/** Offsets are UTF-16 code units into the code; the protocol's code points are the kernel's business. */
export interface CompleteReply {
  matches: string[];
  start: number;
  end: number;
  /** `_jupyter_types_experimental`, one per match. */
  types: { text: string; type: string; start: number; end: number; signature?: string }[];
}

export interface InspectReply {
  found: boolean;
  data: MimeBundle;
}

export type IsCompleteReply = { status: "complete" | "invalid" | "unknown" } | { status: "incomplete"; indent: string };

export interface Session<Origin> {
  /**
   * Runs a cell and settles when it has ended, been interrupted, or died; never rejects for what the user's code does. Calls
   * queue; no output comes before the call has returned.
   */
  execute(code: string, options: ExecuteOptions<Origin>): Promise<ExecuteReply>;
  /** Ends the running cell as `KeyboardInterrupt`, keeping all variables; resolves when it has ended. Nothing running: resolves at once. */
  interrupt(): Promise<void>;
  complete(code: string, cursor: number): Promise<CompleteReply>;
  /** `NAME?` is detail 0, `NAME??` and Shift-Tab twice are 1 (adds the source). */
  inspect(code: string, cursor: number, detail: 0 | 1): Promise<InspectReply>;
  isComplete(code: string): Promise<IsCompleteReply>;
  /** A comm message from the front end; resolves when the cell's handler has returned. An unknown target answers with `comm_close`. */
  comm(message: CommMessage, origin: Origin): Promise<void>;
  /** Open comms, of one target or all. Answers at once, also while a cell is busy. */
  commInfo(target?: string): Record<string, { target_name: string }>;
  /** Starts the checker, for which the first cell would wait; also happens once the runtime is up. Resolves when it is up. */
  warmUp(): Promise<void>;
  /** Stops reading outputs, so that a cell that prints without end waits; `resume` goes on. */
  pause(): void;
  resume(): void;
  /** Ends the runtime and every process that cells have started, detached ones too. */
  close(): Promise<void>;
}
