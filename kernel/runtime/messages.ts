// What the kernel process and the runtime process say to each other: the vocabulary, no code. `cell` numbers in the frames name
// the request that an output belongs to; the kernel side keeps the origin for each.

import type { CommMessage, CompleteReply, ErrorReply, InspectReply, IsCompleteReply, Output } from "../session.ts";
import type { Payload, UserExpression } from "../session.ts";

/** The file descriptors of the runtime beyond stdin, stdout and stderr. */
export const REQUEST_FD = 3;
export const OUTPUT_FD = 4;
export const CONTROL_FD = 5;

export interface Start {
  method: "start";
  folder: string;
  prelude: string | null;
}

export interface ExecuteRequest {
  method: "execute";
  code: string;
  /** The user's own text, where the code lacks lines that were for the kernel; as long as the code. */
  shown?: string;
  /** Why the cell is not to run, or what is to be said of it on stderr before it does, if the compiler has nothing against it. */
  refusal?: Refusal;
  caution?: string;
  executionCount: number;
  silent: boolean;
  allowStdin: boolean;
  userExpressions: Record<string, string>;
}

export type Refusal = Omit<ErrorReply, "status">;

export type Reservations = Pick<ExecuteRequest, "refusal" | "caution">;

/** To the runtime's main thread; each with the cell number of its frame is answered by one `reply`. */
export type Request =
  | Start
  | ExecuteRequest
  | { method: "complete"; code: string; cursor: number }
  | { method: "inspect"; code: string; cursor: number; detail: 0 | 1 }
  | { method: "isComplete"; code: string }
  | { method: "comm"; message: Omit<CommMessage, "buffers"> }
  | { method: "inputReply"; id: number; value: string | null };

/** To the runtime's interrupt thread, which listens while the main thread is busy. */
export type Control =
  /** Interrupts are numbered from 1; `cell` is the newest request so far, which may not have arrived yet. */
  { control: "interrupt"; number: number; cell: number } | { control: "inputReply"; id: number; value: string | null };

/** What a cell has done to names that its text does not tell; each only if there is something to tell. */
export interface NameChanges {
  /** All names that `globalThis` has by now and that Node has not. */
  globals?: string[];
  /** What was declared before is forgotten, but for those names of the cell that are `reached`. */
  forgot?: true;
  /** The names that the cell declares and that have the value that it gave them; of one that failed, or forgot. */
  reached?: string[];
}

export type Failure = ErrorReply & NameChanges;

export type ExecuteResult =
  ({ status: "ok"; payload: Payload[]; userExpressions: Record<string, UserExpression> } & NameChanges) | Failure;

export type Reply = ExecuteResult | CompleteReply | InspectReply | IsCompleteReply | null;

/** From the runtime. Stream text has a frame kind of its own. */
export type Report =
  | { report: "ready" }
  | { report: "reply"; value: Reply }
  | { report: "output"; output: Output }
  /** Only puts the raw streams in order. */
  | { report: "fence" }
  | { report: "input"; id: number; prompt: string; password: boolean; blocking: boolean }
  /** What ran when interrupt `number` was sent has ended. */
  | { report: "interrupted"; number: number; cell: number };
