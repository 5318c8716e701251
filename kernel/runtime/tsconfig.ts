// The one option of the user's tsconfig.json that changes what code does, not only whether it is accepted: which decorators it means.

import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { withoutComments } from "../tsconfig-paths.ts";

/** Does the nearest tsconfig.json, from the folder upwards, ask for TypeScript's older decorators? What it extends is not read. */
export function asksForLegacyDecorators(folder: string): boolean {
  for (let at = folder; ; at = dirname(at)) {
    try {
      const text = withoutComments(readFileSync(join(at, "tsconfig.json"), "utf8"));
      return /"experimentalDecorators"\s*:\s*true/.test(text);
    } catch {
      // None there, or none that can be read: the next one counts.
    }
    if (dirname(at) === at) return false;
  }
}
