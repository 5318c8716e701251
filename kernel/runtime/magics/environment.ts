// The process that cells run in: its folder (`%cd`) and its environment (`%env`).

import { homedir } from "node:os";
import { print } from "../output.ts";
import { type Call, type Magic, onePath, reasonOf, usageError } from "./magic.ts";

let previous: string | undefined;

/** `~` and `~/x` are below the user's home. */
export function expandHome(path: string): string {
  return /^~(?=$|[/\\])/.test(path) ? homedir() + path.slice(1) : path;
}

function cd({ text }: Call): void {
  const wanted = onePath(text);
  const target = wanted === "-" ? previous : expandHome(wanted === "" ? "~" : wanted);
  if (target === undefined) throw usageError("%cd -: there is no folder before this one");
  const current = process.cwd();
  try {
    process.chdir(target);
  } catch (error) {
    throw usageError(`%cd: cannot go to '${target}': ${reasonOf(error)}`);
  }
  previous = current;
  print("stdout", `${process.cwd()}\n`);
}

/** As IPython hides them where all are listed, and passwords. */
const secret = /key|token|secret|passw|credential/i;

/** `$NAME` and `${NAME}` are variables that are set, as for a shell: `%env PATH=/opt/bin:$PATH`. */
function withVariables(value: string): string {
  return value.replace(
    /\$(?:\{(\w+)\}|(\w+))/g,
    (whole, braced?: string, bare?: string) => process.env[braced ?? bare ?? ""] ?? whole,
  );
}

function env({ text, typed }: Call): unknown {
  if (text === "") {
    const hidden = (name: string, value: string | undefined) => (secret.test(name) ? "<hidden>" : (value ?? ""));
    return Object.fromEntries(Object.entries(process.env).map(([name, value]) => [name, hidden(name, value)]));
  }
  const [, name = "", value] = /^([^\s=]+)(?:\s*=\s*|\s+)?([^]*)$/.exec(text) ?? [];
  if (name === "") throw usageError(`${typed}: a name must come before the '=': ${text}`);
  if (text === name) {
    if (process.env[name] === undefined) throw usageError(`${typed}: '${name}' is not set`);
    return process.env[name];
  }
  const expanded = withVariables(value ?? "");
  process.env[name] = expanded;
  print("stdout", `env: ${name}=${expanded}\n`);
  return undefined;
}

export const environmentMagics: readonly Magic[] = [
  {
    names: ["cd"],
    usage: "[FOLDER or -]",
    help: "Changes the folder that cells and commands run in and says which it is; imports go on from the notebook's.",
    line: cd,
  },
  {
    names: ["env", "set_env"],
    usage: "[NAME or NAME=VALUE]",
    help: "Gives the environment, where what looks secret is hidden, or one variable of it, or sets one.",
    line: env,
  },
];
