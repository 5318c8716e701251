// A value as text, as Node's console shows it.

import { inspect } from "node:util";

/** The most text that one value shows; the rest is counted. */
const TEXT_LIMIT = 1_000_000;

/** Text of a value as Node's console shows it; never throws. */
export function textOf(value: unknown): string {
  let text: string;
  try {
    text = inspect(value, { depth: 4, maxArrayLength: 100, maxStringLength: 100_000, breakLength: 100 });
  } catch (error) {
    text = `[${typeof value} that cannot be inspected: ${error instanceof Error ? error.message : "its inspection throws"}]`;
  }
  return text.length <= TEXT_LIMIT ? text : `${text.slice(0, TEXT_LIMIT)}… ${text.length - TEXT_LIMIT} more characters`;
}
