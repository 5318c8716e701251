// `npm start`: sets everything up and opens JupyterLab on notebooks/. Arguments after `--` go to JupyterLab.

import { join } from "node:path";
import { guarded, ROOT, setUp } from "./setup.mjs";

await guarded(async () => {
  await setUp();
  const { runLab } = await import("../dist/kernel/lab.js");
  return await runLab(process.argv.slice(2), join(ROOT, "notebooks"));
});
