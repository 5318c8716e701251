// `npm run docs`: the API reference of the library, built by TypeDoc from the docstrings into docs/api/site/. TypeDoc does not accept TypeScript 7,
// so it has a folder of its own with a lock of its own, and the TypeScript that it accepts.

import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./setup.mjs";

const FOLDER = join(ROOT, "docs", "api");
const lock = readFileSync(join(FOLDER, "package-lock.json"), "utf8");
const stamp = join(FOLDER, "node_modules", ".stamp");

/** Runs a program in the folder, and ends with it where it fails. */
function run(command, args) {
  const { status, error } = spawnSync(command, args, { cwd: FOLDER, stdio: "inherit" });
  if (error) console.error(`docs: ${error.message}`);
  if (status !== 0) process.exit(status ?? 1);
}

if (!existsSync(stamp) || readFileSync(stamp, "utf8") !== lock) {
  // Set when npm runs us; on Windows plain npm needs a shell.
  const npm = process.env.npm_execpath;
  const [command, args] = npm ? [process.execPath, [npm]] : ["npm", []];
  run(command, [...args, "ci", "--ignore-scripts", "--no-audit", "--no-fund"]);
  writeFileSync(stamp, lock);
}
run(process.execPath, [
  join("node_modules", "typedoc", "bin", "typedoc"),
  "--options",
  "typedoc.json",
  ...process.argv.slice(2),
]);
console.log("read docs/api/site/index.html");
