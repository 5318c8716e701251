// What a name that nobody declares may have been meant to be. TypeScript knows only those of a session's names that a cell uses rightly, so
// it is us who say it: `no_grad` is `noGrad`, `logSoftMax` is `logSoftmax`.

import { distance } from "../distance.ts";
import { UNKNOWN_NAME } from "./policy.ts";
import { quoted } from "./imports.ts";

/** Letters by which a name may differ: no more than a third of it. */
const FARTHEST = 2;

/** Case and underscores count for nothing. */
function plain(name: string): string {
  return name.replaceAll("_", "").toLowerCase();
}

export function nearestName(name: string, names: Iterable<string>): string | undefined {
  const wanted = plain(name);
  const limit = Math.min(FARTHEST, Math.floor(wanted.length / 3));
  let best: { name: string; far: number } | undefined;
  for (const candidate of names) {
    const other = plain(candidate);
    if (Math.abs(other.length - wanted.length) > limit) continue;
    const far = other === wanted ? 0 : distance(wanted, other);
    if (far <= limit && (best === undefined || far < best.far)) best = { name: candidate, far };
  }
  return best?.name;
}

export function nameHint(
  { code, message }: { code: number; message: string },
  names: Iterable<string>,
): string | undefined {
  const name = UNKNOWN_NAME.has(code) && !message.includes("Did you mean") ? quoted(message) : undefined;
  const nearest = name === undefined ? undefined : nearestName(name, names);
  return nearest === undefined ? undefined : `did you mean '${nearest}'?`;
}
