// What the session's names are: `%who` shows them, `%reset` forgets them.

import { inspect } from "node:util";
import { askInput } from "../input.ts";
import { print } from "../output.ts";
import { type Call, type Magic, usageError } from "./magic.ts";
import { showTable } from "./table.ts";

const LONGEST_VALUE = 80;

function shortValue(value: unknown): string {
  let text: string;
  try {
    text = inspect(value, {
      depth: 0,
      maxArrayLength: 6,
      maxStringLength: 60,
      breakLength: Infinity,
      customInspect: false,
    });
  } catch {
    return "a value that cannot be shown"; // A getter of `Symbol.toStringTag` may throw.
  }
  const line = text.replace(/\s+/g, " ");
  return line.length <= LONGEST_VALUE ? line : `${line.slice(0, LONGEST_VALUE - 1)}…`;
}

function typeOf(value: unknown): string {
  if (value === null) return "null";
  if (typeof value !== "object") return typeof value;
  try {
    // `inspect` names the class without calling anything of the user's but a getter of `Symbol.toStringTag`.
    const text = inspect(value, { depth: -1, customInspect: false }).replace(/^\[Object: null prototype\]/, "Object");
    return /^(?:\[)?([\p{ID_Start}$_][\p{ID_Continue}$.]*)/u.exec(text)?.[1] ?? "object";
  } catch {
    return "object"; // It throws.
  }
}

function who({ text, session }: Call): void {
  const wanted = text.split(/\s+/).filter((word) => word !== "");
  const rows = session
    .declarations()
    .map(({ name, kind, value }) => [name, kind, typeOf(value), shortValue(value)] as const)
    .filter(([, kind, type]) => wanted.length === 0 || wanted.includes(kind) || wanted.includes(type))
    .sort(([a], [b]) => (a < b ? -1 : 1));
  if (rows.length > 0) showTable(["name", "kind", "type", "value"], rows);
  else
    print(
      "stdout",
      wanted.length === 0 ? "no names are declared\n" : `no names are declared of ${wanted.join(", ")}\n`,
    );
}

async function reset({ text, session }: Call): Promise<void> {
  if (text !== "" && text !== "-f") throw usageError(`%reset: unknown option '${text}'; usage: %reset [-f]`);
  const question = "all variables will be forgotten; proceed [y/N]?";
  // Nobody who could be asked: they said it.
  const answer = text === "-f" ? "y" : ((await askInput(question)) ?? "y");
  if (!/^\s*y(es)?\s*$/i.test(answer)) {
    print("stdout", "nothing was forgotten\n");
    return;
  }
  const count = session.declarations().length;
  session.reset();
  print(
    "stdout",
    count === 0 ? "there was nothing to forget\n" : `forgot ${count} ${count === 1 ? "name" : "names"}\n`,
  );
}

export const nameMagics: readonly Magic[] = [
  {
    names: ["who", "whos", "who_ls"],
    usage: "[KIND or TYPE…]",
    help: "Shows the names that cells have declared, with kind, type and value.",
    line: who,
  },
  {
    names: ["reset"],
    usage: "[-f]",
    help: "Forgets all names that cells have declared; asks first, unless -f is given or nobody can be asked.",
    line: reset,
  },
];
