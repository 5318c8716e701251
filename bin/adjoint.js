#!/usr/bin/env node
// The command `adjoint`. Jupyter waits for `adjoint kernel FILE`, so that one loads the kernel and nothing else;
// every other command goes through the parser in kernel/cli.ts.

import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const command = new URL("../dist/bundle/", import.meta.url);

if (existsSync(fileURLToPath(new URL("cli.js", command)))) {
  const [name, ...args] = process.argv.slice(2);
  if (name === "kernel" && !args.some((arg) => arg === "-h" || arg === "--help")) {
    const { kernelCommand } = await import(new URL("kernel-command.js", command).href);
    await kernelCommand(args);
  } else {
    const { main } = await import(new URL("cli.js", command).href);
    process.exitCode = await main(process.argv.slice(2));
  }
} else {
  console.error("adjoint: not built yet: run npm start, or npm run build, in the folder of the project");
  process.exitCode = 1;
}
