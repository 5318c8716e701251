// The framing between the kernel process and the runtime process, both ways: four bytes of length, one byte of kind, four bytes
// of cell number, then the body. Text of the two output streams travels as bare UTF-8, everything else as JSON, followed by the
// binary buffers that the JSON announces. Neither side knows here what the messages mean.

export const STDOUT = 1;
export const STDERR = 2;
export const MESSAGE = 3;
/** A message that comes after all that was written to descriptors 1 and 2 before it. */
export const FENCED_MESSAGE = 4;
export const HEADER_BYTES = 9;

/** The user's code may replace the global ones. */
const { parse, stringify } = JSON;

/** Longer than any message that Jupyter's sockets would take. */
const LONGEST_FRAME = 1024 * 1024 * 1024;

/** The bytes are no frames, or the message in one is none. */
export class FrameError extends Error {}

export interface Frame {
  kind: number;
  cell: number;
  body: Buffer;
}

export function writeHeader(target: Buffer, bodyBytes: number, kind: number, cell: number): void {
  target.writeUInt32LE(bodyBytes + 5, 0);
  target.writeUInt8(kind, 4);
  target.writeUInt32LE(cell, 5);
}

/** A message as one frame: JSON, then its buffers. */
export function encodeMessage(
  cell: number,
  message: object,
  buffers: readonly Uint8Array[] = [],
  kind = MESSAGE,
): Buffer {
  const json = Buffer.from(stringify(message));
  const lengths = Buffer.alloc(8 + 4 * buffers.length);
  lengths.writeUInt32LE(json.length, 0);
  lengths.writeUInt32LE(buffers.length, 4);
  buffers.forEach((buffer, index) => lengths.writeUInt32LE(buffer.byteLength, 8 + 4 * index));
  const bodyBytes = lengths.length + json.length + buffers.reduce((sum, buffer) => sum + buffer.byteLength, 0);
  const header = Buffer.alloc(HEADER_BYTES);
  writeHeader(header, bodyBytes, kind, cell);
  return Buffer.concat([header, lengths, json, ...buffers]);
}

/** The message and its buffers back; the caller knows its type by who sent it. */
export function decodeMessage<T>(body: Buffer): { message: T; buffers: Buffer[] } {
  const jsonBytes = body.readUInt32LE(0);
  const count = body.readUInt32LE(4);
  let offset = 8 + 4 * count;
  const message = parseMessage<T>(body.toString("utf8", offset, offset + jsonBytes));
  offset += jsonBytes;
  const buffers: Buffer[] = [];
  for (let index = 0; index < count; index++) {
    const length = body.readUInt32LE(8 + 4 * index);
    buffers.push(body.subarray(offset, offset + length));
    offset += length;
  }
  return { message, buffers };
}

function parseMessage<T>(text: string): T {
  let message: unknown;
  try {
    message = parse(text);
  } catch (error) {
    throw new FrameError("a message that is no JSON", { cause: error });
  }
  if (typeof message !== "object" || message === null) throw new FrameError("a message that is no object");
  return message as T;
}

/** Cuts a byte stream into frames, whatever the chunks; throws a FrameError for what are none. A frame larger than its chunk is joined once, when its last byte is there. */
export class FrameReader {
  #chunks: Buffer[] = [];
  #bytes = 0;
  #wanted = HEADER_BYTES;

  push(chunk: Buffer): Frame[] {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    if (this.#bytes < this.#wanted) return [];
    const all = this.#chunks.length === 1 ? chunk : Buffer.concat(this.#chunks);
    const frames: Frame[] = [];
    let offset = 0;
    this.#wanted = HEADER_BYTES;
    while (all.length - offset >= HEADER_BYTES) {
      const length = all.readUInt32LE(offset);
      const kind = all.readUInt8(offset + 4);
      if (length < 5 || length > LONGEST_FRAME || kind < STDOUT || kind > FENCED_MESSAGE) {
        throw new FrameError(`no frame: ${length} bytes of kind ${kind}`);
      }
      const end = offset + 4 + length;
      if (end > all.length) {
        this.#wanted = end - offset;
        break;
      }
      frames.push({
        kind,
        cell: all.readUInt32LE(offset + 5),
        body: all.subarray(offset + HEADER_BYTES, end),
      });
      offset = end;
    }
    this.#chunks = offset === all.length ? [] : [all.subarray(offset)];
    this.#bytes = all.length - offset;
    return frames;
  }
}
