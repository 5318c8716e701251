// Node's loader keeps a module that was cut off while it loaded, and whoever imports it again waits for ever. What keeps it is a
// table inside Node, reached by `--expose-internals` (kernel/launch.ts); where that has changed, nothing is forgotten.

import { createRequire } from "node:module";

interface Job {
  module?: { getStatus(): number };
}

interface Internals {
  getOrInitializeCascadedLoader(): { loadCache: Map<string, Record<string, Job | (() => Job) | undefined>> };
}

/** V8's `Module::Status`. */
const EVALUATED = 4;

/** Forgets all modules that have not been evaluated, and tells their URLs. */
export function forgetUnfinished(): Set<string> {
  const forgotten = new Set<string>();
  try {
    const internals = createRequire(import.meta.url)("internal/modules/esm/loader") as Internals;
    for (const [url, jobs] of internals.getOrInitializeCascadedLoader().loadCache) {
      for (const [type, job] of Object.entries(jobs)) {
        if (typeof job !== "object" || job.module === undefined || job.module.getStatus() === EVALUATED) continue;
        Reflect.deleteProperty(jobs, type);
        forgotten.add(url);
      }
    }
  } catch {
    // Another Node than those that are known: the next import says that the module cannot be loaded again.
  }
  return forgotten;
}
