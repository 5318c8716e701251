// The option `--prelude` of the commands that start cells.

import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { InvalidArgumentError, Option } from "commander";
import { DEFAULT_PRELUDE } from "./prelude.ts";

export function preludeOption(): Option {
  return new Option(
    "--prelude <module>",
    `a module whose exports every cell sees, or none (default: ${DEFAULT_PRELUDE}, the library)`,
  ).argParser(moduleOf);
}

/** Kernels run in the notebook's folder, so a path given now is meant from here. */
function moduleOf(specifier: string): string {
  const path = /^(\.{0,2}[/\\]|[a-z]:[/\\])/i.test(specifier);
  const file = /\.[cm]?[jt]s$/.test(specifier) && existsSync(specifier);
  if (path && !existsSync(specifier)) throw new InvalidArgumentError(`There is no file ${resolve(specifier)}.`);
  return path || file ? resolve(specifier) : specifier;
}
