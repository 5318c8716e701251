// The TypeScript compiler of the cells, loaded when first used: it costs 28 ms.

import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
let loaded: typeof import("@swc/core") | undefined;

export function swc(): typeof import("@swc/core") {
  return (loaded ??= require("@swc/core") as typeof import("@swc/core"));
}
