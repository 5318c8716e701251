// The requests that only ask: each turns the fields of a message into a call of the session (or the history) and the answer
// into the content of the reply. They differ from the session's calls in one thing: cursors, which the protocol counts in code
// points.
import { type Connection } from "./connection.ts";
import { type Entry, type History } from "./history.ts";
import { type Message } from "./message.ts";
import { type Fields, toCodePoints, toUtf16 } from "./requests.ts";
import { type Session } from "./session.ts";

export async function complete(session: Session<unknown>, fields: Fields): Promise<object> {
  const code = fields.string("code");
  const cursor = toUtf16(code, fields.integer("cursor_pos", code.length));
  const { matches, start, end, types } = await session.complete(code, cursor);
  const point = (units: number) => toCodePoints(code, units);
  const typed = types.map((item) => ({ ...item, start: point(item.start), end: point(item.end) }));
  const metadata = typed.length > 0 ? { _jupyter_types_experimental: typed } : {};
  return { status: "ok", matches, cursor_start: point(start), cursor_end: point(end), metadata };
}

export async function inspect(session: Session<unknown>, fields: Fields): Promise<object> {
  const code = fields.string("code");
  const cursor = toUtf16(code, fields.integer("cursor_pos", code.length));
  const detail = fields.integer("detail_level", 0) > 0 ? 1 : 0;
  const { found, data } = await session.inspect(code, cursor, detail);
  return { status: "ok", found, data, metadata: {} };
}

export async function isComplete(session: Session<unknown>, fields: Fields): Promise<object> {
  return session.isComplete(fields.string("code"));
}

/** Rows of `[session, line, source]`, or `[session, line, [source, output]]`. */
export async function history(stored: History, fields: Fields): Promise<object> {
  const withOutput = fields.boolean("output", false);
  const row = ({ session, line, source, output }: Entry) => [session, line, withOutput ? [source, output] : source];
  return { status: "ok", history: (await find(stored, fields)).map(row) };
}

function find(stored: History, fields: Fields): Promise<Entry[]> {
  const type = fields.string("hist_access_type");
  const optional = (name: string) => (fields.has(name) ? fields.integer(name) : undefined);
  if (type === "tail") return stored.tail(optional("n") ?? 10);
  if (type === "search")
    return stored.search(fields.string("pattern", "*"), optional("n"), fields.boolean("unique", false));
  if (type === "range") return stored.range(fields.integer("session", 0), fields.integer("start", 1), optional("stop"));
  throw new TypeError(`history_request: hist_access_type must be tail, range or search, not ${JSON.stringify(type)}`);
}

export async function comm<Origin>(
  session: Session<Origin>,
  { type, metadata, buffers }: Message,
  fields: Fields,
  origin: Origin,
): Promise<void> {
  if (type !== "comm_open" && type !== "comm_msg" && type !== "comm_close") return;
  const target = type === "comm_open" ? { target_name: fields.string("target_name") } : {};
  const content = { comm_id: fields.string("comm_id"), ...target, data: fields.object("data") };
  await session.comm({ type, content, metadata, buffers }, origin);
}

export async function commInfo(session: Session<unknown>, fields: Fields): Promise<object> {
  const target = fields.has("target_name") ? fields.string("target_name") : undefined;
  return { status: "ok", comms: session.commInfo(target) };
}

export function connect({ ports: { shell, control, stdin, iopub, hb } }: Connection): object {
  return { status: "ok", shell_port: shell, control_port: control, stdin_port: stdin, iopub_port: iopub, hb_port: hb };
}
