// The connection file: where a front end wants the kernel's sockets, and the secrets that both sides share. Checked once,
// here, so that a broken file ends in one sentence and not in a socket that nobody reaches.
// https://jupyter-client.readthedocs.io/en/stable/kernels.html#connection-files
import { isObject, wanted } from "./message.ts";

export const channelNames = ["shell", "control", "stdin", "iopub", "hb"] as const;
export type ChannelName = (typeof channelNames)[number];

export interface Connection {
  transport: "tcp" | "ipc";
  /** An address, `*`, or with ipc the path that the port numbers are appended to. */
  ip: string;
  ports: Record<ChannelName, number>;
  /** Empty: messages are not signed. */
  key: string;
  signatureScheme: string;
  /** Set when the traffic is to be encrypted with CURVE; Z85, as ZeroMQ takes them. */
  curve: { publicKey: string; secretKey: string } | undefined;
}

/** 32 bytes. https://rfc.zeromq.org/spec/32/ */
const z85Key = /^[0-9a-zA-Z.:+=^!/*?&<>()[\]{}@%$#-]{40}$/;

/** Parses a connection file; throws an Error that says which field is wrong. */
export function parseConnection(text: string): Connection {
  let file: unknown;
  try {
    file = JSON.parse(text);
  } catch (error) {
    throw new Error(`connection file: malformed JSON, ${String(error)}`, { cause: error });
  }
  if (!isObject(file)) throw new TypeError(`connection file: ${wanted("an object", file)}`);
  const fields = file;
  const string = (name: string, otherwise?: string): string => {
    const value = fields[name] ?? otherwise;
    if (typeof value !== "string") throw new TypeError(`connection file: ${name} ${wanted("a string", value)}`);
    return value;
  };
  const port = (name: ChannelName): number => {
    const value = fields[`${name}_port`];
    if (typeof value !== "number" || !Number.isInteger(value) || value < 0 || value > 65_535)
      throw new TypeError(`connection file: ${name}_port ${wanted("a port number", value)}`);
    return value;
  };
  const transport = string("transport", "tcp");
  if (transport !== "tcp" && transport !== "ipc")
    throw new RangeError(`connection file: unknown transport ${JSON.stringify(transport)}; expected tcp or ipc`);
  // zeromq answers a wrong key with "Invalid argument", and some time later ends the process.
  const curveKey = (name: string): string => {
    const key = string(name);
    if (!z85Key.test(key)) throw new RangeError(`connection file: ${name} must be 40 characters of Z85`);
    return key;
  };
  const secured = fields["curve_publickey"] !== undefined || fields["curve_secretkey"] !== undefined;
  return {
    transport,
    ip: string("ip", "127.0.0.1"),
    ports: {
      shell: port("shell"),
      control: port("control"),
      stdin: port("stdin"),
      iopub: port("iopub"),
      hb: port("hb"),
    },
    key: string("key", ""),
    signatureScheme: string("signature_scheme", "hmac-sha256"),
    curve: secured ? { publicKey: curveKey("curve_publickey"), secretKey: curveKey("curve_secretkey") } : undefined,
  };
}

/** The ZeroMQ address of a channel. */
export function address({ transport, ip, ports }: Connection, channel: ChannelName): string {
  if (transport === "ipc") return `ipc://${ip}-${ports[channel]}`;
  return `tcp://${ip.includes(":") ? `[${ip}]` : ip}:${ports[channel]}`;
}
