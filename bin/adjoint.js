#!/usr/bin/env node
// The command `adjoint`. Jupyter waits for `adjoint kernel FILE`, so that one loads the kernel and nothing else; `lesson`
// and `note` load the compiler of notes; every other command goes through the parser in kernel/cli.ts. (CommonJS, as
// package.json beside it says: Node starts some milliseconds sooner.)

const { existsSync } = require("node:fs");
const { join } = require("node:path");

const bundle = join(__dirname, "..", "dist", "bundle");

async function run() {
  if (!existsSync(join(bundle, "cli.js"))) {
    console.error("adjoint: not built yet: run npm start, or npm run build, in the folder of the project");
    return 1;
  }
  const [name, ...args] = process.argv.slice(2);
  if (name === "kernel" && !args.some((arg) => arg === "-h" || arg === "--help")) {
    await require(join(bundle, "kernel-command.js")).kernelCommand(args);
    return process.exitCode;
  }
  if (name === "lesson" || name === "note") {
    return require(join(bundle, "lesson.js")).main(process.argv.slice(2));
  }
  return require(join(bundle, "cli.js")).main(process.argv.slice(2));
}

void run().then((code) => {
  process.exitCode = code;
});
