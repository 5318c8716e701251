// `npm start`: sets everything up and opens JupyterLab on notebooks/. Arguments after `--` go to JupyterLab.

import { join } from "node:path";
import { guarded, ROOT, setUp } from "./setup.mjs";

// npm ends at once when it is told to and may not pass that on: then nobody could stop this process.
if (process.env.npm_lifecycle_event) {
  const npm = process.ppid;
  const look = () => process.ppid !== npm && process.kill(process.pid, "SIGTERM");
  setInterval(look, 1000).unref();
}

await guarded(async () => {
  await setUp();
  const { runLab } = await import("../dist/kernel/lab.js");
  return await runLab(process.argv.slice(2), join(ROOT, "notebooks"));
});
