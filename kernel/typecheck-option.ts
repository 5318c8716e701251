// The option `--typecheck` of the commands that start cells.

import { Option } from "commander";
import { POLICIES } from "./typecheck.ts";

export function typecheckOption(): Option {
  return new Option(
    "--typecheck <policy>",
    "what an error of types does: stop its cell, be told, nothing (default: error)",
  ).choices(POLICIES);
}
