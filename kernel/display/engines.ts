// What draws, loaded when the first thing is to be drawn: by `require`, which takes a third of the time that `import` takes, each from
// the one file that the build makes of it.

import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import type * as Charts from "./chart-engine.ts";
import type * as Pictures from "./chart-picture.ts";

let charts: typeof Charts | undefined;
let pictures: typeof Pictures | undefined;

function load(name: string): unknown {
  // dist/kernel/display and dist/bundle/runtime are equally deep.
  return createRequire(import.meta.url)(fileURLToPath(new URL(`../../bundle/display/${name}.js`, import.meta.url)));
}

/** Vega. */
export function chartEngine(): typeof Charts {
  return (charts ??= load("chart-engine") as typeof Charts);
}

/** Resvg. */
export function pictureEngine(): typeof Pictures {
  return (pictures ??= load("chart-picture") as typeof Pictures);
}
