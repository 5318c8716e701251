// Messages that no front end should send, as a model that fast-check can draw and shrink: what is wrong with a message is a
// value, and the frames are made of it when it is sent. JSON is drawn as text, because a `__proto__` key, half a surrogate pair or
// a value nested ten thousand deep exists only there. Cells that would run and requests to shut down are not among them.
import fc from "fast-check";
import { sign } from "../wire.ts";

export type Target = "shell" | "control" | "stdin" | "hb" | "iopub";

/** How the four parts travel. Only `signed` gets past the signature. */
type Envelope =
  | { kind: "signed" | "unsigned" | "otherKey" | "flipped" | "replayed" }
  | { kind: "signature"; text: string }
  | { kind: "truncated"; frames: number }
  | { kind: "rubbish"; frames: Uint8Array[] };

type Damage = { frame: number; at: number; kind: "utf8" | "cut" | "nul" };

type Field = readonly [name: string, text: string | undefined];

export interface Hostile {
  target: Target;
  type: string;
  header: readonly Field[];
  content: readonly Field[];
  /** Whole parts as JSON text, instead of what the fields make. */
  headerText: string | undefined;
  parentText: string;
  metadataText: string;
  contentText: string | undefined;
  damage: Damage | undefined;
  envelope: Envelope;
  /** Frames before the delimiter and after the content. */
  identities: number;
  buffers: readonly number[];
}

const nested = (depth: number, open: string, close: string) => open.repeat(depth) + close.repeat(depth);
const text = (value: unknown) => JSON.stringify(value);

const json = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.constantFrom(
      "null",
      "true",
      "0",
      "-1",
      "1.5",
      "1e308",
      "-1e308",
      "1e400",
      "9007199254740993",
      '""',
      "[]",
      "{}",
      "[[]]",
      '"\\ud800"',
      '"\\udc00x"',
      '"\\u0000"',
      '"\\u2028"',
      '"😀"',
      '"<IDS|MSG>"',
      '"../../etc/passwd"',
      '"a\\nb"',
      '{"__proto__":{"polluted":1}}',
      '{"constructor":{"prototype":{"polluted":1}}}',
      '{"a":1,"a":"2"}',
      '{"toString":1}',
      '{"then":1}',
      '{"toJSON":1}',
      '{"length":-1}',
    ),
  },
  { weight: 3, arbitrary: fc.integer().map(text) },
  { weight: 3, arbitrary: fc.string({ unit: "binary", maxLength: 20 }).map(text) },
  { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 2 }).map(text) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.constantFrom(10, 1000, 5000, 20_000), fc.boolean())
      .map(([depth, object]) => (object ? nested(depth, '{"a":[', "]}") : nested(depth, "[", "]"))),
  },
  { weight: 1, arbitrary: fc.constantFrom(100, 10_000, 70_000, 300_000).map((length) => text("x".repeat(length))) },
);

/** Code that a cell may hold without harm: it does not parse, or does nothing. */
const harmless = fc.constantFrom(
  "",
  ";",
  "{",
  "]",
  "let = 1",
  "\ud800",
  "'",
  "/*",
  "import",
  "await",
  "😀",
  "1+".repeat(5000),
);
const integer = fc.oneof(fc.integer(), fc.constantFrom(0, -1, 2 ** 31, -(2 ** 53), 1e308)).map(text);
const word = fc
  .constantFrom("a", "process", "__proto__", "console.", "globalThis[", "'😀'.", "x?.", "constructor.")
  .map(text);

/** What a right value looks like, for each field of each request. */
const requests: Record<string, Record<string, fc.Arbitrary<string>>> = {
  kernel_info_request: {},
  connect_request: {},
  complete_request: { code: word, cursor_pos: integer },
  inspect_request: { code: word, cursor_pos: integer, detail_level: integer },
  is_complete_request: { code: harmless.map(text) },
  history_request: {
    hist_access_type: fc.constantFrom("tail", "range", "search").map(text),
    output: fc.boolean().map(text),
    raw: fc.boolean().map(text),
    session: integer,
    start: integer,
    stop: integer,
    n: integer,
    pattern: fc.constantFrom("*", "*".repeat(1000), "[", "[^", "[a-", "?*?*", "\ud800").map(text),
    unique: fc.boolean().map(text),
  },
  comm_info_request: { target_name: word },
  comm_open: { comm_id: word, target_name: word, data: json },
  comm_msg: { comm_id: word, data: json },
  comm_close: { comm_id: word, data: json },
  execute_request: {
    code: fc.constantFrom("0", "[]", "null", "{}", "true"),
    silent: fc.boolean().map(text),
    user_expressions: json,
    allow_stdin: json,
  },
  interrupt_request: {},
  debug_request: { seq: json, command: json, arguments: json },
  input_reply: { value: json },
};

const types = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...Object.keys(requests)) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      "__proto__",
      "constructor",
      "toString",
      "hasOwnProperty",
      "",
      "_request",
      "execute_reply",
      "status",
      "\ud800",
      "subshell_request",
      "create_subshell_request",
      "x".repeat(10_000),
      "execute_request ",
      "a\nb\u001b[2J",
    ),
  },
);

/** Each field right, wrong or absent. The code of a cell is always of a wrong type, so that it never runs. */
function contentOf(type: string): fc.Arbitrary<Field[]> {
  const fields = Object.entries(requests[type] ?? { data: json });
  return fc.tuple(
    ...fields.map(([name, right]) =>
      fc
        .oneof(
          { weight: 4, arbitrary: right },
          { weight: 2, arbitrary: type === "execute_request" && name === "code" ? right : json },
          { weight: 1, arbitrary: fc.constant(undefined) },
        )
        .map((value): Field => [name, value]),
    ),
  );
}

/** A cell that is well-formed and fails or does nothing. */
const harmlessCell = harmless.map((code): Field[] => [
  ["code", text(code)],
  ["stop_on_error", "false"],
  ["silent", "true"],
]);

const envelope: fc.Arbitrary<Envelope> = fc.oneof(
  { weight: 14, arbitrary: fc.constant({ kind: "signed" } as const) },
  { weight: 4, arbitrary: fc.constantFrom("unsigned", "otherKey", "flipped", "replayed").map((kind) => ({ kind })) },
  {
    weight: 1,
    arbitrary: fc
      .oneof(fc.string({ unit: "binary", maxLength: 70 }), fc.constantFrom("0".repeat(64), "f".repeat(100_000)))
      .map((value) => ({ kind: "signature" as const, text: value })),
  },
  { weight: 2, arbitrary: fc.nat(4).map((frames) => ({ kind: "truncated" as const, frames })) },
  {
    weight: 1,
    arbitrary: fc
      .array(fc.uint8Array({ maxLength: 40 }), { minLength: 1, maxLength: 8 })
      .map((frames) => ({ kind: "rubbish" as const, frames })),
  },
);

const rarely = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.oneof({ weight: 12, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary });

const headerFields = rarely(
  fc.tuple(
    fc.constantFrom("msg_id", "msg_type", "session", "username", "date", "version", "__proto__"),
    fc.option(json, { nil: undefined }),
  ),
);

const damage: fc.Arbitrary<Damage> = fc.record({
  frame: fc.nat(3),
  at: fc.nat(200),
  kind: fc.constantFrom("utf8", "cut", "nul"),
});

export const hostile: fc.Arbitrary<Hostile> = types.chain((type) =>
  fc.record({
    target: fc.oneof(
      { weight: 10, arbitrary: fc.constant("shell" as const) },
      { weight: 4, arbitrary: fc.constant("control" as const) },
      { weight: 3, arbitrary: fc.constant("stdin" as const) },
      { weight: 1, arbitrary: fc.constantFrom("hb" as const, "iopub" as const) },
    ),
    type: fc.constant(type),
    header: headerFields.map((field): Field[] => (field ? [field] : [])),
    content:
      type === "execute_request"
        ? fc.oneof({ weight: 9, arbitrary: contentOf(type) }, { weight: 1, arbitrary: harmlessCell })
        : contentOf(type),
    headerText: rarely(json),
    parentText: fc.oneof(
      { weight: 8, arbitrary: fc.constant("{}") },
      { weight: 1, arbitrary: json },
      { weight: 1, arbitrary: json.map((value) => `{"msg_id":${value}}`) },
    ),
    metadataText: rarely(json).map((value) => value ?? "{}"),
    contentText: rarely(json),
    damage: rarely(damage),
    envelope,
    identities: fc.oneof(
      { weight: 20, arbitrary: fc.constant(0) },
      { weight: 1, arbitrary: fc.constantFrom(1, 60, 100) },
    ),
    buffers: fc.oneof(
      { weight: 10, arbitrary: fc.constant([]) },
      { weight: 1, arbitrary: fc.array(fc.constantFrom(0, 1, 1000, 100_000), { maxLength: 20 }) },
    ),
  }),
);

const object = (fields: readonly Field[]) => {
  const given = fields.flatMap(([name, value]) => (value === undefined ? [] : [`${text(name)}:${value}`]));
  return `{${given.join(",")}}`;
};

/** White space that tells one message from all others, so that only a replay is one. */
const numbered = (count: number) => count.toString(2).replaceAll("0", " ").replaceAll("1", "\t");

const delimiter = Buffer.from("<IDS|MSG>");

/** Makes the frames of one sender's messages; `key` is the kernel's. */
export class HostileSender {
  /** All that were sent, and those whose signature was good and new. */
  sent = 0;
  signed = 0;
  readonly #key: string;
  #last: Uint8Array[] | undefined;

  constructor(key: string) {
    this.#key = key;
  }

  frames(message: Hostile): Uint8Array[] {
    this.sent++;
    if (message.envelope.kind === "rubbish") return message.envelope.frames;
    const parts = this.#parts(message);
    const { envelope } = message;
    const good = Buffer.from(sign(this.#key, parts));
    const identities = Array.from({ length: message.identities }, (_, index) => Buffer.from(`hop ${index}`));
    const buffers = message.buffers.map((size) => Buffer.alloc(size, 0xfe));
    const whole = (signature: Uint8Array) => [...identities, delimiter, signature, ...parts, ...buffers];
    switch (envelope.kind) {
      case "signed":
        // A chain of more than 64 proxies is not looked for.
        if (!isMessageChannel(message.target) || message.identities > 60) return whole(good);
        this.signed++;
        this.#last = whole(good);
        return this.#last;
      case "unsigned":
        return whole(Buffer.alloc(0));
      case "otherKey":
        return whole(Buffer.from(sign(`${this.#key}x`, parts)));
      case "flipped":
        parts[3] = Buffer.from(parts[3] ?? []);
        parts[3][0] = (parts[3][0] ?? 0) ^ 1;
        return whole(good);
      case "replayed":
        return this.#last ?? whole(Buffer.alloc(0));
      case "signature":
        return whole(Buffer.from(envelope.text));
      case "truncated":
        return whole(good).slice(0, identities.length + 1 + envelope.frames);
      default:
        return envelope satisfies never;
    }
  }

  #parts(message: Hostile): Buffer<ArrayBuffer>[] {
    const header: Field[] = [
      ["msg_id", text(`hostile-${this.sent}`)],
      ["msg_type", text(message.type)],
      ["session", '"hostile"'],
      ["username", '"test"'],
      ["date", '"2026-01-01T00:00:00Z"'],
      ["version", '"5.5"'],
      ...message.header, // the last of two fields with one name counts
    ];
    const texts = [
      message.headerText ?? object(header),
      message.parentText,
      message.metadataText + numbered(this.sent),
      message.contentText ?? object(message.content),
    ];
    const parts = texts.map((part) => Buffer.from(part));
    const { damage: wrong } = message;
    const damaged = wrong && parts[wrong.frame];
    if (damaged) parts[wrong.frame] = broken(damaged, wrong);
    return parts;
  }
}

function isMessageChannel(target: Target): boolean {
  return target === "shell" || target === "control" || target === "stdin";
}

function broken(part: Buffer<ArrayBuffer>, { at, kind }: Damage): Buffer<ArrayBuffer> {
  const place = Math.min(at, part.length);
  if (kind === "cut") return Buffer.concat([part.subarray(0, place), part.subarray(part.length - 20)]);
  const inserted = kind === "utf8" ? Buffer.from([0xc3, 0x28, 0xff]) : Buffer.from([0]);
  return Buffer.concat([part.subarray(0, place), inserted, part.subarray(place)]);
}
