// What the requests may contain: reads the content of a message field by field, with the protocol's defaults, and throws a
// `TypeError` that says which field is wrong, which the kernel gives as the reply. `null` counts as absent, because some
// front ends write it for what they do not set. Cursors are unicode code points there and UTF-16 units here.
// https://jupyter-client.readthedocs.io/en/stable/messaging.html#messages-on-the-shell-router-dealer-channel
import { type Json, isObject, type Message, wanted } from "./message.ts";
import { type ErrorReply } from "./session.ts";

export class Fields {
  readonly #type: string;
  readonly #content: Json;

  constructor({ type, content }: Pick<Message, "type" | "content">) {
    this.#type = type;
    this.#content = content;
  }

  string(name: string, otherwise?: string): string {
    return this.#read(name, "a string", (value) => (typeof value === "string" ? value : undefined), otherwise);
  }

  boolean(name: string, otherwise: boolean): boolean {
    return this.#read(name, "a boolean", (value) => (typeof value === "boolean" ? value : undefined), otherwise);
  }

  integer(name: string, otherwise?: number): number {
    return this.#read(name, "an integer", (value) => (Number.isInteger(value) ? Number(value) : undefined), otherwise);
  }

  object(name: string): Json {
    return this.#read(name, "an object", (value) => (isObject(value) ? value : undefined), {});
  }

  /** An object whose values are strings. */
  strings(name: string): Record<string, string> {
    const found: Record<string, string> = {};
    for (const [key, value] of Object.entries(this.object(name))) {
      if (typeof value !== "string") throw new TypeError(`${this.#type}: ${name}[${key}] ${wanted("a string", value)}`);
      // Defined, not assigned: `__proto__` is a name like any other.
      Object.defineProperty(found, key, { value, enumerable: true, writable: true, configurable: true });
    }
    return found;
  }

  has(name: string): boolean {
    return this.#content[name] !== undefined && this.#content[name] !== null;
  }

  #read<T>(name: string, expected: string, accept: (value: unknown) => T | undefined, otherwise?: T): T {
    const value = this.#content[name] ?? undefined;
    const found = value === undefined ? otherwise : accept(value);
    if (found === undefined) throw new TypeError(`${this.#type}: ${name} ${wanted(expected, value)}`);
    return found;
  }
}

const surrogate = /[\ud800-\udbff]/;

/** The UTF-16 offset of a code point offset, within the text. */
export function toUtf16(text: string, codePoints: number): number {
  if (!surrogate.test(text)) return Math.max(0, Math.min(codePoints, text.length));
  let units = 0;
  for (let count = 0; count < codePoints && units < text.length; count++)
    units += (text.codePointAt(units) ?? 0) > 0xffff ? 2 : 1;
  return units;
}

/** The code point offset of a UTF-16 offset. */
export function toCodePoints(text: string, units: number): number {
  if (!surrogate.test(text)) return Math.max(0, Math.min(units, text.length));
  let count = 0;
  for (let at = 0; at < units && at < text.length; count++) at += (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1;
  return count;
}

/** The reply to a request that could not be answered. */
export function errorReply(error: unknown): ErrorReply {
  const [ename, evalue] = error instanceof Error ? [error.name, error.message] : ["Error", String(error)];
  return { status: "error", ename, evalue, traceback: [`${ename}: ${evalue}`] };
}

/** An error for the log: a bug of ours with its stack, what is wrong with a request without. */
export function describe(error: unknown): string {
  if (error instanceof TypeError && /^(\w+_request|comm_\w+): /.test(error.message)) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
