// `npm run build`: compiles everything to dist/, then joins what users start into one file per process in dist/bundle/. Loading
// some fifty small modules, and Node's loader of ES modules at all, cost a kernel a third of its start; the tests run the small
// ones.

import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const ENTRIES = ["cli.js", "kernel-command.js", "runtime/main.js", "runtime/interrupt-thread.js"];

const tsc = join(ROOT, "node_modules", "typescript", "bin", "tsc");
const { status } = spawnSync(process.execPath, [tsc], { cwd: ROOT, stdio: "inherit" });
if (status !== 0) process.exit(1);

const bundle = join(ROOT, "dist", "bundle");
mkdirSync(bundle, { recursive: true });
writeFileSync(join(bundle, "package.json"), '{ "type": "commonjs" }\n');
const { build } = await import("esbuild");
await build({
  absWorkingDir: ROOT,
  entryPoints: ENTRIES.map((entry) => join("dist", "kernel", entry)),
  outbase: join("dist", "kernel"),
  outdir: bundle,
  bundle: true,
  external: ["@swc/core", "zeromq", "commander"],
  platform: "node",
  target: "node20.19",
  format: "cjs",
  banner: { js: 'const importMetaUrl = require("node:url").pathToFileURL(__filename).href;' },
  define: { "import.meta.url": "importMetaUrl" },
  sourcemap: "linked",
  logLevel: "warning",
});
