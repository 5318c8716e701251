// What a compiled cell calls in the place of its lines that are no TypeScript. Each fails at its own place in the cell; the magics
// are loaded when the first is called, so that other cells do not pay for them.

import type { Line } from "../cell.ts";
import type { MagicSession } from "./magics/magic.ts";

/** `line(index, values, code)` runs a line; `line.end(index)` tells it that the TypeScript beside it has run. */
export interface LineFunction {
  (index: number, values?: readonly unknown[], code?: () => unknown): Promise<unknown>;
  end(index: number): void;
}

export function lineFunction(lines: readonly Line[], session: MagicSession): LineFunction {
  const ends = new Map<number, () => void>();
  const line = async (index: number, values: readonly unknown[] = [], code?: () => unknown): Promise<unknown> => {
    const place = { stack: "" };
    Error.captureStackTrace(place, line);
    const { name, isCell, text, body, assigned } = lines[index] ?? noLine(index);
    const { LineError, runMagic } = await import("./magics/registry.ts");
    try {
      return await runMagic({
        typed: name === "!" ? name : `${isCell ? "%%" : "%"}${name}`,
        text: text.map((piece, at) => (at === 0 ? piece : asText(values[at - 1]) + piece)).join(""),
        body,
        assigned,
        code,
        atEnd: (callback) => ends.set(index, callback),
        session,
      });
    } catch (error) {
      if (error instanceof LineError) {
        const [, ...frames] = place.stack.split("\n");
        error.stack = [`${error.name}: ${error.message}`, ...frames].join("\n");
      }
      throw error;
    }
  };
  return Object.assign(line, { end: (index: number) => ends.get(index)?.() });
}

function noLine(index: number): never {
  throw new RangeError(`the cell has no line ${index}`);
}

/** As it stands in a line: a list as words. */
function asText(value: unknown): string {
  return Array.isArray(value) ? value.map(String).join(" ") : String(value);
}
