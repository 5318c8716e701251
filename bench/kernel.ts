// `npm run bench:kernel`: this kernel and its peers through one raw ZeroMQ client, in one run; ratios to ours, medians beside.
// Each step takes the kernels in turn, beginning with another one each time, so that drift of the machine hits all alike.
// The rows (bench/steps.ts says more): start to first kernel_info_reply, to the first result, and to the first of a cell with types; small
// cells, median and p95; complete; memory of all processes; cells with types; inspect; 20,000 lines of output; interrupt by message and by SIGINT; a cell that ends the process.
// Nothing here asserts a time: read it, on a machine that is otherwise quiet.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { contestants } from "./contestants.ts";
import { type Kernel, Bench } from "./steps.ts";
import { behind, renderTable } from "./table.ts";

const { values: options } = parseArgs({
  options: {
    only: { type: "string" },
    runs: { type: "string", default: "7" },
    json: { type: "string" },
    python: { type: "string" },
    help: { type: "boolean", short: "h", default: false },
  },
});
const usage = `npm run bench:kernel -- [--only adjoint,tslab,deno,ipykernel] [--runs ${options.runs}] [--json FILE] [--python PATH]
  --only    the kernels to measure; ratios are to the first in the list above that is measured
  --runs    how many starts of each kernel
  --json    also write every sample to that file
  --python  the Python that has ipykernel (default: the one in .venv)`;

/** Progress goes to stderr, so that the table can be redirected; on a terminal each line replaces the one before. */
function progress(line: string): void {
  process.stderr.write(process.stderr.isTTY ? `\r\x1b[K${line}` : `${line}\n`);
}

async function main(scratch: string): Promise<number> {
  const known = contestants(join(import.meta.dirname, "..", ".."), scratch, options.python);
  const only = options.only?.split(",") ?? known.map(({ name }) => name);
  const unknown = only.filter((name) => known.every((each) => each.name !== name));
  const runs = Number(options.runs);
  if (options.help || unknown.length > 0 || !Number.isInteger(runs) || runs < 1) {
    if (unknown.length > 0) console.error(`bench: unknown kernel: ${unknown.join(", ")}`);
    console.error(usage);
    return options.help ? 0 : 64;
  }
  const kernels: Kernel[] = [];
  const absent: string[] = [];
  for (const contestant of known) {
    const { name, dialect } = contestant;
    if (!only.includes(name)) continue;
    try {
      kernels.push({ name, dialect, ...(await contestant.prepare(progress)) });
    } catch (error) {
      absent.push(`${name} is not compared: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  const first = kernels[0];
  if (first === undefined) {
    console.error(`nothing to measure\n${absent.join("\n")}`);
    return 1;
  }

  const bench = new Bench(kernels, progress);
  await bench.starts(runs);
  await bench.firstTypes(runs);
  await bench.cells(100);
  await bench.types(50, 3);
  await bench.lines(20_000, 3);
  await bench.interrupts("message", 5);
  await bench.interrupts("signal", 5);
  await bench.deaths();
  progress(process.stderr.isTTY ? "" : "done");

  const machine = `${cpus().length} × ${cpus()[0]?.model.trim()}, ${process.platform} ${process.arch}, Node ${process.versions.node}`;
  const columns = kernels.map(({ name, version }) => [name, `${name} ${version}`] as const);
  const lost = behind(bench.rows, first.name);
  console.log(`${machine}\nratios to ${first.name}, and medians; less is better\n`);
  console.log(renderTable(bench.rows, columns));
  for (const line of absent) console.log(line);
  if (kernels.length > 1)
    console.log(
      `\n${first.name} ${lost.length === 0 ? "is ahead in every row" : `is not ahead in: ${lost.join("; ")}`}`,
    );
  if (options.json !== undefined) {
    const rows = bench.rows.map(({ figures, ...row }) => ({ ...row, figures: Object.fromEntries(figures) }));
    await writeFile(options.json, `${JSON.stringify({ machine, columns, absent, rows }, null, 2)}\n`);
  }
  return 0;
}

const scratch = await mkdtemp(join(tmpdir(), "adjoint-bench-"));
try {
  process.exitCode = await main(scratch);
} finally {
  await rm(scratch, { recursive: true, force: true });
}
