// Finding where a NaN or an infinity came from.

import { dense } from "../views.ts";
import { isFloat } from "../dtype.ts";
import { show, sizeOf } from "../shape.ts";
import { Node, shownName } from "../tape.ts";
import { NO_STORAGE, type Tensor } from "../trace.ts";
import { watching } from "./watch.ts";

function oddity(x: Tensor): string | undefined {
  if (!isFloat(x.dtype) || x.storage === NO_STORAGE) return undefined;
  const { storage, offset } = dense(x);
  for (let k = offset, end = offset + sizeOf(x.shape); k < end; k++) {
    const value = storage.data[k] as number;
    if (!Number.isFinite(value)) return Number.isNaN(value) ? "NaN" : "an infinity";
  }
  return undefined;
}

/** Where the user called us: the first frame of the stack that is not of this library, or of the file it was joined into. */
function caller(): string | undefined {
  const frames = (new Error().stack ?? "").split("\n").filter((text) => /:\d+:\d+\)?$/.test(text));
  const [own = ""] = frames;
  const file = /([^\s(]+):\d+:\d+\)?$/.exec(own)?.[1] ?? "";
  const ours = file.replace(/inspect\/anomaly\.[jt]s$/, "");
  const frame = frames.find((text) => !text.includes(ours));
  return frame?.trim().replace(/^at /, "");
}

/**
 * Runs `f`, and throws at the first operation, forward or backward, that makes a NaN or an infinity out of finite numbers: the error names
 * the operation, its inputs, and where it was called.
 *
 * @throws RangeError at the first such operation.
 * @example
 * detectAnomaly(() => {
 *   const loss = model.forward(x).log().mean();
 *   loss.backward();
 * });
 */
export function detectAnomaly<R>(f: () => R): R {
  let walking: Node | undefined;
  return watching(
    {
      evaluated(name, inputs, output) {
        const odd = oddity(output);
        if (odd === undefined || inputs.some((x) => oddity(x) !== undefined)) return;
        const shapes = inputs.map((x) => show(x.shape)).join(" and ");
        if (walking !== undefined) {
          const place = walking.origin === undefined ? "" : `, which was called at ${walking.origin}`;
          throw new RangeError(
            `detectAnomaly: the derivative of ${shownName(walking)} has ${odd} (${name} of ${shapes})${place}`,
          );
        }
        const place = caller();
        throw new RangeError(
          `detectAnomaly: ${name} of ${shapes} gave ${odd}${place === undefined ? "" : `; it was called at ${place}`}`,
        );
      },
      recorded(node) {
        walking = undefined;
        if (node instanceof Node) node.origin = caller();
      },
      backward(node) {
        walking = node as Node;
      },
    },
    f,
  );
}
