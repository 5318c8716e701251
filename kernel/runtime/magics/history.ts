// `%history`: what was run in this session.

import { print } from "../output.ts";
import { type Call, type Magic, usageError, words } from "./magic.ts";

const usage = "[-n] [-l COUNT] [-g PATTERN] [FROM-TO…]";

function history({ text, session }: Call): void {
  let numbers = false;
  let last: number | undefined;
  let pattern: string | undefined;
  const ranges: [number, number][] = [];
  const given = words(text);
  for (let word = given.shift(); word !== undefined; word = given.shift()) {
    const [, from, dash, to] = /^(\d+)(-)?(\d+)?$/.exec(word) ?? [];
    if (word === "-n") numbers = true;
    else if (word === "-g") pattern = given.splice(0).join(" ");
    else if (word === "-l") last = /^\d+$/.test(given[0] ?? "") ? Number(given.shift()) : 10;
    else if (from !== undefined)
      ranges.push([Number(from), dash === undefined ? Number(from) : Number(to ?? Infinity)]);
    else throw usageError(`%history: unknown option '${word}'; usage: %history ${usage}`);
  }
  // Each cell counts once, as it was run last, and the running one has not been.
  const inputs = [...new Map(session.inputs.slice(0, -1).map((input) => [input.count, input])).values()];
  const matches = pattern === undefined ? () => true : globOf(pattern);
  const chosen = inputs
    .filter(({ count }) => ranges.length === 0 || ranges.some(([from, to]) => from <= count && count <= to))
    .filter(({ source }) => matches(source));
  for (const { count, source } of last === undefined ? chosen : chosen.slice(-last)) {
    if (!numbers) print("stdout", `${source}\n`);
    else print("stdout", `${String(count).padStart(4)}: ${source.replaceAll("\n", "\n      ")}\n`);
  }
}

/** A glob anywhere in the text: `*` and `?`. */
function globOf(pattern: string): (text: string) => boolean {
  const escaped = pattern.replace(/[.+^${}()|[\]\\]/g, String.raw`\$&`);
  const expression = new RegExp(escaped.replace(/\*+/g, "[^]*").replaceAll("?", "[^]"), "i");
  return (text) => expression.test(text);
}

export const historyMagics: readonly Magic[] = [
  {
    names: ["history", "hist"],
    usage,
    help: "Prints the cells that were run: all, the last ones (-l), some by number, those that match (-g); with -n their numbers.",
    line: history,
  },
];
