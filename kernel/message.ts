// The wire format: a message is a value. Reads the frames that a socket hands over (split, verify, parse, check) and writes
// those that it shall send (JSON, sign). It knows no sockets, and it never throws for what came from outside: what is not a
// message becomes a `Dropped`, with a reason for the log. The frame of a request's header is kept as it came and put back as
// `parent_header` of everything that the request causes, so nothing is serialised twice.
// https://jupyter-client.readthedocs.io/en/stable/messaging.html#the-wire-protocol
import { isUtf8 } from "node:buffer";
import { createHmac, getHashes, randomUUID, timingSafeEqual } from "node:crypto";
import { userInfo } from "node:os";

export const protocolVersion = "5.5";

/** A JSON object as it came, nothing known of its fields. */
export type Json = Record<string, unknown>;

export interface Message {
  /** The frames before the delimiter: whom a Router answers. */
  identities: Uint8Array[];
  id: string;
  type: string;
  /** The header as it came, and thereby the `parent_header` of the answers. */
  headerFrame: Uint8Array;
  /** `msg_id` of the parent header, if there is one. */
  parentId: string | undefined;
  metadata: Json;
  content: Json;
  buffers: Uint8Array[];
}

/** What was received was no message, or none that may be answered. */
export interface Dropped {
  dropped: string;
}

/** Whom a message answers, or whose execution it belongs to. */
export type Parent = Pick<Message, "headerFrame">;

export interface Outgoing {
  parent?: Parent | undefined;
  /** The frames before the delimiter: a Router's peer, or the topic on iopub. */
  identities?: readonly (Uint8Array | string)[];
  metadata?: object | undefined;
  buffers?: readonly Uint8Array[];
}

const delimiter = Buffer.from("<IDS|MSG>");
const emptyObject = Buffer.from("{}");

/** A header is echoed in every answer, so a huge one would be multiplied. */
const maxHeaderBytes = 64 * 1024;
/** A front end sends one frame before the delimiter, a chain of proxies some more. */
const maxIdentities = 64;
const remembered = 65_536;

export class Wire {
  /** Names this kernel process in the headers that it sends. */
  readonly session = randomUUID();
  readonly #key: string;
  readonly #hash: string;
  readonly #seen = new Set<string>();
  /** The signatures seen, a ring: the oldest is the next to be forgotten. */
  readonly #ring: string[] = [];
  #next = 0;
  #sent = 0;
  readonly #headerEnd: string;

  /** `key`: the shared secret of the connection file, empty for none; `scheme`: `hmac-` and a digest that Node knows. */
  constructor(key: string, scheme = "hmac-sha256") {
    this.#hash = /^hmac-(.+)$/.exec(scheme)?.[1] ?? "";
    if (key !== "" && !getHashes().includes(this.#hash))
      throw new RangeError(
        `unknown signature scheme: ${JSON.stringify(scheme)}; expected hmac-sha256 or another hmac-`,
      );
    this.#key = key;
    this.#headerEnd = JSON.stringify({ session: this.session, username: username(), version: protocolVersion }).slice(
      1,
    );
  }

  /** The message in these frames, or why there is none. */
  read(frames: readonly Uint8Array[]): Message | Dropped {
    const at = frames.findIndex((frame, index) => index <= maxIdentities && delimiter.equals(frame));
    if (at < 0) return { dropped: `no delimiter <IDS|MSG> in ${frames.length} frames` };
    const [signature, header, parent, metadata, content, ...buffers] = frames.slice(at + 1);
    if (!signature || !header || !parent || !metadata || !content)
      return { dropped: `truncated: ${frames.length - at - 1} frames after the delimiter, expected at least 5` };
    const forged = this.#verify(signature, [header, parent, metadata, content]);
    if (forged !== undefined) return { dropped: forged };
    if (header.byteLength > maxHeaderBytes) return { dropped: `header of ${header.byteLength} bytes is too long` };

    const parsed = {
      header: parse(header),
      parent_header: parse(parent),
      metadata: parse(metadata),
      content: parse(content),
    };
    for (const [part, value] of Object.entries(parsed))
      if (typeof value === "string") return { dropped: `${part}: ${value}` };
    const { header: fields, parent_header: parentFields } = parsed as Record<keyof typeof parsed, Json>;
    const { msg_id: id, msg_type: type } = fields;
    if (typeof id !== "string" || id === "") return { dropped: `header: msg_id ${wanted("a string", id)}` };
    if (typeof type !== "string" || type === "") return { dropped: `header: msg_type ${wanted("a string", type)}` };
    for (const name of ["session", "username", "date", "version"] as const)
      if (fields[name] !== undefined && typeof fields[name] !== "string")
        return { dropped: `header: ${name} ${wanted("a string", fields[name])}` };
    const parentId = parentFields["msg_id"];
    if (parentId !== undefined && typeof parentId !== "string")
      return { dropped: `parent_header: msg_id ${wanted("a string", parentId)}` };
    return {
      identities: frames.slice(0, at),
      id,
      type,
      headerFrame: header,
      parentId,
      metadata: parsed.metadata as Json,
      content: parsed.content as Json,
      buffers,
    };
  }

  /** The frames of a new message, and its `msg_id`. */
  write(type: string, content: object, options: Outgoing = {}): { id: string; frames: (Uint8Array | string)[] } {
    const id = `${this.session}_${++this.#sent}`;
    const header = `{"msg_id":"${id}","msg_type":${JSON.stringify(type)},"date":"${new Date().toISOString()}",${this.#headerEnd}`;
    const parent = options.parent?.headerFrame ?? emptyObject;
    const metadata = options.metadata ? stringify(options.metadata) : "{}";
    const body = stringify(content);
    const signature = this.#sign([header, parent, metadata, body]);
    const frames = [...(options.identities ?? []), delimiter, signature, header, parent, metadata, body];
    return { id, frames: options.buffers ? [...frames, ...options.buffers] : frames };
  }

  /** The frames of the answer to a request, addressed to whom it came from. */
  reply(request: Message, type: string, content: object, metadata?: object): (Uint8Array | string)[] {
    return this.write(type, content, { parent: request, identities: request.identities, metadata }).frames;
  }

  #sign(parts: readonly (Uint8Array | string)[]): string {
    if (this.#key === "") return "";
    const hmac = createHmac(this.#hash, this.#key);
    for (const part of parts) hmac.update(part);
    return hmac.digest("hex");
  }

  /** Why the signature does not do; undefined if it does. */
  #verify(signature: Uint8Array, parts: readonly Uint8Array[]): string | undefined {
    if (this.#key === "") return undefined;
    const expected = this.#sign(parts);
    const good = Buffer.from(expected);
    if (signature.byteLength !== good.byteLength || !timingSafeEqual(signature, good)) return "wrong signature";
    if (this.#seen.has(expected)) return "replayed: a message with this signature has come before";
    const oldest = this.#ring[this.#next];
    if (oldest !== undefined) this.#seen.delete(oldest);
    this.#ring[this.#next] = expected;
    this.#next = (this.#next + 1) % remembered;
    this.#seen.add(expected);
    return undefined;
  }
}

/** The JSON object in a frame, or what is wrong with it. */
function parse(frame: Uint8Array): Json | string {
  if (!isUtf8(frame)) return "not UTF-8";
  try {
    const value: unknown = JSON.parse(Buffer.from(frame.buffer, frame.byteOffset, frame.byteLength).toString());
    return isObject(value) ? value : wanted("an object", value);
  } catch (error) {
    // Whoever holds the key can still send broken JSON; the reason goes to the log.
    return `malformed JSON, ${error instanceof Error ? error.message.slice(0, 200) : "for no known reason"}`;
  }
}

/** A half of a surrogate pair has no UTF-8, and a Python front end fails on its escape; it becomes U+FFFD as elsewhere. */
function stringify(value: object): string {
  const json = JSON.stringify(value);
  if (!json.includes("\\ud")) return json;
  return json.replace(/\\(?:ud[89a-f][0-9a-f]{2}|.)/gs, (escape) => (/^\\ud[89a-f]/.test(escape) ? "\\ufffd" : escape));
}

export function isDelimiter(frame: Uint8Array): boolean {
  return delimiter.equals(frame);
}

export function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** "must be a string, not a number" */
export function wanted(expected: string, value: unknown): string {
  const found =
    value === undefined ? "missing" : value === null ? "null" : Array.isArray(value) ? "an array" : typeof value;
  return found === "missing" ? `must be ${expected}, but is missing` : `must be ${expected}, not ${found}`;
}

function username(): string {
  try {
    return userInfo().username;
  } catch {
    // A container may run under a uid that no user database knows; the name is only for people.
    return "kernel";
  }
}
