// How long code takes: `%time` runs it once in its place, `%timeit` calls it in loops until the clock can tell. The numbers are
// written as IPython writes them (TimeitResult and _format_time in IPython/core/magics/execution.py).

import { currentExecution } from "../execution.ts";
import { print } from "../output.ts";
import { nativeTimers } from "../timers.ts";
import { type Call, type Magic, usageError } from "./magic.ts";

/** A run that takes less says little. */
const SHORTEST_RUN = 0.2;
const MOST_LOOPS = 1e9;

const UNITS = ["s", "ms", "µs", "ns"];

/** Seconds with three digits and a unit; `1min 5s` from a minute on. */
export function formatTime(seconds: number): string {
  if (seconds >= 60) {
    const parts: string[] = [];
    let rest = Math.round(seconds);
    for (const [unit, length] of [
      ["d", 86_400],
      ["h", 3600],
      ["min", 60],
      ["s", 1],
    ] as const) {
      const count = Math.floor(rest / length);
      rest -= count * length;
      if (count > 0) parts.push(`${count}${unit}`);
    }
    return parts.join(" ");
  }
  const order = seconds > 0 ? Math.min(3, Math.max(0, -Math.floor(Math.log10(seconds) / 3))) : 3;
  return `${Number((seconds * 1000 ** order).toPrecision(3))} ${UNITS[order]}`;
}

function time({ text, typed, atEnd }: Call): void {
  if (text !== "") throw usageError(`${typed} takes no options: ${text}`);
  let ended = false;
  atEnd(() => {
    const wall = (performance.now() - start) / 1000;
    const { user, system } = process.cpuUsage(cpu);
    if (ended) return;
    ended = true;
    const [u, s] = [user / 1e6, system / 1e6];
    const times = `user ${formatTime(u)}, sys: ${formatTime(s)}, total: ${formatTime(u + s)}`;
    print("stdout", `CPU times: ${times}\nWall time: ${formatTime(wall)}\n`);
  });
  const cpu = process.cpuUsage();
  const start = performance.now();
}

interface Options {
  loops?: number;
  runs: number;
  quiet: boolean;
}

function timeitOptions(text: string, typed: string): Options {
  const options: Options = { runs: 7, quiet: false };
  for (const [option, letter, digits] of text.matchAll(/-([a-z])[^\S\n]*(\d+)?/g)) {
    const number = Number(digits);
    if (letter === "q" && digits === undefined) options.quiet = true;
    else if (letter === "n" && number > 0) options.loops = number;
    else if (letter === "r" && number > 0) options.runs = number;
    else
      throw usageError(`${typed}: unknown option '${option.trim()}'; usage: ${typed} [-n LOOPS] [-r RUNS] EXPRESSION`);
  }
  return options;
}

/** Takes what is measured: without an effect the engine would leave it away. */
const sink: { value?: unknown } = {};

function callInLoop(code: () => unknown, loops: number): void {
  for (let loop = 0; loop < loops; loop++) sink.value = code();
}

/** Milliseconds of all calls. */
async function measure(code: () => unknown, loops: number, waits: boolean): Promise<number> {
  const start = performance.now();
  if (!waits) callInLoop(code, loops);
  else for (let loop = 0; loop < loops; loop++) sink.value = await code();
  return performance.now() - start;
}

async function timeit({ code, text, typed }: Call): Promise<void> {
  const { loops: given, runs, quiet } = timeitOptions(text, typed);
  if (code === undefined) throw usageError(`${typed} needs an expression: ${typed} [-n LOOPS] [-r RUNS] EXPRESSION`);
  const execution = currentExecution();
  const first: unknown = code();
  const waits = typeof (first as PromiseLike<unknown> | null | undefined)?.then === "function";
  await first;
  let loops = given ?? 1;
  if (given === undefined)
    for (; loops < MOST_LOOPS && !execution.interrupted; loops *= 10)
      if ((await measure(code, loops, waits)) >= SHORTEST_RUN * 1000) break;
  const perLoop: number[] = [];
  for (let run = 0; run < runs && !execution.interrupted; run++) {
    perLoop.push((await measure(code, loops, waits)) / 1000 / loops);
    // The event loop gets its turn: for an interrupt, and for what else the cell has set going.
    await new Promise((turn) => nativeTimers.setImmediate(turn));
  }
  delete sink.value;
  if (!quiet) print("stdout", report(perLoop, loops));
}

function report(perLoop: readonly number[], loops: number): string {
  const mean = perLoop.reduce((sum, value) => sum + value, 0) / perLoop.length;
  const deviation = Math.sqrt(perLoop.reduce((sum, value) => sum + (value - mean) ** 2, 0) / perLoop.length);
  const count = (number: number, word: string): string =>
    `${number.toLocaleString("en-US")} ${word}${number === 1 ? "" : "s"}`;
  const [best, worst] = [Math.min(...perLoop), Math.max(...perLoop)];
  const doubt =
    worst > 4 * best && best > 0 && worst > 1e-6
      ? `The slowest run took ${(worst / best).toFixed(2)} times longer than the fastest. This could mean that an intermediate result is being cached.\n`
      : "";
  const of = `mean ± std. dev. of ${count(perLoop.length, "run")}, ${count(loops, "loop")} each`;
  return `${doubt}${formatTime(mean)} ± ${formatTime(deviation)} per loop (${of})\n`;
}

export const timingMagics: readonly Magic[] = [
  {
    names: ["time"],
    usage: "STATEMENT",
    cellUsage: "",
    help: "Runs a statement, or as %%time the cell, and says how long it took.",
    line: time,
    cell: time,
  },
  {
    names: ["timeit"],
    usage: "[-n LOOPS] [-r RUNS] [-q] EXPRESSION",
    cellUsage: "[-n LOOPS] [-r RUNS] [-q] [CODE to run once before]",
    help: "Runs an expression, or as %%timeit the cell, many times and says how long one takes; promises are awaited.",
    line: timeit,
    cell: timeit,
  },
];
