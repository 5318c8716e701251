// Comms: named channels between cells and widgets of the front end. Cells register targets, or open comms themselves; messages carry
// JSON and binary buffers both ways.

import { randomUUID } from "node:crypto";
import type { CommMessage } from "../session.ts";
import { show } from "./output.ts";

/** What the front end has sent. */
export interface CommEvent {
  data: Record<string, unknown>;
  metadata: Record<string, unknown>;
  buffers: Uint8Array[];
}

type Handler = (event: CommEvent) => unknown;
export type TargetHandler = (comm: Comm, event: CommEvent) => unknown;

const comms = new Map<string, Comm>();
const targets = new Map<string, TargetHandler>();

/** One end of a comm. */
export class Comm {
  /** Called for each message; a promise that it returns is awaited, an error is shown. */
  onMessage: Handler | undefined;
  /** Called when the front end closes the comm; not for one's own `close`. */
  onClose: Handler | undefined;
  readonly id: string;
  readonly target: string;

  constructor(id: string, target: string) {
    this.id = id;
    this.target = target;
    comms.set(id, this);
  }

  /** Sends JSON and binary buffers. Throws an Error when the comm is closed. */
  send(data: Record<string, unknown>, buffers: Uint8Array[] = [], metadata: Record<string, unknown> = {}): void {
    if (!comms.has(this.id)) throw new Error(`comm ${this.target}: send: the comm is closed`);
    show(message("comm_msg", { comm_id: this.id, data }, buffers, metadata));
  }

  /** Closes both ends; the second time it does nothing. */
  close(data: Record<string, unknown> = {}, buffers: Uint8Array[] = []): void {
    if (comms.delete(this.id)) show(message("comm_close", { comm_id: this.id, data }, buffers));
  }
}

function message(
  type: CommMessage["type"],
  content: CommMessage["content"],
  buffers: Uint8Array[] = [],
  metadata: Record<string, unknown> = {},
): CommMessage {
  return { type, content, metadata, buffers };
}

/** `Jupyter.comms` in cells. */
export const commRegistry = {
  /**
   * Calls `handler` for each comm that a front end opens to `target`, with the comm and its first message. Throws a TypeError
   * for a handler that is no function.
   *
   *     Jupyter.comms.register("echo", (comm) => {
   *       comm.onMessage = ({ data, buffers }) => comm.send(data, buffers);
   *     });
   */
  register(target: string, handler: TargetHandler): void {
    if (typeof handler !== "function")
      throw new TypeError(`comms.register: the handler of '${target}' must be a function`);
    targets.set(target, handler);
  },
  /** Forgets a target: comms that are opened to it from now on are closed at once. */
  unregister(target: string): void {
    targets.delete(target);
  },
  /** Opens a comm to a target that the front end has registered, with a first message, its buffers and metadata. */
  open(
    target: string,
    data: Record<string, unknown> = {},
    buffers: Uint8Array[] = [],
    metadata: Record<string, unknown> = {},
  ): Comm {
    const comm = new Comm(randomUUID(), target);
    show(message("comm_open", { comm_id: comm.id, target_name: target, data }, buffers, metadata));
    return comm;
  },
};

/** Hands a message of the front end to the cell's code. */
export async function receiveComm({ type, content, metadata, buffers }: CommMessage): Promise<void> {
  const event: CommEvent = { data: content.data, metadata, buffers };
  const { comm_id: id, target_name: target = "" } = content;
  if (type === "comm_open") {
    const handler = targets.get(target);
    if (handler === undefined) {
      show(message("comm_close", { comm_id: id, data: { error: `no comm target named '${target}' is registered` } }));
      return;
    }
    const opened = new Comm(id, target);
    try {
      await handler(opened, event);
    } catch (error) {
      opened.close(); // Nobody would answer on it.
      throw error;
    }
    return;
  }
  const comm = comms.get(id);
  if (comm === undefined) return; // Closed meanwhile by the other side: the protocol allows such stragglers.
  if (type === "comm_close") comms.delete(id);
  await (type === "comm_msg" ? comm.onMessage : comm.onClose)?.(event);
}
