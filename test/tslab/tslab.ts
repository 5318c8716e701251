// The real tslab, for tests and benchmarks that run the same cells in it and here.
import { join } from "node:path";
import { root } from "../adjoint.ts";
import type { Spec } from "../client.ts";

/** The package, as npm has installed it. */
export const tslabFolder = join(root, "node_modules", "tslab");

/** tslab as its kernelspec starts it. */
export const tslab: Spec = {
  argv: [process.execPath, join(tslabFolder, "bin", "tslab"), "kernel", "--config-path={connection_file}"],
};

/**
 * zeromq completes 512 sends at once and the next one later, and refuses those in between; tslab awaits none and so loses messages
 * now and then. Told not to wait, zeromq completes all at once.
 */
const withoutLoss = `
  import { createRequire } from "node:module";
  const zeromq = createRequire(${JSON.stringify(join(tslabFolder, "package.json"))})("zeromq");
  zeromq.Publisher = class extends zeromq.Publisher {
    constructor(options) {
      super({ ...options, sendTimeout: 0 });
    }
  };`;

/** tslab with everything that it publishes. */
export const completeTslab: Spec = {
  argv: [
    process.execPath,
    "--import",
    `data:text/javascript,${encodeURIComponent(withoutLoss)}`,
    ...tslab.argv.slice(1),
  ],
};
