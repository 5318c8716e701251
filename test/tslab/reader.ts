// What a reader sees below a cell, in one form for tslab and for this kernel, though the two send different messages: tslab prints
// results and errors as text, this kernel sends them as what they are. Not compared: colours, and where text is broken into lines.
import { setTimeout as delay } from "node:timers/promises";
import { stripVTControlCharacters } from "node:util";
import { runInNewContext } from "node:vm";
import { Client, type Message, type Spec } from "../client.ts";

type Bundle = Record<string, unknown>;

export interface Seen {
  /** In order: text that is printed (a result as `console.log` would print it), and bundles in the richest formats they have. */
  shown: (string | Bundle)[];
  /** What a cell that does not fail prints to stderr. */
  stderr?: string;
  /** How the cell fails, in one line. */
  error?: string;
}

/** How tslab refuses a cell before running it: a syntax error, or a type error. */
export const REFUSED = "does not compile";

function plain(text: unknown): string {
  return stripVTControlCharacters(String(text));
}

/** Runs of blanks as one: where lines are broken is a matter of taste. */
function joined(text: string): string {
  return text.replace(/\s+/g, " ").trim();
}

/** A result as `console.log` prints it: the text of a string, not its literal. */
function printed(result: string): string {
  if (!/^(['"`])[^]*\1$/.test(result)) return result;
  try {
    return plain(runInNewContext(result));
  } catch {
    return result; // Not one literal: `'a' + 'b'` looks like one, say.
  }
}

/** Text beside a richer format is what front ends do not show. */
function richest(bundle: Bundle): Bundle {
  const { "text/plain": text, ...rich } = bundle;
  return Object.keys(rich).length > 0 ? rich : { "text/plain": text };
}

/** What a cell prints and shows, and what it prints to stderr. */
function outputsOf(messages: readonly Message[]): { shown: Seen["shown"]; stderr: string } {
  const shown: Seen["shown"] = [];
  const places = new Map<unknown, number>();
  let stderr = "";
  const print = (text: string): void => {
    const last = shown.at(-1);
    if (typeof last === "string") shown[shown.length - 1] = last + text;
    else shown.push(text);
  };
  for (const { header, content } of messages) {
    const bundle = content["data"] as Bundle;
    const id = (content["transient"] as { display_id?: unknown } | undefined)?.display_id;
    switch (header.msg_type) {
      case "stream":
        if (content["name"] === "stderr") stderr += plain(content["text"]);
        else print(plain(content["text"]));
        break;
      case "execute_result": {
        const rich = richest(bundle);
        if ("text/plain" in rich) print(`${printed(plain(rich["text/plain"]))}\n`);
        else shown.push(rich);
        break;
      }
      case "display_data":
        places.set(id, shown.push(richest(bundle)) - 1);
        break;
      case "update_display_data": {
        const place = places.get(id);
        // The place of an earlier cell's display is above; seen of this cell is that it changes.
        if (place === undefined) shown.push({ updated: richest(bundle) });
        else shown[place] = richest(bundle);
      }
    }
  }
  const texts = shown.map((item) => (typeof item === "string" ? joined(item) : item));
  return { shown: texts.filter((item) => item !== ""), stderr: joined(stderr) };
}

/** tslab prints `console.error(thrown)`: for errors the compiled line first, then the message, then the stack. */
function errorOfTslab(stderr: string): string {
  if (/^(\S+\.tsx? )?\d+:\d+ - /.test(stderr)) return REFUSED;
  const lines = stderr.split("\n");
  const header = lines.find((line) => /^(?:[A-Z]\w*)?(?:Error|Exception)(?: \[\w+\])?:/.test(line));
  return header?.replace(/ \[\w+\]:/, ":") ?? joined(stderr);
}

/** Starts tslab, which drops what it is asked while it binds its sockets: asks until it answers. */
export async function startTslab(spec: Spec): Promise<Client> {
  const client = await Client.start(spec, { ready: false });
  for (let attempt = 1; ; attempt++) {
    try {
      await client.kernelInfo(2000);
      return client;
    } catch (error) {
      if (attempt === 10 || client.process?.exit) {
        await client.close();
        throw error;
      }
    }
  }
}

/** Runs a cell in tslab. */
export async function inTslab(client: Client, code: string): Promise<Seen> {
  const { reply, outputs, text } = await client.execute(code);
  const { shown, stderr } = outputsOf(outputs);
  if (reply.content.status === "ok") return { shown, ...(stderr !== "" && { stderr }) };
  // For a fifth of a second after a failure it refuses every cell.
  while ((await client.execute("")).reply.content.status !== "ok") await delay(20);
  return { shown, error: errorOfTslab(plain(text("stderr"))) };
}

/** Runs a cell in this kernel. */
export async function inAdjoint(client: Client, code: string): Promise<Seen> {
  const { outputs, of } = await client.execute(code);
  const { shown, stderr } = outputsOf(outputs);
  const [error] = of("error");
  if (error === undefined) return { shown, ...(stderr !== "" && { stderr }) };
  const { ename, evalue } = error.content;
  const [message = ""] = plain(evalue).split("\n");
  return { shown, error: ename === "Uncaught" ? printed(message) : `${String(ename)}: ${message}` };
}
