// This kernel as a front end starts it, for tests that go through a real process.
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Spec } from "./client.ts";

/** The folder of package.json, wherever this file was compiled to. */
export const root = ((folder: string): string => {
  while (!existsSync(join(folder, "package.json"))) folder = dirname(folder);
  return folder;
})(dirname(fileURLToPath(import.meta.url)));

/** The kernelspec's command, without the colours, and with a history of its own: tests leave none behind. */
export const adjoint: Spec = {
  argv: [process.execPath, join(root, "bin", "adjoint.js"), "kernel", "{connection_file}"],
  env: { ADJOINT_HISTORY: "off", NO_COLOR: "1" },
};
