// The wire format of Jupyter messages as the tests see it: written from the specification and shared with nothing in
// kernel/, so that a mistake there cannot hide behind the same mistake here.
// https://jupyter-client.readthedocs.io/en/stable/messaging.html#the-wire-protocol
import { createHmac, randomUUID } from "node:crypto";

/** The channels that carry messages; the heartbeat carries bare bytes. */
export type Channel = "shell" | "control" | "stdin" | "iopub";

export interface Header {
  msg_id: string;
  msg_type: string;
  session: string;
  username: string;
  date: string;
  version: string;
}

export type Content = Record<string, unknown>;

export interface Message<C = Content> {
  channel: Channel;
  header: Header;
  parent: Partial<Header>;
  metadata: Content;
  content: C;
  buffers: Buffer[];
  /** Frames before the delimiter: the topic on iopub, empty for a Dealer. */
  prefix: Buffer[];
}

/** What a sender may set beside type and content. */
export interface Extras {
  parent?: Partial<Header>;
  metadata?: Content;
  buffers?: Uint8Array[];
  /** Overrides fields of the header, such as a `msg_id` to replay. */
  header?: Partial<Header>;
}

const delimiter = Buffer.from("<IDS|MSG>");

export function newHeader(type: string, session: string, fields: Partial<Header> = {}): Header {
  return {
    msg_id: randomUUID(),
    msg_type: type,
    session,
    username: "test",
    date: new Date().toISOString(),
    version: "5.5",
    ...fields,
  };
}

/** HMAC-SHA256 over the four JSON frames; empty for an empty key, as the specification has it. */
export function sign(key: string, parts: readonly Uint8Array[]): string {
  if (key === "") return "";
  const hmac = createHmac("sha256", key);
  for (const part of parts) hmac.update(part);
  return hmac.digest("hex");
}

export function encode(key: string, header: Header, content: Content, extras: Extras = {}): Uint8Array[] {
  const parts = [header, extras.parent ?? {}, extras.metadata ?? {}, content].map((part) =>
    Buffer.from(JSON.stringify(part)),
  );
  return [delimiter, Buffer.from(sign(key, parts)), ...parts, ...(extras.buffers ?? [])];
}

/** Throws for anything that a kernel must not send: no delimiter, missing frames, a wrong signature, broken JSON. */
export function decode(key: string, channel: Channel, frames: readonly Buffer[]): Message {
  const start = frames.findIndex((frame) => frame.equals(delimiter));
  if (start < 0) throw new Error(`${channel}: no delimiter in ${frames.length} frames`);
  const [signature, header, parent, metadata, content] = frames.slice(start + 1, start + 6);
  if (!signature || !header || !parent || !metadata || !content)
    throw new Error(`${channel}: ${frames.length - start - 1} frames after the delimiter, at least 5 expected`);
  const expected = sign(key, [header, parent, metadata, content]);
  if (signature.toString() !== expected)
    throw new Error(
      `${channel}: wrong signature ${signature.toString()}, expected ${expected}, on ${header.toString()}`,
    );
  return {
    channel,
    header: JSON.parse(header.toString()) as Header,
    parent: JSON.parse(parent.toString()) as Partial<Header>,
    metadata: JSON.parse(metadata.toString()) as Content,
    content: JSON.parse(content.toString()) as Content,
    buffers: frames.slice(start + 6),
    prefix: frames.slice(0, start),
  };
}
