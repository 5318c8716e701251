// Several byte streams of one process in one order. The process writes the same numbered fence into each; what came before a fence in
// any of them is delivered before what comes after it in any other. Between fences each stream is in its own order only.

import { StringDecoder } from "node:string_decoder";
import { fenceMarker } from "./runtime/messages.ts";

type Item = (() => void) | number;

interface Stream {
  /** Deliveries, and fences by their number. */
  items: Item[];
  finished: boolean;
  decoder: StringDecoder;
  /** The end of the raw bytes so far that may be the beginning of a fence. */
  partial: Buffer;
}

export class FencedStreams {
  readonly #streams: Stream[];
  readonly #opening: Buffer;
  readonly #longest: number;

  constructor(count: number, mark: string) {
    this.#streams = Array.from({ length: count }, () => ({
      items: [],
      finished: false,
      decoder: new StringDecoder("utf8"),
      partial: Buffer.alloc(0),
    }));
    const marker = fenceMarker(mark, 0);
    this.#opening = Buffer.from(marker.slice(0, marker.indexOf(":") + 1));
    this.#longest = fenceMarker(mark, Number.MAX_SAFE_INTEGER).length;
  }

  push(index: number, deliver: () => void): void {
    this.#stream(index).items.push(deliver);
    this.#deliver();
  }

  pushFence(index: number, fence: number): void {
    this.#stream(index).items.push(fence);
    this.#deliver();
  }

  /** Raw bytes: text between fences, whatever the chunks; bytes that are no UTF-8 become U+FFFD. */
  pushRaw(index: number, chunk: Buffer, deliver: (text: string) => void): void {
    const stream = this.#stream(index);
    let bytes = stream.partial.length > 0 ? Buffer.concat([stream.partial, chunk]) : chunk;
    const text = (part: Buffer) => {
      const decoded = stream.decoder.write(part);
      if (decoded.length > 0) stream.items.push(() => deliver(decoded));
    };
    for (;;) {
      const start = bytes.indexOf(this.#opening);
      const end = start < 0 ? -1 : bytes.indexOf("\u001b\\", start + this.#opening.length);
      if (start < 0 || (end < 0 && bytes.length - start > this.#longest)) {
        const keep = start < 0 ? this.#openingAtEnd(bytes) : 0;
        text(bytes.subarray(0, bytes.length - keep));
        stream.partial = Buffer.from(bytes.subarray(bytes.length - keep));
        break;
      }
      text(bytes.subarray(0, start));
      if (end < 0) {
        stream.partial = Buffer.from(bytes.subarray(start));
        break;
      }
      stream.items.push(Number(bytes.toString("latin1", start + this.#opening.length, end)));
      bytes = bytes.subarray(end + 2);
    }
    this.#deliver();
  }

  /** The stream has ended: nobody waits for its fences. */
  finish(index: number): void {
    this.#stream(index).finished = true;
    this.#deliver();
  }

  #stream(index: number): Stream {
    const stream = this.#streams[index];
    if (stream === undefined) throw new RangeError(`there is no stream ${index}`);
    return stream;
  }

  /** How many of the last bytes may begin a fence. */
  #openingAtEnd(bytes: Buffer): number {
    for (let length = Math.min(this.#opening.length - 1, bytes.length); length > 0; length--) {
      if (bytes.subarray(bytes.length - length).equals(this.#opening.subarray(0, length))) return length;
    }
    return 0;
  }

  #deliver(): void {
    for (;;) {
      for (const { items } of this.#streams) {
        while (typeof items[0] === "function") (items.shift() as () => void)();
      }
      // All that live stand at a fence. An interrupt may have kept a fence from reaching the later streams: the lowest goes first.
      const waiting = this.#streams.filter(({ items, finished }) => items.length > 0 || !finished);
      const fences = waiting.map(({ items }) => items[0]).filter((item) => typeof item === "number");
      if (fences.length === 0 || fences.length < waiting.length) return;
      const lowest = Math.min(...fences);
      for (const { items } of waiting) if (items[0] === lowest) items.shift();
    }
  }
}
