// `npm run bench:train`: one training step of four networks (bench/training/network.ts) by this library and its peers: PyTorch, tfjs and
// jax-js on WebAssembly, and plain loops. Each is a process of its own; they take turns, beginning with another one each time, so that
// drift of the machine hits all alike. Before anything is timed, the losses of the first steps are compared. Then the time of a recorded
// small operation, and what 10,000 steps leave in memory. Nothing here asserts a time: read it, on a machine that is otherwise quiet.

import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs, promisify } from "node:util";
import { median } from "./table.ts";
import type { Operations } from "./training/contestant.ts";
import type { Report } from "./training/memory.ts";
import { type Network, NETWORKS, startNumbers } from "./training/network.ts";
import { names, type Peer, startPeers } from "./training/peer.ts";

const project = join(import.meta.dirname, "..", "..");
const { values: options } = parseArgs({
  options: {
    only: { type: "string", default: names.join(",") },
    networks: { type: "string", default: NETWORKS.map(({ name }) => name).join(",") },
    rounds: { type: "string", default: "25" },
    python: { type: "string" },
    help: { type: "boolean", short: "h", default: false },
  },
});
const usage = `npm run bench:train -- [--only ${names.join(",")}] [--networks ${options.networks}] [--rounds ${options.rounds}] [--python PATH]
  --only      who takes part; ratios are to the first in the list above that does
  --networks  which networks are trained
  --rounds    how often each is timed; at most 5 times where a step takes more than 20 ms, and 3 where more than a second
  --python    the Python that has PyTorch (default: the one in .venv, or python3)`;

/** The time that one round of one contestant may take. */
const ROUND = 60_000;
/** How often a step that takes so many microseconds is timed. */
function roundsFor(microseconds: number, rounds: number): number {
  return microseconds > 1_000_000 ? Math.min(rounds, 3) : microseconds > 20_000 ? Math.min(rounds, 5) : rounds;
}

function progress(line: string): void {
  process.stderr.write(process.stderr.isTTY ? `\r\x1b[K${line}` : `${line}\n`);
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...all.map((row) => (row[column] ?? "").length)));
  return all
    .map((row) =>
      row
        .map((field, column) => (column === 0 ? field.padEnd(widths[0] ?? 0) : field.padStart(widths[column] ?? 0)))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

function number(value: number): string {
  return value >= 100 ? Math.round(value).toLocaleString("en") : value.toPrecision(value < 1 ? 2 : 3);
}

/** A field: the time, and how often the first one's it is. */
function field(value: number | undefined, first: number | undefined): string {
  if (value === undefined) return "—";
  const ratio = first === undefined ? "" : ` (${(value / first).toFixed(value / first < 10 ? 2 : 0)})`;
  return number(value) + ratio;
}

/** Those whose losses differ from the first one's by more than f32 explains. */
async function compareLosses(network: Network, peers: readonly Peer[], file: string): Promise<string[]> {
  let expected: number[] | undefined;
  const wrong: string[] = [];
  for (const peer of peers) {
    progress(`${network.name}: losses of ${peer.name}`);
    await peer.ask({ do: "open", network, file });
    const { losses } = await peer.ask<{ losses: number[] }>({ do: "losses", steps: network.check });
    expected ??= losses;
    const differs = losses.findIndex((loss, k) => !(Math.abs(loss - (expected?.[k] ?? NaN)) <= 1e-3 * Math.abs(loss)));
    if (differs >= 0) {
      wrong.push(
        `${network.name}: the loss of ${peer.name} differs at step ${differs}: ${losses[differs]}, ${expected[differs]}`,
      );
    }
  }
  return wrong;
}

/** Samples of each contestant, by its name. */
type Samples = Map<string, number[]>;

async function timeSteps(network: Network, peers: readonly Peer[], rounds: number): Promise<Samples> {
  const plans = new Map<string, { readonly steps: number; readonly rounds: number }>();
  for (const peer of peers) {
    progress(`${network.name}: ${peer.name} warms up`);
    const time = async (steps: number): Promise<number> =>
      (await peer.ask<{ microseconds: number }>({ do: "time", steps })).microseconds;
    let one = await time(1);
    // Compilers need a while; how many steps fit into a round is known when they are done.
    for (let k = 0; k < 10 && one < ROUND; k++) one = await time(Math.ceil(ROUND / one));
    plans.set(peer.name, { steps: Math.max(1, Math.round(ROUND / one)), rounds: roundsFor(one, rounds) });
  }
  const samples: Samples = new Map(peers.map(({ name }) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (let k = 0; k < peers.length; k++) {
      const peer = peers[(round + k) % peers.length] as Peer;
      const plan = plans.get(peer.name);
      if (plan === undefined || round >= plan.rounds) continue;
      progress(`${network.name} ${round + 1}/${rounds}: ${peer.name}`);
      const { microseconds } = await peer.ask<{ microseconds: number }>({ do: "time", steps: plan.steps });
      samples.get(peer.name)?.push(microseconds);
    }
  }
  return samples;
}

async function timeOperations(peers: readonly Peer[]): Promise<{ recorded: Samples; backward: Samples }> {
  const recorded: Samples = new Map();
  const backward: Samples = new Map();
  for (let round = 0; round < 60; round++) {
    for (const peer of peers) {
      progress(`operations ${round}: ${peer.name}`);
      const times = await peer.ask<Partial<Operations>>({ do: "operations", count: 1000 });
      if (round < 20 || times.recorded === undefined || times.backward === undefined) continue;
      recorded.set(peer.name, [...(recorded.get(peer.name) ?? []), times.recorded]);
      backward.set(peer.name, [...(backward.get(peer.name) ?? []), times.backward]);
    }
  }
  return { recorded, backward };
}

/** Lines of what loops leave in memory. */
async function memory(): Promise<string> {
  progress("memory");
  const script = join(import.meta.dirname, "training", "memory.js");
  const { stdout } = await promisify(execFile)(process.execPath, ["--expose-gc", script]);
  const reports = stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Report);
  const kilobytes = (bytes: number): string => Math.round(bytes / 1000).toLocaleString("en");
  const rows = reports.map(({ name, count, before, after, kept }) => [
    name,
    kilobytes(after.rss - before.rss),
    kilobytes(after.heap - before.heap),
    kilobytes(after.arrays - before.arrays),
    kept === undefined
      ? ""
      : `${Math.round((after.heap + after.arrays - before.heap - before.arrays) / count)} for ${kept.elements * 4} bytes of numbers${kept.right ? "" : ", WRONG"}`,
  ]);
  const head = [
    `what ${reports[0]?.count.toLocaleString("en")} leave, kB`,
    "RSS",
    "heap",
    "arrays and WASM",
    "bytes for each kept",
  ];
  return table(head, rows);
}

async function main(scratch: string): Promise<number> {
  const only = options.only.split(",");
  const chosen = NETWORKS.filter(({ name }) => options.networks.split(",").includes(name));
  const rounds = Number(options.rounds);
  const unknown = only.filter((name) => !names.includes(name));
  if (options.help || unknown.length > 0 || !Number.isInteger(rounds) || rounds < 1) {
    if (unknown.length > 0) console.error(`bench: unknown contestant: ${unknown.join(", ")}`);
    console.error(usage);
    return options.help ? 0 : 64;
  }
  const { peers, missing } = await startPeers(project, only, options.python, progress);
  const first = peers[0];
  if (first === undefined) {
    console.error(`nobody to measure\n${missing.join("\n")}`);
    return 1;
  }
  const rows: [string, Samples][] = [];
  const wrong: string[] = [];
  for (const network of chosen) {
    const file = join(scratch, network.name);
    await writeFile(file, startNumbers(network));
    wrong.push(...(await compareLosses(network, peers, file)));
    rows.push([network.name, await timeSteps(network, peers, rounds)]);
  }
  const { recorded, backward } = await timeOperations(peers);
  rows.push(["recorded add, ns", recorded], ["with backward, ns", backward]);
  const left = first.name === "adjoint" ? await memory() : "";
  progress(process.stderr.isTTY ? "" : "done");
  for (const peer of peers) peer.close();

  console.log(
    `${cpus().length} × ${cpus()[0]?.model.trim()}, ${process.platform} ${process.arch}, Node ${process.versions.node}`,
  );
  const head = ["", ...peers.map(({ name, version }) => `${name} ${version}`.trim())];
  const show = (pick: (samples: readonly number[]) => number | undefined): string =>
    table(
      head,
      rows.map(([name, samples]) => {
        const values = peers.map((peer) => pick(samples.get(peer.name) ?? []));
        return [name, ...values.map((value) => field(value, values[0]))];
      }),
    );
  console.log(`one training step in µs, medians, one thread; in brackets how often that of ${first.name}\n`);
  console.log(show(median));
  console.log(`\nthe fastest rounds, which others on the machine disturb least\n`);
  console.log(show((samples) => (samples.length === 0 ? undefined : Math.min(...samples))));
  for (const line of missing) console.log(line);
  console.log(wrong.length > 0 ? wrong.join("\n") : `all compute the same losses (to 1e-3)`);
  if (left !== "") console.log(`\n${left}`);
  return wrong.length > 0 ? 1 : 0;
}

const scratch = await mkdtemp(join(tmpdir(), "adjoint-bench-"));
try {
  process.exitCode = await main(scratch);
} finally {
  await rm(scratch, { recursive: true, force: true });
}
