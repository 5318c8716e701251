// JSON-RPC over two streams, as the language server's protocol frames it: a header with the length, a body of JSON. Requests with answers,
// notifications, and requests of the other end. A question to the checker is up to a dozen requests one after the other, so each is
// one write, and its answer is taken as soon as it is read.
// https://microsoft.github.io/language-server-protocol/specifications/base/0.9/specification/

import type { Readable, Writable } from "node:stream";

interface ConnectionOptions {
  /** What the other end asks; what this returns is the answer. */
  onRequest(method: string, params: unknown): unknown;
  /** What has been read is no message, or what is written arrives nowhere. */
  onBroken(): void;
}

interface Message {
  id?: number | string | null;
  method?: string;
  params?: unknown;
  result?: unknown;
  error?: { code: number; message: string };
}

interface Pending {
  resolve(result: unknown): void;
  reject(error: Error): void;
}

export class Connection {
  readonly #output: Writable;
  readonly #options: ConnectionOptions;
  readonly #pending = new Map<number, Pending>();
  readonly #chunks: Buffer[] = [];
  #length = 0;
  /** So many bytes there must be before there is a message to read. */
  #needed = 0;
  #requests = 0;
  #isClosed = false;

  constructor(input: Readable, output: Writable, options: ConnectionOptions) {
    this.#output = output;
    this.#options = options;
    input.on("data", (chunk: Buffer) => this.#read(chunk));
    for (const stream of [input, output]) stream.on("error", () => this.#break());
  }

  /** Rejects when the other end answers with an error, or the connection is closed. */
  request(method: string, params: object, signal?: AbortSignal): Promise<unknown> {
    const id = ++this.#requests;
    return new Promise((resolve, reject) => {
      if (this.#isClosed) return reject(new Error("the connection is closed"));
      const cancel = (): void => this.notify("$/cancelRequest", { id });
      const settled = (): void => signal?.removeEventListener("abort", cancel);
      this.#pending.set(id, {
        resolve: (result) => (settled(), resolve(result)),
        reject: (error) => (settled(), reject(error)),
      });
      this.#write({ id, method, params });
      if (signal?.aborted) cancel();
      else signal?.addEventListener("abort", cancel);
    });
  }

  notify(method: string, params: object): void {
    this.#write({ method, params });
  }

  /** Nothing is written or read any more. */
  close(): void {
    this.#isClosed = true;
    for (const { reject } of this.#pending.values()) reject(new Error("the connection is closed"));
    this.#pending.clear();
  }

  #write(message: Message): void {
    if (this.#isClosed || !this.#output.writable) return;
    const body = JSON.stringify({ jsonrpc: "2.0", ...message });
    this.#output.write(`Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
  }

  #read(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#length += chunk.length;
    while (!this.#isClosed && this.#length > 0 && this.#length >= this.#needed) {
      const read = Buffer.concat(this.#chunks, this.#length);
      const end = read.indexOf("\r\n\r\n");
      const start = end + 4;
      // Who has written so much without a header will not write one.
      if (end < 0 && this.#length > LONGEST_HEADER) return this.#break();
      const length = end < 0 ? 0 : Number(/^content-length: *(\d+)/im.exec(read.toString("latin1", 0, end))?.[1]);
      if (Number.isNaN(length)) return this.#break();
      this.#needed = end < 0 ? this.#length + 1 : start + length;
      const isWhole = end >= 0 && this.#needed <= read.length;
      const rest = isWhole ? read.subarray(this.#needed) : read;
      this.#chunks.splice(0, this.#chunks.length, rest);
      this.#length = rest.length;
      if (!isWhole) return;
      this.#needed = 0;
      this.#take(read.toString("utf8", start, start + length));
    }
  }

  #take(body: string): void {
    let message: Message;
    try {
      message = JSON.parse(body) as Message;
    } catch {
      return this.#break(); // What follows cannot be trusted either.
    }
    const { id, method, params, result, error } = message;
    if (method !== undefined) {
      if (id !== undefined) this.#write({ id, result: this.#options.onRequest(method, params) });
      return;
    }
    const pending = this.#pending.get(Number(id));
    this.#pending.delete(Number(id));
    if (error === undefined) pending?.resolve(result);
    else pending?.reject(new Error(`${error.message} (${error.code})`));
  }

  #break(): void {
    if (this.#isClosed) return;
    this.close();
    this.#options.onBroken();
  }
}

const LONGEST_HEADER = 1000;
